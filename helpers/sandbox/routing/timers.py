"""What is due when. A heap whose stale entries are skipped by whoever they surface to."""

from __future__ import annotations

import heapq
from itertools import count
from typing import Literal

Kind = Literal["reservation", "step", "lifetime", "removal", "assigned"]


class Timers:
    """Deadlines in the order in which they are due; those of one instant in the order in which they were set."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Kind, str]] = []
        self._numbers = count()

    def set(self, due: int, kind: Kind, sid: str) -> None:
        heapq.heappush(self._heap, (due, next(self._numbers), kind, sid))

    def next_due(self) -> int | None:
        """Milliseconds since 1970 of the next deadline (it may be a stale one), or None."""
        return self._heap[0][0] if self._heap else None

    def pop(self, now: int) -> tuple[int, Kind, str] | None:
        """The next deadline that has come, or None."""
        if not self._heap or self._heap[0][0] > now:
            return None
        due, _, kind, sid = heapq.heappop(self._heap)
        return due, kind, sid
