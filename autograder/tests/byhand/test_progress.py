import json
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from byhand import progress
from byhand.progress import Check, Progress, check_of, checks_of

FIRST = Check("1.1", "values", 1)
SECOND = Check("1.1", "error", 2)
THIRD = Check("1.2", "values", 1)


@pytest.fixture
def chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    folder = tmp_path / "1_derivatives"
    folder.mkdir()
    cells = [
        nbformat.v4.new_code_cell(f'"""Exercise {c.exercise} · {c.title} ({c.points} points)"""')
        for c in (FIRST, SECOND, THIRD)
    ]
    cells.insert(1, nbformat.v4.new_code_cell("%matplotlib inline"))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "1_derivatives.ipynb")
    return folder


def test_a_test_cell_is_recognized_by_its_docstring() -> None:
    assert check_of('"""Exercise 3.10 · dual numbers (2 points)\n\nMore."""\nx = 1') == Check(
        "3.10", "dual numbers", 2
    )


@pytest.mark.parametrize("source", ["x = 1", "Exercise 1.1 (", '"""Exercise without number"""', ""])
def test_other_cells_are_not_checks(source: str) -> None:
    assert check_of(source) is None


def test_the_checks_of_a_notebook_are_found_in_order(chapter: Path) -> None:
    assert checks_of(chapter / "1_derivatives.ipynb") == [FIRST, SECOND, THIRD]


def test_an_exercise_has_passed_when_all_its_checks_have(chapter: Path) -> None:
    state = Progress(chapter)
    state.record(FIRST, ok=True)
    assert not state.passed("1.1")
    state.record(SECOND, ok=True)
    assert state.passed("1.1")
    assert not state.passed("1.2")


def test_a_check_that_fails_later_has_not_passed(chapter: Path) -> None:
    state = Progress(chapter)
    for ok in (True, False):
        state.record(THIRD, ok=ok)
    assert not state.passed("1.2")


def test_an_earlier_session_is_remembered_beside_the_notebook_and_shown_apart(
    chapter: Path,
) -> None:
    Progress(chapter).record(FIRST, ok=True)
    assert json.loads((chapter / ".byhand-progress.json").read_text("utf-8")) == [
        ["1.1", "values", 1]
    ]
    later = Progress(chapter)
    later.record(THIRD, ok=True)
    assert repr(later) == "1 of 3 checks passed in this session, 1 more in earlier sessions."
    assert 'role="img"' in later._repr_html_() and "Still open: 1.1" in later._repr_html_()


def test_a_damaged_state_file_is_reported_and_does_not_stop_the_session(chapter: Path) -> None:
    (chapter / ".byhand-progress.json").write_text("[[", "utf-8")
    state = Progress(chapter)
    state.record(FIRST, ok=True)
    assert "Earlier progress can&#x27;t be read" in state._repr_html_()


def test_a_folder_that_cannot_be_written_is_reported(chapter: Path) -> None:
    state = Progress(chapter)
    state.file = chapter / "missing" / "file.json"
    state.record(FIRST, ok=True)
    assert "Progress can&#x27;t be saved" in state._repr_html_()
    assert state.now == {FIRST}


def test_callbacks_are_called_once_for_each_newly_passed_check(chapter: Path) -> None:
    state, heard = Progress(chapter), []
    state.callbacks.append(lambda: heard.append(len(state.now)))
    for check in (FIRST, FIRST, THIRD):
        state.record(check, ok=True)
    assert heard == [1, 2]


def test_a_cell_that_ran_through_counts_and_says_how_far_the_exercise_is(
    chapter: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = Progress(chapter)
    monkeypatch.setattr(progress, "_progress", state)
    source = '"""Exercise 1.1 · values (1 point)"""'
    info = SimpleNamespace(raw_cell=source)
    progress._after_cell(SimpleNamespace(info=info, success=False))
    assert capsys.readouterr().out == ""
    progress._after_cell(SimpleNamespace(info=info, success=True))
    assert capsys.readouterr().out == "Passed: values. Exercise 1.1 has 1 of 2 checks.\n"
    other = SimpleNamespace(raw_cell='"""Exercise 1.1 · error (2 points)"""')
    progress._after_cell(SimpleNamespace(info=other, success=True))
    assert capsys.readouterr().out == "Passed: error. Exercise 1.1 is complete.\n"


def test_a_grading_run_watches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(progress, "_progress", None)
    progress.watch()
    assert progress.show() is None
    assert not progress.passed("1.1")


def test_predictions_are_kept_beside_the_notebook_and_shown(chapter: Path) -> None:
    record = {"question": "How <many>?", "guess": 3, "comparison": "You said 3; 4.", "right": False}
    state = Progress(chapter)
    state.predictions.keep("Chain", record)
    state.predictions.keep("Secant", {**record, "right": True})
    later = Progress(chapter)
    assert later.predictions == {"Chain": record, "Secant": {**record, "right": True}}
    assert repr(later).endswith("\nPredictions: 1 of 2 came true.")
    assert "How &lt;many&gt;? <b>You said 3; 4.</b>" in later._repr_html_()


def test_damaged_predictions_are_reported(chapter: Path) -> None:
    (chapter / ".byhand-predictions.json").write_text("{", "utf-8")
    assert "Earlier results can&#x27;t be read" in Progress(chapter)._repr_html_()


def test_in_a_grading_run_nothing_is_predicted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_progress", None)
    progress.record_prediction("Chain", {})
    assert progress.predicted("Chain") is None
