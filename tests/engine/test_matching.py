"""Who may get a task, and what happens with several at once, against `behaviour.md §6.3, §7`."""

from __future__ import annotations

import pytest

from tests.engine.stage import Stage, channel_of, filter_, served, step

# the time


def test_6_3_the_expression_of_a_step_knows_the_time(stage: Stage):
    """The stage begins at 22:13 UTC. A task is not looked at again when nothing but the time has changed (§11)."""
    stage.workflow(filter_("1==1", step(stage.queue(), expression="taskrouter.currentTime >= 2214 AND worker.a == 1")))
    worker = stage.worker("Alice", a=1)
    task = stage.task()
    stage.pass_(120)
    assert task.assignment_status == "pending"
    stage.move(worker, stage.offline)
    stage.move(worker, stage.idle)
    assert stage.who(task) == ["Alice"]


# who is eligible


@pytest.mark.parametrize(
    "hindered",
    [
        "unavailable activity",
        "channel not available",
        "capacity used up",
        "capacity 0",
        "not in the queue",
        "expression",
    ],
)
def test_7_eligibility(multi: Stage, hindered: str):
    stage = multi
    target = {"expression": "worker.level >= task.level"} if hindered == "expression" else {}
    expression = "level > 1" if hindered == "not in the queue" else "1==1"
    stage.workflow(filter_("1==1", step(stage.queue(target_workers=expression), **target)))
    worker = stage.worker("Alice", level=1)
    other = stage.worker("Bob", stage.offline, level=9)
    channel = channel_of(stage, worker)
    match hindered:
        case "unavailable activity":
            stage.move(worker, stage.busy)
        case "channel not available":
            stage.engine.worker_channels.update(stage.now, channel, available=False)
        case "capacity used up":
            stage.accept(stage.task(attributes={"level": 1}))
        case "capacity 0":
            stage.engine.worker_channels.update(stage.now, channel, capacity=0)
    task = stage.task(attributes={"level": 5})
    assert task.assignment_status == "pending"
    stage.move(other, stage.idle)
    assert stage.who(task) == ["Bob"]


def test_7_each_channel_has_a_capacity_of_its_own(multi: Stage):
    stage = multi
    stage.workflow(default=stage.queue())
    worker = stage.worker("Alice")
    stage.engine.worker_channels.update(stage.now, channel_of(stage, worker, "chat"), capacity=2)
    voice, chats = stage.task(task_channel="voice"), [stage.task(task_channel="chat") for _ in range(3)]
    statuses = [task.assignment_status for task in (voice, *chats)]
    assert statuses == ["reserved", "reserved", "reserved", "pending"]
    stage.accept(chats[0])
    assert chats[2].assignment_status == "pending"
    stage.engine.tasks.update(stage.now, chats[0], assignment_status="wrapping")
    assert chats[2].assignment_status == "pending"  # wrapping uses capacity too
    stage.complete(chats[0])
    assert chats[2].assignment_status == "reserved"


def test_7_more_capacity_is_used_at_once(multi: Stage):
    stage = multi
    stage.workflow(default=stage.queue())
    worker = stage.worker("Alice")
    stage.task()
    second = stage.task()
    assert second.assignment_status == "pending"
    stage.engine.worker_channels.update(stage.now, channel_of(stage, worker), capacity=2)
    assert stage.who(second) == ["Alice"]
    stage.engine.worker_channels.update(stage.now, channel_of(stage, worker), capacity=1)
    assert stage.who(second) == ["Alice"]  # behaviour.md §14: a program pulls a task so, and takes the place away again


@pytest.mark.parametrize(
    "expression",
    [
        'worker.channel.default.assigned_tasks < 1 AND worker.friendly_name == "Alice"',
        "worker.channel.default.available_capacity_percentage >= 67",
        "worker.channel.default.configured_capacity == 3 AND worker.channel.default.assigned_tasks != 1",
    ],
)
def test_6_3_target_expressions_see_the_channels(multi: Stage, expression: str):
    stage = multi
    stage.workflow(filter_("1==1", step(stage.queue(), expression=expression)))
    worker = stage.worker("Alice")
    stage.engine.worker_channels.update(stage.now, channel_of(stage, worker), capacity=3)
    first = stage.task()
    stage.accept(first)
    second = stage.task()
    if "percentage" in expression:
        assert second.assignment_status == "pending" or channel_of(stage, worker).used == 2
    else:
        assert second.assignment_status == "pending"
    stage.complete(first)
    assert second.assignment_status == "reserved"


