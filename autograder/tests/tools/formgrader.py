"""Formgrader as an instructor uses it: the server that `lab` starts, and clicks in the browser."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CHAPTER, Course
from tests.tools.ports import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


@contextmanager
def start_lab(course: Course, folder: Path, *options: str) -> Iterator[tuple[str, str]]:
    """Run `lab` on a course, with settings in a folder; yield its address and token."""
    port = free_port()
    address, token = f"http://127.0.0.1:{port}", secrets.token_hex(16)
    arguments = [
        "--no-browser",
        *(["--allow-root"] if os.geteuid() == 0 else []),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
    ]
    private = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    with (folder / "log").open("wb") as log:
        server = course.start(
            "lab", *options, *arguments,
            env={**os.environ, **private}, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        wait_for(f"{address}/api?token={token}", server, folder / "log")
        yield address, token
    finally:
        server.terminate()
        server.wait(60)


def wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(log.read_text())


def row_of(page: Page, address: str, student: str) -> Locator:
    page.goto(f"{address}/formgrader/manage_submissions/{CHAPTER}")
    row = page.locator("tr", has_text=student)
    row.wait_for()
    return row


def autograde(page: Page, address: str, student: str) -> None:
    row_of(page, address, student).locator(".autograde a").click()
    page.locator("#success-modal").wait_for(timeout=120_000)


def open_submission(page: Page, address: str, student: str) -> None:
    page.goto(f"{address}/formgrader/gradebook/{CHAPTER}/{CHAPTER}")
    page.locator("tr", has_text=student).get_by_text("Submission #").click()
    page.get_by_text("Because it grows").wait_for()
    page.wait_for_load_state("networkidle")


def grade_by_hand(page: Page, address: str, student: str, points: str, comment: str) -> None:
    open_submission(page, address, student)
    for field, what, value in (("#why", "grade", points), ("#why-comment", "comment", comment)):
        with page.expect_response(lambda r, what=what: f"/api/{what}/" in r.url and r.ok):
            page.locator(field).fill(value)
            page.locator(field).blur()


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page where a person asked for one."""
    if pictures := os.environ.get("PICTURES"):
        page.screenshot(path=Path(pictures, f"{name}.png"), full_page=True)
