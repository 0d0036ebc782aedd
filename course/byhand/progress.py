"""Which checks have passed: in this session, and in earlier ones.

The opening docstring of a test cell names it: ``Exercise 1.7 · relu at the kink (1 point)``.
`watch` asks IPython to report each cell that has run; a test cell that ran without an error has
passed. The state is kept beside the notebook in ``.byhand-progress.json``, what was predicted in
the explorers in ``.byhand-predictions.json`` and what was answered in quizzes in
``.byhand-quiz.json``. In a grading run, which nbgrader marks by the variable
``NBGRADER_EXECUTION``, nothing is watched, written or shown.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from byhand.checks.card import show_error
from byhand.checks.limit import OutOfTime, TimeLimit
from byhand.kept import Kept, save
from byhand.stale import Stale

__all__ = [
    "Check",
    "Progress",
    "answered",
    "checks_of",
    "on_change",
    "passed",
    "predicted",
    "record_prediction",
    "show",
    "watch",
]

FILE = ".byhand-progress.json"
PREDICTIONS, QUIZZES = ".byhand-predictions.json", ".byhand-quiz.json"
TITLE = re.compile(r"Exercise (\d+\.\d+) · (.+) \((\d+) points?\)$", re.MULTILINE)


@dataclass(frozen=True)
class Check:
    """One test cell.

    Attributes
    ----------
    exercise : str
        Its number, such as ``"1.7"``.
    title : str
        What it checks, in words.
    points : int
        What it is worth.
    """

    exercise: str
    title: str
    points: int


def check_of(source: str) -> Check | None:
    """Return the check that the docstring of a cell's source names; None for any other cell.

    Examples
    --------
    >>> check_of("'Exercise 1.7 · relu at the kink (2 points)'")
    Check(exercise='1.7', title='relu at the kink', points=2)
    """
    if "Exercise" not in source:
        return None
    try:
        docstring = ast.get_docstring(ast.parse(source))
    except (SyntaxError, ValueError):  # magics, or a cell that is not finished
        return None
    match = TITLE.match(docstring or "")
    return Check(match[1], match[2], int(match[3])) if match else None


def checks_of(notebook: Path) -> list[Check]:
    """Return the checks of a notebook file in order.

    Raises
    ------
    OSError, ValueError
        If the file can't be read or is not a notebook.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return [check for source in sources if (check := check_of(source))]


