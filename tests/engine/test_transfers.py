"""A task that a worker passes on, and one that never reaches the worker it was meant for.

The moments are those of the table in `routing/transfers.py`; paragraphs are those of `behaviour.md`.
"""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.engine.rules import tasks, transitions
from tests.engine.stage import Stage
from tests.engine.transfer_scene import assigned, finish, held_by_alice, offer, stage, transfer, worker

__all__ = ["stage"]

# begun


def test_a_warm_transfer_stays_with_the_worker_until_it_is_accepted(stage: Stage):
    task = assigned(stage)
    bob = stage.worker("Bob", stage.busy)
    stage.forget()
    begun = transfer(stage, task, bob)
    assert (begun.transfer_mode, begun.transfer_type, begun.transfer_status) == ("WARM", "WORKER", "initiated")
    assert stage.happened() == ["task.transfer-initiated", "reservation.created"]
    assert task.assignment_status == "reserved"
    assert held_by_alice(stage, task).reservation_status == "accepted"
    assert offer(task).worker_sid == bob.sid
    assert [call.worker_sid for call in stage.called()] == [bob.sid]


def test_a_cold_transfer_lets_the_worker_wrap_up_at_once(stage: Stage):
    task = assigned(stage)
    bob = stage.worker("Bob", stage.busy)
    stage.forget()
    transfer(stage, task, bob, mode="COLD")
    assert stage.happened() == ["task.transfer-initiated", "reservation.wrapup", "reservation.created"]
    assert (task.assignment_status, held_by_alice(stage, task).reservation_status) == ("reserved", "wrapping")


def test_a_transfer_to_a_queue_waits_there_for_who_has_room(stage: Stage):
    task = assigned(stage)
    french = stage.queue("French", target_workers="french == true")
    stage.forget()
    transfer(stage, task, french)
    assert (task.assignment_status, stage.in_queue(task)) == ("pending", "French")
    assert stage.happened() == ["task.transfer-initiated", "task-queue.moved", "task-queue.entered"]
    stage.worker("Chloé", french=True)
    assert (task.assignment_status, offer(task).worker_sid) == ("reserved", worker(stage, "Chloé").sid)


def test_a_transfer_may_change_attributes_and_priority(stage: Stage):
    task = assigned(stage)
    french = stage.queue("French", target_workers="french == true")
    transfer(stage, task, french, attributes='{"lang": "fr"}', priority=7)
    assert (task.attributes, task.parsed_attributes, task.priority) == ('{"lang":"fr"}', {"lang": "fr"}, 7)
    assert stage.event("task.transfer-initiated").data["TaskPriority"] == "7"


def test_a_worker_with_room_may_get_it_back_from_the_queue():
    """The SDK's tests: to the only worker of the queue, whose capacity is two."""
    stage = Stage(multi=True)
    task = assigned(stage)
    alice = worker(stage, "Alice")
    for channel in alice.channels.values():
        stage.engine.worker_channels.update(stage.now, channel, capacity=2)
    transfer(stage, task, next(iter(stage.state.task_queues.values())), mode="COLD")
    assert (task.assignment_status, offer(task).worker_sid) == ("reserved", alice.sid)


def test_a_move_to_another_queue_tells_the_priority_before_it(stage: Stage):
    """behaviour.md §4.3: also where the transfer gives the task another one."""
    task = assigned(stage, priority=3)
    transfer(stage, task, stage.queue("Second"), priority=9)
    data = stage.event("task-queue.moved").data
    assert (data["PreviousTaskPriority"], data["TaskPriority"], data["TaskQueueName"]) == ("3", "9", "Second")


# accepted


def test_an_accepted_transfer_is_complete_and_both_have_the_task(stage: Stage):
    task = assigned(stage)
    begun = transfer(stage, task, stage.worker("Bob", stage.busy))
    stage.forget()
    stage.accept(offer(task))
    assert stage.happened() == ["reservation.accepted", "task.transfer-completed"]
    assert (begun.transfer_status, task.transfer, task.assignment_status) == ("complete", None, "assigned")
    assert stage.who(task) == ["Alice", "Bob"]
    data = stage.event("task.transfer-completed").data
    assert (data["TransferStatus"], data["TaskAssignmentStatus"]) == ("complete", "assigned")


def test_each_completes_its_own_part_and_the_last_the_task(stage: Stage):
    """The SDK's tests: the task is not completed with the part of the worker who passed it on, but with the other."""
    task = assigned(stage)
    transfer(stage, task, stage.worker("Bob", stage.busy))
    alice, bob = held_by_alice(stage, task), stage.accept(offer(task))
    stage.forget()
    finish(stage, alice, "wrapping")
    finish(stage, alice, "completed")
    assert stage.happened() == ["reservation.wrapup", "reservation.completed"]
    assert task.assignment_status == "assigned"
    stage.forget()
    finish(stage, bob, "wrapping")
    assert task.assignment_status == "wrapping"
    finish(stage, bob, "completed")
    assert task.assignment_status == "completed"
    assert stage.happened() == ["reservation.wrapup", "task.wrapup", "task.completed", "reservation.completed"]


def test_the_task_wraps_up_with_the_last_who_is_at_work(stage: Stage):
    task = assigned(stage)
    transfer(stage, task, stage.worker("Bob", stage.busy))
    alice, bob = held_by_alice(stage, task), stage.accept(offer(task))
    finish(stage, alice, "wrapping")
    stage.forget()
    finish(stage, bob, "completed")
    assert (task.assignment_status, stage.who(task)) == ("wrapping", ["Alice"])
    assert stage.happened() == ["reservation.completed", "task.wrapup"]
    finish(stage, alice, "completed")
    assert (task.assignment_status, task.reason) == ("completed", "All reservations were completed")


