"""Reads the class file and names every contradiction in it, one line each."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.desk.classfile import ClassFile, Stretch, Student, class_path
from autograder.desk.lateness import LatePolicy, parse_duration, parse_policy
from autograder.desk.names import fold
from autograder.engine.text import printable
from autograder.errors import UserError
from autograder.handed_in import UNSAFE, YEARS
from autograder.layout import GLOB_CHARACTERS, Layout, has_glob_character

TOP = ("time_zone", "stretch", "curve", "due", "late", "weights", "columns", "sections", "students")
OF_STUDENT = (
    "name", "email", "section", "ids", "formerly", "dropped", "excused", "extensions",
)  # fmt: skip
LONGEST_ID = 128  # letters that the gradebook holds, of names as well
LONGEST_TEXT = 1000  # letters of a name that are read


def load_class(layout: Layout) -> ClassFile:
    """Return the class as its file has it, with what is wrong in `problems`.

    Raises
    ------
    UserError
        When the file can't be read at all.
    """
    path = class_path(layout)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ClassFile()
    try:
        return _read(content, tuple(layout.chapters()))
    except UnicodeDecodeError:
        raise UserError(f"{layout.show(path)}: not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{layout.show(path)}: {_explain(error)}; fix that line") from None


@lru_cache(maxsize=4)  # a command asks for the class several times
def _read(content: bytes, chapters: tuple[str, ...]) -> ClassFile:
    return Reader(tomllib.loads(content.decode("utf-8-sig")), chapters).read()


def _explain(error: tomllib.TOMLDecodeError) -> str:
    reason = str(error)
    if "overwrite a value" in reason or "already exists" in reason or "mutate" in reason:
        return f"the same name twice: {reason}"
    return reason


def read_class(layout: Layout) -> ClassFile:
    """Return the class as its file has it, for a command that must be able to trust it.

    Raises
    ------
    UserError
        When something is wrong with the file.
    """
    found = load_class(layout)
    if found.problems:
        first, *others = found.problems
        more = f" (and {len(others)} more: python3 autograder class)" if others else ""
        raise UserError(f"{layout.show(class_path(layout))}: {first}{more}")
    return found


class Reader:
    """Turns the tables of the file into a `ClassFile`; what is wrong is left out and noted.

    Parameters
    ----------
    table
        The file, as TOML has it.
    chapters
        What there is to be due.
    """

    def __init__(self, table: Mapping[str, Any], chapters: Collection[str]) -> None:
        self._table = table
        self._chapters = chapters
        self._problems: list[str] = []
        self._zone: tzinfo | None = None
        self._needs_zone = False

    def read(self) -> ClassFile:
        """Return the class."""
        self._known("", self._table, TOP)
        self._zone = self._read_zone()
        due = self._dates("due", self._part("due"))
        section_due = {
            name: self._dates(f"sections.{name}.due", self._inner(f"sections.{name}", table, "due"))
            for name, table in self._part("sections").items()
        }
        late = self._read_late()
        students = {
            name: student
            for name, table in self._part("students").items()
            if (student := self._read_student(name, table)) is not None
        }
        found = ClassFile(
            students=students,
            zone=self._zone or UTC,
            due=due,
            section_due=section_due,
            late=late,
            weights=self._read_weights(),
            stretch=self._read_stretch(),
            curve=self._read_curve(),
            columns={
                chapter: str(name)
                for chapter, name in self._part("columns").items()
                if self._chapter("columns", chapter.removesuffix(" ★"))
            },
        )
        self._compare(found)
        if self._needs_zone and self._zone is None and "time_zone" not in self._table:
            self._say(
                'dates without a time zone; add a first line such as time_zone = "Europe/Berlin"'
            )
        return replace(found, problems=tuple(dict.fromkeys(self._problems)))

    # -- the parts --------------------------------------------------------------------------

    def _say(self, problem: str) -> None:
        self._problems.append(" ".join(problem.split()))

    def _part(self, name: str) -> dict[str, Any]:
        return self._as_table(name, self._table.get(name, {}))

    def _as_table(self, name: str, value: object) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self._say(f"{name}: a table is expected, such as [{name}]")
        return {}

    def _inner(self, where: str, value: object, key: str) -> dict[str, Any]:
        table = self._as_table(where, value)
        self._known(where, table, (key,))
        return self._as_table(f"{where}.{key}", table.get(key, {}))

    def _known(self, where: str, table: Iterable[str], keys: Collection[str]) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(keys)}"
                self._say(f"{where + ': ' if where else ''}{key!r} is unknown; {hint}")

    def _chapter(self, where: str, name: str) -> bool:
        if name in self._chapters:
            return True
        near = difflib.get_close_matches(name, self._chapters, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self._chapters)}"
        self._say(f"{where}: no chapter {name!r}; {hint}")
        return False

    def _read_zone(self) -> tzinfo | None:
        name = self._table.get("time_zone")
        if name is None:
            return None
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
            self._say(f'time_zone: {name!r} is no time zone; write one such as "Europe/Berlin"')
            return None

    def _dates(self, where: str, table: Mapping[str, Any]) -> dict[str, datetime]:
        found = {}
        for chapter, value in table.items():
            if self._chapter(where, chapter):
                moment = self._date(f"{where}.{chapter}", value)
                if moment is not None:
                    found[chapter] = moment
        return found

    def _date(self, where: str, value: object) -> datetime | None:
        """Return a date or time as a moment; a date alone lasts until its end."""
        moment: object = value
        if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value.strip())
                moment = moment.date() if len(value.strip()) <= len("2026-10-12") else moment
            except ValueError:
                pass
        if isinstance(moment, date) and not isinstance(moment, datetime):
            moment = datetime.combine(moment, time(23, 59, 59))
        if not isinstance(moment, datetime) or moment.year not in YEARS:
            shown = repr(value) if isinstance(value, str) else value
            self._say(f"{where}: {shown} is no date; write 2026-10-12 or 2026-10-12T18:00:00")
            return None
        if moment.tzinfo is None:
            self._needs_zone = True
            moment = moment.replace(tzinfo=self._zone or UTC)
        return moment.astimezone(UTC)

    def _read_late(self) -> dict[str, LatePolicy]:
        """Return the rules: that of [late] under "", those of [late.CHAPTER] by chapter."""
        table = self._part("late")
        common = {key: value for key, value in table.items() if not isinstance(value, dict)}
        rules = {"": common} | {key: v for key, v in table.items() if isinstance(v, dict)}
        found = {}
        for chapter, rule in rules.items():
            where = f"late.{chapter}" if chapter else "late"
            if chapter and not self._chapter("late", chapter):
                continue
            try:
                found[chapter] = parse_policy(rule)
            except ValueError as error:
                self._say(f"{where}: {error}")
        return found

    def _read_weights(self) -> dict[str, float]:
        found = {}
        for chapter, value in self._part("weights").items():
            if not self._chapter("weights", chapter):
                continue
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not 0 <= value < 1e9
            ):
                self._say(f"weights.{chapter}: {value!r} is no weight; write a number from 0 up")
            else:
                found[chapter] = float(value)
        missing = [chapter for chapter in self._chapters if chapter not in self._part("weights")]
        if found and missing:
            self._say(f"weights: {missing[0]} has none; give it one, 0 if it does not count")
        if found and not any(found.values()):
            self._say("weights: all are 0; give at least one chapter a weight")
        return found

    def _read_stretch(self) -> Stretch:
        value = self._table.get("stretch", "extra")
        if value not in ("extra", "counted"):
            self._say(f'stretch: {value!r} is unknown; write "extra" or "counted"')
            return "extra"
        return cast(Stretch, value)

    def _read_curve(self) -> tuple[tuple[float, float], ...]:
        value = self._table.get("curve", [])
        try:
            points = tuple((float(earned), float(given)) for earned, given in value)
        except (TypeError, ValueError):
            self._say(
                "curve: pairs of percent are expected, such as [[0, 0], [50, 60], [100, 100]]"
            )
            return ()
        if any(b[0] <= a[0] or b[1] < a[1] for a, b in zip(points, points[1:], strict=False)):
            self._say("curve: it must rise from left to right: more earned, not less given")
            return ()
        if len(points) == 1:
            self._say("curve: one point is no curve; give at least two")
            return ()
        return points

    # -- students ---------------------------------------------------------------------------

    def _read_student(self, name: str, value: object) -> Student | None:
        where = f"students.{name}"
        table = self._as_table(where, value)
        self._known(where, table, OF_STUDENT)
        if reason := unusable(name):
            self._say(f"{where}: {reason}; write another id and this one in ids")
            return None
        texts = {key: self._text(where, key, table) for key in ("name", "email", "section")}
        dropped = table.get("dropped", False)
        if not isinstance(dropped, bool):
            self._say(f"{where}.dropped: true or false is expected")
        excused = [c for c in self._texts(where, "excused", table) if self._chapter(where, c)]
        return Student(
            name,
            **texts,
            ids=self._texts(where, "ids", table),
            formerly=self._texts(where, "formerly", table),
            dropped=dropped is True,
            excused=frozenset(excused),
            extensions=self._read_extensions(where, table),
        )

    def _text(self, where: str, key: str, table: Mapping[str, Any]) -> str:
        value = table.get(key, "")
        if not isinstance(value, str | int) or isinstance(value, bool):
            self._say(f'{where}.{key}: a text is expected, such as {key} = "A"')
            return ""
        return " ".join(printable(str(value), LONGEST_TEXT).split())

    def _texts(self, where: str, key: str, table: Mapping[str, Any]) -> tuple[str, ...]:
        value = table.get(key, [])
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in values):
            self._say(f'{where}.{key}: a list of texts is expected, such as {key} = ["..."]')
            return ()
        return tuple(str(one).strip() for one in values if str(one).strip())

    def _read_extensions(
        self, where: str, table: Mapping[str, Any]
    ) -> dict[str, datetime | timedelta]:
        found: dict[str, datetime | timedelta] = {}
        extensions = self._as_table(f"{where}.extensions", table.get("extensions", {}))
        for chapter, value in extensions.items():
            if not self._chapter(f"{where}.extensions", chapter):
                continue
            try:
                found[chapter] = parse_duration(value)
            except ValueError:
                moment = self._date(f"{where}.extensions.{chapter}", value)
                if moment is not None:
                    found[chapter] = moment
        return found

    # -- contradictions between the parts ---------------------------------------------------

    def _compare(self, found: ClassFile) -> None:
        self._compare_ids(found.students.values())
        sections = {student.section for student in found.students.values()}
        for name in found.section_due:
            if found.students and name not in sections:
                self._say(f"sections.{name}: no student is in it; is its name right?")
        for student in found.students.values():
            for chapter, extension in student.extensions.items():
                where = f"students.{student.id}.extensions.{chapter}"
                ordinary = found.ordinary_due_date(student, chapter)
                if chapter in student.excused:
                    self._say(f"{where}: the chapter is in excused too; keep one of them")
                if ordinary is None and isinstance(extension, timedelta):
                    self._say(f"{where}: the chapter has no due date to extend; add it to [due]")
                if ordinary and isinstance(extension, datetime) and extension < ordinary:
                    self._say(f"{where}: earlier than the chapter is due ({ordinary:%Y-%m-%d})")

    def _compare_ids(self, students: Iterable[Student]) -> None:
        """Note what would make two students of one, or one of two."""
        owners: dict[str, str] = {}
        for student in students:
            for handle in dict.fromkeys(map(fold, student.handles())):
                other = owners.setdefault(handle, student.id)
                if other != student.id:
                    self._say(
                        f"students.{student.id}: {handle} is {other}'s as well; "
                        "remove it from one of them"
                    )


def unusable(name: str) -> str:
    """Return why an id can't be the name of a student's folder; "" if it can."""
    if has_glob_character(name) or "/" in name or "\\" in name:
        return f"an id can't hold any of {' '.join(GLOB_CHARACTERS)} / \\"
    if not name.isprintable() or name != name.strip() or not name:
        return "an id can't be empty, begin or end with a space, or hold what is not printed"
    if any(character in name for character in UNSAFE):
        return f"an id can't hold any of {' '.join(UNSAFE)}"
    if name.startswith(".") or name.lower().endswith((".json", ".zip")):
        return "an id can't begin with a dot or end with .json or .zip"
    return f"an id has {LONGEST_ID} letters at most" if len(name) > LONGEST_ID else ""
