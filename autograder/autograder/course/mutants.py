"""Mutants: a chapter's answers with one small mistake each, to see whether the tests notice.

Each mutant changes one place of one solution region: an operator, a constant, a term, a statement,
an axis, a copy, the order of two arguments, a default.
"""

from __future__ import annotations

import ast
import difflib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.notebooks import SOLUTION, Cell
from autograder.errors import UserError

BINARY: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,), ast.MatMult: (ast.Mult,), ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,), ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,),
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
ORDERED = (ast.Sub, ast.Div, ast.Pow, ast.MatMult)  # exchanging the operands changes the result
SIMILAR = {
    "max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum", "sum": "mean",
    "mean": "sum", "sin": "cos", "cos": "sin", "argmax": "argmin", "argmin": "argmax",
    "zeros": "ones", "ones": "zeros", "zeros_like": "ones_like", "ones_like": "zeros_like",
    "any": "all", "all": "any", "abs": "negative", "sqrt": "square", "var": "std", "std": "var",
}  # fmt: skip
SYMMETRIC = {"max", "min", "maximum", "minimum", "isclose", "print", "swapaxes"}
SIMPLE = (ast.Constant, ast.Name, ast.Call, ast.Attribute, ast.Tuple, ast.Subscript)
DROPPED = {
    "array", "asarray", "as_float", "copy", "float", "int", "list", "dict", "tuple", "deepcopy",
    "reversed", "abs",
}  # fmt: skip
SHAPING = {"transpose", "swapaxes", "reshape", "astype", "squeeze", "broadcast_to"}


@dataclass(frozen=True)
class Mutant:
    """A solution cell with one small mistake.

    Attributes
    ----------
    cell : str
        Its id.
    line : int
        The line that changed.
    source : str
        The whole cell.
    before, after : str
        The lines that changed, without indentation.
    """

    cell: str
    line: int
    source: str
    before: str
    after: str

    def diff(self, original: str) -> str:
        """Return the change as a unified diff."""
        lines = difflib.unified_diff(
            original.splitlines(), self.source.splitlines(), self.cell, f"{self.cell}, mutated",
            lineterm="", n=2,
        )  # fmt: skip
        return "\n".join(lines)


def mutants_of(cell: Cell) -> list[Mutant]:
    """Return the mutants of a solution cell, each source once, in the order of their lines."""
    tree = cell.tree()
    inside, positions = _solution_lines(cell.source), _positions(tree)
    found: dict[str, Mutant | None] = {ast.dump(tree): None}
    for node in _walk(tree):
        for part, text in _changes(node):
            if part.lineno not in inside and not isinstance(node, ast.arguments):
                continue
            if node in positions and text.startswith("(-"):
                continue
            source = _with(cell.source, part, text)
            meaning = meaning_of(source)
            if meaning and meaning not in found:
                found[meaning] = _mutant(cell, part.lineno, source)
    mutants = [mutant for mutant in found.values() if mutant]
    return sorted(mutants, key=lambda mutant: mutant.line)


