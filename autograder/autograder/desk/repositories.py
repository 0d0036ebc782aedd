"""When a file of a Git repository was last changed, without running anything that is in it.

Only the repository's objects are read: its configuration and hooks, which a student may have
written, are those of an empty repository of ours.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from autograder.engine.text import encodable
from autograder.scratch import Scratch

SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
PATIENCE = 20  # seconds
LONGEST_REF = 2**20  # bytes


class Git:
    """Asks Git about repositories, in an empty one of its own, until it is closed.

    Parameters
    ----------
    say
        Is told of which repository Git can't tell anything, and what to do, in one line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._scratch: Scratch | None = None
        self._known: dict[tuple[Path, tuple[str, ...]], datetime | None] = {}
        self._silent: set[Path] = set()

    def __enter__(self) -> Git:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None

    def _empty(self) -> Path:
        if self._scratch is None:
            self._scratch = Scratch("git")
            for name in ("objects", "refs"):
                (self._scratch.path / name).mkdir()
            (self._scratch.path / "HEAD").write_text("ref: refs/heads/main\n", "utf-8")
        return self._scratch.path

    def last_change(self, repository: Path, parts: tuple[str, ...]) -> datetime | None:
        """Return when a file was committed last, in UTC, as the student's machine says.

        Parameters
        ----------
        repository
            Its `.git` folder.
        parts
            The file's path in the work tree.

        Returns
        -------
        datetime or None
            None where it is in no commit, or can't be told.
        """
        if (repository, parts) not in self._known:
            self._known[repository, parts] = self._ask(repository, parts)
        return self._known[repository, parts]

    def _ask(self, repository: Path, parts: tuple[str, ...]) -> datetime | None:
        head = _head_of(repository)
        if head is None or repository in self._silent or shutil.which("git") is None:
            return None
        command = ["git", "log", "-1", "--format=%ct", head, "--", ":(literal)" + "/".join(parts)]
        try:
            seconds = self._run(command, repository).strip()
            return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdecimal() else None
        except (subprocess.TimeoutExpired, OSError, OverflowError, ValueError):
            # a pipe among its objects, a commit in the year three million
            self._silent.add(repository)
            name = encodable(repository.parent.name)
            self._say(f"{name}: Git can't tell when it was changed; date it with --handed-in TIME")
            return None

    def _run(self, command: list[str], repository: Path) -> str:
        return subprocess.run(
            command,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "GIT_DIR": str(self._empty()),
                "GIT_OBJECT_DIRECTORY": str((repository / "objects").resolve()),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
            },
            cwd=self._empty(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        ).stdout


def _head_of(repository: Path) -> str | None:
    """Return the commit that is checked out."""
    head = _read(repository / "HEAD")
    if SHA.fullmatch(head):
        return head
    name = head.removeprefix("ref: ")
    if not head.startswith("ref: refs/") or ".." in name:
        return None
    loose = _read(repository / name)
    if SHA.fullmatch(loose):
        return loose
    packed = re.search(rf"^(\S+) {re.escape(name)}$", _read(repository / "packed-refs"), re.M)
    return packed[1] if packed and SHA.fullmatch(packed[1]) else None


def _read(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LONGEST_REF:
            return ""
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
