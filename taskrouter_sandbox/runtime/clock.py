"""The sandbox's clock: the machine's, plus an offset, and never going back.

The machine's own clock may be set back, by a person, by NTP or when a virtual machine is resumed. Time goes on evenly
here then, and is the machine's again once that has caught up. Where the machine's clock jumps forward, this one does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

LATEST = 253_370_764_800_000  # where the year 9999 begins: dates end with it, and some lie ahead
NOTICEABLE = 1_000_000_000  # nanoseconds; two readings of the machine's clocks are never of the same instant


class Clock:
    """The time of the sandbox.

    offset: milliseconds that have been skipped; wall, monotonic: read the machine's clocks, in nanoseconds.
    """

    def __init__(
        self,
        offset: int = 0,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
    ):
        self.offset = offset
        self._wall, self._monotonic = wall, monotonic
        self._difference = self._read()

    def _read(self) -> int:
        """Give wall clock minus monotonic clock. In this order a pause between the two never makes it too large."""
        wall = self._wall()
        return wall - self._monotonic()

    def now(self) -> int:
        """Tell the time: milliseconds since 1970, UTC."""
        self._difference = max(self._difference, self._read())
        return (self._monotonic() + self._difference) // 1_000_000 + self.offset

    def ahead(self) -> int:
        """Tell how many milliseconds the sandbox is ahead of the machine."""
        behind = self._difference - self._read()
        return self.offset + (behind // 1_000_000 if behind >= NOTICEABLE else 0)

    def begin_at(self, offset: int, earliest: int) -> None:
        """Go on with that offset, and let it be at least that time by now, however early the machine thinks it is.

        Both are milliseconds.
        """
        self.offset = offset
        self._difference += max(0, earliest - self.now()) * 1_000_000

    def advance(self, ms: int) -> None:
        """Move forward by so many milliseconds. What falls due on the way is done by `DueWork.advance`."""
        self.offset += ms

    @contextmanager
    def turned_back(self, to: int) -> Generator[None]:
        """Let it be an earlier time (milliseconds) while a block runs, and go on then as if it had not been."""
        offset = self.offset
        self.offset -= max(0, self.now() - to)
        try:
            yield
        finally:
            self.offset = offset

    def reset(self) -> None:
        """Be the machine's clock again; time may go back this once."""
        self.offset, self._difference = 0, self._read()
