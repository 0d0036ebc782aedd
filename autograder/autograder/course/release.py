"""Makes the students' notebooks from the source notebooks, and tells where they are out of date."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.layout import Layout
from autograder.nbgrader import steps


@dataclass(frozen=True)
class Released:
    """What releasing one chapter did.

    `changed` tells whether a file was written, `kept` where a replaced notebook is kept, if it was
    not simply an earlier release.
    """

    chapter: str
    changed: bool
    kept: Path | None = None


def release_chapter(layout: Layout, chapter: str) -> Released:
    """Make a chapter's student version in `course` and register it in the gradebook.

    Only files that differ are written, and whatever else lies in the chapter's folder stays. A file
    that is replaced and is not known as an earlier release may hold somebody's work: it is kept in
    `work/replaced`.

    Raises
    ------
    StepFailed
        When nbgrader refuses the source notebook; `course` is then untouched.
    UserError
        When there is no source notebook.
    """
    _require_source(layout, chapter)
    layout.work.mkdir(parents=True, exist_ok=True)
    history = _History(layout)
    kept = None
    changed = False
    with tempfile.TemporaryDirectory() as scratch:
        steps.generate(layout, chapter, Path(scratch), layout.database_url)
        for relative, content in _read_tree(Path(scratch)).items():
            target = layout.course / relative
            before = target.read_bytes() if target.is_file() else None
            if before != content:
                if before is not None and not history.knows(before):
                    kept = _keep(layout, target)
                write_atomically(target, content)
                changed = True
            history.add(content)
    history.save()
    return Released(chapter, changed, kept)


def find_staleness(layout: Layout, chapter: str) -> str | None:
    """Return how a chapter in `course` differs from its source, or None; nothing is written.

    Raises
    ------
    StepFailed
        When nbgrader refuses the source notebook.
    UserError
        When there is no source notebook.
    """
    _require_source(layout, chapter)
    with tempfile.TemporaryDirectory() as scratch:
        steps.generate(layout, chapter, Path(scratch))
        for relative, content in _read_tree(Path(scratch)).items():
            target = layout.course / relative
            if not target.is_file():
                return f"{relative} is missing"
            if target.read_bytes() != content:
                return f"{relative} differs from what solutions/ makes"
    return None


def _require_source(layout: Layout, chapter: str) -> None:
    if not layout.source(chapter).is_file():
        raise UserError(
            f"{layout.show(layout.source(chapter))}: missing; the source notebook has its folder's "
            "name"
        )


def _read_tree(folder: Path) -> dict[Path, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in files}


def _keep(layout: Layout, path: Path) -> Path:
    moment = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    kept = layout.work / "replaced" / moment / path.relative_to(layout.course)
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, kept)
    return kept


class _History:
    """Hashes of all that was ever released from this work folder."""

    def __init__(self, layout: Layout) -> None:
        self.path = layout.work / "released.json"
        self._hashes = set(json.loads(self.path.read_text())) if self.path.is_file() else set()

    def knows(self, content: bytes) -> bool:
        return hashlib.sha256(content).hexdigest() in self._hashes

    def add(self, content: bytes) -> None:
        self._hashes.add(hashlib.sha256(content).hexdigest())

    def save(self) -> None:
        write_atomically(self.path, json.dumps(sorted(self._hashes), indent=1))
