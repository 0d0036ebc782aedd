"""A test cell made ready to run: compiled once for a whole class, not once for each student."""

from __future__ import annotations

import ast
import builtins
import marshal
from functools import lru_cache
from types import CodeType
from typing import Any


@lru_cache(maxsize=4096)  # cells; a course has a few hundred
def prepare_test(source: str, name: str) -> dict[str, Any] | None:
    """Return what an examiner needs to run a test cell, in types that MessagePack knows.

    Parameters
    ----------
    source : str
        The cell, hidden tests included.
    name : str
        What tracebacks call it.

    Returns
    -------
    dict or None
        ``body`` and ``last``: marshalled code of the statements and of the last expression, if
        there is one; ``reads``: the names it reads; ``scenarios``: the source of each scenario,
        without its mark, by its first line's number. None where the cell is not Python.
    """
    try:
        tree = ast.parse(source, name)
        reads, scenarios = _reads(tree), _scenarios(tree)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            expression = ast.Expression(tree.body.pop().value)
            last = marshal.dumps(compile(expression, name, "eval"))
        body = marshal.dumps(compile(tree, name, "exec"))
    except (SyntaxError, ValueError):
        return None
    return {"body": body, "last": last, "reads": reads, "scenarios": scenarios}


def code_of(marshalled: bytes) -> CodeType:
    """Return the code; it comes from the controller, which is to be trusted."""
    return marshal.loads(marshalled)


def _reads(tree: ast.Module) -> list[str]:
    found = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }
    return sorted(name for name in found if not hasattr(builtins, name))


def _scenarios(tree: ast.Module) -> dict[int, str]:
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(mark, ast.Name) and mark.id == "scenario" for mark in node.decorator_list
        ):
            marks, node.decorator_list = node.decorator_list, []
            found[marks[0].lineno] = found[node.lineno] = ast.unparse(node)
            node.decorator_list = marks
    return found
