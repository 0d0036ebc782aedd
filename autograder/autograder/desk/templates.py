"""Fills the table that Canvas or Moodle exported with points, and keeps everything else of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from autograder.course.notebooks import read_cells, title_of
from autograder.desk.classfile import ClassFile
from autograder.desk.export import number
from autograder.desk.names import Directory, fold, words_of
from autograder.desk.roster import Entry, entries_of, listed, sections_elsewhere
from autograder.desk.sheets import Sheet, by_header, read_sheet, write_sheet
from autograder.desk.standing import Row, Standing, chapters_of
from autograder.errors import UserError
from autograder.layout import Layout

System = Literal["canvas", "moodle"]
STARS = ("★", "star", "stars", "stretch")
WORKSHEET = ("grade", "maximum grade", "grade can be changed")
ADVICE = {
    "canvas": "in Canvas: Grades, Export, Export Entire Gradebook",
    "moodle": "in Moodle: the assignment's Download grading worksheet, or Grades, Export as CSV",
}


@dataclass
class Filled:
    """What filling a template did.

    Attributes
    ----------
    rows, cells : int
        How many students have points in it, and how many points were filled in.
    notes : list of str
        What a person should look at, one line each.
    remarks : list of str
        What is as it should be where sections use different systems, one line each.
    """

    rows: int = 0
    cells: int = 0
    notes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def fill_template(
    layout: Layout,
    group: ClassFile,
    found: Standing,
    system: System,
    template: Path,
    target: Path,
    chapters: Sequence[str],
    apart: bool = False,
) -> Filled:
    """Write a template with the points filled in; cells that get none are as they were.

    Parameters
    ----------
    layout
        The course.
    group, found
        The class, and how everyone in it is doing.
    system
        Whose template it is.
    template, target
        What the system exported, and the file to write.
    chapters
        Which ones to fill in.
    apart
        Put ★ into a column of its own, such as ``1_derivatives ★``.

    Raises
    ------
    UserError
        When it is no template of that system, or its columns fit no chapter or two.
    """
    sheet = read_sheet(template, layout.show(template))
    header = by_header(sheet.header)
    if system == "canvas" and not {"student", "id"} <= header.keys():
        raise UserError(f"{sheet.name}: not Canvas's gradebook; export it {ADVICE[system]}")
    if system == "canvas" and "section" not in header:
        raise UserError(f"{sheet.name}: no column Section; export it again, {ADVICE[system]}")
    filled = Filled()
    if system == "moodle" and all(name in header for name in WORKSHEET[:2]):
        columns = {_chapter_of_worksheet(sheet, chapters, apart): header["grade"]}
    else:
        columns = _columns(layout, group, sheet, chapters, apart)
    stars = {name: chapter.stretch for name, chapter in chapters_of(layout).items()}
    if apart and (
        without := [c for c, star in columns if stars[c] and not star and (c, True) not in columns]
    ):
        filled.notes.append(
            f"{', '.join(without)}: no column for ★ in {sheet.name}, so its points are left out; "
            f'add an assignment called "{without[0]} ★" there and export the table again'
        )
    has_no_place = system == "moodle" and group.stretch == "extra" and not apart
    on_top = stars if has_no_place else {}
    _Filler(sheet, found, columns, filled, group.directory(), apart, on_top).fill(system)
    write_sheet(sheet, target)
    return filled


Key = tuple[str, bool]  # a chapter, and whether it is its ★


def _chapter_of_worksheet(sheet: Sheet, chapters: Sequence[str], apart: bool) -> Key:
    """Return the one chapter of Moodle's worksheet: the one named, or that in the file's name."""
    if apart:
        raise UserError(f"{sheet.name}: one grade a student; there is no place for ★ apart")
    named = [chapter for chapter in chapters if fold(chapter) in fold(sheet.name)]
    found = chapters if len(chapters) == 1 else named
    if len(found) != 1:
        raise UserError(
            f"{sheet.name}: Moodle's worksheet is of one assignment; name its chapter: "
            "python3 autograder export CHAPTER --for moodle ..."
        )
    return found[0], False


def _columns(
    layout: Layout, group: ClassFile, sheet: Sheet, chapters: Sequence[str], apart: bool
) -> dict[Key, int]:
    """Return the column of each chapter, and of its ★ where that is apart."""
    found: dict[Key, int] = {}
    names = {chapter: _names_of(layout, group, chapter) for chapter in layout.chapters()}
    for place, heading in enumerate(sheet.header):
        stars = any(star in fold(heading).split() or star == "★" in heading for star in STARS)
        matches = [chapter for chapter in chapters if _fits(heading, names, chapter, stars)]
        if len(matches) != 1 or (stars and not apart):
            continue
        key = (matches[0], stars)
        if key in found:
            raise UserError(
                f"{sheet.name}: {sheet.header[found[key]]} and {heading} both look like "
                f"{key[0]}; name the right one in class.toml under [columns]"
            )
        found[key] = place
    if not any(not stars for _, stars in found):
        raise UserError(
            f"{sheet.name}: no column is a chapter's; name the assignments like the chapters "
            f"({chapters[0]}), or say in class.toml under [columns] what each is called"
        )
    return found


def _names_of(layout: Layout, group: ClassFile, chapter: str) -> dict[bool, list[str]]:
    """Return what a chapter's column may be called, by whether it is that of its ★."""
    own = {stars: group.columns.get(chapter + " ★" * stars) for stars in (False, True)}
    title = title_of(read_cells(layout.source(chapter))) or ""
    names = [chapter, chapter.partition("_")[2], title, title.partition("·")[2]]
    return {stars: [name] if (name := own[stars]) else names for stars in (False, True)}


