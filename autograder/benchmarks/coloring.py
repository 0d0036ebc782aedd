"""Measures how long the pages take to color the slowest code that a student can hand in.

Forty thousand characters, what a graded notebook shows of a student's code, of each pattern, as
Formgrader and the feedback page color them. No pattern may take more than a second:

    python3 autograder/benchmarks/coloring.py
"""

from __future__ import annotations

import sys
import time

from IPython.lib.lexers import IPython3Lexer
from pygments import highlight
from pygments.formatters import HtmlFormatter

from autograder.desk.pages import text
from autograder.nbgrader.shown import MOST_CODE
from autograder.untrusted import readable_code

PATTERNS = (
    " \n", "\n ", "\n\t", "\n", "a.", "a. ", "1.", "a*", "**", " " * 69 + "x", " \n" * 34 + "x",
    "\n" * 69 + "x", "a." * 249 + "\n", "?" * 499 + "\n", "a" * 400 + " ?b\n", "x" * 499 + "\n",
    "(", "f'{", "'\\N{", "%a", "  %a\n", "!a.", "!'\n", '!"$(\n', "!$((\n", "!`\n",
    '"""a\n', "'''\n",
    "!" + "${" * 200 + "\n", "!" + "'a" * 200 + "\n", "%sx " + "$((" * 100 + "\n",
    "%%timeit \n", "%%perl =a\n", "%%html <a\n", "x\n%%ruby\n<<a\n",
)  # fmt: skip
COLORED = {
    "Formgrader": lambda source: highlight(source, IPython3Lexer(), HtmlFormatter()),
    "feedback": text.code,
}


def main() -> int:
    """Print the CPU time of each pattern, the slowest first; return 1 if one takes a second."""
    found = []
    for pattern in PATTERNS:
        source = readable_code((pattern * MOST_CODE)[:MOST_CODE])
        for name, color in COLORED.items():
            started = time.process_time()
            size = len(color(source))
            found.append((time.process_time() - started, name, pattern[:20], size))
    for seconds, name, pattern, size in sorted(found, reverse=True):
        print(f"{seconds:6.2f} s {size / 1e6:6.2f} MB  {name:10} {pattern!r}")
    return int(max(found)[0] > 1.0)


if __name__ == "__main__":
    sys.exit(main())
