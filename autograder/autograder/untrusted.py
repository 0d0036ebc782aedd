r"""Shows what a student wrote in Markdown: links that are safe to click, pictures, formulas.

`safe_markdown` returns HTML in one line in which every character that Markdown, HTML or MathJax
could take for its own is spelled as a number. So the line can also be a notebook's Markdown cell:
whatever renders that cell passes the line on as it is.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

LONGEST = 10_000  # characters that are read as Markdown; a longer text is shown as it is, cut there
MOST_DOLLARS, MOST_ENVIRONMENTS = 1000, 50  # in one text: finding their ends takes long
MOST_TABLE_CELLS = 5000
LONGEST_LINE, LONGEST_GAP = 500, 70  # of code; what colors it takes the square of these
# Cell magics whose cells would be colored as another language, some in more than linear time.
FOREIGN = re.compile(
    r"(?i)%%(?=html|javascript|js|latex|perl|ruby|python2|!)"
    r"|\A\s*%%(?!(?:time|timeit|capture|prun|debug)\b)"
)
SHORTENED = "# [shown shortened: the whole is in what was handed in]"
LARGEST_PICTURE = 2**20  # bytes
PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"'`\\]+|#[\w.:%-]+", re.IGNORECASE)
TAGS = frozenset(
    "p h1 h2 h3 h4 h5 h6 ul ol li blockquote em strong s table thead tbody tr th td".split()
)
SPECIAL = re.compile(r"[^0-9A-Za-z ,.\u00a1-\u2027\u2030-\ud7ff\ue000-\uffff\U00010000-\U0010ffff]")
# what a formula may use; one that uses anything else is shown as text
COMMANDS = frozenset(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi
    varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi
    Pi Sigma Upsilon Phi Psi Omega ell hbar imath jmath Re Im partial nabla infty emptyset
    varnothing aleph forall exists nexists neg lnot top bot angle degree prime backslash
    sum prod coprod int iint iiint oint bigcup bigcap bigoplus bigotimes bigodot bigvee bigwedge
    limits nolimits lim limsup liminf sup inf max min argmax argmin arg det dim exp gcd hom ker lg
    ln log deg Pr sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan
    frac dfrac tfrac cfrac binom dbinom tbinom sqrt over choose stackrel overset underset substack
    cdot cdots ldots dots dotsb dotsc vdots ddots times div pm mp ast star circ bullet oplus ominus
    otimes oslash odot dagger ddagger wedge vee land lor cap cup setminus smallsetminus
    le leq leqslant ge geq geqslant ne neq lt gt ll gg equiv sim simeq approx cong propto asymp
    doteq triangleq coloneqq in notin ni subset supset subseteq supseteq subsetneq supsetneq mid
    nmid parallel perp vdash models prec succ preceq succeq not
    to gets mapsto longmapsto leftarrow rightarrow leftrightarrow longleftarrow longrightarrow
    longleftrightarrow Leftarrow Rightarrow Leftrightarrow Longleftarrow Longrightarrow
    Longleftrightarrow implies impliedby iff uparrow downarrow updownarrow Uparrow Downarrow
    hookrightarrow hookleftarrow rightharpoonup nearrow searrow swarrow nwarrow xrightarrow
    xleftarrow therefore because
    hat widehat bar overline underline tilde widetilde vec overrightarrow overleftarrow dot ddot
    acute grave check breve mathring overbrace underbrace boxed cancel
    left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm lvert
    rvert lVert rVert vert Vert langle rangle lceil rceil lfloor rfloor lbrace rbrace lbrack rbrack
    mathbf mathbb mathcal mathfrak mathit mathrm mathsf mathscr mathtt boldsymbol bm pmb
    operatorname text textbf textit textrm texttt mbox displaystyle textstyle scriptstyle bf it rm
    quad qquad space hspace vspace phantom hphantom vphantom smash mod bmod pmod begin end hline tag
    nonumber notag label eqref colon square blacksquare triangle triangledown triangleleft
    triangleright Box Diamond checkmark natural sharp flat
    """.split()
)
ENVIRONMENTS = frozenset(
    """
    equation align aligned alignat gather gathered multline split flalign eqnarray cases matrix
    pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix array
    """.split()
)

# all that `safe_markdown` writes with an angle bracket
WRITTEN = re.compile(
    r"</?(?:p|h[1-6]|ul|ol|li|blockquote|em|strong|s|table|thead|tbody|tr|th|td|pre|code|a|hr|br)>"
    r'|<ol start="\d+">|</?(?:div|span)>|<div class="tex2jax_ignore mathjax_ignore">'
    r'|<span class="tex2jax_process mathjax_process">'
    r'|<a href="([^"<>]*)"(?: target="_blank" rel="noopener noreferrer nofollow")?>'
    r'|<img src="data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*" alt="[^"<>]*"'
    r' style="max-width: 100%">'
)
FORMULA = re.compile(r'<span class="tex2jax_process mathjax_process">([^<>]*)</span>')

