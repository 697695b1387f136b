"""What a command has left to be matched; dispatch.py works it off before the command is over."""

from __future__ import annotations

from dataclasses import dataclass, field

from .entities import Task, Worker


@dataclass(slots=True)
class Agenda:
    """enter: tasks that have come into a routing step: they are matched, skip it, or time out.

    evaluate: tasks that are looked at again where they are: back from a reservation that has failed, at the end of
    their step, or because their workflow was edited.
    match: tasks that were changed while they waited: perhaps somebody can take them now.
    again: tasks that begin their workflow again, since a transfer has come to nothing.
    leave: tasks that go on to the next step of their filter, if it has one (see Rules).
    freed: workers that have become able to take something, or more than before.
    """

    enter: dict[str, Task] = field(default_factory=dict)
    evaluate: dict[str, Task] = field(default_factory=dict)
    match: dict[str, Task] = field(default_factory=dict)
    again: dict[str, Task] = field(default_factory=dict)
    leave: dict[str, Task] = field(default_factory=dict)
    freed: dict[str, Worker] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.enter or self.evaluate or self.match or self.again or self.leave or self.freed)

    def forget(self, task: Task) -> None:
        """A task has ended: there is nothing left to do about it."""
        for tasks in (self.enter, self.evaluate, self.match, self.again, self.leave):
            tasks.pop(task.sid, None)
