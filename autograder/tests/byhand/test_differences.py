from __future__ import annotations

import math
import warnings

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from byhand.differences import derivative, evaluate_many, gradient, hessian, jacobian, vjp

# Functions of x and the points where each is compared with its closed form.
CASES = {
    "3*x - 7": [0, 1e-6, 1.7, -30, 1e6],
    "x**2": [1e-6, 0.1, 1.3, -2.2, 1e3, 1e6],
    "x**5 - 3*x**3 + 2*x - 7": [0.01, 0.1, 1, 2.5, -3, 10],
    "x**7": [0.1, 1, -2, 30, 1e6],
    "x**-3": [0.01, 0.1, 1, -2, 7, 1e3, 1e6],
    "x**(3/2)": [1e-6, 1e-3, 0.1, 1, 7, 1e6],
    "sqrt(x)": [1e-6, 1e-3, 0.1, 1, 7, 1e6],
    "x**x": [0.2, 0.5, 1, 2, 4],
    "exp(x)": [0, 1e-6, 1, -5, 10, 30, -30, 100],
    "exp(-x**2)": [0.1, 1, -3, 2, 5],
    "exp(sin(x)**3)": [0.1, 1, -3, 2, 5],
    "exp(1/x)": [0.3, 1, -0.5, 10],
    "2**x": [0, 0.3, -4, 12],
    "log(x)": [1e-6, 1e-4, 0.01, 0.05, 0.1, 0.5, 1, 3, 50, 1e6],
    "x*log(x)": [1e-3, 0.1, 0.3, 1, 5, 1e6],
    "log(1 + x**2)": [0.3, 2, 3, -40],
    "log(log(x))": [1.01, 1.5, 3, 100, 1e6],
    "sin(x)": [0, 1e-6, 0.3, 1, 3, 10, 100, 1e4],
    "cos(3*x + 1)": [0, 0.3, 1, 3, 10, 100],
    "sin(50*x)": [0, 0.3, 1, 3, 10],
    "sin(1000*x)": [0.3, 1, 3],
    "sin(1000000*x)": [1e-6, 3e-6],
    "sin(x/1000000)": [1e6, 3e6],
    "sin(x**2)": [0.1, 1, 3, 8],
    "sin(1/x)": [0.05, 0.1, 0.5, 2],
    "sin(x)*cos(7*x)": [0.1, 1, -2, 5],
    "tan(x)": [0, 1, 1.5, 1.57, -0.7],
    "atan(x)": [0, 1, -4, 30, 1e3],
    "atan(100*x)": [0, 0.01, 0.1, 1],
    "asin(x)": [0, 0.5, -0.9, 0.999],
    "tanh(x)": [0, 0.1, 1, -3, 5, 10, 18],
    "1/(1 + exp(-x))": [0, 0.1, 1, -3, 5, -10, -30, 10, 20],
    "1/(1 + exp(-100*x))": [0, 0.01, -0.1],
    "1/(1 + exp(-x)) * (1 - 1/(1 + exp(-x)))": [0.1, 1, -3, 5],
    "log(1 + exp(x))": [0, 0.1, 1, -3, 5, -10, 10, 30],
    "x/(1 + exp(-x))": [0, 0.3, -2, 4, -10],
    "x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))": [0, 0.3, -2, 1, 3],
    "tanh(tanh(3*x - 1))": [0.1, 0.4, 1, -1],
    "sinh(x)": [0, 1, -3, 20],
    "cosh(x)": [0.1, 1, -3, 20],
    "1/(1 + 25*x**2)": [0.1, 0.5, 1, 3],
    "1/(1 + 10000*x**2)": [0.001, 0.01, 0.1, 1],
    "1/(x - 1)": [0.5, 0.9, 0.99, 0.999, 1.01, 1.1, 3],
    "(x**2 + 1)/(x**3 - 2)": [0, 1, 1.2, 1.3, -4, 100],
    "x*exp(-x)": [0.1, 0.9, 3, 40],
    "sqrt(1 + x**2)": [0, 0.1, -3, 1e6],
    "x/sqrt(x**2 + 0.00001)": [0, 0.003, 0.1, 2],
    "(1 + x/1000000)**2": [1e6, -3e6],
}


@pytest.fixture(scope="module")
def closed_forms():
    x = sympy.symbols("x")
    rows = []
    with mpmath.workdps(50):
        for text, points in CASES.items():
            expression = sympy.sympify(text, rational=True)
            f = sympy.lambdify(x, expression, "numpy")
            df = sympy.lambdify(x, sympy.diff(expression, x), "mpmath")
            for point in points:
                true = mpmath.mpf(df(mpmath.mpf(float(point))))
                estimate = derivative(f, float(point))
                off = float(abs(mpmath.mpf(float(estimate.value)) - true))
                rows.append((text, point, float(true), off, float(estimate.error)))
    return rows


