"""What every chapter's notebook keeps to, as a lint.

`faults` reads a source notebook and returns one line for each breach: which cell, what, what to do.
The rules on test cells are what lets them run outside the student's process: a test calls a
student's function by value, hands it to a check, or runs a scenario beside it, and nothing else.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from autograder.course.notebooks import (
    HIDDEN_TESTS,
    RELEASE_INSTEAD,
    SOLUTION,
    Cell,
    Exercise,
    exercises_of,
    nbgrader_metadata,
    read_cells,
)
from byhand.progress import check_of

WORDS, LINES, LINES_OF_A_LAYER = 120, 15, 25
NOT_FOR_STUDENTS = (SOLUTION.begin, SOLUTION.end, HIDDEN_TESTS.name, RELEASE_INSTEAD)
MUTATORS = {"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update",
            "fill", "setdefault", "popitem", "add", "discard", "put", "resize"}  # fmt: skip


def faults(notebook: Path) -> list[str]:
    """Return the breaches of a source notebook, none if it is sound.

    Parameters
    ----------
    notebook : Path
        A chapter in ``solutions/``.

    Returns
    -------
    list of str
        ``cell <id>: <what and what to do>``, in order of the rules.

    Raises
    ------
    OSError, ValueError, KeyError
        If the file cannot be read or is no notebook.
    """
    cells = read_cells(notebook)
    exercises = exercises_of(cells)
    found = [*file_faults(notebook), *text_faults(cells), *code_faults(cells)]
    if found and any("syntax error" in fault for fault in found):
        return found
    for exercise in exercises:
        found += exercise_faults(exercise)
    numbers = [
        exercise.number
        for before, exercise in zip([None, *exercises], exercises, strict=False)
        if not (exercise.stretch and before and before.number == exercise.number)
    ]  # the stretch part of an exercise carries its number
    chapter = notebook.stem.split("_")[0]
    expected = [f"{chapter}.{k + 1}" for k in range(len(numbers))]
    if numbers != expected:
        found.append(f"exercises are numbered {', '.join(numbers)}: number them from {chapter}.1")
    return [*found, *test_faults(cells), *frame_faults(cells), *figure_faults(cells)]


def released_faults(notebook: Path) -> list[str]:
    """Return what a released notebook shows and must not: solutions, hidden tests, outputs."""
    found = []
    for cell in read_cells(notebook):
        shown = [mark for mark in NOT_FOR_STUDENTS if mark in cell.source]
        if shown:
            found.append(f"cell {cell.id}: shows {shown[0]!r}; release the chapter anew")
        if cell.raw.get("outputs"):
            found.append(f"cell {cell.id}: has outputs; release the chapter anew")
    return found


# --- the file -------------------------------------------------------------------------------------


def file_faults(notebook: Path) -> Iterator[str]:
    """Yield breaches of the file's form."""
    raw = json.loads(notebook.read_text(encoding="utf-8"))  # nbformat would mend what it reads
    form = (raw.get("nbformat"), raw.get("nbformat_minor"))
    if form != (4, 5):
        yield f"the file has format {form[0]}.{form[1]}: convert it to 4.5"
    if raw["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield "the kernel is not python3: choose it in JupyterLab and save"
    if extra := set(raw["metadata"]) - {"kernelspec", "language_info"}:
        yield f"the notebook's metadata holds {', '.join(sorted(extra))}: remove it"
    for name, count in Counter(cell.get("id") for cell in raw["cells"]).items():
        if count > 1 or not name:
            yield f"cell {name}: {count} cells have this id; give each one of its own"
    for cell in raw["cells"]:
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"cell {cell['id']}: has outputs; run nbstripout --keep-id on the file"
        grade_id = nbgrader_metadata(cell).get("grade_id", cell["id"])
        if grade_id != cell["id"]:
            yield f"cell {cell['id']}: its grade_id is {grade_id}; make both the same"
        if extra := set(cell["metadata"]) - {"nbgrader", "tags"}:
            yield f"cell {cell['id']}: its metadata holds {', '.join(sorted(extra))}; remove it"


# --- prose ----------------------------------------------------------------------------------------


def text_faults(cells: list[Cell]) -> Iterator[str]:
    """Yield breaches in markdown cells: length, alt texts, ranks of headings."""
    rank = 0
    for cell in cells:
        if cell.kind != "markdown":
            continue
        if (count := words_of(cell.source)) > WORDS:
            yield f"cell {cell.id}: {count} words; split it, {WORDS} is the most"
        if re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]+\")", cell.source):
            yield f"cell {cell.id}: a picture without alt text; say what it shows"
        for marks in re.findall(r"^(#{1,6}) ", cell.source, flags=re.MULTILINE):
            if len(marks) > rank + 1:
                yield f"cell {cell.id}: a heading of rank {len(marks)} follows one of rank {rank}"
            rank = len(marks)


