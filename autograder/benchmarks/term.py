"""A term of a class of 300: what Canvas and Moodle give an instructor, with fifty oddities.

    python3 autograder/benchmarks/term.py DIR [--students 300]    # rosters and downloads
    python3 autograder/benchmarks/term.py DIR --time              # from there to pages, timed
    python3 autograder/benchmarks/term.py DIR --check WORK        # what became of the oddities

Half of the class uses Canvas, half Moodle. The answers are the known ones of `tests/answers`, as
able as the student. What `term_oddities.py` expects is written into DIR before anything is
collected; put what the commands print into DIR/said.txt, and the check reads that too.
"""

from __future__ import annotations

import argparse
import copy
import csv
import io
import json
import random
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import nbformat
from term_check import check
from term_oddities import CHAPTER, ODDITIES, Oddity, dump, zipped
from term_time import time_term

from autograder.cli import use_this_environment
from autograder.course.answers import read_answers
from autograder.course.sample_class import find_questions, make_class
from autograder.desk.versions import digest
from autograder.layout import Layout

HERE = Layout.here()
START = datetime(2026, 10, 12, 23, 59)  # when chapter 1 is due; a chapter a fortnight
FIRST = (
    "Ada Zoë Jörg Wei María Conor Aisha Łukasz Søren Nguyễn Chloé Priya Tomás Ingrid Kwame Yuki "
    "Olga José Fatima Liam Noor Björn Anaïs Émile Rania Dmitri Mei Ayşe Håkon Siân Jean-Luc "
    "Anna-Lena Mary-Kate"
).split()
LAST = (
    "Lovelace|Müller|Strauß|Zhang|García López|O'Neill|Khan|Łukasiewicz|Ørsted|Văn Minh|Dupont|"
    "Patel|Núñez|Bergström|Mensah|Tanaka|Ivanova|da Silva|El-Sayed|Byrne|van der Berg|Smith-Jones|"
    "Çelik|de la Cruz|Kowalski|Nakamura|Schröder|Popescu|Fernández|Andersson|D'Angelo|Li|Kim|Park"
).split("|")


@dataclass
class Person:
    """One student, as both systems know them."""

    number: int
    first: str
    last: str
    able: float
    system: str
    oddity: Oddity | None = None
    late: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        """The folder in `submitted`."""
        return f"s{self.number:04}"

    @property
    def name(self) -> str:
        """First and last."""
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        """Known to Moodle only."""
        return f"{self.id}@example.org"

    def is_(self, what: str) -> object:
        """Return what an oddity says about the person."""
        return self.oddity and self.oddity.student.get(what)


