"""Tasks, reservations and workers from status to status, against `behaviour.md §2`."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.errors import Gone, TaskRouterError
from taskrouter_sandbox.engine.model.options import CompatibilityOptions
from taskrouter_sandbox.engine.rules import transitions
from tests.engine.stage import Stage, filter_, step

TASK_STATUSES = ("pending", "reserved", "assigned", "wrapping", "completed", "canceled")


@pytest.fixture
def stage() -> Stage:
    return Stage()


def one_queue(stage: Stage, **settings) -> None:
    stage.workflow(default=stage.moving_queue(), **settings)


def task_in(stage: Stage, status: str):
    """A task of that status."""
    one_queue(stage)
    worker = stage.worker("Alice", stage.offline if status == "pending" else None)
    task = stage.task()
    if status in ("assigned", "wrapping", "completed"):
        stage.accept(task)
    if status == "wrapping":
        stage.engine.tasks.update(stage.now, task, assignment_status="wrapping")
    if status == "completed":
        stage.complete(task)
    if status == "canceled":
        stage.cancel(task)
    assert task.assignment_status == status
    stage.forget()
    return task, worker


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


# §2.2 reservations


@pytest.mark.parametrize("accepted", [False, True])
def test_2_2_the_moves_of_the_table_and_no_others(stage: Stage, accepted: bool):
    task, _ = task_in(stage, "assigned" if accepted else "reserved")
    reservation = stage.the(task)
    moves = {after for before, after in transitions.RESERVATION_MOVES if before == reservation.reservation_status}
    assert moves == (
        {"wrapping", "completed"} if accepted else {"accepted", "rejected", "timeout", "canceled", "rescinded"}
    )
    for status in {"pending", "accepted", "wrapping", "completed", "rejected"} - moves:
        with pytest.raises(TaskRouterError) as caught:
            transitions.check_reservation(reservation, status)  # type: ignore[arg-type]
        state = reservation.reservation_status
        words = f"Reservation {reservation.sid} is already in state [{state}] and cannot be updated to [{status}]. "
        assert caught.value.text.startswith(words)


@pytest.mark.parametrize("end", ["rejected", "timeout", "canceled", "rescinded", "completed"])
def test_2_2_a_reservation_that_has_ended_is_final(end: str):
    stage = Stage()
    one_queue(stage)
    stage.worker("Alice")
    reservation = stage.the(stage.task())
    reservation.reservation_status = end  # type: ignore[assignment]
    with pytest.raises(TaskRouterError) as caught:
        transitions.check_reservation(reservation, "accepted")
    assert caught.value.text == (
        f"Reservation {reservation.sid} is already in state [{end}] and cannot be updated to [accepted]. "
        f"A reservation that is {end} is final."
    )
    assert caught.value.status == (410 if end == "rescinded" else 400)


def test_2_2_accepting_rescinds_the_others():
    stage = Stage()
    stage.workflow(default=stage.moving_queue(max_reserved_workers=3))
    alice, bob, carol = (stage.worker(name) for name in ("Alice", "Bob", "Carol"))
    task = stage.task()
    of_alice, of_bob, of_carol = task.open.values()
    assert [stage.where(w) for w in (alice, bob, carol)] == ["Reserved"] * 3
    stage.forget()
    stage.accept(of_bob)
    assert task.assignment_status == "assigned"
    assert [r.reservation_status for r in (of_alice, of_bob, of_carol)] == ["rescinded", "accepted", "rescinded"]
    assert [stage.where(w) for w in (alice, bob, carol)] == ["Idle", "Busy", "Idle"]
    assert stage.happened("reservation") == ["reservation.accepted", "reservation.rescinded", "reservation.rescinded"]
    with pytest.raises(Gone) as caught:
        stage.accept(of_alice)
    assert caught.value.status == 410


def test_2_2_a_rescinded_worker_stays_where_it_went_meanwhile():
    stage = Stage()
    stage.workflow(default=stage.moving_queue(max_reserved_workers=2))
    alice, _ = stage.worker("Alice"), stage.worker("Bob")
    task = stage.task()
    stage.move(alice, stage.offline)
    stage.accept(list(task.open.values())[1])
    assert stage.where(alice) == "Offline"


def test_2_1_a_batch_waits_for_its_last_answer():
    """§2.1: back to pending only when all simultaneous reservations have ended unaccepted."""
    stage = Stage()
    stage.workflow(default=stage.queue(max_reserved_workers=2))
    stage.worker("Alice")
    stage.worker("Bob")
    task = stage.task()
    first, second = task.open.values()
    stage.reject(first, stage.offline)
    assert task.assignment_status == "reserved"
    stage.reject(second, stage.offline)
    assert task.assignment_status == "pending"


def test_2_2_a_reservation_times_out_on_the_millisecond(stage: Stage):
    one_queue(stage, task_reservation_timeout=5)
    worker = stage.worker("Alice")
    stage.pass_(3)
    task = stage.task()
    stage.pass_(4.999)
    assert task.assignment_status == "reserved"
    stage.pass_(0.001)
    (reservation,) = task.reservations.values()
    assert reservation.reservation_status == "timeout"
    assert task.assignment_status == "pending"
    assert stage.where(worker) == "Offline"


def test_2_2_the_default_timeout_is_120_seconds(stage: Stage):
    one_queue(stage)
    stage.worker("Alice")
    task = stage.task()
    assert stage.the(task).expires - stage.now == 120_000


def test_2_2_a_failed_assignment_cancels_the_reservation(stage: Stage):
    one_queue(stage)
    worker = stage.worker("Alice")
    task = stage.task()
    first = stage.the(task)
    stage.forget()
    stage.engine.reservations.cancel(stage.now, first)
    assert first.reservation_status == "canceled"
    assert stage.happened()[:2] == ["reservation.canceled", "worker.activity.update"]
    assert stage.who(task) == ["Alice"]  # back to Idle, and asked again at once
    assert worker.activity_sid == stage.reserved.sid


def test_2_2_a_reservation_wraps_up_and_completes_with_its_task():
    stage = Stage(multi=True)
    stage.workflow(default=stage.queue())
    worker = stage.worker("Alice")
    task = stage.task()
    reservation = stage.accept(task)
    channel = worker.channels[task.task_channel_sid]
    assert (channel.used, channel.assigned) == (1, 1)
    stage.engine.reservations.wrap_up_or_complete(stage.now, reservation, "wrapping")
    assert (task.assignment_status, reservation.reservation_status) == ("wrapping", "wrapping")
    assert (channel.used, channel.assigned) == (1, 0)  # §6.3: capacity stays used, assigned_tasks are accepted ones
    stage.engine.reservations.wrap_up_or_complete(stage.now, reservation, "completed")
    assert (task.assignment_status, reservation.reservation_status) == ("completed", "completed")
    assert (channel.used, channel.assigned) == (0, 0)


# §2.3 where workers go


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


# §2.4 timing


def three_steps(options: CompatibilityOptions) -> tuple[Stage, object]:
    """The documentation's example: three steps of 10 s, a reservation timeout of 5 s, reserved at an age of 3 s."""
    stage = Stage(options=options)
    queues = [stage.queue(name) for name in ("Q1", "Q2", "Q3")]
    stage.workflow(filter_("1==1", *(step(queue, timeout=10) for queue in queues)), task_reservation_timeout=5)
    task = stage.task()
    stage.pass_(3)
    stage.worker("Alice")
    assert task.assignment_status == "reserved"
    return stage, task