class Progress:
    """The passed checks of one chapter.

    Parameters
    ----------
    folder : Path
        Where the notebook and the state file are.

    Attributes
    ----------
    now, earlier : set of Check
        Checks that passed in this session, and in an earlier one.
    predictions : Kept
        What was predicted in the explorers, by the explorer's name: ``guess``, and in words
        ``question`` and ``comparison``; ``right`` is None for a prediction that was skipped.
    quizzes : Kept
        For each quiz, by its title, whether each question was answered right the last time; None
        if it is open.
    warning : str or None
        Why the state could not be read or written, if it could not.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE
        self.predictions = Kept(folder / PREDICTIONS)
        self.quizzes = Kept(folder / QUIZZES)
        self.now: set[Check] = set()
        self.failed: set[Check] = set()
        self.earlier: set[Check] = set()
        self.warning: str | None = None
        self.callbacks: list[Callable[[], None]] = []
        try:
            self.earlier = {Check(*row) for row in json.loads(self.file.read_text("utf-8"))}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError) as error:
            self.warning = f"Earlier progress can't be read from {self.file.name}: {error}"

    def checks(self) -> list[Check]:
        """Return all checks of the notebook; if it can't be read, those seen so far."""
        name = Path(os.environ.get("JPY_SESSION_NAME", "")).name
        candidates = [self.file.parent / name] if name.endswith(".ipynb") else []
        candidates += [self.file.parent / f"{self.file.parent.name}.ipynb"]
        for notebook in candidates:
            if notebook.is_file():
                try:
                    return checks_of(notebook)
                except (OSError, ValueError, KeyError):  # it is just being saved
                    continue
        return sorted(self.now | self.failed | self.earlier, key=_order)

    def record(self, check: Check, ok: bool) -> None:
        """Note how a test cell ended, and call what `on_change` was given."""
        if not ok:
            self.now.discard(check)
            self.failed.add(check)
        elif check not in self.now:
            self.now.add(check)
            self.failed.discard(check)
            self._save()
            for callback in self.callbacks:
                callback()

    def answered(self, quiz: str, question: str, right: bool, questions: list[str]) -> None:
        """Note whether a question was answered right; `questions` are all of its quiz."""
        known = self.quizzes.get(quiz, {})
        self.quizzes.keep(quiz, {name: known.get(name) for name in questions} | {question: right})

    def passed(self, exercise: str) -> bool:
        """Return whether all checks of an exercise have passed in this session."""
        of_exercise = {check for check in self.checks() if check.exercise == exercise}
        return bool(of_exercise) and of_exercise <= self.now

    def line(self, check: Check) -> str:
        """Return the line shown when a check has just passed."""
        of_exercise = [c for c in self.checks() if c.exercise == check.exercise] or [check]
        done, total = sum(c in self.now for c in of_exercise), len(of_exercise)
        rest = "is complete" if done == total else f"has {done} of {total} checks"
        return f"Passed: {check.title}. Exercise {check.exercise} {rest}."

    def quiz_lines(self) -> list[str]:
        """Return what was answered in each quiz, in words."""
        lines = []
        for title, answers in self.quizzes.items():
            right, unanswered = (list(answers.values()).count(a) for a in (True, None))
            rest = f", {unanswered} not answered yet" if unanswered else ""
            lines.append(f"{title}: {right} of {len(answers)} answered right{rest}.")
        return lines

    def _save(self) -> None:
        rows = sorted(self.now | self.earlier, key=_order)
        failed = save(self.file, [[c.exercise, c.title, c.points] for c in rows])
        self.warning = failed or self.warning

    def _repr_html_(self) -> str:
        checks, now, earlier = self._counts()
        total = len(checks)
        text = self._checks_line()
        exercises = dict.fromkeys(check.exercise for check in checks)
        open_ones = [
            number
            for number in exercises
            if any(c.exercise == number and c not in self.now | self.earlier for c in checks)
        ]
        rest = f"<div>Still open: {', '.join(open_ones)}</div>" if open_ones else ""
        rest += "".join(f"<div>{escape(line)}</div>" for line in self.quiz_lines())
        known = (self.warning, self.predictions.warning, self.quizzes.warning)
        warnings = [w for w in known if w]
        warning = "".join(f"<div>{escape(w)}</div>" for w in warnings)
        share = (100 / total) if total else 0
        return (
            f'<div style="max-width:40em"><div role="img" aria-label="{escape(text)}" '
            'style="display:flex;height:1.1em;border:1px solid #555;background:#fff">'
            f'<div style="width:{now * share:.1f}%;background:#0072B2"></div>'
            f'<div style="width:{earlier * share:.1f}%;background:repeating-linear-gradient('
            '45deg,#56B4E9 0 4px,#fff 4px 8px)"></div></div>'
            f"<div>{escape(text)}</div>{rest}{self._predictions_html()}{warning}</div>"
        )

    def _predictions_html(self) -> str:
        if not self.predictions:
            return ""
        rows = "".join(
            f"<li>{escape(record['question'])} <b>{escape(record['comparison'])}</b></li>"
            for record in self.predictions.values()
        )
        summary = f"<summary>{escape(self._predictions_line())}</summary>"
        return f"<details>{summary}<ul>{rows}</ul></details>"

    def _predictions_line(self) -> str:
        results = [record["right"] for record in self.predictions.values()]
        skipped, made = results.count(None), len(results) - results.count(None)
        parts = [f"{results.count(True)} of {made} came true"] if made else []
        parts += [f"{skipped} skipped"] if skipped else []
        return f"Predictions: {', '.join(parts)}."

    def _counts(self) -> tuple[list[Check], int, int]:
        """Return all checks, how many passed now, and how many only earlier."""
        checks = self.checks()
        now = sum(check in self.now for check in checks)
        return checks, now, sum(check in self.earlier - self.now for check in checks)

    def _checks_line(self) -> str:
        checks, now, earlier = self._counts()
        before = f", {earlier} more in earlier sessions" if earlier else ""
        return f"{now} of {len(checks)} checks passed in this session{before}."

    def __repr__(self) -> str:
        predictions = [self._predictions_line()] if self.predictions else []
        return "\n".join([self._checks_line(), *self.quiz_lines(), *predictions])


