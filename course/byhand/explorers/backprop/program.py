"""A drawing of a short program of a student's Values, with the gradients that they found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from byhand import figures, progress
from byhand.checks.ladders import ladder
from byhand.differences.calls import Function
from byhand.explorers.graphs import HEIGHT, WIDTH, Graph, GraphPicture, Node, number

__all__ = ["show_program"]


def show_program(value_class: Function, lines: Sequence[str], inputs: Mapping[str, float]) -> None:
    """Run a program on Values, go backward from its last line, and draw what they hold.

    Parameters
    ----------
    value_class : callable
        The student's `Value`.
    lines : sequence of str
        Assignments, as in `byhand.checks.ladder`.
    inputs : mapping of str to float
        The leaves.
    """
    if progress.grading():
        return
    import matplotlib.pyplot as plt

    steps = ladder(*lines)
    values: dict[str, Any] = {name: value_class(inputs[name]) for name in steps.inputs}
    for rung in steps.rungs.values():
        values[rung.name] = rung.value(values)
    values[steps.output].backward()

    graph = Graph(_nodes(steps.inputs, {r.name: (r.reads, r.line) for r in steps.rungs.values()}))
    figure, axes = plt.subplots(figsize=(9, 4.6), layout="constrained")
    picture = GraphPicture(axes, graph, key="in a box: line, value, gradient")
    data = {name: float(value.data) for name, value in values.items()}
    grads = {name: float(value.grad) for name, value in values.items()}
    picture.show(data, {}, grads)
    for artist in axes.findobj(lambda artist: artist.get_animated()):
        artist.set_animated(False)  # nothing moves here
    axes.set_title(
        "Your Values: what each holds, and the slope of the last with respect to it", pad=12
    )
    told = [f"{n}: {number(data[n])}, gradient {number(grads[n])}" for n in values]
    figures.show(figure, f"A graph of the program {'; '.join(lines)}. {'. '.join(told)}.")


def _nodes(inputs: Sequence[str], lines: Mapping[str, tuple[tuple[str, ...], str]]) -> list[Node]:
    """Return a box for each name, in a column by the length of the longest way to it."""
    depth = dict.fromkeys(inputs, 0)
    for name, (reads, _) in lines.items():
        depth[name] = 1 + max((depth[read] for read in reads), default=0)
    columns: dict[int, list[str]] = {}
    for name, column in depth.items():
        columns.setdefault(column, []).append(name)
    gap = WIDTH / len(columns)
    nodes = []
    for name, column in depth.items():
        row, count = columns[column].index(name), len(columns[column])
        y = (
            HEIGHT * (1 - (row + 1) / (count + 1))
            if count > 1
            else HEIGHT * (0.68 - 0.36 * (column % 2))
        )
        reads, text = lines.get(name, ((), name))
        compute = float if reads else None  # which frames an input by dashes
        nodes.append(Node(name, (gap * (column + 0.5), y), reads, compute, text, 0.82 * gap))
    return nodes
