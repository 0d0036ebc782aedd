"""Where a student's code stopped: the line, the expression that failed, what its names hold.

Nothing here runs a student's code: values are looked at, never called, compared or printed.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import types
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import numpy as np

LIBRARY = str(Path(__file__).resolve().parents[1])
LONGEST_SOURCE = 100_000  # characters of a cell that is parsed
LONGEST_LINE = 200
MOST_OPERANDS = 4
NUMBERS = (bool, int, float, complex, np.bool_, np.float64, np.float32, np.int64, np.int32)
FUNCTIONS = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, np.ufunc, type(np.sum),
)  # fmt: skip
UNKNOWN = object()
SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**",
    ast.FloorDiv: "//", ast.Mod: "%", ast.BitXor: "^", ast.BitAnd: "&", ast.BitOr: "|",
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """One error, and where in the student's code it was raised.

    Attributes
    ----------
    kind, message : str
        The error's type and text.
    function : str
        The function of the student's that failed; empty outside of any.
    number : int
        The line's number in its cell; 0 if no line is known.
    line : str
        Its source.
    node : ast.AST or None
        The expression or statement that failed.
    tree : ast.AST or None
        The cell that it is part of.
    caller : str
        The line of the student's from which the function was called; empty if the check did.
    names : mapping
        What the names in that line hold.
    theirs : bool
        Whether the line is in the student's code; otherwise it is in the check.
    loop : int
        The line of the `while` loop around it; 0 if there is none.
    most_called : str
        The function that occurs most often among the calls.
    thing, attribute : object, str
        What an AttributeError is about.
    """

    kind: str
    message: str
    function: str = ""
    number: int = 0
    line: str = ""
    node: ast.AST | None = None
    tree: ast.AST | None = None
    caller: str = ""
    names: Mapping[str, Any] = field(default_factory=dict)
    theirs: bool = False
    loop: int = 0
    most_called: str = ""
    thing: object = UNKNOWN
    attribute: str = ""


def scene_of(error: BaseException, *, check: str | None, library: str = LIBRARY) -> Scene:
    """Return where an error was raised.

    Parameters
    ----------
    error : BaseException
        With its traceback.
    check : str, optional
        What tracebacks call the code of the check.
    library : str
        The folder whose code is neither the student's nor the check's.
    """
    kind, message = type(error).__name__, message_of(error)
    found = [
        (frame, tb)
        for frame, tb in _walk(error.__traceback__)
        if frame.f_globals.get("__name__") == "__main__"
        and not frame.f_code.co_filename.startswith(library)
    ]
    theirs = [(f, tb) for f, tb in found if f.f_code.co_filename != check]
    calls = Counter(f.f_code.co_name for f, _ in theirs)
    most = calls.most_common(1)[0][0] if calls else ""
    thing = getattr(error, "obj", UNKNOWN) if type(error) is AttributeError else UNKNOWN
    attribute = error.name if type(error) is AttributeError else None
    about: dict[str, Any] = {"most_called": most, "thing": thing, "attribute": attribute or ""}
    if not found:
        return Scene(kind, message, **about)
    frame, tb = (theirs or found)[-1]
    code = frame.f_code
    source = "".join(linecache.getlines(code.co_filename))
    tree = _parsed(source)
    return Scene(
        kind,
        message,
        function="" if code.co_name.startswith("<") else code.co_name,
        number=tb.tb_lineno,
        line=_line_at(tb),
        node=_node_at(tree, tb),
        tree=tree,
        caller=_line_at(theirs[-2][1]) if len(theirs) > 1 else "",
        names=vars(builtins) | dict(frame.f_globals) | dict(frame.f_locals),
        theirs=bool(theirs),
        loop=_loop_around(tree, tb.tb_lineno),
        **about,
    )


def _walk(tb: TracebackType | None) -> Iterator[tuple[FrameType, TracebackType]]:
    while tb is not None:
        yield tb.tb_frame, tb
        tb = tb.tb_next


def _line_at(tb: TracebackType) -> str:
    lines = linecache.getlines(tb.tb_frame.f_code.co_filename)
    line = lines[tb.tb_lineno - 1] if 0 < tb.tb_lineno <= len(lines) else ""
    return line.strip()[:LONGEST_LINE]


def message_of(error: BaseException) -> str:
    """Return the text of an error, without running what a student's exception class defines."""
    home = type(error).__module__.split(".")[0]
    plain = all(type(a) in (str, int, tuple) for a in error.args)
    if home == "numpy" or (home == "builtins" and plain):
        text = str(error)
    else:
        text = "".join(a for a in error.args if type(a) is str)
    return " ".join(text[:2000].split())


