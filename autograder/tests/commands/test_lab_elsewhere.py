"""A week of an instructor in Formgrader, on a class that is kept outside the repository."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell
from tests.conftest import CHAPTER, Course, make_source
from tests.tools.formgrader import (
    autograde,
    grade_by_hand,
    open_submission,
    picture,
    row_of,
    start_lab,
)

from autograder.arguments import parse
from autograder.layout import Layout

HERE = Path(__file__).resolve().parents[2]


@pytest.fixture
def elsewhere(course, tmp_path) -> tuple[Course, Path]:
    """Return a course with an essay to be graded by hand, and a class outside its repository."""
    source = make_source()
    marks = {"grade": True, "grade_id": "why", "locked": False, "points": 4, "schema_version": 3,
             "solution": True, "task": False}  # fmt: skip
    essay = new_markdown_cell("YOUR ANSWER", id="why", metadata={"nbgrader": marks})
    source.cells.insert(-2, essay)
    course.write_source(source)
    root = Path(shutil.move(course.layout.root, tmp_path / "repository"))
    shutil.copy(HERE / "nbgrader_config.py", root / "autograder")
    moved = Course(Layout.of(root))
    work = tmp_path / "autumn term"
    for student, square in (("ada", "return x * x"), ("bo", "return x")):
        handed_in = nbformat.from_dict(source)
        handed_in.cells[3].source = f"def square(x):\n    {square}"
        handed_in.cells[-3].source = f"Because it grows, says {student}."
        path = moved.layout.with_work(work).submission(student, CHAPTER)
        path.parent.mkdir(parents=True)
        nbformat.write(handed_in, path)
    (work / "class.toml").write_text('[students]\nada = { name = "Ada Lovelace" }\nbo = {}\n')
    return moved, work


@pytest.mark.browser
@pytest.mark.slow
def test_a_week_in_formgrader_on_a_class_outside_the_repository(elsewhere, browser, tmp_path):
    course, work = elsewhere
    gradebook = f"sqlite:///{tmp_path / 'points.db'}"
    options = ("--work", str(work), "--db", gradebook)
    submission = work / "submitted" / "ada" / CHAPTER / f"{CHAPTER}.ipynb"
    handed_in = submission.read_bytes()
    with start_lab(course, tmp_path, *options) as (address, token):
        page = browser.new_page()
        page.goto(f"{address}/formgrader/manage_assignments?token={token}")
        assert page.locator("tr", has_text=CHAPTER).locator(".num-submissions").inner_text() == "2"
        link = page.locator(f"tr:has-text('{CHAPTER}') .name a").get_attribute("href")
        assert page.request.get(f"{address}{link}").ok

        for student in ("ada", "bo"):
            autograde(page, address, student)
        assert "6 / 10" in row_of(page, address, "ada").inner_text()
        assert "4 / 10" in row_of(page, address, "bo").inner_text()

        grade_by_hand(page, address, "ada", points="3", comment="A good reason, $x^2$ all the same")
        assert "9 / 10" in row_of(page, address, "ada").inner_text()
        autograde(page, address, "ada")
        assert "9 / 10" in row_of(page, address, "ada").inner_text()
        status, printed = course.run("grade", "--force", *options)
        assert status == 0, printed
        assert "9 / 10" in row_of(page, address, "ada").inner_text()
        open_submission(page, address, "ada")
        assert page.locator("#why").input_value() == "3"
        assert page.locator("#why-comment").input_value().startswith("A good reason")
        picture(page, "formgrader-by-hand")
        assert row_of(page, address, "ada").locator(".student-name").inner_text() == "Lovelace, Ada"

        row_of(page, address, "ada").locator(".generate-feedback a").click()
        page.locator("#success-modal").wait_for(timeout=120_000)
    feedback = (work / "feedback" / "ada" / CHAPTER / f"{CHAPTER}.html").read_text("utf-8")
    assert "A good reason" in feedback
    assert "return x * x" in re.sub("<[^>]*>", "", feedback)
    table = tmp_path / "points.csv"
    status, printed = course.run("export", "--for", "csv", "--to", str(table), *options)
    assert status == 0, printed
    (row,) = (row for row in csv.reader(table.read_text("utf-8").splitlines()) if "ada" in row)
    assert "9" in row
    assert submission.read_bytes() == handed_in
    assert not (course.layout.work / "gradebook.db").exists()


def test_a_class_that_nbgrader_could_not_find_is_refused_in_one_line(course, tmp_path):
    status, printed = course.run("lab", "--work", str(tmp_path / "autumn"))
    assert status == 1
    assert printed.count("\n") == 1
    assert "folder's name holds (; rename it" in printed


def test_a_password_on_the_command_line_is_refused(course, capsys):
    with pytest.raises(SystemExit):
        course.run("lab", "--db", "postgresql://ada:secret@localhost/class")


def test_other_arguments_are_passed_on_in_their_order():
    arguments = ["--no-browser", "--work", "autumn", "some.ipynb", "--db=sqlite://", "--port", "9"]
    options = parse(["lab", *arguments], Layout.here())
    assert (options.work, options.db) == (Path("autumn"), "sqlite://")
    assert options.arguments == ["--no-browser", "some.ipynb", "--port", "9"]
