"""The fields that events carry, by the names of behaviour.md §4.3 and §4.5. What is not known is left out (§4.2)."""

from __future__ import annotations

from ..model.entities import (
    Activity,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from ..model.observer import Configured
from ..model.state import State

Fields = dict[str, str]


def task_fields(state: State, task: Task, queue_sid: str | None = None) -> Fields:
    """Build TASK of behaviour.md §4.3. queue_sid: the queue to name, if not the one that the task is in by now."""
    channel = state.task_channels[task.task_channel_sid]
    fields = {
        "TaskSid": task.sid,
        "TaskAttributes": task.attributes,
        "TaskAge": str((state.now - task.date_created) // 1000),
        "TaskPriority": str(task.priority),
        "TaskAssignmentStatus": task.assignment_status,
        "TaskAddons": task.addons,
        "TaskChannelSid": channel.sid,
        "TaskChannelUniqueName": channel.unique_name,
    }
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
    return fields


def worker_fields(state: State, worker: Worker) -> Fields:
    """Build WORKER of behaviour.md §4.3."""
    return {
        "WorkerSid": worker.sid,
        "WorkerName": worker.friendly_name,
        "WorkerAttributes": worker.attributes,
        "WorkerActivitySid": worker.activity_sid,
        "WorkerActivityName": state.activities[worker.activity_sid].friendly_name,
    }


def versioned_worker_fields(state: State, worker: Worker) -> Fields:
    """Build the fields of the `worker.*` events, which carry the version too (behaviour.md §4.5)."""
    fields = worker_fields(state, worker)
    fields["WorkerVersion"] = str(worker.version)
    return fields


def channel_fields(state: State, worker: Worker, channel: WorkerChannel, capacity_before: int) -> Fields:
    """Build the fields of the events of a worker's channel (behaviour.md §4.5).

    Sources do not say whether "available capacity" leaves out what is in use; here it is the new capacity, so that it
    can be compared with the previous one. The task count is of what has been accepted.
    """
    return versioned_worker_fields(state, worker) | {
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
            return {"WorkspaceSid": resource.sid, "WorkspaceName": resource.friendly_name}
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
