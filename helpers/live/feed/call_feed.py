"""Reads the sandbox's phone calls, for all the phones and boards that this kernel shows."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from twilio.rest import Client

from helpers import sandbox
from helpers.errors import LessonError
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.listeners import Listeners
from helpers.live.feed.threaded_feed import ThreadedFeed
from helpers.live.feed.threads import CommandThread, Poller
from taskrouter_sandbox.control_types import CallState, PhoneState


@dataclass(frozen=True)
class CallFeedLimits:
    """How often a feed reads, in seconds, and how many calls.

    busy_every: while a call goes on; quiet_every: otherwise; phones_every: between two looks at the clock and at how
    phones behave; after_error: from a read that failed to the next; calls: the newest that are read, beside those
    that go on; many: with more than that they are read as if none went on; late: older calls that are kept after they
    have ended.
    """

    busy_every: float = 0.3
    quiet_every: float = 1.0
    phones_every: float = 1.0
    after_error: float = 3.0
    calls: int = 50
    many: int = 100
    late: int = 20


class CallListener(Protocol):
    """A view of calls. After `on_attach`, all is called on other threads and must return at once."""

    @property
    def phones(self) -> Mapping[str, str]:
        """What the phones that it shows are called, by address; empty: it shows none."""
        ...

    def on_attach(self, feed: CallFeed) -> None:
        """Take note of the feed, which tells this listener from now on."""

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """Draw what has changed."""

    def on_refresh(self) -> None:
        """Read what else is wanted: a read has worked, and this is the reading thread."""

    def on_error(self, error: Exception) -> None:
        """Say that a read has failed."""


class CallFeed(ThreadedFeed):
    """The calls of the sandbox, and the threads that read them and act at phones. Made by `join`.

    `calls`: the newest and all that go on, the newest first; `known`: they were read once. Where phones are shown:
    `phones`: how those behave that were told, by address; `numbers`: those of the account.
    """

    heard_at: float | None = None
    by_callbacks = False

    def __init__(self, client: Client, limits: CallFeedLimits = CallFeedLimits()) -> None:
        self.client, self.limits = client, limits
        self.calls: list[CallState] = []
        self.phones: dict[str, PhoneState] = {}
        self.numbers: list[str] = []
        self.known = False
        self.listeners: Listeners[CallListener] = Listeners()
        self._sandbox: sandbox.LessonSandbox | None = None
        self._phones_at = float("-inf")
        self._ended_late: deque[CallState] = deque(maxlen=limits.late)  # calls too old to be among the newest
        self.commands = CommandThread("calls", self.listeners.tell_error)
        self.poller = Poller(
            "calls", limits.quiet_every, self._read, self.listeners.tell_error, after_error=limits.after_error
        )

    @property
    def sandbox(self) -> sandbox.LessonSandbox:
        """The sandbox, which is started where it does not run. Raises LessonError when it cannot be."""
        if self._sandbox is None:
            self._sandbox = sandbox.ensure()
        return self._sandbox

    @property
    def names(self) -> dict[str, str]:
        """What the phones that are shown are called, by address."""
        return {address: name for each in self.listeners for address, name in each.phones.items()}

    def put(self, call: CallState) -> None:
        """Take over what the sandbox answered about a call."""
        others = [each for each in self.calls if each["sid"] != call["sid"]]
        self.calls = sorted([call, *others], key=lambda each: each["began"], reverse=True)

    def forget_phones(self) -> None:
        """Have the next read see how the phones behave."""
        self._phones_at = float("-inf")

    def _clock_is(self, ahead: float) -> None:
        super()._clock_is(ahead)
        self.poller.ask()

    def _read(self) -> None:
        here = tuple(self.listeners)  # for a phone that comes meanwhile, the next read sees how it behaves
        try:
            if self.names and time.monotonic() - self._phones_at > self.limits.phones_every:
                self._phones_at = time.monotonic()
                self._read_phones()
            calls = self._read_calls()
        except Exception:
            self._sandbox = None  # the next read looks for it
            self.forget_phones()
            raise
        changed, self.calls = calls != self.calls or not self.known, calls
        self.known = True
        is_busy = len(calls) <= self.limits.many and any(each["ended"] is None for each in calls)
        self.poller.every = self.limits.busy_every if is_busy else self.limits.quiet_every
        self.listeners.tell(lambda listener: listener.on_refresh(), here)
        if changed:
            self.listeners.tell(lambda listener: listener.on_events([]))

    def _read_calls(self) -> list[CallState]:
        """Read the newest calls and those that go on, and once more an older one that went on the last time."""
        calls = self.sandbox.calls.list(self.limits.calls, and_live=True)
        listed = {each["sid"] for each in calls}
        for each in self.calls:
            if each["ended"] is None and each["sid"] not in listed:
                with suppress(LessonError):  # it is gone, as after a reset
                    self._ended_late.append(self.sandbox.calls.fetch(each["sid"]))
        return calls + [each for each in self._ended_late if each["sid"] not in listed]

    def _read_phones(self) -> None:
        self.ahead = self.sandbox.clock.ahead()
        phones = {each["address"]: each for each in self.sandbox.phones.list()}
        if phones != self.phones or not self.numbers:
            numbers = self.client.incoming_phone_numbers.list(limit=50)
            self.numbers = [str(each.phone_number) for each in numbers]
        self.phones = phones


_feeds: list[CallFeed] = []
_lock = threading.Lock()


def join(client: Client, listener: CallListener) -> Callable[[], None]:
    """Have a phone told of the calls. Returns what ends that; the feed ends with its last listener."""
    with _lock:
        if not _feeds:
            _feeds.append(CallFeed(client))
            _feeds[0].start()
        feed = _feeds[0]
        feed.client = client
        listener.on_attach(feed)
        feed.listeners.add(listener)
        if listener.phones:
            feed.forget_phones()
        if feed.known:
            listener.on_events([])
        feed.poller.ask()

    def leave() -> None:
        with _lock:
            if feed.listeners.remove(listener) and not feed.listeners:
                _feeds.remove(feed)
                feed.stop()

    return leave
