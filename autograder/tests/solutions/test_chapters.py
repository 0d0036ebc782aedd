from pathlib import Path

import pytest
from nbformat import NotebookNode
from tests.tools.kernels import fork_kernels
from tests.tools.notebooks import run_all, run_once
from tests.tools.rehearsal import rehearse

from autograder.course.notebooks import exercises_of, read_cells
from autograder.layout import Layout

LAYOUT = Layout.here()
CHAPTERS = LAYOUT.chapters()


def errors_of(notebook: NotebookNode) -> dict[str, str]:
    return {
        cell.id: output.ename
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_source_notebook_runs_through_without_an_error_or_a_warning(
    chapter: str, tmp_path: Path, shared: Path
) -> None:
    ran = run_once(LAYOUT.source(chapter), tmp_path, shared)
    assert errors_of(ran) == {}
    streams = [o for c in ran.cells for o in c.get("outputs", []) if o.output_type == "stream"]
    assert [output.text for output in streams if output.name == "stderr"] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_released_notebook_meets_not_implemented_and_nothing_else(
    chapter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork_kernels(monkeypatch)
    cells = read_cells(LAYOUT.released(chapter))
    hunts = {c.id for e in exercises_of(cells) if "bug hunt" in e.title.lower() for c in e.cells}
    errors = errors_of(run_all(LAYOUT.released(chapter), tmp_path))
    tests = {cell.id for cell in cells if cell.kind == "test"}
    assert tests <= set(errors), "a test passes before anything is written"
    wrong = {
        name: kind
        for name, kind in errors.items()
        if kind != ("CheckFailed" if name in hunts else "NotImplementedError")
    }
    assert wrong == {}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_released_notebook_gets_no_points_from_the_full_tests(chapter: str) -> None:
    released = {cell.id: cell.source for cell in read_cells(LAYOUT.released(chapter))}
    cells = read_cells(LAYOUT.source(chapter))
    untouched = {cell.id: released[cell.id] for cell in cells if cell.kind == "solution"}
    outcomes = rehearse(cells, untouched)
    assert [name for name, outcome in outcomes.items() if outcome.points] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_has_hidden_tests_and_every_released_cell_keeps_its_id(chapter: str) -> None:
    source, released = read_cells(LAYOUT.source(chapter)), read_cells(LAYOUT.released(chapter))
    assert [cell.id for cell in source] == [cell.id for cell in released]
    for exercise in filter(lambda e: e.points, exercises_of(source)):
        hidden = [c for c in exercise.of_kind("test") if "BEGIN HIDDEN TESTS" in c.source]
        assert hidden, f"exercise {exercise.number} has visible tests only"
