"""The slopes along a chain of functions, and their product."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from byhand import figures
from byhand.differences import derivative
from byhand.explorers.base import Explorer
from byhand.explorers.controls import Choice, Controls, Slider, WholeSlider
from byhand.explorers.predictions import Number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


LINKS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "factor · x": lambda x, factor: factor * x,
    "sigmoid(factor · x)": lambda x, factor: 1 / (1 + np.exp(-factor * x)),
    "tanh(factor · x)": lambda x, factor: np.tanh(factor * x),
    "sin(factor · x)": lambda x, factor: np.sin(factor * x),
}
STRAIGHT = "factor · x"  # its slope does not depend on x
LONGEST = 30
LOWEST, HIGHEST = 1e-32, 1e12  # of the products that are drawn
DIGITS = {"float64": 15.95, "float32": 7.22}


class Chain(Explorer):
    """The slopes of the links of a chain, and their product so far."""

    prediction = Number(
        question="Twenty links, each with slope 0.25. A float64 holds 16 digits. When the product "
        "of all slopes is added to a number near 1, how many digits of the product survive?",
        label="Digits that survive", low=0, high=16, whole=True,
        outcome="{truth} of 16 survive",
        explanation="The product is about 10⁻¹², so its first digit is the twelfth after the point "
        "of that sum. In float32, with 7 digits, nothing is left after 12 links, and factors above "
        "1 explode just as fast. A sigmoid has slopes of ¼ at most: deep chains of them hardly "
        "learn.",
    )  # fmt: skip
    title = "The slopes of twenty links"
    message = "Slopes along a chain multiply, so they vanish or explode"
    situation = "Twenty bars, all at 0.25: each link multiplies what it gets. Below, an empty axis."
    picture = (
        "Above, the slope of each link of a chain; below, their product so far, on a log axis."
    )
    size = (7.2, 5.0)

    def controls(self) -> Controls:
        """Return the controls: what each link does, its factor, the depth, and where to start."""
        return {
            "link": Choice("Each link does", list(LINKS)),
            "factor": Slider("factor", 0.1, 2, value=0.25, step=0.05),
            "depth": WholeSlider("depth", 1, LONGEST, value=20, step=1),
            "x": Slider("x (not for factor · x)", -3, 3, value=1, step=0.1),
        }

    def build(self, figure: Figure) -> None:
        """Draw two axes, one above the other, and the lines below which digits are lost."""
        above, below = figure.subplots(2, sharex=True, height_ratios=(2, 3))
        above.set(xlim=(-0.8, LONGEST + 0.8), ylim=(0, 2.1), ylabel="|slope|")
        below.set(yscale="log", ylim=(LOWEST, HIGHEST), xlabel="link", ylabel="|product p so far|")
        self.head(above, pad=12)
        self.named = below.text(
            0, 1.03, "", fontsize=11, va="bottom", transform=below.transAxes, animated=True
        )
        self.bars = above.bar(
            np.arange(1, LONGEST + 1), 0, width=0.7, color=figures.SKY, edgecolor="0.25",
            animated=True,
        )  # fmt: skip
        for kind, digits in DIGITS.items():
            below.axhline(10**-digits, color="0.35", linestyle=":", linewidth=1.5)
            figures.label(
                below, LONGEST + 0.6, 10**-digits, f"below: 1 + p is 1 in {kind}", "0.25",
                fontsize=10, ha="right", va="top", zorder=1.5,
            )  # fmt: skip
        self.products = figures.moving(below, color=figures.BLUE, marker="o", markersize=5)
        self.cover(self.products)
        self.yours = self.add_yours(below, "diamond")

    def truth(self) -> float:
        """Return how many digits are left in float64."""
        return float(_digits_left(self.product)["float64"])

    def redraw(self, link: str, factor: float, depth: int, x: float) -> str:
        """Compute the chain and draw its slopes and their products."""
        self.control["x"].disabled = self.locked or link == STRAIGHT

        def function(at: np.ndarray) -> np.ndarray:
            return LINKS[link](at, factor)

        def slope(at: np.ndarray) -> np.ndarray:
            return derivative(function, at).value

        values = [x]
        for _ in range(depth - 1):
            values.append(float(function(np.array(values[-1]))))
        slopes = slope(np.array(values))
        products = np.concatenate([[1.0], np.cumprod(slopes)])
        for position, bar in enumerate(self.bars):
            bar.set_height(abs(slopes[position]) if position < depth else 0)
        self.product = float(abs(products[-1]))
        self.products.set_data(np.arange(depth + 1), _within(products))
        self.yours.draw(
            "chain_many", "3.2",
            lambda chain: (depth, _within(chain([function] * depth, [slope] * depth)(x))),
        )  # fmt: skip
        named = link.replace("factor", f"{factor:.3g}")
        start = "" if link == STRAIGHT else f" from x = {x:.3g}"
        self.named.set_text(f"each link: {named}{start.replace(' from', ', from')}")
        links = f"{depth} link{'s' * (depth != 1)}"
        return f"{links} {named}{start}: {_lost_digits(slopes, self.product)}"


def _within(products: np.ndarray) -> np.ndarray:
    """Return the sizes of products, none of them outside the picture."""
    return np.clip(np.abs(products), LOWEST, HIGHEST)


def _digits_left(product: float) -> dict[str, int]:
    """Return how many digits of a product survive beside 1, by the precision."""
    return {
        kind: max(0, round(digits + np.log10(product))) if product > 0 else 0
        for kind, digits in DIGITS.items()
    }


def _lost_digits(slopes: np.ndarray, product: float) -> str:
    """Say in words what is left of a product of slopes."""
    sizes = np.abs(slopes)
    start = f"slopes from {sizes.min():.3g} to {sizes.max():.3g} multiply to {product:.2g}"
    if np.isclose(sizes.min(), sizes.max()):
        start = f"slopes of {sizes[0]:.3g} multiply to {product:.2g}"
    if product >= 1:
        return f"{start}. A change is passed on without loss, or grows."
    left = _digits_left(product)
    return (
        f"{start}. Added to a number near 1, about {left['float64']} of 16 digits are left in "
        f"float64, {left['float32']} of 7 in float32."
    )
