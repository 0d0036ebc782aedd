import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course.lint import faults, released_faults, words_of

ROOT = Path(__file__).resolve().parents[3]
CHAPTERS = sorted(path.name for path in (ROOT / "solutions").iterdir() if path.is_dir())


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_chapter_keeps_to_the_contract(chapter: str) -> None:
    assert faults(ROOT / "solutions" / chapter / f"{chapter}.ipynb") == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_released_chapter_shows_no_answer_and_no_hidden_test(chapter: str) -> None:
    assert released_faults(ROOT / "course" / chapter / f"{chapter}.ipynb") == []


def marks(name: str, **more: object) -> dict:
    grading = {"grade_id": name, "schema_version": 3, "task": False, "grade": False}
    return {"nbgrader": {**grading, "solution": False, "locked": True, **more}}


SOLUTION = '''def double(x):
    """Return 2 x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
'''

SOUND_TEST = '''"""Exercise 9.1 · double (2 points)"""
@scenario
def twice(x):
    return double(double(x))

check_close(double(3.0), 6.0, what="double(3.0)")
check_close(twice(1.0), 4.0, what="twice")
'''

SOUND = [
    ("title", "md", "# 9 · Double\n\nYou'll do, You'll learn, You'll need; 5 minutes."),
    ("symbols", "md", "| symbol | code | shape | meaning |\n|---|---|---|---|"),
    ("imports", "setup", "import numpy as np\nfrom byhand.checks import check_close, scenario"),
    ("part", "md", "## Part"),
    ("heading", "md", "### Exercise 9.1 · Double a number (2 points)\n\n*About 1 minute.*"),
    ("double", "solution", SOLUTION),
    ("double-try", "code", "double(2.0)  # expect 4"),
    ("double-test", "test", SOUND_TEST),
    ("progress-text", "md", "## How far"),
    ("progress", "code", "progress.show()"),
    ("end", "md", "## Where to read on"),
]


def chapter_of(tmp_path: Path, **changed: tuple[str, str]) -> Path:
    cells = []
    for name, kind, source in SOUND:
        kind, source = changed.get(name.replace("-", "_"), (kind, source))
        if kind == "md":
            cells.append(new_markdown_cell(source, id=name))
            continue
        metadata = {
            "setup": marks(name) | {"tags": ["setup"]},
            "solution": marks(name, solution=True, locked=False),
            "code": {},
            "test": marks(name, grade=True, points=2),
        }[kind]
        cells.append(new_code_cell(source, id=name, metadata=metadata))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    path = tmp_path / "9_double.ipynb"
    nbformat.write(notebook, path)
    return path


def test_a_sound_chapter_has_no_faults(tmp_path: Path) -> None:
    assert faults(chapter_of(tmp_path)) == []


TEST = '"""Exercise 9.1 · double (2 points)"""\n'


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("np.pi = 3", "sets the attribute pi"),
        ("setattr(np, 'pi', 3)", "calls setattr"),
        ("double = abs", "defines double, which is the student's"),
        ("assert double + 1", "does more with double than call it"),
        ("double.__name__", "does more with double than call it"),
        ("double(1.0)(2.0)", "calls what a student's function returned"),
        ("r = double([1.0])\nr[0] = 5", "changes r, which a student's function returned"),
        ("r = double([1.0])\nr.append(5)", "changes r, which a student's function returned"),
        ("r = double(1.0)\nr += 5", "changes r, which a student's function returned"),
        ("unknown(3)", "reads unknown, which it does not define"),
        ("k = 2\n@scenario\ndef s():\n    return double(k)", "scenario s reads k"),
        ("### BEGIN HIDDEN TESTS", "BEGIN HIDDEN TESTS without its END"),
        ("def half(:", "syntax error"),
    ],
)
def test_a_test_cell_that_could_not_run_elsewhere_is_refused(
    tmp_path: Path, source: str, fault: str
) -> None:
    found = faults(chapter_of(tmp_path, double_test=("test", TEST + source)))
    assert any("double-test" in line and fault in line for line in found), found


def test_a_class_of_the_students_is_used_in_scenarios_only(tmp_path: Path) -> None:
    solution = SOLUTION.replace("def double(x)", "class double").replace("return 2 * x", "x = 2")
    found = faults(chapter_of(tmp_path, double=("solution", solution)))
    assert any("uses the class double outside a scenario" in line for line in found)


def test_a_scenario_may_use_what_a_given_cell_defines(tmp_path: Path) -> None:
    test = TEST + (
        "@scenario\ndef s():\n    return helper(double)\ncheck_close(s(), 4.0, what='s')"
    )
    path = chapter_of(tmp_path, double_test=("test", test))
    raw = json.loads(path.read_text("utf-8"))
    cell = new_code_cell("def helper(f):\n    return f(2)", id="helper", metadata=marks("helper"))
    raw["cells"].insert(5, cell)
    path.write_text(json.dumps(raw), "utf-8")
    assert faults(path) == []


