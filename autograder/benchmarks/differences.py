"""How exact numerical derivatives are: `byhand.differences` beside SciPy, numdifftools, gradcheck.

Run it with ``python3 autograder/benchmarks/differences.py [--points 8] [--seed 0]``. Each tool
differentiates the same functions at the same random points, one call a function with all its
points in an array, with its default settings. The truth is SymPy's derivative, evaluated by mpmath
with 50 digits. Times are ratios on this machine; everything else is deterministic.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import mpmath
import numpy as np
import sympy
from rich.console import Console
from rich.table import Table

from byhand.differences import derivative

# Function of x, and the range of its points; both ends positive: even on a logarithmic scale.
WELL_SCALED = {
    "x**4 - 2*x**2 + x": (-3, 3),
    "x**9": (0.3, 30),
    "(x + 3)**-2": (-1.5, 5),
    "(x**2 - 1)/(x**2 + x + 1)": (-5, 5),
    "sqrt(x + 2)": (-1, 50),
    "exp(x)": (-20, 20),
    "exp(-x**2/2)": (-3, 3),
    "x*exp(-x)": (-3, 10),
    "log(x)": (0.5, 1000),
    "x**3*log(x)": (0.5, 100),
    "sin(x)": (-10, 10),
    "cos(5*x)*exp(x/3)": (-3, 3),
    "sin(x)**3/(2 + cos(x))": (-5, 5),
    "atan(x)": (-10, 10),
    "tanh(x)": (-4, 4),
    "1/(1 + exp(-x))": (-8, 8),
    "log(1 + exp(x))": (-3, 8),
    "x/(1 + exp(-x))": (-5, 5),
    "x/2*(1 + tanh(0.79788456*(x + 0.044715*x**3)))": (-3, 3),
    "tanh(2*tanh(x) - 1)": (-2, 2),
    "sqrt(1 + x**2)": (-10, 10),
    "log(exp(x) + exp(1 - x) + 2)": (-5, 5),
}
OTHER_SCALES = {
    "log(x) ": (1e-6, 0.1),
    "sqrt(x)": (1e-6, 0.1),
    "x**x": (0.02, 0.3),
    "x**-2": (1e-4, 0.1),
    "1/(x - 1)": (0.9, 0.9999),
    "tan(x)": (1.3, 1.57),
    "log(log(x))": (1.001, 1.2),
    "sin(100*x)": (-3, 3),
    "sin(30000*x)": (-1, 1),
    "sin(1000000*x)": (1e-6, 1e-5),
    "sin(x) ": (100, 10000),
    "sin(x/1000000)": (1e5, 1e7),
    "x**3 - x": (1e4, 1e6),
    "x**1.5": (1e-6, 1e6),
    "sin(1/x)": (0.02, 0.3),
    "1/(1 + 2500*x**2)": (0.001, 1),
    "1/(1 + exp(-200*x))": (-0.1, 0.1),
    "x/sqrt(x**2 + 0.0001)": (0.001, 1),
}
KINK_NEARBY = {
    "Max(x, 0) + sin(x)": (1e-4, 0.5),
    "Abs(x) + x**2": (-0.5, 0.5),
    "Max(x, x/100)*exp(x)": (-0.3, 0.3),
    "Max(sin(x), x/2)**2": (1e-3, 3),
}
GROUPS = {
    "well scaled": WELL_SCALED,
    "other scales": OTHER_SCALES,
    "kink nearby": KINK_NEARBY,
}
ENOUGH = 1e-300  # a smaller true derivative has no relative error worth the name


@dataclass
class Case:
    """A function, where to differentiate it, and its true derivative there."""

    f: Callable
    x: np.ndarray
    true: np.ndarray


@dataclass
class Score:
    """What one tool did on one group."""

    relative: list[float] = field(default_factory=list)
    ratio: list[float] = field(default_factory=list)  # estimated error over true error
    calls: int = 0
    seconds: float = 0.0


class Counted:
    """A function that counts the points it is evaluated at."""

    def __init__(self, f: Callable) -> None:
        self.f, self.points = f, 0
        self.__name__ = "f"

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Evaluate f."""
        self.points += np.size(x)
        return self.f(x)


