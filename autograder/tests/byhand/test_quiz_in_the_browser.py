"""A quiz is played in JupyterLab by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, expect
from tests.tools.browser import jupyterlab, open_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CELLS = (
    "from byhand import progress, quiz\nprogress.watch()",
    'quiz.show("1_derivatives")',
    "progress.show()",
)


def test_a_quiz_is_answered_by_keyboard_and_each_answer_is_read_aloud(browser, tmp_path) -> None:
    write_notebook(tmp_path / "quiz.ipynb")
    with (
        jupyterlab(tmp_path) as lab,
        open_notebook(browser, lab, "quiz.ipynb") as notebook,
    ):
        notebook.run_all()
        page = notebook.page
        questions = page.locator(".byhand-question")
        expect(questions).to_have_count(5)
        expect(page.locator("[class^=byhand-still]")).to_be_hidden()
        page.locator(".jp-CodeCell").first.click()
        page.keyboard.press("Escape")  # command mode, where arrows move between cells

        number = questions.nth(0)
        number.get_by_role("textbox", name="Your answer").focus()
        page.keyboard.type("one half")
        page.keyboard.press("Enter")
        expect(told(number)).to_contain_text("Please write a number")
        page.keyboard.press("Control+a")
        page.keyboard.type("1")
        page.keyboard.press("Tab")
        expect(number.get_by_role("button", name="Check")).to_be_focused()
        page.keyboard.press("Space")
        expect(told(number)).to_contain_text("(right)")

        choice = questions.nth(1)
        radios = choice.get_by_role("radio")
        expect(radios).to_have_count(4)
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(radios.nth(0)).to_be_focused()
        group = choice.get_by_role("radiogroup")
        asked = choice.locator(".byhand-asked").inner_text().replace("\u00a0", " ")
        assert group.get_attribute("aria-label").replace("\u00a0", " ") == asked
        page.keyboard.press("Space")
        expect(radios.nth(0)).to_be_checked()
        page.keyboard.press("ArrowDown")
        expect(radios.nth(1)).to_be_checked()
        expect(radios.nth(1)).to_be_focused()
        page.keyboard.press("Enter")
        expect(told(choice).get_by_role("listitem")).to_have_count(4)
        expect(told(choice)).to_have_attribute("aria-live", "polite")
        expect(radios.nth(1)).to_be_disabled()
        choice.get_by_role("button", name="Another one").focus()
        page.keyboard.press("Space")
        expect(told(choice)).to_contain_text("other numbers")
        expect(radios.nth(1)).to_be_enabled()
        assert not any(radio.is_checked() for radio in radios.all())
        expect(page.get_by_text("Answered: 1 of 5")).to_be_visible()
        assert notebook.errors == []


def told(question: Locator) -> Locator:
    return question.locator(".byhand-told")


def write_notebook(path: Path) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, path)
