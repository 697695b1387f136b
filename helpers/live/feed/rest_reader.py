"""Reads a workspace by REST, into the shapes of the model.

The twilio client declares every field of an instance as optional, so instances are `Any` here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from twilio.base.exceptions import TwilioRestException
from twilio.rest.taskrouter.v1.workspace import WorkspaceContext

from helpers.connection.instances import ReservationInstance, TaskInstance, WorkerInstance
from helpers.connection.json_text import as_object
from helpers.connection.times import to_ms
from helpers.connection.vocabulary import HELD_RESERVATION_STATUSES, OPEN_TASK_STATUSES
from helpers.live.feed.entities import (
    ActivityEntity,
    FilterEntity,
    ReservationEntity,
    TargetEntity,
    TaskChannelEntity,
    TaskEntity,
    TaskQueueEntity,
    WorkflowEntity,
)
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.model import Model

HISTORY = 15
"""Minutes of events that are read at the start; what TaskRouter itself takes when no time is given."""

EVENTS_AT_MOST = 2000
CHANNELS_AT_MOST = 60
RESERVATIONS_AT_MOST = 200
"""Events, workers' channels and tasks' reservations that one read asks for. Channels of further workers are asked for
when these do something, reservations of further tasks at the next read of everything."""

OVERLAP = 2000
"""Milliseconds that two reads of events overlap, because times in a request have whole seconds."""


def read_all(place: WorkspaceContext, model: Model, told: Callable[[], None] = lambda: None) -> None:
    """Read what stands now, and the last quarter of an hour of events; the workers' channels are marked as stale.

    told: called when there is something to be shown.
    """
    read_events(place, model, minutes=None if model.newest else HISTORY)
    model.take_stale()  # what these events leave open is read now
    at = model.newest
    workspace: Any = place.fetch()
    model.put_workspace(
        {
            "sid": workspace.sid,
            "name": workspace.friendly_name,
            "multitasking": bool(workspace.multi_task_enabled),
            "event_callback_url": workspace.event_callback_url or "",
        }
    )
    for collection in ("activities", "task_channels", "task_queues", "workflows"):
        read_collection(place, model, collection, at)
    workers: list[Any] = place.workers.list(page_size=1000)
    model.put("workers", [_worker(each, model) for each in workers], all_of_it=True, at=at)
    tasks: list[Any] = place.tasks.list(page_size=1000, assignment_status=",".join(OPEN_TASK_STATUSES))
    model.put("tasks", [_task(each, model) for each in tasks], all_of_it=False, at=at)
    _drop_ended(model, {each.sid for each in tasks}, at)
    for each in workers:
        model.put_activity(each.sid, each.activity_sid, to_ms(each.date_status_changed))
    told()
    _reservations(place, model, tasks, at)
    model.mark_stale(("channels", each.sid) for each in workers[:CHANNELS_AT_MOST])


def read_again(place: WorkspaceContext, model: Model, collection: str, sid: str) -> None:
    """Read what an event has made stale, as `Model.take_stale` names it."""
    at = model.newest
    if collection == "workspace":
        fetched: Any = place.fetch()
        url = fetched.event_callback_url or ""
        model.put_workspace({**model.workspace, "name": fetched.friendly_name, "event_callback_url": url})
    elif collection == "workers":
        try:
            put_worker(model, place.workers(sid).fetch(), at)
            read_channels(place, model, sid)
        except TwilioRestException as gone:
            if gone.status != 404:
                raise
    elif collection == "channels":
        read_channels(place, model, sid)
    else:
        read_collection(place, model, collection, at)


def read_task(place: WorkspaceContext, model: Model, sid: str) -> bool:
    """Read one task with its reservations. Returns False when TaskRouter does not have it."""
    at = model.newest
    try:
        task = place.tasks(sid).fetch()
        put_task(model, task, at)
        _read_reservations(place, model, sid, at)
    except TwilioRestException as gone:
        if gone.status != 404:
            raise
        return False
    return True


def put_worker(model: Model, worker: WorkerInstance, at: int) -> None:
    """Take over what TaskRouter answered about a worker. at: `model.newest` before it was asked."""
    model.put("workers", [_worker(worker, model)], all_of_it=False, at=at)
    model.put_activity(worker.sid, worker.activity_sid, to_ms(worker.date_status_changed))


def put_task(model: Model, task: TaskInstance, at: int) -> None:
    """Take over what TaskRouter answered about a task. at: `model.newest` before it was asked."""
    model.put("tasks", [_task(task, model)], all_of_it=False, at=at)


def put_reservation(model: Model, reservation: ReservationInstance, at: int) -> None:
    """Take over what TaskRouter answered about a reservation. at: `model.newest` before it was asked."""
    model.put("reservations", [_reservation(reservation)], all_of_it=False, at=at)


def read_collection(place: WorkspaceContext, model: Model, collection: str, at: int) -> None:
    """Read all activities, task channels, task queues or workflows."""
    shape = {"activities": _activity, "task_channels": _channel, "task_queues": _queue, "workflows": _workflow}
    found = getattr(place, collection).list(page_size=1000)
    model.put(collection, [shape[collection](each) for each in found], all_of_it=True, at=at)


def read_events(place: WorkspaceContext, model: Model, minutes: int | None = None) -> list[TaskRouterEvent]:
    """Apply the events since the newest that is known, oldest first. Returns those that were new.

    minutes: of history to read instead, which is wanted when no event is known.
    """
    since: dict[str, Any] = {"minutes": minutes}
    if minutes is None:
        since = {"start_date": datetime.fromtimestamp((model.newest - OVERLAP) / 1000, UTC)}
    events = place.events.list(page_size=1000, limit=EVENTS_AT_MOST, **since)
    unknown = [TaskRouterEvent.from_rest(each) for each in events if not model.seen(each.sid or "")]
    return [each for each in sorted(unknown, key=lambda each: each.order_key) if model.apply(each)]


def read_channels(place: WorkspaceContext, model: Model, sid: str) -> None:
    """Read a worker's channels and their capacities."""
    worker = model.workers.get(sid)
    if worker is None:
        return
    at = model.newest
    channels = [
        {
            "channel": each.task_channel_sid,
            "name": each.task_channel_unique_name,
            "capacity": int(each.configured_capacity or 0),
            "available": bool(each.available),
        }
        for each in place.workers(sid).worker_channels.list(page_size=200)
    ]
    if not model.put("workers", [{"sid": sid, "channels": channels}], all_of_it=False, at=at):
        model.mark_stale([("channels", sid)])


