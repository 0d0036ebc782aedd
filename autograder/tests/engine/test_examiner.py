"""What comes over the wire from a student's process can't bring the examination down."""

from __future__ import annotations

import pytest

from autograder.engine.controller import Limits

HURRY = Limits(cell_seconds=0.7, notebook_seconds=30.0, patience=3.0)
HOSTILE = """
import os, struct, time
channel = get_ipython().candidate.channel
def send(*messages):
    for message in messages:
        channel.send(message)
number = channel.connection.fileno()
def raw(data):
    os.write(number, data)
"""


@pytest.fixture
def examine(students, small):
    """Return a function that examines one answer `f` by one test, others after it."""

    def run(answer: str, test: str, limits: Limits = HURRY):
        def cells(solution: str) -> list[dict]:
            first, second, *rest = small.cells_of(small.SOLUTIONS)
            marks = {"grade": True, "solution": False, "locked": True, "points": 4}
            return [first, second,
                    small.code(solution, "f", grade=False, solution=True, locked=False),
                    small.code(test, "f-test", **marks), *rest]  # fmt: skip

        source = small.notebook(cells("def f(): pass"))
        result = students.engine.examine(source, small.notebook(cells(answer)), limits)
        (found,) = (cell for cell in result.cells if cell.id == "f-test")
        others = result.points - found.points
        honest = students.examine(small.hand_in())
        assert honest.points == small.ALL
        return found, others == small.ALL, result

    return run


BRINGS_DOWN = {
    "a power without end": ("return 3, 2**62", "a, b = f()\na ** b"),
    "a dict whose keys collide": (
        "send(['value', ['d', *[[['I', hex(k * (2**61 - 1))], 0] for k in range(10**5)]], [], 0])",
        "f()",
    ),
}


@pytest.mark.parametrize(("value", "test"), BRINGS_DOWN.values(), ids=BRINGS_DOWN.keys())
def test_a_value_that_keeps_a_test_busy_for_ever_costs_that_test(examine, value, test):
    found, others_whole, result = examine(f"{HOSTILE}def f():\n    {value}", test)
    assert found.points == 0
    assert found.died
    assert others_whole
    assert any("f-test was passed over" in flag for flag in result.flags)


FAILS = {
    "10 TB": ("10**13", "np.zeros(f())"),
    "a huge shape of nothing": ("np.zeros((0, 2**40))", "np.zeros(f().shape[::-1] + (2**40,))"),
    "an integer of a million digits": ("10**1_000_000", "f() + 1"),
    "a list 50 deep": ("__import__('functools').reduce(lambda x, _: [x], range(50), 1)", "f()"),
    "a list that holds itself": ("(lambda x: (x.append(x), x)[1])([])", "f()"),
    "a message of 100 MB": ("np.ones(13 * 10**6)", "f()"),
    "a key that can't be one": ("{(1, 2.0): float('nan')}", "assert f() == {}"),
    "a string that steers": ("'\\x1b[2J\\x07\\ud800<script>'", "assert f() == 'x', f()"),
    "a set": ("{1, 2}", "f()"),
    "an object": ("object()", "f()"),
    "an array of objects": ("np.array([object()])", "f()"),
    "a record": ("np.zeros(1, 'i4,f4')", "f()"),
    "a date": ("np.datetime64('2026-01-01')", "f()"),
    "a module": ("np", "f()"),
    "a class": ("type('C', (), {})", "f() + 1"),
    "a function that writes files": ("np.save", "assert f() is np.save"),
}


@pytest.mark.parametrize(("value", "test"), FAILS.values(), ids=FAILS.keys())
def test_a_value_that_no_test_can_use_fails_that_test(examine, value, test):
    found, others_whole, _ = examine(f"def f():\n    return {value}", test, Limits(10.0, 60.0))
    assert found.points == 0
    assert found.error is not None
    assert others_whole
    assert "\x1b[2J" not in "".join([*found.error, *found.traceback])


CROSSES = {
    "None": "None", "truth": "True", "an integer": "2**200", "a negative zero": "-0.0",
    "not a number": "float('nan')", "infinity": "-float('inf')", "a complex number": "1 - 2j",
    "text": "'ä\\u2028\\x00'", "bytes": "b'\\x00'", "a list": "[1, [2.0, ()]]",
    "a dict": "{'a': {1: [np.arange(3)]}, (1, 2): None}", "a slice": "slice(1, None, 2)",
    "an empty array": "np.zeros((0, 3), np.float32)", "a scalar array": "np.array(3)",
    "a NumPy number": "np.float32(1.5)", "NumPy's truth": "np.bool_(True)",
    "an array in Fortran's order": "np.asfortranarray(np.arange(6.0).reshape(2, 3))",
    "long doubles": "np.ones(2, np.longdouble) / 3",
    "a view": "np.arange(9)[::-2]", "complex numbers": "np.array([1j, -0.0])",
    "types": "[float, np.float64, int]", "a function of NumPy's": "np.tanh",
}  # fmt: skip


