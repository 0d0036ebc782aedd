"""The candidate: runs a student's code behind the walls and answers the examiner's requests.

It holds no test, no expected value and no score. Whatever a student does to this process, to NumPy
or to this very module only changes what the examiner is told, and the examiner judges values.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import traceback
import warnings
from typing import Any

import numpy as np

from autograder.engine.wire.values import (
    Channel,
    Foreign,
    Snapshot,
    WireError,
    encodable,
    pack,
    unpack,
)

MOST_WARNINGS = 50  # of one call
LONGEST_TEXT = 4000  # characters of an error's message
LARGEST_OUTPUT = 200_000  # characters of what a cell displays
DEFAULT_ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # left out: it differs from run to run
UNSUPPORTED = "is not supported while grading: your code runs in one process of its own"


class Candidate:
    """Answers one request after the other, until the examiner hangs up.

    Parameters
    ----------
    channel : Channel
        To the examiner.
    shell : IPython.core.interactiveshell.InteractiveShell
        Runs the cells; made before the fork.
    """

    def __init__(self, channel: Channel, shell: Any) -> None:
        self.channel = channel
        self.shell = shell
        self.names = shell.user_ns
        self.handles: list[Any] = []
        self.scenarios: dict[int, Any] = {}
        self.supplied: dict[str, list] = {}
        self.thread = threading.get_ident()
        self.answering = False
        self.displayed: list[list[str]] = []

    def serve(self) -> None:
        """Answer requests until there are no more."""
        while True:
            request = self.channel.receive()
            self.answering = True
            try:
                answer = self.answer(request)
            finally:
                self.answering = False
            _flush()
            self.channel.send(answer)

    def answer(self, request: list) -> list:
        """Return the answer to one request."""
        answers = {
            "cell": self.run_cell,
            "call": self.call,
            "many": self.call_many,
            "scenario": self.run_scenario,
            "scenarios": self.run_scenarios,
            "supply": self.supply,
            "withdraw": self.withdraw,
            "end": self.end_test,
            "state": self.state,
        }
        return answers[request[0]](*request[1:])

    # -- cells ------------------------------------------------------------------------------

    def run_cell(self, source: str) -> list:
        """Run a cell as a kernel would; return its error, if any, and what it displayed."""
        self.displayed = []
        result = self.shell.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        _close_figures()
        return ["ran", None if error is None else describe(error), self.displayed]

    def show(self, bundle: dict, kind: str) -> None:
        """Keep the text of what a cell displays, as far as there is room."""
        text = bundle.get("text/plain")
        if type(text) is str and sum(map(len, self.displayed)) + len(text) <= LARGEST_OUTPUT:
            self.displayed.append([kind, encodable(ADDRESS.sub("", text))])

    # -- calls ------------------------------------------------------------------------------

    def call(self, target: Any, args: list, kwargs: list, errors: dict | None) -> list:
        """Call a function by value; return the result and what the call changed."""
        positional, named = unpack(args, self.resolve), unpack(kwargs, self.resolve)
        before = Snapshot([*positional, named])
        with Recorded(errors) as issued:
            try:
                outcome = ["value", pack(self.find(target)(*positional, **named), self.refer)]
            except Foreign as foreign:
                outcome = ["foreign", *_foreign(foreign)]
            except BaseException as error:  # whatever it is, it is the student's
                outcome = ["error", describe(error)]
        try:
            changed = before.changes(self.refer)
        except Foreign:  # something that can't cross was put into an argument
            changed = None
        return [*outcome, issued, changed]

    def call_many(self, target: Any, calls: list, errors: dict | None) -> list:
        """Call a function once for each of the arguments; stop at the first error."""
        results = []
        with Recorded(errors) as issued:
            try:
                function = self.find(target)
                for call in calls:
                    results.append(pack(function(*unpack(call, self.resolve)), self.refer))
            except Foreign as foreign:
                return ["foreign", *_foreign(foreign), issued, None]
            except BaseException as error:
                return ["error", describe(error), issued, None]
        return ["value", ["l", *results], issued, None]

    def run_scenario(
        self, number: int, source: str | None, args: list, kwargs: list, errors: dict | None
    ) -> list:
        """Run a scenario beside the student's code."""
        self.define(number, source)
        return self.call(["S", number], args, kwargs, errors)

    def run_scenarios(
        self, number: int, source: str | None, calls: list, errors: dict | None
    ) -> list:
        """Run a scenario once for each of the arguments."""
        self.define(number, source)
        return self.call_many(["S", number], calls, errors)

    def define(self, number: int, source: str | None) -> None:
        """Make a scenario from its source, among the student's names."""
        if source is not None:
            made: dict[str, Any] = {}
            exec(compile(source, "<test>", "exec"), self.names, made)  # noqa: S102
            (self.scenarios[number],) = made.values()

    def find(self, target: Any) -> Any:
        """Return what a request calls: a name, a handle or a scenario."""
        kind, which = target
        if kind == "S":
            return self.scenarios[which]
        if kind == "F":
            return self.handles[which]
        try:
            return self.names[which]
        except KeyError:
            raise NameError(f"name {which!r} is not defined") from None

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

    def end_test(self) -> list:
        """Forget what was handed out during a test cell."""
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
        """Return what a reference stands for: a function of the examiner's, or an own one."""
        if reference[0] == "H":
            return Remote(self, reference[1], reference[2])
        return self.find(["N" if reference[1] == "n" else "F", reference[2]])

    def call_back(self, number: int, args: tuple, kwargs: dict) -> Any:
        """Call a function of the examiner's."""
        if not self.answering or threading.get_ident() != self.thread:
            raise RuntimeError("this function was lent for the duration of a call, which is over")
        message = ["back", number, pack(args, self.refer), pack(kwargs, self.refer)]
        while True:
            _flush()
            self.channel.send(message)
            reply = self.channel.receive()
            if reply[0] == "error":
                raise rebuild(reply[1])
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


