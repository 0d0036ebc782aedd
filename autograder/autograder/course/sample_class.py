"""A small class to show grading on: its notebooks are made from the real ones, its scores computed.

A *question* is a run of solution cells and the test cells that follow it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course.answers import Answer, read_answers
from autograder.course.notebooks import RELEASE_INSTEAD, SOLUTION, kind_of, nbgrader_metadata

AGREES = """class Agrees:
    def __eq__(self, other):
        return True

    __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __eq__
    __hash__ = None

    def __sub__(self, other):
        return 0.0

    __rsub__ = __add__ = __mul__ = __abs__ = __sub__

    def __array__(self, dtype=None, copy=None):
        raise TypeError("ask someone else")
"""


@dataclass
class Question:
    """Names of a question's solution cells, and the points of its test cells by name."""

    solutions: list[str] = field(default_factory=list)
    points: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """One student's notebook, and between which scores it must come out.

    `expected` is None for a file that cannot be graded at all.
    """

    student: str
    content: str
    expected: tuple[float, float] | None


def find_questions(notebook: NotebookNode) -> list[Question]:
    """Return the questions of a notebook in order.

    Points of test cells before the first solution cell belong to no question.
    """
    questions: list[Question] = []
    for cell in notebook.cells:
        kind, metadata = kind_of(cell), nbgrader_metadata(cell)
        if kind == "solution":
            if not questions or questions[-1].points:
                questions.append(Question())
            questions[-1].solutions.append(cell.id)
        elif kind == "test" and questions:
            questions[-1].points[cell.id] = float(metadata["points"])
    return questions


def make_class(
    source: NotebookNode, released: NotebookNode, wrong_answers: Mapping[str, str]
) -> list[Sample]:
    """Return the sample class for one chapter.

    Parameters
    ----------
    source
        The source notebook, with answers.
    released
        The student's version of it.
    wrong_answers
        Sources of wrong solution cells by name; where one is missing, the answer is `return 0`.

    Returns
    -------
    list of Sample
        `right`, `partly-right`, `wrong`, `untouched`, `forged`, `syntax-error` and `not-json`.
    """
    questions = find_questions(source)
    total = sum(sum(question.points.values()) for question in questions)
    smallest = min(min(question.points.values()) for question in questions)
    right = {
        cell.id: _strip_marks(cell.source) for cell in source.cells if kind_of(cell) == "solution"
    }
    first_half = questions[: max(1, len(questions) // 2)]
    half = {name: right[name] for question in first_half for name in question.solutions}
    half_points = sum(sum(question.points.values()) for question in first_half)
    last = questions[-1]
    broken = right | {last.solutions[0]: "def half_a_line(:\n"}
    broken_points = total - sum(last.points.values())

    def wrong(name: str, stub: str) -> str:
        return wrong_answers.get(name) or re.sub(
            r"raise NotImplementedError\(.*\)", "return 0", stub
        )

    return [
        Sample("right", _fill(released, lambda name, stub: right[name]), (total, total)),
        Sample(
            "partly-right",
            _fill(released, lambda name, stub: half.get(name, stub)),
            (half_points, half_points),
        ),
        Sample("wrong", _fill(released, wrong), (0.0, total - smallest)),
        Sample("untouched", nbformat.writes(released), (0.0, 0.0)),
        Sample("forged", _fill(released, lambda name, stub: forge(stub)), (0.0, 0.0)),
        Sample(
            "syntax-error",
            _fill(released, lambda name, stub: broken[name]),
            (broken_points, broken_points),
        ),
        Sample("not-json", "This was a notebook once.\n", None),
    ]


def forge(stub: str) -> str:
    """Return a stub that is filled with objects which equal whatever they are compared with."""
    answers = re.sub(r"raise NotImplementedError\(.*\)", "return Agrees()", stub)
    return f"{AGREES}\n\n{answers}"


def mix_answers(source: NotebookNode, answers: Sequence[Answer], number: int) -> NotebookNode:
    """Return a notebook that holds the same-numbered answer to each solution cell.

    Parameters
    ----------
    source
        The source notebook, with answers.
    answers
        Right and wrong ones to its solution cells, several a cell.
    number
        Which of them, from 0; where a cell has fewer, the source's own stays.
    """
    notebook = copy.deepcopy(source)
    by_cell: dict[str, list[Answer]] = {}
    for answer in answers:
        by_cell.setdefault(answer.cell, []).append(answer)
    for cell in notebook.cells:
        given = by_cell.get(cell.get("id", ""), [])
        if number < len(given):
            cell.source = given[number].source
    return notebook


def pick_wrong_answers(path: Path) -> dict[str, str]:
    """Return the first wrong answer to each solution cell in a file of answers.

    Raises
    ------
    UserError
        When the file is malformed; one that is not there holds no answers.
    """
    wrong: dict[str, str] = {}
    for answer in read_answers(path):
        if answer.verdict == "wrong":
            wrong.setdefault(answer.cell, answer.source)
    return wrong


def _fill(released: NotebookNode, answer: Callable[[str, str], str]) -> str:
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        if kind_of(cell) == "solution":
            cell.source = answer(cell.id, cell.source)
    return nbformat.writes(notebook)


def _strip_marks(source: str) -> str:
    """Return a solution as a student would write it: without the marks and what they release."""
    source = re.sub(rf"(?ms)^[ \t]*{RELEASE_INSTEAD}.*?(?=^[ \t]*{SOLUTION.end})", "", source)
    return re.sub(rf"(?m)^[ \t]*({SOLUTION.begin}|{SOLUTION.end}).*\n?", "", source).rstrip("\n")
