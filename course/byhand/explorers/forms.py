"""The form in which an explorer asks for a prediction, and shows how it compares."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from threading import enumerate as enumerate_threads
from time import sleep
from typing import Any, Protocol

from byhand.explorers.controls import LogSlider, Slider
from byhand.explorers.predictions import Answer, Choose, Marker, Number, Prediction

__all__ = ["ROLES", "Form"]

WAITING = "The controls open after that."

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
    const group = 'byhand-' + Math.random();  // without a name each button is a tab stop
    radios?.querySelectorAll('input').forEach(radio => { radio.name = group; });
    buttons.forEach(button => button.addEventListener('click', () =>
      new MutationObserver((_changes, observer) => { observer.disconnect(); told.focus(); })
        .observe(told, {childList: true})));
  }, 50);
})(this);"""


class Field(Protocol):
    """Where an answer is given: a widget, and in it the box that holds the answer."""

    widget: Any
    box: Any

    @property
    def value(self) -> Any:
        """What is in the field now."""

    def read(self) -> Answer:
        """Return the answer; raise a ValueError that says what is missing."""


class _Radio:
    def __init__(self, options: tuple[str, ...]) -> None:
        import ipywidgets

        self.widget = self.box = ipywidgets.RadioButtons(
            options=options, value=None, layout={"width": "auto", "margin": "0 0 4px 0"}
        )

    @property
    def value(self) -> str | None:
        return self.widget.value

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

    @property
    def value(self) -> str:
        return self.box.value

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
        self.widget, self.box, self.start = self.slider.row, self.slider.box, asked.start

    @property
    def value(self) -> float:
        return self.slider.value

    def read(self) -> float:
        if self.slider.value == self.start:
            raise ValueError("Move the marker first.")
        return self.slider.value


def _field(asked: Prediction, moved: Callable[[float], None]) -> Field:
    """Return a new field for the answer; `moved` is called with each place of a marker."""
    match asked:
        case Choose():
            return _Radio(asked.options)
        case Marker():
            return _Place(asked, moved)
        case Number():
            return _Box(asked)
    raise TypeError(f"no field for a {type(asked).__name__}")


def _wait_for_rest(field: Field) -> None:
    """Wait until no more values come, where they come in another thread than clicks do."""
    before: Any = object()
    while field.value != before and any(t.name.startswith("subshell") for t in enumerate_threads()):
        before = field.value
        sleep(0.15)


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
        self.hint = ipywidgets.HTML(value=WAITING)
        self.field = _field(prediction, moved)
        self.field.box.observe(lambda _change: self._forgive(), "value")
        self.commit = ipywidgets.Button(description="Commit prediction", button_style="primary")
        self.skip = ipywidgets.Button(description="Show me")
        self.skip.tooltip = "Show the answer without a prediction"
        for button in (self.commit, self.skip):
            button.add_class("byhand-commit")
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
        _wait_for_rest(self.field)
        try:
            answer = self.field.read()
        except ValueError as error:
            self.hint.value = f'<span role="alert">{escape(str(error))}</span>'
        else:
            self._done(answer)

    def _forgive(self) -> None:
        """Take back what was said about a missing answer: there is another one now."""
        self.hint.value = WAITING

    def tell(self, comparison: str, explanation: str) -> None:
        """Show how the answer compares, in place of the field."""
        self.told.value = (
            '<div style="border-left:4px solid #0072B2;padding:.1em .7em;line-height:1.4;'
            f'max-width:60em"><b>{escape(comparison)}</b><br>{escape(explanation)}</div>'
        )
        self._asked.children = [self._question]
