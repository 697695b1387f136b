"""What one event makes of a task, a reservation or a worker. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from helpers.connection.vocabulary import (
    ENDED_TASK_STATUSES,
    RESERVATION_STATUS_AFTER,
    TASK_ENDED,
    TASK_STATUS_AFTER,
    TASK_TRANSFER_ENDED,
)
from helpers.live.feed.entities import (
    LeftActivity,
    ReservationEntity,
    TaskEntity,
    WorkerChannelEntity,
    WorkerEntity,
)
from helpers.live.feed.event import TaskRouterEvent

TRAIL = 4
"""Activities that a worker was in before, kept for the board."""


# ---- tasks


def is_of_an_ended_task(event: TaskRouterEvent) -> bool:
    """Tell whether an event speaks of a task that had ended before it."""
    return event.data.get("task_assignment_status") in ENDED_TASK_STATUSES and event.type not in TASK_ENDED


def task_after(event: TaskRouterEvent, known: TaskEntity | None) -> TaskEntity:
    """Make the task that an event leads to; `known` is what it was before. Its queue is left as it is."""
    data = event.data
    new: Any = {
        **(known or {"sid": data["task_sid"], "reason": None}),
        "attributes": data.get("task_attributes", known["attributes"] if known else "{}"),
        "priority": int(data.get("task_priority") or 0),
        "status": _status(event, known),
        "channel": data.get("task_channel_sid"),
        "created": _created(event, known),
        "updated": event.at,
    }
    if data.get("workflow_sid"):
        new["workflow"] = data["workflow_sid"]
    if event.type in ("task-queue.entered", "task-queue.moved") or "entered" not in new:
        new["entered"] = event.at
    if event.type == "workflow.target-matched":
        new |= matched_filter(data)
    if event.type.startswith("task.transfer-"):
        new |= _transfer_after(event, new)
    if reason := data.get("task_completed_reason") or data.get("task_canceled_reason"):
        new["reason"] = reason
    return new


def _status(event: TaskRouterEvent, known: TaskEntity | None) -> str | None:
    told = TASK_STATUS_AFTER.get(event.type) or event.data.get("task_assignment_status")
    return told or (known["status"] if known else None)


def fill_gaps(event: TaskRouterEvent, task: TaskEntity) -> TaskEntity:
    """Add to a task what an older event tells and no newer one has said."""
    new: Any = dict(task)
    if event.type == "workflow.target-matched" and "filter" not in task:
        new |= matched_filter(event.data)
    if ends_transfer(event, task):
        new["passed"] = None
    return new


def _created(event: TaskRouterEvent, known: TaskEntity | None) -> int:
    if event.type == "task.created":
        return event.at
    if known is not None:
        return known["created"]
    if event.type == "workflow.target-matched":  # in the same moment
        return event.at
    return event.at - 1000 * int(event.data.get("task_age") or 0)


def matched_filter(data: Mapping[str, str]) -> dict[str, str | None]:
    """Read from an event's data which filter matched: its name, its expression, its target's (behaviour.md §4.3)."""
    try:
        expression = json.loads(data.get("workflow_filter_expression") or "[]")
    except ValueError:
        expression = []
    return {
        "filter": data.get("workflow_filter_name"),
        "filter_expression": expression[0] if isinstance(expression, list) and expression else None,
        "target_expression": data.get("workflow_filter_target_expression"),
    }


def ends_transfer(event: TaskRouterEvent, task: TaskEntity) -> bool:
    """Tell whether an event ends the transfer that the task is in, or any when none is known."""
    passed = task.get("passed")
    about_it = passed is None or passed["sid"] == event.data.get("task_transfer_sid")
    return event.type in TASK_TRANSFER_ENDED and about_it


def _transfer_after(event: TaskRouterEvent, task: TaskEntity) -> dict[str, Any]:
    """Find what an event of its transfer changes in a task: who passes it on to whom, and since when it waits."""
    data = event.data
    if event.type == "task.transfer-initiated":  # no filter has led it to where it goes
        passed = {name: data.get(f"transfer_{name}") for name in ("initiating_worker_sid", "to", "mode")}
        return matched_filter({}) | {"passed": passed | {"sid": data.get("task_transfer_sid")}, "waits": event.at}
    if not ends_transfer(event, task):
        return {}
    return {"passed": None} | ({"waits": event.at} if task["status"] == "pending" else {})


# ---- reservations and workers


def reservation_after(event: TaskRouterEvent, known: ReservationEntity | None) -> ReservationEntity:
    """Make the reservation that an event leads to; `known` is what it was before."""
    data = event.data
    created = event.at if event.type == "reservation.created" or known is None else known["created"]
    return {
        "sid": data["reservation_sid"],
        "task": data.get("task_sid"),
        "worker": data.get("worker_sid"),
        "status": RESERVATION_STATUS_AFTER.get(event.type, known["status"] if known else "pending"),
        "created": created,
        "updated": event.at,
    }


def worker_after(event: TaskRouterEvent, sid: str, known: WorkerEntity | None) -> WorkerEntity:
    """Make the worker that an event leads to; `known` is what it was before."""
    data = event.data
    old = known or WorkerEntity(
        sid=sid, name=sid, attributes="{}", activity=None, since=event.at, trail=[], channels=None
    )
    new: WorkerEntity = {
        **old,
        "name": data.get("worker_name", old["name"]),
        "attributes": data.get("worker_attributes", old["attributes"]),
        "activity": data.get("worker_activity_sid", old["activity"]),
    }
    if event.type == "worker.activity.update":
        left: LeftActivity = {"activity": data.get("worker_previous_activity_sid"), "ms": time_in_left_activity(event)}
        new["since"] = event.at
        new["trail"] = [*old["trail"], left][-TRAIL:]
    if event.type in ("worker.capacity.update", "worker.channel.availability.update"):
        new["channels"] = _channels_after(event, old["channels"])
    return new


def time_in_left_activity(event: TaskRouterEvent) -> int:
    """Give the milliseconds that a worker was in the activity which `worker.activity.update` says was left."""
    return int(event.data.get("worker_time_in_previous_activity_ms") or 0)


def _channels_after(
    event: TaskRouterEvent, known: list[WorkerChannelEntity] | None
) -> list[WorkerChannelEntity] | None:
    if known is None:
        return None
    data = event.data
    new: WorkerChannelEntity = {
        "channel": data.get("task_channel_sid"),
        "name": data.get("task_channel_unique_name"),
        "capacity": int(data.get("worker_channel_available_capacity") or 0),
        "available": data.get("worker_channel_available") == "true",
    }
    return [new if each["channel"] == new["channel"] else each for each in known]
