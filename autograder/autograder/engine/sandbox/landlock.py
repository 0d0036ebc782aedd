"""Landlock: what this process, and all that it starts, may do with files. Linux 5.13 or newer.

The numbers are those of <linux/landlock.h>; a kernel that does not know a right is not asked for
it. See "Landlock: unprivileged access control" in the kernel's documentation.
"""

from __future__ import annotations

import ctypes
import errno
import os
from enum import IntFlag

from autograder.engine.sandbox import linux

# the same on every machine
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_FOR_VERSION, _PATH_BENEATH = 1, 1


class Access(IntFlag):
    """Rights to files and folders; TRUNCATE of a folder concerns the files in it."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    REFER = 1 << 13
    TRUNCATE = 1 << 14


# how many rights, from the lowest bit on, a kernel knows from each version on
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16, 9: 17}
_NETWORK_RIGHTS = {4: 2, 10: 4}
_SCOPES = {6: 2}  # signals and abstract sockets of processes outside


def _known(rights: dict[int, int], version: int) -> int:
    return (1 << max((n for since, n in rights.items() if since <= version), default=0)) - 1


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("files", "network", "scopes")]


def _call(number: int, *arguments: object) -> int:
    status = linux.libc.syscall(ctypes.c_long(number), *arguments)
    if status < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return status


def version() -> int:
    """Return the version of Landlock's interface; 0 where the kernel has none."""
    try:
        return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_FOR_VERSION))
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL):
            return 0
        raise


class Rules:
    """Everything that this kernel's Landlock knows is forbidden, but for what is allowed here.

    Attributes
    ----------
    descriptor : int
        The kernel's object; it is closed by `restrict`, and inherited by forks.
    """

    def __init__(self) -> None:
        now = version()
        self.known = _known(_FILE_RIGHTS, now)
        wanted = _Ruleset(self.known, _known(_NETWORK_RIGHTS, now), _known(_SCOPES, now))
        size = ctypes.c_size_t(ctypes.sizeof(wanted))
        self.descriptor = _call(_CREATE_RULESET, ctypes.byref(wanted), size, ctypes.c_uint32(0))

    def allow(self, path: str, access: Access) -> None:
        """Allow access to a file, or to a folder and all that is in it."""
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            # struct landlock_path_beneath_attr is packed: 8 bytes of rights, 4 of the descriptor
            rule = (access & self.known).to_bytes(8, "little") + parent.to_bytes(4, "little")
            _call(_ADD_RULE, self.descriptor, _PATH_BENEATH, rule, ctypes.c_uint32(0))
        finally:
            os.close(parent)

    def restrict(self) -> None:
        """Put this process under the rules, for good; it must have given up new privileges."""
        _call(_RESTRICT_SELF, self.descriptor, ctypes.c_uint32(0))
        os.close(self.descriptor)
