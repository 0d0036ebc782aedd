"""The switches of a small convolutional network, and how it learns with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from byhand import digits, figures
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, LogSlider
from byhand.explorers.predictions import Choose

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from byhand.digits import Digits

Gradient = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

ON, OFF = "on", "off"
HE, SMALL = "He", "a tenth of He's"
CHANNELS, STEPS, BATCH = 8, 90, 32
EVERY = 6  # steps from one look at the held-out digits to the next
FLOOR, TOP = 0.05, 4.0  # of the axis of losses
PLACES = 16  # output pixels of a digit of 8 by 8, with stride 2 and padding 1

# what may help a network that starts too small; the settings that differ from the start
HELP: dict[str, dict[str, Any]] = {
    "batch norm on": {"batch_norm": ON},
    "dropout on": {"dropout": ON},
    "a learning rate of a tenth": {"rate": 0.01},
    "none of these: they are all about as slow": {},
}
START = {"batch_norm": OFF, "dropout": OFF, "first": SMALL, "rate": 0.1}


@lru_cache(maxsize=1)
def _data() -> Digits:
    return digits.load()


def _windows(images: np.ndarray) -> np.ndarray:
    """Return what a 3 by 3 kernel reads, with stride 2 and padding 1: (B, 16, 9)."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return seen[:, ::2, ::2].reshape(len(images), PLACES, 9)


class _Net:
    """Convolution, batch norm, ReLU, dropout, dense; batch norm without running statistics."""

    def __init__(self, batch_norm: bool, rate_off: float, first: float) -> None:
        rng = np.random.default_rng(4)
        self.rng, self.batch_norm, self.rate_off = rng, batch_norm, rate_off
        wide = CHANNELS * PLACES
        self.kernel = first * np.sqrt(2 / 9) * rng.standard_normal((CHANNELS, 9))
        self.W = first * np.sqrt(1 / wide) * rng.standard_normal((10, wide))
        self.bias, self.b = np.zeros(CHANNELS), np.zeros(10)
        self.gamma, self.beta = np.ones(CHANNELS), np.zeros(CHANNELS)

    def logits(self, windows: np.ndarray, training: bool) -> np.ndarray:
        """Return the logits of a batch, and keep what the way back needs."""
        a = windows @ self.kernel.T + self.bias
        if self.batch_norm:
            self.inv_std = 1 / np.sqrt(a.var(axis=(0, 1)) + 1e-5)
            self.x_hat = (a - a.mean(axis=(0, 1))) * self.inv_std
            a = self.gamma * self.x_hat + self.beta
        self.slope = (a > 0).astype(float)
        if training and self.rate_off:
            kept = self.rng.random(a.shape) >= self.rate_off
            self.slope *= kept / (1 - self.rate_off)
        self.flat = (a * self.slope).reshape(len(a), -1)
        return np.asarray(self.flat @ self.W.T + self.b)

    def step(
        self, images: np.ndarray, labels: np.ndarray, rate: float, gradient: Gradient
    ) -> float:
        """Take one step downhill, and return the loss before it."""
        windows = _windows(images)
        shifted = self.logits(windows, True)
        shifted = shifted - shifted.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        rows = np.arange(len(labels))
        grad = np.exp(logs)
        grad[rows, labels] -= 1
        grad /= len(labels)
        back = (grad @ self.W).reshape(len(labels), PLACES, CHANNELS) * self.slope
        self.W -= rate * grad.T @ self.flat
        self.b -= rate * grad.sum(axis=0)
        if self.batch_norm:
            along, total = np.sum(back * self.x_hat, axis=(0, 1)), back.sum(axis=(0, 1))
            spread = back - (total + self.x_hat * along) / (len(labels) * PLACES)
            back = self.gamma * self.inv_std * spread
            self.gamma, self.beta = self.gamma - rate * along, self.beta - rate * total
        self.kernel = self.kernel - rate * gradient(back, images, self.kernel)
        self.bias = self.bias - rate * back.sum(axis=(0, 1))
        return float(-logs[rows, labels].mean())


