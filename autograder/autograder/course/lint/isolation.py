"""What lets test cells run outside the student's process.

A test calls a student's function by value, passes it to a check, or runs a scenario beside it, and
nothing else.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from autograder.course.lint.names import bound_names, inner_names, loaded_names, needed_later
from autograder.course.notebooks import Cell

MUTATORS = {"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update",
            "fill", "setdefault", "popitem", "add", "discard", "put", "resize"}  # fmt: skip


def names_of(cells: list[Cell]) -> tuple[set[str], set[str], set[str]]:
    """Return the names that the student defines, those that are classes, and the given ones."""
    student: set[str] = set()
    classes: set[str] = set()
    given: set[str] = set()
    for cell in cells:
        if cell.kind in ("solution", "given"):  # both run beside the student's code
            student |= bound_names(cell.tree())
            classes |= {n.name for n in cell.tree().body if isinstance(n, ast.ClassDef)}
        elif cell.kind == "setup":
            given |= bound_names(cell.tree())
    return student, classes, given


def isolation_problems(cells: list[Cell]) -> Iterator[str]:
    """Yield what keeps test cells from running outside the student's process."""
    student, classes, given = names_of(cells)
    beside = given | set(dir(builtins))
    needed = needed_later(cells, ("setup", "solution", "given", "code"))
    for cell, later in zip(cells, needed, strict=True):
        if cell.kind != "test":
            continue
        tree = cell.tree()
        own = bound_names(tree)
        for name in sorted(own & student):
            yield f"cell {cell.id}: defines {name}, which is the student's; choose another name"
        for name in sorted(own & later - given):
            yield f"cell {cell.id}: defines {name}, which a later cell reads; choose another name"
        inside = inside_scenarios(tree)
        for problem in scenario_problems(tree, student | beside):
            yield f"cell {cell.id}: {problem}"
        outside = [node for node in ast.walk(tree) if id(node) not in inside]
        names = {n.id for n in outside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        for name in sorted(names - own - inner_names(tree) - student - beside):
            yield f"cell {cell.id}: reads {name}, which it does not define; define or import it"
        for _, problem in reach_problems(tree, inside, student, classes):
            yield f"cell {cell.id}: {problem}"


def inside_scenarios(tree: ast.AST) -> set[int]:
    """Return the ids of all nodes in scenarios."""
    return {id(part) for node in scenarios_in(tree) for part in ast.walk(node)}


def scenarios_in(tree: ast.AST) -> list[ast.FunctionDef]:
    """Return the functions marked as scenarios."""
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and is_scenario(n)]


def scenario_problems(tree: ast.AST, known: set[str]) -> Iterator[str]:
    """Yield the names that a scenario reads and that are not known beside the student's code."""
    for node in scenarios_in(tree):
        marked = ast.Module(node.body, [])  # annotations and marks stay behind
        arguments = {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
        unknown = loaded_names(marked) - inner_names(marked) - arguments - known - {"scenario"}
        for name in sorted(unknown):
            yield f"scenario {node.name} reads {name}; pass it as an argument"


def reach_problems(
    tree: ast.AST, inside: set[int], student: set[str], classes: set[str]
) -> Iterator[tuple[ast.expr | ast.AugAssign, str]]:
    """Yield where a test does more with a student's object than call it or pass it on."""
    passed: set[int] = set()
    results: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            passed |= {id(node.func), *map(id, node.args)}
            passed |= {id(word.value) for word in node.keywords}
            passed |= {id(a.value) for a in node.args if isinstance(a, ast.Starred)}
        if isinstance(node, ast.Assign) and calls(node.value, student):
            results |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    to_checks = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("exercise.")
        for argument in node.args
    }
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Name) and node.id in student and isinstance(node.ctx, ast.Load):
            if node.id in classes and id(node) not in to_checks:
                yield node, f"uses the class {node.id} outside a scenario; write a scenario"
            elif id(node) not in passed:
                yield node, f"does more with {node.id} than call it or pass it on; write a scenario"
        elif isinstance(node, ast.Call) and calls(node.func, student):
            yield node, "calls what a student's function returned; write a scenario"
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node, f"sets the attribute {node.attr}; test cells patch nothing: remove it"
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("setattr", "delattr"):
            yield node, f"calls {ast.unparse(node.func)}; test cells patch nothing: remove it"
        elif isinstance(node, ast.AugAssign | ast.Subscript | ast.Call):
            target = mutated(node)
            if target in results:
                yield node, f"changes {target}, which a student's function returned; work on a copy"


def calls(tree: ast.AST, student: set[str]) -> bool:
    """Return whether the root of an expression is a call of a student's function."""
    return isinstance(tree, ast.Call) and (
        (isinstance(tree.func, ast.Name) and tree.func.id in student) or calls(tree.func, student)
    )


def mutated(node: ast.AST) -> str | None:
    """Return the name of a container that a statement changes in place, if it does."""
    target: ast.AST | None = None
    if isinstance(node, ast.AugAssign):
        target = node.target
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        target = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        target = node.func.value if node.func.attr in MUTATORS else None
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def is_scenario(function: ast.FunctionDef) -> bool:
    """Return whether a function is marked ``@scenario``."""
    marks = function.decorator_list
    return any(isinstance(mark, ast.Name) and mark.id == "scenario" for mark in marks)
