"""Which task comes first, and who gets it, against `behaviour.md §6.3, §6.4, §7`."""

from __future__ import annotations

import pytest

from tests.engine.stage import Stage, filter_, step


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def multi() -> Stage:
    return Stage(multi=True)


def served(stage: Stage, tasks: dict[str, object], worker: object) -> list[str]:
    """Names of the tasks in the order in which one worker gets them, each completed before the next."""
    order = []
    stage.move(worker, stage.idle)
    while held := [name for name, task in tasks.items() if task.assignment_status == "reserved"]:
        order += held
        stage.accept(tasks[held[0]])
        stage.complete(tasks[held[0]])
    return order


def channel_of(stage: Stage, worker, name: str = "default"):
    sid = next(c.sid for c in stage.state.task_channels.values() if c.unique_name == name)
    return worker.channels[sid]


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


# the order of tasks


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


# the order of workers


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
