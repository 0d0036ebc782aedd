"""The rooms of the package: imports run one way, nothing grows out of hand."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.layout import Layout

ROOT = Layout.here().root
PACKAGE = ROOT / "autograder" / "autograder"
BYHAND = ROOT / "course" / "byhand"
# from the top down; a module imports from its own room, from lower ones, and from the leaves
ROOMS = ("commands", "desk", "grading", "gradebook", "nbgrader", "engine", "course")
LEAVES = {
    "errors",
    "files",
    "layout",
    "machine",
    "scratch",
    "environment",
    "untrusted",
    "handed_in",
}
TOP = {"arguments", "cli"}
MOST_LINES, LONGEST_FUNCTION = 400, 60
MODULES = sorted(path for folder in (PACKAGE, BYHAND) for path in folder.rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Return the modules of both packages that a module imports, at its top or later."""
    modules = {name_of(module) for module in MODULES}
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if names <= modules else names | {node.module}
    return found & modules


def name_of(path: Path) -> str:
    for folder in (PACKAGE, BYHAND):
        if path.is_relative_to(folder):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    raise ValueError(path)


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", [p for p in MODULES if p.is_relative_to(PACKAGE)], ids=name_of)
def test_a_module_imports_from_its_own_room_and_from_lower_ones(path: Path) -> None:
    room = room_of(name_of(path))
    imported = {room_of(name) for name in imports_of(path) if name.startswith("autograder.")}
    if room in TOP:
        return
    lower = ROOMS[ROOMS.index(room) :] if room in ROOMS else ()
    assert imported - {*lower, *LEAVES} == set()


def test_no_imports_run_in_circles() -> None:
    imports = {name_of(path): imports_of(path) - {name_of(path)} for path in MODULES}
    while free := {name for name, others in imports.items() if not others & imports.keys()}:
        imports = {name: others for name, others in imports.items() if name not in free}
    assert imports.keys() == set()


def test_byhand_knows_nothing_of_the_autograder() -> None:
    for path in BYHAND.rglob("*.py"):
        assert "autograder" not in {name.split(".")[0] for name in imports_of(path)}, path


def test_nbgrader_is_imported_in_its_own_room_only() -> None:
    found = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(
            name.split(".")[0] == "nbgrader"
            for name in [getattr(node, "module", None) or "", *(a.name for a in node.names)]
        )
        and not (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder"))
    }
    assert {room_of(name) for name in found} == {"nbgrader"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_reads_in_one_sitting(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= MOST_LINES
    tree = ast.parse("\n".join(lines))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            span = set(range(node.lineno, (node.end_lineno or 0) + 1))
            first = node.body[0]
            if ast.get_docstring(node):
                span -= set(range(first.lineno, (first.end_lineno or 0) + 1))
            assert len(span) <= LONGEST_FUNCTION, f"{node.name} has {len(span)} lines"
