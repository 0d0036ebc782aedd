"""A sound little chapter, of which a test changes one cell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course.lint import problems

SOLUTION = '''def double(x):
    """Return 2 x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
'''

TEST = '''"""Exercise 9.1 · double (2 points)"""
@scenario
def twice(x):
    return double(double(x))

check_close(double(3.0), 6.0, what="double(3.0)")
check_close(twice(1.0), 4.0, what="twice")
'''

SOUND = [
    ("title", "md", "# 9 · Double\n\nYou'll do, You'll learn, You'll need. About 5 minutes."),
    ("symbols", "md", "| symbol | code | shape | meaning |\n|---|---|---|---|"),
    ("imports", "setup", "import numpy as np\nfrom byhand.checks import check_close, scenario"),
    ("part", "md", "## Part"),
    ("heading", "md", "### Exercise 9.1 · Double a number (2 points)\n\n*About 1 minute.*"),
    ("double", "solution", SOLUTION),
    ("double-try", "code", "double(2.0)  # expect 4"),
    ("double-test", "test", TEST),
    ("progress-text", "md", "## How far"),
    ("progress", "code", "progress.show()"),
    ("end", "md", "## Where to read on"),
]


def marks(name: str, **more: object) -> dict:
    grading = {"grade_id": name, "schema_version": 3, "task": False, "grade": False}
    return {"nbgrader": {**grading, "solution": False, "locked": True, **more}}


def new_cell(name: str, kind: str, source: str) -> nbformat.NotebookNode:
    if kind == "md":
        return new_markdown_cell(source, id=name)
    metadata = {
        "setup": marks(name) | {"tags": ["setup"]},
        "solution": marks(name, solution=True, locked=False),
        "given": marks(name),
        "code": {},
        "test": marks(name, grade=True, points=2),
    }[kind]
    return new_code_cell(source, id=name, metadata=metadata)


class Chapter:
    """The sound chapter in a file; cells can be replaced, inserted and changed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "9_double.ipynb"
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        cells = [new_cell(*cell) for cell in SOUND]
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), self.path)

    def edit(self, change: Callable[[list], None]) -> Chapter:
        raw = json.loads(self.path.read_text("utf-8"))
        change(raw["cells"])
        self.path.write_text(json.dumps(raw), "utf-8")
        return self

    def put(self, name: str, kind: str, source: str) -> Chapter:
        """Put another cell in the place of one."""
        return self.edit(lambda c: c.__setitem__(_at(c, name), new_cell(name, kind, source)))

    def insert(self, before: str, name: str, kind: str, source: str) -> Chapter:
        return self.edit(lambda c: c.insert(_at(c, before), new_cell(name, kind, source)))

    def update(self, name: str, **fields: object) -> Chapter:
        """Set fields of a cell, as they are in the file."""
        return self.edit(lambda c: c[_at(c, name)].update(fields))

    def problems(self) -> list[str]:
        return problems(self.path)


def _at(cells: list, name: str) -> int:
    return next(k for k, cell in enumerate(cells) if cell["id"] == name)


@pytest.fixture
def chapter(tmp_path: Path) -> Chapter:
    return Chapter(tmp_path)
