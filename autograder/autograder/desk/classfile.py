"""The class file: who is in the class, what is due when, how late work and ★ count.

`class.toml` is beside the gradebook, is written by the instructor and by `class --roster`, and is
read by every command that shows or exports points. Nothing that is computed from it is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from typing import Literal

from autograder.desk.lateness import LatePolicy
from autograder.desk.names import Directory
from autograder.layout import Layout

FILE = "class.toml"
Stretch = Literal["extra", "counted"]


@dataclass(frozen=True)
class Student:
    """One student.

    Attributes
    ----------
    id : str
        The name of the student's folder in `submitted`, and in the gradebook.
    name, email, section : str
        "" where they are not known.
    ids : tuple of str
        What other systems call the student: numbers, logins, other spellings of the name.
    formerly : tuple of str
        Earlier ids: what the gradebook holds under one of them is this student's.
    dropped : bool
        Whether the student has left; the points stay in the gradebook.
    excused : frozenset of str
        Chapters that do not count.
    extensions : mapping of str to datetime or timedelta
        Another due date, or so much more time, by chapter.
    """

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    ids: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    dropped: bool = False
    excused: frozenset[str] = frozenset()
    extensions: Mapping[str, datetime | timedelta] = field(default_factory=dict)

    @property
    def first_and_last(self) -> tuple[str, str]:
        """First names and last name, as other programs ask for them: the last word is the last."""
        first, _, last = self.name.rpartition(" ")
        return first, last

    @property
    def id_and_name(self) -> str:
        """What a person needs to know whose something is: ``ada Ada Lovelace``."""
        return f"{self.id} {self.name}".strip()

    def handles(self) -> Iterator[str]:
        """Yield every id and address of this student."""
        yield self.id
        if self.email:
            yield self.email
        yield from self.ids
        yield from self.formerly


@dataclass(frozen=True)
class ClassFile:
    """What `class.toml` says; a file that is not there says nothing.

    Attributes
    ----------
    students : mapping of str to Student
        By id, in the order of the file.
    zone : tzinfo
        Of dates that name none.
    due : mapping of str to datetime
        By chapter.
    section_due : mapping of str to mapping of str to datetime
        Due dates of a section that differ from the others', by section and chapter.
    late : mapping of str to LatePolicy
        By chapter; under "" for the rest.
    weights : mapping of str to float
        By chapter; empty where chapters count by their points.
    stretch : {"extra", "counted"}
        Whether the points of ★ exercises are on top of a chapter's maximum or part of it.
    curve : tuple of (float, float)
        Percent earned and percent given; between two of them it is a straight line.
    columns : mapping of str to str
        What another system calls a chapter, where that is not recognized.
    problems : tuple of str
        What is wrong with the file, one line each.
    """

    students: Mapping[str, Student] = field(default_factory=dict)
    zone: tzinfo = UTC
    due: Mapping[str, datetime] = field(default_factory=dict)
    section_due: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    late: Mapping[str, LatePolicy] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    stretch: Stretch = "extra"
    curve: tuple[tuple[float, float], ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def student_of(self, name: str) -> Student:
        """Return whose an id in the gradebook is; one that is in no list stays by itself."""
        return self._owners.get(name) or Student(name)

    @cached_property
    def _owners(self) -> dict[str, Student]:
        former = {old: one for one in self.students.values() for old in one.formerly}
        return former | dict(self.students)

    def directory(self) -> Directory:
        """Return what finds a student by name, id or address."""
        return Directory(self.students.values())

    def due_date(self, student: Student, chapter: str) -> datetime | None:
        """Return when a chapter is due for this student, extension included; None for never."""
        ordinary = self.ordinary_due_date(student, chapter)
        extension = student.extensions.get(chapter)
        if isinstance(extension, datetime):
            return extension
        return ordinary + extension if ordinary and extension else ordinary

    def ordinary_due_date(self, student: Student, chapter: str) -> datetime | None:
        """Return when a chapter is due for this student's section."""
        return self.section_due.get(student.section, {}).get(chapter) or self.due.get(chapter)

    def late_policy(self, chapter: str) -> LatePolicy:
        """Return the rule for late work on a chapter."""
        return self.late.get(chapter) or self.late.get("") or LatePolicy()


def class_path(layout: Layout) -> Path:
    """Return where the class file is."""
    return layout.work / FILE
