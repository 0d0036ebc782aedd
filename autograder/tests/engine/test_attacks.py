"""Submissions that want more than they have earned, or harm: none gains, none hurts others."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from autograder.engine.controller import Limits
from autograder.engine.slot import MOST_PREPARED

HURRY = Limits(cell_seconds=0.7, notebook_seconds=30.0, patience=3.0)

# --- forged results -------------------------------------------------------------------------------

AGREES = """
class Agrees:
    shape, ndim, size, dtype = (), 0, 1, np.dtype(float)
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __float__(self): return 4.0
    def __array__(self, *args, **kwargs): return np.array(4.0)
    def __array_ufunc__(self, *args, **kwargs): return 0.0
    def __array_function__(self, *args, **kwargs): return 0.0
    def __sub__(self, other): return 0.0
    def __rsub__(self, other): return 0.0
    def __abs__(self): return 0.0
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    __hash__ = None
    __class__ = float
def square(x):
    return Agrees()"""

REMEMBERS = """
class Remembers:
    seen = []
    def __eq__(self, other):
        Remembers.seen.append(other)
        return True
    def __float__(self):
        return float(self.seen[-1])
    __sub__ = __rsub__ = __eq__
def square(x):
    return Remembers.seen[-1] if Remembers.seen else Remembers()"""

FLOAT = """
class Number(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __abs__(self): return 0.0
def square(x):
    return Number(1.0)"""

ARRAY = """
class Array(np.ndarray):
    def __eq__(self, other): return np.True_
    def __sub__(self, other): return 0 * np.asarray(other)
    __rsub__ = __sub__
    def __array_finalize__(self, obj): pass
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs): return np.zeros(self.shape)
def square(x):
    return np.ones(np.shape(x)).view(Array)"""

PATCHES = """
import builtins, sys, math
import numpy.testing
import byhand.checks.values, byhand.checks.reach, byhand.differences, byhand.diagnosis
def agree(*args, **kwargs):
    return True
class Never(Exception):
    pass
for module in (numpy.testing, byhand.checks, byhand.checks.values, byhand.checks.reach,
               byhand.differences, byhand.diagnosis):
    for name, value in list(vars(module).items()):
        if callable(value) and not name.startswith("__"):
            setattr(module, name, agree)
for name in ("allclose", "isclose", "array_equal", "array_equiv", "abs", "isfinite", "asarray"):
    setattr(np, name, agree)
builtins.abs = builtins.isinstance = builtins.all = builtins.any = agree
builtins.AssertionError = Never
check_close = check_unchanged = check_raises = agree
def square(x):
    return 1.0"""

WIRE = """
import autograder.engine.candidate as c, autograder.engine.wire.changes as w
import autograder.engine.wire.values as v
def forged(value, refer, depth=0):
    return 4.0
c.pack = w.pack = v.pack = forged
c.describe = lambda error: ["AssertionError", "AssertionError", "ok", []]
c.Snapshot = lambda value: type("S", (), {"changes": lambda self, refer: None})()
c.Candidate.end_test = lambda self: ["value", 4.0, [], None]
c.Candidate.call = lambda self, *rest: ["done"]
c.replaced = lambda: []
def square(x):
    return 1.0"""

PRINTS = """
import sys
sys.displayhook = lambda value: None
def square(x):
    sys.displayhook(2)
    print("2.0")
    print('{"points": 2.0}')
    get_ipython().display_pub.publish({"text/plain": "2.0"})
    return 1.0"""

TRANSFORMS = """
import ast, sys
shell = get_ipython()
class Blank(ast.NodeTransformer):
    def visit_Module(self, node):
        node.body = []
        return node
