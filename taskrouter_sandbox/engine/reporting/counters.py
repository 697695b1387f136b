"""Counters only: what a simulation wants to know of a day, without an event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from msgspec import Struct, field

from ..model.entities import Activity, Reservation, ReservationStatus, Task, TaskQueue, Transfer, Worker, WorkerChannel
from ..model.observer import Configured, StepEnd

STATUSES: tuple[ReservationStatus, ...] = get_args(ReservationStatus)


class QueueCounts(Struct):
    """What has happened in one queue. Times are in milliseconds.

    entered: tasks that came into the queue, new or from another one; left: those that went on to another queue;
    timed_out: those whose step ended while they waited here. reservations: made for the queue's tasks, by the status
    that they have come to (`pending` counts all that were made). waits, longest_wait: of the tasks that were accepted
    here, from when they began to wait in the queue; abandoned_waits: the same of those that were canceled here.
    handled, longest_handling: of completed tasks, from when they were accepted.
    answered_within, abandoned_within: by threshold, tasks that were accepted, or canceled, after no more than that.
    """

    entered: int = 0
    left: int = 0
    timed_out: int = 0
    accepted: int = 0
    completed: int = 0
    canceled: int = 0
    deleted: int = 0
    reservations: dict[ReservationStatus, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    waits: int = 0
    longest_wait: int = 0
    abandoned_waits: int = 0
    handled: int = 0
    longest_handling: int = 0
    answered_within: dict[int, int] = field(default_factory=dict)
    abandoned_within: dict[int, int] = field(default_factory=dict)

    def mean_wait(self) -> float:
        """Give the mean wait of accepted tasks in milliseconds; 0 when there is none."""
        return self.waits / self.accepted if self.accepted else 0.0

    def service_level(self, threshold: int) -> float:
        """Give the share of tasks that were answered within a threshold (milliseconds) that is counted.

        Tasks that were canceled sooner are left out of it. 1 when there is no task to count.
        """
        due = self.accepted + self.canceled - self.abandoned_within[threshold]
        return self.answered_within[threshold] / due if due else 1.0


class CountsByQueue(dict[str, QueueCounts]):
    """Counts by TaskQueue SID; those of a queue that was not heard of begin at zero."""

    def __init__(self, thresholds: tuple[int, ...]) -> None:
        super().__init__()
        self.thresholds = thresholds

    def __missing__(self, sid: str) -> QueueCounts:
        zeros = dict.fromkeys(self.thresholds, 0)
        counts = self[sid] = QueueCounts(answered_within=zeros, abandoned_within=dict(zeros))
        return counts


class CountingObserver:
    """An observer that counts what happens to tasks, by queue.

    thresholds: for service levels, in milliseconds.
    """

    def __init__(self, thresholds: Iterable[int] = ()) -> None:
        self.thresholds = tuple(thresholds)
        self.created = 0
        self.transfers = 0
        self.activity_changes = 0
        self.queues = CountsByQueue(self.thresholds)

    # tasks

    def task_created(self, now: int, task: Task) -> None:
        """Count a new task, in its first queue."""
        self.created += 1
        self.queues[task.task_queue_sid or ""].entered += 1

    def task_updated(self, now: int, task: Task) -> None:
        """Count nothing."""

    def task_wrapping(self, now: int, task: Task) -> None:
        """Count nothing."""

    def task_completed(self, now: int, task: Task) -> None:
        """Count a task that is done, and how long it took."""
        counts = self.queues[task.task_queue_sid or ""]
        counts.completed += 1
        handling = now - (task.assigned_at or now)
        counts.handled += handling
        if handling > counts.longest_handling:
            counts.longest_handling = handling

    def task_canceled(self, now: int, task: Task) -> None:
        """Count a task that nobody has taken."""
        counts = self.queues[task.task_queue_sid or ""]
        counts.canceled += 1
        wait = now - task.in_queue_since
        counts.abandoned_waits += wait
        for threshold in self.thresholds:
            if wait <= threshold:
                counts.abandoned_within[threshold] += 1

    def task_deleted(self, now: int, task: Task, by_system: bool) -> None:
        """Count a task that is deleted before its end."""
        self.queues[task.task_queue_sid or ""].deleted += 1

    def step_left(self, now: int, task: Task, why: StepEnd) -> None:
        """Count nothing."""

    def step_entered(self, now: int, task: Task) -> None:
        """Count nothing: a change of queue is counted below."""

    def queue_changed(self, now: int, task: Task, before: TaskQueue, priority_before: int) -> None:
        """Count a task that goes from one queue to another."""
        self.queues[before.sid].left += 1
        self.queues[task.task_queue_sid or ""].entered += 1

    def queue_timed_out(self, now: int, task: Task) -> None:
        """Count a step that ended before anybody took the task."""
        self.queues[task.task_queue_sid or ""].timed_out += 1

    def workflow_timed_out(self, now: int, task: Task) -> None:
        """Count nothing: the task is canceled."""

    def workflow_skipped(self, now: int, task: Task) -> None:
        """Count nothing: the task is canceled."""

    # reservations

    def workers_chosen(self, now: int, task: Task, workers: list[Worker]) -> None:
        """Count nothing: the reservations are counted."""

    def nobody_chosen(self, now: int, task: Task) -> None:
        """Count nothing."""

    def reservation_created(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Count a new reservation."""
        self.queues[reservation.task_queue_sid].reservations["pending"] += 1

    def reservation_changed(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Count a reservation in its new status, and how long its task has waited when it is accepted."""
        counts, status = self.queues[reservation.task_queue_sid], reservation.reservation_status
        counts.reservations[status] += 1
        if status == "accepted":
            wait = now - task.in_queue_since
            counts.accepted += 1
            counts.waits += wait
            if wait > counts.longest_wait:
                counts.longest_wait = wait
            for threshold in self.thresholds:
                if wait <= threshold:
                    counts.answered_within[threshold] += 1

    def reservation_never_made(self, now: int, task: Task) -> None:
        """Count nothing: the task is canceled."""

    # transfers

    def transfer_initiated(self, now: int, task: Task, transfer: Transfer) -> None:
        """Count a transfer."""
        self.transfers += 1

    def transfer_attempt_failed(self, now: int, task: Task, transfer: Transfer) -> None:
        """Count nothing: the reservation is counted."""

    def transfer_ended(self, now: int, task: Task, transfer: Transfer) -> None:
        """Count nothing."""

    # workers

    def worker_created(self, now: int, worker: Worker) -> None:
        """Count nothing."""

    def worker_deleted(self, now: int, worker: Worker) -> None:
        """Count nothing."""

    def worker_activity_changed(self, now: int, worker: Worker, before: Activity, since: int) -> None:
        """Count a worker that goes to another activity."""
        self.activity_changes += 1

    def worker_attributes_changed(self, now: int, worker: Worker) -> None:
        """Count nothing."""

    def worker_capacity_changed(self, now: int, worker: Worker, channel: WorkerChannel, before: int) -> None:
        """Count nothing."""

    def worker_availability_changed(self, now: int, worker: Worker, channel: WorkerChannel, before: int) -> None:
        """Count nothing."""

    # what a workspace is configured with

    def configured(self, now: int, resource: Configured) -> None:
        """Count nothing."""

    def reconfigured(self, now: int, resource: Configured) -> None:
        """Count nothing."""

    def queue_expression_changed(self, now: int, queue: TaskQueue) -> None:
        """Count nothing."""

    def unconfigured(self, now: int, resource: Configured) -> None:
        """Count nothing."""
