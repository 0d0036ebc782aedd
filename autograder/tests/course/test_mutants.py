from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.commands.mutate import EQUIVALENTS
from autograder.course.mutants import Equivalent, meaning_of, mutants_of, read_equivalents
from autograder.course.notebooks import Cell, read_cells
from autograder.errors import UserError
from autograder.layout import Layout

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
        ("return x[:, 1]", {"return x[1, :]", "return x[:, 2]", "return x[:, 0]"}),
        ("return x[1:y]", {"return x[:y]", "return x[1:]", "return x[2:y]", "return x[0:y]"}),
        ("return reversed(x)", {"return x"}),
        ("return abs(x)", {"return x"}),
        ("return np.swapaxes(x, y, z)", {"return x"}),
        ("return f(x, y)", {"return f(y, x)"}),
        ("x += y", {"x = y", "x = x + y", "x -= y", "pass"}),
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


@pytest.mark.parametrize(
    "line",
    [
        "return x**x",
        "return x, x",
        "return np.sum(x, axis=1)",  # -1 may be the same axis: 0 and 2 are other ones
        "return x[1]",
    ],
)
def test_another_spelling_is_no_mutant(line: str) -> None:
    meaning = ast.dump(ast.parse(line.replace("return ", "")))
    for after in changes(line):
        assert "(-1)" not in after
        assert ast.dump(ast.parse(after.replace("return ", ""))) != meaning


def test_an_equivalent_mutant_has_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "mutants.toml"
    assert read_equivalents(file) == []
    file.write_text('"both are 1" = [["f", "return x, y", "return (y, x)"]]')
    (known,) = read_equivalents(file)
    assert (known.cell, known.after, known.reason) == ("f", ("return (y, x)",), "both are 1")
    for text in ('"both are 1" = [["f", "x"]]', '"" = [["f", "x", "y"]]'):
        file.write_text(text)
        with pytest.raises(UserError, match="'x'.* needs a cell, .* and a reason"):
            read_equivalents(file)


def test_an_equivalent_change_counts_in_any_spelling_and_no_other_does() -> None:
    cell = Cell("f", "solution", CELL.format("return x + y, sum(x=x, y=1)"), 0, {})
    known = Equivalent("f", ", y=1", ("", ", y = 2"), "y is of no use")
    covered = {m.after for m in mutants_of(cell) if known.covers(m, cell.source)}
    assert covered == {"return x + y, sum(x=x)", "return x + y, sum(x=x, y=2)"}
    assert not any(replace(known, cell="g").covers(m, cell.source) for m in mutants_of(cell))


def test_every_equivalent_change_is_one_that_is_tried() -> None:
    layout = Layout.here()
    known = read_equivalents(layout.root / EQUIVALENTS)
    tried: dict[str, list[tuple[str, set[str]]]] = {same.cell: [] for same in known}
    for chapter in layout.chapters():
        for cell in read_cells(layout.source(chapter)):
            if cell.kind == "solution" and cell.id in tried:
                meanings = {meaning_of(mutant.source) for mutant in mutants_of(cell)}
                tried[cell.id].append((cell.source, meanings))
    for same in known:
        for after in same.after:
            one = replace(same, after=(after,))
            assert any(one.meanings(source) & meanings for source, meanings in tried[same.cell]), (
                f"no mutant of {same.cell} has {after!r} for {same.before!r}"
            )
