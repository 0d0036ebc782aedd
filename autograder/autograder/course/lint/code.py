"""Code that a student reads or runs: syntax, length, regions, tags."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.course.lint.names import bound_names, needed_later
from autograder.course.notebooks import HIDDEN_TESTS, SOLUTION, Cell, only_shows

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 15, 25  # 25: the backward pass of a layer


def code_problems(cells: list[Cell]) -> Iterator[str]:
    """Yield syntax errors, cells that are too long, unbalanced marks of regions."""
    for cell in cells:
        if cell.kind == "markdown":
            continue
        try:
            tree = cell.tree()
        except SyntaxError as error:
            yield f"cell {cell.id}: syntax error in line {error.lineno}: {error.msg}; correct it"
            continue
        yield from _length_problems(cell, tree)
        for kind, region in (("solution", SOLUTION), ("test", HIDDEN_TESTS)):
            begin = cell.source.count(region.begin)
            if begin != cell.source.count(region.end):
                yield (
                    f"cell {cell.id}: BEGIN {region.name} without its END, or the reverse; "
                    "add the other mark"
                )
            if begin and cell.kind != kind:
                yield (
                    f"cell {cell.id}: BEGIN {region.name} in a {cell.kind} cell; "
                    f"it belongs in a {kind} cell"
                )


def _length_problems(cell: Cell, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if cell.kind in ("solution", "code") and isinstance(node, ast.FunctionDef):
            if (count := lines_of(node, cell.source)) > MOST_LINES_OF_A_FUNCTION:
                yield (
                    f"cell {cell.id}: {node.name} has {count} lines; "
                    f"split it, {MOST_LINES_OF_A_FUNCTION} is the most"
                )
    loose = [n for n in tree.body if not isinstance(n, ast.FunctionDef | ast.ClassDef)]
    count = sum(lines_of(node, cell.source) for node in loose)
    if cell.kind == "code" and count > MOST_LINES:
        yield f"cell {cell.id}: {count} lines of code; split it, {MOST_LINES} is the most"


def lines_of(node: ast.stmt, source: str) -> int:
    """Return the lines of code of a statement: no docstrings, comments or blank lines."""
    lines = set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    for part in ast.walk(node):
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant):
            lines -= set(range(part.lineno, (part.end_lineno or part.lineno) + 1))
    text = source.split("\n")
    return sum(bool(t := text[n - 1].strip()) and not t.startswith("#") for n in lines)


def tag_problems(cells: list[Cell]) -> Iterator[str]:
    """Yield unknown tags, and where a later cell needs one that is not run when grading."""
    kinds = ("setup", "solution", "given", "test", "code")
    needed = needed_later(cells, kinds, but=only_shows)
    for cell, later in zip(cells, needed, strict=True):
        tags = cell.raw["metadata"].get("tags", [])
        if set(tags) - {"setup", "figure"}:
            yield f"cell {cell.id}: unknown tags {tags}; use setup or figure"
        if "figure" not in tags:
            continue
        if cell.kind != "code":
            yield f"cell {cell.id}: tagged figure, but it is a {cell.kind} cell; remove the tag"
            continue
        for name in sorted(bound_names(cell.tree()) & later):
            yield f"cell {cell.id}: tagged figure, but a later cell reads {name}; remove the tag"
