"""How fast grading is, beside plain nbgrader and beside the cells run bare.

Run it with ``python3 autograder/benchmarks/grading.py [--submissions 60] [--rounds 3] [--scale]``.
All in one run on the same submissions, as ratios of medians: machines differ and are noisy.
``--scale`` grades 10, 100 and 1000 submissions besides, and 1000 that need nothing. ``otter run``
is measured too where it is installed: on PATH, or in an environment of its own named by the
variable OTTER (``python -m venv E && E/bin/pip install otter-grader ./course; OTTER=E/bin/otter``).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil

from autograder.cli import use_this_environment
from autograder.course.answers import read_answers
from autograder.course.notebooks import read_cells
from autograder.course.sample_class import mix_answers
from autograder.engine import controller
from autograder.engine.needed import cells_to_run
from autograder.engine.rebuild import rebuild
from autograder.grading.run import Settings, grade_all
from autograder.layout import Layout
from autograder.nbgrader import steps as nbgrader_steps

HERE = Layout.here()
OTTER = os.environ.get("OTTER") or shutil.which("otter")
OTTER_TEST = """
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points!r}


@test_case(points={points!r})
def check(env):
    exec({source!r}, env)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", action="store_true")
    options = parser.parse_args()
    use_this_environment()
    chapters = [c for c in HERE.chapters() if HERE.source(c).is_file()]
    class_ = make_class(chapters, options.submissions)
    print(f"{len(class_)} submissions of {len(chapters)} chapters, {os.cpu_count()} cores\n")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        compare(work, class_, options.rounds)
        if options.scale:
            scale(work, class_)


