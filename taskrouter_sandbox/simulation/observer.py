"""Whoever is told what the rules do with a day: it keeps a record of each task."""

from __future__ import annotations

from ..engine.model.entities import DEFAULT_FILTER, Reservation, Task, Worker
from ..engine.model.state import State
from ..engine.reporting.counters import CountingObserver
from .records import Step, TaskRecord

HUNG_UP = "hung up"


class DayObserver(CountingObserver):
    """Keeps the records of tasks, and what is still to be answered.

    coming: the record of the task that is created next; offered: new reservations; moved_away: workers whose
    reservation has timed out.
    """

    def __init__(self, state: State, begins: int) -> None:
        super().__init__()
        self.state, self.begins = state, begins
        self.coming: TaskRecord | None = None
        self.open: dict[str, TaskRecord] = {}
        self.offered: list[tuple[Task, Reservation]] = []
        self.moved_away: list[Worker] = []

    def _seconds(self, now: int) -> float:
        return (now - self.begins) / 1000

    def _note_step(self, now: int, task: Task) -> None:
        place = "default" if task.filter_index == DEFAULT_FILTER else task.filter_index
        step = Step(self._seconds(now), place, task.target_index, self.state.queue_of(task).friendly_name)
        self.open[task.sid].steps.append(step)

    def task_created(self, now: int, task: Task) -> None:
        """Begin its record."""
        assert self.coming is not None
        self.open[task.sid] = self.coming
        self._note_step(now, task)

    def step_entered(self, now: int, task: Task) -> None:
        """Note where it is now."""
        self._note_step(now, task)

    def reservation_created(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Keep it until the worker answers."""
        self.open[task.sid].reservations += 1
        self.offered.append((task, reservation))

    def reservation_changed(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Note who has accepted the task, and who has let it pass."""
        if reservation.reservation_status == "accepted":
            record = self.open[task.sid]
            record.answered, record.worker = self._seconds(now), worker.friendly_name
            record.queue = self.state.task_queues[reservation.task_queue_sid].friendly_name
        elif reservation.reservation_status == "timeout":
            self.moved_away.append(worker)

    def task_completed(self, now: int, task: Task) -> None:
        """End its record."""
        self.open.pop(task.sid).ended = self._seconds(now)

    def task_canceled(self, now: int, task: Task) -> None:
        """End its record: somebody has hung up, or TaskRouter says why."""
        record = self.open.pop(task.sid)
        record.ended, record.reason = self._seconds(now), task.reason
        record.how = "hung up" if task.reason == HUNG_UP else "canceled"

    def task_deleted(self, now: int, task: Task, by_system: bool) -> None:
        """End its record: it was worked on for a day."""
        record = self.open.pop(task.sid)
        record.ended, record.how, record.reason = self._seconds(now), "deleted", "assigned for 24 hours"
