"""Where notebooks are examined: in threads of this process, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import autograder
from autograder.engine.limits import Limits
from autograder.errors import EngineFault, UserError

ANSWER_SECONDS = 10  # that a Dask scheduler may take to answer, and its workers to appear


@dataclass(frozen=True)
class Settings:
    """How notebooks are examined.

    Attributes
    ----------
    limits : Limits
        How long a cell, and a notebook, may take.
    workers : int or None
        How many notebooks at a time on this machine; None for one on each core.
    scheduler : str or None
        Address of a Dask scheduler, whose workers then examine instead of this machine.
    unsafe : bool
        Whether to go on where the machine can't protect itself.
    """

    limits: Limits = Limits()
    workers: int | None = None
    scheduler: str | None = None
    unsafe: bool = False

    def fingerprint(self) -> bytes:
        """Return the part that results depend on."""
        return repr((autograder.ENGINE, self.limits)).encode()


def examine_to_json(source: bytes, submission: bytes, settings: Settings) -> bytes:
    """Examine one notebook with this process's engine: the function that workers run."""
    from autograder.engine import controller

    engine = controller.default_engine(settings.workers, settings.unsafe)
    return engine.examine(source, submission, settings.limits).to_json()


@contextmanager
def executor_for(settings: Settings) -> Iterator[tuple[Executor, int]]:
    """Yield the executor that examines notebooks, and how many of them it works on at a time.

    It uses threads of this process, or a Dask cluster. If the block ends with an exception, the
    examinations under way are ended too.
    """
    if settings.scheduler:
        with _cluster(settings.scheduler) as found:
            yield found
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
        yield executor, engine.slots
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        engine.close()
        raise
    executor.shutdown()


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client
    except ImportError:
        raise UserError(
            "--scheduler needs Dask, here and on each worker: pip install 'distributed>=2024.5'"
        ) from None
    try:
        client = Client(address, timeout=f"{ANSWER_SECONDS}s", set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{address}: no Dask scheduler answers ({reason}); start one") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError:
            raise UserError(
                f"{address}: the scheduler has no workers; start: dask worker {address}"
            ) from None
        executor = client.get_executor(pure=False, retries=3)
        try:
            yield executor, sum(client.nthreads().values())
        except BaseException as error:
            if client.status == "running":
                executor.shutdown(wait=False)  # which cancels what is under way
            elif isinstance(error, Exception):
                raise UserError(
                    f"{address}: the scheduler is gone; what was finished is kept: start it "
                    "and run this command again"
                ) from None
            raise
