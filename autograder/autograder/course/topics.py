"""What the course covers: topics and traps, each with the exercises that hold it.

A trap is a known defect of published code. `topics.toml` is written by hand; `topics_page` makes
`TOPICS.md` of it, with the titles that the notebooks give and the wrong answers in `tests/answers`
that prove each trap. A row of a chapter that has no notebook yet is kept as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course.answers import read_answers
from autograder.course.notebooks import exercises_of, read_cells
from autograder.errors import UserError
from autograder.layout import Layout

ANSWERS = "autograder/tests/answers"
DATA, PAGE = f"{ANSWERS}/topics.toml", f"{ANSWERS}/TOPICS.md"
MARK = "trap: "  # how the name of a wrong answer begins that proves a trap

OPENING = """# What the course covers

Made by `python3 autograder release` from `tests/answers/topics.toml`; edit that file.

The first table says which exercises hold which topic. The second lists the traps: known defects of
published code, the exercises that set a trap for each, and the wrong answers in this folder that
have the defect. The tests run each of these answers and see that it loses points.
"""


@dataclass(frozen=True)
class Topic:
    """One topic and the exercises that hold it."""

    section: str
    text: str
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Trap:
    """One known defect of published code or claims.

    Attributes
    ----------
    text : str
        What is wrong.
    exercises : tuple of str
        Which exercises set the trap.
    answers : tuple of str
        Names, or words from names, of the wrong answers that have the defect; none for a claim that
        the text corrects, with nothing to run.
    """

    text: str
    exercises: tuple[str, ...]
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Course:
    """What the notebooks and answers hold.

    Attributes
    ----------
    titles : dict of str to str
        The title of each exercise by its number.
    proofs : dict of str to list of str
        The names of its wrong answers with `MARK`, without it, by the exercise's number.
    chapters : set of str
        The numbers of the chapters that have a notebook.
    """

    titles: dict[str, str]
    proofs: dict[str, list[str]]
    chapters: set[str]

    def has(self, exercise: str) -> bool:
        """Return whether the exercise's chapter has a notebook."""
        return exercise.split(".")[0] in self.chapters


def read_topics(layout: Layout) -> tuple[list[Topic], list[Trap]]:
    """Return the topics and the traps of `topics.toml`.

    Raises
    ------
    UserError
        If the file is malformed.
    """
    try:
        data = tomllib.loads((layout.root / DATA).read_text(encoding="utf-8"))
        topics = [
            Topic(section["title"], text, tuple(exercises))
            for section in data["section"]
            for text, *exercises in section["topics"]
        ]
        traps = [
            Trap(row["text"], tuple(row["exercises"]), tuple(row.get("answers", ())))
            for row in data["trap"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{DATA}: {type(error).__name__}: {error}; correct the file") from None
    return topics, traps


def read_course(layout: Layout) -> Course:
    """Return the exercises' titles and the wrong answers that prove a trap."""
    titles: dict[str, str] = {}
    proofs: dict[str, list[str]] = {}
    for chapter in layout.chapters():
        answers = read_answers(layout.root / ANSWERS / f"{chapter}.py")
        for exercise in exercises_of(read_cells(layout.source(chapter))):
            titles.setdefault(exercise.number, exercise.title)  # a ★ may share its number
            own = {cell.id for cell in exercise.of_kind("solution")}
            proofs.setdefault(exercise.number, []).extend(
                answer.name.removeprefix(MARK)
                for answer in answers
                if answer.cell in own and answer.verdict == "wrong" and answer.name.startswith(MARK)
            )
    return Course(titles, proofs, {number.split(".")[0] for number in titles})


def gaps(layout: Layout) -> Iterator[str]:
    """Yield the gaps: a topic or trap without its exercise, a trap without its wrong answer."""
    topics, traps = read_topics(layout)
    course = read_course(layout)
    lines: list[Topic | Trap] = [*topics, *traps]
    for line in lines:
        if not line.exercises:
            yield f"{line.text}: names no exercise"
        for number in filter(course.has, line.exercises):
            if number not in course.titles:
                yield f"{line.text}: there is no exercise {number}"
    for trap in traps:
        if all(map(course.has, trap.exercises)):
            found = [name for _, name in proofs_of(trap, course)]
            for words in trap.answers:
                if not any(words in name for name in found):
                    where = ", ".join(trap.exercises)
                    yield f"{trap.text}: no wrong answer to {where} is called '{MARK}... {words}'"


def proofs_of(trap: Trap, course: Course) -> list[tuple[str, str]]:
    """Return the exercises and names of the wrong answers that have a trap."""
    return [
        (number, name)
        for number in trap.exercises
        for name in course.proofs.get(number, [])
        if any(words in name for words in trap.answers)
    ]


def further_proofs(traps: list[Trap], course: Course) -> list[tuple[str, str]]:
    """Return exercises and names of the marked wrong answers that no trap asks for."""
    told = {proof for trap in traps for proof in proofs_of(trap, course)}
    return [
        (number, name)
        for number, names in course.proofs.items()
        for name in names
        if (number, name) not in told
    ]


def topics_page(layout: Layout) -> str | None:
    """Return `TOPICS.md` as it should be; None where there is no `topics.toml`.

    Raises
    ------
    UserError
        If a source notebook or `topics.toml` cannot be read.
    """
    if not (layout.root / DATA).is_file():
        return None
    topics, traps = read_topics(layout)
    course = read_course(layout)
    rows = ["## Topics", "", "| topic | exercises |", "|---|---|"]
    section = None
    for topic in topics:
        if topic.section != section:
            section = topic.section
            rows.append(f"| **{section}** | |")
        rows.append(f"| {topic.text} | {_named(topic.exercises, course)} |")
    rows += ["", "## Traps", "", "| trap | exercises | wrong answer |", "|---|---|---|"]
    for trap in traps:
        names = "; ".join(dict.fromkeys(name for _, name in proofs_of(trap, course)))
        proved = (names or "to come") if trap.answers else "corrected in the text"
        rows.append(f"| {trap.text} | {_named(trap.exercises, course)} | {proved} |")
    for number, name in further_proofs(traps, course):
        rows.append(f"| further | {_named((number,), course)} | {name} |")
    return OPENING + "\n" + "\n".join(rows) + "\n"


def _named(numbers: tuple[str, ...], course: Course) -> str:
    """Return exercises with their titles; the bare number where the notebook is yet to come."""
    return "; ".join(
        f"{number} {course.titles[number]}" if number in course.titles else number
        for number in numbers
    )
