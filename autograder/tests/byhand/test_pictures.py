import numpy as np
import pytest

from byhand import figures, pictures
from byhand.explorers.derivatives import fit_explorer
from byhand.points import twenty


def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


@pytest.fixture
def alts(monkeypatch):
    """Return the list of alt texts of the figures that are shown."""
    shown = []
    monkeypatch.setattr(figures, "show", lambda figure, alt: shown.append(alt))
    return shown


def test_the_twenty_points_are_the_same_at_every_call():
    for first, second in zip(twenty(), twenty(), strict=True):
        np.testing.assert_array_equal(first, second)


def test_the_best_weight_is_near_the_one_that_the_points_were_drawn_with():
    explorer, weights = fit_explorer(predicted=True), np.linspace(0, 4, 401)
    best = weights[np.argmin([explorer.loss(w) for w in weights])]
    assert abs(best - 1.7) <= 0.1


def test_a_descent_is_told_with_its_first_and_last_weight(alts):
    pictures.show_descent([-0.5, 0.25, 1.625])
    assert "w = -0.500" in alts[0]
    assert "w = 1.625" in alts[0]


def test_a_right_formula_meets_measured_slopes_and_a_wrong_one_does_not(alts):
    slopes = {"log": (np.log, lambda x: 1 / x), "wrong": (np.sin, lambda x: -np.cos(x))}
    pictures.show_errors(central_difference, slopes, 0.7)  # a step of 1 leaves the domain of log
    least = dict(
        part.rsplit(" ", 1) for part in alts[0].split("Least: ")[1].rstrip(".").split(", ")
    )
    assert float(least["log"]) < 1e-10
    assert float(least["wrong"]) > 0.1


def test_the_goal_is_shown_without_a_students_function(alts):
    pictures.show_goal()
    assert len(alts) == 1


def test_the_fit_explorer_keeps_a_trail_of_the_losses_tried():
    explorer = fit_explorer(predicted=True)
    for w in (1.0, 3.0, 1.0):
        explorer.control["w"].box.value = w
    assert "weights tried so far: 3" in explorer.words
    np.testing.assert_array_equal(explorer.trail.get_xdata(), [0.2, 1.0, 3.0])
