"""The engine against plain nbgrader: one kernel, one notebook at a time, the same points.

Every answer of `tests/answers` is tried. Several go into one notebook, one for each solution cell,
because no exercise's points depend on another's answer. The solutions and the released notebooks
run whole; the others without figures, and with the tests of those exercises only that have an
answer to try.
"""

from __future__ import annotations

import copy
import os
from collections import Counter
from functools import cache

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade, is_grade
from tests.tools.kernels import fork_kernels

from autograder.course.answers import Answer, read_answers
from autograder.course.notebooks import exercises_of, kind_of, only_shows, read_cells
from autograder.course.sample_class import mix_answers
from autograder.engine.controller import Engine
from autograder.layout import Layout

LAYOUT = Layout.here()
ANSWERS = LAYOUT.root / "autograder" / "tests" / "answers"

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@cache
def answers_of(chapter: str) -> list[Answer]:
    return read_answers(ANSWERS / f"{chapter}.py")


def rounds_of(chapter: str) -> int:
    return max(Counter(answer.cell for answer in answers_of(chapter)).values())


def cases() -> list:
    found = []
    for chapter in LAYOUT.chapters():
        found += [(chapter, "solutions"), (chapter, "released")]
        found += [(chapter, k) for k in range(rounds_of(chapter))]
    return [pytest.param(*case, id=f"{case[0]}-{case[1]}") for case in found]


def notebook_of(chapter: str, which: str | int) -> NotebookNode:
    """Return a submission: the released notebook, the solutions, or those with other answers."""
    if which == "released":
        return nbformat.read(LAYOUT.released(chapter), as_version=4)
    source = source_for(chapter, which)
    return source if which == "solutions" else mix_answers(source, answers_of(chapter), which)


def source_for(chapter: str, which: str | int) -> NotebookNode:
    """Return the source notebook, or the part of it that a submission with other answers needs."""
    source = nbformat.read(LAYOUT.source(chapter), as_version=4)
    if isinstance(which, int):
        counts = Counter(answer.cell for answer in answers_of(chapter))
        tried = {
            cell.id
            for exercise in exercises_of(read_cells(LAYOUT.source(chapter)))
            if any(counts[cell.id] > which for cell in exercise.of_kind("solution"))
            for cell in exercise.cells
        }
        source.cells = [
            cell
            for cell in source.cells
            if kind_of(cell) in ("setup", "given", "solution")
            or (cell.id in tried and not only_shows(cell))
        ]
    return source


def points_in_one_kernel(whole: NotebookNode, submission: NotebookNode) -> dict[str, float]:
    """Return each test's points as plain nbgrader gives them: full sources, one kernel."""
    whole = copy.deepcopy(whole)
    sources = {cell.id: cell.source for cell in submission.cells}
    for cell in whole.cells:
        if not is_grade(cell):
            cell.source = sources.get(cell.id, cell.source)
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    try:
        executed, _ = Execute(timeout=120, kernel_name="python3").preprocess(whole, {})
    finally:
        del os.environ["NBGRADER_EXECUTION"]
    points = {}
    for cell in filter(is_grade, executed.cells):
        # a warning, which Python prints to stderr, costs plain nbgrader all points of the cell
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        points[cell.metadata.nbgrader.grade_id] = determine_grade(cell)[0]
    return points


@pytest.fixture
def engine(students) -> Engine:
    return students.engine


@pytest.mark.parametrize(("chapter", "which"), cases())
def test_every_test_gives_the_points_that_plain_nbgrader_gives(chapter, which, engine, monkeypatch):
    fork_kernels(monkeypatch)
    submission = notebook_of(chapter, which)
    source = source_for(chapter, which)
    found = engine.examine(nbformat.writes(source).encode(), nbformat.writes(submission).encode())
    ours = {cell.id: cell.points for cell in found.tests}
    theirs = points_in_one_kernel(source, submission)
    differing = {name: (ours[name], theirs[name]) for name in theirs if ours[name] != theirs[name]}
    assert not differing, {
        name: (points, next(c.error for c in found.cells if c.id == name))
        for name, points in differing.items()
    }


@pytest.mark.parametrize("chapter", LAYOUT.chapters())
def test_two_runs_are_identical(chapter, engine):
    source = LAYOUT.source(chapter).read_bytes()
    whole = nbformat.read(LAYOUT.source(chapter), as_version=4)
    submission = mix_answers(whole, answers_of(chapter), 1)
    content = nbformat.writes(submission).encode()
    first, second = (engine.examine(source, content) for _ in range(2))
    assert first.notebook == second.notebook
    assert first.flags == second.flags
    assert [c.points for c in first.cells] == [c.points for c in second.cells]
