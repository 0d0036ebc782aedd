"""What comes out of other systems, with its oddities, and what becomes of it."""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import CHAPTER, Course
from tests.desk.conftest import SECOND, write_folder, write_zip

from autograder.desk.collect import class_to_collect, collect
from autograder.engine.reading import NotANotebook, read_notebook

Make = Callable[..., bytes]
CANVAS = "lovelaceada_12345_777_1_powers.ipynb"


def placed(course: Course) -> dict[tuple[str, str], bytes]:
    return {
        (path.parts[-3], path.parts[-2]): path.read_bytes()
        for path in course.layout.submitted.glob("*/*/*.ipynb")
    }


def stamp(course: Course, student: str, chapter: str = CHAPTER) -> str:
    file = course.layout.submission(student, chapter).with_name("timestamp.txt")
    return file.read_text() if file.is_file() else ""


def lines(printed: str) -> list[str]:
    return [line[2:] for line in printed.splitlines() if line.startswith("! ")]


# --- what is matched ------------------------------------------------------------------------------

# What a file is called in a zip or folder, and whose it is.
MATCHED = {
    "Canvas, by its number": ("lovelaceada_12345_777_1_powers.ipynb", "ada"),
    "Canvas, late": ("lovelaceada_LATE_12345_777_1_powers.ipynb", "ada"),
    "Canvas, by name alone": ("lovelaceada_99999_777_1_powers.ipynb", "ada"),
    "Canvas, first name first": ("adalovelace_99999_777_1_powers.ipynb", "ada"),
    "Canvas, handed in again": ("lovelaceada_12345_777_1_powers-3.ipynb", "ada"),
    "Canvas, an accent dropped": ("mullerjorg_99999_777_1_powers.ipynb", "jmueller"),
    "Canvas, an accent spelled out": ("muellerjoerg_99999_777_1_powers.ipynb", "jmueller"),
    "Canvas, an apostrophe dropped": ("oneillconor_99999_777_1_powers.ipynb", "conor"),
    "Canvas, five names": ("garcialopezmariadelcarmen_99_7_1_powers.ipynb", "maria"),
    "Moodle, a folder each": ("Ada Lovelace_9001_assignsubmission_file_/1_powers.ipynb", "ada"),
    "Moodle, newer": ("Ada Lovelace_9001_assignsubmission_file/1_powers.ipynb", "ada"),
    "Moodle, no folders": ("Ada Lovelace_9001_assignsubmission_file_1_powers.ipynb", "ada"),
    "Moodle, by its number": ("Somebody Else_9002_assignsubmission_file_/a.ipynb", "jmueller"),
    "Moodle, a group before the name": (
        "Group B-Ada Lovelace_9001_assignsubmission_file_/1_powers.ipynb", "ada",
    ),
    "Moodle, a hyphen in the name": (
        "Zoë Łukasiewicz-Strauß_1_assignsubmission_file_/1_powers.ipynb", "zoe",
    ),
    "Moodle, a folder inside": (
        "Ada Lovelace_9001_assignsubmission_file_/homework/final/1_powers.ipynb", "ada",
    ),
    "Moodle, accents taken apart": (
        "Jo\u0308rg Mu\u0308ller_77_assignsubmission_file_/1_powers.ipynb", "jmueller",
    ),
    "nbgrader's exchange": ("ada+1_powers+2026-10-12 21:03:05.123456 UTC+x7/1_powers.ipynb", "ada"),
    "a folder each, by id": ("ada/1_powers.ipynb", "ada"),
    "a folder each, by e-mail": ("zoe@example.org/1_powers.ipynb", "zoe"),
    "a folder each, by name": ("Lovelace, Ada/1_powers.ipynb", "ada"),
    "a folder each, in capitals": ("ADA LOVELACE/1_powers.ipynb", "ada"),
    "a folder each, by an earlier id": ("coneill/1_powers.ipynb", "conor"),
    "a folder each, chapters inside": ("ada/1_powers/1_powers.ipynb", "ada"),
    "Google Classroom": ("Ada Lovelace - 1_powers.ipynb", "ada"),
    "a name in the file's name": ("1_powers_ada_lovelace_final.ipynb", "ada"),
    "GitHub, a downloaded branch": ("powers-ada-l-main/1_powers.ipynb", "ada"),
    "Windows's separators": ("ada\\1_powers.ipynb", "ada"),
    "another name of the notebook": ("ada/homework.ipynb", "ada"),
    "the name of another chapter": ("ada/2_roots.ipynb", "ada"),
    "an ending that a browser added": ("ada/1_powers.ipynb.txt", "ada"),
}  # fmt: skip


@pytest.fixture(scope="module")
def shared_group(make_group) -> Course:
    return make_group()


