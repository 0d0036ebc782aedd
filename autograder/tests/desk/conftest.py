"""A class of made-up people on a course of two chapters, and what makes downloads of it."""

from __future__ import annotations

import copy
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import pytest
from tests.conftest import CHAPTER, Course, make_source

SECOND = "2_roots"
CLASS = """
time_zone = "Europe/Berlin"

[due]
1_powers = 2026-10-12
2_roots = 2026-10-26T18:00:00

[students]
ada = { name = "Ada Lovelace", email = "ada@example.org", ids = ["12345", "m001", "ada-l"] }
jmueller = { name = "Jörg Müller", ids = ["12346", "Participant 9002"] }
zoe = { name = "Zoë Łukasiewicz-Strauß", email = "zoe@example.org", ids = ["Participant 9003"] }
wei1 = { name = "Wei Zhang", email = "wei1@example.org" }
wei2 = { name = "Wei Zhang", email = "wei2@example.org" }
conor = { name = "Conor O'Neill", formerly = ["coneill"] }
maria = { name = "María del Carmen García López" }
"""


def write_zip(path: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write a zip; a name may end with / for a folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_folder(path: Path, files: Mapping[str, bytes | str]) -> Path:
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def second_source() -> nbformat.NotebookNode:
    """Return a chapter whose cells have other names."""
    notebook = make_source()
    notebook.cells[0].source = notebook.cells[0].source.replace("# Powers", "# Roots", 1)
    for cell in notebook.cells:
        if cell.id not in ("title", "setup", "summary", "progress"):
            cell.id = f"root-{cell.id}"
            if "nbgrader" in cell.metadata:
                cell.metadata.nbgrader.grade_id = cell.id
    return notebook


@pytest.fixture
def group(make_group) -> Course:
    """Return a course with two chapters and a class file."""
    return make_group()


@pytest.fixture(scope="session")
def make_group(make_course) -> Callable[[], Course]:
    return lambda: _group(make_course())


def _group(course: Course) -> Course:
    course.write_source(second_source(), SECOND)
    for chapter in (CHAPTER, SECOND):
        target = course.layout.released(chapter)
        target.parent.mkdir(parents=True)
        notebook = nbformat.read(course.layout.source(chapter), as_version=4)
        nbformat.write(_with_answers(notebook, "raise NotImplementedError()"), target)
    course.layout.work.mkdir(parents=True, exist_ok=True)
    (course.layout.work / "class.toml").write_text(CLASS, "utf-8")
    return course


def _with_answers(notebook: nbformat.NotebookNode, answer: str) -> nbformat.NotebookNode:
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answer
    return notebook


@pytest.fixture(scope="session")
def notebook_of() -> Callable[..., bytes]:
    """Return a function that makes a student's notebook; another answer makes another one."""
    sources = {CHAPTER: make_source(), SECOND: second_source()}

    def make(answer: str = "pass", chapter: str = CHAPTER) -> bytes:
        return nbformat.writes(_with_answers(sources[chapter], answer)).encode()

    return make
