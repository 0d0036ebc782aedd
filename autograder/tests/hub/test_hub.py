"""A real JupyterHub with the configuration in `hub/`, used by two students and an instructor.

The hub's processes share one account, called jovyan, as in a container: nbgrader then takes the
name that a person logged in with. What other accounts may read is not tested.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import psutil
import pytest
from tests.conftest import CHAPTER, Course
from tests.tools.browser import NotebookPage
from tests.tools.formgrader import autograde, picture, row_of
from tests.tools.ports import free_port
from tests.tools.processes import still_running

from autograder.gradebook.book import open_gradebook

HUB = Path(__file__).resolve().parents[2] / "hub"
PASSWORD = "on loopback only"
# The namespace ends with the hub; the machine's own accounts stay as they are.
AS_JOVYAN = 'mount --bind "$0" /etc/passwd && exec "$@"'
OVERRIDES = """
from jupyterhub.auth import DummyAuthenticator
from jupyterhub.spawner import SimpleLocalProcessSpawner

c.JupyterHub.authenticator_class = DummyAuthenticator
c.DummyAuthenticator.password = {password!r}
c.DummyAuthenticator.allow_all = True
c.JupyterHub.spawner_class = SimpleLocalProcessSpawner
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
c.Spawner.args = ["--allow-root"]
c.SimpleLocalProcessSpawner.interrupt_timeout = 1  # servers ask whether they are meant
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
"""


@dataclass(frozen=True)
class Hub:
    """A hub that runs: its address, the instructor's course, and where the students' homes are."""

    url: str
    course: Course
    homes: Path


def missing() -> str | None:
    """Return why a hub can't be started here."""
    try:
        import jupyterhub  # noqa: F401  (whether it is there)
    except ImportError:
        return "JupyterHub is not installed; see step 2 of autograder/hub/README.md"
    if not shutil.which("configurable-http-proxy"):
        return "no configurable-http-proxy; see step 1 of autograder/hub/README.md"
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if done.returncode:
        return "this account may not make a mount namespace, which the test's hub needs: be root"
    return None


