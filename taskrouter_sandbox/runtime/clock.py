"""The sandbox's clock: the machine's, plus an offset, and never going back."""

from __future__ import annotations

import time

LATEST = 253_370_764_800_000  # where the year 9999 begins: dates end with it, and some lie ahead


class Clock:
    """The time of the sandbox. offset: milliseconds that the sandbox is ahead of the machine."""

    def __init__(self, offset: int = 0):
        self.offset = offset
        self._last = 0

    def now(self) -> int:
        """Tell the time: milliseconds since 1970, UTC."""
        self._last = max(self._last, time.time_ns() // 1_000_000 + self.offset)
        return self._last

    def reset(self) -> None:
        """Set the offset back to 0; time may go back this once."""
        self.offset = self._last = 0
