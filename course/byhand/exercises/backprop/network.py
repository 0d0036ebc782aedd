"""Exercise 4.5: a network of two layers, checked with stand-ins for its parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_each, check_equal, scenario
from byhand.differences import gradient
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats, kept, points

STAND_INS = "the parts here are stand-ins for Linear(3, 5), ReLU, Linear(5, 4) and MSELoss"
KEYS = ["W1", "b1", "W2", "b2"]


@scenario
def _calls(TwoLayerNetwork: Function) -> Any:
    """Return which parts are called, forward with a target, backward, forward without one."""
    from byhand.checks import supplied

    calls = []

    class Part:
        def __init__(self, n_in=1, n_out=1, rng=None):
            self.name = type(self).__name__ + (f"({n_in}, {n_out})" if rng is not None else "")
            self.drawn = rng.random() if rng is not None else 0.0
            self.W, self.b = np.ones((n_out, n_in)), np.ones((n_out, 1))
            self.grad_W, self.grad_b = self.W, self.b

        def forward(self, x, target=None):
            calls.append(self.name)
            return x if target is None else 0.5

        def backward(self, grad_output=None):
            calls.append(self.name)
            return np.ones((2, 1))

    class Dense(Part):
        pass

    class Rectifier(Part):
        pass

    class Loss(Part):
        def forward(self, prediction, target):  # type: ignore[override]
            return super().forward(prediction, target)

    found = {}
    with supplied(Linear=Dense, ReLU=Rectifier, MSELoss=Loss):
        fresh = TwoLayerNetwork(3, 5, 4, np.random.default_rng(8))
        fresh.forward(np.ones((3, 1)), np.ones((2, 1)))
        found["forward(x, target)"], calls[:] = list(calls), []
        fresh.backward()
        found["backward()"], calls[:] = list(calls), []
        fresh.forward(np.ones((3, 1)))
        found["forward(x)"] = list(calls)
    return found, [fresh.layer1.drawn, fresh.layer2.drawn]


def _order_slip(found: Any, right: list[str]) -> str | None:
    """Return which part is left out, called twice or out of its turn, if it is only one."""
    if found == right:
        return None
    names = {"Dense": "Linear", "Rectifier": "ReLU", "Loss": "MSELoss"}

    def called(part: str) -> str:
        word = part.partition("(")[0]
        return part.replace(word, names[word])

    sizes = [part for part in found if part not in right and part.startswith("Dense(")]
    if sizes:
        return f"a layer is made as {called(sizes[0])}, which is not one of the sizes asked for"
    missing = [called(part) for part in right if part not in found]
    more = [called(part) for part in [*right, "Loss"] if found.count(part) > right.count(part)]
    if missing and not more:
        return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} left out"
    if more and not missing:
        asked = " though there is no target" if "Loss" in found and "Loss" not in right else ""
        return f"{more[0]} is called once too often{asked}"
    if missing:
        return f"{more[0]} is called in the place of {missing[0]}" if len(missing) == 1 else None
    if found == right[::-1]:
        return "the parts are called in the reverse order"
    return f"{called(next(f for f, r in zip(found, right, strict=True) if f != r))} comes too early"


def two_layer_network_order(TwoLayerNetwork: Function, draw: int = 0) -> None:
    """Check which parts are called, in which order, and that both layers draw from rng."""
    found, drawn = _calls(TwoLayerNetwork)
    parts = ["Dense(3, 5)", "Rectifier", "Dense(5, 4)", "Loss"]
    for call, right in (  # what is called, in order
        ("forward(x, target)", parts), ("backward()", parts[::-1]), ("forward(x)", parts[:-1]),
    ):  # fmt: skip
        check_equal(
            found[call], right, what=f"the order of the calls in {call}", hint=STAND_INS,
            likely=_order_slip(found[call], right),
        )  # fmt: skip
    numbers = np.random.default_rng(8).random(2)
    check_close(
        drawn, numbers, what="the first numbers that layer1 and layer2 draw from rng",
        mistakes={
            "layer 2 draws first: make layer 1 first": numbers[::-1],
            "each layer has a generator of its own: pass on rng": np.repeat(numbers[:1], 2),
        },
    )  # fmt: skip


@scenario
def _doubled(TwoLayerNetwork: Function, x: Floats, target: Floats) -> Any:
    from byhand.checks import supplied

    class Double:
        def __init__(self, n_in=1, n_out=1, rng=None):
            self.W, self.b = np.ones((n_out, n_in)), np.ones((n_out, 1))
            self.grad_W, self.grad_b = self.W, self.b
            self.factor = 2.0 if rng is None else 3.0

        def forward(self, x):
            return self.factor * x

    class Gap:
        def forward(self, prediction, target):
            if target is None:
                raise ValueError("forward(x) asked for a loss though there is no target")
            return float(np.sum(prediction - target))

    with supplied(Linear=Double, ReLU=Double, MSELoss=Gap):
        fresh = TwoLayerNetwork(4, 4, 4, np.random.default_rng(0))
        return fresh.forward(x), fresh.forward(x, target)


def two_layer_network_forward(TwoLayerNetwork: Function, draw: int = 0) -> None:
    """Check what forward returns with a target, a target of zeros included, and without one."""
    x = points(draw, (4, 3))
    for target in (points(draw + 1, (4, 3)), np.zeros((4, 3))):  # not generic: zeros are a target
        check_each(
            _doubled(TwoLayerNetwork, x, target),
            (18 * x, (18 * x, float(np.sum(18 * x - target)))),
            what="forward with stand-ins: Linear multiplies by 3, ReLU by 2, the loss is "
            "sum(prediction - target)",
            names=("forward(x)", "forward(x, target)"),
            hint=None if target.any() else "this target is all zeros, and a target all the same",
            rtol=1e-11,
            mistakes={
                "ReLU is left out": (9 * x, (9 * x, float(np.sum(9 * x - target)))),
                "layer 2 is left out": (6 * x, (6 * x, float(np.sum(6 * x - target)))),
                "a second ReLU follows layer 2": (36 * x, (36 * x, float(np.sum(36 * x - target)))),
            },
        )


@scenario
def _two_networks(TwoLayerNetwork: Function, parameters: Any, xs: Any, targets: Any) -> Any:
    """Return the gradients of two networks used in turn, each with two batches."""
    from byhand.checks import supplied

    class Dense:
        def __init__(self, n_in, n_out, rng):
            self.W, self.b = np.zeros((n_out, n_in)), np.zeros((n_out, 1))

        def forward(self, x):
            self.x = np.array(x)
            return self.W @ self.x + self.b

        def backward(self, grad_output):
            self.grad_W = np.einsum("ib,jb->ij", grad_output, self.x)
            self.grad_b = np.einsum("ib->i", grad_output)[:, None]
            return np.einsum("ij,ib->jb", self.W, grad_output)

    class Rectifier:
        def forward(self, x):
            self.on = x > 0
            return np.where(self.on, x, 0.0)

        def backward(self, grad_output):
            return np.where(self.on, grad_output, 0.0)

    class Loss:
        def forward(self, prediction, target):
            self.gap = (prediction - target) / target.shape[1]
            return float(np.sum(self.gap**2) * target.shape[1] / 2)

        def backward(self):
            return self.gap

    with supplied(Linear=Dense, ReLU=Rectifier, MSELoss=Loss):
        networks, found = [], []
        for given in parameters:
            (hidden, n_in), n_out = given["W1"].shape, len(given["W2"])
            networks.append(TwoLayerNetwork(n_in, hidden, n_out, np.random.default_rng(0)))
            layers = networks[-1].layer1, networks[-1].layer2
            for n, layer in enumerate(layers, 1):
                layer.W, layer.b = given[f"W{n}"], given[f"b{n}"]
        for batches in zip(xs, targets, strict=True):
            for network, x, target in zip(networks, *batches, strict=True):
                network.forward(x, target)
            for network in networks:
                network.backward()
            gradients = [network.get_gradients() for network in networks]
            found += [{k: np.array(g) for k, g in shown.items()} for shown in gradients]
    return found


def _loss(W1: Floats, b1: Floats, W2: Floats, b2: Floats, x: Floats, target: Floats) -> float:
    hidden = np.maximum(W1 @ x + b1, 0)
    return float(np.sum((W2 @ hidden + b2 - target) ** 2) / (2 * x.shape[1]))


def _measured(given: dict[str, Floats], x: Floats, target: Floats) -> dict[str, Floats]:
    arguments = [given[name] for name in KEYS]

    def loss(W1: Floats, b1: Floats, W2: Floats, b2: Floats) -> float:
        return _loss(W1, b1, W2, b2, x, target)

    return {name: gradient(loss, *arguments, argnum=k).value for k, name in enumerate(KEYS)}


def _two_batches(draw: int) -> tuple[list[dict[str, Floats]], Any, Any]:
    """Return the parameters of two networks, and two batches for each, with their targets."""
    rng = np.random.default_rng(draw)
    n_in, hidden, n_out, batch = 3, 6, 4, 5
    shapes = [(hidden, n_in), (hidden, 1), (n_out, hidden), (n_out, 1)]
    given = [
        {name: rng.standard_normal(size) for name, size in zip(KEYS, shapes, strict=True)}
        for _ in range(2)
    ]
    xs = [[rng.standard_normal((n_in, batch)) for _ in range(2)] for _ in range(2)]
    targets = [[rng.standard_normal((n_out, batch)) for _ in range(2)] for _ in range(2)]
    return given, xs, targets


@kept
def _measured_once(draw: int) -> Any:
    """Return the gradients of both networks for each of the two batches."""
    given, xs, targets = _two_batches(draw)
    return [[_measured(given[k], xs[r][k], targets[r][k]) for k in range(2)] for r in range(2)]


def two_layer_network_gradients(TwoLayerNetwork: Function, draw: int = 0) -> None:
    """Check all gradients of two networks, used in turn with two batches, by measuring."""
    given, xs, targets = _two_batches(draw)
    right = _measured_once(draw)
    check_each(
        _two_networks(TwoLayerNetwork, given, xs, targets),
        [*right[0], *right[1]],
        what="get_gradients() of two networks used in turn, each with two batches",
        names=[f"network {k + 1}, batch {r + 1}" for r in range(2) for k in range(2)],
        rtol=1e-7,
        atol=1e-8,
        batch=5,
        sizes={"output_dim": 4},
        mistakes={
            "these are the parameters: return grad_W and grad_b": [*given, *given],
            "the first backward's gradients are kept for ever": [*right[0], *right[0]],
            "the networks share their parts: make them in __init__": [
                right[r][1] for r in (0, 1) for _ in range(2)
            ],
        },
    )


@scenario
def _returned(TwoLayerNetwork: Function, x: Floats) -> Any:
    from byhand.checks import supplied

    class Part:
        def __init__(self, n_in=1, n_out=1, rng=None):
            self.step = 1.0 if rng is None else 4.0
            self.W, self.b = np.ones((n_out, n_in)), np.ones((n_out, 1))
            self.grad_W, self.grad_b = self.W, self.b

        def forward(self, x):
            return x

        def backward(self, grad_output):
            return 10.0 * grad_output + self.step

    class Loss:
        def forward(self, prediction, target):
            return 0.5

        def backward(self):
            return x

    with supplied(Linear=Part, ReLU=Part, MSELoss=Loss):
        fresh = TwoLayerNetwork(3, 3, 3, np.random.default_rng(0))
        fresh.forward(x, x)
        return fresh.backward()


def two_layer_network_backward(TwoLayerNetwork: Function, draw: int = 0) -> None:
    """Check what backward returns: the gradient with respect to x, through every part."""
    x = points(draw, (3, 4))
    check_close(
        _returned(TwoLayerNetwork, x),
        1000 * x + 414,
        what="backward() with stand-ins that return 10 g + 4 (Linear) and 10 g + 1 (ReLU) for an "
        "upstream gradient g",
        rtol=1e-11,
        mistakes={
            "backward stops after ReLU: layer 1 is missing": 100 * x + 41,
            "ReLU is left out on the way back": 100 * x + 44,
            "layer 2 is left out on the way back": 100 * x + 14,
            "this is what the loss sends back; it still has to go through all parts": x,
            "ReLU and layer 2 are in the order of forward": 1000 * x + 144,
        },
    )


@scenario
def _changed_in_place(TwoLayerNetwork: Function, name: str, value: float) -> Any:
    from byhand.checks import supplied

    class Dense:
        def __init__(self, n_in, n_out, rng):
            self.W, self.b = np.zeros((n_out, n_in)), np.zeros((n_out, 1))
            self.grad_W, self.grad_b = np.array(self.W), np.array(self.b)

        def forward(self, x):
            return self.W @ x + self.b

    class Pass:
        def forward(self, x):
            return x

    class Loss:
        def forward(self, prediction, target):
            return 0.5

    with supplied(Linear=Dense, ReLU=Pass, MSELoss=Loss):
        fresh, other = (TwoLayerNetwork(3, 6, 4, np.random.default_rng(k)) for k in range(2))
        parameters = fresh.get_parameters()
        other.get_parameters()
        keys = sorted(parameters) if isinstance(parameters, dict) else parameters
        if keys == ["W1", "W2", "b1", "b2"]:
            parameters[name][...] = value
        layers = [(network.layer1, network.layer2) for network in (other, fresh)]
        arrays = [{"W1": a.W, "b1": a.b, "W2": b.W, "b2": b.b} for a, b in layers]
    return {"keys": keys, "arrays": arrays}


def two_layer_network_live(TwoLayerNetwork: Function, draw: int = 0) -> None:
    """Check that whoever changes an array of get_parameters() changes the network."""
    value = float(points(draw, (), 2, 9))
    shapes = {"W1": (6, 3), "b1": (6, 1), "W2": (4, 6), "b2": (4, 1)}
    for name in KEYS:
        found = _changed_in_place(TwoLayerNetwork, name, value)
        check_equal(found["keys"], sorted(KEYS), what="the sorted keys of get_parameters()")
        zeros = {key: np.zeros(size) for key, size in shapes.items()}  # not generic: marks one
        right = {key: zero + value * (key == name) for key, zero in zeros.items()}
        check_each(
            found["arrays"],
            [zeros, right],
            what=f"the layers after get_parameters()[{name!r}][...] = {value} of one network",
            names=["another network's arrays", "the network's own arrays"],
            hint="get_parameters returns the layers' own arrays; each key belongs to one of them",
            mistakes={
                "a copy was changed, the layer's own array was not": [zeros, zeros],
                "the networks share their parameters: keep them in self": [
                    right,
                    {key: np.nan * zero for key, zero in zeros.items()},
                ],
            },
        )
