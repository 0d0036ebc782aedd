"""Checks in modules: the examiner gets them, no answer does, and both sides say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

import byhand.exercises
from autograder.engine import check_modules
from autograder.engine.check_modules import fingerprint, modules_for

MODULE = """
from byhand.checks import check_close, check_equal, may_measure, scenario, supplied
from byhand.exercises.samples import points

FACTOR = 3

def _right(x):
    return FACTOR * x

@scenario
def _twice(f, x):
    return f(f(np.asarray(x)))

@scenario
def _made(factor):
    return lambda x: factor * x

@scenario
def _both(f, x):
    return [f(x), lent(x), type(f).__name__, type(lent).__name__]

def triple_values(triple, draw=0):
    x = points(draw)
    check_close(triple(x), _right(x), what="triple(x)", x=x)

def triple_twice(triple, draw=0):
    check_close(_twice(triple, 2.0 + draw), 18.0 + 9 * draw, what="triple(triple(x))")

def slope_measured(slope, draw=0):
    with may_measure():
        check_close(slope(2.0 + draw), 4.0 + 2 * draw, what="slope(x)", rtol=1e-6)

def triple_while_supplied(triple, draw=0):
    with supplied(triple=_right):
        check_close(triple(2.0 + draw), 6.0 + 3 * draw, what="triple(x)")
        check_close(_twice(triple, 2.0 + draw), 18.0 + 9 * draw, what="triple(triple(x))")

def triple_made_beside(triple, draw=0):
    check_close(triple(2.0 + draw), 6.0 + 3 * draw, what="triple(x)")
    made = _made(4)
    with supplied(lent=made):
        check_equal(_both(made, 2 + draw), [8 + 4 * draw] * 2 + ["function"] * 2, what="both")

def slope_computed(slope, draw=0):
    check_close(slope(2.0 + draw), 4.0 + 2 * draw, what="slope(x)", rtol=1e-6)
"""
SETUP = """import numpy as np
from byhand.differences import derivative
from byhand.exercises import tripling as exercise"""
TRIPLE = "def triple(x):\n    return 3 * x"
SLOPE = "def slope(x):\n    return 2 * x"
CALLS = {
    "values": "exercise.triple_values(triple)",
    "twice": "exercise.triple_twice(triple)",
    "supplied": "exercise.triple_while_supplied(triple)",
    "made": "exercise.triple_made_beside(triple)",
    "measured": "exercise.slope_measured(slope)",
    "computed": "exercise.slope_computed(slope)",
}
SNOOPS = {
    "import": "from byhand.exercises import tripling\nanswer = tripling._right",
    "import of a name": "from byhand.exercises.tripling import _right as answer",
    "the import cell's name": "answer = exercise._right",
    "import by hand": "import importlib\nanswer = importlib.import_module("
    "'byhand.exercises.tripling')._right",
}
FINDS_NOTHING = """
import gc, os, sys, types, byhand
folder = os.path.join(os.path.dirname(byhand.__file__), "exercises")
found = [folder] if os.path.exists(os.path.join(folder, "samples.py")) else []
for thing in gc.get_objects():
    if isinstance(thing, types.FunctionType) and "exercises" in thing.__code__.co_filename:
        found.append(thing.__name__)
