"""What a check puts in the place of an earlier answer takes the arguments that the text names."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from tests.tools import rehearsal
from tests.tools.rehearsal import namespace_of, rehearse

from autograder.course.lint.names import bound_names
from autograder.course.notebooks import read_cells
from byhand.checks import reach
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


def defined_in(code: CodeType) -> set[str]:
    """Return the names of all functions and classes that are defined in a function."""
    inner = [part for part in code.co_consts if isinstance(part, CodeType)]
    return {part.co_name for part in inner}.union(*map(defined_in, inner))


@pytest.mark.parametrize("chapter", sorted(path.name for path in (ROOT / "solutions").iterdir()))
def test_no_answer_comes_to_the_student_s_process_before_it_has_been_tested(
    chapter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = read_cells(ROOT / "solutions" / chapter / f"{chapter}.ipynb")
    places = {cell.id: k for k, cell in enumerate(cells)}
    answers = {n for c in cells if c.kind == "solution" for n in bound_names(c.tree())}
    tested = {
        node.id: k
        for k, cell in enumerate(cells)
        if cell.kind == "test"
        for node in ast.walk(cell.tree())
        if isinstance(node, ast.Name) and node.id in answers
    }
    run, find, now, early = rehearsal._run, reach._in_notebook, [0], set()

    def noting(source: str, name: str, namespace: dict[str, object]) -> BaseException | None:
        now[0] = places[name]
        return run(source, name, namespace)

    def looking(scenario: Any) -> Any:
        sent = defined_in(scenario.__code__)
        early.update(name for name in sent & tested.keys() if tested[name] >= now[0])
        return find(scenario)

    monkeypatch.setattr(rehearsal, "_run", noting)
    monkeypatch.setattr(reach, "_in_notebook", looking)
    rehearse(cells)
    assert not early
