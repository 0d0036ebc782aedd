import itertools
import re

import numpy as np
import pytest

from byhand.explorers import by_chapter, stability
from byhand.explorers.controls import Slider


def set_to(explorer, **values):
    for name, value in values.items():
        explorer.control[name].box.value = value
    return explorer.words


@pytest.mark.parametrize("explorer_class", by_chapter()["6_stability"].values())
def test_nothing_raises_or_warns_at_the_ends_of_the_controls(explorer_class):
    explorer = explorer_class(predicted=True)
    ends = [
        (control.box.min, control.box.max) if isinstance(control, Slider) else control.box.options
        for control in explorer.control.values()
    ]
    for values in itertools.product(*ends):
        words = explorer.redraw(**dict(zip(explorer.control, values, strict=True)))
        explorer._pixels()
        assert "nan" not in words


# --- softmax that overflows


def heights(bars):
    return [bar.get_height() if bar.get_visible() else np.nan for bar in bars]


@pytest.mark.parametrize(
    ("values", "verdict", "shown"),
    [
        ({"shift": 0}, "both formulas agree", ["0.644", "0.237", "0.087", "0.032"]),
        ({"shift": 100}, "overflows to inf for 4 of 4, and inf/inf is NaN", ["NaN"] * 4),
        ({"shift": 87}, "overflows to inf for 1 of 4", ["NaN", "0", "0", "0"]),
        ({"shift": 86.5}, "their sum is inf, so all probabilities are 0", ["0"] * 4),
        ({"shift": -110}, "underflows to 0 for all 4, and 0/0 is NaN", ["NaN"] * 4),
        ({"shift": 100, "dtype": "float64"}, "both formulas agree", ["0.644", "0.237"]),
        ({"shift": 800, "dtype": "float64"}, "overflows to inf for 4 of 4", ["NaN"] * 4),
        ({"shift": -800, "dtype": "float64"}, "underflows to 0 for all 4", ["NaN"] * 4),
    ],
)
def test_the_words_say_how_the_first_formula_fares(values, verdict, shown):
    explorer = stability.overflow_explorer(predicted=True)
    words = set_to(explorer, **values)
    assert verdict in words
    texts = [text.get_text() for text in explorer.values["unstable"]]
    assert texts[: len(shown)] == shown
    assert words.endswith("softmax gives 0.644, 0.237, 0.087, 0.032.")
    expected = np.exp([2, 1, 0, -1]) / np.exp([2, 1, 0, -1]).sum()
    np.testing.assert_allclose(heights(explorer.bars["stable"]), expected, rtol=1e-4)


def test_the_words_say_when_subnormal_powers_have_lost_digits():
    explorer = stability.overflow_explorer(predicted=True)
    assert "has lost digits" in set_to(explorer, shift=-100)
    said = float(re.search(r"off by up to (\S+)\. ", explorer.words)[1])
    unstable, stable = (heights(explorer.bars[name]) for name in ("unstable", "stable"))
    assert said == pytest.approx(np.abs(np.subtract(unstable, stable)).max(), rel=0.5)


def test_the_hatched_ranges_begin_where_exp_gives_0_and_inf():
    explorer = stability.overflow_explorer(predicted=True)
    for dtype in ("float32", "float64"):
        set_to(explorer, dtype=dtype)
        zero, inf = explorer.out
        below, above = zero.get_x() + zero.get_width(), inf.get_x()
        with np.errstate(all="ignore"):
            outside = np.exp(np.array([below - 0.01, above + 0.01], dtype))
            inside = np.exp(np.array([below + 0.01, above - 0.01], dtype))
        assert list(outside) == [0, np.inf]
        assert inside[0] > 0 and np.isfinite(inside[1])


def test_the_students_softmax_is_marked_on_the_bars(notebook):
    names, passed = notebook
    names["softmax_stable"] = lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum()
    explorer = stability.overflow_explorer(predicted=True)
    assert not explorer.yours.mark.get_visible()
    passed.add("6.4")
    explorer._checks_changed()
    assert explorer.yours.mark.get_visible()
    np.testing.assert_allclose(
        explorer.yours.mark.get_ydata(), heights(explorer.bars["stable"]), rtol=1e-6
    )
    assert explorer.yours.label.get_text() == "diamonds: yours (6.4)"


# --- gradients through depth


