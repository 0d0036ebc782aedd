"""Honest work loses nothing by being run in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SOLUTIONS = Path(__file__).parents[3] / "solutions"
UNSUPPORTED = "is not supported while grading"

HARMLESS = {
    "helpers, classes and types": "from dataclasses import dataclass\n@dataclass\nclass A:\n"
    "    x: int = 1\ndef helper(x: int) -> int: return x\nhelper(A().x)",
    "the standard library": "import collections, decimal, fractions, functools, itertools, json,"
    " math, random, re, statistics, string, typing, time, datetime, pathlib, copy, abc, enum, csv",
    "packages of the course": "import numpy.linalg, matplotlib.pyplot as plt, ipywidgets, scipy",
    "a plot": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\n"
    "ax.set_title('$x^2$')\nfig.savefig('x.png')\nplt.show()",
    "warnings": "import warnings\nwarnings.warn('so')\nimport numpy as np\nnp.log(0.0)",
    "a magic": "%matplotlib inline", "another backend": "%matplotlib widget",
    "time": "%time x = 1", "timeit": "%timeit -n1 -r1 x = 1", "time a cell": "%%time\nx = 1",
    "capture": "%%capture kept\nprint(1)", "reload": "%load_ext autoreload\n%autoreload 2",
    "precision": "%precision 3", "config": "%config InlineBackend.figure_format = 'retina'",
    "a module of one's own": "%%writefile mine.py\ny = 3",
    "help": "len?", "await": "import asyncio\nawait asyncio.sleep(0)",
    "exit": "exit", "quit": "quit()", "threads": "import threading\n"
    "t = threading.Thread(target=print)\nt.start()\nt.join()", "a pool of threads":
    "from concurrent.futures import ThreadPoolExecutor\nlist(ThreadPoolExecutor(2).map(abs, [1]))",
    "a temporary file": "import tempfile\nwith tempfile.TemporaryFile() as f: f.write(b'x')",
    "a copied file": "import shutil\nopen('a', 'w').close()\nshutil.copy('a', 'b')",
    "logging": "import logging\nlogging.warning('so')", "a widget": "import ipywidgets\n"
    "ipywidgets.IntSlider()", "rich output": "from IPython.display import HTML, Math, display\n"
    "display(HTML('<b>x</b>'), Math('x'))", "a font": "import matplotlib.font_manager as m\n"
    "m.findfont('DejaVu Sans')", "seeds": "import random, numpy as np\nrandom.seed(1)\n"
    "np.random.seed(1)", "a float error state": "import numpy as np\nnp.seterr(all='ignore')",
    "print options": "import numpy as np\nnp.set_printoptions(precision=2)",
    "a recursion": "import sys\nsys.setrecursionlimit(5000)\nf = lambda n: n and f(n - 1)\nf(3000)",
    "an own warning filter": "import warnings\nwarnings.simplefilter('ignore')",
}  # fmt: skip

WRITE = ("savefig", "writefile", "tempfile", "shutil")


@pytest.mark.parametrize("source", HARMLESS.values(), ids=HARMLESS.keys())
def test_harmless_code_runs_and_costs_nothing(students, small, source):
    if not students.has_scratch and any(word in source for word in WRITE):
        pytest.skip("there is no scratch folder on this machine")
    result = students.examine(small.hand_in([source]))
    assert result.cells[0].error is None, result.cells[0]
    assert result.points == small.ALL


REFUSED = {
    "a process": ("import subprocess\nsubprocess.run(['ls'])", f"subprocess {UNSUPPORTED}"),
    "multiprocessing": (
        "from multiprocessing import Process\nProcess(target=print).start()",
        f"multiprocessing {UNSUPPORTED}",
    ),
    "a pool": ("import multiprocessing\nmultiprocessing.Pool(2)", f"multiprocessing {UNSUPPORTED}"),
    "a fork": ("import os\nos.fork()", f"os.fork {UNSUPPORTED}"),
    "a command": ("!ls -l", f"!ls {UNSUPPORTED}"),
    "a captured command": ("files = !ls", f"!ls {UNSUPPORTED}"),
    "pip": ("%pip install numpy", f"%pip {UNSUPPORTED}"),
    "a question": ("name = input('Who? ')", "input() is not supported while grading"),
}


@pytest.mark.parametrize(("source", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_supported_says_so_in_one_line(students, small, source, message):
    result = students.examine(small.hand_in([source]))
    assert result.cells[0].error[2].startswith(message)
    assert "\n" not in result.cells[0].error[2]
    assert result.points == small.ALL


def shown(result) -> list[str]:
    return [item["data"]["text/plain"] for cell in result.cells[:9] for item in cell.displayed]


def test_cells_share_their_state_as_in_a_kernel(students, small):
    if not students.has_scratch:
        pytest.skip("there is no scratch folder on this machine")
    result = students.examine(
        small.hand_in(
            [
                "import random\nrandom.seed(5)\nx = 40",
                "display(x)\nx + 2",
                "_ + 1",
                "%%writefile mine.py\ny = 3",
                "from mine import y\ny",
                "x = random.random(); x",
                "random.seed(5)\nrandom.random() == x",
            ]
        )
    )
    values = shown(result)
    assert values[:4] == ["40", "42", "43", "3"]
    assert values[5] == "True"


ALIKE = {
    "definitions": ["x = 1\ndef f(y):\n    return x + y", "z = f(2)\nz"],
    "values that are shown": ["[1,\n 2]", "None\n(3,\n 4);", "x = 5\nx", "x\n_ + 1",
                              "print('a')\n_"],
    "inputs that are kept": ["x = 1\ny = 2", "len(In)\nIn[1]"],
    "an error": ["x = 1\n1 / 0\nx = 2", "x\nx"],
    "what does not compile": ["x = 1\nreturn x", "x\nx", "def f(:\n    pass", "x = 3\nx"],
    "the future": ["from __future__ import annotations\nx = 1",
                   "def f(x: y): pass\nf.__annotations__"],
    "an end": ["x = 1\nraise SystemExit", "x = 2\nexit()", "x\nx"],
    "a function that waits for each cell": [
        "n = []\nget_ipython().events.register('post_run_cell', lambda result: n.append(1))",
        "x = 1\nx", "len(n)\nlen(n)",
    ],
    "all expressions": ["%config InteractiveShell.ast_node_interactivity = 'all'", "1\n2\n3"],
    "a docstring, and nothing": ["\"\"\"text\"\"\"\n", "# only\n# comments", "\n"],
    "where the names live": ["def f():\n    return sorted(globals())[-3:]\nf()",
                             "__name__\n__name__"],
    "an awaited value": ["async def f():\n    return 1\nawait f()"],
}  # fmt: skip

RUN = """
import json, sys
from autograder.engine.shell import make_shell
shell = make_shell()
class Kept:
    def show(self, bundle, output_type):
        shown.append(bundle["text/plain"])
