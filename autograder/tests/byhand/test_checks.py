import warnings

import numpy as np
import pytest

from byhand.checks import (
    CheckFailed,
    check_close,
    check_counterexample,
    check_derivative,
    check_each,
    check_equal,
    check_gradient,
    check_jacobian,
    check_parts,
    check_quiet,
    check_raises,
    check_shape,
    check_unchanged,
    check_vjp,
    scenario,
    supplied,
)
from byhand.differences.calls import Function

RNG = np.random.default_rng(3)


def message(call: object, *args: object, **settings: object) -> str:
    with pytest.raises(CheckFailed) as caught:
        call(*args, **settings)
    return str(caught.value)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_wrong_value_is_shown_with_its_place_the_expected_one_and_the_likely_mistake() -> None:
    text = message(
        check_close,
        np.array([0.0, 0.5, 1.0]),
        [0.0, 0.0, 1.0],
        what="relu_derivative(x)",
        x=[-1.0, 0.0, 2.0],
        hint="x > 0 is False at 0",
    )
    assert text.split("\n") == [
        "relu_derivative(x) is wrong in 1 of 3 values",
        "  where     x = 0.0, index [1]",
        "  expected  0.0",
        "  got       0.5",
        "  likely    correct except at x = 0: you return 0.5 at the kink, the average of the",
        "            slopes on both sides, where this course takes the slope 0",
        "  hint      x > 0 is False at 0",
    ]


def test_the_worst_entry_is_the_one_that_is_shown() -> None:
    text = message(check_close, [[1.0, 2.1], [3.0, 9.0]], [[1.0, 2.0], [3.0, 4.0]], what="A")
    assert "index [1, 1]" in text and "expected  4.0" in text and "got       9.0" in text


def test_values_that_differ_late_are_shown_with_enough_digits() -> None:
    text = message(check_close, 1.0 + 1e-12, 1.0, what="f(x)", rtol=1e-15)
    assert "got       1.000000000001" in text


def test_a_function_without_return_is_recognized() -> None:
    assert "has no return statement" in message(check_close, None, [1.0], what="f(x)")
    assert "has no return statement" in message(check_close, [None, None], [1.0, 2.0], what="f(x)")


def test_booleans_are_compared_too() -> None:
    check_close(True, True, what="is_convex(1)")
    check_close(np.bool_(False), False, what="is_convex(1)")
    check_close([True, False], [True, False], what="f(x)", relative_to="largest")
    text = message(check_close, np.bool_(True), False, what="is_convex(1)")
    assert "expected  False" in text and "got       True" in text
    assert "wrong in 1 of 2" in message(check_close, [True, True], [True, False], what="f(x)")
    assert "likely" not in message(check_close, [False, False], [True, True], what="f(x)")
    message(check_close, "True", True, what="is_convex(1)")


def test_booleans_in_place_of_numbers_are_reported() -> None:
    assert "got       True" in message(check_close, [True, True], [2.0, 3.0], what="f(x)")


def test_text_and_ragged_lists_are_not_numbers() -> None:
    assert "is not a number or an array of numbers" in message(check_close, "2", 2.0, what="f")
    assert "is not a number" in message(check_close, [[1], [1, 2]], [1.0], what="f")


def test_a_wrong_shape_is_never_broadcast() -> None:
    text = message(check_close, np.ones((3, 1)), np.ones(3), what="grad_b")
    assert "wrong shape" in text and "shape (3,)" in text and "shape (3, 1)" in text


def test_a_number_in_place_of_an_array_is_described_in_words() -> None:
    assert "a single number, shape ()" in message(check_shape, 1.0, (2,), what="grad")


def test_complex_numbers_are_not_accepted_as_real_ones() -> None:
    assert "is complex" in message(check_close, [1.0 + 0j], [1.0], what="f(x)")


def test_the_dtype_is_checked_only_on_request() -> None:
    check_close(np.array([1, 2]), [1.0, 2.0], what="f(x)")
    text = message(check_close, np.array([1, 2]), [1.0, 2.0], what="f(x)", dtype=np.float64)
    assert "wrong dtype" in text and "float64" in text and "int64" in text


def test_nan_and_infinity_match_themselves_and_nothing_else() -> None:
    check_close([np.nan, np.inf, -np.inf], [np.nan, np.inf, -np.inf], what="f(x)")
    message(check_close, [np.nan], [1.0], what="f(x)")
    message(check_close, [np.inf], [-np.inf], what="f(x)")
    message(check_close, [1e308], [np.inf], what="f(x)")


