"""Grading on a Dask cluster: a scheduler and two workers in processes of their own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from autograder.gradebook import book as gradebook
from autograder.grading import workers

CHAPTER = "1_powers"
RIGHT = {
    "square": "def square(x):\n    return x * x",
    "cube": "import os\nprint('process', os.getpid(), os.getppid())\n\n"
    "def cube(x):\n    import time\n    time.sleep(0.1)\n    return x**3",
    "hunt": "def slope(x):\n    return 2 * x",
}


@contextlib.contextmanager
def started(*command: str, folder: Path):
    """Yield a process and the function that waits for a line of what it prints."""
    log = folder / f"{command[0]}-{time.monotonic_ns()}.log"
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + command[0], *command[1:]],
            stdout=file, stderr=subprocess.STDOUT, cwd=folder,
            env=os.environ | {"TMPDIR": str(temporary), "PYTHONWARNINGS": "ignore"},
        )  # fmt: skip

    def wait_for(pattern: str) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = re.search(pattern, log.read_text())
            if found:
                return found.group(1)
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        raise AssertionError(log.read_text())

    try:
        yield process, wait_for
    finally:
        family = [process, *psutil.Process(process.pid).children(recursive=True)] if (
            process.poll() is None
        ) else []  # fmt: skip
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        for member in family:
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                member.kill()
        process.wait()


@pytest.fixture
def cluster(tmp_path):
    """Yield the scheduler's address and two workers; the first one has a nanny, as by default."""
    with contextlib.ExitStack() as stack:
        scheduler = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        _, wait_for = stack.enter_context(started(*scheduler, folder=tmp_path))
        address = wait_for(r"Scheduler at: *(tcp://\S+)")
        workers = []
        for nanny in ("--nanny", "--no-nanny"):
            worker = (
                *("worker", address, "--nworkers", "1", "--nthreads", "1", nanny),
                *("--no-dashboard", "--local-directory", str(tmp_path / "tmp")),
            )
            process, wait_for = stack.enter_context(started(*worker, folder=tmp_path))
            workers.append((process, wait_for))
        for _, wait_for in workers:
            wait_for(r"(Registered to): *tcp")
        yield address, [process for process, _ in workers]


def scores(course) -> dict[str, float]:
    with gradebook.open_gradebook(course.layout) as book:
        return {score.student: score.score for score in book.scores()}


def is_fork_server(process: psutil.Process) -> bool:
    return "autograder.engine.fork_server" in " ".join(process.cmdline())


def engines(process: subprocess.Popen) -> list[psutil.Process]:
    """Return the prepared processes below a worker, without those that they made."""
    worker, found = psutil.Process(process.pid), []
    for child in worker.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # a candidate that has ended meanwhile
            if is_fork_server(child) and not is_fork_server(child.parent() or worker):
                found.append(child)
    return found


def hand_in_class(course, answers, count: int) -> None:
    for number in range(count):
        given = RIGHT if number % 3 else {"square": RIGHT["square"]}
        course.hand_in(f"s{number:02}", answers(**given))
    course.hand_in("none", "not a notebook")


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_what_this_machine_gives(make_course, answers, cluster):
    address, workers = cluster
    here, there = make_course(), make_course()
    for course in (here, there):
        hand_in_class(course, answers, 24)
    assert here.run("grade")[0] == 1  # one is no notebook
    seen = {process.pid for worker in workers for process in family(worker)}
    counts = []

    def kill_one_halfway() -> None:
        while len(scores(there)) < 8:
            time.sleep(0.1)
        counts.extend(len(engines(worker)) for worker in workers)
        workers[1].kill()

    killer = threading.Thread(target=kill_one_halfway)
    killer.start()
    status, printed = there.run("grade", "--scheduler", address)
    killer.join()
    assert status == 1
    assert "none/1_powers/1_powers.ipynb: not a notebook (not JSON)" in printed
    assert printed.count("[red]") == 0 and "this machine failed" not in printed
    assert scores(there) == scores(here)
    assert len(scores(there)) == 24
    assert counts == [1, 1]  # an engine for each worker
    assert processes_of_students(there).isdisjoint(seen)
    assert len(processes_of_students(there)) > 10


def family(process: subprocess.Popen) -> list[psutil.Process]:
    return [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]


def processes_of_students(course) -> set[int]:
    """Return the numbers of the processes in which students' cells ran."""
    found = set()
    for path in (course.layout.work / "autograded").rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", ()):
                printed = re.search(r"process (\d+)", output.get("text", ""))
                found |= {int(printed.group(1))} if printed else set()
    return found


def test_a_workers_engine_ends_with_the_worker(make_course, answers, cluster):
    address, workers = cluster
    course = make_course()
    hand_in_class(course, answers, 8)
    course.run("grade", "--scheduler", address)
    below = [process for worker in workers for process in engines(worker)]
    assert len(below) == 2
    for worker in workers:
        worker.terminate()
    assert psutil.wait_procs(below, timeout=20)[1] == []


def test_a_scheduler_that_does_not_answer_is_one_line(course, answers, monkeypatch):
    monkeypatch.setattr(workers, "ANSWER_SECONDS", 1)
    course.hand_in("ada", answers(**RIGHT))
    status, printed = course.run("grade", "--scheduler", "tcp://127.0.0.1:9")
    assert status == 1
    assert "Traceback" not in printed
    assert "autograder: tcp://127.0.0.1:9: no Dask scheduler answers" in printed


def test_a_scheduler_without_workers_is_one_line(course, answers, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "ANSWER_SECONDS", 2)
    course.hand_in("ada", answers(**RIGHT))
    scheduler = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    with started(*scheduler, folder=tmp_path) as (_, wait_for):
        address = wait_for(r"Scheduler at: *(tcp://\S+)")
        status, printed = course.run("grade", "--scheduler", address)
    assert status == 1
    assert f"autograder: {address}: the scheduler has no workers" in printed


@contextlib.contextmanager
def grading_on(address: str, course, finished: int):
    """Yield a run of `grade` on a cluster once it has finished so many submissions."""
    process = course.start(
        "grade", "--scheduler", address,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while len(scores(course)) < finished and time.monotonic() < deadline:
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_ctrl_c_on_a_cluster_keeps_what_was_finished(make_course, answers, cluster):
    address, _ = cluster
    course = make_course()
    hand_in_class(course, answers, 150)
    assert course.run("grade", "--student", "s00")[0] == 0
    with grading_on(address, course, 5) as process:
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == 130
    assert complaint.strip() == "autograder: stopped; what was finished is kept."
    kept = scores(course)
    assert 5 <= len(kept) < 150
    assert f"{len(kept)} unchanged" in course.run("grade", "--scheduler", address)[1]
    assert len(scores(course)) == 150
