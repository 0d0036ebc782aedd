"""What every explorer shares: a prediction, controls, a picture that is redrawn fast, its words.

The picture is one Matplotlib figure that lives as long as the explorer. Artists made with
``animated=True`` change with the controls and are drawn over a stored background; the background
is drawn again only if anything else has changed. The picture reaches the browser as PNG inside an
``<img>`` whose alt text carries the current numbers: nothing comes from the network.
"""

from __future__ import annotations

import traceback
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterable
from html import escape
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np

from byhand import figures, progress
from byhand.explorers.controls import OWN_KEYS, Controls
from byhand.explorers.forms import ROLES, Form
from byhand.explorers.guess import Guess
from byhand.explorers.predictions import Answer, Prediction
from byhand.explorers.texts import keep_texts
from byhand.explorers.yours import Yours, write_labels

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

__all__ = ["Explorer", "Function"]

Function = Callable[[Any], Any]  # of a number or an array, elementwise

# Characters that a live picture is padded to with spaces. On a local connection TCP holds back
# less than a segment (64 KiB) until the browser has acknowledged what came before, up to 40 ms.
# Measured from key to picture: 28-30 ms with it, 47-56 ms without.
SEGMENT = 68_000
# Sliders and clicks may reach the kernel in different threads, and Matplotlib is not made for that.
DRAWING = RLock()


