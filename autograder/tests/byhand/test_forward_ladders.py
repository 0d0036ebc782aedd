from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from byhand.checks import CheckFailed, check_ladder, ladder
from byhand.checks.rungs import judge

Change = Callable[[list[Any], Any], Any]

STEPS = {
    "chain": ladder(
        "a = x**2", "b = np.exp(-a)", "p = x * b", "q = 1 + a", "r = p / q", "s = r**2",
        "u = s + b", "y = np.log(u)",
    ),
    "table": ladder(
        "z = W[k] * t", "a = np.tanh(z)", "n = 2.5", "m = a.mean(axis=0)", "y = n * m @ m + t"
    ),
}  # fmt: skip
INPUTS: dict[str, dict[str, Any]] = {
    "chain": {"x": 0.8},
    "table": {"t": 0.7, "W": np.array([[1, -2, 3], [2, 1, 1]]), "k": np.array([1, 0, 1])},
}


def chain_slopes(v: Any, add: Callable[..., Any]) -> None:
    x = add("x", 1.0)
    a = add("a", 2 * v.x * x)
    b = add("b", -v.b * a)
    p = add("p", v.b * x, v.x * b)
    q = add("q", a)
    r = add("r", p / v.q, -v.p * q / v.q**2)
    s = add("s", 2 * v.r * r)
    add("y", add("u", s, b) / v.u)


def table_slopes(v: Any, add: Callable[..., Any]) -> None:
    t = add("t", 1.0)
    a = add("a", (1 - v.a**2) * add("z", v.W[v.k] * t))
    add("n", 0.0)
    m = add("m", a.mean(axis=0))
    add("y", 2 * v.n * v.m @ m, t)


WRITE = {"chain": chain_slopes, "table": table_slopes}
SLIPS: dict[str, Change] = {
    "sign": lambda paths, value: -sum(paths),
    "factor": lambda paths, value: 3 * sum(paths),
    "forgotten path": lambda paths, value: sum(paths[:-1]) + 0 * paths[-1],
    "another value": lambda paths, value: value,
    "a wrong shape": lambda paths, value: np.asarray(sum(paths))[..., None],
}
RUNGS = [("chain", name) for name in "xabpqrsuy"] + [("table", name) for name in "tzamy"]


def student(
    case: str, slip: str | None = None, change: Change | None = None, **replaced: Any
) -> Callable[..., dict[str, Any]]:
    """Return a student's function: one slip, which later slopes follow; some replaced."""

    def slopes(**inputs: Any) -> dict[str, Any]:
        v, d = STEPS[case](**inputs), {}

        def add(name: str, *paths: Any) -> Any:
            wrong = name == slip and change is not None
            d[name] = change([*paths], v[name]) if wrong else sum(paths)
            found = np.asarray(d[name])
            return found.reshape(np.shape(v[name]))  # a wrong shape is not passed on

        WRITE[case](v, add)
        return d | replaced

    return slopes


def faults(case: str, slopes: Callable[..., dict[str, Any]]) -> dict[str, str]:
    """Return the verdicts on the slopes that are not right."""
    verdicts = judge(STEPS[case](**INPUTS[case]), slopes(**INPUTS[case]), forward=True)
    return {name: verdict.state for name, verdict in verdicts.items() if verdict.state != "right"}


def message(case: str, slopes: Callable[..., Any], **settings: Any) -> str:
    """Return what a failed check says, on one line."""
    with pytest.raises(CheckFailed) as caught:
        check_ladder(STEPS[case], slopes, INPUTS[case], forward=True, **settings)
    return " ".join(str(caught.value).split())


@pytest.mark.parametrize("case", WRITE)
def test_right_slopes_pass(case: str) -> None:
    check_ladder(STEPS[case], student(case), INPUTS[case], forward=True)


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize(("case", "name"), RUNGS)
def test_a_slip_is_blamed_on_its_own_line_and_not_on_what_follows(
    case: str, name: str, slip: str
) -> None:
    assert faults(case, student(case, name, SLIPS[slip])) == {name: "wrong"}


@pytest.mark.parametrize("empty", [np.nan, np.inf, None, ..., "text", [[1.0], [1, 2]]])
@pytest.mark.parametrize("name", "xabpqrsuy")
def test_a_slope_that_is_no_number_costs_no_other_line(name: str, empty: object) -> None:
    assert faults("chain", student("chain", **{name: empty})).keys() == {name}