def test_an_exercise_without_points_needs_no_solution_and_no_test(tmp_path: Path) -> None:
    path = chapter_of(tmp_path)
    raw = json.loads(path.read_text("utf-8"))
    position = next(k for k, cell in enumerate(raw["cells"]) if cell["id"] == "progress-text")
    text = "### Exercise 9.2 · Look around (0 points)\n\n*About 3 minutes.*"
    raw["cells"].insert(position, new_markdown_cell(text, id="heading-2"))
    path.write_text(json.dumps(raw), "utf-8")
    assert faults(path) == []


@pytest.mark.parametrize(("star", "sound"), [(" ★", True), ("", False)])
def test_a_stretch_part_may_carry_the_number_of_its_exercise(
    tmp_path: Path, star: str, sound: bool
) -> None:
    path = chapter_of(tmp_path)
    raw = json.loads(path.read_text("utf-8"))
    position = next(k for k, cell in enumerate(raw["cells"]) if cell["id"] == "progress-text")
    text = f"### Exercise 9.1{star} · Double twice (0 points)\n\n*About 3 minutes.*"
    raw["cells"].insert(position, new_markdown_cell(text, id="heading-2"))
    path.write_text(json.dumps(raw), "utf-8")
    assert (faults(path) == []) is sound


def test_a_name_that_later_student_cells_read_is_refused(tmp_path: Path) -> None:
    path = chapter_of(
        tmp_path, double_test=("test", TEST + "size = 3\ncheck_close(double(size), 6.0, what='')")
    )
    raw = json.loads(path.read_text("utf-8"))
    raw["cells"].append(new_code_cell("print(size)", id="later"))
    path.write_text(json.dumps(raw), "utf-8")
    assert any("defines size, which a later cell reads" in line for line in faults(path))


@pytest.mark.parametrize(
    ("cell", "kind", "source", "fault"),
    [
        ("double_test", "test", "double(1)", "its first line must be a docstring"),
        ("double_test", "test", TEST.replace("2 points", "3 points"), "must be a docstring"),
        ("double_try", "md", "Nothing to try.", "no try-it cell behind this solution"),
        ("double", "solution", "def double(x):\n    return x", "no BEGIN SOLUTION"),
        ("double", "solution", "def double(x):\n    return x", "double has no docstring"),
        ("heading", "md", "### Exercise 9.1 · Double (2 points)", "no '*About N minutes.*'"),
        ("heading", "md", "### Exercise 9.1 · Double (5 points)", "the heading says 5 points"),
        ("heading", "md", "### Exercise 9.2 · Double (2 points)", "number them from 9.1"),
        ("heading", "md", "#### Deep", "a heading of rank 4 follows one of rank 2"),
        ("symbols", "md", "![](a.png)", "a picture without alt text"),
        ("symbols", "md", "word " * 121, "121 words"),
        ("symbols", "md", "None.", "the chapter has no '| symbol"),
        ("title", "md", "# 9 · Double", 'the opening does not say "You\'ll do"'),
        ("double_try", "code", "plt.show()", "plt.show has no alt text"),
        ("double_try", "code", "\n".join(f"x{k} = {k}" for k in range(16)), "16 lines of code"),
        ("double_try", "code", "double_explorer()", "no prediction before this explorer"),
    ],
)
def test_a_breach_is_named_with_its_cell(
    tmp_path: Path, cell: str, kind: str, source: str, fault: str
) -> None:
    found = faults(chapter_of(tmp_path, **{cell: (kind, source)}))
    assert any(fault in line for line in found), found


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"outputs": [{"output_type": "stream", "name": "stdout", "text": "4"}]}, "has outputs"),
        ({"execution_count": 3}, "has outputs"),
        ({"id": "double"}, "2 cells have this id"),
        ({"metadata": {"collapsed": True}}, "its metadata holds collapsed"),
        ({"metadata": marks("other")}, "its grade_id is other"),
    ],
)
def test_a_breach_of_the_files_form_is_named(tmp_path: Path, change: dict, fault: str) -> None:
    path = chapter_of(tmp_path)
    raw = json.loads(path.read_text("utf-8"))
    next(cell for cell in raw["cells"] if cell["id"] == "double-try").update(change)
    path.write_text(json.dumps(raw), "utf-8")
    found = faults(path)
    assert any(fault in line for line in found), found


def test_words_are_counted_without_formulas_tables_and_folded_hints() -> None:
    text = "Two words $a + b$.\n\n$$c d e$$\n\n| no | table |\n\n<details>folded hint</details>"
    assert words_of(text) == 3


@pytest.mark.parametrize(
    ("name", "source", "fault"),
    [
        ("double-try", "shown = double(2.0)", "a later cell reads shown"),
        ("double-try", "print(double(2.0))", None),
        ("imports", "import numpy as np", "it is a setup cell"),
    ],
)
def test_a_cell_that_is_not_run_when_grading_is_needed_by_no_later_one(
    tmp_path: Path, name: str, source: str, fault: str | None
) -> None:
    path = chapter_of(tmp_path, progress=("code", "progress.show()\nprint(shown)"))
    raw = json.loads(path.read_text("utf-8"))
    cell = next(cell for cell in raw["cells"] if cell["id"] == name)
    cell["source"] = source
    cell["metadata"]["tags"] = [*cell["metadata"].get("tags", []), "figure"]
    path.write_text(json.dumps(raw), "utf-8")
    found = [line for line in faults(path) if "tagged figure" in line]
    assert (fault in found[0]) if fault else not found
