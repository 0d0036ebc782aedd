"""`python3 autograder COMMAND`: make sure of an environment, then run the command in it.

Standard library only, and kept to what Python 3.8 can parse, so that an old Python gets a sentence
rather than a syntax error. An environment that already has the packages is used as it is; anywhere
else `.venv` is made in the repository once, and again when what it must hold has changed.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no flock
    fcntl = None

OLDEST_PYTHON = (3, 11)
HERE = Path(__file__).resolve().parent

# What pip and venv print, and what a person can do about it. The first that is found counts.
REMEDIES = (
    (
        r"ensurepip|No module named '?venv|No module named '?pip",
        "this Python comes without venv or pip: install them "
        "(Debian, Ubuntu: sudo apt install python3-venv) and run the command again.",
    ),
    (r"No space left on device|Disk quota exceeded", "the disk is full: free 1 GB and try again."),
    (
        r"Permission denied|Read-only file system|Operation not permitted",
        "a folder may not be written: copy the repository to a folder of your own.",
    ),
    (
        r"NewConnectionError|NameResolutionError|name resolution|ConnectTimeout|ReadTimeout"
        r"|ProxyError|SSLError|Network is unreachable|Connection (refused|reset)|ConnectionError"
        r"|from versions: none",  # of a package that surely exists: the index gave no answer
        "the package index cannot be reached: check the network or proxy and try again.",
    ),
    (
        r"No matching distribution|ResolutionImpossible",
        "a package does not exist for this Python or system: try another Python (3.11 to 3.13).",
    ),
)


class SetUpError(Exception):
    """Set-up cannot go on; the message is one line that says what to do."""


class Environment:
    """The environment in `.venv` of a repository.

    Parameters
    ----------
    root : Path
        The repository.
    """

    def __init__(self, root):
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.stamp = self.folder / "autograder-stamp.json"
        self.log = root / "autograder" / "work" / "logs" / "set-up.log"

    def fingerprint(self):
        """Return a hash of all that decides what must be installed."""
        files = ("course/pyproject.toml", "autograder/pyproject.toml", "autograder/constraints.txt")
        contents = b"\0".join((self.root / name).read_bytes() for name in files)
        return hashlib.sha256(contents).hexdigest()

    def read_stamp(self):
        """Return what the last set-up noted, or an empty dict where there was none."""
        try:
            return json.loads(self.stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def write_stamp(self, **facts):
        """Note whose environment this is and what it holds."""
        self.stamp.write_text(json.dumps(dict(self._place(), **facts)), "utf-8")

    def _place(self):
        # Scripts and editable installs hold absolute paths, and an upgrade of the system may put
        # another Python behind the same link: either makes the environment useless.
        return {"root": str(self.root), "interpreter": os.path.realpath(str(self.python))}

    def is_ready(self, extras):
        """Return whether the environment holds both packages and these extras, unchanged."""
        stamp = self.read_stamp()
        return (
            os.access(str(self.python), os.X_OK)
            and self._is_in_place(stamp)
            and stamp.get("fingerprint") == self.fingerprint()
            and set(extras) <= set(stamp.get("extras", ()))
        )

    def _is_in_place(self, stamp):
        return {key: stamp.get(key) for key in self._place()} == self._place()

    def make(self, extras):
        """Make or update the environment.

        Raises
        ------
        SetUpError
            When venv or pip fails.
        """
        started = time.monotonic()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a", encoding="utf-8") as log:
            if fcntl:
                fcntl.flock(log, fcntl.LOCK_EX)  # a second command waits for the first one's work
            if self.is_ready(extras):
                return
            log.truncate(0)
            stamp = self.read_stamp()
            extras = sorted(set(extras) | set(stamp.get("extras", ())))
            if not os.access(str(self.python), os.X_OK) or not self._is_in_place(stamp):
                # An environment without a stamp is somebody's own: added to, never cleared.
                clear = ["--clear"] if stamp or not self.python.exists() else []
                self._run([sys.executable, "-m", "venv", *clear, str(self.folder)], log)
                self.write_stamp(extras=extras)
            wanted = f"{self.root / 'autograder'}" + (f"[{','.join(extras)}]" if extras else "")
            self._run(
                # fmt: off
                [
                    str(self.python),
                    "-m",
                    "pip",
                    "install",
                    "--disable-pip-version-check",
                    "--no-input",
                    "--progress-bar",
                    "off",
                    "-c",
                    str(self.root / "autograder" / "constraints.txt"),
                    "-e",
                    str(self.root / "course"),
                    "-e",
                    wanted,
                ],
                # fmt: on
                log,
            )
            self.write_stamp(fingerprint=self.fingerprint(), extras=extras)
        seconds = time.monotonic() - started
        show(f"Set up {self.folder.name} in {seconds:.0f} s (log: {self.log})", last=True)

    def _run(self, command, log):
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=self.variables(),
        ) as process:
            reader = Reader(process.stdout, log)
            reader.start()
            started = time.monotonic()
            try:
                while reader.is_alive():
                    reader.join(0.2)
                    minutes, seconds = divmod(int(time.monotonic() - started), 60)
                    show(f"Setting up {self.folder.name} {minutes}:{seconds:02} {reader.line}")
            except KeyboardInterrupt:
                process.kill()
                raise
        if process.returncode:
            log.flush()
            raise SetUpError(f"{remedy(self.log.read_text('utf-8'))} Details: {self.log}")

    def variables(self):
        """Return the variables for a program of this environment: nothing of another leaks in."""
        variables = dict(os.environ, VIRTUAL_ENV=str(self.folder), PIP_USER="0")
        for name in ("PYTHONPATH", "PYTHONHOME"):
            variables.pop(name, None)
        return variables


class Reader(threading.Thread):
    """Copies a program's output to the log and remembers the last line."""

    def __init__(self, stream, log):
        super().__init__(daemon=True)
        self.stream, self.log, self.line = stream, log, ""

    def run(self):
        """Read to the end."""
        for line in self.stream:
            self.log.write(line)
            if line[:1].strip():  # pip indents details
                self.line = line.strip()


