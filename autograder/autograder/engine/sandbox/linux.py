"""Calls and numbers of Linux for which Python's standard library has no names."""

from __future__ import annotations

import ctypes
import os
import sys

if sys.platform != "linux":
    raise ImportError("the engine needs Linux")

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 0x0002_0000, 0x0800_0000, 0x1000_0000
CLONE_NEWNET, CLONE_THREAD = 0x4000_0000, 0x0001_0000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
CAP_VERSION_3 = 0x2008_0522

libc = ctypes.CDLL(None, use_errno=True)


def check(status: int, what: str) -> None:
    """Raise what went wrong in a call of the C library.

    Parameters
    ----------
    status : int
        What it returned: 0 where all is well.
    what : str
        What did not work, for the message.

    Raises
    ------
    OSError
        If the status is not 0.
    """
    if status:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def set_option(option: int, value: int) -> None:
    """Set an option of this process that no kernel refuses; see prctl(2)."""
    libc.prctl(option, value, 0, 0, 0)


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """Mount a file system; see mount(2)."""
    names = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    status = libc.mount(*names, ctypes.c_ulong(flags), data.encode() or None)
    check(status, f"mount of {target}")


def unmount(target: str) -> None:
    """Take a mounted file system away, even if some process still uses it."""
    check(libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount of {target}")
