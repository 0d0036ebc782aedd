"""A usual slip is called by its name on the card that a student sees."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course.answers import read_answers
from byhand.checks import CheckFailed
from byhand.exercises import backprop, layer_gradients

ANSWERS = Path(__file__).parents[1] / "answers"
AT_ONCE = "each share is passed on as it arrives"


@cache
def written(chapter: str, cell: str, name: str) -> dict[str, Any]:
    """Return what a wrong answer defines."""
    (answer,) = (
        answer
        for answer in read_answers(ANSWERS / f"{chapter}.py")
        if (answer.cell, answer.name) == (cell, name)
    )
    names: dict[str, Any] = {"np": np}
    exec(answer.source, names)
    return names


@pytest.mark.parametrize(
    ("check", "named", "cell", "title", "words"),
    [
        (backprop.linear_first_weights, "Linear", "linear", "standard deviation 2 / n_in",
         "take its square root"),
        (backprop.value_accumulate, "Value", "value", AT_ONCE, "let it wait for all"),
        (backprop.value_order, "Value", "value", AT_ONCE, "let it wait for all"),
        (backprop.value_twice, "Value", "value", "inner not reset",
         "inner numbers keep their old gradient"),
        (layer_gradients.conv2d_backward_input, "conv2d_backward", "conv2d-backward",
         "[padding:-padding] with padding 0", "is empty where padding is 0"),
    ],
)  # fmt: skip
def test_a_usual_slip_is_named(check, named, cell, title, words) -> None:
    chapter = "4_backprop" if check.__name__ in dir(backprop) else "5_layer_gradients"
    with pytest.raises(CheckFailed) as failure:
        check(written(chapter, cell, title)[named])
    assert words in f"{failure.value.likely} {failure.value.hint}"
