"""What a test holds of the student's: functions that it can call, scenarios that it can run.

A name that a test cell does not know becomes a `Proxy`, which can be called and nothing else.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

ONLY_CALLED = "{} is the student's and can only be called here; write a scenario"


class Scenarios:
    """The scenarios that a test cell may run; the code of each is sent once.

    Parameters
    ----------
    codes : dict
        Their marshalled code by file and number of the first line.
    """

    def __init__(self, codes: dict[tuple[str, int], bytes]) -> None:
        self._codes = codes
        self._numbers: dict[CodeType, int] = {}

    def reference(self, function: Any) -> list[Any]:
        """Return a reference to a scenario, the first time with its code."""
        code = function.__code__
        if code in self._numbers:
            return ["S", self._numbers[code]]
        self._numbers[code] = len(self._numbers)
        return ["S", self._numbers[code], self._codes[code.co_filename, code.co_firstlineno]]


class Proxy:
    """A function of the student's, in another process. It can be called, and nothing else."""

    __slots__ = ("__name__", "_conversation", "_target")

    def __init__(self, conversation: Any, target: list[Any], name: str) -> None:
        self.__name__ = name
        self._conversation = conversation
        self._target = target

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it, over the wire."""
        return self._conversation.call(self._target, self.__name__, args, kwargs)

    def evaluate_many(self, arguments: list[tuple]) -> list:
        """Return the results of many calls, fetched in one request."""
        return self._conversation.call_many(self._target, self.__name__, arguments)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"  # without an address, which differs from run to run

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(ONLY_CALLED.format(self.__name__))

    def _refuse(self, *args: Any) -> Any:
        raise TypeError(ONLY_CALLED.format(self.__name__))

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __len__ = __iter__ = _refuse
    __hash__ = object.__hash__
