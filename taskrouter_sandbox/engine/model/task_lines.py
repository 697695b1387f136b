"""What waits in a queue, in lines: items that ask for the same worker stand one behind the other.

A worker that becomes free looks at the front of each line, so that 10,000 tasks that it cannot take cost it as
much as one.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterator
from heapq import merge
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")
K = TypeVar("K")

Key = tuple[Any, ...]  # by which items are sorted, least first


class Demand(Struct, frozen=True):
    """Which workers an item asks for.

    key: items with equal keys can be taken by the same workers, None by any member of the queue; worker: it asks for
    one worker, by ("sid" or "name", value), or ("direct", SID) when that worker is its RoutingTarget.
    """

    key: Hashable = None
    worker: tuple[str, str] | None = None


ANYONE = Demand()


class TaskLines(Generic[T]):
    """The items that wait in one queue, each in the line of its channel and demand.

    sort_key: gives an item's place. by_demand: lines by (TaskChannel SID, key of the demand), which any worker who
    meets the demand can take; by_worker: lines by the worker's name, for one worker only.
    """

    def __init__(self, sort_key: Callable[[T], Key]) -> None:
        self.sort_key = sort_key
        self.by_demand: dict[tuple[str, Hashable], list[T]] = {}
        self.by_worker: dict[tuple[str, str], list[T]] = {}

    def add(self, item: T, channel_sid: str, demand: Demand) -> None:
        """Put an item into the line of that channel and demand."""
        if demand.worker is not None:
            line = self.by_worker.setdefault(demand.worker, [])
        else:
            line = self.by_demand.setdefault((channel_sid, demand.key), [])
        if line:
            insort(line, item, key=self.sort_key)
        else:
            line.append(item)

    def discard(self, item: T, channel_sid: str, demand: Demand) -> None:
        """Take an item out; everything that its place depends on must be as it was when it was added."""
        if demand.worker is not None:
            self._discard(self.by_worker, demand.worker, item)
        else:
            self._discard(self.by_demand, (channel_sid, demand.key), item)

    def _discard(self, lines: dict[K, list[T]], key: K, item: T) -> None:
        line = lines[key]
        place = 0 if line[0] is item else bisect_left(line, self.sort_key(item), key=self.sort_key)
        assert line[place] is item
        del line[place]
        if not line:
            del lines[key]

    def __iter__(self) -> Iterator[T]:
        """Give all items, the one that comes first at the front."""
        return merge(*self.by_demand.values(), *self.by_worker.values(), key=self.sort_key)

    def __len__(self) -> int:
        return sum(map(len, self.by_demand.values())) + sum(map(len, self.by_worker.values()))

    def __bool__(self) -> bool:
        return bool(self.by_demand or self.by_worker)
