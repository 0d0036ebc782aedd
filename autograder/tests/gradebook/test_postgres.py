"""A class whose gradebook is in PostgreSQL, on a real server that the tests start."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import cli
from autograder.layout import Layout

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "def cube(x):\n    return x**3",
    "hunt": "def slope(x):\n    return 2 * x",
}
AS_POSTGRES = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]


def find_server() -> Path | None:
    """Return the folder of the newest server's programs."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    on_path = shutil.which("postgres")
    folders += [Path(on_path).parent] if on_path else []
    return max(folders, key=lambda folder: int(re.sub(r"\D", "", str(folder)) or 0), default=None)


@pytest.fixture(scope="module")
def server():
    """Yield the URL of a server without databases of its own, on a socket in a temporary folder."""
    programs = find_server()
    if programs is None:
        assert not os.environ.get("CI"), ".ci/run installs PostgreSQL; it is not there"
        pytest.skip("no PostgreSQL server; Debian, Ubuntu: sudo apt install postgresql")
    as_user = AS_POSTGRES if os.geteuid() == 0 else []  # the server refuses to run as root
    # a socket's path may be 107 characters long, which pytest's folders can exceed
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        if as_user:
            shutil.chown(folder, "postgres", "postgres")
        data = f"{folder}/data"
        make = [str(programs / "initdb"), "-D", data, "-U", "teacher", "-A", "trust", "-N"]
        subprocess.run([*as_user, *make], check=True, capture_output=True, cwd=folder)
        serve = [str(programs / "postgres"), "-D", data, "-k", folder, "-h", "", "-F"]
        with open(f"{folder}/log", "w") as log:
            process = subprocess.Popen(
                [*as_user, *serve], cwd=folder, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            import psycopg

            deadline = time.monotonic() + 60
            while True:
                try:
                    psycopg.connect(host=folder, user="teacher", dbname="postgres").close()
                    break
                except psycopg.OperationalError:
                    assert process.poll() is None, Path(folder, "log").read_text()
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            yield folder
        finally:
            process.send_signal(2)  # fast shutdown
            process.wait(30)


@pytest.fixture
def url(server, request) -> str:
    import psycopg

    name = f"class{abs(hash(request.node.name))}"
    with psycopg.connect(
        host=server, user="teacher", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql+psycopg://teacher@/{name}?host={server}"


@pytest.fixture
def locked_url(server, url) -> tuple[str, str]:
    """Return the URL of a user who needs a password, and the password."""
    import psycopg

    rules = Path(server, "data", "pg_hba.conf")
    locked = "local all locked scram-sha-256\n"
    if locked not in rules.read_text():
        rules.write_text(locked + rules.read_text())
    with psycopg.connect(
        host=server, user="teacher", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("DROP ROLE IF EXISTS locked")
        connection.execute("CREATE ROLE locked LOGIN SUPERUSER PASSWORD 'open/sesame'")
    return url.replace("teacher@", "locked@"), "open/sesame"


def test_a_password_comes_from_the_environment_or_a_file(
    make_course, answers, locked_url, server, tmp_path, monkeypatch
):
    url, password = locked_url
    course = make_course()
    course.hand_in("ada", answers(**RIGHT))

    def grade(*options: str) -> str:
        status, printed = course.run("grade", *options)
        assert password not in printed and "Traceback" not in printed
        return printed if status == 0 else f"failed: {printed}"

    advice = "Put the password into ~/.pgpass or PGPASSWORD."
    assert advice in grade("--db", url)
    monkeypatch.setenv("PGPASSWORD", password)
    assert "1 graded" in grade("--db", url)
    monkeypatch.delenv("PGPASSWORD")
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:locked:{password}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert "1 unchanged" in grade("--db", url)
    monkeypatch.delenv("PGPASSFILE")
    whole = url.replace("locked@", f"locked:{password.replace('/', '%2F')}@")
    monkeypatch.setenv("AUTOGRADER_DB", whole)
    assert "1 unchanged" in grade()
    assert advice in grade("--db", url)  # the option comes first
    monkeypatch.setenv("AUTOGRADER_DB", whole.replace("sesame", "wrong"))
    assert advice in grade()  # although the user is called "locked"


@pytest.mark.parametrize("command", ["grade", "feedback", "export"])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://teacher:secret@host/class",
        "postgresql+psycopg://teacher:sec/ret@host/class",
        "postgresql+psycopg://:secret@host/class",
        "postgresql+psycopg:///class?host=/tmp&password=secret",
        "postgresql+psycopg:///class?host=/tmp&sslpassword=secret",
    ],
)
def test_a_password_on_the_command_line_is_refused(course, capsys, url, command):
    with pytest.raises(SystemExit) as stopped:
        cli.main([command, "--db", url], course.layout)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "put it into ~/.pgpass or PGPASSWORD, or the whole URL into AUTOGRADER_DB" in said
    assert "secret" not in said and "sec/ret" not in said


def test_a_class_in_postgres_goes_the_whole_way(make_course, answers, url, tmp_path):
    course = make_course()
    course.hand_in("ada", answers(**RIGHT)).with_name("timestamp.txt").write_text(
        "2026-02-02 15:58:23.948203 UTC"
    )
    course.hand_in("bob", answers(square=RIGHT["square"]))
    course.hand_in("flag", answers(cube="import os\nos._exit(1)"))
    status, printed = course.run("grade", "--db", url)
    assert (status, "3 graded in" in printed) == (0, True), printed
    assert not course.layout.gradebook.exists()
    with Gradebook(url) as gradebook:
        scores = {s.student_id: s.score for s in gradebook.assignment_submissions(CHAPTER)}
        assert scores == {"ada": 6, "bob": 2, "flag": 0}
        ada = gradebook.find_submission(CHAPTER, "ada")
        assert ada.timestamp.isoformat() == "2026-02-02T15:58:23.948203"
        assert gradebook.find_submission_notebook(CHAPTER, CHAPTER, "flag").flagged
        grade = gradebook.find_grade("cube-test", CHAPTER, CHAPTER, "bob")
        grade.manual_score = 1.5
        gradebook.db.commit()

    assert "0 graded, 3 unchanged" in course.run("grade", "--db", url)[1]
    course.hand_in("bob", answers(cube=RIGHT["cube"]))
    status, printed = course.run("grade", "--db", url)
    assert "1 graded, 2 unchanged" in printed
    assert "1.5 / 6*" in printed

    assert course.run("feedback", "--db", url)[0] == 0
    page = course.layout.feedback_page("ada", CHAPTER).read_text("utf-8")
    assert "<strong>6 of 6 points</strong>" in page
    table = tmp_path / "grades.csv"
    assert course.run("export", "--db", url, "--to", str(table))[0] == 0
    with table.open(encoding="utf-8", newline="") as file:
        exported = {row["student_id"]: row["score"] for row in csv.DictReader(file)}
    assert exported == {"ada": "6.0", "bob": "1.5", "flag": "0.0"}


def test_nbgraders_own_commands_work_on_the_same_gradebook(make_course, answers, url):
    course = make_course()
    course.hand_in("ada", answers(**RIGHT))
    root, work = course.layout.root, course.layout.work
    generate = ["generate_assignment", CHAPTER, f"--CourseDirectory.root={root}"]
    autograde = [
        *("autograde", CHAPTER, "--student=ada", f"--CourseDirectory.root={work}"),
        f"--CourseDirectory.source_directory={course.layout.solutions}",
        "--CourseDirectory.submitted_directory=submitted",
        "--CourseDirectory.autograded_directory=autograded",
    ]
    for step in (generate, autograde):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *step, f"--CourseDirectory.db_url={url}"],
            cwd=Layout.here().root / "autograder",
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    with Gradebook(url) as gradebook:
        assert gradebook.find_submission(CHAPTER, "ada").score == 6
    status, printed = course.run("grade", "--db", url)
    assert status == 0, printed
    assert "6 / 6" in printed