def test_the_error_estimate_bounds_the_true_error_in_99_of_100_cases(closed_forms):
    missed = [row for row in closed_forms if not row[3] <= row[4]]
    assert len(closed_forms) >= 200
    assert len(missed) <= 0.01 * len(closed_forms), missed
    assert all(off <= 10 * error for *_, off, error in missed), missed


def test_the_error_estimate_is_of_the_size_of_the_error(closed_forms, record_property):
    ratios = [error / off for *_, off, error in closed_forms if off > 0]
    record_property("median of estimated error over true error", float(np.median(ratios)))
    assert np.median(ratios) < 100


def test_half_of_the_derivatives_have_thirteen_digits_and_nearly_all_nine(closed_forms):
    relative = [off / abs(true) for *_, true, off, _ in closed_forms if true]
    assert np.median(relative) < 1e-13
    assert np.quantile(relative, 0.95) < 1e-9


def test_noise_inside_f_that_is_not_declared_still_widens_the_error_estimate():
    rng = np.random.default_rng(0)
    x = np.linspace(0.3, 2, 2000)
    for noise in (1e-14, 1e-12, 1e-10, 1e-8):
        found = derivative(lambda x, n=noise: np.exp(x) * (1 + n * rng.uniform(-1, 1, x.shape)), x)
        off = np.abs(found.value - np.exp(x))
        assert np.mean(off <= found.error) > 0.8
        assert np.mean(off <= 10 * found.error) > 0.95  # what the checks allow


@pytest.mark.parametrize("scale", [1e-9, 1e-8, 1e-7, 1e-6, 1e-4, 1e-2, 1, 10, 100, 1000, 1e6])
def test_the_scale_of_f_is_found_from_1e_7_to_1000_and_never_made_up(scale):
    true = math.cos(0.3) / scale
    for x in (0.7, 0.0, 0.7 * min(scale, 1)):
        found = derivative(lambda t, x=x: np.sin((t - x) / scale + 0.3), x)
        assert not abs(found.value - true) > 3 * found.error
        if 1e-7 <= scale <= 1000:
            assert found.error < 1e-5 * true


# Functions whose values are so small that floats near them are 5e-324 apart, at any size.
SMALLEST = 5e-324


@pytest.mark.parametrize("size", [1, 2, 7, 1000, 2**40])
def test_the_error_estimate_bounds_the_error_of_subnormal_values_too(size):
    x = np.linspace(-2, 2, 41)
    tiny = size * SMALLEST
    for measure in (derivative, lambda f, x: vjp(f, x, grad_output=np.ones_like(x))):
        found = measure(lambda x: tiny * np.exp(x), x)
        off = np.abs(found.value / SMALLEST - size * np.exp(x))  # floats that are not subnormal
        assert (off <= found.error / SMALLEST).all()
    found = jacobian(lambda x: tiny * np.exp(x), x[:3])
    off = np.abs(found.value / SMALLEST - size * np.diag(np.exp(x[:3])))
    assert (off <= found.error / SMALLEST).all()


def test_an_error_is_never_claimed_to_be_smaller_than_the_spacing_of_floats():
    assert derivative(lambda x: 0.0 * x, 1e300).error > 0
    assert hessian(lambda x: 1e-320 * np.sum(x**2), np.array([1e9, -1e9])).error.min() > 0


@pytest.mark.parametrize("scale", [2.0**-600, 2.0**600])
def test_the_error_estimate_of_a_vjp_scales_with_f(scale):
    x = np.linspace(0.5, 2, 16)
    one = vjp(np.exp, x, grad_output=np.cos(x))
    other = vjp(lambda x: scale * np.exp(x), x, grad_output=np.cos(x))
    np.testing.assert_allclose(other.error / scale, one.error, rtol=1e-9)


# --- how f is called ------------------------------------------------------------------------------


class Remote:
    """A function that answers many points in one request, and counts."""

    def __init__(self, f):
        self.f, self.requests, self.calls = f, 0, 0
        self.__name__ = "remote"

    def evaluate_many(self, arguments):
        self.requests += 1
        self.calls += len(arguments)
        return [self.f(*a) for a in arguments]


def test_evaluate_many_gives_each_call_copies():
    def spoil(x, settings):
        x += 1
        settings["seen"].append(1)
        return x.sum(), len(settings["seen"])

    x, settings_ = np.zeros(3), {"seen": []}
    assert evaluate_many(spoil, [(x, settings_), (x, settings_)]) == [(3.0, 1), (3.0, 1)]
    assert x.sum() == 0 and settings_ == {"seen": []}


