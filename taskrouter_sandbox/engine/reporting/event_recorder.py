"""Every event that the rules report: its type, its sentence, and the fields it carries (behaviour.md §4)."""

from __future__ import annotations

from ..model.entities import (
    NO_FILTER,
    Activity,
    Entity,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
)
from ..model.state import State


def task_fields(state: State, task: Task, queue_sid: str | None = None) -> dict[str, str]:
    """TASK of behaviour.md §4.3. What is not known is left out.

    queue_sid: the queue to name, if not the one that the task is in by now.
    """
    channel = state.task_channels[task.task_channel_sid]
    queue = state.task_queues.get(queue_sid or task.task_queue_sid or "")
    workflow = state.workflow_of(task)  # it may be deleted, once the task is assigned
    fields = {
        "TaskSid": task.sid,
        "TaskAttributes": task.attributes,
        "TaskAge": str(state.age(task)),
        "TaskPriority": str(task.priority),
        "TaskAssignmentStatus": task.assignment_status,
        "TaskAddons": task.addons,
        "TaskChannelSid": channel.sid,
        "TaskChannelUniqueName": channel.unique_name,
        "TaskQueueSid": queue and queue.sid,
        "TaskQueueName": queue and queue.friendly_name,
        "TaskQueueTargetExpression": queue and queue.target_workers,
        "WorkflowSid": task.workflow_sid,
        "WorkflowName": workflow and workflow.friendly_name,
    }
    if queue and workflow:
        return fields
    return {name: value for name, value in fields.items() if value is not None}


def worker_fields(state: State, worker: Worker) -> dict[str, str]:
    """WORKER of behaviour.md §4.3."""
    return {
        "WorkerSid": worker.sid,
        "WorkerName": worker.friendly_name,
        "WorkerAttributes": worker.attributes,
        "WorkerActivitySid": worker.activity_sid,
        "WorkerActivityName": state.activity_of(worker).friendly_name,
    }


def _of_worker(state: State, worker: Worker) -> dict[str, str]:
    """The fields of the `worker.*` events, which carry the version too (behaviour.md §4.5)."""
    return worker_fields(state, worker) | {"WorkerVersion": str(worker.version)}


def queue_fields(queue: TaskQueue) -> dict[str, str]:
    return {
        "TaskQueueSid": queue.sid,
        "TaskQueueName": queue.friendly_name,
        "TaskQueueTargetExpression": queue.target_workers,
    }


def workflow_fields(workflow: Workflow) -> dict[str, str]:
    return {"WorkflowSid": workflow.sid, "WorkflowName": workflow.friendly_name}


# tasks on their way

WORDS = {"timeout": "timed out", "wrapup": "wrapped up", "system-deleted": "deleted by the system"}
WORKFLOW_WORDS = {"entered": "entered", "timeout": "timed out in", "skipped": "was skipped by"}
ENDINGS = {"completed": "TaskCompletedReason", "canceled": "TaskCanceledReason"}


def task(state: State, task: Task, what: str) -> None:
    """`task.updated`, `.canceled`, `.wrapup`, `.completed`, `.deleted`, `.system-deleted`.

    A task that is being worked on, or was, carries its worker too (behaviour.md §4.3, task.completed).
    """
    fields = task_fields(state, task)
    if task.reason and what in ENDINGS:
        fields[ENDINGS[what]] = task.reason
    if what in ("completed", "wrapup"):
        for reservation in task.open.values():
            fields |= worker_fields(state, state.workers[reservation.worker_sid])
    _on_task(state, f"task.{what}", f"Task {task.sid} {WORDS.get(what, what)}", task, fields)


def arrived(state: State, task: Task) -> None:
    """What a new task gives rise to, in the order of behaviour.md §4.4; one that goes straight enters no workflow."""
    fields = task_fields(state, task)
    routed = task.filter_index != NO_FILTER
    if routed:
        target_matched(state, task, dict(fields))
    _on_task(state, "task.created", f"Task {task.sid} created", task, fields)
    queue_entered(state, task, fields)
    if routed:
        workflow_step(state, task, "entered", fields)


