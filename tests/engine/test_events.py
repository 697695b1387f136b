"""Every type of event that the core reports: its fields and sentences, against `behaviour.md §4.3, §4.5`."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.event_types import TYPES
from tests.engine.event_scenes import (
    a_channel,
    a_queue,
    a_workflow,
    accepted,
    an_activity,
    attempted,
    called_back,
    canceled,
    completed,
    deleted,
    done,
    edited,
    enlarged,
    fired,
    forgotten,
    founded,
    given_up,
    hired,
    moved,
    not_taken,
    offered,
    passed_on,
    passed_over,
    rejected,
    relocated,
    rescinded,
    run_out,
    served,
    taken,
    taught,
    the_workspace,
    timed_out,
    unreached,
    wrapped_up,
    wrapping,
)
from tests.engine.stage import Stage, filter_, step

COMMON = {"WorkspaceSid", "WorkspaceName", "OperatingUnitSid"}  # of what stands in the event's data
TASK = {
    "TaskSid",
    "TaskAttributes",
    "TaskAge",
    "TaskPriority",
    "TaskAssignmentStatus",
    "TaskAddons",
    "TaskDateCreated",
    "TaskQueueEnteredDate",
    "TaskVirtualStartTime",
    "TaskVersion",
    "TaskIgnoreCapacity",
    "TaskChannelSid",
    "TaskChannelUniqueName",
    "TaskQueueSid",
    "TaskQueueName",
    "TaskQueueTargetExpression",
    "WorkflowSid",
    "WorkflowName",
}
WORKER = {"WorkerSid", "WorkerName", "WorkerAttributes", "WorkerActivitySid", "WorkerActivityName", "WorkerVersion"}
PREVIOUS = {
    "WorkerPreviousActivitySid",
    "WorkerPreviousActivityName",
    "WorkerTimeInPreviousActivity",
    "WorkerTimeInPreviousActivityMs",
}
CHANNEL = {
    "WorkerChannelAvailable",
    "WorkerChannelAvailableCapacity",
    "WorkerChannelPreviousCapacity",
    "WorkerChannelTaskCount",
    "TaskChannelSid",
    "TaskChannelUniqueName",
}


def test_4_3_a_moved_task_says_from_where(stage: Stage):
    first = stage.queue("Q1")
    steps = step(first, timeout=5, priority=3), step(stage.queue("Q2"), priority=9)
    stage.workflow(filter_("1==1", *steps))
    stage.task()
    stage.pass_(5)
    data = stage.event("task-queue.moved").data
    assert [data[name] for name in sorted(MOVED)] == ["3", "Q1", first.sid]
    assert (data["TaskQueueName"], data["TaskPriority"]) == ("Q2", "9")


CHANNEL_EVENT = WORKER | CHANNEL
RESERVATION = (
    TASK
    | WORKER
    | {
        "ReservationSid",
        "ReservationVersion",
        "WorkerChannelCapacity",
        "WorkerChannelConsumedCapacity",
    }
)
MOVED = {"PreviousTaskQueueSid", "PreviousTaskQueueName", "PreviousTaskPriority"}
TRANSFER = {
    "TaskTransferSid",
    "TransferInitiatingReservationSid",
    "TransferInitiatingWorkerSid",
    "TransferMode",
    "TransferStatus",
    "TransferTo",
    "TransferType",
}
UNREACHED = {"TaskCanceledReason", "TaskRoutingTarget"}
FAILED = TRANSFER | {"TransferFailedReason"}
QUEUE = {"TaskQueueSid", "TaskQueueName", "TaskQueueTargetExpression"}
ACTIVITY = {"ActivitySid", "ActivityName", "ActivityAvailable"}
TASK_CHANNEL = {"TaskChannelSid", "TaskChannelName", "TaskChannelUniqueName", "TaskChannelOptimizedRouting"}
MATCHED = TASK | {"WorkflowFilterName", "WorkflowFilterExpression", "WorkflowFilterTargetExpression"}

# behaviour.md §4.3 and §4.5: event type, scene, fields beyond the common ones, resource type, description
EVENTS = [
    ("workflow.target-matched", served, MATCHED, "task", "Task {} matched a workflow target"),
    ("task.created", served, TASK, "task", "Task {} created"),
    ("task-queue.entered", served, TASK, "task", "Task {} entered TaskQueue All"),
    ("workflow.entered", served, TASK, "task", "Task {} entered Workflow Flow"),
    ("task.updated", edited, TASK, "task", "Task {} updated"),
    ("task.canceled", given_up, TASK | {"Reason", "TaskCanceledReason"}, "task", "Task {} canceled"),
    ("task.wrapup", wrapping, TASK | WORKER, "task", "Task {} wrapped up"),
    ("task.completed", completed, TASK | WORKER | {"TaskCompletedReason"}, "task", "Task {} completed"),
    ("task.deleted", deleted, TASK, "task", "Task {} deleted"),
    ("task.system-deleted", forgotten, TASK, "task", "Task {} deleted by the system"),
    ("task-queue.timeout", moved, TASK, "task", "Task {} timed out in TaskQueue Q1"),
    ("task-queue.moved", moved, TASK | MOVED, "task", "Task {} moved from TaskQueue Q1 to TaskQueue Q2"),
    ("workflow.timeout", run_out, TASK, "task", "Task {} timed out in Workflow Flow"),
    ("workflow.skipped", passed_over, TASK, "task", "Task {} was skipped by Workflow Flow"),
    ("reservation.accepted", accepted, RESERVATION, "reservation", "Reservation {} accepted"),
    ("reservation.rejected", rejected, RESERVATION, "reservation", "Reservation {} rejected"),
    ("reservation.timeout", timed_out, RESERVATION, "reservation", "Reservation {} timed out"),
    ("reservation.canceled", canceled, RESERVATION, "reservation", "Reservation {} canceled"),
    ("reservation.rescinded", rescinded, RESERVATION, "reservation", "Reservation {} rescinded"),
    ("reservation.created", offered, RESERVATION, "reservation", "Reservation {} created"),
    ("reservation.wrapup", wrapped_up, RESERVATION, "reservation", "Reservation {} wrapped up"),
    ("reservation.completed", done, RESERVATION, "reservation", "Reservation {} completed"),
    ("reservation.failed", unreached, TASK | UNREACHED, "task", "Reservation for Task {} failed"),
    ("task.transfer-initiated", passed_on, TASK | TRANSFER, "task", "Task {} transfer initiated"),
    ("task.transfer-attempt-failed", attempted, TASK | TRANSFER, "task", "Task {} transfer attempt failed"),
    ("task.transfer-failed", not_taken, TASK | FAILED, "task", "Task {} transfer failed"),
    ("task.transfer-canceled", called_back, TASK | TRANSFER, "task", "Task {} transfer canceled"),
    ("task.transfer-completed", taken, TASK | TRANSFER, "task", "Task {} transfer completed"),
    ("worker.created", hired, WORKER - {"WorkerActivityName"}, "worker", "Worker Alice created"),
    ("worker.activity.update", relocated, WORKER | PREVIOUS, "worker", "Worker Alice updated to Busy Activity"),
    ("worker.attributes.update", taught, WORKER, "worker", r'Worker Alice updated attributes to {{"x":"a\/b"}}'),
    ("worker.capacity.update", enlarged, CHANNEL_EVENT, "worker", "Worker Alice channel default updated"),
    ("worker.channel.availability.update", enlarged, CHANNEL_EVENT, "worker", "Worker Alice channel default updated"),
    ("worker.deleted", fired, WORKER, "worker", "Worker Alice deleted"),
    ("task-queue.created", a_queue, QUEUE, "taskqueue", "TaskQueue {} created"),
    ("task-queue.expression.updated", a_queue, QUEUE, "taskqueue", "TaskQueue {} expression updated to '2==2'"),
    ("task-queue.deleted", a_queue, QUEUE, "taskqueue", "TaskQueue {} deleted"),
    ("workflow.created", a_workflow, {"WorkflowSid", "WorkflowName"}, "workflow", "Workflow {} created"),
    ("workflow.updated", a_workflow, {"WorkflowSid", "WorkflowName"}, "workflow", "Workflow {} updated"),
    ("workflow.deleted", a_workflow, {"WorkflowSid", "WorkflowName"}, "workflow", "Workflow {} deleted"),
    ("activity.created", an_activity, ACTIVITY, "activity", "Activity {} created"),
    ("activity.updated", an_activity, ACTIVITY, "activity", "Activity {} updated"),
    ("activity.deleted", an_activity, ACTIVITY, "activity", "Activity {} deleted"),
    ("task-channel.created", a_channel, TASK_CHANNEL, "taskchannel", "TaskChannel {} created"),
    ("task-channel.updated", a_channel, TASK_CHANNEL, "taskchannel", "TaskChannel {} updated"),
    ("task-channel.deleted", a_channel, TASK_CHANNEL, "taskchannel", "TaskChannel {} deleted"),
    ("workspace.created", founded, set(), "workspace", "Workspace {} created"),
    ("workspace.updated", the_workspace, set(), "workspace", "Workspace {} updated"),
    ("workspace.deleted", the_workspace, set(), "workspace", "Workspace {} deleted"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event_type", "scene", "fields", "resource", "description"), EVENTS, ids=[e[0] for e in EVENTS]
)
def test_4_5_what_an_event_tells(stage: Stage, event_type, scene, fields, resource, description):
    about = scene(stage)
    stage.happened()
    event = next(event for event in stage.events if event.event_type == event_type)
    assert set(event.data) == COMMON | fields
    assert all(isinstance(value, str) for value in event.data.values())
    assert (event.resource_type, event.resource_sid) == (resource, about.sid)
    assert event.description == description.format(about.sid)


def test_4_5_every_type_is_there():
    assert {event_type for event_type, *_ in EVENTS} == TYPES


def test_4_5_a_reservation_of_a_transfer_tells_of_it(stage: Stage):
    task = passed_on(stage)
    stage.happened()
    first, second = [event for event in stage.events if event.event_type == "reservation.created"]
    assert (set(first.data), set(second.data)) == (COMMON | RESERVATION, COMMON | RESERVATION | TRANSFER)
    assert second.data["TaskTransferSid"] == task.transfer.sid
