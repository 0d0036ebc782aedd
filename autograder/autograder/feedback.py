"""Writes feedback pages from what was graded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autograder import nbgrader_steps
from autograder.layout import Layout
from autograder.nbgrader_steps import StepFailed
from autograder.submissions import Fault


def write_all_feedback(
    layout: Layout, on_progress: Callable[[int, int, str], None] = lambda done, total, name: None
) -> tuple[list[Path], list[Fault]]:
    """Write `feedback/<student>/<chapter>/<chapter>.html` for every graded notebook.

    Parameters
    ----------
    layout
        The class.
    on_progress
        Called before each page and at the end with the number done, of all, and the current name.

    Returns
    -------
    tuple of list of Path, list of Fault
        The pages, and the notebooks for which none could be made.
    """
    pages: list[Path] = []
    faults: list[Fault] = []
    graded = sorted((layout.work / "autograded").glob("*/*/*.ipynb"))
    for done, notebook in enumerate(graded):
        student, chapter = notebook.parts[-3:-1]
        on_progress(done, len(graded), f"{student} · {chapter}")
        try:
            nbgrader_steps.write_feedback(layout, student, chapter)
        except StepFailed as failure:
            faults.append(Fault(notebook, f"no feedback: {failure}; see the log", student, chapter))
        else:
            pages.append(layout.feedback_page(student, chapter))
    on_progress(len(graded), len(graded), "")
    return pages, faults
