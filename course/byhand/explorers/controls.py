"""The controls of an explorer: each can be used from the keyboard and has an accessible name.

A slider of ipywidgets has no accessible name, so each slider is beside a labelled number box that
shows and takes the same value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = [
    "OWN_KEYS",
    "Choice",
    "Controls",
    "LogSlider",
    "Slider",
    "WholeLogSlider",
    "WholeSlider",
]

# Jupyter's shortcuts claim arrow keys for moving between cells: in Notebook 7 before the slider
# that has the focus sees them, and everywhere before a closed list does. Lumino, which runs the
# shortcuts, passes over an element with this attribute; all other keys keep their shortcuts.
OWN_KEYS = """
if (!window.byhandOwnKeys) {
  window.byhandOwnKeys = true;
  window.addEventListener('keydown', event => {
    if (event.target.matches?.('.byhand-explorer :is(.noUi-handle, select, [type=radio]), ' +
        '.byhand-quiz [type=radio]')) {
      event.target.toggleAttribute('data-lm-suppress-shortcuts',
        !event.ctrlKey && !event.metaKey && /^(Arrow|Home|End|Page)/.test(event.key));
    }
  }, true);
}"""


class Slider:
    """A number: a slider and a labelled box that follow each other.

    Parameters
    ----------
    label : str
        The accessible name, shown before the box.
    low, high : float
        The range; a number typed outside it moves to its end.
    value : float
        Where it starts.
    step : float
        One press of an arrow key.

    Attributes
    ----------
    row : ipywidgets.HBox
        What is shown.
    changed : callable
        Called without arguments after each new value.
    room : float
        Width of the box beside its label, in em.
    """

    room = 11.0
    digits = 6  # significant: hides 0.30000000000000004

    def __init__(self, label: str, low: float, high: float, value: float, step: float) -> None:
        import ipywidgets

        self.label = label
        self.changed: Callable[[], None] = lambda: None
        self.slider = self._make_slider(low, high, value, step)
        self.box = self._make_box(value=value, min=low, max=high, step=step, description=label)
        # without a tooltip of its own a label says "null" under the mouse
        self.box.tooltip = self.slider.tooltip = label
        self.row = ipywidgets.HBox([self.box, self.slider])
        self.slider.observe(self._slid, "value")
        self.box.observe(self._typed, "value")

    def _make_slider(self, low: float, high: float, value: float, step: float) -> Any:
        import ipywidgets

        return ipywidgets.FloatSlider(value=value, min=low, max=high, step=step, readout=False)

    def _make_box(self, **settings: Any) -> Any:
        import ipywidgets

        return ipywidgets.BoundedFloatText(**settings)

    @property
    def value(self) -> float:
        """The number now."""
        return self.box.value

    @property
    def disabled(self) -> bool:
        """Whether slider and box are locked."""
        return self.box.disabled

    @disabled.setter
    def disabled(self, locked: bool) -> None:
        self.slider.disabled = self.box.disabled = locked

    def _rounded(self, value: float) -> float:
        return float(f"{value:.{self.digits}g}")

    def _slid(self, _change: Any) -> None:
        self.box.value = self._rounded(self.slider.value)

    def _typed(self, _change: Any) -> None:
        rounded = self._rounded(self.box.value)
        if rounded != self.box.value:
            self.box.value = rounded  # this calls _typed again
            return
        if self._rounded(self.slider.value) != rounded:
            self.slider.value = rounded
        self.changed()


class WholeSlider(Slider):
    """A whole number, as `Slider`."""

    def _make_slider(self, low: float, high: float, value: float, step: float) -> Any:
        import ipywidgets

        return ipywidgets.IntSlider(value=value, min=low, max=high, step=step, readout=False)

    def _make_box(self, **settings: Any) -> Any:
        import ipywidgets

        return ipywidgets.BoundedIntText(**settings)

    @property
    def value(self) -> int:
        """The number now."""
        return self.box.value

    @property
    def high(self) -> int:
        """The end of the range; what is beyond a new one moves to it."""
        return self.box.max

    @high.setter
    def high(self, high: int) -> None:
        self.slider.max = self.box.max = high

    def _rounded(self, value: float) -> int:
        return round(value)


class LogSlider(Slider):
    """A positive number on a logarithmic slider.

    Parameters
    ----------
    label : str
        The accessible name, shown before the box.
    low, high : float
        The range, both positive.
    value : float
        Where it starts.
    step : float
        One press of an arrow key, in decades.
    """

    digits = 3

    def _make_slider(self, low: float, high: float, value: float, step: float) -> Any:
        import math

        import ipywidgets

        return ipywidgets.FloatLogSlider(
            value=value, base=10, min=math.log10(low), max=math.log10(high), step=step,
            readout=False,
        )  # fmt: skip

    def _make_box(self, **settings: Any) -> Any:
        return super()._make_box(**{**settings, "step": None})  # a box has no multiplicative step


class WholeLogSlider(LogSlider):
    """A whole number from 1 up on a logarithmic slider; other numbers are rounded."""

    @property
    def value(self) -> int:
        """The number now."""
        return round(self.box.value)

    def _rounded(self, value: float) -> float:
        return float(round(super()._rounded(value)))


class Choice:
    """One of a few named options, as a labelled list.

    Parameters
    ----------
    label : str
        The accessible name, shown before the list.
    options : sequence of str
        What can be chosen.
    value : str, optional
        What is chosen first; the first option if it is not given.
    """

    def __init__(self, label: str, options: Sequence[str], value: str | None = None) -> None:
        import ipywidgets

        self.label = label
        self.room = max(Slider.room, 3 + 0.55 * max(map(len, options)))  # no option is cut off
        self.changed: Callable[[], None] = lambda: None
        self.row = self.box = ipywidgets.Dropdown(
            description=label, options=list(options), value=value or options[0]
        )
        self.box.tooltip = label  # set here, for ipywidgets 7 warns of it in the constructor
        self.box.observe(lambda _change: self.changed(), "value")

    @property
    def value(self) -> str:
        """The option chosen now."""
        return self.box.value

    @property
    def disabled(self) -> bool:
        """Whether the list is locked."""
        return self.box.disabled

    @disabled.setter
    def disabled(self, locked: bool) -> None:
        self.box.disabled = locked


Controls = dict[str, Slider | Choice]
