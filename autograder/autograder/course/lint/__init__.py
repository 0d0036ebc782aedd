"""What every chapter's notebook keeps to, as a lint: no kernel, a second for all chapters.

`problems` reads a source notebook and returns one line for each problem: which cell, what, and the
fix. Each module of this package has the rules of one subject.
"""

from __future__ import annotations

from pathlib import Path

from autograder.course.lint.checks import check_problems
from autograder.course.lint.code import code_problems, tag_problems
from autograder.course.lint.exercises import (
    anatomy_problems,
    heading_problems,
    loose_test_problems,
    number_problems,
)
from autograder.course.lint.form import form_problems
from autograder.course.lint.isolation import isolation_problems
from autograder.course.lint.minutes import minutes_problems
from autograder.course.lint.prose import english_problems, frame_problems, text_problems
from autograder.course.notebooks import (
    HIDDEN_TESTS,
    RELEASE_INSTEAD,
    SOLUTION,
    exercises_of,
    read_cells,
)

NOT_FOR_STUDENTS = (SOLUTION.begin, SOLUTION.end, HIDDEN_TESTS.name, RELEASE_INSTEAD)


def problems(notebook: Path) -> list[str]:
    """Return the problems of a source notebook, none if it is sound.

    Parameters
    ----------
    notebook : Path
        A chapter in ``solutions/``.

    Returns
    -------
    list of str
        ``cell <id>: <what>; <fix>``, in order of the rules.

    Raises
    ------
    UserError
        If the file cannot be read or is no notebook.
    """
    cells = read_cells(notebook)
    exercises = exercises_of(cells)
    headings, syntax = [*heading_problems(cells)], [*code_problems(cells)]
    found = [
        *form_problems(notebook),
        *text_problems(cells),
        *headings,
        *english_problems(cells),
        *syntax,
    ]
    if any("syntax error" in problem for problem in syntax):
        return found  # the rules below read the code
    for exercise in exercises:
        found += anatomy_problems(exercise)
    if not headings:  # which would cause more of these
        found += number_problems(exercises, notebook.stem.split("_")[0])
        found += loose_test_problems(cells, exercises)
    return [
        *found,
        *isolation_problems(cells),
        *check_problems(notebook, cells),
        *frame_problems(cells),
        *minutes_problems(cells),
        *tag_problems(cells),
    ]


def released_problems(notebook: Path) -> list[str]:
    """Return what a released notebook shows and must not: solutions, hidden tests, outputs.

    Raises
    ------
    UserError
        If the file cannot be read or is no notebook.
    """
    found = []
    for cell in read_cells(notebook):
        shown = [mark for mark in NOT_FOR_STUDENTS if mark in cell.source]
        if shown:
            found.append(f"cell {cell.id}: shows {shown[0]!r}; release the chapter again")
        if cell.raw.get("outputs"):
            found.append(f"cell {cell.id}: has outputs; release the chapter again")
    return found
