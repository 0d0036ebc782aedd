"""No point for a function that does nothing: one that always raises, returns 0, a copy or the same.

Each function and method of each chapter is replaced, one at a time; all other answers are right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from tests.tools.rehearsal import names_read_by_tests, rehearse

from autograder.course.notebooks import Cell, exercises_of, read_cells
from autograder.layout import Layout

LAYOUT = Layout.here()

SAME = "returns what it returned first"
# `right` is the function as it should be.
TRICKS = {
    "raises ValueError": "kept.append(0)\n    raise ValueError(f'no {len(kept)}')",
    "raises RuntimeError": "kept.append(0)\n    raise RuntimeError(f'no {len(kept)}')",
    "raises TypeError": "raise TypeError('no')",
    "returns 0.0": "return 0.0",
    "returns zeros": "return np.zeros_like(np.asarray(args[0], dtype=float)) if args else 0",
    "returns its first argument": "return copy.deepcopy(args[0]) if args else None",
    "returns its second argument": "return copy.deepcopy(args[1]) if args[1:] else None",
    "returns its third argument": "return copy.deepcopy(args[2]) if args[2:] else None",
    SAME: (
        "if not kept:\n        kept.append(right(*args, **named))\n"
        "    return copy.deepcopy(kept[0])"
    ),
}  # fmt: skip
RIGHT_DICT = (
    "found = right(*args, **named)\n    if type(found) is not dict: raise SystemError\n    "
)
# Of a dict of right results: those of a ladder follow from the student's own results before them.
DICTS = {
    "returns zeros by the right names": "return {k: 0.0 * np.asarray(v) for k, v in found.items()}",
    "returns NaN by the right names": "return {k: np.nan * v for k, v in found.items()}",
    "returns ones by the right names": "return {k: 1.0 for k in found}",
    "returns text by the right names": "return {k: 'no' for k in found}",
}  # fmt: skip
# Here the trick does what the test asks for; the other tests of the exercise reject it.
EARNED = {
    ("linear-jacobian-test", "linear_jacobian"): "the Jacobian of W x is W",
    ("dual-derivative-test", "Dual.__add__"): "about derivative: only constants are added",
    ("layer-gradients-integers-test", "layer_gradients"): "compares with its own results",
    ("linear-forward-test", "Linear.__init__"): "about forward: the weights are set by the test",
    ("tensor-accumulate-test", "unbroadcast"): "about adding up: nothing is broadcast",
    ("tensor-raises-test", "unbroadcast"): "about errors: nothing is broadcast",
    ("two-layer-network-backward-test", "TwoLayerNetwork.forward"): "about backward, on stand-ins",
    ("value-accumulate-test", "Value.__pow__"): "about adding up: only some operators are used",
    ("value-accumulate-test", "Value.__sub__"): "about adding up: only some operators are used",
    ("value-accumulate-test", "Value.__truediv__"): "about adding up: only some are used",
}


def functions_of(cell: Cell) -> Iterator[tuple[str, bool]]:
    """Yield the functions that a cell defines, methods with their class, and if they take any."""
    for node in cell.tree().body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, bool(node.args.args)
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", True


def with_trick(source: str, name: str, body: str) -> str:
    """Return a cell whose function does what `body` says."""
    return (
        f"{source}\n\nimport copy\n\ndef _tricked(right):\n"
        f"    kept = []\n"
        f"    def tricked(*args, **named):\n        "
        + body.replace("\n    ", "\n        ")
        + f"\n    return tricked\n\n{name} = _tricked({name})\n"
    )


def points(cells: list[Cell], cell: Cell, source: str) -> dict[str, int]:
    """Return the points of the tests among the cells, with another source of one cell."""
    outcomes = rehearse(cells, {cell.id: source})
    return {name: outcome.points for name, outcome in outcomes.items()}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("chapter", LAYOUT.chapters())
def test_a_function_that_does_nothing_earns_no_point(chapter: str) -> None:
    cells = read_cells(LAYOUT.source(chapter))
    reads = names_read_by_tests(cells)
    found = set()
    for exercise in exercises_of(cells):
        for cell in exercise.of_kind("solution"):
            for name, takes_any in functions_of(cell):
                tests = [
                    test
                    for test in exercise.of_kind("test")
                    if name.split(".")[0] in reads[test.id]
                ]
                if not tests:
                    continue
                used = [c for c in cells if c.kind != "test" or c in tests]
                # a test that does not call it keeps its points whatever it does
                failing = points(used, cell, with_trick(cell.source, name, "raise SystemError()"))
                concerned = [test for test in tests if not failing[test.id]]
                used = [c for c in used if c.kind != "test" or c in concerned]
                dicts = {trick: RIGHT_DICT + body for trick, body in DICTS.items()}
                for trick, body in (TRICKS | dicts).items():
                    if trick == SAME and not takes_any:
                        continue  # it may return the same each time
                    earned = points(used, cell, with_trick(cell.source, name, body))
                    found |= {(test, name, trick) for test, given in earned.items() if given}
    assert {one for one in found if one[:2] not in EARNED} == set()


NO_LOSSES = """
def train(network, x, target, rng, epochs=30, batch_size=16, learning_rate=0.05):
    for _ in range(epochs):
        network.forward(x, target)
        network.backward()
    return [float("nan")] * epochs
"""


def test_losses_are_judged_however_the_batches_are_cut() -> None:
    cells = read_cells(LAYOUT.source("4_backprop"))
    used = [cell for cell in cells if cell.kind != "test" or cell.id == "train-losses-test"]
    assert rehearse(used)["train-losses-test"].points > 0
    assert rehearse(used, {"train": NO_LOSSES})["train-losses-test"].points == 0
