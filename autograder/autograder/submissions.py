"""What students handed in: finds it, and says what is wrong with what cannot be graded.

Everything here only reads. Standard library only.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.layout import GLOB_CHARACTERS, Layout, has_glob_character


@dataclass(frozen=True)
class Submission:
    """One notebook that a student handed in for one chapter."""

    student: str
    chapter: str
    path: Path


@dataclass(frozen=True)
class Fault:
    """Something that keeps a file or folder from being graded, and what to do about it."""

    path: Path
    reason: str
    student: str
    chapter: str | None = None


def find_submissions(
    layout: Layout, chapters: Collection[str], student: str | None = None
) -> tuple[list[Submission], list[Fault]]:
    """Return what can be graded in `submitted`, and what cannot.

    Parameters
    ----------
    layout
        Whose `submitted` folder to read.
    chapters
        The chapters to look for; folders of other chapters are passed over.
    student
        Look at this student only.

    Returns
    -------
    tuple of list of Submission, list of Fault
        Both by student, then chapter.
    """
    submissions: list[Submission] = []
    faults: list[Fault] = []
    everything = layout.chapters()
    for student_folder in _visible(layout.submitted):
        name = student_folder.name
        if student not in (None, name):
            continue
        reason = _find_folder_fault(student_folder)
        if reason is not None:
            faults.append(Fault(student_folder, reason, name))
            continue
        for folder in _visible(student_folder):
            if folder.name in chapters:
                reason = find_fault(folder)
                if reason is None:
                    path = folder / f"{folder.name}.ipynb"
                    submissions.append(Submission(name, folder.name, path))
                else:
                    faults.append(Fault(*reason, name, folder.name))
            elif folder.name not in everything:
                faults.append(Fault(folder, _no_chapter(folder, everything), name))
    return submissions, faults


def _find_folder_fault(folder: Path) -> str | None:
    if not folder.is_dir():
        return "a folder for each student is expected; move it into one"
    if has_glob_character(folder.name) or folder.name != folder.name.strip():
        return f"nbgrader stumbles over {' '.join(GLOB_CHARACTERS)} and outer spaces; rename it"
    return None


def find_fault(folder: Path) -> tuple[Path, str] | None:
    """Return what keeps a chapter folder of a student from being graded, or None.

    Parameters
    ----------
    folder
        `submitted/<student>/<chapter>`.

    Returns
    -------
    tuple of Path, str or None
        The file or folder at fault, and the fault with what to do about it.
    """
    if not folder.is_dir():
        return folder, f"a folder is expected; make {folder.name}/ and put the notebook there"
    notebook = folder / f"{folder.name}.ipynb"
    if not notebook.is_file():
        others = [path for path in _visible(folder) if path.suffix == ".ipynb"]
        if others:
            return others[0], f"wrong file name; rename it to {notebook.name}"
        return folder, f"no notebook in it; {notebook.name} is missing, ask for it"
    reason = _find_notebook_fault(notebook)
    return (notebook, reason) if reason else None


def _find_notebook_fault(path: Path) -> str | None:
    try:
        text = path.read_bytes()
    except OSError as error:
        return f"cannot be read ({error.strerror}); mend its permissions"
    if not text.strip():
        return "the file is empty; ask for it again"
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return "not a notebook (not JSON); ask for the .ipynb file again"
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), int):
        return "not a notebook (no nbformat); ask for the .ipynb file again"
    if notebook["nbformat"] != 4:
        return (
            f"notebook format {notebook['nbformat']}, 4 is expected; "
            "open it in JupyterLab, save it and hand it in again"
        )
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        return "a damaged notebook (its cells are unreadable); ask for it again"
    names = (cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells)
    twice = [name for name, times in Counter(names).items() if name is not None and times > 1]
    if twice:
        return f"cell {twice[0]} is there more than once; ask for it again with one copy deleted"
    return None


def _is_cell(cell: object) -> bool:
    return (
        isinstance(cell, dict)
        and isinstance(cell.get("metadata"), dict)
        and isinstance(cell["metadata"].get("nbgrader", {}), dict)
        and isinstance(cell.get("source"), str | list)
        and cell.get("cell_type") in ("code", "markdown", "raw")
    )


def _no_chapter(folder: Path, chapters: list[str]) -> str:
    near = difflib.get_close_matches(folder.name, chapters, n=1)
    if near:
        return f"no chapter has this name; rename the folder to {near[0]}"
    return f"no chapter has this name; there are {', '.join(chapters)}"


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
