"""Which events a model has applied, and which was the last one about each task, worker and reservation."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from helpers.live.feed.event import TaskRouterEvent

OrderKey = tuple[int, int]
"""The place of an event in the order of what happened: `TaskRouterEvent.order_key`."""

LONG_AGO: OrderKey = (0, 0)
"""The place before all events."""


class EventMemory:
    """What is remembered of events. Not safe from several threads by itself.

    Args:
        kept: SIDs of events that are remembered, so that one that comes twice counts once.
        last_kept: SIDs of tasks, workers and reservations, also of the past, whose last event is remembered.
        is_there: tells whether a SID is still part of the model; others are forgotten first.
    """

    def __init__(self, kept: int, last_kept: int, is_there: Callable[[str], bool]) -> None:
        self._kept, self._last_kept, self._is_there = kept, last_kept, is_there
        self._seen: set[str] = set()
        self._seen_order: deque[str] = deque()
        self._last: dict[str, OrderKey] = {}

    def __len__(self) -> int:
        return len(self._last)

    def __contains__(self, event_sid: str) -> bool:
        return event_sid in self._seen

    def add(self, event: TaskRouterEvent) -> None:
        """Count an event as applied."""
        self._seen.add(event.sid)
        self._seen_order.append(event.sid)
        if len(self._seen_order) > self._kept:
            self._seen.discard(self._seen_order.popleft())
        if len(self._last) > self._last_kept:
            gone = [sid for sid in self._last if not self._is_there(sid)]
            for each in gone[: len(gone) // 2 + 1]:
                del self._last[each]

    def note(self, event: TaskRouterEvent, sid: str) -> None:
        """Remember that an event has spoken of this task, worker or reservation, unless a later one has."""
        self._last[sid] = max(self.last(sid), event.order_key)

    def last(self, sid: str) -> OrderKey:
        """Give the place of the last event that spoke of it."""
        return self._last.get(sid, LONG_AGO)
