from __future__ import annotations

import pickle
from xml.etree import ElementTree

import numpy as np
import pytest

from byhand.checks import CheckFailed, check_close, check_shape
from byhand.checks.card import html_of

GRADIENT = np.arange(12.0).reshape(3, 4) / 7


def failure(actual: object, expected: object, **context: object) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        check_close(actual, expected, what="grad_W", **context)
    return caught.value


def parsed(failed: CheckFailed) -> ElementTree.Element:
    """Return the card without its style sheet; it must be well formed."""
    return ElementTree.fromstring(html_of(failed).partition("</style>")[2])


def text_of(element: ElementTree.Element) -> str:
    return "".join(element.itertext())


def test_arrays_are_tables_side_by_side_and_wrong_entries_bear_a_mark() -> None:
    wrong = GRADIENT.copy()
    wrong[1, 2] *= -1
    wrong[2, 0] += 1e-7
    card = parsed(failure(wrong, GRADIENT, hint="look at the sign"))
    expected, got = card.findall("div[@class='byhand-tables']/table")
    assert "✗" not in text_of(expected)
    marked = got.findall(".//td[@class='byhand-wrong']")
    assert [text_of(cell) for cell in marked] == ["✗ -0.85714286", "✗ 1.1428572"]
    assert [cell.get("title") for cell in marked] == [
        "wrong: expected 0.85714286", "wrong: expected 1.1428571",
    ]  # fmt: skip
    assert all("wrong" in (cell.get("aria-label") or "") for cell in marked)
    assert "look at the sign" in text_of(card)


def test_a_screen_reader_finds_a_group_captions_and_headers() -> None:
    card = parsed(failure(-GRADIENT, GRADIENT))
    assert card.get("role") == "group" and card.get("aria-label")
    for table in card.findall("div/table"):
        assert text_of(table.find("caption")).split()[0] in ("expected", "got")  # type: ignore[arg-type]
        assert [h.get("scope") for h in table.findall("thead//th")] == ["col"] * 4
        assert [h.get("scope") for h in table.findall("tbody//th")] == ["row"] * 3


def test_of_four_axes_the_part_with_the_worst_entry_is_shown() -> None:
    right = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    wrong = right.copy()
    wrong[1, 2, 0, 3] = 7.0
    text = text_of(parsed(failure(wrong, right)))
    assert "expected [1, 2, :, :]" in text and "✗ 7.0" in text


@pytest.mark.parametrize("shape", [(), (1,), (9,), (2, 9)])
def test_a_number_and_long_arrays_are_told_in_words(shape: tuple[int, ...]) -> None:
    card = parsed(failure(np.full(shape, 2.0), np.full(shape, 3.0)))
    assert card.find("div") is None
    assert [text_of(row) for row in card.findall("table//tr")][-2:] != []
    assert "expected 3.0" in text_of(card) and "got 2.0" in text_of(card)


def test_an_empty_entry_of_nan_is_shown() -> None:
    assert "✗ nan" in text_of(parsed(failure([np.nan, 1.0], [0.0, 1.0])))


def test_what_a_student_returned_can_not_become_html() -> None:
    failed = CheckFailed("<script>f</script> is wrong", actual="'<b>`x`</b>'", likely="one ` alone")
    text = html_of(failed).partition("</style>")[2]
    assert "<script>" not in text and "<b>" not in text
    assert "one ` alone" in text and "<code>x</code>" in text


def test_a_wrong_shape_has_no_table_of_values() -> None:
    with pytest.raises(CheckFailed) as caught:
        check_shape(np.zeros((3, 4)), (4, 3), what="grad_W")
    assert "shape (4, 3)" in text_of(parsed(caught.value))


def test_the_arrays_stay_in_the_process() -> None:
    failed = failure(-GRADIENT, GRADIENT)
    assert failed.compared is not None
    again = pickle.loads(pickle.dumps(failed))
    assert again.compared is None and str(again) == str(failed)
