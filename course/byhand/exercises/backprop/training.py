"""Exercise 4.7: training on minibatches."""

from __future__ import annotations

from typing import Any

import numpy as np

from byhand import digits
from byhand.checks import CheckFailed, check_close, check_equal, scenario
from byhand.checks.failures import brief, nothing_returned
from byhand.differences.calls import Function
from byhand.exercises.samples import Floats


@scenario
def _recorded(train: Function, x: Floats, seed: int, options: dict[str, Any]) -> Any:
    """Train a network that only records what it is shown, and has one parameter p.

    Its loss is mean(x); its gradient is the mean of the x of the batch that it last ran
    backward on.
    """
    from byhand.checks import supplied

    seen = []

    class Recorder:
        def __init__(self):
            self.p, self.g = np.zeros(1), np.full(1, 1000.0)

        def forward(self, x, target=None):
            if np.shape(x)[0] != 3:
                seen.append(np.array(x))
                return x, 0.0
            self.shown = float(np.mean(x))
            seen.append(np.vstack([x, target]))
            return x, self.shown

        def backward(self):
            self.g = np.full(1, self.shown)
            return np.zeros(1)

        def get_parameters(self):
            return {"W1": self.p}

        def get_gradients(self):
            return {"W1": self.g}

    def step(parameters, gradients, learning_rate):
        for name in parameters:
            parameters[name] -= learning_rate * gradients[name]

    recorder, mine, target = Recorder(), np.array(x), 10 * x[:2]
    kept = np.array(target)
    with supplied(sgd_step=step):
        losses = train(recorder, mine, target, np.random.default_rng(seed), **options)
    same = np.array_equal(mine, x) and np.array_equal(kept, target)
    return {"losses": losses, "batches": seen, "p": recorder.p, "unchanged": bool(same)}


def _run(train: Function, n: int, draw: int, options: dict[str, Any]) -> tuple[Any, Floats]:
    """Return what was recorded for n examples of three numbers, the first of which counts them."""
    rng = np.random.default_rng(draw)
    x = np.vstack([np.arange(float(n)), rng.integers(1, 9, (2, n))])
    found = _recorded(train, x, draw, options)
    losses = found["losses"]
    if not isinstance(losses, list | tuple | np.ndarray):
        raise CheckFailed(
            "train(...) must return a list with one loss for each epoch",
            actual=brief(losses),
            likely=nothing_returned(losses),
        )
    return found, x


def train_losses(train: Function, draw: int = 0) -> None:
    """Check one loss for each epoch: the mean of its batches' losses; x is left as it was."""
    found, x = _run(train, 11, draw, {"epochs": 3, "batch_size": 4, "learning_rate": 0.125})
    check_equal(
        len(found["losses"]), 3, what="the number of losses for 3 epochs of 3 batches each",
        hint="one number for each epoch",
        likely="a loss is stored for each batch: store their mean after each epoch"
        if len(found["losses"]) == len(found["batches"]) else None,
    )  # fmt: skip
    batches = found["batches"]
    check_equal(
        bool(batches) and len(batches) % 3 == 0, True,
        what="whether each of 3 epochs trains on as many batches",
    )  # fmt: skip
    shown = np.array([batch[:3].mean() for batch in batches])
    sizes = np.array([batch.shape[1] for batch in batches])
    by_epoch = shown.reshape(3, -1)
    means = by_epoch.mean(axis=1)
    check_close(
        found["losses"],
        means,
        what=f"the losses of 3 epochs of {by_epoch.shape[1]} batches each",
        rtol=1e-11,
        mistakes={
            "this is the sum over the batches: divide by their number": by_epoch.sum(axis=1),
            "this is the sum of the batches' losses divided by the number of examples": (
                by_epoch.sum(axis=1) / 11
            ),
            "this is the loss of each epoch's last batch": by_epoch[:, -1],
            "this is the last batch's loss divided by the number of batches: add up all": (
                by_epoch[:, -1] / by_epoch.shape[1]
            ),
            "this is the loss of each epoch's first batch": by_epoch[:, 0],
            "the batches are weighted by their sizes: take the plain mean of their losses": (
                (shown * sizes).reshape(3, -1).sum(axis=1) / 11
            ),
            "the losses of earlier epochs are counted again": np.cumsum(means),
        }
        if by_epoch.shape[1] > 1
        else {},
    )
    check_equal(
        found["unchanged"], True, what="whether x and target are unchanged after train",
        likely="the caller's arrays are shuffled, or changed in another way",
        hint="x[:, chosen] is a copy; shuffling x itself changes the caller's array",
    )  # fmt: skip


def _sizes_slip(found: list[int], sizes: list[int], n: int, epochs: int) -> str | None:
    """Return why the batches have other sizes, if there is a usual reason."""
    size = sizes[0]
    if found == [k for k in sizes if k == size] * epochs:
        return "the last batch of an epoch, which is smaller, is left out"
    if found == [n] * epochs:
        return "all examples are one batch: cut each epoch's order into pieces"
    if found == [size] * len(sizes) * epochs:
        return "the last batch is filled up: it holds only the examples that are left"
    if len(found) == n * epochs:
        return "a batch begins at every example: step by batch_size"
    if found[:1] == [size + 1]:
        return "each batch takes one example more, the first of the next one"
    return None


