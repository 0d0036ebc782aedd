from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.course import preview, readme

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
    assert "fix with: python3 autograder release 1_powers" in printed
    assert printed.count("\n") == 1
    assert fingerprint(course.layout.root) == before


def test_check_names_a_chapter_that_differs(course):
    course.run("release")
    path = course.layout.released(CHAPTER)
    path.write_text(path.read_text("utf-8").replace("Powers", "Roots"), "utf-8")
    status, printed = course.run("release", "--check")
    assert status == 1
    assert "differs" in printed


# --- the lint -------------------------------------------------------------------------------------


@pytest.fixture
def with_problem(course):
    """Return a released course whose source has got a heading that is not read as an exercise."""
    course.run("release")
    source = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    heading = next(cell for cell in source.cells if cell.id == "exercise-1-2")
    heading.source = heading.source.replace("1.2 ·", "1.2:")
    course.write_source(source)
    return course


@pytest.mark.parametrize("option", [[], ["--check"]])
def test_a_problem_is_named_with_file_cell_and_fix_and_nothing_is_written(
    with_problem, option, fingerprint
):
    before = fingerprint(with_problem.layout.course)
    status, printed = with_problem.run("release", *option)
    assert status == 1
    (line,) = (line for line in printed.splitlines() if "not read as an exercise" in line)
    assert f"{CHAPTER}.ipynb, cell exercise-1-2: " in line
    assert "write '### Exercise 1.2 · Title (3 points)'" in line
    assert fingerprint(with_problem.layout.course) == before


def test_a_chapter_with_a_problem_holds_back_itself_and_the_pages_only(with_problem):
    source = nbformat.read(with_problem.layout.source(CHAPTER), as_version=4)
    for cell in source.cells:
        cell.source = cell.source.replace("1.2:", "1.2 ·").replace("1.", "2.")
    with_problem.write_source(source, "2_powers")
    status, printed = with_problem.run("release")
    assert status == 1
    assert "Not released until corrected: 1_powers" in printed
    assert with_problem.layout.released("2_powers").is_file()


def test_a_file_that_is_no_notebook_is_one_line(course):
    course.layout.source(CHAPTER).write_text("once a notebook")
    for option in ([], ["--check"]):
        status, printed = course.run("release", *option)
        assert status == 1
        assert printed.count("not a notebook") == 1


# --- what is replaced, what is dropped ------------------------------------------------------------


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


def git(course, *arguments: str) -> None:
    identity = ["-c", "user.name=author", "-c", "user.email=author@example.org"]
    command = ["git", *identity, *arguments]
    subprocess.run(command, cwd=course.layout.root, check=True, capture_output=True)


def change_title(course) -> None:
    source = course.layout.source(CHAPTER)
    source.write_text(source.read_text("utf-8").replace("# Powers", "# Powers of x"), "utf-8")


def test_what_git_has_is_replaced_without_a_copy(course):
    course.run("release")
    git(course, "init", "--quiet")
    git(course, "add", ".")
    git(course, "commit", "--quiet", "--message", "Release")
    change_title(course)
    status, printed = course.run("release")
    assert status == 0
    assert "kept as" not in printed
    assert "Powers of x" in course.layout.released(CHAPTER).read_text("utf-8")
    assert not (course.layout.work / "replaced").exists()


def test_what_git_does_not_have_is_kept(course):
    course.run("release")
    change_title(course)
    status, printed = course.run("release")
    assert status == 0
    assert "what it replaced was not committed: kept as" in printed


def test_a_chapter_that_solutions_no_longer_has_is_reported_and_left_alone(course):
    course.run("release")
    source = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    source.cells[0].source = source.cells[0].source.replace("# Powers", "# Old")
    course.write_source(source, "2_old")
    shutil.move(course.layout.source("2_old").parent, course.layout.course / "2_old")
    for option in ([], ["--check"]):
        status, printed = course.run("release", *option)
        assert status == 1
        assert printed.count("2_old: solutions/ has no such chapter; remove it with: git rm") == 1
    assert course.layout.released("2_old").is_file()


# --- several chapters, plain nbgrader, pages ------------------------------------------------------


def test_a_mistake_in_one_source_is_one_line_and_leaves_the_others(course):
    source = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    for cell in source.cells:
        cell.source = cell.source.replace("1.", "2.")
    square = next(cell for cell in source.cells if cell.id == "square")
    begin, end = "### BEGIN SOLUTION", "### END SOLUTION"  # swapped: the lint only counts them
    square.source = square.source.replace(begin, "...").replace(end, begin).replace("...", end)
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


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("README.md", "| Powers | 3 | 6 | 9 |"),
        ("autograder/tests/answers/TOPICS.md", "| squares | 1.1 Square a number |"),
    ],
)
def test_a_page_is_made_and_checked_where_it_has_a_place(course, name, made):
    folder = course.layout.root / "autograder" / "tests" / "answers"
    folder.mkdir(parents=True)
    (folder / "topics.toml").write_text(
        'section = [{title = "Powers", topics = [["squares", "1.1"]]}]\n'
        'trap = [{text = "cubes grow", exercises = ["1.2"]}]\n'
    )
    (course.layout.root / "README.md").write_text(f"# Course\n\n{readme.BEGIN}\n{readme.END}\n")
    page = course.layout.root / name
    status, printed = course.run("release")
    assert status == 0
    assert f"{name} " in printed
    assert made in page.read_text("utf-8")
    assert course.run("release", "--check")[0] == 0
    page.write_text(page.read_text("utf-8").replace(made, "mine"))
    status, printed = course.run("release", "--check")
    assert (status, printed.count(f"{name}: out of date; fix with:")) == (1, 1)
    assert course.run("release")[0] == 0
    assert made in page.read_text("utf-8")


def test_a_page_with_pictures_is_made_and_checked_where_there_is_one(course):
    page = preview.page_path(course.layout, CHAPTER)
    page.parent.mkdir()
    page.touch()
    status, printed = course.run("release", "--check")
    assert status == 1
    assert course.run("release")[0] == 0
    assert page.read_text("utf-8").count("```python") == 8  # 3 stubs, 3 to try, set-up, progress
    status, printed = course.run("release", "--check")
    assert (status, printed) == (0, "course/ is up to date (1 chapter)\n")
    page.write_text(page.read_text("utf-8") + "mine")
    status, printed = course.run("release", "--check")
    assert (status, printed.count(".preview")) == (1, 1)