@pytest.fixture
def hub(course: Course, browser, tmp_path: Path) -> Iterator[Hub]:
    """Start the hub; afterwards, see that nothing of it is left."""
    if reason := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    set_up(course, tmp_path)
    ports = {name: free_port() for name in ("port", "hub_port", "proxy_port")}
    file = tmp_path / "jupyterhub_config.py"
    file.write_text(configuration(course, tmp_path, **ports), "utf-8")
    (tmp_path / "passwd").write_text(f"jovyan:x:{os.getuid()}:0::{tmp_path}:/bin/sh\n")
    command = ["unshare", "--mount", "sh", "-c", AS_JOVYAN, str(tmp_path / "passwd")]
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "IPYTHON", "AUTOGRADER", "NB"))
    }
    log = tmp_path / "hub.log"
    with log.open("wb") as output:
        process = psutil.Popen(
            [*command, sys.executable, "-m", "jupyterhub", "--config", str(file)],
            cwd=tmp_path, env=variables, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    started: list[psutil.Process] = []
    try:
        running = Hub(f"http://127.0.0.1:{ports['port']}", course, tmp_path / "homes")
        wait_for(f"{running.url}/hub/health", process, log)
        yield running
        started = process.children(recursive=True)
    finally:
        started = started or process.children(recursive=True)
        process.terminate()
        left = still_running([process, *started], 120)
        for one in left:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()
    assert left == []
    assert len(started) >= 4  # the proxy and three servers


def set_up(course: Course, place: Path) -> None:
    """Do what hub/README.md says, with links for environments that would take minutes to make."""
    root = course.layout.root
    shutil.copy(HUB.parent / "nbgrader_config.py", root / "autograder")
    environment = Path(sys.executable).parent.parent
    for target in (root / ".venv", place / "environment"):
        target.symlink_to(environment)
    shutil.copytree(HUB / "settings", place / "settings")
    (place / "exchange").mkdir()
    (place / "exchange").chmod(0o777)
    (place / "homes").mkdir()


def configuration(course: Course, place: Path, **ports: int) -> str:
    """Return the hub's own configuration as an administrator would edit it, and what tests need."""
    text = (HUB / "jupyterhub_config.py").read_text("utf-8")
    for name, value in (("REPOSITORY", course.layout.root), ("PLACE", place)):
        text, found = re.subn(
            rf'^{name} = Path\(".*?"\)', f"{name} = Path({str(value)!r})", text, flags=re.M
        )
        assert found == 1
    return text + OVERRIDES.format(
        password=PASSWORD, homes=str(place / "homes" / "{username}"), **ports
    )


def wait_for(url: str, process: psutil.Popen, log: Path) -> None:
    for _ in range(1200):
        assert process.poll() is None, log.read_text("utf-8", "replace")[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(log.read_text("utf-8", "replace")[-3000:])


@contextmanager
def logged_in(browser, hub: Hub, name: str) -> Iterator:
    """Yield a page of somebody whose server runs, with JupyterLab open."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(f"{hub.url}/hub/login")
    page.locator("#username_input").fill(name)
    page.locator("#password_input").fill(PASSWORD)
    page.locator("#login_submit").click()
    page.wait_for_url(re.compile(rf"/user/{name}/lab"))
    page.locator("#jp-main-dock-panel").wait_for()
    try:
        yield page
    finally:
        context.close()


def test_the_instructions_and_ci_install_the_same_proxy_and_extra() -> None:
    pages = ((HUB / "README.md"), HUB.parents[1] / ".ci" / "run")
    for needed in (r"configurable-http-proxy@[\d.]+", r"autograder\[hub\]"):
        found = {match for page in pages for match in re.findall(needed, page.read_text("utf-8"))}
        assert len(found) == 1, found


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.first
def test_a_chapter_goes_from_release_to_feedback_on_a_hub(hub: Hub, browser) -> None:
    with logged_in(browser, hub, "instructor") as instructor:
        desk = f"{hub.url}/user/instructor"
        release(instructor, desk)
        for student, answer in (("ada", "return x * x"), ("bo", "return x + x")):
            with logged_in(browser, hub, student) as page:
                fetch(page)
                work(page, f"def square(x):\n    {answer}")
                submit(page)
        collect_and_grade(instructor, desk)
        assert scores(hub.course) == {"ada": 2.0, "bo": 0.0}
        give_feedback(instructor, desk)
    for student, verdict in (("ada", "return x * x"), ("bo", "return x + x")):
        with logged_in(browser, hub, student) as page:
            page_of = fetch_feedback(page, hub, student)
            assert verdict in re.sub("<[^>]*>", "", page_of)
            assert "square(-3)" not in page_of  # hidden


# --- the instructor -------------------------------------------------------------------------------


def chapter_row(page, desk: str):
    page.goto(f"{desk}/formgrader/manage_assignments")
    row = page.locator("tr", has_text=CHAPTER)
    row.wait_for()
    return row


def press(page, link) -> None:
    """Click one of Formgrader's icons and wait until it says that all went well."""
    link.click()
    modal = page.locator("#success-modal, #error-modal")
    modal.wait_for()
    assert modal.get_attribute("id") == "success-modal", modal.inner_text()


def release(page, desk: str) -> None:
    press(page, chapter_row(page, desk).locator(".assign a"))
    press(page, chapter_row(page, desk).locator(".release a"))


def collect_and_grade(page, desk: str) -> None:
    row = chapter_row(page, desk)
    press(page, row.locator(".collect a"))
    for student in ("ada", "bo"):
        autograde(page, desk, student)
    row_of(page, desk, "ada")
    picture(page, "hub-formgrader")


def scores(course: Course) -> dict[str, float]:
    with open_gradebook(course.layout) as gradebook:
        return {score.student: score.score for score in gradebook.scores()}


def give_feedback(page, desk: str) -> None:
    press(page, chapter_row(page, desk).locator(".generate-feedback a"))
    press(page, chapter_row(page, desk).locator(".release-feedback a"))


# --- the students ---------------------------------------------------------------------------------


def assignment_list(page) -> None:
    """Open the list of assignments: what a menu holds is settled as it opens, so try again."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    entry = page.get_by_role("menuitem", name="Assignment List")
    for _ in range(12):
        page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
        with suppress(PlaywrightTimeout):
            entry.click(timeout=10_000)
            return
        close_menu(page)
    pytest.fail("no entry Assignment List in the menu Nbgrader")


def close_menu(page) -> None:
    page.keyboard.press("Escape")
    page.locator(".lm-Menu").wait_for(state="detached")  # a click meanwhile would not open it


def fetch(page) -> None:
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    assert page.get_by_role("menuitem", name="Formgrader").count() == 0
    close_menu(page)
    assignment_list(page)
    page.get_by_role("button", name="Fetch", exact=True).click()
    page.get_by_role("button", name="Submit", exact=True).wait_for()
    picture(page, "hub-fetched")


def work(page, answer: str) -> None:
    """Write the first answer, run its check, and the cell that imports byhand."""
    page.goto(re.sub("/lab.*", f"/lab/tree/{CHAPTER}/{CHAPTER}.ipynb", page.url))
    page.wait_for_selector(".jp-Notebook", state="attached")
    NotebookPage(page).wait_idle(seconds=120)
    cells = page.locator(".jp-CodeCell")
    run_cell(page, cells.filter(has_text="def square"), answer)
    try_it = cells.filter(has=page.locator(".cm-line", has_text="square(5)")).first
    run_cell(page, try_it, "import byhand\nbyhand.__name__, square(5)")
    printed = cells.locator(".jp-OutputArea-output").first.inner_text()
    assert re.fullmatch(r"\('byhand', (25|10)\)", printed.strip())
    picture(page, "hub-work")
    with page.expect_response(lambda r: r.request.method == "PUT" and "/api/contents/" in r.url):
        page.keyboard.press("Control+S")


def run_cell(page, cell, source: str) -> None:
    """Write a cell and run it; JupyterLab drops that while the kernel still connects."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)
    number = page.locator(".jp-CodeCell.jp-mod-selected .jp-InputArea-prompt")
    from playwright.sync_api import expect

    for _ in range(20):
        page.keyboard.press("Control+Enter")
        with suppress(AssertionError):
            expect(number).to_have_text(re.compile(r"\[\d+\]"), timeout=5000)
            return
    pytest.fail("the cell did not run")


def submit(page) -> None:
    assignment_list(page)
    page.get_by_role("button", name="Submit", exact=True).click()
    page.get_by_role("button", name="Fetch Feedback").wait_for()


def fetch_feedback(page, hub: Hub, student: str) -> str:
    assignment_list(page)
    page.get_by_role("button", name="Fetch Feedback").click()
    page.get_by_text("view feedback").first.wait_for()
    picture(page, f"hub-feedback-{student}")
    (found,) = (hub.homes / student).glob(f"{CHAPTER}/feedback/*/{CHAPTER}.html")
    return found.read_text("utf-8")
