"""Exercises 3.6 and 3.7: the gradients of a layer that sees a batch, with sigmoid and with ReLU."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_parts, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points
from byhand.exercises.trusted import sigmoid

NAMES = ("grad_W", "grad_b", "grad_x")
SIZES = (4, 3, 5), (5, 5, 5), (3, 4, 1), (1, 3, 4)  # n_out, n_in, B; all equal lets slips pass
EXACT = 1e-11
Layer = tuple[Floats, ...]
MEAN = "the mean over the batch, or divided by B once more; the paths over the examples add"


def _layer(draw: int, sizes: tuple[int, int, int], spread: float = 1.0) -> tuple[Floats, ...]:
    """Return weights, biases and a batch; the pre-activations have both signs."""
    n_out, n_in, batch = sizes
    W = spread * points(draw, (n_out, n_in), -1.0, 1.0)
    b = points(draw + 20, (n_out, 1), 0.3, 1.0)
    b[::2] *= -1
    return W, b, points(draw + 40, (n_in, batch), -1.4, 1.4)


def _backward(delta: Floats, W: Floats, x: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the three gradients that belong to the gradient with respect to z."""
    return (
        np.einsum("ik,jk->ij", delta, x),
        delta.sum(axis=1, keepdims=True),
        np.einsum("ij,ik->jk", W, delta),
    )


def _slips_of_w(delta: Floats, W: Floats, b: Floats, x: Floats) -> dict[str, Any]:
    right = _backward(delta, W, x)[0]
    slips = {
        "only the last example is counted; is = in place of +=?": delta[:, -1:] * x[:, -1],
        "multiplied by W, too: the slope of W x with respect to W is x": right * W,
        "b is added to x: the slope of W x + b with respect to W is x": right
        + delta.sum(axis=1, keepdims=True) * b.sum(),
        "the inputs are cut off at 0: ReLU acts on z, not on x": np.einsum(
            "ik,jk->ij", delta, np.maximum(x, 0)
        ),
        "only the first example is counted": delta[:, :1] * x[:, 0],
        "delta and x are summed over the batch before they meet: multiply for each example, "
        "then add": delta.sum(axis=1, keepdims=True) * x.sum(axis=1),
    }
    if len({*W.shape, x.shape[1]}) == 1:
        slips["x is not transposed: the index of the batch is summed, not that of the inputs"] = (
            delta @ x
        )
        slips["delta is transposed, where x belongs transposed"] = delta.T @ x
    return slips


def _slips_of_b(delta: Floats, W: Floats, b: Floats, x: Floats) -> dict[str, Any]:
    right, square = _backward(delta, W, x)[1], len({*W.shape, x.shape[1]}) == 1
    return {
        "the slope of z with respect to b is 1, not x": (
            (delta * x).sum(axis=1, keepdims=True) if square else 0.0
        ),
        "only the first example is counted": delta[:, :1],
        "only the last example is counted": delta[:, -1:],
        "the slope of z with respect to b is 1, not b": right * b,
        "these are the sums of the rows of grad_W: the slope of z with respect to b is 1": (
            np.einsum("ik,jk->i", delta, x)[:, None]
        ),
        "summed over the neurons, in one row: each neuron has its own bias": delta.sum(
            axis=0, keepdims=True
        ),
        "this counts the examples, or neurons that are on, without their derivatives": (
            np.count_nonzero(delta, axis=1, keepdims=True)
        ),
        "summed over the neurons; each neuron has its own bias, which all examples share": (
            delta.sum(axis=0)[:, None]
        ),
        "summed over everything: each neuron has its own bias": (
            np.broadcast_to(delta.sum(), right.shape)
        ),
    }


def _slips_of_x(delta: Floats, W: Floats, b: Floats, x: Floats) -> dict[str, Any]:
    batch = x.shape[1]
    slips = {
        "only the first neuron is counted": W[:1].T * delta[0],
        "only the last neuron is counted; is = in place of +=?": W[-1:].T * delta[-1],
        "multiplied by x, too: the slope of W x with respect to x is W": np.einsum(
            "ij,ik->jk", W, delta
        )
        * x,
        "added up over the batch: each example has its own input": np.einsum("ij,ik->j", W, delta)[
            :, None
        ],
        "the mean over the batch: each example has its own input": np.einsum("ij,ik->j", W, delta)[
            :, None
        ]
        / batch,
        "negative weights are cut off at 0: ReLU acts on z, not on W": np.einsum(
            "ij,ik->jk", np.maximum(W, 0), delta
        ),
        "x decides which entries pass: ReLU's mask is made of z and belongs to delta": (
            np.einsum("ij,ik->jk", W, delta) * (x > 0)
        ),
    }
    if len({*W.shape, batch}) == 1:
        slips["W is not transposed: the sum runs over the neurons"] = W @ delta
        slips["the factors are in the wrong order: the sum runs over the neurons"] = delta @ W
    return slips


