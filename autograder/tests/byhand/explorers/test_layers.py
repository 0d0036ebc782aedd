import itertools
import re

import numpy as np
import pytest

from byhand.explorers import by_chapter, grids, layers
from byhand.explorers.controls import Slider
from byhand.explorers.layers import attention, convolution


def choose(explorer, **values):
    for name, value in values.items():
        explorer.control[name].box.value = value


def extremes(control):
    if isinstance(control, Slider):
        return control.box.min, control.box.max
    return control.box.options


@pytest.mark.parametrize("explorer_class", by_chapter()["5_layer_gradients"].values())
def test_no_extreme_setting_raises_or_warns(explorer_class):
    explorer = explorer_class(predicted=True)
    names = list(explorer.control)
    for values in itertools.product(*(extremes(explorer.control[name]) for name in names)):
        choose(explorer, **dict(zip(names, values, strict=True)))
        assert "could not be drawn" not in explorer._output.value, values


# --- convolution ----------------------------------------------------------------------------------


def cells(table, shape):
    """Return what a table shows as numbers, from its outlines."""
    known = {id(grids.outline(str(n).replace("-", "−"), 10)): n for n in range(-60, 100)}
    return np.array([known[id(path)] for path in table.numbers.get_paths()]).reshape(shape)


def test_a_window_is_read_times_the_kernel():
    explorer = layers.convolution_explorer(predicted=True)
    choose(explorer, row=2, column=3)
    read = convolution.IMAGE[2:5, 3:6]
    total = int(np.sum(read * convolution.KERNEL))
    assert "Output pixel (2, 3) reads rows 2 to 4, columns 3 to 5" in explorer.words
    assert f"with the bias 1 to {grids.whole(total + 1)}." in explorer.words
    np.testing.assert_array_equal(
        cells(explorer.middle, (3, 3)), np.array(read * convolution.KERNEL)
    )
    assert cells(explorer.output, (4, 5))[2, 3] == total + 1


def test_a_pixel_sends_the_kernel_back_to_what_it_read_and_padding_drops_its_part():
    explorer = layers.convolution_explorer(predicted=True)
    choose(explorer, direction=convolution.BACKWARD, padding=1, row=0, column=6)
    assert "has the gradient 3. It sends 3 times the kernel" in explorer.words
    assert "rows 0 to 1, columns 5 to 6 and 5 places of padding" in explorer.words
    lost = sum(path is grids.outline("×", 10) for path in explorer.image.numbers.get_paths())
    assert lost == 5
    (frame,) = explorer.frames[1:]
    assert frame.get_xy() == (convolution.LEFT + 5, convolution.TOP - 1)


def test_the_parts_of_all_pixels_add_up():
    explorer = layers.convolution_explorer(predicted=True)
    choose(explorer, direction=convolution.SUM)
    shown = cells(explorer.image, (6, 7))
    expected = np.zeros((6, 7))
    for i, j in np.ndindex(4, 5):
        expected[i : i + 3, j : j + 3] += convolution.upstream((4, 5))[i, j] * convolution.KERNEL
    np.testing.assert_array_equal(shown, expected)
    middle = "pixel (2, 3) in the middle of its window, which 9 output pixels read"
    assert middle in explorer.words
    assert f"add up to {grids.whole(expected[2, 3])}." in explorer.words


def test_a_stride_that_does_not_fit_leaves_the_last_row_unread():
    explorer = layers.convolution_explorer(predicted=True)
    choose(explorer, direction=convolution.SUM, stride=2)
    assert explorer.words.endswith("No window reads the last row: gradient 0.")
    assert not cells(explorer.image, (6, 7))[5].any()
    assert cells(explorer.image, (6, 7))[4].any()


def test_row_and_column_end_where_the_output_ends():
    explorer = layers.convolution_explorer(predicted=True)
    choose(explorer, row=3, column=4, stride=3)
    assert explorer.control["row"].slider.max == explorer.control["row"].value == 1
    assert "Output pixel (1, 1)" in explorer.words
    choose(explorer, stride=1, padding=2)
    assert explorer.control["column"].box.max == explorer.control["column"].slider.max == 8


