"""Feedback in zips: each page under the name by which Canvas or Moodle finds its student."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence

from tests.conftest import CHAPTER
from tests.desk.conftest import write_zip

CLASS = """
[students]
ada = { name = "Ada Lovelace", ids = ["101"] }
zoe = { name = "Zoë Strauß", ids = ["102", "Participant 9003"] }
"""


def read_by_canvas(name: str) -> tuple[str, ...]:
    """Return user and attachment as Canvas reads them: the first two parts that are numbers."""
    return tuple([part for part in name.split("_") if part.isdigit()][:2])


def read_by_moodle(name: str) -> str:
    """Return the participant as Moodle's import of feedback does: split at four underscores."""
    _, number, kind, plugin, file = name.split("_", 4)
    assert (kind, plugin, file) == ("assignsubmission", "file", f"/{CHAPTER}.html")
    return number


def graded(course, answers, tmp_path, names: Sequence[str]) -> None:
    """Collect a download with these names, and grade it."""
    course.layout.work.mkdir(parents=True, exist_ok=True)
    (course.layout.work / "class.toml").write_text(CLASS, "utf-8")
    files = {
        name: answers(square=f"def square(x):\n    return x + {number}")
        for number, name in enumerate(names)
    }
    status, printed = course.run("collect", str(write_zip(tmp_path / "download.zip", files)))
    assert status == 0, printed
    course.run("grade")


def packed(course, system: str) -> dict[str, str]:
    """Return whose page it is by the name of each file."""
    with zipfile.ZipFile(course.layout.feedback / f"{CHAPTER}-{system}.zip") as archive:
        pages = {name: archive.read(name).decode() for name in archive.namelist()}
    owner = re.compile("<title>Feedback for (.+): Powers</title>")
    return {name: owner.search(page)[1] for name, page in pages.items()}


def test_canvas_finds_each_page_by_the_numbers_of_its_own_download(course, answers, tmp_path):
    download = (
        f"lovelaceada_101_2001_{CHAPTER}-1.ipynb",
        f"strauzoe_102_2002_{CHAPTER}.ipynb",
    )
    graded(course, answers, tmp_path, download)
    status, printed = course.run("feedback", "--zip", "canvas")
    assert status == 0, printed
    assert f"To upload: {course.layout.feedback / f'{CHAPTER}-canvas.zip'}" in printed
    owners = {read_by_canvas(name): owner for name, owner in packed(course, "canvas").items()}
    assert owners == {("101", "2001"): "Ada Lovelace", ("102", "2002"): "Zoë Strauß"}


def test_moodle_finds_each_page_by_its_participant(course, answers, tmp_path):
    download = (f"Ada Lovelace_4711_assignsubmission_file_/{CHAPTER}.ipynb",)
    graded(course, answers, tmp_path, download)
    course.hand_in("zoe", answers())  # by hand: the class file knows the participant
    course.run("grade")
    status, printed = course.run("feedback", "--zip", "moodle")
    assert status == 0, printed
    owners = {read_by_moodle(name): owner for name, owner in packed(course, "moodle").items()}
    assert owners == {"4711": "Ada Lovelace", "9003": "Zoë Strauß"}
    before = (course.layout.feedback / f"{CHAPTER}-moodle.zip").read_bytes()
    course.run("feedback", "--zip", "moodle")
    assert (course.layout.feedback / f"{CHAPTER}-moodle.zip").read_bytes() == before


def test_in_a_class_on_two_systems_each_zip_holds_the_pages_of_its_own(course, answers, tmp_path):
    names = (
        f"lovelaceada_101_2001_{CHAPTER}.ipynb",
        f"Zoë Strauß_9003_assignsubmission_file_/{CHAPTER}.ipynb",
    )
    graded(course, answers, tmp_path, names)
    for system, owner in (("canvas", "Ada Lovelace"), ("moodle", "Zoë Strauß")):
        status, printed = course.run("feedback", "--zip", system)
        assert (status, list(packed(course, system).values())) == (0, [owner])
        assert "1 page is of work that was not handed in there" in printed
    for system in ("canvas", "moodle"):
        (course.layout.feedback / f"{CHAPTER}-{system}.zip").unlink()
    status, printed = course.run("feedback", "--zip", "canvas", "--zip", "moodle")
    assert status == 0 and "not handed in there" not in printed
    for system, owner in (("canvas", "Ada Lovelace"), ("moodle", "Zoë Strauß")):
        assert list(packed(course, system).values()) == [owner]


def test_whoever_is_not_known_there_is_one_line_and_the_others_are_packed(
    course, answers, tmp_path
):
    graded(course, answers, tmp_path, (f"lovelaceada_101_2001_{CHAPTER}.ipynb",))
    course.hand_in("zoe", answers())
    course.run("grade")
    status, printed = course.run("feedback", "--zip", "canvas")
    assert status == 1
    (line,) = (line for line in printed.splitlines() if line.startswith("!"))
    assert "zoe" in line and "attach the page in SpeedGrader" in line
    assert list(packed(course, "canvas").values()) == ["Ada Lovelace"]