def _activity(each: Any) -> ActivityEntity:
    return {"sid": each.sid, "name": each.friendly_name, "available": str(each.available).lower() == "true"}


def _channel(each: Any) -> TaskChannelEntity:
    return {"sid": each.sid, "name": each.friendly_name, "unique_name": each.unique_name}


def _queue(each: Any) -> TaskQueueEntity:
    return {
        "sid": each.sid,
        "name": each.friendly_name,
        "expression": each.target_workers,
        "order": str(each.task_order),
        "at_most": int(each.max_reserved_workers or 1),
        "moves_to": [sid for sid in (each.reservation_activity_sid, each.assignment_activity_sid) if sid],
    }


def _workflow(each: Any) -> WorkflowEntity:
    """Read a workflow, whose filters have their names in one of two spellings (behaviour.md §5.1)."""
    routing = as_object(each.configuration).get("task_routing", {})
    filters: list[FilterEntity] = [
        {
            "name": one.get("filter_friendly_name") or one.get("friendly_name") or "",
            "expression": one.get("expression", ""),
            "targets": [_target(target) for target in one.get("targets", [])],
        }
        for one in routing.get("filters") or []
    ]
    default = routing.get("default_filter")
    return {
        "sid": each.sid,
        "name": each.friendly_name,
        "url": each.assignment_callback_url or "",
        "timeout": each.task_reservation_timeout,
        "filters": filters,
        "default": _target(default) if default else None,
    }


def _target(target: dict[str, Any]) -> TargetEntity:
    names = TargetEntity.__annotations__
    return cast(TargetEntity, {name: target[name] for name in names if target.get(name) not in (None, "")})


def _worker(each: Any, model: Model) -> dict[str, Any]:
    known = model.workers.get(each.sid)
    worker = {
        "sid": each.sid,
        "name": each.friendly_name,
        "attributes": each.attributes or "{}",
        "activity": each.activity_sid,
    }
    if known is None or known["activity"] != each.activity_sid:
        worker["since"] = to_ms(each.date_status_changed)
    return ({"trail": [], "channels": None} | worker) if known is None else worker


def _task(each: Any, model: Model) -> TaskEntity:
    known = model.tasks.get(each.sid)
    created = known["created"] if known else to_ms(each.date_created)
    return {
        "sid": each.sid,
        "status": str(each.assignment_status),
        "attributes": each.attributes or "{}",
        "priority": int(each.priority or 0),
        "queue": each.task_queue_sid,
        "workflow": each.workflow_sid,
        "channel": each.task_channel_sid,
        "created": created,
        "updated": known["updated"] if known else to_ms(each.date_updated),
        "entered": known["entered"] if known else to_ms(each.task_queue_entered_date) or created,
        "reason": each.reason,
    }


def _reservation(each: Any) -> ReservationEntity:
    return {
        "sid": each.sid,
        "task": each.task_sid,
        "worker": each.worker_sid,
        "status": str(each.reservation_status),
        "created": to_ms(each.date_created),
        "updated": to_ms(each.date_updated),
    }


def _reservations(place: WorkspaceContext, model: Model, tasks: list[Any], at: int) -> None:
    """Read the reservations of tasks whose events lie too far back, and of those that have ended meanwhile."""
    holding = {each["task"] for each in model.reservations.values() if each["status"] in HELD_RESERVATION_STATUSES}
    asked = 0
    for task in tasks:
        under_way = task.assignment_status in ("reserved", "assigned", "wrapping")
        if under_way == (task.sid in holding) or asked == RESERVATIONS_AT_MOST:
            continue
        asked += 1
        _read_reservations(place, model, task.sid, at)


def _read_reservations(place: WorkspaceContext, model: Model, task: str, at: int) -> None:
    listed = cast(list[Any], place.tasks(task).reservations.list(page_size=1000))
    found = [_reservation(each) for each in listed]
    model.put("reservations", found, all_of_it=False, at=at)
    for each in found:
        model.put_spans(each)


def _drop_ended(model: Model, still_open: set[str], at: int) -> None:
    """Remove the tasks that were open and are listed no longer: no event tells of their end."""
    for sid, task in list(model.tasks.items()):
        if task["status"] in OPEN_TASK_STATUSES and sid not in still_open and task["updated"] <= at:
            model.remove_task(sid)