@pytest.mark.parametrize("activation", ["ReLU", "tanh", "none"])
def test_only_the_right_size_of_weights_keeps_the_gradient(activation):
    explorer = stability.depth_explorer(predicted=True)
    set_to(explorer, activation=activation, depth=30, factor=2)
    large, kept, small = (curve.get_ydata()[0] for curve in explorer.curves)
    assert 0.05 < kept < 20 and small < 1e-6 and large > 50


def test_a_factor_in_the_weights_of_linear_and_relu_layers_is_taken_once_a_layer():
    explorer = stability.depth_explorer(predicted=True)
    for activation in ("ReLU", "none"):
        set_to(explorer, activation=activation, depth=10, factor=2)
        large, kept, small = (curve.get_ydata() for curve in explorer.curves)
        powers = 2.0 ** np.arange(10, 0, -1)
        np.testing.assert_allclose(large, kept * powers)
        np.testing.assert_allclose(small, kept / powers)


def test_the_gradient_of_a_shallow_network_is_what_differences_measure():
    explorer = stability.depth_explorer(predicted=True)
    function, slope, _, _ = stability.depth.ACTIVATIONS["tanh"]
    weights = np.random.default_rng(0).standard_normal((1, 2, 8, 8)) / 3
    x, g = explorer._batch(8)

    def output(nudge):
        a = x.copy()
        a[3, 5] += nudge
        return np.sum(g * function(function(a @ weights[0, 0].T) @ weights[0, 1].T))

    through = [weights[0, 1], weights[0, 0]]
    z = x @ weights[0, 0].T
    grad = g * slope(function(z) @ through[0].T) @ through[0] * slope(z) @ through[1]
    assert grad[3, 5] == pytest.approx((output(1e-5) - output(-1e-5)) / 2e-5, rel=1e-6)
    ((first, _),) = explorer._lengths(weights, function, slope)
    assert first == pytest.approx(np.linalg.norm(grad))


def test_a_network_that_has_died_is_called_so():
    explorer = stability.depth_explorer(predicted=True)
    assert "the gradient has died" in set_to(explorer, width=8)
    assert explorer.dead.get_visible()
    assert "In front of layer 1" in set_to(explorer, width=64)
    assert not explorer.dead.get_visible()


@pytest.mark.parametrize(
    ("activation", "called", "variance"), [("ReLU", "he_init", 2), ("tanh", "xavier_init", 1)]
)
def test_the_students_weights_are_drawn_beside_ours(notebook, activation, called, variance):
    names, passed = notebook
    names[called] = lambda n_in, n_out, rng: (
        np.sqrt(variance / n_in) * rng.standard_normal((n_out, n_in))
    )
    names["gradient_norms"] = lambda weights, x, grad_output: np.arange(len(weights) + 1) + 1.0
    passed.add("6.9")
    explorer = stability.depth_explorer(predicted=True)
    set_to(explorer, activation=activation)
    if activation == "ReLU":
        np.testing.assert_array_equal(explorer.yours.mark.get_ydata(), np.arange(50) + 1)
    assert explorer.yours.label.get_text() == "dotted: yours (6.9)"
    assert explorer.yours.mark.get_visible()
    assert 0.02 < explorer.yours.mark.get_ydata()[0] < 50


def test_the_words_name_xaviers_rule_where_it_is_too_small():
    explorer = stability.depth_explorer(predicted=True)
    assert "1.4 times smaller (Xavier's rule)" in explorer.words
    assert "Xavier" not in set_to(explorer, factor=1.5)
    assert "Xavier's variance 1/n" in set_to(explorer, activation="tanh", factor=1.4)
    assert "(Xavier" not in explorer.words


def test_one_layer_more_and_less_at_the_end_of_the_axis_leaves_the_background(monkeypatch):
    explorer = stability.depth_explorer(predicted=True)
    drawn, draw = [], explorer.canvas.draw
    monkeypatch.setattr(explorer.canvas, "draw", lambda: (drawn.append(1), draw()))
    for depth, end, times in ((51, 60, 1), (50, 60, 1), (41, 60, 1), (40, 40, 2), (41, 50, 3)):
        set_to(explorer, depth=depth)
        assert (explorer.axes.get_xlim()[1], len(drawn)) == (end + 0.5, times)


