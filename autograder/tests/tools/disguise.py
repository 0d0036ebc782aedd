"""Makes classes of honest mixtures of known answers, and disguised copies of a student's code.

All of it is drawn from a generator that the caller seeds.
"""

from __future__ import annotations

import ast
import builtins
import math
import random
from collections.abc import Sequence

from autograder.course.answers import Answer, read_answers
from autograder.course.notebooks import RELEASE_INSTEAD, SOLUTION, Cell, read_cells
from autograder.desk.handed_in_code import Chapter
from autograder.desk.similarity import Code, Key
from autograder.layout import Layout

NAMES = [f"{a}{b}" for a in ("my", "tmp", "the", "new", "val", "cur") for b in "abcdefghjkmpqrtuvw"]
COMMENTS = [
    "# compute it",
    "# see the lecture",
    "# step by step",
    "# as derived above",
    "# TODO: tidy",
]
Student = dict[str, str]  # the source of each solution cell
Known = dict[str, dict[str, list[str]]]  # answers by cell and verdict


def read_chapter(layout: Layout, name: str) -> tuple[Chapter, Known]:
    """Return a chapter of the course, and the known answers to it."""
    source, released = read_cells(layout.source(name)), read_cells(layout.released(name))
    path = layout.root / "autograder" / "tests" / "answers" / f"{name}.py"
    return Chapter(name, source, released), known_answers(source, read_answers(path))


def plant(
    chapters: Sequence[tuple[Chapter, Known]], size: int, part: float, rng: random.Random
) -> tuple[dict[str, dict[Key, Code]], set[frozenset[str]]]:
    """Return a class in which every tenth student copies, and the pairs that did.

    Parameters
    ----------
    chapters
        What the class hands in.
    size
        How many students.
    part
        The part of the cells that are copied, in disguise; the others are the copier's own. With 0,
        only the longest answer is copied.
    rng
        Draws it all.
    """
    copiers = max(1, size // 10)
    skills = [rng.uniform(0.3, 0.95) for _ in range(size)]
    students: dict[str, dict[Key, Code]] = {f"s{n:03}": {} for n in range(size)}
    for chapter, known in chapters:
        cells = make_honest_class(known, skills, rng)
        for copier in range(copiers):
            renamed: dict[str, str] = {}
            victim = cells[size - 1 - copier]
            longest = max(known, key=lambda cell: len(victim[cell]))
            for cell in rng.sample(sorted(known), round(part * len(known))) or [longest]:
                cells[copier][cell] = disguise(victim[cell], rng, renamed)
        for name, written in zip(students, cells, strict=True):
            students[name].update(chapter.read(written.items()))
    pairs = {frozenset((f"s{n:03}", f"s{size - 1 - n:03}")) for n in range(copiers)}
    return students, pairs


def known_answers(cells: Sequence[Cell], answers: Sequence[Answer]) -> Known:
    """Return the right and wrong answers to each solution cell, the course's own among them."""
    found: Known = {}
    for cell in cells:
        if cell.kind == "solution":
            own = "\n".join(
                line
                for line in cell.source.split(RELEASE_INSTEAD)[0].splitlines()
                if SOLUTION.begin not in line and SOLUTION.end not in line
            )
            found[cell.id] = {"right": [own], "wrong": []}
    for answer in answers:
        if answer.cell in found:
            found[answer.cell][answer.verdict].append(answer.source)
    return found


def make_honest_class(known: Known, skills: Sequence[float], rng: random.Random) -> list[Student]:
    """Return students who work alone; the chance that an answer is right is the student's skill."""
    students = []
    for skill in skills:
        student = {}
        for cell, given in known.items():
            wrong = given["wrong"] if rng.random() > skill else []
            student[cell] = rng.choice(wrong or given["right"])
        students.append(student)
    return students


def disguise(source: str, rng: random.Random, renamed: dict[str, str]) -> str:
    """Return a copy that looks different and does the same.

    Parameters
    ----------
    source
        A cell.
    rng
        Decides what is changed, and how.
    renamed
        New names by old ones; grows, so that a notebook is renamed consistently.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    asked_for = {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    tree = _Disguise(rng, renamed, _local_names(tree) - asked_for).visit(tree)
    if all(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body):
        rng.shuffle(tree.body)
    lines = []
    for line in ast.unparse(ast.fix_missing_locations(tree)).splitlines():
        if (
            line.strip()
            and rng.random() < 0.3
            and not line.lstrip().startswith(("else", "elif", "except"))
        ):
            lines.append(line[: len(line) - len(line.lstrip())] + rng.choice(COMMENTS))
        lines.append(line)
    return "\n".join(lines) + "\n"


def _local_names(tree: ast.Module) -> set[str]:
    """Return the names that a cell's functions give to their variables and inner functions."""
    names = set()
    for function in ast.walk(tree):
        for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.FunctionDef) and node is not function:
                names.add(node.name)
    return {name for name in names if not hasattr(builtins, name)}


