"""A quiz with buttons, and what is shown where there are none: on a page, or as text."""

from __future__ import annotations

import uuid
from html import escape
from typing import Any

from byhand.explorers.controls import OWN_KEYS
from byhand.quiz.questions import LETTERS, Answered, Choice
from byhand.quiz.rounds import WORDS, Quiz

__all__ = ["View"]

STYLE = """
.byhand-quiz {max-width: 48em; padding: 0.2em 0 0.4em; overflow: visible;
  color: var(--jp-content-font-color1, inherit);
  font-family: var(--jp-content-font-family, sans-serif); font-size: 14px; line-height: 1.45}
.byhand-quiz .widget-html, .byhand-quiz .widget-html-content
  {height: auto; overflow: visible; line-height: 1.45; margin: 0; white-space: normal;
   color: inherit; font-size: 14px}
.byhand-quiz .byhand-question {border-top: 1px solid var(--jp-border-color1, #8888);
  padding-top: 0.6em; margin-top: 0.4em; overflow: visible}
.byhand-quiz p {margin: 0 0 0.4em}
.byhand-quiz code {font-family: var(--jp-code-font-family, monospace); font-size: 13px;
  background: transparent; color: inherit; padding: 0}
.byhand-quiz .widget-radio, .byhand-quiz .widget-radio-box
  {width: auto; max-width: 100%; height: auto; overflow: visible}
.byhand-quiz .widget-radio-box {padding-left: 2px}
.byhand-quiz .widget-radio-box label {height: auto; width: auto; line-height: 1.45;
  white-space: normal; display: flex; align-items: baseline; gap: 0.5em; margin: 0;
  padding: 0.15em 0; font-size: 14px; color: inherit; cursor: pointer}
.byhand-quiz .widget-radio-box input {flex: none; order: -1; margin: 0; position: relative;
  top: 2px; width: auto; height: auto}
.byhand-quiz .widget-text {width: auto; height: auto}
.byhand-quiz .widget-text input {width: 10em; flex: none}
.byhand-quiz .widget-hbox {margin: 0.2em 0 0.4em; overflow: visible}
.byhand-quiz .byhand-reasons {list-style: none; padding: 0; margin: 0.2em 0}
.byhand-quiz .byhand-reasons li {padding: 0.2em 0.7em; margin: 0.2em 0; border-left: 4px solid
  var(--jp-border-color1, #8888)}
.byhand-quiz .byhand-reasons li.right {border-left-color: #1a8f5a}
.byhand-quiz .byhand-reasons li.chosen {border-left: 4px dashed #c4314b}
"""
# ipywidgets gives a group of radio buttons neither a role nor a name, without which arrow keys do
# nothing in it; and what is put into an HTML widget is not read aloud. Enter checks an answer.
NAMES = """
if (!window.byhandQuiz) {
  window.byhandQuiz = () => {
    document.querySelectorAll('.byhand-question').forEach(question => {
      const text = question.querySelector('.byhand-asked');
      const box = question.querySelector('.widget-radio-box');
      if (box && text) {
        box.id ||= 'byhand-choices-' + Math.random().toString(36).slice(2);
        box.querySelectorAll('input').forEach(input => { input.name = box.id; });
        box.setAttribute('role', 'radiogroup');
        box.setAttribute('aria-label', text.textContent);
      }
      const told = question.querySelector('.byhand-told');
      if (told) told.setAttribute('aria-live', 'polite');
    });
  };
  document.addEventListener('focusin', event => {
    if (event.target.closest?.('.byhand-quiz')) window.byhandQuiz();
  });
  document.addEventListener('keydown', event => {
    const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (event.key === 'Enter' && !modified && event.target.matches?.('.byhand-question input')) {
      event.preventDefault();
      event.stopPropagation();
      event.target.dispatchEvent(new Event('change', {bubbles: true}));  // sends what is written
      event.target.closest('.byhand-question').querySelector('button').click();
    }
  }, true);
}
[0, 300, 1000, 3000].forEach(wait => setTimeout(window.byhandQuiz, wait));
"""
MARKS = {"right": "✓", "chosen": "✗", "other": "–"}


class View:
    """The live view of a quiz.

    Parameters
    ----------
    quiz : Quiz
        What is played.

    Attributes
    ----------
    rows : list of Row
        The questions.
    widget : ipywidgets.VBox
        What is shown.
    """

    def __init__(self, quiz: Quiz) -> None:
        import ipywidgets

        self.quiz = quiz
        self._mark = f"byhand-still-{uuid.uuid4().hex[:12]}"
        self._summary = ipywidgets.HTML()
        self.rows = [Row(quiz, index, self._sum_up) for index in range(len(quiz.draws))]
        # the still is hidden, with the space around it, while the live view is there
        style = (
            f'<style onload="{escape(OWN_KEYS + NAMES)}">{STYLE}.{self._mark}{{display:none}}'
            f".jp-OutputArea-child:has(.{self._mark}){{display:none}}</style>"
        )
        self.widget = ipywidgets.VBox(
            [ipywidgets.HTML(value=style), *(row.widget for row in self.rows), self._summary]
        )
        self.widget.add_class("byhand-quiz")
        self._sum_up()

    def _sum_up(self) -> None:
        self._summary.value = f"<p>{escape(self.quiz.summary())}</p>"

    def display(self) -> None:
        """Show the quiz: a still for pages without a kernel, the text, and the buttons."""
        from IPython.display import display

        still = "".join(_still(self.quiz, index) for index in range(len(self.rows)))
        display(
            {
                "text/html": f'<div class="{self._mark}">{still}</div>',
                "text/plain": self.quiz.text(),
            },
            raw=True,
        )
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        display(
            {
                "application/vnd.jupyter.widget-view+json": view,
                "text/plain": 'To answer here: quiz.answer(1, "b"); for a number quiz.answer(2, '
                "0.25). Other numbers: quiz.another(1).",
            },
            raw=True,
        )