def _kernel_gradient(back: np.ndarray, images: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return np.einsum("bpc,bpw->cw", back, _windows(images))


def _train(
    gradient: Gradient, batch_norm: str, dropout: str, first: str, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the loss before each step, and the share of held-out digits read, now and then."""
    data = _data()
    net = _Net(batch_norm == ON, 0.25 * (dropout == ON), 1.0 if first == HE else 0.1)
    held_out = _windows(data.test_images)
    losses, shares = [], []
    with np.errstate(all="ignore"):  # a large learning rate may blow up
        for step in range(STEPS + 1):
            start = BATCH * step % (len(data.train_images) - BATCH)
            if step % EVERY == 0:
                said = net.logits(held_out, False).argmax(axis=1)
                shares.append(float(np.mean(said == data.test_labels)))
            batch = slice(start, start + BATCH)
            losses.append(
                net.step(data.train_images[batch], data.train_labels[batch], rate, gradient)
            )
    return np.array(losses), np.array(shares)


@lru_cache(maxsize=128)
def _learn(batch_norm: str, dropout: str, first: str, rate: float) -> tuple[np.ndarray, np.ndarray]:
    return _train(_kernel_gradient, batch_norm, dropout, first, rate)


def _lately(losses: np.ndarray) -> float:
    return float(np.mean(losses[-10:]))


class Switches(Explorer):
    """Left, the loss of each step; right, the share of held-out digits that are read."""

    prediction = Choose(
        question="The first weights are ten times smaller than He's, and there is no batch norm: "
        "after 90 steps the loss is still above 2. You may change one switch. Which change helps "
        "most?",
        options=tuple(HELP),
        outcome="it is {truth}",
        explanation="Small weights make small outputs, and small gradients for the layer before. "
        "Batch norm scales every channel to variance 1, however small it was, and divides the "
        "gradient by the same small number on the way back.",
    )
    title = "A network whose first weights are too small"
    message = "Batch norm undoes the scale of the first weights"
    situation = (
        "Left, the loss of 90 steps on digits, which hardly falls. Right, the share of held-out "
        "digits that are read."
    )
    revealed = {"batch_norm": ON}
    asked = START
    picture = (
        "Left, the loss against the step; right, the share of held-out digits that are read right."
    )
    size = (8.2, 4.0)

    def controls(self) -> Controls:
        """Return the controls: three switches and the learning rate."""
        return {
            "batch_norm": Choice("Batch norm", [OFF, ON]),
            "dropout": Choice("Dropout at 0.25", [OFF, ON]),
            "first": Choice("First weights", [SMALL, HE]),
            "rate": LogSlider("Learning rate", 0.01, 3, value=0.1, step=0.05),
        }

    def build(self, figure: Figure) -> None:
        """Draw the axes and the two curves."""
        self.head(figure)
        loss, read = figure.subplots(1, 2)
        loss.set(
            xlim=(0, STEPS), ylim=(FLOOR, TOP), yscale="log", xlabel="step",
            ylabel="loss of the batch", yticks=[0.1, 0.3, 1, 3],
        )  # fmt: skip
        loss.set_yticklabels(["0.1", "0.3", "1", "3"])
        loss.minorticks_off()
        loss.axhline(np.log(10), color="0.35", linestyle="--", linewidth=1)
        loss.text(STEPS, np.log(10) * 1.05, "log 10: knows nothing", fontsize=10, ha="right")
        read.set(xlim=(0, STEPS), ylim=(0, 1.02), xlabel="step", ylabel="held-out digits read")
        read.set_yticks([0, 0.25, 0.5, 0.75, 1])
        read.set_yticklabels(["0 %", "25 %", "50 %", "75 %", "100 %"])
        self.loss = figures.moving(loss, color=figures.VERMILION, linewidth=1.5)
        self.read = figures.moving(read, "o-", color=figures.BLUE, linewidth=1.5, markersize=5)
        label = loss.text(2, 1.2 * FLOOR, "", fontsize=11, animated=True)
        self.yours = self.add_yours(loss, "dotted", label=label, note=" gives the same")
        self.trained: tuple[Any, np.ndarray] = (None, np.zeros(STEPS + 1))

    def truth(self) -> str:
        """Return the change after which the last losses are the smallest."""
        plain = _lately(_learn(**START)[0])
        changed = {
            said: _lately(_learn(**(START | other))[0]) for said, other in HELP.items() if other
        }
        best = min(changed, key=lambda said: changed[said])
        return best if changed[best] < 0.8 * plain else list(HELP)[-1]

    def redraw(self, batch_norm: str, dropout: str, first: str, rate: float) -> str:
        """Train, if these settings are new, and show both curves."""
        losses, shares = _learn(batch_norm, dropout, first, rate)
        steps = np.arange(STEPS + 1)
        self.loss.set_data(steps, np.clip(losses, FLOOR, TOP))
        self.read.set_data(steps[::EVERY], shares)
        self._draw_yours((batch_norm, dropout, first, rate), steps)
        said = (
            f"Batch norm {batch_norm}, dropout {dropout}, first weights {first}, learning rate "
            f"{rate:.3g}: "
        )
        if not _lately(losses) < 1e3:
            return said + "the loss has blown up; the learning rate is too large."
        return said + (
            f"mean loss of the last ten steps {_lately(losses):.2f}, {shares[-1]:.0%} of the "
            "held-out digits read."
        )

    def _draw_yours(self, settings: tuple[Any, ...], steps: np.ndarray) -> None:
        """Draw the losses with the kernel's gradient from the student's function."""

        def losses_of(conv2d_backward: Callable[..., Any]) -> tuple[np.ndarray, np.ndarray]:
            def gradient(back: np.ndarray, images: np.ndarray, kernel: np.ndarray) -> np.ndarray:
                G = np.moveaxis(back.reshape(len(back), 4, 4, CHANNELS), 3, 1)
                cache = images[:, None], kernel.reshape(CHANNELS, 1, 3, 3), 2, 1
                return np.asarray(conv2d_backward(G, cache)[1]).reshape(CHANNELS, 9)

            if self.trained[0] != (conv2d_backward, settings):
                losses, _ = _train(gradient, *settings)
                self.trained = (conv2d_backward, settings), losses
            return steps, np.clip(self.trained[1], FLOOR, TOP)

        self.yours.draw("conv2d_backward", "5.4", losses_of)
