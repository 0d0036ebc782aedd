from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.checks import CheckFailed, check_derivative, check_each, check_shape
from byhand.diagnosis import LEVELS, NEARLY_RIGHT, Evidence, diagnose, told_by_shapes

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
BLOCK = np.random.default_rng(5).standard_normal((3, 4, 2))
X = np.array([0.5, 1.0, 2.0])
HUGE = np.array([0.0, 0.0, 1e13])  # beside it, a wrong 1 is a near miss
COURSE = "where this course takes the slope 0"
INNER = {"the inner derivative 2x": 2 * X}

RULES = [rule for level in LEVELS for rule in level]
NEARLY = [rule for level in NEARLY_RIGHT for rule in level]
# What each rule says of an expected and an actual result that no other rule of its list explains.
CASES = {
    "known_mistake": [
        ("twice the square", [4.0], [7.0], {"mistakes": {"twice the square": [7.0]}})
    ],
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
    "wrong_terms": [
        ("the term x² is missing", X + X**2, X, {"terms": {"x": X, "x²": X**2}}),
    ],
    "swapped_parts": [
        (
            "this is the right value of grad_b: the two are swapped",
            [1.0, 7.0, 4.0],
            X,
            {"swapped": {"grad_b": X}},
        )
    ],
    "not_finite": [
        (
            "NaN comes from 0 / 0, from inf - inf, inf / inf or 0 * inf after an overflow or a "
            "division by 0, or from a root, a logarithm or a fractional power of a negative number",
            [1.0, 0.5],
            [np.nan, 0.5],
            {},
        ),
        (
            "infinite where a number is expected: a division by 0, or an overflow on the way",
            [1.0, 0.5],
            [np.inf, 0.5],
            {},
        ),
    ],
    "not_summed": [
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
        (
            "not averaged over the batch: your result has one entry for each example",
            GRADIENT.mean(axis=1),
            GRADIENT,
            {"batch": 4},
        ),
    ],
    "summed_too_much": [
        (
            "this is the right result summed over axis 1, which should stay",
            GRADIENT,
            GRADIENT.sum(axis=1),
            {},
        ),
        ("this is the sum of all the entries that you should return", X, X.sum(), {}),
    ],
    "broadcast": [
        (
            "the right values are on the diagonal: shapes such as (3, 1) and (3,) were broadcast "
            "to (3, 3)",
            X - 4 * X**2,
            X[:, None] - 4 * X**2,
            {},
        )
    ],
    "wrong_shape": [
        ("the values are right, but their shape is wrong", X, X[:, None], {}),
        ("the shape is that of the transpose", GRADIENT, np.ones((4, 3)), {}),
    ],
    "transposed": [
        ("the result is transposed", GRADIENT, GRADIENT.T, {}),
        ("the result is transposed", SQUARE, SQUARE.T, {}),
        (
            "the axes are in the wrong order: your result is right after transpose(1, 0, 2)",
            CUBE,
            CUBE.swapaxes(0, 1),
            {},
        ),
    ],
    "reshaped": [
        (
            "reshape deals out the numbers again in their old order: it swaps no axes",
            GRADIENT,
            GRADIENT.T.reshape(GRADIENT.shape),
            {},
        ),
        (
            "reshape deals out the numbers again in their old order: it swaps no axes",
            BLOCK,
            BLOCK.swapaxes(0, 1).reshape(BLOCK.shape),
            {},
        ),
    ],
    "reordered": [("the right numbers in reverse order", GRADIENT[0], GRADIENT[0, ::-1], {})],
    "all_zero": [
        (
            "all zeros: nothing is stored in the result, or what is stored is 0 every time",
            X,
            0 * X,
            {},
        ),
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
    "whole_numbers": [
        (
            "the fraction is cut off: // or int(...) makes a whole number, as an array of integers "
            "does",
            218.3926,
            218,
            {},
        ),
        (
            "the fractions are cut off, as by int(...), // or an array of integers",
            [-1.5, 12.25],
            [-1.0, 12.0],
            {},
        ),
        ("all are rounded down: // does that, / does not", [-1.5, 12.25], [-2.0, 12.0], {}),
        ("the result is rounded to the nearest whole number", 18.7, 19, {}),
    ],
    "sign_flipped": [("the sign is flipped", 3.7, -3.7, {})],
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
            "everything is twice what it should be: a factor 1/2 is missing, or something is "
            "counted twice",
            GRADIENT,
            GRADIENT * 2,
            {},
        ),
        (
            "everything is half of what it should be: a factor 2 is missing, or one of two equal "
            "parts is lost",
            GRADIENT,
            GRADIENT / 2,
            {},
        ),
        ("the result is half of what it should be", np.pi, np.pi / 2, {}),
        ("everything is off by the same factor, minus 0.3", GRADIENT, GRADIENT * -0.3, {}),
    ],
    "on_or_off_the_diagonal": [
        (
            "right on the diagonal, but off it everything is 3 times what it should be",
            SQUARE,
            np.where(np.eye(3) > 0, SQUARE, 3 * SQUARE),
            {},
        ),
        (
            "right off the diagonal, but on it everything is 1/4 of what it should be",
            SQUARE,
            np.where(np.eye(3) > 0, SQUARE / 4, SQUARE),
            {},
        ),
    ],
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
            [0.1, 1.0, 7.0],
            {"x": [-1.0, -2.0, 2.0]},
        ),
    ],
    "lost_precision": [
        (
            "close, but off by 5e-05 of the largest entry: a value was approximated, cut off or "
            "taken at a point beside the right one, or digits were lost to round-off",
            X,
            X + [0.0, 1e-4, 0.0],
            {},
        )
    ],
    "some_signs_flipped": [
        (
            "every entry has the right size, but none is negative: their signs are lost",
            GRADIENT,
            np.abs(GRADIENT),
            {},
        ),
        (
            "every entry has the right size, but the wrong ones have the wrong sign",
            GRADIENT,
            GRADIENT * [1, -1, 1, 1],
            {},
        ),
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
            "close, but off by 1e-09 of the largest entry: a value was approximated, cut off or "
            "taken at a point beside the right one, or digits were lost to round-off",
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
            ("nearly-right", NEARLY, NEAR_CASES),
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
            assert [r.__name__ for r in rules if set(r(evidence))] == [rule.__name__]


def test_every_case_belongs_to_a_rule_and_every_rule_has_a_docstring() -> None:
    assert list(CASES) == [rule.__name__ for rule in RULES]
    assert list(NEAR_CASES) == [rule.__name__ for rule in NEARLY]
    assert all(rule.__doc__ for rule in RULES + NEARLY)


# --- right or silent ------------------------------------------------------------------------------


def test_two_foreseen_mistakes_with_the_same_result_are_not_told_apart() -> None:
    both = {"the first is missing": 2 * GRADIENT, "the second counts twice": 2 * GRADIENT}
    assert diagnose(GRADIENT, 2 * GRADIENT, mistakes=both) is None


def test_two_general_mistakes_with_the_same_result_are_not_told_apart() -> None:
    turned = np.array([[0.0, 3.7], [-3.7, 0.0]])  # its transpose is its negative
    assert diagnose(turned, turned.T) is None
    assert diagnose([2.0, 0.5], [0.5, 2.0]) is None  # in reverse order, or reciprocals


def test_a_foreseen_mistake_must_explain_every_wrong_entry() -> None:
    mistakes = {"the exponent does not drop": 2 * GRADIENT}
    other = 2 * GRADIENT
    other[2, 3] *= 1.01
    assert diagnose(GRADIENT, other, mistakes=mistakes) is None
    # a wrong entry that is small beside the largest one counts as well
    assert diagnose([1e9, 1.0], [1e9, 3.0], mistakes={"the last is 2": [1e9, 2.0]}) is None


def test_infinity_is_no_overflow_for_certain() -> None:
    with np.errstate(divide="ignore"):
        for x in (1 / np.log(np.array([1.0, 2.0])), np.array([0.0, 2.0]) ** -1):
            assert "a division by 0, or an overflow" in said([5.0, x[1]], x)


def test_an_underflow_is_not_called_an_overflow() -> None:
    assert "overflow" not in said([1e-320, 2.0], [0.0, 2.0])
    assert "overflow" not in said(4e-18, 0.0)


def test_an_expected_infinity_is_no_overflow() -> None:
    assert "overflow" not in said([np.inf, 1.0], [7.0, 2.0])


def test_examples_are_spoken_of_only_where_there_is_a_batch() -> None:
    each = RNG.standard_normal((4, 7))
    assert "example" not in said(each.sum(axis=1), each)
    assert "example" not in said(each.sum(axis=0), each, batch=7)
    square = RNG.standard_normal((4, 4))
    assert "example" not in said(square.sum(axis=0), square, batch=4)  # which axis is the batch?


def test_an_axis_that_may_be_either_is_not_named() -> None:
    symmetric = SQUARE + SQUARE.T
    assert diagnose(symmetric.sum(axis=0), symmetric) is None


def test_zeros_are_not_called_a_result_that_was_never_stored() -> None:
    hidden = np.ones(3)
    message = said([0.5, 1.5, -2.0], np.array([0.5, 1.5, -2.0]) * (1 - hidden**2))
    assert "stored in the result, or what is stored is 0 every time" in message
    assert diagnose(np.ones(3), 1 - hidden**2) is None
    assert diagnose(0.7, 0.0) is None


def test_the_largest_of_an_axis_is_not_called_its_sum() -> None:
    errors = np.array([0.0, 0.7, 1e-11])
    assert diagnose(0.7, errors) is None


def test_zero_is_not_called_the_sum_of_zeros() -> None:
    assert diagnose(np.zeros(3), 0.0) is None


def test_one_number_is_called_a_sum_only_if_it_is_the_sum() -> None:
    assert diagnose(GRADIENT, 7.3) is None
    assert diagnose(2.0, 7 * X) is None
    assert "sum of all the entries" in said(GRADIENT, GRADIENT.sum())
    assert "summed over axis 0" in said(GRADIENT, GRADIENT.sum(axis=0, keepdims=True))


def test_swapped_results_are_named_as_such() -> None:
    grad_w, grad_b = RNG.standard_normal((4, 3)), RNG.standard_normal(3)
    expected = {"W": grad_w, "b": grad_b}
    with pytest.raises(CheckFailed) as failed:
        check_each({"W": grad_b, "b": grad_w}, expected, what="gradients()")
    assert failed.value.likely == "this is the right value of part 'b': the two are swapped"
    with pytest.raises(CheckFailed) as failed:  # grad_W is nowhere: this is no swap
        check_each({"W": grad_b, "b": grad_b}, expected, what="gradients()")
    assert "swapped" not in str(failed.value)
    with pytest.raises(CheckFailed) as failed:
        check_each((0.0, 0.0), (1.0, 0.0), what="pair")
    assert failed.value.likely is None


def test_a_part_that_is_none_is_not_called_a_missing_return() -> None:
    with pytest.raises(CheckFailed) as failed:
        check_each((1.5, None), (1.5, 2.5), what="pair", names=("first", "second"))
    assert failed.value.what == "second of pair is None"
    assert str(failed.value.likely).startswith("it was never computed, or a function that should")
    with pytest.raises(CheckFailed) as failed:
        check_each(None, (1.5, 2.5), what="pair")
    assert failed.value.likely == "the function has no return statement"


def test_one_small_number_tells_no_sign_and_no_factor() -> None:
    assert diagnose(0.5, 1.0) is None  # a sigmoid at 0 that was not divided
    assert diagnose(0.5, -0.5) is None  # n * x**n - 1 at x = 1
    assert diagnose(1.0, 3.0, batch=3) is None
    assert diagnose(13.0, -1.0) is None and diagnose(1024.0, 2.0) is None
    assert diagnose(np.ones(3), 2 * np.ones(3)) is None
    assert said(0.4199743, -0.4199743) == "the sign is flipped"
    assert said(0.4199743, 2 * 0.4199743) == "the result is twice what it should be"


@pytest.mark.parametrize(
    "context",
    [{"batch": 2}, {"sizes": {"n_out": 2}}, {"factors": {"gamma": 2.0}}, {"factors": {"r": 0.5}}],
)
def test_a_factor_with_two_possible_reasons_is_stated_without_one(context: dict) -> None:
    assert said(GRADIENT, 2 * GRADIENT, **context) == "everything is twice what it should be"
    assert said(GRADIENT, GRADIENT / 2, **context) == "everything is half of what it should be"


def test_a_factor_of_two_has_two_reasons_where_a_length_is_two() -> None:
    pairs = RNG.standard_normal((2, 5))
    assert said(pairs, 2 * pairs) == "everything is twice what it should be"
    # divided by the 3 rows instead of the 6 examples
    assert said(GRADIENT, 2 * GRADIENT, batch=6) == "everything is twice what it should be"


def test_a_size_that_is_the_batch_too_is_not_named() -> None:
    message = said(GRADIENT, GRADIENT / 5, batch=5, sizes={"n_out": 5})
    assert message == "everything is 1/5 of what it should be"


def test_a_named_constant_is_a_factor_that_may_be_missing() -> None:
    gamma = {"factors": {"gamma": 10.0}}
    assert said(GRADIENT, GRADIENT / 10, **gamma) == "a factor is missing: gamma"
    assert said(GRADIENT, GRADIENT * 10, **gamma) == "one factor too many: gamma"


def test_a_digit_lost_to_a_one_sided_difference_is_not_called_cancellation() -> None:
    step = 1e-6
    forward = ((X + step) ** 3 - X**3) / step
    message = said(3 * X**2, forward)
    assert "taken at a point beside the right one" in message and "cancellation" not in message


def test_a_point_without_a_kink_is_not_called_one() -> None:
    assert said([1.0, 1.0, 1.0], [1.0, 0.0, 1.0], x=POINTS) == (
        "correct except at x = 0: you return 0 there, not 1"
    )
    assert "kink" not in said([0.1, 0.5, 0.9], [0.1, 0.0, 0.9], x=POINTS)


def test_one_right_value_makes_no_right_side() -> None:
    assert diagnose([0.3, 1.2, 5.1], [0.3, 2.0, 2.5], x=[-1.0, 1.0, 2.0]) is None


def test_a_boolean_in_place_of_a_number_is_not_explained_by_arithmetic() -> None:
    mistakes = {"the first entry only": 1.0}
    assert diagnose(3.0, True, mistakes=mistakes) is None
    assert diagnose([0.5, 1.5], np.array([False, True])) is None


def test_the_column_and_the_row_that_were_broadcast_are_told_from_a_diagonal_matrix() -> None:
    assert "broadcast to (3, 3)" in said(X * 2, X[:, None] + X)
    assert diagnose(X, np.diag(X)) is None or "summed" in said(X, np.diag(X))


# --- terms ----------------------------------------------------------------------------------------

AT = np.array([0.3, 0.8, 1.7, 2.4, 3.1])
F, DF, G, DG = np.sin(AT), np.cos(AT), AT**3 + 1, 3 * AT**2
FIRST, SECOND = "f'(x) g(x)", "f(x) g'(x)"
PLAIN = {FIRST: DF * G, SECOND: F * DG}
PRODUCTS = {FIRST: {"f'(x)": DF, "g(x)": G}, SECOND: {"f(x)": F, "g'(x)": DG}}
PRODUCT = DF * G + F * DG
OVER = "1 / g(x)²"
QUOTIENT = {
    "f'(x) g(x) / g(x)²": {"f'(x) g(x)": DF * G, OVER: 1 / G**2},
    "-f(x) g'(x) / g(x)²": {"-f(x) g'(x)": -F * DG, OVER: 1 / G**2},
}
RIGHT_QUOTIENT = (DF * G - F * DG) / G**2
SLIPS = [
    (DF * G, "the term f(x) g'(x) is missing"),
    (DF * G - F * DG, "the term f(x) g'(x) has the wrong sign"),
    (2 * DF * G + F * DG, "the term f'(x) g(x) is counted twice"),
    (DF * G + F * DG / 2, "the term f(x) g'(x) is only half of what it should be"),
    (-2 * DF * G + F * DG, "the term f'(x) g(x) has the wrong sign and is counted twice"),
    (
        DF * G / 2 - F * DG,
        "the term f'(x) g(x) is only half of what it should be, and the term f(x) g'(x) has the "
        "wrong sign",
    ),
]


@pytest.mark.parametrize(("actual", "sentence"), SLIPS)
def test_a_slip_in_a_sum_is_named_by_its_term(actual: np.ndarray, sentence: str) -> None:
    assert said(PRODUCT, actual, terms=PLAIN) == sentence
    assert said(PRODUCT, actual, terms=PRODUCTS) == sentence


@pytest.mark.parametrize(
    ("actual", "sentence"),
    [
        (DF + F * DG, "the factor g(x) is missing in the term f'(x) g(x)"),
        (DF * G**2 + F * DG, "the factor g(x) is applied twice in the term f'(x) g(x)"),
        (DF / G + F * DG, "the term f'(x) g(x) is divided by g(x), not multiplied"),
        (F * G + DF * DG, "the factors f'(x) and f(x) are swapped"),
    ],
)
def test_a_slip_in_a_factor_is_named_by_its_term(actual: np.ndarray, sentence: str) -> None:
    assert said(PRODUCT, actual, terms=PRODUCTS) == sentence
    assert diagnose(PRODUCT, actual, terms=PLAIN) is None


@pytest.mark.parametrize(
    ("actual", "sentence"),
    [
        (
            DF * G - F * DG / G**2,
            "the factor 1 / g(x)² is missing in the term f'(x) g(x) / g(x)²: it belongs to every "
            "term, so look at the brackets",
        ),
        (DF * G - F * DG, "the factor 1 / g(x)² is missing in every term"),
        ((DF * G - F * DG) * G**2, "every term is divided by 1 / g(x)², not multiplied"),
        ((DF * G + F * DG) / G**2, "the term -f(x) g'(x) / g(x)² has the wrong sign"),
        (-RIGHT_QUOTIENT, "the sign is flipped"),
    ],
)
def test_a_slip_in_a_quotient_is_named(actual: np.ndarray, sentence: str) -> None:
    assert said(RIGHT_QUOTIENT, actual, terms=QUOTIENT) == sentence


def test_a_term_that_is_called_a_path_is_not_called_a_term_of_it() -> None:
    paths = {
        f"the path through {name}": term for name, term in zip("zr", PLAIN.values(), strict=True)
    }
    assert said(PRODUCT, DF * G - F * DG, terms=paths) == ("the path through r has the wrong sign")


def test_terms_are_silent_about_an_answer_that_no_slip_explains() -> None:
    assert diagnose(PRODUCT, DF * DG, terms=PRODUCTS) is None
    almost = DF * G + 1e-6 * F
    assert diagnose(PRODUCT, almost, terms=PLAIN) is None


def test_terms_are_silent_where_the_points_cannot_tell_them_apart() -> None:
    same = np.exp(AT)  # f = g = f' = g'
    assert "term" not in said(2 * same, same, terms={FIRST: same, SECOND: same})
    dependent = {"a": X, "b": X**2, "a + b": X + X**2}
    assert diagnose(2 * X + 2 * X**2, 2 * X + X**2, terms=dependent) is None
    two_points = {name: term[:2] for name, term in PLAIN.items()}
    assert diagnose(PRODUCT[:2], (DF * G)[:2], terms=two_points) is None


def test_terms_that_do_not_add_up_to_the_right_result_are_not_spoken_of() -> None:
    assert diagnose(PRODUCT + 1, DF * G, terms=PLAIN) is None


def test_terms_of_one_sum_do_not_speak_of_another_part() -> None:
    with pytest.raises(CheckFailed) as failed:
        check_each((PRODUCT, DF), (PRODUCT, F), what="both", terms=PLAIN)
    assert failed.value.likely is None
    shorter = {"terms": PLAIN, "factors": {"f'(x)": DF}}
    with pytest.raises(CheckFailed) as failed:
        check_each((PRODUCT, [1.0, 2.0]), (PRODUCT, [1.0, 5.0]), what="both", **shorter)
    assert failed.value.likely is None


def test_a_check_of_a_measured_derivative_takes_terms_too() -> None:
    with pytest.raises(CheckFailed) as failed:
        check_derivative(lambda x: np.sin(x) * (x**3 + 1), lambda x: DF * G, AT, terms=PLAIN)
    assert failed.value.likely == "the term f(x) g'(x) is missing"


def test_three_terms_in_a_matrix_are_told_apart() -> None:
    a, b, c = RNG.standard_normal((3, 4, 5))
    terms = {"a": a, "b": b, "c": c}
    assert said(a + b + c, a - b + c, terms=terms) == "the term b has the wrong sign"
    assert said(a + b + c, a - b, terms=terms) == (
        "the term b has the wrong sign, and the term c is missing"
    )
    assert diagnose(a + b + c, 2 * a - b, terms=terms) is None  # three slips at once: who knows


def test_a_result_with_as_many_axes_as_there_are_costs_no_time():
    assert diagnose(np.arange(6.0).reshape(2, 3), np.ones((1,) * 32)) is None
    assert diagnose(np.ones((2, 3)), np.ones((1,) * 32)) is None


def test_a_whole_number_that_may_be_there_by_chance_is_not_called_cut_off() -> None:
    assert diagnose(1.37, 1) is None
    assert diagnose([0.3, -0.2], [0.0, -1.0]) is None
    assert "fraction" not in said(12.0 + 1e-9, 12)


@pytest.mark.parametrize(
    ("expected", "actual", "words"),
    [
        ((3, 4), (3,), "axis 1, of length 4, is missing"),
        ((3,), (3, 5), "axis 1, of length 5, the batch's, is too many"),
        ((), (4,), "an axis of length 4 is too many"),
        ((4,), (4, 4), "an entry for each pair of entries"),
        ((3, 4, 6), (6, 3, 4), "transpose(1, 2, 0) gives the right shape"),
        ((3, 4, 8, 6), (3, 4, 8, 7), "axis 3 is one entry too long"),
        ((3, 4, 8, 6), (3, 4, 7, 5), "axes 2 and 3 are each one entry too short"),
    ],
)
def test_wrong_values_of_a_wrong_shape_are_told_by_the_shapes(expected, actual, words) -> None:
    with pytest.raises(CheckFailed) as failed:
        check_shape(np.ones(actual), expected, what="grad", batch=5)
    assert words in str(failed.value.likely)


def test_shapes_that_show_no_single_difference_are_not_spoken_of() -> None:
    pairs = [
        ((3, 8), (4, 7)),
        ((4, 4), (4,)),
        ((3, 4), (3, 7)),
        ((2, 2, 3), (3, 2, 2)),
        ((5,), (2, 3, 4)),
        ((), ()),
    ]
    assert not any(told_by_shapes(*pair) for pair in pairs)
