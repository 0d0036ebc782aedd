"""What a notebook shows for a check that failed: a card, and one plain line as the error."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from types import TracebackType
from typing import Any

from byhand.checks.explain import explain
from byhand.checks.failures import CheckFailed, Compared
from byhand.checks.scene import message_of

STYLE = """<style>
.byhand-card {max-width: 62em; padding: 0.5em 0.9em; margin: 0.3em 0; overflow-wrap: break-word;
  border: 1px solid var(--jp-border-color1, #8888); border-left: 5px solid #c4314b;
  color: var(--jp-content-font-color1, inherit); background: transparent;
  font-family: var(--jp-content-font-family, sans-serif); font-size: 14px; line-height: 1.45}
.byhand-card p {margin: 0 0 0.4em}
.byhand-card.byhand-card.byhand-card table {border-collapse: collapse; margin: 0.2em 0; border: 0;
  background: transparent; color: inherit; font-size: inherit; table-layout: auto; width: auto}
.byhand-card.byhand-card.byhand-card tr {background: transparent}
.byhand-card.byhand-card.byhand-card :is(th, td) {text-align: left; vertical-align: top; border: 0;
  padding: 0.1em 0.8em 0.1em 0; color: inherit; white-space: normal; max-width: none}
.byhand-card.byhand-card.byhand-card th {white-space: nowrap; font-weight: bold}
.byhand-card td {overflow-wrap: anywhere}
.byhand-card .byhand-tables {display: flex; flex-wrap: wrap; align-items: flex-start;
  gap: 0.4em 2.5em; overflow-x: auto}
.byhand-card .byhand-tables caption {text-align: left; caption-side: top; white-space: nowrap;
  font-weight: bold; color: inherit; padding: 0}
.byhand-card.byhand-card.byhand-card .byhand-tables :is(th, td) {text-align: right;
  white-space: nowrap; padding: 0.1em 0.5em; font-size: 13px; overflow-wrap: normal;
  font-family: var(--jp-code-font-family, monospace)}
.byhand-card.byhand-card.byhand-card .byhand-tables th {font-weight: normal; opacity: 0.75}
.byhand-card.byhand-card.byhand-card .byhand-tables tbody td
  {border: 1px solid var(--jp-border-color2, #8886)}
.byhand-card.byhand-card.byhand-card .byhand-tables td.byhand-wrong {font-weight: bold;
  outline: 2px solid #c4314b; outline-offset: -2px}
.byhand-card code {font-family: var(--jp-code-font-family, monospace); font-size: 13px;
  background: transparent; color: inherit; padding: 0}
</style>"""


def show_error(
    shell: Any, kind: type[BaseException], error: BaseException, tb: TracebackType | None,
    tb_offset: int | None = None,
) -> list[str]:  # fmt: skip
    """Show how a check ended, in place of a traceback; an exception handler of IPython's.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
        What runs the cell.
    kind, error, tb, tb_offset
        The exception, as IPython passes it to its handlers.

    Returns
    -------
    list of str
        The lines that were shown as the error.
    """
    if isinstance(error, NotImplementedError):  # a stub
        lines = [_red(kind.__name__, message_of(error) or "this part is not written yet")]
    else:
        failed = error
        if not isinstance(failed, CheckFailed):
            failed = explain(error, check=_cell_of(tb, shell.user_ns))
        bundle = {"text/html": html_of(failed), "text/plain": str(failed)}
        shell.display_pub.publish(data=bundle, metadata={})
        line = failed.what
        if failed is not error and failed.actual is not None:
            line = failed.actual.removeprefix(f"{kind.__name__}: ")
        lines = [_red(kind.__name__, line)]
    shell._showtraceback(kind, error, lines)
    return lines


def _red(kind: str, text: str) -> str:
    return f"\x1b[31;1m{kind}\x1b[0m: {text}"


def _cell_of(tb: TracebackType | None, names: dict[str, Any]) -> str | None:
    """Return what tracebacks call the cell that was run: the outermost of the notebook's code."""
    while tb is not None:
        if tb.tb_frame.f_globals is names:
            return tb.tb_frame.f_code.co_filename
        tb = tb.tb_next
    return None


def html_of(failed: CheckFailed) -> str:
    """Return a failed check as a card, in HTML: the same words as ``str(failed)``.

    Parameters
    ----------
    failed : CheckFailed
        If it holds small arrays, they are shown side by side, the wrong entries marked.
    """
    return STYLE + card_of(failed)


def card_of(failed: CheckFailed) -> str:
    """Return the card without its style sheet, for a page that has `STYLE` once."""
    rows = failed.rows()
    tables = ""
    if failed.compared is not None:
        told = {"worst entry": failed.where, "likely": failed.likely, "hint": failed.hint}
        rows = {label: text for label, text in told.items() if text is not None}
        tables = _tables(failed.compared)
    lines = "".join(
        f'<tr><th scope="row">{escape(label)}</th> <td>{with_code(text)}</td></tr>'
        for label, text in rows.items()
    )
    table = f"<table><tbody>{lines}</tbody></table>" if lines else ""
    return (
        f'<div class="byhand-card" role="group" aria-label="A check that failed">'
        f'<p><strong><span aria-hidden="true">✗</span> {with_code(failed.what)}</strong></p>'
        f"{tables}{table}</div>"
    )


def with_code(text: str) -> str:
    """Return text as HTML; what is between backticks is code.

    Examples
    --------
    >>> with_code("`g` < 0")
    '<code>g</code> &lt; 0'
    """
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{p}</code>" if k % 2 else p for k, p in enumerate(parts))


def _tables(compared: Compared) -> str:
    right = [f"<td>{escape(text)}</td>" for text in compared.expected]
    got = [
        f'<td class="byhand-wrong" title="wrong: expected {escape(expected)}" '
        f'aria-label="{escape(actual)}, wrong">✗ {escape(actual)}</td>'
        if bad
        else f"<td>{escape(actual)}</td>"
        for expected, actual, bad in zip(
            compared.expected, compared.actual, compared.wrong, strict=True
        )
    ]
    part = f" {compared.part}" if compared.part else ""
    # with a keyboard, what is too wide can be scrolled only where it can be focused
    return (
        '<div class="byhand-tables" tabindex="0" role="group" aria-label="expected and got">'
        f"{_table(f'expected{part}', right, compared.shape)}"
        f"{_table(f'got{part} (✗ wrong)', got, compared.shape)}</div>"
    )


def _table(caption: str, cells: list[str], shape: Sequence[int]) -> str:
    columns = shape[-1]
    corner = "<td></td>" if len(shape) > 1 else ""
    heads = "".join(f'<th scope="col">{k}</th>' for k in range(columns))
    body = ""
    for row in range(len(cells) // columns):
        head = f'<th scope="row">{row}</th>' if len(shape) > 1 else ""
        body += f"<tr>{head}{''.join(cells[row * columns : (row + 1) * columns])}</tr>"
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{corner}{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
