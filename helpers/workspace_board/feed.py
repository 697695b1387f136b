"""Keeps a model current: by event callbacks where they arrive, by reading the events where they do not."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from twilio.rest import Client

from helpers import fast_forward
from helpers.callback_server import Reply
from helpers.callback_server.front import EVENTS as PATH
from helpers.widgets.watch import Watch, interval
from helpers.workspace_board import reading
from helpers.workspace_board.happening import Happening
from helpers.workspace_board.model import Model

if TYPE_CHECKING:
    from helpers.callback_server import CallbackServer

SAFETY = 3.0
"""Seconds, at least, between two reads of the events while callbacks arrive: nobody promises that each of them does."""

LATE = 3000
"""Milliseconds after which a callback that has not arrived counts as missed."""

REREAD = 60.0
"""Seconds after which everything is read again."""


class Feed:
    """One workspace's model, and the threads that keep it so.

    Args:
        client: the lesson's twilio client.
        workspace_sid: `WS...`.
        changed: called after the model has changed, with the events that were new; on any thread.
        heard: called with each event that a callback brings, known already or not; on the server's thread.
        failed: called with the exception of a read that failed.
        besides: called after a read, on the reading thread, for what else is to be read.
    """

    def __init__(
        self,
        client: Client,
        workspace_sid: str,
        changed: Callable[[list[Happening]], None],
        heard: Callable[[Happening], None],
        failed: Callable[[Exception], None],
        besides: Callable[[], None] = lambda: None,
    ) -> None:
        self.model = Model()
        self.ahead = 0.0  # seconds that TaskRouter's clock is ahead of this machine's
        self.heard_at: float | None = None  # when the last callback came, seconds since 1970
        self.missed = 0  # events that a read found although callbacks should have brought them
        self._changed, self._heard, self._besides = changed, heard, besides
        self._close_desk: Callable[[], None] = lambda: None
        self._poll_every = interval()
        self._read_all_at = float("-inf")
        self._fresh: deque[Happening] = deque()
        self.place = client.taskrouter.v1.workspaces(workspace_sid)
        self.model.on_apply = self._fresh.append
        self._failed, self._workspace_sid = failed, workspace_sid
        self.watch: Watch | None = None
        self._starting = threading.Lock()

    @property
    def by_callbacks(self) -> bool:
        """Whether event callbacks arrive, rather than the board asking."""
        return self.heard_at is not None and PATH in self.model.workspace.get("event_callback_url", "")

    def start(self) -> Watch:
        """Begin to read; gives the thread that does."""
        with self._starting:  # its thread begins at once
            self.watch = Watch(f"board-{self._workspace_sid[-4:]}", self._poll_every, self._read, self._failed)
        return self.watch

    def receive_at(self, server: CallbackServer) -> None:
        """Take the event callbacks that reach this server under PATH; they are let in and signed as all others."""
        self._close_desk()
        self._close_desk = server.open_desk(self._desk)

    def stop(self) -> None:
        """End the reading and the reception."""
        self._close_desk()
        self.watch.stop()

    def reread(self) -> None:
        """Everything is read again, at once."""
        self._read_all_at = float("-inf")
        self.watch.ask()

    # ---- on the server's thread

    def _desk(self, path: str, form: dict[str, str]) -> Reply | None:
        if path != PATH:
            return None
        try:
            event = Happening.from_form(form)
        except ValueError:
            return None  # whoever else calls this address has nothing to tell
        if event.data.get("workspace_sid") != self.model.workspace.get("sid"):
            return None  # for another board
        self.heard_at = time.time()
        self.ahead = max(self.ahead, event.at / 1000 - self.heard_at)
        self.model.apply(event)
        self._heard(event)
        self._tell()
        return Reply(logged=False)

    # ---- on the watch's thread

    def _read(self) -> None:
        with self._starting:
            watch = self.watch
        if time.monotonic() - self._read_all_at > REREAD:
            self._read_everything()
        else:
            found = reading.read_events(self.place, self.model)
            if self.by_callbacks:
                self.missed += sum(1 for event in found if event.at + LATE < (time.time() + self.ahead) * 1000)
        self._settle_doubts()
        self._besides()
        watch.every = max(SAFETY, 3 * self._poll_every) if self.by_callbacks else self._poll_every
        self._tell()

    def _read_everything(self) -> None:
        self.ahead = fast_forward.ahead()
        reading.read_all(self.place, self.model)
        self.model.doubted()
        self.model.replaced()
        self._read_all_at = time.monotonic()

    def _settle_doubts(self) -> None:
        for collection, sid in self.model.doubted():
            reading.read_again(self.place, self.model, collection, sid)

    def _tell(self) -> None:
        fresh = []
        with suppress(IndexError):
            while True:
                fresh.append(self._fresh.popleft())
        self._changed(fresh)
        if self.model.doubts and threading.current_thread() is not self.watch.thread:
            self.watch.ask()

    def words(self) -> str:
        """How the board learns of what happens, in a sentence."""
        if self.by_callbacks:
            late = f" {self.missed} event(s) did not arrive and were read instead." if self.missed else ""
            return f"Event callbacks arrive at your server.{late}"
        return f"No event callback arrives here, so the board asks TaskRouter every {self._poll_every:g} s."
