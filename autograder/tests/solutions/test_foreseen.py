"""Each mistake that a check foresees is called by its name, on the numbers where it shows first."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
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


def modules_of(package: str) -> list[ModuleType]:
    """Return the modules of an exercise package that compare values."""
    name = f"{exercises.__name__}.{package}"
    home = importlib.import_module(name)
    found = (
        importlib.import_module(f"{name}.{m.name}") for m in pkgutil.iter_modules(home.__path__)
    )
    return [module for module in found if hasattr(module, "check_close")]


def listening(first: dict[str, tuple[str, str | None]]) -> Callable[..., None]:
    """Return `check_close`, which notes what is said of each mistake where it shows first."""

    def check(actual: object, expected: Any, *, what: str, **options: Any) -> None:
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
        ("1_derivatives", "derivatives", 100),
        ("2_gradients", "gradients", 100),
        ("3_chain_rule", "chain_rule", 100),
        ("4_backprop", "backprop", 70),
        ("5_layer_gradients", "layer_gradients", 100),
    ],
)
def test_no_other_mistake_fits_where_a_foreseen_one_shows_first(
    chapter: str, package: str, fewest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: dict[str, dict[str, tuple[str, str | None]]] = {}
    for module in modules_of(package):
        heard[module.__name__] = {}
        monkeypatch.setattr(module, "check_close", listening(heard[module.__name__]))
    rehearse(read_cells(ROOT / "solutions" / chapter / f"{chapter}.ipynb"))
    silent = [
        f"{what}: {mistake!r} is told as {said!r}"
        for first in heard.values()
        for mistake, (what, said) in first.items()
        if said != mistake
    ]
    assert sum(map(len, heard.values())) > fewest
    assert not silent, "\n".join(silent)
