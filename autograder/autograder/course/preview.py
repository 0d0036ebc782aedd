"""A released chapter as a page with pictures, for readers who have installed nothing.

`.preview/<chapter>.md` is kept up to date where it exists. It shows what students get: the released
cells, each check by its title alone, and the pictures, drawn by the source notebook because some of
them need answers. The first line holds a hash of all that the page is made of, so `is_stale` needs
no kernel. Empty the file to have it made again.
"""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
from base64 import b64decode
from html import unescape
from pathlib import Path
from typing import Any

from autograder.course.notebooks import Cell, kind_of, read_cells, title_of
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.layout import Layout
from byhand.progress import check_of

FOLDER = ".preview"
PICTURE = re.compile(r'<img[^>]*?\salt="([^"]*)"[^>]*?\ssrc="data:image/png;base64,([^"]+)"')
COLOURS = 64  # of a picture: lines and letters need no more
LONGEST_RUN = 300  # seconds a cell may take


def page_path(layout: Layout, chapter: str) -> Path:
    """Return where a chapter's page is, if it has one."""
    return layout.root / FOLDER / f"{chapter}.md"


def is_stale(layout: Layout, chapter: str) -> bool:
    """Return whether a chapter has a page and the page differs from what `render` made.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    page = page_path(layout, chapter)
    if not page.is_file():
        return False
    opening, _, text = page.read_text(encoding="utf-8").partition("\n")
    released = layout.released(chapter)
    if not released.is_file():
        return True
    pictures = {path.name: path.read_bytes() for path in _picture_folder(page).glob("*.png")}
    return opening != _opening(chapter, released.read_bytes(), text, pictures)


def render(layout: Layout, chapter: str) -> None:
    """Write a chapter's page and pictures; runs the source notebook, which takes some seconds.

    Raises
    ------
    UserError
        If a cell of the source notebook fails.
    """
    page = page_path(layout, chapter)
    released = layout.released(chapter)
    drawn = _draw(layout, chapter)
    cells = read_cells(released)
    pictures: dict[str, bytes] = {}
    parts = [_note(chapter, title_of(cells) or chapter)]
    for cell in cells:
        parts.append(_shown(cell))
        for number, (alt, picture) in enumerate(drawn.get(cell.id, ())):
            name = f"{cell.id}{f'-{number + 1}' if number else ''}.png"
            pictures[name] = picture
            parts.append(f"![{alt}]({_picture_folder(page).name}/{name})")
    text = "\n\n".join(parts) + "\n"
    for old in _picture_folder(page).glob("*.png"):
        if old.name not in pictures:
            old.unlink()
    for name, picture in pictures.items():
        write_atomically(_picture_folder(page) / name, picture)
    opening = _opening(chapter, released.read_bytes(), text, pictures)
    write_atomically(page, f"{opening}\n{text}")


def _picture_folder(page: Path) -> Path:
    return page.with_suffix("")


def _opening(chapter: str, released: bytes, text: str, pictures: dict[str, bytes]) -> str:
    parts = [released, text.encode(), *(part for _, part in sorted(pictures.items()))]
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    return f"<!-- Made by `python3 autograder release {chapter}`; {digest[:32]} -->"


def _note(chapter: str, title: str) -> str:
    return (
        f"> This page shows the chapter “{title}” as students get it, with its pictures and "
        "without its checks' code. "
        f"To work in it, open [the notebook](../course/{chapter}/{chapter}.ipynb) in JupyterLab: "
        "there the sliders move and the checks answer."
    )


def _shown(cell: Cell) -> str:
    """Return a released cell as Markdown for GitHub."""
    if cell.kind == "markdown":
        return for_github(cell.source)
    check = check_of(cell.source) if cell.kind == "test" else None
    if check:
        points = f"{check.points} point{'s' if check.points != 1 else ''}"
        return f"- [ ] **Check:** {check.title} *({points})*"
    code = f"```python\n{cell.source.rstrip()}\n```"
    if cell.kind == "setup":
        return f"<details><summary>Set-up</summary>\n\n{code}\n\n</details>"
    return code


def for_github(markdown: str) -> str:
    r"""Return Markdown with its formulas fenced, so that GitHub leaves backslashes and stars alone.

    Examples
    --------
    >>> for_github(r"The slope $f'$ of `$x`.")
    "The slope $`f'`$ of `$x`."
    """
    parts = re.split(r"(```.*?```|`[^`\n]+`)", markdown, flags=re.DOTALL)
    for position in range(0, len(parts), 2):  # the others are code
        text = re.sub(
            r"\s*\$\$(.+?)\$\$[ \t]*\n?",
            lambda match: f"\n\n```math\n{match[1].strip()}\n```\n",
            parts[position],
            flags=re.DOTALL,
        )
        fenced = re.split(r"(```math\n.*?\n```)", text, flags=re.DOTALL)
        fenced[::2] = [re.sub(r"\$([^$\n]+)\$", r"$`\1`$", prose) for prose in fenced[::2]]
        parts[position] = "".join(fenced)
    return "".join(parts)


def _draw(layout: Layout, chapter: str) -> dict[str, list[tuple[str, bytes]]]:
    """Run the source notebook and return alt text and PNG of the pictures of each cell."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(layout.source(chapter), as_version=4)
    # without passed checks an explorer is as it first opens: nothing on it is called "yours"
    notebook.cells = [cell for cell in notebook.cells if kind_of(cell) != "test"]
    with tempfile.TemporaryDirectory() as scratch:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=LONGEST_RUN,
            resources={"metadata": {"path": scratch}},
        )
        try:
            client.execute()
        except CellExecutionError as error:
            cell = next(c.id for c in notebook.cells if "error" in _kinds_of_output(c))
            raise UserError(
                f"{layout.show(layout.source(chapter))}, cell {cell}: raises {error.ename} "
                f"({error.evalue}); correct it, so that {FOLDER}/{chapter}.md can be made"
            ) from None
    return {
        cell.id: [
            (_alt(alt), _small(b64decode(data)))
            for output in cell.get("outputs", [])
            for alt, data in PICTURE.findall(output.get("data", {}).get("text/html", ""))
        ]
        for cell in notebook.cells
    }


def _kinds_of_output(cell: Any) -> set[str]:
    return {output.output_type for output in cell.get("outputs", [])}


def _alt(text: str) -> str:
    """Return an alt text for the brackets of a Markdown picture."""
    return re.sub(r"([\[\]*_$`<>\\|])", r"\\\1", " ".join(unescape(text).split()))


def _small(picture: bytes) -> bytes:
    """Return a PNG with a palette: a fraction of the size, and the same to the eye."""
    from PIL import Image

    stream = io.BytesIO()
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(stream, format="PNG", optimize=True)
    return stream.getvalue()
