"""What a student may read about each cell: nothing that only hidden tests know.

Once a hidden test has run, whatever the student's code says or returns may carry that test's
inputs. So what a message quotes of it comes from a pass in which no hidden test has run, and of a
hidden test itself are told the promise and the likely mistake, in the course's own words and
without numbers.

What stays open is small: the verdict on a test is a bit that code may choose by a hidden input,
and the pass without hidden tests can read what the other left in the kernel's counters.
"""

from __future__ import annotations

import marshal
import pkgutil
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from inspect import getsource
from types import CodeType

from msgspec.structs import replace

import byhand.checks
import byhand.diagnosis
from autograder.course.notebooks import HIDDEN_TESTS
from autograder.engine.check_modules import CheckModule
from autograder.engine.clock import ways_to_end
from autograder.engine.job import Job, JobCell, prepare_test
from autograder.engine.limits import Limits
from autograder.engine.reasons import Reasons, death_in_words
from autograder.engine.result import NOT_AGAIN, CellResult, Examination, FailedCheck

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d[\d_]*(?:,\d{3})*\.?\d*|\.\d+)(?:e[-+]?\d+)?")
SEVERAL = re.compile(r"…(?:[\s,/×-]+(?:…|-?inf\b|nan\b))+")
PADDED = re.compile(r"([\[(])\s*…\s*([\])])")
GROUPS = re.compile(r"(\(…\)|\[…\])(?:,\s*\1)+")
COUNTED = re.compile(r" in \d+ of \d+ values$")
ONE_OF_MANY = re.compile(r"; also wrong: .*", re.DOTALL)
DICT = re.compile(r"\{[^{}]*[\d…'\"][^{}]*\}")
CHANGED = (
    "failed, though not before other tests had called your code: something that it keeps from one "
    "call to the next, such as a global variable, changes what it returns"
)


# --- the pass without hidden tests ----------------------------------------------------------------


def clean_job(job: Job, found: Sequence[CellResult]) -> Job | None:
    """Return what to run for messages that quote a student's code; None if nothing is needed.

    Of the tests only those run whose message is wanted.

    Parameters
    ----------
    job : Job
        What was run, with hidden tests.
    found : sequence of CellResult
        What came of it.
    """
    first = job.first_hidden()
    wanted = [
        i
        for i, result in enumerate(found)
        if i > first and _quotes(result) and not _stopped(result, job.limits)
    ]
    if not wanted:
        return None
    tests = {i for i in wanted if not found[i].died}
    cells = [
        visible_part(cell)
        for i, cell in enumerate(job.cells[: wanted[-1] + 1])
        if cell.kind != "test" or i in tests
    ]
    return replace(job, cells=cells, skip=[])


def visible_part(cell: JobCell) -> JobCell:
    """Return a cell without its hidden tests."""
    if not cell.has_hidden:
        return cell
    source = HIDDEN_TESTS.pattern.sub("", cell.source)
    return replace(cell, source=source, test=prepare_test(source, f"<{cell.id}>"))


def _quotes(result: CellResult) -> bool:
    """Whether what is told about a cell is for the student's code to choose.

    An answer can also end its process or not, as a hidden input tells it to.
    """
    if result.error is None or result.hidden:
        return False
    if result.died:
        return result.kind == "solution"
    return result.error != ("NotImplementedError", "NotImplementedError", "")


def _stopped(result: CellResult, limits: Limits) -> str | None:
    """Return why a test failed if that is a function that had been ended, in fixed words."""
    if result.error is None or result.died or not result.error[2].endswith(NOT_AGAIN):
        return None
    reason = result.error[2].removesuffix(NOT_AGAIN).split(" (")[0]
    known = (*ways_to_end(limits), "ended its process")  # the student's code may have said it
    return f"your code {reason}{NOT_AGAIN}" if reason in known else None


# --- messages -------------------------------------------------------------------------------------


def with_messages(
    job: Job, found: Sequence[CellResult], clean: Examination | None, reasons: Reasons
) -> list[CellResult]:
    """Return the results of all cells with what the student is told about each.

    Parameters
    ----------
    job, found
        What was run, and what came of it.
    clean : Examination, optional
        What came of `clean_job`, if that was needed.
    reasons : Reasons
        Says why a cell did not run, and what that means for others.
    """
    quoted = {cell.id: cell for cell in found[: job.first_hidden() + 1]}
    quoted |= {cell.id: cell for cell in (clean.cells if clean else ()) if cell.id not in quoted}
    for cell in job.cells:
        reasons.note(cell, quoted.get(cell.id))
    told = []
    for cell, result in zip(job.cells, found, strict=True):
        said = quoted.get(cell.id)
        if cell.kind == "test":
            message = _about_test(result, said, job, reasons)
            if said is not None and _quotes(result) and _quotes(said):  # which is explained
                result = replace(
                    result, error=said.error, traceback=said.traceback, check=said.check
                )
        else:
            message = reasons.of(cell.id)
        told.append(replace(result, told=message))
    return told


