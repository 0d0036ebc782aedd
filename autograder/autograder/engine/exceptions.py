"""Exceptions and warnings as plain data: described in one process, raised again in another."""

from __future__ import annotations

import builtins
import contextlib
import linecache
import traceback
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.engine.text import encodable, printable
from byhand.checks.explain import explain

LONGEST_TEXT = 4000  # characters of a message
LONGEST_PART = 800  # characters of a part of its explanation
MOST_WARNINGS = 50  # of one call


def describe(error: BaseException) -> list:
    """Return an error as text: builtin type, name, message, the student's frames."""
    kind = type(error)
    return [
        builtin_base(kind, BaseException),
        encodable(kind.__name__[:80]) if type(kind.__name__) is str else "Exception",
        text_of(error)[:LONGEST_TEXT],
        _frames(error),
    ]


def explained(error: BaseException) -> list:
    """Return the parts of `byhand.checks.explain`, which takes a while; none for a stub's error."""
    if isinstance(error, NotImplementedError):
        return []
    told = explain(error, check="<test>")
    return [
        None if part is None else encodable(part[:LONGEST_PART])
        for part in (told.what, told.where, told.actual, told.likely)
    ]


def exception_from(described: list) -> Exception:
    """Return an exception of the builtin type that was described."""
    base = builtin_error(described[0])
    if not issubclass(base, Exception):
        base = RuntimeError  # SystemExit and the like must not end anything here
    try:
        return base(described[2])
    except TypeError:  # UnicodeDecodeError and the like need more than a message
        return ValueError(described[2])


def builtin_error(name: object) -> type[BaseException]:
    """Return the builtin class of exceptions of a name; Exception if there is none."""
    found = getattr(builtins, name, None) if type(name) is str else None
    return found if isinstance(found, type) and issubclass(found, BaseException) else Exception


def builtin_base(kind: type, root: type) -> str:
    """Return the name of the nearest builtin class of exceptions."""
    for base in kind.__mro__:
        if base.__module__ == "builtins" and issubclass(base, root):
            return base.__name__
    return root.__name__


def text_of(value: Any) -> str:
    """Return ``str(value)``, or why there is none."""
    try:
        return encodable("".join(str(value)))
    except Exception as error:
        return f"<{type(error).__name__} while making the message>"


def _frames(error: BaseException) -> list:
    """Return [cell, line number, function, line] of each frame in the student's code."""
    if isinstance(error, SyntaxError) and error.__traceback__ and not error.__traceback__.tb_next:
        return [["<cell>", error.lineno or 0, "", encodable((error.text or "").strip()[:200])]]
    found = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if name.startswith("<ipython-input") or "ipykernel" in name or name == "<test>":
            found.append((frame, line))
    if len(found) > 12:
        found = [*found[:6], *found[-6:]]
    return [
        [
            "<test>" if f.f_code.co_filename == "<test>" else "<cell>",
            line,
            encodable(f.f_code.co_name[:80]),
            encodable(linecache.getline(f.f_code.co_filename, line).strip()[:200]),
        ]
        for f, line in found
    ]


class RecordedWarnings:
    """Collects the warnings of one call after the other, whatever the student has had them do.

    What is in force while a call runs stays so until `release`: to put it up for each call would
    take longer than most calls.
    """

    def __init__(self) -> None:
        self._issued: list[list[str]] = []
        self._before: warnings.catch_warnings[None] | None = None
        self._ours: tuple[Any, ...] = ()

    @contextlib.contextmanager
    def of_call(self, errors: dict | None) -> Iterator[list[list[str]]]:
        """Collect the warnings of a block, under the examiner's `numpy.errstate`.

        Parameters
        ----------
        errors : dict, optional
            What `numpy.geterr` returns there, where that is not the default.
        """
        if self._ours != self._in_force():  # at first, or where an earlier call changed it
            self.release()
            self._before = warnings.catch_warnings()
            self._before.__enter__()
            warnings.simplefilter("always")
            warnings.showwarning = self._note
            self._ours = self._in_force()
        outer, self._issued = self._issued, []
        try:
            with np.errstate(**errors) if errors else contextlib.nullcontext():
                yield self._issued
        finally:
            self._issued = outer

    def release(self) -> None:
        """Put back what was in force before, for code that is no call."""
        if self._before is not None:
            self._before.__exit__(None, None, None)
            self._before = None
            self._ours = ()

    def _in_force(self) -> tuple[Any, ...]:
        return (warnings.showwarning, id(warnings.filters), *map(id, warnings.filters))

    def _note(self, message: Any, category: type, *rest: Any, **more: Any) -> None:
        if len(self._issued) < MOST_WARNINGS:
            self._issued.append([builtin_base(category, Warning), text_of(message)[:LONGEST_TEXT]])


def warn_again(category: Any, message: Any) -> None:
    """Issue a warning that `RecordedWarnings` has collected, as of a builtin category."""
    kind = getattr(builtins, str(category), UserWarning)
    if not (isinstance(kind, type) and issubclass(kind, Warning)):
        kind = UserWarning
    warnings.warn(printable(message, LONGEST_TEXT), kind, stacklevel=4)
