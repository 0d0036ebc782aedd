"""Write files so that nobody ever sees half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, making its folder; an older one is replaced.

    Raises
    ------
    OSError
        If it can't be written; nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}-")
    try:
        with open(descriptor, "wb") as file:
            file.write(
                content if isinstance(content, bytes) else content.encode("utf-8", "replace")
            )
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
