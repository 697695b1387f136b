"""What the rules tell while they work: one call for each thing that happens, with the resources it happened to."""

from __future__ import annotations

from typing import Literal, Protocol

from .entities import (
    Activity,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)

Configured = Workspace | Activity | TaskChannel | TaskQueue | Workflow


StepEnd = Literal["timeout", "skipped", "failed", "attributes-changed", "re-evaluated"]
"""Why a task leaves its routing step: it has timed out, is skipped, or a reservation has failed in it; or the task
begins its workflow again, with other attributes, or since that was edited or a transfer has come to nothing."""


class Observer(Protocol):
    """Whoever is told what happens in a workspace: a record of events, counters of a simulation.

    `now` is in milliseconds since 1970. Every call comes when the change has been made, but `workers_chosen` and
    `step_left`; it must change nothing. What it is given are the resources themselves, which go on changing.
    """

    # tasks

    def task_created(self, now: int, task: Task) -> None:
        """Note a new task: it has entered the first step of its workflow, or gone straight to a queue or a worker."""

    def task_updated(self, now: int, task: Task) -> None:
        """Note a task whose fields were changed, or that has come back from a transfer."""

    def task_wrapping(self, now: int, task: Task) -> None:
        """Note a task that is being wrapped up."""

    def task_completed(self, now: int, task: Task) -> None:
        """Note a task that is done; its reservations are still open."""

    def task_canceled(self, now: int, task: Task) -> None:
        """Note a task that is canceled, for `task.reason`; its reservations are still open."""

    def task_deleted(self, now: int, task: Task, by_system: bool) -> None:
        """Note a task that is deleted before its end. by_system: because it was assigned for too long."""

    def step_left(self, now: int, task: Task, why: StepEnd) -> None:
        """Note a task that is about to leave its routing step."""

    def step_entered(self, now: int, task: Task) -> None:
        """Note a task that has come to a later step of its workflow, or begins it again."""

    def queue_changed(self, now: int, task: Task, before: TaskQueue, priority_before: int) -> None:
        """Note a task that has gone from the queue `before` to the one it is in now. priority_before: its priority."""

    def queue_timed_out(self, now: int, task: Task) -> None:
        """Note a task that has waited in its queue for as long as its step allows; it is still there."""

    def workflow_timed_out(self, now: int, task: Task) -> None:
        """Note a task that has come to the end of its workflow because its last step timed out."""

    def workflow_skipped(self, now: int, task: Task) -> None:
        """Note a task that has come to the end of its workflow because its last step was skipped or had failed."""

    # reservations

    def workers_chosen(self, now: int, task: Task, workers: list[Worker]) -> None:
        """Note a match before anything is changed by it: these workers are about to be reserved for a waiting task."""

    def nobody_chosen(self, now: int, task: Task) -> None:
        """Note that nobody could be reserved for a waiting task that has come into its step, or back to it."""

    def reservation_created(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Note a new reservation."""

    def reservation_changed(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Note a reservation that is in another status: `reservation.reservation_status`."""

    def reservation_never_made(self, now: int, task: Task) -> None:
        """Note a task for one worker that was canceled without ever having been reserved."""

    # transfers

    def transfer_initiated(self, now: int, task: Task, transfer: Transfer) -> None:
        """Note a task that is passed on."""

    def transfer_attempt_failed(self, now: int, task: Task, transfer: Transfer) -> None:
        """Note a worker of the queue that a task was passed on to who has not taken it; others are asked."""

    def transfer_ended(self, now: int, task: Task, transfer: Transfer) -> None:
        """Note a transfer that is over: `transfer.transfer_status`."""

    # workers

    def worker_created(self, now: int, worker: Worker) -> None:
        """Note a new worker."""

    def worker_deleted(self, now: int, worker: Worker) -> None:
        """Note a worker that is about to go."""

    def worker_activity_changed(self, now: int, worker: Worker, before: Activity, since: int) -> None:
        """Note a worker in another activity. since: when it entered the activity `before`, in milliseconds."""

    def worker_attributes_changed(self, now: int, worker: Worker) -> None:
        """Note a worker whose attributes were set."""

    def worker_capacity_changed(self, now: int, worker: Worker, channel: WorkerChannel, before: int) -> None:
        """Note a worker's channel whose capacity was set. before: what it was."""

    def worker_availability_changed(self, now: int, worker: Worker, channel: WorkerChannel, before: int) -> None:
        """Note a worker's channel that was made available, or not. before: its capacity until now."""

    # what a workspace is configured with

    def configured(self, now: int, resource: Configured) -> None:
        """Note a new activity, task channel, task queue, workflow or workspace."""

    def reconfigured(self, now: int, resource: Configured) -> None:
        """Note one of them that was changed; of task queues only a new expression is told, below."""

    def queue_expression_changed(self, now: int, queue: TaskQueue) -> None:
        """Note a queue whose members are others from now on."""

    def unconfigured(self, now: int, resource: Configured) -> None:
        """Note one of them that is about to go."""
