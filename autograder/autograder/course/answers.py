"""Right and wrong answers to the exercises, kept to prove the tests on.

`tests/answers/<chapter>.py` holds one section for each answer, headed

    # %% <solution cell> | wrong | <name in words>
    # %% <solution cell> | right | <name in words>

The section's text takes the place of the whole solution cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError

HEADING = re.compile(r"^# %% (?P<cell>[\w-]+) \| (?P<verdict>right|wrong) \| (?P<name>.+)$")


@dataclass(frozen=True)
class Answer:
    """One answer to one solution cell.

    Attributes
    ----------
    cell : str
        The id of the solution cell.
    verdict : str
        ``right`` or ``wrong``.
    name : str
        What it does, in words; a wrong one is named after the mistake.
    source : str
        The code that takes the cell's place.
    """

    cell: str
    verdict: str
    name: str
    source: str


def read_answers(path: Path) -> list[Answer]:
    """Return the answers of a file in order; none where the file does not exist.

    Raises
    ------
    UserError
        If a heading is malformed: the line, and what it should look like.
    """
    if not path.is_file():
        return []
    answers = []
    for section in re.split(r"(?m)^(?=# %% )", path.read_text(encoding="utf-8"))[1:]:
        heading, _, source = section.partition("\n")
        match = HEADING.match(heading)
        if match is None:
            raise UserError(
                f"{path.name}: {heading!r} is not a heading; write '# %% cell-id | wrong | name'"
            )
        answers.append(Answer(**match.groupdict(), source=source.strip() + "\n"))
    return answers
