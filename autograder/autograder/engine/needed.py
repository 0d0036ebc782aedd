"""Which cells are run: those of the course that only show something only if others need them."""

from __future__ import annotations

import ast
import dis
import re
import warnings
from collections.abc import Collection, Iterator
from functools import lru_cache
from types import CodeType
from typing import Any

from autograder.course.lint.names import bound_names
from autograder.course.notebooks import only_shows

# By operation, by how many bits the number of the name is moved.
LOADS = {dis.opmap["LOAD_NAME"]: 0, dis.opmap["LOAD_GLOBAL"]: 1}
EXTENDED = dis.opmap["EXTENDED_ARG"]
LONGEST = 20_000  # characters of a student's cell that are compiled in this process
MAGIC = re.compile(r"(?m)^[ \t]*[%!].*$")


def cells_to_run(cells: list[dict[str, Any]], written: Collection[str]) -> list[dict[str, Any]]:
    """Return the code cells that are run, in order.

    A cell tagged `figure` is left out, unless the student has written it, or what the student has
    written reads a name that it binds, at once or by way of another such cell.

    Parameters
    ----------
    cells : list of dict
        The code cells of a notebook.
    written : collection of str
        The ids of those that the student has written.
    """
    left_out = {
        number: _bound(cell["source"])
        for number, cell in enumerate(cells)
        if only_shows(cell) and cell["id"] not in written
    }
    bound = frozenset().union(*left_out.values())
    read: set[str] = set()
    for cell in cells:
        if cell["id"] in written:
            read |= _read(cell["source"], bound)
    while needed := [number for number, names in left_out.items() if not names.isdisjoint(read)]:
        for number in needed:
            del left_out[number]
            read |= _read(cells[number]["source"], bound)
    return [cell for number, cell in enumerate(cells) if number not in left_out]


@lru_cache(maxsize=512)  # cells: it is asked for twice of each, and some are many students'
def compiled(source: str) -> CodeType:
    """Return a cell's code, without its magics.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        Where it is no Python, or too deeply nested.
    """
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as IPython does
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of invalid escapes in a student's strings
        return compile(without_magics(source), "<cell>", "exec", flags, dont_inherit=True)


def without_magics(source: str) -> str:
    """Return a cell with empty lines in the place of magics."""
    return MAGIC.sub("", source)


@lru_cache(maxsize=1024)  # cells of the course
def _bound(source: str) -> frozenset[str]:
    return frozenset(bound_names(ast.parse(without_magics(source))))


def _read(source: str, among: frozenset[str]) -> set[str]:
    """Return which of some global names a cell reads, or may read."""
    try:
        if len(source) > LONGEST:
            raise ValueError
        code = compiled(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"\w+", source)) & among
    return set(_loaded(code, among))


def _loaded(code: CodeType, among: frozenset[str]) -> Iterator[str]:
    if not among.isdisjoint(code.co_names):  # attributes are in there, too
        yield from among.intersection(_globals(code))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _loaded(constant, among)


def _globals(code: CodeType) -> Iterator[str]:
    """Yield the global names that code reads; `dis` is slow, and needed only for many names."""
    operations, numbers = code.co_code[::2], code.co_code[1::2]
    if EXTENDED in operations:
        for instruction in dis.get_instructions(code):
            if instruction.opcode in LOADS:
                yield instruction.argval
        return
    for operation, number in zip(operations, numbers, strict=True):
        if operation in LOADS:
            yield code.co_names[number >> LOADS[operation]]
