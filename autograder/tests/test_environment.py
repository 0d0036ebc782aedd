from __future__ import annotations

import ast
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import threading
from collections import namedtuple
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from autograder import environment
from autograder.environment import Environment, SetUpError, is_installed_here, requirements

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "autograder" / "__main__.py"
BARE = ("environment", "errors", "layout", "scratch")  # what the start needs, no library


@pytest.fixture(scope="module")
def start():
    """Return `autograder/__main__.py` as a module."""
    spec = importlib.util.spec_from_file_location("start", MAIN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path) -> Path:
    """Return a checkout that has all that set-up reads, and no packages."""
    for folder in ("course", "autograder"):
        (tmp_path / folder).mkdir()
        shutil.copy(ROOT / folder / "pyproject.toml", tmp_path / folder)
    shutil.copy(ROOT / "autograder" / "constraints.txt", tmp_path / "autograder")
    return tmp_path


@pytest.fixture
def ready(checkout):
    """Return an environment that looks as set-up leaves it, without the test extra."""
    own = Environment(checkout)
    own.python.parent.mkdir(parents=True)
    own.python.symlink_to(sys.executable)
    own.write_stamp(fingerprint=own.fingerprint(), extras=[])
    return own


def pretend(tmp_path: Path, output: str) -> str:
    """Return a program that prints `output` and fails, as Python's venv or pip would."""
    program = tmp_path / "python-that-fails"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{output}\nEND\nexit 1\n")
    program.chmod(0o755)
    return str(program)


def test_an_old_python_can_read_the_start_and_is_told_what_to_do(start, monkeypatch, capsys):
    ast.parse(MAIN.read_text("utf-8"), feature_version=(3, 8))
    version = namedtuple("version", "major minor micro")
    monkeypatch.setattr(start.sys, "version_info", version(3, 8, 18))
    assert start.main(["demo"]) == 1
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert "Python 3.8" in printed.err
    assert "3.11 or newer" in printed.err


def test_this_environment_is_used_because_it_has_the_packages():
    assert is_installed_here(ROOT, ["test"])


def test_packages_of_another_checkout_do_not_count(checkout):
    assert not is_installed_here(checkout, [])


@pytest.mark.parametrize("text", ["numpy>=9999", "no-such-package"])
def test_a_package_that_is_too_old_or_missing_does_not_count(monkeypatch, text):
    monkeypatch.setattr(environment, "requirements", lambda root, extras: [Requirement(text)])
    assert not is_installed_here(ROOT, [])


def test_requirements_are_read_from_both_pyprojects():
    found = {item.name: str(item.specifier) for item in requirements(ROOT, ["test"])}
    assert found["numpy"] == ">=2.0"
    assert found["byhand"] == ""
    assert found["pytest"] == ">=8.2"
    assert "pytest" not in {item.name for item in requirements(ROOT, [])}


def test_a_requirement_of_another_system_is_left_out(checkout):
    project = checkout / "autograder" / "pyproject.toml"
    here, there = (f"sys_platform {sign} '{sys.platform}'" for sign in ("==", "!="))
    added = f'dependencies = [\n    "here; {here}",\n    "elsewhere; {there}",'
    project.write_text(project.read_text().replace("dependencies = [", added, 1))
    found = {item.name for item in requirements(checkout, [])}
    assert {"nbgrader", "here"} <= found
    assert "elsewhere" not in found


def test_an_environment_that_is_ready_is_left_alone(ready, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert ready.is_ready([])
    ready.make([])
    assert ready.is_ready([])


def test_an_environment_is_updated_when_the_pins_change(ready):
    constraints = ready.root / "autograder" / "constraints.txt"
    constraints.write_text(constraints.read_text() + "new-package==1.0\n")
    assert not ready.is_ready([])


def test_an_environment_is_updated_when_an_extra_is_needed(ready):
    assert not ready.is_ready(["test"])


def test_an_environment_that_was_moved_is_remade(ready, tmp_path_factory):
    moved = tmp_path_factory.mktemp("elsewhere") / "checkout"
    shutil.move(ready.root, moved)
    assert not Environment(moved).is_ready([])


def test_an_environment_whose_python_went_away_is_remade(ready):
    ready.python.unlink()
    assert not ready.is_ready([])


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("because ensurepip is not available", "sudo apt install python3-venv"),
        ("/usr/bin/python3: No module named venv", "sudo apt install python3-venv"),
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
        ("error: [Errno 30] Read-only file system: '.venv'", "a folder of your own"),
        ("NewConnectionError: Temporary failure in name resolution", "check the network"),
        ("ERROR: No matching distribution found for numpy", "another Python"),
        ("ERROR: nobody thought of this\nhint: See above.", "nobody thought of this"),
        ("something nobody thought of", "something nobody thought of"),
    ],
)
def test_a_failure_is_one_line_with_advice_and_a_log(checkout, monkeypatch, output, advice):
    own = Environment(checkout)
    monkeypatch.setattr(sys, "executable", pretend(checkout, output))
    with pytest.raises(SetUpError) as caught:
        own.make([])
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(own.log) in str(caught.value)
    assert output in own.log.read_text()


