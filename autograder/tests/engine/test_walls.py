"""The system call filter and Landlock's rules, which this project writes itself."""

from __future__ import annotations

import errno
import os
import re
import struct
from pathlib import Path

import pytest

from autograder.engine.sandbox import landlock, system_calls
from autograder.engine.sandbox.bpf import ALLOW, AUDIT_MACHINES, KILL_PROCESS, refuse
from autograder.engine.sandbox.system_call_numbers import MACHINES, numbers_on
from autograder.engine.sandbox.system_calls import make_filter

PRETEND, NOT_PERMITTED = refuse(0), refuse(errno.EPERM)
# the kernel's own tables, where a C compiler's headers are installed; aarch64 has the generic one
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def verdict(program: bytes, machine: str, number: int, *arguments: int) -> int:
    """Run a filter as the kernel does and return its verdict."""
    arguments += (0,) * (6 - len(arguments))
    data = struct.pack("<IIQ6Q", number, AUDIT_MACHINES[machine], 0, *arguments)
    accumulator, place = 0, 0
    while True:
        code, if_true, if_false, operand = struct.unpack_from("=HBBI", program, 8 * place)
        place += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, operand)
        elif code == 0x54:
            accumulator &= operand
        elif code == 0x15:
            place += if_true if accumulator == operand else if_false
        else:
            assert code == 0x06, hex(code)
            return operand


@pytest.fixture(params=MACHINES)
def ask(request):
    """Return a function that asks one machine's filter about a call by its name."""
    machine = request.param
    program, numbers = make_filter(machine), numbers_on(machine)
    return lambda name, *arguments: verdict(program, machine, numbers[name], *arguments)


def test_what_depends_on_nothing_is_decided_by_name(ask):
    assert ask("read") == ask("futex") == ask("openat") == ALLOW
    assert ask("fchmod") == ask("utimensat") == PRETEND
    assert ask("setxattr") == refuse(errno.ENOTSUP)
    assert ask("clone3") == ask("landlock_create_ruleset") == refuse(errno.ENOSYS)


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("clone", (0x3D0F00,), (0x0120_0011,)),  # glibc's pthread_create, fork
        ("prlimit64", (0, 7, 0), (0, 7, 4096)),  # ask, change
        ("prlimit64", (0, 7, 0), (1, 7, 0)),  # of another process
        ("sendto", (3, 0, 1, 0, 0), (3, 0, 1, 0, 1 << 40)),  # an address beyond 4 GB
        ("socketpair", (1, 0x80001), (2, 1)),
        ("socketpair", (1, 1), (1, 2)),
        ("fcntl", (3, 1030), (3, 8)),  # F_SETOWN sends signals
        ("fcntl", (3, 0), (3, 1 << 32)),  # neither half may be overlooked
        ("ioctl", (3, 0x5421), (3, 0x5412)),  # TIOCSTI types into the terminal
        ("prctl", (15,), (22,)),  # a filter of its own
    ],
)
def test_what_depends_on_arguments_looks_at_all_of_them(ask, name, allowed, refused):
    assert ask(name, *allowed) == ALLOW
    assert ask(name, *refused) == NOT_PERMITTED


@pytest.mark.parametrize("machine", MACHINES)
def test_a_call_that_is_not_named_is_refused(machine):
    program, known = make_filter(machine), set(numbers_on(machine).values())
    for number in {*range(600), *range(1 << 30, (1 << 30) + 600), 2**32 - 1} - known:
        assert verdict(program, machine, number) == NOT_PERMITTED


def test_the_numbers_of_another_machine_end_the_process():
    program = make_filter("x86_64")
    assert verdict(program, "aarch64", 63) == KILL_PROCESS
    with pytest.raises(OSError, match="x86_64 and aarch64 only, and this is riscv64"):
        make_filter("riscv64")


def test_every_call_that_the_filter_names_has_a_number():
    named = {*system_calls.ALLOWED, *system_calls.IGNORED, *system_calls.XATTR}
    named |= {*system_calls.MISSING, *(name for name, _ in system_calls.CONDITIONAL)}
    assert named == set(numbers_on("x86_64"))
    # what the kernel's generic table left out has a newer form, which is named too
    older = named - set(numbers_on("aarch64"))
    newer = {"open": "openat", "stat": "newfstatat", "poll": "ppoll", "dup2": "dup3"}
    assert older >= set(newer) and named - older >= set(newer.values())


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_the_kernels(machine):
    header = HEADERS[machine]
    if not header.is_file():
        pytest.skip(f"no {header}; Debian, Ubuntu: sudo apt install linux-libc-dev")
    found = {
        name: int(number)
        for name, number in re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", header.read_text())
    }
    renamed = {"newfstatat": "fstatat"}  # as the generic table calls it
    for name, number in numbers_on(machine).items():
        other = name if name in found else renamed.get(name, name)
        if other in found:  # an older kernel's table lacks the newest calls
            assert found[other] == number, name
    assert len(found.keys() & numbers_on(machine)) > 100


def in_a_process(action) -> bytes:
    """Return what a function returns in a process of its own."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.write(writing, action())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(process, 0)
    with open(reading, "rb") as pipe:
        return pipe.read()


needs_landlock = pytest.mark.skipif(landlock.version() < 3, reason="needs Linux 6.2 with Landlock")


@needs_landlock
def test_landlock_allows_what_was_allowed_and_nothing_else(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "file").write_text("as it was")

    def attempt() -> bytes:
        from autograder.engine.sandbox import linux

        rules = landlock.Rules()
        rules.allow(str(inside), landlock.Access.READ_FILE | landlock.Access.READ_DIR)
        linux.libc.prctl(linux.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        rules.restrict()
        done = []
        for name, act in {
            "read inside": lambda: (inside / "file").read_text(),
            "list inside": lambda: os.listdir(inside),
            "write inside": lambda: (inside / "file").open("a"),
            "truncate inside": lambda: os.truncate(inside / "file", 0),
            "make inside": lambda: (inside / "new").mkdir(),
            "remove inside": lambda: (inside / "file").unlink(),
            "read outside": lambda: (outside / "file").read_text(),
            "list outside": lambda: os.listdir(outside),
        }.items():
            try:
                act()
                done.append(name)
            except OSError:
                pass
        return ", ".join(done).encode()

    assert in_a_process(attempt) == b"read inside, list inside"
    assert (inside / "file").read_text() == "as it was"


@needs_landlock
def test_a_kernel_with_an_older_landlock_is_asked_for_what_it_knows(monkeypatch, tmp_path):
    monkeypatch.setattr(landlock, "version", lambda: 1)
    rules = landlock.Rules()
    assert not rules.known & landlock.Access.TRUNCATE
    rules.allow(str(tmp_path), landlock.Access.READ_FILE | landlock.Access.TRUNCATE)
    os.close(rules.descriptor)


def test_a_kernel_without_landlock_has_version_0(monkeypatch):
    def refuse_it(*arguments: object) -> int:
        raise OSError(errno.ENOSYS, "no such call")

    monkeypatch.setattr(landlock, "_call", refuse_it)
    assert landlock.version() == 0
