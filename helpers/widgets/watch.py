"""A thread that reads TaskRouter by REST at an interval, and makes the calls that a click asks for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from helpers.calls import unrecorded

SANDBOX_INTERVAL = 0.3
LIVE_INTERVAL = 3.0
AFTER_ERROR = 3.0
"""Seconds between two reads: of the sandbox, of Twilio, and at least after a read that failed."""

UNSEEN = 120.0
"""Seconds without a word from a browser after which reading pauses."""


def interval() -> float:
    """Seconds between two reads of the TaskRouter that the lesson talks to."""
    from helpers.account import current

    return SANDBOX_INTERVAL if current().mode == "sandbox" else LIVE_INTERVAL


@dataclass
class _Job:
    act: Callable[[], None]
    done: threading.Event = field(default_factory=threading.Event)


class Watch:
    """Calls `read` every `every` seconds, and jobs in between, all on one daemon thread.

    So a read never overlaps a change that is being made, and never shows what was true before it. Every
    exception is given to `failed`; that reading works again is told by `read` itself.

    Args:
        name: of the thread.
        every: seconds between the end of one read and the start of the next.
        read: makes the requests and posts what they say.
        failed: told of an exception in `read` or in a job.
    """

    def __init__(self, name: str, every: float, read: Callable[[], None], failed: Callable[[Exception], None]):
        self.every = every
        self.read_at: float | None = None
        self.paused = False
        self._read, self._failed = read, failed
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._seen = time.monotonic()
        self._stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"watch-{name}", daemon=True)
        self.thread.start()

    def ask(self, act: Callable[[], None] = lambda: None) -> threading.Event:
        """Run `act` soon, then read. The event is set when both are done."""
        self._seen = time.monotonic()
        job = _Job(act)
        self._jobs.put(job)
        return job.done

    def seen(self) -> None:
        """A browser shows the view: keep reading, or take it up again."""
        self._seen = time.monotonic()
        if self.paused:
            self.ask()

    def stop(self) -> None:
        """End the thread after the request it is making, if any."""
        self._stopped.set()
        self._jobs.put(None)

    def _run(self) -> None:
        wait = 0.0
        while not self._stopped.is_set():
            job = self._next_job(wait)
            if self._stopped.is_set():
                break
            worked = self._try(job.act) if job else True
            worked = self._try(self._read_once) and worked
            wait = self.every if worked else max(self.every, AFTER_ERROR)
            if job:
                job.done.set()

    def _next_job(self, wait: float) -> _Job | None:
        self.paused = time.monotonic() - self._seen > UNSEEN
        try:
            return self._jobs.get(timeout=None if self.paused else wait)
        except queue.Empty:
            return None
        finally:
            self.paused = False

    def _read_once(self) -> None:
        with unrecorded():
            self._read()
        self.read_at = time.time()

    def _try(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except Exception as error:
            if not self._stopped.is_set():
                self._failed(error)
            return False
        return True
