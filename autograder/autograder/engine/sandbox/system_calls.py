"""The system call filter: what a candidate may ask of the kernel. Everything else is refused."""

from __future__ import annotations

import ctypes
import errno
import os
import socket

from autograder.engine.sandbox import linux
from autograder.engine.sandbox.bpf import ALLOW, Argument, Rule, assemble, refuse
from autograder.engine.sandbox.system_call_numbers import MACHINES, numbers_on

ALLOWED = """
    read write readv writev pread64 pwrite64 preadv pwritev lseek close close_range dup dup2 dup3
    openat open stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat
    getdents getdents64 getcwd chdir fchdir statfs fstatfs umask mkdir mkdirat rmdir unlink unlinkat
    rename renameat renameat2 link linkat symlink symlinkat truncate ftruncate fallocate fsync
    fdatasync flock sendfile copy_file_range
    mmap munmap mremap mprotect madvise brk membarrier
    pipe pipe2 poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait
    epoll_pwait epoll_pwait2 eventfd eventfd2
    recvfrom recvmsg shutdown getsockname getpeername getsockopt
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait rt_sigpending sigaltstack
    alarm setitimer getitimer pause restart_syscall
    exit exit_group wait4 waitid futex futex_waitv set_robust_list set_tid_address rseq
    sched_yield sched_getaffinity sched_getparam sched_getscheduler gettid getpid getppid
    getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid getpriority
    getrusage getrlimit times sysinfo uname getrandom getcpu
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time
""".split()

# These pretend to succeed and do nothing, so that shutil.copy and the like still work.
IGNORED = "chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat".split()
FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 1030)  # copies, flags and locks; no signals to others (F_SETOWN)
IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # terminal? bytes? block? close on exec
PRCTL = (15, 16, 0x53564D41)  # names of threads and of memory


XATTR = """
    setxattr lsetxattr fsetxattr removexattr getxattr lgetxattr fgetxattr listxattr llistxattr
    flistxattr
""".split()
MISSING = "clone3 io_uring_setup landlock_create_ruleset".split()  # as in an older kernel
# These are allowed under conditions; several lines on one call are alternatives.
CONDITIONAL: list[tuple[str, tuple[Argument, ...]]] = [
    ("clone", (Argument(0, linux.CLONE_THREAD, linux.CLONE_THREAD),)),  # threads, no processes
    ("prlimit64", (Argument(0, 0), Argument(2, 0))),  # only asks, of itself
    ("sendto", (Argument(4, 0),)),  # only on connected sockets
    ("socketpair", (Argument(0, socket.AF_UNIX), Argument(1, socket.SOCK_STREAM, 0xF))),
    *(("fcntl", (Argument(1, number),)) for number in FCNTL),
    *(("ioctl", (Argument(1, number),)) for number in IOCTL),
    *(("prctl", (Argument(0, number),)) for number in PRCTL),
]


def make_filter(machine: str | None = None) -> bytes:
    """Return the filter as BPF.

    Parameters
    ----------
    machine : str, optional
        As ``os.uname().machine`` names it; this one by default.

    Raises
    ------
    OSError
        If the numbers of that machine's system calls are not known.
    """
    machine = machine or os.uname().machine
    if machine not in MACHINES:
        raise OSError(f"known for {' and '.join(MACHINES)} only, and this is {machine}")
    decided: list[tuple[str, int, tuple[Argument, ...]]] = [
        *((name, ALLOW, ()) for name in ALLOWED),
        *((name, ALLOW, conditions) for name, conditions in CONDITIONAL),
        *((name, refuse(0), ()) for name in IGNORED),
        *((name, refuse(errno.ENOTSUP), ()) for name in XATTR),
        *((name, refuse(errno.ENOSYS), ()) for name in MISSING),
    ]
    numbers = numbers_on(machine)
    # what this machine lacks stays refused, like everything that is not named here
    rules = [
        Rule(numbers[name], verdict, conditions)
        for name, verdict, conditions in decided
        if name in numbers
    ]
    return assemble(rules, refuse(errno.EPERM), machine)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def load_filter(program: bytes) -> None:
    """Put this process under a filter, for good.

    Raises
    ------
    OSError
        If the kernel refuses it.
    """
    argument = ctypes.byref(_Program(len(program) // 8, program))
    status = linux.libc.prctl(linux.PR_SET_SECCOMP, linux.SECCOMP_MODE_FILTER, argument, 0, 0)
    linux.check(status, "the system call filter was refused")
