"""A new exercise, complete from the start: cells, a check, and answers that prove the check.

What is written passes the lint, the release and the proof by answers as it is: a small example, to
be replaced part by part. Every part that an author must replace says TODO.
"""

from __future__ import annotations

import ast
import builtins
import json
import keyword
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.lint.minutes import SENTENCE, minutes_of, sentence
from autograder.course.lint.names import bound_names
from autograder.course.notebooks import Cell, exercises_of, read_cells
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.layout import Layout

NAME = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*")
LONGEST_NAME = 40  # a cell's id has 64 characters at most

TASK = """### Exercise {number} ★ · {title} (1 point)

*About 5 minutes.* ●○○ Write `{function}`, the slope of $x^2$. TODO: what to find, not the formula.

`x` is a number or an array of any shape. The result has the shape of `x`.

<details><summary>Hint 1</summary>

TODO: a question that leads to the first step.

</details>
"""
ANSWER = '''def {function}(x):
    """Return the slope of ``x ** 2`` at `x` (float or ndarray), shape of `x`."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
'''
TRY_IT = "{function}(3.0)  # expect 6"
TEST = '''"""Exercise {number} · {words}: values (1 point)"""
exercise.{function}_values({function})
### BEGIN HIDDEN TESTS
exercise.{function}_values({function}, draw=318)
### END HIDDEN TESTS
'''
COMPARE = r"""<details><summary>Compare: the derivation</summary>

TODO: every step with its reason.

$$\frac{(x + h)^2 - x^2}{h} = 2x + h \;\longrightarrow\; 2x$$

</details>
"""

IMPORT = "from byhand.exercises import {package} as exercise"
CHECK = '''"""Exercise {number}: {words}."""

from __future__ import annotations

from byhand.checks import check_close, check_unchanged
from byhand.differences.calls import Function
from byhand.exercises.samples import points


def {function}_values({function}: Function, draw: int = 0) -> None:
    """Check the values, for a number and for an array; x is left as it was."""
    x = points(draw)
    check_close(
        check_unchanged({function}, x, what="{function}"),
        2 * x,
        what="{function}(x)",
        x=x,
        mistakes={{
            "the factor 2 is missing": x,
            "the sign is wrong": -2 * x,
            "this is x squared, not its slope": x**2,
            "the size of x is taken": 2 * abs(x),
            "2 is added: multiply by it": x + 2,
        }},
    )
    check_close({function}(1.5 + draw), 3.0 + 2 * draw, what=f"{function}({{1.5 + draw}})")
'''

ANSWERS = '"""Right and wrong answers to chapter {chapter}; see `autograder.course.answers`."""\n'
PROOFS = """
# %% {id} | right | adds x to itself
def {function}(x):
    return x + x


# %% {id} | wrong | the factor 2 is missing
def {function}(x):
    return x


# %% {id} | wrong | the sign is wrong
def {function}(x):
    return -2 * x


# %% {id} | wrong | returns the square instead of its slope
def {function}(x):
    return x**2


# %% {id} | wrong | the size of x is taken
def {function}(x):
    return 2 * abs(x)


# %% {id} | wrong | adds 2 instead of multiplying by it
def {function}(x):
    return x + 2
"""


@dataclass(frozen=True)
class NewExercise:
    """What was written.

    Attributes
    ----------
    number, title : str
        Of the exercise.
    cell : str
        The id of its solution cell.
    files : dict of Path to str
        What each file that was written now has more.
    """

    number: str
    title: str
    cell: str
    files: dict[Path, str]


def add_exercise(layout: Layout, chapter: str, name: str) -> NewExercise:
    """Add an exercise after the chapter's last one, with its check and answers.

    Parameters
    ----------
    layout
        The folders of the course.
    chapter
        The chapter's folder in `solutions`.
    name
        Names the function to write, such as ``softplus_slope``.

    Raises
    ------
    UserError
        For a name that no function can have or that the chapter has already; nothing is written.
    """
    source = layout.source(chapter)
    cells = read_cells(source)
    function = _function_name(name)
    package = re.sub(r"\W", "_", chapter.partition("_")[2] or chapter)
    checks = layout.course / "byhand" / "exercises" / package / f"{function}.py"
    answers = layout.root / "autograder" / "tests" / "answers" / f"{chapter}.py"
    words = {
        "number": _next_number(cells, chapter),
        "title": function.replace("_", " ").capitalize(),
        "words": function.replace("_", " "),
        "function": function,
        "package": package,
        "chapter": chapter.split("_")[0],
        "id": function.replace("_", "-"),
    }
    new_cells = _cells(words)
    _refuse_known(cells, checks, function, {cell["id"] for cell in new_cells}, chapter)
    contents = {
        source: _with_cells(source, cells, new_cells, IMPORT.format(**words)),
        checks: CHECK.format(**words),
        checks.with_name("__init__.py"): _with_check(checks, f"{function}_values", words),
        answers: _extended(answers, words),
    }
    says = [
        "task, answer cell, try-it cell, check, comparison",
        "the check",
        "the check, for the notebook to import",
        "1 right answer, 3 wrong",
    ]
    for path, content in contents.items():
        write_atomically(path, content)
    write_atomically(source, _with_minutes(source))
    files = dict(zip(contents, says, strict=True))
    return NewExercise(words["number"], words["title"], words["id"], files)


