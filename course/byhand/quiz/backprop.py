"""Questions of chapter 4: what it builds on, and what it taught."""

from __future__ import annotations

import numpy as np

from byhand.quiz.questions import Choice, Draw, Number, Option, text_of

__all__ = ["QUIZ", "WARM_UP"]


def slope_of_a_nested_function(rng: np.random.Generator) -> Number:
    """Ask for the derivative of a square of something, from a value and a slope."""
    g, dg = rng.choice([3, 4, 5]), rng.choice([-2, -1.5, 2.5])
    x = rng.integers(6, 10)
    right = 2 * g * dg
    return Number(
        f"y = g(x)². At x = {x}: g = {text_of(g)} and g′ = {text_of(dg)}. What is the slope of y "
        "with respect to x there?",
        right,
        f"Outer slope at the inner value, times the inner slope: 2·{text_of(g)}·{text_of(dg)}.",
        slips={
            "This is the outer slope alone: the inner one, g′, is missing.": 2 * g,
            "The outer slope is taken at x. It belongs at g(x).": 2 * x * dg,
            "This is g′². The slope of a square is not the square of the slope.": dg**2,
            "The factor 2 of the square is missing.": g * dg,
        },
    )


def slope_over_two_paths(rng: np.random.Generator) -> Number:
    """Ask for a slope that reaches the result over two paths."""
    a, b = rng.choice([3, 4, 5]), rng.choice([-3, -2, 6])
    p, q = rng.choice([2, -4]), rng.choice([5, 7])
    return Number(
        f"u = {text_of(a)}·x and v = {text_of(b)}·x; y = {text_of(p)}·u + {text_of(q)}·v. "
        "What is the slope of y with respect to x?",
        a * p + b * q,
        f"Multiply along each path, then add: {text_of(a * p)} through u, {text_of(b * q)} through "
        "v.",
        slips={
            "This is the path through u alone. x reaches y through v too.": a * p,
            "This is the path through v alone. x reaches y through u too.": b * q,
            "The slopes of all edges are multiplied. Different paths add up.": a * p * b * q,
            "All slopes are added. Along a path they are multiplied.": a + b + p + q,
        },
    )


def shape_of_a_gradient(rng: np.random.Generator) -> Choice:
    """Ask which product has the shape of a matrix of weights."""
    n_in, n_out, batch = (int(n) for n in rng.choice([3, 4, 5, 6, 7, 8], size=3, replace=False))
    return Choice(
        f"`z = W @ x` with W of shape ({n_out}, {n_in}) and x of shape ({n_in}, {batch}). `g` is "
        "the gradient of a loss with respect to z. Which has the shape of W?",
        (
            Option(
                "`g @ x.T`",
                f"({n_out}, {batch}) times ({batch}, {n_in}) is ({n_out}, {n_in}); the product "
                "sums over the batch, which all weights share.",
                right=True,
            ),
            Option(
                "`x @ g.T`",
                f"This is ({n_in}, {n_out}), the transpose of what is asked for.",
            ),
            Option(
                "`W.T @ g`",
                f"This is ({n_in}, {batch}), the shape of x: it is the gradient with respect to x.",
            ),
            Option(
                "`g * x`",
                f"({n_out}, {batch}) and ({n_in}, {batch}) don't even match entry by entry.",
            ),
        ),
    )


def doubling_the_batch(rng: np.random.Generator) -> Choice:
    """Ask what repeating every example does to a gradient, with a mean loss and without."""
    times = int(rng.choice([2, 3, 4]))
    alone = bool(rng.integers(2))
    batch = int(rng.integers(3, 40))
    how = (
        "each example's column of `grad_output` is as large as before"
        if alone
        else "the loss is the mean over the batch"
    )
    return Choice(
        f"A batch of {batch} is repeated {times} times, so that every example occurs {times} "
        f"times; {how}. "
        "What happens to `grad_W` of a dense layer?",
        (
            Option(
                f"It is {times} times as large",
                f"A layer sums over the examples, and every term is there {times} times."
                if alone
                else f"The sum has {times} times as many terms, but the loss divides each of them "
                "by a batch that is as much larger.",
                right=alone,
            ),
            Option(
                "It stays the same",
                "It would, if a mean loss had divided by the batch; here each column is as large "
                "as before."
                if alone
                else f"The layer sums {times} times as many terms, and the loss has divided each "
                f"by {times} times as many examples.",
                right=not alone,
            ),
            Option(
                f"It shrinks to 1/{times}",
                "That happens if a layer divides by the batch although it shouldn't.",
            ),
            Option(
                f"It has {times} times as many entries",
                "A gradient has the shape of its variable, whatever the batch.",
            ),
        ),
    )


