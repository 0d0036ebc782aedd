"""The command line: what each command takes.

Only the standard library is imported here: help and usage errors answer at once, even before
anything is installed.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from autograder.engine.limits import CELLS_PER_NOTEBOOK, Limits
from autograder.errors import UserError
from autograder.layout import Layout

__all__ = ["build_parser", "parse"]

# These pass their arguments on, so that no option of pytest or JupyterLab is defined twice.
PASSED_ON = {"test": "pytest", "lab": "jupyter lab"}


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"autograder: {message} (python3 autograder --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line.

    Examples
    --------
    >>> build_parser().parse_args(["grade", "--student", "ada"]).student
    'ada'
    """
    parser = _Parser(
        prog="python3 autograder",
        description="Release, grade and test the course Backprop by Hand.",
        epilog="The first run sets up .venv in the repository (one to two minutes); "
        "in an environment that has the packages, that one is used.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False
        )

    _add_course_commands(command)
    _add_roster_commands(command)
    _add_class_commands(command)
    _add_desk_commands(command)
    command("doctor", "say which versions are in use and whether all is in order")
    return parser


def _add_course_commands(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the commands that work on the course itself."""
    demo = command("demo", "release the course, grade a small sample class, show the scores")
    _add_work(demo, "autograder/work/demo")
    _add_unsafe(demo)

    for name, text in (
        ("test", "run every test; further arguments go to pytest"),
        ("lab", "open the course in JupyterLab, with Formgrader; more arguments go to jupyter lab"),
    ):
        passed_on = command(name, text)
        if name == "lab":
            _add_class(passed_on)
        passed_on.add_argument("arguments", nargs="*", help=f"passed on to {PASSED_ON[name]}")

    release = command("release", "check the chapters and make course/ from solutions/")
    _add_class(release, chapters=True)
    either = release.add_mutually_exclusive_group()
    either.add_argument(
        "--check",
        action="store_true",
        help="write nothing; status 1 if something is wrong or out of date",
    )
    either.add_argument(
        "--zip",
        nargs="?",
        type=_archive,
        const=Path(),
        metavar="FILE",
        help="pack these chapters and all else that students need into an archive; "
        "default: backprop-by-hand.zip in the work folder",
    )

    mutate = command("mutate", "put mistakes into the answers; show those no test notices")
    _add_chapters(mutate)
    mutate.add_argument(
        "--sample", type=_positive, metavar="N", help="try N mutants, drawn at random; default: all"
    )
    mutate.add_argument("--seed", type=int, default=0, help="for the sample; default: 0")
    _add_unsafe(mutate)

    new_exercise = command("new-exercise", "add an exercise to a chapter: cells, check, answers")
    new_exercise.add_argument("chapter", metavar="CHAPTER", help="folder or number")
    new_exercise.add_argument("name", metavar="NAME", help="the function to write: softplus_slope")


def _add_roster_commands(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the commands that say who is in a class and take in what they handed in."""
    group = command("class", "show and check class.toml: students, due dates, points")
    _add_class(group)
    group.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        help="add the students of a CSV file of Canvas, Moodle, GitHub Classroom or any other",
    )
    _add_json(group)

    collect = command("collect", "take downloads of Canvas, Moodle and others into submitted/")
    collect.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE_OR_FOLDER",
        help="zip, folder, notebook, or Moodle's grading worksheet, which has the times; "
        "default: pick again from what was collected",
    )
    _add_class(collect)
    collect.add_argument(
        "--student", metavar="ID", help="take this student's files only, such as with --handed-in"
    )
    collect.add_argument(
        "--handed-in",
        metavar="TIME",
        help="when it was handed in, where the download does not say: 2026-10-12T18:00",
    )
    _add_json(collect)
    collect.add_argument("--dry-run", action="store_true", help="change nothing, say what would be")


