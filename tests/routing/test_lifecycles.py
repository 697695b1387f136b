"""How tasks, reservations and workers move (behaviour.md §2)."""

from __future__ import annotations

import pytest

from helpers.sandbox.routing import lifecycle
from helpers.sandbox.routing.refusals import Gone, Refusal
from tests.routing.stage import Stage

DAY = 86_400


@pytest.fixture
def stage() -> Stage:
    """Single-tasking; one queue that moves its workers; one workflow."""
    stage = Stage()
    stage.all = stage.moving_queue()
    stage.flow = stage.workflow(default=stage.all)
    stage.forget()
    return stage


@pytest.fixture
def modern() -> Stage:
    """Multitasking, with a queue that names activities all the same."""
    stage = Stage(multi=True)
    stage.all = stage.moving_queue()
    stage.flow = stage.workflow(default=stage.all)
    stage.forget()
    return stage


class TestTasks:
    """§2.1."""

    def in_status(self, stage: Stage, status: str):
        task = stage.task()
        if status == "canceled":
            stage.cancel(task)
        if status in ("pending", "canceled"):
            return task
        stage.worker("Alice")
        if status == "reserved":
            return task
        stage.accept(task)
        if status == "wrapping":
            stage.router.tasks.update(stage.now, task, assignment_status="wrapping")
        if status == "completed":
            stage.complete(task)
        return task

    @pytest.mark.parametrize("before", ["pending", "reserved", "assigned", "wrapping", "completed", "canceled"])
    @pytest.mark.parametrize("after", ["wrapping", "completed", "canceled"])
    def test_every_move_that_an_app_can_ask_for(self, stage, before, after):
        """Exactly the moves of the table are made; the others are refused and change nothing."""
        task = self.in_status(stage, before)
        assert task.assignment_status == before
        version = task.version
        if before == after == "wrapping":  # asked again, it changes nothing (rest-contract.md §9.1)
            stage.router.tasks.update(stage.now, task, assignment_status=after)
            assert task.assignment_status == "wrapping"
        elif (before, after) in lifecycle.TASK_MOVES:
            stage.router.tasks.update(stage.now, task, assignment_status=after)
            assert task.assignment_status == after
        else:
            with pytest.raises(Refusal):
                stage.router.tasks.update(stage.now, task, assignment_status=after)
            assert (task.assignment_status, task.version) == (before, version)

    @pytest.mark.parametrize("status", ["pending", "reserved", "assigned"])
    def test_what_taskrouter_does_by_itself_cannot_be_written(self, stage, status):
        with pytest.raises(Refusal, match="does that by itself"):
            stage.router.tasks.update(stage.now, stage.task(), assignment_status=status)

    def test_canceling_a_reserved_task_cancels_its_reservation_with_the_reason(self, stage):
        alice, task = stage.worker("Alice"), stage.task()
        stage.cancel(task, "caller hung up")
        (reservation,) = task.reservations.values()
        assert (reservation.reservation_status, task.reason) == ("canceled", "caller hung up")
        assert stage.event("task.canceled").data["TaskCanceledReason"] == "caller hung up"
        assert stage.where(alice) == "Idle"

    def test_the_ttl_counts_while_a_task_is_pending_or_reserved(self, stage):
        waiting = stage.task(timeout=60)
        stage.pass_(59)
        assert waiting.assignment_status == "pending"
        stage.pass_(1)
        assert (waiting.assignment_status, waiting.reason) == ("canceled", "Task TTL Exceeded")

        stage.worker("Alice")
        held = stage.task(timeout=60)
        stage.pass_(60)
        assert held.assignment_status == "canceled"
        assert stage.happened("reservation")[-1] == "reservation.canceled"

    def test_the_ttl_does_not_touch_an_assigned_task(self, stage):
        stage.worker("Alice")
        task = stage.task(timeout=60)
        stage.accept(task)
        stage.pass_(3600)
        assert task.assignment_status == "assigned"

    def test_a_task_assigned_for_a_day_is_deleted_by_the_system(self, stage):
        stage.worker("Alice")
        task = stage.task()
        stage.accept(task)
        stage.pass_(DAY - 1)
        assert task.sid in stage.state.tasks
        stage.pass_(1)
        assert task.sid not in stage.state.tasks
        assert "task.system-deleted" in stage.happened()

    @pytest.mark.parametrize("end", ["completed", "canceled"])
    def test_a_finished_task_is_removed_after_five_minutes(self, stage, end):
        task = TestTasks().in_status(stage, end)
        stage.pass_(299)
        assert task.sid in stage.state.tasks
        stage.pass_(1)
        assert task.sid not in stage.state.tasks
        assert not stage.state.reservations

    def test_a_thousand_attempts_end_a_task(self, stage):
        """Each move from pending to reserved counts (LIM)."""
        stage.worker("Alice")
        task = stage.task()
        for _ in range(lifecycle.MAX_ATTEMPTS):
            stage.reject(task)
        assert task.assignment_status == "canceled"
        assert task.reason == "Task TTL Exceeded or Max assignment count exceeded"

    def test_versions_count_the_moves(self, stage):
        """0 pending, 1 reserved, 2 assigned (SDK mocks)."""
        task = stage.task()
        assert task.version == 0
        stage.worker("Alice")
        assert task.version == 1
        stage.accept(task)
        assert task.version == 2

    def test_status_and_attributes_cannot_change_in_one_request(self, stage):
        task = TestTasks().in_status(stage, "assigned")
        with pytest.raises(Refusal, match="one request"):
            stage.router.tasks.update(stage.now, task, assignment_status="completed", attributes="{}")
        waiting = stage.task()
        stage.router.tasks.update(stage.now, waiting, assignment_status="canceled", attributes='{"a":1}')
        assert waiting.attributes == '{"a":1}'

    def test_deleting_an_accepted_task_completes_its_reservation(self, stage):
        task = TestTasks().in_status(stage, "assigned")
        stage.forget()
        stage.router.tasks.delete(stage.now, task)
        assert stage.happened() == ["reservation.completed", "task.deleted"]