def words_of(markdown: str) -> int:
    """Return the number of words a reader meets at once: no formulas, tables, folded hints."""
    text = re.sub(r"<details>.*?</details>", " ", markdown, flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$[^$]*\$", " x ", text)
    text = re.sub(r"^\|.*$", " ", text, flags=re.MULTILINE)
    return len(re.findall(r"[^\W_][\w'’-]*", text))


def frame_faults(cells: list[Cell]) -> Iterator[str]:
    """Yield what the chapter's opening, explorers and end lack."""
    first = cells[0].source if cells else ""
    for part in ("You'll do", "You'll learn", "You'll need", "minutes"):
        if part not in first:
            yield f"cell {cells[0].id if cells else '?'}: the opening does not say {part!r}"
    text = "\n".join(cell.source for cell in cells)
    for part in ("| symbol | code | shape | meaning |", "progress.show()", "## Where to read on"):
        if part not in text:
            yield f"the chapter has no {part!r}"
    for before, cell, after in zip(cells, cells[1:], cells[2:], strict=False):
        if re.search(r"^\w+_explorer\(", cell.source, flags=re.MULTILINE):
            if "**Predict" not in before.source:
                yield f"cell {cell.id}: no prediction before this explorer; ask for one"
            if after.kind != "markdown" or after.source.startswith("#"):
                yield f"cell {cell.id}: no sentence of conclusion after this explorer; add one"
    for cell in cells:
        if re.search(r"\bplt\.show\(", cell.source):
            yield f"cell {cell.id}: plt.show has no alt text; use figures.show(fig, alt=...)"


# --- code -----------------------------------------------------------------------------------------


def code_faults(cells: list[Cell]) -> Iterator[str]:
    """Yield syntax errors, cells that are too long, unbalanced markers."""
    for cell in cells:
        if cell.kind == "markdown":
            continue
        try:
            tree = cell.tree()
        except SyntaxError as error:
            yield f"cell {cell.id}: syntax error in line {error.lineno}: {error.msg}"
            continue
        for node in ast.walk(tree):
            if cell.kind in ("solution", "code") and isinstance(node, ast.FunctionDef):
                if (count := lines_of(node, cell.source)) > LINES_OF_A_LAYER:
                    yield f"cell {cell.id}: {node.name} has {count} lines; split it"
        loose = [n for n in tree.body if not isinstance(n, ast.FunctionDef | ast.ClassDef)]
        count = sum(lines_of(node, cell.source) for node in loose)
        if cell.kind == "code" and count > LINES:
            yield f"cell {cell.id}: {count} lines of code; split it, {LINES} is the most"
        for kind, region in (("solution", SOLUTION), ("test", HIDDEN_TESTS)):
            begin = cell.source.count(region.begin)
            if begin != cell.source.count(region.end):
                yield f"cell {cell.id}: BEGIN {region.name} without its END, or the reverse"
            if begin and cell.kind != kind:
                yield f"cell {cell.id}: BEGIN {region.name} in a {cell.kind} cell"


def lines_of(node: ast.AST, source: str) -> int:
    """Return the lines of code of a statement: no docstrings, comments or blank lines."""
    lines = set(range(node.lineno, node.end_lineno + 1))
    for part in ast.walk(node):
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant):
            lines -= set(range(part.lineno, part.end_lineno + 1))
    text = source.split("\n")
    return sum(bool(t := text[n - 1].strip()) and not t.startswith("#") for n in lines)


def figure_faults(cells: list[Cell]) -> Iterator[str]:
    """Yield where a cell that is not run when grading is needed by a later one."""
    for position, cell in enumerate(cells):
        tags = cell.raw["metadata"].get("tags", [])
        if set(tags) - {"setup", "figure"}:
            yield f"cell {cell.id}: unknown tags {tags}; there are setup and figure"
        if "figure" not in tags:
            continue
        if cell.kind != "code":
            yield f"cell {cell.id}: tagged figure, but it is a {cell.kind} cell; remove the tag"
            continue
        later = {
            name
            for other in cells[position + 1 :]
            if other.kind != "markdown"
            for name in loaded_names(other.tree()) - inner_names(other.tree())
        }
        for name in sorted(bound_names(cell.tree()) & later):
            yield f"cell {cell.id}: tagged figure, but a later cell reads {name}; remove the tag"


def exercise_faults(exercise: Exercise) -> Iterator[str]:
    """Yield breaches of an exercise's anatomy: heading, solution, try-it cell, tests, points."""
    name = f"exercise {exercise.number}"
    solutions, tests = exercise.of_kind("solution"), exercise.of_kind("test")
    if not exercise.minutes:
        yield f"{name}: no '*About N minutes.*' under the heading"
    for cell in exercise.of_kind("markdown"):
        if cell.source.count("<details>") > 3:
            yield f"{name}: more than three hints in cell {cell.id}"
    if not exercise.points and not tests:
        return  # something to run and read; nothing is graded
    if not solutions or not tests:
        yield f"{name}: needs a solution cell and a test cell"
        return
    for cell in solutions:
        after = exercise.cells[exercise.cells.index(cell) + 1 :]
        if not after or after[0].kind != "code":
            yield f"cell {cell.id}: no try-it cell behind this solution"
        if SOLUTION.begin not in cell.source:
            yield f"cell {cell.id}: no BEGIN SOLUTION"
        for node in cell.tree().body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not ast.get_docstring(node):
                yield f"cell {cell.id}: {node.name} has no docstring"
    if sum(cell.points for cell in tests) != exercise.points:
        yield f"{name}: the heading says {exercise.points} points, its tests give another sum"
    for cell in tests:
        check = check_of(cell.source)
        if not check or check.exercise != exercise.number or check.points != cell.points:
            yield (
                f"cell {cell.id}: its first line must be a docstring "
                f"'Exercise {exercise.number} · ... ({cell.points} points)'"
            )


