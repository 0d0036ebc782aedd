"""Questions of chapter 2: what it builds on, and what it taught."""

from __future__ import annotations

import numpy as np

from byhand.quiz.questions import Choice, Draw, Number, Option, text_of

__all__ = ["QUIZ", "WARM_UP"]


def _vector(numbers: np.ndarray | list[float]) -> str:
    return f"({', '.join(text_of(float(v)) for v in numbers)})"


def slope_between_two_values(rng: np.random.Generator) -> Number:
    """Ask for a central difference from two values of a function."""
    x, h = int(rng.integers(2, 9)), float(rng.choice([0.1, 0.2, 0.4]))
    back = float(rng.choice([1.5, 2.5, 4.0]))
    rise = float(rng.choice([-0.72, -0.36, 0.24, 0.6, 0.84]))
    slope = rise / (2 * h)
    return Number(
        f"f({text_of(x - h)}) = {text_of(back)} and f({text_of(x + h)}) = {text_of(back + rise)}. "
        f"What is the central difference of f at {x}?",
        slope,
        f"The rise is {text_of(rise)}, and the two points are {text_of(2 * h)} apart: "
        f"{text_of(rise)} / {text_of(2 * h)}.",
        slips={
            "This divides by h. The two points are 2h apart.": rise / h,
            "The sign is flipped: the value ahead minus the value back.": -slope,
            "This is the rise alone. A slope is rise over run.": rise,
        },
    )


def change_from_a_slope(rng: np.random.Generator) -> Number:
    """Ask how much the output of a function changes, from its slope."""
    slope = float(rng.choice([-4.0, -2.5, 1.5, 3.0, 6.0]))
    step = float(rng.choice([-0.03, 0.02, 0.05]))
    return Number(
        f"f′(x) = {text_of(slope)}, and x changes by {text_of(step)}. By about how much does f(x) "
        "change?",
        slope * step,
        f"To first order by slope times step: {text_of(slope)} · {text_of(step)}.",
        slips={
            "This divides by the step. The change is slope times step.": slope / step,
            "The size is right, the sign is not: it is the product of both signs.": -slope * step,
            "This is the slope, the change for one whole unit of x.": slope,
        },
    )


def one_step_downhill(rng: np.random.Generator) -> Number:
    """Ask for the weight after one step of gradient descent."""
    w, rate = float(rng.choice([0.5, 1.5, 2.0])), float(rng.choice([0.1, 0.2, 0.5]))
    slope = float(rng.choice([-3.0, -1.6, 1.2, 2.4]))
    return Number(
        f"A loss has the slope {text_of(slope)} at w = {text_of(w)}. Where is w after one step of "
        f"gradient descent with the rate {text_of(rate)}?",
        w - rate * slope,
        f"Against the slope: {text_of(w)} − {text_of(rate)} · ({text_of(slope)}).",
        slips={
            "This goes with the slope, uphill.": w + rate * slope,
            "This is a full step, without the rate.": w - slope,
            "This is the step alone. It is added to w.": -rate * slope,
        },
    )


DIRECTIONS = (((3, 4), 5), ((4, 3), 5), ((5, 12), 13), ((8, 6), 10), ((-3, 4), 5), ((4, -3), 5))


def slope_in_a_direction(rng: np.random.Generator) -> Number:
    """Ask for a directional derivative."""
    v, length = DIRECTIONS[rng.integers(len(DIRECTIONS))]
    grad = np.array([rng.choice([-7, 2, 6]), rng.choice([-5, 1, 9])], dtype=float)
    dot = float(grad @ v)
    slips = {
        f"This is ∇f · v. A slope is for one unit of distance, and v is {length} long.": dot,
        "This is the length of the gradient, the slope in the steepest direction.": float(
            np.linalg.norm(grad)
        ),
        "The sign is flipped. The slope is negative where v points downhill.": -dot / length,
    }
    return Number(
        f"At a point ∇f = {_vector(grad)}. What is the slope of f in the direction of v = "
        f"{_vector(list(v))}?",
        dot / length,
        f"∇f · v = {text_of(dot)}, divided by the length of v, which is {length}.",
        slips={k: v for k, v in slips.items() if abs(v * length - dot) > 0.05 * abs(dot)},
    )


