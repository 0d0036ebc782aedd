from pathlib import Path

from tests.tools.rehearsal import namespace_of

from autograder.course.notebooks import read_cells
from byhand.exercises.derivatives import ladder

SOLUTIONS = Path(__file__).resolve().parents[3] / "solutions"


def test_the_ladder_that_is_shown_is_the_one_that_is_checked() -> None:
    cells = read_cells(SOLUTIONS / "1_derivatives" / "1_derivatives.ipynb")
    shown = namespace_of(cells)["chain"]
    assert [rung.line for rung in shown.rungs.values()] == ladder.LINES