def conv2d_forward(x, kernel, bias, stride, padding):
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[2:], axis=(2, 3))
    out = np.einsum("bcijhw,ochw->boij", windows[:, :, ::stride, ::stride], kernel)
    return out + bias[:, None, None], (x, kernel, stride, padding)


def conv2d_backward(grad_output, cache):
    x, kernel, stride, padding = cache
    padded = np.zeros(np.array(x.shape) + [0, 0, 2 * padding, 2 * padding])
    for i, j in np.ndindex(grad_output.shape[2:]):
        part = np.einsum("bo,ochw->bchw", grad_output[:, :, i, j], kernel)
        padded[:, :, i * stride : i * stride + 3, j * stride : j * stride + 3] += part
    end = None if padding == 0 else -padding
    return padded[:, :, padding:end, padding:end], None, None


@pytest.mark.parametrize(
    ("direction", "count"), [(convolution.BACKWARD, 3 * 3), (convolution.SUM, 6 * 7)]
)
def test_the_students_convolution_agrees_in_every_cell(notebook, direction, count):
    names, passed = notebook
    names |= {"conv2d_forward": conv2d_forward, "conv2d_backward": conv2d_backward}
    passed |= {"5.3", "5.4"}
    explorer = layers.convolution_explorer(predicted=True)
    choose(explorer, stride=2, padding=1)
    assert len(explorer.yours.mark.get_xdata()) == 3 * 4
    assert explorer.yours.label.get_text() == "diamonds: yours (5.3) gives the same"
    choose(explorer, direction=direction)
    assert len(explorer.yours.mark.get_xdata()) == count
    assert explorer.yours.label.get_text() == "diamonds: yours (5.4) gives the same"


def test_a_students_convolution_of_another_shape_is_named_in_the_words(notebook):
    names, passed = notebook
    names["conv2d_forward"] = lambda x, *_: (x, None)
    passed.add("5.3")
    explorer = layers.convolution_explorer(predicted=True)
    assert "Your conv2d_forward (5.3) raises ValueError" in explorer.words
    assert not explorer.yours.mark.get_visible()


# --- batch norm -----------------------------------------------------------------------------------


def test_a_batch_takes_the_mean_beta_and_the_variance_gamma_squared():
    explorer = layers.batchnorm_explorer(predicted=True)
    choose(explorer, gamma=2, beta=-1.5, size=16, batch=5)
    after = explorer.clouds[1].get_xdata()
    assert after.mean() == pytest.approx(-1.5) and after.var() == pytest.approx(4, rel=1e-4)
    assert "become −1.50 = β and 4.00 = γ²" in explorer.words


def test_the_gradient_that_leaves_has_mean_0():
    explorer = layers.batchnorm_explorer(predicted=True)
    assert explorer.arrives.get_ydata().mean() > 1
    assert explorer.passed.get_ydata().mean() == pytest.approx(0, abs=1e-9)
    assert "arrive with mean 1.32 and leave with mean 0.00." in explorer.words


def test_two_examples_pass_no_gradient():
    explorer = layers.batchnorm_explorer(predicted=True)
    choose(explorer, size=2)
    assert sorted(explorer.clouds[1].get_xdata()) == pytest.approx([-1, 1], rel=1e-3)
    assert explorer.passed.get_ydata() == pytest.approx([0, 0], abs=1e-3)
    assert "no gradient comes back" in explorer.words


def test_small_batches_have_scattered_statistics_and_too_small_variances():
    explorer = layers.batchnorm_explorer(predicted=True)
    scatter = []
    for size in (2, 8, 64):
        choose(explorer, size=size)
        means, variances = explorer.statistics.get_data()
        scatter.append(np.std(means))
        average = float(re.search(r"average ([\d.]+)", explorer.words)[1])
        assert average < layers.batchnorm.SPREAD**2
    assert scatter[0] > 1.5 * scatter[1] > 3 * scatter[2]


