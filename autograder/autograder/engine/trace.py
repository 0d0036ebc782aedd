"""Where a student's process was when its time was up, or when it ended.

The process writes it into a pipe: by itself once a cell has used most of its time, by Python's
`faulthandler` when the slot asks for it or when the process crashes. The examiner reads the first
line that names a cell. What is written there can be forged, which costs only the forger.
"""

from __future__ import annotations

import ast
import contextlib
import faulthandler
import os
import re
import select
import signal
import sys
import time
from types import FrameType
from typing import Any, NamedTuple

ASKED = signal.SIGUSR1  # what a slot asks with
LOOK, LOOK_AGAIN = 0.5, 0.4  # of a cell's CPU time: when the frames are noted, then compared
DEEPEST = 1000  # frames that are looked at
LONGEST = 2**16  # bytes that are read
LINE = re.compile(r'  File "(<ipython-input-(\d+)-[^"]*|[^"]*)", line (\d+) in ([^\n]*)\n')
LAST = re.compile(r'fork_server\.py", line \d+ in <module>\n|^  \.\.\.\n', re.MULTILINE)


class Place(NamedTuple):
    """A line of a cell, by the cell's position, and whether it belongs to a function."""

    position: int
    line: int
    in_function: bool


# --- in the student's process ---------------------------------------------------------------------


class Watch:
    """Notes which of the student's functions is at work when a cell's time is nearly used up.

    It is the innermost one that was already running when half of the time was used up, by the same
    call: a loop without end stays there, while what it calls comes and goes.

    Parameters
    ----------
    pipe : int
        The writing end.
    """

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe
        self.noted: list[FrameType] = []
        os.set_blocking(pipe, False)
        faulthandler.enable(pipe, all_threads=False)
        faulthandler.register(ASKED, pipe, all_threads=False)
        signal.signal(signal.SIGPROF, self.look)
        self._exit = os._exit
        os._exit = self.exit  # type: ignore[assignment]

    def start(self, seconds: float) -> None:
        """Begin with a cell that may use so much CPU time."""
        self.noted = []
        signal.setitimer(signal.ITIMER_PROF, LOOK * seconds, LOOK_AGAIN * seconds)

    def look(self, number: int, frame: FrameType | None) -> None:
        """Note the frames the first time, compare and report the second time."""
        frames: list[FrameType] = []
        while frame is not None and len(frames) < DEEPEST:
            frames.append(frame)
            frame = frame.f_back
        if not self.noted:
            self.noted = frames
            return
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        kept = {id(frame) for frame in self.noted}
        cells = [frame for frame in frames if is_cell(frame.f_code.co_filename)]
        stayed = [frame for frame in cells if id(frame) in kept]
        self.noted = []
        if cells:
            self.report(stayed[0] if stayed else cells[-1])

    def exit(self, status: int) -> None:
        """Report who ends the process, and end it."""
        self.report(sys._getframe(1))
        self._exit(status)

    def report(self, frame: FrameType) -> None:
        """Write a frame as `faulthandler` does."""
        code = frame.f_code
        line = f'  File "{code.co_filename}", line {frame.f_lineno} in {code.co_name}\n'
        with contextlib.suppress(OSError):
            os.write(self.pipe, line.encode("ascii", "backslashreplace"))


def is_cell(filename: str) -> bool:
    """Return whether a file's name is that of a cell."""
    return filename.startswith("<ipython-input-")


class Stop(ast.NodeTransformer):
    """Lets functions raise at once, as if they had been left empty.

    Parameters
    ----------
    lines : dict of int to str
        For a line in each of them, why.
    """

    def __init__(self, lines: dict[int, str]) -> None:
        self.lines = lines

    def visit_FunctionDef(self, node: Any) -> Any:
        """Replace the body of one of these functions."""
        return self.visit_function(node, "raise NotImplementedError({!r})")

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: Any) -> Any:
        """Replace the expression of one of these functions."""
        return self.visit_function(node, "(_ for _ in ()).throw(NotImplementedError({!r}))")

    def visit_function(self, node: Any, instead: str) -> Any:
        """Replace a function's body, if it is one of these."""
        for line, why in self.lines.items():
            if node.lineno <= line <= node.end_lineno:
                (body,) = ast.parse(instead.format(why)).body
                node.body = body.value if isinstance(body, ast.Expr) else [body]
        return node


# --- in the examiner ------------------------------------------------------------------------------


def read_place(pipe: int, seconds: float) -> Place | None:
    """Return the place that a process has written; None where it has written none.

    Parameters
    ----------
    pipe : int
        The reading end.
    seconds : float
        How long to wait for it.
    """
    deadline = time.monotonic() + seconds
    read = b""
    while len(read) < LONGEST:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(pipe, 4096) if ready else b""
        read += chunk
        text = read.decode("ascii", "replace")
        for _, position, line, function in LINE.findall(text):
            if position:
                return Place(int(position) - 1, int(line), not function.startswith(("<m", "<cell")))
        if not chunk or LAST.search(text):
            break
    return None
