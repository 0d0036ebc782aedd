"""Questions of chapter 3: what it builds on, and what it taught."""

from __future__ import annotations

import numpy as np

from byhand.quiz.questions import Choice, Draw, Number, Option, text_of

__all__ = ["QUIZ", "WARM_UP"]


def slope_of_a_sigmoid(rng: np.random.Generator) -> Number:
    """Ask for the slope of a sigmoid from its output."""
    output = float(rng.choice([0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.65, 0.7, 0.8, 0.9, 0.95]))
    return Number(
        f"At some x the sigmoid returns σ(x) = {text_of(output)}. What is its slope there?",
        output * (1 - output),
        f"The slope of a sigmoid is σ·(1 − σ) = {text_of(output)} · {text_of(1 - output)}.",
        slips={
            "This is 1 − σ², the slope of tanh.": 1 - output**2,
            "This is 1 − σ: the factor σ is missing.": 1 - output,
            "This is the largest slope that a sigmoid has, in its middle, where σ is ½.": 0.25,
        },
    )


def entry_of_a_jacobian(rng: np.random.Generator) -> Choice:
    """Ask what one entry of a Jacobian says."""
    row, column = (int(k) for k in rng.choice([1, 2, 3], size=2, replace=False))
    slope = text_of(float(rng.choice([-1.5, 0.4, 2.5])))
    return Choice(
        f"The Jacobian of f at x has the number {slope} in row {row}, column {column}. What does "
        "that say?",
        (
            Option(
                f"output {row} moves at the rate {slope} if only input {column} moves",
                "The row is the output, the column the input.",
                right=True,
            ),
            Option(
                f"output {column} moves at the rate {slope} if only input {row} moves",
                "It is the other way round: rows belong to outputs, columns to inputs.",
            ),
            Option(
                f"output {row} is {slope} times input {column}",
                "A Jacobian holds rates of change, not ratios of values.",
            ),
            Option(
                f"all outputs move at the rate {slope} if input {column} moves",
                f"A whole column would say that. One entry is about output {row} alone.",
            ),
        ),
    )


def shape_of_a_product(rng: np.random.Generator) -> Choice:
    """Ask for the shape of a matrix product."""
    p, q, r = (int(n) for n in rng.choice(np.arange(2, 9), size=3, replace=False))
    return Choice(
        f"`A` has shape ({p}, {q}), `B` has shape ({r}, {q}). Which product can be computed, and "
        "what is its shape?",
        (
            Option(
                f"`A @ B.T`, of shape ({p}, {r})",
                f"`B.T` has shape ({q}, {r}); the inner sizes agree and are summed away.",
                right=True,
            ),
            Option(
                f"`A @ B`, of shape ({p}, {q})",
                f"The columns of `A`, {q}, would have to meet the rows of `B`, which are {r}.",
            ),
            Option(
                f"`A.T @ B`, of shape ({q}, {q})",
                f"`A.T` has {p} columns, and `B` has {r} rows: they don't meet.",
            ),
            Option(
                f"`A * B`, of shape ({p}, {q})",
                f"Entry by entry the shapes must agree or be 1: {p} and {r} are neither.",
            ),
        ),
    )


def slope_of_a_composition(rng: np.random.Generator) -> Number:
    """Ask for the slope of a composition from a table of values."""
    x, u = (int(n) for n in rng.choice(np.arange(1, 6), size=2, replace=False))
    inner = float(rng.choice([-2.0, 0.5, 2.5]))
    at_u, at_x = (float(n) for n in rng.choice([-1.2, 3.0, 4.0, 0.7], size=2, replace=False))
    return Number(
        f"g({x}) = {u} and g′({x}) = {text_of(inner)}. f′({x}) = {text_of(at_x)} and "
        f"f′({u}) = {text_of(at_u)}. What is the slope of f(g(x)) at x = {x}?",
        at_u * inner,
        f"f is given g({x}) = {u}, so its slope counts there: f′({u}) · g′({x}).",
        slips={
            f"This takes the outer slope at {x}. f is given g({x}) = {u}.": at_x * inner,
            "The two slopes are added; along a chain they multiply.": at_u + inner,
            "This is the outer slope alone: the inner one is missing.": at_u,
        },
    )