def gradient_of_a_shared_number(rng: np.random.Generator) -> Number:
    """Ask for a leaf's grad after backward of a small program, perhaps called twice."""
    a, b = int(rng.choice([3, 4, 5])), int(rng.choice([2, 6, 7]))
    calls = int(rng.integers(1, 3))
    once = b + 2 * a
    times = "once" if calls == 1 else "twice, without a reset"
    return Number(
        f"`a = Value({a})`, `b = Value({b})`, `y = a * b + a * a`. `y.backward()` is called "
        f"{times}. What is `a.grad`?",
        calls * once,
        f"a is used three times: b + a + a = {once}."
        + (" Leaves accumulate over calls." if calls == 2 else ""),
        slips={
            "This is the use in `a * b` alone.": calls * b,
            "Both factors of `a * a` are a: two shares.": calls * (b + a),
            "Leaves accumulate: the second call adds to what the first one found."
            if calls == 2
            else "This would be it after two calls.": (3 - calls) * once,
            "This is the value of y.": a * b + a * a,
        },
    )


def order_of_the_backward_pass(rng: np.random.Generator) -> Choice:
    """Ask which number of a small program may pass its gradient on first."""
    k = int(rng.integers(2, 9))
    names = [str(name) for name in rng.permutation(["p", "q", "r"])]
    p, q, r = names
    return Choice(
        f"`{p} = {k} * x`, `{q} = {p}.tanh()`, `{r} = {p} * {q}`, `y = {r} + {p}`. After y, in "
        "which order do the others pass their gradients on?",
        (
            Option(
                f"{r}, {q}, {p}",
                f"{q} waits for {r}, and {p} for {r} and {q}, which read it.",
                right=True,
            ),
            Option(
                f"{p}, {r}, {q}",
                f"{p} is read by y, but by {q} and {r} as well, which haven't given their share.",
            ),
            Option(
                f"{r}, {p}, {q}",
                f"{q} reads {p}, so {p} is complete only after {q}.",
            ),
            Option(
                f"{q}, {r}, {p}",
                f"{q} gets its gradient from {r}, which has to come first.",
            ),
        ),
    )


def passes_for_a_jacobian(rng: np.random.Generator) -> Number:
    """Ask how much work a mode saves."""
    few, many = int(rng.integers(2, 6)), int(rng.choice([40, 300, 2000]))
    to_many = bool(rng.integers(2))
    n_in, n_out = (few, many) if to_many else (many, few)
    mode = "forward" if rng.integers(2) else "reverse"
    right = n_in if mode == "forward" else n_out
    return Number(
        f"A function has {n_in} inputs and {n_out} outputs. How many passes does {mode} mode need "
        "for its full Jacobian?",
        right,
        f"A {mode} pass starts at one "
        + ("direction of the inputs" if mode == "forward" else "output")
        + f", so it takes {right}.",
        slips={
            "This is the number for the other mode.": n_in + n_out - right,
            "This is the number of entries: a pass finds a whole row or column at once.": n_in
            * n_out,
        },
        rtol=1e-6,
    )


# what keeps what for its backward step, and why that is enough
KEPT = {
    "a ReLU layer": ("where its input was positive", "its slope is 1 there and 0 elsewhere"),
    "a dense layer": ("its input", "the weights' gradient is `grad_output @ x.T`"),
    "a tanh layer": ("its output", "the slope of tanh is 1 − output²"),
    "the sum of two arrays": ("nothing", "its slope is 1 everywhere"),
}


def memory_for_the_way_back(rng: np.random.Generator) -> Choice:
    """Ask what a part of a network has to remember for its backward step."""
    part = str(rng.choice([*KEPT]))
    batch = int(rng.integers(3, 40))
    return Choice(
        f"A batch of {batch} examples goes forward. What is the least that {part} must keep for "
        "its backward step, beside its parameters?",
        tuple(
            Option(
                kept,
                f"That is enough: {why}."
                if owner == part
                else f"That is what {owner} keeps: {why}.",
                right=owner == part,
            )
            for owner, (kept, why) in KEPT.items()
        ),
    )


WARM_UP: tuple[Draw, ...] = (
    slope_of_a_nested_function,
    slope_over_two_paths,
    shape_of_a_gradient,
)
QUIZ: tuple[Draw, ...] = (
    doubling_the_batch,
    gradient_of_a_shared_number,
    order_of_the_backward_pass,
    memory_for_the_way_back,
    passes_for_a_jacobian,
)
