"""The report on a class: what it counts, whom it names, how it looks."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from msgspec.structs import replace
from nbgrader.api import Gradebook

from autograder.course.notebooks import read_cells
from autograder.desk import figures
from autograder.desk.classfile import Student
from autograder.desk.items import ChapterReport, ExerciseResult, chapter_report
from autograder.desk.people import find_people
from autograder.desk.standing import Row, Standing, Total
from autograder.gradebook.book import open_gradebook
from autograder.gradebook.found import Found

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x**3",
    "hunt": "def slope(x):\n    return 2 * x",
}
NO_CUBE = "def cube(x):\n    raise NotImplementedError('write this part')"
AGREES = """class Agrees:
    def __eq__(self, other):
        return True


def slope(x):
    return 7"""
CHECKED = '''"""Exercise 1.2 · cubes (3 points)"""
from byhand.checks import CheckFailed
got = cube(2.0)
if got != 8:
    likely = "this is the square" if got == 4 else None
    raise CheckFailed("cube(2.0) is wrong", expected="8.0", actual=f"{got}", likely=likely,
                      hint="three factors")'''


def with_our_check(notebook: str) -> str:
    """Return a notebook whose test of `cube` names a mistake."""
    content = json.loads(notebook)
    for cell in content["cells"]:
        if cell["id"] == "cube-test":
            cell["source"] = CHECKED
    return json.dumps(content)


@pytest.fixture(scope="module")
def reported(make_course, answers):
    course = make_course()
    source = course.layout.source(CHAPTER)
    source.write_text(with_our_check(source.read_text("utf-8")), "utf-8")
    squares = RIGHT | {"cube": "def cube(x):\n    return x**2"}
    for student, given in {
        "ada": RIGHT, "bob": squares, "cleo": squares | {"hunt": "def slope(x):\n    return x"},
        "dan": {"square": "def square(x):\n    return x", "cube": NO_CUBE},
        "eve": squares | {"hunt": AGREES},
    }.items():  # fmt: skip
        course.hand_in(student, with_our_check(answers(**given)))
    (course.layout.work / "class.toml").write_text(
        "".join(f"[students.{name}]\n" for name in ("ada", "bob", "cleo", "dan", "eve", "finn"))
    )
    course.run("grade")
    with Gradebook(course.layout.database_url) as gradebook:
        gradebook.find_grade("hunt-test", CHAPTER, CHAPTER, "eve").manual_score = 1.0
        gradebook.db.commit()
    status, printed = course.run("report")
    assert status == 0, printed
    return course


def said(course) -> str:
    page = (course.layout.work / "report.html").read_text("utf-8")
    body = re.sub(r"(?s)<style.*?</style>", " ", page)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_the_most_common_mistake_comes_with_count_example_and_what_to_say(reported):
    text = said(reported)
    lecture = text[text.index("The most common mistakes in “Powers”") : text.index("People May")]
    assert "this is the square · 3 students of 5 1.2 · Cube a number" in lecture
    assert "For example: cube(2.0) is wrong; expected 8.0; got 4.0" in lecture
    assert "To say: three factors." in lecture
    assert not re.search(r"\b(ada|bob|cleo|dan|eve)\b", lecture)


def test_what_one_student_put_into_words_is_not_read_out_to_all(reported):
    with open_gradebook(reported.layout) as gradebook:
        marks, findings = gradebook.cell_marks(CHAPTER), gradebook.findings(CHAPTER)
    check = Found("cube-test", 0.0, 3.0, "CheckFailed", what="cube(2.0) is wrong")
    findings |= {
        "bob": [replace(check, actual="'finch was here'", likely="this is text")],
        "cleo": [replace(check, actual="array([nan, 4.0])", likely="this is an array")],
        "dan": [replace(check, error="NameError", what="cube raises", likely="finch is not there")],
        **{name: [replace(check, error="TypeError", actual="TypeError: finch", likely="no return")]
           for name in ("ada", "eve")},
    }  # fmt: skip
    cells = read_cells(reported.layout.source(CHAPTER))
    report = chapter_report(CHAPTER, cells, marks, findings, marks.keys())
    assert "finch" not in repr(report)
    examples = {mistake.name: mistake.example for mistake in report.mistakes}
    assert examples.keys() == {"this is text", "this is an array", "no return"}
    assert examples["this is an array"].actual == "array([nan, 4.0])"
    assert examples["no return"].what == "TypeError was raised"


def test_the_table_tells_how_every_check_did_a_persons_points_included(reported):
    with (reported.layout.work / "report.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["check"]: row for row in csv.DictReader(file)}
    counts = [(int(row["solved"]), int(row["tried"])) for row in rows.values()]
    assert counts == [(4, 5), (1, 4), (3, 5)]
    assert rows["cubes"]["mistake"] == "this is the square"
    assert rows["cubes"]["made by"] == "3"
    assert rows["cubes"]["difficulty"] == "0.25"


def test_people_are_named_with_the_reason(reported):
    text = said(reported)
    assert "Nothing handed in (1) finn : nothing so far of 1 expected" in text
    assert "dan : 0 % so far" in text
    flags = text[text.index("Flags to look at") :]
    assert flags.startswith("Flags to look at (1) eve : 1_powers: cell hunt"), flags[:300]


def test_no_notebook_that_was_handed_in_or_graded_is_read(reported):
    for folder in ("submitted", "autograded"):
        for notebook in (reported.layout.work / folder).rglob("*.ipynb"):
            notebook.write_bytes(b"")
    before = said(reported)
    assert reported.run("report")[0] == 0
    minutes = r"\d+ \w+ \d{4}, \d\d:\d\d"
    assert re.sub(minutes, "", said(reported)) == re.sub(minutes, "", before)


def test_without_grades_it_says_in_one_line_what_comes_first(course):
    status, printed = course.run("report")
    assert (status, printed.strip().count("\n")) == (1, 0)
    assert "nothing is graded yet; run: python3 autograder grade" in printed


def person(name: str, *statuses: str, late: timedelta = timedelta()) -> list[Row]:
    return [
        Row(Student(name), f"{number}_c", status, late=late if status == "graded" else timedelta())
        for number, status in enumerate(statuses, start=1)
    ]


def test_silent_is_who_misses_two_in_a_row_at_the_end_of_what_most_others_handed_in():
    classes = {
        "always": person("always", "graded", "graded", "graded", "not handed in"),
        "also": person("also", "graded", "graded", "graded", "not handed in"),
        "behind": person("behind", "graded", "graded", "not handed in", "not handed in"),
        "silent": person("silent", "graded", "not handed in", "missing", "not handed in"),
        "late": person("late", "graded", "graded", "graded", "graded", late=timedelta(days=2)),
    }
    rows = [row for mine in classes.values() for row in mine]
    totals = [Total(Student(name), 0, 0, None) for name in classes]
    people = find_people(Standing(rows, totals), {("late", "1_c"): ["odd", "odder"]})
    assert people.silent == [("silent", "nothing since 2_c")]
    assert people.missing == [] and people.help == []
    assert people.late == [("late", ", ".join(f"{n}_c (2 days)" for n in range(1, 5)))]
    assert people.flags == [("late", "1_c: odd (+1 more)")]


def test_a_figure_says_in_words_what_it_shows():
    chapter = ChapterReport(CHAPTER, "Powers", 4)
    chapter.exercises = [
        ExerciseResult("1.1", "Square", False, 2, 0.915),
        ExerciseResult("1.2", "Cube", True, 1, 0.5),
    ]
    figure = figures.exercises(chapter)
    assert figure.alt == "Bars: mean points of each exercise. 1.1 92 %, 1.2 ★ 50 %."
    assert figure.source.startswith("data:image/svg+xml;base64,")
    assert "90 to 100 %: 2" in figures.totals([12.0, 95.0, 130.0]).alt


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_is_accessible_and_fits_a_phone(reported, browser, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto((reported.layout.work / "report.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = axe.run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
