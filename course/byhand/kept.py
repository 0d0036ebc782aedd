"""Small JSON files beside a notebook, written so that a crash leaves the old one whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

__all__ = ["Kept", "save"]


def save(file: Path, content: Any) -> str | None:
    """Write content as JSON to a file in one piece.

    Parameters
    ----------
    file : Path
        Where.
    content : object
        What `json.dumps` takes.

    Returns
    -------
    str or None
        Why it could not be written, if it could not.
    """
    fresh = file.with_suffix(f".{os.getpid()}")
    try:
        fresh.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        return f"Progress can't be saved to {file}: {error.strerror}"
    return None


class Kept(dict[str, dict[str, Any]]):
    """Records by name, as they are in a file: read once, written at each change.

    Parameters
    ----------
    file : Path
        Where they are kept.

    Attributes
    ----------
    warning : str or None
        Why the file could not be read or written, if it could not.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.warning: str | None = None
        try:
            self.update({name: dict(r) for name, r in json.loads(file.read_text("utf-8")).items()})
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, AttributeError) as error:
            self.warning = f"Earlier results can't be read from {file.name}: {error}"

    def keep(self, name: str, record: dict[str, Any]) -> None:
        """Set a record and write the file."""
        self[name] = record
        self.warning = save(self.file, dict(self)) or self.warning
