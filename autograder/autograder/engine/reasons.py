"""Why a student's cell did not run, or defines nothing, and which tests that explains."""

from __future__ import annotations

import re
import sys

import numpy as np
from msgspec.structs import replace

from autograder.engine.job import JobCell
from autograder.engine.result import CellResult, FailedCheck

GRADER = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
GRADED_WITH = f"graded with {GRADER} and NumPy {'.'.join(np.__version__.split('.')[:2])}"
KEEPS_NOTHING = frozenset(
    "timeit writefile file html HTML latex markdown javascript js svg SVG python python3".split()
)
NO_MODULE = re.compile(r"No module named '([\w.]+)'")
NO_ATTRIBUTE = re.compile(r"module 'numpy' has no attribute '(\w+)'")
UNREADABLE = (
    "what your code returned can't be read: it is too large, or something else than numbers, "
    "arrays and text"
)
NO_NAME = re.compile(r"name '(\w+)' is not defined")


class Reasons:
    """Collects what happened to a notebook's cells and says what follows from it.

    Parameters
    ----------
    written_with : str, optional
        The version of Python that the submission was saved with, such as ``"3.13.1"``.

    Attributes
    ----------
    flags : list of str
        What an instructor should know: cells that can't run where they are graded.
    """

    def __init__(self, written_with: str | None) -> None:
        self.flags: list[str] = []
        self._version = _minor_version(written_with)
        self._order: list[str] = []
        self._sources: dict[str, str] = {}  # of the student's cells
        self._stopped: dict[str, FailedCheck] = {}  # why cells did not run

    def note(self, cell: JobCell, result: CellResult | None) -> None:
        """Take in a cell and what came of it, where that may be quoted."""
        self._order.append(cell.id)
        if cell.kind in ("test", "setup"):
            return
        self._sources[cell.id] = cell.source
        magic = re.match(r"\s*%%(\w+)", cell.source)
        if magic and magic[1] in KEEPS_NOTHING:
            where = f"the cell begins with %%{magic[1]}"
            self._stopped[cell.id] = FailedCheck(
                f"{where}, which keeps nothing that it defines: remove it"
            )
            self.flags.append(f"cell {cell.id} defines nothing: it begins with %%{magic[1]}")
        elif result is not None and result.error is not None:
            _, name, message = result.error
            if result.died:
                self._stopped[cell.id] = FailedCheck(death_in_words(message))
                return
            if name == "NotImplementedError":
                return
            error = f"{name}: {message}".split("\n")[0][:300]
            cause = self._cause(name, message)
            self._stopped[cell.id] = FailedCheck(error, likely=cause)
            if cause:
                self.flags.append(f"cell {cell.id} did not run: {cause}")

    def of(self, name: str) -> FailedCheck | None:
        """Return what is told about a cell; nothing if it ran."""
        stopped = self._stopped.get(name)
        if stopped is None or stopped.what.startswith("the cell begins"):
            return stopped
        return replace(stopped, what=f"this cell did not run to its end: {stopped.what}")

    def missing_name(self, message: str, test: str) -> str | None:
        """Return why a name that a test needs is not defined, if that can be told.

        Parameters
        ----------
        message : str
            Of the NameError.
        test : str
            Id of the test.
        """
        match = NO_NAME.search(message)
        if match is None:
            return None
        name = match[1]
        binds = re.compile(rf"(?m)^[ \t]*(?:async )?(?:def|class) {name}\b|^{name}\s*[:=][^=]")
        place = self._order.index(test)
        cells = [cell for cell, source in self._sources.items() if binds.search(source)]
        for cell in cells:
            if cell in self._stopped:
                why = self._stopped[cell]
                cause = f"; {why.likely}" if why.likely else ""
                return f"the cell that defines {name} did not run: {why.what}{cause}"
        if cells and all(self._order.index(cell) > place for cell in cells):
            return (
                f"{name} is defined in a cell below this check; cells run from top to bottom, so "
                "move it up"
            )
        return None

    def _cause(self, name: str, message: str) -> str | None:
        """Return what the grader's Python lacks that a cell needs, if that is it."""
        if match := NO_MODULE.search(message):
            return f"{GRADED_WITH}; your cell needs `{match[1].split('.')[0]}`, which is not there"
        if match := NO_ATTRIBUTE.search(message):
            return f"{GRADED_WITH}, which has no `np.{match[1]}`"
        if name in ("SyntaxError", "ImportError") and self._is_newer():
            version = ".".join(map(str, self._version or ()))
            return f"{GRADED_WITH}; your notebook was saved with Python {version}, which knows more"
        return None

    def _is_newer(self) -> bool:
        return self._version is not None and self._version > sys.version_info[:2]


def death_in_words(reason: str) -> str:
    """Return how a student is told why the process ended; the student's code may have chosen it."""
    if reason.startswith(("broke the rules", "was passed over")):
        return UNREADABLE
    return reason if reason.startswith("not run") else f"your code {reason.split(' (')[0]}"


def _minor_version(text: str | None) -> tuple[int, int] | None:
    match = re.match(r"(\d{1,2})\.(\d{1,3})", text or "")
    return (int(match[1]), int(match[2])) if match else None