def remedy(output):
    """Return one sentence on what to do, from what venv or pip printed."""
    for pattern, advice in REMEDIES:
        if re.search(pattern, output):
            return f"set-up failed: {advice}"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f"set-up failed: {lines[-1] if lines else 'pip said nothing'}."


def show(text, last=False):
    """Show one line of progress on a terminal; elsewhere only the last one."""
    if sys.stderr.isatty():
        width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
        line = text if last or len(text) <= width else text[: width - 1] + "…"
        sys.stderr.write(f"\r\x1b[2K{line}" + ("\n" if last else ""))
    elif last:
        sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def requirements(root, extras):
    """Return {package: least version} of both packages and these extras, from their pyprojects."""
    import tomllib  # Python 3.11 or newer, which is known by now

    found = {}
    for folder in ("course", "autograder"):
        project = tomllib.loads((root / folder / "pyproject.toml").read_text("utf-8"))["project"]
        lists = [project["dependencies"]]
        lists += [project["optional-dependencies"].get(extra, []) for extra in extras]
        for requirement in (text for texts in lists for text in texts):
            requirement, _, system = requirement.partition(";")
            if "linux" in system and sys.platform != "linux":
                continue
            name, _, version = requirement.partition(">=")
            found[name.partition("[")[0].strip()] = tuple(
                int(part) for part in re.findall(r"\d+", version)
            )
    return found


def is_installed_here(root, extras):
    """Return whether the running Python has this checkout's packages and all that they need."""
    from importlib import metadata
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        for name, least in requirements(root, extras).items():
            version = tuple(int(part) for part in re.findall(r"\d+", metadata.version(name)))
            if version < least:
                return False
        for name, folder in (("byhand", "course"), ("autograder", "autograder")):
            # Packages of another checkout, or a copy of this one, would be the wrong code.
            origin = json.loads(metadata.distribution(name).read_text("direct_url.json") or "{}")
            place = Path(url2pathname(urlsplit(origin.get("url", "")).path)).resolve()
            if not origin.get("dir_info", {}).get("editable") or place != root / folder:
                return False
    except metadata.PackageNotFoundError:
        return False
    return True


def main(argv):
    """Run `argv` in an environment that has what it needs; return the exit status."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        running, oldest = (".".join(map(str, v[:2])) for v in (sys.version_info, OLDEST_PYTHON))
        print(
            f"autograder: this is Python {running}, and {oldest} or newer is needed: "
            f"install one and run it, for example: python{oldest} autograder",
            file=sys.stderr,
        )
        return 1
    root = HERE.parent
    sys.path.insert(0, str(HERE))
    from autograder import cli, layout

    options = cli.parse(argv, layout.Layout.of(root))  # help and usage errors end here
    extras = ["test"] if options.command == "test" else []
    if is_installed_here(root, extras):
        return cli.main(argv)
    environment = Environment(root)
    try:
        if not environment.is_ready(extras):
            show("Setting up .venv (once; one to two minutes)", last=True)
            environment.make(extras)
    except SetUpError as error:
        show("", last=sys.stderr.isatty())
        print(f"autograder: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"autograder: set-up failed: {error}. {REMEDIES[2][1]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nautograder: set-up stopped; the same command takes it up again.", file=sys.stderr)
        return 130
    command = [str(environment.python), "-P", "-m", "autograder.cli", *argv]
    os.execve(command[0], command, environment.variables())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
