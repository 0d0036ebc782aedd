"""What the course adds to nbgrader's conversion of a source notebook into a student's."""

from __future__ import annotations

import re

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

RELEASE_INSTEAD = "### RELEASE INSTEAD"


class ClearSolutionsOrPlantBugs(ClearSolutions):
    """nbgrader's `ClearSolutions`, which also knows bug hunts.

    In a bug hunt students get code that is wrong on purpose instead of the stub. It stands in the
    solution region, as comments below `### RELEASE INSTEAD`; see `plant_bugs`.
    """

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        planted = RELEASE_INSTEAD in cell.source
        if planted:
            cell.source = plant_bugs(
                cell.source, self.begin_solution_delimeter, self.end_solution_delimeter
            )
        return super()._replace_solution_region(cell, language) or planted


def plant_bugs(source: str, begin: str = "BEGIN SOLUTION", end: str = "END SOLUTION") -> str:
    r"""Return a cell's source with every region that has a `### RELEASE INSTEAD` replaced.

    What takes the region's place are the lines below that mark, each without its first `# `
    and with its indentation. Regions without the mark stay as they are.

    Parameters
    ----------
    source
        The cell of the source notebook.
    begin, end
        What marks the first and the last line of a solution region.

    Raises
    ------
    ValueError
        When the mark stands outside a region, a region has no end, or a line below the mark is not
        a comment.

    Examples
    --------
    >>> print(plant_bugs('''def slope(x):
    ...     ### BEGIN SOLUTION
    ...     return 2 * x
    ...     ### RELEASE INSTEAD
    ...     # return x
    ...     ### END SOLUTION'''))
    def slope(x):
        return x
    """
    released: list[str] = []
    region: list[str] = []
    bugs: list[str] | None = None
    inside = False
    for line in source.split("\n"):
        if RELEASE_INSTEAD in line:
            if not inside:
                raise ValueError(f"{RELEASE_INSTEAD} stands outside a solution region")
            bugs = []
        elif begin in line:
            inside, region = True, [line]
        elif end in line:
            released += bugs if bugs is not None else [*region, line]
            inside, bugs = False, None
        elif bugs is not None:
            bugs.append(_uncomment(line))
        elif inside:
            region.append(line)
        else:
            released.append(line)
    if inside:
        raise ValueError(f"a solution region has no {end}")
    return "\n".join(released)


def _uncomment(line: str) -> str:
    match = re.fullmatch(r"(\s*)#(?: (.*))?", line)
    if match:
        indent, code = match.groups()
        return indent + code if code else ""
    if line.strip():
        raise ValueError(
            f"below {RELEASE_INSTEAD} every line starts with '# ', not: {line.strip()}"
        )
    return ""
