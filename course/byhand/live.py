"""Watch a network learn: a progress bar, and curves that grow while it trains."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from html import escape
from typing import Any, Self

import numpy as np

from byhand import figures, progress

__all__ = ["Training", "training"]


def training(epochs: int) -> Iterator[Training]:
    """Count epochs, showing after each one how far the training is and how well it goes.

    Parameters
    ----------
    epochs : int
        How many to run, at least 1.

    Yields
    ------
    Training
        The display, once an epoch. Call its `report` when the epoch is over.

    Notes
    -----
    In a grading run nothing is yielded: a loop over it trains nothing and costs nothing.

    Examples
    --------
    >>> for epoch in training(30):  # doctest: +SKIP
    ...     (loss,) = train(network, x, target, rng, epochs=1)
    ...     epoch.report(loss, accuracy(network))
    """
    if progress.grading():
        return
    display = Training(epochs)
    for _ in range(epochs):
        yield display


class Training:
    """The display of one training: bar, words, the curves of loss and accuracy.

    Parameters
    ----------
    epochs : int
        How many there will be.

    Attributes
    ----------
    losses, accuracies : list of float
        What was reported so far.
    words : str
        The state in one sentence; also the picture's alt text.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.losses: list[float] = []
        self.accuracies: list[float] = []
        self.words = f"Epoch 0 of {epochs}."
        self._view: Any = None
        self._canvas: Any = None

    def report(self, loss: float, accuracy: float) -> Self:
        """Add an epoch's results and redraw.

        Parameters
        ----------
        loss : float
            Its mean loss.
        accuracy : float
            The share of held-out examples that are right now, from 0 to 1.
        """
        from IPython.display import HTML, display

        self.losses.append(float(loss))
        self.accuracies.append(float(accuracy))
        self.words = (
            f"Epoch {len(self.losses)} of {self.epochs}: loss {self.losses[-1]:.4f}, "
            f"{self.accuracies[-1]:.1%} of the held-out examples right."
        )
        page = HTML(self._repr_html_())
        if self._view is None:
            self._view = display(page, display_id=True)
        else:
            self._view.update(page)
        return self

    def _repr_html_(self) -> str:
        done = len(self.losses)
        picture = b64encode(self._picture()).decode("ascii")
        return (
            f'<div style="max-width:720px"><div role="progressbar" aria-label="Training" '
            f'aria-valuemin="0" aria-valuemax="{self.epochs}" aria-valuenow="{done}" '
            'style="height:1.1em;border:1px solid #555;background:#fff">'
            f'<div style="height:100%;width:{100 * done / self.epochs:.1f}%;background:#0072B2">'
            f'</div></div><div>{escape(self.words)}</div><img width="720" height="290" '
            f'style="max-width:100%;height:auto" alt="{escape(self._alt())}" '
            f'src="data:image/png;base64,{picture}"></div>'
        )

    def _alt(self) -> str:
        return f"Left, the loss of each epoch; right, the accuracy after each. {self.words}"

    def _picture(self) -> bytes:
        if self._canvas is None:
            self._build()
        for line, values in zip(self._lines, (self.losses, self.accuracies), strict=True):
            line.set_data(range(1, len(values) + 1), values)
        self._lines[0].axes.set_ylim(0, 1.08 * max(self.losses))
        with figures.style():
            self._canvas.draw()
        self._canvas.figure.set_layout_engine("none")  # laid out once: fast, and nothing jumps
        return figures.png(np.asarray(self._canvas.buffer_rgba()))

    def _build(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import PercentFormatter

        with figures.style():
            figure = Figure(figsize=(7.2, 2.9), dpi=100, layout="constrained")
            self._canvas = FigureCanvasAgg(figure)
            left, right = figure.subplots(1, 2)
            for axes in (left, right):
                axes.set(xlim=(0, self.epochs + 0.5), xlabel="epoch")
            left.set(title="The loss falls", ylabel="mean loss")
            right.set(title="The accuracy rises", ylabel="held-out, read right", ylim=(0, 1.04))
            right.yaxis.set_major_formatter(PercentFormatter(1))
            self._lines = [
                *left.plot([], [], color=figures.VERMILION, marker="o", markersize=4),
                *right.plot([], [], color=figures.BLUE, marker="s", markersize=4),
            ]
