import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from byhand.explorers.graphs import Graph, GraphPicture, Node, number


def product_of_a_sum():
    return Graph(
        [
            Node("p", (1, 5)),
            Node("q", (1, 1)),
            Node("s", (4, 3), ("p", "q"), lambda p, q: p + q, "s = p + q"),
            Node("y", (8, 3), ("s", "q"), lambda s, q: s * q, "y = s · q"),
        ]
    )


def test_a_graph_computes_its_boxes_in_order():
    graph = product_of_a_sum()
    assert graph.values(p=2.0, q=3.0) == {"p": 2.0, "q": 3.0, "s": 5.0, "y": 15.0}
    assert graph.computed() == ["s", "y"]
    assert graph.edges == [("p", "s"), ("q", "s"), ("s", "y"), ("q", "y")]


@given(p=st.floats(-5, 5), q=st.floats(-5, 5))
def test_gradients_add_over_all_paths(p, q):
    graph = product_of_a_sum()
    values = graph.values(p=p, q=q)
    local, whole = graph.local_derivatives(values), graph.gradients(values)
    expected = {("p", "s"): 1, ("q", "s"): 1, ("s", "y"): q, ("q", "y"): p + q}
    assert local == pytest.approx(expected, abs=1e-8)
    assert whole == pytest.approx({"p": q, "q": p + 2 * q, "s": q, "y": 1}, abs=1e-8)


def test_a_box_that_comes_before_its_input_is_named():
    with pytest.raises(ValueError, match="box y comes before x"):
        Graph([Node("y", (4, 3), ("x",), math.sin), Node("x", (1, 3))])


def test_a_picture_shows_the_numbers_that_are_known_and_no_others():
    graph = product_of_a_sum()
    picture = GraphPicture(Figure().add_subplot(), graph)
    picture.show({"p": 2.0}, {("p", "s"): -1.0}, {"y": 1.0}, ["y"])
    assert {name: text.get_text() for name, text in picture._values.items()} == {
        "p": "2", "q": "", "s": "", "y": "",
    }  # fmt: skip
    assert picture._slopes["p", "s"].get_text() == "× −1"
    assert not picture._slopes["q", "s"].get_visible()
    assert picture._gradients["y"].get_text() == "∂y/∂y = 1"
    assert [name for name, frame in picture._frames.items() if frame.get_visible()] == ["y"]


@given(size=st.one_of(st.just(0.0), st.floats(1e-99, 1e99)), sign=st.sampled_from([-1, 1]))
def test_numbers_are_short(size, sign):
    text = number(sign * size)
    assert len(text) <= 8
    assert float(text.replace("−", "-")) == pytest.approx(sign * size, rel=0.051)