def test_the_app_ends_the_task_for_both(stage: Stage):
    task = assigned(stage)
    transfer(stage, task, stage.worker("Bob", stage.busy), mode="COLD")
    stage.accept(offer(task))
    stage.engine.tasks.update(stage.now, task, assignment_status="wrapping")
    assert {r.reservation_status for r in task.open.values()} == {"wrapping"}
    stage.complete(task)
    assert {r.reservation_status for r in task.reservations.values()} == {"completed"}


def test_siblings_of_an_accepted_offer_are_rescinded_and_nobody_else(stage: Stage):
    task = assigned(stage)
    two = stage.queue("Two", target_workers="two == true", max_reserved_workers=2)
    stage.worker("Bob", two=True)
    stage.worker("Carol", two=True)
    transfer(stage, task, two)
    first, second = transitions.offers(task)
    stage.accept(second)
    assert (first.reservation_status, held_by_alice(stage, task).reservation_status) == ("rescinded", "accepted")


def test_a_transferred_task_can_be_transferred_again(stage: Stage):
    task = assigned(stage)
    transfer(stage, task, stage.worker("Bob", stage.busy), mode="COLD")
    bob = stage.accept(offer(task))
    finish(stage, held_by_alice(stage, task), "completed")
    carol = stage.worker("Carol", stage.busy)
    again = stage.engine.transfers.create(stage.now, bob, carol.sid, mode="COLD")
    stage.accept(offer(task))
    assert (again.transfer_status, len(task.transfers)) == ("complete", 2)
    assert stage.who(task) == ["Bob", "Carol"]


# refused


def test_what_cannot_be_transferred(stage: Stage):
    task = assigned(stage)
    alice, bob = held_by_alice(stage, task), stage.worker("Bob", stage.busy)
    nobody = "WK" + "9" * 32
    for to, words in ((nobody, "not the SID of a Worker or a TaskQueue"), (worker(stage, "Alice").sid, "already")):
        with pytest.raises(TaskRouterError, match=words):
            stage.engine.transfers.create(stage.now, alice, to)
    with pytest.raises(TaskRouterError, match="JSON"):
        stage.engine.transfers.create(stage.now, alice, bob.sid, attributes="{")
    assert (task.assignment_status, task.transfers) == ("assigned", {})
    stage.engine.transfers.create(stage.now, alice, bob.sid)
    with pytest.raises(TaskRouterError, match="being transferred already"):
        stage.engine.transfers.create(stage.now, alice, bob.sid)
    with pytest.raises(TaskRouterError, match="complete"):
        stage.complete(task)
    stage.accept(offer(task))
    with pytest.raises(TaskRouterError, match="is with Worker"):
        stage.engine.transfers.create(stage.now, alice, bob.sid)
    finish(stage, alice, "wrapping")
    with pytest.raises(TaskRouterError, match="Only an accepted reservation"):
        stage.engine.transfers.create(stage.now, alice, bob.sid)


@pytest.mark.parametrize(
    ("name", "attributes", "code"),
    [
        ("dequeue", {"call_sid": "CA" + "1" * 32}, 40151),
        ("call", {}, 40151),
        ("redirect", {}, 40151),
        ("conference", {"call_sid": "CA" + "1" * 32}, 40149),
    ],
)
def test_3_3_what_a_transferred_reservation_may_be_told(name: str, attributes: dict, code: int):
    stage = Stage(multi=True, places_calls=True)
    task = assigned(stage, attributes=attributes)
    transfer(stage, task, stage.worker("Bob", stage.busy, contact_uri="client:bob"))
    with pytest.raises(TaskRouterError) as caught:
        stage.engine.reservations.instruct(stage.now, offer(task), name, {"from": "+15550100", "url": "http://x/"})
    assert caught.value.code == code


def test_3_3_a_conference_takes_a_transferred_reservation():
    stage = Stage(multi=True, places_calls=True)
    task = assigned(stage, attributes={"call_sid": "CA" + "1" * 32, "conference": {"sid": "CF" + "1" * 32}})
    transfer(stage, task, stage.worker("Bob", stage.busy, contact_uri="client:bob"))
    reservation = offer(task)
    stage.engine.reservations.instruct(stage.now, reservation, "conference", {"from": "+15550100"})
    stage.engine.reservations.connected(stage.now, reservation)
    assert (task.assignment_status, next(iter(task.transfers.values())).transfer_status) == ("assigned", "complete")
    stage.engine.reservations.call_ended(stage.now, held_by_alice(stage, task))
    assert task.assignment_status == "assigned"  # Bob is still talking
    stage.engine.reservations.call_ended(stage.now, reservation)
    assert task.assignment_status == "wrapping"


# a task for one worker


def test_4_5_a_task_that_never_reaches_its_worker_is_a_failed_reservation(stage: Stage):
    stage.queue()
    alice = stage.worker("Alice", stage.offline)
    task = stage.task(routing_target=alice.sid, ignore_capacity=False, timeout=30)
    stage.forget()
    stage.pass_(29.9)
    assert stage.happened() == []
    stage.pass_(0.1)
    assert (task.assignment_status, task.reason) == ("canceled", tasks.NOT_RESERVED)
    assert stage.happened() == ["task.canceled", "reservation.failed"]


def test_4_5_one_that_was_reserved_once_is_only_canceled(stage: Stage):
    queue = stage.queue()
    flow = stage.workflow(default=queue, task_reservation_timeout=5)
    alice = stage.worker("Alice")
    task = stage.task(routing_target=alice.sid, ignore_capacity=False, timeout=30, workflow_sid=flow.sid)
    stage.forget()
    stage.pass_(30)
    assert (task.assignment_status, task.reason) == ("canceled", tasks.TTL_EXCEEDED)
    assert "reservation.failed" not in stage.happened()