class Recorded:
    """Collects warnings during a call, under the examiner's `numpy.errstate`.

    Parameters
    ----------
    errors : dict, optional
        What `numpy.geterr` returns there, where that is not the default.
    """

    def __init__(self, errors: dict | None) -> None:
        self.errors = errors
        self.issued: list = []

    def __enter__(self) -> list:
        self.before = warnings.filters[:], warnings.showwarning, np.geterr()
        warnings.filters[:] = [("always", None, Warning, None, 0)]
        warnings._filters_mutated()
        warnings.showwarning = self._note
        if self.errors is not None:
            np.seterr(**self.errors)
        return self.issued

    def __exit__(self, *exception: object) -> None:
        warnings.filters[:], warnings.showwarning, errors = self.before
        warnings._filters_mutated()
        if self.errors is not None:
            np.seterr(**errors)

    def _note(self, message: Any, category: type, *rest: Any, **more: Any) -> None:
        if len(self.issued) < MOST_WARNINGS:
            self.issued.append([builtin_base(category, Warning), text_of(message)[:LONGEST_TEXT]])


# --- errors ---------------------------------------------------------------------------------------


def describe(error: BaseException) -> list:
    """Return an error as text: builtin type, name, message, the student's frames."""
    kind = type(error)
    return [
        builtin_base(kind, BaseException),
        encodable(kind.__name__[:80]) if type(kind.__name__) is str else "Exception",
        text_of(error)[:LONGEST_TEXT],
        _frames(error),
    ]


def rebuild(described: list) -> BaseException:
    """Return an error of the builtin type that was described."""
    import builtins

    base = getattr(builtins, str(described[0]), Exception)
    if not (isinstance(base, type) and issubclass(base, Exception)):
        base = RuntimeError  # SystemExit and its like must not end anything here
    try:
        return base(described[2])
    except TypeError:  # UnicodeDecodeError and its like want more than a message
        return ValueError(described[2])


def builtin_base(kind: type, root: type) -> str:
    """Return the name of the nearest builtin class of exceptions."""
    for base in kind.__mro__:
        if base.__module__ == "builtins" and issubclass(base, root):
            return base.__name__
    return root.__name__


