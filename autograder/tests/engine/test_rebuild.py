"""What is graded is the instructor's notebook with a student's answers, whatever comes in."""

from __future__ import annotations

import copy
import json
import tracemalloc

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.utils import compute_checksum

from autograder.course.notebooks import kind_of
from autograder.engine.reading import NotANotebook
from autograder.engine.rebuild import rebuild
from autograder.engine.released import traces_of


@pytest.fixture
def handed_in(small):
    """Return a submission as JSON, to be mangled."""
    return json.loads(small.hand_in())


def packed(notebook: object) -> bytes:
    return json.dumps(notebook).encode()


def whole(small, rebuilt) -> bool:
    """Whether the instructor's test and setup cells are there once, in order, as they were."""
    ours = json.loads(small.SOURCE)["cells"]
    locked = [(c["id"], c["source"]) for c in ours if kind_of(c) in ("test", "setup")]
    cells = rebuilt.notebook["cells"]
    there = [(c["id"], c["source"]) for c in cells if kind_of(c) in ("test", "setup")]
    names = [cell["id"] for cell in cells]
    return there == locked and len(names) == len(set(names))


def cell(notebook: dict, name: str) -> dict:
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def test_a_faithful_submission_is_taken_as_it_is(small):
    rebuilt = rebuild(small.SOURCE, small.hand_in())
    assert rebuilt.flags == []
    assert whole(small, rebuilt)
    sources = [cell["source"] for cell in json.loads(small.SOURCE)["cells"]]
    assert [cell["source"] for cell in rebuilt.notebook["cells"]] == sources


@pytest.mark.parametrize(
    ("cell_type", "marks"),
    [
        ("code", {"grade": True, "solution": True, "points": 2}),
        ("markdown", {"grade": True, "solution": True, "points": 2}),
        ("markdown", {"task": True, "points": 2}),
    ],
)
def test_an_answer_that_a_person_grades_stays_the_students(small, handed_in, cell_type, marks):
    source = json.loads(small.SOURCE)
    essay = {
        "cell_type": cell_type, "id": "essay", "source": "the model answer",
        "metadata": {"nbgrader": {"grade_id": "essay", "schema_version": 3} | marks},
    }  # fmt: skip
    source["cells"].append(essay)
    handed_in["cells"].append(essay | {"source": "mine"})
    rebuilt = rebuild(packed(source), packed(handed_in))
    assert cell(rebuilt.notebook, "essay")["source"] == "mine"
    assert rebuilt.flags == []


def edit(notebook: dict) -> None:
    cell(notebook, "cube-test")["source"] = "3.0"


def delete(notebook: dict) -> None:
    notebook["cells"].remove(cell(notebook, "cube-test"))


def duplicate(notebook: dict) -> None:
    notebook["cells"].append(copy.deepcopy(cell(notebook, "cube-test")))


def retype(notebook: dict) -> None:
    cell(notebook, "cube-test")["cell_type"] = "markdown"


def skip(notebook: dict) -> None:
    cell(notebook, "cube-test")["metadata"]["tags"] = ["skip-execution"]


def claim(notebook: dict) -> None:
    cell(notebook, "cube-test")["metadata"]["nbgrader"]["points"] = 1000


def unlock(notebook: dict) -> None:
    cell(notebook, "cube-test")["metadata"]["nbgrader"] |= {"grade": False, "solution": True}


def reverse(notebook: dict) -> None:
    notebook["cells"].reverse()


def edit_imports(notebook: dict) -> None:
    cell(notebook, "imports")["source"] += "\ncheck_close = print"


def take_a_name(notebook: dict) -> None:
    extra = copy.deepcopy(cell(notebook, "cube"))
    extra["metadata"]["nbgrader"]["grade_id"] = "slope-test"
    extra["id"] = "cube-test"
    notebook["cells"].insert(0, extra)


FORGERIES = [edit, delete, duplicate, retype, skip, claim, unlock, reverse, edit_imports,
             take_a_name]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES)
def test_forged_cells_do_not_count_and_are_flagged(small, handed_in, forge):
    forge(handed_in)
    rebuilt = rebuild(small.SOURCE, packed(handed_in))
    assert whole(small, rebuilt)
    assert rebuilt.flags
    assert cell(rebuilt.notebook, "cube-test")["metadata"]["nbgrader"]["points"] == 3


