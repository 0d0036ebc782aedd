"""Temporary folders that do not pile up, and one run at a time: both hold however a run ends.

Standard library only, because set-up needs a lock before anything is installed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import UserError

PREFIX = "byhand-"


def try_lock(descriptor: int) -> bool:
    """Lock an open file and return True, or return False where another process holds it.

    The lock ends when the file is closed, or with the process.

    Raises
    ------
    OSError
        If the file system knows no locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


class Scratch:
    """A temporary folder for this process; making one removes those of processes that were killed.

    A folder is in use as long as a process holds a lock on it, and a lock ends with its process.
    Windows can't lock folders: one that a killed process leaves there stays.

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
        self._lock: int | None = None
        if sys.platform == "win32":
            self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{kind}-"))
            return
        _sweep(Path(tempfile.gettempdir()))
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{kind}-"))
            # Until it is locked, another process may take it for one that was left, and remove it.
            with contextlib.suppress(FileNotFoundError):
                self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
                if try_lock(self._lock) and self.path.exists():
                    return
                os.close(self._lock)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

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
                if os.fstat(descriptor).st_uid == os.geteuid() and try_lock(descriptor):
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
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(folder / ".lock", flags, 0o644)
    try:
        free = True
        with contextlib.suppress(OSError):  # a network's file system that knows no locks
            free = try_lock(descriptor)
        if not free:
            raise UserError(f"{name}: another command is writing to it; wait until that has ended")
        yield
    finally:
        os.close(descriptor)
