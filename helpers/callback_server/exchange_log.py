"""What came to the callback server and what it answered."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Signature = Literal["valid", "invalid", "none"]


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    at: the start, in UTC; form: the form parameters (of one that repeats, the last); answer: the first 2,000
    characters of its text; seconds: until the answer was complete; error: an exception of the app in words; let_in: the
    guards let it pass on to the app; by_app: the app gave the answer, and nobody else in its place.
    """

    number: int
    at: datetime
    method: str
    path: str
    form: dict[str, str]
    signature: Signature
    status: int
    answer: str
    seconds: float
    error: str | None = None
    query: str = ""
    let_in: bool = True
    by_app: bool = True

    def __str__(self) -> str:
        line = f"{self.number}. {self.at.astimezone():%H:%M:%S} {self.method} {_plain(self.path)} -> {self.status}"
        line += f" in {self.seconds:.3f} s, signature: {self.signature}"
        words = self.error or (self.answer.partition("\n")[0] if self.status >= 400 else "")
        return f"{line}, {_plain(words)}" if words else line


def _plain(text: str) -> str:
    """Make text of strangers fit to stand in a line: no line breaks, no control characters."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


class ExchangeLog:
    """The latest exchanges, and whoever wants to hear of the next one. Safe from any thread.

    kept: so many at most; refused_kept: so many of them that the guards did not let in; alike_kept: so many of those
    that failed in the same way, so that a callback that fails twice a second leaves what came before it in the log.
    """

    def __init__(self, kept: int = 500, refused_kept: int = 50, alike_kept: int = 50) -> None:
        self._kept, self._refused_kept, self._alike_kept = kept, refused_kept, alike_kept
        self._entries: dict[int, Exchange] = {}
        self._listeners: dict[object, Callable[[Exchange], None]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def entries(self) -> tuple[Exchange, ...]:
        """Give all that is kept, in the order in which the requests came in."""
        with self._lock:
            return tuple(self._entries[number] for number in sorted(self._entries))

    def subscribe(self, listener: Callable[[Exchange], None]) -> Callable[[], None]:
        """Call `listener(exchange)` for every exchange from now on; the returned function ends that.

        It is called on the server's thread, so it must only post. An exchange whose background work fails
        after its answer has left is told a second time, under the same number and with its `error`.
        """
        key = object()
        with self._lock:
            self._listeners[key] = listener

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return unsubscribe

    def clear(self) -> None:
        """Forget the exchanges so far; their numbers are not used again."""
        with self._lock:
            self._entries.clear()

    def next_number(self) -> int:
        """Give a number to a request that has just come in."""
        return next(self._numbers)

    def record(self, exchange: Exchange) -> None:
        """Keep an exchange, in the place of an earlier one with its number, and tell the listeners."""
        with self._lock:
            self._entries[exchange.number] = exchange
            refused = [number for number, entry in self._entries.items() if not entry.let_in]
            alike = self._failed_like(exchange)
            if len(refused) > self._refused_kept:
                del self._entries[min(refused)]
            elif len(alike) > self._alike_kept:
                del self._entries[min(alike)]
            elif len(self._entries) > self._kept:
                del self._entries[min(self._entries)]
            listeners = list(self._listeners.values())
        for listener in listeners:
            with suppress(Exception):  # a broken view must not break the answer
                listener(exchange)

    def _failed_like(self, exchange: Exchange) -> list[int]:
        """Give the numbers of the exchanges that failed as this one did; none when it did not fail."""
        if not exchange.error and exchange.status < 400:
            return []
        entries = self._entries.items()
        return [number for number, entry in entries if _failure(entry) == _failure(exchange)]

    def __repr__(self) -> str:
        return "\n".join(map(str, self.entries())) or "no requests yet"


def _failure(exchange: Exchange) -> tuple[object, ...]:
    return exchange.method, exchange.path, exchange.status, exchange.error
