"""Questions of chapter 5: what it builds on, and what it taught."""

from __future__ import annotations

import numpy as np

from byhand.quiz.questions import Choice, Draw, Number, Option, text_of

__all__ = ["QUIZ", "WARM_UP"]


def shape_of_a_gradient(rng: np.random.Generator) -> Choice:
    """Ask for the shape of the gradient of a dense layer's weights, in columns."""
    n_in, n_out, B = (int(n) for n in rng.choice(np.arange(3, 10), size=3, replace=False))
    return Choice(
        f"A dense layer z = W·x + b takes a batch of {B} columns: x has shape ({n_in}, {B}), z has "
        f"shape ({n_out}, {B}). Which shape has the gradient with respect to W?",
        (
            Option(
                f"({n_out}, {n_in})",
                "A gradient has the shape of its variable. W turns columns of "
                f"{n_in} numbers into columns of {n_out}, and the batch is summed over.",
                right=True,
            ),
            Option(
                f"({n_in}, {n_out})",
                "This is the transpose of W. A gradient has the shape of the variable itself.",
            ),
            Option(
                f"({n_out}, {B})",
                "This is the shape of z, and of the upstream gradient.",
            ),
            Option(
                f"({B}, {n_out}, {n_in})",
                "All examples share one W, so their gradients are summed: no axis of the batch "
                "remains.",
            ),
        ),
    )


def two_paths(rng: np.random.Generator) -> Number:
    """Ask for the slope along two paths that are added."""
    a, b = int(rng.integers(2, 6)), int(rng.integers(2, 6))
    sign = int(rng.choice([-1, 1]))
    c, d = sign * int(rng.choice([4, 7, 8])), sign * int(rng.choice([3, 5, 9]))
    return Number(
        f"u = {a}x and v = {b}x. The loss has the gradients {text_of(c)} with respect to u and "
        f"{text_of(d)} with respect to v. What is its gradient with respect to x?",
        a * c + b * d,
        f"Two paths lead from x to the loss, and what comes back along them is added: "
        f"{a}·({text_of(c)}) + {b}·({text_of(d)}).",
        slips={
            "This is the path through u alone.": a * c,
            "This is the path through v alone.": b * d,
            "Along a path slopes are multiplied, but paths are added, not multiplied.": a
            * c
            * b
            * d,
            "The gradients are added here without the slopes of u and v.": c + d,
        },
    )


def largest_softmax(rng: np.random.Generator) -> Number:
    """Ask for a softmax of scores that are logs."""
    parts = [
        int(n) for n in rng.permutation([2, int(rng.integers(3, 5)), int(rng.integers(6, 10))])
    ]
    k = int(rng.integers(3))
    return Number(
        "Three scores are the natural logarithms of "
        f"{parts[0]}, {parts[1]} and {parts[2]}. What is the weight that softmax gives to the "
        f"{('first', 'second', 'third')[k]} one?",
        parts[k] / sum(parts),
        f"exp undoes the logarithm, so the weights are in the ratio {parts[0]} : {parts[1]} : "
        f"{parts[2]}, and they sum to 1.",
        slips={
            "This is a ratio of the logarithms. Softmax takes their exponentials.": np.log(parts[k])
            / np.log(np.prod(parts)),
            "This is the exponential alone. Divide it by the sum of all three.": parts[k],
        },
        rtol=0.02,
    )


def gradient_of_scores(rng: np.random.Generator) -> Number:
    """Ask for one entry of a gradient that comes back through softmax."""
    s = rng.choice([[0.5, 0.3, 0.2], [0.2, 0.7, 0.1], [0.4, 0.1, 0.5]])
    G = rng.permutation([-2.0, 1.0, 5.0])
    average = float(s @ G)
    return Number(
        f"The weights of a row are {text_of(s[0])}, {text_of(s[1])}, {text_of(s[2])}, and the "
        f"upstream gradients {text_of(G[0])}, {text_of(G[1])}, {text_of(G[2])}. What is the "
        "gradient with respect to the first score?",
        s[0] * (G[0] - average),
        f"The average of the gradients under the weights is {text_of(average)}. The first score "
        f"gets {text_of(s[0])}·({text_of(G[0])} − ({text_of(average)})).",
        slips={
            "This is the diagonal of the Jacobian alone: every score moves every weight.": s[0]
            * (1 - s[0])
            * G[0],
            "The weight itself, a factor, is missing.": G[0] - average,
            "The average is not subtracted.": s[0] * G[0],
            "The average is taken without the weights.": s[0] * (G[0] - G.mean()),
        },
    )