# --- test cells -----------------------------------------------------------------------------------


def test_faults(cells: list[Cell]) -> Iterator[str]:
    """Yield what keeps test cells from running outside the student's process."""
    student, classes, given = set(), set(), set()
    for cell in cells:
        if cell.kind in ("solution", "given"):  # both run beside the student's code
            student |= bound_names(cell.tree())
            classes |= {n.name for n in cell.tree().body if isinstance(n, ast.ClassDef)}
        elif cell.kind == "setup":
            given |= bound_names(cell.tree())
    beside = given | set(dir(builtins))
    for position, cell in enumerate(cells):
        if cell.kind != "test":
            continue
        tree = cell.tree()
        own = bound_names(tree)
        for name in sorted(own & student):
            yield f"cell {cell.id}: defines {name}, which is the student's; choose another name"
        later = {
            name
            for other in cells[position + 1 :]
            if other.kind not in ("test", "markdown")
            for name in loaded_names(other.tree()) - inner_names(other.tree())
        }
        for name in sorted(own & later - given):
            yield f"cell {cell.id}: defines {name}, which a later cell reads; choose another name"
        scenarios = [node for node in ast.walk(tree) if is_scenario(node)]
        inside = {id(part) for node in scenarios for part in ast.walk(node)}
        for node in scenarios:
            unknown = loaded_names(node) - inner_names(node) - student - beside - {"scenario"}
            for name in sorted(unknown):
                yield f"cell {cell.id}: scenario {node.name} reads {name}; pass it as an argument"
        outside = [node for node in ast.walk(tree) if id(node) not in inside]
        names = {n.id for n in outside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        for name in sorted(names - own - inner_names(tree) - student - beside):
            yield f"cell {cell.id}: reads {name}, which it does not define"
        for fault in reach_faults(tree, inside, student, classes):
            yield f"cell {cell.id}: {fault}"


def reach_faults(
    tree: ast.Module, inside: set[int], student: set[str], classes: set[str]
) -> Iterator[str]:
    """Yield where a test does more with a student's object than call it or pass it on."""
    passed: set[int] = set()
    results: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            passed |= {id(node.func), *map(id, node.args)}
            passed |= {id(word.value) for word in node.keywords}
            passed |= {id(a.value) for a in node.args if isinstance(a, ast.Starred)}
        if isinstance(node, ast.Assign) and calls(node.value, student):
            results |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Name) and node.id in student and isinstance(node.ctx, ast.Load):
            if node.id in classes:
                yield f"uses the class {node.id} outside a scenario; write a scenario"
            elif id(node) not in passed:
                yield f"does more with {node.id} than call it or pass it on; write a scenario"
        elif isinstance(node, ast.Call) and calls(node.func, student):
            yield "calls what a student's function returned; write a scenario"
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            yield f"sets the attribute {node.attr}; test cells patch nothing"
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("setattr", "delattr"):
            yield f"calls {node.func.id}; test cells patch nothing"
        elif isinstance(node, ast.AugAssign | ast.Subscript | ast.Call):
            target = mutated(node)
            if target in results:
                yield f"changes {target}, which a student's function returned; work on a copy"


def calls(tree: ast.AST, student: set[str]) -> bool:
    """Return whether a call of a student's function stands at the root of an expression."""
    return isinstance(tree, ast.Call) and (
        (isinstance(tree.func, ast.Name) and tree.func.id in student) or calls(tree.func, student)
    )


def mutated(node: ast.AST) -> str | None:
    """Return the name of a container that a statement changes in place, if it does."""
    target: ast.AST | None = None
    if isinstance(node, ast.AugAssign):
        target = node.target
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        target = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        target = node.func.value if node.func.attr in MUTATORS else None
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def is_scenario(node: ast.AST) -> bool:
    """Return whether a node is a function marked ``@scenario``."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(mark, ast.Name) and mark.id == "scenario" for mark in node.decorator_list
    )


def bound_names(tree: ast.Module) -> set[str]:
    """Return the names that a cell's top level binds."""
    found: set[str] = set()
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found.add(node.name)
            continue
        if isinstance(
            node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
        ):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        pending += ast.iter_child_nodes(node)
    return found


def inner_names(tree: ast.AST) -> set[str]:
    """Return every name bound anywhere inside: arguments, locals, loop variables, functions."""
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not is_load(n)}
    found |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    found |= {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.name}
    return found | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def loaded_names(tree: ast.AST) -> set[str]:
    """Return every name read anywhere inside."""
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and is_load(n)}


def is_load(name: ast.Name) -> bool:
    """Return whether a name is read here."""
    return isinstance(name.ctx, ast.Load)
