"""Reads what was handed in without trusting it: names, notebooks, times.

Standard library only, but for reading a time.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from collections.abc import Collection
from datetime import UTC, datetime, timezone, tzinfo
from functools import cache
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.layout import GLOB_CHARACTERS, has_glob_character

LONGEST_NAME = 128  # characters, as much as nbgrader's gradebook has room for
MOST_BYTES = 200  # of a name; a file system allows 255, and files are named after it
UNSAFE = '<>"\\$`'  # Formgrader puts names into its pages as they are
# what operating systems, Jupyter and other tools leave in folders
LITTER = frozenset(
    "__macosx .ds_store .localized .appledouble .spotlight-v100 .trashes .fseventsd .directory "
    "thumbs.db ehthumbs.db desktop.ini $recycle.bin lost+found icon\r "
    ".ipynb_checkpoints .virtual_documents __pycache__ .git .idea .vscode .gitkeep "
    "node_modules venv".split(" ")
)
ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")
YEARS = range(1970, 2200)  # in which something may be due, or handed in
TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"  # nbgrader's names
LONGEST_NOTE = 1000  # bytes of either
ADVICE = "fix or remove it; it should read like 2026-03-31 23:59:00 UTC"
# where people write these, if an abbreviation has several meanings
USUAL_ZONES = (
    "Europe/London", "Europe/Berlin", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "America/Anchorage", "America/Halifax", "Asia/Kolkata", "Asia/Tokyo",
    "Asia/Shanghai", "Australia/Sydney",
)  # fmt: skip


class Unreadable(UserError):
    """Something handed in that can't be read."""


def is_litter(name: str) -> bool:
    """Return whether a file or folder was left by a system or an editor: nobody handed it in."""
    return name.lower() in LITTER or name.startswith(("._", "~$", ".~lock"))


def fault_of_name(name: str) -> str | None:
    """Return why a student's folder can't be called so, and what to do; None if it can."""
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return "the name is not UTF-8; rename the folder"
    if not name.isprintable():
        return "the name holds characters that can't be seen; rename the folder"
    if len(name) > LONGEST_NAME or size > MOST_BYTES:
        return f"the name has {len(name)} characters, {LONGEST_NAME} is the most; rename the folder"
    if has_glob_character(name) or name != name.strip():
        return f"nbgrader can't handle {' '.join(GLOB_CHARACTERS)} and outer spaces; rename it"
    if name.startswith("."):
        return f"the name begins with a dot, which hides it; rename it to {name.lstrip('.')}"
    if any(character in name for character in UNSAFE):
        return f"the name holds one of {' '.join(UNSAFE)}; rename the folder"
    return None


def why_unreadable(error: OSError) -> str:
    """Return why something can't be read, and what to do."""
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
        raise Unreadable(why_unreadable(error)) from None


def read_note(folder: Path, name: str) -> str:
    """Return what nbgrader noted beside a submission; "" if there is no such file.

    Parameters
    ----------
    folder
        ``submitted/<student>/<chapter>``. What is in a folder or archive that a student made is
        never looked at: whoever collects writes these files.
    name
        `TIMESTAMP` or `SECRET`.
    """
    file = folder / name
    if file.is_symlink() or not file.is_file():
        return ""
    try:
        with file.open("rb") as opened:
            return text_of_note(opened.read(LONGEST_NOTE + 1))
    except OSError:
        return "unreadable"


def text_of_note(content: bytes) -> str:
    """Return the text of a file that nbgrader noted; "unreadable" if it is none."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig").strip()
    except UnicodeDecodeError:
        return "unreadable"
    return text if len(content) <= LONGEST_NOTE else "unreadable"


def copy_notes(source: Path, target: Path) -> None:
    """Copy what nbgrader noted beside a submission, for `nbgrader release_feedback`."""
    for name in (TIMESTAMP, SECRET):
        note = read_note(source, name)
        if note:
            write_atomically(target / name, note)
        else:
            (target / name).unlink(missing_ok=True)


def parse_timestamp(text: str) -> datetime | None:
    """Return a time as nbgrader notes it, in UTC; None for no text.

    A date with dots begins with the day.

    Raises
    ------
    Unreadable
        When the text is not a time, or could be two.

    Examples
    --------
    >>> parse_timestamp("2026-02-02 15:58:23.948203 UTC").isoformat()
    '2026-02-02T15:58:23.948203'
    >>> parse_timestamp("2026-07-01 12:00:00 CEST").isoformat()
    '2026-07-01T10:00:00'
    >>> parse_timestamp("02.03.2026 10:00").isoformat()
    '2026-03-02T10:00:00'
    """
    text = text.strip()
    if not text:
        return None
    slashes = re.match(r"(\d{1,2})/(\d{1,2})/", text)
    if slashes and slashes[1] != slashes[2] and max(map(int, slashes.groups())) <= 12:
        raise Unreadable(f"{TIMESTAMP}: day and month can't be told apart; {ADVICE}")
    try:
        if len(text) > 100:
            raise ValueError(text)
        time = _parse(text)
        if time.year not in YEARS:
            raise ValueError(text)
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    except (ValueError, OverflowError):
        raise Unreadable(f"{TIMESTAMP} does not hold a time; {ADVICE}") from None


def _parse(text: str) -> datetime:
    """Return the time that a text says in full: date, time, and a zone if there is one."""
    from dateutil import parser

    zone = None
    rest, _, last = text.rpartition(" ")
    if "/" in last and not last[0].isdigit():  # Europe/Berlin
        text, zone = rest, _zone(last)
    found = [
        parser.parse(
            text,
            dayfirst=re.match(r"\d{1,2}\.\d{1,2}\.", text) is not None,
            default=default,
            tzinfos=lambda name, offset: _zone(name) if name and offset is None else offset,
        )
        for default in (datetime(2000, 1, 1), datetime(2001, 2, 2))
    ]
    if found[0] != found[1]:  # a part was missing
        raise ValueError(text)
    return found[0].replace(tzinfo=zone) if zone else found[0]


def _zone(name: str) -> tzinfo:
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    try:
        zone = ZoneInfo(name) if "/" in name else _abbreviated(name)
    except (ZoneInfoNotFoundError, OSError):
        zone = None
    if zone is None:
        raise ValueError(name)
    return zone


@cache
def _abbreviated(name: str) -> tzinfo | None:
    """Return the offset that an abbreviation such as CEST stands for."""
    from dateutil.tz import tzlocal  # the exchange writes times of the machine it is on

    others = sorted(available_timezones() - {*USUAL_ZONES})
    zones = (ZoneInfo(zone) for zone in (*USUAL_ZONES, *others) if not zone.startswith("posix"))
    for zone in chain((tzlocal(),), zones):
        for month in (1, 7):
            time = datetime(2026, month, 1, tzinfo=zone)
            offset = time.utcoffset()
            if time.tzname() == name and offset is not None:
                return timezone(offset)
    return None
