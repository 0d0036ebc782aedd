"""Plants disguised copies in honest classes; prints how many are found and how many are false.

    python3 autograder/benchmarks/similarity.py [CLASSES] [SEED]

CLASSES (default 5) of each size, in each chapter alone and in all chapters together. A class is
drawn from `tests/answers`; every tenth student copies all answers, a part of them, or only the
longest one of each chapter.
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "autograder"))

from tests.tools.disguise import plant, read_chapter  # noqa: E402

from autograder.desk.similarity import LISTED, odds_of  # noqa: E402
from autograder.layout import Layout  # noqa: E402

SIZES = (30, 60, 120, 200)


def main(classes: int, seed: int) -> None:
    """Print one line for each size and part that is copied."""
    layout = Layout.of(ROOT)
    everything = [read_chapter(layout, name) for name in layout.chapters()]
    for together in (False, True):
        for size in SIZES:
            for part in (1.0, 0.5, 0.25, 0.0):
                counts: defaultdict[str, float] = defaultdict(float)
                for number in range(classes):
                    rng = random.Random(f"{seed} {size} {part} {number}")
                    for group in [everything] if together else [[each] for each in everything]:
                        started = time.perf_counter()
                        _count(plant(group, size, part, rng), counts)
                        counts["seconds"] += time.perf_counter() - started
                print(
                    f"{'all chapters' if together else 'one chapter ':12} {size:4} students, "
                    f"{part:4.0%} copied: {counts['found'] / counts['planted']:6.1%} of "
                    f"{counts['planted']:.0f} found, "
                    f"{1000 * counts['false'] / counts['honest']:.3f}"
                    f" false in 1,000 of {counts['honest']:.0f} honest pairs; "
                    f"{counts['seconds']:.0f} s",
                    flush=True,
                )


def _count(planted, counts: defaultdict[str, float]) -> None:
    students, copies = planted
    names = sorted(students)
    odds = odds_of(students, names, sorted({key for s in students.values() for key in s}))
    for row, column in zip(*np.triu_indices(len(names), 1), strict=True):
        listed = odds[row, column] >= LISTED
        if frozenset((names[row], names[column])) in copies:
            counts["planted"] += 1
            counts["found"] += listed
        else:
            counts["honest"] += 1
            counts["false"] += listed


if __name__ == "__main__":
    main(*(int(argument) for argument in [*sys.argv[1:], *"50"[len(sys.argv) - 1 :]]))
