"""What a chapter says: length, pictures, headings, English, its opening and its end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.course.lint.words import poor_words
from autograder.course.notebooks import Cell

MOST_WORDS = 120
EXPLORER = re.compile(r"^\w+_explorer\(", re.MULTILINE)


def text_problems(cells: list[Cell]) -> Iterator[str]:
    """Yield problems of markdown cells: length, alt texts, ranks of headings."""
    rank = 0
    for cell in cells:
        if cell.kind != "markdown":
            continue
        if (count := words_of(cell.source)) > MOST_WORDS:
            yield f"cell {cell.id}: {count} words; split it, {MOST_WORDS} is the most"
        if re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]+\")", cell.source):
            yield f"cell {cell.id}: a picture without alt text; say what it shows"
        for marks in re.findall(r"^(#{1,6}) ", cell.source, flags=re.MULTILINE):
            if len(marks) > rank + 1:
                yield (
                    f"cell {cell.id}: a heading of rank {len(marks)} follows one of rank {rank}; "
                    f"make it rank {rank + 1}"
                )
            rank = len(marks)


def words_of(markdown: str) -> int:
    """Return the number of words a reader meets at once: no formulas, tables, folded hints."""
    text = re.sub(r"<details>.*?</details>", " ", markdown, flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$[^$]*\$", " x ", text)
    text = re.sub(r"^\|.*$", " ", text, flags=re.MULTILINE)
    return len(re.findall(r"[^\W_][\w'’-]*", text))


def english_problems(cells: list[Cell]) -> Iterator[str]:
    """Yield words that read as translated."""
    for cell in cells:
        for found, better in poor_words(cell.source):
            yield f"cell {cell.id}: {found!r}; write {better}"


def frame_problems(cells: list[Cell]) -> Iterator[str]:
    """Yield what the chapter's opening, explorers and end lack."""
    first = cells[0].source if cells else ""
    for part in ("You'll do", "You'll learn", "You'll need"):
        if part not in first:
            yield f"cell {cells[0].id if cells else '?'}: the opening lacks {part!r}; add it"
    text = "\n".join(cell.source for cell in cells)
    for part in ("| symbol | code | shape | meaning |", "progress.show()", "## Where to read on"):
        if part not in text:
            yield f"the chapter has no {part!r}; add it, as in the other chapters"
    for before, cell, after in zip(cells, cells[1:], cells[2:], strict=False):
        if EXPLORER.search(cell.source):
            if "**Predict" not in before.source:
                yield f"cell {cell.id}: no prediction before this explorer; ask for one"
            if after.kind != "markdown" or after.source.startswith("#"):
                yield f"cell {cell.id}: no sentence of conclusion after this explorer; add one"
    for cell in cells:
        if re.search(r"\bplt\.show\(", cell.source):
            yield f"cell {cell.id}: plt.show has no alt text; use figures.show(fig, alt=...)"
