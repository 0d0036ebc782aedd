"""A ladder is judged in the engine, where values cross the wire, as it is in one kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tools.rehearsal import rehearse

from autograder.course.notebooks import read_cells

SETUP = """import numpy as np

from byhand.checks import check_ladder, ladder, scenario"""
LINES = ["z = W @ x + b", "a = np.tanh(z)", "s = a + x", "loss = (s**2).mean()"]
NETWORK = f"network = ladder(*{LINES!r})"
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
    """Return a function that makes the notebook with the student's two answers."""

    def make(by_inputs: str, by_forward: str) -> bytes:
        def answer(name: str, source: str) -> dict:
            return small.code(source, name, grade=False, solution=True, locked=False)

        def test(name: str) -> dict:
            marks = {"grade": True, "solution": False, "locked": True, "points": 2}
            return small.code(TESTS[name], f"{name}-test", **marks)

        given = {"grade": False, "solution": False, "locked": True}
        setup = small.code(SETUP, "imports", **given)
        setup["metadata"]["tags"] = ["setup"]
        return small.notebook(
            [setup, small.code(NETWORK, "network", **given), answer("inputs", by_inputs),
             test("inputs"), answer("forward", by_forward), test("forward")]
        )  # fmt: skip

    return make


@pytest.mark.parametrize(("right", "wrong", "said"), SLIPS.values(), ids=SLIPS)
def test_a_ladder_is_judged_by_value_as_it_is_in_one_kernel(
    students, hand_in, tmp_path: Path, right: str, wrong: str, said: str | None
) -> None:
    answers = [source.replace(right, wrong) for source in (BY_INPUTS, BY_FORWARD)]
    submission = hand_in(*answers)
    result = students.engine.examine(hand_in(BY_INPUTS, BY_FORWARD), submission)
    (tmp_path / "notebook.ipynb").write_bytes(submission)
    beside = rehearse(read_cells(tmp_path / "notebook.ipynb"))
    assert result.flags == []
    assert [cell.id for cell in result.tests] == list(beside)
    for cell in result.tests:
        assert cell.points == beside[cell.id].points == (2 if said is None else 0)
        if said is not None:
            assert said in cell.error[2]
            assert said in str(beside[cell.id].error)
