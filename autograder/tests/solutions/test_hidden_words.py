"""What is told about a hidden test that failed has no number of its draw and no student's word."""

from __future__ import annotations

import dataclasses
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.solutions.test_unearned import functions_of, with_trick
from tests.tools.rehearsal import Outcome, names_read_by_tests, rehearse

from autograder.course.notebooks import HIDDEN_TESTS, Cell, exercises_of, read_cells
from autograder.engine.check_modules import modules_for
from autograder.engine.disclosure import fixed_texts, hidden_words
from autograder.layout import Layout
from byhand.checks import CheckFailed

LAYOUT = Layout.here()
NOTES = "np.passed.append(args)\n    "
WRONG = {
    "the result and a half": "found = right(*args, **named)\n    return 1.5 * np.asarray(found)",
    "an error of its own kind": "raise type('Sentinel', (ValueError,), {})('Sentinel')",
    "an object": "return type('Sentinel', (), {'__repr__': lambda self: 'Sentinel'})()",
    "other keys": (
        "found = right(*args, **named)\n    if type(found) is not dict: return 'Sentinel'\n"
        "    return {f'{key}Sentinel': value for key, value in found.items()}"
    ),
}


def numbers_in(value: Any) -> set[str]:
    """Return how messages may write the numbers in an argument; those below 10 may be sizes."""
    if isinstance(value, list | tuple):
        return set().union(*map(numbers_in, value)) if value else set()
    if isinstance(value, dict):
        return numbers_in(list(value.values()))
    if not isinstance(value, int | float | np.number | np.ndarray) or np.size(value) > 1000:
        return set()
    found = set()
    for number in np.ravel(np.asarray(value)).tolist():
        if isinstance(number, float | int) and not (number == int_of(number) and abs(number) < 10):
            found |= {f"{number:g}", f"{number:.4g}", f"{number:.8g}", str(number)}
    return {text for text in found if any(map(str.isdigit, text))}


def run(cells: list[Cell], answers: dict[str, str]) -> tuple[list[Any], dict[str, Outcome]]:
    """Return the arguments that a function noted, and how each test ended."""
    np.passed = []  # type: ignore[attr-defined]
    outcomes = rehearse(cells, answers)
    return vars(np).pop("passed"), outcomes


def int_of(number: float) -> int:
    return int(number) if np.isfinite(number) else 0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("chapter", LAYOUT.chapters())
def test_a_failed_hidden_test_tells_no_number_of_its_draw_and_no_word_of_the_student(chapter):
    cells = read_cells(LAYOUT.source(chapter))
    reads = names_read_by_tests(cells)
    fixed = fixed_texts(modules_for(cell.source for cell in cells))
    leaks, told = set(), 0
    for exercise in exercises_of(cells):
        hidden = [
            dataclasses.replace(cell, source=match[0])
            for cell in exercise.of_kind("test")
            if (match := HIDDEN_TESTS.pattern.search(cell.source))
        ]
        for cell in exercise.of_kind("solution"):
            for name, _ in functions_of(cell):
                tests = [test for test in hidden if name.split(".")[0] in reads[test.id]]
                used = [c for c in cells if c.kind != "test"] + tests
                seen = [c for c in exercise.of_kind("test") if c.id in {t.id for t in tests}]
                shown = [c for c in cells if c.kind != "test"] + [
                    dataclasses.replace(c, source=HIDDEN_TESTS.pattern.sub("", c.source))
                    for c in seen
                ]
                answer = with_trick(cell.source, name, f"{NOTES}return right(*args, **named)")
                known = numbers_in(run(shown, {cell.id: answer})[0])
                for body in WRONG.values():
                    answer = with_trick(cell.source, name, NOTES + body)
                    passed, outcomes = run(used, {cell.id: answer})
                    secret = numbers_in(passed) - known
                    for test, outcome in outcomes.items():
                        if isinstance(outcome.error, CheckFailed):
                            told += 1
                            result: Any = SimpleNamespace(check=outcome.error, error=None)
                            words = repr(hidden_words(result, fixed))
                            said = set(re.findall(r"(?<![\w.])-?\d[\d.e+-]*", words))
                            if "Sentinel" in words or said & secret:
                                leaks.add((test, name, words))
    assert told > 50
    assert leaks == set()
