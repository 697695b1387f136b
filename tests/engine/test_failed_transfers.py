"""A task that was passed on, and that nobody takes, or that ends before: where it goes."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.engine.model.options import CompatibilityOptions
from taskrouter_sandbox.engine.rules import tasks
from tests.engine.stage import Stage, filter_, routing, step
from tests.engine.transfer_scene import assigned, finish, held_by_alice, offer, stage, transfer, worker

__all__ = ["stage"]

# come to nothing


@pytest.mark.parametrize("way", ["rejected", "timeout", "canceled"])
def test_a_warm_transfer_that_its_worker_does_not_take_goes_back(stage: Stage, way: str):
    task = assigned(stage)
    begun = transfer(stage, task, stage.worker("Bob", stage.busy))
    stage.forget()
    reservation = offer(task)
    if way == "timeout":
        stage.pass_(20)
    elif way == "rejected":
        stage.reject(reservation)
    else:
        stage.engine.reservations.cancel(stage.now, reservation)
    assert reservation.reservation_status == way
    words = {"timeout": "timed out", "rejected": "was rejected", "canceled": "was canceled"}[way]
    reason = f"Transfer failed because the reservation {words}"
    assert (begun.transfer_status, begun.transfer_failed_reason) == ("failed", reason)
    assert (task.assignment_status, stage.who(task)) == ("assigned", ["Alice"])
    happened = [kind for kind in stage.happened() if not kind.startswith("worker.")]
    assert happened == [f"reservation.{way}", "task.transfer-failed", "task.updated"]
    assert stage.event("task.transfer-failed").data["TransferFailedReason"] == reason
    assert stage.event("task.updated").data["TaskAssignmentStatus"] == "assigned"


def test_a_cold_transfer_that_its_worker_does_not_take_begins_its_workflow_again(stage: Stage):
    task = assigned(stage)
    stage.pass_(500)  # far beyond what the steps of a workflow usually allow
    bob = stage.worker("Bob", stage.busy)
    stage.worker("Carol")
    transfer(stage, task, bob, mode="COLD")
    stage.forget()
    stage.reject(offer(task))
    assert offer(task).worker_sid == worker(stage, "Carol").sid
    assert [kind for kind in stage.happened() if not kind.startswith("worker.")] == [
        "reservation.rejected",
        "task.transfer-failed",
        "task.updated",
        "workflow.target-matched",
        "reservation.created",
    ]
    stage.accept(offer(task))
    assert (task.assignment_status, stage.who(task)) == ("assigned", ["Alice", "Carol"])


def test_the_steps_of_the_workflow_count_from_there(stage: Stage):
    first, second = stage.queue("First"), stage.queue("Second")
    flow = routing(filter_("1==1", step(first, timeout=10), step(second)))
    stage.engine.workflows.create(stage.now, friendly_name="Flow", configuration=flow)
    stage.worker("Alice")
    task = stage.task()
    stage.accept(task)
    stage.pass_(60)
    stage.move(worker(stage, "Alice"), stage.busy)
    transfer(stage, task, stage.worker("Bob", stage.busy), mode="COLD")
    stage.reject(offer(task))
    assert (task.assignment_status, stage.in_queue(task)) == ("pending", "First")
    stage.pass_(9.9)
    assert stage.in_queue(task) == "First"
    stage.pass_(0.1)
    assert stage.in_queue(task) == "Second"


def test_a_queue_asks_its_others_when_one_does_not_take_it(stage: Stage):
    task = assigned(stage)
    french = stage.queue("French", target_workers="french == true")
    chloe = stage.worker("Chloé", french=True)
    begun = transfer(stage, task, french)
    stage.forget()
    stage.reject(offer(task), stage.offline)
    assert (begun.transfer_status, task.assignment_status) == ("initiated", "pending")
    happened = [kind for kind in stage.happened() if not kind.startswith("worker.")]
    assert happened == ["reservation.rejected", "task.transfer-attempt-failed", "task.updated"]
    assert stage.event("task.transfer-attempt-failed").data["TransferStatus"] == "initiated"
    denis = stage.worker("Denis", french=True)
    assert offer(task).worker_sid == denis.sid != chloe.sid
    stage.accept(offer(task))
    assert begun.transfer_status == "complete"


@pytest.mark.parametrize("to_queue", [False, True], ids=["worker", "queue"])
def test_a_transfer_is_taken_back(stage: Stage, to_queue: bool):
    task = assigned(stage)
    to = stage.queue("Empty", target_workers="1==2") if to_queue else stage.worker("Bob", stage.busy)
    begun = transfer(stage, task, to)
    stage.forget()
    stage.engine.transfers.cancel(stage.now, begun)
    assert (begun.transfer_status, task.assignment_status, stage.who(task)) == ("canceled", "assigned", ["Alice"])
    moves = ["task-queue.moved", "task-queue.entered"]
    offered, moved = ([], moves) if to_queue else (["reservation.canceled"], [])
    assert stage.happened() == [*offered, "task.transfer-canceled", *moved, "task.updated"]
    assert (stage.in_queue(task), stage.event("task.updated").data["TaskQueueName"]) == ("Support", "Support")
    with pytest.raises(TaskRouterError) as caught:
        stage.engine.transfers.cancel(stage.now, begun)
    assert caught.value.text == f"Transfer {begun.sid} is already canceled . Cannot cancel transfer."


def test_a_task_that_its_worker_has_left_is_routed_again(stage: Stage):
    task = assigned(stage)
    begun = transfer(stage, task, stage.worker("Bob", stage.busy))
    finish(stage, held_by_alice(stage, task), "completed")
    assert task.assignment_status == "reserved"
    stage.move(worker(stage, "Alice"), stage.busy)
    stage.engine.transfers.cancel(stage.now, begun)
    assert task.assignment_status == "pending"
    carol = stage.worker("Carol")
    assert (task.assignment_status, offer(task).worker_sid) == ("reserved", carol.sid)


@pytest.mark.parametrize("mode", ["WARM", "COLD"])
def test_who_has_passed_it_on_can_always_be_done(stage: Stage, mode: str):
    """Also while the task waits for somebody else, since nobody has taken it."""
    task = assigned(stage)
    stage.move(worker(stage, "Alice"), stage.busy)
    begun = transfer(stage, task, stage.worker("Bob", stage.busy), mode=mode)
    alice = held_by_alice(stage, task)
    if mode == "WARM":
        finish(stage, alice, "wrapping")
    stage.engine.transfers.cancel(stage.now, begun)
    assert (task.assignment_status, stage.who(task)) == ("pending", ["Alice"])
    finish(stage, alice, "completed")
    assert (task.assignment_status, stage.who(task)) == ("pending", [])
    carol = stage.worker("Carol")
    stage.accept(offer(task))
    stage.complete(task)
    assert (task.assignment_status, task.reservations[alice.sid].reservation_status) == ("completed", "completed")
    assert carol.open == {}


def test_a_task_without_a_workflow_goes_back_to_its_queue(stage: Stage):
    support, french = stage.queue("Support", target_workers="french != true"), stage.queue("French")
    stage.worker("Alice")
    task = stage.task(routing_target=support.sid)
    stage.accept(task)
    stage.move(worker(stage, "Alice"), stage.busy)
    begun = transfer(stage, task, french, mode="COLD")
    with pytest.raises(TaskRouterError, match="still processed in it"):
        stage.engine.task_queues.delete(stage.now, support)
    stage.worker("Chloé", french=True)
    assert offer(task).worker_sid == worker(stage, "Chloé").sid
    stage.forget()
    stage.engine.transfers.cancel(stage.now, begun)
    assert (task.assignment_status, stage.in_queue(task)) == ("pending", "Support")
    assert stage.happened() == [
        "reservation.canceled",
        "task.transfer-canceled",
        "task.updated",
        "task-queue.moved",
        "task-queue.entered",
    ]


def test_what_goes_back_goes_to_where_it_was_last(stage: Stage):
    """Alice passes on again what Bob has, too; the queue that she got it from is gone by then."""
    support, french = stage.queue("Support"), stage.queue("French")
    stage.worker("Alice")
    task = stage.task(task_queue_sid=support.sid)
    stage.accept(task)
    stage.worker("Bob")
    transfer(stage, task, french)
    stage.accept(offer(task))
    stage.engine.task_queues.delete(stage.now, support)
    again = transfer(stage, task, stage.queue("Empty", target_workers="1==2"))
    stage.engine.transfers.cancel(stage.now, again)
    assert (task.assignment_status, stage.in_queue(task)) == ("assigned", "French")


def test_7_what_comes_back_takes_its_place_among_those_who_wait():
    stage = Stage(multi=True, prioritize_queue_order="LIFO")
    support, latest = stage.queue("Support"), stage.queue("Latest", target_workers="bob == true", task_order="LIFO")
    stage.worker("Alice")
    task = stage.task(task_queue_sid=support.sid)
    stage.accept(task)
    bob = stage.worker("Bob", bob=True)
    begun = transfer(stage, task, latest)
    urgent = stage.task(task_queue_sid=support.sid, priority=5)
    finish(stage, held_by_alice(stage, task), "wrapping")
    assert (offer(task).worker_sid, urgent.assignment_status) == (bob.sid, "pending")
    stage.engine.transfers.cancel(stage.now, begun)
    assert (task.assignment_status, stage.in_queue(task)) == ("pending", "Support")
    assert offer(urgent).worker_sid == bob.sid


@pytest.mark.parametrize("way", ["worker", "queue", "back"])
def test_the_wait_begins_anew_and_the_date_with_the_queue(stage: Stage, way: str):
    """Its working time is no waiting time; when it came to its queue changes with the queue."""
    task = assigned(stage)
    came = task.task_queue_entered_date
    stage.pass_(600)
    bob = stage.worker("Bob", stage.idle if way == "queue" else stage.busy, bob=True)
    to = stage.queue("Bob's", target_workers="bob == true") if way == "queue" else bob
    begun = transfer(stage, task, to)
    assert task.task_queue_entered_date == (stage.now if way == "queue" else came)
    stage.pass_(5)
    stage.forget()
    if way == "back":
        stage.engine.transfers.cancel(stage.now, begun)
        assert task.task_queue_entered_date == came
    else:
        stage.accept(offer(task))
        event = stage.event("reservation.accepted")
        assert (event.age, event.queue_age) == (605_000, 5_000)


def test_who_wraps_up_can_have_it_back(stage: Stage):
    task = assigned(stage)
    transfer(stage, task, stage.worker("Bob", stage.busy), mode="COLD")
    bob = stage.accept(offer(task))
    stage.engine.transfers.create(stage.now, bob, worker(stage, "Alice").sid, mode="COLD")
    stage.accept(offer(task))
    finish(stage, bob, "completed")
    finish(stage, held_by_alice(stage, task), "completed")
    assert (task.assignment_status, stage.who(task)) == ("assigned", ["Alice"])


def test_both_readings_of_a_failed_reservation_let_the_queue_ask_on():
    stage = Stage(multi=True, options=CompatibilityOptions(after_failed_reservation="move"))
    task = assigned(stage)
    stage.worker("Chloé", french=True)
    stage.worker("Denis", french=True)
    transfer(stage, task, stage.queue("French", target_workers="french == true"))
    first = offer(task)
    stage.reject(first, stage.offline)
    assert offer(task).worker_sid != first.worker_sid


def test_a_task_without_a_workflow_waits_where_it_is(stage: Stage):
    queue = stage.queue("Support")
    stage.worker("Alice")
    task = stage.task(task_queue_sid=queue.sid)
    stage.accept(task)
    transfer(stage, task, stage.worker("Bob", stage.busy), mode="COLD")
    stage.move(worker(stage, "Alice"), stage.busy)
    stage.reject(offer(task))
    assert (task.assignment_status, stage.in_queue(task)) == ("pending", "Support")
    stage.worker("Carol")
    assert offer(task).worker_sid == worker(stage, "Carol").sid


@pytest.mark.parametrize("mode", ["WARM", "COLD"])
def test_2_1_the_timeout_of_a_task_counts_from_its_transfer(stage: Stage, mode: str):
    task = assigned(stage, timeout=60)
    stage.pass_(3_000)
    begun = transfer(stage, task, stage.queue("Empty", target_workers="1==2"), mode=mode)
    stage.pass_(59.9)
    assert task.assignment_status == "pending"
    stage.forget()
    stage.pass_(0.1)
    assert begun.transfer_status == "failed"
    if mode == "WARM":  # an assigned task is never canceled
        assert (task.assignment_status, stage.who(task)) == ("assigned", ["Alice"])
        moves = ["task-queue.moved", "task-queue.entered"]
        assert stage.happened() == ["task.transfer-failed", *moves, "task.updated"]
        assert stage.in_queue(task) == "Support"
    else:
        assert (task.assignment_status, task.reason) == ("canceled", tasks.TTL_EXCEEDED)
        assert stage.happened() == ["task.canceled", "reservation.completed", "task.transfer-failed"]


@pytest.mark.parametrize("end", ["canceled", "deleted"])
def test_a_transfer_ends_with_its_task(stage: Stage, end: str):
    task = assigned(stage)
    begun = transfer(stage, task, stage.worker("Bob", stage.busy))
    if end == "canceled":
        stage.cancel(task)
    else:
        stage.engine.tasks.delete(stage.now, task)
    reason = f"Transfer failed because the task was {end}"
    assert (begun.transfer_status, begun.transfer_failed_reason) == ("failed", reason)
    assert "task.transfer-failed" in stage.happened()
    assert (begun.sid in stage.state.transfers) == (end == "canceled")


def test_the_end_of_a_worker_is_the_end_of_its_offer(stage: Stage):
    task = assigned(stage)
    bob = stage.worker("Bob", stage.offline)
    begun = transfer(stage, task, bob)
    stage.engine.workers.delete(stage.now, bob)
    assert (begun.transfer_status, task.assignment_status) == ("failed", "assigned")


def test_1000_attempts_are_enough_for_a_transfer_too(stage: Stage):
    task = assigned(stage)
    french = stage.queue("French", target_workers="french == true")
    stage.worker("Chloé", french=True)
    task.attempts = stage.state.limits.attempts - 1
    begun = transfer(stage, task, french)
    stage.reject(offer(task))
    assert (begun.transfer_status, task.assignment_status, stage.who(task)) == ("failed", "assigned", ["Alice"])


def test_a_queue_does_not_offer_it_to_who_is_at_work_on_it():
    stage = Stage(multi=True)
    task = assigned(stage)
    alice = worker(stage, "Alice")
    for channel in alice.channels.values():
        stage.engine.worker_channels.update(stage.now, channel, capacity=2)
    transfer(stage, task, next(iter(stage.state.task_queues.values())))
    assert task.assignment_status == "pending"
    finish(stage, held_by_alice(stage, task), "wrapping")
    assert (task.assignment_status, offer(task).worker_sid) == ("reserved", alice.sid)


def test_4_3_a_reservation_event_names_the_queue_it_was_made_in(stage: Stage):
    task = assigned(stage)
    support = next(iter(stage.state.task_queues.values()))
    french = stage.queue("French", target_workers="french == true")
    stage.worker("Chloé", french=True)
    stage.pass_(60)
    transfer(stage, task, french)
    stage.forget()
    stage.pass_(5)
    chloe = stage.accept(offer(task))
    accepted = stage.event("reservation.accepted")
    assert (accepted.data["TaskQueueName"], accepted.queue_age, accepted.age) == ("French", 5_000, 65_000)
    stage.forget()
    finish(stage, held_by_alice(stage, task), "completed")
    assert stage.event("reservation.completed").data["TaskQueueSid"] == support.sid
    stage.forget()
    finish(stage, chloe, "completed")
    assert stage.event("reservation.completed").data["TaskQueueSid"] == french.sid
