"""The two ways along a ladder: gradients from the last line down, slopes from the input up.

In reverse mode the gradient of a name follows from those of the lines that read it; in forward mode
the slope of a line follows from those of the names that it reads. One such step is measured by
finite differences, from what the student found before it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand import differences
from byhand.checks.ladders import Forward, Rung
from byhand.differences.calls import refuse_in_answers
from byhand.differences.derivatives import vjps

__all__ = ["ForwardMode", "Mode", "ReverseMode", "and_", "mode_of", "written"]

Floats = NDArray[np.float64]

MOST_KEPT = 500  # measured steps
_kept: dict[tuple[Any, ...], differences.Estimate] = {}


class Mode(ABC):
    """The derivatives of a ladder in the order in which they are found.

    Parameters
    ----------
    values : Forward
        The values of the forward pass.

    Attributes
    ----------
    noun : str
        What a derivative is called.
    kinked : str
        What may have no slope at the inputs.
    names : list of str
        The names that have one, in order. The first one is that of a name with respect to itself.
    """

    noun: str
    kinked: str
    names: list[str]

    def __init__(self, values: Forward) -> None:
        self.values, self.steps = values, values._ladder

    def has_derivative(self, name: str) -> bool:
        """Return whether a name isn't a constant."""
        return np.asarray(self.values[name]).dtype.kind == "f"

    @abstractmethod
    def sources(self, name: str) -> dict[str, Rung]:
        """Return the names from whose derivatives this one follows, each with the line between."""

    @abstractmethod
    def passed(self, name: str, source: str, given: Floats) -> tuple[Floats, Floats]:
        """Return what a source whose derivative is `given` contributes to a name, and its error."""

    @abstractmethod
    def passed_each(self, name: str, source: str, given: Sequence[Floats]) -> list[Floats]:
        """Return what it would contribute if its derivative were each of those given."""

    def measured(
        self,
        measure: Callable[..., differences.Estimate],
        rung: Rung,
        name: str,
        **settings: Floats,
    ) -> differences.Estimate:
        """Return a derivative of a line with respect to a name that it reads.

        What was measured is kept: several checks judge the same step, and so does a grader's for
        each student.
        """
        refuse_in_answers(measure.__name__)  # what is kept is measured too
        arrays = [*(self.values[read] for read in rung.reads), *settings.values()]
        content = ((np.shape(array), np.asarray(array).tobytes()) for array in arrays)
        key = measure, rung.line, name, *content
        if key not in _kept:
            line = rung.as_function_of(name, self.values)
            found = measure(line, self.values[name], **settings)
            for part in (found.value, found.error):
                part.setflags(write=False)
            if len(_kept) >= MOST_KEPT:
                _kept.clear()
            _kept[key] = found
        return _kept[key]

    @abstractmethod
    def path(self, source: str) -> str:
        """Return how a source is called where there are several."""

    @abstractmethod
    def where(self, name: str) -> str:
        """Return the line of a name, and what it follows from, in words."""


class ReverseMode(Mode):
    """The gradients of the last line with respect to every line and every input."""

    noun = "gradient"
    kinked = "a line that reads it"

    def __init__(self, values: Forward) -> None:
        super().__init__(values)
        names = [*reversed(self.steps.rungs), *self.steps.inputs]
        self.names = [name for name in names if self.has_derivative(name)]

    def sources(self, name: str) -> dict[str, Rung]:
        """Return the lines that read the name."""
        readers = self.steps.readers(name)
        return {rung.name: rung for rung in readers if self.has_derivative(rung.name)}

    def passed(self, name: str, source: str, given: Floats) -> tuple[Floats, Floats]:
        """Return what a line passes back to a name that it reads."""
        line = self.steps.rungs[source]
        found = self.measured(differences.vjp, line, name, grad_output=given)
        return found.value, found.error

    def passed_each(self, name: str, source: str, given: Sequence[Floats]) -> list[Floats]:
        """Return what a line would pass back, from the same calls of it."""
        line = self.steps.rungs[source]
        return [*self.measured(vjps, line, name, grad_outputs=np.stack(given)).value]

    def path(self, source: str) -> str:
        """Return the line."""
        return f"the path through {self.steps.formula(source)}"

    def where(self, name: str) -> str:
        """Return the line of a name, and the lines that read it, in words."""
        if name == self.steps.output:
            return f"the last line, {self.steps.formula(name)}"
        kind = "line" if name in self.steps.rungs else "input"
        readers = [rung.line for rung in self.steps.readers(name)]
        read = f"read{'s' * (len(readers) == 1)}"
        return f"the {kind} {self.steps.formula(name)}, which {and_(readers)} {read}"


class ForwardMode(Mode):
    """The slopes of every line with respect to the one input.

    Raises
    ------
    ValueError
        If the ladder has several inputs that aren't constants, or one that isn't a single number.
    """

    noun = "slope"
    kinked = "the line"

    def __init__(self, values: Forward) -> None:
        super().__init__(values)
        self.names = [name for name in values if self.has_derivative(name)]
        inputs = [name for name in self.steps.inputs if self.has_derivative(name)]
        if len(inputs) != 1 or np.shape(values[inputs[0]]):
            shapes = [f"{name} of shape {np.shape(values[name])}" for name in inputs]
            raise ValueError(
                "forward slopes are with respect to one input, a single number; "
                f"the ladder has {and_(shapes) if shapes else 'none'}"
            )

    def sources(self, name: str) -> dict[str, Rung]:
        """Return the names that a line reads."""
        if name not in self.steps.rungs:
            return {}
        rung = self.steps.rungs[name]
        return {read: rung for read in rung.reads if self.has_derivative(read)}

    def passed(self, name: str, source: str, given: Floats) -> tuple[Floats, Floats]:
        """Return how a line changes with one of the names that it reads."""
        local = self.measured(differences.jacobian, self.steps.rungs[name], source)
        return (
            np.tensordot(local.value, given, axes=given.ndim),
            np.tensordot(local.error, np.abs(given), axes=given.ndim),
        )

    def passed_each(self, name: str, source: str, given: Sequence[Floats]) -> list[Floats]:
        """Return how a line would change."""
        local = self.measured(differences.jacobian, self.steps.rungs[name], source)
        return [np.tensordot(local.value, one, axes=one.ndim) for one in given]

    def path(self, source: str) -> str:
        """Return the name's line; an input comes without one."""
        if source in self.steps.rungs:
            return f"the path through {self.steps.formula(source)}"
        return f"the direct path from {source}"

    def where(self, name: str) -> str:
        """Return the line of a name, and what it reads, in words."""
        if name not in self.steps.rungs:
            return f"the input {name}"
        reads = self.sources(name)
        read = f", which reads {and_(reads)}" if reads else ""
        return f"the line {self.steps.formula(name)}{read}"


def mode_of(values: Forward, forward: bool) -> Mode:
    """Return the way along the ladder of a forward pass."""
    return ForwardMode(values) if forward else ReverseMode(values)


def and_(items: Iterable[str]) -> str:
    """Return a list in words.

    Examples
    --------
    >>> and_(["a", "b", "c"])
    'a, b and c'
    """
    *others, last = items
    return f"{', '.join(others)} and {last}" if others else last


def written(name: str) -> str:
    """Return how a student writes the derivative of a name."""
    return f'd["{name}"]'
