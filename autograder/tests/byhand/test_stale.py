from __future__ import annotations

from byhand.stale import Stale

ANSWER = "def relu(x):\n    return x\n\nprint(relu(1) / 0)"


def test_a_function_that_was_defined_before_its_cell_failed_is_new() -> None:
    stale, names = Stale(), {"relu": abs}
    stale.before(ANSWER, names)
    names["relu"] = max
    stale.after(ZeroDivisionError(), names)
    assert stale.used_by("relu(1)") == {}


def test_a_function_is_old_until_its_cell_has_run_through() -> None:
    stale, names = Stale(), {"relu": abs}
    stale.before("1 / 0\n" + ANSWER, names)
    stale.after(ZeroDivisionError(), names)
    assert stale.used_by("check(relu)") == {"relu": "ZeroDivisionError"}
    assert stale.used_by("check(tanh)") == {}
    stale.before(ANSWER, names)
    stale.after(None, names)
    assert stale.used_by("check(relu)") == {}


def test_methods_are_no_names_of_the_notebook() -> None:
    stale = Stale()
    stale.before("class Linear:\n    def forward(self", {})
    stale.after(SyntaxError(), {})
    assert stale.used_by("forward(1)") == {}
    assert stale.used_by("Linear().forward(1)") == {"Linear": "SyntaxError"}
