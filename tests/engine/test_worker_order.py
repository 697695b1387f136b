"""Which worker comes first, against `behaviour.md §2.2, §6.4, §7`."""

from __future__ import annotations

import pytest

from tests.engine.stage import Stage, channel_of, filter_, step


def test_7_the_worker_without_a_task_for_the_longest_time(stage: Stage):
    stage.workflow(default=stage.queue())
    for name in ("Alice", "Bob", "Carol"):
        stage.worker(name)
    turns = []
    for _ in range(5):
        stage.pass_(1)
        task = stage.task()
        turns += stage.who(task)
        stage.accept(task)
        stage.complete(task)
    assert turns == ["Alice", "Bob", "Carol", "Alice", "Bob"]


def test_7_a_change_of_activity_does_not_count(stage: Stage):
    """§7: last reservation, not last change of status."""
    stage.workflow(default=stage.queue())
    alice, _ = stage.worker("Alice"), stage.worker("Bob")
    task = stage.task()
    stage.accept(task)
    stage.complete(task)
    stage.pass_(10)
    task = stage.task()
    assert stage.who(task) == ["Bob"]
    stage.accept(task)
    stage.complete(task)
    stage.move(alice, stage.offline)
    stage.pass_(60)
    stage.move(alice, stage.idle)
    assert stage.who(stage.task()) == ["Alice"]


@pytest.mark.parametrize(("optimized", "second"), [(False, "Bob"), (True, "Alice")])
def test_7_channel_optimized_routing_goes_by_the_channel(multi: Stage, optimized: bool, second: str):
    """Alice had the last voice task; of chats, neither had any."""
    stage = multi
    stage.workflow(default=stage.queue())
    stage.worker("Alice")
    stage.worker("Bob")
    chat = next(c for c in stage.state.task_channels.values() if c.unique_name == "chat")
    stage.engine.task_channels.update(stage.now, chat, channel_optimized_routing=optimized)
    stage.task(task_channel="voice")
    stage.pass_(1)
    assert stage.who(stage.task(task_channel="chat")) == [second]


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ("worker.level DESC, worker.city ASC", ["Alice", "Bob", "Carol", "Dave"]),  # ignored as a whole
        ("worker.level DESC", ["Carol", "Alice", "Dave", "Bob"]),
        ("worker.level ASC", ["Alice", "Dave", "Carol", "Bob"]),
        ("worker.level ASC, worker.age DESC", ["Dave", "Alice", "Carol", "Bob"]),
        ("worker.city ASC", ["Alice", "Bob", "Carol", "Dave"]),  # no integer: does not take part
    ],
)
def test_6_4_order_by(stage: Stage, order_by: str, expected: list[str]):
    """Bob has no level, so he is last; equal ones by the time without a task."""
    stage.workflow(filter_("1==1", step(stage.queue(max_reserved_workers=4), order_by=order_by)))
    stage.worker("Alice", level=1, age=30, city="Z")
    stage.worker("Bob", age=99, city="Y")
    stage.worker("Carol", level=5, city="X")
    stage.worker("Dave", level=1, age=40, city="W")
    assert stage.who(stage.task()) == expected


def test_6_1_a_channel_whose_name_ends_in_a_dollar_can_be_named(multi: Stage):
    """MT (FAQ): unique names may hold letters, digits, _ and $."""
    stage = multi
    stage.engine.task_channels.create(stage.now, friendly_name="Web", unique_name="web$")
    free = step(stage.queue(), expression="worker.channel.web$.assigned_tasks == 0")
    stage.workflow(filter_("1==1", free))
    worker = stage.worker("Alice")
    stage.engine.worker_channels.update(stage.now, channel_of(stage, worker, "web$"), capacity=2)
    first = stage.task(task_channel="web$")
    assert stage.who(first) == ["Alice"]
    stage.accept(first)
    second = stage.task(task_channel="web$")
    assert stage.who(second) == []
    stage.complete(first)
    assert stage.who(second) == ["Alice"]


def test_7_reservations_come_in_parallel_until_the_capacity_is_used_up(multi: Stage):
    """rest-contract.md §9.2: three pending ones on a capacity of three."""
    stage = multi
    stage.workflow(default=stage.queue())
    stage.engine.worker_channels.update(stage.now, channel_of(stage, stage.worker("Alice")), capacity=3)
    tasks = [stage.task() for _ in range(4)]
    assert [task.assignment_status for task in tasks] == ["reserved"] * 3 + ["pending"]
    stage.reject(tasks[0])
    assert [task.assignment_status for task in tasks] == ["reserved"] * 3 + ["pending"]
    stage.cancel(tasks[1])
    assert tasks[3].assignment_status == "reserved"


def test_2_2_a_rejected_task_goes_to_the_next_worker_of_the_order_and_comes_back(multi: Stage):
    stage = multi
    stage.workflow(filter_("1==1", step(stage.queue(), order_by="worker.level DESC")))
    for name, level in (("Alice", 9), ("Bob", 5), ("Carol", 1)):
        stage.worker(name, level=level)
    task, turns = stage.task(), []
    for _ in range(6):
        turns += stage.who(task)
        stage.reject(task)
    assert turns == ["Alice", "Bob", "Carol"] * 2


def test_2_2_a_rejected_task_goes_to_the_next_worker_though_the_first_is_idle_longer(multi: Stage):
    stage = multi
    stage.workflow(default=stage.queue())
    for name in ("Alice", "Bob"):
        stage.engine.worker_channels.update(stage.now, channel_of(stage, stage.worker(name)), capacity=2)
    task = stage.task()
    stage.pass_(1)
    assert (stage.who(task), stage.who(stage.task())) == (["Alice"], ["Bob"])
    stage.reject(task)
    assert stage.who(task) == ["Bob"]
    stage.reject(task)
    assert stage.who(task) == ["Alice"]


def test_6_4_order_by_a_channel(multi: Stage):
    stage = multi
    by = "worker.channel.chat.available_capacity_percentage DESC"
    stage.workflow(filter_("1==1", step(stage.queue(), order_by=by)))
    for name in ("Alice", "Bob"):
        stage.engine.worker_channels.update(stage.now, channel_of(stage, stage.worker(name), "chat"), capacity=2)
    turns = [stage.who(stage.task(task_channel="chat")) for _ in range(4)]
    assert turns == [["Alice"], ["Bob"], ["Alice"], ["Bob"]]