OWN_SLIPS = _slips_of_w, _slips_of_b, _slips_of_x  # where the first line is right


def _of_the_values(part: int, layer: Layer) -> dict[str, Any]:
    """Return what comes of the layer's output in the place of the derivative that arrives at z."""
    W, b, x = layer
    z = W @ x + b
    return {
        f"{name} is in the place of the derivative with respect to z": _backward(value, W, x)[part]
        for name, value in (("z", z), ("sigmoid(z)", sigmoid(z)))
    }


@kept
def _expected(part: int, layer: Layer, deltas: dict[str, Floats]) -> Any:
    """Return the three gradients, and what slips give for one of them."""
    W, b, x = layer
    (_, delta), *others = deltas.items()
    slips = {
        MEAN if part == 1 and np.allclose(x.shape[1] * other, delta) else said: (
            _backward(other, W, x)[part]
        )
        for said, other in others
    }
    own = OWN_SLIPS[part](delta, W, b, x) | _of_the_values(part, layer)
    return _backward(delta, W, x), slips | own


def _check(
    part: int, gradients: Function, layer: Layer, rest: Layer, deltas: dict[str, Floats], what: str
) -> None:
    """Check one of the three gradients. The first of `deltas` is right, the others are slips."""
    __tracebackhide__ = True
    W, _, x = layer
    found = check_unchanged(gradients, *layer, *rest, what=what)
    parts = check_parts(found, NAMES, what=f"{what}(...)")
    n_out, n_in, batch = *W.shape, x.shape[1]
    right, slips = _expected(part, layer, deltas)
    check_close(
        parts[part],
        right[part],
        what=f"{NAMES[part]} for n_out = {n_out}, n_in = {n_in} and B = {batch}",
        rtol=EXACT,
        relative_to="largest",
        mistakes=slips,
        swapped={
            NAMES[k]: value
            for k, value in enumerate(right)
            if k != part and np.shape(parts[k]) == right[part].shape
            and np.allclose(parts[k], right[part], rtol=1e-6, atol=0)
        },
    )  # fmt: skip


# -- 3.6 -------------------------------------------------------------------------------------


def _delta(z: Any, y: Any) -> Any:
    a = sigmoid(z)
    return (a - y) * a * (1 - a)


def _sigmoid_deltas(layer: Layer, y: Floats) -> dict[str, Floats]:
    W, b, x = layer
    z = W @ x + b
    a, batch, (n_out, n_in) = sigmoid(z), x.shape[1], W.shape
    error, slope = a - y, a * (1 - a)
    slips = {
        "right": error * slope / batch,
        "the slope of sigmoid is missing": error / batch,
        "the error a - y is missing": slope / batch,
        "the sign is flipped: the error is a - y": -error * slope / batch,
        f"{batch} times what it should be: is the division by the batch missing?": error * slope,
        f"1/{batch} of what it should be: divided by the batch once more": (
            error * slope / batch**2
        ),
        "twice what it should be: the 2 that the square brings down cancels the 1/2": (
            2 * error * slope / batch
        ),
        "half of what it should be: the square brings down a 2, which cancels the 1/2": (
            error * slope / batch / 2
        ),
        "divided by the number of entries of y; the mean is over the examples": (
            error * slope / error.size
        ),
        "the slope of sigmoid is z * (1 - z) here: it is made of a, not of z": (
            error * z * (1 - z) / batch
        ),
        "sigmoid is applied to a once more: its slope is made of a itself": (
            error * sigmoid(a) * (1 - sigmoid(a)) / batch
        ),
        "this takes the slope of tanh, 1 - a**2": error * (1 - a**2) / batch,
        "the slope of sigmoid lacks its first factor, a": error * (1 - a) / batch,
        "the slope of sigmoid lacks its second factor, 1 - a": error * a / batch,
        "the bias is missing in z": _delta(W @ x, y) / batch,
        "the bias is subtracted in z": _delta(W @ x - b, y) / batch,
        "the target y is missing in the error": a * slope / batch,
        "the error is z - y: sigmoid is missing in the error": (z - y) * slope / batch,
        "the error is squared: this is the loss, not its slope": error**2 * slope / batch,
        "the slope of sigmoid is squared": error * slope**2 / batch,
        "the slope of sigmoid has a + 1: it is a * (1 - a)": error * a * (1 + a) / batch,
        "the slope of sigmoid is taken as a * a: it is a * (1 - a)": error * a * a / batch,
        "the slope of sigmoid is made of the target: it is made of a": error * y * (1 - y) / batch,
        "the size of the error is taken: its sign counts": np.abs(error) * slope / batch,
        "error and slope are added: along a path they multiply": (error + slope) / batch,
        "brackets are missing around a - y: only y is multiplied": a - y * slope / batch,
        "a is missing in the error: it is a - y": -y * slope / batch,
        "sigmoid is missing: a is not z": (z - y) / batch,
        "sigmoid is missing: a is not z, though its slope is there": (z - y) * z * (1 - z) / batch,
        "half the squared error is taken for its slope": error**2 / 2 * slope / batch,
        "the mean of all errors is taken first: each example keeps its own": np.mean(error) * slope,
        "the mean of each neuron's errors is taken first: each example keeps its own": (
            np.mean(error, axis=1, keepdims=True) * slope
        ),
    }
    if n_in not in (batch, n_out):
        slips["divided by the rows of x; a batch is columns"] = error * slope / n_in
    if n_out not in (batch, n_in, 1):
        slips["divided by the number of neurons; the mean is over the examples"] = (
            error * slope / n_out
        )
    return slips


