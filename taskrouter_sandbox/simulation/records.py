"""What is told of each task. Times are seconds since the day began, to the millisecond."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

How = Literal["completed", "hung up", "canceled", "deleted"]


@dataclass(slots=True)
class Step:
    """A target of the workflow that a task has entered. filter: its place, from 0, or `default`; target: from 0."""

    entered: float
    filter: int | Literal["default"]
    target: int
    queue: str


@dataclass(slots=True)
class TaskRecord:
    """The way of one task.

    replication, number: which task of its class it is, both from 0. steps: the targets it entered; reservations: how
    many were made; answered: when it was accepted, by `worker` from `queue`, None for never; ended: when, and `how`:
    `canceled` and `deleted` by TaskRouter, for `reason`.
    """

    class_name: str
    replication: int
    number: int
    came: float
    steps: list[Step] = field(default_factory=list[Step])
    reservations: int = 0
    answered: float | None = None
    worker: str | None = None
    queue: str | None = None
    ended: float = 0.0
    how: How = "completed"
    reason: str | None = None

    @property
    def wait(self) -> float:
        """How long it waited until it was accepted, or until its end when it never was, in seconds."""
        return round((self.ended if self.answered is None else self.answered) - self.came, 3)

    @property
    def queues(self) -> list[str]:
        """The queues that it was in, in order."""
        names = [step.queue for step in self.steps]
        return [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
