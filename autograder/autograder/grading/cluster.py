"""A Dask cluster whose workers examine notebooks; see "TLS/SSL" in Dask's documentation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UserError

if TYPE_CHECKING:
    from distributed import Client

ANSWER_SECONDS = 10  # that the scheduler may take to answer, and its workers to appear


@dataclass(frozen=True)
class Cluster:
    """Where a Dask scheduler is, and what proves to each side who the other one is.

    Attributes
    ----------
    address : str
        Such as ``tls://host:8786``.
    ca_file, cert, key : Path or None
        PEM files: the authority that both sides trust, and this side's certificate and key.
    """

    address: str
    ca_file: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is encrypted and both sides are known."""
        return self.address.startswith("tls://")

    def check(self) -> None:
        """Raise UserError if files are missing, or not given where the address needs them."""
        given = {"--tls-ca-file": self.ca_file, "--tls-cert": self.cert, "--tls-key": self.key}
        absent = [option for option, file in given.items() if file is None]
        if self.is_encrypted and absent:
            raise UserError(f"{self.address} needs {', '.join(absent)} as well", status=2)
        if not self.is_encrypted and len(absent) < len(given):
            raise UserError(
                f"{self.address} is not encrypted, whatever --tls-* says; start the scheduler with "
                "its --tls-* options and name it tls://host:port",
                status=2,
            )
        for option, file in given.items():
            if file is not None and not file.is_file():
                raise UserError(f"{option} {file}: no such file", status=2)

    def _connect(self) -> Client:
        try:
            from distributed import Client, Security, rpc
        except ImportError:
            raise UserError(
                "--scheduler needs Dask, here and on each worker: pip install 'distributed>=2024.5'"
            ) from None
        security = Security()
        if self.is_encrypted:
            security = Security(
                tls_ca_file=str(self.ca_file), tls_client_cert=str(self.cert),
                tls_client_key=str(self.key), require_encryption=True,
            )  # fmt: skip
        timeout = f"{ANSWER_SECONDS}s"

        async def ask() -> None:
            connection = security.get_connection_args("client")
            async with rpc(self.address, timeout=timeout, connection_args=connection) as scheduler:
                await scheduler.identity()

        try:
            # a client waits for ever for what answers, but is no scheduler
            with ThreadPoolExecutor(1) as beside:  # this thread may run an event loop already
                beside.submit(asyncio.run, asyncio.wait_for(ask(), 2 * ANSWER_SECONDS)).result()
            return Client(self.address, timeout=timeout, set_as_default=False, security=security)
        except (OSError, ValueError) as error:
            # the first line says how long it was tried, the last one why it failed
            reason = " ".join(str(error.__cause__ or error).split())[:200] or "no reply in time"
            raise UserError(
                f"{self.address}: no Dask scheduler answers ({reason}); start one"
            ) from None

    @contextmanager
    def executor(self) -> Iterator[tuple[Executor, int, Callable[[], None]]]:
        """Yield the executor, how many notebooks it works on, and what checks that it still does.

        If the block ends with an exception, what is under way is cancelled.
        """
        client = self._connect()
        lost = False

        def check() -> None:
            nonlocal lost
            lost = True
            self._check_scheduler(client)
            lost = False
            self._check_workers(client)

        try:
            self._check_workers(client)
            executor = client.get_executor(pure=False, retries=3)
            try:
                yield executor, sum(client.nthreads().values()), check
            except BaseException:
                if not lost:
                    executor.shutdown(wait=False)  # which cancels what is under way
                raise
        finally:
            with suppress(TimeoutError):  # nobody is there to say goodbye to
                client.close(timeout=1 if lost else ANSWER_SECONDS)

    def _check_scheduler(self, client: Client) -> None:
        """Raise UserError if the scheduler does not answer: Dask itself would wait for ever."""
        try:
            if client.status == "running" and client.scheduler is not None:
                client.sync(client.scheduler.identity, callback_timeout=ANSWER_SECONDS)
                return
        except (OSError, TimeoutError, ValueError):
            pass
        raise UserError(
            f"{self.address}: the scheduler is gone; what was finished is kept: start it and run "
            "this command again"
        )

    def _check_workers(self, client: Client) -> None:
        try:
            client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError:
            raise UserError(
                f"{self.address}: the scheduler has no workers; start: dask worker {self.address}"
            ) from None
