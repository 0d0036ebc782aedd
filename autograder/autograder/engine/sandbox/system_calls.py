"""The system call filter: what a candidate may ask of the kernel. Everything else is refused."""

from __future__ import annotations

import ctypes
import errno
import tempfile

from autograder.engine.sandbox import linux

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


def make_filter() -> bytes:
    """Return the filter as BPF.

    Raises
    ------
    ImportError, RuntimeError, OSError
        If libseccomp is missing.
    """
    import pyseccomp

    allow, refuse = pyseccomp.ALLOW, pyseccomp.ERRNO
    rules = pyseccomp.SyscallFilter(defaction=refuse(errno.EPERM))
    argument, equal, masked = pyseccomp.Arg, pyseccomp.EQ, pyseccomp.MASKED_EQ

    def add(action: int, name: str, *conditions: object) -> None:
        try:
            rules.add_rule(action, name, *conditions)
        except (OSError, ValueError, RuntimeError):
            pass  # not on this machine: it stays refused

    for name in ALLOWED:
        add(allow, name)
    for name in IGNORED:
        add(refuse(0), name)
    for name in ("setxattr", "lsetxattr", "fsetxattr", "removexattr", "getxattr", "listxattr",
                 "lgetxattr", "fgetxattr", "llistxattr", "flistxattr"):  # fmt: skip
        add(refuse(errno.ENOTSUP), name)
    for name in ("clone3", "io_uring_setup", "landlock_create_ruleset"):
        add(refuse(errno.ENOSYS), name)
    add(
        allow, "clone", argument(0, masked, linux.CLONE_THREAD, linux.CLONE_THREAD)
    )  # threads, no processes
    add(allow, "prlimit64", argument(0, equal, 0), argument(2, equal, 0))  # only asks, of itself
    add(allow, "sendto", argument(4, equal, 0))  # only on connected sockets
    add(allow, "socketpair", argument(0, equal, 1), argument(1, masked, 0xF, 1))
    for number in FCNTL:
        add(allow, "fcntl", argument(1, equal, number))
    for number in IOCTL:
        add(allow, "ioctl", argument(1, equal, number))
    for number in PRCTL:
        add(allow, "prctl", argument(0, equal, number))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


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
