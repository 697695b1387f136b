"""A workspace as the board knows it: filled by one REST read, kept current by events. Pure: no I/O, no clock.

Every collection maps a SID to a plain dictionary that can be sent to the browser as it is. Times are milliseconds
since 1970 by TaskRouter's clock.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from functools import wraps
from itertools import islice
from threading import RLock
from typing import Any

from helpers.connection.vocabulary import (
    ENDED_TASK_STATUSES,
    HELD_RESERVATION_STATUSES,
    RESERVATION_STATUS_AFTER,
    TASK_DELETED,
    TASK_STATUS_AFTER,
)
from helpers.live.feed.event import TaskRouterEvent

TELLING = ("reservation.created", "reservation.accepted")
"""Of the events of a reservation those that name the queue of its task."""

SETTINGS = {
    "activity": "activities",
    "task-channel": "task_channels",
    "task-queue": "task_queues",
    "workflow": "workflows",
    "workspace": "workspace",
}
"""What an event of this kind may have changed without saying how: it is read again."""

EVENTS_KEPT = 5000
"""Events whose SIDs are remembered, so that one that comes twice counts once."""

TRAIL = 4
"""Activities that a worker was in before, kept for the board."""

ENDED_KEPT = 40
"""Tasks kept after their end, the newest."""

SPANS_KEPT = 6000
"""Spans of the timeline that are kept."""

PLACES_KEPT = 20_000
"""Tasks, workers and reservations, also of the past, of which it is remembered when an event last spoke of them."""


def _alone(method: Callable[..., Any]) -> Callable[..., Any]:
    """One thread at a time."""

    @wraps(method)
    def alone(self: Model, *args: Any, **more: Any) -> Any:
        with self.lock:
            return method(self, *args, **more)

    return alone


class Model:
    """The state, who is told what of it has changed (`follow`), and what has to be read again (`stale`).

    Safe from any thread. Applying an event twice changes nothing, nor does an older one change what a newer one said.
    """

    COLLECTIONS = (
        "activities", "task_channels", "task_queues", "workflows", "workers", "tasks", "reservations", "spans",
    )  # fmt: skip

    def __init__(self) -> None:
        self.lock = RLock()
        self.workspace: dict[str, Any] = {}
        self.activities: dict[str, dict] = {}
        self.task_channels: dict[str, dict] = {}
        self.task_queues: dict[str, dict] = {}
        self.workflows: dict[str, dict] = {}
        self.workers: dict[str, dict] = {}
        self.tasks: dict[str, dict] = {}
        self.reservations: dict[str, dict] = {}
        self.spans: dict[str, dict] = {}
        self.stale: set[tuple[str, str]] = set()
        self.pinned: set[str] = set()  # tasks that somebody looks at: not forgotten while TaskRouter has them
        self.newest = 0
        self.on_apply: Callable[[TaskRouterEvent], object] = lambda event: None  # told of each event that is new
        self._seen: set[str] = set()
        self._seen_order: deque[str] = deque()
        self._now_in: dict[str, str] = {}  # worker -> the span of the present activity
        self._waits: dict[str, str] = {}  # task -> the span of its present or last wait
        self._queued: dict[str, tuple[int, int]] = {}  # task -> the newest event that said in which queue it is
        self._places: dict[str, tuple[int, int]] = {}  # SID -> the newest event that spoke of it
        self._trackers: list[ChangeTracker] = []

    # ---- what the view asks

    @_alone
    def snapshot(self) -> dict[str, Any]:
        """Give all of it, as {collection: {sid: entity}}."""
        return {"workspace": self.workspace} | {name: dict(getattr(self, name)) for name in self.COLLECTIONS}

    @_alone
    def track_changes(self) -> ChangeTracker:
        """What tells a view of the changes from now on."""
        self._trackers.append(ChangeTracker(self))
        return self._trackers[-1]

    @_alone
    def take_stale(self) -> set[tuple[str, str]]:
        """What has to be read again, as (collection, SID, or "" for all of it); forgotten by being asked."""
        stale, self.stale = self.stale, set()
        return stale

    @_alone
    def mark_stale(self, stale: Iterable[tuple[str, str]]) -> None:
        """These have to be read again."""
        self.stale.update(stale)

    # ---- what a read says

    @_alone
    def put(self, collection: str, entities: Iterable[dict], *, all_of_it: bool, at: int) -> bool:
        """Take over what a read at the time `at` said; an entity of which a later event spoke is left as it is.

        all_of_it: what is not among the entities is gone. Returns False when one was left as it is.
        """
        known = getattr(self, collection)
        sids, all_taken = set(), True
        for entity in entities:
            sid = entity["sid"]
            sids.add(sid)
            if self._places.get(sid, (0, 0))[0] <= at or sid not in known:
                self._set(collection, sid, {**known.get(sid, {}), **entity})
            else:
                all_taken = False
        if all_of_it:
            for sid in [each for each in known if each not in sids]:
                if self._places.get(sid, (0, 0))[0] <= at:
                    self._drop(collection, sid)
        return all_taken

    @_alone
    def put_workspace(self, workspace: dict) -> None:
        """Take over the workspace itself."""
        if workspace != self.workspace:
            self.workspace = workspace
            self._note("workspace", "")

    @_alone
    def reset_trackers(self) -> None:
        """So much has changed that who follows had better take the whole."""
        for tracker in self._trackers:
            tracker.whole = True

    # ---- what an event says

    def seen(self, sid: str) -> bool:
        """Whether this event was applied before."""
        return sid in self._seen

    @_alone
    def apply(self, event: TaskRouterEvent) -> bool:
        """Bring the state in line with an event; False when it was known already."""
        if event.sid in self._seen:
            return False
        self._remember(event.sid)
        self.on_apply(event)
        self.newest = max(self.newest, event.at)
        kind, _, what = event.type.partition(".")
        data = event.data
        if data.get("task_sid"):
            self._task(event, data["task_sid"])
        if data.get("reservation_sid") and kind == "reservation":
            self._reservation(event, data["reservation_sid"])
        if kind == "worker":
            self._worker(event, data.get("worker_sid") or event.resource_sid, what)
        elif data.get("worker_sid") and kind == "reservation":
            self._known("workers", data["worker_sid"])
        if kind in SETTINGS and not data.get("task_sid"):
            self._setting(event, kind, what)
        return True

    def _setting(self, event: TaskRouterEvent, kind: str, what: str) -> None:
        collection = SETTINGS[kind]
        if what == "deleted" and collection != "workspace":
            self._drop(collection, event.resource_sid)
        else:
            self.stale.add((collection, ""))

    def _task(self, event: TaskRouterEvent, sid: str) -> None:
        if event.type in TASK_DELETED:
            self._places[sid] = max(self._places.get(sid, (0, 0)), event.place)
            self._end_wait(sid, event.at)
            self._drop("tasks", sid)
            return
        task, data = self.tasks.get(sid), event.data
        late = event.place < self._places.get(sid, (0, 0))
        ended = data.get("task_assignment_status") in ENDED_TASK_STATUSES and event.type not in (
            "task.completed",
            "task.canceled",
        )
        if task is None and (late or ended):  # it was there and has gone
            return
        created = (task or {}).get("created") or event.at - 1000 * int(data.get("task_age") or 0)
        if event.type == "task.created" or task is None:
            created = event.at if event.type in ("task.created", "workflow.target-matched") else created
        queue = self._queue_told(event, sid, task)
        if late:  # it can only fill what is missing
            path = _path(data) if event.type == "workflow.target-matched" and "filter" not in task else {}
            passed = {"passed": None} if _ends_transfer(event, task) else {}
            self._set("tasks", sid, {**task, **path, **queue, **passed})
            return
        self._places[sid] = event.place
        status = TASK_STATUS_AFTER.get(event.type) or data.get("task_assignment_status") or (task or {}).get("status")
        new = {
            **(task or {"sid": sid, "reason": None}),
            "attributes": data.get("task_attributes", (task or {}).get("attributes", "{}")),
            "priority": int(data.get("task_priority") or 0),
            "status": status,
            "channel": data.get("task_channel_sid"),
            "created": created,
            "updated": event.at,
        }
        new |= queue
        if data.get("workflow_sid"):
            new["workflow"] = data["workflow_sid"]
        if event.type in ("task-queue.entered", "task-queue.moved") or "entered" not in new:
            new["entered"] = event.at
        if event.type == "workflow.target-matched":
            new |= _path(data)
        if event.type.startswith("task.transfer-"):
            new |= _passed_on(event, new)
        if reason := data.get("task_completed_reason") or data.get("task_canceled_reason"):
            new["reason"] = reason
        self._set("tasks", sid, new)
        self._waiting(sid, new, event.at)
        if data.get("task_queue_sid"):
            self._known("task_queues", data["task_queue_sid"])
        if data.get("workflow_sid"):
            self._known("workflows", data["workflow_sid"])
        if status in ENDED_TASK_STATUSES:
            self._forget_old_tasks()

    def _queue_told(self, event: TaskRouterEvent, sid: str, task: dict | None) -> dict:
        """The queue that a task is in, if this event is the newest to say so.

        What becomes of a reservation names the queue where it was made, which the task may have left.
        """
        queue = event.data.get("task_queue_sid")
        its_own = event.type.startswith("reservation.") and event.type not in TELLING
        if not queue or event.place < self._queued.get(sid, (0, 0)) or (its_own and task is not None):
            return {}
        if not its_own:
            self._queued[sid] = event.place
        return {"queue": queue}

    def _waiting(self, sid: str, task: dict, at: int) -> None:
        """The span of a task's waiting: from its creation, or its transfer, until it is assigned or over."""
        key = self._waits.setdefault(sid, f"wait {sid}")
        span = self.spans.get(key)
        waiting = task["status"] in ("pending", "reserved")
        if waiting and span is None:
            self._set("spans", key, {"sid": key, "kind": "wait", "task": sid, "from": task["created"], "to": None})
        elif waiting and span["to"] is not None:
            key = self._waits[sid] = f"wait {sid} {at}"
            self._set("spans", key, {"sid": key, "kind": "wait", "task": sid, "from": at, "to": None})
        elif not waiting and span is None:
            self._set("spans", key, {"sid": key, "kind": "wait", "task": sid, "from": task["created"], "to": at,
                                     "end": task["status"]})  # fmt: skip
        elif not waiting and span["to"] is None:
            self._set("spans", key, {**span, "to": at, "end": task["status"]})

    def _reservation(self, event: TaskRouterEvent, sid: str) -> None:
        known, data = self.reservations.get(sid), event.data
        before = self._places.get(sid, (0, 0))
        created = event.at if event.type == "reservation.created" else (known or {}).get("created", event.at)
        if event.place < before:
            if known and event.type == "reservation.created":
                self._set("reservations", sid, {**known, "created": created})
            return
        self._places[sid] = event.place
        status = RESERVATION_STATUS_AFTER.get(event.type, (known or {}).get("status", "pending"))
        new = {
            "sid": sid,
            "task": data.get("task_sid"),
            "worker": data.get("worker_sid"),
            "status": status,
            "created": created,
            "updated": event.at,
        }
        self._set("reservations", sid, new)
        self._holding(sid, new, event.at)

    @_alone
    def holding(self, reservation: dict) -> None:
        """The spans of a reservation that a read has found."""
        self._holding(reservation["sid"], reservation, reservation["updated"])

    @_alone
    def gone(self, sid: str) -> None:
        """The task is there no more."""
        self._end_wait(sid, self.newest)
        self._drop("tasks", sid)
        for each in [each for each in self.reservations.values() if each["task"] == sid]:
            for what in ("offer", "work"):
                self._end_spans(f"{what} {each['sid']}", self.newest)
        for each in [
            each
            for each in self.reservations.values()
            if each["task"] == sid and each["status"] in HELD_RESERVATION_STATUSES
        ]:
            self._drop("reservations", each["sid"])

    def is_in_an_activity(self, worker: str) -> bool:
        """Whether the span of the worker's present activity is known."""
        return worker in self._now_in

    def _holding(self, sid: str, reservation: dict, at: int) -> None:
        """The spans of an offer (pending) and of the work on it (accepted, wrapping)."""
        offer, work = f"offer {sid}", f"work {sid}"
        common = {"task": reservation["task"], "worker": reservation["worker"]}
        status = reservation["status"]
        if offer not in self.spans:
            self._set(
                "spans", offer, {"sid": offer, "kind": "offer", "from": reservation["created"], "to": None, **common}
            )
        if status != "pending" and self.spans[offer]["to"] is None:
            self._set("spans", offer, {**self.spans[offer], "to": at, "end": status})
        if status in ("accepted", "wrapping") and work not in self.spans:
            self._set("spans", work, {"sid": work, "kind": "work", "from": at, "to": None, **common})
        if status not in HELD_RESERVATION_STATUSES and work in self.spans and self.spans[work]["to"] is None:
            self._set("spans", work, {**self.spans[work], "to": at, "end": status})

    def _worker(self, event: TaskRouterEvent, sid: str, what: str) -> None:
        if what == "activity.update":
            self._was_in(event, sid)
        if what == "deleted":
            self._places[sid] = event.place
            self._drop("workers", sid)
            return
        if event.place < self._places.get(sid, (0, 0)):
            return
        data, worker = event.data, self.workers.get(sid)
        self._places[sid] = event.place
        if what == "created" or worker is None:
            self.stale.add(("workers", sid))
        worker = dict(worker or {"sid": sid, "since": event.at, "trail": [], "channels": None})
        worker |= {
            "name": data.get("worker_name", worker.get("name", sid)),
            "attributes": data.get("worker_attributes", worker.get("attributes", "{}")),
            "activity": data.get("worker_activity_sid", worker.get("activity")),
        }
        if what == "activity.update":
            spent = int(data.get("worker_time_in_previous_activity_ms") or 0)
            left = {"activity": data.get("worker_previous_activity_sid"), "ms": spent}
            worker |= {"since": event.at, "trail": [*worker["trail"], left][-TRAIL:]}
        if what in ("capacity.update", "channel.availability.update"):
            worker["channels"] = _channels(worker["channels"], data)
        if worker["activity"]:
            self._known("activities", worker["activity"])
        self._set("workers", sid, worker)

    def _was_in(self, event: TaskRouterEvent, sid: str) -> None:
        """Two spans: the activity that was left, and the one that has begun."""
        data = event.data
        spent = int(data.get("worker_time_in_previous_activity_ms") or 0)
        left, entered = data.get("worker_previous_activity_sid"), data.get("worker_activity_sid")
        now_in = self.spans.get(self._now_in.get(sid, ""))
        if now_in and now_in["from"] <= event.at and now_in["activity"] == left:
            self._set("spans", now_in["sid"], {**now_in, "to": event.at})
        else:
            self._activity_span(sid, left, event.at - spent, event.at)
        if now_in is None or now_in["from"] <= event.at:
            self.in_activity(sid, entered, event.at)

    @_alone
    def in_activity(self, worker: str, activity: str | None, since: int) -> None:
        """The worker is in that activity since then."""
        self._now_in[worker] = self._activity_span(worker, activity, since, None)

    def _activity_span(self, worker: str, activity: str | None, start: int, end: int | None) -> str:
        key = f"activity {worker} {activity} {start}"
        if end is not None or key not in self.spans:
            span = {"sid": key, "kind": "activity", "worker": worker, "activity": activity, "from": start, "to": end}
            self._set("spans", key, span)
        return key

    # ---- small things

    def _known(self, collection: str, sid: str) -> None:
        if sid not in getattr(self, collection):
            self.stale.add((collection, sid if collection in ("workers", "tasks") else ""))

    def _end_wait(self, task: str, at: int) -> None:
        self._end_spans(self._waits.get(task, f"wait {task}"), at)

    def _end_spans(self, key: str, at: int) -> None:
        if key in self.spans and self.spans[key]["to"] is None:
            self._set("spans", key, {**self.spans[key], "to": at})

    def _set(self, collection: str, sid: str, entity: dict) -> None:
        known = getattr(self, collection)
        if known.get(sid) != entity:
            known[sid] = entity
            self._note(collection, sid)
            if collection == "spans" and len(known) > SPANS_KEPT:
                self._forget_old_spans()

    def _forget_old_spans(self) -> None:
        ended = (sid for sid, span in self.spans.items() if span["to"] is not None)
        for sid in list(islice(ended, SPANS_KEPT // 4)):
            self._drop("spans", sid)

    def _drop(self, collection: str, sid: str) -> None:
        if getattr(self, collection).pop(sid, None) is not None:
            self._note(collection, sid)
        if collection == "tasks":
            self._waits.pop(sid, None)
            self._queued.pop(sid, None)

    def _note(self, collection: str, sid: str) -> None:
        for tracker in self._trackers:
            tracker.changed[collection, sid] = None

    def _remember(self, sid: str) -> None:
        self._seen.add(sid)
        self._seen_order.append(sid)
        if len(self._seen_order) > EVENTS_KEPT:
            self._seen.discard(self._seen_order.popleft())
        if len(self._places) > PLACES_KEPT:
            gone = [sid for sid in self._places if not any(sid in getattr(self, name) for name in self.COLLECTIONS)]
            for each in gone[: len(gone) // 2 + 1]:
                del self._places[each]

    def _forget_old_tasks(self) -> None:
        ended = [
            task
            for task in self.tasks.values()
            if task["status"] in ENDED_TASK_STATUSES and task["sid"] not in self.pinned
        ]
        if len(ended) <= ENDED_KEPT * 2:
            return
        for task in sorted(ended, key=lambda each: each["updated"])[:-ENDED_KEPT]:
            self._drop("tasks", task["sid"])
        for sid in [sid for sid, each in self.reservations.items() if each["task"] not in self.tasks]:
            self._drop("reservations", sid)


class ChangeTracker:
    """What one view of a model has not been told yet. Made by `Model.follow`."""

    def __init__(self, model: Model) -> None:
        self.changed: dict[tuple[str, str], None] = {}
        self.whole = True
        self._model = model

    def changes(self) -> dict[str, Any] | None:
        """What has changed since the last call, as {collection: {sid: entity or None}}; None: ask for the whole."""
        model = self._model
        with model.lock:
            changed, self.changed = self.changed, {}
            whole, self.whole = self.whole, False
            if whole:
                return None
            delta: dict[str, Any] = {}
            for collection, sid in changed:
                if collection == "workspace":
                    delta["workspace"] = model.workspace
                else:
                    delta.setdefault(collection, {})[sid] = getattr(model, collection).get(sid)
            return delta

    def end(self) -> None:
        """Be told no more."""
        with self._model.lock:
            if self in self._model._trackers:
                self._model._trackers.remove(self)


def _ends_transfer(event: TaskRouterEvent, task: dict) -> bool:
    """Is the transfer over by which the task is being passed on, as far as is known?"""
    ends = event.type in ("task.transfer-failed", "task.transfer-canceled", "task.transfer-completed")
    passed = task.get("passed")
    return ends and (passed is None or passed["sid"] == event.data.get("task_transfer_sid"))


def _passed_on(event: TaskRouterEvent, task: dict) -> dict:
    """What an event of its transfer says of a task: who passes it on to whom, and since when it waits."""
    data = event.data
    if event.type == "task.transfer-initiated":  # no filter has led it to where it goes
        passed = {name: data.get(f"transfer_{name}") for name in ("initiating_worker_sid", "to", "mode")}
        return _path({}) | {"passed": passed | {"sid": data.get("task_transfer_sid")}, "waits": event.at}
    if not _ends_transfer(event, task):
        return {}
    return {"passed": None} | ({"waits": event.at} if task["status"] == "pending" else {})


def _path(data: Any) -> dict:
    """The filter that matched, by its name and expression, and the target's own expression (behaviour.md §4.3)."""
    try:
        expression = json.loads(data.get("workflow_filter_expression") or "[]")
    except ValueError:
        expression = []
    return {
        "filter": data.get("workflow_filter_name"),
        "filter_expression": expression[0] if isinstance(expression, list) and expression else None,
        "target_expression": data.get("workflow_filter_target_expression"),
    }


def _channels(known: list[dict] | None, data: Any) -> list[dict] | None:
    """A worker's channels with the one that the event is about brought in line."""
    if known is None:
        return None
    new = {
        "channel": data.get("task_channel_sid"),
        "name": data.get("task_channel_unique_name"),
        "capacity": int(data.get("worker_channel_available_capacity") or 0),
        "available": data.get("worker_channel_available") == "true",
    }
    return [new if each["channel"] == new["channel"] else each for each in known]
