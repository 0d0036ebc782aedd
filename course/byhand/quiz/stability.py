"""Questions of chapter 6: what it builds on, and what it taught."""

from __future__ import annotations

import numpy as np

from byhand.quiz.questions import Choice, Draw, Number, Option, text_of

__all__ = ["QUIZ", "WARM_UP"]


def error_of_a_central_difference(rng: np.random.Generator) -> Choice:
    """Ask what a smaller step does to the error of the formula."""
    times = int(rng.choice([2, 3, 10]))
    words = {2: "half", 3: "a third", 10: "a tenth"}[times]
    h = text_of(float(rng.choice([0.1, 0.2, 0.3])))
    return Choice(
        f"A central difference with h = {h} measures the slope of exp. You take a step that is "
        f"{words} of that. What happens to the error?",
        (
            Option(
                f"It is divided by about {times**2}",
                f"The error is about h²·f‴/6, so it falls with the square of {times}.",
                right=True,
            ),
            Option(
                f"It is divided by about {times}",
                "That is the forward difference, whose error is about h·f″/2. Looking to both "
                "sides removes that part.",
            ),
            Option(
                f"It is multiplied by about {times}",
                "Rounding behaves so, where h is tiny. At this h the error of the formula is "
                "larger by many powers of ten.",
            ),
            Option(
                "It stays the same",
                "Only for functions whose third derivative is 0, such as x², where there is no "
                "error at all.",
            ),
        ),
    )


def gradient_of_a_weight(rng: np.random.Generator) -> Choice:
    """Ask which product gives the gradient of a dense layer with rows."""
    batch, n_in, n_out = (int(n) for n in rng.choice(np.arange(3, 10), 3, replace=False))
    shape = f"({n_out}, {n_in})"
    return Choice(
        f"A dense layer on rows, z = x Wᵀ + b: x is ({batch}, {n_in}), W is {shape}, the upstream "
        f"gradient g is ({batch}, {n_out}). Which is the gradient with respect to W?",
        (
            Option(
                "`g.T @ x`",
                f"W_ij occurs in z_bi for every example b, with the factor x_bj. The sum over b "
                f"gives the shape {shape}, that of W.",
                right=True,
            ),
            Option(
                "`x.T @ g`",
                f"This has the shape ({n_in}, {n_out}): it is the transpose, right where W is "
                "stored the other way round.",
            ),
            Option(
                "`g @ W`",
                f"This has the shape ({batch}, {n_in}): it is the gradient with respect to x.",
            ),
            Option(
                f"`g.T @ x / {batch}`",
                "Only the loss divides by the batch, and g has that in it already.",
            ),
        ),
    )


def slope_of_a_classifier(rng: np.random.Generator) -> Number:
    """Ask for the gradient of cross-entropy with respect to one logit."""
    p = float(rng.choice([0.2, 0.3, 0.6, 0.7]))
    batch = int(rng.choice([4, 5, 8]))
    return Number(
        f"A classifier gives the right class of an example the probability {text_of(p)}. The loss "
        f"is the mean cross-entropy of a batch of {batch}. What is its slope with respect to the "
        "logit of that class?",
        (p - 1) / batch,
        f"Prediction minus target, divided by the batch: ({text_of(p)} − 1) / {batch}.",
        slips={
            "This is the slope for a batch of one: each example counts 1 / B.": p - 1,
            "This is target minus prediction: a larger logit makes the loss smaller, so the slope "
            "is negative.": (1 - p) / batch,
            "This is the slope with respect to the probability, −1 / (p B).": -1 / p / batch,
            "The target is missing: it is 1 for the right class.": p / batch,
            "This is the loss itself.": -np.log(p),
        },
    )


def what_a_check_says(rng: np.random.Generator) -> Number:
    """Ask for the relative error of two gradients."""
    a = rng.choice([4.0, 5.0, 8.0]) * rng.choice([1, -1])
    b = a * rng.choice([0.5, 0.75, 1.25])
    small = 10.0 ** -int(rng.integers(6, 12))
    flipped = bool(rng.random() < 0.5)
    second = -small if flipped else small
    right = 2.0 if flipped else abs(a - b) / max(abs(a), abs(b))
    first = abs(a - b) / max(abs(a), abs(b))
    slips = {
        "This is absolute. Divide by the larger of the two sizes.": abs(a - b),
        "This is divided by the sum of both sizes. Take the larger one.": abs(a - b)
        / (abs(a) + abs(b)),
        "This is the error of the first entry. The second one has the wrong sign, and it counts "
        "however small it is.": first,
        "Where the sign is wrong, the difference is twice the entry: that is 2, not 1.": 1.0,
    }
    return Number(
        f"A gradient is claimed to be ({text_of(a)}, {text_of(small)}), and the measured one is "
        f"({text_of(b)}, {text_of(second)}). What is their relative error, entry by entry?",
        right,
        "The first entry gives "
        f"{text_of(first)}, the second {'2: its sign is flipped' if flipped else '0'}. The worst "
        "one counts.",
        slips={said: value for said, value in slips.items() if abs(value - right) > 0.011 * right},
    )


