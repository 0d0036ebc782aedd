"""Reads a list of students as another system exports it, and adds it to the class file."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import InlineTable, Table

from autograder.desk.classfile import Student, class_path
from autograder.desk.classreader import read_class, unusable
from autograder.desk.names import Directory, fold
from autograder.desk.sheets import Sheet, by_header, read_sheet
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.layout import Layout

# What a column may be called, in English, German, French and Spanish exports. `login` and `number`
# make the better ids, `other` are numbers that mean something to one system only.
COLUMNS: dict[str, tuple[str, ...]] = {
    "login": (
        "sis login id", "login id", "login", "username", "user name", "netid", "benutzername",
        "anmeldename", "nom d'utilisateur", "nombre de usuario",
    ),
    "number": (
        "sis user id", "sis id", "id number", "student id", "student number", "student_id", "sid",
        "matriculation number", "matrikelnummer", "id-nummer", "numéro d'identification",
        "número de id",
    ),
    "other": (
        "id", "identifier", "canvas id", "user id", "user_id", "github_username", "github username",
        "github", "github_id", "bezeichner", "identifiant", "identificador",
    ),
    "name": (
        "student", "student name", "full name", "fullname", "name", "display name",
        "vollständiger name", "nom complet", "nombre completo",
    ),
    "first": ("first name", "first_name", "firstname", "given name", "vorname", "prénom", "nombre"),
    "last": (
        "last name", "last_name", "lastname", "surname", "family name", "nachname",
        "nom de famille", "nom", "apellido(s)", "apellidos",
    ),
    "email": (
        "email address", "email", "e-mail", "e-mail address", "mail", "e-mail-adresse",
        "adresse de courriel", "dirección de correo",
    ),
    "role": ("role", "roles", "rolle", "rollen", "rôle", "rôles", "rol", "roles"),
    "section": ("section", "section_name", "sections", "group", "groups", "gruppe", "gruppen"),
}  # fmt: skip
STUDENT_ROLES = ("stud", "tudiant", "learner", "teilnehmer")
TEST_STUDENTS = ("student, test", "test student")  # Canvas's own
MOST_NAMED = 12  # students in one line
NEW_FILE = """\
# The class: who is in it, what is due when, how late work and ★ count. Read by every command that
# shows or exports points; nothing computed from it is stored. To use a line, remove its first #.
# `python3 autograder class` shows the class and checks this file.

# time_zone = "Europe/Berlin"
# stretch = "extra"                   # points of ★ come on top; "counted": part of the maximum
# curve = [[0, 0], [50, 60], [100, 100]]    # percent earned, percent given

# [due]
# 1_derivatives = 2026-10-12          # until the end of the day
# 2_gradients = 2026-10-26T18:00:00

# [sections.B.due]                    # where a section's date is another
# 1_derivatives = 2026-10-14

# [late]                              # [late.1_derivatives]: for one chapter
# per_day = "10 %"                    # of the chapter's points; or per_hour; or points: 2
# grace = "15 minutes"
# most = "50 %"
# zero_after = "7 days"

# [weights]                           # without them, chapters count by their points
# 1_derivatives = 1

# [columns]                           # what Canvas or Moodle calls a chapter, where needed
# 1_derivatives = "Homework 1"

