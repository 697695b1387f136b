"""Tasks on their way through workflows, against `behaviour.md §3.1, §3.2, §5.2, §5.3`."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from tests.engine.stage import EN, ES, Stage, filter_, routing, step

# §5.2 evaluation


@pytest.mark.parametrize(
    ("attributes", "queue"),
    [(ES, "Spanish"), (EN, "English"), ({"selected_langauge": "es"}, "Rest"), ({}, "Rest")],
)
def test_5_2_the_first_filter_that_matches_or_the_default(stage: Stage, attributes: dict, queue: str):
    spanish, english, rest = stage.queue("Spanish"), stage.queue("English"), stage.queue("Rest")
    stage.workflow(
        filter_('selected_language == "es"', step(spanish)),
        filter_("selected_language != null", step(english)),
        default=rest,
    )
    assert stage.in_queue(stage.task(attributes=attributes)) == queue


def test_5_2_filters_know_the_time(stage: Stage):
    """The stage begins on Tue, 14 Nov 2023, at 22:13 UTC."""
    late, rest = stage.queue("Late"), stage.queue("Rest")
    stage.workflow(
        filter_('taskrouter.dayOfWeek == "Tue" AND taskrouter.currentTime >= 2200', step(late)), default=rest
    )
    assert stage.in_queue(stage.task()) == "Late"
    stage.pass_(2 * 3_600)
    assert stage.in_queue(stage.task()) == "Rest"


def test_5_2_a_workflow_that_times_out_cancels_the_task(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue(), timeout=10)), default=stage.queue("Rest"))
    task = stage.task()
    stage.forget()
    stage.pass_(10)
    assert (task.assignment_status, task.reason) == ("canceled", "Task canceled on Workflow timeout")
    assert stage.happened() == ["task-queue.timeout", "workflow.timeout", "task.canceled"]


def test_5_2_after_the_last_step_comes_the_next_matching_filter(stage: Stage):
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    stage.workflow(
        filter_("1==1", step(q1, timeout=10)),
        filter_('selected_language == "en"', step(q1)),
        filter_('selected_language == "es"', step(q2, timeout=10)),
        default=q1,
    )
    task = stage.task(attributes=ES)
    stage.pass_(10)
    assert stage.in_queue(task) == "Q2"
    stage.pass_(10)
    assert task.assignment_status == "canceled"  # the default filter is no catch-all after timeouts


def test_5_2_a_failed_reservation_is_looked_at_anew(stage: Stage):
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    stage.workflow(filter_("1==1", step(q1, timeout=10, skip_if="1==1"), step(q2)))
    stage.worker("Alice")
    bob = stage.worker("Bob", stage.offline)
    task = stage.task()
    assert (stage.in_queue(task), stage.who(task)) == ("Q1", ["Alice"])
    stage.reject(task, stage.offline)
    assert (stage.in_queue(task), task.assignment_status) == ("Q1", "pending")  # skip_if is not asked again
    stage.move(bob, stage.idle)
    assert (stage.in_queue(task), stage.who(task)) == ("Q1", ["Bob"])
    stage.pass_(10)
    stage.reject(task, stage.offline)
    assert stage.in_queue(task) == "Q2"  # its time in Q1 was over


def test_5_2_a_step_looks_for_workers_even_when_it_is_entered_late(stage: Stage):
    q1, q2 = stage.queue("Q1", target_workers="one == 1"), stage.queue("Q2", target_workers="two == 2")
    stage.workflow(filter_("1==1", step(q1, timeout=10), step(q2, timeout=5)), task_reservation_timeout=30)
    stage.worker("Alice", one=1)
    stage.worker("Bob", two=2)
    task = stage.task()
    stage.pass_(30)  # Alice does not answer
    assert (stage.in_queue(task), stage.who(task)) == ("Q2", ["Bob"])
    stage.pass_(30)
    assert (task.assignment_status, task.reason) == ("canceled", "Task canceled on Workflow timeout")


def test_5_2_new_attributes_may_let_a_worker_take_it(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue(), expression="task.selected_language IN worker.languages")))
    stage.worker("Bob", languages=["en"])
    task = stage.task(attributes=ES)
    assert task.assignment_status == "pending"
    stage.engine.tasks.update(stage.now, task, attributes=json.dumps(EN))
    assert stage.who(task) == ["Bob"]


@pytest.mark.parametrize("again", [False, True])
def test_5_2_an_edited_workflow_takes_waiting_tasks_along_only_when_asked(stage: Stage, again: bool):
    old, new = stage.queue("Old"), stage.queue("New")
    workflow = stage.workflow(default=old)
    waiting = stage.task()
    stage.forget()
    stage.engine.workflows.update(stage.now, workflow, configuration=routing(default=new), re_evaluate_tasks=again)
    assert stage.in_queue(stage.task()) == "New"
    assert stage.in_queue(waiting) == ("New" if again else "Old")
    assert ("task-queue.moved" in stage.happened()) is again


def test_5_2_a_reserved_task_is_re_evaluated_when_it_comes_back(stage: Stage):
    old, new = stage.queue("Old"), stage.queue("New")
    workflow = stage.workflow(default=old)
    stage.worker("Alice")
    task = stage.task()
    stage.engine.workflows.update(stage.now, workflow, configuration=routing(default=new), re_evaluate_tasks=True)
    assert stage.in_queue(task) == "Old"
    stage.reject(task)
    assert stage.in_queue(task) == "New"


def test_5_2_a_re_evaluated_task_that_matches_nothing_stays(stage: Stage):
    workflow = stage.workflow(default=stage.queue("Old"))
    task = stage.task()
    nothing = routing(filter_("1==2", step(stage.queue("New"))))
    stage.engine.workflows.update(stage.now, workflow, configuration=nothing, re_evaluate_tasks=True)
    assert (stage.in_queue(task), task.assignment_status) == ("Old", "pending")


def test_5_2_a_task_that_follows_an_old_revision_keeps_its_queues(stage: Stage):
    """A queue that a waiting task may still come to cannot be deleted, though no workflow names it any more."""
    q1, q2, q3 = stage.queue("Q1"), stage.queue("Q2"), stage.queue("Q3")
    workflow = stage.workflow(filter_("1==1", step(q1, timeout=10), step(q2, timeout=10)))
    task = stage.task()
    stage.engine.workflows.update(stage.now, workflow, configuration=routing(default=q3))
    for queue in (q1, q2, q3):
        with pytest.raises(TaskRouterError, match="Cannot delete TaskQueue"):
            stage.engine.task_queues.delete(stage.now, queue)
    stage.pass_(10)
    assert stage.in_queue(task) == "Q2"
    stage.pass_(10)
    assert task.assignment_status == "canceled"
    for queue in (q1, q2):
        stage.engine.task_queues.delete(stage.now, queue)
    stage.engine.tasks.update(stage.now, task, attributes='{"still": "there"}')  # its queue is gone
    assert "TaskQueueSid" not in stage.event("task.updated").data
    stage.engine.tasks.delete(stage.now, task)


def test_5_2_revisions_that_nobody_follows_are_forgotten(stage: Stage):
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    workflow = stage.workflow(default=q1)
    for queue in (q2, q1, q2):
        stage.engine.workflows.update(stage.now, workflow, configuration=routing(default=queue))
    assert [bool(text) for text in workflow.revisions] == [False, False, False, True]


# §5.3 skip_if


@pytest.mark.parametrize(
    ("condition", "skipped"),
    [
        ("1==1", True),
        ("workers.available == 0", False),
        ("workers.available == 1", True),
        ("workers.unavailable == 2", True),
        ("workers.{offline} == 2 AND workers.{idle} == 1", True),
        ("workers.{busy} > 0", False),
    ],
)
def test_5_3_counts_are_those_of_the_queue_of_the_step(stage: Stage, condition: str, skipped: bool):
    """In the queue are one Idle worker (who is no match) and two Offline ones; another is outside."""
    condition = condition.format(offline=stage.offline.sid, idle=stage.idle.sid, busy=stage.busy.sid)
    inside, rest = stage.queue("Inside", target_workers="inside == true"), stage.queue("Rest")
    stage.worker("Alice", inside=True)
    stage.worker("Bob", stage.offline, inside=True)
    stage.worker("Carol", stage.offline, inside=True)
    stage.worker("Dave", stage.busy)
    stage.workflow(filter_("1==1", step(inside, expression="worker.level > 1", skip_if=condition), step(rest)))
    assert stage.in_queue(stage.task()) == ("Rest" if skipped else "Inside")


def test_5_3_counts_follow_the_workers(stage: Stage):
    inside, rest = stage.queue("Inside", target_workers="inside == true"), stage.queue("Rest", target_workers="")
    step_ = step(inside, expression="worker.level > 1", skip_if="workers.available == 1")
    stage.workflow(filter_("1==1", step_, step(rest)))
    assert stage.in_queue(stage.task()) == "Inside"
    worker = stage.worker("Alice", inside=True)
    assert stage.in_queue(stage.task()) == "Rest"
    stage.move(worker, stage.offline)
    assert stage.in_queue(stage.task()) == "Inside"
    stage.move(worker, stage.idle)
    stage.engine.workers.update(stage.now, worker, attributes="{}")
    assert stage.in_queue(stage.task()) == "Inside"


def test_5_3_nothing_is_skipped_while_somebody_can_be_reserved(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), skip_if="1==1"), step(stage.queue("Q2"))))
    stage.worker("Alice")
    task = stage.task()
    assert (stage.in_queue(task), stage.who(task)) == ("Q1", ["Alice"])


def test_5_3_a_waiting_task_is_not_looked_at_again(stage: Stage):
    stage.workflow(
        filter_(
            "1==1", step(stage.queue("Q1"), expression="worker.level > 1", skip_if="workers.available == 0"), step()
        )
    )
    worker = stage.worker("Alice")
    task = stage.task()
    assert task.target_index == 0
    stage.move(worker, stage.offline)
    stage.engine.tasks.update(stage.now, task, priority=1)
    assert task.target_index == 0


@pytest.mark.parametrize("default", [False, True])
def test_5_3_when_every_filter_was_skipped_the_default_filter_catches(stage: Stage, default: bool):
    rest = stage.queue("Rest")
    skipped = step(stage.queue("Q1"), skip_if="1==1")
    stage.workflow(filter_("1==1", skipped, skipped), filter_("1==1", skipped), default=rest if default else None)
    stage.forget()
    task = stage.task()
    if default:
        assert (stage.in_queue(task), task.assignment_status) == ("Rest", "pending")
    else:
        assert (task.assignment_status, task.reason) == ("canceled", "Task skipped by Workflow")
        assert stage.happened()[-2:] == ["workflow.skipped", "task.canceled"]


def test_5_3_a_filter_that_timed_out_was_not_skipped(stage: Stage):
    q1 = stage.queue("Q1")
    stage.workflow(
        filter_("1==1", step(q1, timeout=5)), filter_("1==1", step(q1, skip_if="1==1")), default=stage.queue("Rest")
    )
    task = stage.task()
    stage.pass_(5)
    assert task.assignment_status == "canceled"
    assert "workflow.skipped" in stage.happened()
