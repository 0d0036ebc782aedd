"""What a function shows when entries of x are moved up and down by a ladder of steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from byhand.differences.calls import Call
from byhand.differences.extrapolation import LEVELS, ROUNDING, Floats, Indices, Look

BLOCK = 2**23  # numbers in the points of one request: 64 MB, which 900 entries of x fill

Looking = Callable[[Floats, Indices], Look]
Reducing = Callable[[Floats, Floats], tuple[Floats, Floats]]


def one_number(call: Call) -> Reducing:
    """Return a function that passes on values and noise, and refuses more than one number each."""

    def reduce(values: Floats, noise: Floats) -> tuple[Floats, Floats]:
        if values.shape[1] != 1:
            raise ValueError(
                f"{call.who}: {call.name} must return one number, got an array of shape "
                f"{call.out_shape}; sum it or use jacobian"
            )
        return values, noise

    return reduce


def each_entry(call: Call, reduce: Reducing) -> Looking:
    """Return the look at a function whose entries of x are moved one at a time."""

    def look(levels: Floats, entries: Indices) -> Look:
        step, k = levels * call.scale[entries], np.arange(len(entries))
        points = np.tile(call.x, (1 + 2 * LEVELS * len(entries), 1))
        up, down = points[1:].reshape(2, LEVELS, len(entries), call.x.size)
        up[:, k, entries] += step
        down[:, k, entries] -= step
        values, noise = reduce(*call.values(points))
        moved = (2 * LEVELS, len(entries), -1)
        return slopes(
            call, entries, step, values[0], values[1:].reshape(moved), noise[1:].reshape(moved)
        )

    return in_blocks(look, BLOCK // (2 * LEVELS * max(1, call.x.size)))


def in_blocks(look: Looking, room: int) -> Looking:
    """Return `look` at many entries of x in requests of at most `room` entries each."""

    def look_in_blocks(levels: Floats, entries: Indices) -> Look:
        count = -(-len(entries) // max(1, room))
        if count <= 1:
            return look(levels, entries)
        parts = [
            look(levels[:, block], entries[block])
            for block in np.array_split(np.arange(len(entries)), count)
        ]
        return Look(
            np.concatenate([part.slope for part in parts], axis=1),
            np.concatenate([part.noise for part in parts], axis=1),
            np.concatenate([part.bend for part in parts], axis=1),
            np.concatenate([part.size for part in parts]),
        )

    return look_in_blocks


def slopes(
    call: Call, entries: Indices, step: Floats, centre: Floats, values: Floats, noise: Floats
) -> Look:
    """Return the look that belongs to values at x, at L steps up and at L steps down."""
    x = call.x[entries]
    plus, minus = values[:LEVELS], values[LEVELS:]
    with np.errstate(all="ignore"):
        moved = ((x + step) - (x - step))[..., None]  # twice the step as rounded
        slope = (plus - minus) / moved
        bend = ((plus - centre) - (centre - minus)) / (moved / 2)
        rounding = (noise[:LEVELS] + noise[LEVELS:]) / moved
        rounding += 2 * ROUNDING * np.abs(x)[:, None] * np.abs(slope) / moved
        return Look(slope, rounding, bend, np.abs(centre) / call.scale[entries, None])
