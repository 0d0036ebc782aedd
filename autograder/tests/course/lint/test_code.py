from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("cell", "kind", "source", "problem"),
    [
        ("double-try", "code", "\n".join(f"x{k} = {k}" for k in range(16)), "16 lines of code"),
        ("double-try", "code", "def half(:", "syntax error in line 1"),
        ("double-try", "code", "### BEGIN SOLUTION\n### END SOLUTION", "SOLUTION in a code cell"),
        ("double", "solution", "### BEGIN SOLUTION", "BEGIN SOLUTION without its END"),
    ],
)
def test_a_problem_of_the_code_is_named(chapter, cell, kind, source, problem) -> None:
    found = chapter.put(cell, kind, source).problems()
    assert any(f"cell {cell}: " in line and problem in line for line in found), found


@pytest.mark.parametrize(
    ("name", "source", "problem"),
    [
        ("double-try", "shown = double(2.0)", "a later cell reads shown"),
        ("double-try", "print(double(2.0))", None),
        ("imports", "import numpy as np", "it is a setup cell"),
    ],
)
def test_a_cell_that_is_not_run_when_grading_is_needed_by_no_later_one(
    chapter, name: str, source: str, problem: str | None
) -> None:
    chapter.put("progress", "code", "progress.show()\nprint(shown)")
    tags = ["setup", "figure"] if name == "imports" else ["figure"]
    chapter.update(name, source=source, metadata={"tags": tags})
    found = [line for line in chapter.problems() if "tagged figure" in line]
    assert (problem in found[0]) if problem else not found
