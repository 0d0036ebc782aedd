"""The examiner: runs the test cells, reaches the student's code over the wire, decides the points.

It is forked from the same process as the candidates and reads its job only then. A name that a test
cell does not know becomes a `Proxy`, which can be called and nothing else.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import linecache
import os
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.course.notebooks import HIDDEN_TESTS
from autograder.engine.candidate import (
    DEFAULT_ERRORS,
    LONGEST_TEXT,
    MOST_WARNINGS,
    describe,
    rebuild,
)
from autograder.engine.job import code_of
from autograder.engine.wire.values import (
    Channel,
    Closed,
    Foreign,
    OutOfTime,
    WireError,
    apply_changes,
    encodable,
    pack,
    printable,
    unpack,
)
from byhand import reach
from byhand.failures import CheckFailed, nothing_returned

if TYPE_CHECKING:
    import socket

    from autograder.engine.fork_server import Nursery

MOST_DEATHS = 5
KEPT_OUTPUT = 32_000  # characters of a cell's output
KEPT_IN_ALL = 400_000  # of a notebook's
CUT_OFF = "\n[output cut off here]\n"
MOST_DISPLAYED = 50  # values that a cell displays
DEEPEST_CALLS = 20  # of functions of either side that call one of the other
READ_SIZE, PIPE_SIZE = 2**14, 2**16
START_SECONDS = 30  # that a fork and its walls may take on a machine under load
CONTEXT = 2  # lines shown around the one that failed
PARTS = ("what", "where", "expected", "actual", "likely", "hint")  # of a failed check


class Died(BaseException):
    """The candidate is gone; the message says why.

    Not an `Exception`, so that no test can take it for an error of the student's function.
    """


# --- the wire -------------------------------------------------------------------------------------


class Wire(Channel):
    """A channel to a candidate that also takes in what the candidate prints.

    Parameters
    ----------
    connection : socket.socket
        The wire.
    output : int
        The reading end of the candidate's output.
    """

    def __init__(self, connection: socket.socket, output: int) -> None:
        super().__init__(connection)
        self.output: int | None = output
        os.set_blocking(output, False)
        self.printed: list[bytes] = []
        self.room = KEPT_OUTPUT
        self.dropped = 0
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)
        self._poll.register(output, select.POLLIN)

    def fill(self, deadline: float | None) -> bytes:
        """Return at least one more byte, taking in output while waiting."""
        while True:
            left = None if deadline is None else (deadline - time.monotonic()) * 1000
            if left is not None and left <= 0:  # also where bytes keep coming, one at a time
                raise OutOfTime("no answer in time")
            ready = [descriptor for descriptor, _ in self._poll.poll(left)]
            if self.output in ready:
                self.drain()
                ready.remove(self.output)
            if ready:
                self.connection.settimeout(None)
                try:
                    chunk = self.connection.recv(2**18)
                except OSError as error:
                    raise Closed(str(error)) from None
                if not chunk:
                    raise Closed("the process has ended")
                return chunk

    def drain(self) -> None:
        """Take in what has been printed so far; keep what there is room for."""
        for _ in range(PIPE_SIZE // READ_SIZE + 1):  # no longer, though more may keep coming
            if self.output is None:
                return
            try:
                chunk = os.read(self.output, READ_SIZE)
            except BlockingIOError:
                return
            if not chunk:
                self._poll.unregister(self.output)
                os.close(self.output)
                self.output = None
                return
            kept = chunk[: self.room]
            self.room -= len(kept)
            self.dropped += len(chunk) - len(kept)
            if kept:
                self.printed.append(kept)

    def take_printed(self) -> str:
        """Return what was printed since the last time."""
        text = b"".join(self.printed).decode("utf-8", "replace")
        self.printed.clear()
        return text

    def close(self) -> None:
        """Close both ends."""
        super().close()
        if self.output is not None:
            os.close(self.output)
            self.output = None


class Kept(io.StringIO):
    """A text to write to that keeps no more than there is room for.

    Parameters
    ----------
    room : int
        How many characters.
    """

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, text: str) -> int:
        """Keep what fits."""
        kept = text[: self.room]
        self.room -= len(kept)
        super().write(kept)
        return len(text)


class Proxy:
    """A function of the student's, in another process. It can be called, and nothing else."""

    __slots__ = ("__name__", "_examiner", "_target")

    def __init__(self, examiner: Examiner, target: tuple[str, Any], name: str) -> None:
        self.__name__ = name
        self._examiner = examiner
        self._target = target

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it, over the wire."""
        return self._examiner.call(self._target, self.__name__, args, kwargs)

    def evaluate_many(self, arguments: list[tuple]) -> list:
        """Return the results of many calls, fetched in one request."""
        return self._examiner.call_many(self._target, self.__name__, arguments)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"{self.__name__} is the student's and can only be called here; write a scenario"
        )

    def _refuse(self, *args: Any) -> Any:
        raise TypeError(
            f"{self.__name__} is the student's and can only be called here; write a scenario"
        )

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __len__ = __iter__ = _refuse
    __hash__ = object.__hash__


# --- the examination ------------------------------------------------------------------------------


class Examiner:
    """Examines one notebook.

    Parameters
    ----------
    job : dict
        ``cells`` (id, role, source, points), ``seed``, ``cell_seconds``, ``notebook_seconds``,
        ``skip`` (positions of cells at which an examiner fell before).
    nursery : Nursery
        Gives out candidates.
    report : callable
        Told the position of each cell before it runs: if this process falls, that is where.
    """

    def __init__(self, job: dict, nursery: Nursery, report: Callable[[int], None]) -> None:
        self.report = report
        self.skip = set(job["skip"])
        self.depth = 0
        self.cells: list[dict] = job["cells"]
        self.seed: int = job["seed"]
        self.cell_seconds: float = job["cell_seconds"]
        self.end = time.monotonic() + job["notebook_seconds"]
        self.nursery = nursery
        self.wire: Wire | None = None
        self.deadline = self.end
        self.lent: dict[int, Any] = {}
        self.count = 0
        self.requests = 0
        self.deaths: list[str] = []
        self.killers: set[int] = set()
        self.output = Kept(0)
        self.kept_in_all = 0
        self.flags: list[str] = []
        self.scenarios: dict[Any, int] = {}
        self.sources: dict[int, str] = {}
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def run(self) -> dict:
        """Run all cells; return what came of each, as plain data."""
        reach.delegate_to(self)
        results = []
        for position, cell in enumerate(self.cells):
            started = time.perf_counter()
            self.report(position)
            # What a student's function returned may keep a test busy for ever, deep in C code:
            # then this signal ends the process.
            signal.setitimer(signal.ITIMER_PROF, self.cell_seconds)
            result = self.run_one(position, cell)
            result["id"] = cell["id"]
            result["seconds"] = time.perf_counter() - started
            results.append(result)
        replaced = self.ask_what_was_replaced()
        if replaced:
            self.flag(f"replaced in its own process: {', '.join(replaced)}")
        return {
            "cells": results,
            "flags": self.flags,
            "requests": self.requests,
            "deaths": self.deaths,
        }

    def flag(self, text: str) -> None:
        """Note something that a person should see, once."""
        if text not in self.flags:
            self.flags.append(text)

    def run_one(self, position: int, cell: dict) -> dict:
        """Run one cell in the process or processes that it belongs to."""
        self.output = Kept(self.room())
        self.deadline = min(self.end, time.monotonic() + self.cell_seconds)
        result: dict[str, Any] = {"error": None, "displayed": []}
        try:
            if position in self.skip:
                raise Died("was passed over: what the student's code sent brought its test down")
            if len(self.deaths) > MOST_DEATHS:
                raise Died("not run: the notebook had ended its process too often before")
            if time.monotonic() > self.end:
                raise Died("not run: the notebook had used up its time before")
            if self.wire is None:
                self.start(position)
            assert self.wire is not None
            self.wire.room = self.room()
            if cell["role"] == "test":
                result |= self.run_test(cell)
            else:
                if cell["role"] == "setup":
                    self.run_setup(cell)
                result |= self.run_cell(cell["source"])
        except Died as death:
            reason = str(death)
            result |= {"error": ["Died", "Died", reason, []], "died": True}
            if cell["role"] == "test":
                result |= {"points": 0, "hidden": False}
            if not reason.startswith("not run"):
                self.deaths.append(f"{cell['id']}: {reason}")
                self.flag(f"cell {cell['id']} {reason}")
                if cell["role"] != "test":
                    self.killers.add(position)
            self.hang_up()
        result["output"] = encodable(self.output.getvalue())
        self.kept_in_all += len(result["output"])
        self.kept_in_all += sum(len(item["data"]["text/plain"]) for item in result["displayed"])
        return result

    def room(self) -> int:
        """Return how many characters of a cell's output are kept."""
        return min(KEPT_OUTPUT, max(0, KEPT_IN_ALL - self.kept_in_all))

    # -- candidates -------------------------------------------------------------------------

    def start(self, position: int) -> None:
        """Get a candidate and bring it to where the notebook is."""
        while True:
            self.wire = Wire(*self.nursery.fork(self.seed))
            if self.wire.receive(time.monotonic() + START_SECONDS) != ["ready"]:
                raise RuntimeError("a candidate did not start")
            self.lent.clear()
            try:
                for earlier, cell in enumerate(self.cells[:position]):
                    if cell["role"] != "test" and earlier not in self.killers:
                        at = earlier
                        self.deadline = min(self.end, time.monotonic() + self.cell_seconds)
                        self.run_cell(cell["source"])
            except Died as death:
                self.killers.add(at)
                self.deaths.append(f"{self.cells[at]['id']}: {death}")
                self.hang_up()
                if len(self.deaths) > MOST_DEATHS:
                    raise
                continue
            self.output = Kept(self.room())
            self.deadline = min(self.end, time.monotonic() + self.cell_seconds)
            return

    def hang_up(self) -> None:
        """Let go of the candidate."""
        if self.wire is not None:
            self.wire.close()
            self.wire = None

    def ask(self, request: list) -> list:
        """Send a request and return the answer; serve what the student's code calls meanwhile.

        Raises
        ------
        Died
            If the candidate ends, breaks the rules of the wire, or takes too long.
        """
        wire = self.wire
        if wire is None:
            raise Died("is gone")
        self.requests += 1
        try:
            wire.connection.settimeout(max(0.001, self.deadline - time.monotonic()))
            wire.send(request)
            while True:
                if time.monotonic() > self.deadline:
                    raise OutOfTime("calls back without end")
                answer = wire.receive(self.deadline)
                if type(answer) is not list or not answer or type(answer[0]) is not str:
                    raise WireError("an answer that is none")
                if answer[0] != "back":
                    break
                reply = self.serve(*answer[1:4])
                wire.connection.settimeout(max(0.001, self.deadline - time.monotonic()))
                wire.send(reply)
            wire.drain()
        except OutOfTime:
            self.take_output()
            self.nursery.end(wait=False)
            self.hang_up()
            raise Died(self.why_out_of_time()) from None
        except Closed:
            self.take_output()
            status = self.nursery.end(wait=True)
            self.hang_up()
            raise Died(f"ended its process ({_reason(status)})") from None
        except (WireError, TypeError, ValueError, MemoryError, RecursionError) as error:
            self.take_output()
            self.nursery.end(wait=False)
            self.hang_up()
            raise Died(f"broke the rules of the wire: {error}") from None
        self.take_output()
        return answer

    def why_out_of_time(self) -> str:
        """Say which limit was reached."""
        if self.deadline >= self.end:
            return "was ended: the notebook had used up its time"
        return f"was ended after {self.cell_seconds:g} s"

    def take_output(self) -> None:
        """Add what the candidate has printed to the cell's output."""
        wire = self.wire
        if wire is None:
            return
        wire.drain()
        self.output.write(wire.take_printed())
        if wire.dropped:
            self.output.room += len(CUT_OFF)
            self.output.write(CUT_OFF)
            self.flag("printed more than is kept")
            wire.dropped = 0

    def serve(self, number: Any, args: Any, kwargs: Any) -> list:
        """Call a lent function for the candidate; return the reply."""
        lent: list[int] = []
        self.depth += 1
        try:
            if self.depth > DEEPEST_CALLS:
                raise RecursionError("the functions call each other too deeply")
            function = self.lent.get(number)
            if function is None:
                raise RuntimeError("this function was lent for the duration of a call")
            positional, named = unpack(args, self.resolve), unpack(kwargs, self.resolve)
            result = function(*positional, **named)
            return ["value", pack(result, lambda f: self.lend(f, lent))]
        except (WireError, Died):
            raise
        except Foreign as foreign:
            return ["error", describe(TypeError(f"can't return a {foreign}"))]
        except Exception as error:
            return ["error", describe(error)]
        finally:
            self.depth -= 1

    # -- what a test does -------------------------------------------------------------------

    def call(self, target: tuple, name: str, args: tuple, kwargs: dict) -> Any:
        """Call a function of the student's by value."""
        return self._call("call", [list(target)], name, args, kwargs)

    def run_scenario(self, function: Callable, args: tuple, kwargs: dict) -> Any:
        """Run a test's scenario beside the student's code; see `byhand.reach.scenario`."""
        return self._call("scenario", self._scenario(function), function.__name__, args, kwargs)

    def run_scenario_many(self, function: Callable, arguments: list[tuple]) -> list:
        """Run a scenario once for each of the arguments, in one request."""
        return self._call_many("scenarios", self._scenario(function), function.__name__, arguments)

    def _scenario(self, function: Callable) -> list:
        """Return a scenario's number and, the first time, its source."""
        code = function.__code__
        if code in self.scenarios:
            return [self.scenarios[code], None]
        self.scenarios[code] = len(self.scenarios)
        return [self.scenarios[code], self.sources[code.co_firstlineno]]

    def _call(self, how: str, whom: list, name: str, args: tuple, kwargs: dict) -> Any:
        lent: list[int] = []
        try:
            packed = [pack(list(args), lambda f: self.lend(f, lent)),
                      pack(kwargs, lambda f: self.lend(f, lent))]  # fmt: skip
            answer = self.ask([how, *whom, *packed, _errors()])
        finally:
            for number in lent:
                self.lent.pop(number, None)
        value = self.value_of(answer, name)
        if answer[-1] is not None:
            try:
                apply_changes([*args, kwargs], answer[-1], self.resolve)
            except WireError as error:
                raise Died(f"broke the rules of the wire: {error}") from None
        return value

    def call_many(self, target: tuple, name: str, arguments: list[tuple]) -> list:
        """Call a function of the student's once for each of the arguments, in one request."""
        return self._call_many("many", [list(target)], name, arguments)

    def _call_many(self, how: str, whom: list, name: str, arguments: list[tuple]) -> list:
        lent: list[int] = []
        try:
            packed = [pack(tuple(call), lambda f: self.lend(f, lent)) for call in arguments]
            answer = self.ask([how, *whom, packed, _errors()])
        finally:
            for number in lent:
                self.lent.pop(number, None)
        values = self.value_of(answer, name)
        if type(values) is not list or len(values) != len(arguments):
            raise Died("broke the rules of the wire: too few or too many answers")
        return values

    def value_of(self, answer: list, name: str) -> Any:
        """Return the value in an answer, or raise the error that it tells of."""
        try:
            kind, content = answer[0], answer[1]
            for category, message in answer[-2][:MOST_WARNINGS]:
                _warn(category, message)
            if kind == "value":
                return unpack(content, self.resolve)
            if kind == "error":
                error = rebuild(content)
                error._student = _checked(content)  # type: ignore[attr-defined]
                raise error
            if kind == "foreign":
                shown = printable(answer[2], 200)
                raise CheckFailed(
                    f"{name} returned a {printable(content, 80)}, where numbers, arrays or text "
                    "belong",
                    actual=shown,
                    likely=nothing_returned(None if shown == "None" else shown),
                )
        except (WireError, TypeError, ValueError, IndexError, RecursionError) as error:
            if hasattr(error, "_student"):
                raise
            raise Died(f"broke the rules of the wire: {type(error).__name__}") from None
        raise Died("broke the rules of the wire: an answer that is none")

    def supply(self, trusted: dict[str, Any]) -> list[int]:
        """Put trusted functions into the student's namespace; see `byhand.reach.supplied`."""
        lent: list[int] = []
        self.ask(["supply", pack(trusted, lambda f: self.lend(f, lent))])
        return lent

    def withdraw(self, trusted: dict[str, Any], lent: list[int]) -> None:
        """Take them away again."""
        for number in lent:
            self.lent.pop(number, None)
        if self.wire is not None:
            self.ask(["withdraw", list(trusted)])

    def lend(self, function: Any, lent: list[int]) -> list:
        """Return a reference to a function for the candidate."""
        if isinstance(function, Proxy):
            kind, which = function._target
            return ["F", "n" if kind == "N" else "h", which]
        self.count += 1
        self.lent[self.count] = function
        lent.append(self.count)
        name = getattr(function, "__name__", "function")
        return ["H", self.count, name]

    def resolve(self, reference: list) -> Any:
        """Return what a reference of the candidate's stands for."""
        if reference[0] == "H":
            if reference[1] not in self.lent:
                raise WireError("a function that is no longer lent")
            return self.lent[reference[1]]
        kind, which = reference[1:3]
        if kind == "n" and type(which) is str:
            return Proxy(self, ("N", which), which if which.isidentifier() else "a function")
        if kind == "h" and type(which) is int:
            return Proxy(self, ("F", which), "the returned function")
        raise WireError("a reference to nothing")

    # -- cells ------------------------------------------------------------------------------

    def run_cell(self, source: str) -> dict:
        """Run a cell beside the student's code."""
        answer = self.ask(["cell", source])
        try:
            kind, error, displayed = answer
            if kind != "ran":
                raise ValueError("no answer to a cell")
            shown, room = [], self.room()
            for what, text in displayed[:MOST_DISPLAYED]:
                if what not in ("execute_result", "display_data") or type(text) is not str:
                    raise ValueError("nothing that can be displayed")
                if len(text) <= room:
                    room -= len(text)
                    # only text: in HTML and its like a script could wait for the instructor
                    shown.append({"kind": what, "data": {"text/plain": text}})
            return {"error": None if error is None else _checked(error), "displayed": shown}
        except Exception as error:  # whatever it is, it comes of what was sent
            raise Died(f"broke the rules of the wire: {type(error).__name__}") from None

    def run_setup(self, cell: dict) -> None:
        """Run a cell of imports on this side too."""
        with self.captured():
            exec(compile(cell["source"], f"<{cell['id']}>", "exec"), self.names)  # noqa: S102

    @contextlib.contextmanager
    def captured(self) -> Iterator[None]:
        """Send what this process prints and warns of to the cell's output."""
        with contextlib.redirect_stdout(self.output), contextlib.redirect_stderr(self.output):
            yield

    def run_test(self, cell: dict) -> dict:
        """Run a test cell and return its points and, where it failed, why."""
        points = cell["points"]
        name = f"<{cell['id']}>"
        source = cell["source"]
        lines = source.split("\n")
        linecache.cache[name] = (len(source), None, [line + "\n" for line in lines], name)
        value = None
        try:
            test = cell["prepared"]
            if test is None:
                compile(source, name, "exec")  # raises what is wrong with it
            self.provide(test["reads"])
            self.scenarios.clear()
            self.sources = test["scenarios"]
            with self.captured(), np.errstate():
                exec(code_of(test["body"]), self.names)  # noqa: S102
                if test["last"] is not None:
                    value = eval(code_of(test["last"]), self.names)  # noqa: S307
            self.ask(["end"])
        except Died:
            raise
        except BaseException as error:
            if self.wire is None:  # a test that swallowed the end of its candidate
                raise Died("ended its process") from None
            outcome = self.tell_failure(error, name, lines)
            self.ask(["end"])
            return {"points": 0, **outcome}
        if type(value) in (int, float) and 0 <= value <= points:  # nbgrader's partial credit
            points = value
        shown = (
            []
            if value is None
            else [{"kind": "execute_result", "data": {"text/plain": encodable(repr(value)[:2000])}}]
        )
        return {"points": points, "hidden": False, "displayed": shown}

    def provide(self, names: list[str]) -> None:
        """Make a proxy of each name that a test cell reads and nobody here defines."""
        for name in names:
            if name not in self.names:
                self.names[name] = Proxy(self, ("N", name), name)

    def tell_failure(self, error: BaseException, name: str, lines: list[str]) -> dict:
        """Return how a test failed: the error, where, and whether a hidden test found it."""
        at = [
            line for frame, line in _walk(error.__traceback__) if frame.f_code.co_filename == name
        ]
        line = at[0] if at else getattr(error, "lineno", None) or 0
        mark = next(
            (k for k, text in enumerate(lines, 1) if HIDDEN_TESTS.begin in text), len(lines) + 1
        )
        student = getattr(error, "_student", None)
        kind = type(error).__name__
        outcome: dict[str, Any] = {"hidden": line > mark, "line": line}
        if isinstance(error, CheckFailed):
            # what the student's code returned may stand in any of them, as long as it likes
            for part in PARTS:
                text = getattr(error, part)
                setattr(error, part, None if text is None else printable(text, LONGEST_TEXT))
            outcome["check"] = {part: getattr(error, part) for part in PARTS}
            outcome["error"] = [kind, kind, str(error), []]
            outcome["traceback"] = error._render_traceback_()
        else:
            described = student or [kind, kind, printable(str(error), LONGEST_TEXT), []]
            outcome["error"] = described
            seen = lines if outcome["hidden"] else lines[: mark - 1]
            outcome["traceback"] = render(described, seen, line)
        return outcome

    def ask_what_was_replaced(self) -> list[str]:
        """Return which well-known functions the candidate says it has replaced."""
        if self.wire is None:
            return []
        self.deadline = time.monotonic() + 1
        try:
            answer = self.ask(["state"])
            return [printable(name, 60) for name in answer[1][:10]]
        except (Died, TypeError, IndexError, KeyError):
            return []


