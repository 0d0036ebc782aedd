"""The engine: examines notebooks, several at a time, in processes forked from a prepared one.

`examine` is the one function at the core: bytes in, a `Result` out. It knows no database and no
folders. An `Engine` keeps the prepared process; its methods may be called from several threads.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import byhand
from autograder.course.notebooks import kind_of, nbgrader_metadata, only_shows
from autograder.engine.fork_server import send_descriptors
from autograder.engine.job import prepare_test
from autograder.engine.limits import Limits
from autograder.engine.rebuild import rebuild
from autograder.engine.result import CellResult, Check, Result
from autograder.engine.sandbox import protections as sandbox
from autograder.engine.suspicions import suspicions
from autograder.engine.wire.values import LARGEST_JOB, Channel, WireError, printable
from autograder.errors import EngineFault, UserError
from autograder.machine import available_cores
from autograder.scratch import Scratch

START_SECONDS = 120
SLACK = 10  # seconds that an examiner may take beyond what its notebook may
TRIES = 3
MOST_FALLS = 3  # cells that may bring an examination down; then the rest is passed over
MOST_FLAGS = 100


class Engine:
    """Examines notebooks in processes of its own.

    Parameters
    ----------
    slots : int, optional
        How many notebooks at a time; by default one for each core.
    unsafe : bool
        Whether to go on where the machine can't protect itself from what students wrote.

    Raises
    ------
    UserError
        If the machine lacks what safety needs and `unsafe` is not set.
    """

    def __init__(self, slots: int | None = None, unsafe: bool = False) -> None:
        self.slots = slots or available_cores()
        self._lock = threading.Lock()
        self._closed = False
        self._unsafe = unsafe
        self._count = 0
        self._free: queue.SimpleQueue[socket.socket | None] = queue.SimpleQueue()
        for _ in range(self.slots):
            self._free.put(None)
        self._start()

    def _start(self) -> None:
        """Start the process that all others are forked from."""
        with Scratch("engine") as folder:  # once it has started it has a file system of its own
            report = self._start_in(folder)
        self.walls = [sandbox.Wall(**wall) for wall in report["walls"]]
        self.missing: str | None = report["missing"]
        if self.missing and not self._unsafe:
            self.close()
            raise UserError(
                f"this machine can't protect itself from what students wrote: it lacks "
                f"{self.missing}. Grade on another one or in a container, or say --unsafe"
            )

    def _start_in(self, folder: Path) -> dict:
        outside = folder / "outside"  # what no candidate may read, to try the walls out
        outside.touch()
        ours, theirs = socket.socketpair()
        variables = {
            name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ
        } | {
            "PYTHONHASHSEED": "0", "MPLBACKEND": "agg", "TMPDIR": str(folder),
            "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
            "NBGRADER_EXECUTION": "autograde", "IPYTHONDIR": str(folder / "ipython"),
            "MPLCONFIGDIR": str(folder / "matplotlib"), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        command = [
            sys.executable, "-P", "-m", "autograder.engine.fork_server", str(theirs.fileno()),
            str(Path(byhand.__file__).parent), str(outside),
        ]  # fmt: skip
        with theirs:
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], env=variables, stdin=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C in a terminal is for us to handle
            )  # fmt: skip
        self._zygote = ours
        try:
            return self._read_report()
        except BaseException:
            self._end_process()
            raise

    def _read_report(self) -> dict:
        self._zygote.settimeout(START_SECONDS)
        content = b""
        try:
            while not content.endswith(b"\n"):
                chunk = self._zygote.recv(65536)
                if not chunk:
                    raise EngineFault("the grading process ended while it started")
                content += chunk
        except OSError as error:
            raise EngineFault(f"the grading process did not start: {error}") from None
        self._zygote.settimeout(None)
        return json.loads(content)

    # -- examining --------------------------------------------------------------------------

    def examine(self, source: bytes, submission: bytes, limits: Limits | None = None) -> Result:
        """Examine one submission.

        Parameters
        ----------
        source : bytes
            The source notebook, with answers and hidden tests.
        submission : bytes
            What a student handed in.
        limits : Limits, optional
            How long it may take.

        Raises
        ------
        NotANotebook
            If the submission is none.
        EngineFault
            If the machine failed three times.
        """
        limits = limits or Limits()
        rebuilt = rebuild(source, submission)
        cells = [
            cell
            for cell in rebuilt.code_cells()
            if cell["id"] in rebuilt.written or not only_shows(cell)
        ]
        flags = list(rebuilt.flags)
        job_cells = []
        for cell in cells:
            part = kind_of(cell)
            metadata = nbgrader_metadata(cell)
            by_person = part == "test" and metadata.get("solution")
            # everything but imports and tests runs beside the student's code
            role = part if part in ("setup", "test") and not by_person else "student"
            job_cell = {"id": cell["id"], "role": role, "source": cell["source"], "points": 0.0}
            if role == "test":
                job_cell["points"] = float(metadata.get("points", 0))
                job_cell["prepared"] = prepare_test(cell["source"], f"<{cell['id']}>")
            job_cells.append(job_cell)
            if cell["id"] in rebuilt.written:
                flags += [f"cell {cell['id']} {reason}" for reason in suspicions(cell["source"])]
        job = {
            "cells": job_cells,
            "seed": int.from_bytes(hashlib.sha256(submission).digest()[:4], "big"),
            "cell_seconds": limits.cell_seconds,
            "notebook_seconds": limits.notebook_seconds,
            "skip": [],
        }
        outcome = self._run_with_retries(job, limits)
        results = [_cell_result(job_cell, found) for job_cell, found in
                   zip(job_cells, outcome["cells"], strict=True)]  # fmt: skip
        for cell, found in zip(cells, results, strict=True):
            cell["outputs"] = outputs_of(found)
        flags += [flag for flag in outcome["flags"] if flag not in flags]
        if len(flags) > MOST_FLAGS:
            flags[MOST_FLAGS:] = [f"and {len(flags) - MOST_FLAGS} more of the kind"]
        flags = [printable(" ".join(flag.split()), 500) for flag in flags]
        return Result(results, flags, rebuilt.notebook, outcome["requests"])

    def _run_with_retries(self, job: dict, limits: Limits) -> dict:
        """Run a job again where the machine failed.

        An examination that falls twice at one cell falls over what the student's code sent there:
        then that cell is passed over; and where there are many such cells, all that follow.
        """
        falls: list[int] = []
        attempt = 0
        while True:
            try:
                return self._run(job, limits)
            except EngineFault as fault:
                attempt += 1
                position = fault.position
                if position is not None and position in falls:
                    last = position + 1 if len(job["skip"]) < MOST_FALLS else len(job["cells"])
                    job["skip"] = [*job["skip"], *range(position, last)]
                    attempt = 0
                elif position is not None:
                    falls.append(position)
                if attempt >= TRIES or self._closed:
                    raise
                time.sleep(0.1 * attempt)

    def _run(self, job: dict, limits: Limits) -> dict:
        seconds = limits.notebook_seconds + SLACK
        with self._slot() as slot:
            ours, theirs = socket.socketpair()
            channel = Channel(ours, LARGEST_JOB)
            try:
                with theirs:
                    send_descriptors(slot, b"%.3f" % seconds, theirs.fileno())
                ours.settimeout(seconds)
                channel.send(job)
                answer = channel.receive(time.monotonic() + seconds + SLACK)
            except (WireError, OSError) as error:
                answer = ["fault", f"the examination ended before its end: {error}"]
            finally:
                channel.close()
            position = self._end_of_job(slot)
        if answer[0] != "result":
            raise EngineFault(str(answer[1]), position)
        return answer[1]

    @staticmethod
    def _end_of_job(slot: socket.socket) -> int | None:
        """Wait until a slot has cleaned up; return at which cell the examination ended."""
        slot.settimeout(SLACK)
        try:
            said = slot.recv(4)
        except OSError as error:
            raise EngineFault(f"the grading process does not clean up: {error}") from None
        if not said:
            raise EngineFault("the grading process ended")
        slot.settimeout(None)
        position = int.from_bytes(said, "big", signed=True)
        return position if position >= 0 else None

    @contextlib.contextmanager
    def _slot(self) -> Iterator[socket.socket]:
        slot = self._free.get()
        healthy = False
        try:
            if slot is not None and _has_ended(slot):
                slot.close()
                slot = None
            if slot is None:
                slot = self._new_slot()
            yield slot
            healthy = True
        finally:
            if not healthy and slot is not None:
                slot.close()
                slot = None
            self._free.put(slot)

    def _new_slot(self) -> socket.socket:
        with self._lock:
            if self._closed:
                raise EngineFault("grading was stopped")
            if _has_ended(self._zygote):
                self._end_process()
                self._start()
            self._count += 1
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    send_descriptors(self._zygote, b"%d" % self._count, theirs.fileno())
            except OSError as error:
                ours.close()
                raise EngineFault(f"the grading process is gone: {error}") from None
        return ours

    def close(self) -> None:
        """End all processes."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                slot = self._free.get_nowait()
                if slot is not None:
                    slot.close()
        for _ in range(self.slots):
            self._free.put(None)  # who waits for one finds out
        self._end_process()

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def _end_process(self) -> None:
        self._zygote.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _has_ended(connection: socket.socket) -> bool:
    """Return whether the other end of a connection on which nothing is due has hung up."""
    try:
        connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