def released_by_nbgrader(notebook: dict) -> dict:
    """Return a notebook with the checksums that releasing gives to its cells."""
    notebook = copy.deepcopy(notebook)
    for one in notebook["cells"]:
        marks = one["metadata"].get("nbgrader")
        if marks:
            marks["checksum"] = compute_checksum(nbformat.from_dict(one))
    return notebook


def mend(notebook: dict) -> None:
    cell(notebook, "cube-test")["source"] += "\nassert cube(3.0) == 27.0"


def move_points(notebook: dict) -> None:
    cell(notebook, "cube-test")["metadata"]["nbgrader"]["points"] = 7


def mend_imports(notebook: dict) -> None:
    cell(notebook, "imports")["source"] += "\nimport math"


def tag(notebook: dict) -> None:
    cell(notebook, "slope-test")["metadata"]["tags"] = ["hard"]


def add_a_test(notebook: dict) -> None:
    extra = copy.deepcopy(cell(notebook, "cube-test"))
    extra["id"] = extra["metadata"]["nbgrader"]["grade_id"] = "new-test"
    notebook["cells"].append(extra)


def remove_a_test(notebook: dict) -> None:
    notebook["cells"].remove(cell(notebook, "cube-test"))


CHANGES = [mend, move_points, mend_imports, tag, add_a_test, remove_a_test]


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_instructor_changes_after_a_release_flags_nobody(small, handed_in, change):
    source = json.loads(small.SOURCE)
    change(source)
    found = rebuild(packed(source), packed(handed_in), traces_of(small.SOURCE))
    assert found.flags == []
    ids = [one["id"] for one in found.notebook["cells"]]
    assert ids == [one["id"] for one in source["cells"]]  # no test of the old release is added


@pytest.mark.parametrize("change", [mend, move_points, mend_imports, remove_a_test])
def test_an_earlier_release_is_known_by_nbgraders_checksums_alone(small, handed_in, change):
    source = json.loads(small.SOURCE)
    change(source)
    assert rebuild(packed(source), packed(released_by_nbgrader(handed_in))).flags == []


@pytest.mark.parametrize("forge", FORGERIES)
@pytest.mark.parametrize("change", CHANGES)
def test_a_forgery_is_flagged_in_an_earlier_release_too(small, handed_in, change, forge):
    source = json.loads(small.SOURCE)
    change(source)
    handed_in = released_by_nbgrader(handed_in)
    forge(handed_in)
    found = rebuild(packed(source), packed(handed_in), traces_of(small.SOURCE))
    elsewhere = forge in (reverse, edit_imports, take_a_name)
    assert found.flags or (change is remove_a_test and not elsewhere)  # of the cell that is gone


def test_a_cell_that_only_an_earlier_release_had_is_not_a_students_own(small, handed_in):
    source = json.loads(small.SOURCE)
    for notebook in (source, handed_in):
        notebook["cells"].append(small.code("print(square(3))", "show"))
    traces = traces_of(packed(source))
    cell(source, "show")["source"] = "print(square(4))"
    for known, text, own in (
        (traces, "print(square(3))", False),
        (frozenset(), "print(square(3))", True),
        (traces, "print(square(5))", True),
    ):
        cell(handed_in, "show")["source"] = text
        rebuilt = rebuild(packed(source), packed(handed_in), known)
        assert ("show" in rebuilt.written) == own
        assert cell(rebuilt.notebook, "show")["source"] == text


def test_line_ends_and_spaces_before_them_are_no_edits(small, handed_in):
    for one in handed_in["cells"]:
        one["source"] = one["source"].replace("\n", " \r\n") + "\r\n"
    rebuilt = rebuild(small.SOURCE, packed(handed_in))
    assert rebuilt.flags == []
    assert "\r" not in json.dumps(rebuilt.notebook)


@pytest.mark.parametrize("points", [10**400, -1e308, "3", [3], {"a": 3}, True, None])
def test_odd_points_and_checksums_are_flagged_and_no_more(small, handed_in, points):
    marks = cell(handed_in, "cube-test")["metadata"]["nbgrader"]
    marks["points"], marks["checksum"] = points, [points]
    (flag,) = rebuild(small.SOURCE, packed(handed_in)).flags
    assert flag.startswith("cell cube-test says points ")


