from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import expect
from tests.conftest import CHAPTER
from tests.tools.formgrader import start_lab
from tests.tools.hostile import make_hostile

HERE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lab_course(make_course, answers):
    """Return a course that was released and graded, and one submission that was not."""
    course = make_course()
    shutil.copy(HERE / "nbgrader_config.py", course.layout.root / "autograder")
    course.hand_in("ada", answers(square="def square(x):\n    return x * x"))
    notebook = json.loads(answers(square="def square(x):\n    return '<script>'"))
    make_hostile(notebook)
    course.hand_in("eve", json.dumps(notebook))
    assert course.run("release")[0] == course.run("grade")[0] == 0
    course.hand_in("bo", answers(cube="import ctypes\ndef cube(x):\n    return x**3"))
    return course


@pytest.fixture(scope="module")
def lab(browser, lab_course, tmp_path_factory) -> Iterator[tuple[str, str]]:
    """Yield address and token of a JupyterLab that `lab` started on the course."""
    with start_lab(lab_course, tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.mark.browser
def test_formgrader_shows_submissions_grades_them_and_shows_flags(lab, browser):
    address, token = lab
    page = browser.new_page()
    page.goto(f"{address}/formgrader/manage_assignments?token={token}")
    row = page.locator("tr", has_text="1_powers")
    row.wait_for()
    assert page.locator("#warning-exchange, #warning-course-id").count() == 0
    assert row.locator(".num-submissions").inner_text() == "3"
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
    if pictures := os.environ.get("PICTURES"):
        page.screenshot(path=Path(pictures, "formgrader.png"))


@pytest.fixture
def watched(browser):
    """Yield a page, and what was said by scripts on it and on those that it opens."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    said: list[str] = []
    context.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    context.route(re.compile("https?://(?!127)"), lambda route: route.abort())
    yield context.new_page(), said
    context.close()


def click_every_link(page, container: str) -> int:
    """Click all links in a part of a page; return how many there are."""
    address = page.url.partition("#")[0]
    links = page.locator(f"{container} a[href]").all()
    for link in links:
        link.evaluate("link => link.click()")
        assert page.url.partition("#")[0] == address
    return len(links)


@pytest.mark.browser
def test_nothing_of_a_submission_runs_in_formgrader(lab, watched):
    (address, token), (page, said) = lab, watched
    page.goto(f"{address}/lab?token={token}")
    page.goto(f"{address}/formgrader/gradebook/1_powers/1_powers")
    page.locator("tr", has_text="eve").get_by_text("Submission #").click()
    picture = page.locator("#notebook-container img[alt=mine]")
    picture.wait_for()
    assert click_every_link(page, "#notebook-container") > 2
    assert picture.evaluate("image => image.naturalWidth") == 1
    if pictures := os.environ.get("PICTURES"):
        page.screenshot(path=Path(pictures, "hostile-formgrader.png"), full_page=True)
    assert said == []


@pytest.mark.browser
def test_nothing_of_a_submission_runs_on_a_feedback_page(lab_course, watched):
    page, said = watched
    lab_course.run("feedback")
    page.goto(lab_course.layout.feedback_page("eve", "1_powers").as_uri())
    assert "return '<script>'" in page.inner_text("body")
    assert click_every_link(page, "body") > 2
    if pictures := os.environ.get("PICTURES"):
        page.screenshot(path=Path(pictures, "hostile-feedback.png"), full_page=True)
    assert said == []


@pytest.mark.browser
def test_no_name_and_no_comment_runs_in_formgrader(lab_course, lab, watched):
    (address, token), (page, said) = lab, watched
    name = "<img src=x onerror=alert(1)></script><script>alert(1)</script> {{ 7 * 7 }}"
    (lab_course.layout.work / "class.toml").write_text(
        f'[students]\nada = {{ name = "{name}", email = "{name}" }}\n', "utf-8"
    )
    assert lab_course.run("grade")[0] == 0  # which tells the gradebook the names
    with Gradebook(lab_course.layout.database_url) as gradebook:
        for comment in gradebook.find_submission_notebook(CHAPTER, CHAPTER, "ada").comments:
            comment.manual_comment = name
        gradebook.db.commit()
    page.goto(f"{address}/formgrader/manage_students?token={token}")
    page.locator("tr", has_text="onerror=alert").first.wait_for()
    for path in ("manage_students/ada", f"manage_students/ada/{CHAPTER}", "manage_submissions"):
        page.goto(f"{address}/formgrader/{path}" + f"/{CHAPTER}" * path.endswith("submissions"))
        page.locator("tr").nth(1).wait_for()
    page.goto(f"{address}/formgrader/gradebook/{CHAPTER}/{CHAPTER}")
    page.locator("tr", has_text="onerror=alert").first.get_by_text("Submission #").click()
    expect(page.locator("#square-comment")).to_have_value(name)
    assert said == []
