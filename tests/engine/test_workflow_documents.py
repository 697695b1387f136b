"""What a workflow's document says, and what is wrong with one, against `behaviour.md §5.1, §5.5`."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.engine.model.options import CompatibilityOptions
from tests.engine.stage import EN, Stage, filter_, step

# §5.1 the document


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "task_routing"),
        ('{"task_routing": {"filters": {}}}', "must be a list"),
        ('{"task_routing": {"filters": [{"targets": [{"queue": "WQ"}]}]}}', 'filters[0] needs an "expression"'),
        ('{"task_routing": {"filters": [{"expression": "1==1"}]}}', "at least one routing step"),
        ('{"task_routing": {"filters": [{"expression": "1==1", "targets": [{}]}]}}', 'needs a "queue"'),
        ('{"task_routing": {"default_filter": {"queue": "WQ1"}}}', "WQ1 is not a TaskQueue"),
        ('{"task_routing": {"filters": [{"expression": "a ==", "targets": []}]}}', "filters[0].expression"),
        ('{"task_routing": {"default_filter": {"priority": 1}}}', 'default_filter needs a "queue", the SID'),
        (
            '{"task_routing": {"default_filter": {"task_queue_sid": "WQ"}}}',
            'a "queue": give "task_queue_sid" that name',
        ),
        ('{"taskRouting": {"filters": []}}', '"task_routing": give "taskRouting" that name'),
        ('{"task_routing": {"filters": [{"Expression": "1==1"}]}}', '"expression": give "Expression" that name'),
        (
            '{"task_routing": {"filters": [{"expression": "", "Expression": "1==1"}]}}',
            '"expression": give "Expression" that name',
        ),
        (
            '{"task_routing": {"filters": [{"expression": "1==1", "Targets": []}]}}',
            '"targets": give "Targets" that name',
        ),
        ('{"task_routing": {"default_filter": {"queueSid": "WQ"}}}', 'a "queue": give "queueSid" that name'),
    ],
)
def test_5_1_what_is_wrong_is_said_with_its_place(stage: Stage, configuration: str, said: str):
    with pytest.raises(TaskRouterError) as caught:
        stage.engine.workflows.create(stage.now, friendly_name="Flow", configuration=configuration)
    assert said in caught.value.text
    assert not stage.state.workflows


def test_5_1_a_number_too_long_to_be_read_is_refused_in_words(stage: Stage):
    text = '{"task_routing": {"filters": [], "x": %s}}'
    with pytest.raises(TaskRouterError, match=r"the number -9999.* is too large$"):
        stage.engine.workflows.create(stage.now, friendly_name="Flow", configuration=text % ("-" + "9" * 4301))
    stage.engine.workflows.create(stage.now, friendly_name="Flow", configuration=text % ("-" + "9" * 4300))


def test_5_1_a_configuration_is_kept_compact_with_unknown_keys_and_order(stage: Stage):
    queue = stage.queue()
    text = '{ "task_routing": { "x": 1, "default_filter": { "queue": "%s", "Expression": "1==1", "timeout": "30" } } }'
    workflow = stage.engine.workflows.create(stage.now, friendly_name="Flow", configuration=text % queue.sid)
    assert workflow.configuration == json.dumps(json.loads(text % queue.sid), separators=(",", ":"))
    task = stage.task()
    stage.pass_(3_600)
    assert task.assignment_status == "pending"  # the default filter knows no timeout


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"timeout": 0}, "targets[1].timeout must be a whole number from 1 to"),
        ({"timeout": "0"}, "targets[1].timeout must be a whole number from 1 to"),
        ({"timeout": -1}, "targets[1].timeout must be a whole number from 1 to"),
        ({"timeout": 5.7}, "targets[1].timeout must be a whole number from 1 to"),
        ({"timeout": "1_000"}, "targets[1].timeout must be a whole number from 1 to"),
        ({"timeout": "\u0663"}, "targets[1].timeout must be a whole number from 1 to"),
        ({"priority": 0.5}, "targets[1].priority must be a whole number from 0 to"),
        ({"priority": -1}, "targets[1].priority must be a whole number from 0 to"),
        ({"priority": False}, "targets[1].priority must be a whole number from 0 to 2147483647, not false"),
        ({"timeout": [None]}, "targets[1].timeout must be a whole number from 1 to 2147483647, not [null]"),
        ({"expression": True}, "targets[1].expression must be a string, not true"),
        ({"queue": 7}, "targets[1].queue 7 is not a TaskQueue of this workspace"),
        ({"queue": False}, "targets[1].queue false is not a TaskQueue of this workspace"),
        ({"queue": {"sid": None}}, 'targets[1].queue {"sid": null} is not a TaskQueue of this workspace'),
        ({"task_queue_sid": "WQ"}, 'targets[1] needs a "queue": give "task_queue_sid" that name'),
        (
            {"known_worker_sid": "task.agent", "known_worker_friendly_name": "task.name"},
            'targets[1] takes "known_worker_sid" or "known_worker_friendly_name", not both: leave one out',
        ),
        ({"known_worker_sid": "worker.agent"}, "worker.agent is no attribute of the task: write task.agent"),
        ({"known_worker_sid": "WK" + "0" * 32}, "is no attribute of the task: write one, as task.agent"),
    ],
)
def test_5_1_what_a_step_cannot_be(stage: Stage, wrong: dict, said: str):
    with pytest.raises(TaskRouterError) as caught:
        stage.workflow(filter_("1==1", step(stage.queue()), wrong))
    assert said in caught.value.text


@pytest.mark.parametrize("default", [None, {}, {"queue": None}, {"queue": "", "priority": None}])
def test_5_1_a_default_filter_that_says_nothing_is_none(stage: Stage, default: dict | None):
    document = {"task_routing": {"filters": [filter_("a == 1", step(stage.queue()))], "default_filter": default}}
    text = json.dumps(document, separators=(",", ":"))
    assert stage.engine.workflows.create(stage.now, friendly_name="Flow", configuration=text).configuration == text
    with pytest.raises(TaskRouterError, match="no default filter"):
        stage.task()


def test_5_1_a_default_filter_is_a_step_with_all_but_a_timeout(stage: Stage):
    queue = stage.queue()
    target = {"queue": queue.sid, "priority": 4, "expression": "worker.team == task.team", "timeout": 5}
    target |= {"order_by": "worker.level DESC", "filter_friendly_name": "Rest"}
    stage.engine.workflows.create(
        stage.now, friendly_name="Flow", configuration=json.dumps({"task_routing": {"default_filter": target}})
    )
    for name, team, level in (("Alice", "red", 9), ("Bob", "blue", 1), ("Carol", "blue", 5)):
        stage.worker(name, team=team, level=level)
    task = stage.task(attributes={"team": "blue"})
    assert (stage.who(task), task.priority) == (["Carol"], 4)
    waiting = stage.task(attributes={"team": "green"})
    stage.pass_(60)
    assert waiting.assignment_status == "pending"


def test_5_3_a_default_filter_that_is_skipped_is_the_end(stage: Stage):
    target = {"queue": stage.queue().sid, "skip_if": "workers.available == 0"}
    stage.engine.workflows.create(
        stage.now, friendly_name="Flow", configuration=json.dumps({"task_routing": {"default_filter": target}})
    )
    task = stage.task()
    assert (task.assignment_status, task.reason) == ("canceled", "Task skipped by Workflow")
    stage.worker("Alice")
    assert stage.who(stage.task()) == ["Alice"]


@pytest.mark.parametrize("then", ["next-filter", "end"])
def test_5_2_when_the_last_step_of_a_filter_times_out(then: str):
    """Sources disagree: the next filter that matches, or the end (§5.2, point 4)."""
    stage = Stage(options=CompatibilityOptions(after_filter_timeout=then))
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    stage.workflow(filter_("1==1", step(q1, timeout=5), step(q1, timeout=5)), filter_("1==1", step(q2)))
    task = stage.task()
    stage.pass_(5)
    assert (stage.in_queue(task), task.assignment_status) == ("Q1", "pending")
    stage.pass_(6)
    if then == "next-filter":
        assert (stage.in_queue(task), task.assignment_status) == ("Q2", "pending")
    else:
        assert (task.assignment_status, task.reason) == ("canceled", "Task canceled on Workflow timeout")
        assert "workflow.timeout" in stage.happened()


def test_5_2_a_step_that_is_entered_late_offers_the_task_before_it_times_out():
    """The worker whose reservation has failed is free again, and must not be taken for a sign that nobody is there."""
    stage = Stage(multi=True)
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    stage.workflow(filter_("1==1", step(q1, timeout=10), step(q2, timeout=5)))
    stage.worker("Alice")
    task = stage.task()
    stage.pass_(30)
    stage.reject(task)
    assert (stage.in_queue(task), stage.who(task)) == ("Q2", ["Alice"])


def test_5_1_later_steps_inherit_the_queue_and_nothing_else(stage: Stage):
    queue = stage.queue()
    stage.workflow(
        filter_("1==1", step(queue, expression="worker.level > 5", timeout=10, priority=7), step()),
    )
    stage.worker("Alice", level=1)
    task = stage.task()
    assert (task.assignment_status, task.priority) == ("pending", 7)
    stage.pass_(10)
    assert (stage.who(task), task.priority, stage.in_queue(task)) == (["Alice"], 7, "All")


# §5.1, rest-contract.md §9.1: priority


def test_5_1_the_priority_of_a_step_wins(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue(), priority="7", timeout=10), step(priority=9)))
    task = stage.task(priority=3)
    assert task.priority == 7
    stage.engine.tasks.update(stage.now, task, priority=1)
    assert task.priority == 7
    stage.pass_(10)
    assert task.priority == 9


def test_5_1_a_step_without_priority_keeps_it(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue())))
    task = stage.task(priority=3)
    assert task.priority == 3
    stage.engine.tasks.update(stage.now, task, priority=1)
    assert task.priority == 1


# §5.5 edges


@pytest.mark.parametrize("settings", [{"target_workers": ""}, {"target_workers": "level > 99"}, {}])
def test_5_5_a_queue_that_nobody_serves_lets_tasks_wait(stage: Stage, settings: dict):
    stage.workflow(default=stage.queue(**settings))
    if settings:
        stage.worker("Alice", level=1)
    assert stage.task().assignment_status == "pending"
    assert stage.alerted() == []


def test_5_5_no_filter_and_no_default_is_refused(stage: Stage):
    """§11: sources differ; the sandbox refuses, and nothing is left behind."""
    stage.workflow(filter_('selected_language == "es"', step(stage.queue())))
    stage.forget()
    workspace_sid, account_sid = stage.engine.workspace.sid, stage.state.account_sid
    with pytest.raises(TaskRouterError, match="match no filter of Workflow Flow") as caught:
        stage.task(attributes=EN)
    in_its_words = f"Couldn't match task to queue in workspace {workspace_sid} for account {account_sid}"
    assert caught.value.text.startswith(in_its_words)
    assert not stage.state.tasks
    assert stage.happened() == []
    assert stage.engine.next_due() is None


def test_5_5_a_queue_that_a_workflow_names_is_not_deleted(stage: Stage):
    queue = stage.queue()
    stage.workflow(default=queue)
    with pytest.raises(TaskRouterError, match="Workflow Flow routes tasks to it"):
        stage.engine.task_queues.delete(stage.now, queue)


def test_5_1_a_target_inherits_a_queue_that_is_null(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=5), {"queue": None}))
    task = stage.task()
    stage.pass_(5)
    assert (stage.in_queue(task), task.target_index) == ("Q1", 1)
