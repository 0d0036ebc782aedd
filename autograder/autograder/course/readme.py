"""The README's table of chapters, made from the source notebooks."""

from __future__ import annotations

import re

from autograder.course.notebooks import exercises_of, read_cells, title_of
from autograder.layout import Layout

PAGE = "README.md"
BEGIN = "<!-- chapters: made by `python3 autograder release` -->"
END = "<!-- end of chapters -->"


def chapter_table(layout: Layout) -> str:
    """Return a Markdown table: exercises, points and minutes of each chapter, core and stretch.

    Raises
    ------
    UserError
        If a source notebook cannot be read.
    """
    rows = ["| chapter | exercises | points | minutes |", "|---|---|---|---|"]
    totals = [[0, 0] for _ in range(3)]
    for chapter in layout.chapters():
        cells = read_cells(layout.source(chapter))
        exercises = exercises_of(cells)
        counts = [
            [
                sum(measure(e) for e in exercises if e.stretch is stretch)
                for stretch in (False, True)
            ]
            for measure in (lambda e: 1, lambda e: e.points, lambda e: e.minutes)
        ]
        for total, count in zip(totals, counts, strict=True):
            total[0], total[1] = total[0] + count[0], total[1] + count[1]
        title = title_of(cells) or chapter
        rows.append(f"| {title} | " + " | ".join(map(_core_and_stretch, counts)) + " |")
    rows.append("| all | " + " | ".join(map(_core_and_stretch, totals)) + " |")
    return "\n".join(rows)


def _core_and_stretch(count: list[int]) -> str:
    core, stretch = count
    return f"{core} + {stretch} ★" if stretch else str(core)


def with_table(readme: str, table: str) -> str:
    """Return the README with its table of chapters replaced; as it is, where it has no place."""
    pattern = re.escape(BEGIN) + r".*?" + re.escape(END)
    return re.sub(pattern, lambda _: f"{BEGIN}\n{table}\n{END}", readme, flags=re.DOTALL)


def readme_page(layout: Layout) -> str | None:
    """Return the README as it should be; None where there is no README.

    Raises
    ------
    UserError
        If a source notebook cannot be read.
    """
    path = layout.root / PAGE
    if not path.is_file():
        return None
    return with_table(path.read_text(encoding="utf-8"), chapter_table(layout))
