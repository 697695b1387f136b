"""Reservations from status to status, and when what is due happens, against `behaviour.md §2.2, §2.4`."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.errors import Gone, TaskRouterError
from taskrouter_sandbox.engine.model.options import CompatibilityOptions
from taskrouter_sandbox.engine.rules import transitions
from tests.engine.stage import Stage, filter_, one_queue, step, task_in

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
