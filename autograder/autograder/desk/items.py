"""How the checks of a chapter did in a class: difficulty, discrimination, the mistakes made."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from msgspec.structs import replace

from autograder.course.notebooks import Cell, Exercise, exercises_of, nbgrader_metadata, title_of
from autograder.gradebook.cells import CellMarks, Mark
from autograder.gradebook.found import Found
from autograder.nbgrader.graded import STUB
from byhand.progress import check_of

FEWEST = 3  # students who tried, for a check to be judged by what all of them did
FEWEST_TO_COMPARE = 10  # likewise by the order that it puts them in
NUMBER = re.compile(r"[-−]?\d[\d.,]*(?:e[-+]?\d+)?")
# words in which the checks themselves show a value; all others are a student's
SHOWS_VALUES = re.compile(
    r"\b(?:array|shape|single number|nan|inf|None|True|False|(?:float|u?int|complex|bool)\d*)\b"
)
CHECK = "CheckFailed"  # what a test ended by whose words are the course's own


@dataclass(frozen=True)
class Mistake:
    """A mistake that the checks of one exercise recognized.

    Attributes
    ----------
    exercise : str
        Its number and title.
    name : str
        The mistake, in the words of the check.
    students : int
        How many made it.
    example : Found
        One student's failed check.
    hint : str
        What the check says about it; "" where it says nothing.
    """

    exercise: str
    name: str
    students: int
    example: Found
    hint: str


@dataclass(frozen=True)
class Item:
    """One check.

    Attributes
    ----------
    exercise : str
        The number of its exercise.
    title : str
        What it checks.
    maximum : float
        Its points.
    tried, solved : int
        How many wrote something for it, and how many of them got all its points.
    difficulty : float
        The share of its points that those who tried it got; NaN where nobody did.
    discrimination : float
        The correlation of its points with those of the other checks; NaN where it has none.
    mistake : str
        The most common one; "" if none was recognized.
    made_by : int
        How many made it.
    """

    exercise: str
    title: str
    maximum: float
    tried: int
    solved: int
    difficulty: float
    discrimination: float
    mistake: str
    made_by: int

    @property
    def doubt(self) -> str:
        """Why this check itself should be looked at; "" if there is no reason."""
        if self.tried >= FEWEST and not self.solved:
            return f"nobody of the {self.tried} who tried it got all its points: is it right?"
        if self.tried >= FEWEST_TO_COMPARE and self.discrimination < 0:
            return "those who do well elsewhere lose points here: is it clear what it asks?"
        return ""


@dataclass(frozen=True)
class ExerciseResult:
    """How an exercise did: the mean of its points, as a share of them."""

    number: str
    title: str
    stretch: bool
    maximum: float
    mean: float


@dataclass
class ChapterReport:
    """How a chapter did.

    Attributes
    ----------
    name, title : str
        Its folder, and its heading.
    students : int
        How many have been graded.
    exercises : list of ExerciseResult
        In order.
    items : list of Item
        Its checks in order.
    mistakes : list of Mistake
        The most common first.
    """

    name: str
    title: str
    students: int
    exercises: list[ExerciseResult] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


def chapter_report(
    name: str,
    cells: list[Cell],
    marks: Mapping[str, CellMarks],
    findings: Mapping[str, list[Found]],
    counted: Collection[str],
) -> ChapterReport:
    """Return how a chapter did.

    Parameters
    ----------
    name
        Its folder.
    cells
        Of its source notebook.
    marks, findings
        What the gradebook holds, by student.
    counted
        The students who count.
    """
    students = [student for student in marks if student in counted]
    answers = _answers(cells)
    by_test = {
        student: {
            found.id: found
            for found in findings.get(student, ())
            if found.error != STUB and not answers[found.id] & marks[student].untouched
        }
        for student in students
    }
    report = ChapterReport(name, title_of(cells) or name, len(students))
    points, items = [], []
    for exercise in exercises_of(cells):
        tests = {
            nbgrader_metadata(cell.raw).get("grade_id", cell.id): cell
            for cell in exercise.cells
            if cell.points
        }
        table = _table(tests, students, marks)
        points.append(table)
        maximum = sum(cell.points for cell in tests.values())
        mean = float(table.sum(axis=1).mean() / maximum) if students and maximum else 0.0
        report.exercises.append(
            ExerciseResult(exercise.number, exercise.title, exercise.stretch, maximum, mean)
        )
        mistakes = _mistakes(exercise, tests, by_test.values())
        report.mistakes += mistakes
        items += [(exercise, test, cell) for test, cell in tests.items()]
    report.mistakes.sort(key=lambda mistake: -mistake.students)
    if students and items:
        whole = np.concatenate(points, axis=1)
        total = whole.sum(axis=1)
        report.items = [
            _item(exercise, cell, whole[:, place], total, [by_test[s].get(test) for s in students])
            for place, (exercise, test, cell) in enumerate(items)
        ]
    return report


def _answers(cells: Iterable[Cell]) -> dict[str, set[str]]:
    """Return the answer cell that each test is about: the one before it."""
    found: dict[str, set[str]] = defaultdict(set)
    answer: set[str] = set()
    for cell in cells:
        name = nbgrader_metadata(cell.raw).get("grade_id", cell.id)
        if cell.kind == "solution":
            answer = {name}
        elif cell.kind == "test":
            found[name] = answer
    return found


def _table(tests: Iterable[str], students: list[str], marks: Mapping[str, CellMarks]) -> np.ndarray:
    """Return points: a row a student, a column a test."""
    nothing = Mark(0.0, 0.0)
    rows = [[marks[s].cells.get(test, nothing).points for test in tests] for s in students]
    return np.array(rows, float).reshape(len(students), len(list(tests)))


def _item(
    exercise: Exercise,
    cell: Cell,
    points: np.ndarray,
    total: np.ndarray,
    found: list[Found | None],
) -> Item:
    """Return how a check did; what is None in `found` is not written yet."""
    tried = np.array([one is not None for one in found])
    mine, others = points[tried], (total - points)[tried]
    varies = len(mine) > 2 and mine.std() > 0 and others.std() > 0
    made: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        if one is not None and one.likely:
            made[_masked(one.likely)].append(one)
    most = max(filter(_is_nobodys_own, made.values()), key=len, default=[])
    check = check_of(cell.source)
    return Item(
        exercise.number,
        check.title if check else cell.id,
        cell.points,
        int(tried.sum()),
        int((mine >= cell.points).sum()),
        float(mine.mean() / cell.points) if len(mine) else float("nan"),
        float(np.corrcoef(mine, others)[0, 1]) if varies else float("nan"),
        most[0].likely if most else "",
        len(most),
    )


def _mistakes(
    exercise: Exercise, tests: Mapping[str, Cell], students: Iterable[Mapping[str, Found]]
) -> list[Mistake]:
    """Return the mistakes that the checks of an exercise named; each counts once a student."""
    made: dict[str, list[Found]] = defaultdict(list)
    hints: dict[str, str] = {}
    for found in students:
        named: dict[str, Found] = {}
        for test in tests:
            one = found.get(test)
            if one is not None and one.hint:
                hints.setdefault(test, one.hint)
            if one is not None and one.likely:
                named.setdefault(_masked(one.likely), one)
        for name, one in named.items():
            made[name].append(one)
    heading = f"{exercise.number}{' ★' if exercise.stretch else ''} · {exercise.title}"
    return [
        Mistake(heading, example.likely, len(all_of_them), example, _hint(all_of_them, hints))
        for all_of_them in filter(_is_nobodys_own, made.values())
        for example in [_anonymous(_clearest(all_of_them))]
    ]


def _is_nobodys_own(found: Sequence[Found]) -> bool:
    """Whether a mistake's name is in the course's words, or more than one student has it.

    What is told about an error quotes the student's code, which may say anything.
    """
    return len(found) > 1 or any(one.error == CHECK for one in found)


def _anonymous(found: Found) -> Found:
    """Return a failed check without what a student has put into words."""
    if found.error != CHECK:
        return replace(found, what=f"{found.error} was raised", where="", expected="", actual="")
    rest = NUMBER.sub("", SHOWS_VALUES.sub("", found.actual))
    return replace(found, actual="") if re.search(r"[^\W\d_]{2}", rest) else found


def _clearest(found: list[Found]) -> Found:
    """Return the most common of the failed checks, one that shows numbers if there is one."""
    common = Counter(found)
    return max(common, key=lambda one: (bool(one.expected or one.where), common[one]))


def _hint(found: list[Found], hints: Mapping[str, str]) -> str:
    """Return what the checks say about a mistake, or about another one in the same check."""
    own = Counter(one.hint for one in found if one.hint)
    return own.most_common(1)[0][0] if own else hints.get(found[0].id, "")


def _masked(name: str) -> str:
    """Return a mistake without its numbers, which differ from student to student."""
    return NUMBER.sub("#", name)
