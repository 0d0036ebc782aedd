"""What students handed in: finds it, and says what is wrong with what cannot be graded.

Everything here only reads. Standard library only.
"""

from __future__ import annotations

import difflib
import errno
import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import UserError
from autograder.layout import GLOB_CHARACTERS, Layout, has_glob_character

# Neither follows a link nor waits for a pipe; Windows knows neither flag.
_READ_ONLY = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


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

    `ours` says that it is this machine's fault: then running again is what to do.
    """

    path: Path
    reason: str
    student: str
    chapter: str | None = None
    ours: bool = False


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
    submissions: list[Submission] = []
    faults: list[Fault] = []
    everything = layout.chapters()
    for student_folder in _visible(layout.submitted):
        name = student_folder.name
        if student not in (None, name):
            continue
        reason = _find_folder_fault(student_folder)
        if reason is not None:
            faults.append(Fault(student_folder, reason, name))
            continue
        try:
            folders = _visible(student_folder)
        except OSError as error:
            reason = f"cannot be read ({error.strerror}); mend its permissions"
            faults.append(Fault(student_folder, reason, name))
            continue
        for folder in folders:
            if folder.name in chapters:
                try:
                    reason = find_fault(folder)
                except OSError as error:
                    reason = folder, f"cannot be read ({error.strerror}); mend its permissions"
                if reason is None:
                    path = folder / f"{folder.name}.ipynb"
                    submissions.append(Submission(name, folder.name, path))
                else:
                    faults.append(Fault(*reason, name, folder.name))
            elif folder.name not in everything:
                faults.append(Fault(folder, _no_chapter(folder, everything), name))
    return submissions, faults


def _find_folder_fault(folder: Path) -> str | None:
    if not folder.is_dir():
        return "a folder for each student is expected; move it into one"
    if has_glob_character(folder.name) or folder.name != folder.name.strip():
        return f"nbgrader stumbles over {' '.join(GLOB_CHARACTERS)} and outer spaces; rename it"
    return None


def find_fault(folder: Path) -> tuple[Path, str] | None:
    """Return what keeps a chapter folder of a student from being graded, or None.

    What is in the notebook is not looked at: `autograder.engine.rebuild.read_notebook` does that.

    Parameters
    ----------
    folder
        `submitted/<student>/<chapter>`.

    Returns
    -------
    tuple of Path, str or None
        The file or folder at fault, and the fault with what to do about it.
    """
    if folder.is_symlink() or not folder.is_dir():
        return folder, f"a folder is expected; make {folder.name}/ and put the notebook there"
    notebook = folder / f"{folder.name}.ipynb"
    if notebook.is_symlink():
        return notebook, "a link, not a file; ask for the notebook itself"
    if not notebook.is_file():
        others = [path for path in _visible(folder) if path.suffix == ".ipynb"]
        if others:
            return others[0], f"wrong file name; rename it to {notebook.name}"
        return folder, f"no notebook in it; {notebook.name} is missing, ask for it"
    return None


def read_submission(path: Path, others: Collection[Path]) -> bytes:
    """Return the bytes of a notebook that was handed in.

    Parameters
    ----------
    path
        The notebook.
    others
        Files that it must not be another name of, such as the source notebook.

    Raises
    ------
    Unreadable
        If it is a link, no regular file, or can't be read.
    """
    try:
        descriptor = os.open(path, _READ_ONLY)
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
        raise Unreadable(f"cannot be read ({error.strerror}); mend its permissions") from None


def read_timestamp(folder: Path) -> str:
    """Return what nbgrader noted beside a submission about its time; "" where it noted nothing."""
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
        When the text is no time.

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
        if text.count(" ") == 2 and text[-1].isalpha():  # the zone's name stands last
            text, _, name = text.rpartition(" ")
            zone = tz.gettz(name)
            if zone is None:
                raise ValueError(name)
        time = parser.parse(text)
        time = time.replace(tzinfo=zone) if zone else time
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    except (ValueError, OverflowError):
        raise Unreadable("timestamp.txt holds no time; mend or remove it") from None


def _no_chapter(folder: Path, chapters: list[str]) -> str:
    near = difflib.get_close_matches(folder.name, chapters, n=1)
    if near:
        return f"no chapter has this name; rename the folder to {near[0]}"
    return f"no chapter has this name; there are {', '.join(chapters)}"


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
