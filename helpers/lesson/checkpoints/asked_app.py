"""What a learner's app answers when a checkpoint asks it: in the kernel, past the guards and the log of its server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.types import Message

from helpers.callback_server.app_errors import describe_app_error
from helpers.callback_server.server import CallbackServer, servers


class AppAnswer(NamedTuple):
    """What an app has answered; error: the exception of the app, with its line, or ""."""

    status: int
    body: bytes
    error: str


def find_server(path: str) -> CallbackServer | None:
    """Give the newest server of this kernel that has a route for a path; None when there is none."""
    return next((one for one in reversed(servers()) if one.answers(path)), None)


def ask_app(server: CallbackServer, path: str, form: Mapping[str, str], signature: str | None = None) -> AppAnswer:
    """Let the app of a server answer a POST that is not TaskRouter's.

    form: the fields that are sent; signature: what stands in its header, which is left out when None.
    """
    body = urlencode(form).encode()
    headers = [(b"host", b"app.internal"), (b"content-type", b"application/x-www-form-urlencoded")]
    headers += [] if signature is None else [(b"x-twilio-signature", signature.encode())]
    about = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
    statuses: list[int] = []
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        else:
            parts.append(message.get("body", b""))

    async def ask() -> None:
        await server.app(about, receive, send)

    error = ""
    try:
        with ThreadPoolExecutor(1) as elsewhere:  # the kernel has a loop of its own
            elsewhere.submit(asyncio.run, ask()).result()
    except Exception as failure:
        error = describe_app_error(failure)
    return AppAnswer(statuses[0] if statuses else 500, b"".join(parts), error)
