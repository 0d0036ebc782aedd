"""Every command works on macOS and Windows, or says in one line what to do; both are simulated."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from autograder.scratch import only_run

HERE = Path(__file__).parent
RIGHT = {"square": "def square(x):\n    return x * x", "cube": "def cube(x):\n    return x**3"}


@pytest.fixture(scope="module")
def small(make_course, answers):
    """Return a course with a submission, which the commands below share."""
    course = make_course()
    course.hand_in("ada", answers(**RIGHT))
    (course.layout.root / "autograder" / "nbgrader_config.py").touch()
    return course


def run_on(system: str, course, *argv: str) -> tuple[int, str, str]:
    """Return status, output and error output of a command on another system."""
    variables = {"SIMULATED_SYSTEM": system, "PYTHONPATH": str(HERE / "simulated")}
    process = course.start(
        *argv, env=os.environ | variables, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.fixture(params=["darwin", "win32"])
def system(request) -> str:
    return request.param


@pytest.mark.parametrize(
    "command",
    [
        ("release",), ("release", "--check"), ("grade", "--unsafe", "--force"), ("feedback",),
        ("export",), ("lab", "--version"), ("test", "--version", "-n", "0"),
        pytest.param(("demo", "--unsafe"), marks=pytest.mark.slow),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_command_works(small, system, command):
    status, out, err = run_on(system, small, *command)
    assert status == 0, out + err
    assert "Traceback" not in out + err


@pytest.mark.parametrize("command", [("grade", "--force"), ("demo",)], ids=" ".join)
def test_a_command_that_needs_the_engine_says_what_to_do(small, system, command):
    status, _, err = run_on(system, small, *command)
    assert status == 1
    (line,) = err.splitlines()
    assert line.startswith("autograder: ")
    assert f"needs Linux, this is {system}" in line
    assert "--unsafe" in line


def test_doctor_says_that_the_engine_is_missing(small, system):
    status, out, err = run_on(system, small, "doctor")
    assert status == 1
    assert err == ""
    assert f"the engine needs Linux, this is {system}" in " ".join(out.split())


def test_a_second_run_of_one_class_is_refused(small, system):
    with only_run(small.layout.work, "work"):
        status, _, err = run_on(system, small, "grade", "--unsafe")
    assert status == 1
    assert "another run is grading it" in err
