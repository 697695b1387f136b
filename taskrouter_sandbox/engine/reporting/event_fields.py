"""The fields that events carry, by the names of behaviour.md §4.3 and §4.5. What is not known is left out (§4.2)."""

from __future__ import annotations

from ..model.entities import (
    Activity,
    Reservation,
    ReservationStatus,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from ..model.known_worker import known_worker, named_worker
from ..model.observer import Configured
from ..model.state import State

Fields = dict[str, str]
# Why a task is offered again: the reservation before it has ended like this (behaviour.md §4.3)
RE_EVALUATED: dict[ReservationStatus, str] = {
    "rejected": "reservation_rejected",
    "timeout": "reservation_timeout",
    "canceled": "reservation_canceled",
}


def task_fields(state: State, task: Task, queue_sid: str | None = None) -> Fields:
    """Build TASK of behaviour.md §4.3, with what today's forms have beyond it; dates are whole seconds since 1970.

    queue_sid: the queue to name, if not the one that the task is in by now.
    """
    channel = state.task_channels[task.task_channel_sid]
    fields = {
        "TaskSid": task.sid,
        "TaskAttributes": task.attributes,
        "TaskAge": str(task.age(state.now)),
        "TaskPriority": str(task.priority),
        "TaskAssignmentStatus": task.assignment_status,
        "TaskDateCreated": str(task.date_created // 1000),
        "TaskVirtualStartTime": str(task.virtual_start_time // 1000),
        "TaskVersion": str(task.version),
        "TaskIgnoreCapacity": "true" if task.ignore_capacity else "false",
        "TaskAddons": task.addons,
        "TaskChannelSid": channel.sid,
        "TaskChannelUniqueName": channel.unique_name,
    }
    if task.task_queue_entered_date is not None:
        fields["TaskQueueEnteredDate"] = str(task.task_queue_entered_date // 1000)
    queue = state.task_queues.get(queue_sid or task.task_queue_sid or "")
    if queue is not None:
        fields["TaskQueueSid"] = queue.sid
        fields["TaskQueueName"] = queue.friendly_name
        fields["TaskQueueTargetExpression"] = queue.target_workers
    if task.workflow_sid is not None:
        fields["WorkflowSid"] = task.workflow_sid
        workflow = state.workflows.get(task.workflow_sid)  # it may be deleted, once the task is assigned
        if workflow is not None:
            fields["WorkflowName"] = workflow.friendly_name
    if (known := known_worker(task, task.target)) and (worker := named_worker(state, known)):
        fields["KnownWorkerSid"] = worker.sid
    return fields


def worker_fields(state: State, worker: Worker) -> Fields:
    """Build WORKER of behaviour.md §4.3, with the version that today's forms have."""
    return {
        "WorkerSid": worker.sid,
        "WorkerName": worker.friendly_name,
        "WorkerAttributes": worker.attributes,
        "WorkerActivitySid": worker.activity_sid,
        "WorkerActivityName": state.activities[worker.activity_sid].friendly_name,
        "WorkerVersion": str(worker.version),
    }


def reservation_fields(state: State, task: Task, worker: Worker, reservation: Reservation) -> Fields:
    """Build the fields of the events of a reservation: of its task, its worker, and its transfer if it is of one.

    The queue is the one that it was made in. Consumed is what the worker's open reservations take of the channel.
    """
    fields = task_fields(state, task, reservation.task_queue_sid)
    fields |= worker_fields(state, worker)
    channel = worker.channels[reservation.task_channel_sid]
    fields["WorkerChannelCapacity"] = str(channel.configured_capacity)
    fields["WorkerChannelConsumedCapacity"] = str(channel.used)
    fields["ReservationSid"] = reservation.sid
    fields["ReservationVersion"] = str(reservation.version)
    if reservation.transfer_sid:
        fields |= transfer_fields(state.transfers[reservation.transfer_sid])
    return fields


def re_evaluated_reason(task: Task) -> str | None:
    """Tell why a task is offered again: how the last of its reservations ended; None when that did not fail."""
    ended = [one for one in task.reservations.values() if one.reservation_status != "pending"]
    last = max(reversed(ended), key=lambda one: one.date_updated, default=None)
    return RE_EVALUATED.get(last.reservation_status) if last else None


def moved_fields(before: TaskQueue, priority_before: int) -> Fields:
    """Build what `task-queue.moved` says of where the task was; the values of TargetChangedReason are not known."""
    return {
        "PreviousTaskQueueSid": before.sid,
        "PreviousTaskQueueName": before.friendly_name,
        "PreviousTaskPriority": str(priority_before),
    }


def channel_fields(state: State, worker: Worker, channel: WorkerChannel, capacity_before: int) -> Fields:
    """Build the fields of the events of a worker's channel (behaviour.md §4.5).

    Sources do not say whether "available capacity" leaves out what is in use; here it is the new capacity, so that it
    can be compared with the previous one. The task count is of what has been accepted.
    """
    return worker_fields(state, worker) | {
        "WorkerChannelAvailable": str(channel.available).lower(),
        "WorkerChannelAvailableCapacity": str(channel.configured_capacity),
        "WorkerChannelPreviousCapacity": str(capacity_before),
        "WorkerChannelTaskCount": str(channel.assigned),
        "TaskChannelSid": channel.task_channel_sid,
        "TaskChannelUniqueName": state.task_channels[channel.task_channel_sid].unique_name,
    }


def transfer_fields(transfer: Transfer) -> Fields:
    """Build TRANSFER, by the names that Twilio's event streams have; the time at which it began is left out."""
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


def configured_fields(resource: Configured) -> Fields:
    """Build the fields of a workspace, an activity, a task channel, a task queue or a workflow."""
    match resource:
        case Workspace():
            return {}  # every event names it
        case Activity():
            return {
                "ActivitySid": resource.sid,
                "ActivityName": resource.friendly_name,
                "ActivityAvailable": str(resource.available).lower(),
            }
        case TaskChannel():
            return {
                "TaskChannelSid": resource.sid,
                "TaskChannelName": resource.friendly_name,
                "TaskChannelUniqueName": resource.unique_name,
                "TaskChannelOptimizedRouting": str(resource.channel_optimized_routing).lower(),
            }
        case TaskQueue():
            return {
                "TaskQueueSid": resource.sid,
                "TaskQueueName": resource.friendly_name,
                "TaskQueueTargetExpression": resource.target_workers,
            }
        case Workflow():
            return {"WorkflowSid": resource.sid, "WorkflowName": resource.friendly_name}
