from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.lint import problems, released_problems
from autograder.errors import UserError
from autograder.layout import Layout

LAYOUT = Layout.here()


@pytest.mark.parametrize("name", LAYOUT.chapters())
def test_the_chapter_has_no_problems(name: str) -> None:
    assert problems(LAYOUT.source(name)) == []


@pytest.mark.parametrize("name", LAYOUT.chapters())
def test_the_released_chapter_shows_no_answer_and_no_hidden_test(name: str) -> None:
    assert released_problems(LAYOUT.released(name)) == []


def test_a_sound_chapter_has_no_problems(chapter) -> None:
    assert chapter.problems() == []


def test_what_students_must_not_see_is_named_with_its_cell(chapter) -> None:
    (problem,) = released_problems(chapter.path)
    assert "cell double: shows '### BEGIN SOLUTION'" in problem


@pytest.mark.parametrize("content", ["once a notebook", "[]", "{}", '{"cells": [17]}'])
def test_a_file_that_is_no_notebook_is_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "9_double.ipynb"
    path.write_text(content)
    with pytest.raises(UserError, match=r"9_double\.ipynb: not a notebook"):
        problems(path)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"9_double\.ipynb: missing"):
        problems(tmp_path / "9_double.ipynb")
