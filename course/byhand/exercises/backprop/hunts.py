"""Exercise 4.12: bug hunts. Proofs are measured; corrections are checked on several inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand.checks import check_close, check_counterexample, check_each, check_unchanged
from byhand.differences import gradient
from byhand.differences.calls import Function
from byhand.exercises.backprop.cost import Parents, check_diamonds, diamonds
from byhand.exercises.samples import Floats, kept

# -- hunt 1: divided twice -------------------------------------------------------------------


def _given_divided(W: Floats, x: Floats, target: Floats) -> Floats:
    batch = np.shape(x)[1]
    return (np.asarray(W) @ x - target) / batch @ np.transpose(x) / batch


def _measured_mean_loss(W: Floats, x: Floats, target: Floats) -> Floats:
    """Return the measured gradient of the mean loss with respect to W."""
    W, x, target = (np.asarray(a, dtype=float) for a in (W, x, target))
    if not (W.ndim == x.ndim == 2 and target.shape == (W @ x).shape):
        raise ValueError("the shapes must be (n_out, n_in), (n_in, B) and (n_out, B)")
    half = 1 / (2 * x.shape[1])
    return gradient(lambda W: half * np.sum((W @ x - target) ** 2), W).value


def divided_hunt_proof(counterexample_1: Function, draw: int = 0) -> None:
    """Check that the given gradient is not that of the mean loss at (W, x, target)."""
    check_counterexample(
        counterexample_1(), _given_divided, _measured_mean_loss, what="counterexample_1()",
        likely="a division by B too many changes nothing where B is 1, or where the gradient is 0",
        hint="for how many examples would one division too many not show?",
    )  # fmt: skip


@kept
def _slips_of_gap(W: Floats, x: Floats, target: Floats) -> dict[str, Any]:
    batch, gap = x.shape[1], W @ x - target
    return {
        "the target is missing: the prediction minus the target is needed": W @ x @ x.T / batch,
        "the prediction is missing: the prediction minus the target is needed": -target
        @ x.T
        / batch,
        "the target is added, where it is subtracted": (W @ x + target) @ x.T / batch,
        "the differences are squared: the slope of d**2 / 2 is d": gap**2 @ x.T / batch,
        "both means are taken first: multiply for each example, then add": np.outer(
            gap.mean(axis=1), x.mean(axis=1)
        ),
        "this is the gradient with respect to the prediction: x is still missing": gap / batch,
        "this is the gradient with respect to x": W.T @ gap / batch,
    }


def divided_hunt_values(mean_loss_gradient: Function, draw: int = 0) -> None:
    """Check the gradient of the mean loss for three batches, one of a single example."""
    rng = np.random.default_rng(draw)
    for n_in, n_out, batch in ((4, 3, 5), (3, 5, 7), (3, 4, 1)):
        W, x = rng.standard_normal((n_out, n_in)), rng.standard_normal((n_in, batch))
        target = rng.standard_normal((n_out, batch))
        gap = (W @ x - target) @ x.T
        slips = {
            "divided by the number of inputs, not of examples": gap / n_in,
            "divided by the number of outputs, not of examples": gap / n_out,
            **_slips_of_gap(W, x, target),
        }
        check_close(
            check_unchanged(mean_loss_gradient, W, x, target, what="mean_loss_gradient"),
            gap / batch,
            what=f"mean_loss_gradient for {n_in} inputs, {n_out} outputs, a batch of {batch}",
            rtol=1e-10,
            relative_to="largest",
            batch=batch,
            mistakes=slips if batch > 1 else {},
        )


# -- hunt 2: a loss and a gradient that disagree ---------------------------------------------


def _given_slope(prediction: Floats, target: Floats) -> Floats:
    return (np.asarray(prediction) - target) / np.shape(prediction)[1]


def _slope_of_given_loss(prediction: Floats, target: Floats) -> Floats:
    p, target = np.asarray(prediction, dtype=float), np.asarray(target, dtype=float)
    if p.ndim != 2 or p.shape != target.shape:
        raise ValueError("both shapes must be (n_out, B)")
    return gradient(lambda p: 0.5 * np.mean((p - target) ** 2), p).value


def disagree_hunt_proof(counterexample_2: Function, draw: int = 0) -> None:
    """Check that the given gradient is not the slope of the given loss at these arguments."""
    check_counterexample(
        counterexample_2(), _given_slope, _slope_of_given_loss, what="counterexample_2()",
        likely="with one output there are as many entries as examples, and where prediction and "
        "target are equal both gradients are 0",
        hint="by which numbers do the two divide? For which shapes are they the same?",
    )  # fmt: skip


def disagree_hunt_values(loss_and_gradient: Function, draw: int = 0) -> None:
    """Check loss and gradient for four shapes, with one output and one example among them."""
    rng = np.random.default_rng(draw)
    for n_out, batch in ((3, 5), (6, 4), (1, 4), (4, 1)):
        p, t = rng.standard_normal((n_out, batch)), rng.standard_normal((n_out, batch))
        total, gap, nan = np.sum((p - t) ** 2), p - t, np.nan * p
        check_each(
            check_unchanged(loss_and_gradient, p, t, what="loss_and_gradient"),
            (total / (2 * batch), gap / batch),
            what=f"loss_and_gradient for {n_out} outputs and {batch} examples",
            names=["the loss", "the gradient"],
            rtol=1e-12,
            mistakes={
                "this is still the loss that was given": (total / (2 * p.size), nan),
                "divided by all entries: the gradient was right as it was given": (
                    np.nan, gap / p.size,
                ),
                "the factor 1/2 is missing": (total / batch, nan),
                "the differences are squared: the slope of d**2 / 2 is d": (
                    np.nan, gap**2 / batch,
                ),
                "absolute values, not squares": (np.sum(np.abs(gap)) / (2 * batch), nan),
                "the sum is squared, not each difference": (np.sum(gap) ** 2 / (2 * batch), nan),
                "the root is taken: the loss is a sum of squares": (
                    np.sqrt(total) / (2 * batch), nan,
                ),
                "it is not divided by the number of examples": (total / 2, gap),
                "divided by the number of outputs, not of examples": (
                    total / (2 * n_out), gap / n_out,
                ),
            }
            if n_out > 1 and batch > 1
            else {},
        )  # fmt: skip


# -- hunt 3: a memory that forgets -----------------------------------------------------------


def _given_collected(batches: list[Floats], ups: list[Floats]) -> Any:
    return sum(np.asarray(g) @ np.transpose(batches[-1]) for g in ups)


def _collected(batches: list[Floats], ups: list[Floats]) -> Any:
    return sum(np.asarray(g) @ np.transpose(x) for g, x in zip(ups, batches, strict=True))


def forgets_hunt_proof(counterexample_3: Function, draw: int = 0) -> None:
    """Check batches whose gradients the given function mixes up."""
    returned = counterexample_3()
    batches = returned[0] if isinstance(returned, tuple) and returned else ()
    batches = batches if isinstance(batches, list | tuple) else ()
    alike = len(batches) > 1 and all(np.array_equal(x, batches[0]) for x in batches)
    check_counterexample(
        returned, _given_collected, _collected, what="counterexample_3()",
        likely="all batches are equal, so that it doesn't matter which one is used"
        if alike
        else "with one batch the last one is the right one" if len(batches) == 1
        else "where batch and last batch differ, their products with grad_output do not",
        hint="how many arrays are there after the loop, and what do they hold?",
    )  # fmt: skip


@kept
def _slips_of_memory(batches: list[Floats], ups: list[Floats]) -> dict[str, Any]:
    zero = 0.0 * batches[0]
    mean = np.mean(batches, axis=0)
    return {
        "each backward pass uses the batch before its own, the first one zeros: is the copy made "
        "before the batch is there?": _collected([zero, *batches[:-1]], ups),
        "each backward pass uses the batch before its own": _collected(
            [batches[-1], *batches[:-1]], ups
        ),
        "each backward pass uses the batch after its own": _collected(
            [*batches[1:], batches[0]], ups
        ),
        "only the first batch counts": ups[0] @ batches[0].T,
        "the last batch is missing": _collected(batches[:-1], ups[:-1]),
        "the first batch is missing": _collected(batches[1:], ups[1:]),
        "every gradient meets every batch: each belongs to one of them": np.sum(ups, axis=0)
        @ np.sum(batches, axis=0).T,
        "every backward pass uses the mean of all batches": _collected([mean] * len(ups), ups),
        "each backward pass uses the sum of the batches so far": _collected(
            list(np.cumsum(batches, axis=0)), ups
        ),
        "these are the products by themselves: add them up": [
            g @ x.T for g, x in zip(ups, batches, strict=True)
        ],
        "this is the mean over the batches: add them up": _collected(batches, ups) / len(ups),
    }


def forgets_hunt_values(collected_gradient: Function, draw: int = 0) -> None:
    """Check that each backward uses its own batch; the caller's arrays are left as they were."""
    rng = np.random.default_rng(draw)
    for count, n_in, n_out, batch in ((3, 4, 3, 5), (5, 3, 4, 6), (1, 3, 5, 4)):
        batches = [rng.standard_normal((n_in, batch)) for _ in range(count)]
        ups = [rng.standard_normal((n_out, batch)) for _ in range(count)]
        check_close(
            check_unchanged(collected_gradient, batches, ups, what="collected_gradient"),
            _collected(batches, ups),
            what=f"collected_gradient of {count} batches",
            rtol=1e-10,
            relative_to="largest",
            sizes={"the number of batches": count},
            mistakes={
                "every backward pass uses the last batch": _given_collected(batches, ups),
                "every backward pass uses the first batch": _given_collected(batches[:1], ups),
                "the batches run backward in the wrong order": _collected(batches[::-1], ups),
                "only the last batch counts": ups[-1] @ batches[-1].T,
                **_slips_of_memory(batches, ups),
            }
            if count > 1
            else {},
        )


