"""Namespaces, and a file system that holds what Python needs and nothing else."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from autograder.engine.sandbox import linux

NONE_LEFT = "no namespaces: /proc/sys/user/max_user_namespaces allows no more"


def enter_namespaces() -> None:
    """Give this process a network, System V IPC and mounts of its own.

    Raises
    ------
    OSError
        If the machine does not allow it.
    """
    uid, gid = os.geteuid(), os.getegid()
    flags = linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWNET
    if uid != 0:
        # setuid or an odd start may have cleared it, and then /proc/self belongs to root
        linux.set_option(linux.PR_SET_DUMPABLE, 1)
        flags |= linux.CLONE_NEWUSER
    try:
        linux.check(linux.libc.unshare(flags), "no namespaces")
    except OSError as error:
        if error.errno == errno.ENOSPC:  # the kernel means a limit, not a disk
            raise OSError(error.errno, NONE_LEFT) from None
        raise
    if uid != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def move_into_new_root(readable: list[str]) -> None:
    """Make a root that holds the readable paths and nothing else, and move there.

    Raises
    ------
    OSError
        If the machine does not allow it.
    """
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    root = tempfile.mkdtemp(prefix="byhand-root-")
    linux.mount("tmpfs", root, "tmpfs", linux.MS_NOSUID, "mode=0755,size=1m")
    for path in readable:
        target = root + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.islink(path) and not os.path.isfile(path):  # /lib -> usr/lib
            os.symlink(os.readlink(path), target)
            continue
        if os.path.isdir(path):
            os.makedirs(target, exist_ok=True)
        else:
            Path(target).touch()
        linux.mount(os.path.realpath(path), target, None, linux.MS_BIND | linux.MS_REC)
        if not path.startswith("/dev/"):
            _make_read_only(target)
    for name in ("/scratch", "/old"):
        os.mkdir(root + name, 0o755)
    os.chdir(root)
    number = linux.PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(f"the number of pivot_root on {os.uname().machine} is not known")
    linux.check(linux.libc.syscall(number, b".", b"old"), "pivot_root")
    os.chdir("/")
    linux.unmount("/old")
    os.rmdir("/old")
    # Read-only, because these folders belong to an ordinary user's candidates, who could otherwise
    # change their permissions.
    linux.mount("tmpfs", "/scratch", "tmpfs", linux.MS_NOSUID, "mode=0555,size=1m")
    _make_read_only("/")


def _make_read_only(target: str) -> None:
    # statvfs has the same numbers for these as mount
    kept = os.statvfs(target).f_flag & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC)
    linux.mount(None, target, None, linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | kept)