# --- telling ----------------------------------------------------------------------------------


def render(error: list, lines: list[str], line: int) -> list[str]:
    """Return an error as a kernel shows it: the line of the cell, then the student's own lines."""
    _, name, message, frames = error
    text = ["-" * 75, f"{name:<42}Traceback (most recent call last)"]
    if line:
        text.append(f"Cell, line {line}")
        for number in range(max(1, line - CONTEXT), min(len(lines), line + CONTEXT) + 1):
            arrow = "---->" if number == line else "     "
            text.append(f"{arrow} {number} {lines[number - 1]}")
        text.append("")
    for place, number, function, source in frames:
        where = "the test" if place == "<test>" else "the student's code"
        text.append(f"{where}, line {number}, in {function or 'the cell'}")
        text.append(f"----> {number} {source}")
    if frames:
        text.append("")
    text.append(f"{name}: {message}")
    return text


def _checked(error: Any) -> list:
    """Return a described error with nothing in it but what belongs there."""
    base, name, message, frames = error
    clean = [
        [printable(place, 10), int(line), printable(function, 80), printable(text, 200)]
        for place, line, function, text in frames[:12]
    ]
    return [printable(base, 80), printable(name, 80), printable(message, LONGEST_TEXT), clean]


def _walk(traceback: Any) -> Iterator[tuple[Any, int]]:
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next


def _reason(status: int) -> str:
    if status < 0:
        try:
            return f"signal {signal.Signals(-status).name}"
        except ValueError:
            return f"signal {-status}"
    return f"exit status {status}"


def _errors() -> dict | None:
    errors = np.geterr()
    return None if errors == DEFAULT_ERRORS else errors


def _warn(category: Any, message: Any) -> None:
    kind = getattr(builtins, str(category), UserWarning)
    if not (isinstance(kind, type) and issubclass(kind, Warning)):
        kind = UserWarning
    warnings.warn(printable(message, LONGEST_TEXT), kind, stacklevel=5)


def main(job: Channel, nursery: Nursery, report: Callable[[int], None]) -> int:
    """Read a job, examine the notebook, send the result; return the process's exit status."""
    sys.stdin = open(os.devnull)
    try:
        job.send(["result", Examiner(job.receive(), nursery, report).run()])
    except BaseException as error:  # told to the controller, which decides whether to try again
        import traceback

        job.send(["fault", f"{type(error).__name__}: {error}", traceback.format_exc()[-4000:]])
        return 1
    return 0