def _with_minutes(source: Path) -> str:
    """Return the notebook's text with an opening that says how long the chapter takes now."""
    core, stretch = minutes_of(read_cells(source))
    right = sentence(core.total, stretch.total)
    return SENTENCE.sub(right, source.read_text("utf-8"), count=1)


def _function_name(name: str) -> str:
    function = name.replace("-", "_")
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise UserError(
            f"{name!r} cannot be an exercise's name; name the function to write, in lower case and "
            f"at most {LONGEST_NAME} characters, such as softplus_slope",
            status=2,
        )
    if keyword.iskeyword(function) or hasattr(builtins, function):
        raise UserError(f"{name!r} is a word of Python; choose another name", status=2)
    return function


def _next_number(cells: list[Cell], chapter: str) -> str:
    numbers = [int(exercise.number.split(".")[1]) for exercise in exercises_of(cells)]
    return f"{chapter.split('_')[0]}.{max(numbers, default=0) + 1}"


def _refuse_known(
    cells: list[Cell], checks: Path, function: str, ids: set[str], chapter: str
) -> None:
    known = {
        name: f"cell {cell.id}"
        for cell in cells
        if cell.kind != "markdown"
        for name in bound_names(cell.tree())
    }
    known |= {cell.id: f"cell {cell.id}" for cell in cells}
    where = [known[name] for name in sorted({function, *ids} & known.keys())]
    where += [checks.name] if checks.is_file() else []
    if where:
        raise UserError(f"{chapter} has {function} already ({where[0]}); choose another name", 2)


def _cells(words: dict[str, str]) -> list[dict[str, Any]]:
    name = words["id"]
    grading = {"grade": False, "grade_id": name, "locked": False, "schema_version": 3,
               "solution": True, "task": False}  # fmt: skip
    test = {"grade": True, "grade_id": f"{name}-test", "locked": True, "points": 1,
            "schema_version": 3, "solution": False, "task": False}  # fmt: skip
    heading = f"exercise-{words['number'].replace('.', '-')}"
    return [
        _cell("markdown", heading, TASK.format(**words)),
        _cell("code", name, ANSWER.format(**words), nbgrader=grading),
        _cell("code", f"{name}-try", TRY_IT.format(**words), tags=["figure"]),
        _cell("code", f"{name}-test", TEST.format(**words), nbgrader=test),
        _cell("markdown", f"{name}-compare", COMPARE),
    ]


def _cell(cell_type: str, name: str, source: str, **metadata: Any) -> dict[str, Any]:
    code = {"execution_count": None} if cell_type == "code" else {}
    outputs: dict[str, Any] = {"outputs": []} if cell_type == "code" else {}
    lines = source.rstrip("\n").splitlines(keepends=True)
    rest = {"id": name, "metadata": metadata, **outputs, "source": lines}
    return {"cell_type": cell_type, **code, **rest}


def _with_cells(source: Path, cells: list[Cell], new_cells: list[dict[str, Any]], line: str) -> str:
    """Return the notebook's text with cells after its last exercise and an import in its set-up."""
    exercises = exercises_of(cells)
    if exercises:
        position = cells.index(exercises[-1].cells[-1]) + 1
    else:  # before the chapter's last section
        ends = [k for k, cell in enumerate(cells) if cell.source.startswith("## ")]
        position = ends[-1] if ends else len(cells)
    setups = [
        k for k, cell in enumerate(cells) if cell.kind == "setup" and "\nfrom " in cell.source
    ]
    if not setups:
        raise UserError(f"{source.name} has no cell tagged setup that imports byhand; add one", 2)
    notebook = json.loads(source.read_text(encoding="utf-8"))
    notebook["cells"][setups[0]]["source"] = _with_import(cells[setups[0]], line)
    notebook["cells"][position:position] = new_cells
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _with_import(cell: Cell, line: str) -> list[str]:
    """Return a cell's lines with an import where isort wants it, among those of `byhand`."""
    lines = cell.source.splitlines(keepends=True)
    if line in cell.source.split("\n"):
        return lines
    last = 0
    for node in cell.tree().body:
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        if module.startswith("byhand"):
            if module > "byhand.exercises":
                break
            last = node.end_lineno or 0
    return [*lines[:last], f"{line}\n", *lines[last:]]


def _with_check(checks: Path, name: str, words: dict[str, str]) -> str:
    """Return the text of a package's `__init__` with one check more."""
    package = checks.with_name("__init__.py")
    docstring = f"The checks of chapter {words['chapter']}."
    names = {f"byhand.exercises.{words['package']}.{checks.stem}": [name]}
    if package.is_file():
        tree = ast.parse(package.read_text(encoding="utf-8"))
        docstring = ast.get_docstring(tree) or docstring
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module:
                names[node.module] = [alias.name for alias in node.names]
    lines = [f'"""{docstring}"""', ""]
    for module, found in sorted(names.items()):
        lines += [f"from {module} import (", *(f"    {name}," for name in sorted(found)), ")"]
    public = sorted(name for found in names.values() for name in found)
    lines += ["", "__all__ = [", *(f'    "{name}",' for name in public), "]"]
    return "\n".join(lines) + "\n"


def _extended(answers: Path, words: dict[str, str]) -> str:
    before = answers.read_text(encoding="utf-8") if answers.is_file() else ANSWERS
    return before.rstrip("\n") + "\n" + PROOFS.format(**words)
