"""The protections that all candidates share, and which of them are in force on this machine."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.engine.sandbox import landlock
from autograder.engine.sandbox.namespaces import enter_namespaces, move_into_new_root
from autograder.engine.sandbox.system_calls import make_filter

FIRST_UID = 1_900_000_000  # far above any real user's; each candidate gets one of its own
UIDS = 1_000_000
LANDLOCK_THAT_TRUNCATES = 3
SCRATCH_BYTES, SCRATCH_FILES = 64 * 2**20, 2000
EXTRA_MEMORY = 3 * 2**30  # address space beyond what is in use at the fork
THREADS = 64  # of a candidate; where they can't be counted separately, of all candidates


@dataclass(frozen=True)
class Protection:
    """One protection.

    Attributes
    ----------
    name : str
        What it is.
    in_force : bool
        Whether this machine has it.
    detail : str
        What it does, or why it is missing.
    """

    name: str
    in_force: bool
    detail: str


@dataclass
class Sandbox:
    """What the process that candidates are forked from has set up; see `build_sandbox`.

    Attributes
    ----------
    readable : list of str
        The folders and files that a candidate may read.
    listed : list of str
        Folders of which a candidate may see the names of the files, no more.
    protections : list of Protection
        All of them, in force or not.
    has_mounts : bool
        Whether the process has a file system of its own.
    filter : bytes
        The system call filter as BPF; empty where there is none.
    landlock : int
        The version of Landlock's interface; 0 where there is none.
    users : tuple of int
        The first of the user ids that candidates of root get, and how many there are.
    threads : int
        How many threads there may be among all that the kernel counts together with a candidate's.
    gap : str, optional
        What a candidate could do but must not, or could not do but must.
    """

    readable: list[str]
    listed: list[str] = field(default_factory=list)
    protections: list[Protection] = field(default_factory=list)
    has_mounts: bool = False
    filter: bytes = b""
    landlock: int = 0
    users: tuple[int, int] = (0, 0)
    threads: int = THREADS
    gap: str | None = None

    def add(self, name: str, in_force: bool, detail: str) -> None:
        """Note a protection."""
        self.protections.append(Protection(name, in_force, detail))

    def missing(self) -> str | None:
        """Return what safety needs and this machine lacks; None where nothing is missing.

        Two protections are enough, and nothing less is. The system call filter alone keeps a
        candidate from processes, sockets, signals, shared memory, limits and file permissions,
        whichever user it runs as. What files hold is protected either by a file system of its own
        or by Landlock, which prevents truncating files by path only since its version 3. A user of
        its own and the network and IPC namespaces repeat what the filter does; they can't replace
        it.
        """
        if not self.filter:
            return "the system call filter (seccomp; needs Linux on x86_64 or aarch64)"
        if not self.has_mounts and self.landlock < LANDLOCK_THAT_TRUNCATES:
            return "a file system of its own, or Landlock of version 3 (Linux 6.2 or newer)"
        return self.gap


def build_sandbox(readable: Iterable[str], hidden: str) -> Sandbox:
    """Set up the protections that all candidates share, around this very process.

    Parameters
    ----------
    readable : iterable of str
        Absolute paths that a candidate may read. Where the machine allows it, everything else is
        gone from this process's file system afterwards.
    hidden : str
        A folder inside one of them that no candidate may read.

    Returns
    -------
    Sandbox
        What is in force.
    """
    os.umask(0o022)
    with contextlib.suppress(OSError):  # where memory runs out, these processes are to end first
        Path("/proc/self/oom_score_adj").write_text("500")
    sandbox = Sandbox(*_without(os.path.realpath(hidden), _outermost(readable)))
    sandbox.users = user_ids(Path("/proc/self/uid_map").read_text())
    _add_filter(sandbox)
    _add_landlock(sandbox)
    _add_namespaces(sandbox)
    if os.geteuid() == 0:
        sandbox.add("user of its own", True, "a new user id for each candidate")
    else:
        sandbox.add("user of its own", False, "only root can provide one; the others suffice")
    sandbox.add(
        "scratch folder",
        sandbox.has_mounts,
        f"{SCRATCH_BYTES >> 20} MB in memory, {SCRATCH_FILES} files, emptied each time"
        if sandbox.has_mounts
        else "none: a candidate can't write anywhere",
    )
    sandbox.add("limits", True, f"{EXTRA_MEMORY >> 30} GB memory, threads, time, file size, output")
    return sandbox


def _add_filter(sandbox: Sandbox) -> None:
    try:
        sandbox.filter = make_filter()
        detail = "no processes, sockets, signals to others, changes of limits or permissions"
    except OSError as error:
        detail = str(error)
    sandbox.add("system call filter", bool(sandbox.filter), detail)


def _add_landlock(sandbox: Sandbox) -> None:
    sandbox.landlock = landlock.version()
    detail = (
        f"files by path, version {sandbox.landlock}" if sandbox.landlock else "not in the kernel"
    )
    if sandbox.landlock >= 6:
        detail += ", signals and abstract sockets"
    sandbox.add("Landlock", sandbox.landlock > 0, detail)


def _add_namespaces(sandbox: Sandbox) -> None:
    # Limits count per user: what else this user runs counts too, unless a namespace separates it.
    if os.geteuid() != 0:
        sandbox.threads = 5 * THREADS + _threads_of_this_user()
    names = ("network of its own", "System V IPC of its own", "file system of its own")
    try:
        enter_namespaces()
    except OSError as error:
        for name in names:
            sandbox.add(name, False, f"{error.strerror}")
        return
    if os.geteuid() != 0:
        sandbox.threads = 4 * THREADS
    sandbox.add(names[0], True, "without any interface")
    sandbox.add(names[1], True, "nothing is shared")
    try:
        move_into_new_root(sandbox.readable)
        sandbox.has_mounts = True
        sandbox.add(names[2], True, "Python, its packages, byhand; nothing else")
    except OSError as error:
        sandbox.add(names[2], False, str(error))


def user_ids(mapped: str) -> tuple[int, int]:
    """Return the first user id that a candidate may get, and how many there are.

    Parameters
    ----------
    mapped : str
        The ids that this process knows, as in ``/proc/self/uid_map``: in a container that an
        ordinary user has started, these are few.

    Examples
    --------
    >>> user_ids("0 0 4294967295"), user_ids("0 100000 65536"), user_ids("0 1000 1")
    ((1900000000, 1000000), (32768, 32768), (1, 0))
    """
    ranges = [(int(first), int(count)) for first, _, count in map(str.split, mapped.splitlines())]
    if any(first <= FIRST_UID and FIRST_UID + UIDS <= first + count for first, count in ranges):
        return FIRST_UID, UIDS
    first, count = max(ranges, key=lambda one: one[1])
    kept = (count + 1) // 2  # for users of the container
    return first + kept, count - kept


def _threads_of_this_user() -> int:
    count, uid = 0, os.getuid()
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                count += len(os.listdir(f"/proc/{entry.name}/task"))
    return count


def _outermost(paths: Iterable[str]) -> list[str]:
    """Return the paths that exist and are not inside another one of them."""
    found: list[str] = []
    for path in sorted({os.path.normpath(p) for p in paths if os.path.exists(p)}):
        if not any(path == p or path.startswith(p + "/") for p in found):
            found.append(path)
    return found


def _without(hidden: str, paths: list[str]) -> tuple[list[str], list[str]]:
    """Return the paths, those around a hidden folder as their parts, and what was taken apart."""
    kept: list[str] = []
    apart: list[str] = []
    pending = paths[::-1]
    while pending:
        path = pending.pop()
        real = os.path.realpath(path)
        if real == hidden or real.startswith(f"{hidden}/"):
            continue
        if hidden.startswith(f"{real}/") and not os.path.dirname(path).startswith(real):
            apart.append(path)
            pending += sorted((os.path.join(path, name) for name in os.listdir(path)), reverse=True)
        else:
            kept.append(path)
    return kept, apart


def needed_by_python() -> list[str]:
    """Return the paths that this Python, its packages and the system's libraries take up."""
    paths = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    paths += [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    paths += [os.path.realpath(p) for p in paths]
    paths += ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"]
    paths += ["/usr/share/zoneinfo", "/usr/share/fonts", "/etc/fonts", "/etc/localtime"]
    paths += ["/etc/ld.so.cache", "/dev/null", "/dev/zero", "/dev/urandom"]
    return [p for p in paths if p != "/"]
