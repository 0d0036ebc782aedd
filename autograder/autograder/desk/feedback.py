"""Writes a feedback page for every graded notebook; one that would not change is left alone."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from pathlib import Path

import msgspec

from autograder.desk.classreader import read_class
from autograder.desk.pages.feedback import feedback_page
from autograder.desk.pages.render import made_with, noted_in, render
from autograder.desk.standing import read_standing
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.gradebook.book import Gradebook, open_gradebook
from autograder.gradebook.cells import CellMarks
from autograder.grading.submissions import Fault
from autograder.layout import Layout, number_then_name
from autograder.machine import available_cores

# what nbgrader's exchange gives feedback back by, from the folder that was handed in
FOR_EXCHANGE = ("timestamp.txt", "submission_secret.txt")
LONGEST_NOTE = 4096  # bytes of such a file
MANY, AT_ONCE = 100, 10  # pages that it pays to start processes for, and of one errand


@dataclass
class Written:
    """What a run did.

    Attributes
    ----------
    pages : list of Path
        All pages of the graded notebooks asked for, new and old.
    changed : int
        How many of them were written.
    faults : list of Fault
        Notebooks for which there is none.
    """

    pages: list[Path] = field(default_factory=list)
    changed: int = 0
    faults: list[Fault] = field(default_factory=list)


class ClassMarks:
    """The points of single cells, with names, time zone and penalties as the class file has them.

    Parameters
    ----------
    layout
        The class.
    gradebook
        Its gradebook.
    """

    def __init__(self, layout: Layout, gradebook: Gradebook) -> None:
        self.gradebook = gradebook
        self.group = read_class(layout)
        self.rows = {(row.student.id, row.chapter): row for row in read_standing(layout).rows}

    def of(self, chapter: str, student: str | None = None) -> dict[str, CellMarks]:
        """Return what a chapter's submissions have, by student; only this student's if named."""
        found = self.gradebook.cell_marks(chapter, student)
        return {name: self._complete(marks, chapter) for name, marks in found.items()}

    def _complete(self, marks: CellMarks, chapter: str) -> CellMarks:
        known = self.group.student_of(marks.student)
        row = self.rows.get((known.id, chapter))
        return replace(
            marks,
            name=known.name or marks.name,
            penalty=marks.penalty if row is None else row.penalty,
            handed_in=marks.handed_in and marks.handed_in.astimezone(self.group.zone),
        )


def find_graded(
    layout: Layout, chapters: Sequence[str] | None = None, student: str | None = None
) -> list[Path]:
    """Return the graded notebooks, chapter by chapter.

    Parameters
    ----------
    layout
        The class.
    chapters
        These chapters only.
    student
        This student only.

    Raises
    ------
    UserError
        If there are none.
    """
    folder = layout.work / "autograded"
    graded = [
        path
        for path in folder.glob("*/*/*.ipynb")
        if path.stem == path.parts[-2]
        and (chapters is None or path.stem in chapters)
        and student in (None, path.parts[-3])
    ]
    if not graded:
        where = layout.show(folder) if student is None else student
        raise UserError(f"{where}: nothing is graded yet; run: python3 autograder grade")
    return sorted(graded, key=lambda path: (number_then_name(path.stem), path.parts[-3]))


def write_feedback(
    layout: Layout,
    graded: Sequence[Path],
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Written:
    """Write `feedback/<student>/<chapter>/<chapter>.html` where it is missing or has changed.

    Parameters
    ----------
    layout
        The class.
    graded
        The notebooks, as `find_graded` returns them.
    on_progress
        Called after each page with the number done, the total, and whose page it was.

    Raises
    ------
    UserError
        If the gradebook can't be read.
    """
    written = Written()
    students = {notebook.parts[-3] for notebook in graded}
    only = next(iter(students)) if len(students) == 1 else None
    on_progress(0, len(graded), "")
    with open_gradebook(layout) as gradebook, _mapping(len(graded)) as each:
        everyone = ClassMarks(layout, gradebook)
        known = [
            marks.get(notebook.parts[-3])
            for chapter, notebooks in groupby(graded, key=lambda path: path.stem)
            for marks in [everyone.of(chapter, only)]
            for notebook in notebooks
        ]
        pages = each(partial(_write_page, layout), graded, known)
        for done, (notebook, page) in enumerate(zip(graded, pages, strict=True), start=1):
            student, chapter = notebook.parts[-3:-1]
            if isinstance(page, str):
                written.faults.append(Fault(notebook, page, student, chapter))
            else:
                written.pages.append(layout.feedback_page(student, chapter))
                written.changed += page
            on_progress(done, len(graded), f"{student} · {chapter}")
    return written


@contextmanager
def _mapping(count: int) -> Iterator[Callable[..., Iterator[str | bool]]]:
    """Yield what calls a function with the items of lists: in a process on each core, if many."""
    if count < MANY:
        yield map
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy the locks of threads
    with ProcessPoolExecutor(available_cores(), context, _leave_interrupts_to_us) as pool:
        try:
            yield partial(pool.map, chunksize=AT_ONCE)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _leave_interrupts_to_us() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _write_page(layout: Layout, notebook: Path, marks: CellMarks | None) -> str | bool:
    """Write one page if it would change; return whether it did, or why there is none."""
    student, chapter = notebook.parts[-3:-1]
    if marks is None:
        return "the gradebook does not know this submission; grade it again"
    content = notebook.read_bytes()
    made_from = made_from_what(content, marks)
    page = layout.feedback_page(student, chapter)
    changed = noted_in(page) != made_from
    if changed:
        try:
            text = page_text(content, marks, chapter, made_from)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return f"not a graded notebook ({type(error).__name__}: {error}); grade it again"
        write_atomically(page, text)
    _copy_for_exchange(layout.submission(student, chapter).parent, page.parent)
    return changed


def made_from_what(notebook: bytes, marks: CellMarks) -> str:
    """Return a hash of all that a page depends on, the same in every process."""
    parts = (notebook, msgspec.json.encode(marks, order="deterministic"), made_with().encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def page_text(notebook: bytes, marks: CellMarks, chapter: str, made_from: str = "") -> str:
    """Return the page of one graded notebook.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError
        If it is not a graded notebook.
    """
    return render("feedback", made_from, page=feedback_page(json.loads(notebook), marks, chapter))


def _copy_for_exchange(submitted: Path, target: Path) -> None:
    for name in FOR_EXCHANGE:
        note = submitted / name
        if note.is_file() and not note.is_symlink() and note.stat().st_size <= LONGEST_NOTE:
            content = note.read_bytes()
            if not (target / name).is_file() or (target / name).read_bytes() != content:
                write_atomically(target / name, content)
