"""`lab`: JupyterLab on the course, with nbgrader's Formgrader, Create Assignment and Validate."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from autograder.commands.console import make_console, progress_bar
from autograder.desk.formgrader import name_students
from autograder.environment import become
from autograder.errors import StepFailed, UserError
from autograder.gradebook.book import open_gradebook
from autograder.layout import Layout


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Become JupyterLab; further arguments are passed on and override ours."""
    layout = layout.with_options(options)
    layout.check_paths()
    root = _common_folder(layout)
    _prepare(layout)
    configuration = layout.root / "autograder"
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [str(configuration), others]))
    # nbgrader_config.py and commands in JupyterLab's terminals read these
    os.environ["AUTOGRADER_WORK"] = str(layout.work)
    if layout.db_url:
        os.environ["AUTOGRADER_DB"] = layout.db_url
    # nbgrader reads its configuration from the working directory as well. The root holds the whole
    # repository and the class, because Formgrader links to files in both.
    os.chdir(configuration)
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{layout.course.relative_to(root).as_posix()}",
    ]
    return become([*command, *options.arguments], os.environ)


def _common_folder(layout: Layout) -> Path:
    """Return the folder that holds both the repository and the class.

    Raises
    ------
    UserError
        If nbgrader could not find its files there: it takes their paths below that folder for
        patterns.
    """
    common = Path(os.path.commonpath([layout.root, layout.work]))
    for folder in (layout.root, layout.work):
        if found := re.search(r"[][(){}+^$|\\]", str(folder.relative_to(common))):
            raise UserError(
                f"{folder}: Formgrader cannot work on a class outside the repository where "
                f"a folder's name holds {found.group()}; rename it, or move the class to "
                f"{layout.show(Layout.of(layout.root).work)}"
            )
    return common


def _prepare(layout: Layout) -> None:
    """Note the students' names; in a new gradebook, the chapters too, which Formgrader grades."""
    layout.work.mkdir(parents=True, exist_ok=True)
    with open_gradebook(layout) as gradebook:
        is_new = not gradebook.is_made()
        gradebook.prepare()
        name_students(layout, gradebook)
        if not is_new:
            return
        console = make_console()
        chapters = [chapter for chapter in layout.chapters() if layout.source(chapter).is_file()]
        from autograder.nbgrader import steps

        with progress_bar(console, "Chapters") as advance:
            for done, chapter in enumerate(chapters):
                advance(done, len(chapters), chapter)
                try:
                    source = layout.source(chapter).read_bytes()
                    steps.register(layout, chapter)
                    gradebook.note_registered(chapter, source)
                except StepFailed as failure:
                    console.print(f"[red]![/] {layout.show(layout.source(chapter))}: {failure}")
            advance(len(chapters), len(chapters), "")