def test_the_tolerance_can_refer_to_the_largest_entry() -> None:
    check_close([1.0, 1e-12], [1.0, 0.0], what="f", rtol=1e-9, relative_to="largest")
    message(check_close, [1.0, 1e-12], [1.0, 0.0], what="f", rtol=1e-9)


def test_a_right_derivative_passes_and_a_wrong_one_is_named() -> None:
    check_derivative(np.cos, lambda x: -np.sin(x), [-1.0, 0.5, 2.0])
    text = message(check_derivative, np.cos, np.sin, [-1.0, 0.5, 2.0])
    assert "sin(x) is wrong" in text and "the sign is flipped" in text


def test_an_error_of_one_in_a_million_is_not_excused_as_rounding() -> None:
    message(check_derivative, np.sin, lambda x: np.cos(x) * (1 + 1e-6), [0.3, 1.0])


def test_a_kink_among_the_points_is_reported_with_both_slopes() -> None:
    text = message(check_derivative, np.abs, np.sign, [-1.0, 0.0])
    assert "has a kink here" in text
    assert "x = 0.0" in text and "the slope is -1 from the left and 1 from the right" in text


def test_a_jump_cannot_be_checked_against() -> None:
    assert "no derivative that can be measured" in message(
        check_derivative, lambda x: np.where(x > 0, 1.0, 0.0), np.zeros_like, [0.0, 1.0]
    )


def test_a_gradient_is_compared_with_differences_for_the_chosen_argument() -> None:
    A, x = RNG.standard_normal((3, 3)), RNG.standard_normal(3)
    check_gradient(lambda A, x: x @ A @ x, lambda A, x: (A + A.T) @ x, A, x, argnum=1)
    text = message(check_gradient, lambda A, x: x @ A @ x, lambda A, x: 2 * A @ x, A, x, argnum=1)
    assert "is wrong" in text


def test_a_transposed_jacobian_is_named() -> None:
    A = RNG.standard_normal((2, 3))
    check_jacobian(lambda x: A @ x, lambda x: A, np.ones(3))
    assert "transposed" in message(check_jacobian, lambda x: A @ x, lambda x: A.T, np.ones(3))


