from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.diagnosis import NEARLY_RIGHT, RULES, Evidence, diagnose

RNG = np.random.default_rng(7)
GRADIENT = RNG.standard_normal((3, 4))
POINTS = np.array([-2.0, 0.0, 3.0])


def said(expected: object, actual: object, **context: object) -> str:
    return diagnose(expected, actual, **context) or ""


def test_a_flipped_sign_is_named() -> None:
    assert "sign is flipped" in said(GRADIENT, -GRADIENT)


def test_a_batch_divided_twice_is_named_with_its_size() -> None:
    message = said(GRADIENT, GRADIENT / 7, batch=7)
    assert "1/7" in message and "divided by the batch (B = 7) once too often" in message


def test_a_missing_division_by_the_batch_is_named() -> None:
    assert "is the division by the batch (B = 7) missing?" in said(GRADIENT, GRADIENT * 7, batch=7)


def test_a_wrong_divisor_is_named() -> None:
    assert "did you divide by n_out = 5?" in said(GRADIENT, GRADIENT / 5, sizes={"n_out": 5})


def test_a_missing_factor_of_two_is_named() -> None:
    assert "a factor 2 is missing" in said(GRADIENT, GRADIENT / 2)
    assert "a factor 1/2 is missing" in said(GRADIENT, GRADIENT * 2)


def test_any_other_common_factor_is_given_as_a_number() -> None:
    assert "the same factor, 0.3" in said(GRADIENT, GRADIENT * 0.3)


def test_a_common_factor_with_a_minus_says_so() -> None:
    assert "minus 1/7" in said(GRADIENT, -GRADIENT / 7, batch=7)


def test_a_transposed_result_is_named_whether_the_shape_shows_it_or_not() -> None:
    square = RNG.standard_normal((4, 4))
    assert said(GRADIENT, GRADIENT.T) == "the result is transposed"
    assert said(square, square.T) == "the result is transposed"


def test_swapped_axes_are_named_with_the_permutation_that_fixes_them() -> None:
    kernel = RNG.standard_normal((2, 3, 4, 5))
    assert "transpose(1, 0, 2, 3)" in said(kernel, kernel.swapaxes(0, 1))
    same = RNG.standard_normal((3, 3, 2))
    assert "transpose(1, 0, 2)" in said(same, same.swapaxes(0, 1))


def test_a_gradient_that_is_not_summed_over_the_batch_is_named() -> None:
    each = RNG.standard_normal((4, 7))
    assert "not summed over the batch" in said(each.sum(1, keepdims=True), each, batch=7)
    assert "not summed over axis 0" in said(each.sum(0), each)


def test_right_values_in_a_wrong_shape_are_told_apart_from_wrong_values() -> None:
    assert "but their shape is wrong" in said(np.arange(6.0), np.arange(6.0).reshape(6, 1))


def test_a_missing_inner_derivative_is_named() -> None:
    x = np.array([0.5, 1.0, 2.0])
    factors = {"the inner derivative 2x": 2 * x}
    assert said(2 * x * np.exp(x**2), np.exp(x**2), factors=factors) == (
        "a factor is missing: the inner derivative 2x"
    )
    assert "one factor too many" in said(np.exp(x**2), 2 * x * np.exp(x**2), factors=factors)


def test_an_averaged_kink_is_named() -> None:
    assert "the average of the slopes on both sides" in said([0, 0, 1.0], [0, 0.5, 1.0], x=POINTS)


def test_another_value_at_the_kink_is_named() -> None:
    assert said([0, 0, 1.0], [0, 1.0, 1.0], x=POINTS) == (
        "correct except at x = 0: you return 1 at the kink, where this course takes the slope 0"
    )


def test_integers_that_cut_off_the_result_are_named() -> None:
    assert "integer dtype" in said([1.5, 2.25], np.array([1, 2]))


def test_a_measured_result_that_was_cut_off_is_named() -> None:
    assert "cut off" in str(diagnose([0.5, -1.0], np.array([0, 0])))


def test_float32_on_the_way_is_named() -> None:
    assert "float32" in said(GRADIENT, GRADIENT.astype(np.float32).astype(np.float64))


def test_lost_digits_are_named_with_their_size() -> None:
    noisy = GRADIENT * (1 + 1e-9 * RNG.standard_normal(GRADIENT.shape))
    assert "digits were lost" in said(GRADIENT, noisy)


def test_nan_and_overflow_are_named() -> None:
    assert "NaN" in said([1.0, 0.5], [np.nan, 0.5])
    assert "an overflow" in said([1.0, 0.5], [np.inf, 0.5])


def test_an_almost_right_result_is_not_called_reversed_or_reciprocal() -> None:
    small = np.array([1e-9, 1.0, 1e-9])
    assert "reverse" not in said(small, small + [1e-10, 0, 0])


def test_zeros_are_named() -> None:
    assert "all zeros" in said(GRADIENT, np.zeros_like(GRADIENT))


def test_one_wrong_side_is_named() -> None:
    assert said([0.1, 1.0, 1.0], [7.0, 1.0, 1.0], x=[-1.0, 1.0, 2.0]) == (
        "correct for positive x, wrong for every negative x"
    )


