"""A workspace to try the rules on: short ways to set it up, its clock, and everything that happened in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.effects import Alert, AssignmentCallback
from taskrouter_sandbox.engine.model.entities import Activity, Event, Reservation, Task, TaskQueue, Worker, Workflow
from taskrouter_sandbox.engine.model.options import CompatibilityOptions

START = 1_700_000_000_000  # milliseconds since 1970: Tue, 14 Nov 2023 22:13:20 UTC
ES, EN = {"selected_language": "es"}, {"selected_language": "en"}


class Phones:
    """Somebody who places calls, any of which can be redirected by itself, in an account without other workspaces."""

    def __init__(self, can_redirect: Callable[[str], bool] = lambda call_sid: True) -> None:
        self.can_redirect = can_redirect

    def has_worker(self, worker_sid: str) -> bool:
        return False


class Stage:
    """An engine with a clock (`now`, moved by `pass_`), and all effects (`events`, `callbacks`, `alerts`).

    Single-tasking, with the activities of the quickstart, unless told otherwise.
    """

    def __init__(
        self,
        multi: bool = False,
        options: CompatibilityOptions | None = None,
        places_calls: bool = False,
        **settings: Any,
    ) -> None:
        numbers = count(1)
        self.now = START
        self.events: list[Event] = []
        self.callbacks: list[AssignmentCallback] = []
        self.alerts: list[Alert] = []
        self.engine = WorkspaceEngine.create(
            self.now,
            "AC" + "0" * 32,
            lambda letters: f"{letters}{next(numbers):032x}",
            options=options or CompatibilityOptions(),
            friendly_name="Stage",
            multi_task_enabled=multi,
            surroundings=Phones() if places_calls else None,
            **settings,
        )
        self.state = self.engine.state
        self.offline = self.activity_named("Offline")
        self.idle = self.activity("Idle", available=True)
        self.reserved = self.activity("Reserved")
        self.busy = self.activity("Busy")
        self.forget()

    # setting up

    def activity(self, name: str, available: bool = False) -> Activity:
        return self.engine.activities.create(self.now, friendly_name=name, available=available)

    def activity_named(self, name: str) -> Activity:
        return next(a for a in self.state.activities.values() if a.friendly_name == name)

    def worker(self, name: str, activity: Activity | None = None, **attributes: Any) -> Worker:
        """A worker, Idle unless told otherwise."""
        return self.engine.workers.create(
            self.now,
            friendly_name=name,
            attributes=json.dumps(attributes),
            activity_sid=(activity or self.idle).sid,
        )

    def queue(self, name: str = "All", **settings: Any) -> TaskQueue:
        return self.engine.task_queues.create(self.now, friendly_name=name, **settings)

    def moving_queue(self, name: str = "All", **settings: Any) -> TaskQueue:
        """A queue that moves its workers to Reserved and to Busy."""
        activities = {"reservation_activity_sid": self.reserved.sid, "assignment_activity_sid": self.busy.sid}
        return self.queue(name, **activities, **settings)

    def workflow(
        self, *filters: dict, default: TaskQueue | None = None, name: str = "Flow", **settings: Any
    ) -> Workflow:
        return self.engine.workflows.create(
            self.now, friendly_name=name, configuration=routing(*filters, default=default), **settings
        )

    def task(self, **settings: Any) -> Task:
        """A task; `attributes` may be a dict."""
        if isinstance(settings.get("attributes"), dict):
            settings["attributes"] = json.dumps(settings["attributes"])
        return self.engine.tasks.create(self.now, **settings)

    # acting

    def move(self, worker: Worker, activity: Activity, **settings: Any) -> None:
        self.engine.workers.update(self.now, worker, activity_sid=activity.sid, **settings)

    def accept(self, task_or_reservation: Task | Reservation) -> Reservation:
        return self.engine.reservations.accept(self.now, self.the(task_or_reservation))

    def reject(self, task_or_reservation: Task | Reservation, activity: Activity | None = None) -> Reservation:
        sid = activity.sid if activity else None
        return self.engine.reservations.reject(self.now, self.the(task_or_reservation), sid)

    def complete(self, task: Task, reason: str | None = None) -> None:
        self.engine.tasks.update(self.now, task, assignment_status="completed", reason=reason)

    def cancel(self, task: Task, reason: str | None = None) -> None:
        self.engine.tasks.update(self.now, task, assignment_status="canceled", reason=reason)

    def pass_(self, seconds: float) -> None:
        """Let time pass, with all that is due."""
        self.now += round(seconds * 1000)
        self.engine.advance(self.now)

    # looking

    def the(self, of: Task | Reservation) -> Reservation:
        """The one open reservation of a task."""
        if isinstance(of, Reservation):
            return of
        (reservation,) = of.open.values()
        return reservation

    def who(self, task: Task) -> list[str]:
        """Names of the workers who hold the task now."""
        return [self.state.workers[r.worker_sid].friendly_name for r in task.open.values()]

    def where(self, worker: Worker) -> str:
        """Name of the worker's activity."""
        return self.state.activity_of(worker).friendly_name

    def in_queue(self, task: Task) -> str:
        return self.state.task_queues[task.task_queue_sid or ""].friendly_name

    def forget(self) -> None:
        """Forget what happened so far."""
        self._collect()
        for what in (self.events, self.callbacks, self.alerts):
            what.clear()

    def happened(self, of: str = "") -> list[str]:
        """Types of the events since the last `forget`, all or those that begin so."""
        self._collect()
        return [event.event_type for event in self.events if event.event_type.startswith(of)]

    def event(self, event_type: str) -> Event:
        """The one event of that type since the last `forget`."""
        self._collect()
        (event,) = [event for event in self.events if event.event_type == event_type]
        return event

    def called(self) -> list[AssignmentCallback]:
        self._collect()
        return self.callbacks

    def alerted(self) -> list[int]:
        self._collect()
        return [alert.code for alert in self.alerts]

    def _collect(self) -> None:
        effects = self.engine.drain()
        self.events += effects.events
        self.callbacks += effects.assignment_callbacks
        self.alerts += effects.alerts


def routing(*filters: dict, default: TaskQueue | None = None) -> str:
    """A workflow configuration."""
    document: dict[str, Any] = {"filters": list(filters)}
    if default:
        document["default_filter"] = {"queue": default.sid}
    return json.dumps({"task_routing": document})


def filter_(expression: str, *targets: dict, name: str = "Filter") -> dict:
    return {"filter_friendly_name": name, "expression": expression, "targets": list(targets)}


def step(queue: TaskQueue | None = None, **settings: Any) -> dict:
    """A routing step."""
    return ({"queue": queue.sid} if queue else {}) | settings


def one_queue(stage: Stage, **settings) -> None:
    stage.workflow(default=stage.moving_queue(), **settings)


def task_in(stage: Stage, status: str):
    """A task of that status."""
    one_queue(stage)
    worker = stage.worker("Alice", stage.offline if status == "pending" else None)
    task = stage.task()
    if status in ("assigned", "wrapping", "completed"):
        stage.accept(task)
    if status == "wrapping":
        stage.engine.tasks.update(stage.now, task, assignment_status="wrapping")
    if status == "completed":
        stage.complete(task)
    if status == "canceled":
        stage.cancel(task)
    assert task.assignment_status == status
    stage.forget()
    return task, worker


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
