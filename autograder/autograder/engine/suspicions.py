"""What in a student's source a person should look at: it changes no score.

The sandbox and the wire keep such code from doing harm; a flag tells the instructor that someone
may have tried.
"""

from __future__ import annotations

import ast
import dis
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType

from autograder.course.notebooks import HIDDEN_TESTS
from autograder.engine.needed import LONGEST, compiled, without_magics


def _by_word(reasons: dict[str, str]) -> dict[str, str]:
    """Return the reason of each word from the words of each reason."""
    return {word: reason for reason, words in reasons.items() for word in words.split()}


MODULES = _by_word(
    {
        "calls C code": "ctypes cffi",
        "opens network connections": "socket urllib http requests ssl",
        "starts processes": "subprocess multiprocessing pty",
        "searches memory": "gc",
        "handles crashes itself": "faulthandler",
        "handles signals itself": "signal",
        "runs code at the end": "atexit",
        "changes how modules are imported": "importlib",
        "changes limits": "resource",
        "maps memory": "mmap",
        "opens databases": "sqlite3",
        "reaches for the grader": "autograder nbgrader",
        "starts threads": "_thread",
    }
)
ATTRIBUTES = _by_word(
    {
        "ends its process": "_exit abort",
        "sends signals": "kill",
        "looks at its callers": "_getframe f_back tb_frame gi_frame",
        "looks into functions": "__globals__",
        "searches classes": "__subclasses__",
        "searches memory": "get_objects",
        "watches every line that runs": "settrace",
        "watches every call": "setprofile",
        "changes what is displayed": "displayhook",
        "handles errors itself": "excepthook",
        "changes how modules are imported": "meta_path path_hooks",
        "changes loaded modules": "modules",
        "changes later cells": (
            "ast_transformers input_transformers input_transformers_post input_transformers_cleanup"
        ),
        "watches cells": "events",
        "reaches into the notebook's names": "user_ns",
        "starts processes": "fork system popen",
        "reads the environment": "environ",
        "changes limits": "setrlimit",
        "changes rights": "chmod chown",
        "makes links": "symlink",
        "changes priorities": "renice setpriority nice",
        "changes which cores are used": "sched_setaffinity",
        "asks for the grader's own object": "candidate",
        "calls the system itself": "syscall",
    }
)
METHODS = _by_word(
    {
        "an object that decides itself what it equals": "__eq__ __ne__",
        "an object that decides itself whether it is true": "__bool__",
        "an object that decides itself which array it is": "__array__",
        "an object that answers NumPy's functions itself": (
            "__array_ufunc__ __array_function__ __array_wrap__"
        ),
        "a class that decides what belongs to it": "__instancecheck__",
        "an object that decides what it holds": "__getattribute__",
    }
)
# Chapters 3 and 4 ask for classes with operators of their own: these are no surprise.
PATHS = re.compile(
    r"/proc\b|/etc/|/sys/|/dev/|gradebook\.db|solutions/|autograder/|\.ssh|" + HIDDEN_TESTS.name
)
TEXTS = _by_word(
    {
        "ends its process": "SystemExit",
        "makes code from text": "exec eval compile",
        "imports by text": "__import__",
        "handles failed tests itself": "AssertionError",
    }
)
# Of the module os: what works on descriptors, of which one is the wire.
DESCRIPTORS = frozenset("write read close closerange dup dup2 pipe sendfile writev readv".split())
# By these a module's content is changed or looked up without naming it as an attribute.
BY_NAME = frozenset(("setattr", "delattr", "vars", "getattr"))
MEASURES = "byhand.differences"  # an answer is to compute a derivative, not to have it measured
WORDS = (
    frozenset(MODULES) | frozenset(ATTRIBUTES) | frozenset(TEXTS) | BY_NAME | DESCRIPTORS
    | {"__dict__", "byhand", "differences"}
)  # fmt: skip
OPERATIONS = frozenset(dis.opmap[n] for n in ("STORE_ATTR", "DELETE_ATTR", "LOAD_BUILD_CLASS"))
PATCHED = ("np", "numpy", "builtins", "math", "byhand", "warnings", "sys", "os", "testing")


