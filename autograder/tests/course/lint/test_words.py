from __future__ import annotations

import pytest

from autograder.course.lint.words import poor_words


@pytest.mark.parametrize(
    "text",
    [
        "the gradient of the loss by W",
        "the slope by $x$",
        "the derivative of ``x ** n`` by x",
        r"differentiate by $\theta$",
        "the gradients by its inputs",
        "mend the function",
        "run the cell\n    anew",
        "somebody else's work",
        "a folder of an own",
        "each has an own one",
        "hands it on to pytest",
        "one number is expected, an array came",
        "at the kink 1 came, the convention says otherwise",
        "grading takes up where it was stopped",
        "errs by 1 besides.",
        "the word behind the comma",
        "what stands in the file",
        "Where things lie",
        "a draft lies beside it",
    ],
)
def test_a_translated_phrase_is_found(text: str) -> None:
    assert list(poor_words(text))


@pytest.mark.parametrize(
    "text",
    [
        "the gradient with respect to W",
        "the gradient is divided by B",
        "the slope by a central difference",
        "derived by hand",
        "W stands for the weights",
        "the stub stands in for the answer",
        "x lies between a and b",
        "the point lies on the curve",
        "drawn behind the curves",
        "a recommendation came from the check",
        "its own folder",
        "hands-on exercises",
        "amend the commit",
        "besides the formula, its proof",
    ],
)
def test_a_legitimate_use_is_left_alone(text: str) -> None:
    assert list(poor_words(text)) == []


def test_a_finding_names_what_is_written_and_what_to_write() -> None:
    assert list(poor_words("Release it anew.")) == [("anew", "'again'")]
