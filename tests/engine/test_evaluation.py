"""What makes a waiting task begin its workflow again, against `behaviour.md §5.2`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskrouter_sandbox.engine.model.entities import Task
from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.engine.model.options import CompatibilityOptions
from tests.engine.stage import EN, ES, Stage, filter_, routing, step


def update(stage: Stage, task: Task, **attributes: Any) -> None:
    stage.engine.tasks.update(stage.now, task, attributes=json.dumps(attributes))


def languages(stage: Stage) -> None:
    """A workflow with a filter and a queue for each language."""
    stage.workflow(
        filter_('selected_language == "es"', step(stage.queue("Spanish"), priority=5)),
        filter_('selected_language == "en"', step(stage.queue("English"))),
    )


def test_5_2_changed_attributes_take_a_waiting_task_to_the_filter_that_they_match(stage: Stage):
    languages(stage)
    task = stage.task(attributes=EN)
    stage.pass_(3)
    stage.forget()
    update(stage, task, **ES)
    assert (stage.in_queue(task), task.priority, task.task_queue_entered_date) == ("Spanish", 5, stage.now)
    assert stage.happened()[0] == "task.updated"
    assert "task-queue.moved" in stage.happened()


def test_5_2_the_other_reading_lets_it_stay():
    stage = Stage(options=CompatibilityOptions(after_attribute_change="stay"))
    languages(stage)
    task = stage.task(attributes=ES)
    update(stage, task, **EN)
    assert stage.in_queue(task) == "Spanish"
    (workflow,) = stage.state.workflows.values()
    stage.engine.workflows.update(stage.now, workflow, re_evaluate_tasks=True)
    assert stage.in_queue(task) == "English"


def test_5_2_quiet_hours_are_over_when_the_attribute_is_taken_away(stage: Stage):
    """As a dialer company describes it (REGAL-12181758397723)."""
    quiet, sales = stage.queue("Quiet", target_workers="1==2"), stage.queue("Sales")
    stage.workflow(filter_("hold == true", step(quiet)), filter_("1==1", step(sales)))
    stage.worker("Alice")
    task = stage.task(attributes={"hold": True})
    assert stage.who(task) == []
    update(stage, task)
    assert (stage.in_queue(task), stage.who(task)) == ("Sales", ["Alice"])


def test_5_2_the_documented_manual_pick():
    """MT: an earlier filter catches a waiting chat, and gives it to the worker who has picked it."""
    stage = Stage(multi=True)
    queue = stage.queue()
    own = step(queue, expression="task.worker_sid == worker.sid", priority=1000)
    crowded = step(queue, expression="worker.channel.chat.available_capacity_percentage > 100", priority=50)
    stage.workflow(
        filter_('manual == 1 AND channel == "chat"', own), filter_('channel == "chat"', crowded, name="Automatic")
    )
    stage.worker("Alice")
    bob = stage.worker("Bob")
    task = stage.task(attributes={"channel": "chat"}, task_channel="chat")
    assert (task.priority, stage.who(task)) == (50, [])
    update(stage, task, channel="chat", manual=1, worker_sid=bob.sid)
    assert (task.priority, stage.who(task)) == (1000, ["Bob"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a": 1, "b": 2}', '{ "b": 2, "a": 1 }'),
        ('{"selected_language": "en"}', '{"selected_language":"en"}'),
    ],
)
def test_5_2_the_same_attributes_are_no_change(stage: Stage, before: str, after: str):
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    stage.workflow(filter_("1==1", step(q1, timeout=10), step(q2)))
    task = stage.task(attributes=before)
    stage.pass_(10)
    stage.forget()
    stage.engine.tasks.update(stage.now, task, attributes=after, priority=3)
    assert (stage.in_queue(task), stage.happened()) == ("Q2", ["task.updated"])


def test_5_2_a_number_that_becomes_true_is_a_change(stage: Stage):
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    stage.workflow(filter_("vip == true", step(q1)), filter_("1==1", step(q2)))
    task = stage.task(attributes={"vip": 1})
    update(stage, task, vip=True)
    assert stage.in_queue(task) == "Q1"


def test_5_2_it_begins_at_the_top_and_its_age_counts(stage: Stage):
    """An earlier step is looked into again; its time is over at once, when the task is as old as that (§2.4)."""
    q1, q2 = stage.queue("Q1", target_workers="one == 1"), stage.queue("Q2", target_workers="two == 2")
    stage.workflow(filter_("1==1", step(q1, timeout=10), step(q2, timeout=20)))
    task = stage.task()
    stage.pass_(12)
    assert stage.in_queue(task) == "Q2"
    update(stage, task, note="x")
    assert (stage.in_queue(task), task.step_limit) == ("Q2", 30)
    stage.worker("Alice", one=1)
    update(stage, task, note="y")
    assert (stage.in_queue(task), stage.who(task)) == ("Q1", ["Alice"])


def test_5_2_in_the_first_step_of_its_filter_it_stays(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue(), skip_if="workers.available > 0", expression="task.a == 1")))
    task = stage.task()
    stage.worker("Alice")
    stage.forget()
    update(stage, task, b=2)
    assert (stage.happened(), task.assignment_status) == (["task.updated"], "pending")
    update(stage, task, a=1)
    assert stage.who(task) == ["Alice"]


def test_5_2_attributes_that_match_nothing_leave_it_where_it_is(stage: Stage):
    languages(stage)
    task = stage.task(attributes=EN)
    update(stage, task, selected_language="fr")
    assert (stage.in_queue(task), task.assignment_status) == ("English", "pending")


def test_5_2_the_configuration_is_that_of_the_task(stage: Stage):
    """Without ReEvaluateTasks a task keeps the routing under which it was made."""
    languages(stage)
    (workflow,) = stage.state.workflows.values()
    task = stage.task(attributes=EN)
    new = routing(default=stage.queue("New"))
    stage.engine.workflows.update(stage.now, workflow, configuration=new)
    update(stage, task, **ES)
    assert stage.in_queue(task) == "Spanish"


def test_5_2_a_reserved_task_stays_with_its_worker_and_in_its_step(stage: Stage):
    languages(stage)
    alice = stage.worker("Alice")
    task = stage.task(attributes=EN)
    update(stage, task, **ES)
    assert (stage.in_queue(task), stage.who(task)) == ("English", ["Alice"])
    stage.accept(task)
    assert (stage.in_queue(task), task.has_new_attributes) == ("English", False)
    stage.complete(task)
    assert stage.where(alice) == "Idle"


@pytest.mark.parametrize("after", ["stay", "move"])
@pytest.mark.parametrize("fails", ["rejected", "timeout"])
def test_5_2_a_reserved_task_follows_its_new_attributes_when_it_waits_again(fails: str, after: str):
    stage = Stage(options=CompatibilityOptions(after_failed_reservation=after))
    languages(stage)
    stage.worker("Alice")
    task = stage.task(attributes=EN)
    update(stage, task, **ES)
    if fails == "timeout":
        stage.pass_(120)
    else:
        stage.reject(task, stage.offline)
    assert (stage.in_queue(task), task.priority, task.assignment_status) == ("Spanish", 5, "pending")
    assert stage.happened("reservation") == ["reservation.created", f"reservation.{fails}"]


def test_5_2_by_the_other_reading_a_reserved_task_stays_for_good():
    stage = Stage(options=CompatibilityOptions(after_attribute_change="stay"))
    languages(stage)
    stage.worker("Alice")
    task = stage.task(attributes=EN)
    update(stage, task, **ES)
    stage.reject(task, stage.offline)
    assert stage.in_queue(task) == "English"


def test_5_2_attributes_that_are_the_old_ones_again_change_nothing(stage: Stage):
    languages(stage)
    stage.worker("Alice")
    task = stage.task(attributes=EN)
    update(stage, task, **ES)
    update(stage, task, **EN)
    stage.forget()
    stage.reject(task, stage.offline)
    assert (stage.in_queue(task), stage.happened("task")) == ("English", [])


@pytest.mark.parametrize("target", ["queue", "worker"])
def test_5_2_a_task_that_goes_straight_has_no_filters(stage: Stage, target: str):
    languages(stage)
    (workflow,) = stage.state.workflows.values()
    queue = stage.queue("Straight")
    to = queue.sid if target == "queue" else stage.worker("Alice", stage.offline).sid
    task = stage.task(
        routing_target=to, task_queue_sid=queue.sid, workflow_sid=workflow.sid, attributes=EN, ignore_capacity=False
    )
    update(stage, task, **ES)
    assert (stage.in_queue(task), task.assignment_status) == ("Straight", "pending")


def test_5_2_a_task_on_its_way_to_another_worker_is_not_rerouted(stage: Stage):
    languages(stage)
    stage.worker("Alice")
    task = stage.task(attributes=EN)
    stage.engine.transfers.create(stage.now, stage.accept(task), stage.queue("Other", target_workers="").sid)
    update(stage, task, **ES)
    assert (stage.in_queue(task), task.assignment_status) == ("Other", "pending")


def test_5_2_a_queue_that_a_reserved_task_holds_says_so(stage: Stage):
    """The advice is not what has just been done (SUP-36535203110043)."""
    q1 = stage.queue("Q1")
    workflow = stage.workflow(filter_("live == true", step(stage.queue("Live"))), filter_("1==1", step(q1)))
    stage.worker("Alice")
    task = stage.task(attributes={"live": True})
    new = routing(filter_("a == 1", step(stage.queue("New"))))
    stage.engine.workflows.update(stage.now, workflow, configuration=new, re_evaluate_tasks=True)
    with pytest.raises(
        TaskRouterError, match="It is reserved, so no update of the workflow reaches it: answer its reser"
    ):
        stage.engine.task_queues.delete(stage.now, q1)
    stage.reject(task, stage.offline)
    with pytest.raises(TaskRouterError, match="It matches no filter of the new one: add a filter or a default_filter"):
        stage.engine.task_queues.delete(stage.now, q1)
    stage.cancel(task)
    stage.engine.task_queues.delete(stage.now, q1)
