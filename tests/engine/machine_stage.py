"""The workspace of the machine: how a command is given, and what its events tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.effects import Effects
from taskrouter_sandbox.engine.model.entities import Task, Worker
from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.engine.model.options import CompatibilityOptions
from taskrouter_sandbox.engine.model.state import State
from taskrouter_sandbox.engine.reporting.event_recorder import EventRecorder
from taskrouter_sandbox.storage.resources import write_resource
from tests.engine import oracle
from tests.engine.stage import routing

ACCOUNT = "AC" + "0" * 32
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


class CheckedRecorder(EventRecorder):
    """Records events, and compares every match with what the naive matcher would have made."""

    def workers_chosen(self, now: int, task: Task, workers: list[Worker]) -> None:
        assert oracle.next_match(self.state) == (task, workers)


class MachineStage(RuleBasedStateMachine):
    """A command that is refused must change nothing."""

    commands = 0  # given by all machines that ever ran
    recorder: CheckedRecorder | None = None
    now: int
    new_sid: Callable[[str], str]
    options: CompatibilityOptions
    engine: WorkspaceEngine
    stored: dict[str, tuple[str, str]]  # as the store keeps it: by SID, kind and state in JSON
    replayed: dict[str, dict[str, str]]

    def checked_recorder(self, state: State) -> CheckedRecorder:
        """An observer that goes on where the one before it ended."""
        last_event_at = self.recorder.last_event_at if self.recorder else 0
        self.recorder = CheckedRecorder(state, last_event_at)
        return self.recorder

    @property
    def state(self):
        return self.engine.state

    def do(self, resource: str, command: str, *subjects: Any, **settings: Any) -> Any:
        """Give a command; None when it is refused, which must leave no trace."""
        MachineStage.commands += 1
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
