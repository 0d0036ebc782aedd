from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from byhand import figures
from byhand.checks import ladder
from byhand.explorers.ladders import ladder_figure, show_ladder

STEPS = ladder("z = W @ x", "a = np.tanh(z)", "s = a + z", "loss = (s**2).sum()")
INPUTS = {"W": np.array([[1.0, -2.0, 0.5], [0.3, 0.7, 1.1]]), "x": np.array([0.2, 0.4, -0.6])}


def gradients(**inputs: Any) -> dict[str, Any]:
    v = STEPS(**inputs)
    d: dict[str, Any] = {"loss": 1.0, "s": 2 * v.s}
    d["a"] = d["s"]
    d["z"] = (1 - v.a**2) * d["a"] + d["s"]
    return d | {"W": np.outer(d["z"], v.x), "x": v.W.T @ d["z"]}


@pytest.fixture
def drawn() -> Iterator[Any]:
    """Return a function that draws gradients: right ones, with changes."""

    def draw(found: dict[str, Any] | None) -> tuple[Figure, str]:
        return ladder_figure(STEPS(**INPUTS), found)

    yield draw
    plt.close("all")


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def boxes(figure: Figure) -> list[FancyBboxPatch]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]


def test_every_line_and_input_has_a_box_with_its_value_and_gradient(drawn) -> None:
    figure, alt = drawn(gradients(**INPUTS))
    assert len(boxes(figure)) == 6
    assert {"W", "x", "z = W @ x", "loss = (s**2).sum()"} <= set(texts(figure))
    assert "(2, 3),  gradient of norm 4.02" in texts(figure)
    assert "3.01,  gradient 1" in texts(figure)
    assert texts(figure)[0] == "All 6 gradients follow from those above them"
    assert "check" not in texts(figure)
    assert alt.startswith("A ladder of 4 lines, drawn from the bottom up. All 6 gradients")
    assert "z = W @ x: (2,), gradient of norm 5.37." in alt


def test_slopes_are_drawn_in_the_order_in_which_they_are_found(drawn) -> None:
    chain = ladder("a = x**2", "b = np.exp(-a)", "y = x * b")
    found = {"x": 1.0, "a": 1.6, "b": 0.84, "y": 1.2}
    figure, alt = ladder_figure(chain(x=0.8), found, forward=True)
    assert texts(figure)[0] == "2 of 4 slopes follow from those below them"
    assert "then your slope" in texts(figure)[1]
    assert "does not follow from your slopes below it" in texts(figure)[1]
    assert "b = np.exp(-a): 0.527, slope 0.84, check." in alt
    figure, _ = ladder_figure(chain(x=0.8), {"x": 1.0, "a": 1.6}, forward=True)
    assert "0.527,  no slope" in texts(figure)
    assert texts(figure).count("missing") == 2


def test_an_arrow_leads_from_each_name_to_each_line_that_reads_it(drawn) -> None:
    figure, _ = drawn(None)
    arrows = [p for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
    assert len(arrows) == sum(len(rung.reads) for rung in STEPS.rungs.values())


def test_a_gradient_to_check_is_marked_by_a_word_and_a_dashed_frame(drawn) -> None:
    figure, alt = drawn(gradients(**INPUTS) | {"x": np.ones(3)})
    assert texts(figure)[0] == "5 of 6 gradients follow from those above them"
    assert texts(figure).count("check") == 1
    assert sum(box.get_linestyle() != "solid" for box in boxes(figure)) == 1
    assert "x: (3,), gradient of norm 1.73, check." in alt


ODD = {
    "a wrong shape": (np.ones((3, 1)), "gradient of shape (3, 1)", "check"),
    "text": ("W", "gradient of type str", "check"),
    "a ragged list": ([[1.0], [1.0, 2.0]], "gradient of type list", "check"),
    "nan": (np.full(3, np.nan), "gradient of norm nan", "check"),
    "None": (None, "no gradient", "missing"),
}


@pytest.mark.parametrize(("odd", "shown", "tag"), ODD.values(), ids=ODD)
def test_whatever_stands_for_a_gradient_is_drawn(drawn, odd: object, shown: str, tag: str) -> None:
    figure, _ = drawn(gradients(**INPUTS) | {"x": odd})
    assert f"(3,),  {shown}" in texts(figure)
    assert tag in texts(figure)


def test_values_alone_are_drawn_as_long_as_there_are_no_gradients(drawn, monkeypatch) -> None:
    def stub(**inputs: Any) -> None:
        raise NotImplementedError

    shown = []
    monkeypatch.setattr(figures, "show", lambda figure, alt: shown.append(alt))
    show_ladder(STEPS, INPUTS, stub)
    show_ladder([rung.line for rung in STEPS.rungs.values()], INPUTS, gradients)
    assert "gradient" not in shown[0]
    assert "x: (3,), gradient of norm" in shown[1]


def test_no_text_leaves_its_box_or_the_figure(drawn) -> None:
    figure, _ = drawn(gradients(**INPUTS) | {"W": np.ones((3, 2))})
    figure.canvas.draw()
    for text in figure.axes[0].texts:
        extent = text.get_window_extent()
        assert 0 <= extent.x0 and extent.x1 <= figure.bbox.x1
        holding = [box for box in boxes(figure) if box.get_window_extent().overlaps(extent)]
        if text.get_text() not in ("check", "missing"):
            assert all(b.get_window_extent().x0 <= extent.x0 for b in holding)
            assert all(b.get_window_extent().x1 >= extent.x1 for b in holding)


def test_while_grading_nothing_is_drawn_and_nothing_is_called(monkeypatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    show_ladder(STEPS, INPUTS, None)
    assert plt.get_fignums() == []
