"""What in a student's source a person should look at: it changes no score.

The walls and the wire keep such code from doing harm; a flag tells the instructor that somebody
may have tried.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

MODULES = {
    "ctypes": "calls C code",
    "cffi": "calls C code",
    "socket": "opens network connections",
    "urllib": "opens network connections",
    "http": "opens network connections",
    "requests": "opens network connections",
    "ssl": "opens network connections",
    "asyncio": "opens network connections",
    "subprocess": "starts processes",
    "multiprocessing": "starts processes",
    "pty": "starts processes",
    "gc": "searches memory",
    "inspect": "looks at its callers",
    "traceback": "looks at its callers",
    "faulthandler": "handles crashes itself",
    "signal": "handles signals itself",
    "atexit": "runs code at the end",
    "importlib": "changes how modules are imported",
    "resource": "changes limits",
    "mmap": "maps memory",
    "sqlite3": "opens databases",
    "pickle": "loads pickles",
    "autograder": "reaches for the grader",
    "nbgrader": "reaches for the grader",
    "threading": "starts threads",
    "_thread": "starts threads",
    "concurrent": "starts threads",
}
ATTRIBUTES = {
    "_exit": "ends its process",
    "abort": "ends its process",
    "kill": "sends signals",
    "_getframe": "looks at its callers",
    "f_back": "looks at its callers",
    "tb_frame": "looks at its callers",
    "gi_frame": "looks at its callers",
    "__globals__": "looks into functions",
    "__subclasses__": "searches classes",
    "get_objects": "searches memory",
    "settrace": "watches every line that runs",
    "setprofile": "watches every call",
    "displayhook": "changes what is displayed",
    "excepthook": "handles errors itself",
    "meta_path": "changes how modules are imported",
    "path_hooks": "changes how modules are imported",
    "modules": "changes loaded modules",
    "ast_transformers": "changes later cells",
    "input_transformers": "changes later cells",
    "input_transformers_post": "changes later cells",
    "input_transformers_cleanup": "changes later cells",
    "events": "watches cells",
    "user_ns": "reaches into the notebook's names",
    "fork": "starts processes",
    "system": "starts processes",
    "popen": "starts processes",
    "environ": "reads the environment",
    "setrlimit": "changes limits",
    "chmod": "changes rights",
    "chown": "changes rights",
    "symlink": "makes links",
    "renice": "changes priorities",
    "setpriority": "changes priorities",
    "nice": "changes priorities",
    "sched_setaffinity": "changes which cores are used",
}
METHODS = {
    "__eq__": "an object that decides itself what it equals",
    "__ne__": "an object that decides itself what it equals",
    "__bool__": "an object that decides itself whether it is true",
    "__array__": "an object that decides itself which array it is",
    "__array_ufunc__": "an object that answers NumPy's functions itself",
    "__array_function__": "an object that answers NumPy's functions itself",
    "__array_wrap__": "an object that answers NumPy's functions itself",
    "__instancecheck__": "a class that decides what belongs to it",
    "__getattribute__": "an object that decides what it holds",
}
# Chapters 3 and 4 ask for classes with operators of their own: these are no surprise.
PATHS = re.compile(
    r"/proc\b|/etc/|/sys/|/dev/|gradebook\.db|solutions/|autograder/|HIDDEN TESTS|\.ssh"
)
TEXTS = {
    "SystemExit": "ends its process",
    "exec": "makes code from text",
    "eval": "makes code from text",
    "__import__": "imports by text",
    "AssertionError": "handles failed tests itself",
}
LONGEST = 20_000  # characters of a cell that are looked at
PATCHED = ("np", "numpy", "builtins", "math", "byhand", "warnings", "sys", "os", "testing")


def suspicions(source: str) -> list[str]:
    """Return what in a cell a person should look at, each in a few words with its line.

    Parameters
    ----------
    source : str
        A code cell of a student's; it need not be Python.
    """
    if len(source) > LONGEST:
        return [f"{len(source):,} characters of code, not looked at"]
    text = re.sub(r"(?m)^[ \t]*[%!].*$", "", source)
    found: dict[str, int] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in somebody else's strings
            tree = ast.parse(text)
        for reason, line in _look(tree):
            found.setdefault(reason, line)
    except (SyntaxError, ValueError):
        return []  # it won't run either
    except (RecursionError, MemoryError):
        return ["code too deeply nested to be looked at"]
    return [f"{reason} (line {line})" for reason, line in found.items()]


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
        elif isinstance(node, ast.Attribute):
            if isinstance(node.ctx, ast.Store | ast.Del) and _root(node) in PATCHED:
                yield f"replaces a function of {_root(node)}", line
            if reason := ATTRIBUTES.get(node.attr):
                yield f"{reason}: {node.attr}", line
        elif isinstance(node, ast.FunctionDef) and (reason := METHODS.get(node.name)):
            yield f"{reason}: {node.name}", line
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if match := PATHS.search(node.value[:5000]):
                yield f"names {match[0]}", line
        elif isinstance(node, ast.Name) and (reason := TEXTS.get(node.id)):
            yield f"{reason}: {node.id}", line
        elif isinstance(node, ast.ClassDef):
            for base in node.bases:
                name = ast.unparse(base)
                if name.split(".")[-1] in ("ndarray", "float", "float64", "int", "generic"):
                    yield f"a kind of {name} of its own", line


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
