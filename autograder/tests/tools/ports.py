"""A port for a server of a test."""

from __future__ import annotations

import random
import socket
from contextlib import closing


def free_port() -> int:
    """Return a free port below those that systems hand out on their own.

    Linux, macOS and Windows pick ports for connections and for kernels from 32768 up. A port from
    there could be free here and taken by a kernel before the server of the test opens it.
    """
    for port in random.SystemRandom().sample(range(20_000, 32_000), 100):
        with closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("none of 100 ports between 20000 and 32000 is free")