def price_of_a_wrong_step(rng: np.random.Generator) -> Choice:
    """Ask how many digits a step that is not the best one costs."""
    powers = int(rng.integers(1, 4))
    small = bool(rng.random() < 0.5)
    who = rng.choice(["You check", "A library checks", "A friend of yours checks"])
    lost = powers if small else 2 * powers
    other = 2 * powers if small else powers
    side = "small" if small else "large"
    digits = {n: f"about {n} digit{'s' if n > 1 else ''}" for n in (powers, 2 * powers)}
    return Choice(
        f"{who} a gradient with a central difference whose step is too {side} by a factor of "
        f"10{'⁰¹²³'[powers]}. How many digits does that cost, compared with the best step?",
        (
            Option(
                digits[lost],
                "There rounding rules, and its error grows like 1 / h."
                if small
                else "There the formula's error rules, and it grows like h².",
                right=True,
            ),
            Option(
                digits[other],
                "That would be so on the other side of the best step, where the formula's error "
                "rules, which is proportional to h²."
                if small
                else "That would be so on the other side of the best step, where rounding rules, "
                "which is proportional to 1 / h.",
            ),
            Option(
                "none, as long as h is below 0.01",
                "Two errors pull in opposite directions, and only one step balances them.",
            ),
            Option(
                "all sixteen",
                "So far from the best step some digits are gone, but the best one has only about "
                "eleven to lose.",
            ),
        ),
    )


ENEMIES = {
    "overflow": "A result is above 1.8e308, the largest float64.",
    "underflow": "A result other than 0 is too small for a float, and becomes 0.",
    "cancellation": "Two nearly equal numbers are subtracted, and their roundings remain.",
    "no digits are lost": "All steps stay in range, and no nearly equal numbers are subtracted.",
}


def name_the_enemy(rng: np.random.Generator) -> Choice:
    """Ask what goes wrong in a line of code."""
    n = int(rng.integers(2, 9))
    lines = (
        (f"`np.exp({800 + 10 * n}.0) / (1 + np.exp({800 + 10 * n}.0))`", "overflow"),
        (f"`np.log(np.exp(-{800.0 + 10 * n}))`", "underflow"),
        (f"`np.sqrt(1 + {n}e-12) - 1`", "cancellation"),
        (f"`np.mean(x**2) - np.mean(x)**2` for numbers x near {n}e7", "cancellation"),
        (f"`np.log1p({n}e-14)`", "no digits are lost"),
        (f"`np.exp(-{n}.0) / (1 + np.exp(-{n}.0))`", "no digits are lost"),
        (f"`np.sqrt({n}e200**2 + {n}e199**2)`", "overflow"),
        (f"`{n}e-200 * {n}e-180`", "underflow"),
    )
    line, enemy = lines[rng.integers(len(lines))]
    return Choice(
        f"What happens in float64? {line}",
        tuple(
            Option(
                name,
                ("This is it. " if name == enemy else "Not here. ") + said,
                right=name == enemy,
            )
            for name, said in ENEMIES.items()
        ),
    )


def ceiling_of_a_loss(rng: np.random.Generator) -> Number:
    """Ask how large a loss with a constant in its logarithm can be."""
    power = int(rng.integers(5, 18))
    return Number(
        f"A loss is computed as −ln(p + 1e−{power}). How large can it get for one example?",
        power * np.log(10),
        f"At p = 0 it is −ln 1e−{power} = {power} · ln 10. From there on it is flat: the network "
        "can't learn from being more wrong.",
        slips={
            "This is the logarithm to base 10. Losses use the natural one.": float(power),
            "The sign: −ln of a number below 1 is positive.": -power * np.log(10),
            "This is the constant. Take its logarithm.": 10.0**-power,
        },
    )


def size_of_a_weight(rng: np.random.Generator) -> Number:
    """Ask for the standard deviation of first weights."""
    n_in, n_out = (int(n) for n in rng.choice([18, 32, 50, 72, 200], 2, replace=False))
    relu = bool(rng.random() < 0.5)
    variance = 2 / n_in if relu else 2 / (n_in + n_out)
    other = 2 / (n_in + n_out) if relu else 2 / n_in
    return Number(
        f"A layer has {n_in} inputs and {n_out} outputs, and {'ReLU' if relu else 'tanh'} after "
        "it. By what do you multiply standard normal numbers to get its first weights, after "
        f"{'He' if relu else 'Xavier Glorot'}?",
        np.sqrt(variance),
        f"The variance is 2 / {n_in if relu else f'({n_in} + {n_out})'}, and its root multiplies.",
        slips={
            "This is the variance. Its root multiplies.": variance,
            f"This is the choice for {'tanh' if relu else 'ReLU'}.": np.sqrt(other),
            "The 2 is missing in the variance.": np.sqrt(variance / 2),
        },
    )


WARM_UP: tuple[Draw, ...] = (
    error_of_a_central_difference,
    gradient_of_a_weight,
    slope_of_a_classifier,
)
QUIZ: tuple[Draw, ...] = (
    what_a_check_says,
    price_of_a_wrong_step,
    name_the_enemy,
    ceiling_of_a_loss,
    size_of_a_weight,
)
