"""The command `mutate` on a small chapter, with the real engine."""

from __future__ import annotations

import pytest
from tests.conftest import CHAPTER, Course

from autograder.commands.mutate import EQUIVALENTS
from autograder.course.mutants import read_equivalents
from autograder.grading.mutation import cases_of, try_mutants
from autograder.layout import Layout

pytest.importorskip("autograder.engine.sandbox.linux", reason="the engine needs Linux")

SAMPLE = 300  # of more than 4,500: about a minute of one core

# slope(-1) == -2 is all that the last test asks for
KNOWN = '"for the sake of this test" = [["hunt", "2 * x", "2 / x"]]'


def test_a_survivor_is_shown_and_an_equivalent_mutant_is_not(course: Course) -> None:
    status, printed = course.run("mutate", CHAPTER)
    assert status == 1
    assert "-    return 2 * x\n+    return (2 / x)" in printed
    assert "return (x + x)" not in printed  # killed: square(-3) is 9
    assert "A survivor needs a sharper check" in printed
    before = survivors(printed)
    file = course.layout.root / EQUIVALENTS
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(KNOWN)
    _, printed = course.run("mutate", CHAPTER)
    assert "return (2 / x)" not in printed
    assert survivors(printed) == before - 1


def test_a_sample_is_drawn_by_its_seed(course: Course) -> None:
    runs = [course.run("mutate", "--sample", "3", "--seed", seed)[1] for seed in ("4", "4", "5")]
    tables = [[line for line in run.split("\n") if "Mutants" not in line] for run in runs]
    assert tables[0] == tables[1]
    assert all(f"{CHAPTER:<20}{3:>9}" in run for run in runs)


@pytest.mark.first
def test_nearly_every_mistake_in_the_course_costs_points() -> None:
    layout = Layout.here()
    cases = cases_of(layout, layout.chapters(), SAMPLE, seed=1)
    trials = try_mutants(layout, cases, read_equivalents(layout.root / EQUIVALENTS)).values()
    killed = sum(trial.killed for trial in trials)
    survived = [m.diff(trial.sources[m.cell]) for trial in trials for m in trial.survived]
    assert killed >= 0.99 * (killed + len(survived)), "\n\n".join(survived)


def survivors(printed: str) -> int:
    (row,) = (line for line in printed.split("\n") if line.strip().startswith(CHAPTER))
    return int(row.split()[3])
