"""Keeps a model current: by event callbacks where they arrive, by reading the events where they do not.

There is one feed for each workspace, however many views look at it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from twilio.rest import Client

from helpers.callback_server.middleware import EVENTS_PATH, InterceptorReply
from helpers.live.feed import rest_reader
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.listeners import Listeners
from helpers.live.feed.model import Model
from helpers.live.feed.threaded_feed import ThreadedFeed
from helpers.live.feed.threads import CommandThread, Poller, interval
from helpers.sandbox_tools import clock

if TYPE_CHECKING:
    from helpers.callback_server.server import CallbackServer


@dataclass(frozen=True)
class FeedLimits:
    """How often a feed reads, in seconds, and how many events it keeps.

    read_every: at least, between two reads of the events while callbacks arrive, since nobody promises that each of
    them does; late: after which the callback of an event that a read has found counts as missed; read_all_every: after
    which everything is read again; clock_every: between two looks at the sandbox's clock, which a cell may have
    advanced; stale_for: that one reading of stale entities may take before new events come first.
    recent: events for a view that comes later; early: events until what went before them has been read, since a model
    takes no history after the news.
    """

    read_every: float = 3.0
    late: float = 3.0
    read_all_every: float = 60.0
    clock_every: float = 1.0
    stale_for: float = 1.0
    recent: int = 500
    early: int = 5000


DEFAULT_LIMITS = FeedLimits()


class Listener(Protocol):
    """A view of a workspace. After `on_attach`, all is called on other threads and must return at once."""

    def on_attach(self, feed: Feed) -> None:
        """Take note of the feed, which tells this listener from now on."""

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """Draw what has changed in the model; `events` are those that were new, perhaps none."""

    def on_callback(self, event: TaskRouterEvent) -> None:
        """Take note of an event callback, whether the event was known or not."""

    def on_refresh(self) -> None:
        """Read what else is wanted: a read has worked, and this is the reading thread."""

    def on_error(self, error: Exception) -> None:
        """Say that a read has failed."""


class Feed(ThreadedFeed):
    """One workspace's model, and the threads that keep it so. Made by `join`.

    `known`: everything that matters has been read once; `heard_at`: when the last callback came, seconds since 1970;
    `missed`: SIDs of events that callbacks should have brought, and have not.

    Args:
        client: reads from now on.
        workspace_sid: `WS...`.
        limits: how often it reads, and how much is kept.
    """

    def __init__(self, client: Client, workspace_sid: str, limits: FeedLimits = FeedLimits()) -> None:
        self.limits = limits
        self.model = Model()
        self.known = False
        self.heard_at: float | None = None
        self.missed: set[str] = set()
        self.recent: deque[TaskRouterEvent] = deque(maxlen=limits.recent)
        self.listeners: Listeners[Listener] = Listeners()
        self._workspace_sid = workspace_sid
        self._server: CallbackServer | None = None
        self._stop_intercepting: Callable[[], None] = lambda: None
        self._read_all_at = self._clock_at = float("-inf")
        self._fresh: deque[TaskRouterEvent] = deque()
        self._awaited: dict[str, float] = {}  # events that a read has found before a callback brought them, and when
        self._brought: deque[str] = deque(maxlen=rest_reader.EVENTS_AT_MOST)  # by callbacks, the newest last
        self._early: deque[TaskRouterEvent] | None = deque(maxlen=limits.early)  # None: what went before has been read
        self._order = threading.Lock()
        self.model.on_apply = self._applied
        self.use(client)
        self.commands = CommandThread(workspace_sid[-4:], self.listeners.tell_error)
        self.poller = Poller(workspace_sid[-4:], self._poll_every, self._read, self._could_not_read)

    def use(self, client: Client) -> None:
        """Read with this client from now on."""
        self.context = client.taskrouter.v1.workspaces(self._workspace_sid)
        self._poll_every = interval()

    def stop(self) -> None:
        """End the reading and the reception."""
        self._stop_intercepting()
        super().stop()

    @property
    def by_callbacks(self) -> bool:
        """Whether event callbacks arrive, rather than the feed asking. One that is missed ends it, until one comes."""
        return self.heard_at is not None and EVENTS_PATH in self.model.workspace.get("event_callback_url", "")

    def receive_at(self, server: CallbackServer) -> None:
        """Take the event callbacks that reach this server under EVENTS_PATH, checked as all other requests are."""
        if server is not self._server:
            self._stop_intercepting()
            self._server, self._stop_intercepting = server, server.intercept(self._intercept)

    def reread(self) -> None:
        """Have everything read again, at once."""
        self._read_all_at = float("-inf")
        self.poller.ask()

    def words(self, taken_by: str | None = None) -> str:
        """Say in a sentence how the views learn of what happens; taken_by: whose server gets the event callbacks."""
        asks = f"so the board asks TaskRouter every {self._poll_every:g} s."
        if taken_by:
            return f"Event callbacks go to {taken_by} by now, {asks}"
        how = f"No event callbacks arrive here, {asks}"
        return f"{'Event callbacks arrive at your server.' if self.by_callbacks else how}{self._missed_words()}"

    def _missed_words(self) -> str:
        if not self.missed:
            return ""
        count = len(self.missed)
        return f" {count} event{'' if count == 1 else 's'} did not arrive and had to be read from TaskRouter."

    # ---- on the server's thread

    def _intercept(self, path: str, form: dict[str, str]) -> InterceptorReply | None:
        if path != EVENTS_PATH:
            return None
        try:
            event = TaskRouterEvent.from_form(form)
        except ValueError:
            return None  # whoever else calls this address has nothing to tell
        if event.data.get("workspace_sid") != self._workspace_sid:
            return None  # for another feed
        self.heard_at = time.time()
        self._brought.append(event.sid)  # before the next line: a read that awaits it now looks here
        self._awaited.pop(event.sid, None)
        self.missed.discard(event.sid)
        self.ahead = max(self.ahead, event.at / 1000 - self.heard_at)
        with self._order:
            if self._early is None:
                self.model.apply(event)
            else:
                self._early.append(event)
        self.listeners.tell(lambda listener: listener.on_callback(event))
        self._tell_events()
        return InterceptorReply(logged=False)

    # ---- on the poller's thread

    def _read(self) -> None:
        if time.monotonic() - self._clock_at > self.limits.clock_every:
            self._clock_at = time.monotonic()
            self.ahead = clock.ahead()
        if time.monotonic() - self._read_all_at > self.limits.read_all_every:
            self._read_everything()
        else:
            found = rest_reader.read_events(self.context, self.model)
            if self.by_callbacks:
                self._awaited |= {event.sid: time.monotonic() for event in found}
                for sid in self._brought.copy():  # by a callback that came while this was read
                    self._awaited.pop(sid, None)
        self._read_stale()
        self._count_missed()
        calm = max(self.limits.read_every, 3 * self._poll_every)
        self.poller.every = calm if self.by_callbacks else self._poll_every
        self.listeners.tell(lambda listener: listener.on_refresh())
        self._tell_events()

    def _read_everything(self) -> None:
        self._read_all_at = time.monotonic()
        try:
            rest_reader.read_all(self.context, self.model, self._history_is_read)
        except Exception:
            self._read_all_at = float("-inf")
            raise
        self.model.reset_trackers()

    def _read_stale(self) -> None:
        stale, until = self.model.take_stale(), time.monotonic() + self.limits.stale_for
        try:
            for one in sorted(stale, key=lambda each: each[0] == "channels"):
                rest_reader.read_again(self.context, self.model, *one)
                stale.discard(one)
                if time.monotonic() > until:
                    break
        finally:
            self.model.mark_stale(stale)  # what was not read is read the next time
        if stale:
            self.poller.ask()

    def _count_missed(self) -> None:
        late = time.monotonic() - self.limits.late
        missed = [sid for sid, found_at in tuple(self._awaited.items()) if found_at < late]
        if missed:
            self.missed.update(missed)
            self._awaited.clear()
            self.heard_at = None  # until the next one comes
            self._read_all_at = float("-inf")  # they may go elsewhere by now

    def _history_is_read(self) -> None:
        with self._order:
            for event in self._early or ():
                self.model.apply(event)
            self._early = None
        self.known = True
        self._tell_events()

    # ---- on both

    def _applied(self, event: TaskRouterEvent) -> None:
        self._fresh.append(event)
        self.recent.append(event)

    def _tell_events(self) -> None:
        fresh = []
        with suppress(IndexError):
            while True:
                fresh.append(self._fresh.popleft())
        self.listeners.tell(lambda listener: listener.on_events(fresh))
        if self.model.stale and threading.current_thread() is not self.poller.thread:
            self.poller.ask()

    def _could_not_read(self, error: Exception) -> None:
        self.heard_at = None  # who knows whether callbacks will arrive
        self.listeners.tell_error(error)


_feeds: dict[str, Feed] = {}
_lock = threading.Lock()


def join(client: Client, workspace_sid: str, listener: Listener) -> Callable[[], None]:
    """Have a listener told of a workspace. Returns what ends that; the feed ends with its last listener.

    client: reads for all of them from now on.
    """
    with _lock:
        feed = _feeds.get(workspace_sid)
        if feed is None:
            feed = _feeds[workspace_sid] = Feed(client, workspace_sid)
            feed.start()
        else:
            feed.use(client)
        listener.on_attach(feed)
        feed.listeners.add(listener)

    def leave() -> None:
        with _lock:
            if feed.listeners.remove(listener) and not feed.listeners:
                del _feeds[workspace_sid]
                feed.stop()

    return leave
