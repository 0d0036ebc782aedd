import os

import pytest
from tests.tools.browser import chromium

from autograder.machine import chromium_path


@pytest.fixture(scope="session")
def browser():
    if chromium_path() is None:
        reason = "Chromium is not installed: install it or set CHROMIUM to its path"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with chromium() as running:
        yield running
