"""The anatomy of an exercise: heading, solution, try-it cell, tests, points, numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.course.notebooks import HEADING, SOLUTION, Cell, Exercise
from byhand.progress import check_of

# What a person takes for an exercise's heading: a heading, or a line in bold, with the word.
LOOKS_LIKE_HEADING = re.compile(
    r"^ {0,3}(?:#+ *|\*\*|__)\W{0,3}exercise\b.*$", re.IGNORECASE | re.MULTILINE
)
FORM = "'### Exercise 1.2 · Title (3 points)', with ★ after the number of a stretch exercise"


def heading_problems(cells: list[Cell]) -> Iterator[str]:
    """Yield headings that look like an exercise's but aren't read as one."""
    for cell in cells:
        if cell.kind != "markdown":
            continue
        lines = LOOKS_LIKE_HEADING.findall(cell.source)
        for line in lines:
            if not HEADING.fullmatch(line):
                yield f"cell {cell.id}: {line.strip()!r} is not read as an exercise; write {FORM}"
        if len(lines) > 1:
            yield f"cell {cell.id}: {len(lines)} headings of exercises; give each its own cell"


def loose_test_problems(cells: list[Cell], exercises: list[Exercise]) -> Iterator[str]:
    """Yield test cells that no exercise holds."""
    inside = {cell.id for exercise in exercises for cell in exercise.cells}
    for cell in cells:
        if cell.kind == "test" and cell.id not in inside:
            yield f"cell {cell.id}: a test cell outside every exercise; put it below a heading"


def number_problems(exercises: list[Exercise], chapter: str) -> Iterator[str]:
    """Yield the first exercise that is not numbered in a row."""
    counted = [
        exercise
        for before, exercise in zip([None, *exercises], exercises, strict=False)
        if not (exercise.stretch and before and before.number == exercise.number)
    ]  # the stretch part of an exercise carries its number
    for k, exercise in enumerate(counted, start=1):
        if exercise.number != f"{chapter}.{k}":
            yield (
                f"cell {exercise.cells[0].id}: exercise {exercise.number}, where {chapter}.{k} is "
                f"expected; number them from {chapter}.1"
            )
            return


def anatomy_problems(exercise: Exercise) -> Iterator[str]:
    """Yield problems of an exercise's anatomy."""
    heading = f"cell {exercise.cells[0].id}"
    solutions, tests = exercise.of_kind("solution"), exercise.of_kind("test")
    if not exercise.minutes:
        yield f"{heading}: no '*About N minutes.*' below the heading; add it"
    for cell in exercise.of_kind("markdown"):
        if cell.source.count("<details>") > 3:
            yield f"cell {cell.id}: more than three hints; keep the three that help most"
    if not exercise.points and not tests:
        return  # something to run and read; nothing is graded
    if not solutions or not tests:
        yield f"{heading}: exercise {exercise.number} needs a solution cell and a test cell; add it"
        return
    for cell in solutions:
        yield from _solution_problems(exercise, cell)
    if (points := sum(cell.points for cell in tests)) != exercise.points:
        yield (
            f"{heading}: the heading says {exercise.points} points, its test cells add up to "
            f"{points}; correct one of them"
        )
    for cell in tests:
        check = check_of(cell.source)
        if not check or check.exercise != exercise.number or check.points != cell.points:
            yield (
                f"cell {cell.id}: its first line must be a docstring "
                f"'Exercise {exercise.number} · ... ({cell.points} points)'; write it"
            )


def _solution_problems(exercise: Exercise, cell: Cell) -> Iterator[str]:
    after = exercise.cells[exercise.cells.index(cell) + 1 :]
    if not after or after[0].kind != "code":
        yield f"cell {cell.id}: no try-it cell after this solution; add one"
    if SOLUTION.begin not in cell.source:
        yield f"cell {cell.id}: no BEGIN SOLUTION; mark what students do not get"
    for node in cell.tree().body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not ast.get_docstring(node):
            yield f"cell {cell.id}: {node.name} has no docstring; say what it returns"