def main() -> None:
    """Make the class if it is not there; play its term, or check what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--time", action="store_true", help="play the term in a new work folder")
    parser.add_argument("--check", type=Path, metavar="WORK")
    options = parser.parse_args()
    use_this_environment()
    if options.check:
        check(options.folder, HERE.with_work(options.check))
        return
    if not (options.time and (options.folder / "expected.json").is_file()):
        make(options.folder, options.students)
    if options.time:
        time_term(HERE, options.folder, {c: due(week) for week, c in enumerate(HERE.chapters())})


# --- the class ------------------------------------------------------------------------------------


def make(folder: Path, count: int) -> None:
    """Write rosters, a download for each chapter and system, and what is expected."""
    rng = random.Random(0)
    people = make_people(count, rng)
    folder.mkdir(parents=True, exist_ok=True)
    write_rosters(folder, people)
    expected = []
    released = {c: HERE.released(c).read_bytes() for c in HERE.chapters()}
    for week, chapter in enumerate(HERE.chapters()):
        packs: dict[str, dict[str, bytes]] = {"canvas": {}, "moodle": {}}
        times: dict[str, datetime] = {}
        for person in people:
            files = {f"{chapter}.ipynb": honest(chapter, person, rng)}
            odd = person.oddity if chapter == CHAPTER else None
            if odd:
                files = odd.files(right_notebook(chapter), released)
                expected.append(expectation(person, odd, files))
            elif person.oddity and chapter == person.oddity.chapter:
                continue  # it came with chapter 1
            elif rng.random() > 0.99 - 0.06 * week * (1 - person.able):
                continue
            late = bool(odd and (person.is_("late") or person.is_("extension")))
            late = late or (not odd and rng.random() < 0.03)
            times[person.id] = due(week) + timedelta(
                hours=rng.uniform(1, 60) if late else rng.gauss(-40, 12)
            )
            named = canvas_names if person.system == "canvas" else moodle_names
            packs[person.system] |= named(person, week, files, late)
        (folder / f"canvas-{chapter}-submissions.zip").write_bytes(zipped(packs["canvas"]))
        (folder / f"BBH-{chapter}-{4711 + week}.zip").write_bytes(zipped(packs["moodle"]))
        write_worksheet(folder / f"Grades-BBH-{chapter}--{4711 + week}.csv", people, week, times)
    content = json.dumps(expected, indent=1, ensure_ascii=False)
    (folder / "expected.json").write_text(content, "utf-8")
    print(
        f"{count} students, {len(HERE.chapters())} chapters, {len(expected)} oddities in {folder}"
    )


def due(week: int) -> datetime:
    """Return when a chapter is due."""
    return START + timedelta(weeks=2 * week)


def make_people(count: int, rng: random.Random) -> list[Person]:
    """Return the class; some names are there twice, in each system."""
    names = [(first, last) for first in FIRST for last in LAST]
    rng.shuffle(names)
    people = []
    for number, (first, last) in zip(range(count), names, strict=False):
        system = "canvas" if number % 2 == 0 else "moodle"
        people.append(Person(number, first, last, rng.betavariate(4, 1.6), system))
    for system in ("canvas", "moodle"):
        own = [person for person in people if person.system == system]
        odd = [oddity for oddity in ODDITIES if oddity.system == system]
        for person, oddity in zip(rng.sample(own, len(odd)), odd, strict=True):
            person.oddity = oddity
        plain = [person for person in own if person.oddity is None]
        for namesake, other in zip((p for p in own if p.is_("namesake")), plain, strict=False):
            other.first, other.last = namesake.first, namesake.last
        for person in own:
            if person.is_("decomposed"):
                person.first, person.last = "Zoë", "Müller-Çelik"
    return people


@cache
def known(chapter: str) -> tuple[nbformat.NotebookNode, dict[str, str], list]:
    """Return a chapter as released, the right answers by cell, and the known ones."""
    source = nbformat.read(HERE.source(chapter), as_version=4)
    released = nbformat.read(HERE.released(chapter), as_version=4)
    right = make_class(source, released, {})[0].content
    solutions = {name for question in find_questions(source) for name in question.solutions}
    cells = {cell["id"]: cell["source"] for cell in nbformat.reads(right, as_version=4).cells}
    answers = read_answers(HERE.root / "autograder" / "tests" / "answers" / f"{chapter}.py")
    return released, {name: cells[name] for name in solutions}, answers


def right_notebook(chapter: str) -> dict:
    """Return a notebook without a mistake."""
    released, right, _ = known(chapter)
    notebook = copy.deepcopy(released)
    for cell in notebook["cells"]:
        cell["source"] = right.get(cell["id"], cell["source"])
    return notebook


def honest(chapter: str, person: Person, rng: random.Random) -> bytes:
    """Return what a student hands in: answers as good as they are, the usual mistakes first."""
    notebook = right_notebook(chapter)
    released, right, answers = known(chapter)
    stubs = {cell["id"]: cell["source"] for cell in released.cells}
    for cell in notebook["cells"]:
        name = cell["id"]
        if name not in right:
            continue
        mine = [a.source for a in answers if a.cell == name and a.verdict == "right"]
        wrong = [a.source for a in answers if a.cell == name and a.verdict == "wrong"]
        cell["source"] = rng.choice([right[name], *mine])
        if wrong and rng.random() > person.able:
            place = min(int(rng.expovariate(0.8)), len(wrong) - 1)
            cell["source"] = stubs[name] if rng.random() < 0.2 else wrong[place]
        if rng.random() < 0.3:
            cell["source"] += f"\n# checked by {person.first}, try {rng.randrange(1, 9)}"
    return dump(notebook)


# --- how the systems pack -------------------------------------------------------------------------


def canvas_names(
    person: Person, week: int, files: dict[str, bytes], late: bool
) -> dict[str, bytes]:
    """Return files as Canvas calls them in "Download submissions"."""
    last = "Newname" if person.is_("renamed") else person.last
    name = re.sub(r"[^\w]|_", "", f"{last}{person.first}").lower()
    name = "byronlord" if person.is_("unknown") else name
    user = 990000 + person.number if person.is_("second_account") else canvas_id(person)
    user = 995555 if person.is_("unknown") else user
    late_ = "_LATE" if late else ""
    return {
        f"{name}{late_}_{user}_{800000 + 1000 * week + 3 * person.number + place}_{file}": content
        for place, (file, content) in enumerate(files.items())
    }


def moodle_names(
    person: Person, week: int, files: dict[str, bytes], late: bool
) -> dict[str, bytes]:
    """Return files as Moodle calls them in "Download all submissions"."""
    name = f"{person.is_('group') or ''}{person.name}"
    name = unicodedata.normalize("NFD", name) if person.is_("decomposed") else name
    folder = f"{name}_{participant_id(person, week)}_assignsubmission"
    return {
        f"{folder}_{'onlinetext' if file == 'onlinetext.html' else 'file'}_/{file}": content
        for file, content in files.items()
    }


def canvas_id(person: Person) -> int:
    """Return the number of an account in Canvas."""
    return 12000 + person.number


def participant_id(person: Person, week: int) -> int:
    """Return Moodle's number of a participant, which is another one in each assignment."""
    return 90000 + 1000 * week + person.number


