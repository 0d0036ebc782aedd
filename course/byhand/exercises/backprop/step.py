"""Exercise 4.6: a step of gradient descent, and a check for any layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import CheckFailed, check_each, check_equal, may_measure, scenario
from byhand.checks.failures import brief
from byhand.differences.calls import Function
from byhand.exercises.batches import results_of
from byhand.exercises.samples import Floats

NAMES = ("x", "W", "b")


@scenario
def _stepped(sgd_step: Function, parameters: Any, gradients: Any, rate: float) -> Any:
    """Return the owner's arrays, the gradients and the result after a step; "V" is a view."""
    owned = {name: np.array(value) for name, value in parameters.items()}
    passed = {name: value.T if name == "V" else value for name, value in owned.items()}
    slopes = {name: np.array(value) for name, value in gradients.items()}
    held = dict(passed)
    result = sgd_step(passed, slopes, rate)
    return {
        "in the dict": passed,
        "owned": owned,
        "gradients": slopes,
        "same": all(passed.get(name) is held[name] for name in held),
        "result": result,
    }


def _step_case(draw: int) -> tuple[dict[str, Floats], dict[str, Floats], float]:
    rng = np.random.default_rng(draw)
    shapes = {"W": (3, 4), "b": (3, 1), "V": (4, 3), "U": (3, 4)}
    parameters = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    slopes = {name: rng.standard_normal((3, 4) if name == "V" else shapes[name])
              for name in ("U", "b", "V", "W")}  # fmt: skip
    return parameters, slopes, 0.25 + draw % 7 / 10


def sgd_step_values(sgd_step: Function, draw: int = 0) -> None:
    """Check that each array loses the rate times its own gradient, which is left as it was."""
    start, slopes, rate = _step_case(draw)
    seen = {name: value.T if name == "V" else value for name, value in start.items()}
    found = _stepped(sgd_step, start, slopes, rate)
    order = dict(zip(start, slopes.values(), strict=True))
    by_order = {
        name: seen[name] - rate * order[name] if order[name].shape == seen[name].shape
        else np.nan * seen[name]
        for name in start
    }  # fmt: skip
    check_each(
        found["in the dict"],
        {name: seen[name] - rate * slopes[name] for name in start},
        what=f"the parameters after sgd_step with learning rate {rate:g}",
        rtol=1e-12,
        atol=1e-14,
        mistakes={
            "nothing changed: p - rate * g is a new array; the entries of p itself must change": (
                seen
            ),
            "this walks uphill": {name: seen[name] + rate * slopes[name] for name in start},
            "the learning rate is missing": {name: seen[name] - slopes[name] for name in start},
            "this is the step alone, or its opposite": {
                name: -rate * slopes[name] for name in start
            },
            "the gradients are taken in their order, not by their names": by_order,
        },
    )
    check_each(
        found["gradients"], slopes, what="the gradients after sgd_step",
        hint="they belong to the caller: leave them as they were",
    )  # fmt: skip


def sgd_step_in_place(sgd_step: Function, draw: int = 0) -> None:
    """Check that whoever holds an array, or a view of it, sees the step; the result is None."""
    start, slopes, rate = _step_case(draw + 1)
    found = _stepped(sgd_step, start, slopes, rate)
    moved = {name: start[name] - rate * (slopes[name].T if name == "V" else slopes[name])
             for name in start}  # fmt: skip
    check_each(
        found["owned"],
        moved,
        what="the owner's arrays after sgd_step",
        rtol=1e-12,
        atol=1e-14,
        hint="the dict must hold the same arrays as before, with other numbers in them",
        mistakes={
            "the step went into new arrays; the owner's still hold what they held": start,
            "the transposed array, 'V', was copied, and the copy took the step": {
                **moved, "V": start["V"]
            },
        },
    )  # fmt: skip
    check_equal(found["same"], True, what="whether the dict still holds the same arrays")
    check_equal(
        found["result"],
        None,
        what="what sgd_step returns",
        hint="the arrays themselves have changed: there is nothing to return",
    )


