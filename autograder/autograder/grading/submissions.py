"""Finds what students handed in, and says what keeps the rest from being graded.

Everything here only reads.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.grading.recognition import Chapters
from autograder.handed_in import (
    ARCHIVES,
    Unreadable,
    fault_of_name,
    is_litter,
    read_submission,
    why_unreadable,
)
from autograder.layout import Layout

NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json")
DEEPEST, MOST_FILES = 4, 2000  # how far a folder is searched for a notebook
MOST_STRAYS = 5  # files and folders beside a student's chapters that are named one by one


@dataclass(frozen=True)
class Submission:
    """One notebook that a student handed in for one chapter.

    `notes` say what a person should know about where it was found.
    """

    student: str
    chapter: str
    path: Path
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """Something that keeps a file or folder from being graded, and what to do about it.

    `by_machine` says that this machine failed: then the advice is to run again.
    """

    path: Path
    reason: str
    student: str
    chapter: str | None = None
    by_machine: bool = False


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
    search = _Search(layout, chapters)
    found = [
        item
        for entry in _visible(layout.submitted)
        if student in (None, entry.name)
        for item in search.look_into(entry)
    ]
    submissions = [item for item in found if isinstance(item, Submission)]
    return submissions, [item for item in found if isinstance(item, Fault)]


class _Search:
    """Looks for the notebooks of some chapters.

    Parameters
    ----------
    layout
        The class.
    wanted
        The chapters.
    """

    def __init__(self, layout: Layout, wanted: Collection[str]) -> None:
        self.wanted = wanted
        self.names = layout.chapters()  # once, not for each student
        self.chapters = Chapters(layout)

    def look_into(self, folder: Path) -> Iterator[Submission | Fault]:
        """Yield what is in a student's folder."""
        student = folder.name
        if folder.is_symlink():
            yield Fault(folder, "a link; put the student's folder itself here", student)
            return
        if not folder.is_dir():
            if _is_archive(folder):
                reason = "an archive; unpack it into a folder for each student"
            else:
                reason = "a folder for each student is expected; move it into one"
            yield Fault(folder, reason, student)
            return
        fault = fault_of_name(student)
        if student in self.names:
            fault = "a chapter's folder; move it into a folder for the student"
        if fault:
            yield Fault(folder, fault, student)
            return
        try:
            strays: list[Fault] = []
            for path in _visible(folder):
                if path.name not in self.names:
                    strays += self.stray(path, student)
                elif path.name in self.wanted:
                    yield self.chapter_folder(path, student)
            yield from strays[:MOST_STRAYS]
            if len(strays) > MOST_STRAYS:
                reason = f"{len(strays) - MOST_STRAYS} more that are no chapter's; remove them"
                yield Fault(folder, reason, student)
        except OSError as error:
            yield Fault(folder, why_unreadable(error), student)

    def chapter_folder(self, folder: Path, student: str) -> Submission | Fault:
        """Return the submission in `submitted/<student>/<chapter>`, or why there is none."""
        chapter = folder.name
        notebook = folder / f"{chapter}.ipynb"

        def fault(path: Path, reason: str) -> Fault:
            return Fault(path, reason, student, chapter)

        try:
            if folder.is_symlink() or not folder.is_dir():
                reason = f"a folder is expected; make {chapter}/ and put the notebook into it"
                return fault(folder, reason)
            if notebook.is_symlink():
                return fault(notebook, "a link, not a file; ask for the notebook itself")
            files = list(_files(folder))
            others = [file for file in files if _is_notebook(file) and file != notebook]
            if notebook.is_file():
                return Submission(student, chapter, notebook, _notes(folder, others))
            if len(others) > 1:
                names = ", ".join(str(file.relative_to(folder)) for file in others[:3])
                reason = f"{len(others)} notebooks ({names}); rename one of them to {notebook.name}"
                return fault(folder, reason)
            if others:
                reason = f"wrong file name; rename it to {notebook.name}"
                if others[0].parent != folder:
                    reason = f"in a folder too deep; move it to {chapter}/{notebook.name}"
                return fault(others[0], reason)
            for archive in filter(_is_archive, files):
                reason = f"an archive; unpack it here, so that {notebook.name} is in this folder"
                return fault(archive, reason)
        except OSError as error:
            return fault(folder, why_unreadable(error))
        return fault(folder, f"no notebook in it; {notebook.name} is missing, ask for it")

    def stray(self, path: Path, student: str) -> Iterator[Fault]:
        """Yield what to do about something in a student's folder that is no chapter's folder."""
        if path.is_dir() and not path.is_symlink():
            yield from self.stray_folder(path, student)
        elif _is_archive(path):
            chapters = ", ".join(f"{name}/" for name in self.wanted)
            reason = f"an archive; unpack it, so that {student}/ holds {chapters}"
            yield Fault(path, reason, student)
        elif not _is_notebook(path):
            yield Fault(path, f"not a notebook; there are {', '.join(self.names)}", student)
        else:
            chapter = self.chapter_of(path)
            if chapter is None:
                reason = f"the notebook of no chapter; there are {', '.join(self.names)}"
                yield Fault(path, reason, student)
            elif chapter in self.wanted:
                reason = f"move it to {student}/{chapter}/{chapter}.ipynb"
                yield Fault(path, reason, student, chapter)

    def stray_folder(self, folder: Path, student: str) -> Iterator[Fault]:
        files = [file for file in _files(folder) if _is_notebook(file)]
        inside = {name for file in files for name in file.relative_to(folder).parts[:-1]}
        chapters = [name for name in self.names if name in inside]
        near = difflib.get_close_matches(folder.name, self.names, n=1)
        if chapters:
            reason = f"a folder too many; move {', '.join(chapters)} from it into {student}/"
        elif near:
            reason = f"not a chapter's name; rename the folder to {near[0]}"
        elif len(files) == 1 and (chapter := self.chapter_of(files[0])):
            reason = f"not a chapter's name; it holds {chapter}: rename the folder to that"
        else:
            reason = f"not a chapter's name; there are {', '.join(self.names)}"
        yield Fault(folder, reason, student)

    def chapter_of(self, notebook: Path) -> str | None:
        """Return whose notebook a file is, by its cells or else by its name."""
        try:
            found = self.chapters.of(read_submission(notebook, []))
        except Unreadable:
            found = None
        near = difflib.get_close_matches(notebook.name.split(".")[0], self.names, n=1)
        return found or (near[0] if near else None)


