"""Two threads: one reads TaskRouter at an interval, the other makes the calls that clicks ask for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from helpers.connection import account
from helpers.connection.rest_log import unrecorded

SANDBOX_INTERVAL = 0.3
LIVE_INTERVAL = 3.0
"""Seconds between two reads: of the sandbox, of Twilio."""


def interval() -> float:
    """Give the seconds between two reads of the TaskRouter that the lesson talks to."""
    return SANDBOX_INTERVAL if account.current().mode == "sandbox" else LIVE_INTERVAL


class Poller:
    """Calls `read` every `every` seconds, on a daemon thread, from `start` to `stop`.

    Every exception is given to `failed`; that reading works again is told by `read` itself.

    Args:
        name: of the thread.
        every: seconds between the end of one read and the start of the next.
        read: makes the requests and posts what they say.
        failed: told of an exception in `read`.
        after_error: seconds, at least, from a read that failed to the next.
        unseen: seconds without a word from a browser after which reading pauses.
    """

    def __init__(
        self,
        name: str,
        every: float,
        read: Callable[[], None],
        failed: Callable[[Exception], None],
        *,
        after_error: float = 3.0,
        unseen: float = 120.0,
    ) -> None:
        self.every, self.after_error, self.unseen = every, after_error, unseen
        self.read_at: float | None = None
        self.paused = False
        self._read, self._failed = read, failed
        self._asked: queue.SimpleQueue[threading.Event] = queue.SimpleQueue()
        self._seen = time.monotonic()
        self._stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"poller-{name}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self.thread.start()

    def ask(self, done: threading.Event | None = None) -> threading.Event:
        """Have it read soon; the event is set when that is done."""
        self._seen = time.monotonic()
        done = done or threading.Event()
        self._asked.put(done)
        return done

    def seen(self) -> None:
        """Keep reading, or take it up again, since a browser shows the view."""
        self._seen = time.monotonic()
        if self.paused:
            self.ask()

    def stop(self) -> None:
        """End the thread after the request it is making, if any."""
        self._stopped.set()
        self._asked.put(threading.Event())

    def _run(self) -> None:
        wait = 0.0
        while not self._stopped.is_set():
            asked = self._next(wait)
            if self._stopped.is_set():
                break
            wait = self.every if self._try() else max(self.every, self.after_error)
            for done in asked:
                done.set()

    def _next(self, wait: float) -> list[threading.Event]:
        """Wait until it is time or somebody asks. Returns those who have asked: one read serves all of them."""
        self.paused = time.monotonic() - self._seen > self.unseen
        asked = []
        try:
            asked.append(self._asked.get(timeout=None if self.paused else wait))
            while True:
                asked.append(self._asked.get_nowait())
        except queue.Empty:
            return asked
        finally:
            self.paused = False

    def _try(self) -> bool:
        try:
            with unrecorded():
                self._read()
            self.read_at = time.time()
        except Exception as error:
            if not self._stopped.is_set():
                self._failed(error)
            return False
        return True


class CommandThread:
    """Runs one function after the other on a daemon thread, so that a click never waits for a read that takes long.

    Args:
        name: of the thread.
        failed: told of an exception.
    """

    def __init__(self, name: str, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run, name=f"commands-{name}", daemon=True)

    def start(self) -> None:
        """Begin to run what is asked."""
        self.thread.start()

    def do(self, act: Callable[[], object]) -> None:
        """Run `act` as soon as what was asked before is done."""
        self._jobs.put(act)

    def stop(self) -> None:
        """End the thread when it has done what was asked."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (act := self._jobs.get()) is not None:
            try:
                act()
            except Exception as error:
                self._failed(error)
