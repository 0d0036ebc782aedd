import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import build_parser
from autograder.course.readme import chapter_table, with_table
from autograder.course.release import find_staleness
from autograder.layout import Layout

LAYOUT = Layout.here()


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["check", "format"])
def test_ruff_has_nothing_to_say(command: list[str]) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [ruff, *command, "--no-cache", LAYOUT.root], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("chapter", LAYOUT.chapters())
def test_the_released_chapter_is_up_to_date(chapter: str) -> None:
    assert find_staleness(LAYOUT, chapter) is None


def test_the_readme_has_the_table_of_chapters_that_the_notebooks_give() -> None:
    readme = (LAYOUT.root / "README.md").read_text("utf-8")
    assert chapter_table(LAYOUT) in readme
    assert with_table(readme, chapter_table(LAYOUT)) == readme


def test_every_command_of_the_command_line_is_in_the_readme() -> None:
    readme = (LAYOUT.root / "README.md").read_text("utf-8")
    (commands,) = build_parser()._subparsers._group_actions
    assert {
        name for name in commands.choices if f"python3 autograder {name}" not in readme
    } == set()


def test_the_top_level_shows_the_agreed_five_names_only() -> None:
    shown = {path.name for path in LAYOUT.root.iterdir() if not path.name.startswith(".")}
    assert shown == {"README.md", "autograder", "course", "environment.yml", "solutions"}