@scenario
def _errors(check_layer: Function, W: Floats, b: Floats, x: Floats, g: Floats, fault: Any) -> Any:
    """Return the errors of a tanh layer, one of whose claims has a fault, and what is changed."""
    which, kind = fault

    class Tanh:
        def __init__(self):
            self.W, self.b = np.array(W, order="F"), np.array(b)  # a flat view of W would be a copy
            self.unmoved = True

        def forward(self, x):
            self.x, self.out = np.array(x), np.tanh(self.W @ x + self.b)
            self.seen = np.array(self.W), np.array(self.b), self.x
            return self.out

        def backward(self, grad_output):
            self.unmoved = all(map(np.array_equal, self.seen, (W, b, x)))
            grad_z = grad_output * (1 - self.out**2)
            claims = {"W": grad_z @ self.x.T, "b": grad_z.sum(axis=1, keepdims=True)}
            claims["x"] = self.W.T @ grad_z
            if which:
                claims[which] = self.spoiled(claims[which])
            self.grad_W, self.grad_b = claims["W"], claims["b"]
            return claims["x"]

        def spoiled(self, claim):
            if kind == "flat":
                return claim.ravel()
            if isinstance(kind, float):
                return kind * claim
            claim = np.array(claim)
            at = np.unravel_index(np.argmin(np.abs(claim)), claim.shape)
            claim[at] = {"nan": np.nan, "inf": np.inf}.get(kind, claim[at])
            claim[at] += {"up": 0.5, "down": -0.5, "little": 0.003}.get(kind, 0.0)
            return claim

    layer, given = Tanh(), np.array(x)
    with np.errstate(all="ignore"):
        errors = check_layer(layer, given, np.array(g))
    return {"errors": errors, "W": layer.W, "b": layer.b, "x": given, "unmoved": layer.unmoved}


def _claims(W: Floats, b: Floats, x: Floats, g: Floats) -> dict[str, Floats]:
    grad_z = g * (1 - np.tanh(W @ x + b) ** 2)
    return {"x": W.T @ grad_z, "W": grad_z @ x.T, "b": grad_z.sum(axis=1, keepdims=True)}


def _layer_case(draw: int, batch: int) -> list[Floats]:
    """Return W, b, x and grad_output of a small layer: each entry costs two passes forward."""
    rng = np.random.default_rng(draw)
    return [rng.standard_normal(shape) for shape in ((3, 2), (3, 1), (2, batch), (3, batch))]


HINTS = {
    "and a batch of integers": "what is a step of 1e-5 in an array of integers?",
    "and a grad_output of zeros": "where claim and measurement are both all 0, the error is 0",
}
SHAPES_FIRST = "NumPy broadcasts, flattens or fails before it compares: compare the shapes first"
NEARLY = (
    "nearly right: is the difference central, is each entry put back before the next one is moved, "
    "and are the claims asked for before the measuring?"
)


def _unweighted(W: Floats, b: Floats, x: Floats, g: Floats) -> dict[str, float]:
    """Return the errors if the slopes of the plain sum of the outputs are measured."""
    errors = {}
    for name, claim in _claims(W, b, x, g).items():
        measured = _claims(W, b, x, np.ones_like(g))[name]  # not generic: a plain sum
        largest = max(np.abs(claim).max(), np.abs(measured).max())
        errors[name] = float(np.abs(claim - measured).max() / largest) if largest else 0.0
    return errors


def check_layer_right(check_layer: Function, draw: int = 0) -> None:
    """Check that layers that are right get tiny errors, for integers too, and 0 where all is 0."""
    zero = dict.fromkeys(NAMES, 0.0)
    W, b, x, g = _layer_case(draw, batch=4)
    W_half, whole = W / 4, np.round(3 * x).astype(int)
    for what, arrays in (
        ("", (W, b, x, g)),
        ("and a batch of integers", (W_half, b, whole, g)),
        ("and a grad_output of zeros", (W, b, x, 0 * g)),
        ("whose weights are all 0", (0 * W, b, x, g)),
    ):
        with may_measure():
            found = _errors(check_layer, *arrays, (None, None))
        if not found["unmoved"]:
            raise CheckFailed(
                "check_layer calls backward when the layer remembers an entry that was moved",
                likely="backward uses what the latest forward kept: ask for the claims before "
                "you measure",
            )
        sizes = found["errors"].values() if isinstance(found["errors"], dict) else ()
        numbers = [s for s in sizes if isinstance(s, int | float | np.number)]
        nearly = 1e-7 < max(numbers, default=0.0) < 1e-3
        check_each(
            found["errors"],
            zero,
            what=" ".join(["check_layer of a tanh layer that is right", what]).rstrip(),
            atol=1e-7,
            hint=NEARLY if nearly else HINTS.get(what),
            mistakes={"the outputs are not weighted by grad_output": _unweighted(*arrays)},
        )
    with may_measure():
        faulty = _errors(check_layer, W, b, x, g, ("W", 4.0))["errors"]
    if isinstance(faulty, dict) and not any(
        np.max(np.abs(error)) > 1e-7 for error in faulty.values()
    ):
        raise CheckFailed(
            "check_layer of a layer whose gradient with respect to W is wrong is 0 everywhere",
            likely="a wrong layer is called right, too",
        )


