"""How long a notebook may take."""

from __future__ import annotations

from dataclasses import dataclass

CELLS_PER_NOTEBOOK = 6  # a notebook may compute as long as this many of its cells


@dataclass(frozen=True)
class Limits:
    """How long a notebook may take: in CPU time, which a busy machine does not change.

    Attributes
    ----------
    cell_seconds, notebook_seconds : float
        CPU time of the student's process that a cell, and the whole notebook, may use.
    patience : float
        How many times as long either may take on the clock: what sleeps uses no CPU time.
    """

    cell_seconds: float = 10.0
    notebook_seconds: float = 60.0
    patience: float = 10.0

    @classmethod
    def of_cell(cls, seconds: float) -> Limits:
        """Return the limits where a cell may compute for so many seconds."""
        return cls(seconds, CELLS_PER_NOTEBOOK * seconds)
