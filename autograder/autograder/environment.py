"""The environment that commands run in: whether this one will do, and `.venv` where it won't.

Standard library only, because it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from autograder.scratch import try_lock

if TYPE_CHECKING:
    from packaging.requirements import Requirement

NOT_WRITABLE = "a folder can't be written: copy the repository to a folder of your own."
NO_VERSION = (
    f"a package has no version for Python {platform.python_version()} on this system: "
    "try another Python, 3.11 or newer."
)
# What pip and venv print, in lower case, and what to do about it. The first that is found counts.
REMEDIES = (
    (
        ("ensurepip", "no module named venv", "no module named pip"),
        "this Python comes without venv or pip: install them "
        "(Debian, Ubuntu: sudo apt install python3-venv) and run the command again.",
    ),
    (
        ("no space left on device", "disk quota exceeded"),
        "the disk is full: free 1 GB and run the command again.",
    ),
    (("permission denied", "read-only file system", "operation not permitted"), NOT_WRITABLE),
    (
        # pip knows no version at all only where the index gave no answer
        ("connection broken", "connectionerror", "name resolution", "timeout", "unreachable",
         "from versions: none"),
        "the package index can't be reached: check the network or proxy and run the command again.",
    ),
    (("no matching distribution", "resolutionimpossible", "failed-wheel-build",
      "metadata-generation-failed"), NO_VERSION),
)  # fmt: skip


class SetUpError(Exception):
    """Set-up can't go on; the message is one line that says what to do."""


class Environment:
    """The environment in `.venv` of a repository.

    Parameters
    ----------
    root : Path
        The repository.

    Attributes
    ----------
    python : Path
        Its interpreter.
    log : Path
        What venv and pip printed when it was last set up.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / (
            "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        )
        self.stamp = self.folder / "autograder-stamp.json"
        self.log = root / "autograder" / "work" / "logs" / "set-up.log"

    def fingerprint(self) -> str:
        """Return a hash of all that decides what must be installed."""
        files = ("course/pyproject.toml", "autograder/pyproject.toml", "autograder/constraints.txt")
        contents = b"\0".join((self.root / name).read_bytes() for name in files)
        return hashlib.sha256(contents).hexdigest()

    def read_stamp(self) -> dict[str, Any]:
        """Return what the last set-up noted, or an empty dict where there was none."""
        try:
            return json.loads(self.stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def write_stamp(self, **facts: object) -> None:
        """Note whose environment this is and what it holds."""
        self.stamp.write_text(json.dumps(self._place() | facts), "utf-8")

    def _place(self) -> dict[str, object]:
        # Scripts and editable installs hold absolute paths, and an upgrade of the system may put
        # another Python behind the same link: either makes the environment useless.
        return {"root": str(self.root), "interpreter": os.path.realpath(self.python)}

    def _is_usable(self, stamp: Mapping[str, object]) -> bool:
        return os.access(self.python, os.X_OK) and self._place().items() <= stamp.items()

    def is_ready(self, extras: Iterable[str]) -> bool:
        """Return whether the environment holds both packages and these extras, unchanged."""
        stamp = self.read_stamp()
        return (
            self._is_usable(stamp)
            and stamp.get("fingerprint") == self.fingerprint()
            and set(extras) <= set(stamp.get("extras", ()))
        )

    def make(self, extras: Iterable[str]) -> None:
        """Make or update the environment, unless it is ready.

        Raises
        ------
        SetUpError
            When venv or pip fails.
        OSError
            When a file can't be written.
        """
        if self.is_ready(extras):
            return
        show("Setting up .venv (once; one to two minutes)", last=True)
        started = time.monotonic()
        with self._alone():
            if self.is_ready(extras):  # by the command that this one waited for
                return
            self.log.write_text("", "utf-8")
            stamp = self.read_stamp()
            extras = sorted({*extras, *stamp.get("extras", ())})
            if not self._is_usable(stamp):
                # An environment without a stamp is the user's own: added to, never cleared.
                clear = ["--clear"] if stamp or not self.python.exists() else []
                self._run([sys.executable, "-m", "venv", *clear, str(self.folder)])
                self.write_stamp(extras=extras)
            self._install(extras)
            self.write_stamp(fingerprint=self.fingerprint(), extras=extras)
        seconds = time.monotonic() - started
        show(f"Set up {self.folder.name} in {seconds:.0f} s (log: {self.log})", last=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of set-up for the block; a second command waits for the first one."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.with_suffix(".lock").open("a") as file:
            while not try_lock(file.fileno()):
                show("Waiting for another command that sets up .venv")
                time.sleep(0.2)
            yield

    def _install(self, extras: Sequence[str]) -> None:
        """Install both packages with the tested versions, or else within the bounds."""
        pip = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check"]
        pip += ["--no-input", "--progress-bar", "off", "-e", str(self.root / "course")]
        pip += ["-e", f"{self.root / 'autograder'}" + (f"[{','.join(extras)}]" if extras else "")]
        pins = str(self.root / "autograder" / "constraints.txt")
        try:
            self._run([*pip, "-c", pins, "--only-binary", ":all:"])
        except SetUpError as error:
            if NO_VERSION not in str(error):
                raise
            show(
                f"A tested version has no wheel for Python {platform.python_version()} here: "
                "installing the newest versions that are allowed",
                last=True,
            )
            self._run(pip)

    def _run(self, command: Sequence[str]) -> None:
        """Run a program, its output into the log, and show how long it takes and its last line."""
        started, before = time.monotonic(), self.log.stat().st_size
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env=self.variables()
            )
        try:
            while process.poll() is None:
                minutes, seconds = divmod(int(time.monotonic() - started), 60)
                lines = [line for line in self._said(before) if line[:1].strip()]  # no details
                show(f"Setting up .venv {minutes}:{seconds:02} {lines[-1] if lines else ''}")
                time.sleep(0.2)
        except KeyboardInterrupt:
            process.kill()
            raise
        finally:
            process.wait()
        if process.returncode:
            raise SetUpError(f"{remedy(self._said(before))} Details: {self.log}")

    def _said(self, start: int) -> list[str]:
        """Return the log's lines from a position on."""
        return self.log.read_bytes()[start:].decode("utf-8", "replace").splitlines()

    def variables(self) -> dict[str, str]:
        """Return the variables for a program of this environment: nothing of another leaks in."""
        mine = os.environ | {"VIRTUAL_ENV": str(self.folder), "PIP_USER": "0"}
        return {k: v for k, v in mine.items() if k not in ("PYTHONPATH", "PYTHONHOME")}


