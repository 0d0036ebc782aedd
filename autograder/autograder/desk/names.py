"""Finds a student by what other systems call them: ids, e-mail, a name in any order, no accents."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Protocol

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
SHORTEST = 3  # letters of an id that is looked for inside a longer name


class Person(Protocol):
    """What is needed of a student here."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102

    def handles(self) -> Iterable[str]:
        """Return every id and address of this student."""


def fold(text: str) -> str:
    """Return a text in lower case, without accents.

    Examples
    --------
    >>> fold("Zoë ŁUKASIEWICZ-Strauß")
    'zoe lukasiewicz-strauss'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(plain.translate(_LETTERS).split())


def words_of(text: str) -> list[str]:
    """Return the words of a name or file name, folded."""
    return re.findall(r"[^\W_]+", fold(text).replace("'", "").replace("’", ""))


def spellings(name: str) -> list[list[str]]:
    """Return the words of a name as other systems may spell them: Müller, Muller, Mueller."""
    composed = unicodedata.normalize("NFC", name).casefold()
    found = [words_of(name), words_of(composed.translate(_GERMAN))]
    return found[:1] if found[0] == found[1] else found


class Directory:
    """Finds students by what something calls them.

    Parameters
    ----------
    people
        The class; two of the same name are found both.
    """

    def __init__(self, people: Iterable[Person]) -> None:
        self._handles: dict[str, set[str]] = {}
        self._names: dict[tuple[str, ...], set[str]] = {}
        self._glued: dict[str, set[str]] = {}
        self._shown: dict[str, str] = {}
        self._words: set[str] = set()  # of all names
        for person in people:
            self._shown[person.id] = person.name
            self._words.update(words_of(person.name))
            for handle in person.handles():
                self.add_handle(handle, person.id)
            for handle in (person.name, *person.handles()):
                for words in spellings(handle):
                    self._add_name(words, person.id)

    def _add_name(self, words: list[str], student: str) -> None:
        if not words:
            return
        self._names.setdefault(tuple(sorted(words)), set()).add(student)
        for place in range(len(words)):  # last name first, however many words it has
            glued = "".join(words[place:] + words[:place])
            self._glued.setdefault(glued, set()).add(student)

    def add_handle(self, handle: str, student: str) -> None:
        """Let a student be found by one id more."""
        self._handles.setdefault(fold(handle), set()).add(student)

    def by_handle(self, text: str) -> set[str]:
        """Return who has this id or address."""
        return self._handles.get(fold(text), set())

    def by_name(self, text: str) -> set[str]:
        """Return who has this name, its words in any order or run together."""
        words = words_of(text)
        return self._names.get(tuple(sorted(words))) or self._glued.get("".join(words), set())

    def find(self, text: str) -> set[str]:
        """Return who is called so: an id or address, otherwise a name."""
        return self.by_handle(text) or self.by_name(text)

    def ending(self, text: str) -> set[str]:
        """Return whose id a text ends with, after a hyphen: ``powers-ada``."""
        folded = fold(text)
        ends = [handle for handle in self._handles if f"-{folded}".endswith(f"-{handle}")]
        return self._handles[max(ends, key=len)] if ends else set()

    def within(self, text: str) -> set[str]:
        """Return whose id or name is a part of a text, such as ``homework_m0123_final``.

        An id inside a longer one that is there too does not count, nor one that is a part of
        anybody's name: ``Ada Byron`` is not the student with the id ``ada``.
        """
        if whole := self.find(text):
            return whole
        folded, words = fold(text), set(words_of(text))
        names = [key for key in self._names if len(key) > 1 and set(key) <= words]
        if names:
            most = max(map(len, names))
            return set().union(*(self._names[key] for key in names if len(key) == most))
        found = [
            handle
            for handle in self._handles
            if len(handle) >= SHORTEST
            and handle in folded
            and handle not in self._words
            and re.search(rf"(?<![^\W_]){re.escape(handle)}(?![^\W_])", folded)
        ]
        longest = [h for h in found if not any(h != other and h in other for other in found)]
        return set().union(*(self._handles[handle] for handle in longest))

    def near(self, text: str) -> str:
        """Return whom a name may mean, as words for a message; "" where nobody is near."""
        wanted = "".join(sorted(words_of(text)))
        known = {"".join(key): students for key, students in self._names.items()}
        for key, students in self._names.items():  # a middle name more or less
            if len(set(key) & set(words_of(text))) > 1:
                known[wanted] = students
        close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.75)
        if not close:
            return ""
        student = min(known[close[0]])
        return f"; did they mean {self._shown[student] or student} ({student})?"
