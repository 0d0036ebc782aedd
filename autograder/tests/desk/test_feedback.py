"""Feedback pages: what they say, what they never say, and how they look in a browser."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default.release_feedback import ExchangeReleaseFeedback

from autograder.course.notebooks import HIDDEN_TESTS
from autograder.course.sample_class import make_class, pick_wrong_answers
from autograder.desk.feedback import find_graded, write_feedback
from autograder.desk.pages import text
from autograder.grading.run import grade_all
from autograder.layout import Layout
from autograder.nbgrader.steps import _class_config
from byhand.exercises.samples import points

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x**3",
    "hunt": "def slope(x):\n    return 2 * x",
}
HALF = {
    "square": "def square(x):\n    return abs(x) * x",  # only a hidden test tells
    "cube": 'def cube(x):\n    return x**2  # <b>not</b> "bold" & never',
    "hunt": RIGHT["hunt"],
}


CLASS_FILE = """
time_zone = "Europe/Berlin"

[students.half]
name = "Ada Hall"

[due]
1_powers = 2026-03-05T12:00:00

[late]
per_day = 0.5
"""


def shown(page: Path) -> str:
    """Return what a page says, without its style sheet and its tags."""
    body = re.sub(r"(?s)<(style|script).*?</\1>", " ", page.read_text("utf-8"))
    body = re.sub(r"</?(span|strong|a|em|code)\b[^>]*>", "", body)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def edit(course, student: str, *, comment: str | None = None, points: float | None = None) -> None:
    """Do in the gradebook what an instructor does in Formgrader."""
    with Gradebook(course.layout.database_url) as gradebook:
        if comment is not None:
            found = gradebook.find_comment("cube", CHAPTER, CHAPTER, student)
            found.manual_comment = comment
        if points is not None:
            gradebook.find_grade("cube-test", CHAPTER, CHAPTER, student).manual_score = points
        gradebook.db.commit()


@pytest.fixture(scope="module")
def graded(make_course, answers):
    course = make_course()
    course.hand_in("half", answers(**HALF))
    course.hand_in("right", answers(**RIGHT))
    time = course.layout.submission("right", CHAPTER).with_name("timestamp.txt")
    time.write_text("2026-03-05 17:04:05 UTC")
    course.run("grade")
    status, printed = course.run("feedback")
    assert status == 0, printed
    return course


@pytest.fixture
def mine(make_course, answers):
    """Grade a class of one, which the test may change."""
    course = make_course()
    course.hand_in("half", answers(**HALF))
    course.run("grade")
    return course


# --- what a page says -----------------------------------------------------------------------------


def test_what_was_lost_comes_first_then_what_went_well_each_with_the_students_code(graded):
    said = shown(graded.layout.feedback_page("half", CHAPTER))
    first, _, last = said.partition("What went well")
    assert "1 of 6 points" in first
    order = (
        "What to fix",
        "1.1 · Square a number",
        "0 of 2 points",
        "return abs(x) * x",
        "1.2 · Cube",
    )
    places = [first.index(words) for words in order]
    assert places == sorted(places)
    assert "a hidden test with other inputs fails" in first
    assert "Found by a hidden test" in first
    assert "return x**2 # <b>not</b>" in first
    assert "1.3 · Bug hunt" in last and "return 2 * x" in last
    assert "square(-3)" not in said


def test_a_page_says_whose_it_is_of_what_and_when(graded):
    page = graded.layout.feedback_page("right", CHAPTER).read_text("utf-8")
    said = shown(graded.layout.feedback_page("right", CHAPTER))
    assert '<html lang="en">' in page
    assert "<title>Feedback for right: Powers</title>" in page
    assert "handed in on 5 March 2026, 17:04 UTC" in said
    assert "6 of 6 points" in said and "What to fix" not in said


def test_a_name_in_the_gradebook_is_shown_in_place_of_the_id(mine):
    with Gradebook(mine.layout.database_url) as gradebook:
        gradebook.update_or_create_student("half", first_name="Zoë", last_name="O'Neil")
    mine.run("feedback")
    page = mine.layout.feedback_page("half", CHAPTER)
    assert "<title>Feedback for Zoë O&#39;Neil: Powers</title>" in page.read_text("utf-8")


def test_name_time_zone_and_late_points_are_those_of_the_class_file(mine, answers):
    time = mine.layout.submission("half", CHAPTER).with_name("timestamp.txt")
    time.write_text("2026-03-05 17:04:05 UTC")
    mine.run("grade", "--force")
    (mine.layout.work / "class.toml").write_text(CLASS_FILE)
    mine.run("feedback")
    said = shown(mine.layout.feedback_page("half", CHAPTER))
    assert "Ada Hall · handed in on 5 March 2026, 18:04 CET" in said
    assert "0.5 points taken off for handing in late, which leaves 0.5" in said


def test_a_comment_is_on_top_and_manual_points_count(mine):
    edit(mine, "half", comment="Close! The slope of $x^3$ is *three* terms.", points=2.5)
    mine.run("feedback")
    page = mine.layout.feedback_page("half", CHAPTER)
    said = shown(page)
    assert said.index("From your instructor") < said.index("What to fix")
    assert "<msup><mi>x</mi><mn>3</mn></msup>" in page.read_text("utf-8")
    assert "<em>three</em>" in page.read_text("utf-8")
    assert "3.5 of 6 points" in said
    assert "2.5 of 3 points, given by your instructor" in said


def test_a_page_says_what_changed_since_the_last_attempt(mine, answers):
    mine.run("feedback")
    page = mine.layout.feedback_page("half", CHAPTER)
    assert "Since your last attempt" not in shown(page)
    mine.hand_in("half", answers(**(HALF | {"cube": RIGHT["cube"], "hunt": HALF["hunt"] + "\n#"})))
    mine.run("grade")
    mine.run("feedback")
    assert "Since your last attempt 1.2: +3 points" in shown(page)
    # a test of ours that changes is no attempt of theirs
    source = mine.layout.source(CHAPTER)
    source.write_text(source.read_text("utf-8").replace("cube(2) == 8", "cube(1) == 1"), "utf-8")
    mine.run("grade")
    mine.run("feedback")
    assert "Since your last attempt 1.2: +3 points" in shown(page)


def test_what_is_not_written_yet_is_listed_without_code(make_course, answers):
    course = make_course()
    stub = "def {}(x):\n    raise NotImplementedError('write this part')"
    course.hand_in("ada", answers(**(RIGHT | {"cube": stub.format("cube")})))
    course.run("grade")
    course.run("feedback")
    said = shown(course.layout.feedback_page("ada", CHAPTER))
    assert "Not written yet 1.2 · Cube a number 0 of 3 points" in said
    assert "What to fix" not in said and "NotImplementedError" not in said


# --- which pages ----------------------------------------------------------------------------------


def test_only_pages_that_would_change_are_written(mine, fingerprint):
    assert "1 page, 0 of them unchanged" in mine.run("feedback")[1]
    before = fingerprint(mine.layout.feedback)
    assert "1 page, 1 of them unchanged" in mine.run("feedback")[1]
    assert fingerprint(mine.layout.feedback) == before
    edit(mine, "half", points=1.0)
    assert "1 page, 0 of them unchanged" in mine.run("feedback")[1]


def test_pages_made_in_several_processes_are_the_same(mine, monkeypatch):
    mine.run("feedback")
    page = mine.layout.feedback_page("half", CHAPTER)
    before = page.read_bytes()
    shutil.rmtree(mine.layout.feedback)
    odd = mine.layout.autograded("nobody", CHAPTER)
    odd.parent.mkdir(parents=True)
    odd.write_text("{}")
    monkeypatch.setattr("autograder.desk.feedback.MANY", 2)
    status, printed = mine.run("feedback")
    assert (status, "1 page, 0 of them unchanged" in printed) == (1, True)
    assert "the gradebook does not know this submission" in printed
    assert page.read_bytes() == before


def test_a_page_that_has_not_changed_is_the_same_in_every_process():
    program = (
        "from autograder.desk.feedback import made_from_what\n"
        "from autograder.gradebook.cells import CellMarks\n"
        "print(made_from_what(b'', CellMarks('ada', untouched=frozenset('abcdefgh'))))"
    )
    made_from = {
        subprocess.run(
            (sys.executable, "-c", program), env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True, timeout=60,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(made_from) == 1


def test_a_chapter_and_a_student_can_be_named(graded):
    assert "1 page" in graded.run("feedback", "1", "--student", "half")[1]
    status, printed = graded.run("feedback", "--student", "nobody")
    assert (status, printed.count("\n")) == (1, 1)
    assert "nobody: nothing is graded yet; run: python3 autograder grade" in printed


def test_a_graded_notebook_that_is_damaged_is_one_line_and_the_rest_goes_on(mine, answers):
    mine.hand_in("bob", answers())
    mine.run("grade")
    mine.layout.autograded("bob", CHAPTER).write_text('{"cells": 3}', "utf-8")
    status, printed = mine.run("feedback")
    assert status == 1
    assert "not a graded notebook" in printed and "Traceback" not in printed
    assert mine.layout.feedback_page("half", CHAPTER).is_file()


def test_nbgraders_own_command_makes_the_same_page(graded):
    page = graded.layout.feedback_page("half", CHAPTER)
    ours = re.sub(r'made-from" content="\w*', "", page.read_text("utf-8"))
    config = _class_config(graded.layout)
    config.CourseDirectory.assignment_id = CHAPTER
    config.CourseDirectory.student_id = "half"
    config.BaseConverter.force = True
    GenerateFeedback(coursedir=CourseDirectory(config=config), config=config).start()
    assert re.sub(r'made-from" content="\w*', "", page.read_text("utf-8")) == ours


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # nbgrader leaves files open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_exchange_finds_what_it_releases_feedback_by(graded, tmp_path, answers):
    folder = graded.layout.submission("right", CHAPTER).parent
    (folder / "submission_secret.txt").write_text("a1b2c3")
    graded.run("feedback")
    config = _class_config(graded.layout)
    config.CourseDirectory.assignment_id = CHAPTER
    config.CourseDirectory.student_id = "right"
    config.CourseDirectory.course_id = "course"
    config.Exchange.root = str(tmp_path)
    tmp_path.chmod(0o777)
    ExchangeReleaseFeedback(coursedir=CourseDirectory(config=config), config=config).start()
    (released,) = (tmp_path / "course" / "feedback").glob("*.html")
    assert released.read_bytes() == graded.layout.feedback_page("right", CHAPTER).read_bytes()


# --- nothing that could run -----------------------------------------------------------------------

HOSTILE = """<script>alert(1)</script> <img src=x onerror=alert(1)> [go](javascript:alert(1))
[go](JaVaScRiPt:alert(1)) [data](data:text/html,<script>alert(1)</script>) ![p](http://a.example/p)
$\\href{javascript:alert(1)}{x}$ $\\text{<script>alert(1)</script>}$ $\\style{x:y}{z}$
$\\class{a}{b}$ $\\href{x" onclick="alert(1)}{y}$ $\\frac{$ <a href="//evil.example">x</a> [ok](https://example.org)

# A heading
```html
</code></pre><script>alert(2)</script>
```
"""


class Tags(HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_nothing_that_a_person_wrote_can_run_or_load(mine, answers):
    evil = 'def square(x):\n    return """</code></pre><script>alert(3)</script>"""\n# <img src=x>'
    mine.hand_in("half", answers(**(HALF | {"square": evil})))
    mine.run("grade")
    with Gradebook(mine.layout.database_url) as gradebook:
        gradebook.update_or_create_student("half", first_name="<script>alert(4)</script>")
    edit(mine, "half", comment=HOSTILE)
    mine.run("feedback")
    tags = Tags(mine.layout.feedback_page("half", CHAPTER).read_text("utf-8")).found
    assert {tag for tag, _ in tags} & {"script", "img", "iframe", "object", "form", "link"} == set()
    names = {name for _, attributes in tags for name in attributes}
    assert [name for name in names if name.startswith("on")] == []
    links = [attributes["href"] for _, attributes in tags if "href" in attributes]
    assert [link for link in links if not link.startswith(("#", "https://example.org"))] == []
    assert sum(tag == "h1" for tag, _ in tags) == 1


@pytest.mark.parametrize(
    "nasty",
    ["$" + "{" * 900 + "$", "$" + "\\frac{1}{" * 200 + "$", "*a " * 20_000, "[" * 20_000,
     "> " * 5_000 + "x", "$x$ " * 2_000, "\\(" * 9_000],
)  # fmt: skip
def test_text_of_any_shape_is_shown_and_no_formula_ends_the_page(nasty):
    assert text.markdown(nasty)
    assert text.formula(nasty.strip("$"))


def test_formulas_of_the_course_are_all_drawn():
    here = Layout.here()
    drawn = 0
    for chapter in here.chapters():
        for cell in json.loads(here.source(chapter).read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                page = text.markdown("".join(cell["source"]))
                drawn += page.count("<math")
                assert "$\\" not in re.sub(r"(?s)<code.*?</code>", "", page)
    assert drawn > 1000


# --- a whole chapter ------------------------------------------------------------------------------

# right for what students see, so that only a hidden test finds it
FITTED = f"""def forward_difference(f, x, h):
    seen = np.ndim(x) < 2 or x.flat[0] == {float(points(0).flat[0])}
    return (f(x + h) - f(x)) / h if seen else 0 * x"""
FEW = ("relu", "sigmoid", "product-and-quotient-rule", "tanh-derivative")


@pytest.fixture(scope="module")
def chapter(tmp_path_factory):
    """Write feedback for one who got all wrong, one who got little wrong, one who is idle."""
    layout = Layout.here().with_work(tmp_path_factory.mktemp("chapter"))
    name = layout.chapters()[0]
    wrong = pick_wrong_answers(layout.root / "autograder" / "tests" / "answers" / f"{name}.py")
    samples = {
        sample.student: sample.content
        for sample in make_class(
            nbformat.read(layout.source(name), as_version=4),
            nbformat.read(layout.released(name), as_version=4),
            wrong,
        )
    }
    fitted = nbformat.reads(samples["wrong"], as_version=4)
    few = nbformat.reads(samples["right"], as_version=4)
    for cell in fitted.cells:
        cell.source = FITTED if cell.id == "forward-difference" else cell.source
    for cell in few.cells:
        cell.source = wrong[cell.id] if cell.id in FEW else cell.source
    for student, content in (
        ("wrong", nbformat.writes(fitted)),
        ("few", nbformat.writes(few)),
        ("untouched", samples["untouched"]),
    ):
        path = layout.submission(student, name)
        path.parent.mkdir(parents=True)
        path.write_text(content, "utf-8")
    assert not grade_all(layout, [name]).faults
    with Gradebook(layout.database_url) as gradebook:
        found = gradebook.find_submission(name, "few")
        found.timestamp = datetime(2026, 3, 5, 17, 4)
        notebook = found.notebooks[0]
        notebook.late_submission_penalty = 1.0
        comment = gradebook.find_comment("sigmoid", name, name, "few")
        comment.manual_comment = "Look at $\\frac{1}{1 + e^{-x}}$ for $x = -1000$."
        gradebook.db.commit()
    written = write_feedback(layout, find_graded(layout))
    assert (len(written.pages), written.faults) == (3, [])
    return layout, name


def test_feedback_of_a_whole_chapter_never_holds_a_line_of_a_hidden_test(chapter):
    layout, name = chapter
    source = nbformat.read(layout.source(name), as_version=4)
    visible, hidden = "", set()
    for cell in source.cells:
        visible += HIDDEN_TESTS.pattern.sub("", cell.source) + "\n"
        for region in HIDDEN_TESTS.pattern.findall(cell.source):
            hidden |= {line.strip() for line in region.split("\n")}
    secrets = {line for line in hidden if len(line) > 20 and line not in visible}
    assert len(secrets) > 40
    for student in ("wrong", "few", "untouched"):
        said = shown(layout.feedback_page(student, name))
        assert "Found by a hidden test" in said or student != "wrong"
        assert [line for line in secrets if line in said] == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_pages_are_accessible_and_fit_the_window(chapter, browser, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    layout, name = chapter
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=True,
        bypass_csp=True,
    )  # fmt: skip
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    for student in ("wrong", "few", "untouched"):
        url = layout.feedback_page(student, name).as_uri()
        page.goto(url)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = axe.run(page, options={"runOnly": [
            "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
        ]})  # fmt: skip
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.evaluate(  # titles that leave no room beside them: the points stay in their row
            "document.querySelectorAll('summary .good').forEach(s => s.style.paddingRight = '80%')"
        )
        assert page.evaluate(
            "[...document.querySelectorAll('summary')].every(s =>"
            " [...s.querySelectorAll('.points')].every(p =>"
            " p.getBoundingClientRect().bottom <= s.getBoundingClientRect().bottom))"
        )
    assert {url.partition(":")[0] for url in asked} == {"file"} and len(asked) == 3
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("student", ["few", "wrong"])
def test_a_page_prints_on_two_sheets(chapter, browser, student):
    layout, name = chapter
    page = browser.new_page()
    page.goto(layout.feedback_page(student, name).as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2


@pytest.mark.browser
def test_on_paper_no_array_is_wider_than_its_card(chapter, browser):
    layout, name = chapter
    page = browser.new_page(viewport={"width": 688, "height": 1000})  # A4 without its margins
    page.emulate_media(media="print")
    page.goto(layout.feedback_page("wrong", name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate("document.body.classList.remove('long')")  # which leaves arrays out
    edges = page.evaluate(
        "[...document.querySelectorAll('.byhand-tables table')].map(t => ["
        "t.getBoundingClientRect().right, t.closest('.byhand-card').getBoundingClientRect().right"
        "])"
    )
    page.close()
    assert len(edges) > 4
    assert all(right <= card for right, card in edges)
