"""Exercise 4.10: passes of forward and reverse mode."""

from __future__ import annotations

from byhand.checks import check_equal, check_raises
from byhand.differences.calls import Function


def _slip(found: object, n_in: int, n_out: int, mode: str) -> str | None:
    """Return which other count this is, if it is one of the usual ones."""
    right, other = (n_in, n_out) if mode == "forward" else (n_out, n_in)
    starts = (
        "a forward pass starts at one input, and finds how all outputs change with it"
        if mode == "forward"
        else "a reverse pass starts at one output, and finds its slopes with respect to all inputs"
    )
    if isinstance(found, float) and found == right:
        return "the number is right, but it is a float: passes are counted by whole numbers"
    counts = {
        f"the two modes are the wrong way round: {starts}": other,
        f"both numbers are multiplied: {starts}": n_in * n_out,
        f"both numbers are added: {starts}": n_in + n_out,
        f"a single pass is not enough: {starts}": 1,
        f"one pass is counted too many: {starts}": right + 1,
        f"each pass is counted twice: {starts}": 2 * right,
    }
    said = [text for text, count in counts.items() if found == count]
    return said[0] if len(said) == 1 else None


def passes_needed_values(passes_needed: Function, draw: int = 0) -> None:
    """Check the passes of both modes, for more inputs than outputs and for fewer."""
    for n_in, n_out in ((784 + draw, 10), (3, 500 + draw), (7, 7 + draw % 5), (1, 4 + draw)):
        for mode in ("reverse", "forward"):
            found = passes_needed(n_in, n_out, mode)
            check_equal(
                found,
                n_in if mode == "forward" else n_out,
                what=f"passes_needed({n_in}, {n_out}, {mode!r})",
                likely=_slip(found, n_in, n_out, mode),
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
