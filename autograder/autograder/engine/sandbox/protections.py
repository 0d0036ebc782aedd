"""The walls around a candidate: what each keeps in, and whether it stands on this machine.

Some are put up once, by the process that all candidates are forked from: namespaces, and a file
system that holds nothing but what Python needs. The others each candidate puts up around itself
after the fork, in the order of `confine`. Linux only.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

try:
    import landlockpy
    from landlockpy import AccessFS, Scope
except ImportError as error:  # no Linux
    raise ImportError("the engine needs Linux") from error

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 0x0002_0000, 0x0800_0000, 0x1000_0000
CLONE_NEWPID, CLONE_NEWNET, CLONE_THREAD = 0x2000_0000, 0x4000_0000, 0x0001_0000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
CAP_VERSION_3 = 0x2008_0522
LANDLOCK_THAT_TRUNCATES = 3

FIRST_UID = 1_900_000_000  # far above anybody's; each candidate gets one of its own
UIDS = 1_000_000
SCRATCH_BYTES, SCRATCH_FILES = 64 * 2**20, 2000
EXTRA_MEMORY = 3 * 2**30  # address space beyond what is there at the fork
THREADS = 64  # of a candidate; where they can't be told apart, of all
READ = AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.EXECUTE
WRITE = (
    AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.REMOVE_FILE | AccessFS.REMOVE_DIR
    | AccessFS.MAKE_DIR | AccessFS.MAKE_REG | AccessFS.REFER
)  # fmt: skip

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Wall:
    """One protection.

    Attributes
    ----------
    name : str
        What it is.
    stands : bool
        Whether it is in force.
    detail : str
        What it does, or why it is not there.
    """

    name: str
    stands: bool
    detail: str


@dataclass
class House:
    """What the process that candidates are forked from has put up; see `build_house`.

    Attributes
    ----------
    walls : list of Wall
        The protections and whether each stands.
    readable : list of str
        The folders and files that a candidate may read.
    has_mounts : bool
        Whether the process has a file system of its own.
    filter : bytes
        The system call filter as BPF; empty where there is none.
    landlock : int
        The version of Landlock's interface; 0 where there is none.
    threads : int
        How many threads, of all that count together with a candidate's, there may be.
    fault : str, optional
        What a candidate could do that it must not, or could not do that it must.
    """

    readable: list[str]
    walls: list[Wall] = field(default_factory=list)
    has_mounts: bool = False
    filter: bytes = b""
    landlock: int = 0
    threads: int = 0
    fault: str | None = None

    def missing(self) -> str | None:
        """Return what must stand for safety and does not; None where all of it does.

        Two walls are enough, and nothing less is. The system call filter alone keeps a candidate
        from processes, sockets, signals, shared memory, limits, and rights of files, whoever it
        runs as. For what files hold, either a file system of its own or Landlock stands; Landlock
        refuses to empty files by their path only since its version 3. A user of its own, network
        and IPC namespaces double the filter; they are no substitute.
        """
        if not self.filter:
            return "the system call filter (seccomp; needs Linux and libseccomp)"
        if not self.has_mounts and self.landlock < LANDLOCK_THAT_TRUNCATES:
            return "a file system of its own, or Landlock of version 3 (Linux 6.2 or newer)"
        return self.fault


# --- what every candidate inherits ----------------------------------------------------------------


def build_house(readable: Iterable[str]) -> House:
    """Put up the walls that all candidates share around this very process.

    Parameters
    ----------
    readable : iterable of str
        Absolute paths that a candidate may read. Everything else is gone from this process's file
        system afterwards, where the machine allows that.

    Returns
    -------
    House
        What stands.
    """
    os.umask(0o022)
    _be_killed_first()
    house = House(readable=_without_inner(readable))
    house.filter, detail = _system_call_filter()
    house.walls.append(Wall("system call filter", bool(house.filter), detail))
    house.landlock = landlockpy.abi_version()
    house.walls.append(
        Wall(
            "Landlock",
            house.landlock > 0,
            f"files by path, version {house.landlock}"
            + (", signals and abstract sockets" if house.landlock >= 6 else "")
            if house.landlock
            else "not in this kernel",
        )  # fmt: skip
    )
    # Limits count per user: what else this one runs counts too, unless a namespace keeps it apart.
    house.threads = THREADS + (0 if os.geteuid() == 0 else 4 * THREADS + _threads_of_this_user())
    _enter_namespaces(house)
    if house.has_mounts and os.geteuid() != 0:
        house.threads = 4 * THREADS
    if house.has_mounts:
        try:
            _move_into_new_root(house.readable)
        except OSError as error:
            house.has_mounts = False
            house.walls.append(Wall("file system of its own", False, str(error)))
        else:
            house.walls.append(
                Wall("file system of its own", True, "Python, its packages, byhand; nothing else")
            )
    house.walls.append(
        Wall("user of its own", os.geteuid() == 0, "a new user id for each candidate")
        if os.geteuid() == 0
        else Wall("user of its own", False, "only root can give one; the other walls hold without")
    )
    house.walls.append(
        Wall(
            "scratch folder",
            house.has_mounts,
            f"{SCRATCH_BYTES >> 20} MB in memory, {SCRATCH_FILES} files, emptied each time"
            if house.has_mounts
            else "none: a candidate can write nowhere",
        )  # fmt: skip
    )
    house.walls.append(
        Wall("limits", True, f"{EXTRA_MEMORY >> 30} GB memory, threads, time, file size, output")
    )
    return house


def _be_killed_first() -> None:
    """Ask the kernel to end these processes before others where memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _threads_of_this_user() -> int:
    count, uid = 0, os.getuid()
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                count += len(os.listdir(f"/proc/{entry.name}/task"))
    return count