print("found", found)
"""


@pytest.fixture
def grade(students, small, tmp_path: Path, monkeypatch):
    """Return a function that examines answers by checks in a module of a folder of its own."""
    (tmp_path / "tripling.py").write_text(MODULE)
    monkeypatch.setattr(byhand.exercises, "__path__", [str(tmp_path), *byhand.exercises.__path__])

    def cells(triple: str, slope: str) -> list[dict]:
        setup = small.code(SETUP, "imports", grade=False, solution=False, locked=True)
        setup["metadata"]["tags"] = ["setup"]
        marks = {"grade": True, "solution": False, "locked": True, "points": 1}
        answers = {"triple": triple, "slope": slope}
        return [
            setup,
            *(small.code(source, name, grade=False, solution=True, locked=False)
              for name, source in answers.items()),
            *(small.code(f"{call}\n{call[:-1]}, draw=7)", f"{name}-test", **marks)
              for name, call in CALLS.items()),
        ]  # fmt: skip

    def run(triple: str = TRIPLE, slope: str = SLOPE) -> dict:
        source = small.notebook(cells(TRIPLE, SLOPE))
        result = students.engine.examine(source, small.notebook(cells(triple, slope)))
        return {cell.id.removesuffix("-test"): cell for cell in result.cells}

    return run


def scored(found: dict) -> set[str]:
    return {name for name in CALLS if found[name].points == 1}


def test_a_right_answer_passes_every_check(grade) -> None:
    assert scored(grade()) == set(CALLS)


def test_a_wrong_answer_is_told_what_a_kernel_tells(grade) -> None:
    # also where a check supplies the very function that it has been given
    found = grade(triple="def triple(x):\n    return -3 * x")
    assert scored(found) == {"twice", "measured", "computed"}
    assert "triple(x) is wrong in 12 of 12 values" in found["values"].error[2]
    assert "the sign is flipped" in found["values"].error[2]


@pytest.mark.parametrize("snoop", SNOOPS.values(), ids=SNOOPS)
def test_an_answer_can_not_use_what_the_checks_know(grade, snoop: str) -> None:
    found = grade(triple=f"{snoop}\ndef triple(x):\n    return answer(x)")
    assert scored(found) == {"measured", "computed"}
    message = "byhand.exercises holds the checks; an answer can't use it"
    assert found["values"].error == ("RuntimeError", "RuntimeError", message)


def test_a_missing_answer_is_a_name_error_where_a_scenario_takes_it(grade) -> None:
    found = grade(triple="def triple(x:")
    assert scored(found) == {"measured", "computed"}
    assert found["twice"].error == ("NameError", "NameError", "name 'triple' is not defined")
    assert not found["twice"].died


def test_a_cell_may_call_a_check_and_costs_nothing(grade) -> None:
    found = grade(triple=f"{TRIPLE}\n\nexercise.triple_values(triple)")
    assert scored(found) == set(CALLS)
    assert found["triple"].error is None


def test_neither_the_files_nor_the_functions_are_there(grade) -> None:
    found = grade(triple=f"{TRIPLE}\n{FINDS_NOTHING}")
    assert found["triple"].output == "found []\n"


def test_an_answer_measures_only_where_measuring_is_the_subject(grade) -> None:
    slope = "def slope(x):\n    return derivative(np.square, x).value"
    found = grade(slope=slope)
    assert scored(found) == set(CALLS) - {"computed"}
    assert (
        found["computed"]
        .error[2]
        .startswith("derivative of byhand.differences can't be used inside an answer")
    )


def test_a_cell_of_a_student_may_measure(grade) -> None:
    found = grade(slope=f"{SLOPE}\n\nprint(float(derivative(np.square, 3.0).value.round(6)))")
    assert found["slope"].output == "6.0\n"
    assert scored(found) == set(CALLS)


def test_only_what_cells_import_is_sent() -> None:
    names = [module.name for module in modules_for([SETUP.replace("tripling", "derivatives")])]
    assert names[0] == "byhand.exercises"
    assert "byhand.exercises.samples" in names
    assert "byhand.exercises.derivatives.differences" in names
    assert modules_for(["import numpy as np"]) == []
    assert modules_for(["%matplotlib byhand.exercises"]) == []


def test_a_check_that_changes_changes_the_fingerprint(small, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(byhand.exercises, "__path__", [str(tmp_path), *byhand.exercises.__path__])
    notebook = small.notebook([small.code(SETUP, "imports")])
    found = []
    for source in (MODULE, MODULE, MODULE.replace("18.0", "19.0")):
        (tmp_path / "tripling.py").write_text(source)
        for cached in (fingerprint, check_modules._read):
            cached.cache_clear()
        found.append(fingerprint(notebook))
    assert found[0] == found[1] != found[2]
