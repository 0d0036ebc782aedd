import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import expect
from tests.tools.browser import jupyterlab, open_notebook
from tests.tools.notebooks import run_once

from autograder.course.notebooks import read_cells
from byhand.explorers import by_chapter

EXPLORERS = by_chapter()
SOLUTIONS = Path(__file__).parents[4] / "solutions"
CHAPTERS = [name for name in EXPLORERS if (SOLUTIONS / name / f"{name}.ipynb").is_file()]

END = ("now", "min", "max")

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECANT = """
from byhand.explorers.derivatives import secant_explorer

secant_explorer(predicted=True)
"""
FAILING = """
from byhand.explorers.derivatives import Secant

class Failing(Secant):
    def redraw(self, x, **values):
        if x > 0.5:
            raise ValueError("x is <too> large")
        return super().redraw(x=x, **values)

Failing(predicted=True)
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Yield a JupyterLab server, and the folder that it serves."""
    folder = tmp_path_factory.mktemp("served")
    with jupyterlab(folder) as lab:
        yield lab, folder


def write_notebook(path, *cells):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, path)


def commit_prediction(explorer):
    for slider in explorer.locator(".byhand-controls").get_by_role("slider").all():
        now = slider.get_attribute("aria-valuenow")
        slider.press("ArrowRight")
        assert slider.get_attribute("aria-valuenow") == now  # locked
    explorer.get_by_role("button", name="Show me").press("Space")
    expect(explorer.get_by_role("status")).to_contain_text("Shown without a prediction: ")


def open_control(explorer, box):
    """Choose functions by keyboard until the control is one that they use."""
    choices = explorer.get_by_role("combobox").first
    if box.is_disabled() and choices.evaluate("choice => choice.selectedIndex"):
        change_picture(explorer, lambda: choices.press("Home"))
    for _ in range(choices.locator("option").count() - 1):
        if box.is_enabled():
            return
        change_picture(explorer, lambda: choose_next(choices))
    expect(box).to_be_enabled()


def choose_next(choices):
    choices.focus()
    for key in ("Space", "ArrowDown", "Enter"):  # opens the list, as the mouse does
        choices.page.keyboard.press(key)


def change_picture(explorer, act):
    image = explorer.get_by_role("img")
    before = image.evaluate("image => [image.src, image.alt]")
    act()
    explorer.page.wait_for_function(
        """([explorer, [source, words]]) => {
            const image = explorer.querySelector('img');
            return image.src !== source && image.alt !== words && image.naturalWidth > 0;
        }""",
        arg=[explorer.element_handle(), before],
        polling=20,
        timeout=20_000,
    )


def write_workshop(chapter, folder):
    """Write a chapter without its text and figures: answers, checks and explorers."""
    cells = [
        cell.source
        for cell in read_cells(SOLUTIONS / chapter / f"{chapter}.ipynb")
        if cell.kind in ("setup", "given", "solution", "test")
        or (cell.kind == "code" and "_explorer(" in cell.source)
    ]
    write_notebook(folder / f"{chapter}.ipynb", *cells)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_explorer_of_a_chapter_works_from_the_keyboard(chapter, browser, served):
    lab, folder = served
    if chapter == CHAPTERS[0]:  # one with everything that is on its page
        shutil.copytree(SOLUTIONS / chapter, folder, dirs_exist_ok=True)
    else:
        write_workshop(chapter, folder)
    with open_notebook(browser, lab, f"{chapter}.ipynb") as notebook:
        notebook.run_all()
        explorers = notebook.page.locator(".byhand-explorer")
        expect(explorers).to_have_count(len(EXPLORERS[chapter]), timeout=30_000)
        for explorer in notebook.explorers():
            explorer.scroll_into_view_if_needed()
            commit_prediction(explorer)
            rows = explorer.locator(".byhand-controls .widget-hbox:has(.noUi-handle)").all()
            assert rows
            for row in rows:
                name = row.locator("label[for]").inner_text()
                box = explorer.get_by_role("spinbutton", name=name, exact=True)
                expect(box).to_have_count(1)
                open_control(explorer, box)
                handle = row.get_by_role("slider")
                now, low, high = (handle.get_attribute(f"aria-value{k}") for k in END)
                acts = [
                    lambda handle=handle: handle.press("ArrowRight"),
                    lambda box=box, low=low: (box.fill(low), box.press("Enter")),
                ]
                # what is at its right end can't go further: to the left end first
                for act in reversed(acts) if float(now) == float(high) else acts:
                    change_picture(explorer, act)
            for choice in explorer.get_by_role("combobox").all():
                if choice.evaluate("choice => choice.selectedIndex"):
                    change_picture(explorer, lambda choice=choice: choice.press("Home"))
                change_picture(explorer, lambda choice=choice: choose_next(choice))
                assert choice.get_attribute("id") == explorer.get_by_label(
                    choice.locator("xpath=preceding-sibling::label").inner_text(), exact=True
                ).get_attribute("id")
            expect(explorer.get_by_role("alert")).to_have_count(0)
        assert notebook.errors == []


