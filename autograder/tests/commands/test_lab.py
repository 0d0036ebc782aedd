from __future__ import annotations

import csv
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell
from tests.conftest import CHAPTER, Course, make_source

from autograder.cli import parse
from autograder.layout import Layout

HERE = Path(__file__).resolve().parents[2]


@contextmanager
def lab(course: Course, folder: Path, *options: str) -> Iterator[tuple[str, str]]:
    """Run `lab` on a course, with settings in a folder; yield its address and token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, token = f"http://127.0.0.1:{port}", secrets.token_hex(16)
    arguments = [
        "--no-browser",
        *(["--allow-root"] if os.geteuid() == 0 else []),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
    ]
    private = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    with (folder / "log").open("wb") as log:
        server = course.start(
            "lab", *options, *arguments,
            env={**os.environ, **private}, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        wait_for(f"{address}/api?token={token}", server, folder / "log")
        yield address, token
    finally:
        server.terminate()
        server.wait(60)


def wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(log.read_text())


@pytest.mark.browser
def test_formgrader_shows_submissions_grades_them_and_shows_flags(
    browser, course, answers, tmp_path
):
    shutil.copy(HERE / "nbgrader_config.py", course.layout.root / "autograder")
    course.hand_in("ada", answers(square="def square(x):\n    return x * x"))
    assert course.run("release")[0] == course.run("grade")[0] == 0
    course.hand_in("bo", answers(cube="import ctypes\ndef cube(x):\n    return x**3"))
    with lab(course, tmp_path) as (address, token):
        look_around(browser.new_page(), address, token)


def look_around(page, address: str, token: str) -> None:
    page.goto(f"{address}/formgrader/manage_assignments?token={token}")
    row = page.locator("tr", has_text="1_powers")
    row.wait_for()
    assert page.locator("#warning-exchange, #warning-course-id").count() == 0
    assert row.locator(".num-submissions").inner_text() == "2"
    for folder in ("solutions", "course"):
        link = row.locator(f"a[href*='/{folder}/1_powers']").first.get_attribute("href")
        assert page.request.get(f"{address}{link}").ok
    page.goto(f"{address}/formgrader/manage_submissions/1_powers")
    assert "2 / 6" in page.locator("tr", has_text="ada").inner_text()
    bo = page.locator("tr", has_text="bo")
    assert "needs autograding" in bo.inner_text()
    bo.locator(".autograde a").click()
    page.locator("#success-modal").wait_for(timeout=120_000)
    page.goto(f"{address}/formgrader/manage_submissions/1_powers")
    assert "3 / 6" in page.locator("tr", has_text="bo").inner_text()
    # submissions are numbered by random ids, so each is found by its student
    for student, text in (
        ("ada", "def square(x):"),
        ("bo", "cell cube calls C code: ctypes"),
    ):
        page.goto(f"{address}/formgrader/gradebook/1_powers/1_powers")
        page.locator("tr", has_text=student).get_by_text("Submission #").click()
        page.get_by_text(text).wait_for()
    picture(page, "formgrader")


def picture(page, name: str) -> None:
    if pictures := os.environ.get("PICTURES"):
        page.screenshot(path=Path(pictures, f"{name}.png"), full_page=True)


# --- a class kept elsewhere -----------------------------------------------------------------------


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
    return moved, work


@pytest.mark.browser
@pytest.mark.slow
def test_a_week_in_formgrader_on_a_class_outside_the_repository(elsewhere, browser, tmp_path):
    course, work = elsewhere
    gradebook = f"sqlite:///{tmp_path / 'points.db'}"
    options = ("--work", str(work), "--db", gradebook)
    submission = work / "submitted" / "ada" / CHAPTER / f"{CHAPTER}.ipynb"
    handed_in = submission.read_bytes()
    with lab(course, tmp_path, *options) as (address, token):
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


def row_of(page, address: str, student: str):
    page.goto(f"{address}/formgrader/manage_submissions/{CHAPTER}")
    row = page.locator("tr", has_text=student)
    row.wait_for()
    return row


def autograde(page, address: str, student: str) -> None:
    row_of(page, address, student).locator(".autograde a").click()
    page.locator("#success-modal").wait_for(timeout=120_000)


def open_submission(page, address: str, student: str) -> None:
    page.goto(f"{address}/formgrader/gradebook/{CHAPTER}/{CHAPTER}")
    page.locator("tr", has_text=student).get_by_text("Submission #").click()
    page.get_by_text("Because it grows").wait_for()
    page.wait_for_load_state("networkidle")


def grade_by_hand(page, address: str, student: str, points: str, comment: str) -> None:
    open_submission(page, address, student)
    for field, what, value in (("#why", "grade", points), ("#why-comment", "comment", comment)):
        with page.expect_response(lambda r, what=what: f"/api/{what}/" in r.url and r.ok):
            page.locator(field).fill(value)
            page.locator(field).blur()


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
