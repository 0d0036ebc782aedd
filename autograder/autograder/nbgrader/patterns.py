"""Lets nbgrader find a class that shares no folder but ``/`` with the repository."""

from __future__ import annotations

import os
import re
from typing import Any

from nbgrader.coursedir import CourseDirectory


def begin_with_one_slash() -> None:
    """Make nbgrader's patterns of paths fit below the root of the file system.

    It joins the folder of a class and the rest by a slash: below ``/``, a pattern begins with two,
    and Formgrader shows no assignment and cannot grade.
    """
    made = CourseDirectory.format_path
    twice = re.compile(f"^{re.escape(re.escape(os.sep))}{{2,}}")

    def format_path(self: CourseDirectory, *arguments: Any, **named: Any) -> str:
        return twice.sub(lambda _: re.escape(os.sep), made(self, *arguments, **named))

    CourseDirectory.format_path = format_path
