from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

CHAPTER = "1_powers"
STUB = '# YOUR CODE HERE\n    raise NotImplementedError("Write this part, then run the cell again")'


def cells(course) -> dict[str, str]:
    notebook = nbformat.read(course.layout.released(CHAPTER), as_version=4)
    return {cell.id: cell.source for cell in notebook.cells}


@pytest.fixture(scope="module")
def released(make_course):
    """Return a course that was released once; tests only read it."""
    course = make_course()
    status, printed = course.run("release")
    assert status == 0
    assert "written" in printed
    return course


def test_answers_become_a_stub_that_says_what_to_do(released):
    assert cells(released)["square"] == f'def square(x):\n    """Return x * x."""\n    {STUB}'


def test_hidden_tests_stay_behind(released):
    text = released.layout.released(CHAPTER).read_text("utf-8")
    assert "square(2) == 4" in text
    assert "square(-3)" not in text
    assert "HIDDEN" not in text


def test_a_bug_hunt_is_released_with_its_bug_and_without_the_answer(released):
    source = cells(released)["hunt"]
    assert source.endswith("    if x < 0:\n        return -2 * x\n    return 2 * x")
    assert "RELEASE INSTEAD" not in source


def test_the_notebook_is_as_its_source_but_for_answers(released):
    notebook = nbformat.read(released.layout.released(CHAPTER), as_version=4)
    source = nbformat.read(released.layout.source(CHAPTER), as_version=4)
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in source.cells]
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_the_students_package_is_neither_a_chapter_nor_touched(released):
    assert released.layout.chapters() == [CHAPTER]
    assert (released.layout.course / "byhand" / "__init__.py").read_text() == ""


def test_released_again_nothing_changes(released, fingerprint):
    before = fingerprint(released.layout.course)
    status, printed = released.run("release")
    assert (status, fingerprint(released.layout.course)) == (0, before)
    assert "up to date" in printed


def test_check_is_silent_about_what_is_up_to_date_and_writes_nothing(released, fingerprint):
    before = fingerprint(released.layout.root)
    status, printed = released.run("release", "--check")
    assert status == 0
    assert "up to date" in printed
    assert fingerprint(released.layout.root) == before


def test_check_names_a_missing_chapter_and_the_remedy(course, fingerprint):
    before = fingerprint(course.layout.root)
    status, printed = course.run("release", "--check")
    assert status == 1
    assert "1_powers.ipynb is missing" in printed
    assert "python3 autograder release 1_powers" in printed
    assert printed.count("\n") == 1
    assert fingerprint(course.layout.root) == before


def test_check_names_a_chapter_that_differs(course):
    course.run("release")
    path = course.layout.released(CHAPTER)
    path.write_text(path.read_text("utf-8").replace("Powers", "Roots"), "utf-8")
    status, printed = course.run("release", "--check")
    assert status == 1
    assert "differs" in printed


def test_work_in_a_released_notebook_is_kept_when_it_is_replaced(course):
    course.run("release")
    path = course.layout.released(CHAPTER)
    mine = path.read_text("utf-8").replace("square(5)", "square(5)  # my own idea")
    path.write_text(mine, "utf-8")
    notes = path.with_name("notes.txt")
    notes.write_text("mine too")
    status, printed = course.run("release")
    kept = list((course.layout.work / "replaced").rglob("*.ipynb"))
    assert status == 0
    assert [file.read_text("utf-8") for file in kept] == [mine]
    assert str(kept[0].relative_to(course.layout.work)) in printed
    assert "my own idea" not in path.read_text("utf-8")
    assert notes.read_text() == "mine too"


def test_an_earlier_release_is_replaced_without_a_copy(course):
    course.run("release")
    source = course.layout.source(CHAPTER)
    source.write_text(source.read_text("utf-8").replace("# Powers", "# Powers of x"), "utf-8")
    assert course.run("release")[0] == 0
    assert "Powers of x" in course.layout.released(CHAPTER).read_text("utf-8")
    assert not (course.layout.work / "replaced").exists()


def test_a_mistake_in_one_source_is_one_line_and_leaves_the_others(course):
    source = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    source.cells[2].source = "### BEGIN SOLUTION\nnever ended"
    course.write_source(source, "2_broken")
    (course.layout.solutions / "3_empty").mkdir()
    status, printed = course.run("release")
    assert status == 1
    complaints = [line for line in printed.splitlines() if line.startswith("!")]
    assert len(complaints) == 2
    assert "2_broken.ipynb" in complaints[0]
    assert "no end solution" in complaints[0]
    assert "3_empty.ipynb: missing" in complaints[1]
    assert course.layout.released(CHAPTER).is_file()
    assert not course.layout.released("2_broken").exists()


def test_plain_nbgrader_releases_the_same_bytes(course):
    here = Path(__file__).resolve().parents[2]
    shutil.copy(here / "nbgrader_config.py", course.layout.root / "autograder")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", CHAPTER]
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        command,
        cwd=course.layout.root / "autograder",
        env={**os.environ, "PATH": programs},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    status, printed = course.run("release", "--check")
    assert status == 0, printed


def test_the_map_of_topics_is_made_and_checked_where_there_is_one(course):
    folder = course.layout.root / "autograder"
    folder.mkdir(exist_ok=True)
    data = folder / "tests" / "answers" / "topics.toml"
    data.parent.mkdir(parents=True)
    data.write_text(
        'section = [{title = "Powers", topics = [["squares", "1.1"]]}]\n'
        'defect = [{text = "cubes grow", exercises = ["1.2"]}]\n'
    )
    assert course.run("release")[0] == 0
    page = folder / "tests" / "answers" / "TOPICS.md"
    assert "| squares | 1.1 |" in page.read_text("utf-8")
    assert course.run("release", "--check")[0] == 0
    page.write_text("mine")
    status, printed = course.run("release", "--check")
    assert (status, printed.count("TOPICS.md")) == (1, 1)
    assert course.run("release")[0] == 0
    assert "squares" in page.read_text("utf-8")