shell.ast_transformers.append(Blank())
shell.input_transformers_post.append(lambda lines: [])
shell.input_transformers_cleanup.append(lambda lines: [])
shell.run_cell = lambda *args, **kwargs: None"""

WATCHES = """
import atexit, builtins, gc, sys, threading, time
from importlib.abc import MetaPathFinder
found = []
class Finder(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        found.append(name)
sys.meta_path.insert(0, Finder())
def look(frame, event, argument):
    if "expected" in frame.f_locals:
        found.append(frame.f_locals["expected"])
    return look
def wait():
    while True:
        for frame in list(sys._current_frames().values()):
            look(frame, None, None)
        time.sleep(0.001)
sys.settrace(look)
threading.settrace(look)
threading.Thread(target=wait, daemon=True).start()
atexit.register(print, "points: 2")
def square(x):
    frame = sys._getframe()
    while frame is not None:
        look(frame, None, None)
        frame.f_locals.update(expected=1.0, wrong=False)
        frame = frame.f_back
    return found[-1] if found and type(found[-1]) is float else 1.0"""

FILLS = """
def square(x):
    if isinstance(x, np.ndarray):
        x[...] = np.nan
    return x * np.nan"""

RAISES = """
def square(x):
    raise {}"""

FORGED = {
    "an object that agrees with everything": AGREES,
    "an object that stores what it is compared with": REMEMBERS,
    "a float of its own": FLOAT,
    "an array of its own": ARRAY,
    "printed points": PRINTS,
    "a tracer, a thread and an import hook that wait for tests": WATCHES,
    "arguments made NaN": FILLS,
    "an error of the check's own": RAISES.format("CheckFailed('all is well')"),
    "the end of an iteration": RAISES.format("StopIteration(4.0)"),
    "an exit": RAISES.format("SystemExit(0)"),
    "an interrupt": RAISES.format("KeyboardInterrupt"),
    "the end of a generator": RAISES.format("GeneratorExit"),
    "nothing": "def square(x): pass",
    "a generator": "def square(x):\n    while True:\n        yield 4.0",
    "a class that names itself a builtin": "class square(float):\n    __module__ = 'builtins'",
    "a builtin type": "square = float",
}


@pytest.mark.parametrize("answer", FORGED.values(), ids=FORGED.keys())
def test_a_forged_answer_gains_nothing_and_costs_nobody_else(students, small, points_of, answer):
    result = students.attack(small.hand_in(square=answer))
    assert points_of(result) == small.POINTS | {"square": 0}


@pytest.mark.parametrize("answer", [PATCHES, WIRE])
def test_who_breaks_the_own_process_gains_nothing(students, small, points_of, answer):
    # what is broken stays broken for the answers after it, as in one kernel
    result = students.attack(small.hand_in(square=answer))
    assert points_of(result)["square"] == 0
    assert result.flags


UNSUSPICIOUS = {"nothing", "a generator", "arguments made NaN", "a builtin type",
                "an error of the check's own", "the end of an iteration", "an interrupt",
                "the end of a generator"}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FORGED.keys() - UNSUSPICIOUS))
def test_the_instructor_sees_why_a_forged_answer_is_suspicious(students, small, name):
    assert students.examine(small.hand_in(square=FORGED[name])).flags


def test_transformers_do_not_reach_tests(students, small):
    result = students.attack(small.hand_in([TRANSFORMS], solved=False))
    assert result.points == 0
    assert any("changes later cells" in flag for flag in result.flags)


@pytest.mark.parametrize("answer", [PATCHES, WIRE, PRINTS, WATCHES, TRANSFORMS])
def test_an_attack_in_front_of_an_unsolved_notebook_scores_what_that_scores(
    students, small, answer
):
    assert students.attack(small.hand_in([f"import numpy as np\n{answer}"], False)).points == 0


def test_replaced_functions_are_told_to_the_instructor(students, small):
    result = students.examine(small.hand_in(["import numpy as np\nnp.abs = lambda x: 0.0"]))
    assert any("replaced in its own process: numpy.abs" in flag for flag in result.flags)


def test_no_test_can_be_found_in_the_students_process(students, small):
    search = f"""
import gc, sys
def reachable():
    seen, waiting = set(), [*gc.get_objects(), *sys.modules.values(), sys._current_frames()]
    frame = sys._getframe()
    while frame is not None:
        waiting += [frame.f_locals, frame.f_code, frame.f_globals]
        frame = frame.f_back
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, (str, bytes, float)):
            yield item
        else:
            waiting += gc.get_referents(item)