def test_a_random_generator_among_the_arguments_is_the_same_for_each_call():
    def dropout(x, rng):
        return x * (rng.random(x.shape) > 0.5)

    mask = np.random.default_rng(3).random(6) > 0.5
    found = jacobian(dropout, np.ones(6), np.random.default_rng(3))
    assert np.abs(found.value - np.diag(mask)).max() < 1e-12


def test_all_points_are_evaluated_in_one_request_of_ten_calls_per_entry():
    x = np.linspace(-1.5, 2, 12).reshape(3, 4)
    for measure, f, calls in [
        (derivative, np.tanh, 11),
        (gradient, lambda x: np.sum(np.tanh(x) ** 2), 121),
        (jacobian, lambda x: np.exp(x).sum(axis=0), 121),
        (hessian, lambda x: np.sum(np.tanh(x) ** 2), 1 + 20 * 12 * 13 // 2),
    ]:
        remote = Remote(f)
        measure(remote, x)
        assert (remote.requests, remote.calls) == (1, calls)
    remote = Remote(np.tanh)
    vjp(remote, x, grad_output=x)
    assert (remote.requests, remote.calls) == (1, 121)


def test_a_kink_a_boundary_or_another_scale_takes_three_requests_at_most():
    for f, x in [(abs, 0.0), (np.log, 1e-5), (lambda x: np.sin(1e4 * x), 1.0), (np.sign, 0.0)]:
        remote = Remote(f)
        derivative(remote, x)
        assert remote.requests in (2, 3)


def test_a_number_is_passed_as_a_python_float_and_an_array_as_an_array():
    seen = []
    derivative(lambda x: seen.append(type(x)) or x, np.float64(2.0))
    derivative(lambda x: seen.append(type(x)) or x, [2, 3])
    assert set(seen[:11]) == {float} and set(seen[11:]) == {np.ndarray}


def test_the_input_is_never_changed_even_if_f_tries():
    def square(x):
        x *= x
        return x

    x = np.array([1.0, 2.0])
    assert np.abs(derivative(square, x).value - 2 * x).max() < 1e-12
    assert np.abs(gradient(lambda x: square(x).sum(), x).value - [2, 4]).max() < 1e-12
    assert x.tolist() == [1, 2]


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
def test_integer_and_float32_points_are_converted_to_float64(dtype):
    x = np.array([1, 2, 3], dtype=dtype)
    found = gradient(lambda x: np.sum(x**3), x)
    assert found.value.dtype == np.float64
    assert np.abs(found.value - [3, 12, 27]).max() < 1e-11


def test_float32_results_widen_the_error_estimate():
    x = np.linspace(-2, 2, 41)
    found = derivative(lambda x: np.sin(x.astype(np.float32)), x)
    assert (np.abs(found.value - np.cos(x)) <= found.error).all()
    assert np.median(found.error) < 1e-4


def test_a_function_that_computes_in_float32_inside_is_not_mistaken_for_a_staircase():
    x = np.linspace(-2, 2, 41)
    found = derivative(lambda x: np.sin(x.astype(np.float32)).astype(np.float64), x)
    assert np.abs(found.value - np.cos(x)).max() < 1e-3


def test_no_warning_escapes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = derivative(lambda x: np.log(x) + np.exp(800 * x), np.array([1e-3, 0.0, -1.0, 2.0]))
    assert np.isfinite(found.error).tolist() == [True, False, False, False]


def test_functions_of_the_math_module_may_leave_their_domain():
    assert abs(derivative(math.log, 1e-3).value - 1e3) < 1e-6
    assert abs(derivative(lambda x: x**0.5, 1e-4).value - 50) < 1e-6
    assert np.isnan(derivative(lambda x: 1 / x, 0.0).value)


# --- kinks, jumps, poles --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x", "left", "right"),
    [
        (abs, 0.0, -1, 1),
        (lambda x: np.maximum(x, 0), 0.0, 0, 1),
        (lambda x: np.where(x > 0, x, 0.01 * x), 0.0, 0.01, 1),
        (lambda x: max(x, 0.7), 0.7, 0, 1),
        (lambda x: np.exp(x) + 1e-3 * abs(x - 2), 2.0, math.exp(2) - 1e-3, math.exp(2) + 1e-3),
    ],
)
def test_a_kink_is_reported_with_both_slopes_and_not_averaged(f, x, left, right):
    found = derivative(f, x)
    assert found.kinks and np.isnan(found.value) and np.isinf(found.error)
    assert found.left == pytest.approx(left, abs=1e-9)
    assert found.right == pytest.approx(right, abs=1e-9)


