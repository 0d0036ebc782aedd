"""Takes what was downloaded from anywhere into `submitted`: whose, which chapter, which version."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath

from autograder.desk.archives import Downloads, Member, Refused
from autograder.desk.classfile import ClassFile
from autograder.desk.classreader import read_class
from autograder.desk.recognize import Recognizer
from autograder.desk.repositories import Git
from autograder.desk.roster import entries_of
from autograder.desk.sheets import by_header, read_sheet
from autograder.desk.systems import METADATA, TIMESTAMP, Origin, Systems
from autograder.desk.versions import (
    Collected,
    Version,
    Work,
    add_version,
    digest,
    folder_of,
    name_of,
    pick,
    read_index,
    write_index,
)
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.layout import Layout
from autograder.scratch import only_run

COPY = re.compile(r"( ?\(\d+\)|[-_ ]?copy\d*|-\d+)+$", re.IGNORECASE)  # 1_derivatives (1).ipynb
Progress = Callable[[int, int, str], None]


@dataclass
class Report:
    """What collecting did, or would do.

    Attributes
    ----------
    placed : list of (str, str)
        Student and chapter of each notebook that is new in `submitted`, or replaced there.
    unchanged : int
        How many others are there already.
    versions : int
        How many versions are new.
    undated : int
        How many of the placed ones have no time.
    decide : list of str
        What a person must decide, one line each.
    unmatched : list of str
        What belongs to nobody or to no chapter, one line each.
    refused : list of str
        What was not read, one line each.
    passed_over : int
        Other files and untouched copies.
    """

    placed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    versions: int = 0
    undated: int = 0
    decide: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    passed_over: int = 0


@dataclass(frozen=True)
class _Found:
    """A notebook whose owner and chapter are known, and where it is kept."""

    student: str
    chapter: str
    origin: Origin
    sha256: str
    file: str
    shown: str


def class_to_collect(layout: Layout, paths: Sequence[Path]) -> ClassFile:
    """Return the class, if it has students and there is something at each of the paths.

    Raises
    ------
    UserError
        If not.
    """
    group = read_class(layout)
    if not group.students:
        raise UserError(
            "class.toml has no students yet; read a list first: "
            "python3 autograder class --roster FILE"
        )
    for path in paths:
        if not path.exists():
            raise UserError(f"{path}: no such file or folder; check its name")
    return group


def collect(
    layout: Layout,
    group: ClassFile,
    paths: Sequence[Path],
    on_progress: Progress = lambda done, total, name: None,
    handed_in: datetime | None = None,
    dry_run: bool = False,
) -> Report:
    """Take notebooks from downloads into `submitted`, keeping every version.

    Parameters
    ----------
    layout
        Of the course and the class.
    group
        The class; see `class_to_collect`.
    paths
        Zips, folders, notebooks, and Moodle's grading worksheet, which has times. Without any, the
        versions that count are picked again, as after an extension.
    on_progress
        Called for each file with the number done, the total, and its name.
    handed_in
        The time of what comes without one.
    dry_run
        Change nothing.

    Raises
    ------
    UserError
        When a worksheet or what was collected before can't be read.
    """
    with only_run(layout.work, layout.show(layout.work)) if not dry_run else nullcontext():
        return _Collector(layout, group, on_progress, handed_in, dry_run).run(paths)


class _Collector:
    """One run."""

    def __init__(
        self,
        layout: Layout,
        group: ClassFile,
        on_progress: Progress,
        handed_in: datetime | None,
        dry_run: bool,
    ) -> None:
        self.layout = layout
        self.group = group
        self.on_progress = on_progress
        self.handed_in = handed_in
        self.dry_run = dry_run
        self.report = Report()
        self.recognizer = Recognizer(layout)
        self.index: Collected = read_index(layout)
        self.directory = group.directory()
        self.started = datetime.now(UTC)
        self._with_notebook: set[str] = set()
        self._without_notebook: dict[str, str] = {}

    def run(self, paths: Sequence[Path]) -> Report:
        """Collect, then put what counts into `submitted`."""
        self._follow_renamed()
        tables = [path for path in paths if path.suffix.lower() == ".csv" and path.is_file()]
        times = {name: time for path in tables for name, time in self._times_in(path).items()}
        with Downloads(self._refuse) as downloads, Git() as git:
            members = [m for path in paths if path not in tables for m in downloads.members(path)]
            systems = Systems(
                self.directory, self.group.zone, self.recognizer.chapters, self._refuse, git, times
            )
            systems.learn(members)
            hand_ins: dict[tuple[str, str, str], list[_Found]] = defaultdict(list)
            for done, member in enumerate(members):
                self.on_progress(done, len(members), member.name)
                for one in self._look_at(member, systems):
                    hand_ins[one.origin.hand_in, one.student, one.chapter].append(one)
        for found in hand_ins.values():
            self._note(found)
        for hand_in, line in self._without_notebook.items():
            if hand_in not in self._with_notebook:
                self.report.decide.append(line)
        self._place_all()
        self.on_progress(len(members), len(members), "")
        return self.report

    def _follow_renamed(self) -> None:
        """Give versions that were collected under an earlier id to the student of today."""
        for old in list(self.index.students):
            student = self.group.student_of(old).id
            if student != old:
                for chapter, work in self.index.students.pop(old).items():
                    mine = self.index.work(student, chapter)
                    for version in work.versions:
                        add_version(mine, version)

    def _refuse(self, what: str, why: str) -> None:
        self.report.refused.append(f"{what}: {why}")

    # -- what was downloaded ----------------------------------------------------------------

    def _times_in(self, path: Path) -> dict[str, datetime]:
        """Return when Moodle's participants handed in, as its grading worksheet says."""
        from dateutil import parser

        sheet = read_sheet(path, self.layout.show(path))
        column = by_header(sheet.header).get("last modified (submission)")
        if column is None:
            raise UserError(f"{sheet.name}: no column Last modified (submission); is it Moodle's?")
        found = {}
        for row, entry in entries_of(sheet):
            text = row[column].strip()
            number = (
                next((t for t in entry.others if t.startswith("Participant ")), "") if entry else ""
            )
            if number and text not in ("", "-"):
                try:
                    time = parser.parse(text)
                except (ValueError, OverflowError):
                    self._refuse(
                        f"{sheet.name}, {number}", f"{text!r} is no time; export it in English"
                    )
                    continue
                zoned = time if time.tzinfo else time.replace(tzinfo=self.group.zone)
                found[number] = zoned.astimezone(UTC)
        return found

    def _look_at(self, member: Member, systems: Systems) -> Iterator[_Found]:
        """Yield a member for each of its owners, if it is a notebook of a chapter."""
        if member.name in (TIMESTAMP, METADATA, ".git"):
            return
        origin = systems.origin_of(member)
        if ".ipynb" not in member.name.lower():
            self.report.passed_over += 1
            if origin.system in ("Canvas", "Moodle", "Gradescope"):
                line = (
                    f"{origin.called} handed in {origin.rest[-1]}, no notebook; ask for the .ipynb"
                )
                self._without_notebook.setdefault(origin.hand_in, line)
            return
        self._with_notebook.add(origin.hand_in)
        try:
            content = member.read()
        except Refused as refusal:
            self._refuse(str(member), str(refusal))
            return
        chapter, reason = self.recognizer.chapter_of(content, member.parts)
        if chapter is None:
            self.report.unmatched.append(f"{member}: {reason}")
        elif origin.repository and self.recognizer.is_untouched(content, chapter):
            self.report.passed_over += 1
        else:
            for student in self._owners(member, origin):
                yield self._kept(student, chapter, origin, content, str(member))

    def _owners(self, member: Member, origin: Origin) -> Iterator[str]:
        """Yield each student whose a file is; note what must be decided or is nobody's."""
        for owners in origin.owners:
            if len(owners) == 1:
                yield next(iter(owners))
            elif owners:
                self.report.decide.append(
                    f"{member}: {origin.called} may be any of {', '.join(sorted(owners))}; "
                    "give the right one this name or number under ids in class.toml"
                )
            else:
                self.report.unmatched.append(
                    f"{member}: nobody in class.toml is called {origin.called}"
                    f"{self.directory.near(origin.called)}; add it to the ids of the student"
                )

    def _kept(
        self, student: str, chapter: str, origin: Origin, content: bytes, shown: str
    ) -> _Found:
        """Keep a notebook, unless that was done before or this is a rehearsal."""
        sha256, time = digest(content), origin.time or self.handed_in
        old = self.index.students.get(student, {}).get(chapter, Work()).versions
        file = next((version.file for version in old if version.sha256 == sha256), None)
        if file is None:
            file = name_of(student, chapter, content, time)
            if not self.dry_run:
                write_atomically(folder_of(self.layout) / file, content)
        return _Found(student, chapter, origin, sha256, file, shown)

    def _note(self, found: list[_Found]) -> None:
        """Note what one student handed in at one time for one chapter."""
        first = found[0]
        different = list({one.sha256: one for one in found}.values())
        main = self._main_of(different)
        if main is None:
            target = self.layout.submission(first.student, first.chapter)
            self.report.decide.append(
                f"{first.student} · {first.chapter}: {len(different)} different notebooks at the "
                f"same time ({', '.join(one.shown for one in different)}); put the right one into "
                f"{self.layout.show(target)}"
            )
        work = self.index.work(first.student, first.chapter)
        for one in different:
            before = len(work.versions)
            add_version(
                work,
                Version(
                    one.sha256, one.file, one.shown, self.started,
                    one.origin.time or self.handed_in, one.origin.late, spare=one is not main,
                ),
            )  # fmt: skip
            self.report.versions += len(work.versions) - before

    def _main_of(self, found: list[_Found]) -> _Found | None:
        """Return the notebook that has the chapter's name, where only one has."""
        if len(found) == 1:
            return found[0]
        named = [
            one for one in found
            if COPY.sub("", PurePath(one.origin.rest[-1]).stem) == one.chapter
        ]  # fmt: skip
        return named[0] if len(named) == 1 else None

    # -- what counts ------------------------------------------------------------------------

    def _place_all(self) -> None:
        """Put what counts into `submitted`; the index is written first, for whatever stops this."""
        todo = []
        for student, chapters in sorted(self.index.students.items()):
            one = self.group.student_of(student)
            for chapter, work in sorted(chapters.items()):
                due = self.group.due_date(one, chapter)
                version = pick(work, due, self.group.late_policy(chapter).grace)
                if version is not None and self._is_to_place(student, chapter, work, version):
                    todo.append((self.layout.submission(student, chapter), version))
                if version is not None and version.late and version.time is None:
                    self.report.decide.append(
                        f"{student} · {chapter}: late, but the download does not say when; "
                        "collect it again with --handed-in TIME"
                    )
        if self.dry_run:
            return
        write_index(self.layout, self.index)
        for target, version in todo:
            stamp = target.with_name(TIMESTAMP)
            if version.time:
                write_atomically(stamp, timestamp_of(version.time))
            else:
                stamp.unlink(missing_ok=True)
            write_atomically(target, (folder_of(self.layout) / version.file).read_bytes())

    def _is_to_place(self, student: str, chapter: str, work: Work, version: Version) -> bool:
        """Return whether a version is new in `submitted`; what a person put there stays."""
        target = self.layout.submission(student, chapter)
        shown = self.layout.show(target)
        if target.is_symlink() or not target.resolve().is_relative_to(
            self.layout.submitted.resolve()
        ):
            self._refuse(shown, "a link leads out of submitted/; remove it and collect again")
            return False
        there = digest(target.read_bytes()) if target.is_file() else None
        if there is not None and there not in (*work.placed, version.sha256):
            self.report.decide.append(
                f"{student} · {chapter}: {shown} was put there by a person and is kept; "
                "move it away to take what was collected"
            )
            return False
        stamp = target.with_name(TIMESTAMP)
        said = stamp.read_text("utf-8", "replace") if stamp.is_file() else ""
        ours = version.sha256 in work.placed
        if there == version.sha256 and (
            not ours or said == (timestamp_of(version.time) if version.time else "")
        ):
            self.report.unchanged += 1
            return False
        if not ours:
            work.placed.append(version.sha256)
        self.report.placed.append((student, chapter))
        self.report.undated += version.time is None
        return True


def timestamp_of(time: datetime) -> str:
    """Return a time as nbgrader notes it."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC\n"
