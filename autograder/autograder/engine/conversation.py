"""An examiner's conversation with a candidate: calls by value, and functions lent for a call.

What a test has asked before, and how it was answered, is a `Transcript`. A test that can only get
the same answers again need not run; see `Conversation.repeat`.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.engine.clock import Clock
from autograder.engine.exceptions import MOST_WARNINGS, describe, exception_from, warn_again
from autograder.engine.failures import checked, foreign_result
from autograder.engine.lent import LentFunctions
from autograder.engine.output import CandidateChannel, Output
from autograder.engine.proxies import Proxy, Scenarios
from autograder.engine.slot_client import SlotClient
from autograder.engine.trace import Place, read_place
from autograder.engine.wire.changes import apply_changes
from autograder.engine.wire.channel import Closed, OutOfTime, WireError, decode, encode
from autograder.engine.wire.values import Foreign, pack, unpack

DEEPEST_CALLS = 20  # of functions of either side that call one of the other
START_SECONDS = 120  # that a fork and its confinement may take on a machine under load
TELL_SECONDS = 2  # that a process may take to say where it is at work
SIGNALS = {signal_.value: signal_.name for signal_ in signal.Signals}
DEFAULT_ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
# what an exchange with a candidate that is gone, or must be, raises
LOST = (WireError, TypeError, ValueError, MemoryError, RecursionError)


class Died(BaseException):
    """The candidate is gone; the message says why.

    Not an `Exception`, so that no test can take it for an error of the student's function.

    Parameters
    ----------
    why : str
        For instance "was ended after 10 s of computing".
    waited : bool
        Whether time was up on the clock only: perhaps the machine was busy.
    """

    def __init__(self, why: str, waited: bool = False) -> None:
        super().__init__(why)
        self.waited = waited


class Diverged(BaseException):
    """A test that is repeated asks other things than it asked before."""


Exchange = tuple[bytes, bytes]  # what was sent, and what came back
Transcript = list[list[Exchange]]  # by request; while one is answered, functions may be lent


class Conversation:
    """Asks a candidate one thing at a time, and serves what its code calls meanwhile.

    It is what `byhand.checks` delegates scenarios and supplied functions to.

    Parameters
    ----------
    slot : SlotClient
        Provides candidates.
    clock : Clock
        Says how long an answer may take.
    output : Output
        Gets what the candidate prints.
    flag : callable
        Told what a person should see.

    Attributes
    ----------
    channel : CandidateChannel or None
        To the candidate, where there is one.
    requests : int
        How often a candidate was asked something.
    place : Place or None
        Where the last candidate was at work when it was ended or ended itself.
    scenarios : Scenarios
        Those of the current test cell.
    """

    def __init__(
        self, slot: SlotClient, clock: Clock, output: Output, flag: Callable[[str], None]
    ) -> None:
        self.slot = slot
        self.clock = clock
        self.output = output
        self.flag = flag
        self.channel: CandidateChannel | None = None
        self.requests = 0
        self.place: Place | None = None
        self.scenarios = Scenarios({})
        self._transcript: Transcript | None = None
        self._ahead: deque[Exchange] = deque()  # what a repetition has exchanged already
        self._error: BaseException | None = None  # the last one of the student's code
        self._lent = LentFunctions()
        self._depth = 0

    def start(self, seed: int) -> None:
        """Get a candidate."""
        started = self.slot.start_candidate(seed)
        self.clock.watch(started.process)
        self.channel = CandidateChannel(started, self.clock)
        if self.channel.receive(time.monotonic() + START_SECONDS) != ["ready"]:
            raise RuntimeError("a candidate did not start")
        self._lent.clear()

    def start_cell(self) -> None:
        """Give a cell its time and room for its output."""
        self.clock.start_cell()
        if self.channel is not None:
            self.channel.room = self.output.room()
            read_place(self.channel.trace, 0.0)  # what an earlier cell has left there
            self.channel.send_ahead(["time", self.clock.cpu_left()])

    def hang_up(self) -> None:
        """Let go of the candidate."""
        if self.channel is not None:
            self.clock.watch(None)
            self.channel.close()
            self.channel = None

    def ask(self, *request: Any) -> list[Any]:
        """Send a request and return the answer; serve what the student's code calls meanwhile.

        Raises
        ------
        Died
            If the candidate ends, breaks the rules of the wire, or takes too long.
        """
        channel = self.channel
        if channel is None:
            raise Died("is gone")
        self.requests += 1
        if self._transcript is not None:
            self._transcript.append([])
        try:
            answer = self._exchange(channel, list(request))
        except LOST as error:
            raise self._death(error) from None
        self._take_printed(channel)
        return answer

    def _death(self, error: Exception) -> Died:
        """Let go of a candidate that an exchange failed with; return why it is gone."""
        if isinstance(error, OutOfTime):
            why, waited = self.clock.why_ended(), self.clock.waited
            self.slot.let_tell()
            self._end_candidate(wait=False, tells=TELL_SECONDS)
            return Died(why, waited)
        if isinstance(error, Closed):
            status = self._end_candidate(wait=True)
            return Died(f"ended its process ({_reason(status)})")
        self._end_candidate(wait=False)
        return Died(f"broke the rules of the wire: {error}")

    def _exchange(self, channel: CandidateChannel, message: list[Any]) -> list[Any]:
        while True:
            answer = decode(self._swap(channel, encode(message)))
            if type(answer) is not list or not answer or type(answer[0]) is not str:
                raise WireError("a malformed answer")
            if answer[0] != "back":
                return answer
            with self.clock.counting_own():
                message = self._serve(*answer[1:4])

    def _swap(self, channel: CandidateChannel, message: bytes) -> bytes:
        """Send a message and return what comes back, unless a repetition has done so."""
        if self._ahead:
            sent, answer = self._ahead.popleft()
            if sent != message:
                self._ahead.clear()
                raise Diverged
        else:
            channel.send_encoded(message)
            answer = channel.receive_encoded()  # raises where it calls back without end
        if self._transcript is not None:
            self._transcript[-1].append((message, answer))
        return answer

    # -- tests that are repeated ------------------------------------------------------------

    def start_test(self, number: int, keeps: bool) -> None:
        """Begin a test: what it lends is numbered from its own number on, as in any notebook."""
        self._lent.count_from(number << 16)
        self._ahead.clear()
        self._transcript = [] if keeps else None

    def end_test(self) -> Transcript | None:
        """Return what was exchanged since the test began, if that was kept."""
        found, self._transcript = self._transcript, None
        return found

    def repeat(self, transcript: Transcript, goes_on: Callable[[bytes], bool]) -> bool:
        """Send what a test sent before, as long as it would go on; return whether to its end.

        Where it would not, it must run: it gets what was exchanged so far, and the rest from the
        candidate.

        Parameters
        ----------
        transcript : Transcript
            What was exchanged before.
        goes_on : callable
            Told each answer; returns whether the test is known to ask the same after it.
        """
        channel = self.channel
        if channel is None:
            return False
        before = self.requests
        done: list[Exchange] = []
        for request in transcript:
            self.requests += 1
            try:
                for sent, _ in request:
                    channel.send_encoded(sent)
                    answer = channel.receive_encoded()
                    done.append((sent, answer))
                    if not goes_on(answer):
                        self.requests = before
                        self._ahead = deque(done)
                        return False
            except LOST as error:
                raise self._death(error) from None
            self._take_printed(channel)
        return True

    def _end_candidate(self, wait: bool, tells: float = 0.0) -> int:
        if self.channel is not None:
            self.channel.drain()
            self._take_printed(self.channel)
            self.place = read_place(self.channel.trace, tells)
        self.clock.used()  # the last time that it can be read
        status = self.slot.end_candidate(wait)
        self.hang_up()
        return status

    def _take_printed(self, channel: CandidateChannel) -> None:
        """Add what the candidate has printed to the cell's output."""
        if channel.printed:
            self.output.text.write(channel.take_printed())
        if channel.dropped:
            self.output.cut_off()
            self.flag("printed more than is kept")
            channel.dropped = 0

    # -- calls ------------------------------------------------------------------------------

    def call(self, target: list[Any], name: str, args: tuple, kwargs: dict) -> Any:
        """Call a function of the student's, or a scenario, by value.

        Parameters
        ----------
        target : list
            A reference to the function.
        name : str
            What messages call it.
        args, kwargs
            Its arguments; what the call changes in them is changed in them afterwards.
        """
        with self._lent.lending() as refer:
            packed = pack(list(args), refer), pack(kwargs, refer)
            answer = self.ask("call", target, *packed, _errors())
        value = self._value_of(answer, name)
        if answer[-1] is not None:
            try:
                apply_changes([*args, kwargs], answer[-1], self._resolve)
            except WireError as error:
                raise Died(f"broke the rules of the wire: {error}") from None
        return value

    def call_many(self, target: list[Any], name: str, arguments: list[tuple]) -> list:
        """Call it once for each of the arguments, in one request."""
        with self._lent.lending() as refer:
            packed = [pack(tuple(call), refer) for call in arguments]
            answer = self.ask("many", target, packed, _errors())
        values = self._value_of(answer, name)
        if type(values) is not list or len(values) != len(arguments):
            raise Died("broke the rules of the wire: too few or too many answers")
        return values

    def run_scenario(self, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Run a test's scenario beside the student's code; see `byhand.checks.scenario`."""
        return self.call(self.scenarios.reference(function), function.__name__, args, kwargs)

    def run_scenario_many(self, function: Callable, arguments: list[tuple]) -> list:
        """Run a scenario once for each of the arguments, in one request."""
        return self.call_many(self.scenarios.reference(function), function.__name__, arguments)

    def supply(self, trusted: dict[str, Any]) -> list[int]:
        """Put trusted functions into the student's namespace; see `byhand.checks.supplied`."""
        lent: list[int] = []
        self.ask("supply", pack(trusted, lambda f: self._lent.lend(f, lent)))
        return lent

    def withdraw(self, trusted: dict[str, Any], token: list[int]) -> None:
        """Take them away again."""
        self._lent.take_back(token)
        if self.channel is not None:
            self.ask("withdraw", list(trusted))

    def allow_measuring(self, allowed: bool) -> None:
        """Let the student's code use `byhand.differences`; see `byhand.checks.may_measure`."""
        if self.channel is not None:
            self.ask("allow", allowed)

    def _value_of(self, answer: list[Any], name: str) -> Any:
        """Return the value in an answer, or raise the error that it tells of."""
        try:
            kind, content = answer[0], answer[1]
            for category, message in answer[-2][:MOST_WARNINGS]:
                warn_again(category, message)
            if kind == "value":
                return unpack(content, self._resolve)
            if kind == "error":
                self._error = error = exception_from(content)
                error._student = checked([*content, []])  # type: ignore[attr-defined]
                raise error
            if kind == "foreign":
                raise foreign_result(name, content, answer[2])
        except (WireError, TypeError, ValueError, IndexError, RecursionError) as error:
            if hasattr(error, "_student"):
                raise
            raise Died(f"broke the rules of the wire: {type(error).__name__}") from None
        raise Died("broke the rules of the wire: a malformed answer")

    def explain(self, error: BaseException) -> None:
        """Add to an error of the student's code what it means, if it was the last one."""
        if error is self._error:
            try:
                _, explained = self.ask("explain")
                told = error._student  # type: ignore[attr-defined]
                told[:] = checked([*told[:4], explained])
            except (TypeError, ValueError, IndexError) as wrong:
                raise Died(f"broke the rules of the wire: {type(wrong).__name__}") from None

    # -- functions lent ---------------------------------------------------------------------

    def _resolve(self, reference: list[Any]) -> Any:
        """Return what a reference of the candidate's refers to."""
        if reference[0] == "H":
            function = self._lent.get(reference[1])
            if function is None:
                raise WireError("a function that is no longer lent")
            return function
        kind, which = reference[1:3]
        if kind == "n" and type(which) is str:
            return Proxy(self, ["N", which], "the returned function")  # `which` is the student's
        if kind == "h" and type(which) is int:
            return Proxy(self, ["F", which], "the returned function")
        raise WireError("a reference to nothing")

    def _serve(self, number: Any, args: Any, kwargs: Any) -> list[Any]:
        """Call a lent function for the candidate; return the reply."""
        lent: list[int] = []
        self._depth += 1
        try:
            if self._depth > DEEPEST_CALLS:
                raise RecursionError("the functions call each other too deeply")
            function = self._lent.get(number)
            if function is None:
                raise RuntimeError("this function was lent for the duration of a call")
            positional, named = unpack(args, self._resolve), unpack(kwargs, self._resolve)
            result = function(*positional, **named)
            return ["value", pack(result, lambda f: self._lent.lend(f, lent))]
        except WireError:
            raise
        except Foreign as foreign:
            return ["error", describe(TypeError(f"can't return a {foreign}"))]
        except Exception as error:
            return ["error", describe(error)]
        finally:
            self._depth -= 1


def _reason(status: int) -> str:
    return f"signal {SIGNALS.get(-status, -status)}" if status < 0 else f"exit status {status}"


def _errors() -> Any:
    errors = np.geterr()
    return None if errors == DEFAULT_ERRORS else errors
