"""Finds what students handed in, and says what keeps the rest from being graded.

Everything here only reads. Standard library only.
"""

from __future__ import annotations

import difflib
import errno
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import UserError
from autograder.layout import GLOB_CHARACTERS, Layout, has_glob_character


class Unreadable(UserError):
    """Something handed in that can't be read."""


@dataclass(frozen=True)
class Submission:
    """One notebook that a student handed in for one chapter."""

    student: str
    chapter: str
    path: Path


@dataclass(frozen=True)
class Fault:
    """Something that keeps a file or folder from being graded, and what to do about it.

    `by_machine` says that this machine failed: then the advice is to run again.
    """

    path: Path
    reason: str
    student: str
    chapter: str | None = None
    by_machine: bool = False


def find_submissions(
    layout: Layout, chapters: Collection[str], student: str | None = None
) -> tuple[list[Submission], list[Fault]]:
    """Return what can be graded in `submitted`, and what cannot.

    Parameters
    ----------
    layout
        Whose `submitted` folder to read.
    chapters
        The chapters to look for; folders of other chapters are passed over.
    student
        Look at this student only.

    Returns
    -------
    tuple of list of Submission, list of Fault
        Both by student, then chapter.
    """
    everything = layout.chapters()  # once, not for each student
    found = [
        item
        for folder in _visible(layout.submitted)
        if student in (None, folder.name)
        for item in _look_into(folder, chapters, everything)
    ]
    submissions = [item for item in found if isinstance(item, Submission)]
    return submissions, [item for item in found if isinstance(item, Fault)]


def _look_into(
    folder: Path, chapters: Collection[str], everything: list[str]
) -> Iterator[Submission | Fault]:
    """Yield what is in a student's folder."""
    student = folder.name
    if not folder.is_dir():
        reason = "a folder for each student is expected; move it into one"
        yield Fault(folder, reason, student)
        return
    if has_glob_character(student) or student != student.strip():
        reason = f"nbgrader can't handle {' '.join(GLOB_CHARACTERS)} and outer spaces; rename it"
        yield Fault(folder, reason, student)
        return
    try:
        inner = _visible(folder)
    except OSError as error:
        yield Fault(folder, _unreadable(error), student)
        return
    for path in inner:
        if path.name in chapters:
            yield _look_into_chapter(path, student)
        elif path.name not in everything:
            yield Fault(path, _not_a_chapter(path, everything), student)


def _look_into_chapter(folder: Path, student: str) -> Submission | Fault:
    """Return the submission in `submitted/<student>/<chapter>`, or why there is none.

    The notebook's content is not looked at: `autograder.engine.rebuild.read_notebook` does that.
    """
    chapter = folder.name
    notebook = folder / f"{chapter}.ipynb"
    try:
        if folder.is_symlink() or not folder.is_dir():
            reason = f"a folder is expected; make {chapter}/ and put the notebook into it"
            return Fault(folder, reason, student, chapter)
        if notebook.is_symlink():
            reason = "a link, not a file; ask for the notebook itself"
            return Fault(notebook, reason, student, chapter)
        if notebook.is_file():
            return Submission(student, chapter, notebook)
        for other in _visible(folder):
            if other.suffix == ".ipynb":
                reason = f"wrong file name; rename it to {notebook.name}"
                return Fault(other, reason, student, chapter)
    except OSError as error:
        return Fault(folder, _unreadable(error), student, chapter)
    reason = f"no notebook in it; {notebook.name} is missing, ask for it"
    return Fault(folder, reason, student, chapter)


def _unreadable(error: OSError) -> str:
    return f"cannot be read ({error.strerror}); fix its permissions"


def read_submission(path: Path, others: Collection[Path]) -> bytes:
    """Return the bytes of a notebook that was handed in.

    Parameters
    ----------
    path
        The notebook.
    others
        Files that it must not be a hard link to, such as the source notebook.

    Raises
    ------
    Unreadable
        If it is a link, not a regular file, or can't be read.
    """
    try:
        # a pipe must not block, a link not be followed; Windows knows neither flag
        flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(path, os.O_RDONLY | flags | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("not a regular file; ask for the notebook itself")
            if any(os.path.samestat(status, other.stat()) for other in others if other.is_file()):
                raise Unreadable(
                    "another name of a file of the course; ask for the notebook itself"
                )
            return file.read()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Unreadable("a link, not a file; ask for the notebook itself") from None
        raise Unreadable(_unreadable(error)) from None


def read_timestamp(folder: Path) -> str:
    """Return what `timestamp.txt` says about a submission; "" if there is no such file."""
    file = folder / "timestamp.txt"
    if file.is_symlink() or not file.is_file():
        return ""
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return "unreadable"


def parse_timestamp(text: str) -> datetime | None:
    """Return a time as nbgrader notes it, in UTC; None for no text.

    Raises
    ------
    Unreadable
        When the text is not a time.

    Examples
    --------
    >>> parse_timestamp("2026-02-02 15:58:23.948203 UTC").isoformat()
    '2026-02-02T15:58:23.948203'
    """
    if not text:
        return None
    from dateutil import parser, tz

    try:
        zone = None
        if text.count(" ") == 2 and text[-1].isalpha():  # the time zone's name comes last
            text, _, name = text.rpartition(" ")
            zone = tz.gettz(name)
            if zone is None:
                raise ValueError(name)
        time = parser.parse(text)
        time = time.replace(tzinfo=zone) if zone else time
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    except (ValueError, OverflowError):
        raise Unreadable("timestamp.txt does not hold a time; fix or remove it") from None


def _not_a_chapter(folder: Path, chapters: list[str]) -> str:
    near = difflib.get_close_matches(folder.name, chapters, n=1)
    if near:
        return f"not a chapter's name; rename the folder to {near[0]}"
    return f"not a chapter's name; there are {', '.join(chapters)}"


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
