"""Lists and reads what was downloaded: files, folders, zips, zips in zips. Nothing is unpacked.

What could do harm is refused, one line each: links, paths that lead out, zips that grow without
end, the same name twice, passwords. Sizes are bounded, whatever an archive says about itself.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from autograder.engine.reading import LARGEST
from autograder.engine.text import encodable
from autograder.handed_in import ARCHIVES, is_litter

DEEPEST = 3  # zips in zips
MOST_ENTRIES = 200_000  # in one zip, with litter and folders
MOST_FILES, MOST_BYTES = 20_000, 2**30  # in a zip in a zip, which one student may have made
MOST_INSIDE = 200_000  # files in all zips of a zip
TOO_MANY = "too many files in it and in the zips beside it; collect it alone or ask for a notebook"
ENTRY = b"PK\x01\x02"  # begins each one in a zip's list of files
MOST_OPEN = 4  # archives at a time
LARGEST_ZIP = 256 * 2**20  # bytes of a zip in a zip
WORST_RATIO, HARMLESS = 200, 2**20  # how far a member may grow, if it gets larger than this
READ = (".ipynb", ".txt", ".yml", ".zip")  # endings whose content is ever asked for
NOT_A_ZIP = "not a zip; unpack it and name the folder"
OTHER_ARCHIVES = tuple(ending for ending in ARCHIVES if ending != ".zip")


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


class Refused(Exception):
    """Something that is not taken; the message says why and what to do."""


@dataclass(frozen=True)
class Member:
    """One file of what was named.

    Attributes
    ----------
    parts : tuple of str
        Its path; the first part is the name of the file or folder that was named, and a zip is like
        a folder.
    read : callable
        Returns its content, or raises `Refused`.
    path : Path or None
        Where it is, if it is in no archive.
    """

    parts: tuple[str, ...]
    read: Callable[[], bytes]
    path: Path | None = None

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.parts[-1]

    def __str__(self) -> str:
        return "/".join(self.parts)


Refuse = Callable[[str, str], None]  # called with what is refused, and why
Opener = Callable[[], IO[bytes]]


class Downloads:
    """Lists what was named, and keeps the few archives open that are being read.

    Parameters
    ----------
    refuse
        Is told what is not taken, and why.
    """

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._open: dict[tuple[str, ...], zipfile.ZipFile] = {}

    def __enter__(self) -> Downloads:
        return self

    def __exit__(self, *exception: object) -> None:
        for archive in self._open.values():
            _close(archive)
        self._open.clear()

    def members(self, path: Path) -> Iterator[Member]:
        """Yield every file of a notebook, folder or zip, in the order of their paths."""
        parts = (encodable(path.name or path.resolve().name),)
        if path.is_dir():
            yield from self._list_folder(path, parts)
        else:
            yield from self._list_file(path, parts)

    def _list_folder(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Member]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._say(parts, f"cannot be read ({error.strerror}); fix its permissions")
            return
        for entry in entries:
            inner = (*parts, encodable(entry.name))
            if entry.name == ".git" and not entry.is_symlink():  # tells that this is a repository
                yield Member(inner, lambda: b"", Path(entry.path))
            elif _is_litter(entry.name):
                continue
            elif entry.is_symlink():
                self._say(inner, "a link; ask for the file itself")
            elif entry.is_dir():
                yield from self._list_folder(Path(entry.path), inner)
            elif entry.is_file():
                yield from self._list_file(Path(entry.path), inner)
            else:
                self._say(inner, "not a regular file; ask for the notebook itself")

    def _list_file(self, path: Path, parts: tuple[str, ...]) -> Iterator[Member]:
        if path.name.lower().endswith(".zip"):
            yield from self._list_zip(lambda: path.open("rb"), parts, 1, None)
        elif path.name.lower().endswith(OTHER_ARCHIVES):
            self._say(parts, NOT_A_ZIP)
        else:
            yield Member(parts, lambda: _read_file(path), path)

    def _list_zip(
        self, opener: Opener, parts: tuple[str, ...], depth: int, room: _Room | None
    ) -> list[Member]:
        """Return the files of a zip and of the zips in it: all of them, or none and say why.

        The outermost zip may be a whole class's, so each zip in it has a room of its own.
        """
        try:
            return list(self._members_of(opener, parts, depth, room))
        except Refused as refusal:
            if isinstance(refusal, _Full) and room is not None and room.parts != parts:
                raise
            self._say(parts, str(refusal))
        except _DAMAGE as error:
            reason = error.strerror if isinstance(error, OSError) else "damaged, or not a zip"
            self._say(parts, f"{reason}; download it again")
        return []

    def _members_of(
        self, opener: Opener, parts: tuple[str, ...], depth: int, room: _Room | None
    ) -> Iterator[Member]:
        infos = self._opened(opener, parts).infolist()
        left = MOST_INSIDE
        (room or _Room(parts)).take(entries=len(infos))
        twice = {name for name, count in Counter(map(_name_of, infos)).items() if count > 1}
        for name in sorted(twice):
            self._say((*parts, name), "twice in the archive; unpack it and keep the right one")
        for name, info in sorted(
            ((_name_of(info), info) for info in _files(infos)), key=lambda pair: pair[0]
        ):
            below = [part for part in name.split("/") if part not in ("", ".")]
            if name in twice or not below or any(map(_is_litter, below)):
                continue
            inner = (*parts, *below)
            reason = _refusal(info, name)
            if room is not None:
                room.take(files=1, size=info.file_size if name.lower().endswith(READ) else 0)
            if reason:
                self._say(inner, reason)
            elif name.lower().endswith(OTHER_ARCHIVES):
                self._say(inner, NOT_A_ZIP)
            elif not name.lower().endswith(".zip"):
                yield Member(inner, self._reader(opener, parts, info, LARGEST))
            elif depth >= DEEPEST:
                self._say(inner, f"zips in zips, {DEEPEST} deep; unpack it and name the folder")
            else:
                read = self._reader(opener, parts, info, LARGEST_ZIP)
                mine = room or _Room(inner, files=min(left, MOST_FILES))
                found = self._list_zip(partial(_inner_zip, read), inner, depth + 1, mine)
                left -= len(found)
                yield from found

    def _opened(self, opener: Opener, parts: tuple[str, ...]) -> zipfile.ZipFile:
        archive = self._open.pop(parts, None)
        if archive is None:
            file = opener()
            try:
                archive = zipfile.ZipFile(file)
            except BaseException:
                file.close()
                raise
        self._open[parts] = archive  # as the last used
        while len(self._open) > MOST_OPEN:
            _close(self._open.pop(next(iter(self._open))))
        return archive

    def _reader(
        self, opener: Opener, parts: tuple[str, ...], info: zipfile.ZipInfo, largest: int
    ) -> Callable[[], bytes]:
        def read() -> bytes:
            try:
                with self._opened(opener, parts).open(info) as member:
                    return _bounded(member, largest)
            except _DAMAGE:
                raise Refused("damaged in the archive; download it again or ask for it") from None

        return read

    def _say(self, parts: tuple[str, ...], reason: str) -> None:
        self._refuse("/".join(parts), reason)


class _Full(Refused):
    """More than what one student hands in."""


@dataclass
class _Room:
    """What may still be in a zip in a zip, and in the zips in that.

    Parameters
    ----------
    parts
        The path of the outermost one.
    """

    parts: tuple[str, ...]
    entries: int = MOST_ENTRIES
    files: int = MOST_FILES
    size: int = MOST_BYTES

    def take(self, entries: int = 0, files: int = 0, size: int = 0) -> None:
        """Note that there is more in it; raise `_Full` where that is too much."""
        self.entries -= entries
        self.files -= files
        self.size -= size
        if self.entries < 0 or self.files < 0:
            raise _Full(TOO_MANY)
        if self.size < 0:
            raise _Full(f"more than {MOST_BYTES >> 30} GB in it; ask for a notebook alone")


def _inner_zip(read: Callable[[], bytes]) -> IO[bytes]:
    """Return a zip in a zip; its list of files alone could take all memory."""
    content = read()
    if content.count(ENTRY) > MOST_ENTRIES:
        raise _Full(TOO_MANY)
    return io.BytesIO(content)


def _close(archive: zipfile.ZipFile) -> None:
    file = archive.fp  # which belongs to whoever opened it
    archive.close()
    if file is not None:
        file.close()


def _files(infos: list[zipfile.ZipInfo]) -> Iterator[zipfile.ZipInfo]:
    return (info for info in infos if not info.is_dir())


def _read_file(path: Path) -> bytes:
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            return _bounded(file, LARGEST)
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror}); fix that and collect it again") from None


def _bounded(file: IO[bytes], largest: int) -> bytes:
    content = file.read(largest + 1)
    if len(content) > largest:
        raise Refused(f"larger than {largest >> 20} MB; ask for it without outputs")
    return content


def _name_of(info: zipfile.ZipInfo) -> str:
    """Return a member's name; without the flag for UTF-8 it may be UTF-8 all the same."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            pass
    return name.replace("\\", "/")


def _refusal(info: zipfile.ZipInfo, name: str) -> str:
    """Return why a member is not taken; "" if it is."""
    parts = name.split("/")
    if ".." in parts or name.startswith("/") or parts[0].endswith(":"):
        return "a path that leads out of the archive; ask for the notebook itself"
    if not name.isprintable():
        return "a name with control characters; ask for the file again"
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a link, not a file; ask for the notebook itself"
    if info.flag_bits & 1:
        return "protected by a password; ask for it without one"
    grown = info.file_size > HARMLESS and info.file_size > WORST_RATIO * max(1, info.compress_size)
    if grown and parts[-1].lower().endswith(READ):
        ratio = info.file_size // max(1, info.compress_size)
        return f"a zip bomb: it grows {ratio}-fold; ask for the notebook itself"
    largest = LARGEST_ZIP if parts[-1].lower().endswith(".zip") else LARGEST
    if info.file_size > largest and parts[-1].lower().endswith(READ):
        return f"larger than {largest >> 20} MB; ask for it without outputs"
    return ""


def _is_litter(name: str) -> bool:
    return (name.startswith(".") and name not in (".", "..")) or is_litter(name)
