"""Questions whose answers are computed from drawn numbers, and what is said of an answer.

A chapter's question is a function that draws numbers from a Generator and returns a `Choice` or a
`Number`. Text between backticks is code; a question may have several lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np

__all__ = ["Answered", "Choice", "Draw", "Number", "Option", "Question", "Reason", "text_of"]

LETTERS = "abcdefgh"


def text_of(value: float, digits: int = 4) -> str:
    """Return a number as text, with a true minus sign.

    Examples
    --------
    >>> text_of(-0.25), text_of(3.0), text_of(1.5e-7)
    ('−0.25', '3', '1.5e−07')
    """
    return f"{value:.{digits}g}".replace("-", "−")


@dataclass(frozen=True)
class Option:
    """One answer to choose.

    Attributes
    ----------
    text : str
        The answer, in words.
    reason : str
        Why it is right or wrong; shown after answering.
    right : bool
        Whether it is the right one.
    """

    text: str
    reason: str
    right: bool = False


@dataclass(frozen=True)
class Reason:
    """What is said of one answer.

    Attributes
    ----------
    state : {"right", "chosen", "other"}
        The right answer, the wrong one that was given, or another wrong one.
    answer, reason : str
        The answer, and why it is right or wrong.
    """

    state: Literal["right", "chosen", "other"]
    answer: str
    reason: str


@dataclass(frozen=True)
class Answered:
    """What is said of an answer.

    Attributes
    ----------
    right : bool
        Whether it is right.
    reasons : tuple of Reason
        One for each choice, or those of a number.
    """

    right: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Choice:
    """A question with answers to choose from.

    Attributes
    ----------
    text : str
        The question.
    options : tuple of Option
        Exactly one is right.

    Raises
    ------
    ValueError
        If not exactly one option is right, or if two options say the same.
    """

    text: str
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        if sum(option.right for option in self.options) != 1:
            raise ValueError(f"exactly one option must be right: {self.text!r}")
        if len({option.text for option in self.options}) < len(self.options):
            raise ValueError(f"two options say the same: {self.text!r}")

    def shuffled(self, rng: np.random.Generator) -> Choice:
        """Return the question with its options in another order."""
        return Choice(self.text, tuple(self.options[k] for k in rng.permutation(len(self.options))))

    def answered(self, written: str) -> Answered:
        """Return what is said when an option is chosen by its letter.

        Raises
        ------
        ValueError
            If there is no such option.
        """
        letters = LETTERS[: len(self.options)]
        letter = written.strip().lower().rstrip(")")
        if len(letter) != 1 or letter not in letters:
            raise ValueError(f"choose one of the letters {', '.join(letters)}")
        chosen = letters.index(letter)
        reasons = []
        for k, option in enumerate(self.options):
            wrong: Literal["chosen", "other"] = "chosen" if k == chosen else "other"
            reasons.append(Reason("right" if option.right else wrong, option.text, option.reason))
        return Answered(self.options[chosen].right, tuple(reasons))


@dataclass(frozen=True)
class Number:
    """A question whose answer is a number.

    Attributes
    ----------
    text : str
        The question.
    answer : float
        The right answer.
    reason : str
        How it is found; shown after answering.
    slips : mapping of str to float
        What usual mistakes give, by the sentence that names each.
    rtol : float
        How far off an answer may be, relative to the right one.

    Raises
    ------
    ValueError
        If a slip gives the right answer.
    """

    text: str
    answer: float
    reason: str
    slips: Mapping[str, float] = field(default_factory=dict)
    rtol: float = 0.01

    def __post_init__(self) -> None:
        for said, number in self.slips.items():
            if self.is_close(number, self.answer):
                raise ValueError(f"a slip gives the right answer: {said!r}")

    def shuffled(self, rng: np.random.Generator) -> Number:
        """Return the question as it is: it has no options."""
        return self

    def is_close(self, given: float, to: float) -> bool:
        """Return whether two numbers agree within the tolerance."""
        return abs(given - to) <= self.rtol * abs(to) + 1e-12

    def answered(self, written: str) -> Answered:
        """Return what is said of a number, which may be a fraction or have a true minus sign.

        Raises
        ------
        ValueError
            If it is not a number.

        Examples
        --------
        >>> Number("How much?", -0.75, "Minus three quarters.").answered("−3/4").right
        True
        """
        given = _number(written)
        told = Reason("right", text_of(self.answer), self.reason)
        if self.is_close(given, self.answer):
            return Answered(True, (told,))
        slips = [said for said, number in self.slips.items() if self.is_close(given, number)]
        said = slips[0] if len(slips) == 1 else "See below how it is found."
        return Answered(False, (Reason("chosen", text_of(given, 6), said), told))


def _number(written: str) -> float:
    text = written.strip().replace("−", "-")
    try:
        number = float(Fraction(text) if "/" in text else text)
    except (ValueError, ZeroDivisionError, OverflowError):
        number = float("nan")
    if not np.isfinite(number):
        raise ValueError("write a number, such as 0.25, 1/4 or 2.5e-3")
    return number


Question = Choice | Number
Draw = Callable[[np.random.Generator], Question]
