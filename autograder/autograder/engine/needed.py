"""Which cells are run: those of the course that only show something only if others need them."""

from __future__ import annotations

import ast
import dis
import re
import warnings
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from types import CodeType
from typing import Any

from autograder.course.lint.names import bound_names, is_load
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


@lru_cache(maxsize=2048)  # cells: it is asked for twice of each, and some are many students'
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
    """Return which of some global names a cell may read as other cells have bound them."""
    try:
        if len(source) > LONGEST:
            raise ValueError
        code = compiled(source)
        names = {name for inner in _codes_in(code) for name in _globals(inner, among)}
        if at_once := set(_globals(code, among)) - names:
            names |= at_once.intersection(_unbound(ast.parse(without_magics(source)).body))
        return names
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"\w+", source)) & among


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of functions, classes and comprehensions."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_in(constant)


def _globals(code: CodeType, among: frozenset[str]) -> Iterator[str]:
    """Yield which global names code reads; `dis` is slow, and needed only for many names."""
    if among.isdisjoint(code.co_names):  # attributes are in there, too
        return
    operations, numbers = code.co_code[::2], code.co_code[1::2]
    if EXTENDED in operations:
        found = (i.argval for i in dis.get_instructions(code) if i.opcode in LOADS)
    else:
        found = (
            code.co_names[number >> LOADS[operation]]
            for operation, number in zip(operations, numbers, strict=True)
            if operation in LOADS
        )
    yield from among.intersection(found)


def _unbound(body: list[ast.stmt], bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the names that statements may read before they have bound them; inside of `def`, none.

    Parameters
    ----------
    body : list of ast.stmt
        At a cell's top level, or in a loop there.
    bound : frozenset of str
        What is bound before.
    """
    for statement in body:
        parts: list[ast.AST] = [statement]
        new: Iterable[str] = ()
        if isinstance(statement, ast.For):
            parts = [statement.iter, *statement.orelse]
            yield from _unbound(statement.body, bound.union(_stored([statement.target])))
        elif isinstance(statement, ast.FunctionDef):
            parts = [*statement.decorator_list, statement.args]
            new = (statement.name,)
        elif isinstance(statement, ast.Assign):
            new = _stored(statement.targets)
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            parts.append(ast.Name(statement.target.id, ast.Load()))
        for node in (node for part in parts for node in ast.walk(part)):
            if isinstance(node, ast.Name) and is_load(node) and node.id not in bound:
                yield node.id
        bound = bound.union(new)


def _stored(targets: Iterable[ast.AST]) -> Iterator[str]:
    for node in (node for target in targets for node in ast.walk(target)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
