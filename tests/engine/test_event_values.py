"""What the fields of events hold, and of which moment, against `behaviour.md §4.3, §4.5`."""

from __future__ import annotations

import pytest

from tests.engine.event_scenes import accepted, completed, rejected, relocated, rescinded, served, timed_out, wrapping
from tests.engine.stage import Stage, filter_, step


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


def test_4_3_of_a_batch_the_reservation_that_ended_last_says_why(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue(max_reserved_workers=2))))
    stage.worker("Alice")
    stage.worker("Bob")
    task = stage.task()
    last_made = list(task.open.values())[-1]
    stage.pass_(1)
    stage.reject(last_made)
    stage.worker("Carla")
    stage.pass_(119)
    stage.happened()
    offers = [event.data for event in stage.events if event.event_type == "reservation.created"]
    assert {data.get("TaskReEvaluatedReason") for data in offers[2:]} == {"reservation_timeout"}


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
