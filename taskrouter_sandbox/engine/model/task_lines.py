"""Tasks that wait in a queue, in lines: those that ask for the same worker stand one behind the other.

A worker that becomes free looks at the front of each line, so that 10,000 tasks that it cannot take cost it as
much as one.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterator
from heapq import merge

from .entities import Order, Task


def most_urgent_first(task: Task) -> tuple:
    return (-task.priority, task.virtual_start_time, task.number)


def newest_first(task: Task) -> tuple:
    return (-task.virtual_start_time, -task.number)


# behaviour.md §7. FIFO: priority, then the oldest `virtual_start_time`. LIFO: the newest, whatever its priority.
SORT_KEYS: dict[Order, Callable[[Task], tuple]] = {"FIFO": most_urgent_first, "LIFO": newest_first}


class TaskLines:
    """The pending tasks of one queue.

    by_demand: by (TaskChannel SID, demand), tasks that any worker who meets the demand can take; by_worker: by name,
    tasks for one worker only.
    """

    def __init__(self, order: Order) -> None:
        self.sort_key = SORT_KEYS[order]
        self.by_demand: dict[Hashable, list[Task]] = {}
        self.by_worker: dict[Hashable, list[Task]] = {}

    def add(self, task: Task) -> None:
        """Let a task wait; its `demand` says in which line (see `matching.demand_of`)."""
        lines, key = self._line_of(task)
        insort(lines.setdefault(key, []), task, key=self.sort_key)

    def discard(self, task: Task) -> None:
        """A task waits no longer; everything that its place depends on must be as it was when it was added."""
        lines, key = self._line_of(task)
        line = lines[key]
        place = bisect_left(line, self.sort_key(task), key=self.sort_key)
        assert line[place] is task
        del line[place]
        if not line:
            del lines[key]

    def _line_of(self, task: Task) -> tuple[dict[Hashable, list[Task]], Hashable]:
        assert task.demand is not None
        if task.demand.worker is not None:
            return self.by_worker, task.demand.worker
        return self.by_demand, (task.task_channel_sid, task.demand.key)

    def __iter__(self) -> Iterator[Task]:
        """All tasks, the one that comes first at the front."""
        return merge(*self.by_demand.values(), *self.by_worker.values(), key=self.sort_key)

    def __len__(self) -> int:
        return sum(map(len, self.by_demand.values())) + sum(map(len, self.by_worker.values()))

    def __bool__(self) -> bool:
        return bool(self.by_demand or self.by_worker)
