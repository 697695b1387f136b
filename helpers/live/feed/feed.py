"""Keeps a model current: by event callbacks where they arrive, by reading the events where they do not.

There is one feed for each workspace, however many views look at it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from twilio.rest import Client

from helpers.callback_server.middleware import EVENTS_PATH, Reply
from helpers.live.feed import rest_reader
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.model import Model
from helpers.live.feed.threads import CommandThread, Poller, interval
from helpers.sandbox_tools import clock

if TYPE_CHECKING:
    from helpers.callback_server.server import CallbackServer

SAFETY = 3.0
"""Seconds, at least, between two reads of the events while callbacks arrive: nobody promises that each of them does."""

LATE = 3.0
"""Seconds after which the callback of an event that a read has found counts as missed."""

REREAD = 60.0
"""Seconds after which everything is read again."""

CLOCK_EVERY = 1.0
"""Seconds between two looks at the sandbox's clock, which a cell may have put forward."""

AT_A_TIME = 1.0
"""Seconds of reading again what is in doubt, after which the news come first."""

RECENT = 500
"""Events that are kept for a view that comes later."""

EARLY = 5000
"""Events that are kept until what went before them has been read: a model takes no history after the news."""


class Listener(Protocol):
    """A view of a workspace. After `on_attach`, all is called on other threads and must return at once."""

    def on_attach(self, feed: Feed) -> None:
        """This feed will tell."""

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """The model has changed; these events were new."""

    def on_callback(self, event: TaskRouterEvent) -> None:
        """A callback has brought this event, known already or not."""

    def on_refresh(self) -> None:
        """A read has worked; on the reading thread, for what else is to be read."""

    def on_error(self, error: Exception) -> None:
        """A read has failed."""


