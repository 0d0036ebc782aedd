"""The map from topics and traps to exercises and wrong answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from autograder.course import topics
from autograder.course.topics import Course, Topic, Trap
from autograder.layout import Layout

LAYOUT = Layout.here()


def test_every_topic_has_its_exercise_and_every_trap_its_wrong_answer() -> None:
    assert list(topics.gaps(LAYOUT)) == []


def test_every_exercise_that_holds_a_topic_is_shown_by_number_and_title() -> None:
    page = topics.topics_page(LAYOUT)
    assert page is not None
    for topic in topics.read_topics(LAYOUT)[0]:
        (row,) = (line for line in page.splitlines() if line.startswith(f"| {topic.text} |"))
        titles = topics.read_course(LAYOUT).titles
        assert all(f"{n} {titles[n]}" in row for n in topic.exercises if n in titles)


COURSE = Course(
    titles={"1.1": "One", "1.2": "Two"},
    proofs={"1.1": ["sigmoid overflows"], "1.2": []},
    chapters={"1"},
)
TOPIC = Topic("Section", "a topic", ("1.1", "2.5"))
TRAP = Trap("a trap", ("1.1",), ("overflows",))


@pytest.fixture
def make_map(monkeypatch) -> Callable[[list[Topic], list[Trap]], None]:
    """Return a function that puts another map in the place of the course's."""

    def make(wanted: list[Topic], traps: list[Trap]) -> None:
        monkeypatch.setattr(topics, "read_topics", lambda layout: (wanted, traps))
        monkeypatch.setattr(topics, "read_course", lambda layout: COURSE)

    return make


@pytest.mark.parametrize(
    ("topic", "trap", "said"),
    [
        (TOPIC, TRAP, []),
        (TOPIC, replace(TRAP, answers=()), []),
        (replace(TOPIC, exercises=("1.3",)), TRAP, ["a topic: there is no exercise 1.3"]),
        (replace(TOPIC, exercises=()), TRAP, ["a topic: names no exercise"]),
        (
            TOPIC,
            replace(TRAP, answers=("overflows", "rounds")),
            ["a trap: no wrong answer to 1.1 is called 'trap: ... rounds'"],
        ),
        (
            TOPIC,
            replace(TRAP, exercises=("1.2",)),
            ["a trap: no wrong answer to 1.2 is called 'trap: ... overflows'"],
        ),
    ],
)
def test_a_gap_in_the_map_is_told(make_map, topic, trap, said) -> None:
    make_map([topic], [trap])
    assert list(topics.gaps(LAYOUT)) == said


def test_a_row_of_a_chapter_to_come_waits(make_map) -> None:
    make_map([TOPIC], [TRAP, Trap("a later trap", ("2.3",), ("rounds",))])
    assert list(topics.gaps(LAYOUT)) == []
    assert "| a later trap | 2.3 | to come |" in topics.topics_page(LAYOUT)


def test_a_marked_answer_that_no_row_asks_for_is_shown_all_the_same(make_map) -> None:
    make_map([TOPIC], [])
    assert "| further | 1.1 One | sigmoid overflows |" in topics.topics_page(LAYOUT)
