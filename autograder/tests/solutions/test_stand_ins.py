"""What a check puts in the place of an earlier answer takes the arguments that the text names."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from tests.tools.rehearsal import namespace_of, rehearse

from autograder.course.notebooks import read_cells
from byhand.checks.reach import supplied

ROOT = Path(__file__).resolve().parents[3]


def named(function: Any) -> list[str]:
    """Return the names of a function's or a method's parameters."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]


def unlike(name: str, own: Any, given: Any) -> list[str]:
    """Return which functions of a stand-in lack a parameter of the answer's."""
    if not inspect.isclass(own):
        pairs = {name: (own, given)}
    else:
        both = ("__init__", "forward", "backward")
        methods = [m for m in both if m in vars(own) and hasattr(given, m)]
        pairs = {f"{name}.{m}": (getattr(own, m), getattr(given, m)) for m in methods}
        if "__init__" not in vars(given) and given.__init__ is object.__init__:
            pairs.pop(f"{name}.__init__", None)  # nothing to remember
    return [
        f"{called}({', '.join(named(theirs))}) stands for ({', '.join(named(mine))})"
        for called, (mine, theirs) in pairs.items()
        if not set(named(mine)) <= set(named(theirs))
    ]


@pytest.mark.parametrize("chapter", ["2_gradients", "3_chain_rule", "4_backprop", "6_stability"])
def test_a_stand_in_takes_the_arguments_by_the_names_that_the_text_gives(
    chapter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, Any]] = []
    begin = supplied.__init__

    def listening(self: supplied, **trusted: Any) -> None:
        begin(self, **trusted)
        given.extend(trusted.items())

    monkeypatch.setattr(supplied, "__init__", listening)
    cells = read_cells(ROOT / "solutions" / chapter / f"{chapter}.ipynb")
    rehearse(cells)
    own = namespace_of(cells)
    texts = {
        t for name, stand_in in given if name in own for t in unlike(name, own[name], stand_in)
    }
    assert given
    assert not texts
