"""A quiz as it is played: draw, answer, draw again; by buttons, or by text without them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from byhand import progress
from byhand.quiz.questions import LETTERS, Answered, Choice, Draw, Question

__all__ = ["WORDS", "Quiz", "told"]

WIDTH = 88
WORDS = {"right": "right", "chosen": "your answer", "other": "not this one"}


class Quiz:
    """A few questions with their present numbers and answers.

    Parameters
    ----------
    title : str
        Such as "Quiz"; its results are stored under it.
    draws : sequence of callable
        The questions.
    seed : int
        The numbers depend on it alone: whoever opens the notebook meets the same ones first.

    Attributes
    ----------
    questions : list of Choice or Number
        As they are drawn now.
    answers : list of Answered or None
        What was said of each answer; None while there is none.
    """

    def __init__(self, title: str, draws: Sequence[Draw], *, seed: int = 1) -> None:
        self.title, self.draws = title, draws
        self.rng = np.random.default_rng(seed)
        self.questions: list[Question] = [self._drawn(draw) for draw in draws]
        self.answers: list[Answered | None] = [None] * len(draws)

    def _drawn(self, draw: Draw) -> Question:
        return draw(self.rng).shuffled(self.rng)

    def draw_again(self, index: int) -> None:
        """Draw other numbers for a question, which is then open again."""
        before = self.questions[index].text
        while self.questions[index].text == before:
            self.questions[index] = self._drawn(self.draws[index])
        self.answers[index] = None

    def answer(self, index: int, written: str) -> Answered:
        """Answer a question and store the result; the first answer to the same numbers counts.

        Parameters
        ----------
        index : int
            Which question, counted from 0.
        written : str
            A letter, or a number.

        Raises
        ------
        ValueError
            If it is neither a letter of the question nor a number.
        """
        answered = self.questions[index].answered(written)
        if self.answers[index] is None:
            self.answers[index] = answered
            names = [draw.__name__ for draw in self.draws]
            progress.answered(self.title, names[index], answered.right, names)
        return answered

    def heading(self, index: int) -> str:
        """Return the number of a question, as text."""
        return f"{self.title}, question {index + 1} of {len(self.draws)}"

    def summary(self) -> str:
        """Return how many questions are answered, in a sentence."""
        given = [answer for answer in self.answers if answer is not None]
        right = sum(answer.right for answer in given)
        return f"Answered: {len(given)} of {len(self.draws)}, right: {right}. Not graded."

    def text(self) -> str:
        """Return all questions as plain text."""
        parts = []
        for index, question in enumerate(self.questions):
            lines = f"{self.heading(index)}. {question.text}".split("\n")
            if isinstance(question, Choice):
                options = zip(LETTERS, question.options, strict=False)
                lines += [f"   {letter}) {option.text}" for letter, option in options]
            parts.append("\n".join(map(_wrapped, lines)))
        return "\n\n".join(parts)


def _wrapped(line: str) -> str:
    return textwrap.fill(line.replace("`", ""), WIDTH, subsequent_indent=" " * 6)


def told(answered: Answered) -> str:
    """Return what is said of an answer as plain text."""
    lines = ["Right." if answered.right else "Not right."]
    for reason in answered.reasons:
        lines.append(_wrapped(f" - {reason.answer} ({WORDS[reason.state]}): {reason.reason}"))
    return "\n".join(lines)
