"""Makes the students' notebooks from the source notebooks, and says where they are out of date."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.course import readme, topics
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.layout import Layout

# Makes a chapter's student version in an empty folder; see `autograder.nbgrader.steps.generate`.
Generate = Callable[[Layout, str, Path], None]


@dataclass(frozen=True)
class Released:
    """What releasing one chapter did.

    Attributes
    ----------
    chapter : str
        Its folder.
    files : tuple of Path
        All that was released, relative to `course`.
    changed : bool
        Whether a file was written.
    kept : Path or None
        Where a replaced notebook is kept, if git did not have it already.
    """

    chapter: str
    files: tuple[Path, ...]
    changed: bool
    kept: Path | None = None


def release_chapter(layout: Layout, chapter: str, generate: Generate) -> Released:
    """Make a chapter's student version in `course`.

    Only files that differ are written, and every other file of the chapter's folder stays. A file
    that is replaced and is not what git has as committed may be a person's work: it is kept in
    `work/replaced`.

    Parameters
    ----------
    layout
        The folders of the course.
    chapter
        The chapter's folder in `solutions`.
    generate
        Makes the student version.

    Raises
    ------
    StepFailed
        When nbgrader refuses the source notebook; `course` is then untouched.
    UserError
        When there is no source notebook.
    """
    kept = None
    changed = False
    released = _student_version(layout, chapter, generate)
    for relative, content in released.items():
        target = layout.course / relative
        before = target.read_bytes() if target.is_file() else None
        if before != content:
            if before is not None and _committed(target) != before:
                kept = _keep(layout, target)
            write_atomically(target, content)
            changed = True
    return Released(chapter, tuple(released), changed, kept)


def find_staleness(layout: Layout, chapter: str, generate: Generate) -> str | None:
    """Return how a chapter in `course` differs from its source, or None; nothing is written.

    Raises
    ------
    StepFailed
        When nbgrader refuses the source notebook.
    UserError
        When there is no source notebook.
    """
    for relative, content in _student_version(layout, chapter, generate).items():
        target = layout.course / relative
        if not target.is_file():
            return f"{relative} is missing"
        if target.read_bytes() != content:
            return f"{relative} differs from what solutions/ makes"
    return None


def dropped_chapters(layout: Layout) -> list[str]:
    """Return the chapters in `course` that `solutions` no longer has."""
    released = {
        path.stem for path in layout.course.glob("*/*.ipynb") if path.stem == path.parent.name
    }
    return sorted(released - set(layout.chapters()))


def stale_pages(layout: Layout) -> dict[str, str]:
    """Return the pages that differ from what the notebooks make: their names and new contents.

    Raises
    ------
    UserError
        If a source notebook or a page's data cannot be read.
    """
    pages = {readme.PAGE: readme.readme_page(layout), topics.PAGE: topics.topics_page(layout)}
    return {
        name: page
        for name, page in pages.items()
        if page is not None and _text_of(layout.root / name) != page
    }


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _student_version(layout: Layout, chapter: str, generate: Generate) -> dict[Path, bytes]:
    source = layout.source(chapter)
    if not source.is_file():
        raise UserError(
            f"{layout.show(source)}: missing; a chapter's notebook has the name of its folder"
        )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        generate(layout, chapter, folder)
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {path.relative_to(folder): path.read_bytes() for path in files}


def _committed(path: Path) -> bytes | None:
    """Return a file as git has it in the last commit; None where there is no git or it has none."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "show", f"HEAD:./{path.name}"]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _keep(layout: Layout, path: Path) -> Path:
    moment = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    kept = layout.work / "replaced" / moment / path.relative_to(layout.course)
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, kept)
    return kept
