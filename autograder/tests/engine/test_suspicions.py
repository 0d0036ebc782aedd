"""Honest code raises no suspicion; what a person should see does, with its line."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from autograder.course.notebooks import kind_of
from autograder.engine.suspicions import suspicions

SOLUTIONS = Path(__file__).parents[3] / "solutions"

SUSPICIOUS = {
    "import ctypes": "calls C code: ctypes (line 1)",
    "\nimport urllib.request": "opens network connections: urllib (line 2)",
    "from os import path\nimport subprocess as s": "starts processes: subprocess (line 2)",
    "os._exit(0)": "ends its process: _exit (line 1)",
    "class A:\n    def __eq__(self, other):\n        return True":
        "an object that decides itself what it equals: __eq__ (line 2)",
    "class A(np.ndarray):\n    pass": "a kind of np.ndarray of its own (line 1)",
    "np.allclose = lambda *a: True": "replaces a function of np (line 1)",
    "open('/proc/self/environ')": "names /proc (line 1)",
    "open('../../solutions/x')": "names solutions/ (line 1)",
    "sys._getframe(1)": "looks at its callers: _getframe (line 1)",
    "try:\n    f()\nexcept AssertionError:\n    pass":
        "handles failed tests itself: AssertionError (line 3)",
    "%time x\nget_ipython().ast_transformers": "changes later cells: ast_transformers (line 2)",
    "get_ipython().candidate.answer = f": "asks for the grader's own object: candidate (line 1)",
    "a = get_ipython()\nb = getattr(a, 'candidate')":
        "asks for the grader's own object: getattr(..., 'candidate') (line 2)",
    "setattr(np, 'allclose', f)": "replaces a function of np: setattr (line 1)",
    "vars(np)['allclose'] = f": "looks into a module: vars(np) (line 1)",
    "np.__dict__['allclose'] = f": "looks into a module: np.__dict__ (line 1)",
    "import os\nos.write(3, b'x')": "reads or writes descriptors: os.write (line 2)",
    "os.dup2(1, 3)": "reads or writes descriptors: os.dup2 (line 1)",
    "getattr(os, '_exit')(0)": "ends its process: getattr(..., '_exit') (line 1)",
    "getattr(os, '_ex' + 'it')(0)":
        "looks up a name in a module by text: getattr(os, ...) (line 1)",
    "from byhand import differences as d\ndef f(x):\n    return d.derivative(g, x)":
        "measures derivatives in a function: d.derivative (line 3)",
    "from byhand.differences import gradient\ndef f(x):\n    return gradient(g, x).value":
        "measures derivatives in a function: gradient (line 3)",
    "import byhand\ndef f(x):\n    return byhand.differences.vjp(g, x, x)":
        "measures derivatives in a function: byhand.differences.vjp (line 3)",
    "x = " + "-" * 9000 + "1": "code too deeply nested to be looked at",
    "x = 1\n" * 20_000: "120,000 characters of code, not looked at",
}  # fmt: skip


@pytest.mark.parametrize(("source", "flag"), SUSPICIOUS.items(), ids=range(len(SUSPICIOUS)))
def test_what_a_person_should_look_at_is_named(source, flag):
    assert flag in suspicions(source)


@pytest.mark.parametrize(
    "source",
    [
        "import threading, inspect, pickle, asyncio, traceback, concurrent.futures",
        "def f(x):\n    return getattr(x, 'shape', ())\nsetattr(layer, 'W', 1)\nvars(layer)",
        "def derivative(f, x): return 0\ndef g(x): return derivative(g, x)",
        "def f(:",
        "'\ud800'",
        "a\0b",
        "!ls\n%matplotlib inline\nx = 1",
        "",
        "(" * 9000,
    ],
)
def test_what_is_no_python_or_is_honest_raises_no_suspicion(source):
    assert suspicions(source) == ()


@pytest.mark.parametrize("notebook", sorted(SOLUTIONS.glob("*/*.ipynb")), ids=lambda p: p.stem)
def test_the_courses_own_cells_raise_no_suspicion(notebook):
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if kind_of(cell) in ("solution", "code"):
            assert suspicions("".join(cell["source"])) == (), cell["id"]


@pytest.mark.parametrize(
    "source",
    ["\n" * 20_000, " \n" * 9_000, "import " + "a." * 9_000 + "b", "f'" + "{x}" * 6_000 + "'"],
    ids=["lines", "blanks", "dots", "fields"],
)
def test_no_source_keeps_the_grader_busy(source):
    start = time.process_time()
    suspicions(source)
    assert time.process_time() - start < 2