def _fault_error(claim: Floats, kind: Any) -> tuple[float, dict[str, float]]:
    """Return the error of a claim with a fault, and what other formulas would give."""
    wrong = np.array(claim)
    if isinstance(kind, float):
        wrong *= kind
    else:
        at = np.unravel_index(np.argmin(np.abs(claim)), claim.shape)
        wrong[at] += {"up": 0.5, "down": -0.5, "little": 0.003}[kind]
    off, sizes = np.abs(wrong - claim), np.maximum(np.abs(wrong), np.abs(claim))
    largest = float(off.max())
    others = {
        "this is the absolute difference: divide it by the largest absolute value of both": largest,
        "each entry is divided by its own size: divide by the largest of all": (off / sizes).max(),
        "this is the mean of the differences, not the largest one": off.mean() / sizes.max(),
        "these are norms of whole arrays: take largest entries": float(
            np.linalg.norm(off) / max(np.linalg.norm(wrong), np.linalg.norm(claim))
        ),
        "the sign of the difference counts: take its absolute value": (
            float((wrong - claim).max() / sizes.max())
        ),
        "divided by the sum of the two largest values: take the larger one": (
            largest / (np.abs(wrong).max() + np.abs(claim).max())
        ),
    }
    if isinstance(kind, float):  # otherwise both largest entries are alike
        others["divided by the largest claim alone: the measured slopes count too"] = (
            largest / np.abs(wrong).max()
        ) if kind else np.nan  # fmt: skip
        others["divided by the largest measured slope alone: the claims count too"] = (
            largest / np.abs(claim).max()
        )
    return largest / float(sizes.max()), others


def check_layer_faults(check_layer: Function, draw: int = 0) -> None:
    """Check a wall of faults: the error is under the right name and has the right size.

    Hidden tests try half of the faults.
    """
    W, b, x, g = _layer_case(draw + 1, batch=2)
    claims = _claims(W, b, x, g)
    kinds = (0.5, -1.0, 0.0, 1.001, 4.0, "up", "down", "little")
    faults = [(NAMES[(k + draw) % 3], kind) for k, kind in enumerate(kinds)]
    faults.append((NAMES[(4 + draw) % 3], -4.0))  # either sign of the largest entry, as with 4.0
    faults = faults[draw % 2 :: 2] if draw else faults
    with may_measure():
        results = results_of(_errors, [(W, b, x, g, fault) for fault in faults], of=check_layer)
        for which, kind in faults:
            error, others = _fault_error(claims[which], kind)
            found = next(results)
            called = f"{kind:g} times what it should be" if isinstance(kind, float) else (
                "wrong in its smallest entry")  # fmt: skip
            check_each(
                found["errors"],
                {name: error * (name == which) for name in NAMES},
                what=f"check_layer of a layer whose gradient with respect to {which} is {called}",
                atol=1e-6,
                rtol=1e-5,
                mistakes={
                    said: {name: wrong if name == which else np.nan for name in NAMES}
                    for said, wrong in others.items()
                    if abs(wrong - error) > 1e-4
                },
            )
            for name, right in (("W", W), ("b", b), ("x", x)):
                check_equal(
                    bool(np.array_equal(found[name], right)), True,
                    what=f"whether {name} holds exactly what it held before check_layer",
                    hint="put the old number itself back; adding h and subtracting it again rounds",
                )  # fmt: skip
    _check_none_acquitted(check_layer, [W, b, x, g], draw)


def _check_none_acquitted(check_layer: Function, arrays: list[Floats], draw: int) -> None:
    """Check NaN, infinity and a flat gradient; in hidden tests, of one array each."""
    __tracebackhide__ = True
    faults = [
        (which, kind)
        for k, which in enumerate(("W", "b", "x"))
        for j, kind in enumerate(("nan", "inf", "flat"))
        if not draw or (j + k + draw) % 3 == 0
    ]
    with may_measure():
        results = results_of(_errors, [(*arrays, fault) for fault in faults], of=check_layer)
        for which, kind in faults:
            try:
                errors = next(results)["errors"]
            except ValueError as error:
                raise CheckFailed(
                    f"check_layer of a gradient with respect to {which} of another shape "
                    "raises a ValueError",
                    expected="the error inf",
                    actual=str(error),
                    likely=SHAPES_FIRST,
                ) from error
            _check_not_acquitted(errors, which, kind)


def _check_not_acquitted(errors: Any, which: str, kind: str) -> None:
    __tracebackhide__ = True
    fault = {
        "nan": "contains a NaN", "inf": "contains an infinity", "flat": "is flat, not of its shape",
    }[kind]  # fmt: skip
    what = f"the error of a gradient with respect to {which} that {fault}"
    found = errors.get(which) if isinstance(errors, dict) else None
    if not isinstance(found, int | float | np.number):
        raise CheckFailed(f"{what} is not a number", actual=brief(found))
    if np.isfinite(found) or (kind == "flat" and np.isnan(found)):
        raise CheckFailed(
            f"{what} is wrong",
            expected="inf" if kind == "flat" else "nan or inf",
            actual=brief(found),
            likely=SHAPES_FIRST
            if kind == "flat"
            else "a maximum that skips NaN, or Python's max, lets such a gradient pass",
        )