def test_the_students_batch_norm_lies_on_the_picture(notebook):
    names, passed = notebook

    def batchnorm_forward(x, gamma, beta, running_mean, running_var, training):
        assert training
        return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) + beta, None, None, None

    def batchnorm_backward(grad_output, cache):
        x_hat, inv_std, gamma, training = cache
        centred = grad_output - grad_output.mean(0) - x_hat * (grad_output * x_hat).mean(0)
        return gamma * inv_std * centred, None, None

    names |= {"batchnorm_forward": batchnorm_forward, "batchnorm_backward": batchnorm_backward}
    passed.add("5.6")
    explorer = layers.batchnorm_explorer(predicted=True)
    choose(explorer, gamma=0.7, beta=0.4)
    assert explorer.yours_out.label.get_text() == "diamonds: yours (5.6)"
    assert not explorer.yours_back.mark.get_visible()
    np.testing.assert_allclose(explorer.yours_out.mark.get_xdata(), explorer.clouds[1].get_xdata())
    passed.add("5.7")
    explorer._checks_changed()
    assert explorer.yours_out.label.get_text() == "diamonds: yours (5.6, 5.7)"
    np.testing.assert_allclose(
        explorer.yours_back.mark.get_ydata(), explorer.passed.get_ydata(), atol=1e-8
    )


# --- dropout --------------------------------------------------------------------------------------


def mean_ratio(explorer):
    return float(re.search(r"are ([\d.]+) of the inputs", explorer.words)[1])


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.8])
def test_dividing_keeps_the_mean_and_not_dividing_loses_it(rate):
    explorer = layers.dropout_explorer(predicted=True)
    choose(explorer, rate=rate, draws=layers.dropout.DRAWS)
    assert mean_ratio(explorer) == pytest.approx(1, abs=0.03)
    choose(explorer, scaling=layers.dropout.UNSCALED)
    assert mean_ratio(explorer) == pytest.approx(1 - rate, abs=0.01)


def test_one_draw_shows_units_that_are_off_or_scaled_up():
    explorer = layers.dropout_explorer(predicted=True)
    choose(explorer, draws=1)
    means = explorer.means.get_ydata()
    np.testing.assert_allclose(means[means > 0], 2 * explorer.x[means > 0])
    assert f"leaves {np.count_nonzero(means)} of 24 units on" in explorer.words
    off = sum(path is grids.outline("off", 10) for path in explorer.units.numbers.get_paths())
    assert off == np.count_nonzero(means == 0)


def test_evaluation_passes_the_input_and_locks_what_has_no_part_in_it():
    explorer = layers.dropout_explorer(predicted=True)
    choose(explorer, mode=layers.dropout.EVALUATION)
    np.testing.assert_array_equal(explorer.means.get_ydata(), explorer.x)
    assert explorer.control["draws"].disabled and explorer.control["rate"].disabled
    choose(explorer, scaling=layers.dropout.UNSCALED)
    assert not explorer.control["rate"].disabled
    assert "at rate 0.5, the next layer got 0.5 of it" in explorer.words


def test_the_students_dropout_is_averaged_over_the_same_number_of_draws(notebook):
    names, passed = notebook
    seen = []

    def dropout_forward(x, rate, training, rng):
        seen.append(x.shape)
        if not training:
            return x, None
        mask = (rng.random(x.shape) >= rate).astype(float)
        return x * mask / (1 - rate), mask

    names["dropout_forward"] = dropout_forward
    passed.add("5.9")
    explorer = layers.dropout_explorer(predicted=True)
    choose(explorer, draws=5000)
    assert seen[-1] == (5000, 24)
    np.testing.assert_allclose(explorer.yours.mark.get_ydata(), explorer.x, rtol=0.1)
    choose(explorer, mode=layers.dropout.EVALUATION)
    np.testing.assert_allclose(explorer.yours.mark.get_ydata(), explorer.x)


