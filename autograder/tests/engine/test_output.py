"""The end of a candidate is told apart from a broken rule of the wire, and its output is kept."""

from __future__ import annotations

import os
import socket

import pytest

from autograder.engine.clock import Clock
from autograder.engine.limits import Limits
from autograder.engine.output import CUT_OFF, CandidateChannel, Output
from autograder.engine.slot_client import Started
from autograder.engine.wire.channel import Closed


def test_a_candidate_whose_wire_and_output_end_at_once_has_ended():
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    trace, unused = os.pipe()
    os.close(unused)
    channel = CandidateChannel(Started(ours, reading, trace, os.getpid()), Clock(Limits()))
    os.write(writing, b"last words")
    os.close(writing)
    theirs.close()
    with pytest.raises(Closed):
        channel.fill(None)
    assert channel.take_printed() == "last words"
    channel.close()


def test_the_output_of_a_notebook_is_kept_up_to_a_limit():
    output = Output()
    for _ in range(20):
        output.start_cell()
        output.text.write("x" * 100_000)
        output.cut_off()
        text = output.end_cell([{"data": {"text/plain": "shown"}}])
        assert text.endswith(CUT_OFF)
    assert text == CUT_OFF
    assert output.room() == 0


@pytest.mark.parametrize("end", ["while True:\n    pass", "import os\nos._exit(3)"])
def test_what_a_cell_printed_before_it_hung_or_ended_its_process_is_kept(students, small, end):
    cell = f"print('this far')\n{end}"
    result = students.examine(small.hand_in(square=cell), Limits(1.0, 6.0))
    (output,) = [cell.output for cell in result.cells if cell.id == "square"]
    assert output == "this far\n"
