"""Takes code apart into fragments that survive a disguise.

A fragment is an expression or a statement in a normal form: names that the author chose, comments,
docstrings, annotations and the style of numbers are gone, operands that may be swapped are sorted.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from autograder.desk.simplify import bodies_of, is_idle, simplify

NAME = "name"  # stands for each name that the author chose
DEFINITION = "def"
SMALLEST = 3  # nodes of an expression that counts
LONGEST = 20_000  # characters of an answer that are read
DEEPEST = 100  # nodes inside of each other, in a statement that is read
_SWAPPED = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}
_FOLDED: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip


@dataclass
class Names:
    """What the names in a student's code mean.

    Attributes
    ----------
    chosen : set of str
        Those that the student chose.
    imported : dict of str to str
        What was imported under a name: ``np`` is ``numpy``.
    """

    chosen: set[str] = field(default_factory=set)
    imported: dict[str, str] = field(default_factory=dict)

    def meaning(self, name: str) -> str:
        """Return what stands for a name in a fragment."""
        return self.imported.get(name) or (NAME if name in self.chosen else name)


@dataclass(frozen=True)
class Fragment:
    """A piece of code: its normal form, and the lines of it, from 1."""

    form: str
    first: int
    last: int


def parse(source: str) -> list[ast.stmt]:
    """Return the statements of a cell, simplified; of code that is not Python, lines that are.

    No student would write statements that are nested so deep, or so much code, that it is left out.
    """
    source = re.sub(r"(?m)^[ \t]*[%!].*$", "", source)
    if len(source) > LONGEST:
        source = source[:LONGEST].rpartition("\n")[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in what students wrote
        whole = _parse(source)
        if whole is not None:
            whole = [statement for statement in whole if not _is_deep(statement)]
            simplify(whole)
            return [statement for statement in whole if not _is_deep(statement)]
        lines = []
        for number, line in enumerate(source.splitlines()):
            text = line.strip()
            found = _parse(text) or _parse(f"{text} pass") or _parse(f"if 1: pass\n{text} pass")
            for statement in found or ():
                ast.increment_lineno(statement, number)
            lines += [s for s in found or () if s.lineno == number + 1 and not _is_deep(s)]
        return lines


def _parse(source: str) -> list[ast.stmt] | None:
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_deep(statement: ast.stmt) -> bool:
    level: list[ast.AST] = [statement]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return bool(level)


def read_names(statements: Iterable[ast.stmt], known: Mapping[str, str]) -> Names:
    """Return what the names in some code mean.

    Parameters
    ----------
    statements
        All code of a student in a notebook.
    known
        What the course itself imports, by name.
    """
    names = Names(imported=dict(known))
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                names.imported[alias.asname or alias.name] = module + alias.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.chosen.add(node.id)
        elif isinstance(node, ast.arg):
            names.chosen.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.chosen.add(node.name)
    for name in names.chosen - set(known):
        names.imported.pop(name, None)
    return names


def fragments_of(statements: Iterable[ast.stmt], names: Names) -> list[Fragment]:
    r"""Return the fragments of some code.

    Examples
    --------
    >>> def forms(source):
    ...     code = parse(source)
    ...     return {found.form for found in fragments_of(code, read_names(code, {}))}
    >>> forms("a = 2; b = (a + 1) / 2") == forms("x=2.0\ny = 0.5 * (1 + x)  # half")
    True
    """
    reader = _Reader(names)
    reader.read_body(list(statements))
    return reader.found


class _Reader:
    """Walks through code and collects fragments."""

    def __init__(self, names: Names) -> None:
        self.found: list[Fragment] = []
        self._names = names

    def _add(self, form: str, first: ast.AST, last: ast.AST | None = None) -> None:
        start = getattr(first, "lineno", 0)
        end = getattr(last or first, "end_lineno", None) or start
        self.found.append(Fragment(form, start, end))

    def read_body(self, body: list[ast.stmt]) -> None:
        """Collect the fragments of statements, and of each two that follow each other."""
        before: tuple[str, ast.stmt] | None = None
        for statement in body:
            form = self._statement(statement)
            if form in ("", NAME):  # nothing, or a name for what was just computed
                continue
            if form.startswith(DEFINITION):  # functions come in any order
                before = None
                continue
            if before is not None:
                self._add(f"{before[0]}; {form}", before[1], before[1])
            before = (form, statement)

    def _statement(self, node: ast.stmt) -> str:
        """Collect the fragments of a statement; return its form, "" for one that does nothing."""
        if is_idle(node):
            return ""
        bodies = bodies_of(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            form = DEFINITION
        else:
            form = self._simple(node)
            if not bodies and " = " in form:
                self._add(form, node)
        for body in bodies:
            self.read_body(body)
        return form

    def _simple(self, node: ast.stmt) -> str:
        """Return the form of a statement's header; a value is the same returned or named."""
        if isinstance(node, ast.AugAssign):
            value: ast.expr = ast.BinOp(node.target, node.op, node.value)
            return self._assignment([node.target], ast.copy_location(value, node))
        if isinstance(node, ast.Assign):
            return self._assignment(node.targets, node.value)
        if isinstance(node, ast.AnnAssign):
            return self._assignment([node.target], node.value) if node.value else ""
        if isinstance(node, ast.Return | ast.Expr):
            return self._form(node.value)[0] if node.value else ""
        parts = [
            self._form(child)[0]
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.expr)
        ]
        return f"{type(node).__name__} {' '.join(parts)}"

    def _assignment(self, targets: list[ast.expr], value: ast.expr) -> str:
        forms = [self._form(target)[0] for target in targets]
        return " = ".join([form for form in forms if form != NAME] + [self._form(value)[0]])

    def _form(self, node: ast.AST) -> tuple[str, int]:
        """Return the form of an expression and its number of nodes; collect it if large enough."""
        form, size = self._expression(node)
        if size >= SMALLEST and hasattr(node, "lineno"):
            self._add(form, node)
        return form, size

    def _expression(self, node: ast.AST) -> tuple[str, int]:
        number = _number(node)
        if number is not None:
            return f"{number:.12g}", 1
        if isinstance(node, ast.Constant):  # Python writes no long integer in decimal digits
            return hex(node.value) if type(node.value) is int else repr(node.value), 1
        if isinstance(node, ast.Name):
            return self._names.meaning(node.id), 1
        if isinstance(node, ast.Attribute):
            form, size = self._form(node.value)
            return f"{form}.{node.attr}", size
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPPED and len(node.ops) == 1:
            turned = ast.Compare(node.comparators[0], [_SWAPPED[type(node.ops[0])]()], [node.left])
            return self._expression(turned)
        parts = list(self._parts(node))
        words = " ".join(form for form, _ in parts)
        return f"{type(node).__name__}({words})", 1 + sum(size for _, size in parts)

    def _parts(self, node: ast.AST) -> Iterator[tuple[str, int]]:
        if isinstance(node, ast.Lambda):
            yield str(len(node.args.args)), 0
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr | ast.keyword | ast.comprehension):
                if isinstance(child, ast.keyword):
                    form, size = self._form(child.value)
                    yield f"{child.arg}={form}", size
                else:
                    yield self._form(child)
            elif isinstance(child, ast.operator | ast.unaryop | ast.cmpop | ast.boolop):
                yield type(child).__name__, 0

    def _operation(self, node: ast.BinOp) -> tuple[str, int]:
        kind, right = node.op, node.right
        divisor = _number(right)
        if isinstance(kind, ast.Div) and divisor:
            kind, right = ast.Mult(), ast.copy_location(ast.Constant(1 / divisor), right)
        sides = [self._form(node.left), self._form(right)]
        if isinstance(kind, ast.Add | ast.Mult):
            sides.sort()
        (left, size), (other, more) = sides
        return f"({left} {type(kind).__name__} {other})", 1 + size + more


def _number(node: ast.AST) -> float | None:
    """Return the value of a number, written in any style; None for anything else."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if abs(value) < 1e300 else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        operand = _number(node.operand)
        return None if operand is None else -operand
    if isinstance(node, ast.BinOp) and type(node.op) in _FOLDED:
        left, right = _number(node.left), _number(node.right)
        if left is not None and right is not None:
            try:
                value = _FOLDED[type(node.op)](left, right)
            except (ArithmeticError, ValueError):
                return None
            return value if isinstance(value, float) else None
    return None
