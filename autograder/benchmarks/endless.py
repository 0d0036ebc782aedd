"""Lets one function at a time loop without end, and shows whether that costs only what it may.

Every function of every answer is tried: the points must be those of the same notebook with that
function left empty. The suite tries a sample. Everything takes about 15 minutes on one core:

    python3 autograder/benchmarks/endless.py [PART_OF_A_NAME]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.tools.endless import LIMITS, all_functions, points_of

from autograder.engine.controller import Engine
from autograder.layout import Layout


def main(part: str = "") -> int:
    """Try all functions whose name contains a part; return 1 if any costs more than it may."""
    layout = Layout.here()
    wrong = 0
    chosen = [function for function in all_functions(layout) if part in str(function)]
    with Engine(1) as engine:
        for number, function in enumerate(chosen, 1):
            empty = points_of(engine, function, "raise NotImplementedError()")
            endless = points_of(engine, function, "while True: pass", LIMITS)
            lost = [test for test in empty if empty[test] != endless[test]]
            wrong += bool(lost)
            print(f"{number}/{len(chosen)} {function}: {' '.join(lost) or 'ok'}", flush=True)
    print(f"{len(chosen)} functions, {wrong} cost more or less than if they were empty")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
