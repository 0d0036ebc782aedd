"""Reads and writes tables of other systems and keeps their form: encoding, delimiter, line ends."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError
from autograder.files import write_atomically

LARGEST = 64 * 2**20  # bytes of a table
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = ((b"PK\x03\x04", "a workbook"), (b"\xd0\xcf\x11\xe0", "a workbook"), (b"%PDF", "a PDF"))


@dataclass(frozen=True)
class Sheet:
    """A table: its header, its rows, and the form it had.

    Attributes
    ----------
    name : str
        How messages call it.
    header : list of str
        The first row.
    rows : list of list of str
        The others, each as long as the header; empty lines are left out.
    encoding, delimiter, line_end : str
        As they were.
    quoted : bool
        Whether every cell was in quotation marks.
    """

    name: str
    header: list[str]
    rows: list[list[str]]
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\n"
    quoted: bool = False


def read_sheet(path: Path, name: str) -> Sheet:
    """Return the table in a file.

    Parameters
    ----------
    path
        CSV with commas, semicolons or tabs, in UTF-8, UTF-16 or Latin-1.
    name
        How messages call it.

    Raises
    ------
    UserError
        When it is no such table.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UserError(f"{name}: cannot be read ({error.strerror}); check its name") from None
    if len(content) > LARGEST:
        raise UserError(f"{name}: larger than {LARGEST >> 20} MB; is this the right file?")
    for mark, kind in _NOT_TEXT:
        if content.startswith(mark):
            raise UserError(f"{name}: {kind}, not a CSV file; export it as CSV")
    text, encoding = _decode(content)
    if "\0" in text:
        raise UserError(f"{name}: not text; export it as CSV")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise UserError(f"{name}: the file is empty; export it again")
    delimiter = max(",;\t", key=lambda sign: len(next(csv.reader([first], delimiter=sign))))
    try:
        table = [
            row
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            if len(row) > 1 or any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise UserError(f"{name}: not a table ({error}); export it as CSV again") from None
    header, *rows = table
    width = len(header)
    if wrong := [n for n, row in enumerate(rows, start=2) if any(c.strip() for c in row[width:])]:
        raise UserError(
            f"{name}: row {wrong[0]} has more cells than the header; export it as CSV again"
        )
    rows = [row[:width] + [""] * (width - len(row)) for row in rows]
    return Sheet(
        name, header, rows, encoding, delimiter,
        "\r\n" if "\r\n" in text else "\n",
        first.strip().startswith('"') and first.count(f'"{delimiter}"') == width - 1,
    )  # fmt: skip


def _decode(content: bytes) -> tuple[str, str]:
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            pass
    return content.decode("latin-1"), "latin-1"


def write_sheet(sheet: Sheet, path: Path) -> None:
    """Write a table in the form it had; no cell of it is a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(
        text,
        delimiter=sheet.delimiter,
        lineterminator=sheet.line_end,
        quoting=csv.QUOTE_ALL if sheet.quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerow(map(safe, sheet.header))
    writer.writerows([safe(cell) for cell in row] for row in sheet.rows)
    try:
        content = text.getvalue().encode(sheet.encoding)
    except UnicodeEncodeError:  # a name that the template's Latin-1 has no letters for
        content = text.getvalue().encode("utf-8-sig")
    write_atomically(path, content)


def safe(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe goes before it.

    Examples
    --------
    >>> safe("=HYPERLINK(0)"), safe("-1.5"), safe("Ada")
    ("'=HYPERLINK(0)", '-1.5', 'Ada')
    """
    harmless = cell.strip() == "-" or re.fullmatch(r"\s*[+-]?\d+(?:[.,]\d*)?\s*", cell)
    dangerous = cell.lstrip().startswith(tuple("=+-@＝＋－＠")) or cell[:1] in ("\t", "\r")
    return f"'{cell}" if dangerous and not harmless else cell


def by_header(header: Iterable[str]) -> dict[str, int]:
    """Return the column of each heading, folded to lower case; of two the same, the first."""
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        found.setdefault(" ".join(name.casefold().split()), place)
    return found
