"""Who gets what, in which order (behaviour.md §7, §6.4)."""

from __future__ import annotations

import pytest

from tests.routing.stage import START, Stage, filter_, step


@pytest.fixture
def stage() -> Stage:
    return Stage()


class TestTasks:
    def test_fifo_is_priority_then_the_oldest_virtual_start(self, stage):
        stage.workflow(default=stage.queue())
        plain = stage.task()
        urgent = stage.task(priority=5)
        early = stage.task(virtual_start_time=START - 1000)
        names = {plain.sid: "plain", urgent.sid: "urgent", early.sid: "early"}
        alice, order = stage.worker("Alice"), []
        for _ in range(3):
            task = next(task for task in stage.state.tasks.values() if task.open)
            order.append(names[task.sid])
            stage.accept(task)
            stage.complete(task)
            stage.move(alice, stage.idle)
        assert order == ["urgent", "early", "plain"]

    def test_lifo_is_the_newest_whatever_its_priority(self, stage):
        stage.workflow(default=stage.queue(task_order="LIFO"))
        urgent = stage.task(priority=100)
        stage.pass_(1)
        newest = stage.task()
        stage.worker("Alice")
        assert (newest.assignment_status, urgent.assignment_status) == ("reserved", "pending")

    @pytest.mark.parametrize(("first", "served"), [("FIFO", "old"), ("LIFO", "new")])
    def test_the_workspace_says_which_kind_of_queue_goes_first(self, first, served):
        stage = Stage(prioritize_queue_order=first)
        fifo, lifo = stage.queue("F"), stage.queue("L", task_order="LIFO")
        stage.workflow(filter_("kind == 'old'", step(fifo)), default=lifo)
        tasks = {kind: stage.task(attributes={"kind": kind}) for kind in ("old", "new")}
        stage.worker("Alice")
        assert [kind for kind, task in tasks.items() if task.open] == [served]

    def test_across_queues_of_a_kind_priority_and_age_decide(self, stage):
        one, two = stage.queue("1"), stage.queue("2")
        stage.workflow(filter_("q == 1", step(one)), default=two)
        stage.task(attributes={"q": 1})
        stage.pass_(1)
        urgent = stage.task(attributes={"q": 2}, priority=1)
        stage.worker("Alice")
        assert urgent.assignment_status == "reserved"


class TestWorkers:
    def test_the_longest_idle_comes_first_and_the_unused_before_that(self, stage):
        stage.workflow(default=stage.queue())
        names = []
        stage.worker("Alice"), stage.worker("Bob")
        for number in range(5):
            if number == 2:
                stage.worker("Carla")
            stage.pass_(1)
            task = stage.task()
            names += stage.who(task)
            stage.accept(task)
            stage.complete(task)
        assert names == ["Alice", "Bob", "Carla", "Alice", "Bob"]

    @pytest.mark.parametrize("multi", [False, True])
    def test_nobody_is_given_more_than_there_is_room_for(self, multi):
        """Capacity 1 on every channel; in a single-tasking workspace one task in all."""
        stage = Stage(multi=multi)
        stage.workflow(default=stage.queue())
        stage.worker("Alice")
        first = stage.task()
        stage.accept(first)
        assert stage.task().assignment_status == "pending"
        on_another_channel = stage.task(task_channel="voice")
        assert on_another_channel.assignment_status == ("reserved" if multi else "pending")

    def test_capacity_counts_pending_accepted_and_wrapping(self):
        """§6.3."""
        stage = Stage(multi=True)
        stage.workflow(default=stage.queue())
        alice = stage.worker("Alice")
        channel = next(iter(alice.channels.values()))
        stage.router.worker_channels.update(stage.now, channel, capacity=2)
        first, second, third = (stage.task() for _ in range(3))
        stage.accept(first)
        stage.router.tasks.update(stage.now, first, assignment_status="wrapping")
        stage.accept(second)
        assert (channel.used, channel.assigned) == (2, 1)
        assert third.assignment_status == "pending"
        stage.complete(first)
        assert third.assignment_status == "reserved"

    def test_a_channel_that_is_not_available_takes_nothing(self):
        stage = Stage(multi=True)
        stage.workflow(default=stage.queue())
        channel = next(iter(stage.worker("Alice").channels.values()))
        stage.router.worker_channels.update(stage.now, channel, available=False)
        task = stage.task()
        assert task.assignment_status == "pending"
        stage.router.worker_channels.update(stage.now, channel, available=True)
        assert task.assignment_status == "reserved"

    def test_optimized_channels_have_a_round_robin_of_their_own(self):
        stage = Stage(multi=True)
        stage.workflow(default=stage.queue())
        voice = next(c for c in stage.state.task_channels.values() if c.unique_name == "voice")
        stage.router.task_channels.update(stage.now, voice, channel_optimized_routing=True)
        stage.worker("Alice"), stage.worker("Bob")
        stage.pass_(1)
        stage.accept(stage.task())
        assert stage.who(stage.task(task_channel="voice")) == ["Alice"]

    def test_up_to_so_many_are_reserved_at_once(self, stage):
        stage.workflow(default=stage.queue(max_reserved_workers=2), assignment_callback_url="http://127.0.0.1/")
        for name in ("Alice", "Bob", "Carla"):
            stage.worker(name)
        task = stage.task()
        assert stage.who(task) == ["Alice", "Bob"]
        assert len(stage.called()) == 2
        assert stage.happened("reservation") == ["reservation.created"] * 2

    def test_a_target_expression_sees_task_and_worker(self, stage):
        """§6.3."""
        stage.workflow(filter_("1==1", step(stage.queue(), expression="task.level <= worker.level")))
        stage.worker("Junior", level=1), stage.worker("Senior", level=9)
        assert stage.who(stage.task(attributes={"level": 5})) == ["Senior"]

    def test_order_by_puts_those_without_a_number_last(self, stage):
        """§6.4: for either direction; ties by the longest idle."""
        stage.workflow(filter_("1==1", step(stage.queue(), order_by="worker.level DESC")))
        stage.worker("None"), stage.worker("Text", level="9")
        stage.worker("Low", level=1), stage.worker("High", level=5), stage.worker("AlsoHigh", level=5)
        assert [stage.who(stage.task())[0] for _ in range(5)] == ["High", "AlsoHigh", "Low", "None", "Text"]