# --- attention ------------------------------------------------------------------------------------


def test_scores_that_are_not_divided_make_attention_sharp_and_pass_less_gradient():
    explorer = layers.attention_explorer(predicted=True)

    def bars():
        return [np.array([bar.get_width() for bar in each]) for each in explorer.bars]

    attended, gradients = bars()
    choose(explorer, scale=attention.PLAIN)
    sharp, faint = bars()
    assert (sharp < attended).all() and (faint < gradients).all()
    assert np.median(faint / gradients) < 0.01
    assert "Scores not divided" in explorer.words
    assert "the largest weight is 1.000: it attends to 1.00 of 6 keys" in explorer.words


def test_a_causal_mask_crosses_out_later_keys_and_leaves_query_0_no_choice():
    explorer = layers.attention_explorer(predicted=True)
    choose(explorer, mask="on")
    crossed = [path is grids.outline("×", 10) for path in explorer.table.numbers.get_paths()]
    np.testing.assert_array_equal(np.reshape(crossed, (6, 6)), ~np.tri(6, dtype=bool))
    assert [each[0].get_width() for each in explorer.bars] == [1, 0]


def test_measured_slopes_of_softmax_are_exact_where_it_is_sharp():
    scores = np.array([[0.0, 30.0, -5.0], [0.3, 0.1, 0.2]])
    allowed = np.array([[True, True, True], [True, True, False]])
    slopes = attention.slopes_of_softmax(scores, allowed)
    p = attention.softmax(scores, allowed)
    expected = p[:, :, None] * np.eye(3) - p[:, :, None] * p[:, None, :]
    np.testing.assert_allclose(slopes[1], expected[1], rtol=1e-12)
    np.testing.assert_allclose(slopes[0, 0, 1], -np.exp(-30), rtol=1e-9)


def attention_forward(Q, K, V, mask=None):
    scores = Q @ K.transpose(0, 2, 1) / np.sqrt(Q.shape[-1])
    weights = attention.softmax(scores, np.broadcast_to(mask, scores.shape))
    return weights @ V, weights


def attention_backward(grad_output, Q, K, V, weights):
    grad_weights = grad_output @ V.transpose(0, 2, 1)
    grad_scores = weights * (grad_weights - (grad_weights * weights).sum(-1, keepdims=True))
    return grad_scores @ K / np.sqrt(Q.shape[-1]), None, None


@pytest.mark.parametrize("scale", [attention.DIVIDED, attention.PLAIN])
def test_the_students_attention_lies_on_the_bars(notebook, scale):
    names, passed = notebook
    names |= {"attention_forward": attention_forward, "attention_backward": attention_backward}
    passed |= {"5.10", "5.11"}
    explorer = layers.attention_explorer(predicted=True)
    choose(explorer, scale=scale, factor=0.4, mask="on", d=16)
    for bars, yours, start in zip(
        explorer.bars, explorer.yours, (0, attention.FAINTEST), strict=True
    ):
        ends = [start + bar.get_width() for bar in bars]
        np.testing.assert_allclose(yours.mark.get_xdata(), ends, rtol=1e-9)
    assert [yours.label.get_text() for yours in explorer.yours] == [
        "diamonds: yours (5.10)",
        "diamonds: yours (5.11)",
    ]


def test_the_students_softmax_backward_is_drawn_before_there_is_attention(notebook):
    names, passed = notebook
    names["softmax_backward"] = lambda g, p: p * (g - (g * p).sum(-1, keepdims=True))
    passed.add("5.1")
    explorer = layers.attention_explorer(predicted=True)
    assert explorer.yours[1].label.get_text() == "diamonds: yours (5.1)"
    assert not explorer.yours[0].mark.get_visible()
    ends = [attention.FAINTEST + bar.get_width() for bar in explorer.bars[1]]
    np.testing.assert_allclose(explorer.yours[1].mark.get_xdata(), ends, rtol=1e-9)