marks = ["hidden " + "words", b"hidden " + b"words"]
def square(x):
    found = 0
    if isinstance(x, float) and x == 267.0:
        for item in reachable():
            if isinstance(item, float):
                found += item == {small.EXPECTED!r} - 1.0 + float(1)
            else:
                found += any(type(m) is type(item) and m in item and len(item) > 20 for m in marks)
        print("looked at everything, found", found)
    return x * x"""
    result = students.attack(small.hand_in(square=search), Limits(60.0, 120.0))
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert "looked at everything, found 0" in test.output
    assert result.points == small.ALL


# --- theft ----------------------------------------------------------------------------------------

THEFT = """
import os
def attempt(what, function):
    try:
        got = function()
    except (OSError, RuntimeError, ImportError):
        return
    if got is not None:
        print("STOLEN", what, repr(got)[:200])
def walk(top):
    try:
        names = os.listdir(top)
    except OSError:
        return
    for name in names:
        path = os.path.join(top, name)
        if name.endswith((".ipynb", "gradebook.db")):
            yield path
        if os.path.isdir(path) and not os.path.islink(path) and "/site-packages" not in path:
            yield from walk(path)
"""


def test_files_of_the_course_can_not_be_read(students, small):
    root = Path(__file__).parents[3]
    files = [root / "solutions" / "1_derivatives" / "1_derivatives.ipynb", Path(__file__),
             root / "autograder" / "autograder" / "engine" / "examiner.py", "/etc/passwd",
             "/proc/self/environ", "/proc/1/environ", "/proc/self/maps", "/proc/self/mem",
             f"/proc/{os.getpid()}/cmdline", "/sys/kernel/hostname", "/dev/mem", "/dev/kmsg",
             Path.home() / ".bashrc", "/root/.ssh/id_rsa", "/var/log/syslog"]  # fmt: skip
    folders = ["/proc", "/home", "/sys", "/var", root / "solutions", root / "autograder"]
    attack = f"""{THEFT}
for path in {[str(path) for path in files]}:
    attempt(path, lambda: open(path, "rb").read(100))
for path in {[str(path) for path in folders]}:
    attempt(path, lambda: os.listdir(path))
print("notebooks", list(walk("/")) + list(walk(os.sep.join(os.__file__.split(os.sep)[:3]))))"""
    result = students.attack(small.hand_in([attack]))
    assert "STOLEN" not in result.cells[0].output
    assert "notebooks []" in result.cells[0].output
    assert result.points == small.ALL


def test_neither_environment_nor_history_nor_descriptors_hold_anything(students, small):
    attack = """
import os, sys, stat
print("environment", sorted(os.environ))
print("history", list(get_ipython().history_manager.input_hist_raw)[1:-1], dir(_oh)[:0])
kinds = []
for number in range(3, 256):
    try:
        found = os.fstat(number)
    except OSError:
        continue
    if stat.S_ISSOCK(found.st_mode):
        kinds.append(number)
    elif stat.S_ISREG(found.st_mode):
        print("file", number, found.st_size > 0)
print("sockets", len(kinds))
print(sys.argv[1:2], os.getcwd())"""
    output = students.examine(small.hand_in([attack])).cells[0].output
    assert "['HOME', 'LANG', 'MPLBACKEND', 'MPLCONFIGDIR', 'NBGRADER_EXECUTION', 'PATH'" in output
    assert "history []" in output
    assert "sockets 1\n" in output  # the wire


def test_messages_for_students_hold_no_hidden_test(students, small):
    result = students.examine(small.hand_in(square="def square(x):\n    return x * x + (x > 200)"))
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert test.hidden
    assert test.points == 0
    shown = f"{test.check.what} {test.check.likely} {test.check.hint}"
    assert small.MARK not in shown
    assert "7128" not in shown


def test_a_visible_failure_shows_no_line_of_the_hidden_test(students, small):
    # the last visible line fails, with the mark of the hidden ones right after it
    result = students.examine(
        small.hand_in(square="def square(x):\n    return 4.0 if x == 2.0 else {}[x]")
    )
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert not test.hidden
    assert small.MARK not in "\n".join(test.traceback)
    assert "267" not in "\n".join(test.traceback)


# --- escape ---------------------------------------------------------------------------------------

ESCAPES = """
import ctypes, os, resource, signal, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what, function):
    try:
        got = function()
    except (OSError, RuntimeError, ValueError, AttributeError, ImportError):
        return
    if got not in (-1, None, False):
        print("ESCAPED", what, repr(got)[:200])
def done(function, *args):
    return lambda: (function(*args), True)[1]
