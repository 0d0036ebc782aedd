"""Exercise 4.10: passes of forward and reverse mode."""

from __future__ import annotations

from byhand.checks import check_equal, check_raises
from byhand.differences.calls import Function


def passes_needed_values(passes_needed: Function, draw: int = 0) -> None:
    """Check the passes of both modes, for more inputs than outputs and for fewer."""
    for n_in, n_out in ((784 + draw, 10), (3, 500 + draw), (7, 7 + draw % 5), (1, 4 + draw)):
        for mode in ("reverse", "forward"):
            check_equal(
                passes_needed(n_in, n_out, mode),
                n_in if mode == "forward" else n_out,
                what=f"passes_needed({n_in}, {n_out}, {mode!r})",
                hint="where does a pass of this mode start, and how much does one pass find?",
            )


def passes_needed_raises(passes_needed: Function, draw: int = 0) -> None:
    """Check that anything but 'forward' and 'reverse' is a ValueError, whatever the sizes."""
    for right in ("forward", "reverse"):
        check_equal(passes_needed(5, 5, right), 5, what=f"passes_needed(5, 5, {right!r})")
    others: tuple[str | None, ...] = ("backward", "", "Forward", "both", None, "rev")
    for mode in others:
        for sizes in ((3 + draw, 2), (4, 4 + draw)):
            check_raises(
                ValueError, passes_needed, *sizes, mode,
                what=f"passes_needed({sizes[0]}, {sizes[1]}, {mode!r})",
                hint="raise ValueError(...) for any other mode",
            )  # fmt: skip