def _check_order(train: Function, n: int, size: int, epochs: int, draw: int) -> list[list[float]]:
    """Check the batches of an epoch and return the order of the examples in each."""
    __tracebackhide__ = True
    rate = 0.0625
    found, x = _run(train, n, draw, {"epochs": epochs, "batch_size": size, "learning_rate": rate})
    batches = found["batches"]
    sizes = [*([size] * (n // size)), *([n % size] if n % size else [])]
    check_equal(
        [batch.shape[1] for batch in batches],
        sizes * epochs,
        what=f"the sizes of the batches in {epochs} epochs of {n} examples, batch_size {size},",
        hint="an example is a column; an epoch's last batch is smaller, no example is left out",
        likely=_sizes_slip([batch.shape[1] for batch in batches], sizes, n, epochs),
    )
    shown = np.hstack(batches)
    check_equal(
        bool(np.array_equal(shown[3:], 10 * shown[:2])), True,
        what="whether each example is beside its own target",
        likely="x and target are not taken in the same order",
        hint="take the same columns of x and of target",
    )  # fmt: skip
    orders = [shown[0, e * n : (e + 1) * n].tolist() for e in range(epochs)]
    for order in orders:
        check_equal(
            sorted(order), [float(k) for k in range(n)], what="the examples of an epoch, sorted",
            hint="each epoch shows every example once: draw one order of all, then cut it up",
        )  # fmt: skip
    means = [float(batch[:3].mean()) for batch in batches]
    late = [1000.0, *means[:-1]]
    check_close(
        found["p"],
        [-rate * sum(means)],
        what=f"a parameter after {len(batches)} batches, for known gradients,",
        rtol=1e-11,
        mistakes={
            "nothing changed: is a step made?": [0.0],
            "the step comes before backward, with the gradients of the batch before": [
                -rate * sum(late)
            ],
            "this walks uphill": [rate * sum(means)],
            "the gradients are read once, before the loop: ask for them after each backward": [
                -rate * 1000.0 * len(batches)
            ],
            "one step for each epoch: step after each batch": [
                -rate * sum(means[len(sizes) * (e + 1) - 1] for e in range(epochs))
            ],
            "the learning rate is not used": [-sum(means)],
            "the learning rate is divided by batch_size: the gradient is a mean already": [
                -rate * sum(means) / size
            ],
            "a learning rate of 0.05 is used, whatever is passed in": [-0.05 * sum(means)],
            "a learning rate of 0.1 is used, whatever is passed in": [-0.1 * sum(means)],
            "a learning rate of 0.01 is used, whatever is passed in": [-0.01 * sum(means)],
        },
    )
    return orders


def train_batches(train: Function, draw: int = 0) -> None:
    """Check the batches of each epoch, their order, a step after each, and the defaults."""
    orders = _check_order(train, 23, 5, 2, draw)
    for order in orders:
        check_equal(
            order == sorted(order), False, what="whether the examples come in their old order",
            likely="the examples are never shuffled",
            hint="draw a new random order in each epoch",
        )  # fmt: skip
    check_equal(
        orders[0] == orders[1], False, what="whether both epochs have the same order",
        likely="the order is drawn once for all epochs",
        hint="draw a new order in each epoch",
    )  # fmt: skip
    again, other = (_check_order(train, 23, 5, 2, seed) for seed in (draw, draw + 1))
    check_equal(
        again == orders, True, what="whether the same seed draws the same order",
        likely="the order is drawn by another generator than rng",
        hint="draw from rng, the generator that is passed in, and from nothing else",
    )  # fmt: skip
    check_equal(
        other == orders, False, what="whether another seed draws the same order",
        likely="the order is drawn by a generator with a seed of its own, not by rng",
        hint="draw from rng, the generator that is passed in, and from nothing else",
    )  # fmt: skip
    found, _ = _run(train, 40, draw + 2, {})
    sizes = [batch.shape[1] for batch in found["batches"]]
    check_equal(
        [len(found["losses"]), sizes[:3]], [30, [16, 16, 8]],
        what="[number of epochs, sizes of the first batches] without options, for 40 examples",
        hint="the defaults are in the signature: epochs=30, batch_size=16, learning_rate=0.05",
    )  # fmt: skip
    check_close(
        found["p"], [-0.05 * sum(b[:3].mean() for b in found["batches"])], rtol=1e-11,
        what="a parameter after 30 epochs with the default learning rate, for known gradients,",
    )  # fmt: skip


@scenario
def _digits_read(train: Function, network: Function, seed: int, classes: int) -> Any:
    """Train on the digits below `classes`; return what is read in unseen images of those.

    The mean of the images is taken off: then a large learning rate needs few steps.
    """
    from byhand import digits

    data = digits.load()
    known, asked = data.train_labels < classes, data.test_labels < classes
    x, unseen = (a.reshape(-1, 64).T for a in (data.train_images[known], data.test_images[asked]))
    mean = x.mean(axis=1, keepdims=True)
    target = np.eye(10)[data.train_labels[known]].T  # not generic: the digits are one-hot
    rng = np.random.default_rng(seed)
    fresh = network(64, 32, 10, rng)
    train(fresh, x - mean, target, rng, epochs=3, batch_size=32, learning_rate=0.5)
    return fresh.forward(unseen - mean).argmax(axis=0)


def train_digits(train: Function, TwoLayerNetwork: Function, draw: int = 0) -> None:
    """Check that the trained network reads at least 90 % of the digits that it has never seen.

    Hidden tests train on half of the digits.
    """
    classes = 5 if draw else 10
    labels = digits.load().test_labels
    read = _digits_read(train, TwoLayerNetwork, draw, classes)
    share = np.mean(read == labels[labels < classes])
    check_equal(
        bool(share >= 0.9), True,
        what=f"whether at least 90 % of the held-out digits are read right (it is {share:.1%})",
        hint="run the two sanity checks above, then your check_layer on a Linear",
    )  # fmt: skip
