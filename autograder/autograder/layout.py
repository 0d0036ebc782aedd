"""Where things are: the folders of the course and the folders of one run of grading.

Standard library only, because the command line needs it before anything is installed.
"""

from __future__ import annotations

import difflib
import os
import re
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import UserError

GLOB_CHARACTERS = "*?["


@dataclass(frozen=True)
class Layout:
    """The folders that every command works on.

    Parameters
    ----------
    root
        The repository: holds `solutions`, `course` and `autograder`.
    work
        Holds `submitted`, `autograded`, `feedback`, `gradebook.db` and `logs` of one class.
    course
        Where released notebooks are.
    db_url
        Of the gradebook, if it is not `gradebook.db` in `work`: any URL that SQLAlchemy accepts.

    Examples
    --------
    >>> layout = Layout.of(Path("/srv/course")).with_work(Path("/srv/autumn"))
    >>> layout.submission("ada", "1_derivatives").as_posix()
    '/srv/autumn/submitted/ada/1_derivatives/1_derivatives.ipynb'
    """

    root: Path
    work: Path
    course: Path
    db_url: str | None = None

    @classmethod
    def of(cls, root: Path) -> Layout:
        """Return the layout of the repository at `root`, with its own work folder."""
        return cls(root=root, work=root / "autograder" / "work", course=root / "course")

    @classmethod
    def here(cls) -> Layout:
        """Return the layout of the repository that this package was started from."""
        return cls.of(Path(__file__).resolve().parents[2])

    def with_work(self, work: Path) -> Layout:
        """Return the same course with another work folder."""
        return replace(self, work=work.resolve())

    def with_options(self, options: Namespace) -> Layout:
        """Return the same course with the work folder and database that a command line names.

        Where it could name a class and does not, the variables AUTOGRADER_WORK and AUTOGRADER_DB
        do, which `lab` also sets for the terminals in it.
        """
        work, named = options.work, None
        if "db" in options:
            work = work or os.environ.get("AUTOGRADER_WORK")
            named = options.db or os.environ.get("AUTOGRADER_DB")
        layout = self.with_work(Path(work)) if work else self
        return replace(layout, db_url=named or None)

    @property
    def solutions(self) -> Path:
        """Folder of the source notebooks, with answers and hidden tests."""
        return self.root / "solutions"

    @property
    def submitted(self) -> Path:
        """Folder of what students handed in; only ever read."""
        return self.work / "submitted"

    @property
    def feedback(self) -> Path:
        """Folder of the feedback pages."""
        return self.work / "feedback"

    @property
    def gradebook(self) -> Path:
        """The file that holds the scores, unless another database is named."""
        return self.work / "gradebook.db"

    @property
    def database_url(self) -> str:
        """The URL of the database that holds the scores."""
        return self.db_url or f"sqlite:///{self.gradebook}"

    @property
    def logs(self) -> Path:
        """Folder of one log file a run, and of one for each submission."""
        return self.work / "logs"

    def submission_log(self, student: str, chapter: str) -> Path:
        """Return the file that says how a submission was graded."""
        return self.logs / chapter / f"{student}.log"

    def source(self, chapter: str) -> Path:
        """Return the source notebook of a chapter."""
        return self.solutions / chapter / f"{chapter}.ipynb"

    def released(self, chapter: str) -> Path:
        """Return the student's notebook of a chapter."""
        return self.course / chapter / f"{chapter}.ipynb"

    def submission(self, student: str, chapter: str) -> Path:
        """Return the notebook that a student hands in for a chapter."""
        return self.submitted / student / chapter / f"{chapter}.ipynb"

    def autograded(self, student: str, chapter: str) -> Path:
        """Return the graded notebook, with outputs and points."""
        return self.work / "autograded" / student / chapter / f"{chapter}.ipynb"

    def feedback_page(self, student: str, chapter: str) -> Path:
        """Return the page that tells a student what was found."""
        return self.feedback / student / chapter / f"{chapter}.html"

    def chapters(self) -> list[str]:
        """Return the chapters in the order of their numbers: the folders in `solutions`."""
        if not self.solutions.is_dir():
            return []
        folders = [p.name for p in self.solutions.iterdir() if p.is_dir() and p.name[0] != "."]
        return sorted(folders, key=number_then_name)

    def pick_chapters(self, names: Sequence[str]) -> list[str]:
        """Return the chapters named by folder or by number; all of them when `names` is empty.

        Raises
        ------
        UserError
            With status 2, for a name that is not a chapter's.
        """
        chapters = self.chapters()
        return [self._pick_chapter(name, chapters) for name in names] or chapters

    @staticmethod
    def _pick_chapter(name: str, chapters: list[str]) -> str:
        for chapter in chapters:
            if name in (chapter, chapter.split("_")[0]):
                return chapter
        near = difflib.get_close_matches(name, chapters, n=1)
        hint = f"did you mean {near[0]}?" if near else f"There are: {', '.join(chapters) or 'none'}"
        raise UserError(f"no chapter {name!r} in solutions/; {hint}", status=2)

    def check_paths(self) -> None:
        """Raise UserError where nbgrader, which globs its paths, could not find its files."""
        for folder in (self.root, self.work):
            if has_glob_character(str(folder)):
                raise UserError(
                    f"{folder}: nbgrader cannot work in a folder whose path holds one of "
                    f"{' '.join(GLOB_CHARACTERS)}; rename that folder."
                )

    def show(self, path: Path) -> str:
        """Return `path` for people to read: relative to the working directory if it is below it."""
        try:
            return str(path.relative_to(Path.cwd()))
        except ValueError:
            return str(path)


def number_then_name(chapter: str) -> tuple[int, str]:
    """Return a key that puts `2_x` before `10_y`, and names without a number last."""
    number = re.match(r"\d+", chapter)
    return (int(number.group()) if number else 10**9, chapter)


def has_glob_character(path: str) -> bool:
    """Return whether nbgrader would take a part of `path` for a pattern."""
    return any(character in path for character in GLOB_CHARACTERS)
