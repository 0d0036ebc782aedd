"""How long a notebook may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How long a notebook may take, in seconds of the wall clock."""

    cell_seconds: float = 20.0
    notebook_seconds: float = 180.0