Attachments = Mapping[str, Mapping[str, str]]  # of a cell: base64 by type, by name


def safe_text(text: str) -> str:
    """Return text as HTML that shows it unchanged, also in a Markdown cell."""
    return SPECIAL.sub(lambda match: f"&#{_code(match[0])};", text)


def _code(character: str) -> int:
    """Return the number of a character; that of U+FFFD for one that no page may hold."""
    code = ord(character)
    return code if code in (9, 10) or 32 <= code < 127 or code in (0xA0, 0x2028) else 0xFFFD


def readable_code(source: str) -> str:
    """Return code such that coloring it takes a time proportional to its length.

    Ordinary code is returned as it is. Of other code, long lines and long gaps are shortened, and
    magics of other languages become comments; its last line says so.

    Examples
    --------
    >>> print(readable_code("%%perl" + " " * 9000 + "x"))  # doctest: +NORMALIZE_WHITESPACE
    # %%perl x
    # [shown shortened: the whole is in what was handed in]
    """
    short = FOREIGN.sub("# %%", source)
    short = re.sub(rf"\s{{{LONGEST_GAP},}}", lambda gap: gap[0][:LONGEST_GAP], short)
    short = re.sub(rf"([^\n]{{{LONGEST_LINE}}})[^\n]+", r"\1 …", short)
    return source if short == source else f"{short}\n{SHORTENED}"


def safe_list(title: str, items: Iterable[str]) -> str:
    """Return a Markdown cell that shows a title and a list of texts that a student may have made.

    Parameters
    ----------
    title
        Ours: it is shown in bold.
    items
        The texts.
    """
    listed = "".join(f"<li>{safe_text(item)}</li>" for item in items)
    return _frame(f"<p><strong>{safe_text(title)}</strong></p><ul>{listed}</ul>")


def safe_markdown(text: str, attachments: Attachments | None = None) -> str:
    r"""Return what a student wrote in Markdown as one line of safe HTML.

    Links lead to http(s), mail addresses and places on the page only; of pictures, those that are
    attached to the cell are shown. HTML is shown as text, as is a formula with a command that
    is not in `COMMANDS`; other formulas are left to MathJax, or to `typeset`. Time and size are
    bounded: a text of more than `LONGEST` characters, or with hundreds of formulas, is shown as it
    was typed.

    Parameters
    ----------
    text : str
        Markdown, as in the cell.
    attachments : mapping, optional
        The cell's attachments.

    Examples
    --------
    >>> safe_markdown("**yes** [no](javascript:alert)")
    '<div class="tex2jax_ignore mathjax_ignore"><p><strong>yes</strong> no</p></div>'
    """
    if _takes_long(text):
        cut = text[:LONGEST] + "…" * (len(text) > LONGEST)
        return _frame(f"<pre>{safe_text(cut)}</pre>")
    return _frame(_Writer(attachments or {}).render(_parser().parse(text)))


def is_safe(page: str) -> bool:
    """Return whether a text is HTML that `safe_markdown` may have written.

    Examples
    --------
    >>> is_safe(safe_markdown("*yes*")), is_safe("<b onclick=alert(1)>")
    (True, False)
    """
    links = [match[1] for match in WRITTEN.finditer(page) if match[1] is not None]
    return (
        page.startswith('<div class="tex2jax_ignore mathjax_ignore">')
        and not re.search("[<>]", WRITTEN.sub("", page))
        and all(LINK.fullmatch(html.unescape(link)) for link in links)
    )


def typeset(page: str, render: Callable[[str, bool], str]) -> str:
    r"""Return what `safe_markdown` returned with its formulas as other HTML than MathJax's.

    Parameters
    ----------
    page : str
        From `safe_markdown`.
    render : callable
        ``render(formula, display)`` returns the HTML of a formula.

    Examples
    --------
    >>> typeset(safe_markdown("$x$"), lambda formula, display: f"<i>{formula}</i>")
    '<div class="tex2jax_ignore mathjax_ignore"><p><i>x</i></p></div>'
    """

    def replace(match: re.Match[str]) -> str:
        formula = html.unescape(match[1])
        display = formula.startswith(("$$", "\\begin"))
        return render(formula.strip("$"), display)

    return FORMULA.sub(replace, page)


