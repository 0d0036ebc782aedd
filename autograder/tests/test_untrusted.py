"""What a student wrote in Markdown becomes HTML in which nothing runs, whatever shows it."""

from __future__ import annotations

import base64
import html
import re
from html.parser import HTMLParser

import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import markdown2html

from autograder.untrusted import LONGEST, safe_list, safe_markdown, typeset
from tests.tools.hostile import HOSTILE, PIXEL


class Page(HTMLParser):
    """Collects the elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


ATTRIBUTES = {
    "a": {"href", "target", "rel"}, "img": {"src", "alt", "style"}, "ol": {"start"},
    "div": {"class"}, "span": {"class"},
}  # fmt: skip
KNOWN = set(
    "a img ol ul li div span p h1 h2 h3 h4 h5 h6 blockquote em strong s code pre br hr "
    "table thead tbody tr th td".split()
)
TARGET = re.compile(r"https?://.*|mailto:.*|#.*", re.IGNORECASE | re.DOTALL)


def is_harmless(page: str) -> bool:
    for tag, attributes in Page(page).elements:
        if tag not in KNOWN or not attributes.keys() <= ATTRIBUTES.get(tag, set()):
            return False
        if not TARGET.fullmatch(attributes.get("href") or "#"):
            return False
        if not (attributes.get("src") or "data:image/png;base64,").startswith("data:image/"):
            return False
    return "\n" not in page


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_hostile_survives_in_any_renderer(text):
    ours = safe_markdown(text, {"a.png": {"image/png": PIXEL}})
    ours.encode()
    assert is_harmless(ours)
    for page in (markdown2html(ours), mistune.html(ours)):  # Formgrader's renderer, a plain one
        assert page.strip() == ours
    for formula in re.findall(r'mathjax_process">(.*?)</span>', ours):
        assert not re.search(r"\\(href|class|cssId|style|require|def)", html.unescape(formula))


@given(st.text("[]()<>!\"'\\`*_~$#|:-\n &;=/ajsx&1{}", max_size=60))
def test_any_text_becomes_one_harmless_line(text):
    ours = safe_markdown(text)
    assert is_harmless(ours)
    assert markdown2html(ours).strip() == ours


KEPT = {
    "emphasis": ("**a** *b* `c < d`", "<strong>a</strong> <em>b</em> <code>c &#60; d</code>"),
    "a heading": ("## a", "<h2>a</h2>"),
    "a list": ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    "a table": ("|a|\n|-|\n|b|", "<tr><td>b</td></tr>"),
    "a formula": ("$a < \\frac{1}{2}$", "a &#60; &#92;frac"),
    "a link": ("[a](https://example.org/b?c=d&e=f)", "c&#61;d&#38;e&#61;f"),
    "a mail address": ("<mailto:a@example.org>", 'href="mailto&#58;a&#64;example.org"'),
    "a place on the page": ("[a](#relu)", 'href="&#35;relu"'),
    "a picture": ("![a b](attachment:a%20b.png)", f'src="data:image/png;base64,{PIXEL}"'),
}


@pytest.mark.parametrize(("text", "expected"), KEPT.values(), ids=KEPT)
def test_what_an_honest_student_writes_is_shown(text, expected):
    assert expected in safe_markdown(text, {"a b.png": {"image/png": PIXEL}})


@pytest.mark.parametrize(
    "attachments",
    [{}, {"a.png": {}}, {"a.png": {"image/svg+xml": PIXEL}}, {"a.png": {"image/png": "<svg>"}},
     {"a.png": {"image/png": base64.b64encode(b"<svg>").decode()}},
     {"a.png": {"image/png": PIXEL[:60] + "A" * 2 * 2**20}}],
)  # fmt: skip
def test_a_picture_that_is_none_is_named(attachments):
    page = Page(safe_markdown("![my plot](attachment:a.png)", attachments))
    assert page.text == "(picture: my plot)"
    assert "img" not in dict(page.elements)


LONG = {
    "environments": "\\begin{a}" * 16_000, "matrices": "\\begin{matrix}\n" * 16_000,
    "formulas": "$a" * 50_000, "a table": "|" + "a|" * 3000 + "\n|" + "-|" * 3000 + "\n|" * 3000,
}  # fmt: skip


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_what_would_take_long_is_shown_as_it_was_typed(text):
    page = safe_markdown(text)
    assert is_harmless(page)
    assert Page(page).text.rstrip("…") == text[:LONGEST]
    assert len(page) < 10 * LONGEST


def test_a_list_shows_its_texts_unchanged():
    page = safe_list("Look", ["$x$ <b> [a](b)\n\n# c", "`d`"])
    assert is_harmless(page)
    assert Page(page).text == "Look$x$ <b> [a](b)\n\n# c`d`"
    assert markdown2html(page).strip() == page


def test_formulas_can_be_set_by_something_else_than_mathjax():
    page = safe_markdown("$a < b$\n\n$$\nc\n$$\n\n\\begin{align}d\\end{align}\n\n`$e$`")
    found = []
    assert "mathjax_process" not in typeset(page, lambda *formula: found.append(formula) or "")
    assert found == [("a < b", False), ("c", True), ("\\begin{align}d\\end{align}", True)]
