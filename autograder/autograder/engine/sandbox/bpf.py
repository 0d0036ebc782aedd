"""Assembles the rules of a system call filter into the kernel's classic BPF.

A program is a list of instructions of 8 bytes; see "Seccomp BPF" in the kernel's documentation and
<linux/seccomp.h>. It is given the call's number, the machine, and six arguments of 64 bits, and
answers with a verdict.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ALLOW, KILL_PROCESS = 0x7FFF_0000, 0x8000_0000
AUDIT_MACHINES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}  # both little-endian
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  # offsets in what the kernel passes in
_LOAD, _AND, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_HALF = 0xFFFF_FFFF

Instruction = tuple[int, int, int, int]  # code, skipped if true, skipped if false, operand


def refuse(error: int) -> int:
    """Return the verdict that lets a call fail with an error number; 0 pretends success."""
    return 0x0005_0000 | error


@dataclass(frozen=True)
class Argument:
    """What an argument of a call must be: `value` in the bits of `mask`."""

    place: int
    value: int
    mask: int = 0xFFFF_FFFF_FFFF_FFFF


@dataclass(frozen=True)
class Rule:
    """The verdict on a system call whose arguments meet all conditions."""

    number: int
    verdict: int
    conditions: tuple[Argument, ...] = ()


def assemble(rules: Sequence[Rule], otherwise: int, machine: str) -> bytes:
    """Return a filter in which the first rule that fits decides.

    Parameters
    ----------
    rules : sequence of Rule
        What is decided about each call.
    otherwise : int
        The verdict where none fits.
    machine : str
        A key of `AUDIT_MACHINES`; a call by another machine's numbers ends the process.
    """
    program: list[Instruction] = [
        (_LOAD, 0, 0, _MACHINE),
        (_JUMP_IF_EQUAL, 1, 0, AUDIT_MACHINES[machine]),
        (_RETURN, 0, 0, KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for rule in rules:
        program += _instructions(rule)
    program.append((_RETURN, 0, 0, otherwise))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _instructions(rule: Rule) -> list[Instruction]:
    """Return a rule's instructions; before them and after them the call's number is loaded."""
    tests = [part for condition in rule.conditions for part in _tests(condition)]
    # from the last one to the first, because each jumps over what comes after it
    body: list[Instruction] = [(_RETURN, 0, 0, rule.verdict)]
    for load, mask, value in reversed(tests):
        body = [load, mask, (_JUMP_IF_EQUAL, 0, len(body), value), *body]
    if tests:
        body.append((_LOAD, 0, 0, _NUMBER))
    return [(_JUMP_IF_EQUAL, 0, len(body), rule.number), *body]


def _tests(condition: Argument) -> Iterator[tuple[Instruction, Instruction, int]]:
    """Yield what loads and masks each half of an argument, and what it must be then."""
    for shift, half in ((0, 0), (32, 4)):
        mask = condition.mask >> shift & _HALF
        if mask:
            offset = _ARGUMENTS + 8 * condition.place + half
            yield (_LOAD, 0, 0, offset), (_AND, 0, 0, mask), condition.value >> shift & _HALF
