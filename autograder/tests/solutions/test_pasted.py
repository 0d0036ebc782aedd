"""No answer on the page: what a student can see earns nothing where something else is asked for."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from tests.tools.rehearsal import rehearse

import byhand
from autograder.course.notebooks import Cell, Exercise, exercises_of, read_cells
from autograder.layout import Layout

LAYOUT = Layout.here()
# What is asked for is the argument as it is, or any generic arrays at all.
RIGHT_ANYWAY = {
    "as_float of the page as linear_jacobian",
    "byhand.explorers.backprop.boundary.two_moons as counterexample_2",
}


@cache
def public_functions() -> dict[str, tuple[str, Callable[..., Any]]]:
    """Return the functions of byhand that a notebook may import: how, and what they are."""
    found = {}
    for module in pkgutil.walk_packages(byhand.__path__, "byhand."):
        if module.name.startswith("byhand.exercises"):
            continue
        names = vars(importlib.import_module(module.name))
        for name, value in names.items():
            if inspect.isfunction(value) and value.__module__ == module.name and name[0] != "_":
                found[f"{module.name}.{name}"] = (
                    f"from {module.name} import {name} as pasted",
                    value,
                )
    return found


def functions_in(cell: Cell) -> dict[str, tuple[str, ast.FunctionDef]]:
    """Return the functions that a cell defines, with their sources."""
    return {
        node.name: (ast.get_source_segment(cell.source, node) or "", node)
        for node in cell.tree().body
        if isinstance(node, ast.FunctionDef)
    }


def takes(function: Callable[..., Any], count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def pasted(released: list[Cell], name: str, count: int) -> Iterator[tuple[str, str]]:
    """Yield (what, source) of everything on the page that takes as many arguments."""
    for cell in released:
        for other, (source, node) in functions_in(cell).items() if cell.kind != "markdown" else ():
            least = len(node.args.args) - len(node.args.defaults)
            if other != name and least <= count <= len(node.args.args):
                yield f"{other} of the page", f"{source}\npasted = {other}"
    for other, (source, function) in public_functions().items():
        if takes(function, count):
            yield other, source


def earned(cells: list[Cell], exercise: Exercise, cell: Cell, source: str) -> list[str]:
    """Return the tests of an exercise that give points for a pasted answer."""
    setups = [c for c in cells if c.kind in ("setup", "given")]
    outcomes = rehearse([*setups, cell, *exercise.of_kind("test")], {cell.id: source})
    return [name for name, outcome in outcomes.items() if outcome.points]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("chapter", LAYOUT.chapters())
def test_nothing_that_students_can_see_earns_a_point(chapter: str) -> None:
    cells, released = read_cells(LAYOUT.source(chapter)), read_cells(LAYOUT.released(chapter))
    stubs = {cell.id: cell.source for cell in released}
    found = {}
    for exercise in exercises_of(cells):
        for cell in exercise.of_kind("solution"):
            for name, (_, node) in functions_in(cell).items():
                needed = len(node.args.args) - len(node.args.defaults)
                for what, source in pasted(released, name, needed):
                    answer = (
                        f"{stubs[cell.id]}\n\n{source}\n\n"
                        f"def {name}(*args, **named):\n    return pasted(*args, **named)\n"
                    )
                    if tests := earned(cells, exercise, cell, answer):
                        found[f"{what} as {name}"] = tests
    assert {what: tests for what, tests in found.items() if what not in RIGHT_ANYWAY} == {}


def test_the_functions_of_byhand_are_among_what_is_pasted() -> None:
    assert {"byhand.differences.derivatives.derivative", "byhand.figures.show"} <= set(
        public_functions()
    )


def test_an_answer_that_measures_is_told_so() -> None:
    cells = read_cells(LAYOUT.source("1_derivatives"))
    (exercise,) = (e for e in exercises_of(cells) if e.number == "1.4")
    (cell,) = exercise.of_kind("solution")
    source = "from byhand.differences import derivative\n" + cell.source.replace(
        "return np.exp(x)", "return derivative(np.exp, x).value"
    )
    setups = [c for c in cells if c.kind == "setup"]
    outcomes = rehearse([*setups, cell, *exercise.of_kind("test")], {cell.id: source})
    error = outcomes["exp-derivative-test"].error
    assert isinstance(error, RuntimeError)
    assert "derivative of byhand.differences can't be used inside an answer" in str(error)
