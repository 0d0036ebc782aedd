"""`lab`: JupyterLab on the course, with nbgrader's Formgrader, Create Assignment and Validate."""

from __future__ import annotations

import argparse
import os
import sys

from autograder.environment import become
from autograder.layout import Layout


def run(layout: Layout, options: argparse.Namespace) -> int:
    """Become JupyterLab; further arguments are passed on and override ours."""
    configuration = layout.root / "autograder"
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [str(configuration), others]))
    # nbgrader reads its configuration from the working directory as well. The root is the whole
    # repository, because Formgrader links to files in course/, solutions/ and autograder/work/.
    os.chdir(configuration)
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={layout.root}",
        "--LabApp.default_url=/lab/tree/course",
    ]
    return become([*command, *options.arguments], os.environ)