def test_a_chapter_may_lose_a_cell_after_grading(make_course, answers, url):
    import nbformat

    course = make_course()
    course.hand_in("ada", answers(**RIGHT))
    assert course.run("grade", "--db", url)[0] == 0
    source = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    source.cells = [cell for cell in source.cells if cell.id != "hunt-test"]
    course.write_source(source)
    status, printed = course.run("grade", "--db", url)
    assert status == 0
    assert "5 / 5" in printed


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("postgresql+psycopg://teacher@/c?host=/nowhere", "Check that the server runs and that"),
        ("postgresql+nothing://teacher@/c", "Can't load plugin"),
        ("no url", "Could not parse SQLAlchemy URL"),
    ],
)
def test_a_database_that_does_not_answer_is_one_line(course, answers, url, advice):
    course.hand_in("ada", answers(**RIGHT))
    status, printed = course.run("grade", "--db", url)
    assert status == 1
    assert "Traceback" not in printed
    assert advice in printed
    assert len([line for line in printed.splitlines() if line.startswith("autograder:")]) == 1


def test_names_of_any_kind_are_noted_and_keep_nobody_from_being_graded(make_course, answers, url):
    course = make_course()
    course.layout.work.mkdir(parents=True)
    (course.layout.work / "class.toml").write_text(
        "[students]\n"
        'ada = { name = "Ada \\u0000 O\'Neill\\"; DROP TABLE student; --", email = "a\\u0000" }\n'
        f'bob = {{ name = "{"B" * 9000} {"c" * 9000}", email = "{"e" * 9000}" }}\n'
        'zoe = { name = "Zo\\u202eë %s {} :name" }\n',
        "utf-8",
    )
    for student in ("ada", "bob", "zoe"):
        course.hand_in(student, answers(**RIGHT))
    status, printed = course.run("grade", "--db", url)
    assert (status, "3 graded" in printed) == (0, True), printed
    assert "Late penalties are not in these scores" not in printed
    with Gradebook(url) as gradebook:
        last = {student.id: student.last_name for student in gradebook.students}
    assert last["ada"] == "--" and last["zoe"] == ":name"
