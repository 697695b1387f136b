"""What passes between a connection and the operations: a request and its reply."""

from __future__ import annotations

import asyncio
from typing import Protocol

from msgspec import Struct, field

Headers = list[tuple[bytes, bytes]]
Reply = tuple[int, bytes, bytes]
"""Status, the lines of the headers as they leave, and body."""


def header_lines(*headers: tuple[bytes, bytes]) -> bytes:
    """Write headers, each name and value on a line."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)


class Request(Struct):
    """One request.

    path: decoded; query: as it was sent; headers: as they came, names in small letters; body: what was kept of it;
    size: of the whole body, in bytes; admitted: may this client ask at all? header: by name, the last one of each.
    """

    method: str = ""
    path: str = ""
    query: str = ""
    headers: Headers = field(default_factory=list[tuple[bytes, bytes]])
    body: bytes = b""
    size: int = 0
    admitted: bool = True
    header: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])

    def __post_init__(self) -> None:
        self.header = dict(self.headers)


class RealtimeBridge(Protocol):
    """What answers below `/v1/wschannels`: requests, and those that ask for a websocket."""

    @property
    def is_listened_to(self) -> bool:
        """Is any websocket open?"""
        ...

    def answer(self, request: Request) -> Reply:
        """Answer a request. Raises TaskRouterError."""
        ...

    def open_socket(self, request: Request, transport: asyncio.Transport, rest: bytes) -> Reply | None:
        """Make a websocket of a connection, on which `rest` has come already; or say no. Raises TaskRouterError."""
        ...

    def close(self) -> None:
        """End all websockets."""
        ...
