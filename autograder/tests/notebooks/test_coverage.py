"""The map from the reference's topics and defects to exercises and wrong answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder import coverage
from autograder.coverage import Course, Defect, Topic
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
    proofs={"1.1": ["overflows"], "1.2": []},
    chapters={"1"},
)
TOPIC = Topic("Section", "a topic", ("1.1", "2.5"))
DEFECT = Defect("a defect", ("1.1",), "overflows", taught=False)
UNTOLD = "exercise 1.1: the wrong answer 'reference: overflows' is no defect of coverage.toml"


@pytest.mark.parametrize(
    ("topic", "defect", "said"),
    [
        (TOPIC, DEFECT, []),
        (replace(TOPIC, exercises=("1.3",)), DEFECT, ["a topic: there is no exercise 1.3"]),
        (replace(TOPIC, exercises=()), DEFECT, ["a topic: names no exercise"]),
        (TOPIC, replace(DEFECT, answer=None), []),
        (
            TOPIC,
            replace(DEFECT, answer="rounds"),
            [
                "a defect: exercises ('1.1',) have no wrong answer 'reference: rounds'",
                UNTOLD,
            ],
        ),
        (
            TOPIC,
            replace(DEFECT, exercises=("1.2",), answer=None),
            [
                "a defect: exercises ('1.2',) have no wrong answer that begins 'reference: '",
                UNTOLD,
            ],
        ),
        (
            TOPIC,
            replace(DEFECT, taught=True),
            [UNTOLD],
        ),
    ],
)
def test_a_gap_in_the_map_is_told(monkeypatch, topic, defect, said) -> None:
    monkeypatch.setattr(coverage, "read_coverage", lambda layout: ([topic], [defect]))
    monkeypatch.setattr(coverage, "read_course", lambda layout: COURSE)
    assert list(coverage.coverage_faults(LAYOUT)) == said


def test_a_row_of_a_chapter_to_come_waits(monkeypatch) -> None:
    later = Defect("a later defect", ("2.3",), None, taught=False)
    monkeypatch.setattr(coverage, "read_coverage", lambda layout: ([TOPIC], [DEFECT, later]))
    monkeypatch.setattr(coverage, "read_course", lambda layout: COURSE)
    assert list(coverage.coverage_faults(LAYOUT)) == []
    assert "| a later defect | 2.3 | to come |" in coverage.coverage_page(LAYOUT)
