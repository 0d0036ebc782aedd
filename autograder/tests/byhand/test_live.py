import re

import pytest

from byhand import live


@pytest.fixture
def shown(monkeypatch):
    pages = []

    class View:
        def update(self, page):
            pages.append(page.data)

    def display(page, display_id):
        pages.append(page.data)
        return View()

    monkeypatch.setattr("IPython.display.display", display)
    return pages


def test_each_epoch_says_in_words_how_far_and_how_good(shown):
    for k, epoch in enumerate(live.training(4)):
        epoch.report(0.5 / (k + 1), 0.2 * k)
    assert [re.search(r"Epoch \d of 4", page)[0] for page in shown] == [
        f"Epoch {k} of 4" for k in (1, 2, 3, 4)
    ]
    assert "loss 0.1250, 60.0% of the held-out examples right." in shown[-1]


def test_the_bar_and_the_picture_tell_those_who_cannot_see_them(shown):
    for epoch in live.training(2):
        epoch.report(0.25, 0.875)
        break
    assert 'role="progressbar"' in shown[0] and 'aria-valuenow="1"' in shown[0]
    alt = re.search(r'alt="([^"]+)"', shown[0])[1]
    assert "loss" in alt and "87.5%" in alt


def test_a_grading_run_trains_nothing_and_shows_nothing(shown, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert list(live.training(30)) == []
    assert shown == []
