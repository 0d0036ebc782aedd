"""How a chapter's own answers passed its tests: an answer that is the same passes them too.

A test is a function of what the student's code answers. Where that answers a test's requests with
the very bytes that the chapter's own answers did, the test has nothing to find out. Nothing of a
student's is ever kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from autograder.engine.conversation import Transcript
from autograder.engine.job import JobCell
from autograder.engine.proxies import Proxy
from autograder.engine.result import CellResult

LARGEST = 2**24  # bytes of messages that are kept of one test
ALWAYS = ("__builtins__", "__doc__")  # what the interpreter defines
SHARED = (ModuleType, FunctionType, type)  # what a test may define: it has no state of its own


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
        What it defined.
    """

    cell: JobCell
    result: CellResult
    transcript: Transcript
    names: Mapping[str, Any]


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
    if not all(isinstance(value, SHARED) for value in names.values()):
        return None
    return KnownTest(cell, result, transcript, names)
