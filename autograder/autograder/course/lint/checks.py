"""Checks that live in modules: short test cells, isolation, generic data.

These rules hold for a chapter whose set-up cell imports its checks from `byhand.exercises`.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.course.lint.isolation import (
    inside_scenarios,
    names_of,
    reach_problems,
    scenario_problems,
)
from autograder.course.notebooks import HIDDEN_TESTS, Cell

MOST_LINES = 6  # of a test cell, hidden tests aside
IMPORT = re.compile(r"^from byhand\.exercises import (\w+) as exercise$", re.MULTILINE)
EXCEPTION = "# not generic: "  # and why, at the end of a line
ALIKE = ("ones", "zeros", "eye", "identity", "full")
DRAWS = ("points", "standard_normal", "normal", "uniform")


def package_of(cells: list[Cell]) -> str | None:
    """Return the package of `byhand.exercises` that a chapter takes its checks from."""
    for cell in cells:
        if cell.kind == "setup" and (match := IMPORT.search(cell.source)):
            return match[1]
    return None


def check_problems(notebook: Path, cells: list[Cell]) -> Iterator[str]:
    """Yield problems of a chapter's test cells and of the modules that hold its checks."""
    package = package_of(cells)
    if package is None:
        return
    for cell in cells:
        if cell.kind == "test":
            yield from _cell_problems(cell)
    student, _, given = names_of(cells)
    known = student | given | set(dir(builtins))
    folder = notebook.parents[2] / "course" / "byhand" / "exercises" / package
    for file in sorted(folder.glob("*.py")):
        for line, problem in module_problems(file.read_text(encoding="utf-8"), known):
            yield f"{package}/{file.name}, line {line}: {problem}"


def _cell_problems(cell: Cell) -> Iterator[str]:
    visible = HIDDEN_TESTS.pattern.sub("", cell.source).strip().split("\n")
    if len(visible) > MOST_LINES:
        yield (
            f"cell {cell.id}: {len(visible)} lines that students see; {MOST_LINES} is the most: "
            "move the rest into byhand.exercises"
        )
    shown = {name for text in visible for name in re.findall(r"exercise\.(\w+)", text)}
    hidden = set(re.findall(r"exercise\.(\w+)", cell.source)) - shown
    for name in sorted(hidden):
        yield (
            f"cell {cell.id}: {name} is called by the hidden tests only; hidden tests repeat what "
            "students see: call it above too"
        )


def module_problems(source: str, known: set[str]) -> Iterator[tuple[int, str]]:
    """Yield (line, problem) of a module of checks.

    Parameters
    ----------
    source : str
        The module.
    known : set of str
        The names beside the student's code, which a scenario may read.
    """
    tree = ast.parse(source)
    lines = source.split("\n")
    inside = inside_scenarios(tree)
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for problem in scenario_problems(node, known):
            yield node.lineno, problem
        if id(node) in inside:
            continue
        words = [argument.arg for argument in node.args.args]
        if node.name[0] == "_" or "draw" not in words:
            continue
        student = set(words[: words.index("draw")])
        for part, problem in reach_problems(node, inside, student, set()):
            yield part.lineno, f"{node.name} {problem}"
        for line, problem in _generic_problems(node, student):
            if EXCEPTION not in lines[line - 1]:
                yield line, f"{problem}; or say why not: '{EXCEPTION}...'"


def _generic_problems(check: ast.FunctionDef, student: set[str]) -> Iterator[tuple[int, str]]:
    """Yield data on which another formula may agree, as far as the source shows it."""
    values = {
        target.id: node.value
        for node in ast.walk(check)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(check):
        if not isinstance(node, ast.Call):
            continue
        if ast.unparse(node.func).rpartition(".")[2] in DRAWS:
            yield from _shape_problems(node)
        for given in _given_to(node, student):
            given = values.get(given.id, given) if isinstance(given, ast.Name) else given
            if isinstance(given, ast.Call):
                if ast.unparse(given.func).removeprefix("np.") in ALIKE:
                    made = ast.unparse(given.func)
                    yield given.lineno, f"{made} makes all entries alike; draw them"
                given = given.args[0] if given.args else given  # np.array([[...]])
            if isinstance(given, ast.List) and _is_symmetric(given):
                yield (
                    given.lineno,
                    "a symmetric matrix hides a transposed one; make it asymmetric",
                )


def _given_to(call: ast.Call, student: set[str]) -> list[ast.expr]:
    """Return what a call gives to a student's function, itself or by a check."""
    arguments = [*call.args, *(word.value for word in call.keywords)]
    names = [node.id if isinstance(node, ast.Name) else "" for node in (call.func, *call.args)]
    return arguments if student & set(names[:2]) else []


def _shape_problems(call: ast.Call) -> Iterator[tuple[int, str]]:
    for argument in [*call.args, *(word.value for word in call.keywords)]:
        if not isinstance(argument, ast.Tuple):
            continue
        sizes = [n.value for n in argument.elts if isinstance(n, ast.Constant)]
        if len(sizes) > 1 and len(set(sizes)) < len(sizes):
            yield call.lineno, f"two sizes of {tuple(sizes)} are equal; make all different"
        elif len(sizes) > 1 and {1, 2} & set(sizes):
            yield call.lineno, f"a size of {tuple(sizes)} is 1 or 2; take 3 or more"


def _is_symmetric(node: ast.List) -> bool:
    """Return whether a list is a matrix of numbers, at least 2 by 2, equal to its transpose."""
    try:
        rows = ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    if len(rows) < 2 or not all(isinstance(row, list) and len(row) == len(rows) for row in rows):
        return False
    return [list(column) for column in zip(*rows, strict=True)] == rows
