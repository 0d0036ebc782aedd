from __future__ import annotations

import sys

import pytest
from packaging.requirements import Requirement

from autograder.commands import doctor


@pytest.fixture
def answer(course, monkeypatch):
    """Return a function that returns `doctor`'s status and its line about one question."""
    monkeypatch.setattr(doctor, "_walls", lambda: iter(()))  # starting the engine takes seconds
    monkeypatch.setenv("COLUMNS", "300")
    assert course.run("release")[0] == 0

    def ask(question: str) -> tuple[int, str]:
        status, printed = course.run("doctor")
        (line,) = (line for line in printed.splitlines() if question in line)
        return status, line.strip()

    return ask


def test_without_playwright_the_browser_is_not_ok_and_nothing_fails(answer, monkeypatch):
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    status, line = answer("browser for tests")
    assert status == 0
    assert line.startswith("–")
    assert "Playwright is not installed; python3 autograder test installs it" in line


@pytest.mark.parametrize(
    ("path", "advice"),
    [(None, "apt install chromium"), ("/no/such/browser", "set it to the browser's path")],
)
def test_without_chromium_the_browser_is_not_ok_and_nothing_fails(
    answer, monkeypatch, path, advice
):
    monkeypatch.setattr(doctor, "chromium_path", lambda: path)
    status, line = answer("browser for tests")
    assert status == 0
    assert line.startswith("–")
    assert advice in line


def test_packages_of_the_tests_that_are_missing_are_named_and_nothing_fails(answer, monkeypatch):
    needed = [Requirement(text) for text in ("pytest>=8", "no-such-package", "none-such>=2")]
    monkeypatch.setattr(doctor, "requirements", lambda root, extras: needed)
    status, line = answer("packages for tests")
    assert status == 0
    assert line.startswith("–")
    assert "not installed: no-such-package, none-such; python3 autograder test" in line


def test_what_the_tests_need_is_ok_where_it_is_installed(answer):
    assert answer("packages for tests")[1].startswith("ok")
