"""Finds pairs of students whose code is more alike than the rest of the class makes likely.

An exercise tells little if many answers to it are alike, as short ones are by nature. So what two
students share in one exercise is held against what each shares with everyone else: its *rarity* is
the part of their classmates who are at least as alike to one of them. Fisher's method combines the
exercises (Statistical Methods for Research Workers, 1932, section 21.1): for people who work alone,
the sum of -ln(rarity) follows an Erlang distribution. A rare pair is one to read, never a verdict.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograder.desk.fragments import Fragment

SCALE = 0.7  # fitted to people who work alone; benchmarks/similarity.py checks it
FEWEST = 10  # students; in a smaller class, nothing is rare
RARE = 0.05  # of an exercise that a summary counts
LISTED = -3.5  # log10 of the chance below which a pair is worth reading


class Key(NamedTuple):
    """Names an exercise: ``Key("1_derivatives", "1.2")``."""

    chapter: str
    exercise: str


@dataclass(frozen=True)
class Code:
    """What a student wrote for one exercise.

    Attributes
    ----------
    text : str
        The source of the exercise's cells.
    fragments : tuple of Fragment
        Without those that the course itself shows.
    """

    text: str
    fragments: tuple[Fragment, ...]

    @property
    def forms(self) -> frozenset[str]:
        """The fragments without their places."""
        return frozenset(found.form for found in self.fragments)


Class = Mapping[str, Mapping[Key, Code]]  # by student


@dataclass(frozen=True)
class Shared:
    """What two students share in one exercise.

    Attributes
    ----------
    key : Key
        The exercise.
    alike : float
        From 0 to 1, the part of both answers that is shared; what is rare in the class weighs most.
    rarity : float
        From 0 to 1, the part of their classmates who are as alike to one of them.
    """

    key: Key
    alike: float
    rarity: float


@dataclass(frozen=True)
class Pair:
    """Two students whose code is alike.

    Attributes
    ----------
    first, second : str
        The students, in alphabetical order.
    chance : float
        log10 of the chance that two who work alone are as alike.
    shared : tuple of Shared
        The exercises that both answered, the rarest first.
    """

    first: str
    second: str
    chance: float
    shared: tuple[Shared, ...]

    def summary(self) -> str:
        """Return in words how alike they are."""
        count = len(self.shared)
        mean = sum(found.alike for found in self.shared) / count
        rare = sum(found.rarity <= RARE for found in self.shared)
        return (
            f"{100 * mean:.0f} % alike in {count} exercise{'' if count == 1 else 's'} "
            "that both answered; "
            f"in {rare} of them, at most {100 * RARE:.0f} % of the others come as close"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it; ``log10_chance`` and ``rarity`` are small for what is rare."""
        return {
            "students": [self.first, self.second],
            "log10_chance": round(self.chance, 2),
            "exercises": [
                {**found.key._asdict(), "alike": round(found.alike, 3),
                 "rarity": round(found.rarity, 4)}
                for found in self.shared
            ],
        }  # fmt: skip