@lru_cache(maxsize=2048)  # cells: stubs and usual answers are many students'
def suspicions(source: str) -> tuple[str, ...]:
    """Return what in a cell a person should look at, each in a few words with its line.

    Parameters
    ----------
    source : str
        A code cell of a student's; it need not be Python.
    """
    if len(source) > LONGEST:
        return (f"{len(source):,} characters of code, not looked at",)
    found: dict[str, int] = {}
    try:
        if not _worth_a_look(compiled(source)):
            return ()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in a student's strings
            tree = ast.parse(without_magics(source))
        measuring = _measuring(tree) if "byhand" in source or "differences" in source else ()
        for reason, line in (*_look(tree), *measuring):
            found.setdefault(reason, line)
    except (SyntaxError, ValueError):
        return ()  # it won't run either
    except (RecursionError, MemoryError):
        return ("code too deeply nested to be looked at",)
    return tuple(f"{reason} (line {line})" for reason, line in found.items())


def _worth_a_look(code: CodeType) -> bool:
    """Whether `_look` might find something; five times faster, and nearly always no."""
    names = {name.split(".")[0] for name in code.co_names}
    if code.co_name in METHODS or not WORDS.isdisjoint(names):
        return True
    if not OPERATIONS.isdisjoint(code.co_code[::2]):
        return True
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if _worth_a_look(constant):
                return True
        elif isinstance(constant, str | tuple | frozenset) and PATHS.search(str(constant)[:5000]):
            return True
    return False


def _look(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{n}" for n in names)]
            for name in names:
                if reason := MODULES.get(name.split(".")[0]):
                    yield f"{reason}: {name.split('.')[0]}", line
                if reason := ATTRIBUTES.get(name.split(".")[-1]):
                    yield f"{reason}: {name.split('.')[-1]}", line
        elif isinstance(node, ast.Attribute):
            if isinstance(node.ctx, ast.Store | ast.Del) and _root(node) in PATCHED:
                yield f"replaces a function of {_root(node)}", line
            if reason := ATTRIBUTES.get(node.attr):
                yield f"{reason}: {node.attr}", line
            if _root(node) == "os" and node.attr in DESCRIPTORS:
                yield f"reads or writes descriptors: os.{node.attr}", line
            if node.attr == "__dict__" and _root(node) in PATCHED:
                yield f"looks into a module: {_root(node)}.__dict__", line
        elif isinstance(node, ast.FunctionDef) and (reason := METHODS.get(node.name)):
            yield f"{reason}: {node.name}", line
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if match := PATHS.search(node.value[:5000]):
                yield f"names {match[0]}", line
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            yield from _by_name(node, line)
        elif isinstance(node, ast.Name) and (reason := TEXTS.get(node.id)):
            yield f"{reason}: {node.id}", line
        elif isinstance(node, ast.ClassDef):
            for base in node.bases:
                name = ast.unparse(base)
                if name.split(".")[-1] in ("ndarray", "float", "float64", "int", "generic"):
                    yield f"a kind of {name} of its own", line


def _measuring(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield where a function differentiates by `byhand.differences`."""
    known = {"differences"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(MEASURES):
            known |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "byhand":
            known |= {n.asname or n.name for n in node.names if n.name == "differences"}
        elif isinstance(node, ast.Import):
            known |= {a.asname for a in node.names if a.asname and a.name.startswith(MEASURES)}
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    called = ast.unparse(node.func)
                    if called.startswith(MEASURES) or called.split(".")[0] in known - own:
                        yield f"measures derivatives in a function: {called}", node.lineno


def _by_name(call: ast.Call, line: int) -> Iterator[tuple[str, int]]:
    """Yield what a call of `setattr`, `vars` and the like does to a module, or hides by text."""
    function, first = call.func.id, _root(call.args[0])  # type: ignore[attr-defined]
    if function not in BY_NAME:
        return
    if function in ("setattr", "delattr") and first in PATCHED:
        yield f"replaces a function of {first}: {function}", line
    elif function == "vars" and first in PATCHED:
        yield f"looks into a module: vars({first})", line
    elif function == "getattr" and len(call.args) > 1:
        name = call.args[1]
        plain = isinstance(name, ast.Constant) and isinstance(name.value, str)
        if plain and (reason := ATTRIBUTES.get(name.value)):  # type: ignore[attr-defined]
            yield f"{reason}: getattr(..., {name.value!r})", line  # type: ignore[attr-defined]
        elif first in PATCHED and not plain:
            yield f"looks up a name in a module by text: getattr({first}, ...)", line


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