def test_2_4_the_worked_example_as_the_documentation_has_it():
    """After the failed reservation at 8 s the task maps to Q2, whose limit is 20: the step ends 12 s later."""
    stage, task = three_steps(CompatibilityOptions(after_failed_reservation="move"))
    stage.pass_(5)
    assert (stage.in_queue(task), task.assignment_status) == ("Q2", "pending")
    stage.pass_(11.999)
    assert stage.in_queue(task) == "Q2"
    stage.pass_(0.001)
    assert stage.in_queue(task) == "Q3"


def test_2_4_the_worked_example_as_the_sandbox_has_it():
    """§11: the task stays in its step while its age is below the limit (LIFE-W)."""
    stage, task = three_steps(CompatibilityOptions())
    stage.pass_(5)
    assert (stage.in_queue(task), task.assignment_status) == ("Q1", "pending")
    stage.pass_(1.999)
    assert stage.in_queue(task) == "Q1"
    stage.pass_(0.001)
    assert stage.in_queue(task) == "Q2"
    stage.pass_(10)
    assert stage.in_queue(task) == "Q3"
    stage.pass_(10)
    assert task.assignment_status == "canceled"


def test_2_4_with_no_further_step_a_task_stays_under_either_rule():
    stage = Stage(options=CompatibilityOptions(after_failed_reservation="move"))
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=30)), task_reservation_timeout=5)
    stage.worker("Alice")
    task = stage.task()
    stage.pass_(5)
    assert (stage.in_queue(task), task.assignment_status) == ("Q1", "pending")


def test_2_4_limits_add_up_and_count_the_age_of_the_task():
    stage = Stage()
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    stage.workflow(
        filter_("1==1", step(q1, timeout=10), step(q2, timeout="5", skip_if="1==2"), step(q1)),
    )
    task = stage.task(virtual_start_time=stage.now - 3_600_000)  # its age still counts from its creation
    stage.pass_(10)
    assert stage.in_queue(task) == "Q2"
    stage.pass_(4.999)
    assert stage.in_queue(task) == "Q2"
    stage.pass_(0.001)
    assert stage.in_queue(task) == "Q1"
    stage.pass_(3_600)
    assert (stage.in_queue(task), task.assignment_status) == ("Q1", "pending")


def test_2_4_a_step_does_not_cut_a_reservation_short():
    stage = Stage()
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    stage.workflow(filter_("1==1", step(q1, timeout=10), step(q2)), task_reservation_timeout=60)
    stage.worker("Alice")
    task = stage.task()
    stage.pass_(30)
    assert (stage.in_queue(task), task.assignment_status) == ("Q1", "reserved")
    stage.pass_(30)
    assert (stage.in_queue(task), task.assignment_status) == ("Q2", "pending")


def test_2_4_what_is_due_happens_in_order_and_at_its_own_time():
    stage = Stage()
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=10)), task_reservation_timeout=5)
    stage.worker("Alice")
    stage.task()
    start = stage.now
    stage.forget()
    stage.pass_(3_600)
    ends = [(e.event_type, (e.date_created - start) // 1000) for e in stage.events] if stage.happened() else []
    assert ends == [
        ("reservation.timeout", 5),
        ("worker.activity.update", 5),
        ("task-queue.timeout", 10),
        ("workflow.timeout", 10),
        ("task.canceled", 10),
    ]
    assert not stage.state.tasks  # five minutes later
    assert stage.engine.next_due() is None


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
