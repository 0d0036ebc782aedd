"""A small course in a folder of its own: the commands are tested fast, on known notebooks."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder import cli
from autograder.gradebook.book import open_gradebook
from autograder.layout import Layout
from autograder.machine import chromium_path
from tests.tools.browser import chromium

# A busy machine is no failure.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")

CHAPTER = "1_powers"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start first what takes a minute, which at the end would keep one worker busy alone."""
    items.sort(key=lambda item: item.get_closest_marker("first") is None)


COMMAND = (
    "import sys, pathlib; from autograder import cli, layout; "
    "sys.exit(cli.main(sys.argv[2:], layout.Layout.of(pathlib.Path(sys.argv[1]))))"
)
SQUARE = '''def square(x):
    """Return x * x."""
    ### BEGIN SOLUTION
    return x * x
    ### END SOLUTION'''
OPENING = """# Powers

You'll do two powers and a bug hunt. You'll learn how to differentiate. You'll need nothing else.
About 10 minutes.

## Symbols

| symbol | code | shape | meaning |
|---|---|---|---|
| $x$ | `x` | number | what is raised to a power |"""
HEADING = "### Exercise {} · {} ({} points)\n\n*About 3 minutes.*"
END = "## What you built\n\nTwo powers.\n\n## Where to read on\n\nIn any book."
SHOW_PROGRESS = "from byhand import progress\n\nprogress.show()"
SQUARE_TEST = '''"""Exercise 1.1 · Squares. (2 points)"""
assert square(2) == 4
### BEGIN HIDDEN TESTS
assert square(-3) == 9
### END HIDDEN TESTS'''
CUBE = '''def cube(x):
    """Return x * x * x."""
    ### BEGIN SOLUTION
    return x * x * x
    ### END SOLUTION'''
CUBE_TEST = '''"""Exercise 1.2 · cubes (3 points)"""
assert cube(2) == 8'''
HUNT = '''def slope(x):
    """Return the slope of x * x. Wrong on purpose: find out where."""
    ### BEGIN SOLUTION
    return 2 * x
    ### RELEASE INSTEAD
    # if x < 0:
    #     return -2 * x
    # return 2 * x
    ### END SOLUTION'''
HUNT_TEST = '''"""Exercise 1.3 · the slope on the left side (1 point)"""
assert slope(-1) == -2'''


def _cell(source: str, name: str, *, solution: bool = False, points: float | None = None):
    marks = {
        "grade": points is not None,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        marks["points"] = points
    return new_code_cell(source, id=name, metadata={"nbgrader": marks})


def _heading(number: str, title: str, points: int):
    name = f"exercise-{number.replace('.', '-')}"
    return new_markdown_cell(HEADING.format(number, title, points), id=name)


def make_source() -> nbformat.NotebookNode:
    cells = [
        new_markdown_cell(OPENING, id="title"),
        _cell("import math", "setup"),
        _heading("1.1", "Square a number", 2),
        _cell(SQUARE, "square", solution=True),
        new_code_cell("square(5)", id="try-it"),
        _cell(SQUARE_TEST, "square-test", points=2),
        _heading("1.2", "Cube a number", 3),
        _cell(CUBE, "cube", solution=True),
        new_code_cell("cube(5)", id="cube-try"),
        _cell(CUBE_TEST, "cube-test", points=3),
        _heading("1.3", "Bug hunt", 1),
        _cell(HUNT, "hunt", solution=True),
        new_code_cell("slope(5)", id="hunt-try"),
        _cell(HUNT_TEST, "hunt-test", points=1),
        new_markdown_cell(END, id="summary"),
        new_code_cell(SHOW_PROGRESS, id="progress", metadata={"tags": ["figure"]}),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


@dataclass(frozen=True)
class Course:
    """A small course and what a person would do with it."""

    layout: Layout

    def write_source(self, notebook: nbformat.NotebookNode, chapter: str = CHAPTER) -> None:
        path = self.layout.source(chapter)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)

    def hand_in(self, student: str, content: str | bytes, chapter: str = CHAPTER) -> Path:
        path = self.layout.submission(student, chapter)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def register(self, chapter: str = CHAPTER) -> None:
        """Note a chapter's cells in the gradebook, as releasing and grading do."""
        from autograder.nbgrader import steps

        self.layout.work.mkdir(parents=True, exist_ok=True)
        with open_gradebook(self.layout) as gradebook:
            gradebook.prepare()
        steps.register(self.layout, chapter)

    def run(self, *argv: str) -> tuple[int, str]:
        """Return the status of a command and all that it printed."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            status = cli.main(argv, self.layout)
        return status, printed.getvalue()

    def start(self, *argv: str, **options: Any) -> subprocess.Popen:
        """Start a command in a process of its own; options are those of Popen."""
        command = [sys.executable, "-c", COMMAND, str(self.layout.root), *argv]
        return subprocess.Popen(command, **options)


@pytest.fixture(scope="session")
def make_course(tmp_path_factory) -> Callable[[], Course]:
    def make() -> Course:
        root = tmp_path_factory.mktemp("a course (of 2+)")  # names that patterns stumble over
        course = Course(Layout.of(root))
        (root / "course" / "byhand").mkdir(parents=True)
        (root / "course" / "byhand" / "__init__.py").write_text("")
        (root / "autograder").mkdir()
        course.write_source(make_source())
        return course

    return make


@pytest.fixture
def course(make_course) -> Course:
    return make_course()


@pytest.fixture(scope="session")
def answers() -> Callable[..., str]:
    """Return a function that makes a hand-in: the small course's notebook with these cells."""

    def fill(**sources: str) -> str:
        notebook = make_source()
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = sources.get(cell.id, "raise NotImplementedError()")
        return nbformat.writes(notebook)

    return fill


@pytest.fixture(scope="session")
def fingerprint() -> Callable[[Path], dict[str, tuple[str, int]]]:
    """Return a function that maps every file below a folder to its hash and time."""

    def read(folder: Path) -> dict[str, tuple[str, int]]:
        return {
            str(path.relative_to(folder)): (
                hashlib.sha256(path.read_bytes()).hexdigest(),
                path.stat().st_mtime_ns,
            )
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return read


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def browser():
    if chromium_path() is None:
        reason = "Chromium is not installed: install it or set CHROMIUM to its path"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with chromium() as running:
        yield running
