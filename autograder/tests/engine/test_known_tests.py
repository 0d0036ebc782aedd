"""A right answer that is known is not judged again; nothing else is taken for right."""

import dis
import pathlib
from types import CodeType

from autograder.engine.controller import Engine
from autograder.engine.job import JobCell
from autograder.engine.known_tests import Follower, KnownTest, RightAnswers
from autograder.engine.needed import LOADS, _globals, cells_to_run
from autograder.engine.result import CellResult

SLOPE = "def slope(f, x, h):\n    return np.float64((f(x + h) - f(x)) / h)"
PRINTING = "def square(x):\n    print('squared', x)\n    return x * x"
COUNTING = """calls = []


def square(x):
    calls.append(x)
    return x * x


def cube(x):
    return square(x) * x if len(calls) != {} else x"""


# --- what the chapter's own answers passed --------------------------------------------------------


def test_the_chapters_own_answers_never_reach_a_students_process(
    students, small, points_of
) -> None:
    looks = "def {}(*a):\n    return 1\nprint(sorted(n for n in dir() if n in {!r}))"
    names = {"square", "cube", "slope", "step", "Counter"}
    for broken in small.SOLUTIONS:
        result = students.examine(
            small.hand_in(**{broken: "1 / 0"}, **{
                name: source + "\n" + looks.format("unused", names).split("\n")[-1]
                for name, source in small.SOLUTIONS.items() if name != broken
            })
        )  # fmt: skip
        assert points_of(result)[broken] == 0
        missing = "Counter" if broken == "counter" else broken
        assert not any(f"'{missing}'" in cell.output for cell in result.cells)


def test_what_is_printed_is_kept_though_the_test_is_known(students, small) -> None:
    result = students.examine(small.hand_in(square=PRINTING))
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert test.points == 2
    assert test.output.startswith("squared 2.0\n")


def test_a_state_that_the_students_code_keeps_counts_as_ever(students, small, points_of) -> None:
    # the test of square calls it three times, whether it is repeated or run
    failed = [
        n
        for n in range(1, 6)
        if not points_of(students.examine(small.hand_in(square=COUNTING.format(n), cube="")))[
            "cube"
        ]
    ]
    assert failed == [3]


def test_an_answer_that_is_right_at_first_and_then_wrong_is_judged(students, small) -> None:
    wrong = "def square(x):\n    return x * x if np.ndim(x) == 0 else x"
    result = students.examine(small.hand_in(square=wrong))
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert test.points == 0
    assert "square(x)" in test.told.what
    hidden = "def square(x):\n    return x * x if np.max(x) < 100 else x"
    result = students.examine(small.hand_in(square=hidden))
    (test,) = (cell for cell in result.cells if cell.id == "square-test")
    assert test.points == 0
    assert test.hidden


# --- what other students passed -------------------------------------------------------------------


def test_other_right_answers_are_known_once_somebody_has_passed_with_them(small) -> None:
    with Engine(1) as engine:
        first = engine.examine(small.SOURCE, small.hand_in(slope=SLOPE))
        (found,) = engine._right._found.values()
        assert set(found) == {"slope-test"}
        again = engine.examine(small.SOURCE, small.hand_in(slope=SLOPE))
        assert (first.points, again.points) == (small.ALL, small.ALL)
        assert first.requests == again.requests
        assert [len(known) for known in found.values()] == [1]


def test_nothing_is_known_of_answers_that_failed(small) -> None:
    with Engine(1) as engine:
        for _ in range(2):
            result = engine.examine(
                small.SOURCE, small.hand_in(square="def square(x):\n    return x + 2")
            )
            assert result.points == small.ALL - 2
        (found,) = engine._right._found.values()
        assert "square-test" not in found


def digests(*answers: bytes) -> bytes:
    """Return the digests of answers that passed a test."""
    result = CellResult("t", "test", points=1.0)
    transcript = [[(b"ask", answer) for answer in answers]]
    return KnownTest(JobCell("t", "test", ""), result, transcript, {}).digests(result, transcript)


def test_a_follower_goes_on_while_the_answers_are_those_of_one_right_answer() -> None:
    own = [[(b"ask", b"1"), (b"ask", b"2")], [(b"ask", b"3")]]

    others = [digests(b"1", b"2", b"4"), digests(b"5", b"2", b"3")]
    for answers, said in (
        ((b"1", b"2", b"3"), [True, True, True]),
        ((b"1", b"2", b"4"), [True, True, True]),
        ((b"5", b"2", b"3"), [True, True, True]),
        ((b"5", b"2", b"4"), [True, True, False]),  # each was right, but not one after the other
        ((b"1", b"9"), [True, False]),
        ((b"",), [False]),
    ):
        follower = Follower(own, others)
        assert [follower.goes_on(answer) for answer in answers] == said