class Explorer:
    """A picture that follows sliders.

    A subclass sets the class attributes and writes `controls`, `build`, `redraw` and `truth`.

    Until the student has predicted, or skipped that, an explorer shows a situation only: `title`
    and `situation` are its words, and what `build` has given to `cover` is not drawn.

    Parameters
    ----------
    predicted : bool, default False
        Skip the prediction: the controls can be used at once.

    Attributes
    ----------
    prediction : Prediction
        What the student predicts before a control can be moved.
    title, message : str
        The heading before the prediction, and the one after it, which says what is to be seen.
    situation : str
        Before the prediction: what is to be seen, for the line below the picture and the alt text.
    asked, revealed : dict
        Values of controls before the prediction, and just after it, where they differ from what
        `controls` says.
    picture : str
        What kind of picture this is, in one sentence: the alt text begins with it.
    size : tuple of float
        Width and height in inches of 100 pixels.
    redraw : callable
        A method of each subclass that takes the controls' values by name, each with a type of its
        own, brings the artists to them, and returns the state in words.
    figure : matplotlib.figure.Figure
        The picture.
    control : dict of str to control
        The controls by name.
    words : str
        The state in words, as they are below the picture.
    locked : bool
        Whether the controls still wait for the prediction.
    widget : ipywidgets.VBox
        The live view.
    """

    prediction: Prediction
    title: str
    message: str
    situation: str
    asked: ClassVar[dict[str, Any]] = {}
    revealed: ClassVar[dict[str, Any]] = {}
    picture: str
    size: tuple[float, float] = (7.2, 4.0)
    redraw: Callable[..., str]

    def controls(self) -> Controls:
        """Return the controls in their order, by the names that `redraw` takes."""
        raise NotImplementedError

    def build(self, figure: Figure) -> None:
        """Draw what stays, and make the artists that change with ``animated=True``."""
        raise NotImplementedError

    def truth(self) -> Answer:
        """Return the answer to the question, computed at the controls' values before it."""
        raise NotImplementedError

    def draw_guess(self, guess: Answer) -> None:
        """Draw the student's guess; unless a subclass does, on the axis given to `add_guess`."""
        if self._guess_mark is not None and not isinstance(guess, str):
            self._guess_mark.at(guess)

    @classmethod
    def open(cls, *, predicted: bool = False) -> Self | None:
        """Return a new explorer; None in a grading run, where it would only cost time.

        What notebooks call, by a name of its own: ``secant_explorer = Secant.open``.

        Parameters
        ----------
        predicted : bool, default False
            Skip the prediction.
        """
        return None if progress.grading() else cls(predicted=predicted)

    def __init__(self, *, predicted: bool = False) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.locked = not predicted
        self.guess: Answer | None = None
        self._guess_mark: Guess | None = None
        self._answers: list[Artist] = []  # drawn once the student has predicted
        self._covered: list[Artist] = []  # of them, those that are hidden now
        self._yours: list[Yours] = []
        self._notes: list[str] = []
        self._passed: dict[str, bool] = {}
        self._background: Any = None
        self._live: list[Any] = []
        self._last = ""  # the last good picture
        self.control: dict[str, Any] = self.controls()
        if self.locked:
            self._set(self.asked)
        with DRAWING:
            with figures.style():
                self.figure = Figure(figsize=self.size, dpi=100, layout="constrained")
                self.canvas = FigureCanvasAgg(self.figure)
                keep_texts(self.canvas.get_renderer())
                self.build(self.figure)
            self._draw()  # an error here is the cell's error
        self.figure.set_layout_engine("none")  # nothing jumps from now on
        self._still = self._last
        self._make_widget()
        for control in self.control.values():
            control.changed = self.refresh
        progress.on_change(self._checks_changed)
        earlier = progress.predicted(type(self).__name__) if self.locked else None
        if earlier is not None and earlier["question"] == self.prediction.question:
            if earlier["right"] is not None:  # what was skipped is asked again
                self.commit(earlier["guess"])

    # -- for subclasses ---------------------------------------------------------------------

    def head(self, where: Axes | Figure, *, pad: float = 6) -> None:
        """Write the title above these axes, or above all axes of a figure.

        Parameters
        ----------
        where : Axes or Figure
            What gets the title.
        pad : float, default 6
            Room in points between the axes and their title; 30 if a legend is between them.
        """
        text = self.title if self.locked else self.message
        if hasattr(where, "set_title"):
            self._head = where.set_title(text, pad=pad)
        else:
            self._head = figures.headline(where, text)

    def cover(self, *artists: Artist | Iterable[Artist]) -> None:
        """Leave these artists, one by one or in lists, out of the picture until the prediction."""
        for each in artists:
            self._answers += each if isinstance(each, Iterable) else [each]

    def add_guess(self, axes: Axes, across: Literal["x", "y", ""] = "") -> Guess:
        """Make the line that shows the student's guess.

        Parameters
        ----------
        axes, across
            As for `Guess`. Without `across`, a subclass says in `draw_guess` where it is.
        """
        self._guess_mark = Guess(axes, across)
        return self._guess_mark

    def add_yours(
        self, axes: Axes, look: str, *, label: Text | None = None, note: str = "", **style: Any
    ) -> Yours:
        """Make the line or markers, and the label, for a student's own result.

        Parameters
        ----------
        axes, look, label, note, **style
            As for `Yours`.
        """
        self._yours.append(Yours(self.student_result, axes, look, label, note, **style))
        return self._yours[-1]

    def student_result(
        self, name: str, exercise: str, use: Callable[[Callable[..., Any]], Any]
    ) -> np.ndarray | None:
        """Return what `use` makes of the student's function; None until its exercise has passed.

        If it raises, the words below the picture say so and the result is None.

        Parameters
        ----------
        name : str
            The name of the function or class in the notebook.
        exercise : str
            The number of the exercise, such as ``"1.7"``.
        use : callable
            Takes the student's function and returns an array.

        Returns
        -------
        ndarray of float64 or None
            The array.
        """
        from IPython import get_ipython

        shell = get_ipython()
        if exercise not in self._passed:  # asking reads the notebook: not at each redraw
            self._passed[exercise] = progress.passed(exercise)
        if shell is None or not self._passed[exercise] or name not in shell.user_ns:
            return None
        try:
            return np.asarray(use(shell.user_ns[name]), dtype=np.float64)
        except Exception as error:  # a student's function may raise anything; it is shown
            self._notes.append(f"Your {name} ({exercise}) raises {_in_a_line(error)}.")
            return None

    # -- drawing ----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Redraw for the controls' present values; show an exception instead of raising it."""
        try:
            with DRAWING:
                self._draw()
        except Exception as error:  # shown where the student looks, with its place
            self._output.value = _alert(error) + f'<div style="opacity:.4">{self._last}</div>'
        else:
            self._output.value = self._last.ljust(SEGMENT)

    def _draw(self) -> None:
        self._notes = []
        for yours in self._yours:
            yours.hide()
        for artist in self._covered:
            artist.set_visible(True)
        words = self.redraw(**{name: control.value for name, control in self.control.items()})
        write_labels(self._yours)
        if self._guess_mark is not None:
            self._guess_mark.hide()
        if self.guess is not None:
            self.draw_guess(self.guess)
        self._head.set_text(self.title if self.locked else self.message)
        self._covered = [a for a in self._all_answers() if a.get_visible()] if self.locked else []
        for artist in self._covered:
            artist.set_visible(False)
        self.words = self.situation if self.locked else " ".join([words, *self._notes])
        image = b64encode(figures.png(self._pixels())).decode("ascii")
        width, height = self.canvas.get_width_height()
        self._alt = f"{self.title + '.' if self.locked else self.picture} {self.words}"
        self._last = (
            # decoded before it is painted, at a known size: no flicker and no jump
            f'<img decoding="sync" width="{width}" height="{height}" '
            'style="max-width:100%;height:auto;display:block" '
            f'alt="{escape(self._alt)}" src="data:image/png;base64,{image}">'
            f'<p class="byhand-readout" style="margin:.3em 0;max-width:{width}px;'
            f'min-height:2.8em;line-height:1.4">{escape(self.words)}</p>'
        )

    def _all_answers(self) -> list[Artist]:
        shown_later = [artist for yours in self._yours for artist in (yours.mark, yours.label)]
        return [*self._answers, *shown_later]

    def _pixels(self) -> np.ndarray:
        # changing an artist marks the figure as stale, unless the artist is animated
        if self.figure.stale:
            with figures.style():
                self.canvas.draw()
            self._background = self.canvas.copy_from_bbox(self.figure.bbox)
            found = self.figure.findobj(lambda artist: artist.get_animated())
            self._live = sorted(found, key=lambda artist: artist.get_zorder())
        else:
            self.canvas.restore_region(self._background)
        for artist in self._live:
            self.figure.draw_artist(artist)
        return np.asarray(self.canvas.buffer_rgba())

    def _checks_changed(self) -> None:
        self._passed.clear()
        self.refresh()

    # -- the view ---------------------------------------------------------------------------

    def _make_widget(self) -> None:
        import ipywidgets

        self._mark = f"byhand-still-{uuid.uuid4().hex[:12]}"
        # The still is hidden, with the space around it, while the live view is there.
        style = (
            f'<style onload="{escape(OWN_KEYS + ROLES)}">'
            f".{self._mark}{{display:none}}"
            f".jp-OutputArea-child:has(.{self._mark}){{display:none}}</style>"
        )
        self._output = ipywidgets.HTML(value=self._last)
        rows = [control.row for control in self.control.values()]
        width = f"{0.55 * max(len(c.label) for c in self.control.values()) + 1:.1f}em"
        for control in self.control.values():
            control.box.style.description_width = width
            control.box.layout.width = f"calc({width} + {control.room:g}em)"
            control.box.layout.flex = "0 0 auto"  # in a narrow window the slider gives way
        shown = [ipywidgets.HTML(value=style)]
        if self.locked:
            self._form = Form(self.prediction, self.commit, self._marker_moved)
            shown.append(self._form.widget)
            self._lock(True)
        opened = ipywidgets.VBox(rows)
        opened.add_class("byhand-controls")
        self.widget = ipywidgets.VBox([*shown, opened, self._output])
        self.widget.add_class("byhand-explorer")

    def _marker_moved(self, place: float) -> None:
        self.guess = place
        self.refresh()

    def _lock(self, locked: bool) -> None:
        self.locked = locked
        for control in self.control.values():
            control.disabled = locked

    def _set(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            self.control[name].box.value = value

    def commit(self, guess: Answer | None) -> None:
        """Take the prediction, compare it with the truth, and open the controls.

        Parameters
        ----------
        guess : str, float or None
            The answer; None if the student wants to see it without one.
        """
        record = self.prediction.record(guess, self.truth())
        self.guess, self.comparison = guess, record["comparison"]
        progress.record_prediction(type(self).__name__, record)
        self._form.tell(self.comparison, self.prediction.explanation)
        self._lock(False)
        self._set(self.revealed)
        self.refresh()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        # first a still, which an exported page and a notebook without a kernel keep
        display(
            {
                "text/html": f'<div class="{self._mark}">{self._still}</div>',
                "text/plain": self._alt,
            },
            raw=True,
        )
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        display(
            {
                "application/vnd.jupyter.widget-view+json": view,
                "text/plain": "Run this cell to move the sliders.",
            },
            raw=True,
        )


def _in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _alert(error: Exception) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__][-3:]
    where = "\n".join(f"{f.filename}:{f.lineno} in {f.name}: {f.line}" for f in frames)
    return (
        '<div role="alert" style="border-left:4px solid #D55E00;padding:.3em .6em">'
        f"<b>This picture could not be drawn.</b> {escape(_in_a_line(error))}"
        f'<pre style="white-space:pre-wrap;margin:.3em 0">{escape(where)}</pre></div>'
    )
