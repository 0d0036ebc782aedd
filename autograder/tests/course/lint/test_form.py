from __future__ import annotations

import pytest

STREAM = {"output_type": "stream", "name": "stdout", "text": "4"}
OTHER = {"grade_id": "other", "schema_version": 3, "task": False, "grade": False,
         "solution": False, "locked": True}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"outputs": [STREAM]}, "has outputs"),
        ({"execution_count": 3}, "has outputs"),
        ({"id": "double"}, "2 cells have this id"),
        ({"metadata": {"collapsed": True}}, "its metadata holds collapsed"),
        ({"metadata": {"nbgrader": OTHER}}, "its grade_id is other"),
    ],
)
def test_a_problem_of_the_files_form_is_named(chapter, change: dict, problem: str) -> None:
    found = chapter.update("double-try", **change).problems()
    assert any(problem in line for line in found), found
