"""Which task comes first, against `behaviour.md §7`."""

from __future__ import annotations

import pytest

from tests.engine.stage import Stage, served


def test_7_fifo_is_priority_then_virtual_start_time(stage: Stage):
    stage.workflow(default=stage.queue())
    worker = stage.worker("Alice", stage.offline)
    tasks = {
        "first": stage.task(),
        "second": stage.task(),
        "urgent": stage.task(priority=5),
        "backdated": stage.task(virtual_start_time=stage.now - 60_000),
        "most urgent": stage.task(priority=9),
    }
    assert served(stage, tasks, worker) == ["most urgent", "urgent", "backdated", "first", "second"]


def test_7_lifo_is_the_newest_whatever_its_priority(stage: Stage):
    stage.workflow(default=stage.queue(task_order="LIFO"))
    worker = stage.worker("Alice", stage.offline)
    tasks = {}
    for name, priority in (("first", 9), ("second", 0), ("third", 5)):
        tasks[name] = stage.task(priority=priority)
        stage.pass_(1)
    tasks["backdated"] = stage.task(virtual_start_time=stage.now - 60_000)
    assert served(stage, tasks, worker) == ["third", "second", "first", "backdated"]


@pytest.mark.parametrize(("kind", "expected"), [("FIFO", ["f1", "f2", "l2", "l1"]), ("LIFO", ["l2", "l1", "f1", "f2"])])
def test_7_prioritize_queue_order_says_which_kind_goes_first(kind: str, expected: list[str]):
    stage = Stage(prioritize_queue_order=kind)
    fifo, lifo = stage.queue("FIFO"), stage.queue("LIFO", task_order="LIFO")
    worker = stage.worker("Alice", stage.offline)
    tasks = {}
    for name in ("f1", "l1", "f2", "l2"):
        tasks[name] = stage.task(task_queue_sid=(fifo if name[0] == "f" else lifo).sid)
        stage.pass_(1)
    assert served(stage, tasks, worker) == expected


def test_7_among_queues_of_a_kind_the_tasks_decide(stage: Stage):
    q1, q2 = stage.queue("Q1"), stage.queue("Q2")
    worker = stage.worker("Alice", stage.offline)
    tasks = {
        "a": stage.task(task_queue_sid=q1.sid),
        "b": stage.task(task_queue_sid=q2.sid, priority=1),
        "c": stage.task(task_queue_sid=q1.sid, priority=2),
    }
    assert served(stage, tasks, worker) == ["c", "b", "a"]


def test_7_an_edited_order_holds_for_those_that_wait(stage: Stage):
    queue = stage.queue()
    stage.workflow(default=queue)
    worker = stage.worker("Alice", stage.offline)
    tasks = {"first": stage.task(), "second": stage.task()}
    stage.engine.task_queues.update(stage.now, queue, task_order="LIFO")
    assert served(stage, tasks, worker) == ["second", "first"]


def test_7_an_edited_priority_moves_a_task_to_its_place(stage: Stage):
    stage.workflow(default=stage.queue())
    worker = stage.worker("Alice", stage.offline)
    tasks = {"first": stage.task(), "second": stage.task()}
    stage.engine.tasks.update(stage.now, tasks["second"], priority=1)
    assert served(stage, tasks, worker) == ["second", "first"]
