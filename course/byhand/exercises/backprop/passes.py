"""Exercise 4.2: many layers forward and backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from byhand.checks import check_each, check_parts, check_unchanged, check_vjp
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats

# the widths of the layers, the input's first, and the batch
NETWORKS: tuple[tuple[tuple[int, ...], int], ...] = (((4, 5, 3), 6), ((3, 6, 5, 4), 7), ((5, 3), 1))
RESULTS = ("grad_Ws", "grad_bs", "grad_x")
PER_LAYER = "this list has one entry for each layer, first layer first"


class _Case:
    """Drawn weights and biases, and a cache of zs and activations that do not belong together."""

    def __init__(self, draw: int, widths: Sequence[int], batch: int) -> None:
        rng = np.random.default_rng(draw)
        self.widths, self.batch = widths, batch
        sizes = list(zip(widths[1:], widths[:-1], strict=True))
        self.Ws = [rng.standard_normal(size) for size in sizes]
        self.Ws[0][1, 2] = 0.0  # where a weight is 0, its gradient need not be
        self.bs = [rng.standard_normal((rows, 1)) for rows, _ in sizes]
        self.x = rng.standard_normal((widths[0], batch))
        self.zs = [rng.uniform(-2, 2, (rows, batch)) for rows in widths[1:]]
        self.activations = [rng.standard_normal((rows, batch)) for rows in widths]
        self.activations[0][1] = 0.0  # where an input is 0, its gradient need not be
        self.grad_output = rng.standard_normal((widths[-1], batch))

    def forward(self, x: Floats, *, bias: bool = True, last: bool = True) -> Any:
        """Return zs and activations, perhaps with a slip."""
        zs: list[Floats] = []
        activations = [x]
        for W, b in zip(self.Ws, self.bs, strict=True):
            zs.append(W @ activations[-1] + bias * b)
            activations.append(np.sin(zs[-1]))
        if not last:
            activations[-1] = zs[-1]
        return zs, activations

    def backward(self, slip: str = "") -> Any:
        """Return the three results of the backward pass, perhaps with a slip."""
        grad_Ws: list[Floats] = []
        grad_bs: list[Floats] = []
        flow = self.grad_output
        for k in reversed(range(len(self.Ws))):
            at = self.activations[k + 1] if slip == "at a" else self.zs[k]
            slope = np.ones_like(at) if slip == "no slope" else np.cos(at)
            if slip == "slope twice":
                slope = slope**2
            if slip == "no slope at the end" and k == len(self.Ws) - 1:
                slope = np.ones_like(at)
            grad_z = flow * slope
            grad_Ws.insert(0, grad_z @ self.activations[k].T)
            axis = 0 if slip == "wrong axis" else 1
            grad_bs.insert(0, grad_z.sum(axis=axis, keepdims=True))
            flow = self.Ws[k].T @ grad_z
        return grad_Ws, grad_bs, grad_z if slip == "grad_z" else flow

    def slips(self, part: int) -> dict[str, Any]:
        """Return what known slips give for one of the three results."""
        named = {
            "the derivative of the activation is taken at a; it is a function of z": "at a",
            "the derivative of the activation is missing": "no slope",
            "the derivative of the activation is applied twice": "slope twice",
            "the derivative of the last layer's activation is missing": "no slope at the end",
        }
        found = {said: self.backward(slip)[part] for said, slip in named.items()}
        if part < 2 and len(self.Ws) == 1:  # there, the first layer is the last one
            del found["the derivative of the last layer's activation is missing"]
        return found

    @property
    def called(self) -> str:
        """The network in words."""
        widths = "-".join(map(str, self.widths))
        return f"for the widths {widths} and a batch of {self.batch}"


def forward_pass_values(forward_pass: Function, draw: int = 0) -> None:
    """Check all pre-activations and activations, x first; nothing that is passed in is changed."""
    for k, network in enumerate(NETWORKS):
        case = _Case(draw + k, *network)
        zs, activations = check_parts(
            check_unchanged(
                forward_pass, case.Ws, case.bs, case.x, np.sin, what=f"forward_pass {case.called}"
            ),
            ("zs", "activations"),
            what=f"forward_pass {case.called}",
        )
        right = case.forward(case.x)
        slips = {
            "the bias is not added": case.forward(case.x, bias=False),
            "the last layer lacks its activation": case.forward(case.x, last=False),
        }
        for part, (name, found) in enumerate((("zs", zs), ("activations", activations))):
            check_each(
                found,
                right[part],
                what=f"{name} {case.called}",
                rtol=1e-11,
                atol=1e-13,
                hint=PER_LAYER if part == 0 else "one entry more than zs: x itself comes first",
                mistakes={said: wrong[part] for said, wrong in slips.items()},
            )


def _check_backward(backward_pass: Function, part: int, draw: int) -> None:
    __tracebackhide__ = True
    for k, network in enumerate(NETWORKS):
        case = _Case(draw + 10 + k, *network)
        found = check_parts(
            check_unchanged(
                backward_pass, case.Ws, case.zs, case.activations, case.grad_output, np.cos,
                what="backward_pass",
            ),
            RESULTS,
            what=f"backward_pass {case.called}",
        )  # fmt: skip
        mistakes = case.slips(part)
        if part == 1:
            mistakes["summed over the outputs: a bias needs the sum over the batch"] = (
                case.backward("wrong axis")[1]
            )
        if part == 2:
            mistakes["nothing is sent back where the input is 0"] = np.where(
                case.activations[0] == 0, 0.0, case.backward()[2]
            )
            mistakes["this is the gradient with respect to z of the first layer"] = case.backward(
                "grad_z"
            )[2]
        check_each(
            found[part] if part < 2 else [found[part]],
            case.backward()[part] if part < 2 else [case.backward()[part]],
            what=f"{RESULTS[part]} {case.called}" if part < 2 else f"backward_pass {case.called}",
            names=[f"the entry of layer {n + 1}" for n in range(len(case.Ws))]
            if part < 2
            else ["grad_x"],
            rtol=1e-11,
            relative_to="largest",
            batch=case.batch,
            mistakes={said: wrong if part < 2 else [wrong] for said, wrong in mistakes.items()},
        )


def backward_pass_weights(backward_pass: Function, draw: int = 0) -> None:
    """Check the gradients with respect to all weights, from zs and activations of the check's."""
    _check_backward(backward_pass, 0, draw)


def backward_pass_biases(backward_pass: Function, draw: int = 0) -> None:
    """Check the gradients with respect to all biases: a column each, summed over the batch."""
    _check_backward(backward_pass, 1, draw)


def backward_pass_input(backward_pass: Function, draw: int = 0) -> None:
    """Check the gradient with respect to x, in what students see also against measured slopes."""
    _check_backward(backward_pass, 2, draw)
    if draw:
        return
    case = _Case(draw + 20, *NETWORKS[0])
    check_vjp(
        lambda x: case.forward(x)[1][-1],
        lambda g, x: backward_pass(case.Ws, *case.forward(x), g, np.cos)[2],
        [case.x],
        names=["grad_x"],
        seed=draw,
    )