# -- hunt 5: passed on too early -------------------------------------------------------------

WAITS_FOR_EVER: dict[str, object] = {
    "edges from names that y does not depend on are waited for": 0.0
}
FIXED: tuple[tuple[Parents, float], ...] = (
    ({"y": [("x", 3.0)]}, 3.0),
    ({"y": [("a", 3.0)]}, 0.0),
    ({"y": [("x", 2.0), ("x", 5.0)]}, 7.0),
    ({"y": [("x", 1.0), ("a", 2.0)], "a": [("x", 5.0)]}, 11.0),
    ({"y": [("a", 1.0), ("b", 1.0)], "b": [("a", 3.0)], "a": [("x", 2.0)]}, 8.0),
    ({"y": [("a", 1.0), ("b", 1.0)], "a": [("x", 2.0)], "b": [("a", 3.0)]}, 8.0),
    ({"y": [("b", 1.0), ("a", 1.0)], "b": [("x", 2.0)], "a": [("b", 3.0)]}, 8.0),
    ({"y": [("q", 1.0), ("m", 1.0)], "m": [("q", 3.0)], "q": [("x", 2.0)]}, 8.0),
    (
        {
            "y": [("a", 1.0), ("b", 1.0)],
            "a": [("c", 2.0)],
            "b": [("e", 1.0)],
            "e": [("a", 3.0)],
            "c": [("x", 5.0)],
        },
        40.0,
    ),
    ({"a": [("x", 2.0)], "c": [("a", 4.0)], "y": [("a", 1.0), ("c", 0.5)]}, 6.0),
)