def _check_sigmoid(part: int, layer_gradients: Function, draw: int) -> None:
    __tracebackhide__ = True
    for k, sizes in enumerate(SIZES):
        layer = _layer(draw + k, sizes)
        y = points(draw + k + 60, (sizes[0], sizes[2]), -1.0, 2.0)
        deltas = _sigmoid_deltas(layer, y)
        _check(part, layer_gradients, layer, (y,), deltas, "layer_gradients")


def layer_gradients_w(layer_gradients: Function, draw: int = 0) -> None:
    """Check grad_W for layers of four shapes, in its shape; nothing is changed."""
    _check_sigmoid(0, layer_gradients, draw)


def layer_gradients_b(layer_gradients: Function, draw: int = 0) -> None:
    """Check grad_b for layers of four shapes, in the shape of b."""
    _check_sigmoid(1, layer_gradients, draw)


def layer_gradients_x(layer_gradients: Function, draw: int = 0) -> None:
    """Check grad_x for layers of four shapes, in the shape of x."""
    _check_sigmoid(2, layer_gradients, draw)


def layer_gradients_integers(layer_gradients: Function, draw: int = 0) -> None:
    """Check that integers give what the same numbers give as floats, and that huge z is safe."""
    rng = np.random.default_rng(draw)
    W, b = rng.integers(-2, 3, (4, 3)), rng.integers(-1, 2, (4, 1))
    x, y = rng.integers(-2, 3, (3, 5)), rng.integers(0, 2, (4, 5))
    for factor, name in ((1, "integers"), (400, "integers, where z is about 1000")):
        whole = (factor * W, b, x, y)
        floats = [part.astype(float) for part in whole]
        found = check_unchanged(layer_gradients, *whole, what="layer_gradients")
        own = check_parts(layer_gradients(*floats), NAMES, what="layer_gradients(...)")
        parts = check_parts(found, NAMES, what="layer_gradients(...)")
        for part_name, part, value, like in zip(NAMES, parts, own, whole, strict=False):
            as_floats = np.asarray(value, dtype=float)
            if as_floats.shape != like.shape or not np.isfinite(as_floats).all():
                as_floats = np.full(like.shape, np.nan)  # not generic: their own result is no guide
            finite = np.isfinite(as_floats).all()  # else no cut is to be seen
            with np.errstate(all="ignore"):
                cut = np.trunc(as_floats)
            if not np.isfinite(as_floats).all() or (factor == 1 and not as_floats.any()):
                delta = _delta(np.clip(whole[0] @ x + b, -700.0, 700.0), y) / 5
                as_floats = _backward(delta, floats[0], floats[2])[NAMES.index(part_name)]
            check_close(
                part,
                as_floats,
                what=f"{part_name} of {name}",
                rtol=EXACT,
                atol=1e-12,
                dtype=np.float64,
                mistakes={"the fractions are cut off: an array of integers can't hold them": cut}
                if finite
                else {},
            )


