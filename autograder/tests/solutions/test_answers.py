import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from traceback import walk_tb

import pytest
from tests.tools.rehearsal import names_read_by_tests, rehearse

from autograder.course.answers import Answer, read_answers
from autograder.course.lint.names import bound_names
from autograder.course.notebooks import HIDDEN_TESTS, Cell, exercises_of, read_cells
from byhand.checks import CheckFailed

ROOT = Path(__file__).resolve().parents[3]
ANSWERS = ROOT / "autograder" / "tests" / "answers"
Losses = dict[str, tuple[str, bool, bool]]
CHAPTERS = sorted(path.name for path in (ROOT / "solutions").iterdir() if path.is_dir())

# Wrong answers that only a hidden test can reject: at most 1 % of all, each with its reason.
GREEN: dict[tuple[str, str], str] = {}


@cache
def cells_of(chapter: str) -> list:
    return read_cells(ROOT / "solutions" / chapter / f"{chapter}.ipynb")


@cache
def reads_of(chapter: str) -> dict[str, frozenset[str]]:
    return names_read_by_tests(cells_of(chapter))


@pytest.fixture(scope="session")
def losses(shared: Path) -> Callable[[str, Answer], Losses]:
    """Return `find_losses`, whose results all workers of a run share."""

    def look_up(chapter: str, answer: Answer) -> Losses:
        key = hashlib.sha256(repr((chapter, answer)).encode()).hexdigest()
        file = shared / f"losses-{key}.json"
        if not file.is_file():
            draft = file.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(find_losses(chapter, answer)), "utf-8")
            draft.replace(file)
        return json.loads(file.read_text("utf-8"))

    return look_up


def find_losses(chapter: str, answer: Answer) -> Losses:
    """Return why each test that an answer fails took points, whether it told, and who saw it.

    The last says whether the visible part of the test fails. A test that reads no name of the
    answer's cell can't depend on it and is not run. A capstone may fail by any wrong answer before
    it, so for those it is not run: it trains.
    """
    cells = cells_of(chapter)
    own = own_tests(cells, answer)
    free = capstone_tests(cells) - own if answer.verdict == "wrong" else set()
    defined = {name for c in cells if c.id == answer.cell for name in bound_names(c.tree())}
    unconcerned = {t for t, names in reads_of(chapter).items() if not names & defined} - own
    cells = [cell for cell in cells if cell.id not in free | unconcerned]
    outcomes = rehearse(cells, {answer.cell: answer.source})
    return {
        cell.id: (
            str(outcome.error),
            isinstance(outcome.error, CheckFailed)
            and bool(outcome.error.likely or outcome.error.hint),
            fails_visibly(cell, outcome.error),
        )
        for cell in cells
        if cell.id in outcomes and (outcome := outcomes[cell.id]).points < outcome.maximum
    }


def fails_visibly(cell: Cell, error: BaseException | None) -> bool:
    """Return whether an error was raised by the lines of a test that students see."""
    if error is None:
        return False
    own = [n for f, n in walk_tb(error.__traceback__) if f.f_code.co_filename == f"<{cell.id}>"]
    lines = cell.source.split("\n")
    marks = [n for n, text in enumerate(lines, 1) if HIDDEN_TESTS.begin in text]
    return bool(own) and own[0] < min(marks, default=len(lines) + 1)


def own_tests(cells: list, answer: Answer) -> set[str]:
    """Return the tests of the exercise that an answer belongs to."""
    (exercise,) = (e for e in exercises_of(cells) if answer.cell in {c.id for c in e.cells})
    return {cell.id for cell in exercise.of_kind("test")}


def capstone_tests(cells: list) -> set[str]:
    """Return the tests of exercises that say they build on the student's own earlier answers."""
    return {
        test.id
        for exercise in exercises_of(cells)
        if any("builds on your own" in cell.source for cell in exercise.of_kind("markdown"))
        for test in exercise.of_kind("test")
    }


def cases() -> list:
    return [
        pytest.param(
            chapter, answer, id=f"{chapter[0]}-{answer.cell}-{answer.verdict}-{answer.name}"
        )
        for chapter in CHAPTERS
        for answer in read_answers(ANSWERS / f"{chapter}.py")
    ]


@pytest.mark.filterwarnings("ignore")  # a student's code may warn
@pytest.mark.parametrize(("chapter", "answer"), cases())
def test_a_wrong_answer_loses_points_on_its_exercise_only_and_a_right_one_loses_none(
    chapter: str, answer: Answer, losses: Callable[[str, Answer], Losses]
) -> None:
    own = own_tests(cells_of(chapter), answer)
    found = losses(chapter, answer)
    reasons = {name: reason for name, (reason, *_) in found.items()}
    lost = set(reasons)
    if answer.verdict == "right":
        assert not lost, reasons
    else:
        assert lost & own, f"{answer.name}: full marks for a wrong answer"
        assert not lost - own, reasons
        if (answer.cell, answer.name) not in GREEN:
            visible = any(seen for name, (*_, seen) in found.items() if name in own)
            assert visible, f"{answer.name}: every check that students see is green"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_answer_cell_has_five_wrong_answers_and_a_right_one(chapter: str) -> None:
    answers = read_answers(ANSWERS / f"{chapter}.py")
    for exercise in filter(lambda e: e.points, exercises_of(cells_of(chapter))):
        for cell in exercise.of_kind("solution"):
            count = Counter(answer.verdict for answer in answers if answer.cell == cell.id)
            assert count["wrong"] >= 5, f"{cell.id}: {count['wrong']} wrong answers"
            assert count["right"] >= 1, f"{cell.id}: no right answer in another style"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_answer_belongs_to_a_solution_cell_and_has_a_name_of_its_own(chapter: str) -> None:
    answers = read_answers(ANSWERS / f"{chapter}.py")
    solutions = {cell.id for cell in cells_of(chapter) if cell.kind == "solution"}
    assert {answer.cell for answer in answers} <= solutions
    names = Counter((answer.cell, answer.name) for answer in answers)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_solutions_get_full_marks(chapter: str) -> None:
    cells = cells_of(chapter)
    assert all(outcome.points == outcome.maximum for outcome in rehearse(cells).values())


@pytest.mark.filterwarnings("ignore")  # a student's code may warn
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_most_wrong_answers_are_told_their_mistake(
    chapter: str, losses: Callable[[str, Answer], Losses]
) -> None:
    told = [
        any(told for _, told, _ in losses(chapter, answer).values())
        for answer in read_answers(ANSWERS / f"{chapter}.py")
        if answer.verdict == "wrong"
    ]
    assert sum(told) >= 0.7 * len(told), f"{sum(told)} of {len(told)} wrong answers"


def test_few_wrong_answers_are_green_and_each_for_a_reason() -> None:
    wrong = [
        (answer.cell, answer.name)
        for chapter in CHAPTERS
        for answer in read_answers(ANSWERS / f"{chapter}.py")
        if answer.verdict == "wrong"
    ]
    assert set(GREEN) <= set(wrong), "an answer that is not there"
    assert all(GREEN.values())
    assert len(GREEN) <= 0.01 * len(wrong)


def test_which_names_a_test_reads_is_noted_also_through_the_answers_that_it_calls() -> None:
    reads = reads_of("1_derivatives")
    assert {"exercise", "relu_derivative"} <= reads["relu-derivative-test"]
    assert "sigmoid" in reads["sigmoid-derivative-test"]  # the answer calls it
    assert "sigmoid" not in reads["relu-test"]
