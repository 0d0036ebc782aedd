"""Whatever a student wrote, the page that shows it stays small and whole."""

from __future__ import annotations

import json
import re
from typing import Any

import nbformat
import pytest
from IPython.lib.lexers import IPython3Lexer
from nbconvert.exporters import HTMLExporter
from pygments.lexer import Lexer
from pygments.lexers import PythonLexer
from tests.tools.hostile import PIXEL

from autograder.course.notebooks import read_cells
from autograder.desk.pages import text
from autograder.desk.pages.feedback import feedback_page
from autograder.gradebook.cells import CellMarks
from autograder.layout import Layout
from autograder.nbgrader.shown import show_safely
from autograder.untrusted import readable_code

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


# What took Pygments seconds: the square, or the cube, of a run of blanks, dots or digits, and the
# lexers of other languages.
SLOW = {
    "blank lines": " \n" * 20_000, "line ends": "\n" * 40_000, "blanks": " " * 40_000,
    "dots": "a." * 20_000, "digits": "1." * 20_000, "a shell": "!" + "${" * 20_000,
    "perl": "%%perl\n" + "=a\n" * 9000, "bash": " \n%%bash\n" + "$((\n" * 9000,
    "html inside": "x = 1\n%%HTML\n" + "<a\n" * 9000,
}  # fmt: skip


@pytest.mark.parametrize("source", SLOW.values(), ids=SLOW)
def test_code_that_takes_long_to_color_is_shortened_before_and_says_so(source, monkeypatch):
    given: list[str] = []

    def note(self: Lexer, text: str, *rest: Any) -> Any:
        given.append(text)
        assert type(self) in (IPython3Lexer, PythonLexer)
        return get_tokens(self, text, *rest)

    get_tokens = Lexer.get_tokens
    monkeypatch.setattr(Lexer, "get_tokens", note)
    page = page_of(cell("code", source))
    text._coloured.cache_clear()
    shown = text.code(source)
    assert len(given) >= 2  # the second one by lines
    for colored in given:
        assert not re.search(r"\s{72}|[^\n]{503}|(?<!# )(?i:%%html|%%perl|%%bash)", colored)
    assert "shown shortened" in page and "shown shortened" in shown


def test_ordinary_code_is_shown_as_it_was_written():
    layout = Layout.here()
    for chapter in layout.chapters():
        for one in read_cells(layout.source(chapter)):
            assert readable_code(one.source) == one.source or one.kind == "markdown"
    for source in ("%%timeit\nf()", "print('%d%%' % 5, 7 % 3)", "!ls", "%matplotlib inline"):
        assert readable_code(source) == source


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
