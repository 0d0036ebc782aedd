"""A ladder is judged in the engine, where values cross the wire, as it is in one kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tools.rehearsal import rehearse

from autograder.course.notebooks import read_cells

SETUP = """import numpy as np

from byhand.checks import check_ladder, ladder, scenario"""
LINES = ["z = W @ x + b", "a = np.tanh(z)", "s = a + x", "loss = (s**2).mean()"]
CHAIN = ["a = x**2", "b = np.exp(-a)", "p = x * b", "y = np.log(p)"]
NETWORK = f"network = ladder(*{LINES!r})\nchain = ladder(*{CHAIN!r})"
RUNGS = """    d = {"loss": 1.0}
    d["s"] = 2 * v.s / v.s.size * d["loss"]
    d["a"] = d["s"]
    d["z"] = (1 - v.a**2) * d["a"]
    d["W"] = d["z"] @ v.x.T
    d["b"] = d["z"].sum(axis=1, keepdims=True)
    d["x"] = v.W.T @ d["z"] + d["s"]
    return d"""
# the student's function takes the inputs and runs the forward pass, or is given the forward pass
BY_INPUTS = "def gradients(W, x, b):\n    v = network(W=W, x=x, b=b)\n" + RUNGS
BY_FORWARD = "def gradients_of(v):\n" + RUNGS
SLOPES = """def slopes(v):
    d = {"x": 1.0}
    d["a"] = 2 * v.x * d["x"]
    d["b"] = -v.b * d["a"]
    d["p"] = v.b * d["x"] + v.x * d["b"]
    d["y"] = d["p"] / v.p
    return d"""
INPUTS = f"""rng = np.random.default_rng(5)
shapes = {{"W": (4, 4), "x": (4, 3), "b": (4, 1)}}
inputs = {{name: rng.standard_normal(shape) for name, shape in shapes.items()}}
lines = {LINES!r}
"""
TESTS = {
    "inputs": f'''"""Called with the inputs."""
{INPUTS}check_ladder(lines, gradients, inputs)''',
    "forward": f'''"""Called with a forward pass, made beside the student's code."""
{INPUTS}

@scenario
def run(**given):
    return gradients_of(network(**given))


check_ladder(lines, run, inputs, what="gradients_of(v)")''',
    "slopes": f'''"""Slopes from the input up."""


@scenario
def run(**given):
    return slopes(chain(**given))


check_ladder({CHAIN!r}, run, {{"x": 0.8}}, forward=True, what="slopes(v)")''',
}

SLIPS = {
    "none": ("", "", None),
    "a factor": ("2 * v.s", "v.s", 'd["s"] is wrong in 12 of 12 values'),
    "a path": (" + d[\"s\"]\n", "\n", 'likely    the path through s = a + x is missing'),
    "a shape": (", keepdims=True", "", "shape (4, 1)"),
    "nan": ("(1 - v.a**2)", "np.nan * v.a", 'd["z"] is wrong in'),
    "nothing": ("    return d", "", "the function has no return statement"),
    "None": ('d["z"].sum(axis=1, keepdims=True)', "None", 'd["b"] is missing'),
    "a missing name": ('    d["W"]', '    dW', 'd["W"] is missing'),
    "another name": ('d["x"]', 'd["X"]', "likely    a misspelled 'x'"),
    "an error": ("v.W.T", "v.V.T", "the ladder has no V"),
    "a value that is set": ('    d["a"]', '    v.a[0] = 1.0\n    d["a"]', "read-only"),
    "not done": ("    d = {", "    raise NotImplementedError()\n    d = {", ""),
}  # fmt: skip


@pytest.fixture
def hand_in(small):
    """Return a function that makes the notebook with the student's answers, by their tests."""

    def make(answers: dict[str, str]) -> bytes:
        def answer(name: str, source: str) -> dict:
            return small.code(source, name, grade=False, solution=True, locked=False)

        def test(name: str) -> dict:
            marks = {"grade": True, "solution": False, "locked": True, "points": 2}
            return small.code(TESTS[name], f"{name}-test", **marks)

        given = {"grade": False, "solution": False, "locked": True}
        setup = small.code(SETUP, "imports", **given)
        setup["metadata"]["tags"] = ["setup"]
        cells = [cell for n, source in answers.items() for cell in (answer(n, source), test(n))]
        return small.notebook([setup, small.code(NETWORK, "network", **given), *cells])

    return make


@pytest.mark.parametrize(("right", "wrong", "said"), SLIPS.values(), ids=SLIPS)
def test_a_ladder_is_judged_by_value_as_it_is_in_one_kernel(
    students, hand_in, tmp_path: Path, right: str, wrong: str, said: str | None
) -> None:
    right_ones = {"inputs": BY_INPUTS, "forward": BY_FORWARD}
    answers = {name: source.replace(right, wrong) for name, source in right_ones.items()}
    judged_alike(students, hand_in, tmp_path, right_ones, answers, said)


FORWARD_SLIPS = {
    "none": ("", "", None),
    "a sign": ("-v.b", "v.b", "likely    the sign is flipped"),
    "a path": (' + v.x * d["b"]', "", "likely    the path through b = np.exp(-a) is missing"),
    "a shape": ("2 * v.x", "np.ones((1, 1))", "shape ()"),
    "nothing": ("    return d", "", "the function has no return statement"),
    "a missing name": ('    d["y"]', "    dy", 'd["y"] is missing'),
    "another name": ('d["y"]', 'd["Y"]', "likely    a misspelled 'y'"),
    "not done": ("    d = {", "    raise NotImplementedError()\n    d = {", ""),
}


@pytest.mark.parametrize(("right", "wrong", "said"), FORWARD_SLIPS.values(), ids=FORWARD_SLIPS)
def test_slopes_are_judged_by_value_as_they_are_in_one_kernel(
    students, hand_in, tmp_path: Path, right: str, wrong: str, said: str | None
) -> None:
    answers = {"slopes": SLOPES.replace(right, wrong)}
    judged_alike(students, hand_in, tmp_path, {"slopes": SLOPES}, answers, said)


def judged_alike(
    students,
    hand_in,
    folder: Path,
    right: dict[str, str],
    answers: dict[str, str],
    said: str | None,
) -> None:
    """Assert that engine and kernel give the same points, and that a wrong answer is told."""
    submission = hand_in(answers)
    result = students.engine.examine(hand_in(right), submission)
    (folder / "notebook.ipynb").write_bytes(submission)
    beside = rehearse(read_cells(folder / "notebook.ipynb"))
    assert result.flags == []
    assert [cell.id for cell in result.tests] == list(beside)
    for cell in result.tests:
        assert cell.points == beside[cell.id].points == (2 if said is None else 0)
        if said is not None:
            assert said in cell.error[2]
            assert said in str(beside[cell.id].error)
