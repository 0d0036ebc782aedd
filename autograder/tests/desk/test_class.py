"""The class file: what it says, what contradicts itself, and the lists it is filled from."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import CHAPTER, Course
from tests.desk.conftest import SECOND

from autograder.commands.console import counted
from autograder.desk.classfile import ClassFile, Student
from autograder.desk.classreader import OF_STUDENT, TOP, Reader, load_class
from autograder.desk.lateness import DAY, HOUR, Amount, LatePolicy, parse_duration, parse_policy
from autograder.desk.lateness import KEYS as LATE_KEYS
from autograder.desk.names import Directory
from autograder.desk.roster import NEW_FILE
from autograder.desk.standing import Chapter, bend, standing
from autograder.gradebook.book import Marks

CHAPTERS = ["1_powers", "2_roots"]
ZONE = 'time_zone = "Europe/Berlin"\n'


def read(text: str) -> ClassFile:
    import tomllib

    return Reader(tomllib.loads(text), CHAPTERS).read()


# --- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("frob = 1", "'frob' is unknown; there are time_zone"),
        ("weight = 1", "'weight' is unknown; did you mean weights?"),
        ('time_zone = "Berlin"', "time_zone: 'Berlin' is no time zone"),
        ("[due]\n1_powers = 2026-10-12", "dates without a time zone; add"),
        (ZONE + "[due]\n1_power = 2026-10-12", "no chapter '1_power'; did you mean 1_powers?"),
        (ZONE + '[due]\n1_powers = "soon"', "due.1_powers: 'soon' is no date; write 2026-10-12"),
        (ZONE + "[due]\n1_powers = 0001-01-01", "due.1_powers: 0001-01-01 is no date"),
        ("[late]\ngrace = '99999999999 days'", "is longer than 3660 days"),
        ("due = 1", "due: a table is expected, such as [due]"),
        ("[late]\nper_day = '120 %'", "late: '120 %' is no deduction"),
        ("[late]\nper_day = 1\nper_hour = 1", "per_day and per_hour contradict each other"),
        ("[late]\nmost = 3", "most limits per_day or per_hour, but neither is there"),
        ("[late]\ngrace = '2 days'\nzero_after = '1 day'", "zero_after is shorter than grace"),
        ("[late]\ngrace = 15", '15 is no length of time; write "3 days"'),
        ("[late]\nper_weak = 1", "late: 'per_weak' is unknown"),
        ("[late.3_none]\nper_day = 1", "late: no chapter '3_none'"),
        ("[weights]\n1_powers = -1\n2_roots = 1", "weights.1_powers: -1 is no weight"),
        ("[weights]\n1_powers = 1", "weights: 2_roots has none; give it one, 0 if it does not"),
        ("[weights]\n1_powers = 0\n2_roots = 0", "weights: all are 0"),
        ('stretch = "bonus"', 'stretch: \'bonus\' is unknown; write "extra" or "counted"'),
        ("curve = [[0, 0], [50, 60], [40, 100]]", "curve: it must rise from left to right"),
        ("curve = [50, 60]", "curve: pairs of percent are expected"),
        ("[students]\n'a/b' = {}", "students.a/b: an id can't hold any of"),
        ("[students]\n' ada' = {}", "students. ada: an id can't be empty, begin or end"),
        ("[students]\n'.ada' = {}", "students..ada: an id can't begin with a dot"),
        ("[students]\nada = {nam = 'Ada'}", "students.ada: 'nam' is unknown; did you mean name?"),
        ("[students]\nada = 'Ada'", "students.ada: a table is expected"),
        ("[students]\nada = {ids = [1.5]}", "students.ada.ids: a list of texts is expected"),
        ("[students]\nada = {dropped = 'yes'}", "students.ada.dropped: true or false is expected"),
        ("[students]\nada = {}\nAda = {}", "students.Ada: ada is ada's as well; remove it"),
        ("[students]\nada = {}\nbob = {formerly = ['ada']}", "students.bob: ada is ada's as well"),
        ("[students]\na = {email='x@example.org'}\nb = {ids=['x@example.org']}", "is a's as well"),
        (
            "[students]\nada = {extensions = {1_powers = '2 days'}}",
            "students.ada.extensions.1_powers: the chapter has no due date to extend",
        ),
        (
            ZONE + "[due]\n1_powers = 2026-10-12\n[students]\n"
            "ada = {extensions = {1_powers = 2026-10-02}}",
            "students.ada.extensions.1_powers: earlier than the chapter is due (2026-10-12)",
        ),
        (
            ZONE + "[due]\n1_powers = 2026-10-12\n[students]\n"
            "ada = {excused = ['1_powers'], extensions = {1_powers = '1 day'}}",
            "students.ada.extensions.1_powers: the chapter is in excused too",
        ),
        (
            ZONE + "[sections.B.due]\n1_powers = 2026-10-12\n[students]\nada = {section = 'A'}",
            "sections.B: no student is in it; is its name right?",
        ),
    ],
)
def test_a_contradiction_is_one_line_that_says_where_and_what_to_do(
    text: str, problem: str
) -> None:
    (found,) = read(text).problems
    assert problem in found


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[due\n", "class.toml: "),
        ("[students]\nada = {}\nada = {}\n", "the same name twice"),
        ("\xff", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_is_one_line(course: Course, text: str, line: str) -> None:
    course.layout.work.mkdir(parents=True)
    (course.layout.work / "class.toml").write_bytes(text.encode("latin-1"))
    for command in ("class", "collect"):
        status, printed = course.run(command)
        assert status == 1
        assert line in printed and printed.count("\n") == 1


def test_the_command_lists_every_problem_and_others_refuse_to_count_on_the_file(
    group: Course,
) -> None:
    file = group.layout.work / "class.toml"
    file.write_text(file.read_text("utf-8") + "bob = { nam = 1 }\nb2 = { emall = 1 }\n", "utf-8")
    status, printed = group.run("class")
    assert status == 1
    assert "students.bob: 'nam' is unknown" in printed and "students.b2: 'emall'" in printed
    assert "Ada Lovelace" in printed
    status, printed = group.run("collect")
    assert status == 1
    assert "students.bob: 'nam' is unknown" in printed and "(and 1 more:" in printed


def test_dates_sections_and_extensions_make_a_due_date() -> None:
    found = read(
        ZONE + "[due]\n1_powers = 2026-10-12\n2_roots = 2026-10-26T18:00:00+00:00\n"
        "[sections.B.due]\n1_powers = 2026-10-25T03:00:00\n[students]\n"
        "ada = {section = 'A'}\nbob = {section = 'B', extensions = {1_powers = '36 hours'}}\n"
        "cem = {extensions = {2_roots = 2026-11-01}}\n"
    )
    assert found.problems == ()
    due = {
        (name, chapter): found.due_date(student, chapter)
        for name, student in found.students.items()
        for chapter in CHAPTERS
    }
    assert due["ada", "1_powers"] == datetime(2026, 10, 12, 21, 59, 59, tzinfo=UTC)
    # the clocks went back between: 36 hours are 36 hours
    assert due["bob", "1_powers"] == datetime(2026, 10, 26, 14, tzinfo=UTC)
    assert due["bob", "2_roots"] == datetime(2026, 10, 26, 18, tzinfo=UTC)
    assert due["cem", "2_roots"] == datetime(2026, 11, 1, 22, 59, 59, tzinfo=UTC)


KEYS = [*TOP, *OF_STUDENT, *LATE_KEYS, *CHAPTERS, "B", "ada"]
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.datetimes() | st.dates()
    | st.times() | st.sampled_from(["1 day", "10 %", "B", "2026-10-12", *CHAPTERS]) | st.text()
)  # fmt: skip
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(TOP), ANYTHING, max_size=5))
def test_whatever_is_in_the_file_it_is_read_or_is_a_problem(table: dict) -> None:
    found = Reader(table, CHAPTERS).read()
    standing(found, [], WORTH, now=NOW)
    for student in found.students.values():
        for chapter in CHAPTERS:
            found.due_date(student, chapter)
    assert all("\n" not in problem for problem in found.problems)


def test_every_line_that_a_new_file_suggests_is_understood() -> None:
    settings, about = NEW_FILE.split("# A student is one line")
    suggested = re.sub(r"^# (?=\[|\w+ = )", "", settings, flags=re.MULTILINE)
    student = re.search(r'formerly = \["earlier-id"\], dropped = true', about)[0]
    extension = re.search(r"extensions = \{.*\}", about)[0]
    suggested += f"[students]\nada = {{ section = 'B', {student}, {extension} }}"
    renamed = suggested.replace("1_derivatives", "1_powers").replace("2_gradients", "2_roots")
    found = read(renamed.replace("1_powers = 1\n", "1_powers = 1\n2_roots = 1\n"))
    assert found.problems == ()
    assert found.due and found.late and found.weights and found.columns and found.section_due
    assert found.curve and found.zone.key == "Europe/Berlin"  # type: ignore[attr-defined]


# --- late work ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "late", "taken"),
    [
        ({}, 5 * DAY, 0),
        ({"per_day": "10 %"}, timedelta(seconds=1), 4),
        ({"per_day": "10 %"}, DAY, 4),
        ({"per_day": "10 %"}, DAY + timedelta(seconds=1), 8),
        ({"per_day": 2}, 3 * DAY, 6),
        ({"per_hour": "1 point"}, 90 * timedelta(minutes=1), 2),
        ({"per_day": "10 %", "grace": "15 minutes"}, timedelta(minutes=15), 0),
        ({"per_day": "10 %", "grace": "15 minutes"}, timedelta(minutes=16), 4),
        ({"per_day": "10 %", "most": "25 %"}, 5 * DAY, 10),
        ({"per_day": "10 %", "zero_after": "2 days"}, 2 * DAY, 8),
        ({"per_day": "10 %", "zero_after": "2 days"}, 2 * DAY + timedelta(seconds=1), 30),
        ({"per_day": "50 %"}, 5 * DAY, 30),
        ({"zero_after": "0 days"}, timedelta(seconds=1), 30),
    ],
)
def test_a_rule_takes_points_for_each_period_that_has_begun(
    rule: dict, late: timedelta, taken: float
) -> None:
    assert parse_policy(rule).penalty(30, 40, late) == taken


@given(
    st.floats(0, 100), st.floats(0, 50), st.integers(-100, 1000), st.integers(0, 100), st.booleans()
)
def test_a_penalty_is_never_negative_nor_more_than_the_points_and_rises_with_time(
    points: float, number: float, hours: int, more: int, percent: bool
) -> None:
    policy = LatePolicy(every=HOUR, amount=Amount(number, percent), most=Amount(30, percent))
    first, second = (policy.penalty(points, 40, h * HOUR) for h in (hours, hours + more))
    assert 0 <= first <= second <= points


def test_lengths_of_time_are_read_as_people_write_them() -> None:
    assert parse_duration("1 week 2 days") == 9 * DAY
    assert parse_duration("90min") == timedelta(minutes=90)
    for text in ("", "3", "three days", "3 moons", 3, None, "1 monday"):
        with pytest.raises(ValueError, match="no length of time"):
            parse_duration(text)


# --- totals ---------------------------------------------------------------------------------------

WORTH = {"1_powers": Chapter(40, 10), "2_roots": Chapter(60, 0)}
NOW = datetime(2026, 11, 1, tzinfo=UTC)
DATES = ZONE + "[due]\n1_powers = 2026-10-12\n2_roots = 2026-12-01\n"


def marks(student: str, chapter: str, core: float, star: float = 0.0, **more: object) -> Marks:
    values = {"handed_in": None, "penalty": 0.0, "needs_person": False} | more
    return Marks(student, chapter, core, star, **values)  # type: ignore[arg-type]


def stand(text: str, *found: Marks, handed_in: object = ()) -> dict:
    result = standing(read(text), found, WORTH, handed_in, NOW)  # type: ignore[arg-type]
    rows = {(row.student.id, row.chapter): row for row in result.rows}
    return rows | {total.student.id: total for total in result.totals}


def test_everyone_is_graded_excused_missing_or_has_not_handed_in() -> None:
    text = DATES + "[students]\nada = {}\nbob = {excused = ['1_powers']}\ncem = {}\ndot = {}"
    found = stand(text, marks("ada", "1_powers", 30), handed_in={("dot", "1_powers")})
    statuses = {name: found[name, "1_powers"].status for name in ("ada", "bob", "cem", "dot")}
    assert statuses == {
        "ada": "graded", "bob": "excused", "cem": "missing", "dot": "not graded",
    }  # fmt: skip
    assert found["ada", "2_roots"].status == "not handed in"
    assert [found[name].percent for name in ("ada", "bob", "cem", "dot")] == [75, None, 0, None]
    assert found["dot", "1_powers"].points is None


def test_stars_are_on_top_or_part_of_the_maximum() -> None:
    mark = marks("ada", "1_powers", 30, 10)
    extra = stand(DATES + "[students]\nada = {}", mark)["ada"]
    counted = stand('stretch = "counted"\n' + DATES + "[students]\nada = {}", mark)["ada"]
    assert (extra.points, extra.out_of, extra.percent) == (40, 40, 100)
    assert (counted.points, counted.out_of, counted.percent) == (40, 50, 80)


def test_a_penalty_is_taken_from_the_core_first_and_counts_from_the_due_date() -> None:
    text = DATES + "[late]\nper_day = '50 %'\n[students]\nada = {}"
    late = datetime(2026, 10, 14, 12, tzinfo=UTC)
    row = stand(text, marks("ada", "1_powers", 30, 10, handed_in=late))["ada", "1_powers"]
    assert (row.penalty, row.points, row.points_apart) == (40, 0, (0, 0))
    text = text.replace("50 %", "40 %")
    row = stand(text, marks("ada", "1_powers", 30, 10, handed_in=late))["ada", "1_powers"]
    assert (row.penalty, row.points, row.points_apart) == (32, 8, (0, 8))


def test_without_a_date_in_the_class_file_nbgraders_own_penalty_counts() -> None:
    row = stand("", marks("ada", "1_powers", 30, penalty=5.0))["ada", "1_powers"]
    assert (row.penalty, row.points) == (5, 25)
    assert stand(DATES + "[students]\nada = {}", marks("ada", "1_powers", 30, penalty=5.0))[
        "ada", "1_powers"
    ].points == 30  # fmt: skip


def test_weights_and_a_curve_make_the_total() -> None:
    both = (marks("ada", "1_powers", 40), marks("ada", "2_roots", 30))
    text = DATES + "[weights]\n1_powers = 3\n2_roots = 1\n[students]\nada = {}"
    assert stand(text, *both)["ada"].percent == 87.5
    assert stand(DATES + "[students]\nada = {}", *both)["ada"].percent == 70
    curved = stand("curve = [[0, 0], [50, 60], [100, 100]]\n" + text, *both)["ada"]
    assert curved.percent == 90
    assert bend([(0, 0), (50, 60), (100, 100)], 110) == 110  # by ★
    assert bend([(20, 10), (100, 100)], 5) == 10


def test_a_renamed_students_points_are_counted_once_the_latest_and_strangers_are_named() -> None:
    text = DATES + "[students]\nadal = {formerly = ['ada']}\n"
    early, late = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC)
    found = standing(
        read(text),
        [
            marks("ada", "1_powers", 20, handed_in=early),
            marks("adal", "1_powers", 30, handed_in=late),
            marks("ada", "2_roots", 50),
            marks("eve", "2_roots", 1),
        ],
        WORTH,
        now=NOW,
    )
    points = {(row.student.id, row.chapter): row.points for row in found.rows}
    assert (points["adal", "1_powers"], points["adal", "2_roots"]) == (30, 50)
    assert found.strangers == ["eve"]


# --- lists of students ----------------------------------------------------------------------------

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,1_powers (501),Current Score
,,,,,Manual Posting,
    Points Possible,,,,,6.00,(read only)
"Lovelace, Ada",12345,m001,ada,A,,
"Müller, Jörg",12346,m002,jmueller,"A and B",,
"Student, Test",999,,0f3a9c,A,,
"""
LISTS = {
    "Canvas": (CANVAS, {"ada": "Ada Lovelace", "jmueller": "Jörg Müller"}),
    "Moodle's participants": (
        "First name,Last name,ID number,Email address,Groups\nAda,Lovelace,m001,ada@example.org,A\n"
        "Jörg,Müller,m002,jm@example.org,\n",
        {"m001": "Ada Lovelace", "m002": "Jörg Müller"},
    ),
    "Moodle's worksheet": (
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n"
        "Participant 9001,Ada Lovelace,ada@example.org,No submission,,100\n",
        {"ada": "Ada Lovelace"},
    ),
    "Moodle in German": (
        "Vorname;Nachname;ID-Nummer;E-Mail-Adresse\nAda;Lovelace;m001;ada@example.org\n",
        {"m001": "Ada Lovelace"},
    ),
    "GitHub Classroom": (
        '"identifier","github_username","github_id","name"\n"ada","ada-l","7","Ada Lovelace"\n',
        {"ada": "Ada Lovelace"},
    ),
    "Gradescope, with its staff": (
        "First Name,Last Name,SID,Email,Role,Section\nAda,Lovelace,m001,ada@example.org,Student,A\n"
        "Alan,Turing,t1,alan@example.org,TA,\n",
        {"m001": "Ada Lovelace"},
    ),
    "plain": ("id\tname\nada\tAda Lovelace\n", {"ada": "Ada Lovelace"}),
    "names alone": ("Name\nAda Lovelace\n", {"ada-lovelace": "Ada Lovelace"}),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("case", LISTS)
def test_a_list_is_recognized_by_its_columns_whatever_its_encoding(
    course: Course, tmp_path: Path, case: str, encoding: str
) -> None:
    text, expected = LISTS[case]
    file = tmp_path / "list.csv"
    file.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    status, printed = course.run("class", "--roster", str(file))
    assert (status, f"{counted(len(expected), 'student')} added" in printed) == (0, True)
    found = load_class(course.layout).students
    assert {name: student.name for name, student in found.items()} == expected


def test_a_second_list_completes_the_first_and_loses_nothing(
    course: Course, tmp_path: Path
) -> None:
    for name in ("Canvas", "Moodle's worksheet", "GitHub Classroom"):
        (tmp_path / "list.csv").write_text(LISTS[name][0], "utf-8")
        printed = course.run("class", "--roster", str(tmp_path / "list.csv"))[1]
        assert ("matched by name alone, please check: ada" in printed) == (name[0] == "M")
    file = course.layout.work / "class.toml"
    (line,) = [text for text in file.read_text("utf-8").splitlines() if text.startswith("ada")]
    assert load_class(course.layout).students["ada"] == Student(
        "ada", "Ada Lovelace", "ada@example.org", "A",
        ids=("m001", "12345", "Participant 9001", "ada-l", "7"),
    )  # fmt: skip
    edited = file.read_text("utf-8").replace(
        line, f"# asked on Monday\n{line[:-1]}, dropped = true, excused = ['1_powers']}}"
    )
    file.write_text("# mine\n" + edited, "utf-8")
    changed = CANVAS.replace(",ada,A", ",ada,B") + '"Hopper, Grace",12347,,,A,,\n'
    (tmp_path / "list.csv").write_text(changed, "utf-8")
    status, printed = course.run("class", "--roster", str(tmp_path / "list.csv"))
    assert "1 student added, 0 completed, 2 unchanged" in printed
    assert "ada: section is A in the class file, B there; kept" in printed
    after = file.read_text("utf-8")
    assert all(text in after for text in edited.splitlines())
    assert after.startswith("# mine\n") and "Grace Hopper" in after
    (tmp_path / "list.csv").write_text("id,name\njmueller,Jörg Müller\n", "utf-8")
    printed = course.run("class", "--roster", str(tmp_path / "list.csv"))[1]
    assert "list.csv: 12347; add dropped = true" in printed  # ada has left already


@pytest.mark.parametrize(
    "before",
    [
        "students = {}\n",
        "[students]\nada = {ids = ['x']} # mine\n\n[weights]\n1_powers = 1\n",
        "[students.ada]\nname = 'Ada Lovelace'\n\n[students.bob]\nname = 'Bob'\n",
        "students.ada.name = 'Ada Lovelace'\n",
        "[students.ada]\nname = 'A'\n[weights]\n1_powers = 1\n[students.bob]\nsection = 'B'\n",
    ],
)
def test_a_list_is_added_however_the_class_file_is_written_or_nothing_is(
    course: Course, tmp_path: Path, before: str
) -> None:
    file = course.layout.work / "class.toml"
    file.parent.mkdir(parents=True)
    file.write_text(before, "utf-8")
    (tmp_path / "list.csv").write_text("id,email\nada,a@example.org\nnew,n@example.org\n", "utf-8")
    known = set(load_class(course.layout).students)
    status, printed = course.run("class", "--roster", str(tmp_path / "list.csv"))
    found = load_class(course.layout)
    if status:
        assert "put them together under [students]" in printed
        assert file.read_text("utf-8") == before
    else:
        assert set(found.students) == known | {"ada", "new"} and found.problems == ()
        assert found.students["ada"].email == "a@example.org"
        assert all(comment in file.read_text("utf-8") for comment in re.findall("# .*", before))
        assert found.weights == ({"1_powers": 1} if "weights" in before else {})


@pytest.mark.parametrize(
    "text", ["students = 5\n", "[students]\nada = 5\n", "[students]\nÄ = {x = 1}"]
)
def test_a_list_is_not_added_to_a_class_file_that_contradicts_itself(
    course: Course, tmp_path: Path, text: str
) -> None:
    file = course.layout.work / "class.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text, "utf-8")
    (tmp_path / "list.csv").write_text("id,email\nada,a@example.org\n", "utf-8")
    status, printed = course.run("class", "--roster", str(tmp_path / "list.csv"))
    assert (status, printed.count("\n")) == (1, 1)
    assert file.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04 xlsx", "a workbook, not a CSV file; export it as CSV"),
        (b"week,topic\n1,powers\n", "no column names the students; expected one such as"),
        (b"Name,Section\n", "no students in it; is this the right file?"),
        (b"Name,Section\nAda,A,x\n", "row 2 has more cells than the header"),
        (b"\0\0\0\0", "not text; export it as CSV"),
    ],
)
def test_a_list_that_is_none_is_one_line(
    course: Course, tmp_path: Path, content: bytes, line: str
) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    status, printed = course.run("class", "--roster", str(tmp_path / "list.csv"))
    assert status == 1
    assert line in printed and printed.count("\n") == 1
    assert not (course.layout.work / "class.toml").exists()


