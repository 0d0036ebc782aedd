"""The map from the reference's topics and defects to exercises and wrong answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from autograder.course import topics as coverage
from autograder.course.topics import Course, Defect, Topic
from autograder.layout import Layout

LAYOUT = Layout.here()


def test_every_topic_has_its_exercise_and_every_defect_its_wrong_answer() -> None:
    assert list(coverage.coverage_faults(LAYOUT)) == []


def test_the_page_is_up_to_date() -> None:
    stale = coverage.stale_coverage(LAYOUT)
    assert stale is None, "run: python3 autograder release"


def test_every_exercise_that_states_a_topic_is_shown_by_number_and_title() -> None:
    page = coverage.coverage_page(LAYOUT)
    for topic in coverage.read_coverage(LAYOUT)[0]:
        (row,) = (line for line in page.splitlines() if line.startswith(f"| {topic.text} |"))
        titles = coverage.read_course(LAYOUT).titles
        assert all(f"{n} {titles[n]}" in row for n in topic.exercises if n in titles)


COURSE = Course(
    titles={"1.1": "One", "1.2": "Two"},
    proofs={"1.1": ["sigmoid overflows"], "1.2": []},
    chapters={"1"},
)
TOPIC = Topic("Section", "a topic", ("1.1", "2.5"))
DEFECT = Defect("a defect", ("1.1",), ("overflows",))


@pytest.fixture
def make_map(monkeypatch) -> Callable[[list[Topic], list[Defect]], None]:
    """Return a function that puts another map in the place of the course's."""

    def make(topics: list[Topic], defects: list[Defect]) -> None:
        monkeypatch.setattr(coverage, "read_coverage", lambda layout: (topics, defects))
        monkeypatch.setattr(coverage, "read_course", lambda layout: COURSE)

    return make


@pytest.mark.parametrize(
    ("topic", "defect", "said"),
    [
        (TOPIC, DEFECT, []),
        (TOPIC, replace(DEFECT, answers=()), []),
        (replace(TOPIC, exercises=("1.3",)), DEFECT, ["a topic: there is no exercise 1.3"]),
        (replace(TOPIC, exercises=()), DEFECT, ["a topic: names no exercise"]),
        (
            TOPIC,
            replace(DEFECT, answers=("overflows", "rounds")),
            ["a defect: no wrong answer to 1.1 is called 'reference: ... rounds'"],
        ),
        (
            TOPIC,
            replace(DEFECT, exercises=("1.2",)),
            ["a defect: no wrong answer to 1.2 is called 'reference: ... overflows'"],
        ),
    ],
)
def test_a_gap_in_the_map_is_told(make_map, topic, defect, said) -> None:
    make_map([topic], [defect])
    assert list(coverage.coverage_faults(LAYOUT)) == said


def test_a_row_of_a_chapter_to_come_waits(make_map) -> None:
    make_map([TOPIC], [DEFECT, Defect("a later defect", ("2.3",), ("rounds",))])
    assert list(coverage.coverage_faults(LAYOUT)) == []
    assert "| a later defect | 2.3 | to come |" in coverage.coverage_page(LAYOUT)


def test_a_marked_answer_that_no_row_asks_for_is_shown_all_the_same(make_map) -> None:
    make_map([TOPIC], [])
    assert "| further | 1.1 One | sigmoid overflows |" in coverage.coverage_page(LAYOUT)
