"""Whatever a student's code does with a hidden input, the feedback is the same for any input."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from autograder.desk.pages.feedback import feedback_page
from autograder.desk.pages.render import render
from autograder.engine.disclosure import without_numbers
from autograder.engine.limits import Limits
from autograder.engine.result import FailedCheck, Result
from autograder.gradebook.cells import CellMarks
from autograder.nbgrader.graded import graded_notebook

SECRETS = (267, 893)  # what only the hidden tests of one source and of another know
LIMITS = Limits(10.0, 60.0)
SETUP = "import numpy as np\nfrom byhand.checks import check_close, check_unchanged, scenario"
SQUARE_TEST = '''"""Squares."""
check_close(square(2.0), 4.0, what="square(2.0)")
### BEGIN HIDDEN TESTS
x = np.array([0.0, 2.0, -1.5, {secret}, 7.25, 3.5])
check_close(square(x), x * x, what=f"square(x) for x = {{x}}", x=x, hint=f"not {{x[3]}}")
check_close(square({secret}.0), {secret}.0 ** 2, what="square({secret}.0)")


@scenario
def beside(number, secret="{secret}"):
    return square(number)


check_close(beside({secret}.0), {secret}.0 ** 2, what="square({secret}.0)")
### END HIDDEN TESTS'''
CUBE_TEST = '''"""Cubes."""
check_close(cube(2.0), 8.0, what="cube(2.0)")
check_unchanged(cube, np.array([1.0, 2.0]))'''

KEEPS = """
seen = []
def square(x):
    seen.append(float(np.max(x)))
    return x * x