def target_matched(state: State, task: Task, fields: dict[str, str] | None = None) -> None:
    fields = fields or task_fields(state, task)
    if chosen := state.filter_of(task):
        if chosen.name:
            fields["WorkflowFilterName"] = chosen.name
        fields["WorkflowFilterExpression"] = chosen.text
        if text := task.target.expression_text:
            fields["WorkflowFilterTargetExpression"] = text
    _on_task(state, "workflow.target-matched", f"Task {task.sid} matched a workflow target", task, fields)


def queue_entered(state: State, task: Task, fields: dict[str, str] | None = None) -> None:
    name = state.queue_of(task).friendly_name
    _on_task(state, "task-queue.entered", f"Task {task.sid} entered TaskQueue {name}", task, fields)


def queue_moved(state: State, task: Task, before: TaskQueue) -> None:
    name = state.queue_of(task).friendly_name
    text = f"Task {task.sid} moved from TaskQueue {before.friendly_name} to TaskQueue {name}"
    _on_task(state, "task-queue.moved", text, task, queue_left=before.sid)


def queue_timeout(state: State, task: Task) -> None:
    name = state.queue_of(task).friendly_name
    _on_task(state, "task-queue.timeout", f"Task {task.sid} timed out in TaskQueue {name}", task)


def workflow_step(state: State, task: Task, what: str, fields: dict[str, str] | None = None) -> None:
    """`workflow.entered`, `workflow.timeout`, `workflow.skipped`."""
    workflow = state.workflow_of(task)
    name = workflow.friendly_name if workflow else ""
    _on_task(state, f"workflow.{what}", f"Task {task.sid} {WORKFLOW_WORDS[what]} Workflow {name}", task, fields)


def _on_task(
    state: State, event_type: str, text: str, task: Task, fields: dict | None = None, queue_left: str | None = None
) -> None:
    fields = fields or task_fields(state, task)
    age, queue_age = _ages(state, task)
    state.recorder.event(event_type, text, "task", task.sid, fields, age, queue_age, queue_left)


def _ages(state: State, task: Task) -> tuple[int, int]:
    """How long the task has existed, and waited in its queue: since it came there, or was passed on."""
    return state.now - task.date_created, state.now - task.in_queue_since


def reservation(state: State, reservation: Reservation, what: str) -> None:
    """`reservation.created` and what becomes of it: `.accepted`, `.rejected`, `.timeout`, `.wrapup` and so on."""
    task = state.tasks[reservation.task_sid]
    fields = task_fields(state, task, reservation.task_queue_sid)
    fields |= worker_fields(state, state.workers[reservation.worker_sid])
    fields["ReservationSid"] = reservation.sid
    if reservation.transfer_sid:
        fields |= transfer_fields(state.transfers[reservation.transfer_sid])
    age, queue_age = _ages(state, task)
    state.recorder.event(
        f"reservation.{what}",
        f"Reservation {reservation.sid} {WORDS.get(what, what)}",
        "reservation",
        reservation.sid,
        fields,
        age,
        queue_age,
    )


def reservation_failed(state: State, task: Task) -> None:
    """`reservation.failed`: no reservation was ever made for the one worker that a task was meant for.

    It speaks of the task, and of neither a worker nor a reservation: so in the browser SDK's own tests.
    """
    fields = task_fields(state, task) | {"TaskCanceledReason": task.reason or ""}
    fields["TaskRoutingTarget"] = task.routing_target or ""
    _on_task(state, "reservation.failed", f"Reservation for Task {task.sid} failed", task, fields)


def transfer_fields(transfer: Transfer) -> dict[str, str]:
    """By the names that Twilio's event streams have for them; the time at which it began is left out."""
    fields = {
        "TaskTransferSid": transfer.sid,
        "TransferInitiatingReservationSid": transfer.initiating_reservation_sid,
        "TransferInitiatingWorkerSid": transfer.initiating_worker_sid,
        "TransferMode": transfer.transfer_mode,
        "TransferStatus": transfer.transfer_status,
        "TransferTo": transfer.transfer_to,
        "TransferType": transfer.transfer_type,
    }
    if transfer.transfer_failed_reason:
        fields["TransferFailedReason"] = transfer.transfer_failed_reason
    return fields