def number_of_paths(rng: np.random.Generator) -> Choice:
    """Ask what backpropagation does with the paths of a graph."""
    n = int(rng.integers(30, 60))
    return Choice(
        f"In a row of {n} diamonds there are 2^{n} paths. How does backpropagation get the sum "
        "over all of them?",
        (
            Option(
                "it finishes the sum at each box and passes one number on, so it uses each "
                f"of the {4 * n} arrows once",
                "What is common to many paths is factored out: one multiplication an arrow.",
                right=True,
            ),
            Option(
                "it walks all paths, but in compiled code",
                f"2^{n} is more than {10 ** int(n * np.log10(2)):,}. No code is fast enough.",
            ),
            Option(
                "it leaves out paths whose product is small",
                "Nothing is left out: the result is exact, up to rounding.",
            ),
            Option(
                "it draws paths at random and averages",
                "There is no chance in it. It computes the same sum, in another order.",
            ),
        ),
    )


def letters_of_a_gradient(rng: np.random.Generator) -> Choice:
    """Ask which index is summed in a gradient of a layer."""
    bias = bool(rng.integers(2))
    batch = int(rng.integers(16, 65))
    name, formula = ("b_i", "∑_k δ_ik") if bias else ("W_ij", "∑_k δ_ik x_jk")
    wrong = "∑_i δ_ik" if bias else "∑_i δ_ik x_jk"
    local = "1" if bias else "x_jk"
    return Choice(
        f"A layer z_ik = ∑_j W_ij x_jk + b_i sees {batch} examples, k = 1 … {batch}. "
        f"With δ_ik = ∂L/∂z_ik: what is ∂L/∂{name}?",
        (
            Option(
                formula,
                f"{name} is in z_ik for every example k, at the rate {local}. Paths add.",
                right=True,
            ),
            Option(
                wrong,
                f"{name} is in row i only: the neurons are not summed, the examples are.",
            ),
            Option(
                f"{formula} / {batch}",
                "The mean of the loss is inside δ already. Divided again, it counts twice.",
            ),
            Option(
                "∑_j W_ij δ_ik" if bias else "∑_i W_ij δ_ik",
                "A weight times δ: that belongs to an input, which is sent on by the weights.",
            ),
        ),
    )


def cheaper_order(rng: np.random.Generator) -> Choice:
    """Ask for the cheaper mode from the numbers of inputs and outputs."""
    many, few = int(rng.choice([1000, 5000, 20_000])), int(rng.integers(1, 4))
    training = bool(rng.integers(2))
    inputs, outputs = (many, few) if training else (few, many)
    better, worse = ("reverse", "forward") if training else ("forward", "reverse")
    narrow = "outputs" if training else "inputs"
    return Choice(
        f"A function has {inputs:,} input{'s' * (inputs > 1)} and {outputs:,} "
        f"output{'s' * (outputs > 1)}. You want all its derivatives. Which mode?",
        (
            Option(
                f"{better} mode, with {few} pass{'es' * (few > 1)}",
                f"One pass for each of the {narrow}, which are the fewer.",
                right=True,
            ),
            Option(
                f"{worse} mode, with {few} pass{'es' * (few > 1)}",
                f"{worse.capitalize()} mode needs a pass for each of the "
                f"{'inputs' if training else 'outputs'}: {many:,}.",
            ),
            Option(
                f"{better} mode, with {many:,} passes",
                f"The mode is right, but it needs a pass for each of the {narrow} only.",
            ),
            Option(
                "either, since both multiply the same matrices",
                "They multiply them in another order, and a product's cost depends on that.",
            ),
        ),
    )


def product_of_duals(rng: np.random.Generator) -> Number:
    """Ask for the companion of a product or a quotient of dual numbers."""
    a, b = (int(n) for n in rng.choice([3, 4, 5], size=2, replace=False))
    da, db = (int(n) for n in rng.choice([-2, 6, 7], size=2, replace=False))
    return Number(
        f"Dual({a}, {da}) * Dual({b}, {db}) has the value {a * b}. What is its derivative?",
        da * b + a * db,
        f"({a} + {da}ε)({b} + {db}ε), and ε² = 0: {da}·{b} + {a}·{db}.",
        slips={
            "This is the product of the derivatives. It belongs to ε², which is 0.": da * db,
            "The derivatives are added; each is multiplied by the other's value first.": da + db,
            "Only the first factor moves here; the second one does, too.": da * b,
            "Only the second factor moves here; the first one does, too.": a * db,
        },
    )


WARM_UP: tuple[Draw, ...] = (slope_of_a_sigmoid, entry_of_a_jacobian, shape_of_a_product)
QUIZ: tuple[Draw, ...] = (
    slope_of_a_composition,
    number_of_paths,
    letters_of_a_gradient,
    cheaper_order,
    product_of_duals,
)
