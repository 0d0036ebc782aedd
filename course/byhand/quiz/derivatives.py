"""Questions of chapter 1: what it builds on, and what it taught."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from byhand.quiz.questions import Choice, Draw, Number, Option, text_of

__all__ = ["QUIZ", "WARM_UP"]


def line_through_two_points(rng: np.random.Generator) -> Number:
    """Ask for rise over run."""
    x1, run = int(rng.integers(-4, 4)), int(rng.integers(3, 6))
    y1, rise = int(rng.integers(-5, 6)), int(rng.choice([-11, -8, -7, 7, 8, 11]))
    x2, y2, slope = x1 + run, y1 + rise, rise / run
    points = [f"({text_of(x)}, {text_of(y)})" for x, y in ((x1, y1), (x2, y2))]
    return Number(
        f"A straight line goes through {points[0]} and {points[1]}. What is its slope?",
        slope,
        f"Rise over run: y changes by {text_of(rise)} while x changes by {run}, "
        f"so the slope is {text_of(rise)}/{run}.",
        slips={
            "This is run over rise. A slope says how much y changes for one unit of x.": 1 / slope,
            "The sign is flipped. Take both differences in the same order, from the first point "
            "to the second.": -slope,
            "This is the rise alone. Divide it by the run.": rise,
        },
    )


def arithmetic_on_an_array(rng: np.random.Generator) -> Choice:
    """Ask what NumPy does with a number and an array."""
    factor, summand = rng.integers(2, 5), rng.integers(1, 7)
    x = rng.choice(np.arange(1, 10), size=3, replace=False)
    y, summed = factor * x + summand, factor * x.sum() + summand
    return Choice(
        f"`x = np.array([{x[0]}, {x[1]}, {x[2]}])`. What is `{factor} * x + {summand}`?",
        (
            Option(
                f"`array([{y[0]}, {y[1]}, {y[2]}])`",
                "An array takes arithmetic entry by entry, and a number meets every entry.",
                right=True,
            ),
            Option(
                f"an array of {factor * 3 + 1} entries: x repeated {factor} times, then {summand}",
                "That is how a list repeats, and adding a number to a list is an error. "
                "Arrays do arithmetic.",
            ),
            Option(
                "an error, since a number can't be added to an array",
                "It can: NumPy treats the number as an array of the same shape that holds it "
                "everywhere. This is called broadcasting.",
            ),
            Option(
                f"the number {summed}",
                "Arithmetic keeps the shape. Only functions such as `x.sum()` turn an array into "
                "one number.",
            ),
        ),
    )


def difference_of_a_square(rng: np.random.Generator) -> Choice:
    """Ask to expand f(x + h) - f(x)."""
    a, x = rng.integers(2, 6), rng.integers(2, 6)
    linear = 2 * a * x
    return Choice(
        f"f(x) = {a}x². What is f({x} + h) − f({x})?",
        (
            Option(
                f"{linear}h + {a}h²",
                f"({x} + h)² = {x**2} + {2 * x}h + h². Times {a}, less {a * x**2}, this leaves "
                f"{linear}h + {a}h².",
                right=True,
            ),
            Option(
                f"{a}h²",
                f"This takes ({x} + h)² for {x}² + h². The mixed term 2·{x}·h is missing.",
            ),
            Option(
                f"{linear}h",
                f"The term {a}h² is missing. It is small for a small h, but it is not 0: it is "
                "what makes a secant differ from the tangent.",
            ),
            Option(
                f"{a * x**2} + {linear}h + {a}h²",
                f"This is f({x} + h). f({x}) = {a * x**2} still has to be subtracted.",
            ),
        ),
    )


def slope_from_a_sensitivity(rng: np.random.Generator) -> Number:
    """Ask for the slope behind a small change."""
    x, change = rng.integers(2, 30), rng.choice([0.02, 0.04, 0.05])
    slope = rng.choice([-3.5, -2.4, -1.6, 1.4, 2.2, 3.6])
    output = slope * change
    verb = "falls" if output < 0 else "rises"
    return Number(
        f"When x goes from {x} to {text_of(x + change)}, the output f(x) {verb} by about "
        f"{text_of(abs(output))}. About how large is f′({x})?",
        slope,
        f"To first order the output changes by f′({x}) times the change of x. So f′({x}) is about "
        f"{text_of(output)} / {text_of(change)}.",
        slips={
            "This is the product of both changes. The slope is the change of the output divided by "
            "that of the input.": output * change,
            "This is the change of the input divided by that of the output: the other way "
            "round.": change / output,
            "The sign is flipped. A slope is negative where the output falls as x grows.": -slope,
            "This is the change of the output itself, for a step of "
            f"{text_of(change)}. A slope is for one unit of x.": output,
        },
    )


def halving_the_step(rng: np.random.Generator) -> Choice:
    """Ask what half the step does to the error, where the formula and where rounding sets it."""
    regime = rng.choice(["forward", "central", "rounding"])
    name = "forward" if regime == "forward" else "central"
    # a power of 2, so that x + h isn't rounded too
    tiny = {"2⁻³⁶": 2**-36, "2⁻⁴⁰": 2**-40, "2⁻⁴²": 2**-42}
    shown = str(rng.choice([*tiny]) if regime == "rounding" else rng.choice([0.02, 0.04, 0.1]))
    if shown in tiny:
        shown += f", about {text_of(tiny[shown], 2)}"
    power = "h" if name == "forward" else "h²"
    large = {
        "forward": "the error of the forward difference is proportional to h",
        "central": "the error of the central difference is proportional to h²",
        "rounding": "rounding changes each value of f by a part in 10¹⁶, and the division by h "
        "magnifies that: half the step, about twice the error on average",
    }[regime]
    reasons = {
        "half": "A half belongs to an error proportional to h",
        "quarter": "A quarter belongs to an error proportional to h²",
        "double": "The error grows as h shrinks only where rounding dominates, at a much smaller h",
        "same": "Nothing in the error is independent of h: one part shrinks with h, the other one "
        "grows",
    }
    if regime == "rounding":
        reasons["half"] = reasons["quarter"] = (
            "The formula's own error would shrink like "
            f"{power}, but at this h it is far below the error of rounding"
        )
    right = {"forward": "half", "central": "quarter", "rounding": "double"}[regime]
    texts = {
        "half": "It falls to about a half",
        "quarter": "It falls to about a quarter",
        "double": "It roughly doubles",
        "same": "It stays about the same",
    }
    return Choice(
        f"You measure the slope of exp at many points near x = 1, with the {name} difference and "
        f"h = {shown}. What does the average error do when you halve h?",
        tuple(
            Option(texts[k], f"Here {large}." if k == right else f"{reasons[k]}.", right=k == right)
            for k in texts
        ),
    )


Formula = Callable[[float], float]
# what is calculated, the formula that subtracts nearly equal numbers, the one that doesn't, points
PAIRS: tuple[tuple[str, tuple[str, Formula], tuple[str, Formula], tuple[float, ...]], ...] = (
    (
        "1 − cos x",
        ("1 - np.cos(x)", lambda x: 1 - np.cos(x)),
        ("2 * np.sin(x / 2)**2", lambda x: 2 * np.sin(x / 2) ** 2),
        (2e-5, 3e-6, 5e-7),
    ),
    (
        "(1 + x)² − 1",
        ("(1 + x)**2 - 1", lambda x: (1 + x) ** 2 - 1),
        ("x * (2 + x)", lambda x: x * (2 + x)),
        (3e-9, 7e-11, 2.3e-12),
    ),
    (
        "√(x + 1) − √x",
        ("np.sqrt(x + 1) - np.sqrt(x)", lambda x: np.sqrt(x + 1) - np.sqrt(x)),
        ("1 / (np.sqrt(x + 1) + np.sqrt(x))", lambda x: 1 / (np.sqrt(x + 1) + np.sqrt(x))),
        (3e9, 7e10, 2e12),
    ),
)


def formula_that_keeps_its_digits(rng: np.random.Generator) -> Choice:
    """Ask which of two equal formulas loses digits."""
    what, (losing, poor), (keeping, good), points = PAIRS[rng.integers(len(PAIRS))]
    x = float(rng.choice(points))
    error = abs(poor(x) - good(x)) / abs(good(x))
    kept = int(-np.log10(error))
    formulas, names = [losing, keeping], ["A", "B"]
    if rng.random() < 0.5:
        formulas.reverse()
        names.reverse()
    loser, keeper = names
    return Choice(
        f"Two formulas for {what}, equal in algebra:\nA: `{formulas[0]}`\nB: `{formulas[1]}`\n"
        f"Which gives about 16 right digits in float64 at x = {text_of(x)}?",
        (
            Option(
                f"{keeper}, but not {loser}",
                f"{loser} subtracts two numbers that agree in nearly all their digits. What is "
                f"left is mostly their rounding: about {kept} digits are right. {keeper} subtracts "
                "nothing.",
                right=True,
            ),
            Option(
                f"{loser}, but not {keeper}",
                f"It is the other way round. {keeper} has no subtraction in which digits cancel.",
            ),
            Option(
                "both, since they are equal in algebra",
                f"Each step in float64 is rounded, and the steps differ: {loser} keeps about "
                f"{kept} digits.",
            ),
            Option(
                "neither, since x is too extreme for float64",
                "float64 holds about 16 digits of numbers from 1e−308 to 1e308. The size of x "
                "costs no digits; a subtraction can.",
            ),
        ),
    )


def where_a_sigmoid_is_flat(rng: np.random.Generator) -> Choice:
    """Ask at which input a neuron's slope is smallest."""
    w, center = rng.choice([-3.0, -2.0, 2.0, 3.0]), float(rng.choice([-3, -2, 2, 3]))
    b = -w * center
    # in units toward 0: the farthest from the center is on either side, or is 0 itself
    steps = rng.choice([[0, 1, 2, -4], [0, -1, -2, 4], [0, 1, -2, 3]])
    inputs = [center - np.sign(center) * step for step in steps]
    steep = [1 / (2 + 2 * np.cosh(w * x + b)) for x in inputs]
    flattest = int(np.argmin(steep))
    steepest = int(np.argmax(steep))
    options = []
    for k, x in enumerate(inputs):
        z = w * x + b
        reason = f"There z = {text_of(z)}, where the slope of σ is {text_of(steep[k], 2)}"
        if k == flattest:
            reason += ". Of these inputs, z is farthest from 0: the sigmoid saturates."
        elif k == steepest:
            reason += ", its largest value: in the middle, at σ = ½, the sigmoid is steepest."
        elif abs(x) > abs(inputs[flattest]):
            reason += ". It is the size of z that counts, not that of x: the bias shifts the curve."
        else:
            reason += ". Another z is farther from 0."
        options.append(Option(f"x = {text_of(x)}", reason, right=k == flattest))
    sign = "+" if b > 0 else "−"
    return Choice(
        f"A neuron computes σ(z) with z = {text_of(w)}·x {sign} {text_of(abs(b))}. At which x "
        "does its output react least to a small change of x?",
        tuple(options),
    )


