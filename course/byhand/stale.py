"""Functions that are older than the cell that defines them: its last run failed."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["Stale"]

DEFINITION = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)", re.MULTILINE)
_MISSING = object()


class Stale:
    """Notes which functions and classes the last run of a cell should have replaced, but did not.

    Examples
    --------
    >>> stale, names = Stale(), {"relu": abs}
    >>> stale.before("def relu(x: return x", names)
    >>> stale.after(SyntaxError("invalid syntax"), names)
    >>> stale.used_by("check_close(relu(1.0), 1.0)")
    {'relu': 'SyntaxError'}
    """

    def __init__(self) -> None:
        self._old: dict[str, str] = {}
        self._before: dict[str, Any] = {}

    def before(self, source: str, names: Mapping[str, Any]) -> None:
        """Note what a cell that is about to run would define."""
        defined = DEFINITION.findall(source)
        self._before = {name: names.get(name, _MISSING) for name in defined}

    def after(self, error: BaseException | None, names: Mapping[str, Any]) -> None:
        """Note how it ended."""
        for name, value in self._before.items():
            if error is not None and names.get(name, _MISSING) is value:
                self._old[name] = type(error).__name__
            else:
                self._old.pop(name, None)
        self._before = {}

    def used_by(self, source: str) -> dict[str, str]:
        """Return the old names that a cell uses, each with the error that kept it old."""
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return {}
        used = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
        return {name: self._old[name] for name in dict.fromkeys(used) if name in self._old}