def linear(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    return W @ x + b


INPUTS = (RNG.standard_normal((3, 5)), RNG.standard_normal((2, 3)), RNG.standard_normal((2, 1)))
NAMES = ("grad_x", "grad_W", "grad_b")


def linear_backward(g: np.ndarray, x: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple:
    return W.T @ g, g @ x.T, g.sum(axis=1, keepdims=True)


def test_a_right_backward_pass_passes_for_every_input() -> None:
    check_vjp(linear, linear_backward, INPUTS, names=NAMES)


def test_a_gradient_divided_by_the_batch_is_named_with_the_batch() -> None:
    def backward(g: np.ndarray, x: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple:
        return W.T @ g, g @ x.T / 5, g.sum(axis=1, keepdims=True)

    text = message(check_vjp, linear, backward, INPUTS, names=NAMES, batch=5)
    assert "grad_W" in text and "divided by the batch (B = 5)" in flat(text)


def test_a_bias_gradient_that_is_not_summed_is_named() -> None:
    def backward(g: np.ndarray, x: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple:
        return W.T @ g, g @ x.T, g

    text = message(check_vjp, linear, backward, INPUTS, names=NAMES, batch=5)
    assert "grad_b" in text and "not summed over the batch" in text


def test_a_missing_gradient_is_reported() -> None:
    text = message(check_vjp, linear, lambda g, *a: linear_backward(g, *a)[:2], INPUTS, names=NAMES)
    assert "expected  a list or tuple of length 3: grad_x, grad_W, grad_b" in text
    assert "got       a tuple of length 2" in text


def test_the_output_of_a_forward_pass_with_a_cache_is_chosen_by_its_place() -> None:
    check_vjp(lambda *a: (linear(*a), a), linear_backward, INPUTS, names=NAMES, output=0)


def test_the_parts_of_a_result_are_counted_and_named() -> None:
    names = ("grad_w", "grad_b")
    assert check_parts([1.0, 2.0], names, what="gradients(x)") == (1.0, 2.0)
    text = message(check_parts, (1.0,), names, what="gradients(x)")
    assert text.startswith("gradients(x) has the wrong form")
    assert "expected  a list or tuple of length 2: grad_w, grad_b" in text
    assert "no return statement" in flat(message(check_parts, None, names, what="gradients(x)"))
    message(check_parts, np.ones(2), names, what="gradients(x)")


def test_an_input_that_was_changed_is_reported() -> None:
    def doubled(x: np.ndarray) -> np.ndarray:
        x *= 2
        return x

    text = message(check_unchanged, doubled, np.array([1.0, 2.0]))
    assert "doubled changed its argument x in place" in text and "x += h" in text
    text = message(check_unchanged, lambda *rest: doubled(*rest), np.array([1.0, 2.0]))
    assert "changed argument number 1 in place" in text
    assert check_unchanged(np.negative, np.array([1.0]))[0] == -1.0


def test_a_question_with_a_wrong_answer_reads_as_a_sentence() -> None:
    text = message(check_equal, False, True, what="whether x is as it was")
    assert text.startswith("whether x is as it was: expected yes, got no")
    text = message(check_equal, True, False, what="whether the order is the old one")
    assert text.startswith("whether the order is the old one: expected no, got yes")
    assert "got       1" in message(check_equal, 1, True, what="whether x is as it was")


def test_a_change_deep_in_a_dict_is_reported_and_so_is_a_new_dtype() -> None:
    def grow(cache: dict) -> None:
        cache["layers"][0][0] = 9.0

    message(check_unchanged, grow, {"layers": [np.zeros(2)]})


def test_a_missing_or_wrong_exception_is_reported() -> None:
    check_raises(ValueError, float, "two", what="float('two')")
    assert "raises no exception" in message(check_raises, ValueError, float, "2", what="float('2')")
    text = message(check_raises, KeyError, float, "two", what="float('two')")
    assert "wrong exception" in text and "ValueError" in text
    text = message(check_raises, ValueError, float, "two", what="f", match="shape")
    assert "does not say why" in text


def test_a_stub_is_not_mistaken_for_a_runtime_error() -> None:
    def stub() -> None:
        raise NotImplementedError("Write this part")

    with pytest.raises(NotImplementedError):
        check_raises(RuntimeError, stub, what="newton_root")


def test_an_overflow_is_not_quiet_but_other_warnings_are_ignored() -> None:
    with np.errstate(over="warn"):
        assert "overflow" in message(check_quiet, np.exp, np.array([1e3]), what="exp(1000)")

    with np.errstate(over="ignore"):  # a student's np.seterr does not disarm the check
        assert "overflow" in message(check_quiet, np.exp, np.array([1e3]), what="exp(1000)")

    def chatty(x: float) -> float:
        warnings.warn("this is slow", UserWarning, stacklevel=1)
        return x

    assert check_quiet(chatty, 2.0, what="chatty(2.0)") == 2.0


def test_check_quiet_says_which_function_overflowed() -> None:
    text = message(check_quiet, np.exp, np.array([1e3]), what="exp(1000)")
    assert "a result of exp is above 1.8e308" in text
    assert "709.78" in text
    assert "a result of cosh" in message(check_quiet, np.cosh, np.array([1e3]), what="cosh(1000)")
    assert "1.8e308" not in message(check_quiet, np.log, np.array([0.0]), what="log(0)")


def test_check_quiet_says_what_gives_nan() -> None:
    for zero in (np.zeros(2), np.float64(0.0)):
        text = message(check_quiet, lambda z: z / z, zero, what="f(0)")
        assert "0 / 0 or inf / inf, which gives NaN" in text


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda z: 1 / z, "a division by 0"),
        (np.log, "the logarithm of 0"),
        (lambda z: z**-2.0, "a negative power of 0"),
        (lambda z: np.log(z - 1), "the logarithm of a negative number"),
        (lambda z: np.sqrt(z - 1), "the root of a negative number"),
        (lambda z: z * np.inf, "0 * inf"),
        (lambda z: (z + np.inf) - np.inf, "inf - inf"),
        (lambda z: (z + np.inf) + -np.inf, "inf - inf"),
    ],
)
def test_check_quiet_says_which_operation_has_no_finite_result(f: Function, words: str) -> None:
    for zero in (np.zeros(2), np.float64(0.0)):
        assert f"likely    {words}, which gives" in message(check_quiet, f, zero, what="f(0)")


def test_a_word_is_compared_exactly() -> None:
    check_equal("saddle", "saddle", what="kind")
    check_equal(np.str_("saddle"), "saddle", what="kind")
    check_equal(np.bool_(True), True, what="is_minimum(H)")
    message(check_equal, np.int64(1), True, what="is_minimum(H)")
    text = message(check_equal, "Saddle", "saddle", what="kind")
    assert "look at capitals" in text
    assert "expected  'saddle'" in text and "got       'Saddle'" in text


def test_a_counterexample_must_prove_the_bug() -> None:
    check_counterexample((-2.0,), lambda x: x, abs, what="counterexample_1()")
    text = message(check_counterexample, (2.0,), lambda x: x, abs, what="counterexample_1()")
    assert "proves nothing" in text and "both return 2.0" in text


def test_a_counterexample_to_a_yes_or_no_question_is_answered_with_true_or_false() -> None:
    def positive(x: float) -> bool:
        return x > 0

    text = message(check_counterexample, (2.0,), positive, positive, what="counterexample_1()")
    assert "both return True" in text


def test_a_counterexample_that_proves_nothing_may_be_told_why() -> None:
    why = {"what": "counterexample_1()", "likely": "abs changes nothing at x > 0"}
    text = message(check_counterexample, (2.0,), lambda x: x, abs, **why)
    assert "likely    abs changes nothing at x > 0" in text
    assert "likely" not in message(check_counterexample, (np.nan,), lambda x: x, abs, **why)


ROWS = np.arange(9.0).reshape(3, 3)


@pytest.mark.parametrize(
    ("A", "b", "words"),
    [
        (np.ones((3, 3)), ROWS, "all entries of A are equal: with different ones"),
        (ROWS, np.zeros((3, 3)), "b is 0 everywhere: with other entries"),
        (ROWS + ROWS.T, ROWS, "A is equal to its transpose: with other entries"),
    ],
)
def test_what_is_special_about_a_counterexample_is_told_if_it_is_the_reason(A, b, words) -> None:
    text = message(
        check_counterexample, (A, b), lambda A, b: A.T @ b, lambda A, b: A @ b, what="proof()",
        names=["A", "b"],
    )  # fmt: skip
    assert words in flat(text)
    text = message(
        check_counterexample, (A, b), np.multiply, np.multiply, what="proof()", names=["A", "b"]
    )
    assert "likely" not in text


def test_equal_rows_and_equal_arguments_are_told_if_they_are_the_reason() -> None:
    text = message(
        check_counterexample, (ROWS[[1, 1]],), lambda A: A.max(axis=0) + A,
        lambda A: A[0] + A, what="proof()", names=["A"],
    )  # fmt: skip
    assert "A stays the same along axis 0: with other entries" in flat(text)
    text = message(
        check_counterexample, (ROWS, ROWS), lambda Q, K: Q @ K, lambda Q, K: K @ Q, what="proof()",
        names=["Q", "K"],
    )  # fmt: skip
    assert "Q and K are equal: with different ones" in flat(text)


@pytest.mark.parametrize(
    "arguments", [None, 3.0, ("two",), (1.0, 2.0), (np.nan,), (np.array([1.0, np.inf]),)]
)
def test_anything_but_a_counterexample_gets_a_message_and_no_crash(arguments: object) -> None:
    message(check_counterexample, arguments, lambda x: x, lambda x: x**2, what="counterexample_1()")


def test_parts_are_checked_however_deep_and_a_list_is_accepted_for_a_tuple() -> None:
    right = ({"W": np.eye(2), "b": 1.0}, [np.zeros(3), np.ones((2, 1))], [1.0, 2.0])
    check_each(
        [{"b": 1.0, "W": np.eye(2)}, (np.zeros(3), np.ones((2, 1))), np.array([1.0, 2.0])],
        right,
        what="gradients()",
    )
    text = message(
        check_each,
        ({"W": np.eye(2), "b": 2.0}, [np.zeros(3), np.ones((2, 1))], [1.0, 2.0]),
        right,
        what="gradients()",
        mistakes={"b is doubled": ({"W": np.eye(2), "b": 2.0}, right[1], right[2])},
    )
    assert text.startswith("part 'b' of part 0 of gradients() is wrong")
    assert "b is doubled" in text


@pytest.mark.parametrize(
    ("actual", "said"),
    [
        (None, "no return statement"),
        ({"W": 1.0}, "a dict with the keys 'W'"),
        ({}, "(none)"),
        ([1.0, 2.0], "a list of length 2"),
        (3.0, "got 3.0"),
    ],
)
def test_a_dict_of_another_form_is_described(actual: object, said: str) -> None:
    text = flat(message(check_each, actual, {"W": 1.0, "b": 2.0}, what="gradients()"))
    assert "gradients() has the wrong form expected a dict with the keys 'W', 'b'" in text
    assert said in text


def test_a_tuple_of_another_length_is_described() -> None:
    text = flat(message(check_each, (1.0,), (1.0, 2.0), what="pair()"))
    assert "expected a list or tuple of length 2 got a tuple of length 1" in text


def test_parts_of_a_tuple_are_called_by_the_given_names() -> None:
    names = ("grad_x", "grad_b")
    text = message(check_each, (1.0, 3.0), (1.0, 2.0), what="backward(G)", names=names)
    assert text.startswith("grad_b of backward(G) is wrong")
    text = flat(message(check_each, (1.0,), (1.0, 2.0), what="backward(G)", names=names))
    assert "expected a list or tuple of length 2: grad_x, grad_b got a tuple of length 1" in text


def test_the_gradients_of_a_vjp_may_be_returned_in_a_list() -> None:
    args = (np.ones((4, 3)), np.ones((3, 2)))
    check_vjp(
        lambda x, W: x @ W,
        lambda g, x, W: [g @ W.T, x.T @ g],
        args,
        names=("grad_x", "grad_W"),
    )


def test_a_scenario_is_a_plain_function_that_returns_plain_data() -> None:
    @scenario
    def squares(n: int) -> dict:
        return {"squares": [k**2 for k in range(n)], "none": None, "array": np.eye(2)}

    assert squares(3)["squares"] == [0, 1, 4]
    assert squares.__scenario__


def test_a_scenario_that_returns_an_object_names_its_type() -> None:
    class Value:
        pass

    @scenario
    def forward() -> list:
        return [1.0, Value()]

    text = message(forward)
    assert "forward got something other than numbers, arrays or text" in text
    assert "an object of type Value" in text


def test_a_scenario_may_return_functions_of_its_own_but_no_others() -> None:
    @scenario
    def scaled(factor: float) -> dict:
        return {"scaled": [lambda x: factor * x]}

    @scenario
    def foreign() -> object:
        return np.mean

    assert scaled(3.0)["scaled"][0](2.0) == 6.0
    assert "foreign got something other than numbers" in message(foreign)


def test_supplied_rebinds_a_name_for_a_block_and_puts_the_old_one_back() -> None:
    namespace = {"supplied": supplied, "softmax": "the student's"}
    exec("with supplied(softmax='trusted', extra=1):\n    seen = (softmax, extra)", namespace)
    assert namespace["seen"] == ("trusted", 1)
    assert namespace["softmax"] == "the student's"
    assert "extra" not in namespace


def test_supplied_puts_the_old_name_back_after_a_failed_check() -> None:
    namespace = {"supplied": supplied, "softmax": "the student's"}
    with pytest.raises(ZeroDivisionError):
        exec("with supplied(softmax='trusted'):\n    1 / 0", namespace)
    assert namespace["softmax"] == "the student's"


def test_a_failed_check_shows_its_message_without_frames_of_the_library() -> None:
    with pytest.raises(CheckFailed) as caught:
        check_close(1.0, 2.0, what="f(x)")
    shown = "\n".join(caught.value._render_traceback_())
    assert "f(x) is wrong" in shown and "values.py" not in shown


def test_a_message_breaks_between_words_within_the_width_of_a_notebook_cell() -> None:
    what = "the parameters after three steps of gradient descent with a learning rate of 0.25"
    sentence = (
        "the learning rate is applied twice, once to the gradient and once to the step itself"
    )
    with pytest.raises(CheckFailed) as caught:
        check_close(1.0, 2.0, what=what, mistakes={sentence: 1.0}, hint="2.0-based, " * 20)
    prefix, *rows = "\n".join(caught.value._render_traceback_()).split("\n")
    rows = [prefix.replace("\x1b[31;1m", "").replace("\x1b[0m", ""), *rows]
    assert max(map(len, rows)) <= 88
    assert all(row.startswith("  ") for row in rows[1:])
    shown = flat("\n".join(rows))
    assert f"CheckFailed: {what} is wrong" in shown and sentence in shown
    assert shown.count("2.0-based,") == 20


def test_a_long_value_is_cut_between_its_entries() -> None:
    text = message(check_equal, [k / 7 for k in range(40)], [1.0], what="f(x)")
    (row,) = (line for line in text.split("\n") if "got" in line)
    assert row.endswith(", ...")
    entries = [float(entry) for entry in row.split("[")[1].split(", ")[:-1]]
    assert entries == [k / 7 for k in range(len(entries))]


def test_booleans_are_compared_as_numbers() -> None:
    check_close(np.array([True, False]), [1.0, 0.0], what="mask")
    check_close(True, True, what="flag")
    assert "flag is wrong" in message(check_close, True, False, what="flag")
    text = message(check_close, np.array([True, False]), [0.0, 1.0], what="mask")
    assert "mask is wrong in 2 of 2 values" in text
