"""The page of a released chapter with its pictures."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from tests.tools.notebooks import run_once

from autograder.course import preview
from autograder.errors import UserError
from autograder.layout import Layout

LAYOUT = Layout.here()
CHAPTER = "1_powers"
DRAW = """import matplotlib.pyplot as plt

from byhand import figures

figure, axes = plt.subplots()
axes.plot([square(x) for x in range(5)])
figures.show(figure, alt="A parabola, f[x] = x * x")"""


@pytest.fixture(scope="module")
def shown(make_course):
    """Return a course whose chapter has a page, made by drawing with the author's answers."""
    course = make_course()
    source = nbformat.read(course.layout.source(CHAPTER), as_version=4)
    tags = {"tags": ["figure"]}
    source.cells.insert(-2, new_markdown_cell("Now see $x^2$.", id="see"))
    source.cells.insert(-2, new_code_cell(DRAW, id="draw", metadata=tags))
    course.write_source(source)
    page = preview.page_path(course.layout, CHAPTER)
    page.parent.mkdir()
    page.touch()
    assert course.run("release")[0] == 0
    return course


def contents(course) -> dict[str, bytes]:
    folder = course.layout.root / preview.FOLDER
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_figure_that_needs_answers_is_drawn_and_named_by_its_alt_text(shown) -> None:
    text = contents(shown)[f"{CHAPTER}.md"].decode()
    assert r"![A parabola, f\[x\] = x \* x](1_powers/draw.png)" in text
    assert contents(shown)["draw.png"].startswith(b"\x89PNG")


def test_no_answer_hidden_test_or_output_is_on_the_page(shown) -> None:
    text = contents(shown)[f"{CHAPTER}.md"].decode()
    assert "YOUR CODE HERE" in text
    for secret in ("return x * x\n", "square(-3)", "square(2) == 4", "\n25"):
        assert secret not in text
    assert "- [ ] **Check:** cubes *(3 points)*" in text


def test_made_again_the_files_are_the_same(shown) -> None:
    before = contents(shown)
    preview.render(shown.layout, CHAPTER)
    assert contents(shown) == before


@pytest.mark.parametrize("name", [f"{CHAPTER}.md", f"{CHAPTER}/draw.png"])
def test_a_changed_file_is_noticed_without_a_kernel(shown, name: str) -> None:
    path = shown.layout.root / preview.FOLDER / name
    before = path.read_bytes()
    assert not preview.is_stale(shown.layout, CHAPTER)
    path.write_bytes(before + b"mine")
    assert preview.is_stale(shown.layout, CHAPTER)
    path.write_bytes(before)
    assert not preview.is_stale(shown.layout, CHAPTER)


def test_a_source_that_fails_is_one_line_and_leaves_the_page(shown) -> None:
    before = contents(shown)
    source = shown.layout.source(CHAPTER)
    good = source.read_text("utf-8")
    source.write_text(good.replace("square(5)", "square(5) / 0"), "utf-8")
    with pytest.raises(UserError, match=r"1_powers\.ipynb, cell try-it: raises ZeroDivisionError"):
        preview.render(shown.layout, CHAPTER)
    source.write_text(good, "utf-8")
    assert contents(shown) == before


def test_formulas_are_fenced_and_code_is_left_alone() -> None:
    text = "So $a_1$ is\n\n$$\\frac{a}{b}\n= c$$\n\nin `$HOME`."
    assert preview.for_github(text) == (
        "So $`a_1`$ is\n\n```math\n\\frac{a}{b}\n= c\n```\n\nin `$HOME`."
    )


def test_the_page_of_the_first_chapter_is_small_and_shows_every_picture_with_words(
    tmp_path: Path, shared: Path
) -> None:
    page = preview.page_path(LAYOUT, LAYOUT.chapters()[0])
    files = [path for path in page.parent.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 600_000
    pictures = re.findall(r"!\[(.{20,})\]\((.+\.png)\)", page.read_text("utf-8"))
    drawn = {Path(name).stem for _, name in pictures}
    ran = run_once(LAYOUT.source(page.stem), tmp_path, shared)
    assert drawn == {
        cell.id
        for cell in ran.cells
        if any("<img" in str(o.get("data")) or "image/png" in o.get("data", {})
               for o in cell.get("outputs", []))
    }  # fmt: skip
    assert all((page.parent / name).is_file() for _, name in pictures)
