"""Tells by its cells which chapter's notebook a file is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property

from autograder.course.notebooks import nbgrader_metadata, read_cells
from autograder.layout import Layout

MARK = re.compile(r'"grade_id"\s*:\s*"([^"\\]{1,200})"')
ENOUGH = 2  # cells of a chapter
BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def own_names(names: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return of each chapter's names of cells those that no other chapter uses."""
    count = Counter(name for found in names.values() for name in found)
    return {
        chapter: {name for name in found if count[name] == 1} for chapter, found in names.items()
    }


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
    def _own(self) -> dict[str, set[str]]:
        return own_names(
            {
                chapter: {
                    name
                    for cell in read_cells(self._layout.source(chapter))
                    if (name := nbgrader_metadata(cell.raw).get("grade_id"))
                }
                for chapter in self._layout.chapters()
            }
        )

    @cached_property
    def _chapter_of_cell(self) -> dict[str, str]:
        return {name: chapter for chapter, names in self._own.items() for name in names}

    @cached_property
    def _cells_of(self) -> dict[str, list[bytes]]:
        """The quoted names of each chapter, which are in a file of its notebook."""
        return {
            chapter: [f'"{name}"'.encode() for name in names]
            for chapter, names in self._own.items()
        }

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
