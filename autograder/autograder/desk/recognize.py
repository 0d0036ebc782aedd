"""Tells which chapter a notebook is, by its cells."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from autograder.course.notebooks import kind_of, nbgrader_metadata, read_cells
from autograder.desk.names import fold
from autograder.engine.reading import NotANotebook, read_notebook
from autograder.grading.recognition import own_names
from autograder.layout import Layout

ENOUGH = 0.25  # of a chapter's own cells


class Seen(NamedTuple):
    """What a notebook is: its chapter, or None and why; whether each answer is as released."""

    chapter: str | None
    reason: str
    untouched: bool = False


class Recognizer:
    """Recognizes chapters.

    Parameters
    ----------
    layout
        Of the course.
    """

    def __init__(self, layout: Layout) -> None:
        self.chapters = layout.chapters()
        self._own = own_names(
            {
                name: {_name_of(cell.raw) for cell in read_cells(layout.source(name))}
                for name in self.chapters
            }
        )
        self._released = {
            name: _answers(json.loads(layout.released(name).read_bytes()))
            for name in self.chapters
            if layout.released(name).is_file()
        }

    def look_at(self, content: bytes, parts: tuple[str, ...]) -> Seen:
        """Return what a notebook is, by its cells, or else by its path.

        A damaged notebook is its chapter's if its path says which: the student handed it in.
        """
        try:
            notebook = read_notebook(content)
        except NotANotebook as error:
            by_name = self._by_name(parts)
            return Seen(by_name, "" if by_name else str(error))
        chapter, reason = self._chapter_of(notebook, parts)
        answers = _answers(notebook)
        untouched = bool(answers) and answers == self._released.get(chapter or "")
        return Seen(chapter, reason, untouched)

    def _chapter_of(
        self, notebook: dict[str, Any], parts: tuple[str, ...]
    ) -> tuple[str | None, str]:
        found = {_name_of(cell) for cell in notebook["cells"]}
        shares = {
            name: len(own & found) / len(own) for name, own in self._own.items() if own & found
        }
        best = sorted(shares, key=lambda name: -shares[name])
        if not best or shares[best[0]] < ENOUGH:
            by_name = self._by_name(parts)
            return by_name, "" if by_name else "no chapter has its cells; whose is it?"
        if len(best) > 1 and shares[best[1]] >= ENOUGH:
            return None, f"holds cells of {best[0]} and {best[1]}; ask for one notebook a chapter"
        return best[0], ""

    def _by_name(self, parts: tuple[str, ...]) -> str | None:
        """Return the chapter that a path names, with its number or without."""
        for part in reversed(parts):
            for name in (lambda chapter: chapter, lambda chapter: chapter.partition("_")[2]):
                named = [c for c in self.chapters if name(c) and fold(name(c)) in fold(part)]
                longest = max(named, key=len, default=None)  # layer_gradients holds gradients
                if longest and all(fold(name(c)) in fold(name(longest)) for c in named):
                    return longest
        return None


def _name_of(cell: dict[str, Any]) -> str:
    return str(nbgrader_metadata(cell).get("grade_id") or cell.get("id"))


def _answers(notebook: dict[str, Any]) -> dict[str, str]:
    return {
        str(nbgrader_metadata(cell).get("grade_id")): "".join(cell["source"]).strip()
        for cell in notebook["cells"]
        if kind_of(cell) == "solution"
    }
