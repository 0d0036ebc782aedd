"""Texts that are drawn from a kept picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg

__all__ = ["keep_texts"]

MOST = 200  # pictures of texts, a few kB each
MARGIN = 4  # pixels around a text that its measures might leave out


def keep_texts(renderer: RendererAgg) -> None:
    """Let a renderer draw a text that it has drawn before at the same place from a picture.

    More than half the texts that controls may change stay as they are from one picture to the
    next, and drawing a text costs as much as drawing five curves.

    Parameters
    ----------
    renderer : RendererAgg
        Its method `draw_text` is replaced.
    """
    from matplotlib.backends.backend_agg import RendererAgg

    draw = renderer.draw_text
    scratch = RendererAgg(renderer.width, renderer.height, renderer.dpi)
    pixels = np.asarray(scratch.buffer_rgba())
    nothing = pixels[0, 0].copy()
    kept: dict[tuple[Any, ...], tuple[int, int, np.ndarray]] = {}

    def draw_text(
        gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False,
        mtext: Any = None,
    ) -> None:  # fmt: skip
        if angle or gc.get_alpha() != 1 or gc.get_clip_rectangle() or gc.get_clip_path()[0]:
            draw(gc, x, y, s, prop, angle, ismath, mtext)
            return
        key = x, y, s, hash(prop), ismath, gc.get_rgb()
        if key not in kept:
            width, height, descent = scratch.get_text_width_height_descent(s, prop, ismath)
            left, top = (max(int(v) - MARGIN, 0) for v in (x, y + descent - height))
            part = pixels[top : int(y + descent) + MARGIN, left : int(x + width) + MARGIN]
            scratch.draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            if len(kept) == MOST:
                kept.clear()
            kept[key] = left, int(renderer.height) - top - len(part), part[::-1].copy()
            part[:] = nothing
        renderer.draw_image(gc, *kept[key])

    renderer.draw_text = draw_text  # type: ignore[method-assign]
