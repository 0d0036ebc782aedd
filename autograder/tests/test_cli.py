from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import cli
from autograder.layout import Layout

MAIN = Path(__file__).resolve().parents[1]
COMMANDS = (
    *("demo", "test", "lab", "release", "new-exercise"),
    *("class", "collect", "grade", "feedback", "export", "doctor"),
)


def run_bare(*argv: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with nothing but the standard library, as on a fresh machine."""
    command = [sys.executable, "-I", "-S", str(MAIN), *argv]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_help_names_every_command_before_anything_is_installed():
    result = run_bare("--help")
    assert result.returncode == 0
    assert all(re.search(rf"^    {command}\s", result.stdout, re.M) for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_a_module(command):
    assert f"usage: python3 autograder {command}" in run_bare(command, "--help").stdout
    name = cli.MODULES.get(command, command.replace("-", "_"))
    assert (MAIN / "autograder" / "commands" / f"{name}.py").is_file()


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["grade", "no_such_chapter"], "no chapter 'no_such_chapter'"),
        (["release", "--frob"], "unrecognized arguments: --frob"),
        ([], "COMMAND"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_status_2(argv, complaint):
    result = run_bare(*argv)
    assert result.returncode == 2
    assert complaint in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_chapter_may_be_named_by_its_number(course):
    assert cli.parse(["release", "1"], course.layout).chapters == ["1_powers"]


def test_without_names_all_chapters_are_meant_in_the_order_of_their_numbers(course):
    for chapter in ("10_late", "2_early"):
        (course.layout.solutions / chapter).mkdir()
    assert cli.parse(["grade"], course.layout).chapters == ["1_powers", "2_early", "10_late"]


def test_a_misspelt_chapter_is_guessed(course, capsys):
    with pytest.raises(SystemExit):
        cli.parse(["grade", "1_powres"], course.layout)
    assert "did you mean 1_powers?" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["test", "lab"])
def test_arguments_of_other_programs_pass_through_untouched(command):
    argv = [command, "-k", "name", "--no-browser", "-x"]
    assert cli.parse(argv, Layout.here()).arguments == argv[1:]


def test_a_folder_that_nbgrader_cannot_handle_is_named(course, tmp_path):
    odd = tmp_path / "term [2]"
    (odd / "submitted").mkdir(parents=True)
    status, printed = course.run("grade", "--work", str(odd))
    assert status == 1
    assert "rename that folder" in printed


def test_a_full_disk_is_one_line(course, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device", "grades.csv")

    monkeypatch.setattr("autograder.commands.export.run", fail)
    complaint = (
        "autograder: grades.csv: No space left on device; free some space and run the command "
        "again; what was finished is kept\n"
    )
    assert course.run("export") == (1, complaint)


def test_the_demo_takes_no_gradebook_of_a_class(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.parse(["demo", "--db", "sqlite://"], Layout.of(tmp_path))
    assert ended.value.code == 2
    assert "unrecognized arguments: --db" in capsys.readouterr().err
