"""How tests have been passed: whoever answers them with the same bytes passes them too.

A test is a function of what the student's code answers. The chapter's own answers are examined
first; then what each test asks is known, and an answer to it need only be compared. Other right
answers are known once a student has passed with them, by a digest of each answer and all before
it. Nothing else of a student's is kept, a digest never reaches another student's code, and a test
that fails is always run.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from autograder.engine.conversation import Transcript
from autograder.engine.job import JobCell
from autograder.engine.proxies import Proxy
from autograder.engine.result import CellResult

LARGEST = 2**24  # bytes of messages that are kept of one test
DIGEST = 16  # bytes
MOST_ANSWERS = 12  # right ones that are known of a test
MOST_CHAPTERS = 16
ALWAYS = ("__builtins__", "__doc__")  # what the interpreter defines
SHARED = (ModuleType, FunctionType, type)  # what a test may import: it has no state of its own


class KnownTest(NamedTuple):
    """A test that the chapter's own answers passed.

    Attributes
    ----------
    cell : JobCell
        The test.
    result : CellResult
        What came of it.
    transcript : Transcript
        What it asked and was answered.
    names : mapping of str to object
        What it imported.
    """

    cell: JobCell
    result: CellResult
    transcript: Transcript
    names: Mapping[str, Any]

    def digests(self, result: CellResult, transcript: Transcript) -> bytes | None:
        """Return the digests of a student's answers that passed; None if others were asked for.

        Parameters
        ----------
        result : CellResult
            What came of the test.
        transcript : Transcript
            What it asked and was answered.
        """
        same = (result.error, result.points, result.displayed, asked(transcript)) == (
            None, self.result.points, self.result.displayed, asked(self.transcript)
        )  # fmt: skip
        if not same:
            return None
        found = [b""]
        for answer in answered(transcript):
            found.append(_digest(found[-1], answer))
        return b"".join(found)


class RightAnswers:
    """The digests of right answers of a class, by chapter and test."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[bytes, dict[str, list[bytes]]] = {}  # the chapter used last comes last

    def of(self, chapter: bytes) -> dict[str, list[bytes]]:
        """Return those of a chapter, by test."""
        with self._lock:
            found = self._found[chapter] = self._found.pop(chapter, {})
            while len(self._found) > MOST_CHAPTERS:
                del self._found[next(iter(self._found))]
            return {test: [*answers] for test, answers in found.items()}

    def add(self, chapter: bytes, passed: Mapping[str, bytes]) -> None:
        """Add what an examination has found, as far as there is room."""
        with self._lock:
            found = self._found.setdefault(chapter, {})
            for test, digests in passed.items():
                known = found.setdefault(test, [])
                if digests not in known and len(known) < MOST_ANSWERS:
                    known.append(digests)


def asked(transcript: Transcript) -> list[list[bytes]]:
    """Return what a test has sent."""
    return [[sent for sent, _ in request] for request in transcript]


def answered(transcript: Transcript) -> Iterator[bytes]:
    """Yield what a test was answered."""
    return (answer for request in transcript for _, answer in request)


class Follower:
    """Says of one answer after the other whether it is known how the test goes on.

    Parameters
    ----------
    transcript : Transcript
        Of the chapter's own answers.
    others : sequence of bytes
        The digests of other right answers, one after the other.
    """

    def __init__(self, transcript: Transcript, others: Sequence[bytes]) -> None:
        self._own = answered(transcript)
        self._is_own = True
        self._others = others
        self._before: list[bytes] = []  # answers that are the chapter's own
        self._last = b""
        self._at = 0

    def goes_on(self, answer: bytes) -> bool:
        """Return whether all answers so far are those of one right answer."""
        if self._is_own:
            if answer == next(self._own):
                self._before.append(answer)
                return True
            self._is_own = False
            if not self._others:
                return False
            for earlier in self._before:
                self._follow(earlier)
        self._follow(answer)
        return bool(self._others)

    def _follow(self, answer: bytes) -> None:
        self._last = _digest(self._last, answer)
        here = slice(self._at, self._at + DIGEST)
        self._others = [other for other in self._others if other[here] == self._last]
        self._at += DIGEST


def _digest(before: bytes, answer: bytes) -> bytes:
    return blake2b(before + answer, digest_size=DIGEST).digest()


def known_test(
    cell: JobCell,
    result: CellResult,
    transcript: Transcript,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> KnownTest | None:
    """Return how a test was passed; None if it failed, is too large, or leaves a state behind.

    Parameters
    ----------
    cell, result, transcript
        The test, what came of it, and what was exchanged.
    before, after : mapping of str to object
        The names that tests share, before and after it.
    """
    names = {
        name: value
        for name, value in after.items()
        if value is not before.get(name) and name not in ALWAYS and type(value) is not Proxy
    }
    size = sum(len(sent) + len(answer) for request in transcript for sent, answer in request)
    if result.error is not None or size > LARGEST:
        return None
    if not all(map(_is_imported, names.values())):
        return None
    return KnownTest(cell, result, transcript, names)


def _is_imported(value: Any) -> bool:
    """Whether a value is no data; what a test itself defines reaches the names of one notebook."""
    return isinstance(value, SHARED) and getattr(value, "__module__", None) != "__main__"