def slope_of_a_product(rng: np.random.Generator) -> Number:
    """Ask for the derivative of a product from values and slopes."""
    f, df = rng.choice([2, 3, 5]), rng.choice([-4, -1.2, 1.4])
    g, dg = rng.choice([4, 6, 7]), rng.choice([-3, 0.6, 2.3])
    x = rng.integers(1, 9)
    return Number(
        f"At x = {x}: f = {text_of(f)}, f′ = {text_of(df)}, g = {text_of(g)}, g′ = {text_of(dg)}. "
        f"What is the slope of f·g at x = {x}?",
        df * g + f * dg,
        "Each factor changes while the other keeps its value: f′·g + f·g′ = "
        f"{text_of(df * g)} {'−' if dg < 0 else '+'} {text_of(abs(f * dg))}.",
        slips={
            "This is f′·g′. The slope of a product is not the product of the slopes.": df * dg,
            "This is f′·g alone: g changes too.": df * g,
            "This is f·g′ alone: f changes too.": f * dg,
            "Both parts are there, but one is subtracted. A product's parts are added.": df * g
            - f * dg,
            "This is the value of f·g, not its slope.": f * g,
        },
    )


WARM_UP: tuple[Draw, ...] = (
    line_through_two_points,
    arithmetic_on_an_array,
    difference_of_a_square,
)
QUIZ: tuple[Draw, ...] = (
    slope_from_a_sensitivity,
    halving_the_step,
    formula_that_keeps_its_digits,
    where_a_sigmoid_is_flat,
    slope_of_a_product,
)
