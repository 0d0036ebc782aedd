"""How long a term takes, from what the systems give to pages for students, as the GUIDE says."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from autograder.layout import Layout

GOAL = 240  # seconds for all of it
EXTRA = ("grade, nothing to do", "--help")  # measured, and no part of the term


@dataclass(frozen=True)
class Step:
    """One step of the term: its wall time, and the CPU time of its processes, in seconds."""

    name: str
    seconds: float
    cpu: float
    notebooks: int


def time_term(layout: Layout, folder: Path, due: Mapping[str, datetime]) -> None:
    """Play a term with the class in a folder, in a work folder that is new; print what it took.

    Parameters
    ----------
    layout
        The course.
    folder
        Rosters and downloads.
    due
        When each chapter is due.
    """
    layout = layout.with_work(Path(tempfile.mkdtemp(prefix="work-", dir=folder)))
    downloads = sorted(folder.glob("*.zip")) + sorted(folder.glob("Grades-*.csv"))
    rosters = (folder / "canvas-gradebook.csv", folder / "moodle-participants.csv")
    commands = {
        "class": [["class", "--roster", roster] for roster in rosters],
        "collect": [["collect", *downloads]],
        "collect, times": [  # Canvas says who was late, not when
            ["collect", folder / f"canvas-{chapter}-submissions.zip",
             "--handed-in", f"{moment + timedelta(hours=30):%Y-%m-%dT%H:%M}"]
            for chapter, moment in due.items()
        ],
        "grade": [["grade"]],
        "feedback": [["feedback", "--zip", "canvas", "--zip", "moodle"]],
        "report": [["report"]],
        EXTRA[0]: [["grade"]],
        EXTRA[1]: [["--help"]],
    }  # fmt: skip
    steps = []
    for name, some in commands.items():
        steps.append(timed(layout, name, some))
        if name == "class":
            write_rules(layout.work / "class.toml", folder, due)
    Console().print(table(steps))
    print(f"work folder: {layout.work}")


def timed(layout: Layout, name: str, commands: list[list]) -> Step:
    """Run the commands of a step, with what they print shown."""
    environment = os.environ | {"AUTOGRADER_WORK": str(layout.work)}
    start, before = time.monotonic(), cpu_seconds()
    for command in commands:
        print(f"\n$ python3 autograder {' '.join(str(getattr(a, 'name', a)) for a in command[:5])}"
              f"{' …' if len(command) > 5 else ''}", flush=True)  # fmt: skip
        every = [sys.executable, "autograder", *map(str, command)]
        if subprocess.run(every, cwd=layout.root, env=environment).returncode not in (0, 1):
            sys.exit(f"{name}: failed")  # 1: something is left for a person, as in any term
    seconds, cpu = time.monotonic() - start, cpu_seconds() - before
    files = layout.feedback.glob("*/*/*.html") if name == "feedback" else ()
    submitted = layout.submitted.glob("*/*/*.ipynb")
    return Step(name, seconds, cpu, len(list(files or submitted)))


def cpu_seconds() -> float:
    """Return what the commands have used so far, on all cores."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_rules(path: Path, folder: Path, due: Mapping[str, datetime]) -> None:
    """Write due dates, the rule for late work and what is special about some students."""
    text = path.read_text("utf-8")
    for one in json.loads((folder / "expected.json").read_text("utf-8")):
        special = "dropped = true" if one["person"].get("dropped") else ""
        if one["person"].get("extension"):
            special = f'extensions = {{ {one["chapter"]} = "7 days" }}'
        if special:
            text = re.sub(rf"(?m)^({one['student']} = \{{.*)\}}$", rf"\1, {special}}}", text)
    rules = [
        'time_zone = "Europe/Berlin"', "[due]",
        *(f"{chapter} = {moment.isoformat()}" for chapter, moment in due.items()),
        "[late]", 'per_day = "10 %"', 'most = "50 %"', "",
    ]  # fmt: skip
    path.write_text("\n".join(rules) + text, "utf-8")


def table(steps: list[Step]) -> Table:
    """Return what each step took, their sum, and whether the goal is met."""
    shown = Table("step", box=box.ROUNDED)
    for head in ("notebooks", "seconds", "ms a notebook", "CPU seconds"):
        shown.add_column(head, justify="right")
    term = [step for step in steps if step.name not in EXTRA]
    most = max(step.notebooks for step in steps)
    total = Step("total", sum(s.seconds for s in term), sum(s.cpu for s in term), most)
    for step in (*term, total, *(step for step in steps if step.name in EXTRA)):
        if step is total or step.name == EXTRA[0]:
            shown.add_section()
        each = f"{1000 * step.seconds / step.notebooks:.0f}" if step.notebooks else "–"
        shown.add_row(
            step.name, str(step.notebooks), f"{step.seconds:.1f}", each, f"{step.cpu:.1f}"
        )  # fmt: skip
    met = "met" if total.seconds <= GOAL else "not met"
    shown.caption = f"goal: {GOAL} s on two cores; {met} on {os.cpu_count()} cores"
    return shown
