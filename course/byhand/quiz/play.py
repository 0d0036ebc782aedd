"""What a notebook calls: show a quiz, and answer it by text where there are no buttons."""

from __future__ import annotations

import importlib

from byhand import progress
from byhand.quiz.rounds import Quiz, told

__all__ = ["MODULES", "another", "answer", "show", "warm_up"]

# of the chapters that have questions
MODULES = {
    "1_derivatives": "derivatives",
    "2_gradients": "gradients",
    "3_chain_rule": "chain_rule",
    "4_backprop": "backprop",
    "5_layer_gradients": "layer_gradients",
    "6_stability": "stability",
}
_shown: Quiz | None = None  # what `answer` and `another` are about


def show(chapter: str) -> None:
    """Ask five questions about a chapter; nothing happens in a grading run.

    Parameters
    ----------
    chapter : str
        Such as ``"1_derivatives"``.

    Raises
    ------
    ValueError
        If the chapter has no questions.
    """
    _open(chapter, "Quiz", "QUIZ")


def warm_up(chapter: str) -> None:
    """Ask three questions about what comes before a chapter; nothing happens in a grading run.

    Parameters
    ----------
    chapter : str
        Such as ``"1_derivatives"``.

    Raises
    ------
    ValueError
        If the chapter has no questions.
    """
    _open(chapter, "Warm-up", "WARM_UP")


def _open(chapter: str, title: str, name: str) -> None:
    global _shown
    if progress.grading():
        return
    if chapter not in MODULES:
        raise ValueError(f"there is no quiz for {chapter!r}; there is one for {', '.join(MODULES)}")
    from byhand.quiz.view import View  # and the widgets

    module = importlib.import_module(f"byhand.quiz.{MODULES[chapter]}")
    _shown = Quiz(title, getattr(module, name))
    View(_shown).display()


def answer(number: int, given: str | float) -> None:
    """Answer a question of the quiz shown last, by text; prints whether it is right, and why.

    Parameters
    ----------
    number : int
        Which question, counted from 1.
    given : str or float
        A letter, or a number.
    """
    if progress.grading():
        return
    quiz, index = _asked(number)
    print(told(quiz.answer(index, str(given))))


def another(number: int) -> None:
    """Draw other numbers for a question of the quiz shown last, and print it.

    Parameters
    ----------
    number : int
        Which question, counted from 1.
    """
    if progress.grading():
        return
    quiz, index = _asked(number)
    quiz.draw_again(index)
    print(quiz.text().split("\n\n")[index])


def _asked(number: int) -> tuple[Quiz, int]:
    if _shown is None:
        raise ValueError("no quiz is shown: run the cell with quiz.show or quiz.warm_up first")
    if not 1 <= number <= len(_shown.draws):
        raise ValueError(f"the questions are 1 to {len(_shown.draws)}, not {number}")
    return _shown, number - 1
