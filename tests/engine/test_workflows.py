"""Tasks on their way through workflows, against `behaviour.md §5`."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.engine.model.options import CompatibilityOptions
from taskrouter_sandbox.webhooks.assignment_callback import assignment_form
from tests.engine.stage import START, Stage, filter_, routing, step

ES, EN = {"selected_language": "es"}, {"selected_language": "en"}


@pytest.fixture
def stage() -> Stage:
    return Stage()


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
        ({"task_queue_sid": "WQ"}, 'targets[1] needs a "queue": give "task_queue_sid" that name'),
        (
            {"known_worker_sid": "task.agent", "known_worker_friendly_name": "task.name"},
            'targets[1] takes "known_worker_sid" or "known_worker_friendly_name", not both: leave one out',
        ),
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


# rest-contract.md §4.4: which way a new task goes


def test_4_4_the_only_workflow_need_not_be_named(stage: Stage):
    with pytest.raises(TaskRouterError, match=r"^WorkflowSid field is required$"):
        stage.task()
    one = stage.workflow(default=stage.queue())
    assert stage.task().workflow_sid == one.sid
    two = stage.workflow(default=stage.queue("Q2"), name="Two")
    with pytest.raises(TaskRouterError, match=r"^WorkflowSid field is required$"):
        stage.task()
    assert stage.task(workflow_sid=two.sid).workflow_sid == two.sid
    assert stage.task(routing_target=two.sid).workflow_sid == two.sid
    with pytest.raises(TaskRouterError, match="is not a Workflow"):
        stage.task(workflow_sid="WW" + "f" * 32)


@pytest.mark.parametrize("parameter", ["routing_target", "task_queue_sid"])
def test_4_4_straight_to_a_queue(stage: Stage, parameter: str):
    queue = stage.queue(max_reserved_workers=2)
    stage.workflow(default=stage.queue("Other"))
    stage.worker("Alice")
    stage.worker("Bob")
    stage.forget()
    task = stage.task(**{parameter: queue.sid})
    assert (task.workflow_sid, stage.in_queue(task), stage.who(task)) == (None, "All", ["Alice", "Bob"])
    assert stage.happened() == ["task.created", "task-queue.entered", "reservation.created", "reservation.created"]
    with pytest.raises(TaskRouterError, match="is not a TaskQueue of workspace"):
        stage.task(**{parameter: "WQ" + "f" * 32})


def test_4_4_straight_to_a_worker_who_is_waited_for(stage: Stage):
    stage.queue(target_workers="1==2")
    home = stage.queue("Home", target_workers="agent == true")
    bob = stage.worker("Bob", stage.offline, agent=True)
    stage.worker("Alice", agent=True)
    task = stage.task(routing_target=bob.sid, ignore_capacity=False)
    assert (stage.in_queue(task), task.assignment_status) == (home.friendly_name, "pending")
    stage.move(bob, stage.idle)
    assert stage.who(task) == ["Bob"]


def test_4_4_ignore_capacity_takes_no_notice_of_what_the_worker_does(stage: Stage):
    queue = stage.queue()
    bob = stage.worker("Bob", stage.offline)
    first, second = (
        stage.task(routing_target=bob.sid, task_queue_sid=queue.sid, ignore_capacity=True) for _ in range(2)
    )
    assert stage.who(first) == stage.who(second) == ["Bob"]
    assert stage.where(bob) == "Offline"


def test_4_4_ignore_capacity_is_the_default_of_a_task_for_a_worker_and_of_no_other(stage: Stage):
    queue = stage.queue()
    bob = stage.worker("Bob", stage.offline)
    task = stage.task(routing_target=bob.sid)
    assert (task.ignore_capacity, stage.who(task)) == (True, ["Bob"])
    task = stage.task(routing_target=bob.sid, ignore_capacity=False)
    assert (task.ignore_capacity, stage.who(task)) == (False, [])
    assert not stage.task(routing_target=queue.sid).ignore_capacity
    assert not stage.task(task_queue_sid=queue.sid).ignore_capacity


def test_4_4_a_worker_in_no_queue_needs_one_to_be_named(stage: Stage):
    queue = stage.queue(target_workers="1==2")
    bob = stage.worker("Bob")
    with pytest.raises(TaskRouterError, match="give TaskQueueSid as well"):
        stage.task(routing_target=bob.sid)
    assert stage.who(stage.task(routing_target=bob.sid, task_queue_sid=queue.sid)) == ["Bob"]


def test_4_4_a_task_for_a_worker_that_is_deleted_is_offered_to_nobody_else(stage: Stage):
    stage.queue()
    bob = stage.worker("Bob", stage.offline)
    task = stage.task(routing_target=bob.sid, timeout=60, ignore_capacity=False)
    stage.worker("Alice")
    stage.engine.workers.delete(stage.now, bob)
    assert task.assignment_status == "pending"
    stage.pass_(60)
    assert task.assignment_status == "canceled"


def test_4_4_a_workflow_that_is_named_for_a_straight_task_only_calls_back(stage: Stage):
    queue = stage.queue()
    workflow = stage.workflow(
        default=stage.queue("Q2"), assignment_callback_url="http://x/", task_reservation_timeout=7
    )
    bob = stage.worker("Bob")
    task = stage.task(routing_target=bob.sid, task_queue_sid=queue.sid, workflow_sid=workflow.sid)
    assert stage.in_queue(task) == "All"
    assert stage.the(task).expires == stage.now + 7_000
    assert [call.workflow_sid for call in stage.called()] == [workflow.sid]


def test_2_1_virtual_start_times_that_are_refused(stage: Stage):
    stage.workflow(default=stage.queue())
    with pytest.raises(TaskRouterError, match="future"):
        stage.task(virtual_start_time=START + 1)
    with pytest.raises(TaskRouterError, match="1900"):
        stage.task(virtual_start_time=-2_208_988_800_001)
    task = stage.task(virtual_start_time=-2_208_988_800_000)
    with pytest.raises(TaskRouterError, match="future"):
        stage.engine.tasks.update(stage.now, task, virtual_start_time=START + 1)


# §3.1 the assignment callback


def test_3_1_one_callback_for_each_reservation_with_eleven_parameters(stage: Stage):
    stage.workflow(
        default=stage.queue(max_reserved_workers=2),
        assignment_callback_url="http://first/",
        fallback_assignment_callback_url="http://second/",
    )
    task = stage.task(attributes=ES, priority=4)
    stage.pass_(3.7)
    alice = stage.engine.workers.create(stage.now, friendly_name="Alice", attributes='{"a": 1}')
    stage.worker("Bob", stage.offline)
    stage.move(alice, stage.idle)
    (call,) = stage.called()
    assert (call.url, call.fallback_url) == ("http://first/", "http://second/")
    assert assignment_form(stage.engine.workspace.sid, stage.state.account_sid, call) == {
        "AccountSid": "AC" + "0" * 32,
        "ReservationSid": stage.the(task).sid,
        "TaskAge": "3",
        "TaskAttributes": '{"selected_language":"es"}',
        "TaskPriority": "4",
        "TaskQueueSid": task.task_queue_sid,
        "TaskSid": task.sid,
        "WorkerAttributes": '{"a":1}',
        "WorkerSid": alice.sid,
        "WorkflowSid": task.workflow_sid,
        "WorkspaceSid": stage.engine.workspace.sid,
    }


def test_3_2_without_an_address_nobody_is_called(stage: Stage):
    stage.workflow(default=stage.queue())
    stage.worker("Alice")
    assert stage.task().assignment_status == "reserved"
    assert stage.called() == []


def test_5_1_a_target_inherits_a_queue_that_is_null(stage: Stage):
    stage.workflow(filter_("1==1", step(stage.queue("Q1"), timeout=5), {"queue": None}))
    task = stage.task()
    stage.pass_(5)
    assert (stage.in_queue(task), task.target_index) == ("Q1", 1)
