"""`new-exercise`: adds a complete exercise to a chapter, for an author to fill in."""

from __future__ import annotations

import argparse

from autograder.commands.console import make_console
from autograder.course.new_exercise import add_exercise
from autograder.layout import Layout

NEXT = """Next
  1. Replace what says TODO, then the example itself: task, answer, check, answers.
  2. python3 autograder release {chapter}
  3. python3 autograder test autograder/tests/solutions/test_answers.py -k {cell}
"""


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Write the exercise; say what was written and what to do next."""
    (chapter,) = layout.pick_chapters([options.chapter])
    new = add_exercise(layout, chapter, options.name)
    console = make_console()
    console.print(f"Exercise {new.number} · {new.title}, at the end of {chapter}'s exercises")
    for path, what in new.files.items():
        console.print(f"  {layout.show(path)}: {what}", soft_wrap=True)
    console.print(NEXT.format(chapter=chapter, cell=new.cell), soft_wrap=True, end="")
    return 0