def test_only_so_many_right_answers_are_kept() -> None:
    right = RightAnswers()
    for number in range(100):
        right.add(b"chapter", {"t": b"%d" % number})
    right.add(b"chapter", {"t": b"0"})
    assert right.of(b"chapter")["t"] == [b"%d" % number for number in range(12)]
    for number in range(40):
        right.of(b"%d" % number)
    assert right.of(b"chapter") == {}


# --- tests that ask other things each time --------------------------------------------------------


def test_a_test_that_asks_other_things_each_time_is_run(small, points_of) -> None:
    asks = '"""Random squares."""\nx = np.random.default_rng().random()\n' + (
        'check_close(square(2.0), 4.0, what="square(2.0)")\n'
        'check_close(square(x), x * x, what="square(x)")\ndel x'
    )
    cells = small.cells_of(small.SOLUTIONS)
    (test,) = (cell for cell in cells if cell["id"] == "square-test")
    test["source"] = asks
    source = small.notebook(cells)
    with Engine(1) as engine:
        right = small.hand_in()
        assert engine.examine(source, right).points == small.ALL
        assert engine.examine(source, right).points == small.ALL
        wrong = engine.examine(source, small.hand_in(square="def square(x):\n    return 4.0"))
        assert points_of(wrong)["square"] == 0


def test_a_function_that_a_test_defines_for_a_later_one_reaches_each_students_code(
    small, points_of
) -> None:
    cells = small.cells_of(small.SOLUTIONS)
    tests = {cell["id"]: cell for cell in cells}
    tests["square-test"]["source"] = (
        "def fourth(x):\n    return square(square(x))\nassert square(2.0) == 4.0"
    )
    tests["cube-test"]["source"] = "assert fourth(2.0) == 16.0"
    source = small.notebook(cells)
    with Engine(1) as engine:
        for answer in ("return x * x", "return x * x if x < 3 else np.float64(x * x)"):
            square = f"def square(x):\n    {answer}"
            for _ in range(2):
                found = points_of(engine.examine(source, small.hand_in(square=square)))
                assert (found["square"], found["cube"]) == (2, 3)


# --- which cells are run --------------------------------------------------------------------------


def test_the_names_that_code_reads_are_those_that_dis_finds() -> None:
    def inside(code: CodeType):
        yield code
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from inside(constant)

    for file in ("ast.py", "dis.py", "textwrap.py", "dataclasses.py"):
        path = pathlib.Path(dis.__file__).with_name(file)
        for code in inside(compile(path.read_text(), file, "exec")):
            read = {i.argval for i in dis.get_instructions(code) if i.opcode in LOADS}
            assert set(_globals(code, frozenset(code.co_names))) == read


def test_a_cell_that_only_shows_something_is_run_where_an_answer_needs_it() -> None:
    def cell(name: str, source: str, shows: bool = False) -> dict:
        tags = {"tags": ["figure"]} if shows else {}
        return {"id": name, "source": source, "metadata": tags, "cell_type": "code"}

    cells = [
        cell("data", "images = load()\nW = 0", shows=True),
        cell("answer", "def f(x):\n    return x"),
        cell("plot", "%matplotlib inline\npicture = draw(images)", shows=True),
        cell("other", "print(1)", shows=True),
    ]
    run = {"answer"}
    for source, also in (
        ("def f(images):\n    return images.W", set()),
        ("def f(x):\n    return x * W", {"data"}),
        ("def f(x):\n    return [picture for _ in x]", {"plot", "data"}),
        ("def f(x)\n    return images", {"data"}),  # it can't be compiled
        (f"def f(x):\n    return images\n# {'long ' * 5000}", {"data"}),
        # what a cell binds first is its own, unless it is read at another time
        ("W, images = 1, 2\nprint(W, images)", set()),
        ("for W in range(3):\n    images = W\n    print(images)", set()),
        ("for W in range(3):\n    pass\nprint(W)", {"data"}),
        ("if one:\n    W = 1\nprint(W)", {"data"}),
        ("W += 1", {"data"}),
        ("W = W + 1", {"data"}),
        ("W = 1\ndef f(x):\n    return W * x", {"data"}),
        ("def W(x):\n    return x\nW(images)", {"data"}),
        ("def W(x):\n    return x\nW(1)", set()),
        ("@W\ndef f(x):\n    return x", {"data"}),
        ("def f(x=W):\n    return x", {"data"}),
        ("def W(x=W):\n    return x", {"data"}),
        ("import numpy as W\nW.zeros(1)", {"data"}),  # more than is needed, no harm
        ("try:\n    W = 1 / 0\nexcept ZeroDivisionError:\n    W", {"data"}),
    ):
        cells[1]["source"] = source
        assert {c["id"] for c in cells_to_run(cells, {"answer"})} == run | also
    assert {c["id"] for c in cells_to_run(cells, {"answer", "plot"})} >= {"answer", "plot", "data"}
