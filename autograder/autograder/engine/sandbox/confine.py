"""What each candidate puts up around itself after the fork, and a trial of whether it holds."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import socket
from pathlib import Path

from autograder.engine.sandbox import linux
from autograder.engine.sandbox.landlock import Access, Rules
from autograder.engine.sandbox.protections import (
    EXTRA_MEMORY,
    SCRATCH_BYTES,
    SCRATCH_FILES,
    Sandbox,
)
from autograder.engine.sandbox.system_calls import load_filter

READ = Access.READ_FILE | Access.READ_DIR | Access.EXECUTE
WRITE = (
    Access.WRITE_FILE | Access.TRUNCATE | Access.REMOVE_FILE | Access.REMOVE_DIR
    | Access.MAKE_DIR | Access.MAKE_REG | Access.REFER
)  # fmt: skip


class CandidateFiles:
    """The files of one candidate after the other: a scratch folder, and Landlock's rules.

    Parameters
    ----------
    sandbox : Sandbox
        What is set up already.
    number : int
        Tells apart those that are in use at the same time.

    Attributes
    ----------
    scratch : str
        The only folder that may be written; "/" where there is none.
    """

    def __init__(self, sandbox: Sandbox, number: int) -> None:
        self.sandbox = sandbox
        self.scratch = "/"
        if sandbox.has_mounts:
            # Landlock's rule is on the outer folder: the inner one is new for each candidate
            outer = f"/scratch/{number}"
            os.mkdir(outer, 0o555)
            os.mkdir(f"{outer}/home", 0o555)
            self.scratch = f"{outer}/home"
        self.rules = self._make_rules() if sandbox.landlock else None

    def _make_rules(self) -> Rules:
        rules = Rules()
        for path in self.sandbox.listed:
            rules.allow(path, Access.READ_DIR)
        for path in self.sandbox.readable:
            if path.startswith("/dev/"):
                rules.allow(path, Access.READ_FILE | Access.WRITE_FILE)
            elif os.path.isdir(path):
                rules.allow(path, READ)
            else:
                rules.allow(path, Access.READ_FILE)
        if self.sandbox.has_mounts:
            outer = os.path.dirname(self.scratch)
            rules.allow(outer, (READ & ~Access.EXECUTE) | WRITE)
        return rules

    def prepare(self, number: int) -> None:
        """Provide a new, empty scratch folder for the candidate of that number."""
        if self.sandbox.has_mounts:
            uid = user_of(self.sandbox, number) if os.geteuid() == 0 else os.geteuid()
            options = f"mode=0700,uid={uid},size={SCRATCH_BYTES},nr_inodes={SCRATCH_FILES}"
            linux.mount(
                "tmpfs",
                self.scratch,
                "tmpfs",
                linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC,
                options,
            )

    def clear(self) -> None:
        """Take the scratch folder away, whatever a candidate has left in it."""
        if self.sandbox.has_mounts:
            linux.unmount(self.scratch)


def user_of(sandbox: Sandbox, number: int) -> int:
    """Return the user id of a candidate, by its number.

    Raises
    ------
    OSError
        If there is none but root's.
    """
    first, count = sandbox.users
    if not count:
        raise OSError("this container knows no user but root; give it more ids in /etc/subuid")
    return first + number % count


def confine(files: CandidateFiles, number: int, seconds: int) -> None:
    """Confine this process, which is about to run a student's code.

    Parameters
    ----------
    files : CandidateFiles
        What it may read and write.
    number : int
        Of the candidate: gives it a user id of its own.
    seconds : int
        CPU time that it may use.

    Raises
    ------
    OSError
        If a protection of the sandbox can't be applied here: then nothing must run.
    """
    _limit(files.sandbox, seconds)
    if os.geteuid() == 0:
        uid = user_of(files.sandbox, number)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    else:
        _drop_capabilities()
    os.chdir(files.scratch)
    linux.set_option(linux.PR_SET_DUMPABLE, 0)
    linux.set_option(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    linux.check(linux.libc.prctl(linux.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    if files.rules is not None:
        files.rules.restrict()
    if files.sandbox.filter:
        load_filter(files.sandbox.filter)


def _limit(sandbox: Sandbox, seconds: int) -> None:
    used = _pages_at_start * resource.getpagesize()
    for name, limit in (
        (resource.RLIMIT_AS, used + EXTRA_MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, SCRATCH_BYTES // 2),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_NPROC, sandbox.threads),
    ):
        hard = resource.getrlimit(name)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(name, (limit, limit))


_pages_at_start = 0


def note_memory() -> None:
    """Remember how much address space this process takes: its forks can't see /proc any more."""
    global _pages_at_start
    _pages_at_start = int(Path("/proc/self/statm").read_text().split()[0])


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(linux.CAP_VERSION_3, 0)
    linux.check(linux.libc.capset(header, (ctypes.c_uint32 * 6)()), "capabilities remain")


# --- a trial --------------------------------------------------------------------------------------


def find_gap(sandbox: Sandbox, outside: str, hidden: str) -> str | None:
    """Try the protections out in a process of its own; return what does not hold.

    Parameters
    ----------
    sandbox : Sandbox
        What is set up.
    outside, hidden : str
        Files that exist and that no candidate may read; the second is among the course's own.
    """
    files = CandidateFiles(sandbox, 0)
    try:
        files.prepare(0)
    except OSError as error:
        return f"protections that can be applied ({error})"
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            confine(files, 0, 10)
            found = _try_to_escape(files, outside, hidden)
        except Exception as error:
            found = f"protections that can be applied ({error})"
        os.write(writing, (found or "").encode()[:1000])
        os._exit(0)
    os.close(writing)
    found = os.read(reading, 1000).decode()
    os.close(reading)
    os.waitpid(process, 0)
    files.clear()
    return found or None


def _try_to_escape(files: CandidateFiles, outside: str, hidden: str) -> str | None:
    readable = files.sandbox.readable
    remedies = {_way_to(path) for path in readable if not os.access(path, os.R_OK)}
    if remedies:
        return (
            "a way for other users to read Python and byhand (run: "
            f"{' && '.join(sorted(remedies))}; or move the repository to a folder open to all)"
        )
    if files.sandbox.has_mounts:
        Path(files.scratch, "probe").write_text("probe")
    for what, forbidden in (
        ("a way to keep files from being read", lambda: open(outside).close()),
        ("a way to keep the checks from being read", lambda: open(hidden).close()),
        ("a way to keep files from being written", lambda: open(outside, "a").close()),
        ("a way to prevent new processes", os.fork),
        ("a way to keep the network out of reach", socket.socket),
    ):
        with contextlib.suppress(OSError):
            if forbidden() == 0:  # the child of a fork that should have been refused
                os._exit(0)
            return what
    return None


def _way_to(path: str) -> str:
    """Return the command that lets this process's user read what is at a path."""
    for folder in reversed(Path(os.path.realpath(path)).parents):
        if not os.access(folder, os.X_OK):
            return f"chmod o+x {folder}"
    return f"chmod -R o+rX {path}"
