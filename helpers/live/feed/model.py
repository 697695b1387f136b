"""A workspace as the board knows it: filled by one REST read, kept current by events. Pure: no I/O, no clock.

Times are milliseconds since 1970 by TaskRouter's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from helpers.connection.vocabulary import ENDED_TASK_STATUSES, HELD_RESERVATION_STATUSES, TASK_DELETED
from helpers.live.feed.entities import ReservationEntity, TaskEntity, WorkspaceEntity
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.memory import LONG_AGO, EventMemory, OrderKey
from helpers.live.feed.spans import Spans
from helpers.live.feed.state import WorkspaceState, locked
from helpers.live.feed.transitions import (
    fill_gaps,
    is_of_an_ended_task,
    reservation_after,
    task_after,
    worker_after,
)

SETTINGS = {
    "activity": "activities",
    "task-channel": "task_channels",
    "task-queue": "task_queues",
    "workflow": "workflows",
    "workspace": "workspace",
}
"""The collection that an event of this kind may have changed without saying how: it is read again."""

NAMES_ITS_QUEUE = ("reservation.created", "reservation.accepted")
"""Of the events of a reservation those that name the queue which its task is in now."""


@dataclass(frozen=True)
class ModelLimits:
    """How much a model keeps.

    events: SIDs of events that are remembered, so that one that comes twice counts once; ended_tasks: tasks after their
    end, the newest; spans: of the timeline; last_events: tasks, workers and reservations, also of the past, of which it
    is remembered when an event last spoke of them.
    """

    events: int = 5000
    ended_tasks: int = 40
    spans: int = 6000
    last_events: int = 20_000


DEFAULT_LIMITS = ModelLimits()


class Model(WorkspaceState):
    """The state as reads and events give it.

    Safe from any thread. Applying an event twice changes nothing, nor does an older one change what a newer one said.

    `pinned`: SIDs of tasks that are not forgotten while TaskRouter has them; `newest`: time of the newest event;
    `on_apply`: told of each event that is new.
    """

    def __init__(self, limits: ModelLimits = DEFAULT_LIMITS) -> None:
        super().__init__()
        self.limits = limits
        self.pinned: set[str] = set()
        self.newest = 0
        self.on_apply: Callable[[TaskRouterEvent], object] = lambda event: None
        self._spans = Spans(lambda key: self._note("spans", key), limits.spans)
        self.spans = self._spans.by_key
        self._memory = EventMemory(limits.events, limits.last_events, self._is_there)
        self._queue_named: dict[str, OrderKey] = {}  # task -> the newest event that said in which queue it is

    # ---- what a read says

    @locked
    def put(self, collection: str, entities: Iterable[Mapping[str, Any]], *, all_of_it: bool, at: int) -> bool:
        """Take over what a read at the time `at` said; an entity of which a later event spoke is left as it is.

        all_of_it: what is not among the entities is gone, and their order is the collection's. Returns False when one
        was left as it is.
        """
        known = self._collection(collection)
        sids: dict[str, None] = {}
        all_taken = True
        for entity in entities:
            sid = entity["sid"]
            sids[sid] = None
            if self._memory.last(sid)[0] <= at or sid not in known:
                self._set(collection, sid, {**known.get(sid, {}), **entity})
            else:
                all_taken = False
        if all_of_it:
            for sid in [each for each in known if each not in sids]:
                if self._memory.last(sid)[0] <= at:
                    self._drop(collection, sid)
            for sid in [*sids, *(each for each in known if each not in sids)]:
                known[sid] = known.pop(sid)
        return all_taken

    @locked
    def put_workspace(self, workspace: WorkspaceEntity) -> None:
        """Take over the workspace itself."""
        if workspace != self.workspace:
            self.workspace = workspace
            self._note("workspace", "")

    @locked
    def put_spans(self, reservation: ReservationEntity) -> None:
        """Add the spans of a reservation that a read has found."""
        self._spans.hold(reservation, reservation["updated"])

    @locked
    def put_activity(self, worker: str, activity: str | None, since: int) -> None:
        """Add the span of the activity in which a worker was found, unless the present one is known."""
        if not self._spans.knows_activity(worker):
            self._spans.begin_activity(worker, activity, since)

    @locked
    def remove_task(self, sid: str) -> None:
        """Take away a task that TaskRouter has no longer."""
        self._spans.end_wait(sid, self.newest)
        self._drop("tasks", sid)
        for each in [each for each in self.reservations.values() if each["task"] == sid]:
            self._spans.end_reservation(each["sid"], self.newest)
            if each["status"] in HELD_RESERVATION_STATUSES:
                self._drop("reservations", each["sid"])

    # ---- what an event says

    def seen(self, sid: str) -> bool:
        """Tell whether this event was applied before."""
        return sid in self._memory

    @locked
    def apply(self, event: TaskRouterEvent) -> bool:
        """Bring the state in line with an event. Returns False when it was known already."""
        if event.sid in self._memory:
            return False
        self._memory.add(event)
        self.on_apply(event)
        self.newest = max(self.newest, event.at)
        kind, _, what = event.type.partition(".")
        data = event.data
        if data.get("task_sid"):
            self._apply_to_task(event, data["task_sid"])
        if kind == "reservation":
            if data.get("reservation_sid"):
                self._apply_to_reservation(event, data["reservation_sid"])
            if data.get("worker_sid"):
                self._require("workers", data["worker_sid"])
        if kind == "worker":
            self._apply_to_worker(event, data.get("worker_sid") or event.resource_sid)
        if kind in SETTINGS and not data.get("task_sid"):
            self._apply_to_setting(event, SETTINGS[kind], what)
        return True

    def _apply_to_setting(self, event: TaskRouterEvent, collection: str, what: str) -> None:
        if what == "deleted" and collection != "workspace":
            self._drop(collection, event.resource_sid)
        else:
            self.stale.add((collection, ""))

    def _apply_to_task(self, event: TaskRouterEvent, sid: str) -> None:
        if event.type in TASK_DELETED:
            self._memory.note(event, sid)
            self._spans.end_wait(sid, event.at)
            self._drop("tasks", sid)
            return
        known, late = self.tasks.get(sid), event.order_key < self._memory.last(sid)
        if known is None and (late or is_of_an_ended_task(event)):  # it was there and has gone
            return
        queue = self._named_queue(event, sid, known)
        if known is not None and late:
            self._set("tasks", sid, {**fill_gaps(event, known), **queue})
            return
        self._memory.note(event, sid)
        task = cast(TaskEntity, {**task_after(event, known), **queue})
        self._set("tasks", sid, task)
        self._spans.wait(task, event.at)
        for collection in ("task_queues", "workflows"):
            if named := event.data.get(f"{collection[:-1]}_sid"):
                self._require(collection, named)
        if task["status"] in ENDED_TASK_STATUSES:
            self._forget_old_tasks()

    def _named_queue(self, event: TaskRouterEvent, sid: str, task: TaskEntity | None) -> dict[str, str]:
        """Find the queue that a task is in, if this event is the newest to say so.

        What becomes of a reservation names the queue where it was made, which the task may have left.
        """
        queue = event.data.get("task_queue_sid")
        its_own = event.type.startswith("reservation.") and event.type not in NAMES_ITS_QUEUE
        if not queue or event.order_key < self._queue_named.get(sid, LONG_AGO) or (its_own and task is not None):
            return {}
        if not its_own:
            self._queue_named[sid] = event.order_key
        return {"queue": queue}

    def _apply_to_reservation(self, event: TaskRouterEvent, sid: str) -> None:
        known = self.reservations.get(sid)
        if event.order_key < self._memory.last(sid):
            if known and event.type == "reservation.created":
                self._set("reservations", sid, {**known, "created": event.at})
            return
        self._memory.note(event, sid)
        reservation = reservation_after(event, known)
        self._set("reservations", sid, reservation)
        self._spans.hold(reservation, event.at)

    def _apply_to_worker(self, event: TaskRouterEvent, sid: str) -> None:
        if event.type == "worker.activity.update":
            self._spans.change_activity(event, sid)
        if event.type == "worker.created":
            self.put_activity(sid, event.data.get("worker_activity_sid"), event.at)
        if event.type == "worker.deleted":
            self._memory.note(event, sid)
            self._spans.end_activity(sid, event.at)
            self._drop("workers", sid)
            return
        if event.order_key < self._memory.last(sid):
            return
        self._memory.note(event, sid)
        known = self.workers.get(sid)
        if event.type == "worker.created" or known is None:
            self.stale.add(("workers", sid))
        worker = worker_after(event, sid, known)
        if worker["activity"]:
            self._require("activities", worker["activity"])
        self._set("workers", sid, worker)

    # ---- what is forgotten

    def _drop(self, collection: str, sid: str) -> None:
        super()._drop(collection, sid)
        if collection == "tasks":
            self._spans.forget_wait(sid)
            self._queue_named.pop(sid, None)

    def _forget_old_tasks(self) -> None:
        kept = self.limits.ended_tasks
        unpinned = [task for task in self.tasks.values() if task["sid"] not in self.pinned]
        ended = [task for task in unpinned if task["status"] in ENDED_TASK_STATUSES]
        if len(ended) <= kept * 2:
            return
        for task in sorted(ended, key=lambda each: each["updated"])[:-kept]:
            self._drop("tasks", task["sid"])
        for sid in [sid for sid, each in self.reservations.items() if each["task"] not in self.tasks]:
            self._drop("reservations", sid)