class TestReservations:
    """§2.2."""

    def test_accepting_assigns_the_task(self, stage):
        stage.worker("Alice")
        task = stage.task()
        assert stage.accept(task).reservation_status == "accepted"
        assert task.assignment_status == "assigned"

    def test_rejecting_puts_the_task_back_and_it_is_routed_again(self, stage):
        alice, bob = stage.worker("Alice"), stage.worker("Bob")
        task = stage.task()
        assert stage.who(task) == ["Alice"]
        stage.reject(task)
        assert stage.who(task) == ["Bob"]
        assert (stage.where(alice), stage.where(bob)) == ("Idle", "Reserved")

    def test_the_same_worker_may_be_asked_again_at_once(self, stage):
        """§7: after a reject with an available worker."""
        stage.worker("Alice")
        task = stage.task()
        first = stage.reject(task)
        assert stage.the(task) is not first
        assert stage.who(task) == ["Alice"]

    def test_the_timer_of_every_reservation_begins_at_zero(self, stage):
        stage.router.workflows.update(stage.now, stage.flow, task_reservation_timeout=30)
        alice = stage.worker("Alice")
        task = stage.task()
        stage.pass_(29)
        stage.reject(task)
        stage.pass_(29)
        assert stage.the(task).reservation_status == "pending"
        stage.pass_(1)
        assert task.assignment_status == "pending"
        assert stage.where(alice) == "Offline"

    def test_a_reservation_that_was_answered_does_not_time_out(self, stage):
        stage.worker("Alice")
        task = stage.task()
        reservation = stage.accept(task)
        stage.pass_(1000)
        assert reservation.reservation_status == "accepted"

    @pytest.mark.parametrize("how", ["rejected", "timeout", "canceled", "completed", "accepted"])
    def test_what_has_ended_is_final(self, stage, how):
        stage.worker("Alice")
        task = stage.task()
        reservation = stage.the(task)
        match how:
            case "rejected":
                stage.reject(reservation, stage.offline)
            case "timeout":
                stage.pass_(120)
            case "canceled":
                stage.cancel(task)
            case "completed":
                stage.accept(task)
                stage.complete(task)
            case "accepted":
                stage.accept(task)
        assert reservation.reservation_status == how
        with pytest.raises(Refusal, match=f"because it is {how}"):
            stage.reject(reservation)

    def test_the_first_accept_wins_and_the_others_are_rescinded(self):
        stage = Stage()
        stage.workflow(default=stage.moving_queue(max_reserved_workers=2))
        workers = [stage.worker(name) for name in ("Alice", "Bob", "Carla")]
        task = stage.task()
        first, second = task.open.values()
        stage.forget()
        stage.accept(second)
        assert (first.reservation_status, second.reservation_status) == ("rescinded", "accepted")
        assert [stage.where(worker) for worker in workers] == ["Idle", "Busy", "Idle"]
        assert task.attempts == 1
        with pytest.raises(Gone):
            stage.accept(first)

    def test_a_batch_fails_only_when_all_of_it_has_failed(self):
        """§2.1: with several simultaneous reservations only when all ended unaccepted."""
        stage = Stage()
        stage.workflow(default=stage.moving_queue(max_reserved_workers=2))
        for name in ("Alice", "Bob"):
            stage.worker(name)
        task = stage.task()
        first, second = task.open.values()
        stage.reject(first, stage.offline)
        assert task.assignment_status == "reserved"
        stage.reject(second, stage.offline)
        assert task.assignment_status == "pending"

    def test_wrapping_and_completing_follow_the_task(self, stage):
        stage.worker("Alice")
        task = stage.task()
        reservation = stage.accept(task)
        stage.router.tasks.update(stage.now, task, assignment_status="wrapping")
        assert reservation.reservation_status == "wrapping"
        stage.complete(task)
        assert reservation.reservation_status == "completed"
        assert stage.happened("reservation")[-2:] == ["reservation.wrapup", "reservation.completed"]


