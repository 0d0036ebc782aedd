import numpy as np
import pytest
from matplotlib.backends import backend_agg
from matplotlib.figure import Figure

from byhand.explorers import stability
from byhand.explorers.texts import keep_texts

PLACES = [(0, 0), (1, 1), (0.5, 0.5), (0.97, 0.98), (-0.02, 0.5), (1.5, 0.5), (0.5, -0.5)]


@pytest.mark.parametrize("text", ["−0.25 Tgj", r"$\frac{\partial L}{\partial x}$", "two\nlines"])
@pytest.mark.parametrize(
    "look",
    [
        {}, {"rotation": 30}, {"alpha": 0.5}, {"style": "italic", "size": 20},
        {"bbox": {"facecolor": "white", "alpha": 0.8}}, {"clip_on": True, "clip_box": "half"},
    ],
)  # fmt: skip
def test_a_kept_text_looks_like_one_that_is_drawn(text, look):
    pixels = []
    for keep in (False, True):
        figure = Figure(figsize=(2, 1), dpi=100)
        canvas = backend_agg.FigureCanvasAgg(figure)
        if keep:
            keep_texts(canvas.get_renderer())
        half = figure.subplots(2)[0].bbox
        chosen = {**look, "clip_box": half} if "clip_box" in look else look
        for x, y in PLACES:
            figure.text(x, y, text, **chosen)
        for _ in range(2):
            canvas.draw()
            pixels.append(np.asarray(canvas.buffer_rgba()).astype(int))
    plain, _, first, again = pixels
    assert plain.min() < 200
    np.testing.assert_array_equal(again, first)
    np.testing.assert_allclose(first, plain, atol=2)  # where two letters overlap


def test_only_texts_that_change_are_drawn_again(monkeypatch):
    drawn = []
    draw_text = backend_agg.RendererAgg.draw_text
    monkeypatch.setattr(
        backend_agg.RendererAgg,
        "draw_text",
        lambda self, gc, x, y, s, *rest: (drawn.append(s), draw_text(self, gc, x, y, s, *rest))[1],
    )
    explorer = stability.bench_explorer(predicted=True)
    drawn.clear()
    explorer.refresh()
    assert drawn == []
    explorer.control["dtype"].box.value = explorer.control["dtype"].box.options[-1]
    assert drawn