def _sum_over_paths(parents: Parents) -> float:
    """Return the slope as a sum over all paths, each name's visited once."""
    known: dict[str, float] = {"x": 1.0}
    on_the_way: set[str] = set()

    def slope_of(name: str) -> float:
        if name in on_the_way or len(on_the_way) > 500:
            raise ValueError("the graph has a circle, or a path of more than 500 edges")
        if name not in known:
            on_the_way.add(name)
            known[name] = sum(s * slope_of(parent) for parent, s in parents.get(name, []))
            on_the_way.remove(name)
        return known[name]

    return slope_of("y")


def _hasty(parents: Parents, last: bool = False) -> float:
    """Return the slope if each name passes on what it has when its turn comes, first or last in."""
    grads, waiting = {"y": 1.0}, ["y"]
    while waiting:
        if len(grads) > 10_000:
            raise ValueError("the graph is too large")
        name = waiting.pop(-1 if last else 0)
        for parent, slope in parents.get(name, []):
            if parent not in grads:
                grads[parent] = 0.0
                waiting.append(parent)
            grads[parent] += slope * grads[name]
    return grads.get("x", 0.0)


def _hasty_slopes(graph: Parents) -> dict[str, float]:
    """Return what hasty names give, by what is said of it."""
    said = "a name {} its slope on before all of it has arrived"
    first, last = _hasty(graph), _hasty(graph, last=True)
    depth = {} if np.isclose(first, last) else {f"{said.format('passes')}, depth first": last}
    return {said.format("still passes"): first, **depth}


def early_hunt_proof(counterexample_5: Function, draw: int = 0) -> None:
    """Check a graph for which the given slope is not the sum over all paths."""
    check_counterexample(
        counterexample_5(), _hasty, _sum_over_paths, what="counterexample_5()",
        likely="all shares of each name have arrived there when its turn comes",
        hint="let a name be reached from y by a short path and by a longer one",
    )  # fmt: skip


def early_hunt_values(path_slope: Function, draw: int = 0) -> None:
    """Check eleven graphs: any order of names, edges from elsewhere, and one with 2 ** 60 paths."""
    rng = np.random.default_rng(draw)
    numbers = np.round(rng.uniform(0.5, 3.0, 11), 2) * rng.choice([-1, 1], 11)
    s = [float(number) for number in numbers]
    tangled: Parents = {
        "y": [("a", s[0]), ("d", s[1])],
        "d": [("c", s[2]), ("b", s[3])],
        "c": [("b", s[4]), ("a", s[5])],
        "b": [("a", s[6]), ("x", s[7])],
        "a": [("x", s[8])],
        "unused": [("a", s[9]), ("d", s[10])],
    }
    cases = [*FIXED, (tangled, _sum_over_paths(tangled))]
    for graph, right in cases:
        check_close(
            check_unchanged(path_slope, graph, what="path_slope"),
            right,
            what=f"path_slope({graph})",
            rtol=1e-12,
            mistakes={
                **(WAITS_FOR_EVER if graph is tangled else {}),
                **_hasty_slopes(graph),
            },
        )
    check_diamonds(path_slope)
    check_close(
        path_slope(diamonds(60)),
        2.0**60,
        what="path_slope of a row of 60 names, each of which reads the next one twice,",
        hint="this graph has 2 ** 60 paths, but only 120 edges: take each name once",
    )