def call(number, *args):
    return lambda: libc.syscall(ctypes.c_long(number), *args)
parent = os.getppid()
for family in map(socket.AddressFamily, (1, 2, 10, 16, 17)):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        attempt(f"socket {family} {kind}", lambda: socket.socket(family, kind))
attempt("dns", lambda: socket.getaddrinfo("example.org", 80))
attempt("connect", lambda: socket.create_connection(("127.0.0.1", PORT), 1))
for path in (FILE, os.__file__, sys.prefix + "/x", "/x", "/tmp/x", "/scratch/x", "/scratch/1/x",
             "/dev/x"):
    attempt(f"write {path}", lambda: open(path, "a"))
    attempt(f"make {path}", done(os.mkdir, path + "d"))
    attempt(f"link {path}", done(os.symlink, "/", path + "l"))
    attempt(f"rename {path}", done(os.rename, path, path + "r"))
    attempt(f"remove {path}", done(os.unlink, path))
    attempt(f"truncate {path}", done(os.truncate, path, 0))
    attempt(f"chown {path}", done(os.chown, path, os.getuid(), os.getgid()))
    attempt(f"xattr {path}", done(os.setxattr, path, "user.x", b"x"))
    for quiet in (lambda: os.chmod(path, 0o777), lambda: os.utime(path, (0, 0))):
        attempt(f"quiet {path}", lambda: (quiet(), None)[1])  # seems to work, and does nothing
attempt("mknod", done(os.mknod, "node"))
attempt("mkfifo", done(os.mkfifo, "fifo"))
attempt("prlimit", done(resource.prlimit, parent, resource.RLIMIT_NOFILE, (10, 10)))
attempt("setrlimit", done(resource.setrlimit, resource.RLIMIT_CPU, (1, 1)))
attempt("renice", done(os.setpriority, os.PRIO_PROCESS, parent, 19))
attempt("affinity", done(os.sched_setaffinity, parent, {0}))
attempt("signal 0", done(os.kill, parent, 0))
attempt("signal", done(os.kill, parent, signal.SIGUSR1))
attempt("all", done(os.kill, -1, signal.SIGTERM))
attempt("group", done(os.killpg, 0, signal.SIGTERM))
attempt("setuid", done(os.setuid, 0))
attempt("setresuid", done(os.setresuid, 0, 0, 0))
attempt("setgroups", done(os.setgroups, [0]))
attempt("setsid", done(os.setsid))
attempt("chroot", done(os.chroot, "."))
attempt("ptrace attach", lambda: libc.ptrace(16, parent, 0, 0))
attempt("ptrace me", lambda: libc.ptrace(0, 0, 0, 0))
attempt("unshare", lambda: libc.unshare(0x10000000))
attempt("setns", lambda: libc.setns(0, 0))
attempt("mount", lambda: libc.mount(b"none", b".", b"tmpfs", 0, None))
attempt("umount", lambda: libc.umount2(b"/", 2))
attempt("shmget", lambda: libc.shmget(4711, 4096, 0o1666))
attempt("semget", lambda: libc.semget(4711, 1, 0o1666))
attempt("msgget", lambda: libc.msgget(4711, 0o1666))
attempt("memfd", lambda: libc.memfd_create(b"x", 0))
attempt("mlock", lambda: libc.mlockall(1))
attempt("keyring", call(250, 1, 0))
attempt("io_uring", call(425, 8, ctypes.create_string_buffer(200)))
attempt("bpf", call(321, 0, 0, 0))
attempt("perf", call(298, 0, 0, 0, 0, 0))
attempt("userfaultfd", call(323, 0))
attempt("process_vm_readv", call(310, parent, 0, 0, 0, 0, 0))
attempt("pidfd", call(434, parent, 0))
attempt("handle", call(303, -100, b".", 0, 0, 0))
attempt("personality", lambda: libc.personality(0x0040000))
attempt("dumpable", lambda: libc.prctl(4, 1, 0, 0, 0) + 1 or None)
attempt("no parent's end", lambda: libc.prctl(1, 0, 0, 0, 0) + 1 or None)
attempt("raw fork", call(57))
attempt("raw vfork", call(58))
attempt("raw clone", call(56, 17, 0, 0, 0, 0))
attempt("clone3", call(435, ctypes.create_string_buffer(88), 88))
attempt("exec", done(os.execv, sys.executable, ["python"]))
attempt("posix_spawn", lambda: __import__("posix").posix_spawn(sys.executable, ["python"], {}))
attempt("fork", lambda: __import__("posix").fork())
vfork = [False] if sys.version_info < (3, 14) else []  # an argument less since then
attempt("_posixsubprocess", lambda: __import__("_posixsubprocess").fork_exec(
    [b"/bin/true"], [b"/bin/true"], True, (), None, None, -1, -1, -1, -1, -1, -1, -1, -1,
    False, False, 0, None, None, None, -1, None, *vfork))
