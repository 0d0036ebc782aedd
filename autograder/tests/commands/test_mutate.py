"""The command `mutate` on a small chapter, with the real engine."""

from __future__ import annotations

import pytest
from tests.conftest import CHAPTER, Course

from autograder.commands.mutate import EQUIVALENTS

pytest.importorskip("autograder.engine.sandbox.linux", reason="the engine needs Linux")

# slope(-1) == -2 is all that the last test asks for
KNOWN = """[[equivalent]]
cell = "hunt"
before = "return 2 * x"
after = "return (2 / x)"
reason = "for the sake of this test"
"""


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


def survivors(printed: str) -> int:
    (row,) = (line for line in printed.split("\n") if line.strip().startswith(CHAPTER))
    return int(row.split()[3])
