"""Mistakes of arithmetic in a part of the entries only: on a diagonal or off it, or in signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from byhand.diagnosis.evidence import Evidence, magnitudes, same
from byhand.diagnosis.numbers import all_zero, constant_factor, sign_flipped


def on_or_off_the_diagonal(e: Evidence) -> Iterator[str]:
    """Recognize matrices that are right on the diagonal only, or off it only, up to a factor."""
    shape = e.expected.shape
    if len(shape) < 2 or shape[-1] != shape[-2] or shape != e.actual.shape:
        return
    on = np.broadcast_to(np.eye(shape[-1], dtype=bool), shape)
    for part, rest, said in (
        (on, ~on, "right off the diagonal, but on it"),
        (~on, on, "right on the diagonal, but off it"),
    ):
        enough = magnitudes(e.expected[part]) > 1 and e.expected[rest].any()
        if enough and same(e.actual[rest], e.expected[rest]):
            of_part = replace(e, expected=e.expected[part], actual=e.actual[part])
            for rule in (all_zero, sign_flipped, constant_factor):
                yield from (f"{said} {what}" for what in rule(of_part))


def some_signs_flipped(e: Evidence) -> Iterator[str]:
    """Recognize right sizes with wrong signs in a part of the entries."""
    if e.expected.shape != e.actual.shape or e.actual.dtype.kind == "c":
        return
    near = 1e-6 * np.abs(e.expected)
    right = np.abs(e.actual - e.expected) <= near
    flipped = ~right & (np.abs(e.actual + e.expected) <= near)
    if not (right | flipped).all() or not (right & (e.expected != 0)).any():
        return
    if magnitudes(e.expected[flipped]) < 2:
        return
    if (e.actual >= 0).all():
        yield "every entry has the right size, but none is negative: their signs are lost"
    else:
        yield "every entry has the right size, but the wrong ones have the wrong sign"
