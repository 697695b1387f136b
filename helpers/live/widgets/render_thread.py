"""The one thread that draws.

Anything may post from any thread: a widget callback (the main thread or a subshell's, by ipykernel version),
the callback server's thread, a poller. Only the render thread touches widget traits, so reads and writes of a
trait never race, and a busy cell does not hold a view up.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, Protocol

log = logging.getLogger(__name__)

HEARTBEAT_EVERY = 1.0
"""Seconds between two heartbeats: a view that misses a few knows that its kernel is busy or gone."""


PACE = 0.03
"""Seconds from one drawing to the next: however many posts there are, the page gets some thirty a second."""


STOP_SECONDS = 1.0
"""Seconds that the end of the kernel waits for a drawing that is under way."""


class View(Protocol):
    """What the render thread draws on. All three are called on it only."""

    def draw(self, value: Any) -> None:
        """Draw the newest value that was posted."""

    def send_heartbeat(self) -> None:
        """Tell the browser that the kernel lives."""

    def failed(self, error: Exception) -> None:
        """Draw an error in the place of what could not be drawn."""


class RenderThread:
    """Draws the newest value posted for each key, in the order of posting, and sends heartbeats."""

    def __init__(self, name: str):
        self._changed = threading.Condition()
        self._views: dict[Hashable, View] = {}
        self._posted: dict[Hashable, object] = {}
        self._marks: list[threading.Event] = []
        self._stopped = False
        self.thread = threading.Thread(target=self._run, name=f"render-{name}", daemon=True)
        self.thread.start()

    def show(self, key: Hashable, view: View) -> None:
        """Draw what is posted for `key` on `view` from now on."""
        with self._changed:
            self._views[key] = view
            self._changed.notify()

    def forget(self, key: Hashable) -> None:
        """Draw nothing more for `key`."""
        with self._changed:
            self._views.pop(key, None)
            self._posted.pop(key, None)

    def post(self, key: Hashable, value: object) -> None:
        """Hand over a whole state; returns at once. A newer state replaces one that was not drawn yet."""
        with self._changed:
            if key in self._views:
                self._posted[key] = value
                self._changed.notify()

    def wait_until_drawn(self, timeout: float = 15.0) -> None:
        """Return when all that was posted so far has been drawn; TimeoutError after `timeout` seconds."""
        mark = threading.Event()
        with self._changed:
            self._marks.append(mark)
            self._changed.notify()
        if not mark.wait(timeout):
            raise TimeoutError(f"the display did not catch up within {timeout:g} s")

    def stop(self) -> None:
        """Draw nothing more, as at the end of the kernel: what is sent while its sockets close is lost or garbled."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self.thread.join(STOP_SECONDS)

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            with self._changed:
                while not (self._stopped or self._posted or self._marks or (self._views and time.monotonic() >= due)):
                    self._changed.wait(max(0.0, due - time.monotonic()) if self._views else None)
                if self._stopped:
                    return
                posted, self._posted = self._posted, {}
                marks, self._marks = self._marks, []
                views = dict(self._views)
            began = time.monotonic()
            for key, value in posted.items():
                if key in views:
                    self._try(views[key], lambda view, value=value: view.draw(value))
            if time.monotonic() >= due:
                due = time.monotonic() + HEARTBEAT_EVERY
                for view in views.values():
                    self._try(view, lambda view: view.send_heartbeat())
            for mark in marks:
                mark.set()
            if posted:
                time.sleep(max(PACE, time.monotonic() - began))  # half of the time at most

    @staticmethod
    def _try(view: View, act: Callable[[View], None]) -> None:
        try:
            act(view)
        except Exception as error:
            log.exception("drawing failed")
            try:
                view.failed(error)
            except Exception:
                log.exception("drawing the failure failed too")


_threads: dict[str, RenderThread] = {}
_lock = threading.Lock()


def render_thread(name: str = "live") -> RenderThread:
    """Give the render thread of that name: made at the first use, the same one ever after."""
    with _lock:
        if not _threads:
            atexit.register(_stop_all)
        if name not in _threads or not _threads[name].thread.is_alive():
            _threads[name] = RenderThread(name)
        return _threads[name]


def _stop_all() -> None:
    for each in tuple(_threads.values()):
        each.stop()
