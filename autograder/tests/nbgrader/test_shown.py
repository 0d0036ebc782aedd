"""Whatever a student wrote, the page that shows it stays small and whole."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from tests.tools.hostile import PIXEL

from autograder.desk.pages.feedback import feedback_page
from autograder.gradebook.cells import CellMarks
from autograder.nbgrader.shown import show_safely

MARKDOWN = {
    "environments": "\\begin{a}" * 16_000, "brackets": "[" * 200_000, "pictures": "![" * 9000,
    "tables": "|a|\n|-|\n|b|\n\n" * 5000, "formulas": "$a$ " * 50_000, "lines": "x  \n" * 50_000,
    "links": "[a](https://example.org) " * 9000, "specials": "<&>" * 90_000,
}  # fmt: skip
CODE = {
    "parentheses": "(" * 10**6, "escapes": "'\\N{" * 200_000, "one line": "x" * 10**6,
}  # fmt: skip


def cell(kind: str, source: str, number: int = 1, **more: Any) -> dict[str, Any]:
    one = {"cell_type": kind, "id": f"added-{number}", "metadata": {}, "source": source} | more
    return one | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def page_of(*cells: dict[str, Any]) -> str:
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    show_safely(notebook)
    return HTMLExporter(template_name="classic").from_notebook_node(nbformat.from_dict(notebook))[0]


@pytest.mark.parametrize("source", MARKDOWN.values(), ids=MARKDOWN)
def test_text_of_any_kind_gives_a_page_of_at_most_5_mb(source):
    cells = [
        cell("markdown", source[start : start + 9000], start) for start in range(0, 90_000, 9000)
    ]
    assert len(page_of(*cells, cell("markdown", source))) < 5e6


@pytest.mark.parametrize("source", CODE.values(), ids=CODE)
def test_code_of_any_kind_gives_a_page_of_at_most_5_mb(source):
    page = page_of(cell("code", source), cell("code", "the_end = 1", 2))
    assert len(page) < 5e6
    assert "more characters are in what was handed in" in page


def test_of_thousands_of_cells_some_are_shown_and_the_rest_is_counted():
    page = page_of(*(cell("code", "1", number) for number in range(20_000)))
    assert len(page) < 5e6
    assert "19800 more cells that the student added are not shown" in page


def test_an_instructors_cells_are_left_as_they_are():
    ours = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "<b>$x$</b>"}
    notebook = {"cells": [ours]}
    show_safely(notebook)
    assert notebook == {"cells": [ours]}


def test_an_essay_that_a_person_grades_is_shown_safely_with_its_picture():
    marks = {"nbgrader": {"solution": True, "grade": True, "grade_id": "essay", "points": 2}}
    essay = cell("markdown", "[x](javascript:alert(1)) ![p](attachment:a.png)") | {
        "id": "essay", "metadata": marks, "attachments": {"a.png": {"image/png": PIXEL}},
    }  # fmt: skip
    notebook = {"cells": [essay]}
    show_safely(notebook)
    (shown,) = notebook["cells"]
    assert "javascript" not in json.dumps(shown)
    assert PIXEL in shown["source"] and "attachments" not in shown
    assert shown["metadata"] == marks
    page = feedback_page({"cells": [shown]}, CellMarks("ada"), "1_powers")
    assert f"base64,{PIXEL}" in page.exercises[0].parts[0].prose[0]
