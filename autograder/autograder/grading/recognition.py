"""Tells by its cells which chapter's notebook a file is."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property

from autograder.course.notebooks import nbgrader_metadata, read_cells
from autograder.layout import Layout

MARK = re.compile(r'"grade_id"\s*:\s*"([^"\\]{1,200})"')
ENOUGH = 2  # cells of a chapter
BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Chapters:
    """The chapters of a course, by the names of their cells.

    Parameters
    ----------
    layout
        Where their source notebooks are.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    @cached_property
    def _chapter_of_cell(self) -> dict[str, str]:
        """The chapter of each name that no other chapter uses."""
        chapters: dict[str, set[str]] = {}
        for chapter in self._layout.chapters():
            for cell in read_cells(self._layout.source(chapter)):
                name = nbgrader_metadata(cell.raw).get("grade_id")
                if name:
                    chapters.setdefault(name, set()).add(chapter)
        return {name: chapter for name, (chapter, *more) in chapters.items() if not more}

    @cached_property
    def _cells_of(self) -> dict[str, list[bytes]]:
        """The quoted names of each chapter, which are in a file of its notebook."""
        found: dict[str, list[bytes]] = {name: [] for name in self._layout.chapters()}
        for name, chapter in self._chapter_of_cell.items():
            found[chapter].append(f'"{name}"'.encode())
        return found

    def recognize(self, content: bytes) -> Counter[str]:
        """Return how many cells of each chapter are in a notebook, most first.

        The file is searched, not parsed: it may be anything, of any size.
        """
        text = content.decode(BOMS.get(content[:2], "utf-8"), "replace")
        names = {match[1] for match in MARK.finditer(text)} & self._chapter_of_cell.keys()
        return Counter(self._chapter_of_cell[name] for name in names)

    def of(self, content: bytes) -> str | None:
        """Return the chapter whose notebook this is; None if that can't be told."""
        (first, most), (_, second) = (*self.recognize(content).most_common(2), ("", 0), ("", 0))[:2]
        return first if most >= ENOUGH and most > second else None

    def other(self, content: bytes, chapter: str) -> str | None:
        """Return the chapter whose notebook this is, if it holds no cell of `chapter`.

        That is seldom so, and found out fast.
        """
        if any(name in content for name in self._cells_of[chapter]):
            return None
        found = self.of(content)
        return None if found == chapter else found  # in UTF-16
