"""What the live views have that a feed tells: its clock and its threads; and those of a workspace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from twilio.rest import Client

from helpers.connection.clients import mode_of
from helpers.connection.error_messages import status_of
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.feed import Feed, join
from helpers.live.feed.threads import Poller
from helpers.live.widgets.base import LiveWidget
from helpers.live.widgets.text import with_next_step


class ViewFeed(Protocol):
    """What a view needs of its feed. ahead: seconds that its clock is ahead of this machine's."""

    ahead: float
    heard_at: float | None
    poller: Poller

    @property
    def by_callbacks(self) -> bool:
        """Whether the feed is told, rather than asking."""
        ...

    def do(self, act: Callable[[], object] = ...) -> threading.Event:
        """Run `act` after what was asked before, then read; the event is set when both are done."""
        ...


F = TypeVar("F", bound=ViewFeed)


class FeedView(LiveWidget, Generic[F]):
    """A live widget that a feed tells of changes."""

    _feed: F | None = None
    _leave: Callable[[], None] = staticmethod(lambda: None)

    @property
    def feed(self) -> F:
        """The feed that tells this view; a RuntimeError before it is joined."""
        if self._feed is None:
            raise RuntimeError("this view has not joined a feed yet")
        return self._feed

    # ---- what the feed calls, on its threads

    def on_attach(self, feed: F) -> None:
        """Take note of the feed that tells this view from now on."""
        self._feed = feed

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """Show that what the feed knows has changed, and that these events were new. To be overridden."""

    def on_refresh(self) -> None:
        """Take the trouble off the view: a read has worked."""
        self._post(trouble=None)

    def on_error(self, error: Exception) -> None:
        """Say that a read has failed, until one works again (`fault` stays until the next click instead)."""
        self._post(trouble=with_next_step(error))

    # ---- from the browser, and on the render thread

    def _on_message(self, widget: object, content: object, buffers: object = None) -> None:
        if self._feed:
            self._feed.poller.seen()
        super()._on_message(widget, content, buffers)

    def send_heartbeat(self) -> None:
        """Tell the browser that the kernel lives, how fresh the view is and how it learns; by TaskRouter's clock."""
        feed = self._feed
        if feed is None:
            return  # it is being made
        self.heartbeat = {
            "now": time.time() + feed.ahead,
            "read": feed.poller.read_at and feed.poller.read_at + feed.ahead,
            "every": feed.poller.every,
            "paused": feed.poller.paused,
            "callbacks": feed.by_callbacks,
            "heard": feed.heard_at and feed.heard_at + feed.ahead,
        }

    # ---- for whoever holds the widget

    def wait_until_drawn(self, timeout: float = 15.0) -> None:
        """Return when all that was asked so far is done, read back and drawn.

        Raises:
            TimeoutError: after `timeout` seconds.
        """
        until = time.monotonic() + timeout
        if self._feed is not None and not self._feed.do().wait(timeout):
            raise TimeoutError(f"TaskRouter did not answer within {timeout:g} s")
        super().wait_until_drawn(max(0.1, until - time.monotonic()))

    def _end(self) -> None:
        self._leave()


class WorkspaceView(FeedView[Feed]):
    """A live widget that is told of a workspace. Those that derive from it call `_join` when they are ready."""

    def _join(self, client: Client, workspace_sid: str) -> None:
        self._content["mode"] = mode_of(client)  # drawn with whatever is posted first
        self._leave = join(client, workspace_sid, self)
        if self.feed.known:
            self.on_events([])
        self.feed.poller.ask()

    def on_refresh(self) -> None:
        """Take the trouble off the view: a read has worked, so the workspace is there."""
        self._post(trouble=None, gone=False)

    def on_error(self, error: Exception) -> None:
        """Say that a read has failed; where the workspace was deleted, nothing can be done here any more."""
        self._post(trouble=with_next_step(error), gone=status_of(error) == 404)

    def on_callback(self, event: TaskRouterEvent) -> None:
        """Show an event callback. To be overridden by a view that shows callbacks."""
