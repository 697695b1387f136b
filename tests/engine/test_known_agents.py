"""Steps that ask for one known worker, against `behaviour.md §5.4`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.engine.model.options import CompatibilityOptions
from tests.engine.stage import Stage, filter_, step

NOBODY = {
    "outside the queue": ("outside", [40152]),
    "unknown": ("WK" + "f" * 32, [40154]),
    "no text": (7, [40154]),
    "absent": ("absent", [40154]),
    "null": (None, []),
}


def known(stage: Stage, key: str = "known_worker_sid", attribute: str = "task.agent", **settings: Any) -> None:
    """A workflow whose first step is for a known worker of the queue Sales, and whose second is for anybody."""
    sales, rest = stage.queue("Sales", target_workers="sales == true"), stage.queue("Rest")
    stage.workflow(filter_("1==1", step(sales, **{key: attribute}, **settings), step(rest)), default=rest)


def naming(stage: Stage, agent: object) -> dict[str, object]:
    """Attributes that name this agent, where Alice is one outside the queue."""
    if agent == "absent":
        return {}
    return {"agent": stage.worker("Alice").sid if agent == "outside" else agent}


def test_5_4_the_known_agent_gets_the_task(stage: Stage):
    known(stage)
    stage.worker("Alice", sales=True)
    bob = stage.worker("Bob", sales=True)
    assert stage.who(stage.task(attributes={"agent": bob.sid})) == ["Bob"]
    assert stage.alerted() == []


def test_5_4_by_friendly_name(stage: Stage):
    known(stage, "known_worker_friendly_name", "task.who.name")
    stage.worker("Alice", sales=True)
    stage.worker("Bob", sales=True)
    assert stage.who(stage.task(attributes={"who": {"name": "Bob"}})) == ["Bob"]


def test_5_4_a_known_agent_that_is_busy_or_offline_is_waited_for(stage: Stage):
    known(stage)
    stage.worker("Alice", sales=True)
    bob = stage.worker("Bob", stage.offline, sales=True)
    task = stage.task(attributes={"agent": bob.sid})
    assert (stage.in_queue(task), task.assignment_status) == ("Sales", "pending")
    assert stage.alerted() == []
    stage.move(bob, stage.idle)
    assert stage.who(task) == ["Bob"]


def test_5_4_the_expression_of_the_step_must_hold_for_the_known_agent_too(stage: Stage):
    known(stage, expression="worker.level > 1")
    bob = stage.worker("Bob", sales=True, level=1)
    task = stage.task(attributes={"agent": bob.sid})
    assert (stage.in_queue(task), stage.who(task)) == ("Sales", [])
    stage.engine.workers.update(stage.now, bob, attributes='{"sales": true, "level": 2}')
    assert stage.who(task) == ["Bob"]


@pytest.mark.parametrize("case", NOBODY)
def test_5_4_a_task_stays_in_a_step_that_names_nobody(stage: Stage, case: str):
    """The default filter takes it no more than the next step does: it waits until its own timeout."""
    agent, codes = NOBODY[case]
    known(stage)
    task = stage.task(attributes=naming(stage, agent), timeout=60)
    assert (stage.in_queue(task), task.assignment_status, stage.who(task)) == ("Sales", "pending", [])
    assert stage.alerted() == codes
    assert all(alert.subject_sid == task.sid for alert in stage.alerts)
    stage.pass_(59)
    assert (stage.in_queue(task), task.assignment_status) == ("Sales", "pending")
    stage.pass_(1)
    assert (task.assignment_status, task.reason) == ("canceled", "Task TTL Exceeded")


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"agent": "WKx"}, "'WKx'"),
        ({"agent": ""}, "''"),
        ({"agent": 7}, "7"),
        ({"agent": False}, "false"),
        ({"agent": ["WKx"]}, '["WKx"]'),
        ({}, "it has no task.agent"),
    ],
)
def test_5_4_the_alert_says_what_the_attribute_holds(stage: Stage, attributes: dict[str, object], said: str):
    known(stage)
    stage.task(attributes=attributes)
    assert stage.alerted() == [40154]
    assert stage.alerts[0].text.endswith(f"names no known worker, or one that does not exist: {said}")


@pytest.mark.parametrize("case", NOBODY)
def test_5_4_it_goes_on_when_the_time_of_the_step_is_over(stage: Stage, case: str):
    agent, codes = NOBODY[case]
    known(stage, timeout=10)
    attributes = naming(stage, agent)
    if case != "outside the queue":
        stage.worker("Alice")
    task = stage.task(attributes=attributes)
    stage.pass_(9)
    assert (stage.in_queue(task), task.assignment_status) == ("Sales", "pending")
    stage.pass_(1)
    assert (stage.in_queue(task), stage.who(task)) == ("Rest", ["Alice"])
    assert stage.alerted() == codes


@pytest.mark.parametrize("case", NOBODY)
@pytest.mark.parametrize("skip_if", ["1==1", "workers.available == 0"])
def test_5_4_it_goes_on_at_once_when_the_step_is_skipped(stage: Stage, case: str, skip_if: str):
    agent, codes = NOBODY[case]
    known(stage, skip_if=skip_if)
    attributes = naming(stage, agent)
    task = stage.task(attributes=attributes)
    assert stage.in_queue(task) == "Rest"
    assert stage.alerted() == codes


def test_5_4_an_agent_who_comes_into_the_queue_is_found(stage: Stage):
    known(stage)
    alice = stage.worker("Alice")
    task = stage.task(attributes={"agent": alice.sid})
    assert stage.who(task) == []
    stage.engine.workers.update(stage.now, alice, attributes='{"sales": true}')
    assert stage.who(task) == ["Alice"]


@pytest.mark.parametrize("then", ["evaluate", "stay"])
def test_5_4_another_agent_may_be_named_while_the_task_waits(then: str):
    stage = Stage(options=CompatibilityOptions(after_attribute_change=then))
    known(stage)
    bob = stage.worker("Bob", sales=True)
    task = stage.task(attributes={"agent": None})
    stage.engine.tasks.update(stage.now, task, attributes='{"agent": "WKx"}')
    assert (stage.in_queue(task), stage.who(task)) == ("Sales", [])
    assert stage.alerted() == ([40154] if then == "evaluate" else [])
    stage.engine.tasks.update(stage.now, task, attributes=json.dumps({"agent": bob.sid}))
    assert stage.who(task) == ["Bob"]


def test_5_4_another_agent_may_be_named_while_the_task_is_reserved(stage: Stage):
    known(stage)
    alice, bob = (stage.worker(name, sales=True) for name in ("Alice", "Bob"))
    task = stage.task(attributes={"agent": alice.sid})
    stage.engine.tasks.update(stage.now, task, attributes=json.dumps({"agent": bob.sid}))
    assert stage.who(task) == ["Alice"]
    stage.reject(task)
    assert stage.who(task) == ["Bob"]
    stage.engine.tasks.update(stage.now, task, attributes='{"agent": "WKx"}')
    assert stage.alerted() == []
    stage.reject(task)
    assert (stage.who(task), stage.alerted()) == ([], [40154])


@pytest.mark.parametrize("reference", ["agent", "worker.agent", "workers.available"])
def test_5_4_a_known_agent_is_named_by_the_task(stage: Stage, reference: str):
    with pytest.raises(TaskRouterError, match=r"targets\[0\]\.known_worker_sid.*write task\."):
        stage.workflow(filter_("1==1", step(stage.queue(), known_worker_sid=reference)))


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("agents[0].sid", r"write task\.agents\[0\]\.sid$"),
        ("who.name", r"write task\.who\.name$"),
        ("Task.agent", r"write task\.agent$"),
        ("task", "write one, as task.agent$"),
        ("'task.agent'", "a key stands without quotation marks$"),
    ],
)
def test_5_4_the_refusal_says_how_to_write_it(stage: Stage, reference: str, meant: str):
    with pytest.raises(TaskRouterError, match=meant):
        stage.workflow(filter_("1==1", step(stage.queue(), known_worker_sid=reference)))
