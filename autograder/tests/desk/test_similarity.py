"""Similar code: copies are found through disguises, honest pairs are left alone."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from tests.tools.disguise import plant, read_chapter

from autograder.desk import handed_in_code
from autograder.desk.fragments import fragments_of, parse, read_names
from autograder.desk.similarity import LISTED, Code, Key, find_pairs, odds_of
from autograder.layout import Layout

CHAPTER = "1_powers"


def forms(source: str) -> set[str]:
    code = parse(source)
    return {found.form for found in fragments_of(code, read_names(code, {"np": "numpy"}))}


SOFTMAX = """def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()
"""


@pytest.mark.parametrize(
    "disguised",
    [
        "def softmax(z):\n    up = np.exp(z - z.max())\n    return up / up.sum()",
        'def softmax(z):\n    """Words."""\n    # more\n    e = np.exp(z - z.max())\n'
        "    out = e / e.sum()\n    return out",
        "from numpy import exp\ndef softmax(z: float) -> float:\n    print(z)\n"
        "    e: float = exp(z - z.max())\n    return (e) / (e.sum())",
        "import numpy as xp\ndef softmax(z):\n    e = xp.exp(z - z.max()); return e / e.sum()",
    ],
    ids=["renamed", "comments and a named result", "annotations", "another import"],
)
def test_a_disguised_answer_has_the_same_fragments(disguised):
    assert forms(disguised) == forms(SOFTMAX)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("y = (f(x + h) - f(x)) / 2", "y = 0.50 * (f(h + x) - f(x))"),
        ("y = g(x, 1e-6)", "y = g(x, 10**-6)"),
        ("t += g(x)", "t = t + g(x)"),
        ("y = g(x) if x > 0 else 1", "y = g(x) if 0.0 < x else 1.0"),
        ("def a(v):\n    out = []\n    for x in v:\n        if x > 0:\n            half = x / 2\n"
         "            out.append(half)\n    return out",
         "def a(v):\n    unused = 0\n    return [x / 2 for x in v if x > 0]"),
        ("def a(x):\n    t = f(x)\n    t = t + g(x)\n    u = h(t)\n    t = k(u)\n    return t",
         "def a(x): return k(h(f(x) + g(x)))"),
        ("def a(x): return f(x)\ndef b(x): return g(x)",
         "def b(x): return g(x)\n\n\ndef a(x): return f(x)"),
    ],
    ids=["operands and halves", "constants", "augmented", "turned comparison",
         "a loop for a comprehension", "values named on the way", "reordered"],
)  # fmt: skip
def test_another_style_has_the_same_fragments(one, other):
    assert forms(one) == forms(other)


def test_code_that_is_no_python_still_has_the_fragments_of_its_lines():
    assert forms("for n in g(x):\n  y = g(n +\n") == {"Call(g x)"}
    broken = SOFTMAX.replace("np.exp(z - z.max())", "np.exp(z - z.max()))")
    assert "(name Div Call(name.sum))" in forms(f"e = 1\n{broken}")


def test_a_long_chain_of_names_is_read_as_any_other_code():
    chain = "".join(f"    a = f(a + {n})\n" for n in range(1200))
    assert "Call(f (0 Add name))" in forms(f"def run(a):\n{chain}    return a")


# What takes the reader down, or all memory, if it is read as any other code.
TOO_MUCH = {
    "a sum": "x = " + "+".join(["a"] * 900), "attributes": "x = a" + ".b" * 3000,
    "calls": "x = a" + "()" * 900, "nots": "x = " + "not " * 900 + "a",
    "branches": "if a: b = 1\n" + "".join(f"elif a{n}: b = {n}\n" for n in range(1500)),
    "a long integer": "x = a + 0x" + "f" * 9000, "a chain of names": "".join(
        f"x{n + 1} = x{n} + 1\n" for n in range(60_000)
    ),
    "statements": "x=a+b;" * 400_000, "no Python": "a b c\n" * 200_000,
    "a text in a sum": f"x = '{'s' * 10**6}'" + "+ a" * 250,
}  # fmt: skip


@pytest.mark.parametrize("source", TOO_MUCH.values(), ids=TOO_MUCH)
def test_code_that_nobody_would_write_costs_the_others_nothing(source):
    found = forms(f"def g(x): return h(x)\n\n{source}")
    assert "Call(h name)" in found
    assert sum(map(len, found)) < 10**6


@pytest.mark.parametrize("part", [1.0, 0.5], ids=["whole", "half"])
def test_planted_copies_are_found_and_honest_pairs_are_not(part):
    layout = Layout.here()
    found = planted = false = honest = 0
    for name in layout.pick_chapters(["1", "2"]):
        rng = random.Random(f"{name} {part}")
        students, copies = plant([read_chapter(layout, name)], 60, part, rng)
        names = sorted(students)
        odds = odds_of(students, names, sorted({key for s in students.values() for key in s}))
        listed = {
            frozenset((names[row], names[column]))
            for row, column in np.argwhere(np.triu(odds >= LISTED, k=1))
        }
        found += len(listed & copies)
        planted += len(copies)
        false += len(listed - copies)
        honest += len(names) * (len(names) - 1) // 2 - len(copies)
    assert found >= 0.95 * planted
    assert false <= honest / 1000


def test_short_answers_that_many_write_tell_nothing():
    def written(text: str) -> Code:
        return Code(text, tuple(fragments_of(parse(text), read_names(parse(text), {}))))

    keys = [Key(CHAPTER, f"1.{n}", "f") for n in range(20)]
    texts = ["def f(x): return np.exp(x)", "def f(t): return np.exp(t) * 1"]
    everyone = {
        f"s{n}": {key: written(texts[(n + place) % 2]) for place, key in enumerate(keys)}
        for n in range(40)
    }
    assert find_pairs(everyone) == []


# --- the command ----------------------------------------------------------------------------------


def answer_of(n: int) -> dict[str, str]:
    """Return what someone wrote who works alone: nobody else's numbers."""
    return {
        "square": f"def square(x):\n    a = x * {n + 2}\n    return a * x / {n + 2}",
        "cube": f"def cube(x):\n    return x**{n + 4} / x**{n + 1}",
        "hunt": f"def slope(x):\n    return (x + {n}) * 2 - {2 * n}",
    }