@pytest.mark.parametrize("application", ["jupyterlab", "notebook"])
def test_arrow_keys_move_controls_and_not_cells_in_either_front_end(application, browser, tmp_path):
    write_notebook(tmp_path / "secant.ipynb", SECANT, "# the cell after it")
    with (
        jupyterlab(tmp_path, application=application) as lab,
        open_notebook(browser, lab, "secant.ipynb") as notebook,
    ):
        notebook.run_all()
        (explorer,) = notebook.explorers()
        keyboard, slider = notebook.page.keyboard, explorer.get_by_role("slider").first
        box = explorer.get_by_role("spinbutton", name="x", exact=True)
        choice = explorer.get_by_role("combobox", name="Function f")
        notebook.page.locator(".jp-CodeCell").first.click()
        keyboard.press("Escape")  # command mode, where arrows move between cells
        for control, key, value in (
            (slider, "ArrowRight", "0.55"), (slider, "ArrowLeft", "0.5"), (slider, "Home", "-2"),
            (slider, "ArrowUp", "-1.95"), (box, "ArrowUp", "-1.9"),
        ):  # fmt: skip
            control.focus()
            change_picture(explorer, lambda key=key: keyboard.press(key))
            expect(box).to_have_value(value)
            expect(control).to_be_focused()
        choice.focus()
        change_picture(explorer, lambda: keyboard.press("ArrowDown"))
        expect(choice).to_be_focused()
        expect(explorer.get_by_role("img")).to_have_attribute("alt", re.compile("sin x at x"))
        slider.focus()
        keyboard.press("Shift+Enter")  # every other key keeps its shortcut
        expect(slider).not_to_be_focused()
        assert notebook.errors == []


def test_a_failing_redraw_is_shown_and_the_next_good_one_clears_it(browser, served):
    lab, folder = served
    write_notebook(folder / "failing.ipynb", FAILING)
    with open_notebook(browser, lab, "failing.ipynb") as notebook:
        notebook.run_all()
        (explorer,) = notebook.explorers()
        x = explorer.get_by_role("slider").first
        x.press("ArrowRight")
        alert = explorer.get_by_role("alert")
        expect(alert).to_contain_text("ValueError: x is <too> large")
        expect(alert).to_contain_text("in redraw")
        x.press("ArrowLeft")
        expect(alert).to_have_count(0)
        assert notebook.errors == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_an_exported_page_shows_every_picture_without_scripts_and_network(
    chapter, browser, tmp_path, shared
):
    ran = run_once(SOLUTIONS / chapter / f"{chapter}.ipynb", tmp_path, shared)
    page_source, _ = HTMLExporter().from_notebook_node(ran)
    (tmp_path / f"{chapter}.html").write_text(page_source, "utf-8")
    context = browser.new_context(java_script_enabled=False, offline=True)
    try:
        page = context.new_page()
        page.goto((tmp_path / f"{chapter}.html").as_uri())
        pictures = page.locator("[class^=byhand-still] img")
        expect(pictures).to_have_count(len(EXPLORERS[chapter]))
        for picture in pictures.all():
            expect(picture).to_be_visible()
            assert picture.evaluate("image => image.naturalWidth") > 0
            assert len(picture.get_attribute("alt")) > 40
    finally:
        context.close()
