"""Exceptions that a student's code raises itself where none is expected: `raise`, `assert`."""

from __future__ import annotations

import ast
import builtins
import types

from byhand.checks.scene import Scene, parents_of, source_of, value_of

SCOPES = (ast.FunctionDef, ast.Lambda, ast.ClassDef)


def own_raise(scene: Scene) -> str | None:
    """Recognize an exception of the student's own, raised where the check expects a result."""
    path = _path_to(scene.node, scene.tree) if scene.theirs else []
    if len(path) > 1 and isinstance(path[-2], ast.Assert) and scene.kind == "AssertionError":
        path.pop()
    statement = path[-1] if path else None
    if isinstance(statement, ast.Assert):
        word, test = "assert", statement.test
    elif isinstance(statement, ast.Raise) and statement.exc is not None:
        word, test = "raise", None
    else:
        return None
    start = f"this is your own `{word}`, and the check expects a result here"
    if scene.caller:
        return f"{start}: your line `{scene.caller}` led to it, so look at what that passes on"
    if test is not None:
        return f"{start}: {_refused(scene, test, path, 'false')}"
    for outer, inner in zip(path[-2::-1], path[:0:-1], strict=True):
        if isinstance(outer, ast.ExceptHandler):
            return f"{start}: what went wrong is what its `except` has caught"
        if isinstance(outer, ast.If) and inner in outer.body:
            return f"{start}: {_refused(scene, outer.test, path, 'true')}"
        if isinstance(outer, ast.If):
            return f"{start}: none of the cases before its `else` takes these arguments"
        if isinstance(outer, SCOPES):
            break
    return f"{start}: nothing before it has returned"


def _path_to(node: ast.AST | None, tree: ast.AST | None) -> list[ast.AST]:
    """Return the nodes from the whole cell down to one of its nodes; none if there is no way."""
    if node is None or tree is None:
        return []
    parents = parents_of(tree)
    path = [node]
    while path[-1] in parents:
        path.append(parents[path[-1]])
    return path[::-1]


def _refused(scene: Scene, test: ast.expr, path: list[ast.AST], outcome: str) -> str:
    """Return that a condition refuses arguments that are allowed, where it can only be that."""
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    held = {name: value_of(ast.Name(name), scene.names) for name in sorted(names)}
    numbers = [f"{name} = {v!r}" for name, v in held.items() if type(v) in (int, float, bool)]
    given = " and ".join(numbers) or "these arguments"
    said = f"its condition `{source_of(test)}` is {outcome} for {given}"
    own = {
        n for n, v in held.items() if not hasattr(builtins, n) and type(v) is not types.ModuleType
    }
    if own <= _given_arguments(path):
        return f"{said}, which {'is' if len(numbers) == 1 else 'are'} allowed: it refuses too much"
    return f"{said}: does it refuse too much, or is what it looks at wrong?"


def _given_arguments(path: list[ast.AST]) -> set[str]:
    """Return the parameters of the function around, but self and those that it assigns to."""
    inner = [node for node in path if isinstance(node, ast.FunctionDef)]
    if not inner:
        return set()
    arguments = inner[-1].args
    given = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    stored = {
        node.id
        for node in ast.walk(inner[-1])
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return given - stored - {"self"}