def _takes_long(text: str) -> bool:
    bars = [line.count("|") for line in text.split("\n") if "|" in line]
    return (
        len(text) > LONGEST
        or text.count("$") > MOST_DOLLARS
        or text.count("\\begin{") > MOST_ENVIRONMENTS
        or max(bars, default=0) * len(bars) > MOST_TABLE_CELLS
    )


def _frame(inner: str) -> str:
    return f'<div class="tex2jax_ignore mathjax_ignore">{inner}</div>'


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # LINK decides
    return parser.use(dollarmath_plugin, double_inline=True).use(amsmath_plugin)


def _is_known_math(formula: str) -> bool:
    """Return whether a formula uses known commands and environments only."""
    if len(formula) > LONGEST // 2 or "$" in formula:
        return False
    environments = re.findall(r"\\(?:begin|end)\s*\{([^{}]*)\}", formula)
    return set(re.findall(r"\\([A-Za-z]+)", formula)) <= COMMANDS and ENVIRONMENTS >= {
        name.rstrip("*") for name in environments
    }


class _Writer:
    """Writes the tokens of one text as HTML."""

    def __init__(self, attachments: Attachments) -> None:
        self.attachments = attachments
        self.open_links: list[bool] = []  # whether each was written

    def render(self, tokens: Iterable[Token]) -> str:
        return "".join(map(self.token, tokens))

    def token(self, token: Token) -> str:
        """Return the HTML of one token; an unknown kind shows its content as text."""
        kind = token.type
        if kind == "inline":
            return self.render(token.children or ())
        if kind == "link_open":
            return self.open_link(str(token.attrGet("href") or ""))
        if kind == "link_close":
            return "</a>" if self.open_links.pop() else ""
        if kind == "image":
            return self.image(token)
        if kind.startswith(("math", "amsmath")):
            marks = {"math_inline": "$", "amsmath": ""}
            return self.formula(token.content.strip(), marks.get(kind, "$$"))
        if kind in ("code_inline", "code_block", "fence"):
            code = f"<code>{safe_text(token.content)}</code>"
            return code if kind == "code_inline" else f"<pre>{code}</pre>"
        if kind == "softbreak":
            return " "
        if kind in ("hardbreak", "hr"):
            return f"<{token.tag}>"
        if token.nesting and token.tag in TAGS:
            if token.hidden:  # the paragraph in a tight list
                return ""
            return f"</{token.tag}>" if token.nesting < 0 else self.opening(token)
        return safe_text(token.content)

    def opening(self, token: Token) -> str:
        start: Any = token.attrGet("start") if token.tag == "ol" else None
        return f'<ol start="{start}">' if isinstance(start, int) else f"<{token.tag}>"

    def open_link(self, target: str) -> str:
        allowed = LINK.fullmatch(target) is not None
        self.open_links.append(allowed)
        if not allowed:
            return ""
        # a new tab, which knows nothing of this page
        window = "" if target[0] == "#" else ' target="_blank" rel="noopener noreferrer nofollow"'
        return f'<a href="{safe_text(target)}"{window}>'

    def image(self, token: Token) -> str:
        source = str(token.attrGet("src") or "")
        words = " ".join(token.content.split())
        if source.startswith("attachment:"):
            name = source.removeprefix("attachment:")
            picture = picture_of(self.attachments, name) or picture_of(
                self.attachments, unquote(name)
            )
            if picture:
                alt = safe_text(words or "a picture that the student attached")
                return f'<img src="{picture}" alt="{alt}" style="max-width: 100%">'
        elif LINK.fullmatch(source) and not self.open_links:
            text = safe_text(f"picture: {words or source}")
            return f"{self.open_link(source)}{text}{self.token(Token('link_close', 'a', -1))}"
        return f"<em>{safe_text(f'(picture: {words})' if words else '(a picture)')}</em>"

    def formula(self, formula: str, mark: str) -> str:
        if not _is_known_math(formula):
            return f"<code>{safe_text(formula)}</code>"
        inner = safe_text(f"{mark}{formula}{mark}")
        return f'<span class="tex2jax_process mathjax_process">{inner}</span>'


def picture_of(attachments: Attachments, name: str) -> str | None:
    """Return an attached picture as a data URL; None if it is none, or larger than a megabyte.

    Parameters
    ----------
    attachments : mapping
        A Markdown cell's.
    name : str
        Which one.
    """
    for kind, encoded in attachments.get(name, {}).items():
        if kind not in PICTURES or len(encoded) > 4 * LARGEST_PICTURE // 3:
            continue
        try:
            content = base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        if content.startswith(PICTURES[kind]):
            return f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return None