def test_a_slope_that_is_left_out_is_missing_and_costs_no_other_line() -> None:
    def slopes(**inputs: Any) -> dict[str, Any]:
        return {k: slope for k, slope in student("chain")(**inputs).items() if k != "b"}

    assert faults("chain", slopes) == {"b": "missing"}
    assert message("chain", slopes) == (
        'slopes(...): d["b"] is missing where the line b = np.exp(-a), which reads a '
        "expected a single number, shape ()"
    )


def test_what_follows_from_a_slope_that_cannot_be_computed_with_is_not_judged() -> None:
    text = message("chain", student("chain", "s", lambda paths, value: np.nan))
    assert 'd["s"] is wrong; not judged yet: d["u"] and d["y"]' in text
    assert faults("chain", student("chain", "s", lambda paths, value: np.nan)) == {
        "s": "wrong",
        "u": "unjudged",
        "y": "unjudged",
    }


def test_the_message_names_the_line_what_it_reads_and_what_the_students_slopes_give() -> None:
    with pytest.raises(CheckFailed) as caught:
        check_ladder(
            STEPS["chain"],
            student("chain", "r", SLIPS["sign"]),
            INPUTS["chain"],
            forward=True,
            hint="quotient",
        )
    assert str(caught.value).split("\n") == [
        'slopes(...): d["r"] is wrong',
        "  where     the line r = p / q, which reads p and q",
        '  expected  -0.3409678, from your d["p"] and d["q"]',
        "  got       0.3409678",
        "  likely    the sign is flipped",
        "  hint      quotient",
    ]


def test_several_faults_are_listed_and_the_one_found_first_is_told() -> None:
    text = message("chain", student("chain", b=5.0, s=-7.0, y=None))
    # the p and the u that were returned don't follow from the b and the s that replace others
    assert 'd["b"] is wrong; also wrong: d["p"], d["s"] and d["u"]; missing: d["y"]' in text


MISTAKES = {
    "a product": ("p", lambda paths, v: paths[0], "the path through b = np.exp(-a) is missing"),
    "a product's direct part": (
        "p", lambda paths, v: paths[1], "the direct path from x is missing"
    ),
    "a quotient": (
        "r", lambda paths, v: paths[0] - paths[1], "the path through q = 1 + a has the wrong sign"
    ),
    "half the chain": (
        "r", lambda paths, v: paths[0] - 0.8 * np.exp(-0.64) / 1.64**2,
        'd["q"] is missing in the path through q = 1 + a',
    ),
    "the local derivative alone": (
        "b", lambda paths, v: -v, 'd["a"] is missing: this is the local derivative alone'
    ),
    "passed on": (
        "y", lambda paths, v: paths[0] * np.exp(v),
        'd["u"] is passed on as it is, without the local derivative of y = np.log(u)',
    ),
    "a value": ("s", lambda paths, v: v, "it equals s, which is not a slope"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "change", "said"), MISTAKES.values(), ids=MISTAKES)
def test_the_likely_mistake_is_named(name: str, change: Change, said: str) -> None:
    assert f"likely {said}" in message("chain", student("chain", name, change))


def test_names_and_forms_that_do_not_fit_are_told() -> None:
    text = message("chain", lambda **inputs: {"Y": 1.0})
    assert "has a key that is neither a line nor an input" in text
    assert "got the key 'Y'" in text
    assert "got None likely the function has no return" in message("chain", lambda **inputs: None)
    assert "has the wrong form" in message("chain", lambda **inputs: [1.0])


@pytest.mark.parametrize(
    ("lines", "inputs", "said"),
    [
        (["z = x * w"], {"x": 1.0, "w": 2.0}, "the ladder has x of shape () and w of shape ()"),
        (["z = (x**2).sum()"], {"x": np.ones(3)}, "the ladder has x of shape (3,)"),
        (["z = k.sum() * 1.5"], {"k": np.arange(3)}, "the ladder has none"),
    ],
)
def test_only_one_input_that_is_a_number_has_forward_slopes(
    lines: list[str], inputs: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError) as caught:
        check_ladder(lines, dict, inputs, forward=True)
    assert str(caught.value).startswith("forward slopes are with respect to one input, a single")
    assert str(caught.value).endswith(said)


def test_a_line_without_a_slope_here_never_passes() -> None:
    with pytest.raises(CheckFailed, match=r'd\["a"\] can\'t be measured here') as caught:
        check_ladder(
            ["a = np.abs(x)", "y = a**2"], lambda x: {"x": 1.0, "a": 0.0, "y": 0.0}, {"x": 0.0},
            forward=True,
        )  # fmt: skip
    assert "the line has a kink" in str(caught.value)