def entry_of_a_gradient(rng: np.random.Generator) -> Number:
    """Ask for one entry of the gradient of least squares."""
    j = int(rng.integers(2))
    own = rng.permutation([2.0, 0.0, -3.0])
    other = rng.permutation([1.0, 4.0, -2.0])
    r = rng.permutation([5.0, -1.0, 2.0])
    A = np.stack([own, other] if j == 0 else [other, own], axis=1)
    right = float(own @ r)
    rows = "; ".join(" ".join(text_of(v) for v in row) for row in A)
    slips = {
        "This adds the slopes A_ij and forgets that each residual passes its own r_i back.": float(
            own.sum()
        ),
        "This belongs to the other weight: take the column of A that multiplies yours.": float(
            other @ r
        ),
        "This adds the residuals. Each counts with its slope A_ij.": float(r.sum()),
    }
    return Number(
        f"r = A x − b, and f is half the sum of all r_i². The rows of A are [{rows}], and now r = "
        f"{_vector(r)}. What is the slope of f with respect to x_{j + 1}?",
        right,
        f"x_{j + 1} moves residual i at the rate A_i{j + 1}, and each residual moves f at the rate "
        "r_i; add over i: "
        + " + ".join(f"({text_of(a)})({text_of(b)})" for a, b in zip(own, r, strict=True))
        + ".",
        slips={said: value for said, value in slips.items() if abs(value - right) > 0.05},
    )


def entry_of_softmax(rng: np.random.Generator) -> Number:
    """Ask how a probability reacts to another class's score."""
    s = rng.permutation([0.5, 0.3, 0.2])
    i, j = rng.permutation(3)[:2]
    names = ("cat", "dog", "owl")
    shown = ", ".join(f"{name} {text_of(p)}" for name, p in zip(names, s, strict=True))
    return Number(
        f"Softmax gives {shown}. What is the slope of the probability of {names[i]} with respect "
        f"to the score of {names[j]}?",
        float(-s[i] * s[j]),
        f"Two different classes: −s_i s_j = −{text_of(s[i])} · {text_of(s[j])}. A higher score of "
        f"{names[j]} takes from all others.",
        slips={
            "The sign is wrong: a higher score of one class lowers all others.": float(s[i] * s[j]),
            "This is s_i (1 − s_i), the slope with respect to its own score.": float(
                s[i] * (1 - s[i])
            ),
            "This is 0: but the sum in the denominator contains every score.": 0.0,
            "This is −s_j. The probability itself is one of the factors.": float(-s[j]),
        },
    )


def largest_rate(rng: np.random.Generator) -> Number:
    """Ask for the learning rate above which descent diverges."""
    flat = float(rng.choice([0.5, 1.0, 2.0]))
    steep = float(rng.choice([8.0, 16.0, 40.0, 50.0]))
    return Number(
        f"A valley has the curvatures {text_of(flat)} along it and {text_of(steep)} across. Above "
        "which learning rate does gradient descent diverge?",
        2 / steep,
        f"Each step multiplies the part across by 1 − rate · {text_of(steep)}, which has to stay "
        f"above −1: the rate has to stay below 2 / {text_of(steep)}.",
        slips={
            "At this rate the part across is gone in one step. It diverges at twice the rate.": 1
            / steep,
            "This is the limit along the valley. Across, the path has left long before.": 2 / flat,
            "The condition number says how slow descent is, not when it diverges.": steep / flat,
        },
    )


KINDS = {
    "minimum": "up in every direction needs only positive eigenvalues",
    "maximum": "down in every direction needs only negative eigenvalues",
    "saddle": "a saddle needs eigenvalues of both signs",
    "degenerate": "higher derivatives are only asked where an eigenvalue is 0 and the others have "
    "one sign",
}
SPECTRA = (
    ("saddle", (-1, -1, 1)),
    ("saddle", (0, 1, -1)),
    ("minimum", (1, 1, 1)),
    ("degenerate", (0, 1, 1)),
    ("degenerate", (-1, 0, -1)),
)


def kind_of_critical_point(rng: np.random.Generator) -> Choice:
    """Ask what three eigenvalues say."""
    right, signs = SPECTRA[rng.integers(len(SPECTRA))]
    values = rng.permutation(np.array(signs) * rng.permutation([0.5, 3.0, 40.0]))
    product = "positive" if np.prod(values) > 0 else "negative" if np.prod(values) < 0 else "0"
    why = {
        "saddle": "the function rises along one eigenvector and falls along another, and a zero "
        "beside them would change nothing",
        "minimum": "all are positive, however different: up in every direction",
        "degenerate": "one is 0 and the others have one sign: along that eigenvector higher "
        "derivatives decide",
    }[right]
    return Choice(
        f"At a critical point the Hessian has the eigenvalues {_vector(values)}. What is it?",
        tuple(
            Option(
                kind if kind != "degenerate" else "degenerate: the Hessian does not decide",
                f"Right: {why}. (Their product is {product}, which alone does not tell.)"
                if kind == right
                else f"No: {said}.",
                right=kind == right,
            )
            for kind, said in KINDS.items()
        ),
    )


WARM_UP: tuple[Draw, ...] = (slope_between_two_values, change_from_a_slope, one_step_downhill)
QUIZ: tuple[Draw, ...] = (
    slope_in_a_direction,
    entry_of_a_gradient,
    entry_of_softmax,
    largest_rate,
    kind_of_critical_point,
)
