"""The way of a task through its workflow (behaviour.md §2.4, §5)."""

from __future__ import annotations

import pytest

from helpers.sandbox.routing.refusals import Refusal
from helpers.sandbox.routing.rules import Rules
from tests.routing.stage import Stage, filter_, routing, step


@pytest.fixture
def stage() -> Stage:
    """Three queues without workers of their own: A, B, C."""
    return with_queues(Stage())


def with_queues(stage: Stage) -> Stage:
    for name in "ABC":
        setattr(stage, name, stage.queue(name, target_workers=f'team == "{name}"'))
    stage.forget()
    return stage


class TestFilters:
    """§5.2, steps 1 and 2."""

    def test_the_first_filter_that_is_true_wins(self, stage):
        stage.workflow(
            filter_("language == 'es'", step(stage.A)),
            filter_("1==1", step(stage.B)),
            filter_("language == 'es'", step(stage.C)),
        )
        assert stage.in_queue(stage.task(attributes={"language": "es"})) == "A"
        assert stage.in_queue(stage.task(attributes={"language": "en"})) == "B"

    def test_the_default_filter_takes_what_nothing_matched(self, stage):
        stage.workflow(filter_("1==2", step(stage.A)), default=stage.B)
        task = stage.task()
        assert stage.in_queue(task) == "B"
        stage.pass_(86_399)
        assert task.assignment_status == "pending"

    def test_with_neither_the_task_is_refused_and_nothing_is_left_of_it(self, stage):
        """§5.5, a misspelt attribute: sources differ; refused."""
        stage.workflow(filter_("selected_language == 'es'", step(stage.A)))
        stage.forget()
        with pytest.raises(Refusal, match="match no filter"):
            stage.task(attributes={"selected_langauge": "es"})
        assert (stage.state.tasks, stage.happened()) == ({}, [])

    def test_a_step_sets_the_priority_and_one_without_keeps_it(self, stage):
        stage.workflow(filter_("1==1", step(stage.A, priority="7", timeout=10), step(stage.B)))
        task = stage.task(priority=3)
        assert task.priority == 7
        stage.pass_(10)
        assert (stage.in_queue(task), task.priority) == ("B", 7)

    def test_later_steps_inherit_the_queue_but_not_the_expression(self, stage):
        """§5.1."""
        stage.workflow(
            filter_("1==1", step(stage.A, expression="worker.senior == true", timeout=10), step(None, timeout=10))
        )
        junior = stage.worker("Junior", team="A")
        task = stage.task()
        assert task.assignment_status == "pending"
        stage.pass_(10)
        assert stage.in_queue(task) == "A"
        assert stage.who(task) == ["Junior"]
        assert junior.open

    def test_filters_see_the_time(self, stage):
        """§6.3, in UTC: it is Tuesday, 22:13."""
        stage.workflow(
            filter_("taskrouter.dayOfWeek == 'TUE' AND taskrouter.currentHour >= 22", step(stage.A)), default=stage.B
        )
        assert stage.in_queue(stage.task()) == "A"
        stage.pass_(2 * 3600)
        assert stage.in_queue(stage.task()) == "B"


class TestTimeouts:
    """§2.4, and §5.2, step 4."""

    def test_timeouts_of_steps_add_up_against_the_age_of_the_task(self, stage):
        stage.workflow(filter_("1==1", *(step(queue, timeout=10) for queue in (stage.A, stage.B, stage.C))))
        task = stage.task()
        for age, queue in ((9, "A"), (10, "B"), (19, "B"), (20, "C"), (29, "C")):
            stage.pass_(age - (stage.now - task.date_created) / 1000)
            assert stage.in_queue(task) == queue
        stage.forget()
        stage.pass_(1)
        assert (task.assignment_status, task.reason) == ("canceled", "Task canceled on Workflow timeout")
        assert stage.happened() == ["task-queue.timeout", "workflow.timeout", "task.canceled"]

    @pytest.mark.parametrize(("rule", "queue_after", "ends_at"), [("stay", "A", 30), ("move", "B", 30)])
    def test_the_worked_example(self, rule, queue_after, ends_at):
        """Q1, Q2, Q3 of 10 s each, reservation timeout 5 s; reserved at 3, timed out at 8.

        By the example the task maps to Q2, whose limit is 20; by LIFE-W it stays in Q1, whose limit is 10.
        """
        stage = with_queues(Stage(rules=Rules(after_failed_reservation=rule)))
        targets = [step(queue, timeout=10) for queue in (stage.A, stage.B, stage.C)]
        stage.workflow(filter_("1==1", *targets), task_reservation_timeout=5)
        task = stage.task()
        stage.pass_(3)
        stage.worker("Alice", team="A")
        assert task.assignment_status == "reserved"
        stage.pass_(5)
        assert task.assignment_status == "pending"
        assert stage.in_queue(task) == queue_after
        stage.pass_(12)
        assert stage.in_queue(task) == "C"
        stage.pass_(ends_at - 20)
        assert task.assignment_status == "canceled"

    def test_a_step_that_is_over_does_not_cut_a_pending_reservation_short(self, stage):
        stage.workflow(filter_("1==1", step(stage.A, timeout=10), step(stage.B)), task_reservation_timeout=30)
        stage.worker("Alice", team="A")
        task = stage.task()
        stage.pass_(20)
        assert task.assignment_status == "reserved"
        stage.reject(task)
        assert stage.in_queue(task) == "B"

    def test_after_the_last_step_comes_the_next_matching_filter(self, stage):
        stage.workflow(
            filter_("1==1", step(stage.A, timeout=10)),
            filter_("1==2", step(stage.B)),
            filter_("1==1", step(stage.C)),
        )
        task = stage.task()
        stage.pass_(10)
        assert stage.in_queue(task) == "C"

    def test_the_default_filter_is_no_catch_all_after_timeouts(self, stage):
        stage.workflow(filter_("1==1", step(stage.A, timeout=10)), default=stage.B)
        task = stage.task()
        stage.pass_(10)
        assert task.assignment_status == "canceled"


