import base64
import io
import re
import subprocess
import sys
import threading
from html import escape

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from byhand import figures, progress
from byhand.explorers import base, by_chapter, chain_rule, derivatives
from byhand.explorers.controls import LogSlider, Slider, WholeLogSlider

EVERY = pytest.mark.parametrize(
    "explorer_class",
    [
        pytest.param(explorer_class, id=f"{chapter}-{name}")
        for chapter, explorers in by_chapter().items()
        for name, explorer_class in explorers.items()
    ],
)


def picture(explorer):
    return re.search(r'src="data:image/png;base64,([^"]+)"', explorer._output.value)[1]


def alt(explorer):
    return re.search(r'alt="([^"]*)"', explorer._output.value)[1]


@EVERY
def test_every_explorer_moves_its_picture_and_words_with_every_control(explorer_class):
    for name in explorer_class.open(predicted=True).control:
        explorer = explorer_class.open(predicted=True)
        control = explorer.control[name]
        if control.disabled:
            continue
        before = picture(explorer), alt(explorer)
        if isinstance(control, Slider):
            low, high = control.box.min, control.box.max
            control.box.value = (low + control.box.value) / 2 if control.box.value > low else high
        else:
            control.box.value = control.box.options[-1]
        assert picture(explorer) != before[0], name
        assert alt(explorer) != before[1], name
        assert alt(explorer) == escape(f"{explorer.picture} {explorer.words}")
        assert f">{escape(explorer.words)}</p>" in explorer._output.value


@EVERY
def test_every_explorer_over_its_stored_background_looks_as_if_drawn_from_nothing(explorer_class):
    explorer = explorer_class.open(predicted=True)
    for control in explorer.control.values():
        if isinstance(control, Slider) and not control.disabled:
            control.slider.value = control.slider.max
    over_background = explorer._pixels().copy()
    explorer.figure.stale = True
    np.testing.assert_array_equal(over_background, explorer._pixels())