def test_a_gradient_reports_kinks_entry_by_entry():
    found = gradient(lambda x, y: np.maximum(x, y).sum(), np.array([1.0, 2, 3]), np.full(3, 2.0))
    assert found.kinks.tolist() == [False, True, False]
    assert found.value[[0, 2]].round(12).tolist() == [0, 1]
    assert np.isnan(found.left[[0, 2]]).all() and found.right[1] == pytest.approx(1)


@pytest.mark.parametrize("distance", [0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4, 1e-5, 1e-6])
def test_a_kink_nearby_does_not_spoil_the_value(distance):
    found = derivative(lambda x: np.maximum(x, 0) + np.sin(x), np.array([-distance, distance]))
    true = np.cos(distance) + [0, 1]
    assert (np.abs(found.value - true) <= found.error).all()
    assert found.error.max() < 1e-8


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.sign, 0.0),
        (np.floor, 2.0),
        (lambda x: np.where(x == 0, 5.0, np.cos(x)), 0.0),
        (lambda x: 1 / x, np.zeros(())),
        (lambda x: 1 / np.abs(x), np.zeros(2)),
        (np.log, np.array([0.0, -1.0])),
        (np.cbrt, 0.0),
        (lambda x: np.sqrt(np.abs(x)), 0.0),
        (np.sqrt, 0.0),
        (np.sin, np.nan),
        (np.sin, np.inf),
    ],
)
def test_at_a_jump_a_pole_or_outside_the_domain_there_is_no_value(f, x):
    found = derivative(f, x)
    assert np.isnan(found.value).all() and np.isinf(found.error).all() and not found.kinks.any()


# --- gradients, Jacobians, vector-Jacobian products, Hessians -------------------------------------

rng = np.random.default_rng(1)
A, B = rng.normal(size=(5, 3)), rng.normal(size=(4, 5))


def network(x):
    return B @ np.tanh(A @ x)


def network_jacobian(x):
    return B @ ((1 - np.tanh(A @ x) ** 2)[:, None] * A)


def within(found, true):
    return bool((np.abs(found.value - true) <= found.error).all())


def vectors(n, bound=2.0):
    return hnp.arrays(np.float64, n, elements=st.floats(-bound, bound, allow_subnormal=False))


@settings(max_examples=40)
@given(vectors(3))
def test_a_jacobian_is_that_of_the_closed_form(x):
    found = jacobian(network, x)
    assert found.value.shape == (4, 3)
    assert np.abs(found.value - network_jacobian(x)).max() < 1e-9
    # terms that cancel within f round more than their sum shows
    assert (np.abs(found.value - network_jacobian(x)) <= 10 * found.error).all()


@settings(max_examples=40)
@given(vectors(3), vectors(4))
def test_a_vjp_is_the_jacobian_contracted(x, grad_output):
    product, full = vjp(network, x, grad_output=grad_output), jacobian(network, x)
    tolerance = 10 * (product.error + np.abs(grad_output) @ full.error)
    assert (np.abs(product.value - grad_output @ full.value) <= tolerance).all()


@settings(max_examples=40)
@given(vectors(4), st.floats(-3, 3), st.floats(-3, 3))
@example(x=np.array([0.0, 0.3, 1.0, 2.0]), a=0.0, b=5e-324)
def test_the_derivative_is_linear(x, a, b):
    both = derivative(lambda x: a * np.sin(x) + b * np.exp(x), x)
    one, other = derivative(np.sin, x), derivative(np.exp, x)
    tolerance = 10 * (both.error + abs(a) * one.error + abs(b) * other.error)
    assert (np.abs(both.value - a * one.value - b * other.value) <= tolerance).all()


@settings(max_examples=30)
@given(hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3), st.integers(0, 2**32 - 1))
def test_shapes_are_those_of_the_argument_and_of_the_result(shape, seed):
    x = np.random.default_rng(seed).normal(size=shape)
    for field in vars(derivative(np.tanh, x)).values():
        assert field.shape == shape
    assert gradient(lambda x: np.sum(np.tanh(x)), x).value.shape == shape
    assert jacobian(lambda x: np.ones((2, 5)) * np.sum(x), x).value.shape == (2, 5, *shape)
    assert vjp(np.tanh, x, grad_output=np.ones(shape)).value.shape == shape
    found = hessian(lambda x: np.sum(np.tanh(x)), x)
    assert found.value.shape == found.kinks.shape == found.left.shape == (*shape, *shape)