def gradient_of_a_pixel(rng: np.random.Generator) -> Number:
    """Ask for the gradient of an inner number of a row under a kernel of two weights."""
    K = rng.choice(np.arange(2, 8), size=2, replace=False)
    G = rng.choice([-4, -3, 3, 5, 7], size=4, replace=False)
    j = int(rng.integers(1, 4))
    return Number(
        f"y[i] = {K[0]}·x[i] + {K[1]}·x[i + 1] for i = 0 to 3. The gradients with respect to y are "
        f"{', '.join(text_of(g) for g in G)}. What is the gradient with respect to x[{j}]?",
        K[0] * G[j] + K[1] * G[j - 1],
        f"x[{j}] occurs in y[{j}], where it meets {K[0]}, and in y[{j - 1}], where it meets "
        f"{K[1]}: {K[0]}·({text_of(G[j])}) + {K[1]}·({text_of(G[j - 1])}).",
        slips={
            f"y[{j - 1}] reads it too: windows overlap, and their parts are added.": K[0] * G[j],
            f"y[{j}] reads it too: windows overlap, and their parts are added.": K[1] * G[j - 1],
            "The kernel is the wrong way round: look at which weight it meets in which output.": K[
                1
            ]
            * G[j]
            + K[0] * G[j - 1],
        },
    )


def what_a_batch_sends_back(rng: np.random.Generator) -> Choice:
    """Ask how the gradient of a batch norm depends on the mode."""
    gamma, inv_std, g = (
        int(rng.integers(2, 5)),
        float(rng.choice([0.5, 2.0])),
        int(rng.choice([3, 6])),
    )
    B = int(rng.integers(3, 9))
    whole = text_of(gamma * inv_std * g)
    return Choice(
        f"Batch norm with γ = {gamma} and inv_std = {text_of(inv_std)} gets the same upstream "
        f"gradient, {g}, for each of its {B} examples. What is the gradient with respect to x?",
        (
            Option(
                f"0 for every example in training, {whole} in evaluation",
                "In training a shift of all examples is undone by the mean, so nothing comes back. "
                f"In evaluation the mean is a constant: {gamma}·{text_of(inv_std)}·{g}.",
                right=True,
            ),
            Option(
                f"{whole} in both modes",
                "That leaves out the path through the mean, which exists in training.",
            ),
            Option(
                "0 in both modes",
                "In evaluation the running statistics don't depend on x, so a shift of x shows.",
            ),
            Option(
                f"{text_of(gamma * inv_std * g / B)} in training, {whole} in evaluation",
                "A mean does send each example 1/B, but it collects from all of them first, with "
                "a minus: together they cancel the direct path.",
            ),
        ),
    )


def dropout_scale(rng: np.random.Generator) -> Number:
    """Ask for the gradient of an entry that dropout kept."""
    rate, g = float(rng.choice([0.2, 0.6, 0.75])), float(rng.choice([-3.0, 2.0, 5.0]))
    return Number(
        f"Dropout at rate {text_of(rate)} has kept an entry. Its upstream gradient is "
        f"{text_of(g)}. What is the gradient with respect to the entry before dropout?",
        g / (1 - rate),
        f"A kept entry was divided by 1 − {text_of(rate)} = {text_of(1 - rate)}, so its gradient "
        "is too.",
        slips={
            "The scale is missing: forward enlarged what it kept.": g,
            "Divided by the rate: the share that is kept is 1 − rate.": g / rate,
            "Multiplied by the share that is kept: forward divided by it.": g * (1 - rate),
        },
    )


def what_a_mask_sends_back(rng: np.random.Generator) -> Choice:
    """Ask what attention sends to a key that a causal mask hides."""
    T = int(rng.integers(5, 9))
    t = int(rng.integers(1, T - 2))
    return Choice(
        f"Attention over {T} positions, counted from 0, under a causal mask. The loss reads the "
        f"output of position {t} alone. Which rows of grad_K may differ from 0?",
        (
            Option(
                f"rows 0 to {t}",
                f"Query {t} sees the keys up to its own position. The weights of later keys are 0, "
                "and a weight of 0 sends nothing back.",
                right=True,
            ),
            Option(
                f"row {t} alone",
                f"That is so for grad_Q: only query {t} was used. But it looked at all keys up to "
                "its own.",
            ),
            Option(
                f"rows {t} to {T - 1}",
                "The mask is the other way round: causal means that later positions are hidden.",
            ),
            Option(
                f"all rows, 0 to {T - 1}",
                "That would be so without the mask. A masked weight is 0, and the backward pass of "
                "softmax multiplies by it.",
            ),
        ),
    )


WARM_UP: tuple[Draw, ...] = (shape_of_a_gradient, two_paths, largest_softmax)
QUIZ: tuple[Draw, ...] = (
    gradient_of_scores,
    gradient_of_a_pixel,
    what_a_batch_sends_back,
    dropout_scale,
    what_a_mask_sends_back,
)
