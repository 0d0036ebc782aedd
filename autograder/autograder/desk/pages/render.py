"""Fills the templates: one page as text."""

from __future__ import annotations

import hashlib
import math
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from byhand.checks import card

FOLDER = Path(__file__).parent
TEMPLATES = FOLDER / "templates"


def render(template: str, made_from: str = "", **values: Any) -> str:
    """Return a page.

    Parameters
    ----------
    template
        Its name without the ending; its style sheet has the same name.
    made_from
        What `noted_in` finds in the page later: a hash of all that it depends on.
    values
        What the template shows.
    """
    page = _environment().get_template(f"{template}.html")
    return page.render(made_from=made_from, style=_style(template), **values)


@cache
def made_with() -> str:
    """Return a hash of the code and the templates that pages are made with."""
    files = [*sorted(FOLDER.glob("*.py")), *sorted(TEMPLATES.iterdir()), Path(card.__file__)]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def noted_in(page: Path) -> str | None:
    """Return what a page says it was made from; None if there is no page that says so."""
    try:
        with page.open(encoding="utf-8", errors="replace") as file:
            head = file.read(500)
    except FileNotFoundError:
        return None
    _, found, rest = head.partition('name="made-from" content="')
    return rest.split('"')[0] if found else None


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {
        "number": _number,
        "date": _date,
        "percent": _percent,
        "few": _few,
        "signed": _signed,
        "with_code": _code,
    }
    return made


@cache
def _style(template: str) -> Markup:
    sheets = [(TEMPLATES / f"{name}.css").read_text("utf-8") for name in ("base", template)]
    cards = card.STYLE.removeprefix("<style>").removesuffix("</style>")
    return Markup("\n".join([sheets[0], cards, sheets[1]]))


def _code(text: str) -> Markup:
    return Markup(card.with_code(text))


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.0f} %"


def _few(share: float) -> str:
    """Return a small share that is not none.

    Examples
    --------
    >>> _few(0.25), _few(0.001)
    ('25 %', 'less than 1 %')
    """
    return _percent(share) if share >= 0.01 else "less than 1 %"


def _signed(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:+.2f}".replace("-", "−")


def _date(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M %Z}"