@settings(max_examples=30)
@given(vectors(3))
def test_a_hessian_is_symmetric_and_the_jacobian_of_the_gradient(x):
    found = hessian(lambda x: np.sum(network(x) ** 2), x)
    nested = jacobian(lambda x: 2 * network_jacobian(x).T @ network(x), x)
    assert (found.value == found.value.T).all()
    assert (np.abs(found.value - nested.value) <= 10 * (found.error + nested.error)).all()
    assert found.error.max() < 1e-5


def test_any_argument_and_any_element_of_a_tuple_can_be_chosen():
    def linear(x, W, b, name="ignored"):
        return np.sum(x), x @ W + b, {"cache": x}

    x, W, b = rng.normal(size=(2, 4)), rng.normal(size=(4, 3)), np.zeros((1, 3))
    g = rng.normal(size=(2, 3))
    assert within(vjp(linear, x, W, b, grad_output=g, argnum=0, output=1), g @ W.T)
    assert within(vjp(linear, x, W, b, grad_output=g, argnum=1, output=1), x.T @ g)
    assert within(vjp(linear, x, W, b, grad_output=g, argnum=-1, output=1), g.sum(0, keepdims=True))
    assert within(gradient(linear, x, W, b, output=0), np.ones((2, 4)))
    assert jacobian(linear, x, W, b, argnum=1, output=1).value.shape == (2, 3, 4, 3)


def test_a_large_array_is_measured_in_several_requests():
    x = rng.normal(size=1000)
    remote = Remote(lambda x: np.sum(x**2))
    found = gradient(remote, x)
    assert remote.requests == 2 and np.abs(found.value - 2 * x).max() < 1e-9


def test_relu_networks_are_measured_between_their_kinks():
    generator = np.random.default_rng(5)
    share = []
    for _ in range(20):
        W, x = generator.normal(size=(30, 6)), generator.normal(size=(6, 8))
        found = gradient(lambda x, W=W: 0.5 * np.sum(np.maximum(W @ x, 0) ** 2) / 8, x)
        share.append(np.abs(found.value - W.T @ np.maximum(W @ x, 0) / 8) <= found.error)
        found = gradient(lambda x, W=W: np.sum(np.maximum(W @ x, 0)), x)
        share.append(np.abs(found.value - W.T @ (W @ x > 0)) <= found.error)
        assert found.error.max() < 1e-6
    assert np.mean(share) >= 0.99


# --- mistakes of the user -------------------------------------------------------------------------


def loss(x):
    return x**2


def forgetful(x):
    x**2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: gradient(loss, np.ones(3)),
            "gradient: loss must return one number, got an array of shape (3,); sum it or use "
            "jacobian",
        ),
        (
            lambda: hessian(loss, np.ones(3)),
            "hessian: loss must return one number, got an array of shape (3,); sum it or use "
            "jacobian",
        ),
        (
            lambda: derivative(forgetful, 1.0),
            "derivative: forgetful returned None; did you forget return?",
        ),
        (
            lambda: derivative(np.sum, np.ones(3)),
            "derivative: sum must return an array of the shape of x, (3,), got one of shape (); "
            "see gradient and jacobian for other functions",
        ),
        (
            lambda: vjp(loss, np.ones(3), grad_output=np.ones(2)),
            "vjp: loss returned an array of shape (3,), so grad_output must have that shape, not "
            "(2,)",
        ),
        (
            lambda: gradient(lambda x: (x.sum(), x), np.ones(3)),
            "gradient: the function returned a tuple of 2; choose one with output=0",
        ),
        (
            lambda: gradient(loss, np.ones(3), output=1),
            "gradient: loss has no output 1, it returned ndarray",
        ),
        (
            lambda: gradient(lambda x: "high", 1.0),
            "gradient: the function must return numbers, got str",
        ),
        (
            lambda: derivative(lambda x: 1j * x, 1.0),
            "derivative: the function must return real numbers, not complex",
        ),
        (
            lambda: gradient(loss, np.ones(3), argnum=1),
            "gradient: argnum is 1, but f is given 1 argument",
        ),
        (
            lambda: derivative(loss, "one"),
            "derivative: x must be a real number or an array of them, got str",
        ),
    ],
)
def test_a_mistake_is_named_in_one_line(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message


def test_an_error_inside_f_is_passed_on_unchanged():
    with pytest.raises(ValueError, match="matmul"):
        gradient(lambda x: np.sum(A @ x), np.ones(4))
    with pytest.raises(ZeroDivisionError):
        derivative(lambda x: 1 // 0, 1.0)
    with pytest.raises(NotImplementedError):
        derivative(lambda x: (_ for _ in ()).throw(NotImplementedError), 1.0)