class Row:
    """One question with its controls.

    Parameters
    ----------
    quiz : Quiz
        What is played.
    index : int
        Which question.
    changed : callable
        Called without arguments after each answer and each draw.
    """

    def __init__(self, quiz: Quiz, index: int, changed: Any) -> None:
        import ipywidgets

        self.quiz, self.index, self._changed = quiz, index, changed
        self._asked = ipywidgets.HTML()
        self.radio = ipywidgets.RadioButtons(options=[], layout={"width": "auto"})
        # sent when the field is left: a click may overtake what is sent at each key
        self.field = ipywidgets.Text(
            description="Your answer", placeholder="a number", continuous_update=False
        )
        self.field.tooltip = "Your answer"
        self.check = ipywidgets.Button(description="Check", button_style="primary")
        self.again = ipywidgets.Button(description="Another one")
        self.told = ipywidgets.HTML()
        self.told.add_class("byhand-told")
        where = f"{quiz.title}, question {index + 1}"
        self.check.tooltip = f"Check your answer: {where}"
        self.again.tooltip = f"Ask it again with other numbers: {where}"
        self.radio.observe(lambda _change: self._came_late(), "value")
        self.check.on_click(lambda _button: self._answer())
        self.again.on_click(lambda _button: self._draw_again())
        buttons = ipywidgets.HBox([self.check, self.again])
        self.widget = ipywidgets.VBox([self._asked, self.radio, buttons, self.told])
        self._buttons = buttons
        self.widget.add_class("byhand-question")
        self._ask()

    def _ask(self) -> None:
        question = self.quiz.questions[self.index]
        self._asked.value = _asked(self.quiz, self.index)
        control = self.field
        if isinstance(question, Choice):
            control = self.radio
            options = [(_plain(o.text), k) for k, o in zip(LETTERS, question.options, strict=False)]
            self.radio.options = options
            self.radio.index = None
        self.field.value = ""
        self.radio.disabled = self.field.disabled = False
        self.widget.children = [self._asked, control, self._buttons, self.told]

    def _answer(self) -> None:
        question = self.quiz.questions[self.index]
        if self.quiz.answers[self.index] is not None:
            return
        written = (self.radio.value or "") if isinstance(question, Choice) else self.field.value
        try:
            answered = self.quiz.answer(self.index, written)
        except ValueError as error:
            said = "Choose an answer first." if isinstance(question, Choice) else f"Please {error}."
            self.told.value = f"<p>{escape(said)}</p>"
            return
        self.radio.disabled = self.field.disabled = True
        self.told.value = _told(answered)
        self._changed()

    def _came_late(self) -> None:
        """Take a choice that the click on Check overtook, as it does while the kernel is busy."""
        if self.quiz.answers[self.index] is not None:
            self.quiz.answers[self.index] = None
            self._answer()

    def _draw_again(self) -> None:
        self.quiz.draw_again(self.index)
        self._ask()
        self.told.value = "<p>The question has other numbers now.</p>"
        self._changed()


def _plain(text: str) -> str:
    return text.replace("`", "")


def _marked_up(text: str) -> str:
    """Return text as HTML; what is between backticks is code, and equations stay on a line."""
    parts = escape(text).split("`")
    parts[::2] = [part.replace(" = ", "\u00a0=\u00a0").replace("\n", "<br>") for part in parts[::2]]
    return "".join(f"<code>{part}</code>" if k % 2 else part for k, part in enumerate(parts))


def _asked(quiz: Quiz, index: int) -> str:
    return (
        f'<p class="byhand-asked"><b>{escape(quiz.heading(index))}.</b> '
        f"{_marked_up(quiz.questions[index].text)}</p>"
    )


def _still(quiz: Quiz, index: int) -> str:
    question = quiz.questions[index]
    options = question.options if isinstance(question, Choice) else ()
    items = "".join(f"<li>{_marked_up(option.text)}</li>" for option in options)
    return _asked(quiz, index) + (f'<ol type="a">{items}</ol>' if items else "")


def _told(answered: Answered) -> str:
    """Return what is said of an answer as HTML."""
    first = "✓ Right." if answered.right else "✗ Not right."
    items = "".join(
        f'<li class="{reason.state}"><span aria-hidden="true">{MARKS[reason.state]}</span> '
        f"<b>{_marked_up(reason.answer)}</b> ({WORDS[reason.state]}): {_marked_up(reason.reason)}"
        "</li>"
        for reason in answered.reasons
    )
    return f'<p><b>{first}</b></p><ul class="byhand-reasons">{items}</ul>'
