"""Finds pairs of students whose code is more alike than the rest of the class makes likely.

An answer tells little if many answers are alike, as short ones are by nature. So what two students
share in one answer is held against what each shares with everyone else: its *rarity* is the part
of their classmates who are at least as alike to one of them. For people who work alone, likeness /
rarity is 1 at most in the mean, for a copy it is 1 / rarity. As nobody knows which answers were
copied, each counts as 1/2 + 1/2 likeness / rarity, and their product is the *odds* for the pair: an
e-value (Vovk and Wang, E-values, Annals of Statistics 49, 2021), which a few copied answers raise
and the others hardly lower. A pair with high odds is one to read, never a verdict.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograder.desk.fragments import Fragment

COPIED = 0.5  # the part of the answers that a copier is thought to copy
COMMON = 0.4  # the rarity above which an answer is no evidence
CLOSE = 3  # the power of a likeness: half alike is hardly alike
FEWEST = 10  # students; in a smaller class, nothing is rare
ALIKE = 0.9  # of an answer that a summary counts
LISTED = 2.0  # log10 of the odds above which a pair is worth reading; see benchmarks/similarity.py


class Key(NamedTuple):
    """Names an answer: ``Key("1_derivatives", "1.2", "central-difference")``."""

    chapter: str
    exercise: str
    cell: str


@dataclass(frozen=True)
class Code:
    """What a student wrote as one answer.

    Attributes
    ----------
    text : str
        The source of the answer's cell, and of the student's own cells after it.
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
    """What two students share in one answer.

    Attributes
    ----------
    key : Key
        The answer.
    alike : float
        From 0 to 1, the part of both answers that is shared; what is rare in the class weighs most.
    rarity : float
        From 0 to 1, the part of their classmates who are as alike to one of them.
    """

    key: Key
    alike: float
    rarity: float

    @property
    def evidence(self) -> float:
        """How much more likely it is for a copy than for people who work alone."""
        return float(evidence(self.alike, self.rarity))


@dataclass(frozen=True)
class Pair:
    """Two students whose code is alike.

    Attributes
    ----------
    first, second : str
        The students, in alphabetical order.
    odds : float
        log10 of the odds for a copy.
    shared : tuple of Shared
        What both answered, the strongest evidence first.
    """

    first: str
    second: str
    odds: float
    shared: tuple[Shared, ...]

    def summary(self) -> str:
        """Return in words how alike they are."""
        alike = [found for found in self.shared if found.alike >= ALIKE]
        said = f"{len(alike)} of {len(self.shared)} answers are at least {ALIKE:.0%} alike"
        if alike:
            mean = sum(found.rarity for found in alike) / len(alike)
            said += f"; in those, {mean:.0%} of the class come as close on average"
        return said.replace("%", " %")

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it; ``rarity`` is small for what is rare."""
        return {
            "students": [self.first, self.second],
            "log10_odds": round(self.odds, 2),
            "answers": [
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
    """Return the pairs that are worth reading, the highest odds first.

    Parameters
    ----------
    students
        A class; what is missing was not answered.
    most
        How many to return at most.
    on_progress
        Called after each answer with the number done, the total, and its name.
    """
    names = sorted(students)
    keys = sorted({key for answers in students.values() for key in answers})
    odds = odds_of(students, names, keys, on_progress)
    rows, columns = np.nonzero(np.triu(odds >= LISTED, k=1))
    order = np.argsort(-odds[rows, columns], kind="stable")[:most]
    chosen = [(int(rows[n]), int(columns[n])) for n in order]
    shared: dict[tuple[int, int], list[Shared]] = {place: [] for place in chosen}
    for key in keys if chosen else ():
        alike, rarity = _compare(students, names, key)
        for place in chosen:
            if rarity[place] > 0:
                shared[place].append(Shared(key, float(alike[place]), float(rarity[place])))
    return [
        Pair(
            names[place[0]], names[place[1]], float(odds[place]),
            tuple(sorted(shared[place], key=lambda found: -found.evidence)),
        )
        for place in chosen
    ]  # fmt: skip


def odds_of(
    students: Class,
    names: Sequence[str],
    keys: Collection[Key],
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> np.ndarray:
    """Return, for each two students, log10 of the odds for a copy.

    Returns
    -------
    ndarray, shape (students, students)
        In the order of `names`.
    """
    total = np.zeros((len(names), len(names)))
    for done, key in enumerate(keys, 1):
        alike, rarity = _compare(students, names, key)
        answered = rarity > 0
        found = evidence(alike[answered], rarity[answered])
        total[answered] += np.log10(1 - COPIED + COPIED * found)
        on_progress(done, len(keys), f"{key.chapter} {key.exercise}")
    return total


def evidence(alike: np.ndarray | float, rarity: np.ndarray | float) -> np.ndarray:
    """Return how much more likely a likeness is for a copy than for people who work alone."""
    found = alike**CLOSE / rarity
    return np.where(rarity > COMMON, np.minimum(found, 1), found)


def _compare(students: Class, names: Sequence[str], key: Key) -> tuple[np.ndarray, np.ndarray]:
    """Return how alike each two students' answers are, and how rare that is.

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


def likeness(answers: Sequence[frozenset[str]]) -> np.ndarray:
    """Return how alike each two answers are: the part of their fragments' weight they share.

    Parameters
    ----------
    answers
        The fragments of each student's answer.

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
