"""Grading on a Dask cluster: a scheduler and two workers in processes of their own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from tests.tools.processes import still_running

from autograder.gradebook import book as gradebook
from autograder.grading import cluster as clusters
from autograder.grading import run

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


@contextlib.contextmanager
def made_cluster(folder: Path, nannies: tuple[str, ...], *tls: str):
    """Yield the scheduler's address, its process, and a worker for each choice of a nanny."""
    with contextlib.ExitStack() as stack:
        host = "tls://127.0.0.1" if tls else "127.0.0.1"
        scheduler = ("scheduler", "--host", host, "--port", "0", "--no-dashboard", *tls)
        leader, wait_for = stack.enter_context(started(*scheduler, folder=folder))
        address = wait_for(r"Scheduler at: *(t\w\w://\S+)")
        workers = []
        for nanny in nannies:
            worker = (
                *("worker", address, "--nworkers", "1", "--nthreads", "1", nanny),
                *("--no-dashboard", "--local-directory", str(folder / "tmp"), *tls),
            )
            process, wait_for = stack.enter_context(started(*worker, folder=folder))
            workers.append((process, wait_for))
        for _, wait_for in workers:
            wait_for(r"(Registered to): *t")
        yield address, leader, [process for process, _ in workers]


@pytest.fixture
def cluster(tmp_path):
    """Yield the scheduler's address and two workers; the first one has a nanny, as by default."""
    with made_cluster(tmp_path, ("--nanny", "--no-nanny")) as (address, _, workers):
        yield address, workers


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
    assert f"{address} is not encrypted: who can reach it can read submissions" in printed
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
    assert still_running(below, 30) == []


def test_a_scheduler_that_does_not_answer_is_one_line(course, answers, monkeypatch):
    monkeypatch.setattr(clusters, "ANSWER_SECONDS", 1)
    course.hand_in("ada", answers(**RIGHT))
    status, printed = course.run("grade", "--scheduler", "tcp://127.0.0.1:9")
    assert status == 1
    assert "Traceback" not in printed
    assert "autograder: tcp://127.0.0.1:9: no Dask scheduler answers" in printed


def test_a_scheduler_without_workers_is_one_line(course, answers, tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "ANSWER_SECONDS", 2)
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
        _, complaint = process.communicate(timeout=120)
    assert process.returncode == 130
    assert complaint.strip() == "autograder: stopped; what was finished is kept."
    kept = scores(course)
    assert 5 <= len(kept) < 150
    assert f"{len(kept)} unchanged" in course.run("grade", "--scheduler", address)[1]
    assert len(scores(course)) == 150


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("scheduler killed", "the scheduler is gone; what was finished is kept: start it and run"),
        ("scheduler frozen", "the scheduler is gone; what was finished is kept: start it and run"),
        ("worker killed", "the scheduler has no workers; start: dask worker tcp://"),
    ],
)
def test_a_cluster_that_is_lost_ends_the_run_in_one_line(
    make_course, answers, tmp_path, monkeypatch, loss, said
):
    course = make_course()
    hand_in_class(course, answers, 60)
    with made_cluster(tmp_path, ("--no-nanny",)) as (address, leader, workers):

        def lose_it_halfway() -> None:
            while len(scores(course)) < 5:
                time.sleep(0.1)
            process = leader if loss.startswith("scheduler") else workers[0]
            process.send_signal(signal.SIGSTOP if loss.endswith("frozen") else signal.SIGKILL)
            monkeypatch.setattr(run, "CHECK_SECONDS", 1)
            monkeypatch.setattr(clusters, "ANSWER_SECONDS", 1)

        killer = threading.Thread(target=lose_it_halfway)
        killer.start()
        status, printed = course.run("grade", "--scheduler", address)
        killer.join()
        leader.send_signal(signal.SIGCONT)
    assert status == 1
    (line,) = [line for line in printed.splitlines() if line.startswith("autograder:")]
    assert line.startswith(f"autograder: {address}: {said}")
    assert "Traceback" not in printed
    assert 5 <= len(scores(course)) < 60
    assert "0 graded, 1 unchanged" in course.run("grade", "--student", min(scores(course)))[1]


@pytest.fixture
def certificate(tmp_path):
    """Return a function that makes a certificate, which is its own authority, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl; Debian, Ubuntu: sudo apt install openssl")

    def make(name: str) -> tuple[str, ...]:
        cert, key = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", cert],
            check=True, capture_output=True,
        )  # fmt: skip
        return "--tls-ca-file", str(cert), "--tls-cert", str(cert), "--tls-key", str(key)

    return make


def test_a_cluster_with_tls_knows_who_asks(course, answers, tmp_path, monkeypatch, certificate):
    tls = certificate("class")
    course.hand_in("ada", answers(**RIGHT))
    with made_cluster(tmp_path, ("--no-nanny",), *tls) as (address, _, _):
        assert address.startswith("tls://")
        status, printed = course.run("grade", "--scheduler", address, *tls)
        assert (status, scores(course)) == (0, {"ada": 6}), printed
        assert "not encrypted" not in printed
        monkeypatch.setattr(clusters, "ANSWER_SECONDS", 2)
        stranger = certificate("stranger")
        status, printed = course.run("grade", "--force", "--scheduler", address, *stranger)
        assert status == 1
        assert f"autograder: {address}: no Dask scheduler answers" in printed
        assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("address", "options", "said"),
    [
        ("tls://host:8786", [], "needs --tls-ca-file, --tls-cert, --tls-key as well"),
        ("tls://host:8786", ["ca-file", "cert"], "needs --tls-key as well"),
        ("tls://host:8786", ["ca-file", "cert", "key"], "--tls-ca-file absent.pem: no such file"),
        ("tcp://host:8786", ["ca-file"], "tcp://host:8786 is not encrypted, whatever --tls-* says"),
    ],
)
def test_tls_that_can_not_work_is_one_line(course, answers, address, options, said):
    course.hand_in("ada", answers(**RIGHT))
    given = [word for option in options for word in (f"--tls-{option}", "absent.pem")]
    status, printed = course.run("grade", "--scheduler", address, *given)
    assert status == 2
    assert said in printed
    assert len(printed.splitlines()) == 1


def test_what_listens_but_is_no_scheduler_is_one_line(course, answers, monkeypatch):
    monkeypatch.setattr("autograder.grading.cluster.ANSWER_SECONDS", 2)
    course.hand_in("ada", answers())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        status, printed = course.run("grade", "--scheduler", address)
    assert status == 1
    assert f"autograder: {address}: no Dask scheduler answers" in printed
