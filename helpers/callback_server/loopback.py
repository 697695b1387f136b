"""This machine as the callback server needs it: ports to listen on, who has a taken one, and no proxy on the way."""

from __future__ import annotations

import errno
import http.client
import json
import os
import socket

from helpers.errors import LessonError

HOST = "127.0.0.1"
BEYOND = 10  # how far from a taken port another one is looked for: beyond those of the other pages
IDENTIFY_PATH = "/_callback_server"  # tells another kernel of this tutorial who holds the port


def listen(port: int, identify_seconds: float) -> socket.socket:
    """Open a listening socket on loopback. Raises LessonError, in one sentence, when the port cannot be had."""
    try:
        return _bound(port)
    except (OSError, OverflowError, TypeError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise LessonError(_taken(port, identify_seconds)) from None
        raise LessonError(
            f"Port {port!r} cannot be used ({error}): choose one from 1024 to 65535, as in serve(app, 8081)."
        ) from None


def _bound(port: int) -> socket.socket:
    # Only with its protocol named does asyncio turn Nagle's algorithm off, which costs 44 ms a request.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    exclusive = socket.SO_EXCLUSIVEADDRUSE if os.name == "nt" else socket.SO_REUSEADDR
    listener.setsockopt(socket.SOL_SOCKET, exclusive, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


def _is_free(port: int) -> bool:
    try:
        _bound(port).close()
    except OSError:
        return False
    return True


def _taken(port: int, identify_seconds: float) -> str:
    beyond = range(port + BEYOND, min(port + 100 * BEYOND, 65536))
    free = next(filter(_is_free, beyond), None)
    other = f"or write {free or 'another port'} wherever this notebook has {port}."
    holder = holder_of(port, identify_seconds)
    if holder is None:
        return f"Port {port} is taken by another program on this machine: stop that program, {other}"
    return (
        f"Port {port} is taken by the callback server of {holder}: shut down that kernel (the JupyterLab that has "
        f"started it, this one or another, lists it under Running, on the left) and run this cell again, {other}"
    )


def own_notebook() -> str:
    """Give the name of this kernel's notebook; "" where nobody has told it."""
    return os.path.basename(os.environ.get("JPY_SESSION_NAME", ""))


def holder_of(port: int, seconds: float) -> str | None:
    """Say whose callback server has the port, as far as is known; None for another program.

    It is "another notebook", the name of one, or, where this kernel's has the same, another kernel of one of that name.
    """
    connection = http.client.HTTPConnection(HOST, port, timeout=seconds)
    try:
        connection.request("GET", IDENTIFY_PATH)
        notebook = str(json.loads(connection.getresponse().read(1_000))["callback_server_of"])
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return None
    finally:
        connection.close()
    if notebook and notebook == own_notebook():
        return f"another kernel of a notebook called {notebook}"
    return notebook or "another notebook"


def keep_off_the_proxy() -> None:
    """Have this kernel ask addresses of this machine directly, where a proxy is set for all others."""
    known = [name for name in (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").split(",") if name]
    for name in (HOST, "localhost"):
        if name not in known:
            known.append(name)
    os.environ["no_proxy"] = ",".join(known)
