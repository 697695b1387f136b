"""What is due when: one deadline for each resource, in a heap whose stale entries are skipped when they surface, or
thrown out when they are the most of it."""

from __future__ import annotations

import heapq

FEW = 64  # stale entries that are no trouble


class Timers:
    """Deadlines in the order in which they are due; those of one instant in the order `rank`."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, tuple[int, int], str]] = []
        self._due: dict[str, int] = {}
        self._most = FEW  # entries of the heap until those that are stale are thrown out

    def set(self, sid: str, due: int, rank: tuple[int, int]) -> None:
        """Let the deadline of this resource be `due`, in milliseconds since 1970, instead of any that it had."""
        if self._due.get(sid) != due:
            self._due[sid] = due
            heapq.heappush(self._heap, (due, rank, sid))
            if len(self._heap) > self._most:
                self._heap = [entry for entry in self._heap if self._due.get(entry[2]) == entry[0]]
                heapq.heapify(self._heap)
                self._most = 2 * len(self._heap) + FEW

    def drop(self, sid: str) -> None:
        """Forget the deadline of this resource."""
        self._due.pop(sid, None)

    def next_due(self) -> int | None:
        """Give the next deadline in milliseconds since 1970, or None."""
        while self._heap:
            due, _, sid = self._heap[0]
            if self._due.get(sid) == due:
                return due
            heapq.heappop(self._heap)
        return None

    def pop(self, now: int) -> tuple[int, str] | None:
        """Take the next deadline that has come by `now`, and whose it is; None when there is none."""
        while self._heap and self._heap[0][0] <= now:
            due, _, sid = heapq.heappop(self._heap)
            if self._due.get(sid) == due:
                del self._due[sid]
                return due, sid
        return None

    def live(self) -> dict[str, int]:
        """Give every deadline, by SID."""
        return dict(self._due)