def _add_class_commands(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the commands that work on what a class handed in."""
    grade = command("grade", "grade what is in submitted/<student>/<chapter>/<chapter>.ipynb")
    _add_class(grade, chapters=True)
    grade.add_argument("--student", metavar="NAME", help="grade this student only")
    grade.add_argument(
        "--force", action="store_true", help="grade again what has not changed since last time"
    )
    grade.add_argument(
        "--preview",
        action="store_true",
        help="write nothing; show who would gain or lose points, and in which tests",
    )
    grade.add_argument(
        "--workers", type=_positive, metavar="N", help="notebooks at a time; default: one a core"
    )
    grade.add_argument(
        "--seconds",
        type=_seconds,
        metavar="N",
        help=f"CPU time that a cell may use, a notebook {CELLS_PER_NOTEBOOK} times as much; "
        f"default: {Limits().cell_seconds:g}",
    )
    grade.add_argument(
        "--scheduler", metavar="URL", help="examine on a Dask cluster, such as tls://host:8786"
    )
    for option, what in (
        ("ca-file", "authority that the scheduler's certificate and ours are signed by"),
        ("cert", "our certificate"),
        ("key", "our certificate's key"),
    ):
        grade.add_argument(
            f"--tls-{option}", type=Path, metavar="FILE", help=f"for tls://: {what} (PEM)"
        )
    _add_unsafe(grade)


def _add_desk_commands(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the commands that work on what was graded."""
    feedback = command("feedback", "write a page of feedback for every graded notebook")
    _add_class(feedback, chapters=True)
    feedback.add_argument("--student", metavar="NAME", help="this student's pages only")
    feedback.add_argument(
        "--zip",
        choices=("canvas", "moodle"),
        action="append",
        help="pack the pages as well, a zip a chapter, as this system takes feedback back; "
        "twice for a class on both",
    )

    report = command("report", "write a page about the class: points, mistakes, who needs help")
    _add_class(report)
    report.add_argument(
        "--to",
        type=Path,
        metavar="FILE",
        help="default: report.html in the work folder; a table of all checks is written beside it",
    )

    similarity = command("similarity", "show pairs of students whose code is alike, to read")
    _add_class(similarity, chapters=True)
    _add_json(similarity)

    export = command("export", "write the scores to a CSV file that Canvas or Moodle takes")
    _add_class(export, chapters=True)
    export.add_argument(
        "--for",
        dest="system",
        choices=("canvas", "moodle", "csv"),
        help="canvas, moodle: fill --template; csv: a row a student, a column a chapter; "
        "default: a row a chapter and student, as nbgrader writes it",
    )
    export.add_argument(
        "--template", type=Path, metavar="FILE", help="what Canvas or Moodle exported"
    )
    export.add_argument(
        "--stars",
        choices=("with", "apart"),
        default="with",
        help="points of ★ with the others (default), or in columns of their own",
    )
    export.add_argument("--to", type=Path, metavar="FILE", help="default: one in the work folder")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, for a program to read")


def _add_chapters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "chapters", nargs="*", metavar="CHAPTER", help="folder or number; default: every chapter"
    )


def _archive(text: str) -> Path:
    if not text.lower().endswith(".zip"):
        raise argparse.ArgumentTypeError(f"{text!r} must end in .zip; name chapters before --zip")
    return Path(text)


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < 100_000:
        raise argparse.ArgumentTypeError("more than 0, less than 100000")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _add_work(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help=f"folder of submitted/, autograded/, feedback/, gradebook.db; default: {default}",
    )


def _add_unsafe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="grade even where this machine can't protect itself from what students wrote",
    )


def _add_class(parser: argparse.ArgumentParser, chapters: bool = False) -> None:
    """Add what names a class: its work folder and its gradebook; and chapters of it."""
    if chapters:
        _add_chapters(parser)
    _add_work(parser, "the variable AUTOGRADER_WORK, or autograder/work")
    parser.add_argument(
        "--db",
        metavar="URL",
        type=_without_password,
        help="gradebook in another database, such as postgresql+psycopg://host/class; its password "
        "comes from PGPASSWORD or ~/.pgpass; default: the variable AUTOGRADER_DB, if it is set",
    )


def _without_password(url: str) -> str:
    # as SQLAlchemy reads URLs: a password may hold a slash
    if re.search(r"^[\w+]+://[^:/]*:[^@]*@|[?&](ssl)?password=", url):
        raise argparse.ArgumentTypeError(
            "every user of this machine can read a password on the command line: put it into "
            "~/.pgpass or PGPASSWORD, or the whole URL into AUTOGRADER_DB"
        )
    return url


def parse(argv: Sequence[str], layout: Layout) -> argparse.Namespace:
    """Return the parsed command line; print help or a usage error and exit when that is called for.

    Parameters
    ----------
    argv
        The arguments without the program's name.
    layout
        Tells which chapters there are.

    Raises
    ------
    SystemExit
        Status 0 after help, 2 after a usage error, which is one line.
    """
    parser = build_parser()
    if argv and argv[0] in PASSED_ON and not {"-h", "--help"} & set(argv[1:2]):
        return _parse_passed_on(*argv)
    options = parser.parse_args(argv)
    if "chapters" in options:
        try:
            options.chapters = layout.pick_chapters(options.chapters)
        except UserError as error:
            parser.error(str(error))
    return options


def _parse_passed_on(command: str, *argv: str) -> argparse.Namespace:
    """Return the options that are ours; all other arguments stay as they are, in their order."""
    if command != "lab":
        return argparse.Namespace(command=command, arguments=list(argv))
    ours = _Parser(add_help=False, allow_abbrev=False)
    _add_class(ours)
    options, arguments = ours.parse_known_args(argv)
    return argparse.Namespace(**vars(options), command=command, arguments=arguments)