def test_nothing_but_sources_survives(small, handed_in):
    handed_in["metadata"]["evil"] = "evil"
    for one in handed_in["cells"]:
        one["metadata"]["evil"] = one["evil"] = "evil"
        if one["cell_type"] == "code":
            one["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "evil"}]
    rebuilt = rebuild(small.SOURCE, packed(handed_in))
    assert "evil" not in json.dumps(rebuilt.notebook)
    assert whole(small, rebuilt)


def test_a_deleted_answer_leaves_its_place_empty(small, handed_in):
    handed_in["cells"].remove(cell(handed_in, "cube"))
    rebuilt = rebuild(small.SOURCE, packed(handed_in))
    assert "missing" in cell(rebuilt.notebook, "cube")["source"]
    assert rebuilt.flags == ["cells are missing: cube"]


def test_a_split_answer_is_run_in_its_order(small, handed_in):
    place = handed_in["cells"].index(cell(handed_in, "cube"))
    handed_in["cells"].insert(place + 1, small.code("def helper(): pass", "new"))
    handed_in["cells"].insert(place, small.code("import math", "newer"))
    rebuilt = rebuild(small.SOURCE, packed(handed_in))
    names = [one["id"] for one in rebuilt.notebook["cells"]]
    place = names.index("cube")
    assert names[place - 1 : place + 2] == ["added-1", "cube", "added-2"]
    assert rebuilt.flags == []


def test_a_pasted_copy_of_an_answer_is_run_behind_it(small, handed_in):
    copied = copy.deepcopy(cell(handed_in, "cube"))  # JupyterLab: a new id, the old metadata
    copied["id"], copied["source"] = "0a1b", "cube = None"
    handed_in["cells"].insert(handed_in["cells"].index(cell(handed_in, "cube")) + 1, copied)
    rebuilt = rebuild(small.SOURCE, packed(handed_in))
    names = [one["id"] for one in rebuilt.notebook["cells"]]
    assert names[names.index("cube") + 1] == "added-1"
    assert "more than once" in rebuilt.flags[0]


def test_cells_without_ids_are_found_by_their_marks(small, handed_in):
    handed_in["nbformat_minor"] = 4
    for one in handed_in["cells"]:
        del one["id"]
    handed_in["cells"] = [c for c in handed_in["cells"] if c["metadata"].get("nbgrader")]
    rebuilt = rebuild(small.SOURCE, packed(handed_in))
    assert whole(small, rebuilt)
    assert "def cube" in cell(rebuilt.notebook, "cube")["source"]


REFUSED = {
    "nothing": b"", "blanks": b" \n", "no JSON": b"%PDF-1.7", "bytes": b"\xff\xfe\x00",
    "null": b"null", "a list": b"[]", "a number": b"1", "deep JSON": b"[" * 10**6,
    "not a number": b'{"nbformat": NaN}',
    "huge number": b'{"nbformat": ' + b"9" * 10**5 + b"}",
    "format 3": b'{"nbformat": 3, "worksheets": []}', "no cells": b'{"nbformat": 4}',
    "cells that are none": b'{"nbformat": 4, "cells": [1]}',
    "a cell without source": b'{"nbformat": 4, "cells": [{"cell_type": "code", "metadata": {}}]}',
}  # fmt: skip


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_notebook_is_refused_in_one_line(small, content):
    with pytest.raises(NotANotebook) as refusal:
        rebuild(small.SOURCE, content)
    assert str(refusal.value).isprintable()


def test_half_a_notebook_is_refused(small):
    content = small.hand_in()
    with pytest.raises(NotANotebook):
        rebuild(small.SOURCE, content[: len(content) // 2])


def test_a_notebook_of_50_mb_of_outputs_is_rebuilt_and_one_of_70_refused(small, handed_in):
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 50 * 10**6}
    cell(handed_in, "cube")["outputs"] = [output]
    assert len(packed(rebuild(small.SOURCE, packed(handed_in)).notebook)) < 50_000
    output["text"] += "x" * 20 * 10**6
    with pytest.raises(NotANotebook, match="64 is the most; clear its outputs"):
        rebuild(small.SOURCE, packed(handed_in))


def test_a_submission_of_32_mb_of_keys_takes_no_memory_of_the_controller(
    small, handed_in, students
):
    handed_in["metadata"]["keys"] = {f"{key:x}": 0 for key in range(2_500_000)}
    content = packed(handed_in)
    assert len(content) > 30e6
    del handed_in["metadata"]["keys"]
    tracemalloc.start()
    try:
        result = students.examine(content)
        assert tracemalloc.get_traced_memory()[1] < 5 * len(content)
    finally:
        tracemalloc.stop()
    assert result.points == small.ALL


def test_pictures_stay_with_their_cell_as_far_as_there_is_room(small, handed_in):
    png = "iVBORw0KGgo" + "A" * 1_200_001
    pictures = {
        f"{n}.png": {"image/png": png[:-n].splitlines(True), "image/svg+xml": "<svg>"}
        for n in range(1, 5)
    }
    for n in range(2):
        text = {"cell_type": "markdown", "id": f"n{n}", "metadata": {}, "source": "![](1.png)"}
        handed_in["cells"].append(text | {"attachments": pictures})
    handed_in["cells"].append({"cell_type": "heading", "level": 2, "source": "Mine"})
    *_, first, second, heading = rebuild(small.SOURCE, packed(handed_in)).notebook["cells"]
    assert list(first["attachments"]) == ["1.png", "2.png"]
    assert first["attachments"]["1.png"] == {"image/png": png[:-1]}
    assert "attachments" not in second
    assert heading["source"] == "# Mine"


def test_megabytes_of_code_are_refused(small, handed_in):
    cell(handed_in, "cube")["source"] = "x = 1\n" * 10**6
    with pytest.raises(NotANotebook, match="MB of code"):
        rebuild(small.SOURCE, packed(handed_in))


def test_ten_thousand_cells_are_rebuilt_fast_and_graded(small, handed_in, students):
    handed_in["cells"][2:2] = [small.code(f"x = {n}", f"x{n}") for n in range(10_000)]
    result = students.examine(packed(handed_in))
    assert result.points == small.ALL
    assert len(result.cells) > 10_000


ODD = {
    "lone surrogates": "'\ud800'  # \udfff", "null": "x = '\0'", "bells": "x = '\a\b\x1b[2J'",
    "directions": "x = '\u202e\u2066'", "a byte order mark": "\ufeffx = 1", "form feeds": "\f\v",
    "other line ends": "x = 1\r\ny = 2\rz = 3\u2028", "wide letters": "\uff53quare = None",
    "only a comment": "# \U0001f600", "no Python": "<script>alert(1)</script>", "a tab": "\tx = 1",
}  # fmt: skip


@pytest.mark.parametrize("source", ODD.values(), ids=ODD.keys())
def test_odd_text_in_a_cell_costs_nothing(small, students, source):
    result = students.attack(small.hand_in([source]))
    assert result.points == small.ALL
    json.loads(result.to_json())


def paths(value: object, path: tuple = ()) -> list[tuple]:
    """Return the place of everything in a JSON value."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items if isinstance(value, dict | list) else ():
        found += paths(item, (*path, key)) if isinstance(item, dict | list) else [(*path, key)]
    return found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
NAMES = ["cube", "cube-test", "imports", "title", "square-test", "setup", "code", "markdown", "raw"]


@settings(
    max_examples=4000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(data=st.data())
def test_any_mutation_is_rebuilt_whole_or_refused(small, data):
    notebook = json.loads(small.hand_in())
    for _ in range(data.draw(st.integers(1, 5))):
        path = data.draw(st.sampled_from(paths(notebook)))
        holder = notebook
        for key in path[:-1]:
            holder = holder[key]
        how = data.draw(st.sampled_from(["replace", "rename", "delete", "copy"]))
        if how == "replace":
            holder[path[-1]] = data.draw(JSON)
        elif how == "rename":
            holder[path[-1]] = data.draw(st.sampled_from(NAMES))
        elif how == "delete":
            del holder[path[-1]]
        elif isinstance(holder, list):
            holder.insert(data.draw(st.integers(0, len(holder))), copy.deepcopy(holder[path[-1]]))
        if not notebook:
            break
    try:
        rebuilt = rebuild(small.SOURCE, packed(notebook))
    except NotANotebook:
        return
    assert whole(small, rebuilt)


@settings(max_examples=3000, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_bytes_are_rebuilt_whole_or_refused(small, data):
    content = bytearray(small.hand_in())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        rebuilt = rebuild(small.SOURCE, bytes(content))
    except NotANotebook:
        return
    assert whole(small, rebuilt)