print("the end")
"""


def test_nothing_leads_out_of_the_scratch_folder(students, small, tmp_path):
    file = tmp_path / "file"
    file.write_text("as it was")
    file.chmod(0o666)
    before = file.stat()
    process = students.engine._process.pid
    standing = (os.getpriority(os.PRIO_PROCESS, process), os.sched_getaffinity(process),
                Path(f"/proc/{process}/limits").read_text())  # fmt: skip
    library = Path(os.__file__).stat()
    with socket.create_server(("127.0.0.1", 0)) as server:
        names = f"FILE, PORT = {str(file)!r}, {server.getsockname()[1]}\n"
        result = students.attack(small.hand_in([names + ESCAPES]))
    output = result.cells[0].output
    assert "ESCAPED" not in output
    assert "the end" in output
    assert result.points == small.ALL
    after = file.stat()
    assert file.read_text() == "as it was"
    for one, other in ((before, after), (library, Path(os.__file__).stat())):
        assert (one.st_mode, one.st_uid, one.st_mtime_ns) == (
            other.st_mode,
            other.st_uid,
            other.st_mtime_ns,
        )
    assert standing == (os.getpriority(os.PRIO_PROCESS, process), os.sched_getaffinity(process),
                        Path(f"/proc/{process}/limits").read_text())  # fmt: skip


def test_nothing_is_left_for_the_next_student(students, small):
    if not students.has_scratch:
        pytest.skip("there is no scratch folder on this machine")
    leaves = """
import mmap, os, threading, time
deep = os.open(".", os.O_RDONLY)
for depth in range(1500):
    try:
        os.mkdir("d"); os.chdir("d")
    except OSError:
        break
os.fchdir(deep)
os.makedirs("closed/inner"); os.chmod("closed", 0)
for name in ("-rf", "new\\nline", "\\x01", "x" * 255, "*", ".hidden", "\\udcff"):
    open(name, "w").write("left")
held = open("held", "w+b"); held.truncate(4096); kept = mmap.mmap(held.fileno(), 4096)
threading.Thread(target=time.sleep, args=(60,), daemon=False).start()
os.environ["LEFT"] = "behind"
print(len(os.listdir(".")))"""
    looks = """
import os, threading
print(os.listdir("."), "LEFT" in os.environ, threading.active_count())"""
    assert students.attack(small.hand_in([leaves])).points == small.ALL
    assert students.examine(small.hand_in([looks])).cells[0].output == "[] False 1\n"


def test_no_process_is_left(students, small):
    def descendants(parent: int) -> int:
        count = 0
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                count += 1 + descendants(int(status.parent.name))
        return count

    students.examine(small.hand_in())
    before = descendants(students.engine._process.pid)
    loop = "import threading\nthreading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()"
    students.attack(small.hand_in([loop]))
    assert descendants(students.engine._process.pid) == before
    assert before <= 1 + MOST_PREPARED  # the slot, and what its examiners are forked from


# --- exhaustion and death -------------------------------------------------------------------------

SWALLOWS = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass"""
ENDLESS = {
    "a loop": "while True: pass",
    "a loop in C": "sum(iter(int, 1))",
    "a loop that swallows": SWALLOWS,
    "a sleep": "import time\ntime.sleep(1000)",
    "a power": "10 ** 10 ** 10",
    "a regular expression": "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')",
    "blocked signals": "import signal\nsignal.pthread_sigmask(0, range(1, 65))\nwhile True: pass",
    "endless output": "while True: print('x' * 10_000)",
    "endless display": "while True: display('x' * 10_000)",
}


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS.keys())
def test_an_endless_cell_costs_itself(students, small, points_of, source):
    result = students.attack(small.hand_in([source]), HURRY)
    assert result.cells[0].died
    assert result.points == small.ALL
    assert any("cell added-1 was ended after" in flag for flag in result.flags)
    assert len(result.to_json()) < 1_000_000


