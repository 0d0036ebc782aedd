from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from autograder.commands.console import (
    counted,
    print_faults,
    print_flags,
    progress_bar,
    score_table,
)
from autograder.errors import UserError
from autograder.gradebook.book import Score
from autograder.grading.submissions import Fault
from autograder.layout import Layout

CHAPTERS = ("1_derivatives", "2_gradients", "3_chain_rule", "4_backprop", "10_layer_gradients")


def show(width: int, name: str = "a-student-with-a-long-name") -> str:
    scores = [
        Score(student, chapter, 12.5 if student == "bo" else 44, 44, student == "bo")
        for student in ("ada", "bo", name)
        for chapter in CHAPTERS
    ]
    faults = [Fault(Path("x"), "not a notebook", "ada", "2_gradients")]
    console = Console(width=width, file=io.StringIO())
    console.print(score_table(console, scores, faults, "Scores"), crop=False)
    return console.file.getvalue()


def test_a_wide_table_has_chapters_names_and_points():
    printed = show(140)
    assert all(chapter in printed for chapter in CHAPTERS)
    assert "12.5 / 44*" in printed
    assert "fault" in printed


@pytest.mark.parametrize("width", [80, 140])
def test_nothing_is_cut_off_or_folded(width):
    printed = show(width)
    assert "…" not in printed
    body = printed[printed.index("├") :]
    assert len([line for line in body.splitlines() if line.startswith("│")]) == 3
    assert "a-student-with-a-long-name" in printed


def test_a_narrow_table_is_headed_by_numbers_in_order_and_points():
    numbers, points = (line.split("│")[2:7] for line in show(80).splitlines()[2:4])
    assert [cell.strip() for cell in numbers] == ["1", "2", "3", "4", "10"]
    assert [cell.strip() for cell in points] == ["of 44"] * 5


def test_the_total_leaves_out_what_was_not_graded():
    ada = next(line for line in show(140).splitlines() if "│ ada" in line)
    assert ada.split("│")[-2].strip() == "176"


@pytest.mark.parametrize("width", [30, 40, 60, 80, 100])
@pytest.mark.parametrize("length", [3, 43, 128])
def test_however_long_names_are_no_number_is_cut(width, length):
    printed = show(width, "Ä" * length)
    assert "…" not in printed
    assert printed.count("12.5*") == len(CHAPTERS) or printed.count("12.5 / 44*") == len(CHAPTERS)
    assert printed.count("220") == 1
    assert printed.count("Ä") == length


def test_what_came_from_outside_steers_no_terminal(tmp_path):
    evil = "\x1b]0;evil\x07\udce9\n"
    console = Console(width=80, file=io.StringIO())
    console.print(score_table(console, [Score(evil, "1_a", 1, 2, False)], [], "Scores"))
    fault = Fault(Path(evil), evil, evil)
    print_faults(console, Layout.of(tmp_path), [fault, replace(fault, by_machine=True)])
    print_flags(console, Layout.of(tmp_path), {(evil, "1_a"): [evil]})
    printed = console.file.getvalue()
    printed.encode()
    assert all(line.isprintable() for line in printed.split("\n"))


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("done", [0, 3])
def test_a_refused_run_leaves_a_bar_only_if_something_was_done(terminal, done):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80)
    with pytest.raises(UserError), progress_bar(console, "Grading") as advance:
        if done:
            advance(done, 9, "ada")
        raise UserError("another command is writing to it")
    left = console.file.getvalue()
    if terminal and not done:
        assert left.endswith("\x1b[1A\x1b[2K")  # one line up, erased
    else:
        assert ("Grading" in left) == bool(done)


def test_one_is_singular():
    assert [counted(number, "chapter") for number in (0, 1, 2, 0.5)] == [
        "0 chapters", "1 chapter", "2 chapters", "0.5 chapters",
    ]  # fmt: skip