def test_a_foreseen_mistake_comes_before_a_general_one() -> None:
    mistakes = {"the exponent does not drop": 2 * GRADIENT}
    assert said(GRADIENT, 2 * GRADIENT, mistakes=mistakes) == "the exponent does not drop"


def test_a_foreseen_mistake_may_be_identified_by_its_nan_or_infinity() -> None:
    mistakes = {"0 / 0 counts as 0": np.inf}
    assert said(0.0, np.inf, mistakes=mistakes) == "0 / 0 counts as 0"
    assert "overflow" in said(0.0, -np.inf, mistakes=mistakes)
    mistakes = {"the row of -inf is left out": [np.nan, 2.0]}
    assert said([1.0, 3.0], [np.nan, 2.0], mistakes=mistakes) == "the row of -inf is left out"
    assert "NaN" in said([1.0, 3.0], [np.nan, 2.5], mistakes=mistakes)


def test_a_foreseen_mistake_is_named_even_where_it_is_almost_right() -> None:
    seen = {"look both ways": [12.000002, 21.000006]}
    assert diagnose([12.0, 21.0], [12.0000020001, 21.0000059999], mistakes=seen) == "look both ways"
    assert "close" in str(diagnose([12.0, 21.0], [12.00001, 21.0], mistakes=seen))


@pytest.mark.parametrize("actual", [None, "text", [[1], [1, 2]], object(), np.array(["a"])])
def test_anything_but_an_array_of_numbers_gets_no_diagnosis(actual: object) -> None:
    assert diagnose([1.0, 2.0], actual) is None


def test_an_unrelated_result_gets_no_diagnosis() -> None:
    assert diagnose(GRADIENT, RNG.standard_normal(GRADIENT.shape)) is None


def test_a_single_wrong_number_is_not_explained_by_an_arbitrary_factor() -> None:
    assert diagnose(3.0, 4.1) is None


def test_every_rule_is_silent_about_a_right_result() -> None:
    assert diagnose(GRADIENT, GRADIENT.copy(), x=GRADIENT, batch=4) is None


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=0, max_size=6),
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=0, max_size=6),
)
def test_no_pair_of_arrays_makes_a_rule_fail(a: list[float], b: list[float]) -> None:
    answer = diagnose(a, b, x=np.zeros(len(a)), batch=len(b))
    assert answer is None or isinstance(answer, str)


SQUARE = RNG.standard_normal((3, 3))
CUBE = RNG.standard_normal((3, 3, 2))
X = np.array([0.5, 1.0, 2.0])
HUGE = np.array([0.0, 0.0, 1e13])  # beside it, a wrong 1 is a near miss
COURSE = "where this course takes the slope 0"
INNER = {"the inner derivative 2x": 2 * X}