def last():
    return int(max(seen, default=0))"""


def raising(text: str) -> str:
    return f"def cube(x):\n    raise {text}"


def returning(value: str) -> str:
    return f"def cube(x):\n    return {value}"


# Each one has the cell of `square`, which hidden tests call, and that of `cube`, which is tested
# after them where students can see it.
CARRIERS = {
    "a global in a message": (KEEPS, raising("ValueError(last())")),
    "a closure": (
        "def make():\n    kept = []\n    def square(x):\n        kept.append(x)\n"
        "        return x * x\n    return square, kept\nsquare, kept = make()",
        raising("ValueError(str(kept))"),
    ),
    "a default argument": (
        "def square(x, kept=[]):\n    kept.append(x)\n    return x * x",
        raising("ValueError(square.__defaults__)"),
    ),
    "an attribute's name": (
        "def square(x):\n    setattr(square, f'n{np.max(x):g}', 1)\n    return x * x",
        raising("AttributeError(str(vars(square)))"),
    ),
    "a class": (
        "class Kept: pass\ndef square(x):\n    Kept.x = str(x)\n    return x * x",
        raising("ValueError(vars(Kept).get('x'))"),
    ),
    "another module": (
        "def square(x):\n    np.kept = str(x)\n    return x * x",
        raising("ValueError(getattr(np, 'kept', ''))"),
    ),
    "a returned number": (KEEPS, returning("float(last())")),
    "a returned array's shape": (KEEPS, returning("np.zeros(last())")),
    "a returned text": (KEEPS, returning("f'it was {last()}'")),
    "a returned dict's keys": (KEEPS, returning("{f'it was {last()}': 1.0}")),
    "the type of what is returned": (KEEPS, returning("type(f'T{last()}', (), {})()")),
    "the representation of what is returned": (
        KEEPS,
        returning("type('T', (), {'__repr__': lambda self: f'it was {last()}'})()"),
    ),
    "a changed argument": (
        KEEPS,
        "def cube(x):\n    if np.ndim(x): x[0] = last()\n    return x * x * x",
    ),
    "the type of an exception": (KEEPS, raising("type(f'E{last()}', (Exception,), {})()")),
    "which exception of Python's": (
        KEEPS,
        raising("[KeyError, ValueError, TypeError, OSError, LookupError, EOFError][last() % 6]"),
    ),
    "the key of a KeyError": (KEEPS, raising("KeyError(last())")),
    "the words of an exception's own": (
        KEEPS,
        raising("type('E', (Exception,), {'__str__': lambda self: f'it was {last()}'})()"),
    ),
    "the time that a function was ended after": (
        KEEPS,
        raising(
            "NotImplementedError(f'was ended after {last()} s of computing: "
            "this function is not called again')"
        ),
    ),
    "how a function ended its process": (
        KEEPS,
        raising(
            "NotImplementedError(f'ended its process ({last()}): "
            "this function is not called again')"
        ),
    ),
    "a note": (
        KEEPS,
        "def cube(x):\n    error = ValueError('no')\n    error.add_note(f'{last()}')\n"
        "    raise error",
    ),
    "a cause": (KEEPS, "def cube(x):\n    raise ValueError('no') from ValueError(last())"),
    "an exit": (KEEPS, raising("SystemExit(last())")),
    "a warning": (
        KEEPS,
        "import warnings\ndef cube(x):\n    warnings.warn(f'it was {last()}')\n    return 1.0",
    ),
    "prints": (KEEPS, "def cube(x):\n    print('it was', last())\n    return 1.0"),
    "displays": (KEEPS, "def cube(x):\n    display(f'it was {last()}')\n    return 1.0"),
    "a function's name": (
        KEEPS,
        "def cube(x):\n    def f(): pass\n    f.__name__ = f'f{last()}'\n"
        "    globals()[f.__name__] = f\n    return f",
    ),
    "a line of source": (
        KEEPS,
        "import linecache\ndef cube(x):\n"
        "    name, line = '<ipython-input-1>', f'raise ValueError  # {last()}'\n"
        "    linecache.cache[name] = (len(line), None, [line], name)\n"
        "    exec(compile(line, name, 'exec'))",
    ),
    "a number of a line": (
        KEEPS,
        "def cube(x):\n    exec(compile('\\n' * last() + 'raise ValueError', "
        "'<ipython-input-1>', 'exec'))",
    ),
    "the name of a function in a traceback": (
        KEEPS,
        "def cube(x):\n    name = f'f{last()}'\n    exec(compile(f'def {name}(): raise ValueError"
        "\\n{name}()', '<ipython-input-1>', 'exec'), {})",
    ),
    "operands": (KEEPS, returning("np.ones(last() + 3) @ np.ones(2)")),
    "a wrapped transport": (
        "seen, candidate = [], get_ipython().candidate\nanswer = candidate.answer\n"
        "def wrapped(request):\n    seen.append(request)\n    return answer(request)\n"
        "candidate.answer = wrapped\ndef square(x):\n    return x * x",
        raising("ValueError(str(seen)[-3000:])"),
    ),
    "a wrapped channel": (
        "seen, channel = [], get_ipython().candidate.channel\nreceive = channel.receive\n"
        "def wrapped(*a):\n    seen.append(receive(*a))\n    return seen[-1]\n"
        "channel.receive = wrapped\ndef square(x):\n    return x * x",
        raising("ValueError(str(seen)[-3000:])"),
    ),
    "a forged description of an error": (
        KEEPS + "\nimport autograder.engine.candidate as c\n"
        "def forged(error):\n    said = f'it was {last()}'\n"
        "    return [said, said, said, [['<cell>', last(), said, said]], [said] * 4]\n"
        "c.describe = forged",
        raising("ValueError"),
    ),
    "a forged reply": (
        KEEPS,
        "def cube(x):\n    get_ipython().candidate.channel.send([f'it was {last()}', 1, [], None])",
    ),
    "a malformed value": (
        KEEPS,
        "def cube(x):\n"
        "    get_ipython().candidate.channel.send(['value', [f'{last()}'], [], None])",
    ),
    "a length that is too large": (
        KEEPS,
        "def cube(x):\n    channel = get_ipython().candidate.channel\n"
        "    channel.connection.sendall((2**31 + last()).to_bytes(4, 'big'))",
    ),
    "an exit status": (KEEPS, "import os\ndef cube(x):\n    os._exit(last() % 256)"),
    "a signal": (
        KEEPS,
        "import os, signal\ndef cube(x):\n    os.kill(os.getpid(), 1 + last() % 15)",
    ),
    "time": (
        KEEPS,
        "import time\ndef cube(x):\n    time.sleep(last() / 10_000)\n    return 1.0",
    ),
    "a random state": (
        "def square(x):\n    np.random.seed(int(np.max(x)))\n    return x * x",
        returning("np.random.rand() if np.random.get_state()[2] > 600 else 1.0"),
    ),
    "a file": (
        "def square(x):\n    open('kept', 'w').write(str(x))\n    return x * x",
        "import os\n" + raising("ValueError(open('kept').read() if os.path.exists('kept') else 0)"),
    ),
    "a file's name": (
        "import os\ndef square(x):\n    os.makedirs(f'd{np.max(x)}', exist_ok=True)\n"
        "    return x * x",
        raising("ValueError(str(os.listdir()))"),
    ),
    "the current folder": (
        "import os\ndef square(x):\n    os.makedirs(f'd{np.max(x)}', exist_ok=True)\n"
        "    os.chdir(f'd{np.max(x)}')\n    return x * x",
        raising("ValueError(os.getcwd())"),
    ),
    "the environment": (
        "import os\ndef square(x):\n    os.environ['KEPT'] = str(x)\n    return x * x",
        raising("ValueError(os.environ.get('KEPT'))"),
    ),
    "the frames that call": (
        "import sys\nseen = []\ndef square(x):\n    frame = sys._getframe(1)\n"
        "    seen.append(str(frame.f_locals))\n    return x * x",
        raising("ValueError(str(seen)[-3000:])"),
    ),
    "a cell that fails": (KEEPS, "def cube(x):\n    return x ** 3\nraise ValueError(last())"),
    "a cell that is no Python": (KEEPS, "exec(f'{last()} = 1')"),
    "a cell that needs a module": (KEEPS, "__import__(f'm{last()}')"),
    # Of these, a hidden test itself fails.
    "a cell that ends the process": (
        f"{KEEPS}\ndef cube(x):\n    return x ** 3",
        f"import os\nif last() == {SECRETS[0]}:\n    os._exit(3)",
    ),
    "hidden: a message": ("def square(x):\n    return x * x if np.max(x) < 9 else {}[str(x)]", ""),
    "hidden: the type of an exception": (
        "def square(x):\n    if np.max(x) > 9:\n"
        "        raise type(f'E{np.max(x):g}', (Exception,), {})\n    return x * x",
        "",
    ),
    "hidden: which exception of Python's": (
        "def square(x):\n    if np.max(x) > 9:\n"
        "        raise [KeyError, ValueError, TypeError][int(np.max(x)) % 3]\n    return x * x",
        "",
    ),
    "hidden: a forged type of exception": (
        "import autograder.engine.candidate as c\nc.describe = lambda error: ["
        "f'it was {error}', 'E', '', [], []]\n"
        "def square(x):\n    if np.max(x) > 9:\n        raise ValueError(np.max(x))\n"
        "    return x * x",
        "",
    ),
    "hidden: the type of what is returned": (
        "def square(x):\n    return x * x if np.max(x) < 9 else type(f'T{x}', (), {})()",
        "",
    ),
    "hidden: a function that is returned": (
        "def square(x):\n    def f(): pass\n    f.__name__ = f'f{np.max(x):.0f}'\n"
        "    globals()[f.__name__] = f\n    return x * x if np.max(x) < 9 else f",
        "",
    ),
    "hidden: a factor": (
        "def square(x):\n    return x * x if np.max(x) < 9 else x * x * np.max(x)",
        "",
    ),
    "hidden: a value at the kink": (
        "def square(x):\n    return x * x + np.where(x == 0, np.max(x), 0)",
        "",
    ),
    "hidden: how many are wrong": (
        "def square(x):\n    y = x * x\n    if np.ndim(x):\n"
        "        y[:int(max(x)) % 5 + 1] += 1.5\n    return y",
        "",
    ),
    "hidden: the end of the process": (
        "import os\ndef square(x):\n"
        "    return x * x if np.max(x) < 9 else os._exit(int(np.max(x)) % 256)",
        "",
    ),
    "hidden: a malformed value": (
        "def square(x):\n    if np.max(x) > 9:\n"
        "        get_ipython().candidate.channel.send(['value', [f'{x}'], [], None])\n"
        "    return x * x",
        "",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def examine(students, small) -> Callable[..., Result]:
    """Return a function that examines two answers by the tests of one secret."""

    def cells(secret: int, square: str, cube: str) -> bytes:
        setup = small.code(SETUP, "imports", grade=False, solution=False, locked=True)
        setup["metadata"]["tags"] = ["setup"]
        answer = {"grade": False, "solution": True, "locked": False}
        test = {"grade": True, "solution": False, "locked": True, "points": 2}
        return small.notebook(
            [
                setup,
                small.code(square, "square", **answer),
                small.code(SQUARE_TEST.format(secret=secret), "square-test", **test),
                small.code(cube, "cube", **answer),
                small.code(CUBE_TEST, "cube-test", **test),
            ]
        )

    def run(square: str, cube: str, secret: int = SECRETS[0], version: str = "3.11.2") -> Result:
        source = cells(secret, "def square(x): return x * x", "def cube(x): return x ** 3")
        submission = json.loads(cells(0, square, cube))
        submission["metadata"]["language_info"] = {"name": "python", "version": version}
        return students.engine.examine(source, json.dumps(submission).encode(), LIMITS)

    return run


def read_by_students(result: Result) -> list[Any]:
    """Return what a page may be made of: points, words, and the view of the graded notebook."""
    page = feedback_page(graded_notebook(result), CellMarks("ada"), "squares")
    html = render("feedback", page=page)
    return [*((cell.id, cell.points, cell.told) for cell in result.cells), html]


@pytest.mark.parametrize("name", CARRIERS)
def test_no_hidden_input_reaches_feedback(examine, name):
    one, other = (examine(*CARRIERS[name], secret) for secret in SECRETS)
    assert read_by_students(one) == read_by_students(other)
    said = repr([cell.told for cell in one.cells])
    assert not any(str(secret) in said for secret in SECRETS)


def told(result: Result) -> dict[str, FailedCheck]:
    return {cell.id: cell.told for cell in result.cells if cell.told is not None}


RIGHT = "def square(x):\n    return x * x"


def test_who_fails_a_visible_test_reads_the_message_as_in_a_notebook(examine):
    found = told(examine(RIGHT, "def cube(x):\n    raise ValueError('my own words')"))
    assert "square-test" not in found
    assert found["cube-test"].actual == "ValueError: my own words"
    assert "line 2 of its cell" in found["cube-test"].where
    found = told(examine(RIGHT, "def cube(x):\n    return 3.5 * x"))
    assert found["cube-test"].what == "cube(2.0) is wrong"
    assert found["cube-test"].expected == "8.0"
    assert found["cube-test"].actual == "7.0"


def test_who_fails_a_hidden_test_reads_the_promise_and_the_likely_mistake(examine):
    found = told(examine("def square(x):\n    return 2 * x * x if np.ndim(x) else x * x", ""))
    assert found["square-test"].what == "square(x) for x = […] is wrong"
    assert "everything is twice what it should be" in found["square-test"].likely


def test_an_answer_that_changes_with_the_calls_before_is_told_so(examine):
    counts = "calls = []\ndef square(x):\n    calls.append(0)\n    return x * x"
    cube = "def cube(x):\n    return x ** 3 if len(calls) < 3 else 0.0"
    assert "keeps from one call to the next" in told(examine(counts, cube))["cube-test"].what


ENDS = "import os\ndef square(x):\n    os._exit(3)"


def test_who_calls_a_function_that_was_ended_is_told_so(examine):
    found = told(examine(ENDS, "def cube(x):\n    return square(x) * x"))
    assert found["square-test"].what == "your code ended its process"
    said = "your code ended its process: this function is not called again"
    assert found["cube-test"] == FailedCheck(said)


def test_a_second_pass_is_made_only_where_something_is_quoted(examine, students, monkeypatch):
    passes = []
    run = students.engine._run
    monkeypatch.setattr(
        students.engine, "_run", lambda job, *rest: passes.append(job) or run(job, *rest)
    )
    for square, cube, count in (
        (ENDS, "def cube(x):\n    return square(x) * x", 1),
        (RIGHT, "def cube(x):\n    return x ** 3", 1),
        ("def square(x):\n    raise NotImplementedError", "def cube(x):\n    return x ** 3", 1),
        (RIGHT, "def cube(x):\n    raise NotImplementedError()", 1),
        ("def square(x):\n    return x", "def cube(x):\n    return x ** 3", 1),
        (RIGHT, "def cube(x):\n    return x", 2),
    ):
        passes.clear()
        examine(square, cube)
        assert len(passes) == count, cube
    assert all("HIDDEN" not in cell.source for cell in passes[-1].cells)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("relu([0.5 -3.0 1e-300]) is wrong", "relu([…]) is wrong"),
        ("f(-1,234.5) for x (3, 4) and n = 5", "f(…) for x (…) and n = …"),
        ("W1 of conv2d at v2, in float32", "W1 of conv2d at v2, in float32"),
        ("slope({'a': [('b', 1.5)]}) is wrong", "slope({…}) is wrong"),
        ("the slope of x ** 3 at 0.25", "the slope of x ** 3 at …"),
        ("everything is 1/3 of it: B = 3", "everything is … of it: B = …"),
    ],
)
def test_the_numbers_of_a_hidden_test_are_left_out_but_not_those_of_the_course(text, shown):
    assert without_numbers(text, frozenset({"the slope of x ** 3"})) == shown


# --- the reason why a cell did not run ------------------------------------------------------------

REASONS = {
    "a module": (
        "import tqdm_of_mine\ndef square(x):\n    return x * x",
        "3.11.2",
        ["No module named 'tqdm_of_mine'", "your cell needs `tqdm_of_mine`", "NumPy"],
    ),
    "a function of another NumPy": (
        "area = np.trapz_of_old\ndef square(x):\n    return x * x",
        "3.11.2",
        ["which has no `np.trapz_of_old`"],
    ),
    "syntax of a newer Python": (
        "def square(x):\n    return x * x\nprint(f'{'\n'.join('ab')}')",
        "3.99.1",
        ["SyntaxError", "your notebook was saved with Python 3.99"],
    ),
    "a magic": (
        "%%timeit -n1 -r1\ndef square(x):\n    return x * x",
        "3.11.2",
        ["begins with %%timeit, which keeps nothing that it defines"],
    ),
    "an error of its own": (
        "1 / 0\ndef square(x):\n    return x * x",
        "3.11.2",
        ["ZeroDivisionError: division by zero"],
    ),
    "the end of the process": (
        "import os\nos._exit(3)\ndef square(x):\n    return x * x",
        "3.11.2",
        ["your code ended its process"],
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_a_cell_that_did_not_run_says_why_and_so_do_its_tests(examine, name):
    source, version, words = REASONS[name]
    result = examine(source, "", version=version)
    found = told(result)
    for word in words:
        assert word in f"{found['square'].what} {found['square'].likely}"
        assert word in found["square-test"].likely
    assert "the cell that defines square did not run" in found["square-test"].likely
    flagged = [flag for flag in result.flags if flag.startswith("cell square ")]
    assert bool(flagged) == (name != "an error of its own")
    assert words[-1].split(" ")[-1].strip("`") in read_by_students(result)[-1]


def test_a_helper_below_the_check_is_named(examine):
    found = told(
        examine("def square(x):\n    return twice(x) * x / 2", "def twice(x): return 2 * x")
    )
    assert "twice is defined in a cell below this check" in found["square-test"].likely
