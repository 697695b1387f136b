"""Tasks from status to status, against `behaviour.md §2.1`."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.engine.rules import transitions
from tests.engine.stage import Stage, one_queue, task_in

TASK_STATUSES = ("pending", "reserved", "assigned", "wrapping", "completed", "canceled")


# §2.1 tasks


@pytest.mark.parametrize("to", ["wrapping", "completed", "canceled"])
@pytest.mark.parametrize("status", TASK_STATUSES)
def test_2_1_what_may_be_written_on_a_task(stage: Stage, status: str, to: str):
    allowed = {
        ("pending", "canceled"),
        ("reserved", "canceled"),
        ("assigned", "wrapping"),
        ("assigned", "completed"),
        ("wrapping", "completed"),
        ("wrapping", "wrapping"),  # nothing happens (rest-contract.md §9.1)
    }
    task, _ = task_in(stage, status)
    version = task.version
    if (status, to) in allowed:
        stage.engine.tasks.update(stage.now, task, assignment_status=to)
        assert task.assignment_status == to
    else:
        with pytest.raises(TaskRouterError):
            stage.engine.tasks.update(stage.now, task, assignment_status=to)
        assert (task.assignment_status, task.version) == (status, version)
        assert stage.happened() == []


@pytest.mark.parametrize("to", ["pending", "reserved", "assigned"])
def test_2_1_other_statuses_cannot_be_written(stage: Stage, to: str):
    task, _ = task_in(stage, "pending")
    with pytest.raises(TaskRouterError, match="TaskRouter does that by itself"):
        stage.engine.tasks.update(stage.now, task, assignment_status=to)


@pytest.mark.parametrize(
    ("status", "to", "text"),
    [
        ("assigned", "canceled", "Cannot cancel task {} because it is not pending or reserved."),
        ("pending", "completed", "Cannot complete task {} because it is not currently assigned."),
        ("pending", "wrapping", "Cannot wrap up a task {} because it is not currently assigned."),
    ],
)
def test_2_1_refusals_in_the_words_of_the_service(stage: Stage, status: str, to: str, text: str):
    task, _ = task_in(stage, status)
    with pytest.raises(TaskRouterError) as caught:
        stage.engine.tasks.update(stage.now, task, assignment_status=to)
    workspace = stage.engine.workspace.sid
    assert caught.value.text == text.format(f"{task.sid} in workspace {workspace} for account {'AC' + '0' * 32}")


def test_2_1_the_moves_of_the_table_and_no_others():
    assert set(transitions.TASK_MOVES) == {
        ("pending", "reserved"),
        ("reserved", "pending"),
        ("reserved", "assigned"),
        ("assigned", "wrapping"),
        ("assigned", "completed"),
        ("wrapping", "completed"),
        ("pending", "canceled"),
        ("reserved", "canceled"),
        ("assigned", "pending"),
        ("pending", "assigned"),
    }


def test_2_1_versions_count_the_moves(stage: Stage):
    one_queue(stage)
    task = stage.task()
    assert task.version == 0
    stage.worker("Alice")
    assert (task.assignment_status, task.version) == ("reserved", 1)
    stage.accept(task)
    assert (task.assignment_status, task.version) == ("assigned", 2)


def test_2_1_status_and_attributes_not_in_one_request(stage: Stage):
    task, _ = task_in(stage, "assigned")
    for status in ("wrapping", "completed"):
        with pytest.raises(TaskRouterError, match="in one request"):
            stage.engine.tasks.update(stage.now, task, assignment_status=status, attributes="{}")


def test_2_1_canceled_may_come_with_attributes(stage: Stage):
    """rest-contract.md §9.1: the documentation's own sample sends both."""
    task, _ = task_in(stage, "pending")
    stage.engine.tasks.update(stage.now, task, assignment_status="canceled", attributes='{"a": 1}', reason="no")
    assert (task.assignment_status, task.attributes, task.reason) == ("canceled", '{"a":1}', "no")
    assert stage.happened() == ["task.updated", "task.canceled"]


def test_2_1_a_reason_is_kept_and_none_is_needed(stage: Stage):
    task, _ = task_in(stage, "reserved")
    stage.cancel(task)
    assert task.reason is None
    other = Stage()
    task, _ = task_in(other, "reserved")
    other.cancel(task, "changed my mind")
    assert task.reason == "changed my mind"
    assert other.event("task.canceled").data["TaskCanceledReason"] == "changed my mind"


@pytest.mark.parametrize("first", ["accepted", "wrapping"])
def test_2_1_a_task_that_ends_with_its_reservation_has_the_reason_of_the_service(stage: Stage, first: str):
    task, _ = task_in(stage, "assigned")
    reservation = stage.the(task)
    if first == "wrapping":
        stage.engine.reservations.wrap_up_or_complete(stage.now, reservation, "wrapping")
        assert task.reason is None
    stage.engine.reservations.wrap_up_or_complete(stage.now, reservation, "completed")
    assert (task.assignment_status, task.reason) == ("completed", "All reservations were completed")
    assert stage.event("task.completed").data["TaskCompletedReason"] == "All reservations were completed"