class Feed:
    """One workspace's model, and the threads that keep it so. Made by `join`.

    Args:
        workspace_sid: `WS...`.
    """

    def __init__(self, workspace_sid: str) -> None:
        self.model = Model()
        self.known = False  # whether what matters has been read once
        self.ahead = 0.0  # seconds that TaskRouter's clock is ahead of this machine's
        self.heard_at: float | None = None  # when the last callback came, seconds since 1970
        self.missed: set[str] = set()  # SIDs of events that callbacks should have brought, and have not
        self.recent: deque[TaskRouterEvent] = deque(maxlen=RECENT)
        self.listeners: list[Listener] = []
        self._workspace_sid = workspace_sid
        self._server: CallbackServer | None = None
        self._stop_intercepting: Callable[[], None] = lambda: None
        self._read_all_at = self._clock_at = float("-inf")
        self._fresh: deque[TaskRouterEvent] = deque()
        self._awaited: dict[str, float] = {}  # events that a read has found before a callback brought them, and when
        self._early: deque[TaskRouterEvent] | None = deque(maxlen=EARLY)  # None: what went before them has been read
        self._order = threading.Lock()
        self.model.on_apply = self._applied
        self._starting = threading.Lock()

    def use(self, client: Client) -> None:
        """Read with this client from now on."""
        self.place = client.taskrouter.v1.workspaces(self._workspace_sid)
        self._poll_every = interval()

    def start(self) -> None:
        """Begin to read."""
        name = self._workspace_sid[-4:]
        clock.listeners.add(self._clock_is)
        with self._starting:  # the watch's thread begins at once
            self.commands = CommandThread(name, self._failed)
            self.poller = Poller(name, self._poll_every, self._read, self._could_not_read)

    def stop(self) -> None:
        """End the reading and the reception."""
        clock.listeners.discard(self._clock_is)
        self._stop_intercepting()
        self.poller.stop()
        self.commands.stop()

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
        """Everything is read again, at once."""
        self._read_all_at = float("-inf")
        self.poller.ask()

    def do(self, act: Callable[[], object] = lambda: None) -> threading.Event:
        """Run `act` after what was asked before, then read; the event is set when both are done."""
        done = threading.Event()

        def do_it() -> None:
            try:
                act()
            finally:
                self.poller.ask(done)

        self.commands.do(do_it)
        return done

    def words(self) -> str:
        """How its views learn of what happens, in a sentence."""
        how = f"No event callback arrives here, so the board asks TaskRouter every {self._poll_every:g} s."
        return f"{'Event callbacks arrive at your server.' if self.by_callbacks else how}{self._late()}"

    def _late(self) -> str:
        if not self.missed:
            return ""
        count = len(self.missed)
        return f" {count} event{'' if count == 1 else 's'} did not arrive and came by asking instead."

    # ---- on the server's thread

    def _intercept(self, path: str, form: dict[str, str]) -> Reply | None:
        if path != EVENTS_PATH:
            return None
        try:
            event = TaskRouterEvent.from_form(form)
        except ValueError:
            return None  # whoever else calls this address has nothing to tell
        if event.data.get("workspace_sid") != self._workspace_sid:
            return None  # for another feed
        self.heard_at = time.time()
        self._awaited.pop(event.sid, None)
        self.missed.discard(event.sid)
        self.ahead = max(self.ahead, event.at / 1000 - self.heard_at)
        with self._order:
            if self._early is None:
                self.model.apply(event)
            else:
                self._early.append(event)
        self._tell(lambda listener: listener.on_callback(event))
        self._tell_what_happened()
        return Reply(logged=False)

    # ---- on the watch's thread

    def _read(self) -> None:
        with self._starting:
            poller = self.poller
        if time.monotonic() - self._clock_at > CLOCK_EVERY:
            self._clock_at = time.monotonic()
            self._clock_is(clock.ahead())
        if time.monotonic() - self._read_all_at > REREAD:
            self._read_everything()
        else:
            found = rest_reader.read_events(self.place, self.model)
            if self.by_callbacks:
                self._awaited |= {event.sid: time.monotonic() for event in found}
        self._read_stale()
        self._count_missed()
        poller.every = max(SAFETY, 3 * self._poll_every) if self.by_callbacks else self._poll_every
        self._tell(lambda listener: listener.on_refresh())
        self._tell_what_happened()

    def _clock_is(self, ahead: float) -> None:
        self.ahead = ahead

    def _read_everything(self) -> None:
        self._read_all_at = time.monotonic()
        try:
            rest_reader.read_all(self.place, self.model, self._some_is_read)
        except Exception:
            self._read_all_at = float("-inf")
            raise
        self.model.reset_trackers()

    def _read_stale(self) -> None:
        stale, until = self.model.take_stale(), time.monotonic() + AT_A_TIME
        try:
            for doubt in sorted(stale, key=lambda each: each[0] == "channels"):
                rest_reader.read_again(self.place, self.model, *doubt)
                stale.discard(doubt)
                if time.monotonic() > until:
                    break
        finally:
            self.model.mark_stale(stale)  # what was not read is read the next time
        if stale:
            self.poller.ask()

    def _count_missed(self) -> None:
        late = time.monotonic() - LATE
        missed = [sid for sid, found_at in tuple(self._awaited.items()) if found_at < late]
        if missed:
            self.missed.update(missed)
            self._awaited.clear()
            self.heard_at = None  # until the next one comes

    def _some_is_read(self) -> None:
        with self._order:
            for event in self._early or ():
                self.model.apply(event)
            self._early = None
        self.known = True
        self._tell_what_happened()

    # ---- on both

    def _applied(self, event: TaskRouterEvent) -> None:
        self._fresh.append(event)
        self.recent.append(event)

    def _tell_what_happened(self) -> None:
        fresh = []
        with suppress(IndexError):
            while True:
                fresh.append(self._fresh.popleft())
        self._tell(lambda listener: listener.on_events(fresh))
        if self.model.stale and threading.current_thread() is not self.poller.thread:
            self.poller.ask()

    def _could_not_read(self, error: Exception) -> None:
        self.heard_at = None  # who knows whether callbacks will arrive
        self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._tell(lambda listener: listener.on_error(error))

    def _tell(self, tell: Callable[[Listener], None]) -> None:
        for listener in tuple(self.listeners):
            try:
                tell(listener)
            except Exception as error:  # a view that fails says so, and does not stop the others
                listener.on_error(error)


_feeds: dict[str, Feed] = {}
_lock = threading.Lock()


def join(client: Client, workspace_sid: str, listener: Listener) -> Callable[[], None]:
    """Have a listener told of a workspace; gives what ends that. The feed ends with its last listener.

    client: reads for all of them from now on.
    """
    with _lock:
        feed = _feeds.get(workspace_sid)
        new = feed is None
        if new:
            feed = _feeds[workspace_sid] = Feed(workspace_sid)
        feed.use(client)
        if new:
            feed.start()
        listener.on_attach(feed)
        feed.listeners.append(listener)

    def leave() -> None:
        with _lock:
            if listener not in feed.listeners:
                return
            feed.listeners.remove(listener)
            if not feed.listeners:
                del _feeds[workspace_sid]
                feed.stop()

    return leave
