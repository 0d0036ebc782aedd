"""Each mistake that a check foresees is called by its name, on the numbers where it shows first."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tests.tools.rehearsal import rehearse

from autograder.course.notebooks import read_cells
from byhand import diagnosis, exercises
from byhand.checks import check_close

ROOT = Path(__file__).resolve().parents[3]
CONTEXT = ("x", "batch", "sizes", "factors", "mistakes", "terms", "swapped")


def modules_of(home: ModuleType) -> list[ModuleType]:
    """Return the modules of an exercise package that compare values."""
    found = (
        importlib.import_module(f"{home.__name__}.{m.name}")
        for m in pkgutil.iter_modules(home.__path__)
    )
    return [module for module in found if hasattr(module, "check_close")]


class Ear:
    """Notes what is said of each mistake where it shows first: on the page, and in hidden tests.

    Attributes
    ----------
    heard : dict
        By module and whether the numbers are hidden, then by mistake: where, and what is said.
    """

    def __init__(self) -> None:
        self.heard: dict[tuple[str, bool], dict[str, tuple[str, str | None]]] = {}
        self.hidden = False

    def called(self, check: Callable[..., None]) -> Callable[..., None]:
        """Return a check of a notebook; hidden tests draw other numbers."""

        @wraps(check)
        def begun(*args: Any, **options: Any) -> None:
            self.hidden = "draw" in options
            check(*args, **options)

        return begun

    def listening(self, module: str) -> Callable[..., None]:
        """Return the `check_close` of a module."""

        def check(actual: object, expected: Any, *, what: str, **options: Any) -> None:
            first = self.heard.setdefault((module, self.hidden), {})
            known = {key: value for key, value in options.items() if key in CONTEXT}
            for said, wrong in (known.get("mistakes") or {}).items():
                if said not in first and shows(wrong, expected):
                    first[said] = what, diagnosis.diagnose(expected, wrong, **known)
            check_close(actual, expected, what=what, **options)

        return check


def shows(wrong: Any, expected: Any) -> bool:
    """Return whether a result differs from the right one by more than any tolerance."""
    wrong, expected = np.asarray(wrong), np.asarray(expected)
    if wrong.shape != expected.shape:
        return True
    return not np.allclose(wrong, expected, rtol=1e-5, atol=0, equal_nan=True)


@pytest.mark.parametrize(
    ("chapter", "package", "fewest"),
    [
        ("1_derivatives", "derivatives", 200),
        ("2_gradients", "gradients", 200),
        ("3_chain_rule", "chain_rule", 200),
        ("4_backprop", "backprop", 130),
        ("5_layer_gradients", "layer_gradients", 200),
        ("6_stability", "stability", 400),
    ],
)
def test_no_other_mistake_fits_where_a_foreseen_one_shows_first(
    chapter: str, package: str, fewest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, ear = importlib.import_module(f"{exercises.__name__}.{package}"), Ear()
    for module in modules_of(home):
        monkeypatch.setattr(module, "check_close", ear.listening(module.__name__))
    for name in home.__all__:
        monkeypatch.setattr(home, name, ear.called(getattr(home, name)))
    rehearse(read_cells(ROOT / "solutions" / chapter / f"{chapter}.ipynb"))
    silent = [
        f"{what}: {mistake!r} is told as {said!r}"
        for first in ear.heard.values()
        for mistake, (what, said) in first.items()
        if said != mistake
    ]
    assert {hidden for _, hidden in ear.heard} == {False, True}
    assert sum(map(len, ear.heard.values())) > fewest
    assert not silent, "\n".join(silent)