shell.candidate = Kept()
found = []
for count, cell in enumerate(json.loads(sys.argv[1]), 1):
    shown, shell.execution_count = [], count
    if sys.argv[2] == "plainly":
        error = shell.run(cell)
    else:
        result = shell.run_cell(cell, store_history=True)
        error = result.error_before_exec or result.error_in_exec
    trace, lines = error and error.__traceback__, []
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename.startswith("<ipython-input"):
            lines.append([code.co_filename, code.co_name, trace.tb_lineno])
        trace = trace.tb_next
    names = sorted(k for k in shell.user_ns if not k.startswith("_"))
    found.append([shown, repr(error), lines, names])
print(json.dumps(found), file=sys.__stdout__)
"""


@pytest.mark.parametrize("cells", ALIKE.values(), ids=ALIKE.keys())
def test_a_cell_that_runs_plainly_does_what_it_does_in_ipython(cells):
    plainly, in_ipython = (
        subprocess.run(
            [sys.executable, "-c", RUN, json.dumps(cells), how], capture_output=True, text=True
        ).stdout
        for how in ("plainly", "in IPython")
    )
    assert json.loads(plainly.splitlines()[-1]) == json.loads(in_ipython.splitlines()[-1])


def test_an_error_in_a_cell_is_told_with_the_students_line(students, small):
    source = "def f(x):\n    return 1 / x\nf(0)"
    cell = students.examine(small.hand_in([source])).cells[0]
    assert cell.error == ("ZeroDivisionError", "ZeroDivisionError", "division by zero")
    assert "----> 2 return 1 / x" in cell.traceback


def test_an_error_of_an_answer_is_told_with_the_students_line(students, small):
    result = students.examine(small.hand_in(square="def square(x):\n    return x.y"))
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert test.error[0] == "AttributeError"
    assert "----> 2 return x.y" in test.traceback


def test_warnings_of_an_answer_cost_nothing(students, small):
    answer = "import warnings\ndef square(x):\n    warnings.warn('slow')\n    return x * x"
    result = students.examine(small.hand_in(square=answer))
    assert result.points == small.ALL
    assert any("slow" in cell.output for cell in result.cells if cell.id == "square-test")


def test_output_of_an_answer_is_kept_with_its_test(students, small):
    result = students.examine(
        small.hand_in(cube="def cube(x):\n    print('x is', x)\n    return x**3")
    )
    (test,) = (cell for cell in result.cells if cell.id == "cube-test")
    assert test.output == "x is 2.0\nx is -1.0\n"
    assert result.points == small.ALL


def test_a_trusted_function_stands_in_for_a_wrong_one(students, small, points_of):
    result = students.examine(
        small.hand_in(square="def square(x): return 0.0", cube="def cube(x): return x * square(x)")
    )
    assert points_of(result) == small.POINTS | {"square": 0}


def test_no_reserve_of_memory_is_needed_for_honest_arrays(students, small):
    result = students.examine(small.hand_in(["import numpy as np\nnp.ones((4000, 4000)).sum()"]))
    assert shown(result) == ["np.float64(16000000.0)"]


@pytest.fixture(scope="module")
def chapter() -> bytes:
    return (SOLUTIONS / "1_derivatives" / "1_derivatives.ipynb").read_bytes()


def with_answers(chapter: bytes, answer) -> bytes:
    """Return a chapter in which `answer` has rewritten the source of each solution cell."""
    notebook = json.loads(chapter)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = answer("".join(cell["source"]))
    return json.dumps(notebook).encode()


def test_a_solved_chapter_gets_all_points_and_no_flag(students, chapter):
    result = students.engine.examine(chapter, chapter)
    assert result.points == sum(test.maximum for test in result.tests) > 0
    assert result.flags == []
    assert all(cell.error is None for cell in result.cells)


CHEATS = {
    "nothing": "raise NotImplementedError()",
    "arguments made NaN": "a = [x for x in args if type(x) is np.ndarray and x.dtype.kind == 'f']\n"
    "    for x in a: x[...] = np.nan\n    return a[0] * 1 if a else float('nan')",
    "an object": "return type('A', (), {m: (lambda *a: True) for m in ('__eq__', '__bool__')})()",
    "an empty array": "return np.zeros(0)",
    "text": "return '0.0'",
}


@pytest.mark.parametrize("body", CHEATS.values(), ids=CHEATS.keys())
def test_an_unsolved_chapter_gets_no_point_whatever_it_returns(students, chapter, body):
    def cheat(source: str) -> str:
        names = [line[4:].split("(")[0] for line in source.split("\n") if line.startswith("def ")]
        return "\n".join(f"def {name}(*args, **kwargs):\n    {body}" for name in names)

    result = students.engine.examine(chapter, with_answers(chapter, cheat))
    assert {test.id: test.points for test in result.tests if test.points} == {}


def test_an_error_of_an_answer_is_explained_like_in_a_notebook(students, small):
    answer = "def square(x):\n    g = np.ones((2, 2)) @ np.ones(2)\n    return max(g, g) * x"
    result = students.examine(small.hand_in(square=answer))
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert test.check.what == "square raises ValueError"
    assert test.check.where == "line 3 of its cell: `return max(g, g) * x`, where `g` is (2,)"
    assert "np.maximum(g, g)" in test.check.likely
    assert "np.maximum(g, g)" in test.told.likely
    assert "np.maximum(g, g)" in "\n".join(test.traceback)


def test_an_error_in_a_hidden_test_is_not_explained_to_the_student(students, small):
    answer = "def square(x):\n    return {}[f'secret {x}'] if x > 200 else x * x"
    answer = answer.replace("x > 200", "np.max(x) > 200")
    result = students.examine(small.hand_in(square=answer))
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert test.hidden and test.check is None
    assert "secret" not in repr(test.told)


def test_a_stub_is_not_explained(students, small):
    answer = "def square(x):\n    raise NotImplementedError('write this part')"
    result = students.examine(small.hand_in(square=answer))
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert test.check is None
    assert test.told.what == "NotImplementedError: write this part"
