"""Every function of every answer, and notebooks in which one of them does something else."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course.notebooks import Cell, exercises_of, read_cells
from autograder.engine.controller import Engine, Limits
from autograder.layout import Layout

LIMITS = Limits(cell_seconds=1.0, notebook_seconds=60.0)


@dataclass(frozen=True)
class Function:
    """A function or method of an answer, by its line there."""

    chapter: str
    cell: Cell
    source: bytes
    name: str
    line: int

    def __str__(self) -> str:
        return f"{self.chapter} {self.cell.id} {self.name}"

    def with_body(self, body: str) -> bytes:
        """Return the notebook with another body in the place of the function's."""
        tree = self.cell.tree()
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.lineno == self.line:
                node.body = ast.parse(body).body
        notebook = json.loads(self.source)
        for cell in notebook["cells"]:
            if cell["id"] == self.cell.id:
                cell["source"] = ast.unparse(tree)
        return json.dumps(notebook).encode()


def all_functions(layout: Layout) -> Iterator[Function]:
    """Yield every function and method of every answer."""
    for chapter in layout.chapters():
        path = layout.source(chapter)
        for exercise in exercises_of(read_cells(path)):
            for cell in exercise.of_kind("solution"):
                for node in cell.tree().body:
                    members = node.body if isinstance(node, ast.ClassDef) else [node]
                    for member in members:
                        if isinstance(member, ast.FunctionDef):
                            source = path.read_bytes()
                            yield Function(chapter, cell, source, member.name, member.lineno)


def points_of(
    engine: Engine, function: Function, body: str, limits: Limits | None = None
) -> dict[str, float]:
    """Return the points of each test where a function has another body."""
    result = engine.examine(function.source, function.with_body(body), limits)
    return {cell.id: cell.points for cell in result.tests}