COPY = {
    "square": (
        "def square(x):\n    # <b>\n    mine = x * 9\n    out = x * mine / 9.0\n    return out"
    ),
    "cube": "def cube(x):\n    return x**11 / x**8  # done",
    "hunt": "def slope(x):\n    return 2 * (7 + x) - 14",
}


@pytest.fixture(scope="module")
def handed_in(make_group, answers):
    course = make_group()
    for n in range(40):
        course.hand_in(f"s{n:02}", answers(**answer_of(n)))
    course.hand_in("copier", answers(**COPY))
    for student in ("empty", "idle"):
        course.hand_in(student, course.layout.released(CHAPTER).read_bytes())
    course.hand_in("torn", "{")
    return course


def test_it_names_the_pair_and_what_it_could_not_read(handed_in, fingerprint):
    before = fingerprint(handed_in.layout.submitted)
    status, printed = handed_in.run("similarity", "1")
    assert status == 1
    alike = "3 of 3 answers are at least 90 % alike; in those, 3 % of the class come as close"
    assert f"? copier and s07: {alike}" in printed
    assert "torn.ipynb" not in printed and "the file is cut off" in printed
    assert "1 pair of 43 students" in printed
    assert fingerprint(handed_in.layout.submitted) == before


def test_a_program_reads_the_pairs(handed_in, capfd):
    status, printed = handed_in.run("similarity", "--json")
    found = json.loads(printed[printed.index("[\n") :])
    assert [pair["students"] for pair in found] == [["copier", "s07"]]
    assert {answer["alike"] for answer in found[0]["answers"]} == {1.0}


def test_pairs_have_the_names_of_the_class_file_and_nobody_is_like_an_earlier_self(
    make_group, answers
):
    course = make_group()
    for n in range(12):
        course.hand_in(f"s{n:02}", answers(**answer_of(n)))
    for student in ("copier", "married"):
        course.hand_in(student, answers(**COPY))
    (course.layout.work / "class.toml").write_text(
        '[students]\ns07 = { name = "Zoë Çelik" }\n'
        'copier = { name = "Ada Lovelace", formerly = ["married"] }\n',
        "utf-8",
    )
    status, printed = course.run("similarity", "1")
    assert status == 0 and "1 pair of 13 students" in printed
    assert "? copier Ada Lovelace and s07 Zoë Çelik: 3 of 3" in printed
    page = (course.layout.work / "similarity.html").read_text("utf-8")
    assert "copier Ada Lovelace and s07 Zoë Çelik</h2>" in page


def test_what_was_read_before_is_not_read_again_and_says_the_same(make_group, answers, monkeypatch):
    course = make_group()
    for n in range(12):
        course.hand_in(f"s{n:02}", answers(**answer_of(n)))
    course.hand_in("copier", answers(**COPY))
    read: list[str] = []
    before = handed_in_code.Chapter.read
    monkeypatch.setattr(
        handed_in_code.Chapter, "read", lambda self, cells: read.append("") or before(self, cells)
    )

    def pages() -> str:
        read.clear()
        assert course.run("similarity")[0] == 0
        return (course.layout.work / "similarity.html").read_text("utf-8")

    first = pages()
    assert len(read) == 13
    assert pages() == first and not read
    half = answers(cube="def cube(x):\n    return x**3  # half a character: HALF")
    course.hand_in("s03", half.replace("HALF", r"\ud800"))
    assert pages() != first and len(read) == 1
    (kept,) = (course.layout.work / "similarity").iterdir()
    kept.write_bytes(b"torn")
    pages()
    assert len(read) == 13
    released = course.layout.released(CHAPTER)
    released.write_bytes(released.read_bytes().replace(b"raise", b"raise  "))
    pages()
    assert len(read) == 13


def test_the_page_shows_both_sides_and_marks_what_they_share(handed_in):
    handed_in.run("similarity")
    page = (handed_in.layout.work / "similarity.html").read_text("utf-8")
    assert "no verdict" in page and "<b>" not in page
    assert '<li class="shared"><code>    a = x * 9</code><span class="spoken"> (alike)' in page
    assert '<li class="shared"><code>    mine = x * 9</code>' in page
    assert "<li><code>def square(x):</code>" in page


def test_without_submissions_it_says_what_comes_first(course):
    status, printed = course.run("similarity")
    assert status == 1 and "run: python3 autograder collect FILE" in printed
    assert len(printed.splitlines()) == 1


def test_an_unreleased_chapter_is_named_with_what_to_do(course, answers):
    course.hand_in("ada", answers(**COPY))
    status, printed = course.run("similarity")
    assert status == 1 and "run: python3 autograder release 1" in printed


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_a_phone(handed_in, browser, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    handed_in.run("similarity")
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto((handed_in.layout.work / "similarity.html").as_uri())
    page.evaluate(
        "document.querySelectorAll('.code li .spoken').forEach(s => s.before('x'.repeat(300)))"
    )
    found = axe.run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
