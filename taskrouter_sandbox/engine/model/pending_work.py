"""What a command has left to be matched: `routing.dispatch` does it before the command is over."""

from __future__ import annotations

from msgspec import Struct, field

from .entities import Task, Worker


class PendingWork(Struct):
    """Tasks and workers to look at, by SID.

    enter: tasks that have come into a routing step: they are matched, skip it, or time out.

    evaluate: tasks that are looked at again where they are: back from a reservation that has failed, at the end of
    their step, or because their workflow was edited.
    rematch: tasks that were changed while they waited: perhaps somebody can take them now.
    restart_workflow: tasks that begin their workflow again, since a transfer has come to nothing.
    leave_step: tasks that go on to the next step of their filter, if it has one (see CompatibilityOptions).
    freed_workers: workers that have become able to take something, or more than before.
    """

    enter: dict[str, Task] = field(default_factory=dict)
    evaluate: dict[str, Task] = field(default_factory=dict)
    rematch: dict[str, Task] = field(default_factory=dict)
    restart_workflow: dict[str, Task] = field(default_factory=dict)
    leave_step: dict[str, Task] = field(default_factory=dict)
    freed_workers: dict[str, Worker] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(
            self.enter
            or self.evaluate
            or self.rematch
            or self.restart_workflow
            or self.leave_step
            or self.freed_workers
        )

    def take_single_entry(self) -> Task | None:
        """Take the task that has come into a step when nothing else is left to do; None when there is more, or less."""
        if len(self.enter) != 1 or self.freed_workers or self.evaluate or self.rematch:
            return None
        if self.restart_workflow or self.leave_step:
            return None
        return self.enter.popitem()[1]

    def clear(self) -> None:
        """Drop everything: nothing waits."""
        self.freed_workers.clear()
        if self.enter or self.evaluate or self.rematch or self.restart_workflow or self.leave_step:
            for tasks in (self.enter, self.evaluate, self.rematch, self.restart_workflow, self.leave_step):
                tasks.clear()

    def forget(self, task: Task) -> None:
        """Drop a task that has ended, or does not wait any more."""
        if self.enter or self.evaluate or self.rematch or self.restart_workflow or self.leave_step:
            for tasks in (self.enter, self.evaluate, self.rematch, self.restart_workflow, self.leave_step):
                tasks.pop(task.sid, None)
