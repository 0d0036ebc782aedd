"""A notebook with every way in which a test reaches a student's code, and who hands it in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("autograder.engine.sandbox.linux", reason="the engine needs Linux")

from autograder.engine.controller import Engine, Limits
from autograder.engine.result import Result

MARK = "hidden words 8c1f"  # found in hidden tests only
EXPECTED = 71_289.0  # an expected value found nowhere but in a hidden test

SETUP = """import warnings

import numpy as np

from byhand.checks import CheckFailed, check_close, check_unchanged, scenario, supplied
from byhand.differences import derivative"""
SOLUTIONS = {
    "square": '''def square(x):
    """Return x * x."""
    return x * x''',
    "cube": '''def cube(x):
    """Return x * x * x."""
    return x * x * x''',
    "slope": '''def slope(f, x, h):
    """Return the slope of f from x to x + h."""
    return (f(x + h) - f(x)) / h''',
    "step": '''def step(parameters, gradients, rate):
    """Change the parameters in place."""
    for name in parameters:
        parameters[name] -= rate * gradients[name]''',
    "counter": '''class Counter:
    """Counts."""

    def __init__(self):
        self.count = 0

    def add(self, number):
        self.count += number
        return self''',
}
TESTS = {
    "square": f'''"""Squares."""
check_close(square(2.0), 4.0, what="square(2.0)")
check_close(square(np.array([1.0, -3.0])), [1.0, 9.0], what="square(x)")
### BEGIN HIDDEN TESTS
# {MARK}
check_close(square(267.0), {EXPECTED!r}, what="square(x)", hint="times itself")
### END HIDDEN TESTS''',
    "cube": '''"""Cubes, with a trusted square in the place of the student's."""
with supplied(square=lambda x: x * x):
    check_close(cube(2.0), 8.0, what="cube(2.0)")
    assert abs(cube(-1.0) + 1.0) < 1e-12''',
    "slope": '''"""A function is lent."""
check_close(slope(lambda x: 3 * x, 1.0, 0.5), 3.0, what="slope(f, 1.0, 0.5)")
check_close(slope(np.square, 1.0, 1.0), 3.0, what="slope(np.square, 1.0, 1.0)")''',
    "step": '''"""Arguments are changed in place."""
parameters = {"W": np.ones((2, 2)), "b": np.zeros(2)}
kept = parameters["W"]
step(parameters, {"W": np.ones((2, 2)), "b": np.ones(2)}, 0.5)
check_close(kept, np.full((2, 2), 0.5), what="W")
check_close(parameters["b"], [-0.5, -0.5], what="b")''',
    "counter": '''"""A class is tested by a scenario."""


@scenario
def count(numbers):
    counter = Counter()
    for number in numbers:
        counter.add(number)
    return counter.count


assert count([1, 2, 3]) == 6''',
}
POINTS = {"square": 2, "cube": 3, "slope": 1, "step": 2, "counter": 1}
ALL = float(sum(POINTS.values()))


def code(source: str, name: str | None = None, **marks: Any) -> dict:
    """Return a code cell."""
    metadata: dict[str, Any] = {}
    if marks:
        metadata["nbgrader"] = {"grade_id": name, "schema_version": 3, "task": False} | marks
    cell = {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [],
            "execution_count": None}  # fmt: skip
    return cell | ({"id": name} if name else {})


def notebook(cells: list[dict]) -> bytes:
    """Return cells as a notebook file."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    for number, cell in enumerate(cells):
        cell.setdefault("id", f"extra-{number}")
    return json.dumps(
        {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    ).encode()


def cells_of(solutions: dict[str, str]) -> list[dict]:
    """Return the cells of the notebook with these solutions."""
    imports = code(SETUP, "imports", grade=False, solution=False, locked=True)
    imports["metadata"]["tags"] = ["setup"]
    title = {"cell_type": "markdown", "id": "title", "source": "# Powers", "metadata": {}}
    cells = [title, imports]
    for name, test in TESTS.items():
        cells.append(code(solutions[name], name, grade=False, solution=True, locked=False))
        marks = {"grade": True, "solution": False, "locked": True, "points": POINTS[name]}
        cells.append(code(test, f"{name}-test", **marks))
    return cells


SOURCE = notebook(cells_of(SOLUTIONS))
UNSOLVED = dict.fromkeys(SOLUTIONS, "raise NotImplementedError()")


def hand_in(first: tuple[str, ...] | list[str] = (), solved: bool = True, **answers: str) -> bytes:
    """Return a submission: cells to put before everything else, and answers by their names."""
    cells = cells_of((SOLUTIONS if solved else UNSOLVED) | answers)
    return notebook([*map(code, first), *cells])


class Class:
    """An engine with one slot, and the students that hand in to it one after the other."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.has_scratch = any(p.in_force for p in engine.protections if p.name == "scratch folder")

    def examine(self, submission: bytes, limits: Limits | None = None) -> Result:
        """Return what a submission comes to."""
        return self.engine.examine(SOURCE, submission, limits or Limits(10.0, 60.0))

    def attack(self, submission: bytes, limits: Limits | None = None) -> Result:
        """Return what a submission comes to, once the next student has got all points."""
        result = self.examine(submission, limits)
        honest = self.examine(hand_in())  # by the same slot
        assert (honest.points, honest.flags) == (ALL, [])
        assert all(not cell.output for cell in honest.cells)
        return result


@pytest.fixture(scope="session")
def small() -> SimpleNamespace:
    """Return the small notebook: its source, its parts, and how to hand it in."""
    return SimpleNamespace(
        SOURCE=SOURCE, SOLUTIONS=SOLUTIONS, TESTS=TESTS, POINTS=POINTS, ALL=ALL, MARK=MARK,
        EXPECTED=EXPECTED, hand_in=hand_in, cells_of=cells_of, code=code, notebook=notebook,
    )  # fmt: skip


@pytest.fixture(scope="session")
def students() -> Iterator[Class]:
    """Yield a class on an engine with one slot, which starts once in each worker."""
    with Engine(1) as engine:
        yield Class(engine)


@pytest.fixture(scope="session")
def points_of() -> Callable[[Result], dict[str, float]]:
    """Return a function that maps each exercise of a result to its points."""

    def read(result: Result) -> dict[str, float]:
        return {cell.id.removesuffix("-test"): cell.points for cell in result.tests}

    return read
