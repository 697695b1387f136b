"""Every event that the core reports: types, order, fields, sentences, against `behaviour.md §4`."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.rules import transitions
from taskrouter_sandbox.event_types import TYPES
from tests.engine.stage import START, Stage, filter_, step

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


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_4_4_the_order_when_a_task_is_created(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.moving_queue())))
    stage.worker("Alice")
    stage.forget()
    stage.task()
    assert stage.happened() == [
        "workflow.target-matched",
        "task.created",
        "task-queue.entered",
        "workflow.entered",
        "reservation.created",
        "worker.activity.update",
    ]
    stamps = [event.date_created for event in stage.events]
    assert stamps == list(range(stamps[0], stamps[0] + 6))  # increasing milliseconds


def test_4_4_the_order_when_a_worker_becomes_available(stage: Stage):
    """The event of the reservation already names the activity that it leads to."""
    stage.workflow(default=stage.moving_queue())
    worker = stage.worker("Alice", stage.offline)
    stage.task()
    stage.forget()
    stage.move(worker, stage.idle)
    stage.happened()
    assert [(e.event_type, e.data["WorkerActivityName"]) for e in stage.events] == [
        ("worker.activity.update", "Idle"),
        ("reservation.created", "Reserved"),
        ("worker.activity.update", "Reserved"),
    ]


def test_4_4_the_order_when_a_task_ends(stage: Stage):
    stage.workflow(default=stage.queue())
    stage.worker("Alice")
    task = stage.task()
    stage.accept(task)
    stage.forget()
    stage.engine.tasks.update(stage.now, task, assignment_status="wrapping")
    assert stage.happened() == ["reservation.wrapup", "task.wrapup"]
    stage.forget()
    stage.complete(task, "all done")
    assert stage.happened() == ["task.completed", "reservation.completed"]
    assert stage.event("task.completed").data["TaskCompletedReason"] == "all done"


def test_4_5_the_order_when_a_task_moves_on(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=5), step(stage.queue("Q2"), timeout=5)))
    task = stage.task()
    stage.forget()
    stage.pass_(5)
    assert stage.happened() == [
        "task-queue.timeout",
        "workflow.target-matched",
        "task-queue.moved",
        "task-queue.entered",
    ]
    timeout, _, moved, entered = stage.events
    assert (timeout.data["TaskQueueName"], entered.data["TaskQueueName"]) == ("Q1", "Q2")
    assert moved.description == f"Task {task.sid} moved from TaskQueue Q1 to TaskQueue Q2"


def test_4_3_a_moved_task_says_from_where(stage: Stage):
    first = stage.queue("Q1")
    steps = step(first, timeout=5, priority=3), step(stage.queue("Q2"), priority=9)
    stage.workflow(filter_("1==1", *steps))
    stage.task()
    stage.pass_(5)
    data = stage.event("task-queue.moved").data
    assert [data[name] for name in sorted(MOVED)] == ["3", "Q1", first.sid]
    assert (data["TaskQueueName"], data["TaskPriority"]) == ("Q2", "9")


def test_4_3_times_are_whole_seconds_and_versions_those_of_the_resources(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=5), step(stage.queue("Q2"))))
    stage.pass_(0.25)
    began = stage.now
    task = stage.task(virtual_start_time=began - 10_000)
    stage.pass_(7.5)
    stage.worker("Alice")
    data = stage.event("reservation.created").data
    assert (data["TaskDateCreated"], data["TaskVirtualStartTime"]) == (str(began // 1000), str(began // 1000 - 10))
    assert data["TaskQueueEnteredDate"] == str((began + 5000) // 1000)
    assert (data["TaskIgnoreCapacity"], data["ReservationVersion"]) == ("false", "0")
    reservation = stage.accept(task)
    data = stage.event("reservation.accepted").data
    assert (data["TaskVersion"], data["ReservationVersion"]) == (str(task.version), str(reservation.version))
    assert (data["WorkerChannelCapacity"], data["WorkerChannelConsumedCapacity"]) == ("1", "1")


def test_4_3_a_canceled_task_says_its_reason_by_both_names(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue())))
    stage.task(timeout=20)
    stage.pass_(25)
    data = stage.event("task.canceled").data
    assert data["Reason"] == data["TaskCanceledReason"] == "Task TTL Exceeded"


@pytest.mark.parametrize(
    ("fail", "reason"),
    [
        (lambda stage, task: stage.reject(task), "reservation_rejected"),
        (lambda stage, task: stage.pass_(120), "reservation_timeout"),
    ],
    ids=["rejected", "timeout"],
)
def test_4_3_a_task_that_is_offered_again_says_why(stage: Stage, fail, reason: str):
    stage.workflow(filter_("1==1", step(stage.queue())))
    stage.worker("Alice")
    stage.worker("Bob")
    fail(stage, stage.task())
    stage.happened()
    offers = [event.data for event in stage.events if event.event_type == "reservation.created"]
    assert [data.get("TaskReEvaluatedReason") for data in offers] == [None, reason]


@pytest.mark.parametrize("by", ["known_worker_sid", "known_worker_friendly_name"])
def test_4_3_events_of_a_known_agent_step_name_that_worker(stage: Stage, by: str):
    stage.workflow(filter_("1==1", step(stage.queue(), **{by: "task.agent"}, timeout=5), step(stage.queue("Q2"))))
    alice, busy = stage.worker("Alice"), stage.worker("Bob", stage.offline)
    known = [worker.sid if by == "known_worker_sid" else worker.friendly_name for worker in (alice, busy)]
    for agent in known:
        stage.task(attributes={"agent": agent})
    stage.pass_(5)
    stage.happened()
    data = {event.event_type: event.data for event in stage.events if "TaskSid" in event.data}
    assert data["reservation.created"]["KnownWorkerSid"] == alice.sid
    assert data["task.created"]["KnownWorkerSid"] == data["task-queue.timeout"]["KnownWorkerSid"] == busy.sid
    assert "KnownWorkerSid" not in data["task-queue.moved"]


# one scene for each kind of event; what it is about is returned


def served(stage: Stage, **settings):
    """A task that has come to Alice, in a workflow with one filter."""
    target = step(stage.moving_queue(**settings), expression="worker.sid != task.nobody")
    stage.workflow(filter_("1==1", target, name="All of them"), name="Flow", task_reservation_timeout=10)
    stage.worker("Alice")
    return stage.task(attributes={"a": 1})


def rejected(stage: Stage):
    return stage.reject(served(stage), stage.offline)


def timed_out(stage: Stage):
    reservation = stage.the(served(stage))
    stage.pass_(10)
    return reservation


def canceled(stage: Stage):
    return stage.engine.reservations.cancel(stage.now, stage.the(served(stage)))


def rescinded(stage: Stage):
    stage.worker("Bob")
    first, second = served(stage, max_reserved_workers=2).open.values()
    stage.accept(second)
    return first


def accepted(stage: Stage):
    return stage.accept(served(stage))


def wrapping(stage: Stage):
    task = stage.state.tasks[accepted(stage).task_sid]
    stage.engine.tasks.update(stage.now, task, assignment_status="wrapping")
    return task


def offered(stage: Stage):
    return stage.the(served(stage))


def wrapped_up(stage: Stage):
    return stage.the(wrapping(stage))


def done(stage: Stage):
    return next(iter(completed(stage).reservations.values()))


def completed(stage: Stage):
    task = stage.state.tasks[accepted(stage).task_sid]
    stage.complete(task, "done")
    return task


def given_up(stage: Stage):
    task = served(stage)
    stage.cancel(task, "no")
    return task


def unreached(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue())), name="Flow")
    absent = stage.worker("Alice", stage.offline)
    task = stage.task(
        routing_target=absent.sid, timeout=5, ignore_capacity=False, workflow_sid=next(iter(stage.state.workflows))
    )
    stage.pass_(5)
    return task


def passed_on(stage: Stage, to_queue: bool = False):
    """Alice has passed her task on, to Bob or to the queue that he is in."""
    reservation = accepted(stage)
    bob = stage.worker("Bob")
    queue = stage.queue("Bob's", target_workers="name == 'Bob'")
    stage.engine.workers.update(stage.now, bob, attributes='{"name": "Bob"}')
    stage.engine.transfers.create(stage.now, reservation, queue.sid if to_queue else bob.sid)
    return stage.state.tasks[reservation.task_sid]


def attempted(stage: Stage):
    task = passed_on(stage, to_queue=True)
    stage.reject(transitions.offers(task)[0], stage.offline)
    return task


def not_taken(stage: Stage):
    task = passed_on(stage)
    stage.reject(transitions.offers(task)[0])
    return task


def taken(stage: Stage):
    task = passed_on(stage)
    stage.accept(transitions.offers(task)[0])
    return task


def called_back(stage: Stage):
    task = passed_on(stage)
    stage.engine.transfers.cancel(stage.now, task.transfer)
    return task


def edited(stage: Stage):
    task = served(stage)
    stage.engine.tasks.update(stage.now, task, priority=3)
    return task


def deleted(stage: Stage):
    task = served(stage)
    stage.engine.tasks.delete(stage.now, task)
    return task


def forgotten(stage: Stage):
    task = stage.state.tasks[accepted(stage).task_sid]
    stage.pass_(86_400)
    return task


def moved(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=5), step(stage.queue("Q2"), timeout=5)), name="Flow")
    task = stage.task()
    stage.pass_(5)
    return task


def run_out(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=5)), name="Flow")
    task = stage.task()
    stage.pass_(5)
    return task


def passed_over(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), skip_if="1==1")), name="Flow")
    return stage.task()


def hired(stage: Stage):
    return stage.worker("Alice")


def relocated(stage: Stage):
    worker = stage.worker("Alice")
    stage.pass_(1.901)
    stage.move(worker, stage.busy)
    return worker


def taught(stage: Stage):
    worker = stage.worker("Alice")
    stage.engine.workers.update(stage.now, worker, attributes='{"x": "a/b"}')
    return worker


def enlarged(stage: Stage):
    worker = stage.worker("Alice")
    stage.engine.worker_channels.update(stage.now, next(iter(worker.channels.values())), capacity=3, available=False)
    return worker


def fired(stage: Stage):
    worker = stage.worker("Alice", stage.offline)
    stage.engine.workers.delete(stage.now, worker)
    return worker


def a_queue(stage: Stage):
    queue = stage.queue("Q1", target_workers="1==2")
    stage.engine.task_queues.update(stage.now, queue, target_workers="2==2", max_reserved_workers=2)
    stage.engine.task_queues.delete(stage.now, queue)
    return queue


def a_workflow(stage: Stage):
    workflow = stage.workflow(name="Flow")
    stage.engine.workflows.update(stage.now, workflow, task_reservation_timeout=9)
    stage.engine.workflows.delete(stage.now, workflow)
    return workflow


def an_activity(stage: Stage):
    activity = stage.activity("Lunch")
    stage.engine.activities.update(stage.now, activity, friendly_name="Dinner")
    stage.engine.activities.delete(stage.now, activity)
    return activity


def a_channel(stage: Stage):
    channel = stage.engine.task_channels.create(stage.now, friendly_name="Mail", unique_name="mail")
    stage.engine.task_channels.update(stage.now, channel, channel_optimized_routing=True)
    stage.engine.task_channels.delete(stage.now, channel)
    return channel


def founded(stage: Stage):
    stage.engine = WorkspaceEngine.create(START, "AC" + "0" * 32, stage.state.new_sid, friendly_name="New")
    return stage.engine.workspace


def the_workspace(stage: Stage):
    stage.engine.update(stage.now, friendly_name="Another")
    stage.engine.delete(stage.now)
    return stage.engine.workspace


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


def test_4_3_the_values_of_a_reservation_event(stage: Stage):
    task = served(stage)
    event = stage.event("reservation.created")
    worker = next(iter(stage.state.workers.values()))
    assert event.resource_sid == event.data["ReservationSid"] == stage.the(task).sid
    assert event.data | {} == event.data | {
        "TaskSid": task.sid,
        "TaskAttributes": '{"a":1}',
        "TaskAge": "0",
        "TaskPriority": "0",
        "TaskAssignmentStatus": "reserved",
        "TaskAddons": "{}",
        "TaskChannelUniqueName": "default",
        "TaskQueueName": "All",
        "TaskQueueTargetExpression": "1==1",
        "WorkflowName": "Flow",
        "WorkerSid": worker.sid,
        "WorkerName": "Alice",
        "WorkerActivityName": "Reserved",
    }


def test_4_3_the_matched_filter_is_a_json_list(stage: Stage):
    served(stage)
    data = stage.event("workflow.target-matched").data
    assert (data["WorkflowFilterName"], data["WorkflowFilterExpression"]) == ("All of them", '["1==1"]')
    assert data["WorkflowFilterTargetExpression"] == "worker.sid != task.nobody"
    assert data["TaskAssignmentStatus"] == "pending"


def test_4_3_seconds_in_the_previous_activity_are_cut(stage: Stage):
    relocated(stage)
    data = stage.event("worker.activity.update").data
    assert data["WorkerPreviousActivityName"] == "Idle"
    assert (data["WorkerTimeInPreviousActivity"], data["WorkerTimeInPreviousActivityMs"]) == ("1", "1901")


@pytest.mark.parametrize(
    ("scene", "event_type", "status"),
    [
        (accepted, "reservation.accepted", "assigned"),
        (rejected, "reservation.rejected", "pending"),
        (timed_out, "reservation.timeout", "pending"),
        (rescinded, "reservation.rescinded", "assigned"),
        (wrapping, "reservation.wrapup", "wrapping"),
        (completed, "reservation.completed", "completed"),
    ],
)
def test_4_3_an_event_shows_its_task_after_the_move(stage: Stage, scene, event_type: str, status: str):
    scene(stage)
    assert stage.event(event_type).data["TaskAssignmentStatus"] == status


def test_4_5_an_expression_that_stays_the_same_is_no_event(stage: Stage):
    queue = stage.queue(target_workers="1==1")
    stage.forget()
    stage.engine.task_queues.update(stage.now, queue, target_workers="1==1", friendly_name="Renamed")
    assert stage.happened() == []


def test_4_5_worker_versions_count_up(stage: Stage):
    worker = stage.worker("Alice")
    stage.move(worker, stage.busy)
    stage.engine.workers.update(stage.now, worker, attributes='{"x": 1}')
    stage.happened()
    assert [e.data["WorkerVersion"] for e in stage.events if e.event_type.startswith("worker.")] == ["0", "1", "2"]


def test_4_5_a_channel_counts_what_is_accepted(stage: Stage):
    """Sources call the task count that of assigned tasks; pending and wrapping ones hold capacity only (§6.3)."""
    stage = Stage(multi=True)
    stage.workflow(filter_("1==1", step(stage.queue())))
    worker = stage.worker("Alice")
    channel = next(
        c for c in worker.channels.values() if stage.state.task_channels[c.task_channel_sid].unique_name == "default"
    )
    stage.engine.worker_channels.update(stage.now, channel, capacity=3)
    wrapping, accepted = stage.task(), stage.task()
    stage.accept(wrapping)
    stage.engine.tasks.update(stage.now, wrapping, assignment_status="wrapping")
    stage.accept(accepted)
    stage.task()
    stage.forget()
    stage.engine.worker_channels.update(stage.now, channel, capacity=5)
    data = stage.event("worker.capacity.update").data
    assert (data["WorkerChannelTaskCount"], data["WorkerChannelAvailableCapacity"]) == ("1", "5")
    assert data["WorkerChannelPreviousCapacity"] == "3"


def test_4_3_a_deleted_workflow_is_still_named_by_its_sid(stage: Stage):
    workflow = stage.workflow(filter_("1==1", step(stage.queue())))
    stage.worker("Alice")
    task = stage.task()
    stage.accept(task)
    stage.engine.workflows.delete(stage.now, workflow)
    stage.forget()
    stage.complete(task)
    data = stage.event("task.completed").data
    assert data["WorkflowSid"] == workflow.sid
    assert "WorkflowName" not in data
