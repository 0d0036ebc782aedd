"""The command line: runs the module of a command.

Each command's module is imported when it is called.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.arguments import parse
from autograder.engine.text import printable
from autograder.errors import UserError
from autograder.layout import Layout

__all__ = ["main", "parse", "use_this_environment"]

MODULES = {"class": "class_"}  # where a command's module can't have its name


def use_this_environment() -> None:
    """Make programs and kernels started by this process belong to this interpreter.

    nbgrader calls `alembic` from PATH, and a `python3` kernel in the user's home would otherwise
    be preferred to the environment's own.
    """
    programs = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    if path.split(os.pathsep)[0] != programs:
        os.environ["PATH"] = programs + os.pathsep + path
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"


def main(argv: Sequence[str] | None = None, layout: Layout | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    argv
        The arguments; those of the process by default.
    layout
        The folders to work on; this repository's by default.

    Returns
    -------
    int
        0 all went well, 1 something needs a person, 2 the command line is wrong.
    """
    layout = layout or Layout.here()
    options = parse(sys.argv[1:] if argv is None else argv, layout)
    use_this_environment()
    try:
        layout.check_paths()
        name = MODULES.get(options.command, options.command.replace("-", "_"))
        command = importlib.import_module(f"autograder.commands.{name}")
        return command.run(layout, options)
    except UserError as error:
        _complain(str(error))
        return error.status
    except KeyboardInterrupt:
        print("\nautograder: stopped; what was finished is kept.", file=sys.stderr)
        return 130
    except OSError as error:
        # A full disk or a read-only folder is for the user to fix, like a UserError.
        if error.filename is None and error.errno is None:
            raise
        advice, name = _ADVICE.get(error.errno or 0, _OTHERWISE), error.filename or "no file named"
        _complain(f"{name}: {error.strerror}; {advice}")
        return 1


def _complain(text: str) -> None:  # whatever name from outside is in it
    print(f"autograder: {printable(text, len(text))}", file=sys.stderr)


_SPACE = "free some space and run the command again; what was finished is kept"
_RIGHTS = "make it writable and run the command again; what was finished is kept"
_ADVICE = {
    errno.ENOSPC: _SPACE, errno.EDQUOT: _SPACE, errno.EFBIG: _SPACE,
    errno.EROFS: _RIGHTS, errno.EACCES: _RIGHTS, errno.EPERM: _RIGHTS,
}  # fmt: skip
_OTHERWISE = "fix that and run the command again"


if __name__ == "__main__":
    sys.exit(main())
