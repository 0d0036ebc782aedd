from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.tools.rehearsal import namespace_of

from autograder.course.notebooks import read_cells
from byhand.checks import CheckFailed
from byhand.exercises.derivatives import hunts, ladder, newton

SOLUTIONS = Path(__file__).resolve().parents[3] / "solutions"


def test_the_ladder_that_is_shown_is_the_one_that_is_checked() -> None:
    cells = read_cells(SOLUTIONS / "1_derivatives" / "1_derivatives.ipynb")
    shown = namespace_of(cells)["chain"]
    assert [rung.line for rung in shown.rungs.values()] == ladder.LINES


@pytest.mark.parametrize(
    ("check", "given"),
    [
        (hunts.power_slope_values, lambda x, n: 0.0 if x == 0 else n * float(x) ** (n - 1)),
        (hunts.measured_slope_values, lambda f, x: (f(x + 1e-6) - f(x - 1e-6)) / 2e-6),
        (hunts.leaky_slope_values, lambda x, alpha: 1.0 if x > alpha * x else alpha),
    ],
)
def test_a_hunt_that_was_not_touched_is_not_told_where_its_bug_is(
    check: Callable[..., None], given: Callable[..., Any]
) -> None:
    with pytest.raises(CheckFailed, match="still returns what the given function") as failed:
        check(given)
    assert list(failed.value.rows()) == ["likely"]


def test_a_step_of_newtons_method_the_wrong_way_is_not_called_a_wrong_bound() -> None:
    def uphill(f: Any, df: Any, x: float, tol: float = 1e-12, max_steps: int = 50) -> float:
        for _ in range(max_steps):
            if f(x) == 0:
                return x
            step = f(x) / df(x)
            x += step
            if abs(step) <= tol * max(1, abs(x)):
                return x
        raise RuntimeError("no convergence")

    with pytest.raises(CheckFailed) as failed:
        newton.newton_root_stops(uphill)
    assert failed.value.likely is None
