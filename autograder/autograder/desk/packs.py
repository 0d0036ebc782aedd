"""Packs feedback pages as Canvas and Moodle take them back: a file's name says whose it is.

The names are those of the download that the notebook was collected from. Canvas takes the zip under
"Re-Upload Submissions" in its gradebook, Moodle under "Upload multiple feedback files in a zip".
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from autograder.desk.classfile import ClassFile
from autograder.desk.classreader import read_class
from autograder.desk.systems import CANVAS, MOODLE
from autograder.desk.versions import Work, digest, read_index
from autograder.files import write_atomically
from autograder.grading.submissions import Fault
from autograder.layout import Layout
from autograder.machine import available_cores

PARTICIPANT = re.compile(r"Participant (\d+)")
TIME = (1980, 1, 1, 0, 0, 0)  # of every file: the same pages make the same zip


def pack(
    layout: Layout, systems: Collection[str], pages: Iterable[Path]
) -> tuple[list[Path], list[Fault], int]:
    """Write `feedback/<chapter>-<system>.zip` for each chapter and system.

    Parameters
    ----------
    layout
        The class.
    systems
        Of ``canvas`` and ``moodle``.
    pages
        What to pack.

    Returns
    -------
    tuple of list of Path, list of Fault, int
        The zips, the pages that can't be given a name, and how many others are of work that was
        handed in to a system which was not asked for.

    Raises
    ------
    UserError
        If the class file, or what was collected, can't be read.
    """
    group, collected = read_class(layout), read_index(layout)
    names: dict[tuple[str, str], dict[str, Path]] = defaultdict(dict)
    faults, elsewhere = [], 0
    for page in pages:
        student, chapter = page.parts[-3:-1]
        work = collected.students.get(student, {}).get(chapter, Work())
        sources = list(_sources(work, layout.submission(student, chapter)))
        known = {"canvas": _canvas(sources), "moodle": _moodle(sources)}
        if not any(known.values()) and "moodle" in systems:
            known["moodle"] = _enrolled(group, student)
        if not any(known.values()):
            faults.append(Fault(page, _ADVICE[" ".join(sorted(systems))], student, chapter))
        elif not any(known[system] for system in systems):
            elsewhere += 1
        for system in systems:
            if name := known[system]:
                names[chapter, system][_full_name(system, name, chapter)] = page
    zips = {
        layout.feedback / f"{chapter}-{system}.zip": files
        for (chapter, system), files in sorted(names.items())
    }
    with ThreadPoolExecutor(available_cores()) as pool:  # compressing needs no lock
        list(pool.map(write_atomically, zips, pool.map(_zipped, zips.values())))
    return list(zips), faults, elsewhere


_ADVICE = {
    "canvas": "not collected from a download of Canvas, so its number there is not known; "
    "attach the page in SpeedGrader",
    "moodle": "its number in Moodle is not known; collect from Moodle's download, or add "
    '"Participant N" to the ids of the student in class.toml',
    "canvas moodle": "not collected from a download of Canvas or Moodle, so its number there is "
    "not known; give the page back by hand",
}


def _sources(work: Work, submission: Path) -> Iterator[str]:
    """Yield the parts of the path that the graded version was collected from."""
    graded = digest(submission.read_bytes()) if submission.is_file() else ""
    # a version that was handed in twice, or edited since, still tells whose it is
    for version in sorted(work.versions, key=lambda version: version.sha256 != graded):
        yield from PurePosixPath(version.source).parts


def _canvas(sources: Iterable[str]) -> str | None:
    for part in sources:
        if match := CANVAS.fullmatch(part):
            return f"{match['name']}_{match['user']}_{match['file']}"
    return None


def _moodle(sources: Iterable[str]) -> str | None:
    for part in sources:
        if match := MOODLE.fullmatch(part):
            return f"{_without_underscores(match['name'])}_{match['number']}"
    return None


def _enrolled(group: ClassFile, student: str) -> str | None:
    """Return how Moodle calls whoever the class file knows a participant's number of."""
    known = group.student_of(student)
    for name in known.ids:
        if match := PARTICIPANT.fullmatch(name):
            return f"{_without_underscores(known.name or student)}_{match[1]}"
    return None


def _without_underscores(name: str) -> str:
    """Return a name as Moodle writes it: underscores separate the parts of the file's name."""
    return re.sub(r"[_/\\]", " ", name)


def _full_name(system: str, name: str, chapter: str) -> str:
    if system == "canvas":
        return f"{name}_{chapter}.html"
    return f"{name}_assignsubmission_file_/{chapter}.html"


def _zipped(files: dict[str, Path]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, page in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, TIME), page.read_bytes(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()