class TestSkipIf:
    """§5.3."""

    def test_a_step_is_skipped_when_nobody_can_be_reserved_at_once(self, stage):
        stage.workflow(filter_("1==1", step(stage.A, skip_if="workers.available == 0"), step(stage.B)))
        assert stage.in_queue(stage.task()) == "B"
        stage.worker("Alice", team="A")
        reserved = stage.task()
        assert stage.who(reserved) == ["Alice"]

    def test_counts_are_of_the_queue_and_of_activities(self, stage):
        condition = f"workers.{stage.busy.sid} == 1 AND workers.unavailable == 1 AND workers.available == 0"
        stage.workflow(filter_("1==1", step(stage.A, skip_if=condition), step(stage.B)))
        stage.worker("Elsewhere", team="B")
        stage.worker("Alice", stage.busy, team="A")
        assert stage.in_queue(stage.task()) == "B"

    def test_past_the_last_step_comes_the_next_matching_filter(self, stage):
        stage.workflow(filter_("1==1", step(stage.A, skip_if="1==1")), filter_("1==1", step(stage.C)))
        assert stage.in_queue(stage.task()) == "C"

    def test_when_every_filter_was_skipped_the_default_filter_applies(self, stage):
        stage.workflow(filter_("1==1", step(stage.A, skip_if="1==1")), default=stage.B)
        assert stage.in_queue(stage.task()) == "B"

    def test_without_one_the_task_has_been_skipped(self, stage):
        stage.workflow(filter_("1==1", step(stage.A, skip_if="1==1")))
        stage.forget()
        task = stage.task()
        assert task.assignment_status == "canceled"
        assert stage.happened()[-2:] == ["workflow.skipped", "task.canceled"]


class TestKnownAgents:
    """§5.4."""

    @pytest.fixture
    def known(self, stage) -> Stage:
        stage.workflow(filter_("1==1", step(stage.A, known_worker_sid="task.agent", timeout=60), step(stage.B)))
        stage.forget()
        return stage

    def test_the_wanted_worker_is_reserved_and_nobody_else(self, known):
        known.worker("Other", team="A")
        alice = known.worker("Alice", team="A")
        assert known.who(known.task(attributes={"agent": alice.sid})) == ["Alice"]

    def test_a_wanted_worker_who_is_away_is_waited_for(self, known):
        known.worker("Other", team="A")
        alice = known.worker("Alice", known.offline, team="A")
        task = known.task(attributes={"agent": alice.sid})
        assert (task.assignment_status, known.in_queue(task)) == ("pending", "A")
        known.move(alice, known.idle)
        assert known.who(task) == ["Alice"]

    def test_one_who_is_not_in_the_queue(self, known):
        bob = known.worker("Bob", team="B")
        task = known.task(attributes={"agent": bob.sid})
        assert known.in_queue(task) == "B"
        assert known.alerted() == [40152]

    def test_one_who_does_not_exist(self, known):
        assert known.in_queue(known.task(attributes={"agent": "WK" + "0" * 32})) == "B"
        assert known.alerted() == [40154]

    def test_a_real_null_passes_without_an_error(self, known):
        assert known.in_queue(known.task(attributes={"agent": None})) == "B"
        assert known.alerted() == []

    def test_by_friendly_name(self, stage):
        stage.workflow(filter_("1==1", step(stage.A, known_worker_friendly_name="task.agent")))
        stage.worker("Other", team="A")
        stage.worker("Alice", team="A")
        assert stage.who(stage.task(attributes={"agent": "Alice"})) == ["Alice"]


class TestReEvaluation:
    """§5.2, step 5."""

    def test_tasks_in_flight_keep_the_old_routing(self, stage):
        flow = stage.workflow(filter_("1==1", step(stage.A, timeout=10), step(stage.B)))
        old = stage.task()
        stage.router.workflows.update(stage.now, flow, configuration=routing(filter_("1==1", step(stage.C))))
        assert (stage.in_queue(old), stage.in_queue(stage.task())) == ("A", "C")
        stage.pass_(10)
        assert stage.in_queue(old) == "B"

    def test_unless_they_are_to_be_evaluated_again(self, stage):
        flow = stage.workflow(filter_("1==1", step(stage.A)))
        task = stage.task()
        stage.forget()
        newer = routing(filter_("1==1", step(stage.C)))
        stage.router.workflows.update(stage.now, flow, configuration=newer, re_evaluate_tasks=True)
        assert stage.in_queue(task) == "C"
        assert "task-queue.moved" in stage.happened()

    def test_a_queue_that_tasks_are_in_cannot_be_deleted(self, stage):
        flow = stage.workflow(filter_("1==1", step(stage.A)))
        task = stage.task()
        stage.router.workflows.update(stage.now, flow, configuration=routing(filter_("1==1", step(stage.C))))
        with pytest.raises(Refusal):
            stage.router.task_queues.delete(stage.now, stage.A)
        stage.cancel(task)
        stage.router.task_queues.delete(stage.now, stage.A)
        assert stage.A.sid not in stage.state.task_queues
