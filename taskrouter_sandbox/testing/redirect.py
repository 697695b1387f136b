"""Leads every twilio client of this process to a sandbox, and keeps what was called."""

from __future__ import annotations

import time
from bisect import insort
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

KEPT = 200
INNERMOST = 9
Note = Callable[[Any], None]


@dataclass(frozen=True)
class RestCallRecord:
    """A call of Twilio's REST API. status: of the answer, None where none came; error: the service's words; user: the
    account SID or API key that was presented."""

    method: str
    path: str
    parameters: Mapping[str, Any]
    status: int | None
    error: str
    seconds: float
    user: str


class RestCallRecords(deque[RestCallRecord]):
    """The newest calls, the oldest first. credentials: all that any of them has presented."""

    def __init__(self) -> None:
        super().__init__(maxlen=KEPT)
        self.credentials: set[tuple[str, str]] = set()


@dataclass(frozen=True, eq=False)
class _Lead:
    """Where clients are led: to the sandbox at `url`, in which `account_sid` and `auth_token` are the test's. depth: of
    several the deepest counts, of those as deep the newest."""

    depth: int
    url: str
    account_sid: str
    auth_token: str
    calls: RestCallRecords


_leads: list[_Lead] = []  # the last is the one that counts
_led = ExitStack()  # as long as there are any, in whichever order they end


@contextmanager
def twilio_clients_at(
    url: str, account_sid: str, auth_token: str, calls: RestCallRecords | None = None, depth: int = INNERMOST
) -> Generator[RestCallRecords]:
    """Let all twilio clients of this process ask the sandbox at `url` as long as the block lasts; give their calls.

    What they send to `*.twilio.com` goes there, whichever HTTP client, edge or region they have; the name that was
    asked for travels along, so that links come back as the real service writes them. A client for the account
    `account_sid` that has an API key, whichever it is, or takes tokens of OAuth, presents that account and
    `auth_token`. Of several blocks the deepest counts, of those as deep the newest; they may end in any order. calls:
    where to note them, a new list unless told otherwise.
    """
    lead = _Lead(depth, url, account_sid, auth_token, RestCallRecords() if calls is None else calls)
    if not _leads:
        _led.enter_context(_clients_led())
    insort(_leads, lead, key=lambda each: each.depth)
    try:
        yield lead.calls
    finally:
        _leads.remove(lead)
        if not _leads:
            _led.close()


@contextmanager
def _clients_led() -> Generator[None]:
    """Let all twilio clients of this process ask where the newest lead says."""
    from twilio.base.client_base import ClientBase  # pyright: ignore[reportMissingTypeStubs]

    base: Any = ClientBase
    request, request_async = base.request, base.request_async
    hostname: Callable[[Any, str], str] = base.get_hostname

    def led(client: Any, method: str, uri: str, named: dict[str, Any]) -> tuple[Any, str, dict[str, Any], Note]:
        """Give the client that asks, the address in the sandbox, arguments with the name that was asked for, and what
        notes the answer."""
        lead = _leads[-1]
        here, asked = urlsplit(lead.url), urlsplit(hostname(client, uri))
        if (asked.hostname or "").endswith(".twilio.com"):
            headers: dict[str, str] = {**(named.get("headers") or {}), "Host": asked.netloc}
            named = {**named, "headers": headers}
            if client.account_sid == lead.account_sid and client.username != lead.account_sid:
                named["auth"] = lead.account_sid, lead.auth_token
            if client.credential_provider and client.account_sid in (None, lead.account_sid):
                client = copy(client)  # which asks nobody for a token
                client.credential_provider = None
                client.username, client.password = named["auth"] = lead.account_sid, lead.auth_token
            uri = urlunsplit((here.scheme, here.netloc, asked.path, asked.query, ""))
        return client, uri, named, _begin(lead.calls, client, method, uri, named)

    def sync_request(client: Any, method: str, uri: str, *given: Any, **named: Any) -> Any:
        client, uri, named, note = led(client, method, uri, _by_name(given, named))
        answer = None
        try:
            answer = request(client, method, uri, **named)
        finally:
            note(answer)
        return answer

    async def async_request(client: Any, method: str, uri: str, *given: Any, **named: Any) -> Any:
        client, uri, named, note = led(client, method, uri, _by_name(given, named))
        answer = None
        try:
            answer = await request_async(client, method, uri, **named)
        finally:
            note(answer)
        return answer

    def get_hostname(client: Any, uri: str) -> str:
        is_led = urlsplit(uri).netloc in {urlsplit(each.url).netloc for each in _leads}
        return uri if is_led else hostname(client, uri)

    base.request, base.request_async, base.get_hostname = sync_request, async_request, get_hostname
    try:
        yield
    finally:
        base.request, base.request_async, base.get_hostname = request, request_async, hostname


def _by_name(given: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(("params", "data", "headers", "auth", "timeout", "allow_redirects"), given, strict=False)) | named


def _begin(calls: RestCallRecords, client: Any, method: str, uri: str, named: dict[str, Any]) -> Note:
    """Note when a call begins; what is given notes its answer."""
    began = time.monotonic()
    user, password = named.get("auth") or client.auth
    calls.credentials.add((str(user), str(password)))
    parameters: dict[str, Any] = {**(named.get("params") or {}), **(named.get("data") or {})}

    def end(answer: Any) -> None:
        status = getattr(answer, "status_code", None)
        error = str(getattr(answer, "text", ""))[:300] if status is None or status >= 400 else ""
        calls.append(
            RestCallRecord(
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