def _fits(heading: str, names: dict[str, dict[bool, list[str]]], chapter: str, stars: bool) -> bool:
    """Return whether a heading is a chapter's, and of no other with a longer name.

    Canvas adds a number in brackets, Moodle ``Assignment:`` before and ``(Real)`` after.
    """
    plain = re.sub(r"^(assignment|aufgabe): ?|\((\d+|real|points)\)", "", fold(heading))
    words = [word for word in words_of(plain) if word not in STARS]
    fits = {}
    for other, by_kind in names.items():
        lengths = [len(w) for name in by_kind[stars] if (w := _kept(name)) and _runs_in(w, words)]
        fits[other] = max(lengths, default=0)
    return fits[chapter] > 0 and fits[chapter] == max(fits.values())


def _kept(name: str) -> list[str]:
    return [word for word in words_of(name.replace("_", " ")) if word not in STARS]


def _runs_in(wanted: list[str], words: list[str]) -> bool:
    words = [part for word in words for part in word.split("_")]
    places = range(len(words) - len(wanted) + 1)
    return any(words[place : place + len(wanted)] == wanted for place in places)


class _Filler:
    """Fills the rows of one table."""

    def __init__(
        self,
        sheet: Sheet,
        found: Standing,
        columns: dict[Key, int],
        filled: Filled,
        directory: Directory,
        apart: bool,
        stars: Mapping[str, float],
    ) -> None:
        self.sheet = sheet
        self.columns = columns
        self.filled = filled
        self.directory = directory
        self.apart = apart
        self.stars = stars  # points above the maximum, by chapter, where the system takes none
        self.header = by_header(sheet.header)
        rows = [row for row in found.rows if not row.student.dropped]
        self.cells = {(row.student.id, row.chapter): row for row in rows}
        self.missing = {
            row.student.id: row.student
            for row in rows
            if row.points is not None and (row.chapter, False) in columns
        }

    def fill(self, system: System) -> None:
        """Fill the table, and note what does not fit."""
        rows = entries_of(self.sheet)
        maxima = self._maxima([row for row, _ in rows], system)
        comma = any("," in text and "." not in text for text in maxima.values())
        self._compare(maxima)
        there: set[str] = set()
        for row, entry in rows:
            if entry is None:
                continue
            owner = self._owner(entry)
            if owner is None:
                continue
            if student := self.missing.pop(owner, None):
                there.add(student.section)
            self.filled.rows += self._fill_row(row, owner, system, comma)
        elsewhere = sections_elsewhere(self.missing.values(), there)
        self.filled.remarks += [
            f"nobody of section {section} is in {self.sheet.name}; {count} students have points"
            for section, count in elsewhere
        ]
        lost = [s.id for s in self.missing.values() if s.section not in dict(elsewhere)]
        if lost:
            has = "has" if len(lost) == 1 else "have"
            line = f"{listed(sorted(lost))}: {has} points, but no row in {self.sheet.name}"
            self.filled.notes.append(line)

    def _owner(self, entry: Entry) -> str | None:
        for handle in entry.handles():
            if found := self.directory.by_handle(handle):
                break
        else:
            found = self.directory.by_name(entry.name) if entry.name else set()
        if len(found) == 1:
            return next(iter(found))
        called = entry.name or entry.new_id()
        if found:
            self.filled.notes.append(
                f"{called}: may be any of {', '.join(sorted(found))}; left as it was"
            )
        else:
            self.filled.notes.append(f"{called}: nobody in class.toml; left as it was")
        return None

    def _fill_row(self, row: list[str], owner: str, system: System, comma: bool) -> bool:
        locked = self.header.get("grade can be changed")
        if locked is not None and fold(row[locked]) in ("no", "nein", "non"):
            self.filled.notes.append(f"{owner}: Moodle says the grade can't be changed; left alone")
            return False
        any_filled = False
        for (chapter, stars), place in self.columns.items():
            text = self._text(self.cells.get((owner, chapter)), stars, system)
            if text:
                row[place] = text.replace(".", ",") if comma else text
                self.filled.cells += 1
                any_filled = True
        return any_filled

    def _text(self, cell: Row | None, stars: bool, system: System) -> str:
        if cell is None:
            return ""
        if cell.status == "excused" and system == "canvas":
            return "EX"
        if self.apart and cell.points_apart:
            return number(cell.points_apart[stars])
        return "" if cell.points is None else number(cell.points)

    def _maxima(self, rows: list[list[str]], system: System) -> dict[Key, str]:
        """Return what the system takes for a chapter's maximum, as written."""
        worksheet = self.header.get("maximum grade")
        if worksheet is not None and rows:
            return {key: rows[0][worksheet] for key in self.columns}
        possible = [row for row in rows if "points possible" in fold(" ".join(row[:2]))]
        return {key: possible[0][place] for key, place in self.columns.items() if possible}

    def _compare(self, maxima: dict[Key, str]) -> None:
        for (chapter, stars), text in maxima.items():
            rows = [row for (_, name), row in self.cells.items() if name == chapter]
            out_of = next((row.out_of for row in rows), 0)
            try:
                theirs = float(text.strip().replace(",", "."))
            except ValueError:
                continue
            on_top = self.stars.get(chapter, 0)
            wanted = out_of + on_top
            fits = theirs == out_of and all((row.points or 0) <= theirs for row in rows)
            if stars or theirs == wanted or fits:
                continue
            here = f"{number(out_of)} points" + (f" and {number(on_top)} ★" if on_top else "")
            why = " (Moodle leaves out whoever has more, without a word)" if on_top else ""
            self.filled.notes.append(
                f"{chapter}: {here} here, {number(theirs)} in {self.sheet.name}; "
                f"set the maximum there to {number(wanted)}{why}"
            )
