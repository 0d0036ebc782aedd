"""Predict, then see: the question of an explorer, and how an answer compares with the truth.

Each explorer has one prediction: a choice (`Choose`), a number (`Number`) or a place on its
picture (`Marker`). The explorer computes the truth; a prediction knows the question, how to write
an answer, and how to compare two of them in one sentence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Answer", "Choose", "Marker", "Number", "Prediction"]

Answer = str | float


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A question that is asked before the controls open.

    Attributes
    ----------
    question : str
        What is asked, in one or two sentences.
    outcome : str
        What turns out, without a full stop: ``"{truth} of 16 digits survive"``.
    explanation : str
        Why it turns out so, in a sentence or two.
    """

    question: str
    explanation: str
    outcome: str = "it is {truth}"

    def written(self, answer: Answer) -> str:
        """Return an answer as text."""
        raise NotImplementedError

    def is_right(self, guess: Answer, truth: Answer) -> bool:
        """Return whether a guess counts as right."""
        return self.written(guess) == self.written(truth)

    def compare(self, guess: Answer | None, truth: Answer) -> str:
        """Return one sentence about guess and truth; a guess of None was skipped."""
        outcome = self.outcome.format(truth=self.written(truth))
        if guess is None:
            return f"Shown without a prediction: {outcome}."
        said = f"You said {self.written(guess)}"
        if self.written(guess) == self.written(truth):
            return f"{said}, and you are right: {outcome}."
        if self.is_right(guess, truth):
            return f"{said}, which is close: {outcome}."
        return f"{said}; {outcome}{self._distance(guess, truth)}."

    def _distance(self, guess: Answer, truth: Answer) -> str:
        return ""


@dataclass(frozen=True, kw_only=True)
class Choose(Prediction):
    """One of two to five options.

    Attributes
    ----------
    options : tuple of str
        The options in words, without a capital and a full stop.
    """

    options: tuple[str, ...]
    outcome: str = "in fact {truth}"

    def written(self, answer: Answer) -> str:
        """Return the option in quotation marks."""
        return f"“{answer}”"

    def compare(self, guess: Answer | None, truth: Answer) -> str:
        """Return one sentence about guess and truth, which does not say the same thing twice."""
        if guess is not None and guess == truth:
            return f"You said {self.written(guess)}, and you are right."
        outcome = self.outcome.format(truth=truth)
        if guess is None:
            return f"Shown without a prediction: {outcome}."
        return f"You said {self.written(guess)}; {outcome}."


@dataclass(frozen=True, kw_only=True)
class Number(Prediction):
    """A number in a range.

    Attributes
    ----------
    label : str
        The accessible name of the field.
    low, high : float
        The range.
    unit : str
        What follows the number, with the space that belongs before it.
    close : float
        How far off counts as right: a difference, on a log scale a factor.
    log : bool
        Whether factors count, not differences.
    whole : bool
        Whether only whole numbers make sense.
    period : float or None
        After which the numbers begin again, as 360 for degrees.
    """

    label: str
    low: float
    high: float
    unit: str = ""
    close: float = 0.0
    log: bool = False
    whole: bool = False
    period: float | None = None

    def written(self, answer: Answer) -> str:
        """Return the number with its unit."""
        number = float(answer)
        text = f"{number:.0f}" if self.whole else f"{number:.{2 if self.log else 3}g}"
        return f"{text}{self.unit}".replace("-", "−")

    def is_right(self, guess: Answer, truth: Answer) -> bool:
        """Return whether a guess is close enough."""
        if super().is_right(guess, truth):
            return True
        if self.log:
            return abs(self._decades(guess, truth)) <= math.log10(self.close or 1)
        return self._off(guess, truth) <= self.close

    def _off(self, guess: Answer, truth: Answer) -> float:
        off = abs(float(guess) - float(truth))
        return min(off, self.period - off) if self.period else off

    @staticmethod
    def _decades(guess: Answer, truth: Answer) -> float:
        return math.log10(float(guess) / float(truth))

    def _distance(self, guess: Answer, truth: Answer) -> str:
        if not self.log:
            return f", so you are off by {self.written(self._off(guess, truth))}"
        decades = self._decades(guess, truth)
        side = "large" if decades > 0 else "small"
        if abs(decades) < 1.5:
            return f", so yours is too {side} by a factor of {10 ** abs(decades):.2g}"
        return f", so yours is too {side} by {abs(decades):.0f} powers of ten"


@dataclass(frozen=True, kw_only=True)
class Marker(Number):
    """A number that is shown on the picture while a slider moves it.

    Attributes
    ----------
    start : float
        Where the marker is at first.
    step : float
        One press of an arrow key; on a log scale in decades.
    """

    start: float
    step: float
