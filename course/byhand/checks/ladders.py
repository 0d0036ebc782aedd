"""A ladder: a computation of a few lines, whose gradients are found line by line.

`ladder` makes one from lines of text, and calling it runs the forward pass. Which gradients are
right is the subject of `byhand.checks.rungs`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from byhand.checks.failures import shape_text
from byhand.differences.calls import Function

__all__ = ["Forward", "Ladder", "Rung", "ladder"]


@dataclass(frozen=True)
class Rung:
    """One line of a ladder.

    Attributes
    ----------
    name, line : str
        The name that it assigns, and the line as text.
    reads : tuple of str
        The names that it reads, in order; ``np`` is not one of them.
    code : code
        Its right-hand side.
    """

    name: str
    line: str
    reads: tuple[str, ...]
    code: CodeType

    def value(self, values: dict[str, Any]) -> Any:
        """Return what the line computes from the values of the names that it reads."""
        return eval(self.code, {"np": np} | {name: values[name] for name in self.reads})

    def as_function_of(self, name: str, values: Forward) -> Function:
        """Return the line as a function of one of the names it reads, the others as in `values`."""
        known = {"np": np} | {read: values[read] for read in self.reads}

        def line(value: Any) -> Any:
            known[name] = np.asarray(value)[()]  # a number too has methods such as mean
            return eval(self.code, known)

        # a line changes no argument, so each point needs no copy
        vars(line)["evaluate_many"] = lambda arguments: [line(*given) for given in arguments]
        return line


def ladder(*lines: str) -> Ladder:
    """Make a ladder from its lines.

    Parameters
    ----------
    *lines : str
        Assignments, in order. Each name is assigned once; a line reads inputs, the names of earlier
        lines, and ``np``. The last line computes a single number, such as a loss.

    Returns
    -------
    Ladder
        Call it with the inputs to run the forward pass.

    Raises
    ------
    ValueError
        If a line is not such an assignment, if it reads a name that a later line assigns, or if no
        later line reads what it assigns.

    Examples
    --------
    >>> network = ladder("z = W @ x + b", "a = np.tanh(z)", "loss = (a**2).mean()")
    >>> network.inputs
    ('W', 'x', 'b')
    >>> v = network(W=np.ones((2, 3)), x=np.zeros((3, 5)), b=np.zeros((2, 1)))
    >>> v.z.shape
    (2, 5)
    >>> v
    W     (2, 3)
    x     (3, 5)
    b     (2, 1)
    z     (2, 5)  z = W @ x + b
    a     (2, 5)  a = np.tanh(z)
    loss  0.0     loss = (a**2).mean()
    """
    rungs: dict[str, Rung] = {}
    first_read: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not isinstance(line, str):
            raise ValueError(f"line {number} must be text, got {type(line).__name__}")
        rung = _parsed(number, line.strip())
        if rung.name in rungs:
            earlier = list(rungs).index(rung.name) + 1
            raise ValueError(f"line {number} assigns {rung.name} again, after line {earlier}")
        for name in rung.reads:
            first_read.setdefault(name, number)
        if rung.name in first_read:
            raise ValueError(
                f"line {first_read[rung.name]} reads {rung.name} before it has a value: "
                f"line {number} assigns it"
            )
        rungs[rung.name] = rung
    if not rungs:
        raise ValueError("a ladder needs at least one line, such as 'loss = (x**2).sum()'")
    for name in list(rungs)[:-1]:
        if name not in first_read:
            raise ValueError(f"no later line reads {name}, so {rungs[name].line!r} is of no use")
    return Ladder(rungs, tuple(name for name in first_read if name not in rungs))


@lru_cache(maxsize=256)
def _parsed(number: int, line: str) -> Rung:
    """Return a line as a `Rung`."""
    try:
        statements = ast.parse(line).body
    except SyntaxError as error:
        raise ValueError(f"line {number}, {line!r}, is not Python: {error.msg}") from None
    match statements:
        case [ast.Assign(targets=[ast.Name(id=name)], value=expression)]:
            pass
        case _:
            raise ValueError(
                f"line {number}, {line!r}, must assign one name, as in 'z = W @ x + b'"
            )
    if name == "np" or name.startswith("_"):
        raise ValueError(f"line {number} can't assign {name}: choose another name")
    found = [node for node in ast.walk(expression) if isinstance(node, ast.Name)]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    reads = tuple(dict.fromkeys(node.id for node in found if node.id != "np"))
    return Rung(name, line, reads, compile(ast.Expression(expression), f"<{line}>", "eval"))


@dataclass(frozen=True)
class Ladder:
    """A computation of a few lines; made by `ladder`.

    Attributes
    ----------
    rungs : dict of str to Rung
        The lines by the names they assign, in order.
    inputs : tuple of str
        The names that are read and not assigned, in the order in which they are read.
    """

    rungs: dict[str, Rung]
    inputs: tuple[str, ...]

    @property
    def output(self) -> str:
        """The name that the last line assigns."""
        return next(reversed(self.rungs))

    def __call__(self, **inputs: Any) -> Forward:
        """Return the values of the forward pass.

        Parameters
        ----------
        **inputs : array_like
            A value for each input. Numbers, and arrays of them, become float64; arrays of integers
            or booleans stay as they are and count as constants, which have no gradient.

        Raises
        ------
        ValueError
            If an input is missing or is not read, if a line can't be computed, or if the last line
            is not a single number.
        """
        for name in inputs:
            if name not in self.inputs:
                raise ValueError(f"no line reads {name}; the inputs are {', '.join(self.inputs)}")
        for name in self.inputs:
            if name not in inputs:
                (line, *_) = (rung.line for rung in self.readers(name))
                known = f"; did you mean np.{name}?" if callable(getattr(np, name, None)) else ""
                raise ValueError(
                    f"{line!r} reads {name}, which is neither an input nor an earlier line{known}"
                )
        values = {name: _frozen(f"the input {name}", inputs[name]) for name in self.inputs}
        for rung in self.rungs.values():
            try:
                computed = rung.value(values)
            except Exception as error:
                raise ValueError(f"{rung.line!r} can't be computed: {error}") from None
            values[rung.name] = _frozen(repr(rung.line), computed)
        loss = np.asarray(values[self.output])
        if loss.shape or loss.dtype.kind != "f":
            raise ValueError(
                f"the last line, {self.rungs[self.output].line!r}, must compute a single number, "
                f"got {shape_text(loss.shape)} of {loss.dtype}"
            )
        return Forward(self, values)

    def readers(self, name: str) -> list[Rung]:
        """Return the lines that read a name, in order."""
        return [rung for rung in self.rungs.values() if name in rung.reads]

    def formula(self, name: str) -> str:
        """Return the line that assigns a name; for an input, its name."""
        return self.rungs[name].line if name in self.rungs else name

    def __repr__(self) -> str:
        lines = [rung.line for rung in self.rungs.values()]
        return "\n".join([f"ladder with the inputs {', '.join(self.inputs)}:", *lines])


def _frozen(what: str, value: Any) -> Any:
    """Return numbers as float64, or as constant integers or booleans, that can't be changed."""
    try:
        array = np.array(value)
    except ValueError:  # a ragged list
        array = np.array(None)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{what} must be a number or an array, got {type(value).__name__}")
    if array.dtype.kind == "f" or not array.shape:
        array = array.astype(np.float64)
    array.setflags(write=False)
    return array[()]


class Forward:
    """The values of a forward pass, read-only: ``v.z`` or ``v["z"]``; made by calling a `Ladder`.

    Iterating gives the names: first the inputs, then the lines in order.
    """

    def __init__(self, steps: Ladder, values: dict[str, Any]) -> None:
        # no name of a ladder begins with an underscore, so these hide none
        vars(self).update(_ladder=steps, _values=values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what Python and IPython look for, before there are values too
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            names = ", ".join(self._values)
            raise AttributeError(f"the ladder has no {name}; it has {names}") from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"the values of a forward pass can't be changed: can't set {name}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __dir__(self) -> list[str]:
        return list(self._values)

    def __repr__(self) -> str:
        texts = {
            name: str(np.shape(value)) if np.shape(value) else f"{value:.6}"
            for name, value in self._values.items()
        }
        lines = {name: rung.line for name, rung in self._ladder.rungs.items()}
        names, shapes = max(map(len, texts)), max(map(len, texts.values()))
        return "\n".join(
            f"{name:<{names}}  {text:<{shapes}}  {lines.get(name, '')}".rstrip()
            for name, text in texts.items()
        )
