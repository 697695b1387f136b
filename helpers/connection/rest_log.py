"""The REST calls that a twilio client makes, kept for whoever wants to show them. Credentials are not kept."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from twilio.http import HttpClient
from twilio.rest import Client

KEPT = 300
TEXT_KEPT = 4000  # characters of an answer

_quiet: ContextVar[bool] = ContextVar("quiet", default=False)

_behalf: ContextVar[str] = ContextVar("behalf", default="")


@dataclass(frozen=True)
class RestCall:
    """One REST call and its answer.

    at: its start, seconds since 1970; parameters: what was sent; who: "your code", "callback server" or "worker";
    status: 0 when there was no answer.
    """

    number: int
    at: float
    seconds: float
    method: str
    url: str
    parameters: dict[str, Any]
    status: int
    answer: str
    who: str


class RestLog:
    """The newest calls, and whoever wants to hear of the next one. Safe from any thread."""

    def __init__(self) -> None:
        self._kept: deque[RestCall] = deque(maxlen=KEPT)
        self._listeners: dict[object, Callable[[RestCall], None]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def entries(self) -> tuple[RestCall, ...]:
        """Give what is kept, the oldest first."""
        with self._lock:
            return tuple(self._kept)

    def subscribe(self, listener: Callable[[RestCall], None]) -> Callable[[], None]:
        """Call `listener(call)` for every call from now on, on the thread that made it; returns what ends that."""
        key = object()
        self._listeners[key] = listener
        return lambda: self._listeners.pop(key, None) and None

    def next_number(self) -> int:
        """Give a number to a call that has ended."""
        return next(self._numbers)

    def record(self, call: RestCall) -> None:
        """Keep a call and tell the listeners."""
        with self._lock:
            self._kept.append(call)
        for listener in list(self._listeners.values()):
            with suppress(Exception):  # a broken view must not break the call
                listener(call)


class RecordingHttpClient(HttpClient):
    """Stands before a twilio client's own HTTP client and keeps what goes through it.

    inner: the HTTP client that makes the requests, and has all other attributes.
    """

    def __init__(self, inner: Any) -> None:  # what the base class would set, `inner` has
        self.inner, self.calls = inner, RestLog()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def request(self, method: str, url: str, params: Any = None, data: Any = None, *rest: Any, **more: Any) -> Any:
        """Make a request as the inner client does, and keep it with its answer."""
        if _quiet.get():
            return self.inner.request(method, url, params, data, *rest, **more)
        at, began, answer = time.time(), time.perf_counter(), None
        try:
            answer = self.inner.request(method, url, params, data, *rest, **more)
            return answer
        finally:
            self.calls.record(
                RestCall(
                    number=self.calls.next_number(),
                    at=at,
                    seconds=time.perf_counter() - began,
                    method=method.upper(),
                    url=url,
                    parameters={**(params or {}), **(data or {})},
                    status=getattr(answer, "status_code", 0),
                    answer=str(getattr(answer, "text", ""))[:TEXT_KEPT],
                    who=_behalf.get() or _who(),
                )
            )


def _who() -> str:
    name = threading.current_thread().name
    return "callback server" if name.startswith("AnyIO") else "your code"


def record(client: Client) -> RestLog:
    """Keep the calls that this client makes from now on. Returns where they are kept."""
    http_client: Any = client.http_client
    if not isinstance(http_client, RecordingHttpClient):
        http_client = client.http_client = RecordingHttpClient(http_client)
    return http_client.calls


@contextmanager
def unrecorded() -> Iterator[None]:
    """Keep nothing of what is called inside: a view's own reads are no part of what the learner did."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


@contextmanager
def on_behalf_of(who: str) -> Iterator[None]:
    """Count what is called inside, by a control, as the call of `who`: "worker" or "you"."""
    token = _behalf.set(who)
    try:
        yield
    finally:
        _behalf.reset(token)
