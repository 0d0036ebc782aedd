"""Which copies are kept, and which chapters solutions no longer has."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.release import dropped_chapters, find_staleness, release_chapter, stale_pages
from autograder.errors import UserError
from autograder.layout import Layout

CHAPTER = "1_powers"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Return a layout with one source that `generate` copies."""
    layout = Layout.of(tmp_path)
    layout.source(CHAPTER).parent.mkdir(parents=True)
    layout.source(CHAPTER).write_text("source")
    return layout


def generate(layout: Layout, chapter: str, into: Path) -> None:
    (into / chapter).mkdir()
    (into / chapter / f"{chapter}.ipynb").write_bytes(layout.source(chapter).read_bytes())


def test_a_chapter_is_written_once(layout: Layout) -> None:
    assert release_chapter(layout, CHAPTER, generate).changed
    assert not release_chapter(layout, CHAPTER, generate).changed
    assert find_staleness(layout, CHAPTER, generate) is None


def test_without_git_what_differs_is_kept(layout: Layout) -> None:
    release_chapter(layout, CHAPTER, generate)
    layout.released(CHAPTER).write_text("mine")
    assert find_staleness(layout, CHAPTER, generate) == (
        "1_powers/1_powers.ipynb differs from what solutions/ makes"
    )
    kept = release_chapter(layout, CHAPTER, generate).kept
    assert kept is not None
    assert kept.read_text() == "mine"
    assert layout.released(CHAPTER).read_text() == "source"


def test_a_chapter_without_its_notebook_is_one_line(layout: Layout) -> None:
    with pytest.raises(UserError, match="2_roots.ipynb: missing"):
        release_chapter(layout, "2_roots", generate)


def test_only_folders_with_a_notebook_of_their_name_count_as_dropped(layout: Layout) -> None:
    for name in (f"{CHAPTER}/{CHAPTER}", "2_roots/2_roots", "byhand/notes"):
        path = layout.course / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text("")
    assert dropped_chapters(layout) == ["2_roots"]


def test_without_readme_and_topics_there_is_no_page_to_write(layout: Layout) -> None:
    assert stale_pages(layout) == {}