@EVERY
def test_every_explorer_costs_nothing_in_a_grading_run(explorer_class, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert explorer_class.open() is None


def test_importing_explorers_imports_neither_widgets_nor_matplotlib():
    code = (
        "import sys; from byhand.explorers import by_chapter; by_chapter();"
        "print({'ipywidgets', 'matplotlib', 'IPython'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_chapter_lists_what_its_folder_names_for_notebooks():
    explorers = by_chapter()["1_derivatives"]
    names = ["fit_explorer", "secant_explorer", "activation_explorer", "error_explorer"]
    assert list(explorers) == names
    assert explorers["secant_explorer"] is derivatives.Secant


def test_marks_that_share_a_label_are_named_together(notebook):
    names, passed = notebook
    names["forward_difference"] = lambda f, x, h: (f(x + h) - f(x)) / h
    names["central_difference"] = lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h)
    passed |= {"1.1", "1.2"}
    explorer = derivatives.error_explorer(predicted=True)
    (label,) = {yours.label for yours in explorer.yours}
    assert label.get_text() == "dotted: yours (1.1, 1.2)"
    passed.remove("1.1")
    explorer._checks_changed()
    assert [yours.mark.get_visible() for yours in explorer.yours] == [False, True]
    assert label.get_text() == "dotted: yours (1.2)"


def test_controls_wait_for_a_prediction():
    explorer = derivatives.secant_explorer()
    assert all(control.disabled for control in explorer.control.values())
    explorer._form.commit.click()  # without an answer
    assert explorer.control["x"].disabled
    explorer._form.field.slider.box.value = 1.5
    explorer._form.commit.click()
    assert not any(control.disabled for control in explorer.control.values())
    (kept,) = explorer._form.widget.children[0].children
    assert escape(explorer.prediction.question) in kept.value
    assert "You said 1.5; " in explorer._form.told.value


def test_only_one_thread_draws_at_a_time():
    explorer = derivatives.secant_explorer(predicted=True)
    explorer._output.value = ""
    drawing = threading.Thread(target=explorer.refresh)
    with base.DRAWING:
        drawing.start()
        drawing.join(0.2)
        assert drawing.is_alive() and explorer._output.value == ""
    drawing.join()
    assert picture(explorer)


def test_alpha_stays_locked_for_functions_without_it():
    explorer = derivatives.activation_explorer()
    explorer.commit(0.5)
    assert explorer.control["alpha"].disabled
    explorer.control["f"].box.value = "leaky ReLU"
    assert not explorer.control["alpha"].disabled


def test_a_failing_redraw_is_shown_with_its_place_and_the_next_good_one_clears_it(monkeypatch):
    explorer = derivatives.secant_explorer(predicted=True)
    good = explorer.redraw
    monkeypatch.setattr(explorer, "redraw", lambda **values: {}["no <such> key"])
    explorer.control["x"].box.value = 1.0
    shown = explorer._output.value
    assert 'role="alert"' in shown
    assert "KeyError: &#x27;no &lt;such&gt; key&#x27;" in shown
    assert "test_base.py" in shown
    monkeypatch.setattr(explorer, "redraw", good)
    explorer.control["x"].box.value = 1.5
    assert "alert" not in explorer._output.value


def test_a_failure_in_the_first_picture_is_the_cells_error(monkeypatch):
    def fail(self, **values):
        raise ZeroDivisionError("first")

    monkeypatch.setattr(derivatives.Secant, "redraw", fail)
    with pytest.raises(ZeroDivisionError, match="first"):
        derivatives.secant_explorer()


def test_words_give_the_slopes():
    explorer = derivatives.secant_explorer(predicted=True)
    explorer.control["x"].box.value = 1.0
    explorer.control["h"].box.value = 0.5
    assert "slope 2.5000, the tangent 2.0000; they differ by 0.5." in explorer.words


def test_words_name_both_slopes_at_a_kink():
    explorer = derivatives.secant_explorer(predicted=True)
    explorer.control["f"].box.value = "|x|"
    explorer.control["x"].box.value = 0.0
    assert "-1.0000 on the left and 1.0000 on the right" in explorer.words


def test_words_say_which_error_falls_to_a_quarter():
    explorer = derivatives.error_explorer(predicted=True)
    assert "Halving h multiplies these errors by 0.5 and 0.25." in explorer.words


def test_the_students_function_is_drawn_once_its_exercise_has_passed(notebook):
    names, passed = notebook
    explorer = derivatives.activation_explorer(predicted=True)
    names["sigmoid_derivative"] = lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2
    explorer.refresh()
    without = picture(explorer)
    passed.add("1.9")
    explorer._checks_changed()
    assert picture(explorer) != without
    assert explorer.yours.label.get_text() == "dotted: yours (1.9)"


def test_a_students_function_that_raises_is_named_in_the_words(notebook):
    names, passed = notebook
    passed.add("1.1")

    def forward_difference(f, x, h):
        raise TypeError("no h")

    names["forward_difference"] = forward_difference
    explorer = derivatives.secant_explorer(predicted=True)
    assert explorer.words.endswith("Your forward_difference (1.1) raises TypeError: no h.")


def test_a_function_that_a_students_function_returns_is_called_where_errors_are_caught(notebook):
    names, passed = notebook
    passed.add("3.2")
    explorer = chain_rule.chain_explorer(predicted=True)
    names["chain_many"] = lambda functions, derivatives: lambda x: 0.5 ** len(functions)
    explorer.refresh()
    assert explorer.yours.mark.get_ydata() == [0.5**20]
    names["chain_many"] = lambda functions, derivatives: 3.0
    explorer.refresh()
    assert "Your chain_many (3.2) raises TypeError" in explorer.words


def test_words_count_the_digits_that_a_chain_leaves():
    explorer = chain_rule.chain_explorer(predicted=True)
    assert "about 4 of 16 digits are left in float64, 0 of 7 in float32" in explorer.words
    explorer.control["factor"].box.value = 1.0
    assert "passed on without loss" in explorer.words


def test_the_steps_of_a_graph_end_with_the_sum_over_both_paths():
    explorer = chain_rule.graph_explorer(predicted=True)
    explorer.control["step"].box.value = 0
    assert "only the inputs are known" in explorer.words
    explorer.control["step"].box.value = 7
    assert "0.909 · 4 + 4 · −0.416 = 1.97" in explorer.words


def test_a_students_gradients_are_written_beside_the_neuron(notebook):
    names, passed = notebook
    passed.add("3.5")
    names["neuron_gradients"] = lambda w, b, x, y: (2 * w, b, 3 * x)
    explorer = chain_rule.graph_explorer(predicted=True)
    explorer.control["graph"].box.value = chain_rule.graph.NEURON
    assert explorer.yours.get_text() == "yours (3.5):  ∂L/∂w = −1.6,  ∂L/∂b = 0.5,  ∂L/∂x = 6"


def test_the_steps_end_with_the_graph_that_is_shown():
    explorer = chain_rule.graph_explorer(predicted=True)
    step, graph = explorer.control["step"], explorer.control["graph"]
    ends = {}
    for name in chain_rule.graph.GRAPHS:
        graph.box.value = name
        step.box.value = 9
        ends[name] = step.high
        assert step.value == step.slider.value == step.slider.max == step.high
        assert f"Step {step.high} of {step.high}," in explorer.words
    assert sorted(ends.values()) == [7, 9]


def test_paths_double_while_arrows_grow_by_four():
    explorer = chain_rule.paths_explorer(predicted=True)
    assert "20 diamonds, 80 arrows, 1,048,576 paths" in explorer.words
    explorer.control["diamonds"].box.value = 60
    assert "240 arrows, 1,152,921,504,606,846,976 paths" in explorer.words
    assert "36,534 years" in explorer.words


def test_words_name_the_cheaper_order_and_its_factor():
    explorer = chain_rule.cost_explorer(predicted=True)
    assert "Reverse order is cheaper by a factor of 92." in explorer.words
    explorer.control["outputs"].box.value = 1000
    assert "Both orders cost the same." in explorer.words


def test_a_students_costs_are_marked_unless_they_are_zero(notebook):
    names, passed = notebook
    passed.add("3.9")
    names["multiply_cost"] = lambda shapes, order: 1000 * (len(shapes) - 1)
    explorer = chain_rule.cost_explorer(predicted=True)
    assert explorer.yours.mark.get_visible()
    explorer.control["layers"].box.value = 0
    assert not explorer.yours.mark.get_visible()


def test_a_new_pass_redraws(monkeypatch):
    callbacks = []
    monkeypatch.setattr(progress, "on_change", callbacks.append)
    explorer = derivatives.error_explorer(predicted=True)
    explorer._output.value = ""
    (callback,) = callbacks
    callback()
    assert picture(explorer)


def test_showing_emits_a_still_and_then_the_live_view(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    explorer = derivatives.secant_explorer()
    explorer._ipython_display_()
    still, live = shown
    assert explorer._mark in still["text/html"] and "<img" in still["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in live
    assert still["text/plain"] == explorer._alt
    assert live["text/plain"] == "Run this cell to move the sliders."
    # the live view hides this still and no other
    assert f".{explorer._mark}" in explorer.widget.children[0].value


@settings(max_examples=30)
@given(
    pixels=st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
        lambda size: arrays(np.uint8, (*size, 4))
    )
)
def test_png_keeps_every_pixel(pixels):
    with Image.open(io.BytesIO(figures.png(pixels))) as image:
        np.testing.assert_array_equal(np.asarray(image), pixels[..., :3])


def test_the_picture_is_a_png_of_the_stated_size():
    explorer = derivatives.secant_explorer(predicted=True)
    with Image.open(io.BytesIO(base64.b64decode(picture(explorer)))) as image:
        assert image.size == (720, 420)
    assert 'width="720" height="420"' in explorer._output.value


def test_slider_and_box_follow_each_other_with_one_change_each():
    slider, changes = Slider("x", 0, 1, 0.5, 0.1), []
    slider.changed = lambda: changes.append(slider.value)
    slider.slider.value = 0.1 + 0.2
    assert (slider.box.value, changes) == (0.3, [0.3])
    slider.box.value = 0.75
    assert (slider.slider.value, changes) == (0.75, [0.3, 0.75])


def test_a_number_outside_the_range_moves_to_its_end():
    slider = Slider("x", 0, 1, 0.5, 0.1)
    slider.box.value = 7
    assert (slider.value, slider.slider.value) == (1, 1)


@given(value=st.floats(1e-16, 1))
def test_log_slider_keeps_three_digits_whichever_way_it_is_set(value):
    by_box, by_slider = LogSlider("h", 1e-16, 1, 1e-2, 0.1), LogSlider("h", 1e-16, 1, 1e-2, 0.1)
    by_box.box.value = value
    by_slider.slider.value = value
    assert by_box.value == by_slider.value == pytest.approx(value, rel=5.1e-3)


@given(value=st.floats(1, 1e4))
def test_a_whole_log_slider_rounds_whichever_way_it_is_set(value):
    by_box, by_slider = (WholeLogSlider("n", 1, 1e4, 10, 1 / 3) for _ in range(2))
    by_box.box.value = value
    by_slider.slider.value = value
    assert by_box.value == by_slider.value
    assert by_box.value == round(by_box.value)
    # the slider keeps three digits, then the value is rounded to a whole number: 11.47, 11.5, 12
    assert abs(by_box.value - value) <= 5.1e-3 * value + 0.5
