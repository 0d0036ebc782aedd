from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder import environment

ROOT = Path(__file__).resolve().parents[2]
OWN = {"byhand", "autograder"}
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")  # that the pins were tested with
CONDA_NAMES = {"playwright-python": "playwright"}
PIP_ONLY = {"axe-playwright-python"}  # for two tests, which are skipped without it


def read_project(folder: str) -> dict:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text("utf-8"))["project"]


def read_environment() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))


def declared() -> dict[str, Requirement]:
    """Return what both packages need to release, grade, teach and be tested."""
    course, autograder = read_project("course"), read_project("autograder")
    texts = [
        *course["dependencies"],
        *course["optional-dependencies"]["lab"],
        *autograder["dependencies"],
        *autograder["optional-dependencies"]["test"],
    ]
    requirements = map(Requirement, texts)
    return {item.name: item for item in requirements if item.name not in OWN}


def pins(python: str) -> dict[str, str]:
    """Return the versions that are pinned for one Python, each package once."""
    lines = (ROOT / "autograder" / "constraints.txt").read_text("utf-8").splitlines()
    entries = [Requirement(line) for line in lines if line and not line.startswith("#")]
    chosen = [
        (canonicalize_name(entry.name), str(entry.specifier).removeprefix("=="))
        for entry in entries
        if entry.marker is None or entry.marker.evaluate({"python_version": python})
    ]
    assert len(chosen) == len(dict(chosen))
    return dict(chosen)


def test_conda_and_pip_install_the_same_packages_with_the_same_lower_bounds():
    entries = [entry for entry in read_environment()["dependencies"] if isinstance(entry, str)]
    conda = {}
    for entry in entries:
        name, _, bound = entry.partition(">=")
        conda[CONDA_NAMES.get(name, name)] = bound
    python = conda.pop("python")
    assert conda.pop("pip") == ""
    wanted = {name: str(item.specifier)[2:] for name, item in declared().items()}
    assert conda == {name: bound for name, bound in wanted.items() if name not in PIP_ONLY}
    assert read_project("course")["requires-python"] == f">={python}"
    assert read_project("autograder")["requires-python"] == f">={python}"


def test_conda_installs_both_packages_of_this_checkout_last():
    conda = read_environment()
    assert conda["name"] == "backprop-by-hand"
    assert conda["channels"] == ["conda-forge"]
    assert conda["dependencies"][-1] == {"pip": ["-e ./course", "-e ./autograder"]}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", declared())
def test_the_pinned_version_is_in_the_declared_range(name, python):
    assert declared()[name].specifier.contains(pins(python)[canonicalize_name(name)])


def test_every_python_has_the_same_packages_pinned():
    assert len({frozenset(pins(python)) for python in PYTHONS}) == 1


def test_the_start_refuses_the_pythons_that_the_packages_refuse():
    text = (ROOT / "autograder" / "__main__.py").read_text("utf-8")
    for project in ("course", "autograder"):
        oldest = read_project(project)["requires-python"].removeprefix(">=")
        assert f"OLDEST_PYTHON = ({oldest.replace('.', ', ')})" in text
        assert f"another Python, {oldest} or newer" in environment.NO_VERSION


def hashed() -> list[tuple[Requirement, list[str]]]:
    """Return what graders install: each requirement with the hashes of its files."""
    text = (ROOT / "autograder" / "requirements-grader.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    entries = "\n".join(lines).replace("\\\n", " ").splitlines()
    parts = [re.split(r"\s+--hash=", entry) for entry in entries]
    return [(Requirement(first), hashes) for first, *hashes in parts]


@pytest.mark.parametrize("python", PYTHONS)
def test_graders_install_the_pinned_versions_by_their_hashes(python):
    linux = {
        "python_version": python, "python_full_version": f"{python}.0", "os_name": "posix",
        "sys_platform": "linux", "implementation_name": "cpython",
    }  # fmt: skip
    chosen = {}
    for entry, hashes in hashed():
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes)
        if entry.marker is None or entry.marker.evaluate(linux):
            chosen[canonicalize_name(entry.name)] = str(entry.specifier).removeprefix("==")
    assert chosen.items() <= pins(python).items()
    needed = all_needed("byhand", "autograder", extras={"autograder": ("postgres", "cluster")})
    assert python != PYTHONS[0] or needed <= set(chosen)


def all_needed(*todo: str, extras: dict[str, tuple[str, ...]]) -> set[str]:
    """Return the packages that these pull in, on this machine; not themselves."""
    waiting, seen = list(todo), set()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        for requirement in map(Requirement, metadata.requires(name) or ()):
            marker = requirement.marker
            wanted = extras.get(name, ("",))
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in wanted):
                waiting.append(requirement.name)
    return seen - OWN


def test_all_that_is_installed_for_the_course_is_pinned():
    needed = all_needed("byhand", "autograder", extras={"autograder": ("test",)})
    assert needed <= set(pins(PYTHONS[0]))


def test_constraints_name_no_host_and_not_pytorch():
    text = (ROOT / "autograder" / "constraints.txt").read_text("utf-8")
    entries = [line for line in text.splitlines() if not line.startswith("#")]
    pin = r'[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+(; python_version (<|>=) "3\.\d+")?'
    assert all(re.fullmatch(pin, entry) for entry in entries)
    assert "torch" not in pins(PYTHONS[0])
    hashes = (ROOT / "autograder" / "requirements-grader.txt").read_text("utf-8")
    assert not re.search(r"://|^--|@", hashes, re.MULTILINE)
