"""The archive that students get: `course/` as released, and nothing else that may be there."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.layout import Layout

NAME = "backprop-by-hand"  # of the archive and of the one folder in it
PAGES = ("README.md", "LICENSE", "LICENSE-CC-BY-4.0", "pyproject.toml", "environment.yml")
PACKAGE = "byhand"
# Zip needs a time for each file; this is its earliest, so that equal files make equal archives.
TIME = (1980, 1, 1, 0, 0, 0)


def write_handout(layout: Layout, notebooks: Iterable[Path], target: Path) -> int:
    """Write the archive; the same files make the same bytes.

    Parameters
    ----------
    layout
        The folders of the course.
    notebooks
        What was released, relative to `course`. Whatever else is in a chapter's folder, such as a
        person's notes, stays out.
    target
        The archive; an older one is replaced.

    Returns
    -------
    int
        Its size in bytes.

    Raises
    ------
    UserError
        If a page that students need is missing.
    """
    pages = [Path(name) for name in PAGES]
    for page in pages:
        if not (layout.course / page).is_file():
            raise UserError(
                f"{layout.show(layout.course / page)}: missing, and students need it; restore it"
            )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted({*pages, *_package(layout), *notebooks}):
            entry = zipfile.ZipInfo(f"{NAME}/{file.as_posix()}", TIME)
            entry.create_system = 3  # Unix, wherever it is written, for the rights below
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (layout.course / file).read_bytes())
    write_atomically(target, held.getvalue())
    return held.tell()


def _package(layout: Layout) -> Iterable[Path]:
    """Yield the files of the students' package, without what Python or an editor left there."""
    for path in (layout.course / PACKAGE).rglob("*"):
        file = path.relative_to(layout.course)
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in file.parts):
            yield file
