"""Takes what was downloaded from anywhere into `submitted`: whose, which chapter, which version."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from autograder.desk.archives import Downloads, Member, Refused
from autograder.desk.classfile import ClassFile
from autograder.desk.classreader import read_class
from autograder.desk.placing import Report, ask_which, place_all
from autograder.desk.recognize import Recognizer
from autograder.desk.repositories import Git
from autograder.desk.roster import entries_of
from autograder.desk.sheets import by_header, read_sheet
from autograder.desk.systems import METADATA, Origin, Systems
from autograder.desk.versions import (
    Collected,
    Version,
    Work,
    add_version,
    digest,
    folder_of,
    name_of,
    read_index,
)
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.handed_in import TIMESTAMP
from autograder.layout import Layout
from autograder.scratch import only_run

COPY = re.compile(r"( ?\(\d+\)|[-_ ]?copy\d*|-\d+)+$", re.IGNORECASE)  # 1_derivatives (1).ipynb
MOST = 2 / 3  # of a download, which then is of one chapter
# bytes of notebooks that one student hands in together, and what the smallest one counts
MOST_AT_ONCE, LEAST = 400 * 2**20, 4 * 2**20
MOST_ALIKE = 5  # lines for the same reason about what is one student's, or in one folder
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class _Found:
    """A notebook whose owner and chapter are known, and where it is kept."""

    student: str
    chapter: str
    origin: Origin
    time: datetime | None
    sha256: str
    file: str
    shown: str
    untouched: bool


def class_to_collect(
    layout: Layout, paths: Sequence[Path], student: str | None = None
) -> ClassFile:
    """Return the class, if it has students, this one too, and there is something at each path.

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
    if student is not None and student not in group.students:
        raise UserError(f"--student {student!r}: class.toml has no student with this id", 2)
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
    student: str | None = None,
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
    student
        Whose files to take; everybody's by default.
    dry_run
        Change nothing.

    Raises
    ------
    UserError
        When a worksheet or what was collected before can't be read.
    """
    with only_run(layout.work, layout.show(layout.work)) if not dry_run else nullcontext():
        return _Collector(layout, group, on_progress, handed_in, student, dry_run).run(paths)


class _Collector:
    """One run."""

    def __init__(
        self,
        layout: Layout,
        group: ClassFile,
        on_progress: Progress,
        handed_in: datetime | None,
        student: str | None,
        dry_run: bool,
    ) -> None:
        self.layout = layout
        self.group = group
        self.on_progress = on_progress
        self.handed_in = handed_in
        self.student = student
        self.dry_run = dry_run
        self.report = Report()
        self.recognizer = Recognizer(layout)
        self.index: Collected = read_index(layout)
        self.directory = group.directory()
        self.started = datetime.now(UTC)
        self._refused: list[tuple[str, str]] = []
        self._unmatched: list[tuple[str, str]] = []
        self._sizes: Counter[tuple[str, str]] = Counter()  # by hand-in and owner
        self._says_late: set[str] = set()  # downloads that mark what is late
        self._with_notebook: set[str] = set()
        self._without_notebook: dict[str, str] = {}

    def run(self, paths: Sequence[Path]) -> Report:
        """Collect, then put what counts into `submitted`."""
        self._follow_renamed()
        tables = [path for path in paths if path.suffix.lower() == ".csv" and path.is_file()]
        times = {name: time for path in tables for name, time in self._times_in(path).items()}
        with Downloads(self._refuse) as downloads, Git(self.report.decide.append) as git:
            members = [m for path in paths if path not in tables for m in downloads.members(path)]
            systems = Systems(
                self.directory, self.group.zone, self.recognizer.chapters, self._refuse, git, times
            )
            systems.learn(members)
            self._says_late = {m.parts[0] for m in members if systems.origin_of(m).late}
            hand_ins: dict[tuple[str, str, str], list[_Found]] = defaultdict(list)
            for done, member in enumerate(members):
                self.on_progress(done, len(members), member.name)
                for one in self._look_at(member, systems):
                    hand_ins[one.origin.hand_in, one.student, one.chapter].append(one)
            self.report.refused += self._grouped(self._refused, systems)
            self.report.unmatched += self._grouped(self._unmatched, systems)
        worked_on = {
            hand_in for (hand_in, *_), found in hand_ins.items() if not _all_untouched(found)
        }
        for (hand_in, *_), found in hand_ins.items():
            self._note(found, beside_others=hand_in in worked_on)
        self._note_other_chapters([found[0] for found in hand_ins.values()])
        for hand_in, line in self._without_notebook.items():
            if hand_in not in self._with_notebook:
                self.report.decide.append(line)
        place_all(self.layout, self.group, self.index, self.report, self.student, self.dry_run)
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
        self._refused.append((what, why))

    def _whose(self, origin: Origin) -> str:
        """Return who handed something in, in brackets; "" where that can't be told."""
        sure = [one for found in origin.owners if len(found) == 1 for one in found]
        known = [self.group.student_of(one) for one in sure]
        return f" ({', '.join(one.id_and_name for one in known)})" if known else ""

    def _grouped(self, notes: Iterable[tuple[str, str]], systems: Systems) -> Iterator[str]:
        """Yield a line for each path and reason; one for many of one student, or of one folder."""
        groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for what, why in dict.fromkeys(notes):
            parts = tuple(what.split("/"))
            origin = systems.origin_of(Member(parts, bytes))
            whose = self._whose(origin)
            groups[whose, origin.hand_in if whose else "/".join(parts[:2]), why].append(what)
        for (whose, _, why), paths in groups.items():
            many = len(paths) > MOST_ALIKE
            more = f" (and {len(paths) - 1} more like this)" if many else ""
            yield from (f"{path}{whose}: {why}{more}" for path in paths[: 1 if many else None])

    # -- what was downloaded ----------------------------------------------------------------

    def _times_in(self, path: Path) -> dict[str, datetime]:
        """Return when Moodle's participants handed in, as its grading worksheet says.

        It also says who they are: each assignment has numbers of its own.
        """
        from dateutil import parser

        name = self.layout.show(path)
        try:
            sheet = read_sheet(path, name)
            entries = entries_of(sheet)
        except UserError as error:
            self.report.refused.append(str(error))
            return {}
        column = by_header(sheet.header).get("last modified (submission)")
        if column is None:
            self._refuse(name, "no column Last modified (submission); is it Moodle's worksheet?")
            return {}
        found = {}
        for row, entry in entries:
            text = row[column].strip()
            number = (
                next((t for t in entry.others if t.startswith("Participant ")), "") if entry else ""
            )
            for handle in entry.handles() if entry and number else ():
                for student in self.directory.by_handle(handle):
                    self.directory.add_handle(number, student)
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
        if self.student is not None and self.student not in set().union(*origin.owners):
            return
        if ".ipynb" not in member.name.lower():
            self.report.passed_over += 1
            if origin.system in ("Canvas", "Moodle", "Gradescope", "nbgrader"):
                who = f"{origin.called}{self._whose(origin)}"
                line = f"{who} handed in {member.name}, no notebook; ask for the .ipynb"
                self._without_notebook.setdefault(origin.hand_in, line)
            return
        self._with_notebook.add(origin.hand_in)
        whose = origin.hand_in, " ".join(sorted(set().union(*origin.owners)))
        if self._sizes[whose] >= MOST_AT_ONCE and whose[1]:
            most = f"{MOST_AT_ONCE // LEAST} notebooks, or {MOST_AT_ONCE >> 20} MB,"
            why = f"more than {most} at once; ask for the ones that count"
            self._refuse("/".join(member.parts[:2]), why)
            return
        try:
            content = member.read()
        except Refused as refusal:
            self._refuse(str(member), str(refusal))
            return
        self._sizes[whose] += max(LEAST, len(content))
        seen = self.recognizer.look_at(content, member.parts)
        if seen.chapter is None:
            self._unmatched.append((str(member), seen.reason))
        elif origin.repository and seen.untouched:
            self.report.passed_over += 1
        else:
            for student in self._owners(member, origin):
                sha256 = digest(content)
                old = self.index.students.get(student, {}).get(seen.chapter, Work()).versions
                known = next((version for version in old if version.sha256 == sha256), None)
                time = origin.time or self._given(member, origin, known)
                file = known.file if known else self._keep(student, seen.chapter, time, content)
                yield _Found(
                    student, seen.chapter, origin, time, sha256, file, str(member), seen.untouched
                )

    def _given(self, member: Member, origin: Origin, known: Version | None) -> datetime | None:
        """Return the time that was given for a file: where a system marks what is late, only that.

        Everything else in that download was on time, whatever time is given for the late ones, and
        what was late in an earlier download keeps the time that was given then.
        """
        if self.student is None and member.parts[0] in self._says_late:
            if not origin.late or (known and known.time):
                return None
        return self.handed_in

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
                near = self.directory.near(origin.called)
                why = f"nobody in class.toml is called {origin.called}{near}"
                self._unmatched.append((str(member), f"{why}; add it to the ids of the student"))

    def _keep(self, student: str, chapter: str, time: datetime | None, content: bytes) -> str:
        """Keep a notebook, unless this is a rehearsal; return where."""
        file = name_of(student, chapter, content, time)
        if not self.dry_run:
            write_atomically(folder_of(self.layout) / file, content)
        return file

    def _note(self, found: list[_Found], beside_others: bool) -> None:
        """Note what one student handed in at one time for one chapter.

        A notebook as it was released does not count beside one that was worked on: whoever hands in
        the whole course has handed in some chapters only.
        """
        first = found[0]
        different = list({one.sha256: one for one in found}.values())
        passed_over = beside_others and _all_untouched(found)
        main = None if passed_over else self._main_of(different)
        work = self.index.work(first.student, first.chapter)
        versions = [
            Version(
                one.sha256, one.file, one.shown, self.started, one.time, one.origin.number,
                one.origin.late, spare=one is not main,
            )
            for one in different
        ]  # fmt: skip
        if passed_over:
            self.report.passed_over += 1
        elif main is None:
            student = self.group.student_of(first.student)
            ask_which(self.layout, student, first.chapter, versions, self.report, self.dry_run)
        for one, version in zip(different, versions, strict=True):
            before = len(work.versions)
            add_version(work, version)
            self.report.versions += len(work.versions) - before
            if one.origin.time is None and one.time:  # the last word, if it was wrong before
                next(v for v in work.versions if v.sha256 == one.sha256).time = one.time

    def _note_other_chapters(self, found: list[_Found]) -> None:
        """Note who handed in another chapter only than almost everyone in a system's download."""
        by_download: dict[str, list[_Found]] = defaultdict(list)
        for one in found:
            if one.origin.system in ("Canvas", "Moodle", "Gradescope"):  # one assignment each
                by_download[one.shown.partition("/")[0]].append(one)
        for download in by_download.values():
            chapter, count = Counter(one.chapter for one in download).most_common(1)[0]
            if count < max(3, MOST * len(download)):
                continue
            there = {one.origin.hand_in for one in download if one.chapter == chapter}
            for one in download:
                if one.origin.hand_in not in there:
                    who = self.group.student_of(one.student).id_and_name
                    self.report.decide.append(
                        f"{who} · {one.chapter}: handed in where the others handed in "
                        f"{chapter} ({one.shown}); taken as {one.chapter}, ask for {chapter}"
                    )

    def _main_of(self, found: list[_Found]) -> _Found | None:
        """Return the one that was worked on, or has the chapter's name, where only one has."""
        found = [one for one in found if not one.untouched] or found
        if len(found) == 1:
            return found[0]
        named = [
            one for one in found
            if COPY.sub("", PurePath(one.origin.rest[-1]).stem) == one.chapter
        ]  # fmt: skip
        return named[0] if len(named) == 1 else None


def _all_untouched(found: list[_Found]) -> bool:
    return all(one.untouched for one in found)
