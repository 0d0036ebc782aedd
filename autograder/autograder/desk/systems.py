"""Tells whose a downloaded file is and when it was handed in, by how each system packs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

import yaml

from autograder.desk.archives import Member, Refused
from autograder.desk.names import Directory, fold
from autograder.desk.repositories import Git
from autograder.desk.roster import participant
from autograder.errors import UserError
from autograder.handed_in import TIMESTAMP, YEARS, parse_timestamp, text_of_note

CANVAS = re.compile(r"(?P<name>[^_/]+?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<file>\d+)_(?P<rest>.+)")
MOODLE = re.compile(r"(?P<name>[^_/]+)_(?P<number>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)")
EXCHANGE = re.compile(r"(?P<user>[^+]+)\+(?P<chapter>[^+]+)\+(?P<time>[^+]+)(?:\+.*)?")
GRADESCOPE, METADATA = re.compile(r"submission_\d+"), "submission_metadata.yml"


@dataclass(frozen=True)
class Origin:
    """Where a file comes from.

    Attributes
    ----------
    system : str
        Its name for people.
    owners : list of set of str
        For each person whose it is, which students that may be: one if all is well.
    called : str
        What the system calls the owner.
    hand_in : str
        The same for all files that were handed in together.
    rest : tuple of str
        The path below what names the owner.
    time : datetime or None
        When it was handed in, in UTC, if that is known.
    number : int
        Canvas's of the file; a newer file has a higher one.
    late : bool
        Whether the system says that it was late.
    repository : bool
        Whether it is one of a repository, which holds all chapters from the start.
    """

    system: str
    owners: list[set[str]]
    called: str
    hand_in: str
    rest: tuple[str, ...]
    time: datetime | None = None
    number: int = 0
    late: bool = False
    repository: bool = False


@dataclass
class Systems:
    """Recognizes how files were packed.

    Parameters
    ----------
    directory
        The class.
    zone
        Of times that name none.
    chapters
        Their folders' names, which are no part of a student's name.
    warn
        Is told what can't be read, and why.
    git
        Asks repositories when a file was changed.
    times
        When participants of Moodle handed in, by their number, from its worksheet.
    """

    directory: Directory
    zone: tzinfo
    chapters: Iterable[str]
    warn: Callable[[str, str], None]
    git: Git
    times: dict[str, datetime] = field(default_factory=dict)
    _metadata: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    _stamps: dict[tuple[str, ...], Member] = field(default_factory=dict)
    _repositories: dict[tuple[str, ...], Member] = field(default_factory=dict)

    def learn(self, members: Iterable[Member]) -> None:
        """Read what tells of other files: metadata, timestamps, and where repositories begin."""
        for member in members:
            folder = member.parts[:-1]
            try:
                if member.name == METADATA and not any(map(GRADESCOPE.fullmatch, folder)):
                    self._metadata[folder] = _read_metadata(member.read())
                elif member.name == TIMESTAMP:
                    self._stamps[folder] = member
                elif member.name == ".git":
                    self._repositories[folder] = member
            except Refused as refusal:
                self.warn(str(member), str(refusal))

    def origin_of(self, member: Member) -> Origin:
        """Return where a file comes from.

        What is further out counts: students name what is inside of what the system made for them,
        and of what is named after one of them.
        """
        for place, part in enumerate(member.parts):
            folder, rest = member.parts[: place + 1], member.parts[place + 1 :]
            if match := MOODLE.fullmatch(part):
                return self._moodle(member, match, rest or (match["rest"],))
            if rest and (match := EXCHANGE.fullmatch(part)):
                return self._exchange(folder, match, rest)
            if rest and GRADESCOPE.fullmatch(part) and folder[:-1] in self._metadata:
                return self._gradescope(folder, rest)
            if rest and folder in self._repositories:
                return self._repository(folder, rest)
            match = CANVAS.fullmatch(part)
            if match and (not rest or part.lower().endswith(".zip")):
                return self._canvas(member, match, rest or (match["rest"],))
            if place and rest and len(self._named(part, inner=True)) == 1:
                break
        return self._by_path(member)

    # -- systems ----------------------------------------------------------------------------

    def _canvas(self, member: Member, match: re.Match[str], rest: tuple[str, ...]) -> Origin:
        by_id, by_name = self.directory.by_handle(match["user"]), self.directory.find(match["name"])
        called, hand_in = f"{match['name']} ({match['user']})", f"{member.parts[0]}/{match['user']}"
        owners = [_agreed(by_id, by_name)]
        return Origin(
            "Canvas", owners, called, hand_in, rest,
            number=int(match["file"][-18:]), late=bool(match["late"]),
        )  # fmt: skip

    def _moodle(self, member: Member, match: re.Match[str], rest: tuple[str, ...]) -> Origin:
        number, name = participant(match["number"]), match["name"]
        by_name = self.directory.find(name)
        while not by_name and "-" in name:  # "Group A-Ada Lovelace": the group comes first
            name = name.partition("-")[2]
            by_name = self.directory.find(name)
        by_name = by_name or self.directory.within(match["name"])  # some sites add a login
        owners = [_agreed(self.directory.by_handle(number), by_name)]
        called, time = f"{match['name']} ({number})", self.times.get(number)
        return Origin("Moodle", owners, called, f"{member.parts[0]}/{number}", rest, time)

    def _exchange(
        self, folder: tuple[str, ...], match: re.Match[str], rest: tuple[str, ...]
    ) -> Origin:
        day, _, clock = match["time"].partition(" ")
        time = self._noted_in(folder)
        with suppress(UserError):  # unpacked on Windows, names have no colons
            time = time or _in_utc(parse_timestamp(f"{day} {clock.replace('_', ':')}"))
        found = self.directory.find(match["user"])
        return Origin("nbgrader", [found], match["user"], "/".join(folder), rest, time)

    def _gradescope(self, folder: tuple[str, ...], rest: tuple[str, ...]) -> Origin:
        data = self._metadata[folder[:-1]].get(folder[-1])
        people = _get(data, "submitters")
        owners, called = [], []
        for person in people if isinstance(people, list) else []:  # several are a group
            said = [_get(person, key) for key in ("name", "email", "sid")]
            texts = [str(text) for text in said if isinstance(text, str | int) and text]
            owners.append(_agreed(*map(self.directory.find, texts)))
            called.append(texts[0] if texts else folder[-1])
        time = _get(data, "created_at")
        return Origin(
            "Gradescope", owners or [set()], " and ".join(called) or folder[-1], "/".join(folder),
            rest, _in_utc(time) if isinstance(time, datetime) else None,
        )  # fmt: skip

    def _repository(self, folder: tuple[str, ...], rest: tuple[str, ...]) -> Origin:
        path = self._repositories[folder].path
        time = self.git.last_change(path, rest) if path else None
        found = self.directory.ending(folder[-1])
        found = found or self.directory.within(self._without_chapters(folder[-1]))
        return Origin(
            "repository", [found], folder[-1], "/".join(folder), rest, time, repository=True
        )

    def _by_path(self, member: Member) -> Origin:
        """Return what folders and file names say; what was named counts where nothing inside does.

        Where two of them name different students, both are returned.
        """
        found: dict[int, set[str]] = {}
        for place in (*range(1, len(member.parts)), 0):
            if found and place == 0:
                break
            if owners := self._named(member.parts[place], inner=place < len(member.parts) - 1):
                found[place] = owners
        place = min(found, default=len(member.parts) - 1)
        owners, rest = _agreed(*found.values()), member.parts[place + 1 :]
        hand_in = "/".join(member.parts[: place + 1] if rest else member.parts[:place])
        called = member.parts[place if found else min(1, len(member.parts) - 1)]
        # nbgrader's own folder: student/chapter/timestamp.txt; in a zip, students may have made it
        plain = len(rest) == 2 and member.path is not None
        time = self._noted_in(member.parts[:-1]) if plain else None
        return Origin("folder", [owners], called, hand_in, rest or (member.name,), time)

    def _named(self, part: str, inner: bool) -> set[str]:
        """Return whom the name of a folder, zip or file names."""
        if not inner or part.lower().endswith(".zip"):
            part = re.sub(r"(\.ipynb|\.zip).*$", "", part, flags=re.IGNORECASE)
        return self.directory.within(self._without_chapters(part))

    def _noted_in(self, folder: tuple[str, ...]) -> datetime | None:
        """Return the time in a folder's timestamp.txt, as nbgrader notes it."""
        member = self._stamps.get(folder)
        if member is None:
            return None
        try:
            return _in_utc(parse_timestamp(text_of_note(member.read())))
        except (Refused, UserError) as error:
            self.warn(str(member), str(error))
            del self._stamps[folder]  # said once
            return None

    def _without_chapters(self, text: str) -> str:
        """Return a name without the chapter's: in 1_derivatives, 1 is nobody's id."""
        folded = fold(text)
        for chapter in self.chapters:
            folded = folded.replace(fold(chapter), " ")
        return folded


def _agreed(*found: set[str]) -> set[str]:
    """Return whom all that name someone agree on; everyone named, where they don't agree."""
    named = [students for students in found if students]
    if not named:
        return set()
    return set.intersection(*named) or set.union(*named)


def _in_utc(time: datetime | None) -> datetime | None:
    """Return a time in UTC; None where there is none, or none that can be true."""
    if time is None or time.year not in YEARS:
        return None
    return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)


def _read_metadata(content: bytes) -> dict[str, Any]:
    """Return Gradescope's metadata, by submission."""
    try:
        found = yaml.load(content.decode("utf-8", "replace"), Loader=_YAML)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise Refused("not readable as YAML; download it again") from None
    if not isinstance(found, dict):
        raise Refused("not Gradescope's metadata; download it again")
    return found


_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _get(table: object, key: str) -> Any:
    """Return an entry; its key begins with a colon, as Ruby writes them."""
    return table.get(f":{key}", table.get(key)) if isinstance(table, dict) else None