def _without_inner(paths: Iterable[str]) -> list[str]:
    """Return the paths that exist, without those that lie in another one of them."""
    found: list[str] = []
    for path in sorted({os.path.normpath(p) for p in paths if os.path.exists(p)}):
        if not any(path == p or path.startswith(p + "/") for p in found):
            found.append(path)
    return found


def needed_by_python() -> list[str]:
    """Return the paths that this Python, its packages and the system's libraries take up."""
    paths = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    paths += [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    paths += [os.path.realpath(p) for p in paths]
    paths += ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"]
    paths += ["/usr/share/zoneinfo", "/usr/share/fonts", "/etc/fonts", "/etc/localtime"]
    paths += ["/etc/ld.so.cache", "/dev/null", "/dev/zero", "/dev/urandom"]
    return [p for p in paths if p != "/"]


def _enter_namespaces(house: House) -> None:
    uid, gid = os.geteuid(), os.getegid()
    flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET
    if uid != 0:
        # setuid or an odd start may have cleared it, and then /proc/self belongs to root
        _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
        flags |= CLONE_NEWUSER
    if _libc.unshare(flags):
        reason = os.strerror(ctypes.get_errno())
        for name in ("network of its own", "System V IPC of its own", "file system of its own"):
            house.walls.append(Wall(name, False, f"no namespaces: {reason}"))
        return
    if uid != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    house.has_mounts = True
    house.walls.append(Wall("network of its own", True, "without any interface"))
    house.walls.append(Wall("System V IPC of its own", True, "nothing is shared"))


def _move_into_new_root(readable: list[str]) -> None:
    """Make a root that holds the readable paths and nothing else, and move there."""
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    root = tempfile.mkdtemp(prefix="byhand-root-")
    _mount("tmpfs", root, "tmpfs", MS_NOSUID, "mode=0755,size=1m")
    for path in readable:
        target = root + path
        if os.path.islink(path) and not os.path.isfile(path):  # /lib -> usr/lib
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.symlink(os.readlink(path), target)
            continue
        if os.path.isdir(path):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            Path(target).touch()
        _mount(os.path.realpath(path), target, None, MS_BIND | MS_REC)
        if not path.startswith("/dev/"):
            _make_read_only(target)
    for name in ("/scratch", "/old"):
        os.mkdir(root + name, 0o755)
    os.chdir(root)
    number = PIVOT_ROOT.get(os.uname().machine)
    if number is None or _libc.syscall(number, b".", b"old"):
        raise OSError(ctypes.get_errno(), "pivot_root failed")
    os.chdir("/")
    if _libc.umount2(b"/old", MNT_DETACH):
        raise OSError(ctypes.get_errno(), "the old root stays")
    os.rmdir("/old")
    # Read-only, for an ordinary user's candidates own these folders. Rights can't be changed there.
    _mount("tmpfs", "/scratch", "tmpfs", MS_NOSUID, "mode=0555,size=1m")
    _make_read_only("/")


def _make_read_only(target: str) -> None:
    flags = os.statvfs(target).f_flag
    kept = sum(
        ours
        for theirs, ours in (
            (os.ST_NOSUID, MS_NOSUID), (os.ST_NODEV, MS_NODEV), (os.ST_NOEXEC, MS_NOEXEC),
        )
        if flags & theirs
    )  # fmt: skip
    _mount(None, target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    arguments = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    if _libc.mount(*arguments, ctypes.c_ulong(flags), data.encode() or None):
        code = ctypes.get_errno()
        raise OSError(code, f"mount of {target}: {os.strerror(code)}")


class Room:
    """What one candidate after the other is put into: a scratch folder and rules for files.

    Parameters
    ----------
    house : House
        The walls around it.
    number : int
        Tells rooms that are in use at the same time apart.

    Attributes
    ----------
    scratch : str
        The only folder that may be written; "/" where there is none.
    """

    def __init__(self, house: House, number: int) -> None:
        self.house = house
        self.scratch = "/"
        if house.has_mounts:
            # Landlock's rule stands on the outer folder: the inner one is new for each candidate
            outer = f"/scratch/{number}"
            os.mkdir(outer, 0o555)
            os.mkdir(f"{outer}/home", 0o555)
            self.scratch = f"{outer}/home"
        self.rules = self._file_rules() if house.landlock else None

    def _file_rules(self) -> landlockpy.Ruleset:
        rules = landlockpy.Ruleset(scoped=Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET)
        for path in self.house.readable:
            if path.startswith("/dev/"):
                rules.allow_path(path, AccessFS.READ_FILE | AccessFS.WRITE_FILE)
            elif os.path.isdir(path):
                rules.allow_path(path, READ)
            else:
                rules.allow_path(path, AccessFS.READ_FILE)
        if self.house.has_mounts:
            outer = os.path.dirname(self.scratch)
            rules.allow_path(outer, (READ & ~AccessFS.EXECUTE) | WRITE)
        return rules

    def prepare(self, number: int) -> None:
        """Put a new, empty scratch folder there for a candidate of that number."""
        if not self.house.has_mounts:
            return
        uid = user_of(number) if os.geteuid() == 0 else os.geteuid()
        options = f"mode=0700,uid={uid},size={SCRATCH_BYTES},nr_inodes={SCRATCH_FILES}"
        _mount("tmpfs", self.scratch, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options)

    def clear(self) -> None:
        """Take the scratch folder away, whatever a candidate has left in it."""
        if self.house.has_mounts and _libc.umount2(self.scratch.encode(), MNT_DETACH):
            raise OSError(ctypes.get_errno(), "the scratch folder stays")


# --- what a candidate puts up around itself -------------------------------------------------------


def user_of(number: int) -> int:
    """Return the user id of a candidate, by its number."""
    return FIRST_UID + number % UIDS


def confine(room: Room, number: int, seconds: int) -> None:
    """Put up the walls around this process that is about to run a student's code.

    Parameters
    ----------
    room : Room
        What stands already.
    number : int
        Of the candidate: gives it a user id of its own.
    seconds : int
        CPU time that it may use.

    Raises
    ------
    OSError
        If a wall that stood in the house can't be put up here: nothing must run then.
    """
    house = room.house
    _limit(house, seconds)
    if os.geteuid() == 0:
        uid = user_of(number)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    else:
        _drop_capabilities()
    os.chdir(room.scratch)
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if room.rules is not None:
        room.rules.restrict()
        room.rules.close()
    elif _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if house.filter:
        _load_filter(house.filter)


def find_fault(house: House, outside: str) -> str | None:
    """Try the walls out in a process of its own; return what does not hold.

    Parameters
    ----------
    house : House
        What stands.
    outside : str
        A file that exists and that no candidate may read.
    """
    room = Room(house, 0)
    room.prepare(0)
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            confine(room, 0, 10)
            found = _try_walls(house, room.scratch, outside)
        except Exception as error:
            found = f"walls that can be put up ({error})"
        os.write(writing, (found or "").encode()[:1000])
        os._exit(0)
    os.close(writing)
    found = os.read(reading, 1000).decode()
    os.close(reading)
    os.waitpid(process, 0)
    room.clear()
    return found or None


def _try_walls(house: House, scratch: str, outside: str) -> str | None:
    for path in house.readable:
        if not os.access(path, os.R_OK):
            return f"a way to {path} for others than its owner (chmod o+rx its parent folders)"
    if house.has_mounts:
        Path(scratch, "probe").write_text("probe")
    for what, forbidden in (
        ("files kept from being read", lambda: open(outside).close()),
        ("files kept from being written", lambda: open(outside, "a").close()),
        ("processes kept from being made", os.fork),
        ("the network kept away", socket.socket),
    ):
        with contextlib.suppress(OSError):
            if forbidden() == 0:  # the child of a fork that should not have been
                os._exit(0)
            return what
    return None


def _limit(house: House, seconds: int) -> None:
    used = _pages_at_start * resource.getpagesize()
    for name, limit in (
        (resource.RLIMIT_AS, used + EXTRA_MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, SCRATCH_BYTES // 2),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_NPROC, house.threads),
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
    header = (ctypes.c_uint32 * 2)(CAP_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if _libc.capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capabilities stay")


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def _load_filter(program: bytes) -> None:
    argument = _Program(len(program) // 8, program)
    if _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(argument), 0, 0):
        raise OSError(ctypes.get_errno(), "the system call filter was refused")


# --- system calls ---------------------------------------------------------------------------------

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

# These seem to succeed and do nothing: shutil.copy and its like go on.
IGNORED = "chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat".split()
FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 1030)  # copies, flags and locks; no signals to others (F_SETOWN)
IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # terminal? bytes? block? close on exec
PRCTL = (15, 16, 0x53564D41)  # names of threads and of memory


def _system_call_filter() -> tuple[bytes, str]:
    """Return the filter as BPF and what it does; no bytes where there can't be one."""
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError) as error:
        return b"", f"libseccomp is missing ({error}); Debian: sudo apt install libseccomp2"
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
    add(allow, "clone", argument(0, masked, CLONE_THREAD, CLONE_THREAD))  # threads, no processes
    add(allow, "prlimit64", argument(0, equal, 0), argument(2, equal, 0))  # asking, for oneself
    add(allow, "sendto", argument(4, equal, 0))  # on what is connected
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
        return file.read(), "no processes, sockets, signals to others, changes of limits or rights"
