"""Examines mutants with the engine's speed, to see which of them the tests notice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from autograder.course.mutants import Equivalent, Mutant, mutants_of
from autograder.course.notebooks import Cell, Exercise, exercises_of, read_cells
from autograder.engine.limits import Limits
from autograder.layout import Layout

LIMITS = Limits(cell_seconds=5.0, notebook_seconds=30.0)


@dataclass
class Trial:
    """What became of the mutants of one chapter.

    Attributes
    ----------
    chapter : str
        Its folder.
    killed : int
        How many lost points.
    survived, equivalent : list of Mutant
        Those with full marks; known to be no mistakes are the second.
    sources : dict of str to str
        The solution cells, by their ids.
    """

    chapter: str
    killed: int = 0
    survived: list[Mutant] = field(default_factory=list)
    equivalent: list[Mutant] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A mutant, and the part of its chapter that judges it."""

    chapter: str
    mutant: Mutant
    source: bytes
    submission: bytes


def cases_of(layout: Layout, chapters: Sequence[str], sample: int | None, seed: int) -> list[Case]:
    """Return the mutants of chapters, or a sample of them, drawn from all alike.

    Parameters
    ----------
    layout, chapters
        Where, and which.
    sample : int or None
        How many; None for all.
    seed : int
        For the sample.
    """
    cases = []
    for chapter in chapters:
        cells = read_cells(layout.source(chapter))
        for exercise in filter(lambda e: e.points, exercises_of(cells)):
            judging = _judging(cells, exercise)
            source = _notebook(judging, {})
            for cell in exercise.of_kind("solution"):
                for mutant in mutants_of(cell):
                    handed_in = _notebook(judging, {mutant.cell: mutant.source})
                    cases.append(Case(chapter, mutant, source, handed_in))
    if sample is None or sample >= len(cases):
        return cases
    return random.Random(seed).sample(cases, sample)


def _judging(cells: list[Cell], exercise: Exercise) -> list[Cell]:
    """Return the cells that an exercise's tests need: answers up to its end, its own tests."""
    last = cells.index(exercise.cells[-1])
    own = {cell.id for cell in exercise.of_kind("test")}
    return [
        cell
        for cell in cells[: last + 1]
        if cell.kind in ("setup", "given", "solution") or cell.id in own
    ]


def _notebook(cells: list[Cell], replaced: dict[str, str]) -> bytes:
    raw = [cell.raw | {"source": replaced.get(cell.id, cell.source)} for cell in cells]
    return json.dumps({"cells": raw, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def try_mutants(
    layout: Layout,
    cases: Sequence[Case],
    equivalents: Iterable[Equivalent],
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
    unsafe: bool = False,
) -> dict[str, Trial]:
    """Examine mutants and return what became of them, by chapter.

    Raises
    ------
    UserError
        If this machine has no engine.
    """
    from autograder.engine.controller import Engine

    known = list(equivalents)
    trials = {case.chapter: Trial(case.chapter) for case in cases}
    for chapter, trial in trials.items():
        cells = read_cells(layout.source(chapter))
        trial.sources = {cell.id: cell.source for cell in cells if cell.kind == "solution"}
    with Engine(unsafe=unsafe) as engine, ThreadPoolExecutor(engine.slots) as pool:

        def full_marks(case: Case) -> bool:
            result = engine.examine(case.source, case.submission, LIMITS)
            return result.points == sum(cell.maximum for cell in result.tests)

        for done, (case, kept) in enumerate(zip(cases, pool.map(full_marks, cases), strict=True)):
            on_progress(done, len(cases), case.chapter)
            trial, mutant = trials[case.chapter], case.mutant
            if not kept:
                trial.killed += 1
            elif any(same.covers(mutant, trial.sources[mutant.cell]) for same in known):
                trial.equivalent.append(mutant)
            else:
                trial.survived.append(mutant)
    return trials
