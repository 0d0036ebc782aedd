"""Markdown, formulas and code as HTML that is safe wherever it is opened.

Raw HTML is shown as text, links lead to http(s), mailto or a place on the page, pictures are named
but not loaded, and formulas become MathML, which browsers draw by themselves.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.untrusted import is_safe, readable_code, typeset

LONGEST_TEXT = 50_000  # characters of one text or one cell that a page shows
LONGEST_FORMULA = 2_000
CUT_OFF = "\n… cut off here"
SAFE_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
# what a formula may hold of MathML: elements that lay out, attributes that are plain words
ELEMENTS = {
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac",
    "msqrt", "mroot", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mpadded", "mstyle",
    "mphantom", "menclose",
}  # fmt: skip
ATTRIBUTES = {
    "display", "stretchy", "fence", "form", "accent", "linethickness", "mathvariant", "columnalign",
    "movablelimits", "separator", "width", "minsize", "maxsize", "displaystyle", "scriptlevel",
    "largeop", "lspace", "rspace", "xmlns",
}  # fmt: skip


def markdown(text: str) -> str:
    """Return Markdown as HTML.

    Examples
    --------
    >>> print(markdown("Look *here*: <script>"), end="")
    <p>Look <em>here</em>: &lt;script&gt;</p>
    """
    return _MARKDOWN.render(_cut(text))


def prose(source: str) -> str:
    """Return a student's Markdown in a graded notebook as HTML: it may be HTML there already."""
    if not is_safe(source):  # graded by plain nbgrader
        return markdown(source)
    page = typeset(source, lambda latex, display: formula(latex, "block" if display else "inline"))
    return re.sub("<h[1-6]>", '<p class="heading">', re.sub("</h[1-6]>", "</p>", page))


def code(source: str) -> str:
    """Return Python code as HTML, coloured by class: a span of class `line` for each line."""
    pieces = _PIECE.finditer(readable_code(_cut(source)).rstrip("\n"))
    return "".join(_coloured(piece[0]) for piece in pieces)


@lru_cache(maxsize=16_384)  # most lines of an answer are in many others
def _coloured(piece: str) -> str:
    lines = highlight(piece, _PYTHON, _BY_CLASS).rstrip("\n").split("\n")
    return "".join(f'<span class="line">{line}\n</span>' for line in lines)


@lru_cache(maxsize=1024)
def formula(latex: str, display: str = "inline") -> str:
    """Return a formula as MathML; as code where it can't be converted.

    Examples
    --------
    >>> formula("x^2").partition("<mrow>")[2]
    '<msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
    """
    try:
        if len(latex) > LONGEST_FORMULA:
            raise ValueError("too long")
        return _written(convert_to_element(latex, display=display))
    except Exception:  # whatever a parser says of what a person typed: they see what they typed
        return f"<code>{escape(latex)}</code>"


def _written(element: Element) -> str:
    """Return MathML as text: known elements and attributes, everything else left out."""
    tag = element.tag if element.tag in ELEMENTS else "mrow"
    attributes = "".join(
        f' {name}="{escape(unescape(value))}"'
        for name, value in element.attrib.items()
        if name in ATTRIBUTES
    )
    # the converter writes characters as references, and passes others on as they are
    inside = escape(unescape(element.text or "")) + "".join(map(_written, element))
    return f"<{tag}{attributes}>{inside}</{tag}>" + escape(unescape(element.tail or ""))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + CUT_OFF


def _picture(renderer: RendererHTML, tokens: list[Token], at: int, *_: object) -> str:
    return f"<em>[picture: {escape(tokens[at].content) or 'no description'}]</em>"


def _heading(renderer: RendererHTML, tokens: list[Token], at: int, *_: object) -> str:
    # the page's own headings are its outline
    return '<p class="heading">' if tokens[at].nesting == 1 else "</p>\n"


def _make_markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table")
    made.use(dollarmath_plugin, allow_space=False, allow_digits=False)
    made.validateLink = lambda url: SAFE_LINK.match(url) is not None  # type: ignore[method-assign]
    made.add_render_rule("image", _picture)
    made.add_render_rule("heading_open", _heading)
    made.add_render_rule("heading_close", _heading)
    made.add_render_rule("math_inline", lambda _, t, i, *rest: formula(t[i].content))
    made.add_render_rule(
        "math_block", lambda _, t, i, *rest: f"<p>{formula(t[i].content, 'block')}</p>\n"
    )
    return made


_MARKDOWN = _make_markdown()
_PYTHON = PythonLexer(stripnl=False)
_BY_CLASS: HtmlFormatter = HtmlFormatter(nowrap=True)
# a line, or those that a string holds together
_PIECE = re.compile(r"""(?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|.)+\n?|\n""")
