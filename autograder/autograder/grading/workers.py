"""Where notebooks are examined: in threads of this process, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import autograder
from autograder.engine.limits import Limits
from autograder.errors import EngineFault, UserError
from autograder.grading.cluster import Cluster

CHECK_SECONDS = 5  # without a result, before the executor is asked whether it still works


@dataclass(frozen=True)
class Settings:
    """How notebooks are examined.

    Attributes
    ----------
    limits : Limits
        How long a cell, and a notebook, may take.
    workers : int or None
        How many notebooks at a time on this machine; None for one on each core.
    cluster : Cluster or None
        A Dask cluster, whose workers then examine instead of this machine.
    unsafe : bool
        Whether to go on where the machine can't protect itself.
    """

    limits: Limits = Limits()
    workers: int | None = None
    cluster: Cluster | None = None
    unsafe: bool = False

    def fingerprint(self) -> bytes:
        """Return the part that results depend on."""
        return repr((autograder.ENGINE, self.limits)).encode()


def examine_to_json(
    source: bytes, submission: bytes, settings: Settings, released: frozenset[str] = frozenset()
) -> bytes:
    """Examine one notebook with this process's engine: the function that workers run."""
    from autograder.engine import controller

    engine = controller.default_engine(settings.workers, settings.unsafe)
    return engine.examine(source, submission, settings.limits, released).to_json()


@dataclass(frozen=True)
class Workers:
    """What examines notebooks.

    Attributes
    ----------
    executor : Executor
        Calls `examine_to_json`.
    width : int
        How many notebooks it works on at a time.
    check : callable
        Raises UserError if it does not work any more.
    """

    executor: Executor
    width: int
    check: Callable[[], None] = lambda: None


@contextmanager
def executor_for(settings: Settings) -> Iterator[Workers]:
    """Yield what examines notebooks: threads of this process, or a Dask cluster.

    If the block ends with an exception, the examinations under way are ended too.
    """
    if settings.cluster:
        with settings.cluster.executor() as (cluster, width, check):
            yield Workers(cluster, width, check)
        return
    from autograder.engine import controller

    try:
        engine = controller.default_engine(settings.workers, settings.unsafe)
    except EngineFault as fault:
        raise UserError(
            f"{fault}; free some memory or restart the machine, then try again"
        ) from None
    executor = ThreadPoolExecutor(engine.slots, thread_name_prefix="examine")
    try:
        yield Workers(executor, engine.slots)
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        engine.close()
        raise
    executor.shutdown()
