"""What the course covers: topics and known defects, each with the exercises that hold it.

`topics.toml` is written by hand; `coverage_page` makes `TOPICS.md` of it, with the titles that
the notebooks give and the wrong answers that `tests/answers` hold. A row of a chapter that has no
notebook yet is kept as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course.answers import read_answers
from autograder.course.notebooks import exercises_of, read_cells
from autograder.files import write_atomically
from autograder.layout import Layout

DATA, ANSWERS = "topics.toml", "tests/answers"
PAGE = f"{ANSWERS}/TOPICS.md"
MARK = "reference: "  # how the name of a wrong answer begins that is a defect of the reference

OPENING = """# What the course covers

Made by `python3 autograder release` from `tests/answers/topics.toml`; edit that file.

The course grew out of a reference text on calculus and backpropagation. The first table says, line
by line, which exercises hold what that text holds. Some of its code is wrong; the second table says
which exercise sets the trap for each defect, and which wrong answer in this folder proves that the
trap closes: the tests run each of them and see that it loses points.
"""


@dataclass(frozen=True)
class Topic:
    """One line of the reference, in our own words, and the exercises that hold it."""

    section: str
    text: str
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Defect:
    """One fault of the reference's code or claims.

    Attributes
    ----------
    text : str
        What is wrong.
    exercises : tuple of str
        Where a trap waits for it.
    answers : tuple of str
        Names, or words from names, of the wrong answers that have it; none if it is a claim that
        the text puts right, with nothing to run.
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


def read_coverage(layout: Layout) -> tuple[list[Topic], list[Defect]]:
    """Return the topics and the defects of `topics.toml`.

    Raises
    ------
    OSError, ValueError, KeyError
        If the file is missing or malformed.
    """
    data = tomllib.loads((layout.root / "autograder" / ANSWERS / DATA).read_text(encoding="utf-8"))
    topics = [
        Topic(section["title"], text, tuple(exercises))
        for section in data["section"]
        for text, *exercises in section["topics"]
    ]
    defects = [
        Defect(d["text"], tuple(d["exercises"]), tuple(d.get("answers", ())))
        for d in data["defect"]
    ]
    return topics, defects


def read_course(layout: Layout) -> Course:
    """Return the exercises' titles and the answers that hold a defect of the reference."""
    titles: dict[str, str] = {}
    proofs: dict[str, list[str]] = {}
    for chapter in layout.chapters():
        answers = read_answers(layout.root / "autograder" / ANSWERS / f"{chapter}.py")
        for exercise in exercises_of(read_cells(layout.source(chapter))):
            titles.setdefault(exercise.number, exercise.title)  # a ★ may share its number
            own = {cell.id for cell in exercise.of_kind("solution")}
            proofs.setdefault(exercise.number, []).extend(
                answer.name.removeprefix(MARK)
                for answer in answers
                if answer.cell in own and answer.verdict == "wrong" and answer.name.startswith(MARK)
            )
    return Course(titles, proofs, {number.split(".")[0] for number in titles})


def coverage_faults(layout: Layout) -> Iterator[str]:
    """Yield the gaps of the map: a line without its exercise, a defect without its wrong answer."""
    topics, defects = read_coverage(layout)
    course = read_course(layout)
    for line in (*topics, *defects):
        if not line.exercises:
            yield f"{line.text}: names no exercise"
        for number in filter(course.has, line.exercises):
            if number not in course.titles:
                yield f"{line.text}: there is no exercise {number}"
    for defect in defects:
        if all(map(course.has, defect.exercises)):
            found = [name for _, name in proofs_of(defect, course)]
            for words in defect.answers:
                if not any(words in name for name in found):
                    where = ", ".join(defect.exercises)
                    yield f"{defect.text}: no wrong answer to {where} is called '{MARK}... {words}'"


def proofs_of(defect: Defect, course: Course) -> list[tuple[str, str]]:
    """Return the exercises and names of the wrong answers that have a defect."""
    return [
        (number, name)
        for number in defect.exercises
        for name in course.proofs.get(number, [])
        if any(words in name for words in defect.answers)
    ]


def further_proofs(defects: list[Defect], course: Course) -> list[tuple[str, str]]:
    """Return exercises and names of the marked wrong answers that no defect asks for."""
    told = {proof for defect in defects for proof in proofs_of(defect, course)}
    return [
        (number, name)
        for number, names in course.proofs.items()
        for name in names
        if (number, name) not in told
    ]


def coverage_page(layout: Layout) -> str:
    """Return `TOPICS.md` as it should be."""
    topics, defects = read_coverage(layout)
    course = read_course(layout)
    rows = ["## Topics", "", "| topic | exercises |", "|---|---|"]
    section = None
    for topic in topics:
        if topic.section != section:
            section = topic.section
            rows.append(f"| **{section}** | |")
        rows.append(f"| {topic.text} | {_named(topic.exercises, course)} |")
    rows += ["", "## Defects", "", "| defect | exercises | wrong answer |", "|---|---|---|"]
    for defect in defects:
        names = "; ".join(dict.fromkeys(name for _, name in proofs_of(defect, course)))
        proved = (names or "to come") if defect.answers else "put right in the text"
        rows.append(f"| {defect.text} | {_named(defect.exercises, course)} | {proved} |")
    for number, name in further_proofs(defects, course):
        rows.append(f"| further | {_named((number,), course)} | {name} |")
    return OPENING + "\n" + "\n".join(rows) + "\n"


def _named(numbers: tuple[str, ...], course: Course) -> str:
    """Return exercises with their titles; the bare number where the notebook is yet to come."""
    return "; ".join(
        f"{number} {course.titles[number]}" if number in course.titles else number
        for number in numbers
    )


def stale_coverage(layout: Layout) -> str | None:
    """Return the page as it should be if it is not so, else None; None without `topics.toml`."""
    if not (layout.root / "autograder" / ANSWERS / DATA).is_file():
        return None
    page = layout.root / "autograder" / PAGE
    wanted = coverage_page(layout)
    fits = page.is_file() and page.read_text(encoding="utf-8") == wanted
    return None if fits else wanted


def update_coverage(layout: Layout) -> bool:
    """Write `TOPICS.md` if it is out of date, and return whether it was."""
    wanted = stale_coverage(layout)
    if wanted is not None:
        write_atomically(layout.root / "autograder" / PAGE, wanted)
    return wanted is not None
