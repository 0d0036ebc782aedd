"""How well the checks name the mistakes that the wrong answers of tests/answers are known for.

Run it with ``python3 autograder/benchmarks/diagnosis.py [--chapter 1_derivatives] [--all]``. Each
wrong answer is rehearsed with all tests of its own exercise, and the first message that it meets
counts: *named* if it gives a likely mistake that a person has found right, *misnamed* if a person
has found it wrong, *unreviewed* if nobody has looked, *unnamed* if it gives none. An error of
Python's is told as a student sees it, on a card, and is named only if the card says its cause.

The reviews are in diagnosis_reviewed.toml, one for each answer and sentence. New pairs of label and
sentence are printed as entries for that file, so that a person only has to change "?" to "right" or
"wrong"; --all prints the reviewed ones too, and a run of all chapters names the entries that fit no
answer any more. A sentence that states a fact, such as "everything is twice what it should be", is
right if the fact is. The whole run takes half a minute.
"""

from __future__ import annotations

import argparse
import json
import linecache
import os
import re
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # read when NumPy is imported

from rich.console import Console  # noqa: E402 - after the variables
from rich.progress import track  # noqa: E402
from rich.table import Table  # noqa: E402
from tests.tools.rehearsal import rehearse  # noqa: E402

from autograder.course.answers import read_answers  # noqa: E402
from autograder.course.notebooks import Cell, exercises_of, read_cells  # noqa: E402
from autograder.layout import Layout  # noqa: E402
from byhand.checks import CheckFailed  # noqa: E402
from byhand.checks.explain import explain  # noqa: E402

REVIEWED = Path(__file__).with_name("diagnosis_reviewed.toml")
COLUMNS = ("named", "unnamed", "misnamed", "unreviewed")


@dataclass(frozen=True)
class Pair:
    """A wrong answer and the mistake that its first message names.

    Attributes
    ----------
    chapter, cell, label : str
        Where the answer belongs, and its mistake in the words of whoever wrote it.
    sentence : str
        The likely mistake of the first message, or nothing.
    """

    chapter: str
    cell: str
    label: str
    sentence: str


def relevant(cells: list[Cell], answer_cell: str) -> list[Cell]:
    """Return a chapter's cells up to the exercise of an answer, with that exercise's tests only."""
    (own,) = (e for e in exercises_of(cells) if answer_cell in {cell.id for cell in e.cells})
    ids = {cell.id for cell in own.cells}
    last = max(place for place, cell in enumerate(cells) if cell.id in ids)
    return [cell for cell in cells[: last + 1] if cell.kind != "test" or cell.id in ids]


def pairs_of(chapter: str, console: Console) -> Iterator[Pair]:
    """Yield the pairs of a chapter, in the order of its answers."""
    layout = Layout.here()
    cells = read_cells(layout.root / "solutions" / chapter / f"{chapter}.ipynb")
    answers = read_answers(layout.root / "autograder" / "tests" / "answers" / f"{chapter}.py")
    wrong = [answer for answer in answers if answer.verdict == "wrong"]
    for answer in track(wrong, f"{chapter:20}", console=console):
        show_sources({cell.id: cell.source for cell in cells} | {answer.cell: answer.source})
        outcomes = rehearse(relevant(cells, answer.cell), {answer.cell: answer.source})
        failed = ((test, outcome.error) for test, outcome in outcomes.items() if outcome.error)
        test, error = next(failed, ("", CheckFailed("nothing")))
        told = error if isinstance(error, CheckFailed) else explain(error, check=f"<{test}>")
        # how large an error is depends on the machine
        sentence = re.sub(r"\d+e-\d+", "#", told.likely or "")
        yield Pair(chapter, answer.cell, answer.name, sentence)


def show_sources(sources: dict[str, str]) -> None:
    """Let tracebacks of `rehearse` have lines, as those of a notebook have; by cell id."""
    for cell, source in sources.items():
        lines = source.splitlines(keepends=True)
        linecache.cache[f"<{cell}>"] = len(source), None, lines, cell


def read_reviews() -> dict[tuple[str, str, str], str]:
    """Return the verdicts by cell, label and sentence."""
    entries = tomllib.loads(REVIEWED.read_text(encoding="utf-8")).get("pair", [])
    return {(e["cell"], e["label"], e["sentence"]): e["verdict"] for e in entries}


def outcome_of(pair: Pair, reviews: dict[tuple[str, str, str], str]) -> str:
    """Return the column that a pair counts in."""
    if not pair.sentence:
        return "unnamed"
    verdict = reviews.get((pair.cell, pair.label, pair.sentence), "")
    return {"right": "named", "wrong": "misnamed"}.get(verdict, "unreviewed")


def entry_of(pair: Pair, verdict: str) -> str:
    """Return a pair as an entry of the file of reviews."""
    values = {"cell": pair.cell, "label": pair.label, "sentence": pair.sentence, "verdict": verdict}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["[[pair]]", *lines, ""])


def main() -> None:
    """Rehearse the wrong answers, print what is new and a table of counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--chapter", help="one chapter instead of all")
    parser.add_argument("--all", action="store_true", help="print the reviewed pairs too")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # a student's code may warn
    folder = Layout.here().root / "solutions"
    chapters = [options.chapter] if options.chapter else sorted(p.name for p in folder.iterdir())
    reviews, quiet = read_reviews(), Console(stderr=True)
    table = Table("chapter", "wrong answers", *COLUMNS)
    total: Counter[str] = Counter()
    stale = set(reviews)
    for chapter in chapters:
        pairs = list(pairs_of(chapter, quiet))
        outcomes = [outcome_of(pair, reviews) for pair in pairs]
        stale -= {(pair.cell, pair.label, pair.sentence) for pair in pairs}
        for pair, outcome in zip(pairs, outcomes, strict=True):
            if outcome == "unreviewed" or (options.all and outcome != "unnamed"):
                verdict = {"named": "right", "misnamed": "wrong"}.get(outcome, "?")
                print(entry_of(pair, verdict))
        count = Counter(outcomes)
        total += count
        table.add_row(chapter, str(len(pairs)), *(str(count[name]) for name in COLUMNS))
    table.add_row("all", str(sum(total.values())), *(str(total[name]) for name in COLUMNS))
    Console().print(table)
    for cell, label, _ in () if options.chapter else sorted(stale):
        print(f"stale: {cell} | {label}")


if __name__ == "__main__":
    main()
