"""Keeps every version that a student handed in, under `collected`, and picks the one that counts.

`collected/<student>/<chapter>/` holds the notebooks, `collected/index.json` what is known of them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.layout import Layout


class Version(msgspec.Struct):
    """One notebook that a student handed in for a chapter.

    Attributes
    ----------
    sha256 : str
        Of its content; the same content handed in again is the same version.
    file : str
        Where it is kept, below `collected`.
    source : str
        Where it was found.
    collected : datetime
        When it was first collected.
    time : datetime or None
        When it was handed in, if the system says so.
    number : int
        Canvas's, which rises from one file to the next; tells which of two undated ones is newer.
    late : bool
        Whether the system says that it was late, without saying when.
    spare : bool
        Whether it came beside another one, so that a person must decide: it is never picked.
    """

    sha256: str
    file: str
    source: str
    collected: datetime
    time: datetime | None = None
    number: int = 0
    late: bool = False
    spare: bool = False

    @property
    def moment(self) -> tuple[datetime, int]:
        """When it was handed in; when it was collected, if no more is known."""
        return self.time or self.collected, self.number

    def is_late(self, due: datetime | None, grace: timedelta) -> bool:
        """Return whether it came after the due date and the grace."""
        if self.time is None or due is None:
            return self.late
        return self.time > due + grace


class Work(msgspec.Struct):
    """A student's versions of a chapter, and which of them were put into `submitted` so far."""

    versions: list[Version] = []
    placed: list[str] = []


class Collected(msgspec.Struct):
    """Everything that was collected, by student and chapter."""

    students: dict[str, dict[str, Work]] = {}

    def work(self, student: str, chapter: str) -> Work:
        """Return a student's versions of a chapter, to be added to."""
        return self.students.setdefault(student, {}).setdefault(chapter, Work())


def folder_of(layout: Layout) -> Path:
    """Return where the versions are kept."""
    return layout.work / "collected"


def name_of(student: str, chapter: str, content: bytes, time: datetime | None) -> str:
    """Return where a notebook is kept, below `collected`."""
    stamp = f"{time:%Y-%m-%d_%H-%M-%S}" if time else "undated"
    return f"{student}/{chapter}/{stamp}_{digest(content)[:12]}.ipynb"


def read_index(layout: Layout) -> Collected:
    """Return what was collected so far.

    Raises
    ------
    UserError
        When the index can't be read.
    """
    path = folder_of(layout) / "index.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Collected)
    except FileNotFoundError:
        return Collected()
    except msgspec.MsgspecError as error:
        raise UserError(
            f"{layout.show(path)}: damaged ({error}); move {layout.show(path.parent)} away and "
            "collect everything again"
        ) from None


def write_index(layout: Layout, index: Collected) -> None:
    """Write what was collected so far."""
    content = msgspec.json.format(msgspec.json.encode(index), indent=1)
    write_atomically(folder_of(layout) / "index.json", content)


def digest(content: bytes) -> str:
    """Return the hash by which a version is known."""
    return hashlib.sha256(content).hexdigest()


def add_version(work: Work, new: Version) -> bool:
    """Add a version, or what is now known of an old one; return whether anything changed.

    The same content twice is one version, handed in when it came first.
    """
    for old in work.versions:
        if old.sha256 != new.sha256:
            continue
        before = msgspec.structs.replace(old)
        if new.time is not None and (old.time is None or new.time < old.time):
            old.time = new.time
        old.late, old.spare = old.late and new.late, old.spare and new.spare
        return old != before
    work.versions.append(new)
    return True


def pick(work: Work, due: datetime | None, grace: timedelta) -> list[Version]:
    """Return the version that counts: the last one on time, otherwise the last one.

    Several are returned where it can't be told which came last; none where all are spare.
    """
    candidates = [version for version in work.versions if not version.spare]
    on_time = [version for version in candidates if not version.is_late(due, grace)]
    last = max((version.moment for version in on_time or candidates), default=None)
    return [version for version in on_time or candidates if version.moment == last]