# What each rule says of an expected and an actual result that no other rule of its list explains.
CASES = {
    "known_mistake": [
        ("twice the square", [4.0], [7.0], {"mistakes": {"twice the square": [7.0]}})
    ],
    "not_finite": [
        (
            "NaN comes from 0 / 0, or from inf - inf, inf / inf or 0 * inf after an overflow or a "
            "division by 0",
            [1.0, 0.5],
            [np.nan, 0.5],
            {},
        ),
        (
            "an overflow: an intermediate value is too large for a float, such as exp(710)",
            [1.0, 0.5],
            [np.inf, 0.5],
            {},
        ),
    ],
    "wrong_shape": [
        ("the result is transposed", GRADIENT, GRADIENT.T, {}),
        ("the values are right, but their shape is wrong", X, X[:, None], {}),
        (
            "not summed over the batch: your result has one entry for each example",
            GRADIENT.sum(axis=1),
            GRADIENT,
            {"batch": 4},
        ),
        (
            "not summed over axis 0: your result still has an entry for each index",
            GRADIENT.sum(axis=0),
            GRADIENT,
            {},
        ),
        ("expected a single number, got an array: a sum or a mean is missing", 2.0, 7 * X, {}),
        ("expected an array, got a single number: did you sum over too many axes?", X, 7.0, {}),
        ("the shape is that of the transpose", GRADIENT, np.ones((4, 3)), {}),
    ],
    "all_zero": [
        ("all zeros: is the result ever stored in the array that you return?", X, 0 * X, {}),
        (
            "all zeros, and integers: fractions are cut off when stored in an array of integers",
            2 + X,
            np.zeros(3, dtype=int),
            {},
        ),
    ],
    "truncated_to_integers": [
        (
            "the fractions are cut off: the array that holds the result has an integer dtype",
            [1.5, 2.25],
            [1, 2],
            {},
        )
    ],
    "sign_flipped": [("the sign is flipped", 3.0, -3.0, {})],
    "missing_factor": [
        (
            "a factor is missing: the inner derivative 2x",
            2 * X * np.exp(X),
            np.exp(X),
            {"factors": INNER},
        ),
        (
            "one factor too many: the inner derivative 2x",
            np.exp(X),
            2 * X * np.exp(X),
            {"factors": INNER},
        ),
    ],
    "constant_factor": [
        (
            "everything is 1/7 of what it should be: divided by the batch (B = 7) once too often?",
            GRADIENT,
            GRADIENT / 7,
            {"batch": 7},
        ),
        (
            "everything is minus 7 times what it should be: is the division by the batch (B = 7) "
            "missing?",
            GRADIENT,
            -7 * GRADIENT,
            {"batch": 7},
        ),
        (
            "everything is 1/5 of what it should be: did you divide by n_out = 5?",
            GRADIENT,
            GRADIENT / 5,
            {"sizes": {"n_out": 5}},
        ),
        (
            "everything is 5 times what it should be, and n_out = 5",
            GRADIENT,
            GRADIENT * 5,
            {"sizes": {"n_out": 5}},
        ),
        (
            "everything is twice what it should be: a factor 1/2 is missing",
            GRADIENT,
            GRADIENT * 2,
            {},
        ),
        ("everything is half of what it should be: a factor 2 is missing", 3.0, 1.5, {}),
        ("everything is off by the same factor, minus 0.3", GRADIENT, GRADIENT * -0.3, {}),
    ],
    "transposed": [
        ("the result is transposed", SQUARE, SQUARE.T, {}),
        (
            "the axes are in the wrong order: your result is right after transpose(1, 0, 2)",
            CUBE,
            CUBE.swapaxes(0, 1),
            {},
        ),
    ],
    "reordered": [("the right numbers in reverse order", GRADIENT[0], GRADIENT[0, ::-1], {})],
    "at_the_kink": [
        (
            f"correct except at x = 0: you return 1 at the kink, {COURSE}",
            [0.0, 0.0, 1.0],
            [0.0, 1.0, 1.0],
            {"x": POINTS},
        ),
        (
            "correct except at x = 0: you return 0.5 at the kink, the average of the slopes on "
            f"both sides, {COURSE}",
            [0.0, 0.0, 1.0],
            [0.0, 0.5, 1.0],
            {"x": POINTS},
        ),
    ],
    "complement": [
        ("you return 1 minus the right result", GRADIENT, 1 - GRADIENT, {}),
        ("you return the reciprocal of the right result", GRADIENT, 1 / GRADIENT, {}),
    ],
    "other_branch": [
        (
            "correct for positive x, wrong for every negative x",
            [0.1, 1.0, 1.0],
            [7.0, 1.0, 1.0],
            {"x": [-1.0, 1.0, 2.0]},
        ),
        (
            "correct for negative x, wrong for every positive x",
            [0.1, 1.0, 1.0],
            [0.1, 7.0, 7.0],
            {"x": [-1.0, 1.0, 2.0]},
        ),
    ],
    "lost_precision": [
        (
            "close, but off by 5e-05 of the largest entry: digits were lost to cancellation, or a "
            "value was approximated or cut off",
            X,
            X + [0.0, 1e-4, 0.0],
            {},
        )
    ],
}
NEAR_CASES = {
    "close_mistake": [
        ("a step too far", [1.0], [1 + 4e-13], {"mistakes": {"a step too far": [1 + 4e-13]}})
    ],
    "truncated_to_integers": [
        (
            "the fractions are cut off: the array that holds the result has an integer dtype",
            [1e13 + 0.5, 2.0],
            [10**13, 2],
            {},
        )
    ],
    "at_the_kink": [
        (
            f"correct except at x = 0: you return 1 at the kink, {COURSE}",
            HUGE,
            HUGE + [0.0, 1.0, 0.0],
            {"x": POINTS},
        )
    ],
    "lost_precision": [
        (
            "the values went through float32: compute in float64",
            GRADIENT,
            GRADIENT.astype(np.float32),
            {},
        ),
        (
            "close, but off by 1e-09 of the largest entry: digits were lost to cancellation, or a "
            "value was approximated or cut off",
            X,
            X + [0.0, 2e-9, 0.0],
            {},
        ),
    ],
}


@pytest.mark.parametrize(
    ("rule", "rules", "cases"),
    [
        pytest.param(rule, rules, cases, id=f"{name}-{rule.__name__}")
        for name, rules, cases in [
            ("general", RULES, CASES),
            ("nearly-right", NEARLY_RIGHT, NEAR_CASES),
        ]
        for rule in rules
    ],
)
def test_each_rule_has_cases_that_it_alone_explains(
    rule: Callable, rules: list, cases: dict
) -> None:
    assert rule.__name__ in cases, f"add a case of {rule.__name__} that no other rule explains"
    for sentence, expected, actual, context in cases[rule.__name__]:
        assert diagnose(expected, actual, **context) == sentence
        evidence = Evidence(np.asarray(expected), np.asarray(actual), **context)
        with np.errstate(all="ignore"):
            assert [r.__name__ for r in rules if r(evidence) is not None] == [rule.__name__]


def test_every_case_belongs_to_a_rule_and_every_rule_has_a_docstring() -> None:
    assert list(CASES) == [rule.__name__ for rule in RULES]
    assert list(NEAR_CASES) == [rule.__name__ for rule in NEARLY_RIGHT]
    assert all(rule.__doc__ for rule in RULES + NEARLY_RIGHT)
