"""What a feedback page says, from a graded notebook and the gradebook: data for the template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal

import msgspec
from markupsafe import Markup

from autograder.course.notebooks import HEADING, kind_of, nbgrader_metadata
from autograder.desk.pages import text
from autograder.engine.result import FailedCheck
from autograder.gradebook.cells import CellMarks, Mark
from autograder.nbgrader.graded import FLAGS, MARK
from byhand.checks import CheckFailed
from byhand.checks.card import card_of
from byhand.checks.failures import Compared
from byhand.progress import check_of

State = Literal["done", "lost", "open"]
CARD = 8  # lines of code that take as much room on paper as a failed check's card
TWO_SHEETS = 200  # as many lines fit on two sheets


@dataclass(frozen=True)
class Check:
    """One test, or one answer that a person grades.

    Attributes
    ----------
    title : str
        What it checks, in words.
    mark : Mark
        Its points.
    card : Markup
        What it found, as a card; empty where it passed.
    hidden : bool
        Whether only a hidden test failed.
    stub : bool
        Whether the part that it checks is not written.
    """

    title: str
    mark: Mark
    card: Markup = Markup("")
    hidden: bool = False
    stub: bool = False

    @property
    def full(self) -> bool:
        """Whether it gave all its points."""
        return self.mark.points >= self.mark.maximum

    def says(self) -> tuple[str, bool, bool, bool, bool]:
        """Return what a student reads below its title."""
        return (self.card, self.hidden, self.stub, self.mark.by_person, self.mark.waiting)


@dataclass
class Part:
    """An answer and its checks.

    Attributes
    ----------
    code : Markup
        The student's code.
    prose : list of Markup
        What the student wrote in Markdown.
    checks : list of Check
        In order.
    untouched : bool
        Whether the answer is as it was released.
    stopped : Markup
        A card that says why its cell did not run; empty if it did.
    """

    code: Markup = Markup("")
    prose: list[Markup] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    untouched: bool = False
    stopped: Markup = Markup("")

    @property
    def full(self) -> bool:
        """Whether nothing was lost in it."""
        return all(check.full for check in self.checks)

    @property
    def findings(self) -> list[list[Check]]:
        """The checks that lost points; those that say the same, one after the other, together."""
        lost = [check for check in self.checks if not check.full]
        return [list(same) for _, same in groupby(lost, key=Check.says)]


@dataclass
class Exercise:
    """One exercise of the page.

    Attributes
    ----------
    number, title : str
        Of its heading.
    stretch : bool
        Whether it is marked ★.
    parts : list of Part
        In order.
    before : float or None
        Its points in the attempt before; None without one.
    """

    number: str
    title: str
    stretch: bool
    parts: list[Part] = field(default_factory=list)
    before: float | None = None

    @property
    def checks(self) -> list[Check]:
        """The checks of all parts."""
        return [check for part in self.parts for check in part.checks]

    @property
    def points(self) -> float:
        """The sum of the points."""
        return sum(check.mark.points for check in self.checks)

    @property
    def maximum(self) -> float:
        """What it is worth."""
        return sum(check.mark.maximum for check in self.checks)

    @property
    def state(self) -> State:
        """Whether all points were earned, some were lost, or nothing is written yet."""
        if all(part.full for part in self.parts):
            return "done"
        if all(part.untouched or all(c.stub for c in part.checks) for part in self.parts):
            return "open" if self.points == 0 else "lost"
        return "lost"


@dataclass(frozen=True)
class FeedbackPage:
    """A page of feedback.

    Attributes
    ----------
    chapter : str
        Its title, with its number.
    name : str
        The student's.
    handed_in : datetime or None
        With the time zone of the class.
    penalty : float
        Points taken off for being late.
    exercises : list of Exercise
        In the chapter's order.
    comments : list of (Exercise or None, Markup)
        What the instructor wrote, and about which exercise.
    """

    chapter: str
    name: str
    handed_in: datetime | None
    penalty: float
    exercises: list[Exercise]
    comments: list[tuple[Exercise | None, Markup]]

    def of_state(self, state: State) -> list[Exercise]:
        """Return the exercises in that state."""
        return [exercise for exercise in self.exercises if exercise.state == state]

    def points(self, stretch: bool) -> float:
        """Return the points of the core, or of the ★ exercises."""
        return sum(e.points for e in self.exercises if e.stretch == stretch)

    def maximum(self, stretch: bool) -> float:
        """Return what the core is worth, or the ★ exercises."""
        return sum(e.maximum for e in self.exercises if e.stretch == stretch)

    @property
    def long(self) -> bool:
        """Whether what is to be fixed is too long for two sheets with all code and numbers."""
        parts = [p for e in self.of_state("lost") for p in e.parts if not (p.full or p.untouched)]
        return sum(p.code.count("\n") + CARD * len(p.findings) for p in parts) > TWO_SHEETS

    @property
    def waiting(self) -> bool:
        """Whether a person still has to give points."""
        return any(check.mark.waiting for e in self.exercises for check in e.checks)

    @property
    def changes(self) -> list[tuple[Exercise, float]]:
        """The exercises whose points differ from the attempt before, and by how much."""
        known = [(e, e.points - e.before) for e in self.exercises if e.before is not None]
        return [(exercise, change) for exercise, change in known if change]

    @property
    def has_before(self) -> bool:
        """Whether there was an attempt before this one."""
        return any(exercise.before is not None for exercise in self.exercises)


def feedback_page(notebook: Mapping[str, Any], marks: CellMarks, chapter: str) -> FeedbackPage:
    """Return what a student is told about a chapter: nothing that only hidden tests know.

    No output of the notebook is shown, because a student's code can print what a hidden test has
    passed to it.

    Parameters
    ----------
    notebook
        The graded notebook, as JSON or as nbformat reads it.
    marks
        What the gradebook knows.
    chapter
        The chapter's folder, for a notebook without a title.
    """
    reader = _Reader(marks)
    for cell in notebook["cells"]:
        reader.read(cell)
    exercises = [exercise for exercise in reader.exercises if exercise.checks]
    for exercise in exercises:
        exercise.parts = [part for part in exercise.parts if part.checks]
    return FeedbackPage(
        reader.title or chapter, marks.name or marks.student, marks.handed_in, marks.penalty,
        exercises, list(reader.comments()),
    )  # fmt: skip


class _Reader:
    """Reads a graded notebook cell by cell."""

    def __init__(self, marks: CellMarks) -> None:
        self.marks = marks
        self.title = ""
        self.exercises: list[Exercise] = []
        self.where: dict[str, Exercise] = {}  # by the name of a cell with a comment

    def read(self, cell: Mapping[str, Any]) -> None:
        """Take what the page shows of one cell."""
        source = "".join(cell["source"])
        metadata = nbgrader_metadata(cell)  # type: ignore[arg-type]
        if cell["cell_type"] == "markdown" and not metadata.get("solution"):
            self.read_heading(cell.get("id", ""), source)
        if metadata.get("solution") or metadata.get("task"):
            self.read_answer(cell, source, metadata)
        elif kind_of(cell) == "test":  # type: ignore[arg-type]
            self.add_check(metadata["grade_id"], _check(cell, source, self.mark(metadata)))

    def read_heading(self, name: str, source: str) -> None:
        """Begin an exercise where its heading is."""
        if found := HEADING.search(source):
            self.exercises.append(Exercise(found[1], found[3], bool(found[2])))
        elif not self.title and name != FLAGS and source.startswith("# "):
            self.title = source.split("\n")[0].removeprefix("# ").strip()

    def read_answer(self, cell: Mapping[str, Any], source: str, metadata: dict) -> None:
        """Take an answer; one that a person grades is its own check."""
        name = metadata["grade_id"]
        part = Part(untouched=name in self.marks.untouched)
        if cell["cell_type"] == "code":
            if found := cell["metadata"].get(MARK):
                part.stopped = _card(msgspec.convert(dict(found["check"]), FailedCheck))
            part.code = Markup(text.code(source))
        else:
            part.prose = [Markup(text.prose(source))]
        self.exercise().parts.append(part)
        if name in self.marks.comments:
            self.where[name] = self.exercise()
        if metadata.get("grade") or metadata.get("task"):
            mark = self.mark(metadata)
            self.add_check(name, Check("your answer, graded by a person", mark))

    def exercise(self) -> Exercise:
        """Return the exercise that the cells belong to now."""
        if not self.exercises:
            self.exercises.append(Exercise("", "Before the first exercise", stretch=False))
        return self.exercises[-1]

    def mark(self, metadata: Mapping[str, Any]) -> Mark:
        """Return a cell's points; none for one that the gradebook does not know."""
        unknown = Mark(0.0, float(metadata.get("points") or 0))
        return self.marks.cells.get(metadata["grade_id"], unknown)

    def add_check(self, name: str, check: Check) -> None:
        """Add a check to the answer before it."""
        exercise = self.exercise()
        if not exercise.parts:
            exercise.parts.append(Part())
        exercise.parts[-1].checks.append(check)
        if name in self.marks.before:
            exercise.before = (exercise.before or 0.0) + self.marks.before[name]

    def comments(self) -> Iterator[tuple[Exercise | None, Markup]]:
        """Yield what the instructor wrote, in the notebook's order."""
        order = [*self.where, *(n for n in self.marks.comments if n not in self.where)]
        for name in order:
            yield self.where.get(name), Markup(text.markdown(self.marks.comments[name]))


_known_check = lru_cache(maxsize=4096)(check_of)  # tests are the same for everyone


def _check(cell: Mapping[str, Any], source: str, mark: Mark) -> Check:
    known = _known_check(source)
    title = known.title if known else nbgrader_metadata(cell)["grade_id"]  # type: ignore[arg-type]
    found = cell["metadata"].get(MARK)
    if found is None:  # graded by plain nbgrader
        passed = mark.points >= mark.maximum
        return Check(title, mark, Markup("") if passed else _card(FailedCheck("This test fails.")))
    if found.get("passed"):
        return Check(title, mark)
    card = _card(msgspec.convert(dict(found["check"]), FailedCheck))
    return Check(title, mark, card, bool(found.get("hidden")), bool(found.get("stub")))


def _card(check: FailedCheck) -> Markup:
    """Return a failed check as the card that the notebook showed."""
    arrays = None
    if check.compared is not None:
        arrays = Compared(**msgspec.structs.asdict(check.compared))
    failed = CheckFailed(
        check.what, where=check.where, expected=check.expected, actual=check.actual,
        likely=check.likely, hint=check.hint, compared=arrays,
    )  # fmt: skip
    return Markup(card_of(failed))
