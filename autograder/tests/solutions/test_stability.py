"""Chapter 6's solutions against SciPy, mpmath and NumPy, where numbers are extreme."""

from __future__ import annotations

import warnings

import mpmath
import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tests.tools.rehearsal import namespace_of

from autograder.course.answers import read_answers
from autograder.course.notebooks import read_cells
from autograder.layout import Layout

LAYOUT = Layout.here()
SOLUTIONS = namespace_of(read_cells(LAYOUT.source("6_stability")))
EXTREME = [-1e5, -1000.0, -745.2, -710.0, -40.0, -1e-3, 0.0, 1e-9, 2.5, 40.0, 709.8, 1000.0, 1e5]
SHAPES = arrays.array_shapes(min_dims=1, max_dims=3, max_side=5)
NUMBERS = st.floats(-1e4, 1e4) | st.sampled_from([-np.inf, *EXTREME])


def near(ours: object, theirs: object, rtol: float = 1e-13, atol: float = 0.0) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)


@given(arrays.arrays(np.float64, SHAPES, elements=NUMBERS), st.data())
@settings(max_examples=200)
def test_sums_of_exponentials_agree_with_scipy(x: np.ndarray, data: st.DataObject) -> None:
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    keep = data.draw(st.booleans())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = SOLUTIONS["logsumexp"](x, axis=axis, keepdims=keep)
    near(ours, scipy.special.logsumexp(x, axis=axis, keepdims=keep), rtol=1e-13, atol=1e-13)
    impossible = np.isneginf(x).all(axis=axis, keepdims=True)
    with np.errstate(invalid="ignore"):
        probabilities = SOLUTIONS["softmax_stable"](x, axis=axis)
        logs = SOLUTIONS["log_softmax"](x, axis=axis)
    assert np.isnan(probabilities[np.broadcast_to(impossible, x.shape)]).all()
    possible = ~np.broadcast_to(impossible, x.shape)
    with np.errstate(invalid="ignore"):
        near(probabilities[possible], scipy.special.softmax(x, axis=axis)[possible], atol=1e-15)
        theirs = scipy.special.log_softmax(x, axis=axis)
    near(logs[possible], theirs[possible], rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize(
    "row", [[np.inf, 0.0], [np.inf, -np.inf], [np.inf, np.inf], [np.nan, 1.0], [-np.inf, -np.inf]]
)
def test_sums_of_exponentials_agree_with_scipy_on_infinities_and_nan(row: list[float]) -> None:
    near(SOLUTIONS["logsumexp"](np.array(row)), scipy.special.logsumexp(row))


def test_sums_of_exponentials_agree_with_fifty_digits() -> None:
    rng = np.random.default_rng(0)
    for scale in (1.0, 100.0, 1e4):
        x = rng.standard_normal(8) * scale
        with mpmath.workdps(50):
            exact = mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(v)) for v in x))
            shares = [float(mpmath.mpf(v) - exact) for v in x]
        near(SOLUTIONS["logsumexp"](x), float(exact), rtol=1e-14)
        near(SOLUTIONS["log_softmax"](x), shares, rtol=1e-13, atol=1e-15 * scale)


def test_logs_of_sigmoids_agree_with_fifty_digits() -> None:
    for z in (z for z in EXTREME if abs(z) <= 1000):
        with mpmath.workdps(50 + int(abs(z) / 2.3)):  # 1 + exp(-z) keeps exp(-z)
            exact = float(-mpmath.log(1 + mpmath.exp(-mpmath.mpf(z))))
            share = float(1 / (1 + mpmath.exp(-mpmath.mpf(z))))
            losses = {
                t: float(
                    t * mpmath.log(1 + mpmath.exp(-mpmath.mpf(z)))
                    + (1 - mpmath.mpf(t)) * mpmath.log(1 + mpmath.exp(mpmath.mpf(z)))
                )
                for t in (0.0, 0.25, 1.0)
            }
        near(SOLUTIONS["log_sigmoid"](z), exact, rtol=4e-15)
        near(SOLUTIONS["log_sigmoid"](z), scipy.special.log_expit(z))
        near(SOLUTIONS["gate"](z), share, rtol=1e-12)
        for t, loss in losses.items():
            ours = SOLUTIONS["binary_cross_entropy_with_logits"](np.array([z]), np.array([t]))
            near(ours, loss, rtol=1e-14)


def test_losses_agree_with_scipy_at_extreme_logits() -> None:
    rng = np.random.default_rng(1)
    logits = rng.choice(EXTREME, size=(40, 5))
    targets = rng.dirichlet(np.ones(5), 40)
    log_p = scipy.special.log_softmax(logits, axis=1)
    near(SOLUTIONS["cross_entropy_stable"](logits, targets), -np.sum(targets * log_p) / 40)
    near(
        SOLUTIONS["cross_entropy_gradient"](logits, targets),
        (scipy.special.softmax(logits, axis=1) - targets) / 40,
        atol=1e-16,
    )
    near(SOLUTIONS["example_loss"](logits[0], 3), -log_p[0, 3], rtol=1e-12, atol=1e-11)


def test_a_variance_far_from_zero_agrees_with_fifty_digits() -> None:
    x = 1e8 + np.random.default_rng(2).standard_normal(500)
    with mpmath.workdps(50):
        numbers = [mpmath.mpf(v) for v in x]
        mean = mpmath.fsum(numbers) / len(numbers)
        exact = float(mpmath.fsum((v - mean) ** 2 for v in numbers) / len(numbers))
    near(SOLUTIONS["variance"](x), exact, rtol=1e-12)


def test_a_complex_step_agrees_with_mpmath_where_a_difference_does_not() -> None:
    def curve(x: np.ndarray) -> np.ndarray:
        return np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3)

    with mpmath.workdps(50):
        exact = float(
            mpmath.diff(lambda x: mpmath.exp(x) / (mpmath.sin(x) ** 3 + mpmath.cos(x) ** 3), 1.5)
        )
    near(SOLUTIONS["complex_step"](curve, 1.5), exact, rtol=1e-14)
    difference = (curve(1.5 + 1e-5) - curve(1.5 - 1e-5)) / 2e-5
    assert abs(difference - exact) > 1e-12 * abs(exact)


def test_the_gradient_check_tells_right_from_wrong_over_many_scales() -> None:
    rng = np.random.default_rng(3)
    for unit in (1e-200, 1e-15, 1.0, 1e15):
        for _ in range(10):
            x, w = rng.standard_normal(6), rng.standard_normal(6)
            right = unit * w * np.cos(x)
            check = SOLUTIONS["gradient_check"]

            def f(x: np.ndarray, unit: float = unit, w: np.ndarray = w) -> float:
                return unit * np.sum(w * np.sin(x))

            assert check(f, x, right)[0] < 1e-6
            for k in range(6):
                flipped = right.copy()
                flipped[k] = -flipped[k]
                assert check(f, x, flipped)[0] > 1.9


TRAPS = [
    "integer x",
    "float32",
    "1e-8 in the denominator",
    "norm hides one flipped",
    "step of 1e-7",
    "W alone, with a batch of 1",
    "always keeps the axis",
    "argument it does not have",
    "caps the loss at 23.03",
    "sigmoid overflows",
    "softmax_unstable",
]


@pytest.mark.parametrize("fault", TRAPS)
def test_every_known_trap_is_among_the_wrong_answers(fault: str) -> None:
    answers = read_answers(LAYOUT.root / "autograder" / "tests" / "answers" / "6_stability.py")
    named = [a for a in answers if a.name.startswith("trap: ") and fault in a.name]
    assert named
    assert {answer.verdict for answer in named} == {"wrong"}
