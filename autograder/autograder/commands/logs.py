"""A log file for each run."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from traitlets.log import get_logger


@contextlib.contextmanager
def log_to(file: Path) -> Iterator[None]:
    """Send messages of nbgrader, its kernels and students' code to a file, for the block."""
    file.parent.mkdir(parents=True, exist_ok=True)
    logger = get_logger()
    assert isinstance(logger, logging.Logger)
    level = logger.level
    stream = file.open("a", encoding="utf-8")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    sys.stderr.flush()
    terminal = os.dup(2)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    os.dup2(stream.fileno(), 2)  # kernels inherit it
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, 2)
        os.close(terminal)
        logger.setLevel(level)
        logger.removeHandler(handler)
        stream.close()