def make_class(chapters: list[str], count: int) -> list[tuple[str, str, str]]:
    """Return (student, chapter, notebook) for a class whose answers are right and wrong."""
    found = []
    for number in range(count):
        chapter = chapters[number % len(chapters)]
        answers = read_answers(HERE.root / "autograder" / "tests" / "answers" / f"{chapter}.py")
        source = nbformat.read(HERE.source(chapter), as_version=4)
        notebook = mix_answers(source, answers, number // len(chapters))
        found.append((f"student-{number:04}", chapter, nbformat.writes(notebook)))
    return found


def hand_in(work: Path, class_: list[tuple[str, str, str]]) -> Layout:
    """Return a class's folder with these submissions in it."""
    layout = HERE.with_work(work)
    for student, chapter, content in class_:
        path = layout.submission(student, chapter)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return layout


# --- beside others --------------------------------------------------------------------------------


def compare(work: Path, class_: list[tuple[str, str, str]], rounds: int) -> None:
    """Print notebooks per second of each way, the engine's own time, and its memory."""
    layout = hand_in(work / "class", class_)
    few = class_[: max(len(HERE.chapters()), 6)]
    started = time.perf_counter()
    controller.default_engine()
    print(f"engine's start: {time.perf_counter() - started:.2f} s, once")
    grade_all(layout, HERE.chapters())  # registers the chapters: not what is compared
    seconds: dict[str, list[float]] = {}
    with peak_memory() as peak:
        for _ in range(rounds):
            for name, way, some in (
                ("engine, 2 cores", lambda s: by_grade(layout, 2), class_),
                ("engine, 1 core", lambda s: by_grade(layout, 1), class_),
                ("engine without gradebook, 1 core", by_engine, class_),
                ("the cells run bare, 1 core", by_bare_fork, class_),
                ("nbgrader autograde", lambda s: by_nbgrader(work / "plain", s), few),
                *([("otter run", lambda s: by_otter(work / "otter", s), few)] if OTTER else []),
            ):
                with cores(1 if name.endswith("1 core") else 2):
                    seconds.setdefault(name, []).append(way(some) / len(some))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    plain = medians["nbgrader autograde"]
    print(f"\n{'':34}{'ms a notebook':>14}{'a second':>10}{'x nbgrader':>12}")
    for name, value in medians.items():
        print(f"{name:34}{1000 * value:14.1f}{1 / value:10.2f}{plain / value:12.1f}")
    own = medians["engine, 1 core"] - medians["the cells run bare, 1 core"]
    print(f"\nthe engine's own time: {1000 * own:.1f} ms a notebook")
    requests = [
        controller.examine(HERE.source(chapter).read_bytes(), content.encode()).requests
        for _, chapter, content in few
    ]
    print(f"requests a notebook: {statistics.mean(requests):.0f}")
    print(f"memory of a notebook in flight beyond what is shared: {peak[0] / 2**20:.0f} MB at most")


@contextlib.contextmanager
def cores(count: int) -> Iterator[None]:
    """Keep this process and the engine's to so many cores for the block."""
    all_of_them = sorted(os.sched_getaffinity(0))

    def keep_to(some: list[int]) -> None:
        fork_server = psutil.Process(controller.default_engine()._process.pid)
        for process in (psutil.Process(), fork_server, *fork_server.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                process.cpu_affinity(some)

    keep_to(all_of_them[:count])
    try:
        yield
    finally:
        keep_to(all_of_them)


def by_grade(layout: Layout, workers: int) -> float:
    """Grade the whole class into its gradebook; return the seconds."""
    settings = Settings(workers=workers)
    started = time.perf_counter()
    report = grade_all(layout, HERE.chapters(), force=True, settings=settings)
    assert not report.faults, report.faults[:3]
    return time.perf_counter() - started


def by_engine(class_: list[tuple[str, str, str]]) -> float:
    """Examine one after the other, without files and gradebook."""
    started = time.perf_counter()
    for _, chapter, content in sorted(class_, key=lambda item: item[1]):  # as `grade` does
        controller.examine(HERE.source(chapter).read_bytes(), content.encode())
    return time.perf_counter() - started


def by_bare_fork(class_: list[tuple[str, str, str]]) -> float:
    """Run the same cells in one process forked from a prepared one: no sandbox, no examiner."""
    script = Path(__file__).with_name("bare.py")
    jobs = []
    for _, chapter, content in class_:
        rebuilt = rebuild(HERE.source(chapter).read_bytes(), content.encode())
        cells = cells_to_run(rebuilt.code_cells(), rebuilt.written)
        jobs.append([cell["source"] for cell in cells])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        input=json.dumps(jobs), capture_output=True, text=True, check=True,
        env=os.environ | {"NBGRADER_EXECUTION": "autograde", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def by_nbgrader(work: Path, class_: list[tuple[str, str, str]]) -> float:
    """Grade with nbgrader's own preprocessors: a kernel for each notebook."""
    shutil.rmtree(work, ignore_errors=True)
    layout = hand_in(work, class_)
    for chapter in {chapter for _, chapter, _ in class_}:
        nbgrader_steps.register(layout, chapter)
    started = time.perf_counter()
    for student, chapter, _ in class_:
        with contextlib.redirect_stderr(io.StringIO()):
            nbgrader_steps.autograde_plainly(layout, student, chapter)
    return time.perf_counter() - started


def by_otter(work: Path, class_: list[tuple[str, str, str]]) -> float:
    """Grade with ``otter run``, the same test cells in its format: one process, unprotected."""
    shutil.rmtree(work, ignore_errors=True)
    for chapter in {chapter for _, chapter, _ in class_}:
        tests = work / chapter / "tests"
        tests.mkdir(parents=True)
        for cell in read_cells(HERE.source(chapter)):
            if cell.kind == "test":
                name = cell.id.replace("-", "_")
                text = OTTER_TEST.format(name=name, points=cell.points, source=cell.source)
                (tests / f"{name}.py").write_text(text, "utf-8")
        call_otter(work / chapter, "generate", "-t", "tests", "-o", "tests.zip", "--no-environment")
    started = time.perf_counter()
    for student, chapter, content in class_:
        path = work / chapter / f"{student}.ipynb"
        notebook = json.loads(content)
        notebook["cells"] = [
            cell
            for cell in notebook["cells"]
            if not cell["metadata"].get("nbgrader", {}).get("grade")
        ]
        path.write_text(json.dumps(notebook), "utf-8")
        call_otter(work / chapter, "run", "-a", "tests.zip", path.name, "-o", ".")
    return time.perf_counter() - started


def call_otter(folder: Path, *arguments: str) -> None:
    """Call otter in a folder, as in a grading run."""
    environment = os.environ | {
        "NBGRADER_EXECUTION": "autograde",
        "PATH": f"{Path(OTTER).parent}{os.pathsep}{os.environ['PATH']}",
    }
    subprocess.run(
        [OTTER, *arguments], cwd=folder, check=True, capture_output=True, env=environment
    )


@contextlib.contextmanager
def peak_memory() -> Iterator[list[int]]:
    """Yield a list that holds the largest private memory of an examiner and its candidate."""
    peak = [0]
    stop = threading.Event()
    engine = controller.default_engine()

    def watch() -> None:
        fork_server = psutil.Process(engine._process.pid)
        while not stop.wait(0.01):
            with contextlib.suppress(psutil.Error):
                for slot in fork_server.children():
                    for examiner in (e for p in slot.children() for e in p.children()):
                        made = examiner.create_time()
                        others = (p for p in slot.children() if p.pid != examiner.ppid())
                        candidates = (p for p in others if p.create_time() >= made)
                        used = sum(private(p.pid) for p in (examiner, *candidates))
                        peak[0] = max(peak[0], used)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def private(process: int) -> int:
    """Return the memory that only this process holds, in bytes."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return 1024 * sum(int(x.split()[1]) for x in lines if x.startswith("Private_"))
    return 0


# --- many -----------------------------------------------------------------------------------------


def scale(work: Path, class_: list[tuple[str, str, str]]) -> None:
    """Print time and memory for 10 to 1000 submissions."""
    first = [item for item in class_ if item[1] == class_[0][1]]
    print(f"\n{'submissions':>12}{'seconds':>10}{'ms each':>10}{'this process, MB':>18}")
    for count in (10, 100, 1000):
        many = [(f"s{k:04}", *first[k % len(first)][1:]) for k in range(count)]
        layout = hand_in(work / str(count), many)
        seconds = timed(lambda layout=layout: grade_all(layout, HERE.chapters()))
        memory = psutil.Process().memory_info().rss / 2**20
        print(f"{count:12}{seconds:10.1f}{1000 * seconds / count:10.1f}{memory:18.0f}")
    seconds = timed(
        lambda: subprocess.run(
            [sys.executable, "-m", "autograder.cli", "grade", "--work", str(work / "1000")],
            check=True,
            capture_output=True,
        )
    )
    print(f"{'1000, none new':>12}{seconds:8.1f}")


def timed(function: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
