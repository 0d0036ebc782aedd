"""The modules with the exercises' checks: given to the examiner, kept from the student's code.

No process that a candidate is forked from may have imported them, and no candidate may read their
files. So the controller reads them, and a job brings them to the examiner.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import marshal
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from autograder.course.notebooks import nbgrader_metadata
from byhand.differences.calls import is_judged

PACKAGE = "byhand.exercises"


class CheckModule(msgspec.Struct, frozen=True):
    """A module, ready to run.

    Attributes
    ----------
    name, path : str
        Its name and its file.
    is_package : bool
        Whether it has submodules.
    code : bytes
        Marshalled code.
    scenarios : dict
        The marshalled code that defines each scenario, by the number of its first line.
    """

    name: str
    path: str
    is_package: bool
    code: bytes
    scenarios: dict[int, bytes]


def modules_for(sources: Iterable[str]) -> list[CheckModule]:
    """Return the modules of checks that cells import, with all their submodules.

    Parameters
    ----------
    sources : iterable of str
        The cells.
    """
    return [module for name in _names_in(sources) for module in _read(name)]


def _names_in(sources: Iterable[str]) -> list[str]:
    """Return the names of the modules of checks that cells import, without submodules."""
    wanted: set[str] = set()
    for source in sources:
        if PACKAGE in source:
            wanted |= _imported(source)
    return sorted({PACKAGE, *wanted}) if wanted else []


@lru_cache(maxsize=16)  # chapters
def fingerprint(notebook: bytes) -> bytes:
    """Return a hash of all in a source notebook that can change a score or a flag.

    That is its code with ids, tags and points, what a person grades, and the checks that it
    imports. Prose does not count.
    """
    cells = json.loads(notebook)["cells"]
    names = _names_in("".join(cell["source"]) for cell in cells)
    parts = [path.read_bytes() for name in names for _, path in _files_of(name)]
    for cell in cells:
        metadata = nbgrader_metadata(cell)
        if cell["cell_type"] == "code" or metadata:
            tags = cell["metadata"].get("tags", [])
            facts = [cell.get("id"), cell["cell_type"], "".join(cell["source"]), metadata, tags]
            parts.append(json.dumps(facts, sort_keys=True).encode())
    return hashlib.sha256(b"\0".join(parts)).digest()


@lru_cache(maxsize=256)
def _imported(source: str) -> frozenset[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a magic
        return frozenset()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == PACKAGE:
                found |= {f"{PACKAGE}.{alias.name}" for alias in node.names}
            elif node.module.startswith(f"{PACKAGE}."):
                found.add(".".join(node.module.split(".")[:3]))
    return frozenset(found)


@lru_cache(maxsize=64)  # chapters; a run shares them
def _read(name: str) -> tuple[CheckModule, ...]:
    """Return a module and the modules in its folder."""
    return tuple(_prepared(module, path) for module, path in _files_of(name))


def _files_of(name: str) -> list[tuple[str, Path]]:
    """Return names and files of a module and of the modules in its folder."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return []  # the cell that imports it will say so
    path = Path(spec.origin)
    found = [(name, path)]
    if spec.submodule_search_locations:
        found += [(f"{name}.{file.stem}", file) for file in sorted(path.parent.glob("[!_]*.py"))]
    return found


def _prepared(name: str, path: Path) -> CheckModule:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    scenarios = scenarios_of(tree)
    code = marshal.dumps(compile(tree, str(path), "exec"))
    return CheckModule(name, str(path), path.name == "__init__.py", code, scenarios)


def scenarios_of(tree: ast.Module) -> dict[int, bytes]:
    """Return the marshalled code that defines each scenario, by the number of its first line."""
    found = {}
    for node in _statements(tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(mark, ast.Name) and mark.id == "scenario" for mark in node.decorator_list
        ):
            marks, node.decorator_list = node.decorator_list, []
            code = compile(ast.unparse(node), "<test>", "exec")
            found[marks[0].lineno] = found[node.lineno] = marshal.dumps(code)
            node.decorator_list = marks
    return found


def _statements(node: Any) -> Iterator[ast.AST]:
    """Yield all statements below a node, without their expressions: those are many."""
    for part in ("body", "orelse", "handlers", "finalbody", "cases"):
        for statement in getattr(node, part, ()):
            yield statement
            yield from _statements(statement)


# --- in the examiner and in a candidate -----------------------------------------------------------


class _Given(MetaPathFinder, Loader):
    """Imports the modules that a job brought."""

    def __init__(self, modules: Sequence[CheckModule]) -> None:
        self.modules = {module.name: module for module in modules}

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Return the spec of a module that the job brought."""
        module = self.modules.get(name)
        if module is None:
            return None
        return ModuleSpec(name, self, origin=module.path, is_package=module.is_package)

    def exec_module(self, module: ModuleType) -> None:
        """Run its code."""
        exec(marshal.loads(self.modules[module.__name__].code), vars(module))


class _Closed(MetaPathFinder, Loader):
    """Imports empty modules in place of the checks, so that the import cell runs."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Return the spec of an empty module."""
        if name != PACKAGE and not name.startswith(f"{PACKAGE}."):
            return None
        return ModuleSpec(name, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        """Let each name of a chapter's module be a check that checks nothing."""
        if module.__name__ != PACKAGE:
            vars(module)["__getattr__"] = _closed


def _closed(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return _checks_nothing


def _checks_nothing(*args: Any, **kwargs: Any) -> None:
    """Do nothing: a student's cell may call a check, an answer may not.

    Raises
    ------
    RuntimeError
        If an answer that is being checked calls it.
    """
    if is_judged():
        raise RuntimeError(f"{PACKAGE} holds the checks; an answer can't use it")


def give_checks(modules: Sequence[CheckModule]) -> None:
    """Let this process, an examiner, import the modules of a job."""
    sys.meta_path.insert(0, _Given(modules))


def close_checks() -> None:
    """Let this process, a candidate, import nothing of the checks."""
    sys.meta_path.insert(0, _Closed())
