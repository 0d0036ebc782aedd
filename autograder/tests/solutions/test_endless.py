"""A function that loops without end costs what it would cost if it had been left empty."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from tests.tools.endless import LIMITS, Function, all_functions, points_of

from autograder.engine.controller import Engine
from autograder.layout import Layout

LAYOUT = Layout.here()
SEED = 12  # `benchmarks/endless.py` tries all


def sample() -> list[Function]:
    """Return a function of each chapter, drawn from all."""
    everything = list(all_functions(LAYOUT))
    random.Random(SEED).shuffle(everything)
    return list({function.chapter: function for function in everything}.values())


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(1) as engine:
        yield engine


@pytest.mark.slow
@pytest.mark.parametrize("function", sample(), ids=str)
def test_an_endless_loop_costs_what_an_empty_function_does(engine, function):
    empty = points_of(engine, function, "raise NotImplementedError()")
    assert points_of(engine, function, "while True: pass", LIMITS) == empty
    assert 0 < sum(empty.values())
