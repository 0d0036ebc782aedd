"""Brings functions into a simple form, so that a longer way to write the same makes no difference.

A value that is named once and read once, in the statement after, moves there; a list that a loop
fills is a comprehension; a name that nothing reads is gone. Such code is only compared, never run.
"""

from __future__ import annotations

import ast
from collections import Counter, deque
from collections.abc import Iterable, Iterator

LARGEST = 200  # nodes of a statement that a value moves to: a chain of names is no deep nest


def simplify(statements: Iterable[ast.stmt]) -> None:
    r"""Bring all functions in some code into their simple form, in place.

    Examples
    --------
    >>> code = ast.parse(
    ...     "def f(xs):\n"
    ...     "    out = []\n"
    ...     "    for x in xs:\n"
    ...     "        half = x / 2\n"
    ...     "        out.append(half)\n"
    ...     "    return out"
    ... )
    >>> simplify(code.body)
    >>> print(ast.unparse(code))
    def f(xs):
        return [x / 2 for x in xs]
    """
    for node in _functions_in(statements):
        _Function(node).simplify(node.body)


def _functions_in(
    statements: Iterable[ast.stmt],
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions in some code, each one before those in it."""
    rest = deque(statements)
    while rest:
        node = rest.popleft()
        for body in bodies_of(node):
            rest.extend(body)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def is_idle(node: ast.stmt) -> bool:
    """Tell whether a statement computes nothing: an import, a docstring, a call of `print`."""
    if isinstance(node, ast.Expr):
        value = node.value
        return isinstance(value, ast.Constant) or (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Name)
            and value.func.id == "print"
        )
    return isinstance(node, ast.Pass | ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal)


class _Function:
    """A function, with how often each name is stored and loaded in it."""

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._stored, self._loaded = _uses(node)
        self._whole = node.body

    def simplify(self, body: list[ast.stmt]) -> None:
        """Simplify some of the function's statements, from the last to the first."""
        kept: list[ast.stmt] = []  # from the last
        for statement in reversed(body):
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for inner in bodies_of(statement):
                    self.simplify(inner)
            if isinstance(statement, ast.Import | ast.ImportFrom) or not is_idle(statement):
                kept.append(statement)
                self._merge(kept, body is self._whole)
        body[:] = reversed(kept)

    def _merge(self, kept: list[ast.stmt], to_end: bool) -> None:
        """Merge the earliest statement with the one after it, where that changes nothing."""
        name, value = _named(kept[-1])
        if value is None:
            return
        if len(kept) > 1 and (filled := _comprehension(name, value, kept[-2])) is not None:
            del kept[-2]
            self._loaded[name] -= 1
            value = filled
            kept[-1] = ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], value), value)
        once = self._stored[name] == 1
        loads = self._loaded[name] if once else _loads_until_next(name, kept, to_end)
        if loads == 0 and not any(isinstance(part, ast.Call) for part in ast.walk(value)):
            kept.pop()
            self._stored[name] -= 1
        elif loads == 1 and len(kept) > 1 and _size(kept[-2]) <= LARGEST:
            mover = _Mover(name, value)
            kept[-2] = mover.visit(kept[-2])
            if mover.moved:
                kept.pop()
                self._stored[name] -= 1
                self._loaded[name] -= 1


def _uses(node: ast.AST) -> tuple[Counter[str], Counter[str]]:
    """Return how often each name is stored and loaded in a function, inner functions' own apart."""
    stored: Counter[str] = Counter()
    loaded: Counter[str] = Counter()
    rest = list(ast.iter_child_nodes(node))
    while rest:
        part = rest.pop()
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            own, read = _uses(part)
            loaded.update({name: count for name, count in read.items() if name not in own})
            continue
        if isinstance(part, ast.arg):
            stored[part.arg] += 1
        elif isinstance(part, ast.Name):
            (loaded if isinstance(part.ctx, ast.Load) else stored)[part.id] += 1
        elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            loaded[part.target.id] += 1  # as in ``name = name + ...``
        rest += ast.iter_child_nodes(part)
    return stored, loaded


class _Mover(ast.NodeTransformer):
    """Puts a value in the place of its name."""

    def __init__(self, name: str, value: ast.expr) -> None:
        self._name, self._value, self.moved = name, value, False

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id != self._name or not isinstance(node.ctx, ast.Load):
            return node
        self.moved = True
        return self._value


def bodies_of(node: ast.AST) -> list[list[ast.stmt]]:
    """Return the blocks of a statement, those of ``except`` and ``case`` among them."""
    blocks = [
        value
        for _, value in ast.iter_fields(node)
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt)
    ]
    parts = (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))
    return blocks + [part.body for part in parts]


def _named(node: ast.stmt) -> tuple[str, ast.expr | None]:
    """Return the name that a statement gives to a value, and the value."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
    elif isinstance(node, ast.AnnAssign):
        target = node.target
    else:
        return "", None
    return (target.id, node.value) if isinstance(target, ast.Name) else ("", None)


def _size(node: ast.AST) -> int:
    return sum(1 for _ in ast.walk(node))


def _loads_until_next(name: str, kept: list[ast.stmt], to_end: bool) -> int | None:
    """Return how often a name is read before it gets another value; None if that can't be told.

    Parameters
    ----------
    name
        What the last of `kept` names.
    kept
        Statements of a block, from the last.
    to_end
        Whether the function ends with the block.
    """
    loads = 0
    for statement in reversed(kept[:-1]):
        used = [
            isinstance(part.ctx, ast.Load)
            for part in ast.walk(statement)
            if isinstance(part, ast.Name) and part.id == name
        ]
        loads += sum(used)
        if not all(used):
            return loads if _named(statement)[0] == name else None
    return loads if to_end else None


def _comprehension(name: str, start: ast.expr, loop: ast.stmt) -> ast.ListComp | None:
    """Return the comprehension for a loop that does nothing but append to an empty list."""
    empty = isinstance(start, ast.List) and not start.elts
    if not (empty and isinstance(loop, ast.For) and len(loop.body) == 1 and not loop.orelse):
        return None
    inner = loop.body[0]
    tests: list[ast.expr] = []
    while isinstance(inner, ast.If) and len(inner.body) == 1 and not inner.orelse:
        tests.append(inner.test)
        inner = inner.body[0]
    call = inner.value if isinstance(inner, ast.Expr) else None
    if not (
        isinstance(call, ast.Call)
        and len(call.args) == 1
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "append"
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == name
    ):
        return None
    clause = ast.comprehension(loop.target, loop.iter, tests, 0)
    return ast.copy_location(ast.ListComp(call.args[0], [clause]), loop)