@pytest.mark.parametrize(("then", "kept"), [(None, "talked"), ("sold", "sold")])
def test_2_1_the_reason_of_wrapping_stays_until_there_is_another(stage: Stage, then: str | None, kept: str):
    task, _ = task_in(stage, "assigned")
    stage.engine.tasks.update(stage.now, task, assignment_status="wrapping", reason="talked")
    assert task.reason == "talked"
    stage.complete(task, then)
    assert task.reason == kept


def test_2_1_a_completed_reservation_has_the_last_word_about_the_reason(stage: Stage):
    task, _ = task_in(stage, "assigned")
    stage.engine.tasks.update(stage.now, task, assignment_status="wrapping", reason="talked")
    stage.engine.reservations.wrap_up_or_complete(stage.now, stage.the(task), "completed")
    assert task.reason == stage.event("task.completed").data["TaskCompletedReason"] == "All reservations were completed"


def test_2_1_canceling_a_reserved_task_cancels_its_reservations(stage: Stage):
    task, worker = task_in(stage, "reserved")
    reservation = stage.the(task)
    stage.cancel(task, "gone")
    assert reservation.reservation_status == "canceled"
    assert stage.where(worker) == "Idle"
    assert stage.happened() == ["task.canceled", "reservation.canceled", "worker.activity.update"]


def test_2_1_deleting_an_accepted_task_completes_its_reservation(stage: Stage):
    task, worker = task_in(stage, "assigned")
    stage.engine.tasks.delete(stage.now, task)
    assert stage.happened() == ["reservation.completed", "task.deleted"]
    assert stage.where(worker) == "Busy"
    assert not stage.state.tasks
    assert not stage.state.reservations


def test_2_1_deleting_a_reserved_task_takes_all_its_reservations_along():
    """rest-contract.md §8: pending reservations are deleted with it."""
    stage = Stage(multi=True)
    stage.workflow(default=stage.queue(max_reserved_workers=3))
    workers = [stage.worker(name) for name in ("Alice", "Bob", "Carol")]
    task = stage.task()
    assert stage.who(task) == ["Alice", "Bob", "Carol"]
    stage.engine.tasks.delete(stage.now, task)
    assert not stage.state.reservations
    assert not any(worker.open for worker in workers)
    assert stage.who(stage.task()) == ["Alice", "Bob", "Carol"]


def test_2_1_time_to_live_ends_pending_and_reserved_tasks(stage: Stage):
    one_queue(stage, task_reservation_timeout=600)
    waiting = stage.task(timeout=60)
    stage.pass_(59.999)
    assert waiting.assignment_status == "pending"
    stage.pass_(0.001)
    assert (waiting.assignment_status, waiting.reason) == ("canceled", "Task TTL Exceeded")
    stage.worker("Alice")
    reserved = stage.task(timeout=60)
    stage.pass_(60)
    assert (reserved.assignment_status, reserved.reason) == ("canceled", "Task TTL Exceeded")
    assert [r.reservation_status for r in reserved.reservations.values()] == ["canceled"]


def test_2_1_time_to_live_does_not_count_once_assigned(stage: Stage):
    one_queue(stage)
    stage.worker("Alice")
    task = stage.task(timeout=60)
    stage.accept(task)
    stage.pass_(3_600)
    assert task.assignment_status == "assigned"


@pytest.mark.parametrize("status", ["assigned", "wrapping"])
def test_2_1_the_system_deletes_what_is_assigned_for_a_day(stage: Stage, status: str):
    task, worker = task_in(stage, status)
    stage.pass_(86_399)
    assert task.sid in stage.state.tasks
    stage.pass_(1)
    assert task.sid not in stage.state.tasks
    assert stage.happened() == ["reservation.completed", "task.system-deleted"]
    assert not worker.open


@pytest.mark.parametrize("status", ["completed", "canceled"])
def test_2_1_an_ended_task_can_be_fetched_for_five_minutes(stage: Stage, status: str):
    task, _ = task_in(stage, status)
    stage.pass_(299)
    assert task.sid in stage.state.tasks
    stage.pass_(1)
    assert task.sid not in stage.state.tasks
    assert not stage.state.reservations
    assert stage.happened() == []


def test_2_1_a_thousand_attempts_and_no_more():
    stage = Stage()
    stage.workflow(default=stage.queue())
    stage.worker("Alice")
    task = stage.task()
    for _ in range(999):
        stage.reject(task)
    assert (task.assignment_status, task.attempts) == ("reserved", 1000)
    stage.forget()
    stage.reject(task)
    assert task.assignment_status == "canceled"
    assert task.reason == "Task TTL Exceeded or Max assignment count exceeded"
    assert stage.happened() == ["reservation.rejected", "task.canceled"]


def test_2_1_a_batch_of_reservations_is_one_attempt():
    """rest-contract.md §12: a multi-reservation counts once."""
    stage = Stage(multi=True)
    stage.workflow(default=stage.queue(max_reserved_workers=2))
    stage.worker("Alice")
    stage.worker("Bob")
    assert stage.task().attempts == 1