class TestAimedAtAWorker:
    """§7, last rows; rest-contract.md §4.4."""

    def test_with_ignore_capacity_nothing_stands_in_the_way(self, stage):
        stage.queue()
        alice = stage.worker("Alice", stage.offline)
        task = stage.task(routing_target=alice.sid, ignore_capacity=True)
        assert stage.who(task) == ["Alice"]

    def test_without_it_the_worker_is_waited_for(self, stage):
        stage.queue()
        stage.worker("Bob")
        alice = stage.worker("Alice", stage.offline)
        task = stage.task(routing_target=alice.sid)
        assert task.assignment_status == "pending"
        stage.move(alice, stage.idle)
        assert stage.who(task) == ["Alice"]


class TestEvents:
    """§4.4: the order at key moments, each a millisecond after the one before."""

    def test_a_task_is_created(self, stage):
        stage.workflow(default=stage.queue())
        stage.forget()
        stage.task()
        assert stage.happened() == [
            "workflow.target-matched", "task.created", "task-queue.entered", "workflow.entered",
        ]  # fmt: skip

    def test_a_worker_becomes_available(self, stage):
        stage.workflow(default=stage.moving_queue())
        alice = stage.worker("Alice", stage.offline)
        task = stage.task()
        stage.forget()
        stage.move(alice, stage.idle)
        stage.happened()
        kinds = [(e.event_type, e.data["WorkerActivityName"]) for e in stage.events]
        assert kinds == [
            ("worker.activity.update", "Idle"),
            ("reservation.created", "Reserved"),
            ("worker.activity.update", "Reserved"),
        ]
        times = [event.date_created for event in stage.events]
        assert times == sorted(set(times))
        assert stage.events[1].data["TaskAssignmentStatus"] == "reserved"
        stage.forget()
        stage.accept(task)
        stage.complete(task)
        assert stage.happened() == [
            "reservation.accepted", "worker.activity.update", "task.completed", "reservation.completed",
        ]  # fmt: skip

    def test_fields_are_strings_and_what_is_unknown_is_left_out(self, stage):
        stage.workflow(filter_("1==1", step(stage.queue(), expression="worker.skills HAS task.skill"), name="Skilled"))
        stage.forget()
        stage.task(attributes={"skill": "x"})
        data = stage.event("workflow.target-matched").data
        assert all(isinstance(value, str) for value in data.values())
        assert data["WorkflowFilterName"] == "Skilled"
        assert data["WorkflowFilterExpression"] == '["1==1"]'
        assert data["WorkflowFilterTargetExpression"] == "worker.skills HAS task.skill"
        assert "ReservationSid" not in data
