"""What a command has left to be matched: `routing.dispatch` does it before the command is over."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from .entities import Task, Worker

Again = Literal["evaluate", "rematch", "attributes_changed", "restart_workflow", "leave_step"]


class PendingWork(Struct):
    """Tasks and workers to look at, by SID.

    enter: tasks that have come into a routing step: they are matched, skip it, or time out.
    again: waiting tasks to look at again, and why:

    - evaluate: back from a reservation that has failed, at the end of the step, or since the workflow was edited;
    - rematch: they or their queue were changed, and perhaps somebody can take them now;
    - attributes_changed: they may begin their workflow again (see CompatibilityOptions);
    - restart_workflow: they begin it again, since a transfer has come to nothing;
    - leave_step: they go on to the next step of their filter, if it has one (see CompatibilityOptions).

    freed_workers: workers that have become able to take something, or more than before.
    """

    enter: dict[str, Task] = field(default_factory=dict)
    again: dict[str, tuple[Again, Task]] = field(default_factory=dict)
    freed_workers: dict[str, Worker] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.enter or self.again or self.freed_workers)

    def look_again(self, task: Task, why: Again) -> None:
        """Note a waiting task to look at again."""
        self.again[task.sid] = why, task

    def take_single_entry(self) -> Task | None:
        """Take the task that has come into a step when nothing else is left to do; None when there is more, or less."""
        if len(self.enter) != 1 or self.freed_workers or self.again:
            return None
        return self.enter.popitem()[1]

    def clear(self) -> None:
        """Drop everything: nothing waits."""
        self.freed_workers.clear()
        self.enter.clear()
        self.again.clear()

    def forget(self, task: Task) -> None:
        """Drop a task that has ended, or does not wait any more."""
        self.enter.pop(task.sid, None)
        self.again.pop(task.sid, None)
