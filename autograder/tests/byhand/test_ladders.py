from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from byhand.checks import CheckFailed, check_ladder, ladder
from byhand.checks.ladders import Ladder
from byhand.checks.rungs import judge

RNG = np.random.default_rng(7)
Change = Callable[[list[Any], Any], Any]


class Gradients(dict):
    """Gradients of a student who makes one slip, from which the later ones follow."""

    def __init__(self, slip: str | None, change: Change, values: Any) -> None:
        self.slip, self.change, self.values_of = slip, change, values

    def add(self, name: str, *paths: Any) -> None:
        """Set a gradient to the sum over its paths."""
        wrong = name == self.slip
        self[name] = self.change([*paths], self.values_of[name]) if wrong else sum(paths)


def chain_gradients(v: Any, d: Gradients) -> None:
    d.add("L", 1.0)
    d.add("w", d["L"] / (1 + v.w))
    d.add("u", 2 * v.u * d["w"])
    d.add("q", d["u"])
    d.add("s", v.x * d["q"])
    d.add("c", -d["s"] / v.c**2)
    d.add("b", d["c"])
    d.add("a", -v.b * d["b"])
    d.add("x", v.y * d["a"], v.s * d["q"])
    d.add("y", v.x * d["a"], -d["u"])


def network_gradients(v: Any, d: Gradients) -> None:
    d.add("loss", 1.0)
    d.add("q", np.full(v.q.shape, d["loss"] / v.q.size))
    d.add("r", 2 * v.r * d["q"])
    d.add("p", d["r"])
    d.add("t", -d["r"])
    d.add("m", v.V.T @ d["p"])
    d.add("V", d["p"] @ v.m.T)
    d.add("s", d["m"])
    d.add("a", d["s"])
    d.add("z", (1 - v.a**2) * d["a"])
    d.add("u", d["z"])
    d.add("b", d["m"].sum(axis=1, keepdims=True), d["z"].sum(axis=1, keepdims=True))
    d.add("W", d["u"] @ v.x.T)
    d.add("x", d["s"], v.W.T @ d["u"])


def norm_gradients(v: Any, d: Gradients) -> None:
    d.add("loss", 1.0)
    d.add("e", d["loss"] * np.cos(v.e))
    d.add("h", np.broadcast_to(d["e"], v.h.shape))
    d.add("n", v.g * d["h"])
    d.add("g", (v.n * d["h"]).sum(axis=0))
    d.add("sd", -(v.c / v.sd**2 * d["n"]).sum(axis=1, keepdims=True))
    d.add("var", d["sd"] / (2 * v.sd))
    d.add("c", d["n"] / v.sd, 2 * v.c * d["var"] / v.c.shape[1])
    d.add("mu", -d["c"].sum(axis=1, keepdims=True))
    d.add("x", d["c"], np.repeat(d["mu"], v.x.shape[1], axis=1) / v.x.shape[1])


@dataclass(frozen=True)
class Case:
    """A ladder, inputs for it, and right gradients."""

    steps: Ladder
    inputs: Mapping[str, Any]
    write: Callable[[Any, Gradients], None]

    def gradients(self, slip: str | None = None, change: Change | None = None) -> Callable:
        """Return a student's function that makes one slip."""

        def gradients(**inputs: Any) -> dict[str, Any]:
            v = self.steps(**inputs)
            d = Gradients(slip, change or sum, v)
            self.write(v, d)
            return dict(d)

        return gradients


CASES = {
    "chain": Case(
        ladder("a = x * y", "b = np.exp(-a)", "c = 1 + b", "s = 1 / c", "q = s * x", "u = q - y",
               "w = u**2", "L = np.log(1 + w)"),
        {"x": 0.7, "y": 1.3},
        chain_gradients,
    ),
    "network": Case(
        ladder("u = W @ x", "z = u + b", "a = np.tanh(z)", "s = a + x", "m = s + b", "p = V @ m",
               "r = p - t", "q = r**2", "loss = q.mean()"),
        {"x": RNG.normal(size=(4, 5)), "t": RNG.normal(size=(3, 5)), "W": RNG.normal(size=(4, 4)),
         "V": RNG.normal(size=(3, 4)), "b": RNG.normal(size=(4, 1))},
        network_gradients,
    ),
    "norm": Case(
        ladder("mu = x.mean(axis=1, keepdims=True)", "c = x - mu",
               "var = (c**2).mean(axis=1, keepdims=True)", "sd = np.sqrt(var + 0.1)", "n = c / sd",
               "h = g * n", "e = h.sum()", "loss = np.sin(e)"),
        {"x": RNG.normal(size=(3, 5)), "g": RNG.normal(size=5)},
        norm_gradients,
    ),
}  # fmt: skip

