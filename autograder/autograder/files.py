"""Writes files whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, making its folder; an older one is replaced.

    The draft is in the same folder, under another name. If a process is killed and leaves one, the
    next process that writes the same file removes it.

    Raises
    ------
    OSError
        If it can't be written; no draft is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    start = path.name.encode("utf-8", "replace")[:200].decode("utf-8", "ignore")
    draft = path.with_name(f".{start}.draft")  # 255 bytes are the most
    draft.unlink(missing_ok=True)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with open(os.open(draft, flags, 0o644), "wb") as file:
            file.write(
                content if isinstance(content, bytes) else content.encode("utf-8", "replace")
            )
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
