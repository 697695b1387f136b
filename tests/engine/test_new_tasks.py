"""Which way a new task goes, and who is called about it, against `rest-contract.md §4.4` and `behaviour.md §3`."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.webhooks.assignment_callback import assignment_form
from tests.engine.stage import ES, START, Stage

# rest-contract.md §4.4: which way a new task goes


def test_4_4_the_only_workflow_need_not_be_named(stage: Stage):
    with pytest.raises(TaskRouterError, match=r"^WorkflowSid field is required$"):
        stage.task()
    one = stage.workflow(default=stage.queue())
    assert stage.task().workflow_sid == one.sid
    two = stage.workflow(default=stage.queue("Q2"), name="Two")
    with pytest.raises(TaskRouterError, match=r"^WorkflowSid field is required$"):
        stage.task()
    assert stage.task(workflow_sid=two.sid).workflow_sid == two.sid
    assert stage.task(routing_target=two.sid).workflow_sid == two.sid
    with pytest.raises(TaskRouterError, match="is not a Workflow"):
        stage.task(workflow_sid="WW" + "f" * 32)


@pytest.mark.parametrize("parameter", ["routing_target", "task_queue_sid"])
def test_4_4_straight_to_a_queue(stage: Stage, parameter: str):
    queue = stage.queue(max_reserved_workers=2)
    stage.workflow(default=stage.queue("Other"))
    stage.worker("Alice")
    stage.worker("Bob")
    stage.forget()
    task = stage.task(**{parameter: queue.sid})
    assert (task.workflow_sid, stage.in_queue(task), stage.who(task)) == (None, "All", ["Alice", "Bob"])
    assert stage.happened() == ["task.created", "task-queue.entered", "reservation.created", "reservation.created"]
    with pytest.raises(TaskRouterError, match="is not a TaskQueue of workspace"):
        stage.task(**{parameter: "WQ" + "f" * 32})


def test_4_4_straight_to_a_worker_who_is_waited_for(stage: Stage):
    stage.queue(target_workers="1==2")
    home = stage.queue("Home", target_workers="agent == true")
    bob = stage.worker("Bob", stage.offline, agent=True)
    stage.worker("Alice", agent=True)
    task = stage.task(routing_target=bob.sid, ignore_capacity=False)
    assert (stage.in_queue(task), task.assignment_status) == (home.friendly_name, "pending")
    stage.move(bob, stage.idle)
    assert stage.who(task) == ["Bob"]


def test_4_4_ignore_capacity_takes_no_notice_of_what_the_worker_does(stage: Stage):
    queue = stage.queue()
    bob = stage.worker("Bob", stage.offline)
    first, second = (
        stage.task(routing_target=bob.sid, task_queue_sid=queue.sid, ignore_capacity=True) for _ in range(2)
    )
    assert stage.who(first) == stage.who(second) == ["Bob"]
    assert stage.where(bob) == "Offline"


def test_4_4_ignore_capacity_is_the_default_of_a_task_for_a_worker_and_of_no_other(stage: Stage):
    queue = stage.queue()
    bob = stage.worker("Bob", stage.offline)
    task = stage.task(routing_target=bob.sid)
    assert (task.ignore_capacity, stage.who(task)) == (True, ["Bob"])
    task = stage.task(routing_target=bob.sid, ignore_capacity=False)
    assert (task.ignore_capacity, stage.who(task)) == (False, [])
    assert not stage.task(routing_target=queue.sid).ignore_capacity
    assert not stage.task(task_queue_sid=queue.sid).ignore_capacity


def test_4_4_a_worker_in_no_queue_needs_one_to_be_named(stage: Stage):
    queue = stage.queue(target_workers="1==2")
    bob = stage.worker("Bob")
    with pytest.raises(TaskRouterError, match="give TaskQueueSid as well"):
        stage.task(routing_target=bob.sid)
    assert stage.who(stage.task(routing_target=bob.sid, task_queue_sid=queue.sid)) == ["Bob"]


def test_4_4_a_task_for_a_worker_that_is_deleted_is_offered_to_nobody_else(stage: Stage):
    stage.queue()
    bob = stage.worker("Bob", stage.offline)
    task = stage.task(routing_target=bob.sid, timeout=60, ignore_capacity=False)
    stage.worker("Alice")
    stage.engine.workers.delete(stage.now, bob)
    assert task.assignment_status == "pending"
    stage.pass_(60)
    assert task.assignment_status == "canceled"


def test_4_4_a_workflow_that_is_named_for_a_straight_task_only_calls_back(stage: Stage):
    queue = stage.queue()
    workflow = stage.workflow(
        default=stage.queue("Q2"), assignment_callback_url="http://x/", task_reservation_timeout=7
    )
    bob = stage.worker("Bob")
    task = stage.task(routing_target=bob.sid, task_queue_sid=queue.sid, workflow_sid=workflow.sid)
    assert stage.in_queue(task) == "All"
    assert stage.the(task).expires == stage.now + 7_000
    assert [call.workflow_sid for call in stage.called()] == [workflow.sid]


def test_2_1_virtual_start_times_that_are_refused(stage: Stage):
    stage.workflow(default=stage.queue())
    with pytest.raises(TaskRouterError, match="future"):
        stage.task(virtual_start_time=START + 1)
    with pytest.raises(TaskRouterError, match="1900"):
        stage.task(virtual_start_time=-2_208_988_800_001)
    task = stage.task(virtual_start_time=-2_208_988_800_000)
    with pytest.raises(TaskRouterError, match="future"):
        stage.engine.tasks.update(stage.now, task, virtual_start_time=START + 1)


# §3.1 the assignment callback


def test_3_1_one_callback_for_each_reservation_with_eleven_parameters(stage: Stage):
    stage.workflow(
        default=stage.queue(max_reserved_workers=2),
        assignment_callback_url="http://first/",
        fallback_assignment_callback_url="http://second/",
    )
    task = stage.task(attributes=ES, priority=4)
    stage.pass_(3.7)
    alice = stage.engine.workers.create(stage.now, friendly_name="Alice", attributes='{"a": 1}')
    stage.worker("Bob", stage.offline)
    stage.move(alice, stage.idle)
    (call,) = stage.called()
    assert (call.url, call.fallback_url) == ("http://first/", "http://second/")
    assert assignment_form(stage.engine.workspace.sid, stage.state.account_sid, call) == {
        "AccountSid": "AC" + "0" * 32,
        "ReservationSid": stage.the(task).sid,
        "TaskAge": "3",
        "TaskAttributes": '{"selected_language":"es"}',
        "TaskPriority": "4",
        "TaskQueueSid": task.task_queue_sid,
        "TaskSid": task.sid,
        "WorkerAttributes": '{"a":1}',
        "WorkerSid": alice.sid,
        "WorkflowSid": task.workflow_sid,
        "WorkspaceSid": stage.engine.workspace.sid,
    }


def test_3_2_without_an_address_nobody_is_called(stage: Stage):
    stage.workflow(default=stage.queue())
    stage.worker("Alice")
    assert stage.task().assignment_status == "reserved"
    assert stage.called() == []
