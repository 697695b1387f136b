"""Leads every twilio client of this process to a sandbox, and keeps what was called."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

KEPT = 200


@dataclass(frozen=True)
class RestCall:
    """A call of Twilio's REST API. status: of the answer, None where none came; error: the service's words; user: the
    account SID or API key that was presented."""

    method: str
    path: str
    parameters: Mapping[str, Any]
    status: int | None
    error: str
    seconds: float
    user: str


class Calls(deque[RestCall]):
    """The newest calls, the oldest first. credentials: all that any of them has presented."""

    def __init__(self) -> None:
        super().__init__(maxlen=KEPT)
        self.credentials: set[tuple[str, str]] = set()


@contextmanager
def twilio_clients_at(url: str, account_sid: str, auth_token: str) -> Generator[Calls]:
    """Let all twilio clients of this process ask the sandbox at `url` as long as the block lasts; give their calls.

    What they send to `*.twilio.com` goes there, whichever HTTP client, edge or region they have; the name that was
    asked for travels along, so that links come back as the real service writes them. A client for the account
    `account_sid` that has an API key, whichever it is, presents that account and `auth_token`.
    """
    from twilio.base.client_base import ClientBase  # pyright: ignore[reportMissingTypeStubs]

    base: Any = ClientBase
    request, request_async = base.request, base.request_async
    hostname: Callable[[Any, str], str] = base.get_hostname
    calls = Calls()
    here = urlsplit(url)

    def led(client: Any, uri: str, named: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Give the address in the sandbox, and the arguments with the name that was asked for."""
        asked = urlsplit(hostname(client, uri))
        if not (asked.hostname or "").endswith(".twilio.com"):
            return uri, named
        headers: dict[str, str] = {**(named.get("headers") or {}), "Host": asked.netloc}
        named = {**named, "headers": headers}
        if client.account_sid == account_sid and client.username != account_sid:
            named["auth"] = account_sid, auth_token
        return urlunsplit((here.scheme, here.netloc, asked.path, asked.query, "")), named

    def sync_request(client: Any, method: str, uri: str, *given: Any, **named: Any) -> Any:
        named = _by_name(given, named)
        uri, named = led(client, uri, named)
        note = _begin(calls, client, method, uri, named)
        answer = None
        try:
            answer = request(client, method, uri, **named)
        finally:
            note(answer)
        return answer

    async def async_request(client: Any, method: str, uri: str, *given: Any, **named: Any) -> Any:
        named = _by_name(given, named)
        uri, named = led(client, uri, named)
        note = _begin(calls, client, method, uri, named)
        answer = None
        try:
            answer = await request_async(client, method, uri, **named)
        finally:
            note(answer)
        return answer

    def get_hostname(client: Any, uri: str) -> str:
        return uri if urlsplit(uri).netloc == here.netloc else hostname(client, uri)

    base.request, base.request_async, base.get_hostname = sync_request, async_request, get_hostname
    try:
        yield calls
    finally:
        base.request, base.request_async, base.get_hostname = request, request_async, hostname


def _by_name(given: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(("params", "data", "headers", "auth", "timeout", "allow_redirects"), given, strict=False)) | named


def _begin(calls: Calls, client: Any, method: str, uri: str, named: dict[str, Any]) -> Callable[[Any], None]:
    """Note when a call begins; what is given notes its answer."""
    began = time.monotonic()
    user, password = named.get("auth") or client.auth
    calls.credentials.add((str(user), str(password)))
    parameters: dict[str, Any] = {**(named.get("params") or {}), **(named.get("data") or {})}

    def end(answer: Any) -> None:
        status = getattr(answer, "status_code", None)
        error = str(getattr(answer, "text", ""))[:300] if status is None or status >= 400 else ""
        calls.append(
            RestCall(
                method.upper(),
                urlsplit(uri).path,
                {name: value for name, value in parameters.items() if value is not None},
                status,
                error,
                time.monotonic() - began,
                str(user),
            )
        )

    return end
