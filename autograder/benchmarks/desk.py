"""How long feedback and the report take, on a class made of the known answers.

Run it with ``python3 autograder/benchmarks/desk.py [--students 1000] [--pool 8] [--keep DIR]``.
For each chapter, the engine grades a pool of notebooks, between nearly all right and nearly all
wrong; every student of the class has handed in one of them. The times are of a second run in the
same process: imports are not in them.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import nbformat

from autograder.cli import use_this_environment
from autograder.course.answers import read_answers
from autograder.desk.feedback import find_graded, write_feedback
from autograder.desk.report import read_report, write_report
from autograder.desk.standing import read_standing
from autograder.engine.controller import examine
from autograder.engine.result import Result
from autograder.files import write_atomically
from autograder.gradebook.book import open_gradebook
from autograder.gradebook.writer import Graded
from autograder.layout import Layout
from autograder.nbgrader import steps
from autograder.nbgrader.graded import graded_notebook, written

HERE = Layout.here()
START = datetime(2026, 3, 2, 12)


def main() -> None:
    """Make the class, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--pool", type=int, default=8)
    parser.add_argument("--keep", type=Path, help="leave the class in this folder")
    options = parser.parse_args()
    use_this_environment()
    with tempfile.TemporaryDirectory() as folder:
        layout = HERE.with_work(options.keep or Path(folder))
        pages = make_class(layout, options.students, options.pool)
        graded = find_graded(layout)
        write_feedback(layout, graded)
        for page in layout.feedback.rglob("*.html"):
            page.unlink()
        seconds = timed(lambda: write_feedback(layout, graded))
        print(f"feedback: {1000 * seconds / pages:.1f} ms a page ({pages} pages)")
        print(f"feedback, unchanged: {1000 * timed(lambda: write_feedback(layout, graded)):.0f} ms")
        page = layout.work / "report.html"

        def report() -> None:
            write_report(read_report(layout, read_standing(layout)), page)

        report()
        seconds = timed(report)
        chapters = len(HERE.chapters())
        print(f"report: {seconds:.1f} s ({options.students} students, {chapters} chapters)")


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def make_class(layout: Layout, students: int, pool: int) -> int:
    """Fill a gradebook; write graded notebooks for the pool, and return how many."""
    rng = random.Random(0)
    skill = {f"student-{number:04}": rng.betavariate(4, 1.6) for number in range(students)}
    layout.work.mkdir(parents=True, exist_ok=True)
    pages = 0
    with open_gradebook(layout) as gradebook:
        gradebook.prepare()
        for week, chapter in enumerate(HERE.chapters()):
            steps.register(layout, chapter)
            results = examine_pool(chapter, pool, rng)
            batch = []
            for number, (student, able) in enumerate(skill.items()):
                if rng.random() > 0.99 - 0.06 * week * (1 - able):
                    continue
                result = results[min(pool - 1, max(0, round(able * pool + rng.gauss(0, 1))))]
                time_ = START + timedelta(weeks=week, hours=rng.gauss(-20, 12))
                batch.append(Graded(student, chapter, f"{number}", result, time_))
                if number < 60:
                    notebook = layout.autograded(student, chapter)
                    write_atomically(notebook, written(graded_notebook(result)))
                    pages += 1
            gradebook.write(batch)
    return pages


def examine_pool(chapter: str, pool: int, rng: random.Random) -> list[Result]:
    """Return results, from the one with most mistakes to the one with fewest."""
    answers = read_answers(HERE.root / "autograder" / "tests" / "answers" / f"{chapter}.py")
    source = HERE.source(chapter).read_bytes()
    released = nbformat.read(HERE.released(chapter), as_version=4)
    results = []
    for number in range(pool):
        notebook = nbformat.reads(source.decode(), as_version=4)
        stubs = {cell.id: cell.source for cell in released.cells}
        for cell in notebook.cells:
            wrong = [a.source for a in answers if a.cell == cell.id and a.verdict == "wrong"]
            if wrong and rng.random() > (number + 0.5) / pool:
                # the first known mistakes are the usual ones
                place = min(int(rng.expovariate(0.8)), len(wrong) - 1)
                cell.source = stubs[cell.id] if rng.random() < 0.2 else wrong[place]
        results.append(examine(source, nbformat.writes(notebook).encode()))
    return sorted(results, key=lambda result: result.points)


if __name__ == "__main__":
    main()
