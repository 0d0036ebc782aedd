"""The package as a student gets it: a wheel, in an environment that has no repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[3]
COURSE = ROOT / "course"
CHAPTER = "1_derivatives"

# Run as a last cell: where the code of the kernel comes from.
PLACES = """
import json, sys
print(json.dumps({k: m.__file__ for k, m in sys.modules.items() if getattr(m, "__file__", None)}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(
        # the test extra brings the build backend, so that no network is needed
        [sys.executable, "-m", "pip", "wheel", COURSE, "--no-deps", "--no-build-isolation"],
        cwd=folder,
    )
    (found,) = folder.glob("byhand-*.whl")
    return found


@pytest.fixture
def python(wheel: Path, tmp_path: Path) -> Path:
    """Return the Python of an environment that has the wheel and what it depends on.

    The dependencies are those of the tests' environment, by a .pth file: downloading them would
    take a minute. Python reads .pth files in an environment's own site-packages only, so the one
    that points from there to the repository, of the editable installation, has no effect.
    """
    venv.create(tmp_path / "environment", with_pip=False)
    found = tmp_path / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    packages = Path(
        run([found, "-c", "import sysconfig as s; print(s.get_path('purelib'))"]).strip()
    )
    run(
        [sys.executable, "-m", "pip", "--python", found, "install", wheel]
        + ["--no-deps", "--no-index", "--ignore-installed"]
    )
    shared = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "dependencies.pth").write_text("\n".join(shared), "utf-8")
    return found


def run(command: list, cwd: Path | None = None) -> str:
    """Run a command as a student's terminal would, without the tests' settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "JUPYTER", "NB"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=kept | {"PYTHONNOUSERSITE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def with_answers() -> nbformat.NotebookNode:
    """Return the released notebook, with the solutions filled in."""
    name = f"{CHAPTER}/{CHAPTER}.ipynb"
    solved = nbformat.read(ROOT / "solutions" / name, as_version=4)
    answers = {
        cell.metadata.nbgrader.grade_id: "\n".join(
            line for line in cell.source.split("\n") if not line.strip().startswith("### ")
        )
        for cell in solved.cells
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code"
    }
    released = nbformat.read(COURSE / name, as_version=4)
    for cell in released.cells:
        answer = answers.pop(cell.metadata.get("nbgrader", {}).get("grade_id"), None)
        cell.source = answer or cell.source
    assert not answers
    return released


def test_the_wheel_holds_every_module_and_the_data_files(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    sources = {path.relative_to(COURSE).as_posix() for path in COURSE.glob("byhand/**/*.py")}
    data = {"byhand/byhand.mplstyle", "byhand/digits.npz", "byhand/py.typed"}
    assert names == sources | data


@pytest.mark.slow
def test_chapter_1_runs_to_the_end_with_the_wheel_and_without_the_repository(
    python: Path, tmp_path: Path
) -> None:
    notebook = with_answers()
    notebook.cells.append(nbformat.v4.new_code_cell(PLACES))
    folder = tmp_path / CHAPTER
    folder.mkdir()
    file = folder / f"{CHAPTER}.ipynb"
    nbformat.write(notebook, file)
    run([python, "-m", "nbconvert", "--execute", "--inplace", "--to", "notebook", file], folder)

    cells = [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    explorers = sum("_explorer(" in cell.source for cell in cells)
    widgets = "application/vnd.jupyter.widget-view+json"
    assert sum(widgets in output.get("data", {}) for output in outputs) >= explorers > 0
    checks = json.loads((folder / ".byhand-progress.json").read_text("utf-8"))
    assert len(checks) == sum("Exercise" in cell.source.split("\n")[0] for cell in cells)

    places = {k: Path(v) for k, v in json.loads(cells[-1].outputs[0].text).items()}
    own = {k: place for k, place in places.items() if k.partition(".")[0] == "byhand"}
    assert {"byhand.checks", "byhand.explorers.derivatives", "byhand.figures"} <= set(own)
    assert all(python.parent.parent in place.parents for place in own.values())
    rooms = {ROOT / name for name in ("course", "solutions", "autograder")}
    assert not [place for place in places.values() if rooms & set(place.parents)]