def find_pairs(
    students: Class,
    most: int = 50,
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> list[Pair]:
    """Return the pairs that are worth reading, the least likely first.

    Parameters
    ----------
    students
        A class; what is missing was not answered.
    most
        How many to return at most.
    on_progress
        Called after each exercise with the number done, the total, and its name.
    """
    names = sorted(students)
    keys = sorted({key for answers in students.values() for key in answers})
    chances = chances_of(students, names, keys, on_progress)
    rows, columns = np.nonzero(np.triu(chances <= LISTED, k=1))
    order = np.argsort(chances[rows, columns], kind="stable")[:most]
    chosen = [(int(rows[n]), int(columns[n])) for n in order]
    shared: dict[tuple[int, int], list[Shared]] = {place: [] for place in chosen}
    for key in keys if chosen else ():
        alike, rarity = _compare(students, names, key)
        for place in chosen:
            if rarity[place] > 0:
                shared[place].append(Shared(key, float(alike[place]), float(rarity[place])))
    return [
        Pair(
            names[place[0]], names[place[1]], float(chances[place]),
            tuple(sorted(shared[place], key=lambda found: (found.rarity, -found.alike))),
        )
        for place in chosen
    ]  # fmt: skip


def chances_of(
    students: Class,
    names: Sequence[str],
    keys: Collection[Key],
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> np.ndarray:
    """Return, for each two students, log10 of the chance that two who work alone are as alike.

    Returns
    -------
    ndarray, shape (students, students)
        In the order of `names`.
    """
    total = np.zeros((len(names), len(names)))
    steps = np.zeros((len(names), len(names)), dtype=int)
    for done, key in enumerate(keys, 1):
        rarity = _compare(students, names, key)[1]
        answered = rarity > 0
        total[answered] -= np.log(rarity[answered])
        steps += answered
        on_progress(done, len(keys), f"{key.chapter} {key.exercise}")
    return np.vectorize(erlang_tail, otypes=[float])(total / SCALE, steps)


def _compare(students: Class, names: Sequence[str], key: Key) -> tuple[np.ndarray, np.ndarray]:
    """Return how alike each two answers to an exercise are, and how rare that is.

    A rarity of 0 says that one of the two has no answer.
    """
    found = [students[name].get(key) for name in names]
    forms = [code.forms if code else frozenset() for code in found]
    there = np.array([bool(form) for form in forms])
    alike = likeness(forms)
    return alike, rarities(alike, there)


def rarities(alike: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return, for each two answers, the part of the others that is as alike to one of them.

    Parameters
    ----------
    alike : ndarray, shape (students, students)
        How alike each two are.
    there : ndarray of bool, shape (students,)
        Who answered.

    Returns
    -------
    ndarray, shape (students, students)
        The greater of both students' parts; 0 where one has no answer.
    """
    parts = np.zeros_like(alike)
    places = np.flatnonzero(there)
    for place in places:
        others = places[places != place]
        if len(others):
            ordered = np.sort(alike[place, others])
            fewer = np.searchsorted(ordered, alike[place, others] - 1e-6)
            parts[place, others] = 1 - fewer / len(others)
    return np.maximum(parts, parts.T)


def erlang_tail(total: float, steps: int) -> float:
    """Return log10 of the chance that a sum of `steps` unit exponentials exceeds `total`.

    Examples
    --------
    >>> round(erlang_tail(3.0, 1), 4)  # exp(-3)
    -1.3029
    """
    if total <= 0 or steps < 1:
        return 0.0
    logs = [k * math.log(total) - math.lgamma(k + 1) for k in range(steps)]
    top = max(logs)
    return min(0.0, (top + math.log(sum(math.exp(v - top) for v in logs)) - total) / math.log(10))


def likeness(answers: Sequence[frozenset[str]]) -> np.ndarray:
    """Return how alike each two answers are: the part of their fragments' weight they share.

    Parameters
    ----------
    answers
        The fragments of each student's answer to one exercise.

    Returns
    -------
    ndarray, shape (students, students)
        From 0 to 1. A fragment that all share weighs nothing.
    """
    counts = Counter(form for answer in answers for form in answer)
    everyone = len(answers)
    weights = {form: math.log2((everyone + 1) / count) for form, count in counts.items()}
    common = {form: n for n, form in enumerate(f for f, c in counts.items() if c > 1)}
    held = np.zeros((everyone, len(common)), dtype=np.float32)
    for row, answer in enumerate(answers):
        for form in answer:
            if form in common:
                held[row, common[form]] = math.sqrt(weights[form])
    own = np.array([sum(weights[form] for form in answer) for answer in answers])
    shared = (held @ held.T).astype(float)
    norm = np.sqrt(np.outer(own, own))
    return np.divide(shared, norm, out=np.zeros_like(shared), where=norm > 0)
