import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.arguments import build_parser
from autograder.commands.release import check
from autograder.course.lint import words
from autograder.course.preview import page_path
from autograder.course.readme import chapter_table
from autograder.layout import Layout

LAYOUT = Layout.here()


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["check", "format"])
def test_ruff_has_nothing_to_say(command: list[str]) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [ruff, *command, "--no-cache", LAYOUT.root], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_release_has_nothing_to_refuse_and_nothing_to_write() -> None:
    assert check(LAYOUT, LAYOUT.chapters()) == []


def test_the_readme_has_a_table_of_chapters_and_the_first_chapter_has_a_page() -> None:
    assert chapter_table(LAYOUT) in (LAYOUT.root / "README.md").read_text("utf-8")
    assert page_path(LAYOUT, LAYOUT.chapters()[0]).is_file()


def test_every_command_of_the_command_line_is_in_the_readme() -> None:
    readme = (LAYOUT.root / "README.md").read_text("utf-8")
    (commands,) = build_parser()._subparsers._group_actions
    assert {
        name for name in commands.choices if f"python3 autograder {name}" not in readme
    } == set()


def test_the_top_level_shows_the_agreed_five_names_only() -> None:
    shown = {path.name for path in LAYOUT.root.iterdir() if not path.name.startswith(".")}
    assert shown == {"README.md", "autograder", "course", "environment.yml", "solutions"}


# --- English ----------------------------------------------------------------------------------

TEXTS = [
    path
    for pattern in (
        "README.md",
        "*/README.md",
        "autograder/GUIDE.md",
        "autograder/hub/*.md",
        "autograder/hub/**/*.py",
        "autograder/autograder/**/*.py",
        "course/byhand/**/*.py",
    )
    for path in sorted(LAYOUT.root.glob(pattern))
    if path != Path(words.__file__).resolve()
]


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each paragraph, or of each string and run of comments in a module."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        yield from enumerate(text.split("\n"), start=1)
        return
    comments: list[tuple[int, str]] = []
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                comments.append((token.start[0], token.string.lstrip("# ")))
            elif token.type != tokenize.NL and comments:
                yield comments[0][0], " ".join(comment for _, comment in comments)
                comments = []
            if tokenize.tok_name[token.type] in ("STRING", "FSTRING_MIDDLE"):
                yield token.start[0], token.string


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(LAYOUT.root)))
def test_docstrings_comments_and_messages_are_free_of_translated_words(path: Path) -> None:
    found = [
        f"{path.relative_to(LAYOUT.root)}:{line}: {poor!r}; write {better}"
        for line, text in texts_of(path)
        for poor, better in words.poor_words(text)
    ]
    assert found == []
