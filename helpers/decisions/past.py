"""The workers of a workspace as they were: what REST tells of them now, and the events since then, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from helpers.connection.instances import EventInstance, WorkerInstance
from helpers.connection.json_text import as_object
from helpers.connection.times import event_ms

COUNTS = {"reservation.created": 1, "reservation.completed": -1, "reservation.canceled": -1,
          "reservation.rejected": -1, "reservation.timeout": -1, "reservation.rescinded": -1}  # fmt: skip
"""What an event of a reservation adds to what its worker uses of a channel."""


FAILED = ("reservation.rejected", "reservation.timeout", "reservation.canceled")


class RecordedEvent(NamedTuple):
    """An event: when, in milliseconds since 1970, of which type, and its parameters in snake case."""

    at: int
    type: str
    data: dict[str, Any]

    @classmethod
    def read(cls, event: EventInstance) -> RecordedEvent:
        """Read an event as REST gives it."""
        data: Any = event.event_data
        return cls(event_ms(event), event.event_type or "", data if isinstance(data, dict) else as_object(data))


@dataclass
class WorkerThen:
    """A worker at some moment.

    used, capacity, open_channel: by TaskChannel SID; unsure: what could not be found out of that moment; reserved: when
    reservations were made for it, with their channel, in milliseconds, the newest first, as far back as was read.
    """

    sid: str
    name: str
    number: int
    attributes: dict[str, Any]
    activity_sid: str
    activity: str
    capacity: dict[str, int]
    open_channel: dict[str, bool]
    used: dict[str, int]
    reserved: list[tuple[int, str]] = field(default_factory=list)
    unsure: frozenset[str] = frozenset()


def as_now(worker: WorkerInstance, number: int, channels: Iterable[Any]) -> WorkerThen:
    """Read a worker as REST tells of it. number: its place by creation; channels: its worker channels."""
    capacity, is_open, used = {}, {}, {}
    for channel in channels:
        sid, whole, left = channel.task_channel_sid, channel.configured_capacity, channel.available_capacity_percentage
        capacity[sid], is_open[sid] = whole, channel.available
        used[sid] = whole - -(-left * whole // 100)  # the percentage is rounded down (behaviour.md §6.3)
    return WorkerThen(
        worker.sid, worker.friendly_name, number, as_object(worker.attributes), worker.activity_sid,
        worker.activity_name, capacity, is_open, used,
    )  # fmt: skip


def before(workers: Iterable[WorkerThen], events: list[RecordedEvent], at: int) -> list[WorkerThen]:
    """Give the workers as they were just before the instant `at`, in milliseconds.

    events: of the workspace, the newest first.
    """
    then = {one.sid: replace(one, used=dict(one.used), capacity=dict(one.capacity)) for one in workers}
    created: set[str] = set()
    for place, event in enumerate(events):
        worker = then.get(event.data.get("worker_sid", ""))
        if worker is None:
            continue
        if event.at >= at:
            _take_back(worker, event, events[place + 1 :], created)
        elif event.type == "reservation.created":
            worker.reserved.append((event.at, event.data.get("task_channel_sid", "")))
    return [one for one in then.values() if one.sid not in created]


def _take_back(worker: WorkerThen, event: RecordedEvent, earlier: list[RecordedEvent], created: set[str]) -> None:
    data, channel = event.data, event.data.get("task_channel_sid", "")
    match event.type:
        case "worker.created":
            created.add(worker.sid)
        case "worker.activity.update":
            worker.activity_sid = data.get("worker_previous_activity_sid", worker.activity_sid)
            worker.activity = data.get("worker_previous_activity_name", worker.activity)
        case "worker.attributes.update":
            known = (e.data["worker_attributes"] for e in earlier if _tells_others(e, event))
            if (text := next(known, None)) is None:
                worker.unsure |= {"attributes"}
            else:
                worker.attributes = as_object(text)
        case "worker.capacity.update" if channel:
            was = data.get("worker_channel_previous_capacity", worker.capacity.get(channel, 1))
            worker.capacity[channel] = int(was)
        case "worker.channel.availability.update" if channel:
            was = (e.data.get("worker_channel_available") for e in earlier if _is_alike(e, event))
            worker.open_channel = {**worker.open_channel, channel: next(was, "true") == "true"}  # as channels begin
        case _ if event.type in COUNTS and channel:
            worker.used[channel] = max(0, worker.used.get(channel, 0) - COUNTS[event.type])
        case _:
            pass


def failures(own: Iterable[RecordedEvent], at: int | None) -> Counter[str]:
    """Count the offers of a task that were not taken before an instant, by Worker SID. own: the task's events."""
    return Counter(one.data["worker_sid"] for one in own if one.type in FAILED and (at is None or one.at < at))


def _is_alike(event: RecordedEvent, later: RecordedEvent) -> bool:
    keys = ("worker_sid", "task_channel_sid")
    return event.type == later.type and all(event.data.get(key) == later.data.get(key) for key in keys)


def _tells_others(event: RecordedEvent, later: RecordedEvent) -> bool:
    """Tell whether an event has the attributes from before another one; one of the same update has those from after."""
    if event.data.get("worker_sid") != later.data.get("worker_sid") or "worker_attributes" not in event.data:
        return False
    sets_them = event.type in ("worker.attributes.update", "worker.created")
    return sets_them or event.data["worker_attributes"] != later.data.get("worker_attributes")
