"""What every feed does with its two threads: read at an interval, act when somebody clicks, hear of the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable

from helpers.live.feed.threads import CommandThread, Poller
from helpers.sandbox_tools import clock


class ThreadedFeed:
    """A feed that reads by its `poller`, and acts by its `commands`; each kind of feed makes both.

    `ahead`: seconds that TaskRouter's clock is ahead of this machine's.
    """

    commands: CommandThread
    poller: Poller
    ahead = 0.0

    def start(self) -> None:
        """Begin to read."""
        clock.listeners.add(self._clock_is)
        self.commands.start()
        self.poller.start()

    def stop(self) -> None:
        """End the reading."""
        clock.listeners.discard(self._clock_is)
        self.poller.stop()
        self.commands.stop()

    def do(self, act: Callable[[], object] = lambda: None) -> threading.Event:
        """Run `act` after what was asked before, then read; the event is set when both are done."""
        done = threading.Event()

        def act_and_read() -> None:
            try:
                act()
            finally:
                self.poller.ask(done)

        self.commands.do(act_and_read)
        return done

    def _clock_is(self, ahead: float) -> None:
        """Take note of a clock that was advanced."""
        self.ahead = ahead
