"""Where workers go when they are reserved, reject, time out or are deleted, against `behaviour.md §2.3`."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from tests.engine.stage import Stage, filter_, one_queue, step


@pytest.mark.parametrize("multi", [False, True])
def test_2_3_reservation_and_assignment_move_the_worker_only_when_single_tasking(multi: bool):
    stage = Stage(multi=multi)
    one_queue(stage)
    worker = stage.worker("Alice")
    task = stage.task()
    assert stage.where(worker) == ("Idle" if multi else "Reserved")
    stage.accept(task)
    assert stage.where(worker) == ("Idle" if multi else "Busy")
    stage.complete(task)
    assert stage.where(worker) == ("Idle" if multi else "Busy")  # completion moves nobody


def test_2_3_without_activities_on_the_queue_nobody_moves(stage: Stage):
    stage.workflow(default=stage.queue())
    worker = stage.worker("Alice")
    stage.accept(stage.task())
    assert stage.where(worker) == "Idle"


@pytest.mark.parametrize("multi", [False, True])
def test_2_3_a_timeout_moves_the_worker_to_the_timeout_activity(multi: bool):
    stage = Stage(multi=multi)
    one_queue(stage)
    stage.engine.update(stage.now, timeout_activity_sid=stage.busy.sid)
    worker = stage.worker("Alice")
    stage.task()
    stage.pass_(120)
    assert stage.where(worker) == "Busy"


@pytest.mark.parametrize(
    ("multi", "given", "expected"),
    [(False, None, "Idle"), (False, "Offline", "Offline"), (True, None, "Idle"), (True, "Offline", "Offline")],
)
def test_2_3_a_reject_moves_the_worker_where_it_says_or_back(multi: bool, given: str | None, expected: str):
    stage = Stage(multi=multi)
    one_queue(stage)
    worker = stage.worker("Alice")
    task = stage.task()
    channel = worker.channels[task.task_channel_sid]
    stage.engine.worker_channels.update(stage.now, channel, available=False)  # or she would be asked again at once
    stage.reject(task, stage.activity_named(given) if given else None)
    assert stage.where(worker) == expected
    assert task.assignment_status == "pending"


def test_2_3_a_reject_goes_back_even_if_the_queue_was_edited_meanwhile(stage: Stage):
    queue = stage.moving_queue()
    stage.workflow(default=queue)
    worker = stage.worker("Alice")
    task = stage.task()
    stage.engine.task_queues.update(stage.now, queue, reservation_activity_sid="")
    stage.reject(task)
    assert stage.where(worker) == "Idle"


def test_2_3_new_workers_begin_in_the_default_activity(stage: Stage):
    worker = stage.engine.workers.create(stage.now, friendly_name="Alice")
    assert stage.where(worker) == "Offline"


def test_2_3_reservations_stay_with_a_worker_that_changes_activity(stage: Stage):
    one_queue(stage)
    worker = stage.worker("Alice")
    task = stage.task()
    stage.move(worker, stage.offline)
    assert (task.assignment_status, stage.who(task)) == ("reserved", ["Alice"])
    stage.accept(task)
    assert stage.where(worker) == "Busy"


def test_2_3_reject_pending_reservations():
    stage = Stage(multi=True)
    stage.workflow(default=stage.queue())
    worker = stage.worker("Alice")
    channel = next(iter(worker.channels.values()))
    stage.engine.worker_channels.update(stage.now, channel, capacity=4)
    accepted, *pending = [stage.task() for _ in range(4)]
    kept = stage.accept(accepted)
    stage.forget()
    with pytest.raises(
        TaskRouterError, match=r"^Unable to reject pending reservations when updating to an Available activity"
    ):
        stage.move(worker, stage.idle, reject_pending_reservations=True)
    stage.move(worker, stage.offline, reject_pending_reservations=True)
    assert stage.happened() == ["worker.activity.update", *["reservation.rejected"] * 3]
    assert [task.assignment_status for task in pending] == ["pending"] * 3
    assert kept.reservation_status == "accepted"
    assert stage.where(worker) == "Offline"


def test_2_3_a_single_tasking_worker_holds_one_reservation(stage: Stage):
    stage.workflow(default=stage.queue())
    stage.worker("Alice")
    first, second = stage.task(), stage.task()
    assert (first.assignment_status, second.assignment_status) == ("reserved", "pending")
    stage.accept(first)
    assert second.assignment_status == "pending"
    stage.complete(first)
    assert second.assignment_status == "reserved"


def test_1_3_the_quickstart_gives_alice_her_second_task_before_the_first_is_completed(stage: Stage):
    """§1.3 steps 2c and 2d: in a single-tasking workspace the activity decides, not what is still assigned."""
    one_queue(stage)
    alice = stage.worker("Alice")
    first = stage.task()
    stage.accept(first)
    second = stage.task()
    assert second.assignment_status == "pending"
    stage.move(alice, stage.offline)
    stage.move(alice, stage.idle)
    assert stage.who(second) == ["Alice"]
    stage.accept(second)
    assert (first.assignment_status, second.assignment_status) == ("assigned", "assigned")


def test_2_3_multitasking_is_never_turned_off():
    stage = Stage(multi=True)
    with pytest.raises(TaskRouterError, match="cannot be turned off"):
        stage.engine.update(stage.now, multi_task_enabled=False)


def test_2_3_multitasking_can_be_turned_on(stage: Stage):
    stage.workflow(default=stage.queue())
    worker = stage.worker("Alice")
    stage.engine.worker_channels.update(stage.now, next(iter(worker.channels.values())), capacity=2)
    stage.task()
    second = stage.task()
    assert second.assignment_status == "pending"
    stage.engine.update(stage.now, multi_task_enabled=True)
    assert second.assignment_status == "reserved"


def test_2_3_an_available_worker_is_not_deleted(stage: Stage):
    """rest-contract.md §8: move it to an unavailable activity first."""
    worker = stage.worker("Alice")
    with pytest.raises(TaskRouterError, match="while it is available"):
        stage.engine.workers.delete(stage.now, worker)
    stage.move(worker, stage.offline)
    stage.engine.workers.delete(stage.now, worker)
    assert not stage.state.workers
    assert not stage.state.worker_channels


def test_11_a_worker_that_holds_something_may_be_deleted(stage: Stage):
    """§11: nothing is known; its pending reservations are canceled, what it accepted stays assigned."""
    stage.workflow(default=stage.queue())
    alice = stage.worker("Alice")
    first = stage.task()
    stage.accept(first)
    stage.move(alice, stage.offline)
    stage.move(alice, stage.idle)
    second = stage.task()
    stage.worker("Bob")
    stage.move(alice, stage.offline)
    stage.forget()
    stage.engine.workers.delete(stage.now, alice)
    assert (first.assignment_status, stage.who(first)) == ("assigned", [])
    assert stage.who(second) == ["Bob"]
    assert stage.happened() == [
        "reservation.completed",
        "reservation.canceled",
        "worker.deleted",
        "reservation.created",
    ]
    stage.complete(first)


def test_2_3_a_worker_who_is_deleted_moves_nowhere_first():
    """Its reservation is canceled; going back to Idle would make it available, and such a worker cannot be deleted."""
    stage = Stage()
    stage.workflow(filter_("1==1", step(stage.moving_queue())))
    worker = stage.worker("Alice")
    task = stage.task()
    assert stage.where(worker) == "Reserved"
    stage.forget()
    stage.engine.workers.delete(stage.now, worker)
    assert stage.happened() == ["reservation.canceled", "worker.deleted"]
    assert stage.event("worker.deleted").data["WorkerActivityName"] == "Reserved"
    assert task.assignment_status == "pending"


def test_2_3_pending_reservations_are_rejected_on_the_way_to_an_activity():
    stage = Stage()
    worker = stage.worker("Alice", stage.offline)
    with pytest.raises(TaskRouterError, match="needs ActivitySid"):
        stage.engine.workers.update(stage.now, worker, reject_pending_reservations=True)
