from __future__ import annotations

import pytest

from autograder.course.lint.prose import words_of


@pytest.mark.parametrize(
    ("cell", "kind", "source", "problem"),
    [
        ("heading", "md", "#### Deep", "a heading of rank 4 follows one of rank 2"),
        ("symbols", "md", "![](a.png)", "a picture without alt text"),
        ("symbols", "md", "word " * 121, "121 words"),
        ("symbols", "md", "None.", "the chapter has no '| symbol"),
        ("title", "md", "# 9 · Double", 'the opening lacks "You\'ll do"'),
        ("double-try", "code", "plt.show()", "plt.show has no alt text"),
        ("double-try", "code", "double_explorer()", "no prediction before this explorer"),
    ],
)
def test_a_problem_of_the_text_is_named(chapter, cell, kind, source, problem) -> None:
    found = chapter.put(cell, kind, source).problems()
    assert any(problem in line for line in found), found


def test_words_are_counted_without_formulas_tables_and_folded_hints() -> None:
    text = "Two words $a + b$.\n\n$$c d e$$\n\n| no | table |\n\n<details>folded hint</details>"
    assert words_of(text) == 3


def test_a_word_of_the_list_is_named_with_a_better_one(chapter) -> None:
    chapter.put("part", "md", "## Part\n\nMend it.")
    assert chapter.problems() == ["cell part: 'Mend'; write 'fix', or 'correct'"]