@pytest.mark.parametrize("pack", [write_zip, write_folder], ids=["zip", "folder"])
@pytest.mark.parametrize("case", MATCHED)
def test_a_notebook_goes_to_its_student_and_chapter(
    shared_group: Course, notebook_of: Make, tmp_path: Path, case: str, pack: Callable
) -> None:
    name, student = MATCHED[case]
    if pack is write_folder:
        name = name.replace("\\", "/")
    download = pack(tmp_path / ("it.zip" if pack is write_zip else "it"), {name: notebook_of()})
    group = class_to_collect(shared_group.layout, [download])
    report = collect(shared_group.layout, group, [download], dry_run=True)
    assert report.placed == [(student, CHAPTER)]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("zhangwei_99999_777_1_powers.ipynb", "may be any of wei1, wei2"),
        ("byronlord_555_777_1_powers.ipynb", "nobody in class.toml is called byronlord (555)"),
        ("lovelaceada_12346_777_1_powers.ipynb", "may be any of ada, jmueller"),
        ("Ada Byron/1_powers.ipynb", "nobody in class.toml is called Ada Byron"),
        ("Ada Lovelac/1_powers.ipynb", "did they mean Ada Lovelace (ada)?"),
        ("Maria Garcia Lopez_5_assignsubmission_file_/a.ipynb", "García López (maria)?"),
        ("ada+conor+final.ipynb", "nobody in class.toml is called ada+conor+final"),
        ("ada/zoe.ipynb", "may be any of ada, zoe"),
    ],
)
def test_who_is_not_clear_is_asked_and_nothing_is_placed(
    group: Course, notebook_of: Make, tmp_path: Path, name: str, line: str
) -> None:
    download = write_zip(tmp_path / "download.zip", {name: notebook_of()})
    status, printed = group.run("collect", str(download))
    assert status == 1
    assert len(lines(printed)) == 1 and line in lines(printed)[0]
    assert placed(group) == {}


def test_a_file_that_a_student_named_after_another_does_not_change_whose_it_is(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    inner = f"Zoë Łukasiewicz-Strauß_1_assignsubmission_file_/{CANVAS}"
    group.run("collect", str(write_zip(tmp_path / "moodle.zip", {inner: notebook_of()})))
    assert set(placed(group)) == {("zoe", CHAPTER)}


# --- what is refused ------------------------------------------------------------------------------


def bomb() -> dict[str, bytes]:
    return {"ada/1_powers.ipynb": b" " * (8 * 2**20)}


def of_another_course(notebook: bytes) -> bytes:
    for name in (b"square", b"cube", b"hunt", b"exercise", b"try-it"):
        notebook = notebook.replace(name, b"other-" + name)
    return notebook


def in_a_zip(files: dict[str, bytes], depth: int) -> dict[str, bytes]:
    for _ in range(depth):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        files = {"ada.zip": inner.getvalue()}
    return files


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (lambda nb: bomb(), "a zip bomb: it grows"),
        (lambda nb: {"../../ada/1_powers.ipynb": nb}, "a path that leads out of the archive"),
        (lambda nb: {"/ada/1_powers.ipynb": nb}, "a path that leads out of the archive"),
        (lambda nb: {"C:\\ada\\1_powers.ipynb": nb}, "a path that leads out of the archive"),
        (lambda nb: {"ada/1_\x1bpowers.ipynb": nb}, "a name with control characters"),
        (lambda nb: in_a_zip({"1_powers.ipynb": nb}, 5), "zips in zips, 3 deep"),
        (lambda nb: {"ada/1_powers.tar.gz": b"x"}, "not a zip; unpack it and name the folder"),
        (lambda nb: {"ada.zip": b"no zip"}, "damaged, or not a zip; download it again"),
        (lambda nb: {"ada/1_powers.ipynb": b"no notebook"}, ""),
        (lambda nb: {"ada/homework.ipynb": b"{}"}, "not a notebook (no nbformat)"),
        (lambda nb: {"ada/homework.ipynb": b""}, "the file is empty"),
        (lambda nb: {"ada/homework.ipynb": of_another_course(nb)}, "no chapter has its cells"),
        (lambda nb: {"lovelaceada_12345_7_essay.pdf": b"%PDF"}, "_12345_7_essay.pdf, no notebook"),
        (lambda nb: {"__MACOSX/ada/._1_powers.ipynb": b"x", "ada/.DS_Store": b"x",
                     "ada/.ipynb_checkpoints/1_powers-checkpoint.ipynb": nb}, None),
    ],
)  # fmt: skip
def test_what_does_harm_or_is_no_notebook_is_one_line(
    group: Course, notebook_of: Make, tmp_path: Path, make: Callable, line: str | None
) -> None:
    files = make(notebook_of()) | {"zoe/1_powers.ipynb": notebook_of()}
    download = write_zip(tmp_path / "download.zip", files)
    status, printed = group.run("collect", str(download))
    found = lines(printed)
    assert ("zoe", CHAPTER) in placed(group)  # the rest goes on
    if line:
        assert status == 1
        assert len(found) == 1 and line in found[0]
        assert ("ada", CHAPTER) not in placed(group)
    else:
        assert found == []


