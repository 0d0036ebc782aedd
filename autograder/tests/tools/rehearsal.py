"""Run a chapter's cells in this very process, with some solutions replaced.

A rehearsal takes a tenth of a second, so the hundreds of right and wrong answers that prove the
tests can all be tried. It is no grading: there is no kernel, no sandbox and no gradebook.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

import numpy as np

from autograder.course.notebooks import Cell
from byhand.checks.reach import delegate_to
from byhand.differences.calls import allow_in_answers

RUNS = ("setup", "solution", "given", "test")


@dataclass(frozen=True)
class Outcome:
    """How a test cell ended.

    Attributes
    ----------
    points, maximum : int
        What it gave, and what it is worth.
    error : BaseException or None
        What it raised.
    """

    points: int
    maximum: int
    error: BaseException | None


def rehearse(
    cells: Iterable[Cell], replaced: Mapping[str, str] | None = None
) -> dict[str, Outcome]:
    """Run setup, solution, given and test cells in order and return how each test ended.

    Parameters
    ----------
    cells : iterable of Cell
        A chapter's cells; see `autograder.course.notebooks.read_cells`.
    replaced : mapping of str to str, optional
        Sources that take the place of solution cells, by id.

    Returns
    -------
    dict of str to Outcome
        By the test cell's id.
    """
    return _play(cells, replaced or {})[1]


def namespace_of(cells: Iterable[Cell]) -> dict[str, object]:
    """Return the names that a chapter's setup and solution cells define, with their answers."""
    return _play((cell for cell in cells if cell.kind != "test"), {})[0]


def names_read_by_tests(cells: Iterable[Cell]) -> dict[str, frozenset[str]]:
    """Return the names of the notebook that each test reads, also by the answers that it calls.

    A test that does not read a name does not depend on the answer that defines it.
    """
    namespace = _Watched({"__name__": "__main__"})
    found = {}
    with _as_in_grading():
        for cell in cells:
            if cell.kind in RUNS:
                namespace.read.clear()
                _run(cell.source, cell.id, namespace)
                if cell.kind == "test":
                    found[cell.id] = frozenset(namespace.read)
    return found


class _Watched(dict[str, object]):
    """A namespace that notes which names are read."""

    def __init__(self, names: Mapping[str, object]) -> None:
        super().__init__(names)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> object:
        self.read.add(name)
        return super().__getitem__(name)


def _play(
    cells: Iterable[Cell], replaced: Mapping[str, str]
) -> tuple[dict[str, object], dict[str, Outcome]]:
    """Run the cells and return their namespace and how each test ended."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    outcomes: dict[str, Outcome] = {}
    with _as_in_grading():
        for cell in cells:
            if cell.kind not in RUNS:
                continue
            error = _run(replaced.get(cell.id, cell.source), cell.id, namespace)
            if cell.kind == "test":
                outcomes[cell.id] = Outcome(0 if error else cell.points, cell.points, error)
    return namespace, outcomes


def _run(source: str, name: str, namespace: dict[str, object]) -> BaseException | None:
    try:
        exec(_compile(source, name), namespace)
    except (Exception, SystemExit) as error:
        return error
    return None


@lru_cache(maxsize=512)  # the same tests run once for each of hundreds of answers
def _compile(source: str, name: str) -> CodeType:
    return compile(source, f"<{name}>", "exec", dont_inherit=True)


@contextlib.contextmanager
def _as_in_grading() -> Iterator[None]:
    """Hold back prints, and let explorers and progress be silent, as in a grading run.

    What an answer may have set in `byhand` by a call is undone at the end.
    """
    before = os.environ.get("NBGRADER_EXECUTION")
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    try:
        with contextlib.redirect_stdout(io.StringIO()), np.errstate():
            yield
    finally:
        allow_in_answers(False)
        delegate_to(None)
        if before is None:
            del os.environ["NBGRADER_EXECUTION"]
        else:
            os.environ["NBGRADER_EXECUTION"] = before
