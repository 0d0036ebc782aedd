import nbformat
import pytest
from playwright.sync_api import expect
from tests.tools.browser import jupyterlab, open_notebook
from tests.tools.predictions import says

from byhand.explorers import by_chapter
from byhand.explorers.predictions import Marker, Number

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EXPLORERS = [explorer for chapter in by_chapter().values() for explorer in chapter.values()]
SHOW_CHAPTER = """
from IPython.display import display
from byhand.explorers import by_chapter

for explorer in by_chapter()[{!r}].values():
    display(explorer.open())
"""


def answer_by_keyboard(explorer, prediction):
    """Give some answer, then press the button that is next in the order of focus."""
    keyboard = explorer.page.keyboard
    if isinstance(prediction, Marker):
        explorer.locator(".byhand-prediction").get_by_role("slider").press("ArrowRight")
    elif isinstance(prediction, Number):
        explorer.get_by_role("textbox", name=prediction.label, exact=True).focus()
        keyboard.type(f"{prediction.high:g}")
    else:
        choices = explorer.get_by_role("radiogroup", name=prediction.question)
        expect(choices.get_by_role("radio")).to_have_count(len(prediction.options))
        choices.get_by_role("radio").first.press("Space")
        keyboard.press("ArrowDown")
        expect(choices.get_by_label(prediction.options[1], exact=True)).to_be_checked()
    keyboard.press("Tab")
    expect(explorer.get_by_role("button", name="Commit prediction")).to_be_focused()
    keyboard.press("Space")


def test_every_explorer_compares_a_prediction_and_says_nothing_before(browser, tmp_path):
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    all_of_them = nbformat.v4.new_notebook(
        # JupyterLab shows fifty outputs of a cell, and an explorer has two
        cells=[nbformat.v4.new_code_cell(SHOW_CHAPTER.format(name)) for name in by_chapter()],
        metadata=kernel,
    )
    nbformat.write(all_of_them, tmp_path / "all.ipynb")
    with jupyterlab(tmp_path) as lab, open_notebook(browser, lab, "all.ipynb") as notebook:
        notebook.run_all()
        explorers = notebook.page.locator(".byhand-explorer")
        expect(explorers).to_have_count(len(EXPLORERS), timeout=30_000)
        for explorer_class, explorer in zip(EXPLORERS, notebook.explorers(), strict=True):
            prediction, truth = explorer_class.prediction, explorer_class().truth()
            image = explorer.get_by_role("img")
            for words in (image.get_attribute("alt"), explorer.locator("p").inner_text()):
                assert explorer_class.situation in words
                assert not says(words, prediction, truth), words
            told = explorer.get_by_role("status")
            expect(told).to_have_attribute("aria-live", "polite")
            expect(told).to_be_empty()
            before = image.get_attribute("alt")
            answer_by_keyboard(explorer, prediction)
            expect(told).to_contain_text("You said ")
            expect(told).to_contain_text(prediction.explanation)
            expect(told).to_be_focused()
            expect(explorer.locator(".byhand-prediction button")).to_have_count(0)
            expect(image).not_to_have_attribute("alt", before)
            expect(explorer.locator(".byhand-controls :disabled")).not_to_have_count(
                explorer.locator(".byhand-controls :is(input, select)").count()
            )
            expect(explorer.get_by_role("alert")).to_have_count(0)
        assert notebook.errors == []
