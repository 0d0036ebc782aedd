"""What became of the oddities of a term, held against what was expected of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from term_oddities import CHAPTER

from autograder.desk.versions import digest
from autograder.gradebook.book import open_gradebook
from autograder.layout import Layout


def check(folder: Path, layout: Layout) -> None:
    """Print what came out otherwise than expected."""
    said_file = folder / "said.txt"
    lines = said_file.read_text("utf-8").splitlines() if said_file.is_file() else []
    said = [line for line in lines if line.startswith(("! ", "? "))]
    with open_gradebook(layout) as gradebook:
        scores = {(s.student, s.chapter): s.score for s in gradebook.scores()}
    exported = with_points(layout.work)
    wrong = 0
    for one in json.loads((folder / "expected.json").read_text("utf-8")):
        student, chapter = one["student"], one["chapter"]
        path = layout.submission(student, chapter)
        there = digest(path.read_bytes()) if path.is_file() else None
        names = (student, one["name"], "byronlord" if one["person"].get("unknown") else student)
        others = [c for c in layout.chapters() if c not in (chapter, CHAPTER)]
        about = [
            line
            for line in said
            if any(name in line for name in names) and not any(c in line for c in others)
        ]
        faults = []
        if there != one["sha256"]:
            faults.append("another notebook counts" if there else "nothing was taken")
        if one["quiet"] and about:
            faults.append(f"something was said: {about[:2]}")
        faults += [f"nothing says {w!r}: {about[:2]}" for w in one["says"]
                   if not any(w in line for line in about)]  # fmt: skip
        if one["person"].get("dropped") and student in exported:
            faults.append("an export has points")
        score = scores.get((student, chapter))
        if one["sha256"] and one["points"] >= 0 and score != one["points"]:
            faults.append(f"{score} points, not {one['points']}")
        wrong += bool(faults)
        print(f"{'! ' if faults else 'ok'} {student} {one['system']}: {one['oddity']} -> "
              f"{score}; {'; '.join(faults) or one['expected']}")  # fmt: skip
    print(f"{wrong} otherwise than expected")


def with_points(work: Path) -> set[str]:
    """Return who has points in the tables that `export` has filled in."""
    found = set()
    for path in (work / "canvas.csv", work / "moodle.csv", work / "class.csv"):
        text = path.read_text("utf-8-sig") if path.is_file() else ""
        for row in csv.DictReader(io.StringIO(text)):
            if any(points for name, points in row.items() if CHAPTER in str(name)):
                found |= {str(cell) for cell in row.values()}
    return found