class _Disguise(ast.NodeTransformer):
    """Renames, swaps, spells out, wraps."""

    def __init__(self, rng: random.Random, renamed: dict[str, str], local: set[str]) -> None:
        self._rng, self._renamed, self._local = rng, renamed, local

    def _new(self, name: str) -> str:
        if name not in self._local:
            return name
        if name not in self._renamed:
            taken = set(self._renamed.values())
            self._renamed[name] = self._rng.choice([new for new in NAMES if new not in taken])
        return self._renamed[name]

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._new(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        # an argument may be named in a call, so it stays
        self._local.discard(node.arg)
        node.annotation = None
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) is float and node.value == int(node.value) and self._rng.random() < 0.5:
            return ast.copy_location(ast.Constant(int(node.value)), node)
        power = round(math.log10(node.value)) if _is_small(node) else 0
        if power < -1 and node.value == 10.0**power and self._rng.random() < 0.5:
            return ast.BinOp(ast.Constant(10.0), ast.Pow(), ast.Constant(power))
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        half = isinstance(node.right, ast.Constant) and node.right.value == 2
        if isinstance(node.op, ast.Div) and half and self._rng.random() < 0.5:
            return ast.BinOp(ast.Constant(0.5), ast.Mult(), node.left)
        if isinstance(node.op, ast.Add | ast.Mult) and self._rng.random() < 0.5:
            node.left, node.right = node.right, node.left
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and self._rng.random() < 0.5:
            value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
            return ast.Assign([node.target], value)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        if node.value is None or self._rng.random() < 0.5:
            return node
        name = self._rng.choice(["result", "answer", "out"])
        return [
            ast.Assign([ast.Name(name, ast.Store())], node.value),
            ast.Return(ast.Name(name, ast.Load())),
        ]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._new(node.name)
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                self._local.discard(argument.arg)
        if ast.get_docstring(node) and len(node.body) > 1 and self._rng.random() < 0.7:
            node.body = node.body[1:]
        self.generic_visit(node)
        if self._rng.random() < 0.3:
            node.body.insert(0, ast.parse("print('called')").body[0])
        if self._rng.random() < 0.3:
            node.body.insert(0, ast.parse("unused = [0.0]").body[0])
        node.body = [part for statement in node.body for part in self._taken_apart(statement)]
        return node

    def _taken_apart(self, node: ast.stmt) -> list[ast.stmt]:
        """Return a statement, at times with a part of its value computed in a line before it."""
        value = node.value if isinstance(node, ast.Return | ast.Assign) else None
        if isinstance(value, ast.ListComp) and len(value.generators) == 1:
            return self._as_loop(node, value) if self._rng.random() < 0.5 else [node]
        parts = [value.left, value.right] if isinstance(value, ast.BinOp) else []
        if isinstance(value, ast.Call) and not value.keywords:
            parts = value.args
        parts = [part for part in parts if isinstance(part, ast.BinOp | ast.Call)]
        if not parts or self._rng.random() < 0.6:
            return [node]
        part = self._rng.choice(parts)
        load: ast.expr = ast.Name("part", ast.Load())
        if isinstance(value, ast.BinOp):
            side = "left" if value.left is part else "right"
            setattr(value, side, load)
        elif isinstance(value, ast.Call):
            value.args = [load if argument is part else argument for argument in value.args]
        return [ast.Assign([ast.Name("part", ast.Store())], part), node]

    def _as_loop(self, node: ast.Return | ast.Assign, value: ast.ListComp) -> list[ast.stmt]:
        """Return a statement with a loop before it that fills the list."""
        clause = value.generators[0]
        append = ast.Attribute(ast.Name("gathered", ast.Load()), "append", ast.Load())
        body: ast.stmt = ast.Expr(ast.Call(append, [value.elt], []))
        for test in reversed(clause.ifs):
            body = ast.If(test, [body], [])
        node.value = ast.Name("gathered", ast.Load())
        start = ast.Assign([ast.Name("gathered", ast.Store())], ast.List([], ast.Load()))
        return [start, ast.For(clause.target, clause.iter, [body], []), node]


def _is_small(node: ast.Constant) -> bool:
    return type(node.value) is float and 0 < node.value < 1
