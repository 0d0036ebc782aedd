"""The archive for students: what is in it, and that it works where nothing else is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml
from tests.conftest import Course

from autograder.course.handout import write_handout
from autograder.layout import Layout

HERE = Layout.here()
CHAPTER = "1_derivatives"
TOP = "backprop-by-hand/"
NOTEBOOK = f"{CHAPTER}/{CHAPTER}.ipynb"
LITTER = (
    "byhand/__pycache__/card.cpython-311.pyc",
    "byhand/.DS_Store",
    f"{CHAPTER}/.ipynb_checkpoints/{CHAPTER}-checkpoint.ipynb",
    f"{CHAPTER}/.byhand-progress.json",
    f"{CHAPTER}/notes of the instructor.txt",
    ".venv/pyvenv.cfg",
    "roster.csv",
)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Path]:
    """Return the course with its first chapter only and with litter, and the archive of it."""
    root = tmp_path_factory.mktemp("course")
    for folder in (f"solutions/{CHAPTER}", "course", ".preview"):
        shutil.copytree(HERE.root / folder, root / folder)
    for other in set(HERE.chapters()) - {CHAPTER}:
        shutil.rmtree(root / "course" / other)
    for name in LITTER:
        (root / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "course" / name).write_text("not for students")
    course = Course(Layout.of(root))
    status, printed = course.run("release", "1", "--zip")
    archive = course.layout.work / "backprop-by-hand.zip"
    assert status == 0, printed
    assert f"{archive} (" in printed and printed.strip().endswith(f"MB: {CHAPTER})")
    return course, archive


def test_it_holds_what_git_has_in_course_and_no_litter(released: tuple[Course, Path]) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "."],
        cwd=HERE.course, capture_output=True, text=True, check=True,
    )  # fmt: skip
    others = {f"{name}/{name}.ipynb" for name in HERE.chapters() if name != CHAPTER}
    with zipfile.ZipFile(released[1]) as archive:
        assert archive.testzip() is None
        assert {name.removeprefix(TOP) for name in archive.namelist()} == {
            *listed.stdout.splitlines()
        } - others
        assert all(name.startswith(TOP) for name in archive.namelist())


def test_the_same_files_make_the_same_bytes_whenever_they_were_written(
    released: tuple[Course, Path], tmp_path: Path
) -> None:
    course, first = released
    for path in course.layout.course.rglob("*"):
        os.utime(path, (1e9, 1e9))
    write_handout(course.layout, [Path(NOTEBOOK)], tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == first.read_bytes()


def test_nothing_of_the_solutions_is_in_it(released: tuple[Course, Path]) -> None:
    source = nbformat.read(HERE.source(CHAPTER), as_version=4)
    regions = re.findall(
        r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### (?:RELEASE|END)",
        "\n".join(cell.source for cell in source.cells),
        re.DOTALL,
    )
    hidden = {line.strip() for region in regions for line in region.splitlines()}
    hidden = {line for line in hidden if len(line) > 12 and not line.startswith(("#", '"""'))}
    assert len(hidden) > 50
    with zipfile.ZipFile(released[1]) as archive:
        (notebook,) = (name for name in archive.namelist() if name.endswith(".ipynb"))
        cells = nbformat.reads(archive.read(notebook).decode(), as_version=4).cells
        answers = [c.source for c in cells if c.metadata.get("nbgrader", {}).get("solution")]
        tests = [c.source for c in cells if c.metadata.get("nbgrader", {}).get("grade")]
        text = "\n".join([*answers, *tests])
        assert {line for line in hidden if line in text.splitlines()} == set()
        for name in archive.namelist():
            assert b"### BEGIN" not in archive.read(name), name


def test_a_faulty_chapter_makes_no_archive(course: Course, tmp_path: Path) -> None:
    course.layout.source("1_powers").write_text("once a notebook")
    status, printed = course.run("release", "--zip", str(tmp_path / "course.zip"))
    assert status == 1
    assert "The archive was not written" in printed
    assert not (tmp_path / "course.zip").exists()


def test_a_missing_page_is_one_line(course: Course, tmp_path: Path) -> None:
    status, printed = course.run("release", "--zip", str(tmp_path / "course.zip"))
    assert status == 1
    assert "README.md: missing, and students need it; restore it" in printed.splitlines()[-1]


def test_a_chapter_is_not_taken_for_the_archives_name(course: Course, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        course.run("release", "--zip", "1")
    assert stopped.value.code == 2


def test_the_environment_file_names_what_the_package_needs() -> None:
    environment = yaml.safe_load((HERE.course / "environment.yml").read_text("utf-8"))
    project = (HERE.course / "pyproject.toml").read_text("utf-8")
    declared = re.findall(r'"([a-z]+>=[\d.]+)"[,\]]', project.split("[project]")[1])
    *packages, own = environment["dependencies"]
    assert own == {"pip": ["-e ."]}
    python = re.search(r'requires-python = "(.*)"', project)[1]
    assert packages == [f"python{python}", "pip", *declared]


@pytest.mark.slow
@pytest.mark.first
def test_chapter_1_runs_with_what_the_readme_says_and_nothing_else(
    released: tuple[Course, Path], tmp_path: Path
) -> None:
    with zipfile.ZipFile(released[1]) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / TOP
    answer_first(folder / NOTEBOOK)
    page = (folder / "README.md").read_text("utf-8")
    install = re.search(r"### Linux and macOS\n\n```\n(.*?)```", page, re.DOTALL)[1]
    run = f"jupyter nbconvert --execute --allow-errors --inplace --to notebook {NOTEBOOK}"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "JUPYTER", "NB"))}
    done = subprocess.run(
        ["bash", "-ec", f"{install}\njupyter lab --version\n{run}"],
        cwd=folder,
        env=kept
        | {
            "PYTHONNOUSERSITE": "1",
            "JUPYTER_DATA_DIR": str(tmp_path / "data"),  # no kernel of the user's own
            # the versions that were tested, so that no release of another project fails this test
            "PIP_CONSTRAINT": str(HERE.root / "autograder" / "constraints.txt"),
            "PIP_QUIET": "1",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr

    cells = nbformat.read(folder / NOTEBOOK, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    errors = {output.ename for output in outputs if output.output_type == "error"}
    assert errors == {"NotImplementedError", "CheckFailed"}  # the second from bug hunts
    checks = [cell for cell in cells if "Exercise 1.1 " in cell.source and "grade_id" in str(cell)]
    assert checks and not any(o.output_type == "error" for cell in checks for o in cell.outputs)
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in outputs)


def answer_first(notebook: Path) -> None:
    """Write the first answer, as a student would."""
    opened = nbformat.read(notebook, as_version=4)
    first = next(c for c in opened.cells if c.metadata.get("nbgrader", {}).get("solution"))
    stub = first.source.index("    # YOUR CODE HERE")
    first.source = f"{first.source[:stub]}    return (f(x + h) - f(x)) / h"
    nbformat.write(opened, notebook)