# A student is one line: the name of the folder in submitted/, then name, email, section,
# ids = ["what other systems call them"], formerly = ["earlier-id"], dropped = true,
# excused = ["3_chain_rule"], extensions = { 1_derivatives = "3 days" }
[students]
"""


@dataclass(frozen=True)
class Entry:
    """One row of a list of students; `login`, `number` and `others` are its ids."""

    name: str = ""
    email: str = ""
    section: str = ""
    login: str = ""
    number: str = ""
    others: tuple[str, ...] = ()

    def handles(self) -> list[str]:
        """Return every id and address, the best first."""
        return [text for text in (self.login, self.number, self.email, *self.others) if text]

    def new_id(self) -> str:
        """Return the id for a student who has none yet; "" where the row gives none."""
        local = self.email.partition("@")[0]
        plain = [text for text in self.others if not text.startswith("Participant ")]
        for text in (self.login, self.number, *plain, local):
            if text and not unusable(text):
                return text
        return "-".join(fold(self.name).split())


def entries_of(sheet: Sheet) -> list[tuple[list[str], Entry | None]]:
    """Return each row of a table with the student that it is about, None where it is about none.

    Raises
    ------
    UserError
        When no column is known that names students.
    """
    header = by_header(sheet.header)
    places = {
        kind: [header[name] for name in names if name in header] for kind, names in COLUMNS.items()
    }
    if not any(places[kind] for kind in COLUMNS if kind not in ("section", "role")):
        raise UserError(
            f"{sheet.name}: no column names the students; expected one such as Student, Full name, "
            f"First name, Email address or SIS Login ID, found {', '.join(sheet.header[:6])}"
        )

    def entry(row: list[str]) -> Entry | None:
        cells = {
            kind: [text for place in found if (text := _clean(row[place]))]
            for kind, found in places.items()
        }
        name = _name(cells)
        if fold(name) in (*TEST_STUDENTS, "points possible"):
            return None
        if cells["role"] and not any(word in fold(cells["role"][0]) for word in STUDENT_ROLES):
            return None  # a teacher
        handles = [text for kind in ("login", "number", "other", "email") for text in cells[kind]]
        if not handles and not name:
            return None
        first = {kind: texts[0] if texts else "" for kind, texts in cells.items()}
        spare = [*cells["login"][1:], *cells["number"][1:], *cells["other"], *cells["email"][1:]]
        return Entry(
            name,
            first["email"] or ("@" in first["login"] and first["login"] or ""),
            first["section"],
            first["login"],
            first["number"],
            tuple(dict.fromkeys(spare)),
        )

    return [(row, entry(row)) for row in sheet.rows]


def _name(cells: dict[str, list[str]]) -> str:
    parts = [texts[0] for kind in ("first", "last") if (texts := cells[kind])]
    if not parts and cells["name"]:
        last, comma, first = cells["name"][0].partition(",")
        parts = [first.strip(), last.strip()] if comma else [last]
    return " ".join(part for part in parts if part)


def _clean(cell: str) -> str:
    return " ".join(cell.removeprefix("'").split())


@dataclass
class Merged:
    """What reading a roster did.

    Attributes
    ----------
    added, changed : list of str
        Ids of students that are new in the class file, and that it knows more of.
    unchanged : int
        How many it knew already.
    notes : list of str
        What a person should look at, one line each.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    notes: list[str] = field(default_factory=list)


def merge_roster(layout: Layout, path: Path) -> Merged:
    """Add a list of students to the class file; nothing that is in it is changed or removed.

    Raises
    ------
    UserError
        When the list or the class file can't be read.
    """
    sheet = read_sheet(path, layout.show(path))
    known = read_class(layout)
    target = class_path(layout)
    text = target.read_text("utf-8-sig") if target.is_file() else NEW_FILE
    document = tomlkit.parse(text)
    if "students" not in document:
        document["students"] = tomlkit.table()
    table: Any = document["students"]
    as_section = any(isinstance(table[name], Table) for name in table)  # [students.ada]
    merged, seen, by_name = Merged(), set[str](), list[str]()
    students = dict(known.students)
    directory = Directory(students.values())
    for _, entry in entries_of(sheet):
        if entry is None:
            continue
        owners = _owners(directory, students, entry)
        if len(owners) > 1:
            who = ", ".join(sorted(owners))
            merged.notes.append(f"{entry.name or entry.new_id()}: may be any of {who}; not added")
            continue
        name = owners.pop() if owners else entry.new_id()
        if fold(name) in seen:
            merged.notes.append(f"{name}: twice in {sheet.name}; the first row was taken")
            continue
        seen.add(fold(name))
        if name in students:
            if not any(directory.by_handle(handle) for handle in entry.handles()):
                by_name.append(name)
            if _complete(table[name], students[name], entry, merged.notes):
                merged.changed.append(name)
            else:
                merged.unchanged += 1
        elif reason := unusable(name):
            merged.notes.append(f"{entry.name}: {reason}; not added, add this student by hand")
        else:
            table[name] = _new_line(name, entry, as_section)
            merged.added.append(name)
    if not seen and not merged.notes:
        raise UserError(f"{sheet.name}: no students in it; is this the right file?")
    if by_name:
        merged.notes.append(f"matched by name alone, please check: {listed(by_name)}")
    there = {str(table[name].get("section", "")) for name in table if fold(name) in seen}
    absent = [s for s in students.values() if fold(s.id) not in seen and not s.dropped]
    merged.notes += _absent(absent, there, sheet.name)
    if merged.added or merged.changed:
        content = tomlkit.dumps(document)
        _check(layout.show(target), text, content, merged.added)
        write_atomically(target, content)
    return merged


