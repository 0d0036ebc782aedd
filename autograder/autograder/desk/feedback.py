"""Writes a feedback page for every graded notebook."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import StepFailed
from autograder.grading.submissions import Fault
from autograder.layout import Layout
from autograder.machine import available_cores
from autograder.nbgrader import steps

WORTH_A_PROCESS = 4  # a page takes 0.7 s, and a process 2 s to start


def write_all_feedback(
    layout: Layout,
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
    processes: int | None = None,
) -> tuple[list[Path], list[Fault]]:
    """Write `feedback/<student>/<chapter>/<chapter>.html` for every graded notebook.

    Parameters
    ----------
    layout
        The class.
    on_progress
        Called after each page with the number done, the total, and whose page it was.
    processes
        How many to use; by default as many as there are cores and is worth their start.

    Returns
    -------
    tuple of list of Path, list of Fault
        The pages, and the notebooks for which none could be made.
    """
    graded = sorted((layout.work / "autograded").glob("*/*/*.ipynb"))
    owners = [(notebook.parts[-3], notebook.parts[-2]) for notebook in graded]
    if processes is None:
        processes = min(available_cores(), len(graded) // WORTH_A_PROCESS)
    failures: dict[tuple[str, str], str] = {}
    on_progress(0, len(graded), "")
    with _results(layout, owners, processes) as results:
        for done, (owner, failure) in enumerate(results, start=1):
            on_progress(done, len(graded), " · ".join(owner))
            if failure is not None:
                failures[owner] = f"no feedback: {failure}; see the log"
    on_progress(len(graded), len(graded), "")
    pages = [layout.feedback_page(*owner) for owner in owners if owner not in failures]
    faults = [
        Fault(notebook, failures[owner], *owner)
        for notebook, owner in zip(graded, owners, strict=True)
        if owner in failures
    ]
    return pages, faults


@contextmanager
def _results(
    layout: Layout, owners: list[tuple[str, str]], processes: int
) -> Iterator[Iterator[tuple[tuple[str, str], str | None]]]:
    """Yield an iterator over the owner of each finished page and why it failed, if it did."""
    if processes < 2:
        yield ((owner, _write_page(layout, *owner)) for owner in owners)
        return
    # A fresh start of Python: this process has threads (the progress bar), which a fork breaks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        jobs = {pool.submit(_write_page, layout, *owner): owner for owner in owners}
        try:
            yield ((jobs[job], job.result()) for job in as_completed(jobs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _write_page(layout: Layout, student: str, chapter: str) -> str | None:
    try:
        steps.write_feedback(layout, student, chapter)
    except StepFailed as failure:
        return str(failure)
    return None
