"""A hypothesis state machine over the whole routing core, and what must hold after every step.

Every reservation is compared with what the naive matcher of `oracle.py` would have made at that very moment. After
every step nothing may be left for it to match, every index must equal a naive recount, every deadline must be there,
and the events so far must replay to the state (`invariants.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import count
from typing import Any

from hypothesis.stateful import initialize

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.entities import Task
from taskrouter_sandbox.engine.model.options import CompatibilityOptions
from taskrouter_sandbox.storage.resources import read_resource
from tests.engine import oracle
from tests.engine.actions import BOTH, Each, Several, action, index, some, strategy
from tests.engine.invariants import Invariants
from tests.engine.machine_stage import ACCOUNT
from tests.engine.setting_actions import SettingActions
from tests.engine.stage import START
from tests.engine.stored import picture

ATTRIBUTES = (
    {},
    {"languages": ["en"], "level": 1},
    {"languages": ["en", "es"], "level": 2},
    {"languages": ["es"], "level": 3},
    {"level": 3},
)
LANGUAGES = ("es", "en", None)
WAITS = (0, 1, 700, 1_000, 2_000, 4_000, 8_000, 30_000, 100_000, 301_000)  # milliseconds
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


class Routing(SettingActions, Invariants):
    """Rules take small numbers, and pick from what there is by them; a command that is refused must change nothing."""

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
        self.stored = {}
        self.replayed = {"task": {}, "worker": {}, "reservation": {}}
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
        self.used_before = Counter()
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
