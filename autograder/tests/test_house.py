import re
import tomllib
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from autograder.arguments import build_parser
from autograder.layout import Layout

ROOT = Layout.here().root
PACKAGES = {"byhand": ROOT / "course", "autograder": ROOT / "autograder"}
LICENSES = ("LICENSE", "LICENSE-CC-BY-4.0")
CITATION = yaml.safe_load((ROOT / ".github" / "CITATION.cff").read_text("utf-8"))
GUIDE = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
FORM = ROOT / ".github" / "ISSUE_TEMPLATE" / "right-answer-rejected.yml"
STUDENTS_PAGE = (ROOT / "course" / "README.md").read_text("utf-8")


@pytest.fixture(scope="module", params=PACKAGES)
def wheel(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ZipFile]:
    """Build one package's wheel and open it."""
    builder = WheelBuilder(str(PACKAGES[request.param]))
    folder = tmp_path_factory.mktemp(request.param)
    (path,) = builder.build(directory=str(folder), versions=["standard"])
    with ZipFile(path) as opened:
        yield opened


def name_of(wheel: ZipFile) -> str:
    return metadata_of(wheel)["Name"]


def metadata_of(wheel: ZipFile) -> Message:
    (path,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(path))


@cache
def project_of(name: str) -> dict:
    return tomllib.loads((PACKAGES[name] / "pyproject.toml").read_text("utf-8"))["project"]


# --- the wheels -----------------------------------------------------------------------------------


def test_the_wheel_carries_both_licenses_unchanged(wheel: ZipFile) -> None:
    folder = PACKAGES[name_of(wheel)]
    carried = {Path(name).name: name for name in wheel.namelist() if "/licenses/" in name}
    assert set(carried) == set(LICENSES)
    for license in LICENSES:
        assert wheel.read(carried[license]) == (folder / license).read_bytes()
    assert metadata_of(wheel).get_all("License-File") == list(LICENSES)


def test_the_wheel_holds_every_file_of_the_package_and_no_other(wheel: ZipFile) -> None:
    name = name_of(wheel)
    folder = PACKAGES[name]
    files = (path for path in (folder / name).rglob("*") if path.is_file())
    expected = {
        path.relative_to(folder).as_posix() for path in files if "__pycache__" not in path.parts
    }
    assert {entry for entry in wheel.namelist() if ".dist-info/" not in entry} == expected
    assert f"{name}/py.typed" in expected


def test_the_metadata_say_who_what_and_for_whom(wheel: ZipFile) -> None:
    metadata = metadata_of(wheel)
    assert metadata["License-Expression"] == "MIT AND CC-BY-4.0"
    assert metadata["Author"] == "Backprop by Hand contributors"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Summary"] and metadata["Keywords"]
    readme = (PACKAGES[name_of(wheel)] / "README.md").read_text("utf-8")
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload(decode=True).decode("utf-8").strip() == readme.strip()
    classifiers = metadata.get_all("Classifier")
    pythons = [f"Programming Language :: Python :: 3.{minor}" for minor in range(11, 16)]
    wanted = {"Framework :: Jupyter", "Intended Audience :: Education", "Typing :: Typed", *pythons}
    assert wanted <= set(classifiers)
    assert not [text for text in classifiers if text.startswith("License ::")]  # an SPDX one is set


# --- licenses and versions ------------------------------------------------------------------------


@pytest.mark.parametrize("name", LICENSES)
def test_both_folders_hold_the_same_license(name: str) -> None:
    ours, theirs = ((folder / name).read_bytes() for folder in PACKAGES.values())
    assert ours == theirs


def test_the_license_names_the_digits_with_their_source() -> None:
    text = " ".join((ROOT / "course" / "LICENSE").read_text("utf-8").split())
    source = "Optical Recognition of Handwritten Digits"
    assert source in text and source in (ROOT / "course/byhand/digits.py").read_text("utf-8")
    assert "https://doi.org/10.24432/C50P49" in text and "Changed from the original" in text


def test_packages_citation_and_changelog_agree_on_the_newest_version_and_its_date() -> None:
    changelog = (ROOT / "autograder" / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2})$", changelog, re.MULTILINE)
    newest, date = versions[0]
    assert {project_of(name)["version"] for name in PACKAGES} == {newest}
    assert CITATION["version"] == newest
    assert str(CITATION["date-released"]) == date
    assert versions == sorted(versions, key=_by_version, reverse=True)


def _by_version(entry: tuple[str, str]) -> tuple[int, ...]:
    return tuple(int(number) for number in entry[0].split("."))


def test_the_citation_names_the_authors_that_the_packages_name() -> None:
    assert CITATION["cff-version"] == "1.2.0"
    for name in PACKAGES:
        assert CITATION["authors"] == project_of(name)["authors"]


# --- pages for people -----------------------------------------------------------------------------


def test_the_guide_names_only_commands_and_options_that_exist() -> None:
    (choices,) = (a.choices for a in build_parser()._actions if a.dest == "command")
    named = re.findall(r"python3 autograder ([a-z-]+)((?: --[a-z-]+)*)", GUIDE)
    assert named
    for command, options in named:
        assert command in choices
        assert set(options.split()) <= set(choices[command]._option_string_actions)


def test_the_guide_names_only_files_and_folders_that_exist() -> None:
    tops = r"(?:course|solutions|autograder|\.github|\.ci)/"
    named = set(re.findall(rf"(?<![\w/]){tops}[\w./-]*[\w/]", GUIDE))
    assert named
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_the_guide_quotes_answers_that_prove_the_checks() -> None:
    answers = [path.read_text("utf-8") for path in (ROOT / "autograder/tests/answers").glob("*.py")]
    quoted = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)[1].strip().split("\n\n\n")
    assert len(quoted) == 2
    assert all(any(answer in text for text in answers) for answer in quoted)


def test_the_students_page_installs_what_the_package_offers() -> None:
    extras = set(re.findall(r'install -e "\.\[(\w+)\]"', STUDENTS_PAGE))
    assert extras == {"lab"} <= set(project_of("byhand")["optional-dependencies"])
    for chapter in re.findall(r"\w+/\w+\.ipynb", STUDENTS_PAGE):
        assert (ROOT / "course" / chapter).is_file()


def test_the_form_for_rejected_answers_asks_for_all_that_reproduces_them() -> None:
    form = yaml.safe_load(FORM.read_text("utf-8"))
    assert form["name"] in STUDENTS_PAGE
    asked = {item["id"]: item for item in form["body"] if item["type"] != "markdown"}
    assert set(asked) == {"exercise", "answer", "message", "reason", "versions"}
    for item in asked.values():
        assert item["attributes"]["label"] and item["validations"] == {"required": True}
