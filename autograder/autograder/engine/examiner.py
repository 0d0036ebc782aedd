"""The examiner: runs the test cells, reaches the student's code over the wire, decides the points.

It is forked from the same process as the candidates and reads its job only then.
"""

from __future__ import annotations

import contextlib
import linecache
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from autograder.engine.check_modules import give_checks
from autograder.engine.conversation import Clock, Conversation, Died, Proxy, Scenarios
from autograder.engine.failures import checked, describe_failure, render
from autograder.engine.job import Job, JobCell, code_of
from autograder.engine.output import Output
from autograder.engine.rebuild import NotANotebook, read_notebook
from autograder.engine.result import CellResult, Examination
from autograder.engine.slot_client import SlotClient
from autograder.engine.text import encodable, printable
from autograder.engine.wire.channel import Channel
from byhand.checks import reach

MOST_DEATHS = 5
MOST_DISPLAYED = 50  # values that a cell displays


class Examiner:
    """Examines one notebook.

    Parameters
    ----------
    job : Job
        What to examine.
    slot : SlotClient
        Provides candidates.
    report : callable
        Told the position of each cell before it runs: if this process falls, that is where.
    """

    def __init__(self, job: Job, slot: SlotClient, report: Callable[[int], None]) -> None:
        self.job = job
        self.report = report
        self.clock = Clock(job.limits)
        self.output = Output()
        self.conversation = Conversation(slot, self.clock, self.output, self.flag)
        self.flags: list[str] = []
        self.deaths = 0
        self.deadly: set[int] = set()  # positions of cells that a fresh candidate passes over
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.scenarios = {
            (module.path, line): source
            for module in job.modules
            for line, source in module.scenarios.items()
        }

    def run(self) -> Examination:
        """Run all cells; return their results."""
        reach.delegate_to(self.conversation)
        give_checks(self.job.modules)
        results = []
        for position, cell in enumerate(self.job.cells):
            started = time.perf_counter()
            self.report(position)
            # What a student's function returned may keep a test busy forever, deep in C code:
            # then this signal ends the process.
            signal.setitimer(signal.ITIMER_PROF, self.clock.cell_seconds)
            result = self.run_one(position, cell)
            output = self.output.end_cell(result.displayed)
            seconds = time.perf_counter() - started
            results.append(replace(result, output=output, seconds=seconds))
        replaced = self.ask_what_was_replaced()
        if replaced:
            self.flag(f"replaced in its own process: {', '.join(replaced)}")
        return Examination(results, self.flags, self.conversation.requests)

    def flag(self, text: str) -> None:
        """Note something that a person should see, once."""
        if text not in self.flags:
            self.flags.append(text)

    def run_one(self, position: int, cell: JobCell) -> CellResult:
        """Run one cell in the process or processes that it belongs to."""
        self.start_cell()
        try:
            if position in self.job.skip:
                raise Died("was passed over: what the student's code sent brought its test down")
            if self.deaths > MOST_DEATHS:
                raise Died("not run: the notebook had ended its process too often before")
            if time.monotonic() > self.clock.end:
                raise Died("not run: the notebook had used up its time before")
            if self.conversation.channel is None:
                self.start_candidate(position)
            if cell.kind == "test":
                return self.run_test(cell)
            if cell.kind == "setup":
                with self.captured():
                    exec(compile(cell.source, f"<{cell.id}>", "exec"), self.names)
            return self.run_cell(cell)
        except Died as death:
            self.conversation.hang_up()
            reason = str(death)
            if not reason.startswith("not run"):
                self.deaths += 1
                self.flag(f"cell {cell.id} {reason}")
                if cell.kind != "test":
                    self.deadly.add(position)
            return CellResult(
                cell.id, cell.kind, maximum=cell.points, error=("Died", "Died", reason),
                traceback=render(["Died", "Died", reason, [], []]), died=True,
            )  # fmt: skip

    def start_cell(self) -> None:
        """Give a cell its time and room for its output."""
        self.output.start_cell()
        self.clock.start_cell()
        if self.conversation.channel is not None:
            self.conversation.channel.room = self.output.room()

    def start_candidate(self, position: int) -> None:
        """Get a candidate and bring it to where the notebook is."""
        while True:
            self.conversation.start(self.job.seed)
            try:
                for earlier, cell in enumerate(self.job.cells[:position]):
                    if cell.kind != "test" and earlier not in self.deadly:
                        at = earlier
                        self.clock.start_cell()
                        self.run_cell(cell)
            except Died:
                self.deadly.add(at)
                self.deaths += 1
                self.conversation.hang_up()
                if self.deaths > MOST_DEATHS:
                    raise
                continue
            self.start_cell()
            return

    def run_cell(self, cell: JobCell) -> CellResult:
        """Run a cell beside the student's code."""
        answer = self.conversation.ask("cell", cell.source)
        try:
            kind, error, displayed = answer
            if kind != "ran":
                raise ValueError("no answer to a cell")
            shown, room = [], self.output.room()
            for what, text in displayed[:MOST_DISPLAYED]:
                if what not in ("execute_result", "display_data") or type(text) is not str:
                    raise ValueError("nothing that can be displayed")
                if len(text) <= room:
                    room -= len(text)
                    shown.append(_display(what, text))
            found = CellResult(cell.id, cell.kind, maximum=cell.points, displayed=shown)
            if error is None:
                return found
            told = checked(error)
            return replace(found, error=tuple(told[:3]), traceback=render(told))
        except Exception as reason:  # whatever it is, it is caused by what was sent
            raise Died(f"broke the rules of the wire: {type(reason).__name__}") from None

    @contextlib.contextmanager
    def captured(self) -> Iterator[None]:
        """Send what this process prints and warns of to the cell's output."""
        text = self.output.text
        with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            yield

    def run_test(self, cell: JobCell) -> CellResult:
        """Run a test cell and return its points and, where it failed, why."""
        name = f"<{cell.id}>"
        lines = cell.source.split("\n")
        linecache.cache[name] = (len(cell.source), None, [line + "\n" for line in lines], name)
        found = CellResult(cell.id, cell.kind, maximum=cell.points)
        try:
            value = self.run_source(cell, name)
            self.conversation.ask("end")
        except Died:
            raise
        except BaseException as error:
            if self.conversation.channel is None:  # a test that swallowed its candidate's end
                raise Died("ended its process") from None
            failure = describe_failure(error, name, lines)
            self.conversation.ask("end")
            return replace(found, **failure)
        # nbgrader's partial credit
        partial = type(value) in (int, float) and 0 <= value <= cell.points
        shown = [] if value is None else [_display("execute_result", encodable(repr(value)[:2000]))]
        points = float(value) if partial else cell.points
        return replace(found, points=points, displayed=shown)

    def run_source(self, cell: JobCell, name: str) -> Any:
        """Run a test cell's code; return the value of its last expression, if there is one."""
        if cell.test is None:
            compile(cell.source, name, "exec")  # raises what is wrong with it
            raise SyntaxError("this cell can't be compiled")
        for read in cell.test.reads:
            if read not in self.names:
                self.names[read] = Proxy(self.conversation, ["N", read], read)
        own = {(name, line): source for line, source in cell.test.scenarios.items()}
        self.conversation.scenarios = Scenarios(self.scenarios | own)
        with self.captured(), np.errstate():
            exec(code_of(cell.test.body), self.names)
            if cell.test.last is not None:
                return eval(code_of(cell.test.last), self.names)
        return None

    def ask_what_was_replaced(self) -> list[str]:
        """Return which well-known functions the candidate says it has replaced."""
        if self.conversation.channel is None:
            return []
        self.clock.deadline = time.monotonic() + 1
        try:
            answer = self.conversation.ask("state")
            return [printable(name, 60) for name in answer[1][:10]]
        except (Died, TypeError, IndexError, KeyError):
            return []


def _display(output_type: str, text: str) -> dict[str, Any]:
    # only text: in HTML and the like a script could wait for the instructor
    return {"output_type": output_type, "data": {"text/plain": text}}


def _read(submission: bytes) -> list[Any]:
    try:
        return ["read", read_notebook(submission)]
    except NotANotebook as refusal:
        return ["refused", str(refusal)]


def main(channel: Channel, slot: SlotClient, report: Callable[[int], None]) -> int:
    """Do what the controller asks for, send the outcome; return the process's exit status.

    It asks to examine a notebook, or sends the bytes of one: then what counts of it is the outcome.
    """
    sys.stdin = open(os.devnull)
    try:
        message = channel.receive()
        if isinstance(message, bytes):
            channel.send(_read(message))
        else:
            job = msgspec.convert(message, Job)
            channel.send(["result", Examiner(job, slot, report).run()])
    except BaseException as error:  # told to the controller, which decides whether to try again
        channel.send(["failed", f"{type(error).__name__}: {error}"])
        return 1
    return 0