def enrolled(people: list[Person], system: str) -> Iterator[Person]:
    """Yield whom a system knows."""
    return (p for p in people if p.system == system and not p.is_("unknown"))


def write_rosters(folder: Path, people: list[Person]) -> None:
    """Write Canvas's gradebook and Moodle's list of participants and gradebook."""
    works = [f"{chapter} ({500 + week})" for week, chapter in enumerate(HERE.chapters())]
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *works],
        ["    Points Possible", "", "", "", "", *["60"] * len(works)],
    ]
    for p in enrolled(people, "canvas"):
        shown = f"{p.last}, {p.first}"
        rows.append([shown, str(canvas_id(p)), f"m{p.number:05}", p.id, "A", *[""] * len(works)])
    rows.append(["Student, Test", "99", "", "0f3a", "A", *[""] * len(works)])
    write_csv(folder / "canvas-gradebook.csv", rows)
    people_ = list(enrolled(people, "moodle"))
    head = ["First name", "Last name", "ID number", "Email address"]
    own = [[p.first, p.last, p.id, p.email] for p in people_]
    write_csv(folder / "moodle-participants.csv", [[*head, "Groups"], *[[*r, "B"] for r in own]])
    works = [f"Assignment: {chapter} (Real)" for chapter in HERE.chapters()]
    rows = [[*head, *works, "Course total (Real)"]]
    write_csv(folder / "moodle-gradebook.csv", [*rows, *[[*r, *["-"] * 7] for r in own]])


def write_worksheet(
    path: Path, people: list[Person], week: int, times: dict[str, datetime]
) -> None:
    """Write Moodle's grading worksheet of one assignment."""
    rows = [[
        "Identifier", "Full name", "ID number", "Email address", "Status", "Grade",
        "Maximum Grade", "Grade can be changed", "Last modified (submission)",
        "Last modified (grade)", "Feedback comments",
    ]]  # fmt: skip
    for p in enrolled(people, "moodle"):
        time = times.get(p.id)
        said = f"{time:%A, %-d %B %Y, %-I:%M %p}" if time else "-"
        status = "Submitted for grading" if time else "No submission"
        number = f"Participant {participant_id(p, week)}"
        rows.append(
            [number, p.name, p.id, p.email, status, "", "60.00", "Yes", said, "-", ""]
        )  # fmt: skip
    write_csv(path, rows)


def write_csv(path: Path, rows: list[list[str]]) -> None:
    """Write a table as these systems do."""
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    path.write_text(stream.getvalue(), "utf-8-sig")


# --- what is expected of it -----------------------------------------------------------------------


def expectation(person: Person, odd: Oddity, files: dict[str, bytes]) -> dict:
    """Return what is expected of one oddity, as JSON."""
    content = at(files, odd.counts) if odd.counts else None
    questions = find_questions(nbformat.read(HERE.source(odd.chapter), as_version=4))
    points = sum(
        sum(question.points.values())
        for question in questions
        if not set(question.solutions) & set(odd.lost)
    )
    return {
        "student": person.id, "name": person.name, "oddity": odd.name, "expected": odd.expected,
        "system": odd.system, "chapter": odd.chapter,
        "sha256": digest(content) if content is not None else None,
        "points": points if odd.points is None else odd.points,
        "says": odd.says, "quiet": odd.quiet, "person": odd.student,
    }  # fmt: skip


def at(files: dict[str, bytes], path: str) -> bytes:
    """Return a file, in archives or not."""
    if path in files:
        return files[path]
    name, _, rest = path.partition(".zip/")
    with zipfile.ZipFile(io.BytesIO(files[f"{name}.zip"])) as archive:
        return at({info.filename: archive.read(info) for info in archive.infolist()}, rest)


if __name__ == "__main__":
    main()