def test_a_link_in_a_zip_or_a_folder_is_refused(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(notebook_of("secret"))
    folder = tmp_path / "handed-in"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "1_powers.ipynb").symlink_to(secret)
    (folder / "zoe").symlink_to(tmp_path)
    os.mkfifo(folder / "jmueller")
    link = zipfile.ZipInfo("conor/1_powers.ipynb")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.writestr(link, str(secret))
    status, printed = group.run("collect", str(folder))
    assert status == 1
    assert [line.rpartition(": ")[2].partition(";")[0] for line in lines(printed)] == [
        "a link", "not a regular file", "a link, not a file", "a link",
    ]  # fmt: skip
    assert placed(group) == {}


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_the_same_name_twice_a_password_and_a_damaged_member_are_one_line_each(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    path = tmp_path / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for answer in ("one", "two"):
            archive.writestr("ada/1_powers.ipynb", notebook_of(answer))
        archive.writestr("conor/1_powers.ipynb", notebook_of("locked"))
        archive.writestr("jmueller/1_powers.ipynb", notebook_of("damaged"))
    content = bytearray(path.read_bytes())
    place = content.rindex(b"conor/1_powers.ipynb") - 46  # its entry in the directory
    (flags,) = struct.unpack_from("<H", content, place + 8)
    struct.pack_into("<H", content, place + 8, flags | 1)
    content[content.index(b"damaged") : content.index(b"damaged") + 7] = b"DAMAGED"
    path.write_bytes(content)
    status, printed = group.run("collect", str(path))
    assert status == 1
    assert sorted(line.partition(": ")[2].partition(";")[0] for line in lines(printed)) == [
        "damaged in the archive", "protected by a password", "twice in the archive",
    ]  # fmt: skip
    assert placed(group) == {}


def test_a_zip_with_any_bytes_changed_is_read_or_refused(
    shared_group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    files = {name: notebook_of()[:2000] for name, _ in list(MATCHED.values())[::4]}
    files |= in_a_zip({"zoe.ipynb": notebook_of()}, 2)
    files |= {"e/submission_metadata.yml": b"submission_1:\n  :submitters:\n  - :name: Ada\n"}
    whole = write_zip(tmp_path / "whole.zip", files).read_bytes()
    download, rng = tmp_path / "download.zip", random.Random(0)
    group = class_to_collect(shared_group.layout, [])
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(rng.choice((1, 3, 20))):
            start = rng.choice((0, len(content) - 1500))  # mostly in the directory, at the end
            content[rng.randrange(start, len(content))] = rng.randrange(256)
        download.write_bytes(content[: rng.choice((len(content), rng.randrange(len(content))))])
        collect(shared_group.layout, group, [download], dry_run=True)


@pytest.mark.parametrize("name", ["broken.zip", "missing.zip"])
def test_a_zip_that_is_none_or_is_not_there_is_one_line(
    group: Course, tmp_path: Path, name: str
) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and then nothing")
    status, printed = group.run("collect", str(tmp_path / name))
    assert status == 1
    assert "download it again" in printed or "no such file or folder" in printed
    assert "Traceback" not in printed


# --- systems that say more ------------------------------------------------------------------------


def test_gradescope_tells_who_when_and_in_which_group(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    metadata = """
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: 'm001'
    :email: ada@example.org
  - :name: Conor O'Neill
    :sid: ''
  :created_at: 2026-10-12 21:06:05.340000000 Z
submission_12:
  :submitters:
  - :name: Lord Byron
"""
    files = {
        "assignment_5_export/submission_metadata.yml": metadata,
        "assignment_5_export/submission_11/1_powers.ipynb": notebook_of(),
        "assignment_5_export/submission_12/1_powers.ipynb": notebook_of("other"),
        "assignment_5_export/submission_11/submission_metadata.yml": "- a trap",
    }
    status, printed = group.run("collect", str(write_zip(tmp_path / "gradescope.zip", files)))
    assert status == 1
    assert set(placed(group)) == {("ada", CHAPTER), ("conor", CHAPTER)}
    assert stamp(group, "ada") == "2026-10-12 21:06:05.340000 UTC\n"
    assert len(lines(printed)) == 1 and "called Lord Byron" in lines(printed)[0]


def commit(repository: Path, when: str) -> None:
    environment = os.environ | {
        "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "GIT_CONFIG_GLOBAL": os.devnull,
    }  # fmt: skip
    person = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], [*person, "commit", "-qm", "Hand in"]):
        subprocess.run(["git", *command], cwd=repository, env=environment, check=True)


def test_a_repository_is_dated_by_its_commit_runs_nothing_and_gives_only_what_was_worked_on(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    repository = tmp_path / "powers-submissions" / "powers-ada-l"
    untouched = group.layout.released(SECOND).read_bytes()
    files = {"1_powers/1_powers.ipynb": notebook_of(), "2_roots/2_roots.ipynb": untouched}
    write_folder(repository, files)
    commit(repository, "2026-10-12T23:30:00+02:00")
    trap = tmp_path / "trap"
    with (repository / ".git" / "config").open("a") as file:
        file.write(f"[core]\n\tfsmonitor = touch {trap}\n\tpager = touch {trap}\n")
    group.run("collect", str(repository.parent))
    assert set(placed(group)) == {("ada", CHAPTER)}
    assert stamp(group, "ada") == "2026-10-12 21:30:00.000000 UTC\n"
    assert not trap.exists()


def test_moodles_worksheet_dates_its_submissions_in_the_time_zone_of_the_class(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    name = "Zoë Łukasiewicz-Strauß_9003_assignsubmission_file_/1_powers.ipynb"
    download = write_zip(tmp_path / "moodle.zip", {name: notebook_of()})
    worksheet = tmp_path / "Grades.csv"
    worksheet.write_text(
        "\ufeffIdentifier,Full name,Status,Grade,Last modified (submission)\n"
        "Participant 9002,Jörg Müller,No submission,,-\n"
        'Participant 9003,Zoë Łukasiewicz-Strauß,Submitted,,"Monday, 12 October 2026, 11:30 PM"\n',
        "utf-8",
    )
    status, _ = group.run("collect", str(download), str(worksheet))
    assert status == 0
    assert stamp(group, "zoe") == "2026-10-12 21:30:00.000000 UTC\n"


def test_the_exchange_is_dated_by_its_folder_also_where_names_have_no_colons(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    files = {
        "ada+1_powers+2026-10-12 21_03_05.123456 UTC+x7/1_powers.ipynb": notebook_of(),
        "zoe+1_powers+2026-10-12 21:03:05 UTC+x8/1_powers.ipynb": notebook_of(),
        "zoe+1_powers+2026-10-12 21:03:05 UTC+x8/timestamp.txt": "2026-10-12 21:03:06.5 UTC",
    }
    group.run("collect", str(write_folder(tmp_path / "inbound", files)))
    assert stamp(group, "ada") == "2026-10-12 21:03:05.123456 UTC\n"
    assert stamp(group, "zoe") == "2026-10-12 21:03:06.500000 UTC\n"


def test_late_work_without_a_time_is_asked_about_until_it_has_one(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    name = "lovelaceada_LATE_12345_777_1_powers.ipynb"
    download = str(write_zip(tmp_path / "canvas.zip", {name: notebook_of()}))
    status, printed = group.run("collect", download)
    assert status == 1
    assert "ada Ada Lovelace · 1_powers: late, but the download does not say when" in printed
    status, _ = group.run("collect", download, "--handed-in", "2026-10-14T09:00")
    assert (status, stamp(group, "ada")) == (0, "2026-10-14 07:00:00.000000 UTC\n")
    status, printed = group.run("collect", download, "--handed-in", "soon")
    assert status == 2
    assert "--handed-in 'soon': no time; write 2026-10-12T18:00" in printed


def test_one_students_time_is_no_other_students(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    names = ("lovelaceada_LATE_12345_777_1_powers.ipynb", "oneillconor_9_778_1_powers.ipynb")
    download = write_zip(tmp_path / "canvas.zip", {name: notebook_of(name) for name in names})
    _, printed = group.run("collect", str(download))
    (line,) = lines(printed)
    assert "with --student ada --handed-in TIME" in line
    late = ("--student", "ada", "--handed-in", "2026-10-14T09:00")
    status, printed = group.run("collect", str(download), *late)
    assert (status, lines(printed)) == (0, [])
    assert stamp(group, "ada") == "2026-10-14 07:00:00.000000 UTC\n"
    assert stamp(group, "conor") == ""
    status, printed = group.run("collect", str(download), "--student", "adda")
    assert status == 2
    assert "--student 'adda': class.toml has no student with this id" in printed


# --- versions -------------------------------------------------------------------------------------


def exchange(student: str, when: str) -> str:
    return f"{student}+1_powers+{when} UTC+x/1_powers.ipynb"


def test_the_last_version_on_time_counts_and_all_are_kept(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    files = {
        exchange("ada", "2026-10-10 10:00:00"): notebook_of("first"),
        exchange("ada", "2026-10-12 21:59:59"): notebook_of("on time"),
        exchange("ada", "2026-10-12 22:00:01"): notebook_of("late"),
        exchange("zoe", "2026-10-13 10:00:00"): notebook_of("late"),
        exchange("zoe", "2026-10-14 10:00:00"): notebook_of("later"),
    }
    assert group.run("collect", str(write_folder(tmp_path / "inbound", files)))[0] == 0
    assert placed(group)["ada", CHAPTER] == notebook_of("on time")
    assert placed(group)["zoe", CHAPTER] == notebook_of("later")
    kept = group.layout.work / "collected" / "ada" / CHAPTER
    assert sorted(path.name[:19] for path in kept.iterdir()) == [
        "2026-10-10_10-00-00", "2026-10-12_21-59-59", "2026-10-12_22-00-01",
    ]  # fmt: skip
    group_file = group.layout.work / "class.toml"
    line = 'ada = { name = "Ada Lovelace", '
    extended = 'ada = { name = "Ada Lovelace", extensions = { 1_powers = "1 day" }, '
    group_file.write_text(group_file.read_text("utf-8").replace(line, extended), "utf-8")
    assert group.run("collect")[0] == 0  # nothing new, but what counts is picked again
    assert placed(group)["ada", CHAPTER] == notebook_of("late")
    assert stamp(group, "ada").startswith("2026-10-12 22:00:01")


def test_collecting_again_changes_nothing_and_a_newer_version_replaces_an_older_one(
    group: Course, notebook_of: Make, tmp_path: Path, fingerprint: Callable
) -> None:
    first = write_zip(tmp_path / "first.zip", {CANVAS: notebook_of("first")})
    assert group.run("collect", str(first))[0] == 0
    before = fingerprint(group.layout.work)
    status, printed = group.run("collect", str(first))
    before["collected/index.json"] = fingerprint(group.layout.work)["collected/index.json"]
    assert fingerprint(group.layout.work) == before
    assert (status, "1 there already, 0 new versions" in printed) == (0, True)
    again = CANVAS.replace("777", "778").replace(".ipynb", "-1.ipynb")
    second = write_zip(tmp_path / "second.zip", {again: notebook_of("second")})
    assert group.run("collect", str(second))[0] == 0
    assert placed(group) == {("ada", CHAPTER): notebook_of("second")}
    assert len(list((group.layout.work / "collected").rglob("*.ipynb"))) == 2


def test_a_dry_run_says_the_same_and_changes_nothing(
    group: Course, notebook_of: Make, tmp_path: Path, fingerprint: Callable
) -> None:
    download = write_zip(tmp_path / "canvas.zip", {CANVAS: notebook_of()})
    before = fingerprint(group.layout.work)
    status, printed = group.run("collect", str(download), "--dry-run")
    assert (status, "1 would be put into" in printed) == (0, True)
    assert fingerprint(group.layout.work) == before


def test_what_a_person_put_into_submitted_is_kept(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    group.hand_in("ada", notebook_of("mended by hand"))
    download = write_zip(tmp_path / "canvas.zip", {CANVAS: notebook_of("collected")})
    status, printed = group.run("collect", str(download))
    assert status == 1
    assert "was put there by a person and is kept; move it away" in printed
    assert placed(group) == {("ada", CHAPTER): notebook_of("mended by hand")}
    group.layout.submission("ada", CHAPTER).unlink()
    assert group.run("collect")[0] == 0
    assert placed(group) == {("ada", CHAPTER): notebook_of("collected")}


def test_two_notebooks_at_once_are_asked_about_unless_one_has_the_chapters_name(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    files = {
        "ada/1_powers.ipynb": notebook_of("this"),
        "ada/scratch.ipynb": notebook_of("try"),
        "zoe/1_powers.ipynb": notebook_of("one"),
        "zoe/1_powers (1).ipynb": notebook_of("two"),
        "conor/1_powers.ipynb": notebook_of("same"),
        "conor/1_powers-Copy1.ipynb": notebook_of("same"),
    }
    status, printed = group.run("collect", str(write_folder(tmp_path / "drive", files)))
    assert status == 1
    assert placed(group) == {
        ("ada", CHAPTER): notebook_of("this"), ("conor", CHAPTER): notebook_of("same"),
    }  # fmt: skip
    (line,) = lines(printed)
    assert line.startswith(
        "zoe Zoë Łukasiewicz-Strauß · 1_powers: 2 different notebooks at the same time"
    )
    collected = (group.layout.work / "collected" / "zoe" / CHAPTER).iterdir()
    (kept,) = (path for path in collected if path.read_bytes() == notebook_of("two"))
    assert f"kept as {group.layout.show(kept)}" in line
    target = group.layout.submission("zoe", CHAPTER)
    assert line.endswith(f"copy the right one to {group.layout.show(target)}")
    shutil.copy(kept, target)  # a person decides, and the folder is there
    assert group.run("collect", str(tmp_path / "drive"))[0] == 0
    assert placed(group)["zoe", CHAPTER] == notebook_of("two")


def test_of_two_downloads_canvass_newer_file_counts_and_without_its_number_it_is_asked(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    newer = CANVAS.replace("777", "1001")
    files = [
        write_zip(
            tmp_path / "b.zip", {CANVAS: notebook_of("old"), "zoe/1.ipynb": notebook_of("x")}
        ),
        write_zip(tmp_path / "a.zip", {newer: notebook_of("new"), "zoe/1.ipynb": notebook_of("y")}),
    ]
    status, printed = group.run("collect", *map(str, files), "--json")
    report = json.loads(printed[printed.index("{") :])
    assert status == 1 and report["placed"] == [["ada", CHAPTER]]
    assert [line.partition(" (")[0] for line in report["decide"]] == [
        "zoe Zoë Łukasiewicz-Strauß · 1_powers: 2 different notebooks at the same time"
    ]
    assert placed(group) == {("ada", CHAPTER): notebook_of("new")}
    assert group.run("collect")[0] == 1  # until someone decides
    group.hand_in("zoe", notebook_of("x"))
    assert group.run("collect")[0] == 0
    assert placed(group)["zoe", CHAPTER] == notebook_of("x")


def test_a_zip_in_a_zip_is_opened_and_one_folder_may_hold_several_chapters(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("powers/1_powers.ipynb", notebook_of())
        archive.writestr("roots/2_roots.ipynb", notebook_of(chapter=SECOND))
    files = {"lovelaceada_12345_777_both.zip": inner.getvalue()}
    assert group.run("collect", str(write_zip(tmp_path / "canvas.zip", files)))[0] == 0
    assert set(placed(group)) == {("ada", CHAPTER), ("ada", SECOND)}


def test_of_a_whole_course_only_what_was_worked_on_counts_but_an_untouched_notebook_alone_does(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    untouched = {
        chapter: group.layout.released(chapter).read_bytes() for chapter in (CHAPTER, SECOND)
    }
    files = {
        "ada/1_powers/1_powers.ipynb": untouched[CHAPTER],
        "ada/2_roots/2_roots.ipynb": notebook_of(chapter=SECOND),
        "zoe/1_powers.ipynb": untouched[CHAPTER],
        "conor/1_powers.ipynb": untouched[CHAPTER],
        "conor/1_powers (1).ipynb": notebook_of(),
    }
    assert group.run("collect", str(write_zip(tmp_path / "drive.zip", files)))[0] == 0
    assert placed(group) == {
        ("ada", SECOND): notebook_of(chapter=SECOND),
        ("zoe", CHAPTER): untouched[CHAPTER],
        ("conor", CHAPTER): notebook_of(),
    }


def test_a_renamed_students_versions_follow(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    files = {exchange("ada", "2026-10-10 10:00:00"): notebook_of()}
    group.run("collect", str(write_folder(tmp_path / "inbound", files)))
    file = group.layout.work / "class.toml"
    text = file.read_text("utf-8").replace("ada = { ", 'adal = { formerly = ["ada"], ')
    file.write_text(text, "utf-8")
    assert group.run("collect")[0] == 0
    assert placed(group)["adal", CHAPTER] == notebook_of()


def test_nothing_is_written_through_a_link_out_of_the_work_folder(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    group.layout.submitted.mkdir(parents=True)
    (group.layout.submitted / "ada").symlink_to(tmp_path / "outside")
    download = write_zip(tmp_path / "canvas.zip", {CANVAS: notebook_of()})
    status, printed = group.run("collect", str(download))
    assert status == 1
    assert "a link leads out of submitted/" in printed
    assert list((tmp_path / "outside").iterdir()) == []


def test_without_students_a_list_is_asked_for(course: Course, tmp_path: Path) -> None:
    status, printed = course.run("collect", str(tmp_path))
    assert status == 1
    assert "python3 autograder class --roster FILE" in printed


# --- a download of a whole class ------------------------------------------------------------------


def test_a_question_about_two_notebooks_is_asked_until_it_is_answered(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    files = {
        CANVAS: notebook_of("one"),
        CANVAS.replace("777", "778").replace(".ipynb", " (1).ipynb"): notebook_of("two"),
    }
    group.run("collect", str(write_zip(tmp_path / "canvas.zip", files)))
    status, printed = group.run("collect")
    (line,) = lines(printed)
    assert status == 1 and line.startswith("ada Ada Lovelace · 1_powers: 2 different notebooks")
    kept = re.findall(r"kept as (\S.*?\.ipynb)", line)
    assert {Path(name).read_bytes() for name in kept} == set(files.values())
    group.hand_in("ada", notebook_of("two"))
    assert group.run("collect")[0] == 0


def test_a_time_that_is_given_dates_only_what_canvas_marks_as_late(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    files = {
        CANVAS: notebook_of("in time"),
        "muellerjoerg_LATE_12346_780_1_powers.ipynb": notebook_of("late"),
        "oneillconor_LATE_12398_781_1_powers.ipynb": notebook_of("later"),
    }
    download = str(write_zip(tmp_path / "canvas.zip", files))
    _, printed = group.run("collect", download)
    late = [line for line in lines(printed) if "late, but the download does not say when" in line]
    assert [line.partition(":")[0] for line in late] == [
        "conor Conor O'Neill, jmueller Jörg Müller · 1_powers"
    ]
    group.run("collect", download, "--handed-in", "2026-10-14T09:00")
    assert (stamp(group, "ada"), stamp(group, "conor")[:10]) == ("", "2026-10-14")


def test_a_later_download_dates_what_is_newly_late_and_no_one_else(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    first = {"lovelaceada_LATE_12345_777_1_powers.ipynb": notebook_of("ada")}
    second = {"oneillconor_LATE_12398_781_1_powers.ipynb": notebook_of("conor")}
    monday = str(write_zip(tmp_path / "monday.zip", first))
    friday = str(write_zip(tmp_path / "friday.zip", first | second))
    group.run("collect", monday, "--handed-in", "2026-10-13T09:00")
    group.run("collect", friday, "--handed-in", "2026-10-16T09:00")
    assert (stamp(group, "ada")[:10], stamp(group, "conor")[:10]) == ("2026-10-13", "2026-10-16")
    group.run("collect", friday, "--student", "ada", "--handed-in", "2026-10-14T09:00")
    assert stamp(group, "ada")[:10] == "2026-10-14"


def test_a_time_that_a_person_noted_in_submitted_stays(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    name = CANVAS.replace("_123", "_LATE_123")
    download = str(write_zip(tmp_path / "canvas.zip", {name: notebook_of()}))
    assert group.run("collect", download)[0] == 1
    note = group.layout.submission("ada", CHAPTER).with_name("timestamp.txt")
    note.write_text("2026-10-13 08:00:00 UTC\n")
    assert group.run("collect", download)[0] == 0
    assert note.read_text() == "2026-10-13 08:00:00 UTC\n"


def test_what_is_refused_says_whose_it_is(group: Course, notebook_of: Make, tmp_path: Path) -> None:
    inner = in_a_zip({"1_powers.ipynb": notebook_of()}, 1)["ada.zip"].replace(b"1_p", b"../")
    files = {
        "lovelaceada_12345_777_essay.pdf": b"%PDF",
        "muellerjoerg_LATE_12346_778_homework.zip": inner, "oneillconor_7_9_hw.7z": b"7z",
    }  # fmt: skip
    _, printed = group.run("collect", str(write_zip(tmp_path / "canvas.zip", files)))
    asked, *refused = lines(printed)
    assert "(ada Ada Lovelace) handed in" in asked
    assert [line.partition(" (")[2].partition("): ")[0] for line in refused] == [
        "jmueller Jörg Müller", "conor Conor O'Neill",
    ]  # fmt: skip


def test_who_handed_in_another_chapter_than_all_others_is_said(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    files = {
        CANVAS: notebook_of(),
        "muellerjoerg_12346_778_1_powers.ipynb": notebook_of(),
        "oneillconor_12398_781_1_powers.ipynb": notebook_of(),
        "garcialopezmariadelcarmen_99_7_1_powers.ipynb": notebook_of(chapter=SECOND),
    }
    status, printed = group.run("collect", str(write_zip(tmp_path / "canvas.zip", files)))
    (line,) = lines(printed)
    assert status == 1 and ("maria", SECOND) in placed(group)
    assert line.startswith("maria María del Carmen García López · 2_roots: handed in where the ")


def test_moodles_worksheet_says_which_of_two_with_the_same_name(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    names = {n: f"Wei Zhang_{n}_assignsubmission_file_/1_powers.ipynb" for n in (501, 502)}
    files = {names[n]: notebook_of(str(n)) for n in names}
    worksheet = tmp_path / "Grades.csv"
    worksheet.write_text(
        "Identifier,Full name,Email address,Status,Grade,Last modified (submission)\n"
        'Participant 502,Wei Zhang,wei1@example.org,Submitted,,"12 October 2026, 11:30 PM"\n'
        'Participant 501,Wei Zhang,wei2@example.org,Submitted,,"12 October 2026, 11:31 PM"\n',
        "utf-8",
    )
    download = write_zip(tmp_path / "moodle.zip", files)
    assert group.run("collect", str(download), str(worksheet))[0] == 0
    assert placed(group) == {
        ("wei1", CHAPTER): notebook_of("502"), ("wei2", CHAPTER): notebook_of("501"),
    }  # fmt: skip


# --- what one student makes of it does not reach the others ---------------------------------------


def zipped(files: dict[str, bytes | str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


METADATA = "submission_1:\n  :submitters:\n  - :name: {}\n  :created_at: {}\n"
GRADESCOPE = {"submission_metadata.yml": METADATA.format("Conor O'Neill", "2026-10-01 10:00:00 Z")}
# What Ada may name her file, or the files in her zip, to pass for Conor or Jörg, or for punctual.
FORGED = {
    "Moodle in Canvas": "lovelaceada_12345_7_Conor O'Neill_1_assignsubmission_file_1_powers.ipynb",
    "its number in Canvas": "lovelaceada_12345_7_x_9002_assignsubmission_file_1_powers.ipynb",
    "Moodle in a zip": "ada.zip/Conor O'Neill_1_assignsubmission_file_/1_powers.ipynb",
    "Moodle in a folder": "ada/Conor O'Neill_1_assignsubmission_file_/1_powers.ipynb",
    "Canvas in a zip": "ada.zip/x_12346_777_1_powers.ipynb",
    "the exchange": "ada.zip/conor+1_powers+2026-10-01 10:00:00 UTC+x/1_powers.ipynb",
    "an early time": "ada.zip/ada+1_powers+2026-10-01 10:00:00 UTC+x/1_powers.ipynb",
    "Gradescope": "ada.zip/submission_1/1_powers.ipynb",
}


@pytest.mark.parametrize("name", FORGED.values(), ids=FORGED)
def test_no_name_that_a_student_gives_a_file_makes_it_anothers_or_earlier(
    group: Course, notebook_of: Make, tmp_path: Path, name: str
) -> None:
    outer, zip_, inner = name.partition(".zip/")
    files = {name: notebook_of()}
    if zip_:
        files = {f"{outer}.zip": zipped({inner: notebook_of(), **GRADESCOPE})}
    group.run("collect", str(write_folder(tmp_path / "download", files)))
    assert set(placed(group)) <= {("ada", CHAPTER)}
    assert stamp(group, "ada") == ""


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{one}: &{one} [{','.join([f'*{before}'] * 10)}]\n"
    for before, one in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("metadata", "called"),
    [
        (LAUGHS + METADATA.format("*i", "2026-10-01"), "submission_1"),
        (METADATA.format("Ada Lovelace", "0001-01-01 00:00:00 +10:00"), ""),
        (METADATA.format("Ada Lovelace", "9999-12-31 23:59:00 -10:00"), ""),
    ],
    ids=["a text that doubles", "year 1", "year 9999"],
)
def test_no_metadata_costs_memory_or_ends_the_run(
    group: Course, notebook_of: Make, tmp_path: Path, metadata: str, called: str
) -> None:
    files = {"a/submission_metadata.yml": metadata, "a/submission_1/1_powers.ipynb": notebook_of()}
    _, printed = group.run("collect", str(write_zip(tmp_path / "download.zip", files)))
    if called:
        assert f"nobody in class.toml is called {called};" in printed
    else:
        assert set(placed(group)) == {("ada", CHAPTER)} and stamp(group, "ada") == ""


@pytest.mark.skipif(os.name != "posix", reason="names of any bytes")
def test_a_name_that_is_no_text_is_collected_and_noted(
    group: Course, notebook_of: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "download" / "ada"
    folder.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/1_powers\xff.ipynb")).write_bytes(notebook_of())
    assert group.run("collect", str(folder.parent))[0] == 0
    assert set(placed(group)) == {("ada", CHAPTER)}
    assert group.run("collect")[0] == 0  # the index can be read


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("../{}.ipynb", "ask for the notebook itself (and 49 more like this)"),
        ("x{}.ipynb", "ask for the .ipynb file again (and 49 more like this)"),
        ("1_powers{}.ipynb", "; and 44 more); copy the right one to"),
    ],
    ids=["paths", "unknown", "versions"],
)
def test_however_many_files_a_student_hands_in_they_are_one_line(
    group: Course, notebook_of: Make, tmp_path: Path, name: str, line: str
) -> None:
    files = {name.format(n): f"{n}" for n in range(50)}
    download = {"ada.zip": zipped(files), "zoe/1_powers.ipynb": notebook_of()}
    status, printed = group.run("collect", str(write_folder(tmp_path / "download", download)))
    assert status == 1 and set(placed(group)) == {("zoe", CHAPTER)}
    (found,) = lines(printed)
    assert line in found and "ada" in found


def test_what_is_kept_of_one_hand_in_and_listed_of_one_zip_is_bounded(
    group: Course, notebook_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.desk.collect.MOST_AT_ONCE", 3 * 4 * 2**20)
    monkeypatch.setattr("autograder.desk.archives.MOST_FILES", 10)
    many = zipped({f"{n}.ipynb": b"" for n in range(8)})
    download = {
        "conor.zip": zipped({f"1_powers{n}.ipynb": notebook_of(f"{n}") for n in range(9)}),
        "muellerjoerg_12346_7_hw.zip": zipped({"a.zip": many, "b.zip": many}),
        "zoe/1_powers.ipynb": notebook_of(),
    }
    status, printed = group.run("collect", str(write_zip(tmp_path / "download.zip", download)))
    assert status == 1 and ("zoe", CHAPTER) in placed(group)
    assert "conor.zip (conor Conor O'Neill): more than 3 notebooks" in printed
    assert printed.count("too many files in it") == 1 and "hw.zip (jmueller" in printed
    assert len(list((group.layout.work / "collected").rglob("*.ipynb"))) == 4


def test_a_repository_that_git_can_not_read_is_one_line_and_asked_once(
    group: Course, notebook_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.desk.repositories.PATIENCE", 0.5)
    classroom = tmp_path / "powers-submissions"
    files = {"1_powers/1_powers.ipynb": notebook_of(), "2_roots/a.ipynb": b"", "b.ipynb": b""}
    write_folder(classroom / "powers-ada-l", files)
    head = write_folder(classroom / "powers-ada-l" / ".git", {"HEAD": "ab" + "c" * 38}) / "HEAD"
    pipe = head.parent / "objects" / head.read_text()[:2] / head.read_text()[2:]
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    write_folder(classroom / "powers-conor", files)
    commit(classroom / "powers-conor", "@99999999999999 +0000")
    status, printed = group.run("collect", str(classroom))
    assert status == 1 and set(placed(group)) >= {("ada", CHAPTER), ("conor", CHAPTER)}
    said = [re.split("[ :]", line)[0] for line in lines(printed) if "Git can't tell" in line]
    assert sorted(said) == ["powers-ada-l", "powers-conor"]


def test_a_file_of_brackets_is_refused_before_it_takes_the_memory() -> None:
    with pytest.raises(NotANotebook, match="too much memory"):
        read_notebook(b'{"nbformat": 4, "cells": [' + b"[]," * 2_000_000 + b"[]]}")