@lru_cache(maxsize=8)
def _parsed(source: str) -> ast.AST:
    try:
        return ast.parse(source if len(source) <= LONGEST_SOURCE else "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.parse("")


@lru_cache(maxsize=8)
def parents_of(tree: ast.AST) -> Mapping[ast.AST, ast.AST]:
    """Return all nodes of a cell but the cell itself, each with the one around it."""
    return {child: up for up in ast.walk(tree) for child in ast.iter_child_nodes(up)}


def _node_at(tree: ast.AST, tb: TracebackType) -> ast.AST | None:
    """Return the expression or statement that the failing instruction belongs to."""
    positions = list(tb.tb_frame.f_code.co_positions())
    at = positions[tb.tb_lasti // 2] if tb.tb_lasti // 2 < len(positions) else None
    names = ("lineno", "end_lineno", "col_offset", "end_col_offset")
    spans = ((node, tuple(getattr(node, name, -1) for name in names)) for node in parents_of(tree))
    found = (n for n, span in spans if span == at and not isinstance(n, ast.Expr))
    return next(found, None)


def _loop_around(tree: ast.AST, line: int) -> int:
    """Return the line of the innermost `while` loop that contains a line; 0 if there is none."""
    loops = (node for node in parents_of(tree) if isinstance(node, ast.While))
    around = (n.lineno for n in loops if n.lineno <= line <= (n.end_lineno or 0))
    return max(around, default=0)


def value_of(node: ast.AST, names: Mapping[str, Any]) -> Any:
    """Return what a name or an attribute holds; UNKNOWN for what would have to be computed."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id, UNKNOWN)
    if not isinstance(node, ast.Attribute):
        return UNKNOWN
    owner = value_of(node.value, names)
    if type(owner) is np.ndarray:
        return owner.T if node.attr == "T" else UNKNOWN
    if type(owner) is types.ModuleType:
        return vars(owner).get(node.attr, UNKNOWN)
    if owner is UNKNOWN:
        return UNKNOWN
    try:  # finds a property without running it
        return inspect.getattr_static(owner, node.attr, UNKNOWN)
    except Exception:
        return UNKNOWN


def in_words(value: object) -> str | None:
    """Return what an operand is: the shape of an array, or a word; None if that is not known."""
    kind = type(value)
    if kind is np.ndarray:
        return str(np.ndarray.shape.__get__(value))
    if value is None:
        return "None"
    if kind in NUMBERS:
        return "a number"
    if kind in FUNCTIONS:
        return "a function"
    words: dict[type, str] = {str: "text", list: "a list", tuple: "a tuple", dict: "a dict"}
    return words.get(kind)


def operands(scene: Scene) -> str | None:
    """Return what the names in the failing expression are: shapes where they are arrays."""
    node = scene.node
    if node is None:
        return None
    sides: list[ast.AST] = []
    sign = ""
    if isinstance(node, ast.BinOp):
        sides, sign = [node.left, node.right], SIGNS.get(type(node.op), "")
    elif isinstance(node, ast.AugAssign):
        sides, sign = [node.target, node.value], SIGNS.get(type(node.op), "") + "="
    kinds = [in_words(value_of(side, scene.names)) for side in sides]
    if sign.strip("=") and all(kinds):
        return f"`{source_of(node)}` is {kinds[0]} {sign} {kinds[1]}"
    found: dict[str, str] = {}
    for part in parts_of(node):
        value = value_of(part, scene.names)
        if type(value) is np.ndarray or value is None and not isinstance(part, ast.Constant):
            found[source_of(part)] = f"`{source_of(part)}` is {in_words(value)}"
    return ", ".join(list(found.values())[:MOST_OPERANDS]) or None


def parts_of(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the plain names and attributes in an expression, the longest chains only."""
    if isinstance(node, ast.Name | ast.Attribute):
        yield node
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
        return
    for child in ast.iter_child_nodes(node):
        yield from parts_of(child)


def source_of(node: ast.AST) -> str:
    """Return a node as source, on one line."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def parameters_of(function: object) -> list[str] | None:
    """Return the names of a Python function's parameters."""
    if type(function) is not types.FunctionType:
        return None
    code = function.__code__
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