def test_students_weights_of_a_wrong_shape_are_named_in_the_words(notebook):
    names, passed = notebook
    names["he_init"] = lambda n_in, n_out, rng: np.zeros(3)
    passed.add("6.9")
    explorer = stability.depth_explorer(predicted=True)
    assert "Your he_init (6.9) raises" in explorer.words


# --- the numbers of float16


def test_a_loss_scale_saves_small_gradients():
    explorer = stability.float16_explorer(predicted=True)
    words = explorer.words
    assert "float16 keeps 0 (off by 100%)" in words
    assert "10 become 0 as they are; scaled, 10 become 0 and 0 inf" in words
    words = set_to(explorer, power=10)
    assert "keeps 2e-08 of g (off by 0.117%)" in words
    assert "scaled, 1 become 0" in words


def test_a_loss_scale_that_is_too_large_makes_inf():
    explorer = stability.float16_explorer(predicted=True)
    words = set_to(explorer, gradient=1, power=16)
    assert "With loss scale 65,536 it overflows." in words
    assert "0 become 0 and 10 inf" in words
    assert not explorer.kept[1].get_visible() and explorer.kept[0].get_visible()


def test_each_gradient_is_marked_by_what_becomes_of_it():
    explorer = stability.float16_explorer(predicted=True)
    for gradient, power in ((2e-8, 0), (2e-8, 10), (1e-3, 24), (10, 0)):
        set_to(explorer, gradient=gradient, power=power)
        zero, number, inf = (cloud.get_xdata() for cloud in explorer.clouds[1])
        with np.errstate(all="ignore"):
            assert not zero.astype(np.float16).any()
            assert np.isfinite(number.astype(np.float16)).all() and number.astype(np.float16).all()
            assert np.isinf(inf.astype(np.float16)).all()
        assert len(zero) + len(number) + len(inf) == len(stability.float16.AROUND)


def test_the_next_numbers_are_the_spacing_away():
    explorer = stability.float16_explorer(predicted=True)
    for gradient in (1e-7, 1e-3, 1.0, 3.7):
        set_to(explorer, gradient=gradient)
        spacing = float(np.spacing(np.float16(gradient)))
        assert f"the next number is {spacing:.2g} away" in explorer.words
        down, here, up = (float(text.get_text().replace("−", "-")) for text in explorer.numbers[0])
        assert down < here < up
        assert up - here == pytest.approx(spacing, rel=0.2, abs=5e-4)


def test_the_students_result_is_drawn_on_the_number_that_is_kept(notebook):
    names, passed = notebook
    names["float16_gradient"] = lambda grad, loss_scale: (
        (grad * loss_scale).astype(np.float16).astype(np.float64) / loss_scale
    )
    passed.add("6.15")
    explorer = stability.float16_explorer(predicted=True)
    set_to(explorer, power=10)
    assert explorer.yours.mark.get_visible()
    assert explorer.yours.mark.get_xdata() == pytest.approx([0], abs=1e-9)
    names["float16_gradient"] = lambda grad, loss_scale: grad
    explorer.refresh()
    assert explorer.yours.mark.get_xdata() == pytest.approx(explorer.exact[1].get_xdata())


# --- the V of finite differences


def test_the_words_say_where_each_precision_is_best():
    explorer = stability.precision_explorer(predicted=True)
    for kind, power in (("central", 1 / 3), ("forward", 1 / 2)):
        words = set_to(explorer, kind=kind)
        near = [float(text) for text in re.findall(r"near h = ([\d.e-]+) ", words)]
        for dtype, step in zip(("float32", "float64"), near, strict=True):
            assert 0.2 < step / np.finfo(dtype).eps ** power < 5, (kind, dtype)


def test_float32_is_computed_in_float32():
    explorer = stability.precision_explorer(predicted=True)
    words = set_to(explorer, h=1e-9)
    assert "float32 errs by 2.7e+00 (h is too small to move x)" in words  # e - 0
    single, double = (curve.get_ydata() for curve in explorer.curves)
    assert np.nanmin(single) > 1e-7 and np.nanmin(double) < 1e-10


def test_large_values_of_f_move_the_best_step():
    explorer = stability.precision_explorer(predicted=True)

    def best():
        return float(re.findall(r"near h = ([\d.e-]+) ", explorer.words)[1])

    set_to(explorer, f="sin x")
    small = best()
    assert "here it is 1001" in set_to(explorer, f="sin x + 1000")
    assert best() > 3 * small


