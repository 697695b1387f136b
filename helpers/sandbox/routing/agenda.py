"""What a command has left to be matched; dispatch.py works it off before the command is over."""

from __future__ import annotations

from dataclasses import dataclass, field

from .entities import Task, Worker


@dataclass(slots=True)
class Agenda:
    """evaluate: tasks that have come into a routing step, or back to it: they are matched, time out, or skip it.

    match: tasks that were changed while they waited: perhaps somebody can take them now.
    leave: tasks that go on to the next step of their filter, if it has one (see Rules).
    freed: workers that have become able to take something, or more than before.
    """

    evaluate: dict[str, Task] = field(default_factory=dict)
    match: dict[str, Task] = field(default_factory=dict)
    leave: dict[str, Task] = field(default_factory=dict)
    freed: dict[str, Worker] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.evaluate or self.match or self.leave or self.freed)

    def forget(self, task: Task) -> None:
        """A task has ended: there is nothing left to do about it."""
        for tasks in (self.evaluate, self.match, self.leave):
            tasks.pop(task.sid, None)