SLIPS: dict[str, Change] = {
    "sign": lambda paths, value: -sum(paths),
    "factor": lambda paths, value: 3 * sum(paths),
    "forgotten path": lambda paths, value: sum(paths[:-1]) + 0 * paths[-1],
    "another value": lambda paths, value: value,
}
RUNGS = [(case, name) for case in CASES for name in CASES[case].steps(**CASES[case].inputs)]


def faults(case: Case, found: Mapping[str, Any]) -> dict[str, str]:
    """Return the verdicts on the gradients that are not right."""
    verdicts = judge(case.steps(**case.inputs), found).items()
    return {name: verdict.state for name, verdict in verdicts if verdict.state != "right"}


def message(case: Case, gradients: Callable, **settings: Any) -> str:
    """Return what a failed check says, on one line."""
    with pytest.raises(CheckFailed) as caught:
        check_ladder(case.steps, gradients, case.inputs, **settings)
    return " ".join(str(caught.value).split())


def after(case: Case, **changes: Any) -> Callable:
    """Return a student's function whose gradients are right, but for those that are replaced."""
    return lambda **inputs: case.gradients()(**inputs) | changes


@pytest.mark.parametrize("name", CASES)
def test_right_gradients_pass(name: str) -> None:
    case = CASES[name]
    check_ladder(case.steps, case.gradients(), case.inputs)
    check_ladder([r.line for r in case.steps.rungs.values()], case.gradients(), case.inputs)


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize(("case", "name"), RUNGS)
def test_a_slip_is_blamed_on_its_own_line_and_not_on_what_follows(
    case: str, name: str, slip: str
) -> None:
    found = CASES[case].gradients(name, SLIPS[slip])(**CASES[case].inputs)
    assert faults(CASES[case], found) == {name: "wrong"}


@pytest.mark.parametrize(("case", "name"), RUNGS)
def test_a_wrong_shape_is_blamed_on_its_own_line(case: str, name: str) -> None:
    found = CASES[case].gradients()(**CASES[case].inputs)
    right = np.asarray(found[name])
    found[name] = right.T if right.ndim == 2 else right[..., None]
    assert faults(CASES[case], found) == {name: "wrong"}


@pytest.mark.parametrize("empty", [np.nan, np.inf, "missing", None, ..., "text", [[1.0], [1, 2]]])
@pytest.mark.parametrize("name", CASES["norm"].steps.rungs)
def test_a_gradient_that_is_no_number_costs_no_other_line(name: str, empty: object) -> None:
    found = CASES["norm"].gradients()(**CASES["norm"].inputs)
    found[name] = found[name] * empty if isinstance(empty, float) else empty
    if empty == "missing":
        del found[name]
    assert faults(CASES["norm"], found).keys() == {name}


def test_what_follows_from_a_gradient_that_cannot_be_computed_with_is_not_judged() -> None:
    nan = CASES["network"].gradients("z", lambda paths, value: np.nan * paths[0])
    text = message(CASES["network"], nan)
    assert 'd["z"] is wrong in 20 of 20 values; not judged yet: d["u"], d["W"], d["x"] and' in text


def test_the_message_names_the_line_its_readers_and_what_the_students_gradients_give() -> None:
    case = CASES["chain"]
    with pytest.raises(CheckFailed) as caught:
        check_ladder(case.steps, case.gradients("a", SLIPS["sign"]), case.inputs, hint="exp")
    assert str(caught.value).split("\n") == [
        'gradients(...): d["a"] is wrong',
        "  where     the line a = x * y, which b = np.exp(-a) reads",
        '  expected  -0.13978236, from your d["b"]',
        "  got       0.13978236",
        "  likely    the sign is flipped",
        "  hint      exp",
    ]


def test_several_faults_are_listed_and_the_one_nearest_the_last_line_is_told() -> None:
    case = CASES["network"]
    right = case.gradients()(**case.inputs)
    changes = {"p": -right["p"], "V": 2 * right["V"], "x": None}
    text = message(case, after(case, **changes))
    # m and V follow from the p that was returned
    assert 'd["p"] is wrong in 15 of 15 values; also wrong: d["m"] and d["V"]; missing: d["x"]' in (
        text
    )
    few = message(case, lambda **inputs: {"loss": 1.0, "q": right["q"]})
    assert 'd["r"] is missing; also missing: d["p"], d["m"], d["s"], d["a"], d["z"] and 6 more' in (
        few
    )
    assert "expected shape (3, 5)" in few