def test_the_students_best_step_is_marked_for_central_differences(notebook):
    names, passed = notebook
    names["best_step"] = lambda f, df, x, steps: min(
        steps, key=lambda h: abs((f(x + h) - f(x - h)) / (2 * h) - df(x))
    )
    passed.add("6.3")
    explorer = stability.precision_explorer(predicted=True)
    assert explorer.yours.mark.get_visible()
    assert 1e-7 < explorer.yours.mark.get_xdata()[0] < 1e-4
    set_to(explorer, kind="forward")
    assert not explorer.yours.mark.get_visible()


# --- a bench for gradient checks


def verdicts(explorer):
    return [text.get_text().partition(": ")[2] for text in explorer.verdicts]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"bug": "a sign flipped"}, ["MISSED", "caught", "caught"]),
        ({"bug": stability.bench.NO_BUG}, ["passes, rightly"] * 3),
        (
            {"bug": stability.bench.NO_BUG, "h": 1e-7},
            ["passes, rightly", "FALSE ALARM", "passes, rightly"],
        ),
        ({"bug": stability.bench.NO_BUG, "h": 0.1}, ["FALSE ALARM"] * 3),
        ({"bug": "all × 1.001"}, ["caught"] * 3),
        ({"bug": "a term missing"}, ["caught"] * 3),
        ({"bug": "all zeros", "size": 1e-15}, ["MISSED", "caught", "caught"]),
        ({"bug": "all × 1.001", "size": 1e-11}, ["MISSED", "caught", "caught"]),
        (
            {"bug": "a sign flipped", "dtype": "float32"},
            ["alarm either way", "alarm either way", "MISSED"],
        ),
    ],
)  # fmt: skip
def test_each_comparison_is_judged(values, expected):
    explorer = stability.bench_explorer(predicted=True)
    words = set_to(explorer, **values)
    assert verdicts(explorer)[:3] == expected
    assert all(verdict in words for verdict in expected)
    assert ("sets it off too" in words) == ("alarm either way" in expected)


def test_wrong_entries_are_marked_by_shape():
    explorer = stability.bench_explorer(predicted=True)
    assert list(explorer.wrong.get_xdata()) == [7]
    set_to(explorer, bug="a term missing")
    assert list(explorer.wrong.get_xdata()) == [5]
    set_to(explorer, bug=stability.bench.NO_BUG)
    assert not len(explorer.wrong.get_xdata())
    assert explorer.wrong.get_marker() != explorer.right.get_marker()


def test_the_students_relative_error_is_marked_beside_ours(notebook):
    names, passed = notebook
    names["relative_error"] = lambda a, b, noise: np.max(
        np.maximum(np.abs(a - b) - noise, 0) / np.maximum(np.abs(a), np.abs(b))
    )
    passed.add("6.1")
    explorer = stability.bench_explorer(predicted=True)
    for bug in ("all × 1.001", "a sign flipped"):
        set_to(explorer, bug=bug)
        assert explorer.yours.mark.get_xdata() == pytest.approx(explorer.marks[2].get_xdata())
    assert explorer.yours.label.get_text() == "diamond: yours (6.1)"


def test_the_students_gradient_check_is_judged_too(notebook):
    names, passed = notebook
    explorer = stability.bench_explorer(predicted=True)
    assert explorer.verdicts[3].get_text() == "joins once 6.2 passes"

    def gradient_check(f, x, analytical_grad, eps=1e-5):
        nudges = eps * np.eye(x.size)
        numerical = np.array([(f(x + e) - f(x - e)) / (2 * eps) for e in nudges])
        gap = np.abs(numerical - analytical_grad)
        larger = np.maximum(np.abs(numerical), np.abs(analytical_grad))
        return np.max(gap / larger), numerical

    names["gradient_check"] = gradient_check
    passed.add("6.2")
    explorer._checks_changed()
    assert verdicts(explorer)[3] == "caught"
    names["gradient_check"] = lambda f, x, analytical_grad, eps: (0.0, None)
    explorer.refresh()
    assert verdicts(explorer)[3] == "MISSED"
    names["gradient_check"] = lambda f, x, analytical_grad, eps: None
    explorer.refresh()
    assert "Your gradient_check (6.2) raises TypeError" in explorer.words
