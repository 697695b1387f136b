"""Ports for servers that a test starts a while after it has chosen the port."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

FIRST, EACH = 20_000, 1_000  # below what systems hand out by themselves, so that no outgoing connection takes one
_worker = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
_numbers = count(os.getpid() % EACH)


def unused_port() -> int:
    """Return a port of loopback on which nobody listens, and which no other worker chooses."""
    for number in _numbers:
        port = FIRST + EACH * _worker + number % EACH
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("unreachable: the numbers do not end")


@contextmanager
def port_that_refuses() -> Iterator[int]:
    """A port of loopback that refuses every connection, kept so that no other program listens there meanwhile."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]