def transfer(state: State, transfer: Transfer, what: str) -> None:
    """`task.transfer-initiated` and what becomes of it: `-attempt-failed`, `-failed`, `-canceled`, `-completed`."""
    task = state.tasks[transfer.task_sid]
    words = {"attempt-failed": "attempt failed"}.get(what, what)
    text = f"Task {task.sid} transfer {words}"
    _on_task(state, f"task.transfer-{what}", text, task, task_fields(state, task) | transfer_fields(transfer))


# workers


def worker_created(state: State, worker: Worker) -> None:
    fields = _of_worker(state, worker)
    del fields["WorkerActivityName"]
    state.recorder.event("worker.created", f"Worker {worker.friendly_name} created", "worker", worker.sid, fields)


def worker_activity(state: State, worker: Worker, before: Activity, since: int) -> None:
    """`worker.activity.update`; since: when the worker entered the activity `before`."""
    spent = state.now - since
    fields = _of_worker(state, worker) | {
        "WorkerPreviousActivitySid": before.sid,
        "WorkerPreviousActivityName": before.friendly_name,
        "WorkerTimeInPreviousActivity": str(spent // 1000),
        "WorkerTimeInPreviousActivityMs": str(spent),
    }
    name = state.activity_of(worker).friendly_name
    text = f"Worker {worker.friendly_name} updated to {name} Activity"
    state.recorder.event("worker.activity.update", text, "worker", worker.sid, fields, stay=(since, state.now))


def worker_attributes(state: State, worker: Worker) -> None:
    text = f"Worker {worker.friendly_name} attributes updated"
    state.recorder.event("worker.attributes.update", text, "worker", worker.sid, _of_worker(state, worker))


def worker_channel(state: State, channel: WorkerChannel, what: str, previous_capacity: int) -> None:
    """`worker.capacity.update` and `worker.channel.availability.update` (behaviour.md §4.5).

    Sources do not say whether "available capacity" leaves out what is in use; here it is the new capacity, so that it
    can be compared with the previous one. The task count is of what has been accepted.
    """
    worker = state.workers[channel.worker_sid]
    name = state.task_channels[channel.task_channel_sid].unique_name
    fields = _of_worker(state, worker) | {
        "WorkerChannelAvailable": str(channel.available).lower(),
        "WorkerChannelAvailableCapacity": str(channel.configured_capacity),
        "WorkerChannelPreviousCapacity": str(previous_capacity),
        "WorkerChannelTaskCount": str(channel.assigned),
        "TaskChannelSid": channel.task_channel_sid,
        "TaskChannelUniqueName": name,
    }
    text = f"Worker {worker.friendly_name} channel {name} updated"
    state.recorder.event(f"worker.{what}", text, "worker", worker.sid, fields)


def worker_deleted(state: State, worker: Worker) -> None:
    text = f"Worker {worker.friendly_name} deleted"
    stay = (worker.date_status_changed, state.now)
    state.recorder.event("worker.deleted", text, "worker", worker.sid, _of_worker(state, worker), stay=stay)


# what a workspace is set up with


def setting(state: State, entity: Entity, what: str) -> None:
    """`activity.*`, `task-channel.*`, `task-queue.created` and `.deleted`, `workflow.*`, `workspace.*`."""
    match entity:
        case Activity():
            kind, label = "activity", "Activity"
            fields = {
                "ActivitySid": entity.sid,
                "ActivityName": entity.friendly_name,
                "ActivityAvailable": str(entity.available).lower(),
            }
        case TaskChannel():
            kind, label = "task-channel", "TaskChannel"
            fields = {
                "TaskChannelSid": entity.sid,
                "TaskChannelName": entity.friendly_name,
                "TaskChannelUniqueName": entity.unique_name,
                "TaskChannelOptimizedRouting": str(entity.channel_optimized_routing).lower(),
            }
        case TaskQueue():
            kind, label, fields = "task-queue", "TaskQueue", queue_fields(entity)
        case Workflow():
            kind, label, fields = "workflow", "Workflow", workflow_fields(entity)
        case _:
            kind, label = "workspace", "Workspace"
            fields = {"WorkspaceSid": entity.sid, "WorkspaceName": entity.friendly_name}  # type: ignore[attr-defined]
    name = entity.friendly_name  # type: ignore[attr-defined]
    words = what.replace(".", " ")
    state.recorder.event(f"{kind}.{what}", f"{label} {name} {words}", kind, entity.sid, fields)
