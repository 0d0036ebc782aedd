"""What people do to a notebook before they hand it in, and what a fair instructor makes of it.

Each oddity turns a right notebook of chapter 1 into the files of one student. What is expected was
written down before anything was collected; `term.py --check` holds what came out against it.
"""

from __future__ import annotations

import copy
import io
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Notebook = dict[str, Any]
Files = dict[str, bytes]  # by the name that the student gave
CHAPTER, OTHER = "1_derivatives", "2_gradients"
NAME = f"{CHAPTER}.ipynb"
CELL = "relu"  # the answer that goes wrong, where one does
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


@dataclass(frozen=True)
class Oddity:
    """One way to hand in.

    Attributes
    ----------
    name : str
        What is odd.
    expected : str
        What a fair instructor makes of it, for people.
    files : callable
        Makes the files of a right notebook of the chapter and the course's released notebooks.
    counts : str
        The file whose notebook counts, in a zip after its path; "" where nothing may be taken.
    chapter : str
        What it is graded as.
    lost : tuple of str
        The answer cells that earn nothing; all others earn everything.
    points : float or None
        The score, where it isn't told by `lost`.
    says : tuple of str
        Words that `collect` or `grade` say beside the student's name.
    quiet : bool
        Whether nothing may be said about this student.
    system : str
        Where it is handed in.
    """

    name: str
    expected: str
    files: Callable[[Notebook, dict[str, bytes]], Files]
    counts: str = NAME
    chapter: str = CHAPTER
    lost: tuple[str, ...] = ()
    points: float | None = None
    says: tuple[str, ...] = ()
    quiet: bool = False
    system: str = "canvas"
    student: dict[str, Any] = field(default_factory=dict)  # what is special about the person


def dump(notebook: Notebook) -> bytes:
    """Return a notebook as Jupyter writes it."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def cell_of(notebook: Notebook, name: str) -> dict[str, Any]:
    """Return a cell by its name."""
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def answering(source: str, name: str = CELL) -> Callable[[Notebook, Any], Files]:
    """Return what hands in another answer to one cell."""

    def files(notebook: Notebook, _: object) -> Files:
        cell_of(notebook, name)["source"] = source
        return {NAME: dump(notebook)}

    return files


def prefixed(line: str, name: str = CELL) -> Callable[[Notebook, Any], Files]:
    """Return what hands in a right answer below another line."""

    def files(notebook: Notebook, _: object) -> Files:
        cell = cell_of(notebook, name)
        cell["source"] = line + "\n" + cell["source"]
        return {NAME: dump(notebook)}

    return files


def named(name: str) -> Callable[[Notebook, Any], Files]:
    """Return what hands in the notebook under another name."""
    return lambda notebook, _: {name: dump(notebook)}


def as_bytes(change: Callable[[bytes], bytes]) -> Callable[[Notebook, Any], Files]:
    """Return what hands in the notebook's bytes, changed."""
    return lambda notebook, _: {NAME: change(dump(notebook))}