def test_two_of_the_same_name_stay_two_and_a_row_twice_is_said(
    course: Course, tmp_path: Path
) -> None:
    text = (
        "id,name,email\nw1,Wei Zhang,w1@example.org\nw2,Wei Zhang,w2@example.org\n"
        "w2,Wei Zhang,w2@example.org\n"
    )
    (tmp_path / "list.csv").write_text(text, "utf-8")
    printed = course.run("class", "--roster", str(tmp_path / "list.csv"))[1]
    assert set(load_class(course.layout).students) == {"w1", "w2"}
    assert "w2: twice in" in printed
    (tmp_path / "list.csv").write_text("name,section\nWei Zhang,B\n", "utf-8")
    printed = course.run("class", "--roster", str(tmp_path / "list.csv"))[1]
    assert "Wei Zhang: may be any of w1, w2; not added" in printed


def test_a_list_of_one_section_takes_nobody_of_another_for_gone_and_shows_no_table(
    course: Course, tmp_path: Path
) -> None:
    for section in ("A", "B"):
        rows = "".join(f"{section}{n},Student {section}{n},{section}\n" for n in range(3))
        (tmp_path / "list.csv").write_text(f"id,name,section\n{rows}", "utf-8")
        printed = course.run("class", "--roster", str(tmp_path / "list.csv"))[1]
    assert "nobody of section A (3 students) is in" in printed and "has left" not in printed
    assert "3 students added" in printed and "Student B1" not in printed
    (tmp_path / "list.csv").write_text("id,name,section\nB0,Student B0,B\n", "utf-8")
    printed = course.run("class", "--roster", str(tmp_path / "list.csv"))[1]
    assert "list.csv: B1, B2; add dropped = true" in printed


def test_the_class_can_be_read_by_a_program(group: Course) -> None:
    status, printed = group.run("class", "--json")
    found = json.loads(printed)
    assert status == 0 and found["problems"] == []
    ada = found["students"][0]
    assert (ada["id"], ada["name"]) == ("ada", "Ada Lovelace")
    assert set(ada["chapters"]) == {CHAPTER, SECOND}


def test_without_a_class_file_a_list_is_asked_for(course: Course) -> None:
    status, printed = course.run("class")
    assert status == 1
    assert "no class file yet" in printed and "class --roster FILE" in printed


# --- names ----------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.text(), st.text(max_size=20))
def test_no_name_and_no_text_upsets_the_directory(name: str, text: str) -> None:
    directory = Directory([Student("ada", name), Student("bob", "Bob B", ids=(text,))])
    for asked in (name, text, name + text):
        assert directory.find(asked) <= {"ada", "bob"}
        assert directory.within(asked) <= {"ada", "bob"}
        directory.near(asked)
        directory.ending(asked)
