"""Run by test_sandbox.py: examines a notebook and an attack as some user, prints what came of it.

Arguments: ``root`` or ``ordinary``, then ``closed`` for a byhand in a folder that only its owner
may enter, then system calls that the kernel shall refuse.
"""

from __future__ import annotations

import atexit
import ctypes
import errno
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import byhand

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 4096, 16384, 1 << 18
NOBODY = 65534
CANT_TRY = 77
# of the calls that can be refused, on x86_64 and aarch64
NUMBERS = {
    "unshare": (272, 97), "mount": (165, 40), "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444), "prctl-seccomp": (157, 167),
}  # fmt: skip
ROOT = Path(__file__).parents[3]
ATTACK = """
import os, posix, socket, threading, time
def attempt(what, function):
    try:
        got = function()
    except (OSError, RuntimeError):
        return
    print("ESCAPED", what, got)
for path in (FILE, ENGINE, "/etc/passwd", "/proc/self/environ", f"/proc/{os.getppid()}/environ",
             f"/proc/{os.getppid()}/mem", "/proc/self/mem"):
    attempt("read " + path, lambda: open(path, "rb").read(10))
    attempt("write " + path, lambda: open(path, "ab"))
    attempt("truncate " + path, lambda: os.truncate(path, 0))
    attempt("remove " + path, lambda: os.unlink(path))
    attempt("rename " + path, lambda: os.rename(path, path + "x"))
for path in ("/", "/tmp", "/scratch", "/scratch/1", os.path.dirname(FILE), "/root", "/dev"):
    attempt("make in " + path, lambda: os.mkdir(path + "/new"))
os.chmod(FILE, 0) if os.path.exists(FILE) else None
attempt("chown", lambda: os.chown(FILE, os.getuid(), os.getgid()))
attempt("fork", posix.fork)
attempt("socket", socket.socket)
attempt("kill", lambda: os.kill(os.getppid(), 0))
attempt("uid", lambda: os.setuid(0))
attempt("limit", lambda: __import__("resource").prlimit(os.getppid(), 7, (9, 9)))
count = 0
threading.stack_size(65536)
try:
    while count < 2000:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        count += 1
except RuntimeError:
    pass
if count > 1900:
    print("ESCAPED threads", count)
try:
    open("own", "w").write("x")
    print("scratch")
except OSError:
    print("no scratch")
print("the end")
"""


def open_up() -> None:
    """Make the files of this course readable for all, in a mount namespace of this process."""
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(source: str, target: Path, kind: bytes | None, flags: int, data: bytes = b"") -> None:
        names = os.fsencode(source), os.fsencode(target)
        if libc.mount(*names, kind, ctypes.c_ulong(flags), data):
            raise OSError(ctypes.get_errno(), f"mount {target}")

    needed = {Path(p).resolve() for p in (sys.prefix, sys.base_prefix, byhand.__path__[0], ROOT)}
    closed = {folder for path in needed for folder in path.parents
              if os.stat(folder).st_mode & 0o005 != 0o005}  # fmt: skip
    if not closed:
        return
    if libc.unshare(CLONE_NEWNS):
        print(f"{sorted(closed)[0]} is closed to others, and nothing can be mounted there")
        raise SystemExit(CANT_TRY)
    mount("none", Path("/"), None, MS_REC | MS_PRIVATE)
    mask = os.umask(0o022)
    for folder in sorted(closed, key=lambda folder: len(folder.parts))[:1]:
        inner = [path for path in needed if folder in path.parents]
        handles = [os.open(path, os.O_PATH) for path in inner]
        mount("tmpfs", folder, b"tmpfs", 0, b"mode=0755")
        for path, handle in zip(inner, handles, strict=True):
            path.mkdir(parents=True, exist_ok=True)
            mount(f"/proc/self/fd/{handle}", path, None, MS_BIND | MS_REC)
    os.umask(mask)


def become_ordinary() -> None:
    """Become a user that is not root."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def refuse(calls: list[str]) -> None:
    """Have the kernel refuse system calls to this process and all that it starts."""
    from autograder.engine.sandbox import bpf, linux
    from autograder.engine.sandbox.system_calls import load_filter

    machine = os.uname().machine
    rules = []
    for call in calls:
        number = NUMBERS[call][machine == "aarch64"]
        if call == "prctl-seccomp":
            option = bpf.Argument(0, linux.PR_SET_SECCOMP)
            rules.append(bpf.Rule(number, bpf.refuse(errno.EINVAL), (option,)))
        else:
            refusal = errno.ENOSYS if call.startswith("landlock") else errno.EPERM
            rules.append(bpf.Rule(number, bpf.refuse(refusal)))
    linux.set_option(linux.PR_SET_NO_NEW_PRIVS, 1)
    load_filter(bpf.assemble(rules, bpf.ALLOW, machine))


def main(user: str, *refused: str) -> None:
    """Examine, attack, examine again."""
    open_up()
    if user == "ordinary":
        become_ordinary()
    if "closed" in refused:
        refused = tuple(call for call in refused if call != "closed")
        copy = shutil.copytree(byhand.__path__[0], Path(tempfile.mkdtemp("-closed"), "byhand"))
        atexit.register(shutil.rmtree, copy.parent)
        byhand.__file__ = str(copy / "__init__.py")
    if refused:
        refuse(list(refused))
    from autograder.engine.controller import Engine, Limits
    from autograder.engine.sandbox import confine

    def notebook(answer: str, attack: str = "") -> bytes:
        def cell(name: str, source: str, **marks: object) -> dict:
            marks = {"grade_id": name, "schema_version": 3, "task": False} | marks
            return {"cell_type": "code", "id": name, "source": source, "outputs": [],
                    "execution_count": None, "metadata": {"nbgrader": marks}}  # fmt: skip

        cells = [
            cell("f", answer, grade=False, solution=True, locked=False),
            cell("t", "assert f(2) == 4", grade=True, solution=False, locked=True, points=3),
        ]
        if attack:
            cells.insert(0, cell("new", attack))
        return json.dumps(
            {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        ).encode()

    source = notebook("def f(x):\n    return x * x")
    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("as it was")
        file.flush()
        names = f"FILE, ENGINE = {file.name!r}, {confine.__file__!r}\n"
        engine = Engine(1, unsafe=True)
        found: dict = {"missing": engine.missing}
        if engine.missing is None:
            with engine:
                limits = Limits(20.0, 60.0)
                found["honest"] = engine.examine(source, source, limits).points
                attack = notebook("f = lambda x: x * x", names + ATTACK)
                result = engine.examine(source, attack, limits)
                found["attack"], found["output"] = result.points, result.cells[0].output
                found["error"] = result.cells[0].error
                found["after"] = engine.examine(source, source, limits).points
        engine.close()
        found["file"] = Path(file.name).read_text()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
