"""The full record: every event that Twilio reports, with its type, its sentence and its fields (behaviour.md §4)."""

from __future__ import annotations

from ..model.entities import (
    NO_FILTER,
    Activity,
    Event,
    Reservation,
    ReservationStatus,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    TransferStatus,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from ..model.observer import Configured, StepEnd
from ..model.state import State
from .event_fields import (
    Fields,
    channel_fields,
    configured_fields,
    moved_fields,
    re_evaluated_reason,
    reservation_fields,
    task_fields,
    transfer_fields,
    worker_fields,
)

# by the status that a reservation has come to: what its event is called, and how its sentence says it
RESERVATION_EVENTS: dict[ReservationStatus, tuple[str, str]] = {
    "accepted": ("reservation.accepted", "accepted"),
    "rejected": ("reservation.rejected", "rejected"),
    "timeout": ("reservation.timeout", "timed out"),
    "canceled": ("reservation.canceled", "canceled"),
    "rescinded": ("reservation.rescinded", "rescinded"),
    "wrapping": ("reservation.wrapup", "wrapped up"),
    "completed": ("reservation.completed", "completed"),
}
TRANSFER_ENDS: dict[TransferStatus, str] = {"complete": "completed", "failed": "failed", "canceled": "canceled"}
# how the types of its events begin, and what their sentences call it; ResourceType is that in small letters
CONFIGURED: dict[type[Configured], tuple[str, str]] = {
    Workspace: ("workspace", "Workspace"),
    Activity: ("activity", "Activity"),
    TaskChannel: ("task-channel", "TaskChannel"),
    TaskQueue: ("task-queue", "TaskQueue"),
    Workflow: ("workflow", "Workflow"),
}


class EventRecorder:
    """An observer that adds an event to the effects of the command at work for all that happens.

    state: the workspace; last_event_at: when its newest event was dated, in milliseconds.
    """

    def __init__(self, state: State, last_event_at: int = 0) -> None:
        self.state = state
        self.last_event_at = last_event_at

    def _event(
        self,
        now: int,
        event_type: str,
        description: str,
        resource_type: str,
        sid: str,
        data: Fields,
        age: int | None = None,
        queue_age: int | None = None,
        queue_left: str | None = None,
        activity_interval: tuple[int, int] | None = None,
    ) -> None:
        """Add an event, dated at least a millisecond after the one before it (behaviour.md §4.4).

        data gets what every event says of its workspace (behaviour.md §4.2).
        age and all that follows: what statistics want to know of it; see Event.
        """
        at = self.last_event_at + 1
        if at < now:
            at = now
        self.last_event_at = at
        state = self.state
        workspace = state.workspace
        data["WorkspaceSid"], data["WorkspaceName"] = workspace.sid, workspace.friendly_name
        data["OperatingUnitSid"] = state.operating_unit_sid
        state.recorder.effects.events.append(
            Event(
                state.new_sid("EV"),
                at,
                at,
                event_type,
                description,
                resource_type,
                sid,
                data,
                age,
                queue_age,
                queue_left,
                activity_interval,
            )
        )

    def _task_event(
        self,
        now: int,
        event_type: str,
        description: str,
        task: Task,
        fields: Fields | None = None,
        queue_left: str | None = None,
    ) -> None:
        if fields is None:
            fields = task_fields(self.state, task)
        age, queue_age = now - task.date_created, now - task.in_queue_since
        self._event(now, event_type, description, "task", task.sid, fields, age, queue_age, queue_left)

    # tasks

    def task_created(self, now: int, task: Task) -> None:
        """Record what a new task gives rise to, in the order of behaviour.md §4.4; without a workflow two events."""
        fields = task_fields(self.state, task)
        routed = task.filter_index != NO_FILTER
        if routed:
            self._target_matched(now, task, dict(fields))
        self._task_event(now, "task.created", f"Task {task.sid} created", task, fields)
        self._queue_entered(now, task, fields)
        if routed:
            text = f"Task {task.sid} entered Workflow {self._workflow_name(task)}"
            self._task_event(now, "workflow.entered", text, task, fields)

    def task_updated(self, now: int, task: Task) -> None:
        """Record `task.updated`."""
        self._task_event(now, "task.updated", f"Task {task.sid} updated", task)

    def task_wrapping(self, now: int, task: Task) -> None:
        """Record `task.wrapup`, which carries the worker, too (behaviour.md §4.3, task.completed)."""
        fields = self._with_workers(task, task_fields(self.state, task))
        self._task_event(now, "task.wrapup", f"Task {task.sid} wrapped up", task, fields)

    def task_completed(self, now: int, task: Task) -> None:
        """Record `task.completed`, which carries the worker, too (behaviour.md §4.3)."""
        fields = task_fields(self.state, task)
        if task.reason:
            fields["TaskCompletedReason"] = task.reason
        fields = self._with_workers(task, fields)
        self._task_event(now, "task.completed", f"Task {task.sid} completed", task, fields)

    def task_canceled(self, now: int, task: Task) -> None:
        """Record `task.canceled`."""
        fields = task_fields(self.state, task)
        if task.reason:
            fields["Reason"] = fields["TaskCanceledReason"] = task.reason
        self._task_event(now, "task.canceled", f"Task {task.sid} canceled", task, fields)

    def task_deleted(self, now: int, task: Task, by_system: bool) -> None:
        """Record `task.deleted` or `task.system-deleted`."""
        if by_system:
            self._task_event(now, "task.system-deleted", f"Task {task.sid} deleted by the system", task)
        else:
            self._task_event(now, "task.deleted", f"Task {task.sid} deleted", task)

    def step_left(self, now: int, task: Task, why: StepEnd) -> None:
        """Record nothing: what comes of it is reported."""

    def step_entered(self, now: int, task: Task) -> None:
        """Record `workflow.target-matched`."""
        self._target_matched(now, task, task_fields(self.state, task))

    def queue_changed(self, now: int, task: Task, before: TaskQueue, priority_before: int) -> None:
        """Record `task-queue.moved` and `task-queue.entered`."""
        name = self.state.queue_of(task).friendly_name
        text = f"Task {task.sid} moved from TaskQueue {before.friendly_name} to TaskQueue {name}"
        fields = task_fields(self.state, task) | moved_fields(before, priority_before)
        self._task_event(now, "task-queue.moved", text, task, fields, queue_left=before.sid)
        self._queue_entered(now, task)

    def queue_timed_out(self, now: int, task: Task) -> None:
        """Record `task-queue.timeout`."""
        text = f"Task {task.sid} timed out in TaskQueue {self.state.queue_of(task).friendly_name}"
        self._task_event(now, "task-queue.timeout", text, task)

    def workflow_timed_out(self, now: int, task: Task) -> None:
        """Record `workflow.timeout`."""
        text = f"Task {task.sid} timed out in Workflow {self._workflow_name(task)}"
        self._task_event(now, "workflow.timeout", text, task)

    def workflow_skipped(self, now: int, task: Task) -> None:
        """Record `workflow.skipped`."""
        text = f"Task {task.sid} was skipped by Workflow {self._workflow_name(task)}"
        self._task_event(now, "workflow.skipped", text, task)

    def _target_matched(self, now: int, task: Task, fields: Fields) -> None:
        if chosen := self.state.filter_of(task):
            if chosen.name:
                fields["WorkflowFilterName"] = chosen.name
            fields["WorkflowFilterExpression"] = chosen.text
            if text := task.target.expression_text:
                fields["WorkflowFilterTargetExpression"] = text
        self._task_event(now, "workflow.target-matched", f"Task {task.sid} matched a workflow target", task, fields)

    def _queue_entered(self, now: int, task: Task, fields: Fields | None = None) -> None:
        text = f"Task {task.sid} entered TaskQueue {self.state.queue_of(task).friendly_name}"
        self._task_event(now, "task-queue.entered", text, task, fields)

    def _workflow_name(self, task: Task) -> str:
        workflow = self.state.workflow_of(task)
        return workflow.friendly_name if workflow else ""

    def _with_workers(self, task: Task, fields: Fields) -> Fields:
        """Add the worker of a task that is being worked on, or was; of several the last."""
        for reservation in task.open.values():
            fields |= worker_fields(self.state, self.state.workers[reservation.worker_sid])
        return fields

    # reservations

    def workers_chosen(self, now: int, task: Task, workers: list[Worker]) -> None:
        """Record nothing: `reservation.created` comes when all is done."""

    def nobody_chosen(self, now: int, task: Task) -> None:
        """Record nothing."""

    def reservation_created(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Record `reservation.created`."""
        fields = reservation_fields(self.state, task, worker, reservation)
        if len(task.reservations) > 1 and (reason := re_evaluated_reason(task)):
            fields["TaskReEvaluatedReason"] = reason
        self._reservation_event(now, "reservation.created", "created", task, reservation, fields)

    def reservation_changed(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Record `reservation.accepted`, `.rejected`, `.timeout`, `.wrapup` and so on."""
        event_type, words = RESERVATION_EVENTS[reservation.reservation_status]
        fields = reservation_fields(self.state, task, worker, reservation)
        self._reservation_event(now, event_type, words, task, reservation, fields)

    def _reservation_event(
        self, now: int, event_type: str, words: str, task: Task, reservation: Reservation, fields: Fields
    ) -> None:
        text = f"Reservation {reservation.sid} {words}"
        age, queue_age = now - task.date_created, now - task.in_queue_since
        self._event(now, event_type, text, "reservation", reservation.sid, fields, age, queue_age)

    def reservation_never_made(self, now: int, task: Task) -> None:
        """Record `reservation.failed`.

        It speaks of the task, and of neither a worker nor a reservation: so in the browser SDK's own tests.
        """
        fields = task_fields(self.state, task) | {"TaskCanceledReason": task.reason or ""}
        fields["TaskRoutingTarget"] = task.routing_target or ""
        self._task_event(now, "reservation.failed", f"Reservation for Task {task.sid} failed", task, fields)

    # transfers

    def transfer_initiated(self, now: int, task: Task, transfer: Transfer) -> None:
        """Record `task.transfer-initiated`."""
        self._transfer_event(now, task, transfer, "initiated", "initiated")

    def transfer_attempt_failed(self, now: int, task: Task, transfer: Transfer) -> None:
        """Record `task.transfer-attempt-failed`."""
        self._transfer_event(now, task, transfer, "attempt-failed", "attempt failed")

    def transfer_ended(self, now: int, task: Task, transfer: Transfer) -> None:
        """Record `task.transfer-completed`, `-failed` or `-canceled`."""
        what = TRANSFER_ENDS[transfer.transfer_status]
        self._transfer_event(now, task, transfer, what, what)

    def _transfer_event(self, now: int, task: Task, transfer: Transfer, what: str, words: str) -> None:
        fields = task_fields(self.state, task) | transfer_fields(transfer)
        self._task_event(now, f"task.transfer-{what}", f"Task {task.sid} transfer {words}", task, fields)

    # workers

    def worker_created(self, now: int, worker: Worker) -> None:
        """Record `worker.created`, which does not name the activity."""
        fields = worker_fields(self.state, worker)
        del fields["WorkerActivityName"]
        self._event(now, "worker.created", f"Worker {worker.friendly_name} created", "worker", worker.sid, fields)

    def worker_deleted(self, now: int, worker: Worker) -> None:
        """Record `worker.deleted`."""
        text, activity_interval = f"Worker {worker.friendly_name} deleted", (worker.date_status_changed, now)
        fields = worker_fields(self.state, worker)
        self._event(now, "worker.deleted", text, "worker", worker.sid, fields, activity_interval=activity_interval)

    def worker_activity_changed(self, now: int, worker: Worker, before: Activity, since: int) -> None:
        """Record `worker.activity.update`."""
        spent = now - since
        fields = worker_fields(self.state, worker) | {
            "WorkerPreviousActivitySid": before.sid,
            "WorkerPreviousActivityName": before.friendly_name,
            "WorkerTimeInPreviousActivity": str(spent // 1000),
            "WorkerTimeInPreviousActivityMs": str(spent),
        }
        text = f"Worker {worker.friendly_name} updated to {fields['WorkerActivityName']} Activity"
        self._event(now, "worker.activity.update", text, "worker", worker.sid, fields, activity_interval=(since, now))

    def worker_attributes_changed(self, now: int, worker: Worker) -> None:
        """Record `worker.attributes.update`, whose sentence has the new attributes with slashes escaped."""
        attributes = worker.attributes.replace("/", r"\/")
        text = f"Worker {worker.friendly_name} updated attributes to {attributes}"
        fields = worker_fields(self.state, worker)
        self._event(now, "worker.attributes.update", text, "worker", worker.sid, fields)

    def worker_capacity_changed(self, now: int, worker: Worker, channel: WorkerChannel, before: int) -> None:
        """Record `worker.capacity.update`."""
        self._channel_event(now, "worker.capacity.update", worker, channel, before)

    def worker_availability_changed(self, now: int, worker: Worker, channel: WorkerChannel, before: int) -> None:
        """Record `worker.channel.availability.update`."""
        self._channel_event(now, "worker.channel.availability.update", worker, channel, before)

    def _channel_event(self, now: int, event_type: str, worker: Worker, channel: WorkerChannel, before: int) -> None:
        fields = channel_fields(self.state, worker, channel, before)
        text = f"Worker {worker.friendly_name} channel {fields['TaskChannelUniqueName']} updated"
        self._event(now, event_type, text, "worker", worker.sid, fields)

    # what a workspace is configured with

    def configured(self, now: int, resource: Configured) -> None:
        """Record `workspace.created`, `activity.created` and so on."""
        self._configured_event(now, resource, "created")

    def reconfigured(self, now: int, resource: Configured) -> None:
        """Record `workspace.updated`, `activity.updated` and so on."""
        self._configured_event(now, resource, "updated")

    def queue_expression_changed(self, now: int, queue: TaskQueue) -> None:
        """Record `task-queue.expression.updated`."""
        words = f"expression updated to '{queue.target_workers}'"
        self._configured_event(now, queue, "expression.updated", words)

    def unconfigured(self, now: int, resource: Configured) -> None:
        """Record `workspace.deleted`, `activity.deleted` and so on."""
        self._configured_event(now, resource, "deleted")

    def _configured_event(self, now: int, resource: Configured, what: str, words: str | None = None) -> None:
        kind, label = CONFIGURED[type(resource)]
        text = f"{label} {resource.sid} {words or what}"
        self._event(now, f"{kind}.{what}", text, label.lower(), resource.sid, configured_fields(resource))