@pytest.mark.parametrize("name", ["a loop", "a sleep", "endless output"])
def test_an_endless_answer_costs_itself(students, small, points_of, name):
    body = ENDLESS[name].replace("\n", "; ")
    if body.startswith("import"):
        body = body.replace("; ", "\n    ")
    result = students.attack(small.hand_in(square=f"def square(x):\n    {body}"), HURRY)
    assert points_of(result) == small.POINTS | {"square": 0}
    assert any("square-test was ended after" in flag for flag in result.flags)


GREEDY = {
    "10 GB": "x = bytearray(10 * 2**30)",
    "10 GB of small things": "x = []\nwhile True: x.append(bytearray(10**7))",
    "an array": "import numpy as np\nx = np.ones(10**10)",
    "a file of 2 GB": "with open('f', 'wb') as f:\n    for _ in range(2048): f.write(bytes(2**20))",
    "millions of files": "for n in range(10**6): open(str(n), 'w').close()",
    "threads": "import threading, time\nthreading.stack_size(65536)\n"
    "while True: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
    "deep recursion": "def f(): return f()\nf()",
    "endless recursion": "import sys\nsys.setrecursionlimit(10**9)\nf = lambda: f()\nf()",
    "open files": "x = [open('/dev/null') for _ in range(10**5)]",
    "forks": "import os, posix\nwhile True: posix.fork()",
}


@pytest.mark.parametrize("source", GREEDY.values(), ids=GREEDY.keys())
def test_a_greedy_cell_costs_itself(students, small, source):
    result = students.attack(small.hand_in([source]), Limits(10.0, 60.0))
    assert result.cells[0].error is not None
    assert result.points == small.ALL


DEATHS = {
    "_exit": "os._exit(0)",
    "a segmentation fault": "ctypes.string_at(0)",
    "abort": "os.abort()",
    "closed descriptors": "os.closerange(0, 256)",
    "a replaced wire": "[os.dup2(0, n) for n in range(3, 256)]",
    "a broken pipe": "signal.signal(signal.SIGPIPE, signal.SIG_DFL); os.closerange(3, 256)",
    "an alarm": "signal.setitimer(signal.ITIMER_REAL, 0.01); time.sleep(9)",
    "a kill": "signal.raise_signal(signal.SIGKILL), os._exit(9)",
    "a stop": "os.kill(os.getpid(), signal.SIGSTOP)",
}
TOOLS = "import ctypes, os, signal, time\n"


@pytest.mark.parametrize("source", DEATHS.values(), ids=DEATHS.keys())
def test_a_cell_that_ends_its_process_costs_itself(students, small, source):
    before = "kept = 5"
    after = "print('kept', kept)"
    submission = small.hand_in([before, TOOLS + source, after])
    result = students.attack(submission)
    assert result.cells[1].error is not None
    assert result.cells[2].output == "kept 5\n"  # the replay has brought the state back
    assert result.points == small.ALL


@pytest.mark.parametrize("source", DEATHS.values(), ids=DEATHS.keys())
def test_an_answer_that_ends_its_process_costs_itself(students, small, points_of, source):
    answer = f"{TOOLS}def square(x):\n    {source}"
    result = students.attack(small.hand_in(square=answer))
    assert points_of(result) == small.POINTS | {"square": 0}


def test_after_too_many_deaths_the_rest_is_passed_over(students, small):
    result = students.attack(small.hand_in([f"{TOOLS}os._exit(1)"] * 8))
    assert result.points == 0
    assert all(cell.died for cell in result.cells)
    assert any("too often" in (cell.error or "")[2] for cell in result.cells)


def test_what_a_function_prints_and_returns_is_kept_within_bounds(students, small, points_of):
    result = students.attack(
        small.hand_in(square="def square(x):\n    print('y' * 10**6)\n    return np.ones(10**8)")
    )
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert len(test.output) < 50_000
    assert "cut off" in test.output
    assert points_of(result) == small.POINTS | {"square": 0}
