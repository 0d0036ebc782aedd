"""On macOS and Windows every command works or says what to do in one line; both are simulated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.scratch import only_run

HERE = Path(__file__).parent
RIGHT = {"square": "def square(x):\n    return x * x", "cube": "def cube(x):\n    return x**3"}
WORKS = ["release", "release --check", "grade --unsafe", "feedback", "export"]
REFUSED = ["grade --force", "demo"]
# One process, because each takes seconds to import nbgrader.
SCRIPT = """
import contextlib, io, json, pathlib, sys
from autograder import cli, layout
course, outcomes = layout.Layout.of(pathlib.Path(sys.argv[1])), {}
for command in sys.argv[2:]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = cli.main(command.split(), course)
    outcomes[command] = status, out.getvalue(), err.getvalue()
print(json.dumps(outcomes))
"""


def on(system: str) -> dict[str, str]:
    """Return the variables that simulate a system."""
    return os.environ | {"SIMULATED_SYSTEM": system, "PYTHONPATH": str(HERE / "simulated")}


def run_on(system: str, course, *commands: str) -> dict[str, tuple[int, str, str]]:
    """Return status, output and error output of commands on another system."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(course.layout.root), *commands],
        env=on(system), capture_output=True, text=True, timeout=170,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module", params=["darwin", "win32"])
def system(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def small(system, make_course, answers):
    """Return a course with a submission."""
    course = make_course()
    course.hand_in("ada", answers(**RIGHT))
    (course.layout.root / "autograder" / "nbgrader_config.py").touch()
    return course


@pytest.fixture(scope="module")
def outcomes(small, system):
    return run_on(system, small, *WORKS, *REFUSED, "doctor")


@pytest.mark.parametrize("command", WORKS)
def test_a_command_works(outcomes, command):
    status, out, err = outcomes[command]
    assert status == 0, out + err
    assert err == ""


@pytest.mark.parametrize("command", REFUSED)
def test_a_command_that_needs_the_engine_says_what_to_do(outcomes, system, command):
    status, _, err = outcomes[command]
    assert status == 1
    (line,) = err.splitlines()
    assert line.startswith("autograder: ")
    assert f"needs Linux, and this is {system}" in line
    assert "--unsafe" in line


def test_doctor_says_that_the_engine_is_missing(outcomes, system):
    status, out, err = outcomes["doctor"]
    assert status == 1
    assert err == ""
    assert f"it needs Linux, and this is {system}" in " ".join(out.split())


@pytest.mark.parametrize("command", ["lab", "test"])
def test_what_becomes_another_program_starts_it(small, system, command):
    process = small.start(command, "--version", env=on(system), stdout=subprocess.PIPE, text=True)
    assert process.communicate(timeout=120)[0].splitlines()[-1].split()[-1][0].isdigit()
    assert process.returncode == 0


def test_a_second_run_of_one_class_is_refused(small, system):
    with only_run(small.layout.work, "work"):
        ((status, _, err),) = run_on(system, small, "grade --unsafe").values()
    assert status == 1
    assert "another command is writing to it" in err


@pytest.mark.slow
def test_the_whole_demo_works_on_windows(make_course):
    ((status, out, err),) = run_on("win32", make_course(), "demo --unsafe").values()
    assert status == 0, out + err
    assert "As expected" in out
