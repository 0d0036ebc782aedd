"""Reads what a class wrote, answer by answer, without what the course itself shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from autograder.course.notebooks import Cell, exercises_of, read_cells
from autograder.desk import fragments, simplify
from autograder.desk.classfile import ClassFile
from autograder.desk.fragments import fragments_of, parse, read_names
from autograder.desk.kept_code import KeptCode
from autograder.desk.similarity import Code, Key
from autograder.desk.versions import digest
from autograder.engine import reading
from autograder.engine import rebuild as rebuilding
from autograder.engine.reading import NotANotebook
from autograder.engine.rebuild import rebuild
from autograder.errors import UserError
from autograder.grading.submissions import Fault, find_submissions
from autograder.handed_in import Unreadable, read_submission
from autograder.layout import Layout

_CODE_IN_PROSE = re.compile(r"```python\n(.*?)```", re.DOTALL)
_COMMENT = re.compile(r"(?m)^(\s*)# ?")


class Chapter:
    """What the course itself shows in a chapter, and which cell belongs to which answer.

    Parameters
    ----------
    name
        The chapter's folder.
    source, released
        The cells of the source notebook and of the students' notebook.
    """

    def __init__(self, name: str, source: Iterable[Cell], released: Iterable[Cell]) -> None:
        self.name = name
        self._answers: dict[str, Key] = {}
        for exercise in exercises_of(list(source)):
            answers = [cell.id for cell in exercise.of_kind("solution")]
            for cell in exercise.cells if answers else ():
                if len(answers) > 1 and cell.id in answers[1:]:
                    answers = answers[answers.index(cell.id) :]
                self._answers[cell.id] = Key(name, exercise.number, answers[0])
        shown = [statement for text in _shown(released) for statement in parse(text)]
        self._imported = read_names(shown, {}).imported
        names = read_names(shown, self._imported)
        self._shown = {found.form for found in fragments_of(shown, names)}

    def read(self, cells: Iterable[tuple[str, str]]) -> dict[Key, Code]:
        """Return a student's code by answer.

        Parameters
        ----------
        cells
            Ids and sources of what the student wrote and of the course's own cells, in order; a
            cell that the course doesn't have belongs to the answer before it.
        """
        texts: dict[Key, list[str]] = {}
        key = None
        for name, source in cells:
            key = self._answers.get(name, key)
            if key is not None and source.strip():
                texts.setdefault(key, []).append(source)
        joined = {key: "\n\n".join(sources) for key, sources in texts.items()}
        parsed = {key: parse(text) for key, text in joined.items()}
        everything = [statement for body in parsed.values() for statement in body]
        names = read_names(everything, self._imported)
        return {
            key: Code(
                joined[key],
                tuple(
                    found for found in fragments_of(body, names) if found.form not in self._shown
                ),
            )
            for key, body in parsed.items()
        }


def _shown(cells: Iterable[Cell]) -> Iterable[str]:
    """Yield the code that students see on the page: cells, what is commented out, prose."""
    for cell in cells:
        if cell.kind == "markdown":
            yield from _CODE_IN_PROSE.findall(cell.source)
        else:
            yield cell.source
            if "#" in cell.source:
                yield _COMMENT.sub(r"\1", cell.source)


def read_handed_in_code(
    layout: Layout,
    group: ClassFile,
    chapters: Collection[str],
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> tuple[dict[str, dict[Key, Code]], list[Fault]]:
    """Return what each student wrote, and what can't be read.

    Parameters
    ----------
    layout
        The course and what was handed in.
    group
        The class: what was handed in under an earlier id is the student's of today.
    chapters
        Which chapters to read.
    on_progress
        Called after each notebook with the number done, the total, and whose it was.

    Raises
    ------
    UserError
        If a chapter that was handed in is not released.
    """
    submissions, faults = find_submissions(layout, chapters)
    readers: dict[str, _Reader] = {}
    students: dict[str, dict[Key, Code]] = {}
    for done, item in enumerate(submissions, 1):
        if item.chapter not in readers:
            readers[item.chapter] = _Reader(layout, item.chapter)
        try:
            answers = readers[item.chapter].read(item.path)
        except (NotANotebook, Unreadable) as error:
            faults.append(Fault(item.path, str(error), item.student, item.chapter))
        else:
            students.setdefault(group.student_of(item.student).id, {}).update(answers)
        on_progress(done, len(submissions), f"{item.student} · {item.chapter}")
    for reader in readers.values():
        reader.kept.write()
    return students, faults


class _Reader:
    """Reads the notebooks of a chapter, each one once."""

    def __init__(self, layout: Layout, name: str) -> None:
        self._source, released = layout.source(name), layout.released(name)
        if not released.is_file():
            raise UserError(
                f"{layout.show(released)}: missing, and it says what everyone was given; "
                f"run: python3 autograder release {name.split('_')[0]}"
            )
        self._chapter = Chapter(name, read_cells(self._source), read_cells(released))
        modules = (fragments, simplify, reading, rebuilding)
        made_by = [Path(__file__), *(Path(str(module.__file__)) for module in modules)]
        path = layout.work / "similarity" / f"{name}.msgpack"
        self.kept = KeptCode(path, name, [*made_by, self._source, released])

    def read(self, path: Path) -> dict[Key, Code]:
        """Return a student's code by answer."""
        content = read_submission(path, [self._source])
        notebook = digest(content)
        answers = self.kept.get(notebook)
        if answers is None:
            rebuilt = rebuild(self._source.read_bytes(), content)
            answers = self._chapter.read(
                (cell["id"], cell["source"] if cell["id"] in rebuilt.written else "")
                for cell in rebuilt.notebook["cells"]
            )
            self.kept.add(notebook, answers)
        return answers
