"""What an examiner is asked to do: the cells, with tests compiled once for a whole class."""

from __future__ import annotations

import ast
import builtins
import marshal
from functools import lru_cache
from types import CodeType

import msgspec

from autograder.course.notebooks import HIDDEN_TESTS, Kind
from autograder.engine.check_modules import CheckModule, scenarios_of
from autograder.engine.limits import Limits


class PreparedTest(msgspec.Struct, frozen=True):
    """A test cell made ready to run.

    Attributes
    ----------
    body, last : bytes
        Marshalled code of the statements and, where the last one is an expression, of that.
    reads : list of str
        The names it reads.
    scenarios : dict
        The marshalled code that defines each scenario, by the number of its first line.
    """

    body: bytes
    last: bytes | None
    reads: list[str]
    scenarios: dict[int, bytes]


class JobCell(msgspec.Struct, frozen=True):
    """A code cell to run.

    Attributes
    ----------
    id, source : str
        As in the notebook.
    kind : Kind
        A ``test`` runs in the examiner, a ``setup`` cell on both sides, all others beside the
        student's code.
    points : float
        What a test is worth.
    test : PreparedTest or None
        None also where a test cell is not Python.
    """

    id: str
    kind: Kind
    source: str
    points: float = 0.0
    test: PreparedTest | None = None

    @property
    def has_hidden(self) -> bool:
        """Whether it has hidden tests."""
        return self.kind == "test" and HIDDEN_TESTS.begin in self.source


class Job(msgspec.Struct, frozen=True):
    """A notebook to examine.

    Attributes
    ----------
    cells : list of JobCell
        In order.
    seed : int
        For the random numbers of the student's code.
    limits : Limits
        How long it may take.
    modules : list of CheckModule
        The checks that the cells import.
    skip : list of int
        Positions of cells that brought an examiner down before.
    passed : dict of str to list of bytes
        By test, the digests of answers of others that passed it; see `KnownTest.digests`.
    """

    cells: list[JobCell]
    seed: int
    limits: Limits
    modules: list[CheckModule] = []
    skip: list[int] = []
    passed: dict[str, list[bytes]] = {}

    def first_hidden(self) -> int:
        """Return the position of the first cell with hidden tests; behind the last if none has."""
        return next((i for i, cell in enumerate(self.cells) if cell.has_hidden), len(self.cells))


@lru_cache(maxsize=4096)  # cells; a course has a few hundred
def prepare_test(source: str, name: str) -> PreparedTest | None:
    """Return a test cell made ready to run; None where it is not Python.

    Parameters
    ----------
    source : str
        The cell, hidden tests included.
    name : str
        What tracebacks call it.
    """
    try:
        tree = ast.parse(source, name)
        reads, scenarios = _reads(tree), scenarios_of(tree)
        last = None
        if tree.body and isinstance(end := tree.body[-1], ast.Expr):
            del tree.body[-1]
            last = marshal.dumps(compile(ast.Expression(end.value), name, "eval"))
        body = marshal.dumps(compile(tree, name, "exec"))
    except (SyntaxError, ValueError):
        return None
    return PreparedTest(body, last, reads, scenarios)


def code_of(marshalled: bytes) -> CodeType:
    """Return the code; it comes from the controller, which can be trusted."""
    return marshal.loads(marshalled)


def _reads(tree: ast.Module) -> list[str]:
    found = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }
    return sorted(name for name in found if not hasattr(builtins, name))
