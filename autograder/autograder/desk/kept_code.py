"""Keeps what was read of the notebooks of a chapter: the next comparison reads only what is new."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from autograder.desk.fragments import Fragment
from autograder.desk.similarity import Code, Key
from autograder.files import write_atomically


class _Answer(msgspec.Struct, array_like=True):
    """One answer; each fragment as the place of its form in the list of forms, and its lines."""

    exercise: str
    cell: str
    text: str
    fragments: list[tuple[int, int, int]]


class _File(msgspec.Struct):
    """What is in the file: answers by the hash of the notebook that they are in."""

    made_from: str = ""
    forms: list[str] = []
    notebooks: dict[str, list[_Answer]] = {}


class KeptCode:
    """The code of a chapter's notebooks that was read before.

    Parameters
    ----------
    path
        The file. One that can't be read is taken as empty: it is written again.
    chapter
        Whose notebooks.
    made_from
        What all answers depend on, beside the notebook: if that has changed, none is used.
    """

    def __init__(self, path: Path, chapter: str, made_from: Iterable[Path]) -> None:
        self._path = path
        self._chapter = chapter
        parts = [sys.version.encode(), *(file.read_bytes() for file in made_from)]
        self._made_from = hashlib.sha256(b"\0".join(parts)).hexdigest()
        try:
            found = msgspec.msgpack.decode(path.read_bytes(), type=_File)
        except (OSError, msgspec.MsgspecError):
            found = _File()
        self._old = found if found.made_from == self._made_from else _File()
        self._new: dict[str, dict[Key, Code]] = {}

    def get(self, notebook: str) -> dict[Key, Code] | None:
        """Return what was read of a notebook, by its hash; None if that is not known."""
        if notebook not in self._new and notebook in self._old.notebooks:
            forms = self._old.forms
            self._new[notebook] = {
                Key(self._chapter, answer.exercise, answer.cell): Code(
                    answer.text,
                    tuple(Fragment(forms[form], *lines) for form, *lines in answer.fragments),
                )
                for answer in self._old.notebooks[notebook]
            }
        return self._new.get(notebook)

    def add(self, notebook: str, answers: dict[Key, Code]) -> None:
        """Note what was read of a notebook, by its hash."""
        self._new[notebook] = answers

    def write(self) -> None:
        """Keep what this run has used, if that is not what is there."""
        if self._new.keys() == self._old.notebooks.keys():
            return
        places: dict[str, int] = {}
        notebooks = {
            notebook: [
                _Answer(
                    key.exercise, key.cell, code.text,
                    [(places.setdefault(f.form, len(places)), f.first, f.last)
                     for f in code.fragments],
                )
                for key, code in answers.items()
            ]
            for notebook, answers in self._new.items()
        }  # fmt: skip
        content = _File(self._made_from, list(places), notebooks)
        write_atomically(self._path, msgspec.msgpack.encode(content))