def _order(check: Check) -> tuple:
    return (*map(int, check.exercise.split(".")), check.title)


_progress: Progress | None = None
_stale = Stale()
_limit = TimeLimit()


def grading() -> bool:
    """Return whether this is a grading run, in which nothing is shown or kept."""
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def watch() -> None:
    """Start to note which test cells pass; called once, by the import cell."""
    global _progress
    if grading() or _progress is not None:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    _progress = Progress(Path.cwd())
    shell.events.register("pre_run_cell", _before_cell)
    shell.events.register("post_run_cell", _after_cell)


def _before_cell(info: Any) -> None:
    """Prepare a check: its time, how its errors are shown, and a word on functions that are old."""
    from IPython import get_ipython

    shell = get_ipython()
    source = info.raw_cell or ""
    if shell is None or check_of(source) is None:
        _stale.before(source, shell.user_ns if shell else {})
        return
    for name, error in _stale.used_by(source).items():
        known = (
            "so this check looks at the older one" if name in shell.user_ns else "so there is none"
        )
        print(f"Note: the last run of the cell that defines {name} failed ({error}), {known}.")
    shell.set_custom_exc((Exception, OutOfTime), show_error)
    _limit.start()


def _after_cell(result: Any) -> None:
    _limit.stop()
    from IPython import get_ipython

    shell = get_ipython()
    check = check_of(result.info.raw_cell or "") if result and result.info else None
    if shell is not None and check is None:
        _stale.after(result.error_before_exec or result.error_in_exec, shell.user_ns)
    elif shell is not None:
        shell.set_custom_exc((), None)
    if check is None or _progress is None:
        return
    _progress.record(check, ok=bool(result.success))
    if result.success:
        print(_progress.line(check))


def passed(exercise: str) -> bool:
    """Return whether all checks of an exercise have passed in this session.

    Parameters
    ----------
    exercise : str
        Its number, such as ``"1.7"``.
    """
    return _progress is not None and _progress.passed(exercise)


def answered(quiz: str, question: str, right: bool, questions: list[str]) -> None:
    """Note an answer in a quiz, where progress is watched.

    Parameters
    ----------
    quiz, question : str
        The quiz by its title, and the name of its question.
    right : bool
        Whether the answer was right.
    questions : list of str
        The names of all questions of the quiz.
    """
    if _progress is not None:
        _progress.answered(quiz, question, right, questions)


def on_change(callback: Callable[[], None]) -> None:
    """Call `callback` each time a check passes that had not passed before in this session."""
    if _progress is not None:
        _progress.callbacks.append(callback)


def record_prediction(name: str, record: dict[str, Any]) -> None:
    """Keep what was predicted in an explorer, beside the notebook.

    Parameters
    ----------
    name : str
        The explorer's name.
    record : dict
        As in `Progress.predictions`.
    """
    if _progress is not None:
        _progress.predictions.keep(name, record)


def predicted(name: str) -> dict[str, Any] | None:
    """Return what was predicted in an explorer, in this session or an earlier one."""
    return _progress.predictions.get(name) if _progress is not None else None


def show() -> Progress | None:
    """Return this chapter's progress, which a notebook shows as a bar; None in a grading run."""
    return _progress
