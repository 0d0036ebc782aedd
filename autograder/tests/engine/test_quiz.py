"""A quiz is in the way of no grading, even where a student took its cell's tag away."""

from __future__ import annotations


def test_a_quiz_in_a_notebook_changes_no_points(students, small) -> None:
    given = {"grade": False, "solution": False, "locked": True}
    setup = small.code(
        "from byhand import quiz\nfrom byhand.checks import check_close", "i", **given
    )
    setup["metadata"]["tags"] = ["setup"]
    shown = small.code('quiz.warm_up("1_derivatives")\nquiz.show("1_derivatives")', "quiz", **given)
    answer = small.code(
        'quiz.show("1_derivatives")\nquiz.answer(1, "a")\n\n\ndef double(x):\n    return 2 * x',
        "double", grade=False, solution=True, locked=False,
    )  # fmt: skip
    test = small.code(
        '"""Doubled."""\ncheck_close(double(1.5), 3.0, what="double(1.5)")', "double-test",
        grade=True, solution=False, locked=True, points=2,
    )  # fmt: skip
    notebook = small.notebook([setup, shown, answer, test])
    result = students.engine.examine(notebook, notebook)
    assert [cell.points for cell in result.tests] == [2]
    assert result.flags == []
