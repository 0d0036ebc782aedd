"""JupyterLab in Chromium, for tests and benchmarks: private settings, every error collected.

Nothing of the user's Jupyter or browser settings is read or changed, and nothing is fetched from
the network: the page may talk to its own server only.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from autograder.errors import UserError
from autograder.machine import chromium_path
from tests.tools.ports import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

__all__ = ["Lab", "NotebookPage", "chromium", "jupyterlab", "open_notebook"]

FLAGS = (
    "--no-sandbox",  # it runs as root in containers; it sees our own pages only
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
POLLING = 100  # ms; by default, Playwright looks at every frame
HIDE_CELLS = ".jp-WindowedPanel-viewport { display: none }"
# what stands before each code cell: "[ ]:", "[*]:" or its number
PROMPTS = (
    "[...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]"
    ".map(prompt => prompt.textContent.trim())"
)
SETTINGS = {
    # cells that are out of view stay in the page, where a test finds them
    "notebook-extension/tracker": '{"windowingMode": "none"}',
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run headless Chromium with a fresh profile.

    Yields
    ------
    playwright.sync_api.Browser

    Raises
    ------
    UserError
        If there is no Chromium.
    """
    from playwright.sync_api import expect, sync_playwright

    path = chromium_path()
    if path is None:
        raise UserError("Chromium is not installed. Install it or set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        expect.set_options(timeout=30_000)  # ms: a busy machine is slow, not wrong
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Lab:
    """A JupyterLab server that runs.

    Attributes
    ----------
    url : str
        Its address, without a slash at the end.
    token : str
        What lets a browser in.
    pages : str
        Where its notebooks are below the address.
    """

    url: str
    token: str
    pages: str


@contextmanager
def jupyterlab(
    folder: Path, *, application: str = "jupyterlab", seconds: float = 60
) -> Iterator[Lab]:
    """Serve a folder by JupyterLab on a free port of this machine, with settings of its own.

    Parameters
    ----------
    folder : Path
        What is served.
    application : str, default "jupyterlab"
        Or "notebook": Notebook 7, on the same server.
    seconds : float
        How long it may take to start.

    Yields
    ------
    Lab

    Raises
    ------
    UserError
        If the server ends or does not answer in time; the message ends with its last words.
    """
    with TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as private:
        log = Path(private, "log")
        for name, text in SETTINGS.items():
            file = Path(private, "config/lab/user-settings/@jupyterlab", name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.with_name(f"{file.name}.jupyterlab-settings").write_text(text)
        pages = "lab/tree" if application == "jupyterlab" else "notebooks"
        lab = Lab(f"http://127.0.0.1:{free_port()}", secrets.token_hex(16), pages)
        with log.open("wb") as output:
            server = subprocess.Popen(
                _command(application, lab, folder), cwd=folder, env=_environment(Path(private)),
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            _wait_for(lab, server, seconds, log)
            yield lab
        finally:
            server.terminate()  # ends its kernels too
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _command(application: str, lab: Lab, folder: Path) -> list[str]:
    return [
        sys.executable, "-m", application, "--no-browser",
        *(["--allow-root"] if os.geteuid() == 0 else []),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={lab.url.rpartition(':')[2]}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={lab.token}",
    ]  # fmt: skip


def _environment(private: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        # a grading run hides the explorers; the others are the user's settings
        if name != "NBGRADER_EXECUTION" and not name.startswith(("JUPYTER", "IPYTHON"))
    }
    return kept | {
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "IPYTHONDIR": str(private / "ipython"),
    }


def _wait_for(lab: Lab, server: subprocess.Popen, seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{lab.url}/api?token={lab.token}", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    last = log.read_text(errors="replace")[-500:]
    raise UserError(f"JupyterLab did not start within {seconds:.0f} seconds. It said: {last}")


@dataclass
class NotebookPage:
    """One notebook open in JupyterLab.

    Attributes
    ----------
    page : playwright.sync_api.Page
        The browser page.
    errors : list of str
        Errors of the page, of its console and of the kernel, in the order they came.
    """

    page: Page
    errors: list[str] = field(default_factory=list)

    def run_all(self, *, seconds: float = 120) -> None:
        """Run all cells and wait until the kernel is idle again.

        They are hidden meanwhile: shown, they are laid out and painted for each message.

        Raises
        ------
        UserError
            If the cells do not start, with what JupyterLab says, or are cut off again and again.
        """
        from playwright.sync_api import TimeoutError as Late

        for attempt in range(5):  # JupyterLab drops the command while the kernel still connects
            try:
                for name in ("Run", "Run All Cells"):
                    self.page.get_by_role("menuitem", name=name, exact=True).click(timeout=5000)
                self.page.wait_for_function(
                    f"{PROMPTS}.some(p => p !== '[ ]:')", polling=POLLING, timeout=5000
                )
            except Late as late:
                dialogs = self.page.locator(".jp-Dialog")
                texts = dialogs.all_inner_texts()
                asks = [text for text in texts if text.startswith("Select Kernel")]
                if texts != asks or attempt == 4:
                    raise UserError(f"The cells did not run. Dialogs: {texts}") from late
                if asks:  # a busy server was late to say which kernels there are
                    self.page.reload()
                    self.page.wait_for_selector(".jp-Notebook", state="attached", timeout=60_000)
                    self.wait_idle()
                    self.errors.clear()
                continue
            hidden = self.page.add_style_tag(content=HIDE_CELLS)
            self.page.wait_for_function(
                f"!{PROMPTS}.includes('[*]:')", polling=POLLING, timeout=1000 * seconds
            )
            self.wait_idle(seconds=seconds)
            hidden.evaluate("style => style.remove()")
            if not self._cut_off():
                return
            self.errors.clear()  # of the connection that was lost
        raise UserError("The cells did not run to the end: the kernel kept connecting anew.")

    def _cut_off(self) -> bool:
        """Return whether cells were not run though no cell failed: the kernel connected anew."""
        failed = any(error.startswith("kernel: ") for error in self.errors)
        return not failed and "[ ]:" in self.page.evaluate(PROMPTS)

    def wait_idle(self, *, seconds: float = 60) -> None:
        """Wait until the kernel is idle."""
        self.page.wait_for_function(
            "document.querySelector('.jp-Notebook-ExecutionIndicator[data-status=idle]')",
            polling=POLLING, timeout=1000 * seconds,
        )  # fmt: skip

    def explorers(self) -> list[Locator]:
        """Return the live explorers, in order."""
        return self.page.locator(".byhand-explorer").all()


@contextmanager
def open_notebook(browser: Browser, lab: Lab, path: str) -> Iterator[NotebookPage]:
    """Open a notebook in a page of its own and wait for its kernel.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
        From `chromium`.
    lab : Lab
        From `jupyterlab`.
    path : str
        The notebook, relative to the folder that is served.

    Yields
    ------
    NotebookPage
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        notebook = NotebookPage(page)
        page.on("pageerror", lambda error: _page_error(notebook, error))
        page.on("console", lambda message: _console(notebook, message))
        page.on("websocket", lambda ws: ws.on("framereceived", lambda f: _frame(notebook, f)))
        page.route("**/*", lambda route: _only_from(lab, route))
        page.goto(f"{lab.url}/{lab.pages}/{path}?token={lab.token}&reset")
        page.wait_for_selector(".jp-Notebook", state="attached", timeout=60_000)
        notebook.wait_idle()
        yield notebook
    finally:
        context.close()


def _only_from(lab: Lab, route: Any) -> None:
    if route.request.url.startswith((lab.url, "data:", "blob:")):
        route.continue_()
    else:
        route.abort()  # shows as an error in the console: nothing may need the network


def _page_error(notebook: NotebookPage, error: Any) -> None:
    # Notebook 7 races for the settings of its shortcuts while it starts, before any code of ours
    # is there: https://github.com/jupyter/notebook/issues/7862
    race = str(error) == "Cannot read properties of undefined (reading 'schema')"
    if not (race and "/static/notebook/notebook_core." in error.stack):
        notebook.errors.append(f"page: {error}")


def _console(notebook: NotebookPage, message: Any) -> None:
    if message.type == "error":
        notebook.errors.append(f"console: {message.text} ({message.location.get('url', '')})")


def _frame(notebook: NotebookPage, payload: str | bytes) -> None:
    # a callback of a widget that fails leaves no output in the notebook, but the kernel says so
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else payload
    if re.search(r'"msg_type":\s*"error"', text):
        name = re.search(r'"ename":\s*"([^"]*)"', text)
        value = re.search(r'"evalue":\s*"((?:[^"\\]|\\.)*)"', text)
        notebook.errors.append(f"kernel: {name and name[1]}: {value and value[1]}")
    elif re.search(r'"msg_type":\s*"stream"', text) and re.search(r'"name":\s*"stderr"', text):
        found = re.search(r'"text":\s*"((?:[^"\\]|\\.)*)"', text)
        said = found[1] if found else text
        if not said.startswith("No such comm"):  # JupyterLab asks before ipywidgets is imported
            notebook.errors.append(f"kernel stderr: {said}")
