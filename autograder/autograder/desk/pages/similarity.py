"""The page of pairs whose code is alike: both sides, with the lines that they share marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.desk.classfile import ClassFile
from autograder.desk.pages.render import render
from autograder.desk.similarity import Class, Code, Key, Pair
from autograder.engine.text import printable

SHOWN = 4  # exercises of a pair that are open; the others unfold
LONGEST = 200  # lines of an answer


@dataclass(frozen=True)
class Line:
    """A line of code, and whether the other student has it too."""

    text: str
    shared: bool


@dataclass(frozen=True)
class View:
    """One exercise of a pair, side by side."""

    key: Key
    alike: float
    rarity: float
    same: bool
    left: list[Line]
    right: list[Line]


@dataclass(frozen=True)
class PairView:
    """A pair as the page shows it, with ids and names."""

    first: str
    second: str
    summary: str
    views: list[View]


def similarity_page(students: Class, pairs: Sequence[Pair], group: ClassFile) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    students
        What everyone wrote.
    pairs
        Those to show, in order.
    group
        The class, which has the names.
    """
    views = [
        PairView(
            group.student_of(pair.first).id_and_name,
            group.student_of(pair.second).id_and_name,
            pair.summary(),
            [_view(students, pair, number) for number in range(len(pair.shared))],
        )
        for pair in pairs
    ]
    return render("similarity", pairs=views, students=len(students), shown=SHOWN)


def _view(students: Class, pair: Pair, number: int) -> View:
    found = pair.shared[number]
    first, second = students[pair.first][found.key], students[pair.second][found.key]
    both = first.forms & second.forms
    return View(
        found.key, found.alike, found.rarity, first.text.split() == second.text.split(),
        _lines(first, both), _lines(second, both),
    )  # fmt: skip


def _lines(code: Code, both: frozenset[str]) -> list[Line]:
    """Return the lines of some code, marked where all of a shared fragment is."""
    marked = {
        line
        for found in code.fragments
        if found.form in both
        for line in range(found.first, found.last + 1)
    }
    lines = [
        Line(printable(text.expandtabs(4), 400), number in marked and bool(text.strip()))
        for number, text in enumerate(code.text.splitlines(), 1)
    ]
    more = len(lines) - LONGEST
    return lines[:LONGEST] + ([Line(f"… {more} more lines", False)] if more > 0 else [])
