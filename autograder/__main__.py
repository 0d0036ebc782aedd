"""`python3 autograder COMMAND`: make sure of an environment, then run the command in it.

Standard library only, and kept to what Python 3.8 can parse, so that an old Python gets a sentence
rather than a syntax error. An environment that already has the packages is used as it is; anywhere
else `.venv` is made in the repository once, and again when what it must hold has changed.
"""

import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
HERE = Path(__file__).resolve().parent


def main(argv):
    """Run `argv` in an environment that has what it needs; return the exit status."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        running, oldest = (".".join(map(str, v[:2])) for v in (sys.version_info, OLDEST_PYTHON))
        return complain(
            f"this is Python {running}, and {oldest} or newer is needed: "
            f"install one and run it, for example: python{oldest} autograder"
        )
    root = HERE.parent
    sys.path.insert(0, str(HERE))
    from autograder import cli, environment, layout

    options = cli.parse(argv, layout.Layout.of(root))  # help and usage errors end here
    extras = ["test"] if options.command == "test" else []
    if environment.is_installed_here(root, extras):
        return cli.main(argv)
    own = environment.Environment(root)
    try:
        own.make(extras)
    except environment.SetUpError as error:
        return complain(str(error))
    except OSError as error:
        return complain(f"set-up failed: {error}. {environment.NOT_WRITABLE}")
    except KeyboardInterrupt:
        complain("set-up stopped; the same command resumes it.")
        return 130
    command = [str(own.python), "-P", "-m", "autograder.cli", *argv]
    return environment.become(command, own.variables())


def complain(message):
    """Print one line, in place of the line of progress that a terminal shows; return status 1."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[2K")
    print(f"autograder: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