@pytest.mark.parametrize("value", CROSSES.values(), ids=CROSSES.keys())
def test_plain_data_crosses_as_it_is(examine, value):
    test = f"""
expected, actual = {value}, f()
assert type(actual) is type(expected)
assert repr(actual) == repr(expected)
assert f(actual) is None"""
    answer = f"def f(x=0):\n    return None if repr(x) == repr({value}) else {value}"
    found, _, _ = examine(answer, test)
    assert found.points == 4, found.error


def test_what_the_examiner_dies_of_twice_is_passed_over(examine):
    test = "import ctypes\nctypes.string_at(f())"
    found, others_whole, result = examine("def f():\n    return 8", test)
    assert (found.points, found.died, others_whole) == (0, True, True)
    assert any("f-test was passed over" in flag for flag in result.flags)


LENT = {
    "a giant number": "2**16000",
    "a giant array": "np.ones(2**20)",
    "nothing": "None",
    "text": "'x' * 10**6",
    "nested lists": "[[[[[[1.0]]]]]] * 1000",
    "a function": "lambda x: x",
}


@pytest.mark.parametrize("argument", LENT.values(), ids=LENT.keys())
def test_a_lent_function_bears_any_argument(examine, argument):
    answer = f"""def f(g):
    try:
        g({argument})
    except Exception:
        pass
    return g(3.0)"""
    found, others_whole, _ = examine(answer, "assert f(lambda x: x ** 4 + 1) == 82.0")
    assert (found.points, others_whole) == (4, True)


def test_a_lent_function_can_be_kept_busy_no_longer_than_a_cell_may_take(examine):
    found, others_whole, _ = examine("def f(g):\n    return g(2**60)", "f(lambda n: 3 ** n)")
    assert (found.points, others_whole) == (0, True)


def test_a_lent_function_ends_with_the_call_that_lent_it(examine):
    answer = """kept = []
def f(g):
    kept.append(g)
    return kept[0](1.0)"""
    test = "assert f(lambda x: x + 1) == 2.0\nf(lambda x: x + 2)"
    found, others_whole, _ = examine(answer, test)
    assert "lent for the duration" in found.error[2]
    assert others_whole


def test_a_thread_can_not_call_what_was_lent(examine):
    answer = """import threading
def f(g):
    said = []
    def call():
        try:
            g(1.0)
        except Exception as error:
            said.append(str(error))
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    return said"""
    found, others_whole, _ = examine(answer, "assert 'duration' in f(lambda x: x)[0]")
    assert (found.points, others_whole) == (4, True)


def test_functions_that_call_each_other_without_end_cost_that_test(examine):
    answer = "def f(g):\n    return g(f)"
    test = "def g(f):\n    return f(g)\nf(g)"
    found, others_whole, _ = examine(answer, test, Limits(10.0, 60.0))
    assert (found.points, others_whole) == (0, True)


def test_calls_back_without_end_are_ended_in_time(examine):
    answer = "def f(g):\n    while True:\n        g(1.0)"
    found, others_whole, _ = examine(answer, "f(lambda x: x)")
    assert (found.points, found.died, others_whole) == (0, True, True)


def test_a_million_warnings_are_not_kept(examine):
    answer = """import warnings
def f():
    for number in range(10**5):
        warnings.warn(f"{number} " + "w" * 10_000)
    return 1"""
    found, others_whole, _ = examine(answer, "assert f() == 1", Limits(10.0, 60.0))
    assert (found.points, others_whole) == (4, True)
    assert len(found.output) < 50_000


# --- a hostile end of the wire --------------------------------------------------------------------

