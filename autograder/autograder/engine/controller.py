"""The engine: examines notebooks, several at a time, in processes forked from a prepared one.

`examine` is the one function at the core: bytes in, a `Result` out. It knows no database and no
folders. An `Engine` keeps the prepared process; its methods may be called from several threads.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

import byhand
from autograder.course.notebooks import kind_of, nbgrader_metadata
from autograder.engine.check_modules import modules_for
from autograder.engine.disclosure import clean_job, with_messages
from autograder.engine.examiner_client import ExaminerClient, Reference
from autograder.engine.job import Job, JobCell, prepare_test
from autograder.engine.known_tests import RightAnswers
from autograder.engine.limits import Limits
from autograder.engine.needed import cells_to_run
from autograder.engine.reading import NotANotebook, check_size
from autograder.engine.reasons import Reasons
from autograder.engine.rebuild import rebuild, rebuild_from
from autograder.engine.result import CellResult, Examination, Result
from autograder.engine.sandbox.protections import Protection
from autograder.engine.suspicions import suspicions
from autograder.engine.text import printable
from autograder.engine.wire.channel import Channel, WireError
from autograder.errors import EngineFault, UserError
from autograder.machine import available_cores
from autograder.scratch import Scratch

START_SECONDS = 600  # that a start may take on the busiest machine
TRIES = 3
MOST_FALLS = 3  # cells that may bring an examination down; then the rest is passed over
MOST_FLAGS = 100
MOST_REFERENCES = 16  # chapters whose own answers are kept at hand


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
        self._references: dict[bytes, int] = {}  # files by their keys; the last one used comes last
        self._right = RightAnswers()
        self._free: queue.SimpleQueue[tuple[int, socket.socket | None]] = queue.SimpleQueue()
        for place in range(self.slots):
            self._free.put((place, None))
        self._start()

    def _start(self) -> None:
        """Start the process that all others are forked from."""
        with Scratch("engine") as folder:  # once it has started it has a file system of its own
            protections, missing = self._start_in(folder)
        self.missing: str | None = missing
        self.protections = msgspec.convert(protections, list[Protection])
        if self.missing and not self._unsafe:
            self.close()
            raise UserError(
                f"this machine can't protect itself from what students wrote: it lacks "
                f"{self.missing}. Grade on another one or in a container, or say --unsafe"
            )

    def _start_in(self, folder: Path) -> list[Any]:
        outside = folder / "outside"  # what no candidate may read, to try the sandbox out
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
        self._fork_server = ours
        try:
            report = Channel(ours).receive(time.monotonic() + START_SECONDS)
            ours.settimeout(None)
            return report
        except BaseException as error:
            self._end_process()
            if isinstance(error, WireError):
                raise EngineFault(f"the grading process did not start: {error}") from None
            raise

    # -- examining --------------------------------------------------------------------------

    def examine(
        self,
        source: bytes,
        submission: bytes,
        limits: Limits | None = None,
        released: Collection[str] = (),
    ) -> Result:
        """Examine one submission.

        Parameters
        ----------
        source : bytes
            The source notebook, with answers and hidden tests.
        submission : bytes
            What a student handed in.
        limits : Limits, optional
            How long it may take.
        released : collection of str
            The traces of earlier releases; see `autograder.engine.released`.

        Raises
        ------
        NotANotebook
            If the submission is none.
        EngineFault
            If the machine failed three times.
        """
        limits = limits or Limits()
        reference = self._reference(source, limits)
        seconds = 2 * limits.notebook_seconds * limits.patience  # with and without hidden tests
        with ExaminerClient(self._slot, reference, seconds) as examiner:
            rebuilt = rebuild_from(source, self._read(submission, examiner), released)
            cells = cells_to_run(rebuilt.code_cells(), rebuilt.written)
            job = _job(cells, submission, limits)
            found = self._run(replace(job, passed=self._right.of(reference.key)), examiner)
            self._right.add(reference.key, found.passed)
            clean = clean_job(job, found.cells)
            # with a candidate of its own, which has seen no hidden test
            quotable = self._run(clean, examiner) if clean else None
        reasons = Reasons(rebuilt.written_with)
        results = with_messages(job, found.cells, quotable, reasons)
        for cell, result in zip(cells, results, strict=True):
            cell["outputs"] = outputs_of(result)
        flags: list[str] = []  # the weightiest first
        for cell in cells:
            if cell["id"] in rebuilt.written:
                flags += [f"cell {cell['id']} {reason}" for reason in suspicions(cell["source"])]
        flags += [
            flag for flag in (*found.flags, *reasons.flags, *rebuilt.flags) if flag not in flags
        ]
        if len(flags) > MOST_FLAGS:
            flags[MOST_FLAGS:] = [f"and {len(flags) - MOST_FLAGS} more of the kind"]
        flags = [printable(" ".join(flag.split()), 500) for flag in flags]
        return Result(results, flags, rebuilt.notebook, found.requests)

    def _reference(self, source: bytes, limits: Limits) -> Reference:
        """Return the job of examining a source's own answers; it is written down once."""
        with self._lock:
            job, key = _reference_job(source, limits)
            file = self._references.pop(key, None)
            if file is None:
                file = os.memfd_create("reference")
                os.pwrite(file, job, 0)
            self._references[key] = file
            while len(self._references) > MOST_REFERENCES:
                os.close(self._references.pop(next(iter(self._references))))
            return Reference(key, os.dup(file))

    def _read(self, submission: bytes, examiner: ExaminerClient) -> dict[str, Any]:
        """Return what counts of a submission; a process confined as examiners are reads it."""
        check_size(submission)
        attempt = 0
        while True:
            try:
                status, found = examiner.ask(submission)
                break
            except EngineFault:
                attempt += 1
                if attempt >= TRIES or self._closed:
                    raise
        if status == "refused":
            examiner.let_go()
            raise NotANotebook(found)
        return found

    def _run(self, job: Job, examiner: ExaminerClient) -> Examination:
        """Run a job, again where the machine failed.

        An examination that falls twice at one cell does so because of what the student's code sent
        there: then that cell is passed over; where there are many such cells, so are all that
        follow.
        """
        job = replace(job, modules=[])  # the process that examiners are forked from has them
        falls: list[int] = []
        attempt = 0
        while True:
            try:
                return msgspec.convert(examiner.ask(job)[1], Examination)
            except EngineFault as fault:
                attempt += 1
                position = fault.position
                if position is not None and position in falls:
                    last = position + 1 if len(job.skip) < MOST_FALLS else len(job.cells)
                    job = replace(job, skip=[*job.skip, *range(position, last)])
                    attempt = 0
                elif position is not None:
                    falls.append(position)
                if attempt >= TRIES or self._closed:
                    raise
                time.sleep(0.1 * attempt)

    @contextlib.contextmanager
    def _slot(self) -> Iterator[socket.socket]:
        place, slot = self._free.get()
        healthy = False
        try:
            if slot is not None and _has_ended(slot):
                slot.close()
                slot = None
            if slot is None:
                slot = self._new_slot(place)
            yield slot
            healthy = True
        finally:
            if not healthy and slot is not None:
                slot.close()
                slot = None
            self._free.put((place, slot))

    def _new_slot(self, place: int) -> socket.socket:
        with self._lock:
            if self._closed:
                raise EngineFault("grading was stopped")
            if _has_ended(self._fork_server):
                self._end_process()
                self._start()
            self._count += 1
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    message = b"%d %d %d" % (self._count, place, self.slots)
                    socket.send_fds(self._fork_server, [message], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise EngineFault(f"the grading process is gone: {error}") from None
        return ours

    def close(self) -> None:
        """End all processes."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                _, slot = self._free.get_nowait()
                if slot is not None:
                    slot.close()
        for place in range(self.slots):
            self._free.put((place, None))  # threads that wait for one find out
        self._end_process()
        with self._lock:
            while self._references:
                os.close(self._references.popitem()[1])

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def _end_process(self) -> None:
        self._fork_server.close()
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


@lru_cache(maxsize=16)  # chapters
def _reference_job(source: bytes, limits: Limits) -> tuple[bytes, bytes]:
    """Return the job of examining a chapter's own answers, and its key."""
    rebuilt = rebuild(source, source)
    job = _job(cells_to_run(rebuilt.code_cells(), rebuilt.written), b"", limits)
    encoded = msgspec.msgpack.encode(job)
    return encoded, hashlib.sha256(encoded).hexdigest()[:32].encode()


def _job(cells: list[dict[str, Any]], submission: bytes, limits: Limits) -> Job:
    seed = int.from_bytes(hashlib.sha256(submission).digest()[:4], "big")
    trusted = [c["source"] for c in cells if kind_of(c) in ("setup", "test")]
    return Job([_job_cell(cell) for cell in cells], seed, limits, modules_for(trusted))


def _job_cell(cell: dict[str, Any]) -> JobCell:
    kind = kind_of(cell)
    if kind != "test":
        return JobCell(cell["id"], kind, cell["source"])
    test = prepare_test(cell["source"], f"<{cell['id']}>")
    points = float(nbgrader_metadata(cell).get("points", 0))
    return JobCell(cell["id"], kind, cell["source"], points, test)


def outputs_of(cell: CellResult) -> list[dict[str, Any]]:
    """Return what a cell printed, displayed and raised, as a notebook's outputs."""
    outputs: list[dict[str, Any]] = []
    if cell.output:
        outputs.append({"output_type": "stream", "name": "stdout", "text": cell.output})
    for item in cell.displayed:
        output = {"output_type": item["output_type"], "data": item["data"], "metadata": {}}
        if item["output_type"] == "execute_result":
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
