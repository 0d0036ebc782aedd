"""The lines that a check counts are the student's, whatever Python does meanwhile."""

from __future__ import annotations

import gc
from pathlib import Path

from tests.tools.rehearsal import rehearse

from autograder.course.notebooks import read_cells

ROOT = Path(__file__).resolve().parents[3]


def test_what_runs_when_garbage_is_collected_is_not_counted() -> None:
    chapter = "5_layer_gradients"
    cells = read_cells(ROOT / "solutions" / chapter / f"{chapter}.ipynb")
    wanted = [c for c in cells if c.kind != "test" or c.id == "conv2d-fast-steps-test"]
    collected = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop":
            for _ in range(10):
                collected.append(phase)

    before = gc.get_threshold()
    gc.callbacks.append(note)
    gc.set_threshold(40)
    try:
        (outcome,) = rehearse(wanted).values()
    finally:
        gc.callbacks.remove(note)
        gc.set_threshold(*before)
    assert collected
    assert outcome.points == outcome.maximum
