import multiprocessing
import tempfile
from pathlib import Path

import pytest

from autograder.scratch import Scratch


def use_many(base: str) -> None:
    tempfile.tempdir = base
    for _ in range(50):
        with Scratch("test") as folder:
            (folder / "file").write_text("mine")
            assert (folder / "file").read_text() == "mine"


def test_processes_that_make_folders_at_once_do_not_take_one_from_another(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        pool.map(use_many, [str(tmp_path)] * 3)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_a_killed_process_left_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = Path(tempfile.mkdtemp(prefix="byhand-test-"))
    with Scratch("test") as folder:
        assert list(tmp_path.iterdir()) == [folder] != [left]
