"""Run notebooks' cells bare: one fork of a prepared process each; prints the seconds it took.

Called by grading.py: what it reads from standard input is a list of notebooks, each a list of
the sources of its cells.
"""

from __future__ import annotations

import json
import os
import sys
import time

from autograder.engine.fork_server import prepare


def main() -> None:
    """Read, run, print."""
    jobs = json.load(sys.stdin)
    shell = prepare()
    null = os.open(os.devnull, os.O_WRONLY)
    started = time.perf_counter()
    for cells in jobs:
        process = os.fork()
        if process == 0:
            os.dup2(null, 1)
            os.dup2(null, 2)
            for source in cells:
                shell.run_cell(source, store_history=True)
            os._exit(0)
        os.waitpid(process, 0)
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
