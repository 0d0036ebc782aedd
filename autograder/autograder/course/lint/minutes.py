"""How long a chapter takes, by counting, and whether its opening says so.

Open text is read at 200 words a minute, the folded Compare of an exercise included, folded hints
not. An explorer takes 3 minutes, the closing quiz 4, the warm-up 2, an exercise what its task says.
What an exercise marked ★ holds, its text and explorers too, counts apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from autograder.course.lint.prose import EXPLORER, words_of
from autograder.course.notebooks import Cell, exercises_of

WORDS_A_MINUTE = 200
MINUTES_OF_AN_EXPLORER = 3
MINUTES_OF_A_QUIZ = {"show": 4, "warm_up": 2}
MOST_CORE_MINUTES = 150
STEP = 5  # the opening gives multiples of it

HINT = re.compile(r"<details>\s*<summary>\s*Hint\b.*?</details>", re.DOTALL)
TAGS = re.compile(r"</?(?:details|summary)>")
QUIZ = re.compile(r"^quiz\.(show|warm_up)\(", re.MULTILINE)
SENTENCE = re.compile(r"About (\d+) minutes(?: for the core, (\d+) more for [^.★]*★)?\.")


@dataclass(frozen=True)
class Minutes:
    """What takes how long.

    Attributes
    ----------
    reading, explorers, quizzes, exercises : float
        Minutes of each kind.
    """

    reading: float = 0.0
    explorers: float = 0.0
    quizzes: float = 0.0
    exercises: float = 0.0

    @property
    def total(self) -> float:
        """The sum."""
        return self.reading + self.explorers + self.quizzes + self.exercises

    def __add__(self, other: Minutes) -> Minutes:
        return Minutes(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __str__(self) -> str:
        return ", ".join(f"{f.name} {getattr(self, f.name):.0f}" for f in fields(self))


def minutes_of(cells: list[Cell]) -> tuple[Minutes, Minutes]:
    """Return how long the core of a chapter takes, and what is marked ★.

    Parameters
    ----------
    cells : list of Cell
        Of a source notebook.

    Returns
    -------
    core, stretch : Minutes
    """
    exercises = exercises_of(cells)
    starred = {cell.id for e in exercises if e.stretch for cell in e.cells}
    sums = {stretch: Minutes() for stretch in (False, True)}
    for cell in cells:
        sums[cell.id in starred] += _of_cell(cell)
    for exercise in exercises:
        sums[exercise.stretch] += Minutes(exercises=exercise.minutes)
    return sums[False], sums[True]


def _of_cell(cell: Cell) -> Minutes:
    if cell.kind == "markdown":
        text = TAGS.sub(" ", HINT.sub(" ", cell.source))
        return Minutes(reading=words_of(text) / WORDS_A_MINUTE)
    return Minutes(
        explorers=MINUTES_OF_AN_EXPLORER * len(EXPLORER.findall(cell.source)),
        quizzes=sum(MINUTES_OF_A_QUIZ[call] for call in QUIZ.findall(cell.source)),
    )


def sentence(core: float, stretch: float) -> str:
    """Return how an opening says how long a chapter takes.

    Examples
    --------
    >>> sentence(118.2, 31.0)
    'About 120 minutes for the core, 30 more for the exercises marked ★.'
    >>> sentence(118.2, 0.0)
    'About 120 minutes.'
    """
    core, stretch = (max(STEP, STEP * round(m / STEP)) if m else 0 for m in (core, stretch))
    if not stretch:
        return f"About {core} minutes."
    return f"About {core} minutes for the core, {stretch} more for the exercises marked ★."


def minutes_problems(cells: list[Cell]) -> Iterator[str]:
    """Yield what the opening of a chapter says of its minutes and is not so."""
    if not cells:
        return
    core, stretch = minutes_of(cells)
    first = cells[0]
    if core.total > MOST_CORE_MINUTES:
        yield (
            f"cell {first.id}: the core takes {core.total:.0f} minutes ({core}), "
            f"{MOST_CORE_MINUTES} is the most; shorten it, or mark an exercise ★"
        )
    right = sentence(core.total, stretch.total)
    said, counted = SENTENCE.search(first.source), SENTENCE.fullmatch(right)
    if said is None or counted is None or said.groups() != counted.groups():
        wrong = f"says {said[0]!r}" if said else "does not say how long the chapter takes"
        counts = f"core: {core}" + (f"; ★: {stretch}" if stretch.total else "")
        yield f"cell {first.id}: the opening {wrong}; write {right!r} (counted: {counts})"
