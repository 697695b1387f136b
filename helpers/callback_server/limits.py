"""How much a callback server takes from a caller, and how long it waits for it; not the limits of the sandbox."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ServerLimits:
    """The limits of one callback server.

    head_seconds: from the first byte of a request, or from the connection, to the end of its headers; head_bytes: of
    request line and headers; body_seconds, body_bytes: that a body may take; fields: parameters of a form.
    connections: open at once; one more is answered 503. tunnel_connections: how many of those may come through tunnels,
    so that strangers leave room for this machine; one more is closed.
    handlers: how many can run at once, which is the number of threads that AnyIO keeps for them; handler_seconds: once
    that many have not answered for so long, further requests are answered 503 and do not wait.
    grace_seconds: for requests in flight when their app is stopped; shutdown_seconds: for the shutdown of the app then;
    identify_seconds: for the program that has the port to say what it is.
    kept: exchanges in the log; refused_kept: how many of those may be refused ones, so that strangers cannot push the
    others out; alike_kept: how many may have failed in the same way, so that a callback that fails again and again
    cannot either. form_bytes: how much of a form without a valid signature the log keeps; answer_letters: how much of
    an answer.
    """

    head_seconds: float = 10.0
    head_bytes: int = 2**15
    body_seconds: float = 10.0
    body_bytes: int = 2**20
    fields: int = 1_000
    connections: int = 200
    tunnel_connections: int = 150
    handlers: int = 40
    handler_seconds: float = 5.0
    grace_seconds: int = 1
    shutdown_seconds: float = 5.0
    identify_seconds: float = 2.0
    kept: int = 500
    refused_kept: int = 50
    alike_kept: int = 50
    form_bytes: int = 2**14
    answer_letters: int = 2_000


DEFAULT_LIMITS = ServerLimits()