SENT = {
    "garbage": "raw(os.urandom(1000))",
    "a gigantic length": "raw(b'\\xff' * 4)",
    "a length and nothing": "raw(b'\\x00\\xff\\x00\\x00'); time.sleep(9)",
    "one byte after the other": "raw(b'\\x00\\xff\\x00\\x00')\nwhile True: raw(b'x')",
    "no MessagePack": "raw(b'\\x00\\x00\\x00\\x02\\xc1\\xc1')",
    "deep nesting": "raw(struct.pack('>I', 10**5) + b'\\x91' * 10**5)",
    "four million lists": "raw(struct.pack('>I', 2**22) + struct.pack('>BI', 221, 2**22 - 5))\n"
    "channel.connection.sendall(b'\\x90' * (2**22 - 5))",
    "calls back without end": "while True: send(['back', 1, ['l'], ['d']])",
    "calls back of nothing": "send(['back'], ['back', [], [], []], ['back', {}, 1, 2, 3])",
    "answers in advance": "send(*[['ran', None, []]] * 1000)",
    "values in advance": "send(*[['value', 4.0, [], None]] * 1000)",
    "a number": "send(3)",
    "an empty answer": "send([])",
    "a text": "send('ran')",
    "an answer of another kind": "send(['ran', {'a': 1}, {'b': 2}])",
    "an error without end": "send(['ran', ['E'] * 10**5, []])",
    "an error of odd types": "send(['ran', [{}, [], 3, [[{}, 'x', [], 1]]], []])",
    "an error's line that is none": "send(['ran', ['E', 'E', 'E', [['c', 'x', 'f', 's']]], []])",
    "displays without end": "send(['ran', None, [['display_data', 'x' * 10**6]] * 10])",
    "HTML": "send(['ran', None, [['display_data', {'text/html': '<script>'}]]])",
    "another kind of display": "send(['ran', None, [['script', 'x']]])",
    "nothing more": "channel.close(); time.sleep(9)",
    "a full pipe": "import threading\n"
    "def fill():\n    while True: os.write(1, b'x' * 65536)\n"
    "threading.Thread(target=fill, daemon=True).start()\ntime.sleep(9)",
}


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT.keys())
def test_no_message_brings_the_examination_down(students, small, sent):
    result = students.attack(small.hand_in([HOSTILE + sent], solved=False), HURRY)
    assert result.points == 0
    assert len(result.to_json()) < 2_000_000
    for item in (item for cell in result.cells for item in cell.displayed):
        assert item["data"].keys() == {"text/plain"}
    solved = students.examine(small.hand_in([HOSTILE + sent]), HURRY)
    assert solved.points in (0.0, small.ALL)


ANSWERS = {
    "another kind": "['done']",
    "too little": "['value']",
    "no warnings": "['value', 4.0, 3, None]",
    "odd warnings": "['value', 4.0, [[{}, []]] * 100, None]",
    "a reference to nothing": "['value', ['H', 99], [], None]",
    "a reference to anything": "['value', ['F', 'x', 0], [], None]",
    "a reference to an attribute": "['value', ['F', 'n', '__class__.__base__'], [], None]",
    "a function that reads files": "['value', ['N', 'load'], [], None]",
    "a forged array": "['value', ['a', '<f8', [2**62, 2**62], b''], [], None]",
    "an array of objects": "['value', ['a', '|O', [1], b'12345678'], [], None]",
    "a forged generator": "['value', ['G', 'MT19937', ['d']], [], None]",
    "a forged type": "['value', ['T', 'type'], [], None]",
    "an error of odd types": "['error', [3, 4, 5, 6], [], None]",
    "an exit": "['error', ['SystemExit', 'SystemExit', 'x', []], [], None]",
    "a change that does not fit": "['value', 4.0, [], ['i', [['x', ['w', 1]]], None]]",
    "a change without end": "['value', 4.0, [], ['i', [[0, ['w', 1.0]]] * 10**5, None]]",
    "something foreign": "['foreign', {'a': 1}, ['b'], [], None]",
    "a forged truth": "['value', ['a', '|b1', [], b'\\x02'], [], None]",
}


@pytest.mark.parametrize("forged", ANSWERS.values(), ids=ANSWERS.keys())
def test_no_forged_answer_scores_or_brings_the_examination_down(students, small, points_of, forged):
    answer = f"{HOSTILE}\ndef square(x):\n    send({forged})"
    result = students.attack(small.hand_in(square=answer), HURRY)
    assert points_of(result)["square"] == 0


def test_forged_names_of_replaced_functions_steer_no_terminal(students, small):
    cell = "import autograder.engine.candidate as c\nc.replaced = lambda: ['\\x1b[2Jevil\\n'] * 50"
    result = students.examine(small.hand_in([cell]))
    assert all(flag.isprintable() for flag in result.flags)


TERMS = """x = np.array([0.3, 0.8, 1.7, 2.4])
check_close(
    f(np.sin, np.square)(x),
    np.cos(x) * x**2 + np.sin(x) * 2 * x,
    what="f(sin, square)(x)",
    terms={
        "f'(x) g(x)": {"f'(x)": np.cos(x), "g(x)": x**2},
        "f(x) g'(x)": {"f(x)": np.sin(x), "g'(x)": 2 * x},
    },
)"""


def test_a_lost_term_of_a_students_function_is_named(examine):
    found, _, _ = examine(
        "def f(one, other):\n    return lambda x: np.cos(x) * other(x) - one(x) * 2 * x", TERMS
    )
    assert found.check.likely == "the term f(x) g'(x) has the wrong sign"
