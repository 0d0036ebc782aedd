"""What a notebook shows when a check fails: in a kernel, as JupyterLab runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

SETUP = """import time
import numpy as np
from byhand import progress
from byhand.checks import check_close
progress.watch()
progress._limit.seconds = 1.0"""
CHECK = '"""Exercise 1.1 · values (1 point)"""\n'
ENDLESS = "def f(x):\n    while x > 0:\n        x = x + 1\n    return x"
CELLS = {
    "setup": SETUP,
    "answer": "def relu(x):\n    return max(0, x)",
    "error": CHECK + 'check_close(relu(np.ones(3)), np.ones(3), what="relu(x)")',
    "elsewhere": "relu(np.ones(3))",
    "stub": "def stub(x):\n    raise NotImplementedError()",
    "stubbed": CHECK + 'check_close(stub(1.0), 1.0, what="stub(x)")',
    "wrong": CHECK + 'check_close(np.arange(3.0), [0.0, 1.0, 5.0], what="f(x)")',
    "endless": ENDLESS,
    "late": CHECK + 'check_close(f(1.0), 1.0, what="f(1.0)")',
    "thread": "progress._limit._signals = False",
    "late too": CHECK + 'check_close(f(1.0), 1.0, what="f(1.0)")',
    "swallows": "def f(x):\n    while True:\n        try:\n            x += 1\n"
    "        except Exception:\n            pass",
    "not swallowed": CHECK + "f(1.0)",
    "slow": "time.sleep(1.2)\nprint('not a check, not stopped')",
    "interrupted": CHECK + "import signal\nsignal.raise_signal(signal.SIGINT)",
    "old": "def relu(x:\n    return x",
    "stale": CHECK + 'check_close(relu(1.0), 1.0, what="relu(1.0)")',
    "new": "def relu(x):\n    return np.maximum(0, x)",
    "fresh": CHECK + 'check_close(relu(1.0), 1.0, what="relu(1.0)")',
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Return the outputs of each cell."""
    folder: Path = tmp_path_factory.mktemp("chapter")
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS.values()])
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NBGRADER_EXECUTION", raising=False)
        NotebookClient(
            notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(folder)}}
        ).execute()
    nbformat.validate(notebook)
    return {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}


def card_of(found: list[Any]) -> tuple[str, str, str]:
    """Return a cell's card as HTML and as text, and its error as text."""
    card, error = found
    assert card.output_type == "display_data" and error.output_type == "error"
    return card.data["text/html"], card.data["text/plain"], "\n".join(error.traceback)


def test_an_error_is_a_card_and_one_line(outputs: dict[str, list[Any]]) -> None:
    html, text, error = card_of(outputs["error"])
    assert "line 2 of its cell: `return max(0, x)`" in " ".join(text.split())
    assert "np.maximum(0, x)" in text and "<code>return max(0, x)</code>" in html
    assert "\n" not in error and "The truth value" in error
    assert outputs["error"][-1].ename == "ValueError"


def test_an_error_in_another_cell_is_shown_as_ever(outputs: dict[str, list[Any]]) -> None:
    (error,) = outputs["elsewhere"]
    assert "Traceback" in "\n".join(error.traceback)


def test_a_stub_is_one_line_without_a_card(outputs: dict[str, list[Any]]) -> None:
    (error,) = outputs["stubbed"]
    assert error.ename == "NotImplementedError"
    assert len(error.traceback) == 1 and "not written yet" in error.traceback[0]


def test_a_wrong_result_is_a_card_and_one_line(outputs: dict[str, list[Any]]) -> None:
    html, text, error = card_of(outputs["wrong"])
    assert text.startswith("f(x) is wrong in 1 of 3 values")
    assert html.count("✗ 2.0") == 1 and 'title="wrong: expected 5.0"' in html
    assert error.endswith("f(x) is wrong in 1 of 3 values")


@pytest.mark.parametrize("name", ["late", "late too"])
def test_a_check_without_an_end_is_stopped_with_its_line(
    outputs: dict[str, list[Any]], name: str
) -> None:
    _, text, error = card_of(outputs[name])
    assert text.startswith("f had not finished after 10 seconds")
    assert "of its cell: `" in text and "it was in the `while` loop of line 2" in text
    assert outputs[name][-1].ename == "OutOfTime"


def test_a_students_except_does_not_swallow_the_end_of_the_time(
    outputs: dict[str, list[Any]],
) -> None:
    assert outputs["not swallowed"][-1].ename == "OutOfTime"


def test_only_checks_are_stopped(outputs: dict[str, list[Any]]) -> None:
    (printed,) = outputs["slow"]
    assert printed.text == "not a check, not stopped\n"


def test_an_interrupt_is_an_interrupt(outputs: dict[str, list[Any]]) -> None:
    assert outputs["interrupted"][-1].ename == "KeyboardInterrupt"


def test_a_check_of_an_old_function_says_so(outputs: dict[str, list[Any]]) -> None:
    assert outputs["stale"][0].text.startswith(
        "Note: the last run of the cell that defines relu failed (SyntaxError), so this check "
        "looks at the older one.\n"
    )
    assert "Note" not in outputs["fresh"][0].text