def zipped(files: Files, links: tuple[str, ...] = ()) -> bytes:
    """Return an archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = ((stat.S_IFLNK if name in links else stat.S_IFREG) | 0o644) << 16
            archive.writestr(info, content)
    return stream.getvalue()


def packed(make: Callable[[Notebook, dict[str, bytes]], Files], *links: str) -> Any:
    """Return what hands in a zip of files."""
    return lambda notebook, course: {"homework.zip": zipped(make(notebook, course), links)}


def extra(source: str) -> dict[str, Any]:
    """Return a code cell that a student adds."""
    return {"cell_type": "code", "execution_count": None, "id": "mine", "metadata": {},
            "outputs": [], "source": source}  # fmt: skip


def added(cell: dict[str, Any], place: int = 3) -> Callable[[Notebook, Any], Files]:
    """Return what hands in a notebook with one cell more."""

    def files(notebook: Notebook, _: object) -> Files:
        notebook["cells"].insert(place, cell)
        return {NAME: dump(notebook)}

    return files


def _pictures(notebook: Notebook, _: object) -> Files:
    cell = {"cell_type": "markdown", "id": "sketch", "source": "My sketch: ![s](attachment:a.png)",
            "metadata": {}, "attachments": {"a.png": {"image/png": PIXEL}}}  # fmt: skip
    return added(cell)(notebook, None)


def _without(*names: str) -> Callable[[Notebook, Any], Files]:
    def files(notebook: Notebook, _: object) -> Files:
        notebook["cells"] = [cell for cell in notebook["cells"] if cell.get("id") not in names]
        return {NAME: dump(notebook)}

    return files


def _helper_below(notebook: Notebook, _: object) -> Files:
    cell_of(notebook, CELL)["source"] = (
        "def relu(x):\n    return keep_positive(x)\n\n\n"
        "def relu_derivative(x):\n    return np.where(x > 0, np.ones_like(x), np.zeros_like(x))\n"
    )
    helper = extra("def keep_positive(x):\n    return np.maximum(x, np.zeros_like(x))")
    notebook["cells"].append(helper)
    return {NAME: dump(notebook)}


def _colab(notebook: Notebook, _: object) -> Files:
    notebook = copy.deepcopy(notebook)
    notebook["nbformat_minor"] = 0
    notebook["metadata"]["colab"] = {"provenance": []}
    for cell in notebook["cells"]:
        cell["metadata"]["id"] = cell.pop("id")
        cell["source"] = cell["source"].splitlines(keepends=True)
    return {NAME: dump(notebook)}


def _flooded(notebook: Notebook, _: object) -> Files:
    cell = extra("for k in range(60_000):\n    print('step', k)")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "step\n" * 60_000}]
    return added(cell)(notebook, None)


def _crlf(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n").replace(b"\\n", b"\\r\\n")


def _two(first: str, second: str) -> Callable[[Notebook, Any], Files]:
    def files(notebook: Notebook, _: object) -> Files:
        older = copy.deepcopy(notebook)
        cell_of(older, CELL)["source"] = "def relu(x):\n    return x"
        return {first: dump(notebook), second: dump(older)}

    return files


def _edited_check(notebook: Notebook, _: object) -> Files:
    cell_of(notebook, "relu-test")["source"] = "assert True  # I know that this is right"
    return {NAME: dump(notebook)}


def _newer(notebook: Notebook, _: object) -> Files:
    notebook["metadata"]["language_info"]["version"] = "3.12.4"  # as Jupyter notes it
    return answering(NEWER)(notebook, None)


MEMORY = "def relu(x):\n    return np.ones(10**11) * x\n"
LOOP = "def relu(x):\n    while True:\n        pass\n"
NEWER = "def relu[T](x: T) -> T:\n    return x * (x > 0)\n"
LONG = "a very long name " * 12 + NAME

ODDITIES = [
    Oddity("late, and Canvas does not say when", "taken; the time is asked for", named(NAME),
           says=("late",), student={"late": True}),
    Oddity("handed in again: Canvas's -1", "the newer one, nothing said",
           named("1_derivatives-1.ipynb"), counts="1_derivatives-1.ipynb", quiet=True),
    Oddity("1_derivatives (1).ipynb alone", "taken", named("1_derivatives (1).ipynb"),
           counts="1_derivatives (1).ipynb", quiet=True),
    Oddity("an older 1_derivatives (1).ipynb beside it", "asked which one",
           _two(NAME, "1_derivatives (1).ipynb"), counts="", says=("different notebooks",)),
    Oddity("the same again as -Copy1", "taken once",
           lambda nb, _: {NAME: dump(nb), "1_derivatives-Copy1.ipynb": dump(nb)}, quiet=True),
    Oddity("a zip instead of a notebook", "opened", packed(named(NAME)),
           counts=f"homework.zip/{NAME}", quiet=True),
    Oddity("a zip in a zip", "opened",
           lambda nb, _: {"homework.zip": zipped({"in.zip": zipped({NAME: dump(nb)})})},
           counts=f"homework.zip/in.zip/{NAME}", quiet=True),
    Oddity("the whole course folder", "the chapter that was worked on, no other",
           packed(lambda nb, course: {f"backprop/{c}/{c}.ipynb": released
                                      for c, released in course.items()}
                  | {f"backprop/{CHAPTER}/{NAME}": dump(nb)}),
           counts=f"homework.zip/backprop/{CHAPTER}/{NAME}", quiet=True),
    Oddity("the notebook of another chapter", "taken as that chapter, and said",
           lambda nb, course: {f"{OTHER}.ipynb": course[OTHER]}, counts=f"{OTHER}.ipynb",
           chapter=OTHER, points=0.0, says=("2_gradients",)),
    Oddity("another chapter's name", "recognized by its cells", named("2_gradients.ipynb"),
           counts="2_gradients.ipynb", quiet=True),
    Oddity(".ipynb.txt, from a browser", "taken", named(f"{NAME}.txt"), counts=f"{NAME}.txt",
           quiet=True),
    Oddity("an empty file", "kept, no score, the student is asked for it",
           as_bytes(lambda b: b""), points=-1, says=("empty",)),
    Oddity("cut off in the middle", "kept, no score, the student is asked for it",
           as_bytes(lambda b: b[:50_000]), points=-1, says=("cut off",)),
    Oddity("UTF-16", "graded", as_bytes(lambda b: b.decode().encode("utf-16")), quiet=True),
    Oddity("a byte order mark", "graded", as_bytes(lambda b: b"\xef\xbb\xbf" + b), quiet=True),
    Oddity("CR LF", "graded", as_bytes(_crlf), quiet=True),
    Oddity("a pasted picture", "graded, shown in feedback", _pictures, quiet=True),
    Oddity("a check and an answer deleted", "the answer's points are lost, no others",
           _without(CELL, "sigmoid-test"), lost=(CELL,)),
    Oddity("a helper below the check that needs it", "full marks for what ran before; said why",
           _helper_below, points=-2),
    Oddity("syntax of Python 3.12", "that answer alone; the cause is named",
           _newer, lost=(CELL,), says=("3.12",)),
    Oddity("from tqdm import tqdm above an answer", "that answer alone; the module is named",
           prefixed("from tqdm import tqdm"), lost=(CELL,), says=("tqdm",)),
    Oddity("an endless loop", "that answer alone", answering(LOOP), lost=(CELL,)),
    Oddity("all memory", "that answer alone", answering(MEMORY), lost=(CELL,)),
    Oddity("input() in a cell of one's own", "costs nothing",
           added(extra("name = input('Who are you? ')"))),
    Oddity("!pip and %matplotlib widget", "costs nothing",
           added(extra("!pip install tqdm\n%matplotlib widget"), 2)),
    Oddity("60,000 lines of output", "costs nothing, feedback stays small", _flooded),
    Oddity("a check edited", "graded by the real check, flagged", _edited_check,
           says=("edited",)),
    Oddity("from Colab: no cell ids, sources as lists", "graded", _colab, quiet=True),
    Oddity("untouched", "0 points, no alarm", lambda nb, course: {NAME: course[CHAPTER]},
           points=0.0),
    Oddity("a path that leads out of the student's zip", "refused, the student is named",
           packed(named(f"../../{NAME}")), counts="", says=("leads out",)),
    Oddity("a zip bomb", "refused, the student is named",
           packed(lambda nb, _: {NAME: b" " * 2**26}), counts="", says=("bomb",)),
    Oddity("a symbolic link", "refused, the student is named",
           packed(lambda nb, _: {NAME: b"/etc/passwd"}, NAME), counts="", says=("link",)),
    Oddity("litter of macOS and Windows", "passed over",
           packed(lambda nb, _: {NAME: dump(nb), f"__MACOSX/._{NAME}": b"\0\5\x16\7",
                                 ".DS_Store": b"x", "Thumbs.db": b"x", "desktop.ini": b"x"}),
           counts=f"homework.zip/{NAME}", quiet=True),
    Oddity("a checkpoint beside the notebook", "passed over",
           packed(_two(NAME, f".ipynb_checkpoints/{CHAPTER}-checkpoint.ipynb")),
           counts=f"homework.zip/{NAME}", quiet=True),
    Oddity("a very long name", "taken", named(LONG), counts=LONG, quiet=True),
    Oddity("a PDF", "asked for the notebook", lambda nb, _: {f"{CHAPTER}.pdf": b"%PDF-1.7"},
           counts="", says=("no notebook",)),
    Oddity("a .7z", "asked for a zip or the notebook", lambda nb, _: {"hw.7z": b"7z\xbc\xaf"},
           counts="", says=("not a zip",)),
    Oddity("not in the class", "named, the rest goes on", named(NAME), counts="",
           says=("nobody in class.toml",), student={"unknown": True}),
    Oddity("left the class", "neither in the report nor in the export", named(NAME),
           student={"dropped": True}),
    Oddity("married: another name, the same number", "taken by the number", named(NAME),
           student={"renamed": True}, quiet=True),
    Oddity("a second account in Canvas", "matched by name", named(NAME),
           student={"second_account": True}, quiet=True),
    Oddity("one of two with the same name, by number", "matched by number", named(NAME),
           student={"namesake": True}, quiet=True),
    Oddity("late, within an extension", "full marks", named(NAME), system="moodle",
           student={"extension": True}),
    Oddity("late by Moodle's worksheet", "the deduction of class.toml", named(NAME),
           system="moodle", student={"late": True}),
    Oddity("a group before the name", "taken", named(NAME), system="moodle",
           student={"group": "Group B-"}, quiet=True),
    Oddity("accents taken apart (macOS)", "taken", named(NAME), system="moodle",
           student={"decomposed": True}, quiet=True),
    Oddity("an online text beside the file", "the file, nothing said",
           lambda nb, _: {NAME: dump(nb), "onlinetext.html": b"<p>see file</p>"},
           system="moodle", quiet=True),
    Oddity("one of two with the same name in Moodle", "matched by the worksheet", named(NAME),
           system="moodle", student={"namesake": True}, quiet=True),
    Oddity("a folder around the notebook", "taken", named(f"my work/final/{NAME}"),
           counts=f"my work/final/{NAME}", system="moodle", quiet=True),
]  # fmt: skip
