"""Runs notebooks as JupyterLab does."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode


def run_all(notebook: Path, folder: Path) -> NotebookNode:
    """Run a copy of a notebook in a folder as Run All would, but past errors."""
    copy = Path(shutil.copy(notebook, folder))
    opened = nbformat.read(copy, as_version=4)
    client = NotebookClient(
        opened,
        allow_errors=True,
        kernel_name="python3",
        timeout=300,
        resources={"metadata": {"path": str(folder)}},
    )
    return client.execute()


def run_once(notebook: Path, folder: Path, shared: Path) -> NotebookNode:
    """Run a notebook, or return it as another test of this run has run it."""
    ran = shared / f"ran-{notebook.name}"
    if not ran.is_file():
        draft = ran.with_suffix(f".{os.getpid()}")
        nbformat.write(run_all(notebook, folder), draft)
        draft.replace(ran)
    return nbformat.read(ran, as_version=4)