def ours(f: Callable, x: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Return value and estimated error of `byhand.differences.derivative`."""
    found = derivative(f, x)
    return found.value, found.error


def fixed_step(f: Callable, x: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the central difference with step 1e-6, as torch.autograd.gradcheck takes it."""
    with np.errstate(all="ignore"):
        return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6, None


def scipy_tool(**settings: object) -> Callable:
    """Return `scipy.differentiate.derivative` as a tool."""
    import scipy.differentiate

    def tool(f: Callable, x: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        found = scipy.differentiate.derivative(f, x, **settings)
        return found.df, found.error

    return tool


def numdifftools_tool() -> Callable:
    """Return `numdifftools.Derivative` as a tool."""
    import numdifftools

    def tool(f: Callable, x: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        found = numdifftools.Derivative(f, full_output=True)(x)
        return found.estimate, found.error_estimate

    return tool


def cases(group: dict, points: int, rng: np.random.Generator) -> list[Case]:
    """Return the cases of a group, with the truth to 50 digits, rounded to float64."""
    x = sympy.symbols("x", real=True)
    found = []
    for text, (low, high) in group.items():
        expression = sympy.sympify(text.strip(), locals={"x": x}, rational=True)
        f = sympy.lambdify(x, expression, "numpy")
        exact = sympy.lambdify(x, sympy.diff(expression, x), "mpmath")
        at = rng.uniform(low, high, points)
        if low > 0:
            at = np.exp(rng.uniform(np.log(low), np.log(high), points))
        with mpmath.workdps(50):
            true = np.array([float(exact(mpmath.mpf(p))) for p in at.tolist()])
        found.append(Case(f, at, true))
    return found


def measure(tool: Callable, group: list[Case], repeats: int) -> Score:
    """Return how exact a tool is on a group, what it costs and whether it knows its error."""
    score = Score()
    for case in group:
        counted = Counted(case.f)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value, error = tool(counted, case.x)
            times = []
            for _ in range(repeats):
                start = time.perf_counter()
                tool(case.f, case.x)
                times.append(time.perf_counter() - start)
            off = np.abs(value - case.true)
        score.calls += counted.points
        score.seconds += statistics.median(times)
        relative = off / np.maximum(np.abs(case.true), ENOUGH)
        score.relative += np.where(np.isfinite(relative), relative, np.inf).tolist()
        if error is not None:
            score.ratio += [
                e / max(o, ENOUGH) if np.isfinite(o) else np.nan
                for e, o in zip(error, off, strict=True)
            ]
    return score


def row(name: str, score: Score, reference: Score) -> list[str]:
    """Return a tool's line of the table."""
    relative = np.array(score.relative)
    ratio = np.array(score.ratio)
    told = ratio[np.isfinite(ratio)]
    return [
        name,
        f"{np.median(relative):.1e}",
        f"{np.quantile(relative, 0.95, method='higher'):.1e}",
        f"{relative.max():.1e}",
        f"{100 * np.mean(np.isinf(relative)):.0f} %",
        f"{100 * np.mean(told >= 1):.1f} %" if len(told) else "-",
        f"{np.median(told):.0f}" if len(told) else "-",
        f"{score.calls / len(relative):.0f}",
        f"{score.seconds / reference.seconds:.2f}",
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--points", type=int, default=8, help="for each function (default 8)")
    parser.add_argument("--seed", type=int, default=0, help="of the points (default 0)")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs (default 5)")
    options = parser.parse_args()

    console = Console()
    tools = {"ours": ours}
    try:
        tools["scipy.differentiate"] = scipy_tool()
        tools["scipy, rtol 1e-13"] = scipy_tool(tolerances={"rtol": 1e-13, "atol": 0})
    except ImportError:
        console.print("SciPy 1.15 or later is not installed: left out (pip install scipy)")
    try:
        tools["numdifftools"] = numdifftools_tool()
    except ImportError:
        console.print("numdifftools is not installed: left out (pip install numdifftools)")
    tools["step 1e-6, as in gradcheck"] = fixed_step

    rng = np.random.default_rng(options.seed)
    table = Table(title="Numerical derivatives against closed forms (relative errors)")
    table.add_column("tool", no_wrap=True)
    for title in ("median", "95 %", "worst", "no value"):
        table.add_column(title, justify="right")
    for title in ("bound holds", "bound / error", "f at", "time"):
        table.add_column(title, justify="right")
    for title, group in GROUPS.items():
        drawn = cases(group, options.points, rng)
        table.add_section()
        table.add_row(f"[bold]{title}[/bold]: {len(drawn)} x {options.points} points")
        scores = {name: measure(tool, drawn, options.repeats) for name, tool in tools.items()}
        for name, score in scores.items():
            table.add_row(*row(name, score, scores["ours"]))
    console.print(table)
    console.print(
        "no value: NaN or inf. bound holds: share of the other points where the tool's error "
        "estimate is at least the true error. bound / error: median of their ratio. "
        "f at: points f is evaluated at for each derivative. "
        "time: ratio to ours. gradcheck's step is done in NumPy; it estimates no error."
    )


if __name__ == "__main__":
    main()