def _absent(absent: list[Student], there: set[str], name: str) -> list[str]:
    """Return lines about students who are not in a list; one for a section that isn't in it."""
    elsewhere = sections_elsewhere(absent, there)
    notes = [f"nobody of section {s} ({count} students) is in {name}" for s, count in elsewhere]
    if left := [student.id for student in absent if student.section not in dict(elsewhere)]:
        who = listed(left)
        notes.append(f"not in {name}: {who}; add dropped = true to whoever has left")
    return notes


def sections_elsewhere(absent: Iterable[Student], there: set[str]) -> list[tuple[str, int]]:
    """Return the sections that a table is not about, and how many are absent of each.

    Parameters
    ----------
    absent
        Students who are not in the table.
    there
        The sections of those who are.
    """
    counts = Counter(student.section for student in absent)
    return sorted(
        (section, count)
        for section, count in counts.items()
        if section and there and section not in there and count > 1
    )


def listed(names: list[str]) -> str:
    """Return some names and how many more there are."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _owners(directory: Directory, students: dict[str, Student], entry: Entry) -> set[str]:
    """Return which students of the class file a row is about: by id, otherwise by name."""
    for handle in entry.handles():
        if found := directory.by_handle(handle):
            return set(found)
    if not entry.name:
        return set()
    named = directory.by_name(entry.name)
    # Two people may share a name: another address is another one.
    return {name for name in named if not (entry.email and students[name].email)}


def _check(name: str, before: str, after: str, added: list[str]) -> None:
    """Raise UserError unless a class file still says what it said, and has the added students."""
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        pass
    else:
        was, students = old.pop("students", {}), new.pop("students", {})
        kept = all(
            key == "ids" or students.get(one, {}).get(key) == value
            for one, line in was.items()
            for key, value in line.items()
        )
        if kept and old == new and students.keys() == {*was, *added}:
            return
    raise UserError(
        f"{name}: its students are in several places; put them together under [students]"
    )


def _complete(line: InlineTable | Table, student: Student, entry: Entry, notes: list[str]) -> bool:
    """Add to a student's line what it lacks, and return whether that was anything."""
    changed = False
    for key in ("name", "email", "section"):
        old, new = getattr(student, key), getattr(entry, key)
        if new and not old:
            line[key] = new
            changed = True
        elif new and fold(old) != fold(new):
            notes.append(f"{student.id}: {key} is {old} in the class file, {new} there; kept")
    known = {fold(handle) for handle in student.handles()}
    missing = [handle for handle in entry.handles() if fold(handle) not in known]
    missing = [handle for handle in missing if handle != entry.email or "email" not in line]
    if missing:
        line["ids"] = [*student.ids, *missing]
    return changed or bool(missing)


def _new_line(name: str, entry: Entry, as_section: bool) -> InlineTable | Table:
    line = tomlkit.table() if as_section else tomlkit.inline_table()
    for key in ("name", "email", "section"):
        if value := getattr(entry, key):
            line[key] = value
    others = _without(entry.handles(), (name, entry.email))
    if others:
        line["ids"] = others
    return line


def _without(texts: Iterable[str], others: Iterable[str]) -> list[str]:
    known = set(map(fold, others))
    return [text for text in texts if fold(text) not in known]


def participant(text: str) -> str:
    """Return Moodle's number of a participant as its worksheet writes it.

    Examples
    --------
    >>> participant("12345")
    'Participant 12345'
    """
    return f"Participant {re.sub(r'[^0-9]', '', text)}"
