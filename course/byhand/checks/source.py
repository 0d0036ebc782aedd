"""The source of a check, for whoever wants to read it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from byhand.differences.calls import Function

if TYPE_CHECKING:
    from IPython.display import Code

__all__ = ["show"]


def show(check: Function) -> Code:
    """Return the source of a check, which a notebook displays: nothing about it is secret.

    Parameters
    ----------
    check : callable
        A function of `byhand.exercises`.
    """
    from IPython.display import Code

    return Code(inspect.getsource(check), language="python")  # type: ignore[no-untyped-call]