# --- results --------------------------------------------------------------------------------------


def _cell_result(job_cell: dict, found: dict[str, Any]) -> CellResult:
    error = found["error"]
    check = found.get("check")
    traceback = found.get("traceback")
    if error is not None and traceback is None:
        from autograder.engine.examiner import render

        traceback = render([error[0], error[1], error[2], error[3]], [], 0)
    return CellResult(
        id=job_cell["id"],
        role=job_cell["role"],
        error=None if error is None else (error[0], error[1], error[2]),
        traceback=traceback or [],
        output=found["output"],
        displayed=found["displayed"],
        seconds=found["seconds"],
        points=found.get("points", 0.0),
        maximum=job_cell["points"],
        hidden=found.get("hidden", False),
        died=found.get("died", False),
        check=None if check is None else Check(**check),
    )


def outputs_of(cell: CellResult) -> list[dict[str, Any]]:
    """Return what a cell put out as a notebook's outputs."""
    outputs: list[dict[str, Any]] = []
    if cell.output:
        outputs.append({"output_type": "stream", "name": "stdout", "text": cell.output})
    for item in cell.displayed:
        output = {"output_type": item["kind"], "data": item["data"], "metadata": {}}
        if item["kind"] == "execute_result":
            output["execution_count"] = None
        outputs.append(output)
    if cell.error is not None:
        outputs.append(
            {"output_type": "error", "ename": cell.error[1], "evalue": cell.error[2],
             "traceback": cell.traceback}
        )  # fmt: skip
    return outputs


_engine: Engine | None = None
_engine_lock = threading.Lock()


def examine(source: bytes, submission: bytes, limits: Limits | None = None) -> Result:
    """Examine one submission with this process's engine, started at the first call.

    See `Engine.examine`.
    """
    return default_engine().examine(source, submission, limits)


def default_engine(slots: int | None = None, unsafe: bool = False) -> Engine:
    """Return this process's engine; start it, with the settings given, where there is none."""
    import atexit

    global _engine
    with _engine_lock:
        if _engine is None or _engine.is_closed:
            _engine = Engine(slots, unsafe)
            atexit.register(_engine.close)
        return _engine
