"""From downloads to the tables of other systems: a class is collected, graded and exported."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import nbformat
import pytest
from nbgrader import api
from tests.conftest import CHAPTER, Course
from tests.desk.conftest import SECOND, write_folder

from autograder.desk.sheets import read_sheet, safe, write_sheet

SQUARE, CUBE = "def square(x):\n    return x * x", "def cube(x):\n    return x**3"
HUNT = "def slope(x):\n    return 2 * x"
CLASS = """
time_zone = "UTC"
[due]
1_powers = 2026-10-12
2_roots = 2027-10-12
[late]
per_day = "25 %"
[students]
ada = { name = "Ada Lovelace", email = "ada@example.org", ids = ["12345", "Participant 9001"] }
jmueller = { name = "Jörg Müller", ids = ["12346", "Participant 9002"] }
late = { name = "Late, =Comer", ids = ["12347", "Participant 9003"] }
none = { name = "Nobody Yet", ids = ["12348"] }
ill = { name = "Ill Person", ids = ["12349"], excused = ["1_powers"] }
gone = { name = "Gone Away", ids = ["12350"], dropped = true }
"""
HANDED_IN = {
    "ada+1_powers+2026-10-12 10:00:00 UTC+x": {"square": SQUARE, "cube": CUBE, "hunt": HUNT},
    "jmueller+1_powers+2026-10-12 10:00:00 UTC+x": {"square": SQUARE},
    "late+1_powers+2026-10-14 10:00:00 UTC+x": {"square": SQUARE, "cube": CUBE, "hunt": HUNT},
    "gone+1_powers+2026-10-12 10:00:00 UTC+x": {"square": SQUARE},
}
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,1_powers (501),Powers ★ (502),Roots (503),"
    "Current Score\r\n"
    ",,,,,Manual Posting,,,\r\n"
    ",,,,,,,,\r\n"
    "    Points Possible,,,,,3,3,6,(read only)\r\n"
    '"Müller, Jörg",12346,m002,jmueller,A,,,,\r\n'
    '"Lovelace, Ada",12345,m001,ada,A,,,,91.5\r\n'
    '"=Comer, Late",12347,m003,late,A,,,,\r\n'
    '"Yet, Nobody",12348,m004,none,A,,,,\r\n'
    '"Person, Ill",12349,m005,ill,A,,,,\r\n'
    '"Student, Test",999,,0f3a9c,A,,,,\r\n'
)
WORKSHEET = (
    "Identifier;Full name;Email address;Status;Grade;Maximum Grade;Grade can be changed;"
    "Last modified (submission);Last modified (grade);Feedback comments\n"
    "Participant 9002;Jörg Müller;;Submitted;;3,00;Yes;-;-;\n"
    "Participant 9001;Ada Lovelace;ada@example.org;Submitted;;3,00;Yes;-;-;fine\n"
    "Participant 9003;Late =Comer;;Submitted;;3,00;No;-;-;\n"
)


@pytest.fixture(scope="module")
def term(make_group, answers, tmp_path_factory) -> Course:
    """Return a class that was collected and graded; exercise 1.2 is marked ★."""
    course = make_group()
    source = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    for cell in source.cells:
        cell.source = cell.source.replace("Exercise 1.2 ·", "Exercise 1.2 ★ ·")
    course.write_source(source)
    (course.layout.work / "class.toml").write_text(CLASS, "utf-8")
    files = {f"{name}/1_powers.ipynb": answers(**given) for name, given in HANDED_IN.items()}
    inbound = write_folder(tmp_path_factory.mktemp("exchange") / "inbound", files)
    assert course.run("collect", str(inbound))[0] == 0
    assert course.run("grade", "1")[0] == 0
    return course


def table(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding)), delimiter=delimiter))


def export(term: Course, tmp_path: Path, *argv: str, template: str = "") -> tuple[str, Path]:
    target = tmp_path / "out.csv"
    if template:
        (tmp_path / "in.csv").write_bytes(template.encode("utf-8-sig"))
        argv = (*argv, "--template", str(tmp_path / "in.csv"))
    return term.run("export", *argv, "--to", str(target))[1], target


def test_canvas_takes_back_its_own_table_with_points_filled_in(term, tmp_path) -> None:
    printed, target = export(term, tmp_path, "--for", "canvas", template=CANVAS)
    content = target.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and b"\r\n" in content
    found, before = table(target, "utf-8-sig"), list(csv.reader(io.StringIO(CANVAS)))
    assert found[:4] == before[:4]
    filled = {row[1]: row for row in found}
    assert filled["12345"][5:] == ["6", "", "", "91.5"]
    assert filled["12346"][5] == "2"
    assert filled["12347"][5] == "4.5"  # a day and a half late: two times 25 % of 3
    assert filled["12347"][0] == "'=Comer, Late"
    assert filled["12348"] == next(row for row in before if row[1] == "12348")  # no 0, but blank
    assert filled["12349"][5] == "EX"
    assert filled["999"][5] == ""
    unchanged = [(new, old) for new, old in zip(found, before, strict=True) if new[1] != "12347"]
    assert all(new[:5] + new[6:] == old[:5] + old[6:] for new, old in unchanged)
    assert "! " not in printed


def test_who_has_dropped_out_gets_no_points_in_a_table_that_still_has_the_row(
    term, tmp_path
) -> None:
    row = '"Away, Gone",12350,m006,gone,A,,,,\r\n'
    printed, target = export(term, tmp_path, "--for", "canvas", template=CANVAS + row)
    assert table(target, "utf-8-sig")[-1] == next(csv.reader([row]))
    assert "gone" not in printed.lower()


def test_stars_may_have_a_column_of_their_own(term, tmp_path) -> None:
    _, target = export(term, tmp_path, "--for", "canvas", "--stars", "apart", template=CANVAS)
    filled = {row[1]: row[5:7] for row in table(target, "utf-8-sig")}
    assert (filled["12345"], filled["12346"], filled["12347"]) == (
        ["3", "3"], ["2", "0"], ["1.5", "3"],
    )  # fmt: skip


def test_stars_without_a_column_are_named_and_not_lost_in_silence(term, tmp_path) -> None:
    without = CANVAS.replace("Powers ★ (502)", "Essay (502)")
    printed, _ = export(term, tmp_path, "--for", "canvas", "--stars", "apart", template=without)
    assert "! 1_powers: no column for ★ in" in printed
    assert 'add an assignment called "1_powers ★" there' in printed
    printed, _ = export(term, tmp_path, "--for", "canvas", "--stars", "apart", template=CANVAS)
    assert "no column" not in printed


def test_moodles_worksheet_is_filled_in_its_own_form(term, tmp_path) -> None:
    printed, target = export(term, tmp_path, "1", "--for", "moodle", template=WORKSHEET)
    found = {row[0]: row for row in table(target, "utf-8-sig", ";")}
    assert found["Participant 9002"][4:7] == ["2", "3,00", "Yes"]
    assert found["Participant 9001"][4:] == ["6", "3,00", "Yes", "-", "-", "fine"]
    assert found["Participant 9003"][4] == ""
    assert "late: Moodle says the grade can't be changed; left alone" in printed
    assert target.read_bytes().count(b"\r\n") == 0
    printed, _ = export(term, tmp_path, "--for", "moodle", template=WORKSHEET)
    assert "is of one assignment; name its chapter" in printed


def test_moodle_is_given_no_grade_above_its_maximum_without_a_word(term, tmp_path) -> None:
    # Moodle skips a row whose grade is above the maximum: the student would be left without one
    printed, _ = export(term, tmp_path, "1", "--for", "moodle", template=WORKSHEET)
    assert "1_powers: 3 points and 3 ★ here, 3 in" in printed
    assert "; set the maximum there to 6 (Moodle leaves out whoever has more" in printed
    enough = WORKSHEET.replace("3,00", "6,00")
    printed, _ = export(term, tmp_path, "1", "--for", "moodle", template=enough)
    assert "set the maximum" not in printed


def test_moodles_gradebook_is_filled_by_the_names_of_its_columns(term, tmp_path) -> None:
    template = (
        '"First name","Last name","ID number","Email address","Assignment: Powers (Real)"\n'
        '"Ada","Lovelace","","ada@example.org","-"\n"Jörg","Müller","","","-"\n'
    )
    _, target = export(term, tmp_path, "--for", "moodle", template=template)
    assert [row[4] for row in table(target, "utf-8-sig")[1:]] == ["6", "2"]
    assert target.read_text("utf-8-sig").startswith('"First name","Last name"')


def test_a_plain_table_has_a_row_a_student_and_a_column_a_chapter(term, tmp_path) -> None:
    _, target = export(term, tmp_path, "--for", "csv", "--stars", "apart")
    header, *rows = table(target, "utf-8-sig")
    found = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert set(found) == {"ada", "jmueller", "late", "none", "ill"}  # not who has left
    assert header[4:] == [
        CHAPTER, "1_powers ★", SECOND, "2_roots ★", "points", "out of", "percent",
    ]  # fmt: skip
    assert [found["ada"][name] for name in header[4:]] == ["3", "3", "", "", "6", "3", "200"]
    assert [found["none"][name] for name in header[4:]] == ["", "", "", "", "0", "3", "0"]
    assert [found["ill"][name] for name in header[4:]] == ["", "", "", "", "0", "0", ""]


def test_nbgraders_table_has_the_classs_penalty_and_no_zero_for_nothing(term, tmp_path) -> None:
    _, target = export(term, tmp_path)
    rows = {row["student_id"]: row for row in csv.DictReader(io.StringIO(target.read_text()))
            if row["assignment"] == CHAPTER}  # fmt: skip
    assert (rows["late"]["late_submission_penalty"], rows["late"]["score"]) == ("1.5", "4.5")
    assert rows["late"]["duedate"].startswith("2026-10-12 23:59:59")
    assert rows["none"]["score"] == rows["none"]["raw_score"] == ""


def test_a_changed_date_and_manual_points_count_at_once(term, tmp_path) -> None:
    file = term.layout.work / "class.toml"
    before = file.read_text("utf-8")
    try:
        file.write_text(before.replace("1_powers = 2026-10-12", "1_powers = 2026-10-20"), "utf-8")
        with api.Gradebook(term.layout.database_url) as gradebook:
            notebook = gradebook.find_submission_notebook(CHAPTER, CHAPTER, "jmueller")
            grade = next(grade for grade in notebook.grades if grade.name == "cube-test")
            grade.manual_score = 1.5
            gradebook.db.commit()
        _, target = export(term, tmp_path, "--for", "csv")
        found = {row[0]: row[4] for row in table(target, "utf-8-sig")}
        assert (found["late"], found["jmueller"]) == ("6", "3.5")
        with api.Gradebook(term.layout.database_url) as gradebook:
            notebook = gradebook.find_submission_notebook(CHAPTER, CHAPTER, "jmueller")
            grade = next(grade for grade in notebook.grades if grade.name == "cube-test")
            grade.manual_score = None
            gradebook.db.commit()
    finally:
        file.write_text(before, "utf-8")


def test_grading_shows_the_points_that_count_and_goes_on_without_a_class_file_it_can_trust(
    term,
) -> None:
    status, printed = term.run("grade", "1")
    assert (status, "4.5 / 6" in printed) == (0, True)
    file = term.layout.work / "class.toml"
    before = file.read_text("utf-8")
    try:
        file.write_text("weight = 1\n" + before, "utf-8")
        status, printed = term.run("grade", "1")
    finally:
        file.write_text(before, "utf-8")
    assert (status, "6 / 6" in printed) == (0, True)
    assert "Late penalties are not in these scores: " in printed and "did you mean" in printed


def test_the_class_shows_points_and_lateness_and_cuts_nothing_off(term, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, printed = term.run("class")
    assert status == 0
    assert "late" in printed and "1 d 10 h" in printed and "−1.5" in printed
    assert "gone Gone Away · dropped" in printed and "…" not in printed


@pytest.mark.parametrize(
    ("argv", "template", "line"),
    [
        (["--for", "canvas"], "", "--for canvas needs --template FILE: export it in Canvas"),
        (["--for", "csv"], CANVAS, "--template is for --for canvas or --for moodle"),
        (["--for", "canvas"], WORKSHEET, "not Canvas's gradebook; export it in Canvas"),
        (["--for", "canvas"], CANVAS.replace("Section", "Sect"), "no column Section"),
        (["--for", "canvas"], "Student,ID,Section,Essay (1)\nA,1,A,\n", "no column is a chapter's"),
        (
            ["--for", "canvas"],
            "Student,ID,Section,1_powers (1),Powers (2)\nA,1,A,,\n",
            "1_powers (1) and Powers (2) both look like 1_powers",
        ),
        (["1", "--for", "moodle", "--stars", "apart"], WORKSHEET, "no place for ★ apart"),
    ],
)  # fmt: skip
def test_a_template_that_does_not_fit_is_one_line(term, tmp_path, argv, template, line) -> None:
    printed, target = export(term, tmp_path, *argv, template=template)
    assert line in printed and printed.count("\n") == 1
    assert not target.exists()


def test_what_does_not_fit_is_named_and_the_rest_is_filled(term, tmp_path) -> None:
    template = CANVAS.replace(",3,3,6,", ",100,3,6,").replace(
        '"Lovelace, Ada",12345,m001,ada', '"Byron, Lord",777,m099,lord'
    )
    printed, target = export(term, tmp_path, "--for", "canvas", template=template)
    assert "1_powers: 3 points here, 100 in" in printed
    assert "Lord Byron: nobody in class.toml; left as it was" in printed
    assert "ada: has points, but no row in" in printed
    assert {row[1]: row[5] for row in table(target, "utf-8-sig")}["12346"] == "2"


def test_a_table_of_one_section_is_one_line_about_the_other(term, tmp_path) -> None:
    file = term.layout.work / "class.toml"
    before = file.read_text("utf-8")
    text = before
    for name, section in (("ada", "A"), ("jmueller", "B"), ("late", "B")):
        text = text.replace(f"{name} = {{ ", f'{name} = {{ section = "{section}", ')
    file.write_text(text, "utf-8")
    template = "".join(line for line in CANVAS.splitlines(True) if ",1234" not in line)
    template += '"Lovelace, Ada",12345,m001,ada,A,,,,\r\n'
    try:
        printed, target = export(term, tmp_path, "--for", "canvas", template=template)
        argv = ("--for", "canvas", "--template", str(tmp_path / "in.csv"), "--to", str(target))
        assert term.run("export", *argv)[0] == 0
    finally:
        file.write_text(before, "utf-8")
    assert "nobody of section B is in" in printed and "2 students have points" in printed
    assert "jmueller" not in printed


def test_a_column_that_is_called_otherwise_is_named_in_the_class_file(term, tmp_path) -> None:
    file = term.layout.work / "class.toml"
    before = file.read_text("utf-8")
    try:
        file.write_text(before.replace("[late]", '[columns]\n1_powers = "Homework 1"\n[late]'))
        template = CANVAS.replace("1_powers (501)", "Homework 1 (501)").replace("Powers ★", "Misc")
        _, target = export(term, tmp_path, "--for", "canvas", template=template)
        assert {row[1]: row[5] for row in table(target, "utf-8-sig")}["12346"] == "2"
    finally:
        file.write_text(before, "utf-8")


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_table_is_written_as_it_was_read(
    tmp_path: Path, encoding: str, delimiter: str, line_end: str
) -> None:
    rows = [["Name", "Größe", "Note"], ["Jörg", "a;b,c\td", '"x"'], ["", "-1,5", "+2"]]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    (tmp_path / "in.csv").write_bytes(text.getvalue().encode(encoding))
    write_sheet(read_sheet(tmp_path / "in.csv", "in.csv"), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "in.csv").read_bytes()


@pytest.mark.parametrize(
    "cell", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", " =1", "＝1", "-1+cmd|' /C calc'!A0", "\r=1"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "-", "-1.5", "+2", "Ada", "a=b", "12345", "-1,5"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert safe(cell) == cell


def test_the_class_keeps_its_names_and_deductions_on_a_narrow_console(term, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "36")
    printed = term.run("class")[1]
    rows = [line.split("│")[1:] for line in printed.splitlines() if line.startswith("│")]
    assert any(cells[0].strip() == "jmueller" for cells in rows)
    column = [cells[1].strip() for cells in rows]
    assert "4.5, late, 1 d 10 h, −1.5" in ", ".join(column)