def _about_test(
    result: CellResult, said: CellResult | None, job: Job, reasons: Reasons
) -> FailedCheck | None:
    if result.error is None:
        return None
    if result.died:
        return FailedCheck(death_in_words(result.error[2]))
    if stopped := _stopped(result, job.limits):
        return FailedCheck(stopped)
    if result.hidden:
        return hidden_words(result, fixed_texts(job.modules))
    if not _quotes(result):
        return FailedCheck(result.error[1])
    if said is None or said.error is None or said.hidden or said.died:
        return FailedCheck(CHANGED)
    kind, name, message = said.error
    reason = reasons.missing_name(message, said.id) if kind == "NameError" else None
    if said.check is not None:
        return replace(said.check, likely=reason) if reason else said.check
    return FailedCheck(f"{name}: {message}" if message else name, likely=reason)


def hidden_words(result: CellResult, fixed: frozenset[str]) -> FailedCheck:
    """Return what is told about a hidden test that failed: the promise and the likely mistake.

    Parameters
    ----------
    result : CellResult
        A test's.
    fixed : frozenset of str
        See `fixed_texts`.
    """
    check = result.check
    if check is not None:
        what = COUNTED.sub("", ONE_OF_MANY.sub("", check.what))
        return FailedCheck(
            without_numbers(what, fixed),
            likely=None if check.likely is None else without_numbers(check.likely, fixed),
            hint=None if check.hint is None else without_numbers(check.hint, fixed),
        )
    if result.error is not None and result.error[0] == "AssertionError":
        return FailedCheck("a hidden test with other inputs fails")
    return FailedCheck("your code raises an error for the inputs of a hidden test")


def without_numbers(text: str, fixed: frozenset[str]) -> str:
    """Return a text without the numbers in it, except where the course's code itself has them.

    Parameters
    ----------
    text : str
        Part of a message; it may name an input or a result.
    fixed : frozenset of str
        Texts that are kept as they are; see `fixed_texts`.

    Examples
    --------
    >>> without_numbers("relu(x) for x = [0.5 -3.0] is wrong", frozenset())
    'relu(x) for x = […] is wrong'
    """
    if text in fixed or not any(map(str.isdigit, text)):
        return text
    kept: dict[str, str] = {}
    for part in sorted((part for part in fixed if part in text), key=len, reverse=True):
        # a character that no text has: a part that is kept must not be looked into again
        mark = chr(0xE000 + len(kept))
        before = r"(?<![\w.])" if part[0].isalnum() else ""
        after = r"(?![\w.]*\d)(?!\w)" if part[-1].isalnum() else ""
        shorter = re.sub(before + re.escape(part) + after, mark, text)
        if shorter != text:
            text, kept[mark] = shorter, part
    text = DICT.sub("{…}", NUMBER.sub("…", text))
    text = GROUPS.sub(r"\1", PADDED.sub(r"\1…\2", SEVERAL.sub("…", text)))
    for mark, part in kept.items():
        text = text.replace(mark, part)
    return text


def fixed_texts(modules: Sequence[CheckModule]) -> frozenset[str]:
    """Return the texts with numbers in the course's own code, which tell nothing about a draw.

    Parameters
    ----------
    modules : sequence of CheckModule
        The checks that a notebook imports; those of `byhand` itself are always included.
    """
    return _general_texts().union(*(_marshalled_texts(module.code) for module in modules))


@lru_cache(maxsize=1)
def _general_texts() -> frozenset[str]:
    found: set[str] = set()
    for package in (byhand.checks, byhand.diagnosis):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            source = getsource(import_module(module.name))
            found.update(filter(_is_wordy, _texts(compile(source, module.name, "exec"))))
    return frozenset(found)


@lru_cache(maxsize=256)  # modules of all chapters
def _marshalled_texts(code: bytes) -> frozenset[str]:
    return frozenset(filter(_is_wordy, _texts(marshal.loads(code))))


def _is_wordy(text: str) -> bool:
    """Whether a text has digits, and is more than a number."""
    return any(map(str.isdigit, text)) and any(map(str.isalpha, NUMBER.sub("", text)))


def _texts(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple):
            yield from (item for item in constant if isinstance(item, str))
        elif isinstance(constant, CodeType):
            yield from _texts(constant)
