import re

import numpy as np
import pytest

from byhand import progress
from byhand.explorers import gradients


def put(explorer, **values):
    for name, value in values.items():
        explorer.control[name].box.value = value
    return explorer.words


def test_the_gradient_is_measured_and_its_direction_named():
    words = put(gradients.gradient_explorer(predicted=True), f="bowl x² + y²", x=1.0, y=1.0)
    assert "gradient is (2.00, 2.00), its length 2.83, its direction 45°" in words


def test_at_a_right_angle_to_the_gradient_the_slope_is_zero():
    explorer = gradients.gradient_explorer(predicted=True)
    words = put(explorer, f="bowl x² + y²", x=1.0, y=0.0, direction=90)
    assert words.endswith("In direction 90° the slope is 0.00.")


def test_a_critical_point_has_no_direction():
    words = put(gradients.gradient_explorer(predicted=True), f="bowl x² + y²", x=0.0, y=0.0)
    assert "direction 0°" not in words.split(".")[0]


@pytest.mark.parametrize(("rate", "diverges"), [(0.05, False), (0.15, False), (0.25, True)])
def test_only_the_learning_rate_above_its_limit_leaves_for_infinity(rate, diverges):
    words = put(gradients.descent_explorer(predicted=True), rate=rate, steps=40)
    assert ("leaves for infinity" in words) == diverges


def test_newtons_step_reaches_the_minimum_of_a_valley_at_once():
    words = put(gradients.newton_explorer(predicted=True), x=2.0, y=-1.0)
    assert "the Newton step to (0.00, 0.00) with f = 0." in words


def test_newtons_step_says_when_it_seeks_a_saddle():
    words = put(gradients.newton_explorer(predicted=True), f="two bowls", x=0.4, y=1.0)
    assert words.endswith("towards a saddle of the model.")


def test_the_misfit_of_the_parallelogram_falls_with_the_square_of_the_side():
    misfits = []
    for side in (0.2, 0.1):
        words = put(gradients.warp_explorer(predicted=True), f="fold (x², y)", side=side)
        misfits.append(float(re.search(r"off by (\S+) at most", words)[1]))
    assert misfits[0] / misfits[1] == pytest.approx(4)


def test_a_fold_turns_the_square_over():
    words = put(gradients.warp_explorer(predicted=True), f="fold (x², y)", x=-1.0)
    assert "det J = -2.00" in words


def test_adding_to_all_scores_leaves_the_probabilities():
    explorer = gradients.softmax_explorer(predicted=True)
    before = explorer.words.split(": ")[1]
    assert put(explorer, shift=3.0).split(": ")[1] == before


def test_the_students_path_is_drawn_once_its_exercise_has_passed(monkeypatch):
    class Shell:
        user_ns = {"gradient_descent": lambda grad, x0, rate, steps: np.ones((steps + 1, 2))}

    monkeypatch.setattr("IPython.get_ipython", Shell)
    monkeypatch.setattr(progress, "passed", lambda exercise: exercise == "2.11")
    explorer = gradients.descent_explorer(predicted=True)
    assert explorer.yours.mark.get_visible()
    assert explorer.yours.label.get_text() == "dotted: yours (2.11)"
    assert explorer.yours.mark.get_xdata().tolist() == [1.0] * 21