def remedy(lines: Sequence[str]) -> str:
    """Return one sentence on what to do, from what venv or pip printed."""
    output = "\n".join(lines).lower().replace("'", "")
    for signs, advice in REMEDIES:
        if any(sign in output for sign in signs):
            return f"set-up failed: {advice}"
    said = [line.strip() for line in lines if line.strip()] or ["pip said nothing"]
    errors = [line for line in said if line.lower().startswith("error")]
    return f"set-up failed: {(errors or said)[-1]}."


def show(text: str, last: bool = False) -> None:
    """Show one line of progress on a terminal; elsewhere only the last one."""
    if sys.stderr.isatty():
        width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
        line = text if last or len(text) <= width else text[: width - 1] + "…"
        sys.stderr.write(f"\r\x1b[2K{line}" + ("\n" if last else ""))
    elif last:
        sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def requirements(root: Path, extras: Iterable[str]) -> list[Requirement]:
    """Return what both packages and these extras need on this system, from their pyprojects."""
    from packaging.requirements import Requirement

    texts: list[str] = []
    for folder in ("course", "autograder"):
        project = tomllib.loads((root / folder / "pyproject.toml").read_text("utf-8"))["project"]
        texts += project["dependencies"]
        for extra in extras:
            texts += project["optional-dependencies"].get(extra, [])
    found = map(Requirement, texts)
    return [item for item in found if item.marker is None or item.marker.evaluate()]


def is_installed_here(root: Path, extras: Iterable[str]) -> bool:
    """Return whether the running Python has this checkout's packages and all that they need."""
    try:
        return all(
            item.specifier.contains(metadata.version(item.name), prereleases=True)
            for item in requirements(root, extras)
        ) and all(
            _is_checkout(name, root / folder)
            for name, folder in (("byhand", "course"), ("autograder", "autograder"))
        )
    except ImportError:  # a package is missing, or packaging, which JupyterLab needs
        return False


def _is_checkout(name: str, folder: Path) -> bool:
    """Return whether a package is installed as this very folder, not from another checkout."""
    origin = json.loads(metadata.distribution(name).read_text("direct_url.json") or "{}")
    place = Path(url2pathname(urlsplit(origin.get("url", "")).path)).resolve()
    return bool(origin.get("dir_info", {}).get("editable")) and place == folder


def become(command: list[str], variables: Mapping[str, str]) -> int:
    """Run a command in place of this process.

    Windows knows no such thing: what looks like it there returns to the prompt at once, so the
    command is waited for, and its status returned.
    """
    sys.stdout.flush()
    if sys.platform != "win32":
        os.execve(command[0], command, variables)
    process = subprocess.Popen(command, env=variables)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the command got it too, and decides
            continue