def _positions(tree: ast.AST) -> set[ast.AST]:
    """Return the constants of indices and axes: a minus may only count them from the end."""
    within = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    within += [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg in ("axis", "axes")
    ]
    return {node for part in within for node in ast.walk(part) if isinstance(node, ast.Constant)}


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what can be mistaken: no messages, and no proofs, of which any right one will do."""
    if isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.FunctionDef) and node.name.startswith("counterexample")
    ):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _walk(child)


def _mutant(cell: Cell, line: int, source: str) -> Mutant:
    changed = [x for x in difflib.ndiff(cell.source.split("\n"), source.split("\n"))]
    before = " ".join(x[2:].strip() for x in changed if x.startswith("- "))
    after = " ".join(x[2:].strip() for x in changed if x.startswith("+ "))
    return Mutant(cell.id, line, source, before, after)


def _solution_lines(source: str) -> set[int]:
    inside, found = False, set()
    for number, line in enumerate(source.split("\n"), 1):
        inside = (inside or SOLUTION.begin in line) and SOLUTION.end not in line
        found |= {number} if inside else set()
    return found


def _with(source: str, node: ast.expr | ast.stmt, text: str) -> str:
    """Return the source with another text in the place of a node."""
    lines = source.encode().split(b"\n")
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    tail = lines[last][node.end_col_offset :]
    lines[first : last + 1] = [lines[first][: node.col_offset] + text.encode() + tail]
    return b"\n".join(lines).decode()


def meaning_of(source: str) -> str:
    """Return the syntax tree of a source in words, nothing where it does not compile."""
    try:
        tree = ast.parse(source)
        compile(tree, "<mutant>", "exec")
    except (SyntaxError, ValueError):
        return ""
    return ast.dump(tree)


Change = tuple[ast.expr | ast.stmt, str]


def _changes(node: ast.AST) -> Iterator[Change]:
    """Yield (part of the source, what takes its place) for each small mistake at a node."""
    if isinstance(node, ast.expr):
        for other in _expressions(node):
            simple = isinstance(other, SIMPLE)
            yield node, ast.unparse(other) if simple else f"({ast.unparse(other)})"
    elif isinstance(node, ast.arguments):
        for default in [*node.defaults, *(d for d in node.kw_defaults if d is not None)]:
            for other in _expressions(default):
                yield default, ast.unparse(other)
    elif isinstance(node, ast.stmt):
        for text in _statements(node):
            yield node, text


def _expressions(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        yield from _binary(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not | ast.Invert):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield from node.values
    elif isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            for other in COMPARISONS.get(type(op), ()):
                yield ast.Compare(node.left, [*node.ops[:k], other(), *node.ops[k + 1 :]],
                                  node.comparators)  # fmt: skip
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
        for swapped in _swapped(node.elts):
            yield ast.Tuple(swapped, ast.Load())
    elif isinstance(node, ast.Subscript):
        for part in _subscripts(node.slice):
            yield ast.Subscript(node.value, part, node.ctx)
    elif isinstance(node, ast.Call):
        yield from _calls(node)


def _binary(node: ast.BinOp) -> Iterator[ast.expr]:
    for other in BINARY.get(type(node.op), ()):
        yield ast.BinOp(node.left, other(), node.right)
    if isinstance(node.op, ORDERED):
        yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow):
        yield node.left
    if isinstance(node.op, ast.Add | ast.Mult):
        yield node.right
    if isinstance(node.op, ast.Sub):
        yield ast.UnaryOp(ast.USub(), node.right)


def _swapped(parts: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """Yield the parts with two neighbors exchanged."""
    for k in range(len(parts) - 1):
        yield [*parts[:k], parts[k + 1], parts[k], *parts[k + 2 :]]


def _subscripts(index: ast.expr) -> Iterator[ast.expr]:
    """Yield an index whose axes are exchanged, or a slice without one of its bounds."""
    if isinstance(index, ast.Tuple):
        for swapped in _swapped(index.elts):
            yield ast.Tuple(swapped, ast.Load())
        for k, part in enumerate(index.elts):
            for other in _subscripts(part):
                yield ast.Tuple([*index.elts[:k], other, *index.elts[k + 1 :]], ast.Load())
    elif isinstance(index, ast.Slice):
        if index.lower:
            yield ast.Slice(None, index.upper, index.step)
        if index.upper:
            yield ast.Slice(index.lower, None, index.step)
        if index.step:
            yield ast.Slice(index.lower, index.upper, None)


def _constants(node: ast.Constant) -> Iterator[ast.expr]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        if value:
            yield ast.UnaryOp(ast.USub(), ast.Constant(value))
            yield ast.Constant(value - 1 if isinstance(value, int) else 2 * value)


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in DROPPED:
        if node.args:
            yield node.args[0]
        elif isinstance(node.func, ast.Attribute):
            yield node.func.value
    if name in SIMILAR and isinstance(node.func, ast.Attribute):
        similar = ast.Attribute(node.func.value, SIMILAR[name], ast.Load())
        yield ast.Call(similar, node.args, node.keywords)
    if name in SHAPING and isinstance(node.func, ast.Attribute):
        module = isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
        yield node.args[0] if module else node.func.value
    if name not in SYMMETRIC:
        for swapped in _swapped(node.args):
            yield ast.Call(node.func, swapped, node.keywords)
    for k in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, [*node.keywords[:k], *node.keywords[k + 1 :]])


def _statements(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.AugAssign):
        in_a_new_object = ast.BinOp(node.target, node.op, node.value)
        for value in (node.value, in_a_new_object):
            yield f"{ast.unparse(node.target)} = {ast.unparse(value)}"
        for other in BINARY.get(type(node.op), ()):
            yield ast.unparse(ast.AugAssign(node.target, other(), node.value))
    if isinstance(node, ast.If | ast.While):
        for truth in (True, False):
            body = ast.If(ast.Constant(truth), node.body, node.orelse)
            if isinstance(node, ast.If):
                yield _indented(ast.unparse(body), node.col_offset)
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Raise | ast.If | ast.For
                  | ast.Break | ast.Continue | ast.Delete):  # fmt: skip
        yield "pass"


def _indented(text: str, columns: int) -> str:
    return text.replace("\n", "\n" + " " * columns)


# --- mutants that are no mistakes -----------------------------------------------------------------


@dataclass(frozen=True)
class Equivalent:
    """A change that keeps every promise of its exercise, and why.

    Attributes
    ----------
    cell : str
        The solution cell that is changed.
    before : str
        Part of its source.
    after : tuple of str
        What may take its place.
    reason : str
        Why it is no mistake.
    """

    cell: str
    before: str
    after: tuple[str, ...]
    reason: str

    def meanings(self, original: str) -> set[str]:
        """Return the cell's meaning with the change at each place where it can be made."""
        places = [place.span() for place in re.finditer(re.escape(self.before), original)]
        return {
            meaning_of(original[:start] + after + original[end:])
            for start, end in places
            for after in self.after
        }

    def covers(self, mutant: Mutant, original: str) -> bool:
        """Return whether a mutant makes this change, in any spelling."""
        return mutant.cell == self.cell and meaning_of(mutant.source) in self.meanings(original)


def read_equivalents(path: Path) -> list[Equivalent]:
    """Return the mutants that are known to be no mistakes.

    Raises
    ------
    UserError
        If a change lacks a part or has no reason.
    """
    if not path.is_file():
        return []
    known = []
    for reason, changes in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for change in changes:
            if not reason or len(change) < 3:
                raise UserError(
                    f"{path.name}: {change} needs a cell, part of it, what may take its place, "
                    "and a reason"
                )
            cell, before, *after = change
            known.append(Equivalent(cell, before, tuple(after), reason))
    return known
