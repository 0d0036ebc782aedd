"""Kernels for tests that start a hundred: forked after the imports, each a process of its own.

A kernel takes two seconds to start and to import what every notebook imports. Here one process does
both once and is forked for each kernel, before it has any state or thread of a notebook.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytest
from jupyter_client.provisioning import local_provisioner

# no test looks at a traceback's lines or at the history
QUICKER = ("--InteractiveShell.xmode=Minimal", "--HistoryManager.enabled=False")

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.tools.kernel_imports", __name__])


def fork_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have jupyter_client fork the kernels that it starts from now on."""
    monkeypatch.setattr(local_provisioner, "launch_kernel", _launch)


def _launch(command: Sequence[str], env: dict[str, str], **options: Any) -> _Kernel:
    arguments = command[command.index("ipykernel_launcher") + 1 :]
    process = _context.Process(target=_run, args=(list(arguments), env, os.getcwd()), daemon=True)
    process.start()
    while os.getpgid(process.pid) != process.pid:  # jupyter_client ends a kernel by its group
        time.sleep(0.001)
    return _Kernel(process)


def _run(arguments: list[str], env: dict[str, str], cwd: str) -> None:
    from ipykernel.kernelapp import IPKernelApp

    os.setpgrp()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["ipykernel_launcher", *arguments, *QUICKER]
    IPKernelApp.launch_instance(argv=sys.argv[1:])


class _Kernel:
    """A forked kernel as jupyter_client sees it: like `subprocess.Popen`, without streams."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        self.process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self) -> int | None:
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def terminate(self) -> None:
        self.process.terminate()

    def kill(self) -> None:
        self.process.kill()
