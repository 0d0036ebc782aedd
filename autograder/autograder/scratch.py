"""Temporary folders that do not pile up, and one run at a time: both hold however a run ends."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import UserError

PREFIX = "byhand-"


class Scratch:
    """A temporary folder for this process; making one removes those of processes that were killed.

    A folder is in use as long as somebody holds a lock on it, and a lock ends with its process.

    Parameters
    ----------
    kind : str
        What it is for; a part of its name.

    Attributes
    ----------
    path : Path
        The folder.
    """

    def __init__(self, kind: str) -> None:
        base = Path(tempfile.gettempdir())
        _sweep(base)
        # Named once it is locked, so that nobody takes it for one that was left behind.
        draft = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))
        self._lock = os.open(draft, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.path = base / f"{PREFIX}{kind}-{draft.name.rpartition('-')[2]}"
        draft.rename(self.path)

    def close(self) -> None:
        """Remove the folder."""
        if self._lock >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *exception: object) -> None:
        self.close()


def _sweep(base: Path) -> None:
    """Remove the folders whose process is gone."""
    for folder in base.glob(f"{PREFIX}*-*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(descriptor).st_uid == os.geteuid():
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


@contextlib.contextmanager
def only_run(folder: Path, name: str) -> Iterator[None]:
    """Hold a class's work folder for the block, so that only one run writes to it.

    Parameters
    ----------
    folder : Path
        The work folder.
    name : str
        How messages call it.

    Raises
    ------
    UserError
        If another run holds it.
    """
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            os.close(descriptor)
            raise UserError(f"{name}: another run is grading it; wait until it has ended") from None
        # a network's file system that knows no locks: go on without
    try:
        yield
    finally:
        os.close(descriptor)
