"""Predict, then see: the question of an explorer, the student's answer, how both compare.

Each explorer has one prediction: a choice (`Choose`), a number (`Number`) or a place on its
picture (`Marker`). The explorer computes the truth; a prediction knows how to ask, how to write
an answer, and how to compare two of them in one sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from byhand import figures
from byhand.explorers.controls import LogSlider, Slider

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ROLES", "Answer", "Choose", "Form", "Guess", "Marker", "Number", "Prediction"]

Answer = str | float

# What ipywidgets leaves out for a screen reader. A live region must exist before its text, so the
# element that will hold the comparison is made one at once; a click on a button, which goes away
# with the form, moves the focus there as soon as the text has arrived.
ROLES = """
((style) => {
  let tries = 0;
  const watch = setInterval(() => {
    const explorer = style.closest('.byhand-explorer');
    const told = explorer?.querySelector('.byhand-told .widget-html-content');
    const buttons = explorer?.querySelectorAll('.byhand-commit') ?? [];
    if (++tries > 200) clearInterval(watch);
    if (!told || buttons.length < 2) return;
    clearInterval(watch);
    told.tabIndex = -1;
    told.setAttribute('role', 'status');
    told.setAttribute('aria-live', 'polite');
    const radios = explorer.querySelector('.byhand-prediction .widget-radio-box');
    radios?.setAttribute('role', 'radiogroup');
    radios?.setAttribute('aria-label', explorer.querySelector('.byhand-question').innerText);
    buttons.forEach(button => button.addEventListener('click', () =>
      new MutationObserver((_changes, observer) => { observer.disconnect(); told.focus(); })
        .observe(told, {childList: true})));
  }, 50);
})(this);"""


class Field(Protocol):
    """Where an answer is given."""

    widget: Any

    def read(self) -> Answer:
        """Return the answer; raise a ValueError that says what is missing."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A question that is asked before the controls open.

    Attributes
    ----------
    question : str
        What is asked, in one or two sentences.
    outcome : str
        What turns out, without a full stop: ``"{truth} of 16 digits survive"``.
    explanation : str
        Why it turns out so, in a sentence or two.
    """

    question: str
    explanation: str
    outcome: str = "it is {truth}"

    def field(self, moved: Callable[[float], None]) -> Field:
        """Return a new field for the answer; `moved` is called with each place of a marker."""
        raise NotImplementedError

    def written(self, answer: Answer) -> str:
        """Return an answer as text."""
        raise NotImplementedError

    def is_right(self, guess: Answer, truth: Answer) -> bool:
        """Return whether a guess counts as right."""
        return self.written(guess) == self.written(truth)

    def compare(self, guess: Answer | None, truth: Answer) -> str:
        """Return one sentence about guess and truth; a guess of None was skipped."""
        outcome = self.outcome.format(truth=self.written(truth))
        if guess is None:
            return f"Shown without a prediction: {outcome}."
        said = f"You said {self.written(guess)}"
        if self.written(guess) == self.written(truth):
            return f"{said}, and you are right: {outcome}."
        if self.is_right(guess, truth):
            return f"{said}, which is close: {outcome}."
        return f"{said}; {outcome}{self._distance(guess, truth)}."

    def _distance(self, guess: Answer, truth: Answer) -> str:
        return ""


@dataclass(frozen=True, kw_only=True)
class Choose(Prediction):
    """One of two to five options.

    Attributes
    ----------
    options : tuple of str
        The options in words, without a capital and a full stop.
    """

    options: tuple[str, ...]
    outcome: str = "in fact {truth}"

    def field(self, moved: Callable[[float], None]) -> Field:
        """Return radio buttons."""
        return _Radio(self.options)

    def written(self, answer: Answer) -> str:
        """Return the option in quotation marks."""
        return f"“{answer}”"

    def compare(self, guess: Answer | None, truth: Answer) -> str:
        """Return one sentence about guess and truth, which does not say the same thing twice."""
        if guess is not None and guess == truth:
            return f"You said {self.written(guess)}, and you are right."
        outcome = self.outcome.format(truth=truth)
        if guess is None:
            return f"Shown without a prediction: {outcome}."
        return f"You said {self.written(guess)}; {outcome}."


@dataclass(frozen=True, kw_only=True)
class Number(Prediction):
    """A number in a range.

    Attributes
    ----------
    label : str
        The accessible name of the field.
    low, high : float
        The range.
    unit : str
        What follows the number, with the space that belongs before it.
    close : float
        How far off counts as right: a difference, on a log scale a factor.
    log : bool
        Whether factors count, not differences.
    whole : bool
        Whether only whole numbers make sense.
    period : float or None
        After which the numbers begin again, as 360 for degrees.
    """

    label: str
    low: float
    high: float
    unit: str = ""
    close: float = 0.0
    log: bool = False
    whole: bool = False
    period: float | None = None

    def field(self, moved: Callable[[float], None]) -> Field:
        """Return a text box that is empty at first."""
        return _Box(self)

    def written(self, answer: Answer) -> str:
        """Return the number with its unit."""
        number = float(answer)
        text = f"{number:.0f}" if self.whole else f"{number:.{2 if self.log else 3}g}"
        return f"{text}{self.unit}".replace("-", "−")

    def is_right(self, guess: Answer, truth: Answer) -> bool:
        """Return whether a guess is close enough."""
        if super().is_right(guess, truth):
            return True
        if self.log:
            return abs(self._decades(guess, truth)) <= math.log10(self.close or 1)
        return self._off(guess, truth) <= self.close

    def _off(self, guess: Answer, truth: Answer) -> float:
        off = abs(float(guess) - float(truth))
        return min(off, self.period - off) if self.period else off

    @staticmethod
    def _decades(guess: Answer, truth: Answer) -> float:
        return math.log10(float(guess) / float(truth))

    def _distance(self, guess: Answer, truth: Answer) -> str:
        if not self.log:
            return f", so you are off by {self.written(self._off(guess, truth))}"
        decades = self._decades(guess, truth)
        side = "large" if decades > 0 else "small"
        if abs(decades) < 1.5:
            return f", so yours is too {side} by a factor of {10 ** abs(decades):.2g}"
        return f", so yours is too {side} by {abs(decades):.0f} powers of ten"


@dataclass(frozen=True, kw_only=True)
class Marker(Number):
    """A number that is shown on the picture while a slider moves it.

    Attributes
    ----------
    start : float
        Where the marker is at first.
    step : float
        One press of an arrow key; on a log scale in decades.
    """

    start: float
    step: float

    def field(self, moved: Callable[[float], None]) -> Field:
        """Return a slider, at once on the picture."""
        return _Place(self, moved)


class _Radio:
    def __init__(self, options: tuple[str, ...]) -> None:
        import ipywidgets

        self.widget = ipywidgets.RadioButtons(
            options=options, value=None, layout={"width": "auto", "margin": "0 0 4px 0"}
        )

    def read(self) -> str:
        if self.widget.value is None:
            raise ValueError("Choose an answer first.")
        return self.widget.value


class _Box:
    def __init__(self, asked: Number) -> None:
        import ipywidgets

        self.asked = asked
        self.range = f"from {asked.low:g} to {asked.high:g}"
        self.box = ipywidgets.Text(
            description=asked.label, placeholder=self.range,
            continuous_update=False,  # sent when it is left, so before a button's click
            style={"description_width": "initial"},
            layout={"width": f"{0.55 * len(asked.label) + 13:.0f}em", "max_width": "100%"},
        )  # fmt: skip
        self.box.tooltip = asked.label
        self.widget = ipywidgets.HBox([self.box, ipywidgets.HTML(value=escape(asked.unit))])

    def read(self) -> float:
        written = self.box.value.strip().replace("−", "-").removesuffix(self.asked.unit.strip())
        missing = f"Write a {'whole ' * self.asked.whole}number {self.range}."
        try:
            number = float(written)
        except ValueError:
            raise ValueError(missing) from None
        if not self.asked.low <= number <= self.asked.high or self.asked.whole and number % 1:
            raise ValueError(missing)
        return number


class _Place:
    def __init__(self, asked: Marker, moved: Callable[[float], None]) -> None:
        kind = LogSlider if asked.log else Slider
        self.slider = kind(asked.label, asked.low, asked.high, asked.start, asked.step)
        self.slider.box.style.description_width = "initial"
        self.slider.box.layout.width = f"{0.55 * len(asked.label) + 9:.0f}em"
        self.slider.box.layout.flex = "0 0 auto"
        self.slider.changed = lambda: moved(self.slider.value)
        self.widget, self.start = self.slider.row, asked.start

    def read(self) -> float:
        if self.slider.value == self.start:
            raise ValueError("Move the marker first.")
        return self.slider.value


class Form:
    """The prediction as it is shown: the question, the field, two buttons, then the comparison.

    Parameters
    ----------
    prediction : Prediction
        What is asked.
    done : callable
        Takes the answer once it is committed; None if the student skips it.
    moved : callable
        Takes the marker's place each time it moves.

    Attributes
    ----------
    widget : ipywidgets.VBox
        All of it.
    """

    def __init__(
        self,
        prediction: Prediction,
        done: Callable[[Answer | None], None],
        moved: Callable[[float], None],
    ) -> None:
        import ipywidgets

        self._done = done
        self._question = ipywidgets.HTML(
            value='<div class="byhand-question" style="line-height:1.4;max-width:60em">'
            f"<b>Predict first.</b> {escape(prediction.question)}</div>"
        )
        self.field = prediction.field(moved)
        self.commit = ipywidgets.Button(description="Commit prediction", button_style="primary")
        self.skip = ipywidgets.Button(description="Show me")
        self.skip.tooltip = "Show the answer without a prediction"
        for button in (self.commit, self.skip):
            button.add_class("byhand-commit")
        self.hint = ipywidgets.HTML(value="The controls open after that.")
        self.told = ipywidgets.HTML()
        self.told.add_class("byhand-told")
        self.commit.on_click(lambda _button: self._read())
        self.skip.on_click(lambda _button: done(None))
        self._asked = ipywidgets.VBox(
            [
                self._question, self.field.widget,
                ipywidgets.HBox([self.commit, self.skip, self.hint], layout={"flex_flow": "wrap"}),
            ]
        )  # fmt: skip
        self._asked.add_class("byhand-prediction")
        self.widget = ipywidgets.VBox([self._asked, self.told])

    def _read(self) -> None:
        try:
            answer = self.field.read()
        except ValueError as error:
            self.hint.value = f'<span role="alert">{escape(str(error))}</span>'
        else:
            self._done(answer)

    def tell(self, comparison: str, explanation: str) -> None:
        """Show how the answer compares, in place of the field."""
        self.told.value = (
            '<div style="border-left:4px solid #0072B2;padding:.1em .7em;line-height:1.4;'
            f'max-width:60em"><b>{escape(comparison)}</b><br>{escape(explanation)}</div>'
        )
        self._asked.children = [self._question]


class Guess:
    """The student's guess on a picture: a line with its name, drawn beside the truth.

    Parameters
    ----------
    axes : Axes
        Where it is drawn.
    across : {"x", "y", ""}
        The axis on which the guess is a place: the line crosses it. If empty, `show` says where.
    """

    def __init__(self, axes: Axes, across: str = "") -> None:
        self.across = across
        places = {"x": axes.get_xaxis_transform, "y": axes.get_yaxis_transform}
        transform = places[across]() if across else axes.transData
        self.line = figures.moving(
            axes, color=figures.ORANGE, linestyle="-.", linewidth=2.5, zorder=5.5,
            transform=transform, visible=False,
        )  # fmt: skip
        self.name = figures.label(
            axes, 0, 0, "your guess", "#7A4B00", fontsize=11, zorder=7, transform=transform,
            va="bottom", clip_on=False, animated=True, visible=False,
        )  # fmt: skip

    def at(self, place: float) -> None:
        """Show the guess at this place of its axis."""
        if self.across == "x":
            self.show([place, place], [0, 1], (place, 0.02), ha="center")
        else:
            self.show([0, 1], [place, place], (0.99, place), ha="right")

    def show(self, x: Any, y: Any, name: tuple[float, float], *, ha: str = "left") -> None:
        """Show the guess as this line, with its name at this place."""
        self.line.set_data(x, y)
        self.name.set_position(name)
        self.name.set_horizontalalignment(ha)
        for artist in (self.line, self.name):
            artist.set_visible(True)

    def hide(self) -> None:
        """Show nothing."""
        for artist in (self.line, self.name):
            artist.set_visible(False)