@pytest.mark.parametrize(
    "expression",
    ['worker.friendly_name == "Alicia"', 'worker.activity_name == "Free"', "worker.languages HAS task.lang"],
)
def test_6_3_a_worker_that_changes_may_become_a_match(stage: Stage, expression: str):
    stage.workflow(filter_("1==1", step(stage.queue(), expression=expression)))
    worker = stage.worker("Alice")
    task = stage.task(attributes={"lang": "es"})
    assert task.assignment_status == "pending"
    stage.engine.workers.update(stage.now, worker, friendly_name="Alicia")
    stage.engine.activities.update(stage.now, stage.idle, friendly_name="Free")
    stage.engine.workers.update(stage.now, worker, attributes='{"languages": ["es"]}')
    assert task.assignment_status == "reserved"


# several at once


def test_7_max_reserved_workers_reserves_all_eligible_up_to_it(stage: Stage):
    stage.workflow(default=stage.queue(max_reserved_workers=2), assignment_callback_url="http://x/")
    stage.worker("Alice", stage.offline)
    for name in ("Bob", "Carol", "Dave"):
        stage.worker(name)
    task = stage.task()
    assert stage.who(task) == ["Bob", "Carol"]
    assert len(stage.called()) == 2
    assert stage.happened("reservation") == ["reservation.created", "reservation.created"]


def test_7_workers_that_come_free_later_are_not_added_to_a_batch(stage: Stage):
    stage.workflow(default=stage.queue(max_reserved_workers=2))
    stage.worker("Alice")
    task = stage.task()
    stage.worker("Bob")
    assert stage.who(task) == ["Alice"]


def test_7_the_same_worker_may_be_asked_again_at_once(stage: Stage):
    stage.workflow(default=stage.queue())
    stage.worker("Alice")
    task = stage.task()
    first = stage.the(task)
    stage.reject(first)
    assert stage.who(task) == ["Alice"]
    assert stage.the(task) is not first


def test_7_the_most_urgent_task_comes_first_when_several_workers_become_free(stage: Stage):
    queue = stage.queue(target_workers="ready == true")
    stage.workflow(default=queue)
    for name in ("Alice", "Bob"):
        stage.worker(name, level=1)
    low, high, middle = (stage.task(priority=p) for p in (1, 9, 5))
    stage.engine.task_queues.update(stage.now, queue, target_workers="level == 1")
    assert (stage.who(high), stage.who(middle), low.assignment_status) == (["Alice"], ["Bob"], "pending")


def test_7_a_new_member_is_found_at_once(stage: Stage):
    queue = stage.queue(target_workers='languages HAS "es"')
    stage.workflow(default=queue)
    worker = stage.worker("Alice", languages=["en"])
    task = stage.task()
    assert task.assignment_status == "pending"
    stage.engine.workers.update(stage.now, worker, attributes='{"languages": ["en", "es"]}')
    assert stage.who(task) == ["Alice"]
    stage.engine.workers.update(stage.now, worker, attributes="{}")
    assert stage.who(task) == ["Alice"]  # what is reserved stays
    assert queue.members == {}


def test_6_2_true_and_1_are_different_attributes(stage: Stage):
    """Equal in Python, and not in an expression: membership must be looked at again."""
    queue = stage.queue(target_workers="senior == true")
    worker = stage.worker("Alice", senior=1)
    assert queue.members == {}
    stage.engine.workers.update(stage.now, worker, attributes='{"senior": true}')
    assert list(queue.members) == [worker.sid]


@pytest.mark.parametrize("waiting", [1, 300])
def test_7_tasks_that_nobody_can_take_do_not_stand_in_the_way(stage: Stage, waiting: int):
    queue = stage.queue()
    stage.workflow(filter_("skill != null", step(queue, expression="worker.skill == task.skill")), default=queue)
    worker = stage.worker("Alice", stage.offline, skill=1)
    for _ in range(waiting):
        stage.task(attributes={"skill": 2}, priority=9)
    mine, anybodys = stage.task(attributes={"skill": 1}), stage.task()
    assert len(queue.waiting) == waiting + 2
    assert len(queue.waiting.by_demand) == 3
    assert served(stage, {"mine": mine, "anybody's": anybodys}, worker) == ["mine", "anybody's"]