class TestWorkers:
    """§2.3."""

    def test_a_single_tasking_worker_is_moved_by_the_queue(self, stage):
        alice, task = stage.worker("Alice"), stage.task()
        assert stage.where(alice) == "Reserved"
        stage.accept(task)
        assert stage.where(alice) == "Busy"
        stage.complete(task)
        assert stage.where(alice) == "Busy"

    def test_a_multitasking_worker_is_not(self, modern):
        alice, task = modern.worker("Alice"), modern.task()
        assert modern.where(alice) == "Idle"
        modern.accept(task)
        modern.complete(task)
        assert modern.where(alice) == "Idle"

    @pytest.mark.parametrize("multi", [False, True])
    def test_a_timeout_moves_the_worker_in_both(self, multi):
        stage = Stage(multi=multi)
        stage.workflow(default=stage.queue())
        alice = stage.worker("Alice")
        stage.task()
        stage.pass_(120)
        assert stage.where(alice) == "Offline"

    def test_the_timeout_activity_is_the_workspaces(self, stage):
        stage.router.update(stage.now, timeout_activity_sid=stage.busy.sid)
        alice = stage.worker("Alice")
        stage.task()
        stage.pass_(120)
        assert stage.where(alice) == "Busy"

    def test_a_new_worker_is_in_the_default_activity(self, stage):
        assert stage.where(stage.router.workers.create(stage.now, friendly_name="Alice")) == "Offline"

    def test_reject_goes_to_the_given_activity_or_back(self, stage):
        alice = stage.worker("Alice")
        task = stage.task()
        stage.reject(task, stage.busy)
        assert stage.where(alice) == "Busy"
        stage.move(alice, stage.idle)
        reservation = stage.the(task)
        stage.move(alice, stage.offline)
        stage.reject(reservation)
        assert stage.where(alice) == "Offline"

    def test_pending_reservations_stay_with_a_worker_who_leaves(self, stage):
        alice, task = stage.worker("Alice"), stage.task()
        stage.move(alice, stage.offline)
        assert stage.the(task).reservation_status == "pending"

    def test_unless_they_are_to_be_rejected(self, stage):
        alice, task = stage.worker("Alice"), stage.task()
        with pytest.raises(Refusal, match="Available activity state"):
            stage.move(alice, stage.idle, reject_pending_reservations=True)
        stage.move(alice, stage.offline, reject_pending_reservations=True)
        assert task.assignment_status == "pending"
        assert stage.where(alice) == "Offline"

    def test_multitasking_can_be_turned_on_but_not_off(self, stage, modern):
        stage.router.update(stage.now, multi_task_enabled=True)
        with pytest.raises(Refusal, match="cannot be turned off"):
            modern.router.update(modern.now, multi_task_enabled=False)

    def test_time_in_the_previous_activity_is_told_in_whole_seconds_and_milliseconds(self, stage):
        """§4.3: seconds are truncated."""
        alice = stage.worker("Alice", stage.offline)
        stage.pass_(1.901)
        stage.forget()
        stage.move(alice, stage.idle)
        data = stage.event("worker.activity.update").data
        assert (data["WorkerTimeInPreviousActivity"], data["WorkerTimeInPreviousActivityMs"]) == ("1", "1901")
