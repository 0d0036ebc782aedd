"""Which names a cell's code binds and reads."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection

from autograder.course.notebooks import Cell


def bound_names(tree: ast.Module) -> set[str]:
    """Return the names that a cell's top level binds."""
    found: set[str] = set()
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found.add(node.name)
            continue
        if isinstance(
            node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
        ):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        pending += ast.iter_child_nodes(node)
    return found


def inner_names(tree: ast.AST) -> set[str]:
    """Return every name bound anywhere inside: arguments, locals, loops, functions, imports."""
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not is_load(n)}
    found |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    found |= {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.name}
    found |= {n.asname or n.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.alias)}
    return found | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def loaded_names(tree: ast.AST) -> set[str]:
    """Return every name read anywhere inside."""
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and is_load(n)}


def needed_later(
    cells: list[Cell], kinds: Collection[str], but: Callable[[dict], bool] = lambda raw: False
) -> list[set[str]]:
    """Return for each cell the names that later cells of these kinds read and do not bind.

    Cells are passed over if `but` is true of them as they are in the notebook.
    """
    needed: list[set[str]] = []
    names: set[str] = set()
    for cell in reversed(cells):
        needed.append(set(names))
        if cell.kind in kinds and not but(cell.raw):
            tree = cell.tree()
            names |= loaded_names(tree) - inner_names(tree)
    return needed[::-1]


def is_load(name: ast.Name) -> bool:
    """Return whether a name is read here."""
    return isinstance(name.ctx, ast.Load)