def moved(submission: Submission, chapter: str, submissions: Collection[Submission]) -> Submission:
    """Return a submission as one for the chapter whose notebook it is.

    Parameters
    ----------
    submission
        Handed in for another chapter.
    chapter
        Whose notebook it is.
    submissions
        What was handed in.

    Raises
    ------
    Unreadable
        If that chapter was handed in too.
    """
    student, wrong = submission.student, submission.chapter
    if any(other.student == student and other.chapter == chapter for other in submissions):
        raise Unreadable(f"this is the notebook of {chapter}; ask for that of {wrong}")
    note = f"handed in as {wrong}, but it is the notebook of {chapter} and was graded as that"
    return replace(submission, chapter=chapter, notes=(note, *submission.notes))


def _notes(folder: Path, others: list[Path]) -> tuple[str, ...]:
    if not others:
        return ()
    names = ", ".join(str(file.relative_to(folder)) for file in others[:3])
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return (f"{names}{more} was handed in as well, and not graded",)


def _visible(folder: Path) -> list[Path]:
    """Return what a folder holds, without the litter of systems and editors."""
    return sorted(path for path in folder.iterdir() if not is_litter(path.name))


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder, and in those in it, but no more than a person would make."""
    count = 0
    for place, folders, names in os.walk(folder):
        if len(Path(place).relative_to(folder).parts) >= DEEPEST:
            folders.clear()
        folders[:] = sorted(name for name in folders if not is_litter(name))
        for name in sorted(names):
            if count == MOST_FILES:
                return
            count += 1
            if not is_litter(name):
                yield Path(place, name)


def _is_notebook(path: Path) -> bool:
    return path.name.lower().endswith(NOTEBOOKS)


def _is_archive(path: Path) -> bool:
    return path.name.lower().endswith(ARCHIVES)
