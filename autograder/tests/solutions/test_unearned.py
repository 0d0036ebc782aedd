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
from byhand.checks.reach import delegate_to
from byhand.differences.calls import allow_in_answers

LAYOUT = Layout.here()

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
    "returns what it returned first": (
        "if not kept:\n        kept.append(right(*args, **named))\n"
        "    return copy.deepcopy(kept[0])"
    ),
}  # fmt: skip
# Here the trick is the right answer, or all that the test asks for.
EARNED: set[tuple[str, str, str]] = set()


def functions_of(cell: Cell) -> Iterator[str]:
    """Yield the functions that a cell defines, and the methods of its classes with their class."""
    for node in cell.tree().body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}"


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
    allow_in_answers(False)
    delegate_to(None)
    return {name: outcome.points for name, outcome in outcomes.items()}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("chapter", LAYOUT.chapters())
def test_a_function_that_does_nothing_earns_no_point(chapter: str) -> None:
    cells = read_cells(LAYOUT.source(chapter))
    reads = names_read_by_tests(cells)
    found = set()
    for exercise in exercises_of(cells):
        for cell in exercise.of_kind("solution"):
            for name in functions_of(cell):
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
                for trick, body in TRICKS.items():
                    earned = points(used, cell, with_trick(cell.source, name, body))
                    found |= {(test, name, trick) for test, given in earned.items() if given}
    assert found - EARNED == set()
