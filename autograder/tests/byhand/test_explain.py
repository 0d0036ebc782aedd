"""Errors of a student's code, as a notebook tells them."""

from __future__ import annotations

import linecache
import math
from textwrap import dedent

import numpy as np
import pytest

from byhand.checks import CheckFailed
from byhand.checks.explain import explain

EARLIER = {"np": np, "math": math, "__name__": "__main__"}


def run(source: str, name: str, names: dict) -> None:
    """Run a cell whose source tracebacks know."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), names)


def told(answer: str, check: str) -> CheckFailed:
    """Return how the error is told that a check raises."""
    names = dict(EARLIER)
    try:
        run(dedent(answer), "<answer>", names)
        run(check, "<check>", names)
    except BaseException as error:
        return explain(error, check="<check>")
    raise AssertionError("nothing was raised")


# what the answer cell holds, the check, and what the message must say
KINDS = {
    "max of an array": (
        """
        def relu(x):
            return max(0, x)
        """,
        "relu(np.array([1.0, -2.0, 3.0]))",
        ["relu raises ValueError", "line 3", "`return max(0, x)`", "`x` is (3,)",
         "np.maximum(0, x)", "entry by entry"],
    ),
    "if on an array": (
        """
        def relu(x):
            if x > 0:
                return x
            return 0.0
        """,
        "relu(np.ones(3))",
        ["`if x > 0:`", "`if` needs one True or False", "np.where"],
    ),
    "if on a mask": (
        """
        def keep(x):
            mask = x > 0
            if mask:
                return x
        """,
        "keep(np.ones(2))",
        ["line 4", "`if` needs one True or False", "`mask` is (2,)"],
    ),
    "and between arrays": (
        "def inside(x):\n    return x > 0 and x < 1",
        "inside(np.ones(2))",
        ["&, | and ~"],
    ),
    "no inner function returned to a check of a module": (
        """
        def product_rule(f, df, g, dg):
            def slope(x):
                return df(x) * g(x) + f(x) * dg(x)
        """,
        "from byhand.exercises import derivatives\nderivatives.product_rule_values(product_rule)",
        ["a function of yours returns None where a function is needed", "must return it"],
    ),
    "the inner function called too early": (
        "def tangent_line(f, df, x0):\n    return f(x0) + df(x0) * (x0 - x0)",
        "from byhand.exercises import derivatives\nderivatives.tangent_line_values(tangent_line)",
        ["a value where a function is needed", "without calling it"],
    ),
    "an inner function without its parameter": (
        "def double(f):\n    def twice():\n        return 2 * f(x)\n    return twice",
        "double(np.sin)(1.0)",
        ["twice is called with a different number of arguments than it takes"],
    ),
    "shape of a number": (
        "def zeros(x):\n    return np.zeros(x.shape)",
        "zeros(2.0)",
        ["a Python number has no shape", "np.asarray(x)"],
    ),
    "length of a number": (
        "def mean(x):\n    return np.sum(x) / len(x)",
        "mean(2.0)",
        ["a single number has no length", "np.size(x)"],
    ),
    "missing np": (
        "def f(x):\n    return exp(x)",
        "f(1.0)",
        ["`np.` is missing: write np.exp"],
    ),
    "undefined name": (
        "def f(x):\n    slope = 2 * x\n    return slop",
        "f(1.0)",
        ["`slop` is defined nowhere; did you mean slope?"],
    ),
    "missing self": (
        "class Network:\n    def __init__(self):\n        self.layer = abs\n"
        "    def forward(self, x):\n        return layer(x)",
        "Network().forward(1.0)",
        ["`self.` is missing: write self.layer"],
    ),
    "outer function computes at x": (
        'def rule(f, df):\n    """Return the slope as a function of x."""\n    return df(x)',
        "rule(np.sin, np.cos)",
        ["x has a value only when the returned function is called"],
    ),
    "undefined name, none near": (
        "def f(x):\n    return 2 * kjhgf",
        "f(1.0)",
        ["`kjhgf` is defined nowhere: is it misspelled, or was the cell that defines it not run?"],
    ),
    "function not called": (
        "def sensitivity(df, x0, dx):\n    return df * dx",
        "sensitivity(np.sin, 1.0, 0.5)",
        ["`df * dx` is a function * a number", "`df` is a function, not a number", "df(x)"],
    ),
    "function given for an array": (
        "def jacobian(derivative, x):\n    return np.diag(derivative)(x)",
        "jacobian(np.cos, np.ones(3))",
        ["`derivative` is a function, not a number", "derivative(x)"],
    ),
    "function given for a matrix": (
        "def newton_step(gradient, hessian):\n    return -np.linalg.solve(hessian, gradient)",
        "newton_step(np.sin, np.cos)",
        ["`hessian` is a function, not a number", "hessian(x)"],
    ),
    "Python function not called": (
        "def product_rule(f, df):\n    return lambda x: df * f(x)",
        "product_rule(lambda x: x, lambda x: 1.0)(np.ones(2))",
        ["`df` is a function, not a number"],
    ),
    "inner function not returned": (
        "def tangent(f):\n    def line(x):\n        return f(x)",
        "tangent(np.sin)(1.0)",
        ["this check raises TypeError", "tangent returns None where a function is needed",
         "must return it"],
    ),
    "missing return in a helper": (
        """
        def slope(x):
            2 * x

        def step(x):
            return x - 0.1 * slope(x)
        """,
        "step(1.0)",
        ["step raises TypeError", "slope(...) returns None"],
    ),
    "missing return, seen by the check": (
        "def slope(x):\n    2 * x",
        "slope(1.0) - 2.0",
        ["this check raises", "a function of yours returns None", "is `return` missing?"],
    ),
    "eigh's pair as an array": (
        "def is_minimum(H):\n    return np.all(np.linalg.eigh(H) > 0)",
        "is_minimum(np.eye(2))",
        ["np.linalg.eigh returns a pair", "np.linalg.eigvalsh(A)"],
    ),
    "eigh's pair in an array function": (
        "def smallest(H):\n    values = np.linalg.eigh(H)\n    return np.min(values)",
        "smallest(np.eye(2))",
        ["`values` is a pair of arrays"],
    ),
    "solve swapped": (
        "def newton_step(g, H):\n    return -np.linalg.solve(g, H)",
        "newton_step(np.ones(3), np.eye(3))",
        ["`g` is (3,), `H` is (3, 3)", "the matrix comes first", "np.linalg.solve(H, g)"],
    ),
    "caret": (
        "def power(x, n):\n    return x ^ n",
        "power(2.0, 3)",
        ["exclusive or", "x ** n"],
    ),
    "negative power of integers": (
        "def power(x, n):\n    return n * x ** (n - 1)",
        "power(np.array([1, 2]), -1)",
        ["an array of integers can't hold 1/2", "np.float64"],
    ),
    "math.exp of an array": (
        "def f(x):\n    return math.exp(x)",
        "f(np.ones(2))",
        ["math.exp takes a single number", "np.exp works entry by entry", "`x` is (2,)"],
    ),
    ".T on three axes": (
        "def scores(Q, K):\n    return Q @ K.T",
        "scores(np.ones((2, 5, 3)), np.ones((2, 4, 3)))",
        ["`Q @ K.T` is (2, 5, 3) @ (3, 4, 2)", "reverses all axes of K", "np.swapaxes(K, -1, -2)"],
    ),
    "two other axes of a stack swapped": (
        "def scores(Q, K):\n    return Q @ K.swapaxes(0, 1)",
        "scores(np.ones((2, 5, 3)), np.ones((2, 4, 3)))",
        ["K has the shape (2, 4, 3), and this swaps axes 0 and 1", "np.swapaxes(K, -1, -2)"],
    ),
    "a power of 0 without its own case": (
        "def slope(x, n):\n    return n * x ** (n - 1)",
        "slope(0.0, 0)",
        ["0 ** n divides by 0 where n is negative", "a case of its own"],
    ),
    "matmul": (
        "def chain(J, g):\n    return J.T @ g",
        "chain(np.ones((2, 2)), np.ones(3))",
        ["`J.T @ g` is (2, 2) @ (3,)", "(size 2)", "(size 3)", "must agree"],
    ),
    "matmul of a number": (
        "def chain(J, g):\n    return J @ g",
        "chain(np.ones((2, 2)), 3.0)",
        ["`J @ g` is (2, 2) @ a number", "its right side is a single number: use *"],
    ),
    "broadcasting": (
        "def softmax(x):\n    e = np.exp(x)\n    total = e.sum(axis=1)\n    return e / total",
        "softmax(np.ones((2, 3)))",
        ["`e / total` is (2, 3) / (2,)", "3 doesn't match 2", "keepdims=True"],
    ),
    "in place": (
        "def add(b, g):\n    b += g\n    return b",
        "add(np.zeros(3), np.ones((2, 3)))",
        ["`b += g` is (3,) += (2, 3)", "keeps the shape (3,)"],
    ),
    "mask of the last axes": (
        "def hide(scores, mask):\n    scores[~mask] = -np.inf\n    return scores",
        "hide(np.ones((3, 2, 4)), np.ones((2, 4), dtype=bool))",
        ["the mask belongs to the last axes of scores", "np.where(mask, a, b)"],
    ),
    "mask of another array": (
        "def zero(g, mask):\n    return g[mask]",
        "zero(np.ones(3), np.array([True, False]))",
        ["the mask has size 2", "the array has size 3", "`g` is (3,), `mask` is (2,)"],
    ),
    "index out of bounds": (
        "def last(x):\n    return x[len(x)]",
        "last(np.ones(3))",
        ["indices 0 to 2", "so 3 is beyond its end"],
    ),
    "index of another axis": (
        "def total(a):\n    return sum(a[k] for k in range(4))",
        "total(np.ones((3, 4)))",
        ["so 3 is beyond its end; axis 1 of `a` has 4 entries: is that one meant?"],
    ),
    "too many indices": (
        "def corner(x):\n    return x[0, 0]",
        "corner(np.ones(3))",
        ["the array has 1 axis, and the line gives 2 indices"],
    ),
    "wrong number of arguments": (
        "def f(x):\n    return x\n\ndef g(x):\n    return f(x, 2)",
        "g(1.0)",
        ["f is called with a different number of arguments", "f(x)"],
    ),
    "unexpected keyword": (
        "def f(x, alpha=0.01):\n    return x",
        "f(1.0, alpa=2)",
        ["f has no parameter called alpa, did you mean alpha?", "f(x, alpha)"],
    ),
    "recursion": (
        "def f(n):\n    return n * f(n - 1)",
        "f(3)",
        ["f raises RecursionError", "f calls itself too deeply"],
    ),
    "a lambda in a loop finds itself": (
        "def f(x):\n"
        "    g = lambda t: t\n"
        "    for _ in range(3):\n"
        "        before = g\n"
        "        g = lambda t: before(t) + 1\n"
        "    return g(x)",
        "f(1.0)",
        ["`before` is looked up when the lambda is called", "lambda x, before=before:"],
    ),
    "too few values": (
        "def f(x):\n    a, b = x\n    return a",
        "f([1.0])",
        ["2 names are to the left of =", "the right side has 1 values"],
    ),
    "too many values": (
        "def f(x):\n    a, b = x\n    return a",
        "f([1.0, 2.0, 3.0])",
        ["2 names are to the left of =", "has more values"],
    ),
    "one value": (
        "def f(x):\n    a, b = x\n    return a",
        "f(1.0)",
        ["the right side is a single value"],
    ),
    "local before assignment": (
        "def f(x):\n    total += x\n    total = 0\n    return total",
        "f(1.0)",
        ["`total` has no value yet"],
    ),
    "a number that is called": (
        "def f(x):\n    n = 2\n    return n(x + 1)",
        "f(1.0)",
        ["`n` is a number", "is a * missing"],
    ),
    "a raise of the student's own": (
        "def dropped(x, rate):\n    if rate <= 0 or rate >= 1:\n"
        "        raise ValueError('the rate must be below 1')\n    return x",
        "dropped(np.ones(3), 0.0)",
        ["line 3", "ValueError: the rate must be below 1", "this is your own `raise`",
         "its condition `rate <= 0 or rate >= 1` is true for rate = 0.0, which is allowed",
         "it refuses too much"],
    ),
    "an assert of the student's own": (
        "def scores(Q, K):\n    assert Q.shape == K.shape, 'shapes'\n    return Q @ K.T",
        "scores(np.ones((2, 3)), np.ones((4, 3)))",
        ["your own `assert`", "`Q.shape == K.shape` is false for these arguments, which are "
         "allowed: it refuses too much"],
    ),
    "a raise about what the student computed": (
        "def root(x):\n    slope = 0 * x\n    if slope == 0:\n"
        "        raise RuntimeError('flat')\n    return x / slope",
        "root(2.0)",
        ["`slope == 0` is true for slope = 0.0: does it refuse too much, or is what it looks at "
         "wrong?"],
    ),
    "a raise about the student's own object": (
        "class Layer:\n    def __init__(self, n):\n        self.n = n + 1\n"
        "    def forward(self, x):\n        if len(x) != self.n:\n"
        "            raise ValueError('length')\n        return x",
        "Layer(3).forward(np.ones(3))",
        ["`len(x) != self.n` is true for these arguments: does it refuse too much, or"],
    ),
    "a raise after a search": (
        "def root(f, x):\n    for _ in range(3):\n        x = x / 2\n        if f(x) == 1:\n"
        "            return x\n    raise RuntimeError('not found')",
        "root(np.cos, 1.0)",
        ["your own `raise`", "nothing before it has returned"],
    ),
    "a raise in the last else": (
        "def slope(name):\n    if name == 'relu':\n        return 1.0\n    else:\n"
        "        raise ValueError(name)",
        "slope('tanh')",
        ["none of the cases before its `else` takes these arguments"],
    ),
    "a raise that another line of the student's has led to": (
        "def layer(x):\n    if len(x) != 3:\n        raise ValueError('length')\n"
        "    return x\n\ndef network(x):\n    return layer(x[1:])",
        "network(np.ones(3))",
        ["layer raises ValueError", "your line `return layer(x[1:])` led to it"],
    ),
    "a raise that tells of a caught error": (
        "def f(x):\n    try:\n        return 1 / x\n    except ZeroDivisionError:\n"
        "        raise ValueError('x is 0')",
        "f(0)",
        ["what went wrong is what its `except` has caught"],
    ),
    "a row that belongs to another axis": (
        "def centered(x):\n    return x - x.mean(axis=(0, 2, 3))",
        "centered(np.ones((4, 3, 5, 6)))",
        ["`x.mean(axis=(0, 2, 3))`, of shape (3,), is lined up with the last axis of `x`, of shape "
         "(4, 3, 5, 6), but has the length of axis 1", "with the shape (3, 1, 1)"],
    ),
    "the transpose added": (
        "def step(W, grad):\n    return W - 0.1 * grad",
        "step(np.ones((2, 3)), np.ones((3, 2)))",
        ["`W`, of shape (2, 3), has the shape of the transpose of `0.1 * grad`, of shape"],
    ),
    "one product that fits": (
        "def back(W, grad):\n    return W @ grad",
        "back(np.ones((2, 3)), np.ones((2, 4)))",
        ["the last axis of `W` on the left (size 3)", "axis of `grad` on the right (size 2)",
         "only `W.T @ grad` fits"],
    ),
    "an axis that a row doesn't have": (
        "def f(x):\n    return (2 * x).sum(axis=1)",
        "f(np.ones(3))",
        ["`2 * x` has only axis 0, so there is no axis 1; axis -1 is the last one"],
    ),
    "attribute never set": (
        "class Linear:\n    def __init__(self):\n        self.weight = 1\n"
        "    def forward(self):\n        return self.wieght",
        "Linear().forward()",
        ["forward raises AttributeError", "no attribute wieght; did you mean weight?"],
    ),
    "integers in place": (
        "def step(x):\n    x += 0.5\n    return x",
        "step(np.array([1, 2]))",
        ["an array of integers can't take fractions in place"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "check", "parts"), KINDS.values(), ids=KINDS)
def test_an_error_is_told_with_its_line_its_shapes_and_its_cause(
    answer: str, check: str, parts: list[str]
) -> None:
    text = " ".join(str(told(answer, check)).split())
    for part in parts:
        assert part in text


def test_an_argument_has_lost_no_axis_by_a_sum() -> None:
    answer = "def cross_entropy(targets, log_s):\n    return -np.sum(targets * log_s)"
    text = str(told(answer, "cross_entropy(np.array([0, 2, 1]), np.ones((3, 5)))"))
    assert "with the shape (3, 1)" in text
    assert "keepdims" not in text


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        ("def f(x):\n    return int('two')", "f(1.0)"),
        ("def f(x):\n    return [].pop()", "f(1.0)"),
        ("def f(x):\n    return {}['W']", "f(1.0)"),
    ],
)
def test_an_error_that_no_rule_knows_is_told_without_a_guess(answer: str, check: str) -> None:
    failed = told(answer, check)
    assert failed.likely is None
    assert failed.where is not None and failed.where.startswith("line ")
    assert failed.actual is not None and ": " in failed.actual


def test_no_code_of_a_student_is_run_for_the_explanation() -> None:
    failed = told(
        """
        ran = []

        class Trap:
            def __getattribute__(self, name):
                ran.append(name)
                return np.ones(3)
            def __repr__(self):
                ran.append("repr")
            def __eq__(self, other):
                ran.append("eq")
            __str__ = __bool__ = __len__ = __array__ = __repr__

        class Loud(Exception):
            def __str__(self):
                ran.append("str")
                return "loud"

        trap = Trap()
        def f(x):
            raise Loud(trap, len(ran), trap.W @ x)
        """,
        "f(np.ones(2))",
    )
    assert "`trap.W" not in str(failed)
    answer = """
        ran = []

        class Loud(Exception):
            def __str__(self):
                ran.append("str")
                return "loud"

        def f(x):
            raise Loud("quiet")
        """
    names = dict(EARLIER)
    run(dedent(answer), "<answer>", names)
    try:
        run("f(1.0)", "<check>", names)
    except Exception as error:
        assert "Loud: quiet" in str(explain(error, check="<check>"))
    assert names["ran"] == []


def test_a_property_is_not_evaluated() -> None:
    failed = told(
        """
        class Layer:
            @property
            def W(self):
                return np.ones((2, 2))
            def forward(self, x):
                return self.W @ x
        """,
        "Layer().forward(np.ones(3))",
    )
    assert failed.where is not None and "`x` is (3,)" in failed.where and "W`" not in failed.where


def test_an_attribute_of_an_object_is_looked_up() -> None:
    failed = told(
        """
        class Layer:
            def __init__(self):
                self.W = np.ones((2, 2))
            def forward(self, x):
                return self.W @ x
        """,
        "Layer().forward(np.ones(3))",
    )
    assert "`self.W @ x` is (2, 2) @ (3,)" in str(failed)


def test_a_long_message_is_cut() -> None:
    failed = told("def f(x):\n    raise ValueError('long ' * 100_000)", "f(1.0)")
    assert len(str(failed)) < 1000