# -- 3.7 -------------------------------------------------------------------------------------


def _relu_deltas(layer: Layer) -> dict[str, Floats]:
    W, b, x = layer
    z, batch = W @ x + b, x.shape[1]
    on, a = z > 0, np.maximum(z, 0)
    slips = {
        "right": 2 * a,
        "the slope of ReLU is missing: a neuron that is off passes nothing back": 2 * z,
        "the slope of the loss, 2a, is missing": on.astype(float),
        "the loss a**2 is taken for its slope": a**2,
        "the slope of a**2 is 2a: the factor 2 is missing": a,
        "the sign is flipped": -2 * a,
        f"divided by B = {batch}, but this loss is a sum and no mean": 2 * a / batch,
        "the slope of the loss is taken as 2, without a": 2.0 * on,
        "2a is multiplied by a once more, where ReLU's slope is 1": 2 * a * a,
        "the bias is missing in z": 2 * np.maximum(W @ x, 0),
        "the bias is missing where z decides which neurons are on": 2 * z * (W @ x > 0),
        "the bias is missing in the slope of the loss": 2 * (W @ x) * on,
        "the bias is subtracted in z": 2 * np.maximum(W @ x - b, 0),
        "the mask is the wrong way round: a neuron is on where z is positive": 2 * z * ~on,
        "the size of z is taken: a neuron that is off passes nothing back": 2 * np.abs(z),
        "the slope of a**3 is taken; the loss is a**2": 3 * a**2,
        "a neuron is on only where z is above 1 here: it is where z is above 0": 2 * z * (z > 1),
        "max(1, z) is taken: ReLU is max(0, z)": 2 * np.maximum(1, z),
        "multiplied by b: b is in z already": 2 * a * b,
        "b is added after ReLU: it is in z": 2 * (np.maximum(W @ x, 0) + b),
        "the sum of z over the batch decides: each example has a mask of its own": 2
        * z
        * (z.sum(axis=1, keepdims=True) > 0),
        "negative z are only made small: ReLU makes them 0": 2 * np.where(on, z, 0.01 * z),
        "the slope of sigmoid is taken, not that of ReLU": 2 * sigmoid(z) ** 2 * (1 - sigmoid(z)),
    }
    if batch > 1:
        slips[f"divided by 2B = {2 * batch}, but this loss is a sum and no mean"] = a / batch
    if W.shape[0] == W.shape[1]:
        slips["x decides which neurons are on; it is z that decides"] = 2 * z * (x > 0)
        slips["x decides, though z must be positive too"] = 2 * a * (x > 0)
    return slips


def _check_relu(part: int, relu_layer_gradients: Function, draw: int) -> None:
    __tracebackhide__ = True
    for k, sizes in enumerate(SIZES):
        layer = _layer(draw + k, sizes, spread=1.5)
        deltas = _relu_deltas(layer)
        _check(part, relu_layer_gradients, layer, (), deltas, "relu_layer_gradients")
    W, b = np.array([[1.0, 2.0, -1.0], [-1.0, 2.0, 0.5]]), np.array([[-1.0], [-30.0]])
    x = np.array([[-1.0, 2.0, 0.5, 3.0], [1.0, -0.5, 1.5, 1.0], [0.0, 1.0, -2.0, 4.0]])
    found = check_unchanged(relu_layer_gradients, W, b, x, what="relu_layer_gradients")
    check_close(
        check_parts(found, NAMES, what="relu_layer_gradients(...)")[part],
        _backward(2 * np.maximum(W @ x + b, 0), W, x)[part],
        what=f"{NAMES[part]} with z = 0 in places, and a neuron that is always off",
        atol=1e-15,
        rtol=EXACT,
    )


def relu_layer_gradients_w(relu_layer_gradients: Function, draw: int = 0) -> None:
    """Check grad_W for layers of four shapes, and where a neuron is off or at its kink."""
    _check_relu(0, relu_layer_gradients, draw)


def relu_layer_gradients_b(relu_layer_gradients: Function, draw: int = 0) -> None:
    """Check grad_b for layers of four shapes, and where a neuron is off or at its kink."""
    _check_relu(1, relu_layer_gradients, draw)


def relu_layer_gradients_x(relu_layer_gradients: Function, draw: int = 0) -> None:
    """Check grad_x for layers of four shapes, and where a neuron is off or at its kink."""
    _check_relu(2, relu_layer_gradients, draw)