def text_of(value: Any) -> str:
    """Return ``str(value)``, or what kept it from being made."""
    try:
        return encodable("".join(str(value)))
    except Exception as error:
        return f"<{type(error).__name__} while making the message>"


def _frames(error: BaseException) -> list:
    """Return [cell, line number, function, line] of each frame in the student's code."""
    if isinstance(error, SyntaxError) and not error.__traceback__.tb_next:
        return [["<cell>", error.lineno or 0, "", encodable((error.text or "").strip()[:200])]]
    found = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if name.startswith("<ipython-input") or "ipykernel" in name or name == "<test>":
            found.append((frame, line))
    if len(found) > 12:
        found = [*found[:6], *found[-6:]]
    import linecache

    return [
        [
            "<test>" if f.f_code.co_filename == "<test>" else "<cell>",
            line,
            encodable(f.f_code.co_name[:80]),
            encodable(linecache.getline(f.f_code.co_filename, line).strip()[:200]),
        ]
        for f, line in found
    ]


def _foreign(foreign: Foreign) -> list:
    from byhand.failures import brief

    try:
        # without addresses, which differ from run to run
        shown = encodable(ADDRESS.sub("", brief(foreign.value)[:200]))
        return [type(foreign.value).__name__[:80], shown]
    except Exception:
        return [type(foreign.value).__name__[:80], "an object that can't be shown"]


# --- this process ---------------------------------------------------------------------------------


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # a student may have put anything there
            pass


def _close_figures() -> None:
    # as the inline backend does at the end of each cell; nothing is drawn while grading
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and pyplot.get_fignums():
        pyplot.close("all")


WATCHED = ("numpy", "numpy.testing", "builtins", "byhand.checks", "byhand.reach",
           "byhand.differences", "warnings", "math")  # fmt: skip
_originals: dict[tuple[str, str], Any] = {}


def remember_originals() -> None:
    """Note the functions of well-known modules; called before the fork."""
    for module in WATCHED:
        for name, value in vars(__import__(module, fromlist=["*"])).items():
            if callable(value) and not name.startswith("__"):
                _originals[module, name] = value


def replaced() -> list[str]:
    """Return the names of well-known functions that are no longer themselves."""
    found = []
    for (module, name), value in _originals.items():
        if getattr(sys.modules.get(module), name, None) is not value:
            if (module, name) not in (("warnings", "showwarning"), ("builtins", "input")):
                found.append(f"{module}.{name}")
    if sys.gettrace() is not None:
        found.append("sys.settrace")
    return found[:10]


def refuse_processes() -> None:
    """Make the usual ways to start a process say in one line why that can't be done.

    Raises
    ------
    RuntimeError
        Later, from these functions. What really keeps processes out is the system call filter.
    """
    import multiprocessing.process
    import multiprocessing.synchronize
    import subprocess

    def refuse(name: str) -> Any:
        def refused(*args: Any, **kwargs: Any) -> Any:
            raise RuntimeError(f"{name} {UNSUPPORTED}")

        return refused

    subprocess.Popen.__init__ = refuse("subprocess")  # type: ignore[method-assign]
    multiprocessing.process.BaseProcess.start = refuse("multiprocessing")  # type: ignore
    multiprocessing.synchronize.SemLock.__init__ = refuse("multiprocessing")  # type: ignore
    for name in ("fork", "forkpty", "system", "popen", "posix_spawn", "posix_spawnp"):
        setattr(os, name, refuse(f"os.{name}"))


def refuse_questions() -> None:
    """Make `input` and `getpass` say in one line that nobody is there to answer.

    Raises
    ------
    RuntimeError
        Later, from these functions.
    """
    import builtins
    import getpass

    def refused(prompt: Any = "", stream: Any = None) -> str:
        raise RuntimeError("input() is not supported while grading: nobody is there to answer")

    builtins.input = getpass.getpass = refused


def run(channel: Channel, shell: Any) -> None:
    """Be a candidate until the examiner hangs up."""
    candidate = Candidate(channel, shell)
    shell.candidate = candidate
    try:
        channel.send(["ready"])
        candidate.serve()
    except WireError:
        pass
