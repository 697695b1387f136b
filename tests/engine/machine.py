"""A hypothesis state machine over the whole routing core, and what must hold after every step.

Every reservation is compared with what the naive matcher of `oracle.py` would have made at that very moment. After
every step nothing may be left for it to match, every index must equal a naive recount, every deadline must be there,
and the events so far must replay to the state.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.effects import Effects
from taskrouter_sandbox.engine.model.entities import Task, Worker, WorkerChannel
from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.engine.model.options import CompatibilityOptions
from taskrouter_sandbox.engine.model.state import State
from taskrouter_sandbox.engine.reporting.event_recorder import EventRecorder
from taskrouter_sandbox.engine.rules import queue_members, transitions
from taskrouter_sandbox.storage.resources import read_resource, write_resource
from tests.engine import oracle
from tests.engine.stage import START, routing
from tests.engine.stored import state_of

ACCOUNT = "AC" + "0" * 32
ATTRIBUTES = (
    {},
    {"languages": ["en"], "level": 1},
    {"languages": ["en", "es"], "level": 2},
    {"languages": ["es"], "level": 3},
    {"level": 3},
)
EXPRESSIONS = ("1==1", "1==1", 'languages HAS "es"', 'languages HAS "en"', "level > 1", "level != 2", "")
LANGUAGES = ("es", "en", None)
STEPS = (
    {},
    {"expression": "task.lang IN worker.languages"},
    {"expression": "worker.level > 1", "order_by": "worker.level DESC"},
    {"expression": 'worker.activity_name != "Break"'},
    {"expression": "worker.channel.default.assigned_tasks < 1"},
    {"expression": "worker.level != 2"},
    {"skip_if": "workers.available == 0"},
    {"known_worker_sid": "task.agent"},
    {"known_worker_friendly_name": "task.agent_name"},
)
WAITS = (0, 1, 700, 1_000, 2_000, 4_000, 8_000, 30_000, 100_000, 301_000)  # milliseconds

BOTH = (False, True)
index = range(12)
some = range(4)


class Each(NamedTuple):
    """One of each."""

    parts: tuple

    @classmethod
    def of(cls, *parts) -> Each:
        return cls(parts)


class Several(NamedTuple):
    """A list."""

    of: Any
    least: int
    most: int


def strategy(choice: Any) -> st.SearchStrategy:
    """What hypothesis draws from."""
    match choice:
        case Each():
            return st.tuples(*map(strategy, choice.parts))
        case Several():
            return st.lists(strategy(choice.of), min_size=choice.least, max_size=choice.most)
    return st.sampled_from(choice)


def draw(choice: Any, random: Random) -> Any:
    """The same, drawn at random."""
    match choice:
        case Each():
            return tuple(draw(part, random) for part in choice.parts)
        case Several():
            return [draw(choice.of, random) for _ in range(random.randint(choice.least, choice.most))]
    return random.choice(choice)


ACTIONS: dict[str, dict[str, Any]] = {}  # by name: what the arguments of an action are chosen from


def action(**choices: Any) -> Callable:
    """A rule of the machine, for hypothesis and for `long_run.py`."""

    def note(method: Callable) -> Callable:
        ACTIONS[method.__name__] = choices
        return rule(**{name: strategy(choice) for name, choice in choices.items()})(method)

    return note


BEGINNING = {
    "multi": BOTH,
    "stay": BOTH,
    "evaluate": (True, True, False),
    "next_filter": (True, True, False),
    "lifo_first": BOTH,
    "workers": Several(Each.of(index, (True, True, False)), 2, 4),
    "queues": Several(Each.of(index, index), 1, 3),
    "filters": Several(Each.of(index, index, index, index), 0, 3),
}


class CheckedRecorder(EventRecorder):
    """Records events, and compares every match with what the naive matcher would have made."""

    def workers_chosen(self, now: int, task: Task, workers: list[Worker]) -> None:
        assert oracle.next_match(self.state) == (task, workers)


class Routing(RuleBasedStateMachine):
    """Rules take small numbers, and pick from what there is by them; a command that is refused must change nothing."""

    commands = 0  # given by all machines that ever ran
    recorder: CheckedRecorder | None = None

    @initialize(**{name: strategy(choice) for name, choice in BEGINNING.items()})
    def begin(self, multi, stay, evaluate, next_filter, lifo_first, workers, queues, filters):
        self.now = START
        numbers = count(1)
        self.new_sid = lambda letters: f"{letters}{next(numbers):032x}"
        self.options = CompatibilityOptions(
            after_failed_reservation="stay" if stay else "move",
            after_attribute_change="evaluate" if evaluate else "stay",
            after_filter_timeout="next-filter" if next_filter else "end",
        )
        self.stored: dict[str, tuple[str, str]] = {}  # as the store keeps it: by SID, kind and state in JSON
        self.replayed: dict[str, dict[str, str]] = {"task": {}, "worker": {}, "reservation": {}}
        self.engine = WorkspaceEngine.create(
            self.now,
            ACCOUNT,
            self.new_sid,
            options=self.options,
            observer=self.checked_recorder,
            friendly_name="W",
            multi_task_enabled=multi,
            prioritize_queue_order="LIFO" if lifo_first else "FIFO",
        )
        for name, available in (("Idle", True), ("Break", True), ("Reserved", False), ("Busy", False)):
            self.engine.activities.create(self.now, friendly_name=name, available=available)
        self.used_before: Counter[tuple[str, str]] = Counter()
        for attributes, available in workers:
            self.add_worker(attributes, available)
        for queue in queues:
            self.add_queue(*queue)
        self.do(
            "workflows",
            "create",
            friendly_name="First",
            configuration=self.configuration(filters, True),
            task_reservation_timeout=100,
            assignment_callback_url="http://x/",
        )

    def checked_recorder(self, state: State) -> CheckedRecorder:
        """An observer that goes on where the one before it ended."""
        last_event_at = self.recorder.last_event_at if self.recorder else 0
        self.recorder = CheckedRecorder(state, last_event_at)
        return self.recorder

    # how a command is given

    @property
    def state(self):
        return self.engine.state

    def do(self, resource: str, command: str, *subjects: Any, **settings: Any) -> Any:
        """Give a command; None when it is refused, which must leave no trace."""
        Routing.commands += 1
        owner = getattr(self.engine, resource) if resource else self.engine
        try:
            self.engine.advance(self.now)
            self.keep()
            return getattr(owner, command)(self.now, *subjects, **settings)
        except TaskRouterError:
            assert not self.engine.drain()
            return None
        finally:
            self.keep()

    def keep(self) -> None:
        effects = self.engine.drain()
        for entity in effects.changed.values():
            self.stored[entity.sid] = write_resource(entity)
        for sid in effects.deleted:
            self.stored.pop(sid, None)
        for event in effects.events:
            self.replay(event.event_type, event.data)
        self.look_at(effects)

    def look_at(self, effects: Effects) -> None:
        """For machines that check more of what a command has left."""

    def replay(self, event_type: str, data: dict[str, str]) -> None:
        """Learn from an event what a listener could learn."""
        resource, _, what = event_type.partition(".")
        if "TaskAssignmentStatus" in data:
            self.replayed["task"][data["TaskSid"]] = data["TaskAssignmentStatus"]
        if event_type in ("task.deleted", "task.system-deleted"):
            del self.replayed["task"][data["TaskSid"]]
        if event_type in ("worker.created", "worker.activity.update"):
            self.replayed["worker"][data["WorkerSid"]] = data["WorkerActivitySid"]
        if event_type == "worker.deleted":
            del self.replayed["worker"][data["WorkerSid"]]
        if resource == "reservation" and what != "failed":  # which names none
            status = {"created": "pending", "wrapup": "wrapping"}.get(what, what)
            self.replayed["reservation"][data["ReservationSid"]] = status

    def pick(self, table: dict[str, Any], number: int) -> Any:
        return list(table.values())[number % len(table)] if table else None

    def activity(self, number: int) -> str:
        return self.pick(self.state.activities, number).sid

    def configuration(self, filters, default: bool) -> str:
        """A configuration from small numbers; every filter has one to three steps."""
        made = []
        for expression, kind, queue, shape in filters:
            targets = []
            for i in range(1 + shape % 3):
                target = {"queue": self.pick(self.state.task_queues, queue + i).sid, **STEPS[(kind + i) % len(STEPS)]}
                if (shape + i) % 2:
                    target["timeout"] = 4
                if shape % 5 == i:
                    target["priority"] = i + 2
                targets.append(target)
            text = ("1==1", 'lang == "es"', 'lang == "en"', "lang != null")[expression % 4]
            made.append({"expression": text, "targets": targets})
        document = json.loads(routing(*made, default=self.pick(self.state.task_queues, 0) if default else None))
        if default and filters:
            document["task_routing"]["default_filter"] |= STEPS[sum(filters[0]) % len(STEPS)]
        return json.dumps(document)

    @action(missing=("differs", "null"))
    def choose_reading(self, missing):
        self.options = replace(self.options, missing_attribute=missing)
        self.do("", "choose", self.options)

    # workers

    @action(attributes=index, available=BOTH)
    def add_worker(self, attributes, available):
        if len(self.state.workers) >= 6:
            return
        self.do(
            "workers",
            "create",
            friendly_name=f"Worker {self.new_sid('')}",
            attributes=json.dumps(ATTRIBUTES[attributes % len(ATTRIBUTES)]),
            activity_sid=self.activity(3 if available else 0),
        )

    @action(worker=index, activity=index, reject=BOTH)
    def move_worker(self, worker, activity, reject):
        if one := self.pick(self.state.workers, worker):
            activity_sid = self.activity(activity)
            self.do("workers", "update", one, activity_sid=activity_sid, reject_pending_reservations=reject)

    @action()
    def everybody_becomes_idle(self):
        for one in list(self.state.workers.values()):
            self.do("workers", "update", one, activity_sid=self.activity(3))

    @action(worker=index)
    def become_idle(self, worker):
        if one := self.pick(self.state.workers, worker):
            self.do("workers", "update", one, activity_sid=self.activity(3))

    @action(worker=index, attributes=index, rename=BOTH)
    def edit_worker(self, worker, attributes, rename):
        if one := self.pick(self.state.workers, worker):
            settings = {"attributes": json.dumps(ATTRIBUTES[attributes % len(ATTRIBUTES)])}
            if rename:
                settings["friendly_name"] = f"Worker {attributes}"
            self.do("workers", "update", one, **settings)

    @action(worker=index, channel=some, capacity=range(4), available=BOTH)
    def edit_worker_channel(self, worker, channel, capacity, available):
        if one := self.pick(self.state.workers, worker):
            own = list(one.channels.values())[channel % 2]
            self.do("worker_channels", "update", own, capacity=capacity, available=available or capacity > 1)

    @action(worker=index)
    def delete_worker(self, worker):
        if one := self.pick(self.state.workers, worker):
            self.do("workers", "delete", one)

    # tasks

    @action(
        language=some,
        agent=index,
        priority=some,
        channel=range(6),
        earlier=(None, 0, 5_000, 60_000),
        timeout=(20, 60, 86_400),
    )
    def add_task(self, language, agent, priority, channel, earlier, timeout):
        self.do(
            "tasks",
            "create",
            attributes=self.attributes(language, agent),
            workflow_sid=self.pick(self.state.workflows, agent).sid if self.state.workflows else None,
            priority=priority,
            task_channel="voice" if channel == 5 else "default",
            virtual_start_time=None if earlier is None else self.now - earlier,
            timeout=timeout,
        )

    @action(languages=Several(some, 1, 4))
    def add_tasks(self, languages):
        if self.state.workflows:
            for number, language in enumerate(languages):
                attributes = self.attributes(language, number)
                workflow = self.pick(self.state.workflows, number)
                self.do("tasks", "create", attributes=attributes, workflow_sid=workflow.sid)

    @action(languages=Several(some, 1, 3), accept=BOTH, finish=BOTH)
    def work(self, languages, accept, finish):
        """What makes up the day: tasks come, are accepted, and are done; workers become idle again."""
        self.pass_time(1_000)
        self.add_tasks(languages)
        if accept:
            self.accept_all()
        if finish:
            for task in list(self.state.tasks.values()):
                if task.assignment_status == "assigned":
                    self.do("tasks", "update", task, assignment_status="completed")
            self.everybody_becomes_idle()

    def attributes(self, language: int, agent: int) -> str:
        attributes = {"lang": LANGUAGES[language % len(LANGUAGES)]}
        worker = self.pick(self.state.workers, agent)
        if worker and agent % 3:
            attributes |= {"agent": worker.sid, "agent_name": worker.friendly_name}
        elif agent % 2:
            attributes |= {"agent": None, "agent_name": "Nobody"}
        return json.dumps(attributes)

    @action(goal=index, to_worker=BOTH, ignore_capacity=BOTH, in_queue=BOTH, timeout=(20, 86_400))
    def add_straight_task(self, goal, to_worker, ignore_capacity, in_queue, timeout):
        one = self.pick(self.state.workers if to_worker else self.state.task_queues, goal)
        queue = self.pick(self.state.task_queues, goal)
        if one and queue:
            self.do(
                "tasks",
                "create",
                routing_target=one.sid,
                ignore_capacity=ignore_capacity,
                task_queue_sid=queue.sid if in_queue else None,
                workflow_sid=None,
                timeout=timeout,
            )

    @action(task=index, language=some, agent=index, priority=some, channel=BOTH, earlier=BOTH)
    def edit_task(self, task, language, agent, priority, channel, earlier):
        if one := self.pick(self.state.tasks, task):
            settings: dict[str, Any] = {"attributes": self.attributes(language, agent), "priority": priority}
            if channel:
                settings["task_channel"] = "voice"
            if earlier:
                settings["virtual_start_time"] = self.now - 1_000 * agent
            before = json.loads(one.attributes), one.filter_index
            waits = one.assignment_status == "pending" and one.filter_index != -2
            if self.do("tasks", "update", one, **settings) and waits:
                self.check_place_of(one, *before)

    def check_place_of(self, task: Task, attributes: dict, filter_index: int) -> None:
        """Where a waiting task is whose attributes were edited: in a filter that they match, or where it was."""
        changed = self.options.after_attribute_change == "evaluate" and json.loads(task.attributes) != attributes
        if task.assignment_status in ("pending", "reserved"):
            places = oracle.places(self.state, task) if changed else []
            assert task.filter_index in (places or [filter_index])

    @action(task=index, status=("completed", "completed", "canceled", "wrapping"))
    def end_task(self, task, status):
        if one := self.pick(self.state.tasks, task):
            self.do("tasks", "update", one, assignment_status=status, reason="so")

    @action(task=index)
    def delete_task(self, task):
        if one := self.pick(self.state.tasks, task):
            self.do("tasks", "delete", one)

    # reservations

    def pending(self, number: int) -> Any:
        return self.pick(
            {s: r for s, r in self.state.reservations.items() if r.reservation_status == "pending"}, number
        )

    @action(number=index)
    def accept(self, number):
        if one := self.pending(number):
            assert self.do("reservations", "accept", one) or one.reservation_status != "accepted"

    @action()
    def accept_all(self):
        while one := self.pending(0):
            self.do("reservations", "accept", one)

    @action(number=index, activity=(None, *index))
    def reject(self, number, activity):
        if one := self.pending(number):
            self.do("reservations", "reject", one, None if activity is None else self.activity(activity))

    @action(number=index)
    def cancel_reservation(self, number):
        if one := self.pending(number):
            self.do("reservations", "cancel", one)

    @action(number=index, accept=BOTH)
    def answer_any(self, number, accept):
        if one := self.pick(self.state.reservations, number):
            if accept:
                self.do("reservations", "accept", one)
            else:
                self.do("reservations", "wrap_up_or_complete", one, "completed" if number % 2 else "wrapping")

    # transfers

    @action(number=index, goal=index, to_worker=BOTH, cold=BOTH)
    def transfer(self, number, goal, to_worker, cold):
        self.accept_all()
        held = {s: r for s, r in self.state.reservations.items() if r.reservation_status == "accepted"}
        one, to = self.pick(held, number), self.pick(self.state.workers if to_worker else self.state.task_queues, goal)
        if one and to:
            settings = {"attributes": self.attributes(goal, number), "priority": goal} if goal % 3 else {}
            self.do("transfers", "create", one, to.sid, mode="COLD" if cold else "WARM", **settings)

    @action(number=index)
    def cancel_transfer(self, number):
        if one := self.pick(self.state.transfers, number):
            self.do("transfers", "cancel", one)

    @action(number=index, complete=BOTH)
    def finish_part(self, number, complete):
        """One of several workers who have a task wraps up or is done."""
        shared = {s: r for task in self.state.tasks.values() if task.transfers for s, r in task.open.items()}
        if one := self.pick(shared, number):
            done = self.do("reservations", "wrap_up_or_complete", one, "completed" if complete else "wrapping")
            assert done or not complete or one.reservation_status not in ("accepted", "wrapping")

    # the setting

    @action(expression=index, shape=index)
    def add_queue(self, expression, shape):
        if len(self.state.task_queues) < 4:
            self.do("task_queues", "create", friendly_name=f"Q{self.new_sid('')}", **self.queue_of(expression, shape))

    def queue_of(self, expression: int, shape: int) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "target_workers": EXPRESSIONS[expression % len(EXPRESSIONS)],
            "max_reserved_workers": 1 + shape % 3,
            "task_order": "LIFO" if shape % 4 == 3 else "FIFO",
        }
        if shape % 2:
            settings |= {"reservation_activity_sid": self.activity(5), "assignment_activity_sid": self.activity(6)}
        return settings

    @action(queue=some, expression=index, shape=index)
    def edit_queue(self, queue, expression, shape):
        if one := self.pick(self.state.task_queues, queue):
            self.do("task_queues", "update", one, **self.queue_of(expression, shape))

    @action(queue=some)
    def delete_queue(self, queue):
        if one := self.pick(self.state.task_queues, queue):
            self.do("task_queues", "delete", one)

    @action(
        workflow=some,
        filters=Several(Each.of(index, index, index, index), 1, 3),
        default=BOTH,
        again=BOTH,
    )
    def edit_workflow(self, workflow, filters, default, again):
        one = self.pick(self.state.workflows, workflow)
        if one and self.state.task_queues:
            configuration = self.configuration(filters, default)
            self.do("workflows", "update", one, configuration=configuration, re_evaluate_tasks=again)

    @action(filters=Several(Each.of(index, index, index, index), 0, 2))
    def add_workflow(self, filters):
        if len(self.state.workflows) < 2 and self.state.task_queues:
            configuration = self.configuration(filters, True)
            name = f"F{self.new_sid('')}"
            self.do("workflows", "create", friendly_name=name, configuration=configuration, task_reservation_timeout=8)

    @action(workflow=some)
    def delete_workflow(self, workflow):
        if one := self.pick(self.state.workflows, workflow):
            self.do("workflows", "delete", one)

    @action(optimized=BOTH, new=BOTH)
    def edit_channels(self, optimized, new):
        extra = [c for c in self.state.task_channels.values() if c.unique_name == "extra"]
        if new and not extra:
            self.do("task_channels", "create", friendly_name="Extra", unique_name="extra")
        elif new:
            self.do("task_channels", "delete", extra[0])
        else:
            channel = self.pick(self.state.task_channels, 0)
            self.do("task_channels", "update", channel, channel_optimized_routing=optimized)

    @action(
        order=("FIFO", "LIFO"),
        timeout=(0, 0, 0, 3, 4, 5),
        default=index,
        multi=range(6),
    )
    def edit_workspace(self, order, timeout, default, multi):
        settings = {
            "prioritize_queue_order": order,
            "timeout_activity_sid": self.activity(timeout),
            "default_activity_sid": self.activity(default),
        }
        if multi == 0:
            settings["multi_task_enabled"] = True
        self.do("", "update", **settings)

    @action(activity=index, old=BOTH)
    def edit_activities(self, activity, old):
        one = self.pick(self.state.activities, activity)
        name = "Break" if old else f"A{self.new_sid('')}"
        self.do("activities", "update", one, friendly_name=name)

    # time, and the end of the process

    @action(wait=WAITS)
    def pass_time(self, wait):
        self.now += wait
        self.engine.advance(self.now)
        self.keep()

    @action(sure=range(5))
    def pass_a_day(self, sure):
        """What is assigned comes to its end; what waits is given up before, or it would be offered all day."""
        if sure == 4:
            for task in list(self.state.tasks.values()):
                self.do("tasks", "update", task, assignment_status="canceled")
            self.pass_time(86_400_000)

    @action()
    def start_again_from_what_is_stored(self):
        """The process is killed: what is restored must be the same in everything, deadlines and order included."""
        before = picture(self.engine)
        entities = [read_resource(kind, text) for kind, text in self.stored.values()]
        workspace, *contents = entities
        now = self.state.now
        self.engine = WorkspaceEngine(
            workspace, ACCOUNT, self.new_sid, contents, self.options, observer=self.checked_recorder
        )
        self.state.now = now
        assert picture(self.engine) == before

    # what must hold

    @invariant()
    def nothing_waits_that_a_ready_worker_could_take(self):
        assert not self.state.pending
        assert oracle.next_match(self.state) is None

    @invariant()
    def nobody_is_over_capacity(self):
        """Only a task for a worker may ignore a capacity; lowering one takes nothing away."""
        state, used = self.state, Counter()
        for reservation in state.reservations.values():
            task = state.tasks[reservation.task_sid]
            ignores = task.ignore_capacity and (task.routing_target or "").startswith("WK")
            if reservation.transfer_sid:
                ignores = state.transfers[reservation.transfer_sid].transfer_to.startswith("WK")
            if reservation.reservation_status in transitions.COUNTS and not ignores:
                used[reservation.worker_sid, reservation.task_channel_sid] += 1
        if state.workspace.multi_task_enabled:
            for channel in state.worker_channels.values():
                key = channel.worker_sid, channel.task_channel_sid
                assert used[key] <= max(channel.configured_capacity, self.used_before[key])
        self.used_before = used

    @invariant()
    def tasks_and_reservations_agree(self):
        """A task has one worker, and one more with each transfer that was accepted, as long as they are at work."""
        for task in self.state.tasks.values():
            statuses = Counter(r.reservation_status for r in task.open.values())
            passed_on = sum(t.transfer_status != "initiated" for t in task.transfers.values())
            assert statuses["accepted"] + statuses["wrapping"] <= 1 + passed_on
            shared = {"accepted", "wrapping"} if task.transfers else set()
            match task.assignment_status:
                case "completed" | "canceled":
                    assert not task.open
                case "pending":
                    assert set(statuses) <= shared
                case "reserved":
                    assert {"pending"} <= set(statuses) <= {"pending"} | shared
                case "assigned":  # none when the worker was deleted
                    assert set(statuses) <= {"accepted"} | shared
                case "wrapping":
                    assert set(statuses) <= {"wrapping"}

    @invariant()
    def one_transfer_is_under_way(self):
        for task in self.state.tasks.values():
            under_way = [t for t in task.transfers.values() if t.transfer_status == "initiated"]
            assert under_way == ([task.transfer] if task.transfer else [])
            assert not under_way or task.assignment_status in ("pending", "reserved")
            assert list(task.transfers.values()) == [t for t in self.state.transfers.values() if t.task_sid == task.sid]

    @invariant()
    def counts_equal_a_recount(self):
        state = self.state
        open_ = [r for r in state.reservations.values() if r.reservation_status in transitions.COUNTS]
        for worker in state.workers.values():
            mine = oracle.open_reservations(state, worker)
            assert list(worker.open.values()) == mine
            for channel in worker.channels.values():
                here = [r for r in mine if r.task_channel_sid == channel.task_channel_sid]
                assert channel.used == len(here)
                assert channel.assigned == sum(r.reservation_status == "accepted" for r in here)
            room = {sid for sid in state.task_channels if oracle.has_room(state, worker, sid)}
            assert worker.listed == room
        for task in state.tasks.values():
            assert list(task.open.values()) == [r for r in open_ if r.task_sid == task.sid]
        for queue in state.task_queues.values():
            members = {w.sid for w in state.workers.values() if oracle.is_member(state, w, queue.sid)}
            assert set(queue.members) == members
            assert all((queue in w.queues) == (w.sid in members) for w in state.workers.values())
            waiting = [t for t in state.tasks.values() if t.task_queue_sid == queue.sid]
            waiting = [t for t in waiting if t.assignment_status == "pending"]
            assert len(queue.waiting) == len(waiting)
            assert list(queue.waiting) == sorted(waiting, key=queue.waiting.sort_key)
            for channel_sid, ready in queue.ready.items():
                assert {w.sid for w in ready} == {s for s in members if channel_sid in state.workers[s].listed}
                assert list(ready) == sorted(ready, key=ready.key)
            counted = queue_members.count_workers(state, queue)
            for activity in state.activities.values():
                assert counted[activity.sid] == sum(state.workers[s].activity_sid == activity.sid for s in members)
        names = [(type(e), e.friendly_name.casefold()) for e in state.workers.values()]
        assert len(set(names)) == len(names)

    @invariant()
    def deadlines_are_set(self):
        state, live = self.state, self.state.timers.live()
        expected = {r.sid: r.expires for r in state.reservations.values() if r.reservation_status == "pending"}
        expected |= {task.sid: oracle.deadline(state, task) for task in state.tasks.values()}
        assert live == expected
        assert all(due > self.now for due in live.values())

    @invariant()
    def every_way_leads_to_a_queue(self):
        """A queue that a waiting task may still come to is never deleted (behaviour.md §5.2)."""
        for task in self.state.tasks.values():
            if task.assignment_status in ("pending", "reserved"):
                assert oracle.queues_ahead(self.state, task) <= set(self.state.task_queues)
            if task.assignment_status not in ("completed", "canceled"):
                assert task.task_queue_sid in self.state.task_queues
            if task.transfer:
                assert task.transfer.initiating_queue_sid in self.state.task_queues

    @invariant()
    def events_replay_to_the_state(self):
        state, replayed = self.state, self.replayed
        assert replayed["worker"] == {w.sid: w.activity_sid for w in state.workers.values()}
        for task in state.tasks.values():
            assert replayed["task"][task.sid] == task.assignment_status
        for reservation in state.reservations.values():
            assert replayed["reservation"][reservation.sid] == reservation.reservation_status


def picture(engine: WorkspaceEngine) -> dict[str, Any]:
    """All of an engine that decides on what it does next."""
    state = engine.state
    tables = {kind: list(table.values()) for kind, table in state.tables.items() if kind is not WorkerChannel}
    tables[WorkerChannel] = [each for worker in state.workers.values() for each in worker.channels.values()]
    assert set(state.worker_channels.values()) == set(tables[WorkerChannel])
    return {
        "resources": {kind.__name__: [state_of(entity) for entity in table] for kind, table in tables.items()},
        "deadlines": state.timers.live(),
        "fired": fired(state),
        "names": state.unique_names,
        "waiting": {q.sid: [task.sid for task in q.waiting] for q in state.task_queues.values()},
        "ready": {
            (q.sid, channel): [w.sid for w in queue_members.ready_list(state, q, channel)]
            for q in state.task_queues.values()
            for channel in state.task_channels
        },
        "members": {q.sid: set(q.members) for q in state.task_queues.values()},
        "listed": {w.sid: w.listed for w in state.workers.values()},
        "direct": {sid: set(tasks) for sid, tasks in state.direct.items() if tasks},
        "demands": {t.sid: t.demand for t in state.tasks.values()},
    }


def fired(state) -> list[str]:
    """Whose deadlines come, in order."""
    live = state.timers.live()
    heap = sorted(entry for entry in state.timers._heap if live.get(entry[2]) == entry[0])
    return list(dict.fromkeys(sid for _, _, sid in heap))