PIP_WITHOUT_WHEELS = """#!/bin/sh
echo "$@" >> {calls}
case "$*" in *--only-binary*)
    echo "ERROR: No matching distribution found for numpy==2.4.6 (from versions: 2.5.5)"; exit 1
esac
"""


def test_where_a_pinned_version_has_no_wheel_the_bounds_are_used_and_one_line_says_so(
    ready, tmp_path, capsys
):
    calls = tmp_path / "calls"
    ready.python.unlink()
    ready.python.write_text(PIP_WITHOUT_WHEELS.format(calls=calls))
    ready.python.chmod(0o755)
    ready.write_stamp()
    ready.make(["test"])
    pinned, free = calls.read_text().splitlines()
    assert "constraints.txt" in pinned and "constraints.txt" not in free
    printed = capsys.readouterr().err.splitlines()
    assert len([line for line in printed if "no wheel" in line]) == 1
    assert platform.python_version() in "".join(printed)
    assert ready.is_ready(["test"])


def test_a_second_command_waits_for_the_first_ones_set_up(ready):
    calls = []

    def second() -> None:
        ready.make(["test"])
        calls.append("second")

    waiting = threading.Thread(target=second)
    with ready._alone():
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
        ready.write_stamp(fingerprint=ready.fingerprint(), extras=["test"])
        calls.append("first")
    waiting.join(10)
    assert calls == ["first", "second"]
    assert not ready.log.exists()  # it found all done, and ran nothing


def test_ctrl_c_says_that_the_same_command_resumes(start, monkeypatch, capsys):
    def interrupt(self, extras) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "is_installed_here", lambda root, extras: False)
    monkeypatch.setattr(Environment, "make", interrupt)
    assert start.main(["export"]) == 130
    (line,) = capsys.readouterr().err.splitlines()
    assert "the same command resumes it" in line


def test_windows_waits_for_the_command_and_returns_its_status(monkeypatch):
    monkeypatch.setattr(environment.sys, "platform", "win32")
    command = [sys.executable, "-c", "import time; time.sleep(0.2); raise SystemExit(3)"]
    assert environment.become(command, dict(os.environ)) == 3


def run_in(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    for name in ("__main__.py", "autograder/__init__.py"):
        (checkout / "autograder" / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "autograder" / name, checkout / "autograder" / name)
    for name in ("cli", "arguments", "engine/__init__", "engine/limits", "engine/text", *BARE):
        file = f"autograder/autograder/{name}.py"
        (checkout / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, checkout / file)
    return subprocess.run(
        [sys.executable, str(checkout / "autograder"), "demo"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )


def assert_one_line(result: subprocess.CompletedProcess[str], advice: str) -> None:
    last = result.stderr.splitlines()[-1]
    assert result.returncode == 1
    assert last.startswith("autograder: ")
    assert advice in last
    assert "Traceback" not in result.stderr


def test_a_folder_that_cannot_be_written_is_one_line(checkout):
    (checkout / "autograder" / "work").write_text("a file where a folder must be\n")
    assert_one_line(run_in(checkout), "a folder of your own")


def test_no_network_is_one_line(checkout):
    nowhere = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_FIND_LINKS": "",
        "PIP_NO_CACHE_DIR": "1",
    }
    result = run_in(checkout, **nowhere)
    assert_one_line(result, "check the network")
    assert "127.0.0.1" in (checkout / "autograder" / "work" / "logs" / "set-up.log").read_text()