MISTAKES = {
    "a path": ("network", "b", SLIPS["forgotten path"], "the path through z = u + b is missing"),
    "a residual": (
        "network", "x", lambda paths, v: paths[1], "the path through s = a + x is missing"
    ),
    "the local derivative alone": (
        "chain", "s", lambda paths, v: 0.7, 'd["q"] is missing: this is the local derivative alone'
    ),
    "passed on": (
        "network", "z", lambda paths, v: paths[0] / (1 - np.tanh(v) ** 2),
        'd["a"] is passed on as it is, without the local derivative of a = np.tanh(z)',
    ),
    "a size": ("network", "r", lambda paths, v: paths[0] * v.size, "and r.size = 15"),
    "a mean": (
        "network", "q", lambda paths, v: paths[0] * v.size,
        "the division by 15 that belongs to loss = q.mean() is missing",
    ),
    "another mean": (
        "network", "q", lambda paths, v: paths[0] * 3,
        "divided by 5, but loss = q.mean() takes the mean of 15",
    ),
    "a value": ("network", "p", lambda paths, v: v, "it equals p, which is not a gradient"),
    "a sum": (
        "network", "b", lambda paths, v: np.ones((4, 5)) * sum(paths) / 5, "not summed over axis 1"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("case", "name", "change", "said"), MISTAKES.values(), ids=MISTAKES)
def test_the_likely_mistake_is_named(case: str, name: str, change: Change, said: str) -> None:
    assert f"likely {said}" in message(CASES[case], CASES[case].gradients(name, change)) or (
        said in message(CASES[case], CASES[case].gradients(name, change)).partition("likely")[2]
    )


def test_a_mistake_that_has_two_explanations_is_not_named() -> None:
    twins = Case(
        ladder("z = 3 * x", "a = z + x**2", "b = z + np.sin(x)", "y = a + b"),
        {"x": np.float64(0.4)},
        lambda v, d: [
            d.add("y", 1.0), d.add("a", d["y"]), d.add("b", d["y"]), d.add("z", d["a"], d["b"]),
            d.add("x", 3 * d["z"], 0.8 * d["a"], np.cos(0.4) * d["b"]),
        ],
    )  # fmt: skip
    check_ladder(twins.steps, twins.gradients(), twins.inputs)
    text = message(twins, twins.gradients("z", SLIPS["forgotten path"]))
    assert "path" not in text  # which of the two, nobody can tell
    text = message(twins, twins.gradients("x", SLIPS["forgotten path"]))
    assert "likely the path through b = z + np.sin(x) is missing" in text


def test_a_gradient_that_equals_another_one_is_told_but_not_where_it_may_be_by_chance() -> None:
    case = CASES["chain"]
    right = case.gradients()(**case.inputs)
    assert 'likely it equals your d["w"]' in message(case, after(case, y=right["w"]))
    assert "likely" not in message(case, after(case, y=1.0))


def test_names_that_do_not_exist_are_told() -> None:
    case = CASES["chain"]
    right = case.gradients()
    text = message(
        case, lambda **inputs: {{"w": "W"}.get(k, k): v for k, v in right(**inputs).items()}
    )
    assert "has a key that is neither a line nor an input" in text
    assert "got the key 'W'" in text
    assert "likely" not in message(case, after(case, extra=1.0))
    assert "got None likely the function has no return" in message(case, lambda **inputs: None)
    assert "has the wrong form" in message(case, lambda **inputs: [1.0])


def test_inputs_that_the_function_changes_are_told_first_and_stay_as_they_were() -> None:
    inputs = {"x": np.array([1.0, 2.0, 3.0])}

    def gradients(x: np.ndarray) -> dict[str, Any]:
        x *= 2
        return {}

    with pytest.raises(CheckFailed, match="changed its argument x in place"):
        check_ladder(["y = (x**2).sum()"], gradients, inputs)
    assert inputs["x"].tolist() == [1.0, 2.0, 3.0]


def test_arrays_of_integers_are_constants() -> None:
    steps = ladder(
        "picked = x[np.arange(3), k]", "mask = x > 0", "y = (picked**2).sum() + (x * mask).sum()"
    )
    inputs = {"x": RNG.normal(size=(3, 4)), "k": np.array([2, 0, 1])}

    def gradients(x: np.ndarray, k: np.ndarray) -> dict[str, Any]:
        d = {"y": 1.0, "picked": 2 * x[np.arange(3), k], "x": (x > 0) * 1.0}
        d["x"][np.arange(3), k] += d["picked"]
        return d

    check_ladder(steps, gradients, inputs)
    with pytest.raises(CheckFailed, match="the key 'k'"):
        check_ladder(steps, lambda **given: gradients(**given) | {"k": np.zeros(3)}, inputs)


def test_a_line_without_a_slope_here_never_passes() -> None:
    steps = ["a = np.maximum(x, 0)", "y = a.sum()"]
    inputs = {"x": np.array([-1.0, 0.0, 2.0])}
    with pytest.raises(CheckFailed, match=r'd\["x"\] can\'t be measured here') as caught:
        check_ladder(
            steps, lambda x: {"y": 1.0, "a": np.ones(3), "x": np.array([0.0, 0.0, 1.0])}, inputs
        )
    assert "kink" in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["z = x", "z = 2 * z"], "line 2 assigns z again, after line 1"),
        (["z = a + x", "a = x"], "line 1 reads a before it has a value: line 2 assigns it"),
        (["z = z + x"], "line 1 reads z before it has a value"),
        (["x + 1"], "line 1, 'x + 1', must assign one name, as in 'z = W @ x + b'"),
        (["z += 1"], "must assign one name"),
        (["a, b = x"], "must assign one name"),
        (["a = b = x"], "must assign one name"),
        (["z = x +"], "line 1, 'z = x +', is not Python: invalid syntax"),
        (["z = x", "y = x"], "no later line reads z, so 'z = x' is of no use"),
        (["np = x"], "line 1 can't assign np"),
        ([["z = x"]], "line 1 must be text, got list"),
        ([], "a ladder needs at least one line"),
    ],
)
def test_a_malformed_ladder_is_told_in_one_line(lines: list, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        ladder(*lines)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "inputs", "said"),
    [
        ("z = x + w", {"x": 1.0}, "reads w, which is neither an input nor an earlier line"),
        ("z = exp(x)", {"x": 1.0}, "did you mean np.exp?"),
        ("z = x", {"x": 1.0, "w": 1.0}, "no line reads w; the inputs are x"),
        ("z = x**2", {"x": np.ones(3)}, "must compute a single number, got shape (3,) of float64"),
        ("z = x @ x", {"x": np.ones((2, 3))}, "'z = x @ x' can't be computed: matmul"),
        ("z = np.sign(k)", {"k": np.arange(3)}, "got shape (3,) of int64"),
        ("z = x", {"x": "one"}, "the input x must be a number or an array, got str"),
        ("z = (x, x)", {"x": [[1.0], [1.0, 2.0]]}, "must be a number or an array, got list"),
    ],
)
def test_inputs_that_do_not_fit_are_told_in_one_line(line: str, inputs: dict, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        ladder(line)(**inputs)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_values_of_a_forward_pass_are_read_by_name_and_can_not_be_changed() -> None:
    W = np.ones((2, 3))
    steps = ladder("z = W @ x", "loss = (z**2).sum()")
    v = steps(W=W, x=np.array([1, 0, 2.0]))
    assert v.z.tolist() == v["z"].tolist() == [3.0, 3.0]
    assert list(v) == ["W", "x", "z", "loss"]
    with pytest.raises(AttributeError, match="can't be changed"):
        v.z = 1.0
    with pytest.raises(ValueError, match="read-only"):
        v.W[0] = 5.0
    with pytest.raises(AttributeError, match="the ladder has no y; it has W, x, z, loss"):
        _ = v.y
    W[0] = 7.0
    assert v.W.tolist() == [[1.0] * 3] * 2
    assert repr(steps).split("\n")[0] == "ladder with the inputs W, x:"
    assert repr(v).split("\n") == [
        "W     (2, 3)",
        "x     (3,)",
        "z     (2,)    z = W @ x",
        "loss  18.0    loss = (z**2).sum()",
    ]


def test_a_wrong_gradient_beside_a_boolean_constant_is_blamed_on_its_line() -> None:
    steps = ladder("a = keep * x", "y = (a**2).sum()")
    x, keep = np.array([0.5, -1.25, 2.0]), np.array([True, False, True])

    def gradients(x, keep):
        return {"y": 1.0, "a": keep * x, "x": keep * x}

    with pytest.raises(CheckFailed, match=r'd\["a"\] is wrong'):
        check_ladder(steps, gradients, {"x": x, "keep": keep})
