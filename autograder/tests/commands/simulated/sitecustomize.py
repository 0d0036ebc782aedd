"""Shows another system to the course's own packages, in a Python with this folder on PYTHONPATH.

`SIMULATED_SYSTEM` says which. Only what `autograder` and `byhand` import is changed: the libraries
below them go on running on the real one.
"""

import builtins
import os
import sys
import types

SYSTEM = os.environ.get("SIMULATED_SYSTEM", sys.platform)
OURS = ("autograder", "byhand")
HIDDEN = {"darwin": (), "win32": ("fcntl", "resource", "pwd", "grp", "termios")}
LINUX_CALLS = ("sched_getaffinity", "sched_setaffinity", "unshare", "setns", "memfd_create")
UNIX_CALLS = (
    "fork", "getuid", "geteuid", "getgid", "getegid", "setsid", "killpg", "chown", "statvfs",
    "uname", "getloadavg", "mkfifo", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC",
    "O_PATH", "WNOHANG", "execv", "execve",  # the last two exist, and return to the prompt at once
)  # fmt: skip
MISSING = {"darwin": LINUX_CALLS, "win32": (*LINUX_CALLS, *UNIX_CALLS)}


class Shown(types.ModuleType):
    """A module less some names, and with other values for some."""

    def __init__(self, real, missing=(), **values):
        super().__init__(real.__name__)
        self.__dict__.update(values, _real=real, _missing=missing)

    def __getattr__(self, name):
        if name in self._missing:
            raise AttributeError(f"{self._real.__name__}.{name} is not there on {SYSTEM}")
        return getattr(self._real, name)


def locking(descriptor, mode, size):
    """Lock as Windows does: another's lock is a refusal."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(13, "Permission denied") from None


def shown():
    """Return the modules that are shown in place of the real ones."""
    modules = {
        "sys": Shown(sys, platform=SYSTEM),
        "os": Shown(os, MISSING[SYSTEM], name="nt" if SYSTEM == "win32" else "posix"),
    }
    if SYSTEM == "win32":
        modules["msvcrt"] = types.ModuleType("msvcrt")
        modules["msvcrt"].locking, modules["msvcrt"].LK_NBLCK = locking, 2
    return modules


def simulate():
    """Change what the course's packages import from here on."""
    really_import, modules = builtins.__import__, shown()

    def show(name, globals=None, locals=None, fromlist=(), level=0):
        importer = (globals or {}).get("__package__") or ""
        if importer.partition(".")[0] in OURS and level == 0:
            if name in HIDDEN[SYSTEM]:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            if name in modules:
                return modules[name]
        return really_import(name, globals, locals, fromlist, level)

    builtins.__import__ = show


if SYSTEM in HIDDEN:
    simulate()
