"""The context of a check: workers, queues, workflows and tasks that no other check can see."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from helpers.conformance.deviation import Deviation
from helpers.conformance.receiver import CallbackReceiver
from helpers.connection.error_messages import is_retryable, is_retryable_status
from helpers.connection.instances import (
    ActivityInstance,
    ReservationInstance,
    TaskInstance,
    TaskQueueInstance,
    WorkerInstance,
    WorkflowInstance,
    WorkspaceInstance,
)
from helpers.connection.times import event_ms
from helpers.connection.vocabulary import ENDED_TASK_STATUSES

T = TypeVar("T")


@dataclass(frozen=True)
class Timeouts:
    """How long to wait, in seconds.

    limit: for what is expected; pause: between two looks; quiet: to be sure that nothing happens; between_searches:
    since searches by expression are limited to three a second on the service (rest-contract.md §11.5).
    """

    limit: float
    pause: float
    quiet: float
    between_searches: float


SANDBOX = Timeouts(limit=10, pause=0.02, quiet=0, between_searches=0)
LIVE = Timeouts(limit=45, pause=0.5, quiet=3, between_searches=0.4)


@dataclass
class CheckContext:
    """What one check works with. Everything is marked with the check's name, so that checks do not meet."""

    client: Client
    workspace: WorkspaceInstance
    name: str
    timeouts: Timeouts
    _receiver: CallbackReceiver | None = None
    _workers: list[WorkerInstance] = field(default_factory=list)
    _tasks: list[TaskInstance] = field(default_factory=list)

    @property
    def receiver(self) -> CallbackReceiver:
        """Where callbacks arrive; only for checks that say they need them."""
        if self._receiver is None:
            raise RuntimeError("this check does not say that it needs callbacks")
        return self._receiver

    def activity(self, name: str, available: bool = False) -> ActivityInstance:
        """Give the activity of that name, made when it is not there."""
        known = self.workspace.activities.list(friendly_name=name)
        return known[0] if known else self.workspace.activities.create(friendly_name=name, available=available)

    def worker(self, name: str, *, available: bool = True, **attributes: Any) -> WorkerInstance:
        """Make a worker with these attributes, who is in every queue of this check."""
        activity = self.activity("Available", True) if available else self.activity("Offline")
        worker = self.workspace.workers.create(
            friendly_name=f"{self.name} {name}",
            activity_sid=activity.sid,
            attributes=json.dumps({"check": self.name, **attributes}),
        )
        self._workers.append(worker)
        return worker

    def go(self, worker: WorkerInstance, activity: str, **settings: Any) -> WorkerInstance:
        """Move a worker to an activity."""
        return worker.update(activity_sid=self.activity(activity, activity == "Available").sid, **settings)

    def queue(self, name: str = "queue", *, workers: str = "", **settings: Any) -> TaskQueueInstance:
        """Make a queue. workers: an expression that its workers must meet, too."""
        mine = f'check == "{self.name}"'
        return self.workspace.task_queues.create(
            friendly_name=f"{self.name} {name}",
            target_workers=f"{mine} AND ({workers})" if workers else mine,
            **settings,
        )

    def workflow(
        self, *targets: dict[str, Any], default: TaskQueueInstance | None = None, **settings: Any
    ) -> WorkflowInstance:
        """Make a workflow with one filter, which is always true and has these targets."""
        return self.workflow_of({"expression": "1==1", "targets": list(targets)}, default=default, **settings)

    def workflow_of(
        self, *filters: dict[str, Any], default: TaskQueueInstance | None = None, **settings: Any
    ) -> WorkflowInstance:
        """Make a workflow with these filters. A reservation lasts 300 seconds unless `settings` say otherwise."""
        routing: dict[str, Any] = {
            "filters": [{"filter_friendly_name": f"filter {n}", **one} for n, one in enumerate(filters)]
        }
        if default is not None:
            routing["default_filter"] = {"queue": default.sid}
        return self.workspace.workflows.create(
            friendly_name=f"{self.name} {len(self.workspace.workflows.list())}",
            configuration=json.dumps({"task_routing": routing}),
            **{"task_reservation_timeout": 300, **settings},
        )

    def simple(self, **settings: Any) -> WorkflowInstance:
        """Make a workflow that sends every task to one new queue."""
        return self.workflow({"queue": self.queue().sid}, **settings)

    def task(
        self, workflow: WorkflowInstance, *, attributes: dict[str, Any] | None = None, **settings: Any
    ) -> TaskInstance:
        """Make a task."""
        task = self.workspace.tasks.create(
            workflow_sid=workflow.sid, attributes=json.dumps(attributes or {}), **settings
        )
        self._tasks.append(task)
        return task

    def status(self, task: TaskInstance, wanted: str) -> TaskInstance:
        """Wait until a task has this status. Raises Deviation when it does not get there."""

        def there() -> TaskInstance | None:
            nonlocal task
            task = task.fetch()
            return task if task.assignment_status == wanted else None

        return self.until(there, lambda: f"the task stays {task.assignment_status} and does not become {wanted}")

    def reservations(self, task: TaskInstance, count: int = 1) -> list[ReservationInstance]:
        """Wait until a task has so many pending reservations. Raises Deviation when it does not get them."""
        seen: list[ReservationInstance] = []

        def there() -> list[ReservationInstance]:
            seen[:] = task.reservations.list(reservation_status="pending")
            return seen if len(seen) == count else []

        return self.until(there, lambda: f"{len(seen)} reservations are pending, not {count}")

    def reserved(self, task: TaskInstance) -> ReservationInstance:
        """Wait for the one pending reservation of a task."""
        return self.reservations(task)[0]

    def accept(self, task: TaskInstance) -> ReservationInstance:
        """Wait for the reservation of a task, and accept it."""
        return self.reserved(task).update(reservation_status="accepted")

    def offered_to(self, task: TaskInstance, worker: WorkerInstance) -> ReservationInstance:
        """Wait for the reservation of a task. Raises Deviation when it is another worker's."""
        reservation = self.reserved(task)
        self.same("the worker who is reserved", reservation.worker_name, worker.friendly_name)
        return reservation

    def stays(self, task: TaskInstance, wanted: str) -> None:
        """Look for a while whether a task keeps this status. Raises Deviation when it does not."""
        end = time.monotonic() + self.timeouts.quiet
        while True:
            self.same("the task's status", task.fetch().assignment_status, wanted)
            if time.monotonic() >= end:
                return
            time.sleep(self.timeouts.pause)

    def events(self, task: TaskInstance, *awaited: str) -> list[str]:
        """Give the types of a task's events, oldest first, once these are among them."""
        types: list[str] = []

        def there() -> bool:
            events = self.workspace.events.list(task_sid=task.sid)
            types[:] = [event.event_type for event in sorted(events, key=event_ms)]
            return set(awaited) <= set(types)

        self.until(there, lambda: f"of the events {_listed(awaited)} only {_listed(types)} are there")
        return types

    def matching(self, expression: str) -> set[str]:
        """Tell which workers of this check an expression finds, by their own parts of the names."""
        time.sleep(self.timeouts.between_searches)
        found = self.workspace.workers.list(target_workers_expression=f'check == "{self.name}" AND ({expression})')
        return {worker.friendly_name.removeprefix(f"{self.name} ") for worker in found}

    def until(self, condition: Callable[[], T], failure: Callable[[], str]) -> T:
        """Wait for the first true value of a condition. Raises Deviation with `failure()` after the limit."""
        end = time.monotonic() + self.timeouts.limit
        while not (value := condition()):
            if time.monotonic() >= end:
                raise Deviation(f"{failure()} (after {self.timeouts.limit:g} s)")
            time.sleep(self.timeouts.pause)
        return value

    def becomes(self, what: str, look: Callable[[], Any], wanted: Any) -> None:
        """Wait until `look()` gives this. Raises Deviation when it does not."""
        seen: list[Any] = []

        def there() -> bool:
            seen[:] = [look()]
            return seen[0] == wanted

        self.until(there, lambda: f"{what} is {seen[0]!r} instead of {wanted!r}")

    def same(self, what: str, got: Any, wanted: Any) -> None:
        """Raise Deviation unless the two are equal."""
        if got != wanted:
            raise Deviation(f"{what} is {got!r} instead of {wanted!r}")

    def holds(self, condition: Any, otherwise: str) -> None:
        """Raise Deviation in these words unless the condition is true."""
        if not condition:
            raise Deviation(otherwise)

    def refused(self, attempt: Callable[[], Any], status: int, code: int | None = None, *words: str) -> None:
        """Raise Deviation unless the call is refused with this status, this code and these words in its message."""
        try:
            attempt()
        except TwilioRestException as refused:
            if is_retryable(refused):
                raise
            self.same("the refusal's status", refused.status, status)
            if code is not None:
                self.same("the refusal's code", refused.code, code)
            for word in words:
                self.holds(word in refused.msg, f"the refusal says {refused.msg!r}, without {word!r}")
        else:
            raise Deviation(f"the call is accepted instead of refused with {status}")

    def answered(self, answer: Any, status: int, code: int) -> None:
        """Raise Deviation unless a raw answer is an error with this status and this code."""
        try:
            got = json.loads(answer.text)["code"]
        except (ValueError, KeyError, TypeError):
            raise Deviation(f"the answer {answer.status_code} is no error of Twilio's: {answer.text[:80]!r}") from None
        self.same("status and code", (answer.status_code, got), (status, code))

    def version(self, instance: Any) -> str:
        """Read the ETag of a task or a worker. Raises Deviation when there is none."""
        headers = {name.lower(): value for name, value in self.raw("GET", instance.url).headers.items()}
        self.holds("etag" in headers, "the answer has no ETag")
        return headers["etag"]

    def raw(self, method: str, url: str, **settings: Any) -> Any:
        """Make a request that the client has no method for, with its credentials.

        Raises what a list call raises when it is one that passes (429, 5xx).
        """
        answer = self.client.request(method, url, **settings)
        if is_retryable_status(answer.status_code):
            raise TwilioException("This will pass", answer)
        return answer

    def clear(self) -> None:
        """End what this check has left open; what cannot be ended goes with the workspace."""
        for task in self._tasks:
            with suppress(TwilioException, RequestException):
                if task.fetch().assignment_status not in ENDED_TASK_STATUSES:
                    task.delete()
        for worker in self._workers:
            with suppress(TwilioException, RequestException):
                self.go(worker, "Offline")


def _listed(types: Any) -> str:
    return ", ".join(types) or "none"
