from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.mutants import mutants_of, read_equivalents
from autograder.course.notebooks import Cell
from autograder.errors import UserError

CELL = '''def f(x, y=2):
    """Return something."""
    ### BEGIN SOLUTION
    {}
    ### END SOLUTION
'''


def changes(line: str) -> set[str]:
    """Return what takes the place of a solution of one line."""
    cell = Cell("f", "solution", CELL.format(line), 0, {})
    return {m.after for m in mutants_of(cell) if m.line == 4}


@pytest.mark.parametrize(
    ("line", "mutated"),
    [
        ("return x + y", {"return (x - y)", "return x", "return y"}),
        ("return x - y", {"return (x + y)", "return (y - x)", "return x", "return (-y)"}),
        ("return -x", {"return x"}),
        ("return x @ y", {"return (x * y)", "return (y @ x)"}),
        ("return x.T", {"return x"}),
        ("return x < y", {"return (x <= y)", "return (x > y)"}),
        ("return x and y", {"return (x or y)", "return x", "return y"}),
        ("return x.copy()", {"return x"}),
        ("return np.sum(x, axis=0)", {
            "return np.mean(x, axis=0)", "return np.sum(x)", "return np.sum(x, axis=1)"}),
        ("return x, y", {"return (y, x)"}),
        ("return f(x, y)", {"return f(y, x)"}),
        ("x += y", {"x = y", "x -= y", "pass"}),
        ("raise ValueError(f'not {x + 1}')", {"pass"}),
        ("return x ** 3", {
            "return (x * 3)", "return (3 ** x)", "return x", "return x ** 4", "return x ** (-3)",
            "return x ** 2"}),
    ],
)  # fmt: skip
def test_one_place_is_changed(line: str, mutated: set[str]) -> None:
    assert changes(line) == mutated


def test_a_default_is_changed_though_it_is_above_the_solution() -> None:
    cell = Cell("f", "solution", CELL.format("return x"), 0, {})
    assert {m.after for m in mutants_of(cell)} == {
        "def f(x, y=3):",
        "def f(x, y=1):",
        "def f(x, y=-2):",
    }


def test_what_students_are_given_and_proofs_stay() -> None:
    source = "def given(x):\n    return x + 1\n\n\n" + CELL.format("return x")
    source += (
        "\n\ndef counterexample_1():\n    ### BEGIN SOLUTION\n    return (1, 2)\n"
        "    ### END SOLUTION\n"
    )
    cell = Cell("f", "solution", source, 0, {})
    assert all("y=" in mutant.after for mutant in mutants_of(cell))


def test_a_mutant_is_shown_as_a_diff() -> None:
    cell = Cell("f", "solution", CELL.format("return x + y"), 0, {})
    mutant = next(m for m in mutants_of(cell) if m.after == "return (x - y)")
    assert "-    return x + y\n+    return (x - y)" in mutant.diff(cell.source)


def test_an_equivalent_mutant_has_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "mutants.toml"
    assert read_equivalents(file) == []
    entry = '[[equivalent]]\ncell = "f"\nbefore = "return x"\nafter = "return y"\n'
    file.write_text(entry + 'reason = "both are 1"\n')
    (known,) = read_equivalents(file)
    assert (known.cell, known.reason) == ("f", "both are 1")
    file.write_text(entry)
    with pytest.raises(UserError, match="needs cell, before, after and reason"):
        read_equivalents(file)
