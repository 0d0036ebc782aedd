"""`doctor`: says what is in use and whether all is in order."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from autograder.commands.console import make_console
from autograder.course.release import find_staleness
from autograder.errors import EngineFault, StepFailed, UserError
from autograder.gradebook.book import open_gradebook
from autograder.layout import Layout
from autograder.machine import chromium_path

PACKAGES = ("nbgrader", "jupyterlab", "nbformat", "numpy", "matplotlib", "ipywidgets", "ipykernel")
ENOUGH = "enough for safety"


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Print one line a question; status 1 when one of them is answered by a fault."""
    checks: dict[str, Callable[[Layout], str]] = {
        "Python": _python,
        "environment": _environment,
        "packages": _packages,
        "programs": _programs,
        "kernel": _kernel,
        "browser for tests": _browser,
        "course/": _course,
        "gradebook": _gradebook,
    }
    table = Table(show_header=False, box=None, padding=(0, 1))
    healthy = True
    for question, answer in checks.items():
        try:
            mark, text = "[green]ok[/]", answer(layout)
        except UserError as ailment:
            healthy = False
            mark, text = "[red]![/]", str(ailment)
        table.add_row(mark, question, escape(text))
    table.add_row("", "", "")
    table.add_row("", "[bold]What keeps a student's code in[/]", "")
    for stands, name, detail in _walls():
        healthy = healthy and (stands or name != ENOUGH)
        table.add_row("[green]ok[/]" if stands else "[yellow]–[/]", name, escape(detail))
    make_console().print(table)
    return 0 if healthy else 1


def _python(layout: Layout) -> str:
    return f"{platform.python_version()} on {platform.platform(terse=True)}"


def _environment(layout: Layout) -> str:
    own = Path(sys.prefix) == layout.root / ".venv"
    return f"{sys.prefix} ({'made by this program' if own else 'activated by you'})"


def _packages(layout: Layout) -> str:
    return ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)


def _programs(layout: Layout) -> str:
    alembic = shutil.which("alembic")
    if alembic is None or Path(alembic).parent != Path(sys.executable).parent:
        raise UserError(f"alembic is not in {Path(sys.executable).parent}; install nbgrader anew")
    return "alembic of this environment comes first on PATH"


def _kernel(layout: Layout) -> str:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        folder = Path(KernelSpecManager().get_kernel_spec("python3").resource_dir)
    except NoSuchKernel:
        raise UserError("there is no python3 kernel; install ipykernel anew") from None
    if not folder.is_relative_to(sys.prefix) and "ipykernel" not in folder.parts:
        raise UserError(f"python3 is the kernel in {folder}, not this environment's; remove it")
    return f"python3 in {folder}"


def _browser(layout: Layout) -> str:
    return chromium_path() or "none found: browser tests are skipped (install chromium to run them)"


def _course(layout: Layout) -> str:
    chapters = layout.chapters()
    for chapter in chapters:
        try:
            reason = find_staleness(layout, chapter)
        except StepFailed as failure:
            raise UserError(f"{chapter}: nbgrader refuses the source: {failure}") from None
        if reason:
            raise UserError(f"{reason}; mend with: python3 autograder release {chapter}")
    return f"{len(chapters)} chapters, up to date with solutions/"


def _gradebook(layout: Layout) -> str:
    if not layout.gradebook.is_file():
        return "none yet; grading makes it"
    with open_gradebook(layout) as gradebook:
        return f"{len(gradebook.students())} students in {layout.show(layout.gradebook)}"


def _walls() -> Iterator[tuple[bool, str, str]]:
    """Yield (in force, name, what it does) of each protection from students' code."""
    try:
        from autograder.engine.controller import Engine

        with Engine(slots=1, unsafe=True) as engine:
            for protection in engine.protections:
                yield protection.in_force, protection.name, protection.detail
            if engine.missing:
                yield False, ENOUGH, f"no: {engine.missing} is missing, so grade refuses"
    except (EngineFault, UserError, ImportError) as ailment:
        yield False, ENOUGH, str(ailment)
