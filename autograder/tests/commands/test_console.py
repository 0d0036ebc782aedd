from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from autograder.commands.console import score_table
from autograder.gradebook.book import Score
from autograder.grading.submissions import Fault

CHAPTERS = ("1_derivatives", "2_gradients", "3_chain_rule", "4_backprop", "10_layer_gradients")


def show(width: int) -> str:
    scores = [
        Score(student, chapter, 12.5 if student == "bo" else 44, 44, student == "bo")
        for student in ("ada", "bo", "a-student-with-a-long-name")
        for chapter in CHAPTERS
    ]
    faults = [Fault(Path("x"), "not a notebook", "ada", "2_gradients")]
    console = Console(width=width, file=io.StringIO())
    console.print(score_table(console, scores, faults, "Scores"))
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
