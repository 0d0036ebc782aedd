"""The candidate: runs a student's code in a sandbox and answers the examiner's requests.

It holds no test, no expected value and no score. Whatever a student does to this process, to NumPy
or to this very module only changes what the examiner is told, and the examiner judges values.
"""

from __future__ import annotations

import contextlib
import marshal
import re
import sys
import threading
from collections.abc import Callable
from typing import Any

from autograder.engine.candidate_process import close_figures, flush, replaced
from autograder.engine.check_modules import PACKAGE
from autograder.engine.exceptions import RecordedWarnings, describe, exception_from, explained
from autograder.engine.text import encodable
from autograder.engine.trace import Stop, Watch
from autograder.engine.wire.changes import Snapshot
from autograder.engine.wire.channel import Channel, WireError
from autograder.engine.wire.values import Foreign, pack, unpack
from byhand.differences.calls import allow_in_answers, judged

LARGEST_OUTPUT = 200_000  # characters of what a cell displays
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # left out: it differs from run to run


class Candidate:
    """Answers one request after the other, until the examiner hangs up.

    Parameters
    ----------
    channel : Channel
        To the examiner.
    shell : IPython.core.interactiveshell.InteractiveShell
        Runs the cells; made before the fork.
    watch : Watch
        Notes where the student's code is when time runs out.
    """

    def __init__(self, channel: Channel, shell: Any, watch: Watch) -> None:
        self.channel = channel
        self.shell = shell
        self.watch = watch
        self.names = shell.user_ns
        self.handles: list[Any] = []
        self.scenarios: dict[int, Any] = {}
        self.supplied: dict[str, list] = {}
        self.warnings = RecordedWarnings()
        self.thread = threading.get_ident()
        self.answering = False
        self.displayed: list[list[str]] = []
        self.error: BaseException | None = None  # the last one that a call has raised
        self.answers: dict[str, Callable[..., list]] = {
            "cell": self.run_cell,
            "call": self.call,
            "many": self.call_many,
            "supply": self.supply,
            "withdraw": self.withdraw,
            "allow": self.allow_measuring,
            "explain": self.explain,
            "end": self.end_test,
            "state": self.state,
        }

    def serve(self) -> None:
        """Answer requests until there are no more."""
        while True:
            request = self.channel.receive()
            if request[0] == "time":
                self.watch.start(request[1])
                continue
            self.answering = True
            try:
                answer = self.answer(request)
            finally:
                self.answering = False
            flush()
            self.channel.send(answer)

    def answer(self, request: list) -> list:
        """Return the answer to one request."""
        return self.answers[request[0]](*request[1:])

    # -- cells ------------------------------------------------------------------------------

    def run_cell(self, source: str, position: int, stopped: dict[int, str]) -> list:
        """Run a cell as a kernel would; return its error, if any, and what it displayed.

        Parameters
        ----------
        source : str
            The cell.
        position : int
            Where it is in the notebook; tracebacks call it by the number after.
        stopped : dict of int to str
            For a line in each function that is to raise at once, why.
        """
        self.displayed = []
        self.warnings.release()
        self.shell.execution_count = position + 1
        stop = [Stop(stopped)] if stopped else []
        self.shell.ast_transformers += stop
        error = self.shell.run(source)
        for transformer in stop:
            self.shell.ast_transformers.remove(transformer)
        close_figures()
        told = None if error is None else [*describe(error), explained(error)]
        return ["ran", told, self.displayed]

    def show(self, bundle: dict, output_type: str) -> None:
        """Keep the text of what a cell displays, as far as there is room."""
        text = bundle.get("text/plain")
        if type(text) is str and sum(map(len, self.displayed)) + len(text) <= LARGEST_OUTPUT:
            self.displayed.append([output_type, encodable(ADDRESS.sub("", text))])

    # -- calls ------------------------------------------------------------------------------

    def call(self, target: list, args: list, kwargs: list, errors: dict | None) -> list:
        """Call a function by value; return the result and what the call changed."""
        try:
            positional, named = unpack(args, self.resolve), unpack(kwargs, self.resolve)
        except NameError as error:  # a function of the student's that is not defined
            return [*self.tell(error), [], None]
        before = Snapshot([*positional, named] if named else positional)
        with self.judged(), self.warnings.of_call(errors) as issued:
            try:
                outcome = ["value", pack(self.find(target)(*positional, **named), self.refer)]
            except Foreign as foreign:
                outcome = ["foreign", *_foreign(foreign)]
            except BaseException as error:  # whatever it is, it is the student's
                outcome = self.tell(error)
        try:
            changed = before.changes(self.refer)
        except Foreign:  # something that can't cross was put into an argument
            changed = None
        return [*outcome, issued, changed]

    def call_many(self, target: list, calls: list, errors: dict | None) -> list:
        """Call a function once for each of the arguments; stop at the first error."""
        results = []
        with self.judged(), self.warnings.of_call(errors) as issued:
            try:
                function = self.find(target)
                for call in calls:
                    results.append(pack(function(*unpack(call, self.resolve)), self.refer))
            except Foreign as foreign:
                return ["foreign", *_foreign(foreign), issued, None]
            except BaseException as error:
                return [*self.tell(error), issued, None]
        return ["value", ["l", *results], issued, None]

    def tell(self, error: BaseException) -> list:
        """Return what a call has raised; keep it, in case it must be explained."""
        self.error = error
        return ["error", describe(error)]

    def explain(self) -> list:
        """Say what the last error means: asked only of the one that a test fails with."""
        return ["explained", [] if self.error is None else explained(self.error)]

    def judged(self) -> contextlib.AbstractContextManager[None]:
        """Say that a test calls, if the notebook's tests take their checks from modules."""
        return judged() if PACKAGE in sys.modules else contextlib.nullcontext()

    def find(self, target: list) -> Any:
        """Return what a request calls: a name, a handle or a scenario, made from its code."""
        kind, which, *code = target
        if kind == "S":
            if code:
                made: dict[str, Any] = {}
                exec(marshal.loads(code[0]), self.names, made)
                (self.scenarios[which],) = made.values()
            return self.scenarios[which]
        if kind == "F":
            return self.handles[which]
        # a check got the student's function before it supplied a trusted one of that name
        before = self.supplied.get(which) if PACKAGE in sys.modules else None
        found = before[0] if before else self.names.get(which, _MISSING)
        if found is _MISSING:
            raise NameError(f"name {which!r} is not defined")
        return found

    # -- names and handles ------------------------------------------------------------------

    def supply(self, trusted: list) -> list:
        """Put trusted functions into the student's namespace."""
        values = unpack(trusted, self.resolve)
        for name, value in values.items():
            self.supplied.setdefault(name, []).append(self.names.get(name, _MISSING))
            self.names[name] = value
        return ["done"]

    def withdraw(self, names: list) -> list:
        """Take trusted functions away again."""
        for name in names:
            before = self.supplied[name].pop()
            if before is _MISSING:
                self.names.pop(name, None)
            else:
                self.names[name] = before
        return ["done"]

    def allow_measuring(self, allowed: bool) -> list:
        """Let the student's code use `byhand.differences`, or not."""
        allow_in_answers(allowed)
        return ["done"]

    def end_test(self) -> list:
        """Forget what was handed out during a test cell."""
        self.error = None
        self.handles.clear()
        self.scenarios.clear()
        return ["done"]

    def state(self) -> list:
        """Say which well-known functions have been replaced in this process."""
        return ["state", replaced()]

    def refer(self, function: Any) -> list:
        """Return a reference to a callable of this side."""
        name = getattr(function, "__name__", "")
        name = name if type(name) is str else ""
        if isinstance(function, Remote):
            return ["H", function.number]
        if self.names.get(name, _MISSING) is function:
            return ["F", "n", name]
        self.handles.append(function)
        return ["F", "h", len(self.handles) - 1]

    def resolve(self, reference: list) -> Any:
        """Return what a reference refers to: a function of the examiner's or of this side."""
        if reference[0] == "H":
            return Remote(self, reference[1], reference[2])
        return self.find(["N" if reference[1] == "n" else "F", reference[2]])

    def call_back(self, number: int, args: tuple, kwargs: dict) -> Any:
        """Call a function of the examiner's."""
        if not self.answering or threading.get_ident() != self.thread:
            raise RuntimeError("this function was lent for the duration of a call, which is over")
        message = ["back", number, pack(args, self.refer), pack(kwargs, self.refer)]
        while True:
            flush()
            self.channel.send(message)
            reply = self.channel.receive()
            if reply[0] == "error":
                raise exception_from(reply[1])
            if reply[0] == "value":
                return unpack(reply[1], self.resolve)
            message = self.answer(reply)  # the examiner's function calls one of ours in turn


class Remote:
    """A function of the examiner's, lent to the student's code."""

    def __init__(self, candidate: Candidate, number: int, name: str) -> None:
        self.number = number
        self.__name__ = self.__qualname__ = name
        self._candidate = candidate

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it, over the wire."""
        try:
            return self._candidate.call_back(self.number, args, kwargs)
        except Foreign as foreign:
            raise TypeError(
                f"{self.__name__} takes numbers and arrays, got {type(foreign.value).__name__}"
            ) from None


_MISSING = object()


def _foreign(foreign: Foreign) -> list:
    from byhand.checks.failures import brief

    try:
        # without addresses, which differ from run to run
        shown = encodable(ADDRESS.sub("", brief(foreign.value)[:200]))
        return [type(foreign.value).__name__[:80], shown]
    except Exception:
        return [type(foreign.value).__name__[:80], "an object that can't be shown"]


def run(channel: Channel, shell: Any, watch: Watch) -> None:
    """Be a candidate until the examiner hangs up."""
    candidate = Candidate(channel, shell, watch)
    shell.candidate = candidate
    try:
        channel.send(["ready"])
        candidate.serve()
    except WireError:
        pass
