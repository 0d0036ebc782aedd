"""The examiner: runs the test cells, reaches the student's code over the wire, decides the points.

It is forked from the same process as the candidates and reads its job only then.
"""

from __future__ import annotations

import contextlib
import linecache
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from autograder.engine.check_modules import CheckModule, give_checks
from autograder.engine.clock import Clock
from autograder.engine.conversation import Conversation, Died, Diverged
from autograder.engine.failures import checked, describe_failure, failed_line, render
from autograder.engine.job import Job, JobCell, code_of
from autograder.engine.known_tests import Follower, KnownTest, known_test
from autograder.engine.output import Output
from autograder.engine.proxies import Proxy, Scenarios
from autograder.engine.reading import NotANotebook, read_notebook
from autograder.engine.result import NOT_AGAIN, CellResult, Examination
from autograder.engine.slot_client import SlotClient
from autograder.engine.text import encodable, printable
from autograder.engine.wire.channel import Channel, Closed
from byhand.checks import reach
from byhand.checks.failures import CheckFailed

MOST_DEATHS = 5
MOST_STOPPED = 40  # functions that are not called again
OWN_TIME = 2  # times as much as the student's code may this process compute in a cell
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
    known : dict of str to KnownTest
        How the chapter's own answers passed its tests, by cell.
    keeps : bool
        Whether it is the chapter's own answers that are examined now: then that is kept there.
    """

    def __init__(
        self,
        job: Job,
        slot: SlotClient,
        report: Callable[[int], None],
        known: dict[str, KnownTest],
        keeps: bool = False,
    ) -> None:
        self.job = job
        self.known = known
        self.keeps = keeps
        self.passed: dict[str, bytes] = {}
        tests = (cell.id for cell in job.cells if cell.kind == "test")
        self.numbers = {name: number for number, name in enumerate(tests)}
        self.report = report
        self.clock = Clock(job.limits, slot.kept_waiting)
        self.output = Output()
        self.conversation = Conversation(slot, self.clock, self.output, self.flag)
        self.flags: list[str] = []
        self.first_hidden = job.first_hidden()  # later messages to students come from another pass
        self.deaths = 0
        self.deadly: set[int] = set()  # positions of cells that a fresh candidate passes over
        # why functions that hung or ended the process raise at once, by position and line
        self.stopped: dict[int, dict[int, str]] = {}
        self.late = False  # whether an answer is missing because it waited
        self.waits: set[str] = set()  # reasons that are perhaps the machine's
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.scenarios = {
            (module.path, line): code
            for module in job.modules
            for line, code in module.scenarios.items()
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
            signal.setitimer(signal.ITIMER_PROF, OWN_TIME * self.job.limits.cell_seconds)
            result = self.run_one(position, cell)
            output = self.output.end_cell(result.displayed)
            seconds = time.perf_counter() - started
            results.append(replace(result, output=output, seconds=seconds))
        replaced = self.ask_what_was_replaced()
        if replaced:
            self.flag(f"replaced in its own process: {', '.join(replaced)}")
        self.conversation.hang_up()
        return Examination(results, self.flags, self.conversation.requests, self.passed)

    def flag(self, text: str) -> None:
        """Note something that a person should see, once."""
        if text not in self.flags:
            self.flags.append(text)

    def run_one(self, position: int, cell: JobCell) -> CellResult:
        """Run one cell in the process or processes that it belongs to.

        If a function of the student's hangs there or ends the process, the cell runs again without
        it.
        """
        first: Died | None = None
        while True:
            try:
                result = self.try_one(position, cell)
            except Died as death:
                self.conversation.hang_up()
                first = first or death
                if self.stop_function(death):
                    continue
                if not str(death).startswith("not run"):
                    self.deaths += 1
                    if cell.kind != "test":
                        self.deadly.add(position)
                return self.describe_death(cell, first)
            if first is not None and result.error is not None:
                return self.describe_death(cell, first)
            return result

    def try_one(self, position: int, cell: JobCell) -> CellResult:
        """Run one cell, in a fresh candidate where there is none."""
        self.output.start_cell()
        self.conversation.start_cell()
        if position in self.job.skip:
            raise Died("was passed over: what the student's code sent brought its test down")
        if self.deaths > MOST_DEATHS:
            raise Died("not run: the notebook had ended its process too often before")
        if self.clock.is_used_up():
            raise Died("not run: the notebook had used up its time before", self.clock.waited)
        if self.conversation.channel is None:
            self.start_candidate(position)
        if cell.kind == "test":
            return self.run_test(cell, explains=position <= self.first_hidden)
        if cell.kind == "setup":
            with self.captured():
                exec(compile(cell.source, f"<{cell.id}>", "exec"), self.names)
        return self.run_cell(position)

    def stop_function(self, death: Died) -> bool:
        """Let the function that a candidate died in raise from now on; return whether there is one.

        A function of the instructor's is left alone: others need it.
        """
        place, self.conversation.place = self.conversation.place, None
        if death.waited:
            self.waits.add(str(death))
        if place is None or not place.in_function or place.position >= len(self.job.cells):
            return False
        lines = self.stopped.setdefault(place.position, {})
        many = sum(map(len, self.stopped.values())) >= MOST_STOPPED
        if self.job.cells[place.position].kind in ("setup", "given") or place.line in lines or many:
            return False
        lines[place.line] = f"{death}{NOT_AGAIN}"
        return True

    def describe_death(self, cell: JobCell, death: Died) -> CellResult:
        """Return the result of a cell that a candidate died in."""
        reason = str(death)
        self.late |= death.waited and cell.kind == "solution"
        if not reason.startswith("not run"):
            lost = f"; points lost: {cell.points:g}" if cell.points else ""
            self.flag(f"cell {cell.id} {reason}{lost}")
        return CellResult(
            cell.id, cell.kind, maximum=cell.points, error=("Died", "Died", reason),
            traceback=render(["Died", "Died", reason, [], []]), died=True, waited=death.waited,
        )  # fmt: skip

    def start_candidate(self, position: int) -> None:
        """Get a candidate and bring it to where the notebook is."""
        while True:
            self.conversation.start(self.job.seed)
            try:
                for earlier, cell in enumerate(self.job.cells[:position]):
                    if cell.kind != "test" and earlier not in self.deadly:
                        at = earlier
                        self.conversation.start_cell()
                        self.run_cell(earlier)
            except Died as death:
                self.conversation.hang_up()
                if not self.stop_function(death):
                    self.deadly.add(at)
                    self.deaths += 1
                    if self.deaths > MOST_DEATHS:
                        raise
                if self.clock.is_used_up():
                    raise
                continue
            self.output.start_cell()
            self.conversation.start_cell()
            return

    def run_cell(self, position: int) -> CellResult:
        """Run a cell beside the student's code."""
        cell = self.job.cells[position]
        stopped = self.stopped.get(position, {})
        answer = self.conversation.ask("cell", cell.source, position, stopped)
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

    def run_test(self, cell: JobCell, explains: bool) -> CellResult:
        """Return the outcome of a test; run it unless the chapter's own answers tell it.

        Parameters
        ----------
        cell : JobCell
            The test.
        explains : bool
            Whether the likely mistake is told; of a hidden test it always is.
        """
        known = self.known.get(cell.id)
        known = known if known is not None and known.cell == cell else None
        self.conversation.start_test(self.numbers[cell.id], self.keeps or known is not None)
        if known is not None:
            follower = Follower(known.transcript, self.job.passed.get(cell.id, []))
            if self.conversation.repeat(known.transcript, follower.goes_on):
                self.names.update(known.names)
                return known.result
        before, flags = dict(self.names), len(self.flags)
        try:
            result = self.try_test(cell, explains)
        except Diverged:
            result = self.try_test(cell, explains)
        transcript = self.conversation.end_test()
        if transcript is None or self.output.text.getvalue() or len(self.flags) > flags:
            return result
        if self.keeps and (new := known_test(cell, result, transcript, before, self.names)):
            self.known[cell.id] = new
        elif known is not None and (digests := known.digests(result, transcript)):
            self.passed[cell.id] = digests
        return result

    def try_test(self, cell: JobCell, explains: bool) -> CellResult:
        """Run a test cell and return its points and, where it failed, why."""
        name = f"<{cell.id}>"
        lines = cell.source.split("\n")
        linecache.cache[name] = (len(cell.source), None, [line + "\n" for line in lines], name)
        found = CellResult(cell.id, cell.kind, maximum=cell.points)
        try:
            value = self.run_source(cell, name)
            self.conversation.ask("end")
        except (Died, Diverged):
            raise
        except BaseException as error:
            if self.conversation.channel is None:  # a test that swallowed its candidate's end
                raise Died("ended its process") from None
            line, hidden = failed_line(error, name, lines)
            if explains or hidden:
                self.conversation.explain(error)
            elif isinstance(error, CheckFailed):
                error.likely = None  # without looking for it
            failure = describe_failure(error, lines, line, hidden)
            self.conversation.ask("end")
            text = failure["error"][2]
            waited = self.late or any(why in text for why in self.waits)
            return replace(found, **failure, waited=waited)
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
        own = {(name, line): code for line, code in cell.test.scenarios.items()}
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
        self.clock.start_cell(1.0)
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


def main(
    channel: Channel,
    slot: SlotClient,
    report: Callable[[int], None],
    known: dict[str, KnownTest],
    modules: list[CheckModule],
) -> int:
    """Do what the controller asks for, and send each outcome; return the process's exit status.

    It sends the bytes of a notebook, and what counts of it is the outcome; or a job, which comes
    without the modules of checks, and each job's tests get candidates of their own.
    """
    try:
        while True:
            message = channel.receive()
            if isinstance(message, bytes):
                channel.send(_read(message))
                continue
            job = replace(msgspec.convert(message, Job), modules=modules)
            channel.send(["result", Examiner(job, slot, report, known).run()])
    except Closed:  # there is nothing more to examine
        return 0
    except BaseException as error:  # told to the controller, which decides whether to try again
        channel.send(["failed", f"{type(error).__name__}: {error}"])
        return 1
