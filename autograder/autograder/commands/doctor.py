"""`doctor`: says what is installed and whether it works."""

from __future__ import annotations

import argparse
import importlib
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from autograder.commands.console import counted, make_console
from autograder.commands.release import check
from autograder.environment import requirements
from autograder.errors import EngineFault, UserError
from autograder.gradebook.book import open_gradebook
from autograder.layout import Layout
from autograder.machine import chromium_path, has_engine

PACKAGES = ("nbgrader", "jupyterlab", "nbformat", "numpy", "matplotlib", "ipywidgets", "ipykernel")
ENOUGH = "enough for safety"
OK, GAP, FAULT = "[green]ok[/]", "[yellow]–[/]", "[red]![/]"


class _Gap(Exception):
    """Something is missing that only the tests need; the message says how to install it."""


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Print one line for each question; status 1 when something must be fixed."""
    checks: dict[str, Callable[[Layout], str]] = {
        "Python": _python,
        "environment": _environment,
        "packages": _packages,
        "programs": _programs,
        "kernel": _kernel,
        "packages for tests": _test_packages,
        "browser for tests": _browser,
        "course/": _course,
        "gradebook": _gradebook,
    }
    table = Table(show_header=False, box=None, padding=(0, 1))
    healthy = True
    for question, answer in checks.items():
        try:
            mark, text = OK, answer(layout)
        except _Gap as gap:
            mark, text = GAP, str(gap)
        except UserError as fault:
            healthy = False
            mark, text = FAULT, str(fault)
        table.add_row(mark, question, escape(text))
    table.add_row("", "", "")
    table.add_row("", "[bold]What keeps a student's code in[/]", "")
    for in_force, name, detail in _walls():
        healthy = healthy and (in_force or name != ENOUGH)
        table.add_row(OK if in_force else GAP, name, escape(detail))
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
        raise UserError(f"alembic is not in {Path(sys.executable).parent}; reinstall nbgrader")
    return "alembic of this environment comes first on PATH"


def _kernel(layout: Layout) -> str:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        folder = Path(KernelSpecManager().get_kernel_spec("python3").resource_dir)
    except NoSuchKernel:
        raise UserError("there is no python3 kernel; reinstall ipykernel") from None
    if not folder.is_relative_to(sys.prefix) and "ipykernel" not in folder.parts:
        raise UserError(f"python3 is the kernel in {folder}, not this environment's; remove it")
    return f"python3 in {folder}"


def _test_packages(layout: Layout) -> str:
    missing = []
    for requirement in requirements(Layout.here().root, ["test"]):
        try:
            metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            missing.append(requirement.name)
    if missing:
        raise _Gap(f"not installed: {', '.join(missing)}; python3 autograder test installs them")
    return "installed"


def _browser(layout: Layout) -> str:
    try:
        importlib.import_module("playwright.sync_api")
    except ImportError:
        raise _Gap("Playwright is not installed; python3 autograder test installs it") from None
    chromium = chromium_path()
    if chromium is None:
        raise _Gap(
            "Chromium is not installed, so browser tests are skipped; install it (Debian, Ubuntu: "
            "sudo apt install chromium) or set CHROMIUM to its path"
        )
    if shutil.which(chromium) is None:
        raise _Gap(f"CHROMIUM is {chromium}, which is no program; set it to the browser's path")
    return f"Playwright {metadata.version('playwright')}, {chromium}"


def _course(layout: Layout) -> str:
    chapters = layout.chapters()
    if faults := check(layout, chapters):
        raise UserError(f"{faults[0]} (all of it: python3 autograder release --check)")
    return f"{counted(len(chapters), 'chapter')}, up to date with solutions/"


def _gradebook(layout: Layout) -> str:
    if not layout.gradebook.is_file():
        return "none yet; grading makes it"
    with open_gradebook(layout) as gradebook:
        return f"{counted(len(gradebook.students()), 'student')} in {layout.show(layout.gradebook)}"


def _walls() -> Iterator[tuple[bool, str, str]]:
    """Yield (in force, name, what it does) of each protection from students' code."""
    if not has_engine():
        yield False, ENOUGH, f"no: it needs Linux, and this is {sys.platform}; see grade --help"
        return
    from autograder.engine.controller import Engine

    try:
        with Engine(slots=1, unsafe=True) as engine:
            for protection in engine.protections:
                yield protection.in_force, protection.name, protection.detail
            if engine.missing:
                yield False, ENOUGH, f"no: {engine.missing} is missing, so grade refuses"
    except (EngineFault, UserError) as fault:
        yield False, ENOUGH, str(fault)
