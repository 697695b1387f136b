"""What events tell of a past day: each of its tasks, how reservations were answered, and who was in which activity.

behaviour.md §4.3 and §4.5 have the fields; over REST they are in snake case, in event callbacks in camel case.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from ..errors import RehearsalError

KEPT = 30  # days for which TaskRouter keeps events (behaviour.md §4.1)
FARTHEST = 253_370_764_800_000  # milliseconds since 1970, at the beginning of the year 9999
WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
FORM = (
    "give events as `client.taskrouter.v1.workspaces(sid).events.list(...)` has them, or the forms of event callbacks"
)
# Why TaskRouter itself cancels a task (behaviour.md §2.1): nobody has hung up then.
OWN_REASONS = ("Task TTL Exceeded", "Task canceled on Workflow timeout")


class PastEvent(NamedTuple):
    """An event. at: milliseconds since 1970; data: its fields in snake case."""

    at: int
    type: str
    data: Mapping[str, str]


@dataclass(slots=True)
class PastTask:
    """A task as its events tell of it; times in milliseconds since 1970, None for what did not happen or is not told.

    created: known from task.created alone; begun: when it came, from whatever event tells it. accepted: the first time,
    by `worker`. gone: canceled or deleted before anybody accepted it, for `reason`. accepts: how often it was accepted;
    broken: it was worked on, and no event tells who accepted it.
    """

    begun: int
    created: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    accepted: int | None = None
    worker: str | None = None
    wrapping: int | None = None
    completed: int | None = None
    gone: int | None = None
    reason: str = ""
    accepts: int = 0
    broken: int | None = None

    @property
    def hung_up(self) -> bool:
        """Whether it was canceled for another reason than one of TaskRouter's own."""
        return self.gone is not None and not self.reason.startswith(OWN_REASONS)

    @property
    def waited(self) -> int | None:
        """How long it waited, until it was accepted or was gone, in milliseconds."""
        end = self.accepted if self.accepted is not None else self.gone
        return None if end is None else end - self.begun


class ReservationAnswer(NamedTuple):
    """A reservation that was accepted or rejected. after: milliseconds from the offer to that."""

    worker: str
    at: int
    after: int
    rejected: bool


@dataclass
class Answered:
    """How reservations went. offered: those that could be answered; timed_out: of them those that were not."""

    offered: int = 0
    timed_out: int = 0
    answers: list[ReservationAnswer] = field(default_factory=list[ReservationAnswer])


class ActivityChange(NamedTuple):
    """A worker goes from one activity to another. by_timeout: since a reservation has just timed out."""

    at: int
    before: str
    activity: str
    by_timeout: bool


@dataclass
class PastEvents:
    """Everything that the events tell.

    tasks: by SID, in the order in which they are first told of; changes: by worker's name; heard_of: workers who are
    named in any event; first, last: when the first and the last event were.
    """

    tasks: dict[str, PastTask]
    answered: Answered
    changes: dict[str, list[ActivityChange]]
    heard_of: set[str]
    first: int
    last: int


def read(events: Any) -> list[PastEvent]:
    """Read events of REST or of callbacks, and order them by time; one that is there twice is read once.

    Raises RehearsalError for what is no event.
    """
    if not isinstance(events, Iterable) or isinstance(events, str | bytes | Mapping):
        raise RehearsalError(
            f"events is {type(cast('object', events)).__name__}: {FORM}, as a list; or a twilio client"
        )
    found: dict[object, PastEvent] = {}
    for each in cast("Iterable[Any]", events):
        fields = _fields(each)
        found[fields.get("sid") or id(each)] = _told(each, fields)
    return sorted(found.values(), key=lambda each: each.at)


def _fields(event: Any) -> dict[str, Any]:
    """Give the fields of an event by their names in snake case."""
    if isinstance(event, Mapping):
        return {WORD.sub("_", str(name)).lower(): value for name, value in cast("Mapping[Any, Any]", event).items()}
    return {
        name: getattr(event, name, None) for name in ("sid", "event_type", "event_date", "event_date_ms", "event_data")
    }


def _told(event: object, fields: dict[str, Any]) -> PastEvent:
    data, ms, date = fields.get("event_data"), fields.get("event_date_ms"), fields.get("event_date")
    if "timestamp" in fields:
        data, ms, date = fields, fields.get("timestamp_ms"), fields["timestamp"]
    try:
        data = json.loads(data) if isinstance(data, str) else data
        at = int(ms) if ms is not None else _ms(date)
    except (ValueError, TypeError, OverflowError):
        data, at = None, 0
    if not isinstance(fields.get("event_type"), str) or not isinstance(data, Mapping) or not 0 <= at < FARTHEST:
        raise RehearsalError(f"events: {type(event).__name__} is no event of TaskRouter; {FORM}")
    given = cast("Mapping[str, object]", data)  # all of it is text (behaviour.md §4.3); null says nothing
    plain = {name: str(value) for name, value in given.items() if isinstance(value, str | int | float)}
    return PastEvent(at, fields["event_type"], plain)


def _ms(date: Any) -> int:
    if isinstance(date, str) and not date.isdigit():
        date = datetime.datetime.fromisoformat(date)
    if isinstance(date, datetime.datetime):
        return int(date.timestamp() * 1000)
    return int(date) * 1000


def gather(told: list[PastEvent]) -> PastEvents:
    """Put together what events tell, which are in order of time. Raises RehearsalError where there is none."""
    if not told:
        raise RehearsalError("events: there is none")
    found = PastEvents({}, Answered(), {}, set(), told[0].at, told[-1].at)
    offers: dict[str, int] = {}
    timed_out: dict[str, int] = {}
    for one in told:
        worker = one.data.get("worker_name")
        if isinstance(worker, str):
            found.heard_of.add(worker)
        group, _, what = one.type.partition(".")
        if group in ("task", "reservation", "task-queue", "workflow") and one.data.get("task_sid"):
            _tell_task(found.tasks, one, group, what)
        if group == "reservation":
            _tell_reservation(found.answered, offers, one, what)
            if what == "timeout" and worker:
                timed_out[worker] = one.at
        elif one.type == "worker.activity.update" and worker:
            by_timeout = one.at - timed_out.pop(worker, -1_000_000) <= 2_000
            before = str(one.data.get("worker_previous_activity_name") or "")
            change = ActivityChange(one.at, before, str(one.data.get("worker_activity_name") or ""), by_timeout)
            found.changes.setdefault(worker, []).append(change)
    return found


def _tell_task(tasks: dict[str, PastTask], one: PastEvent, group: str, what: str) -> None:
    task = tasks.get(sid := str(one.data["task_sid"]))
    if task is None:
        task = tasks[sid] = PastTask(_begun(one))
    if group == "task" and what == "created":
        task.created, task.data = one.at, one.data
        task.begun = one.at
    elif one.type == "reservation.accepted":
        task.accepts += 1
        if task.accepted is None:
            task.accepted, task.worker = one.at, str(one.data.get("worker_name") or "") or None
    elif what in ("wrapup", "completed"):
        if task.accepted is None and task.broken is None:
            task.broken = one.at
        if what == "wrapup":
            task.wrapping = task.wrapping or one.at
        else:
            task.completed = one.at
    elif group == "task" and what in ("canceled", "deleted", "system-deleted") and task.completed is None:
        if task.accepted is None:
            task.gone, task.reason = one.at, str(one.data.get("task_canceled_reason") or one.data.get("reason") or "")
        else:
            task.completed = one.at


def _begun(one: PastEvent) -> int:
    """Find when a task came, of which task.created is not there."""
    created, age = one.data.get("task_date_created"), one.data.get("task_age")
    if created:
        return int(created) * 1000
    return one.at - int(age or 0) * 1000


def _tell_reservation(answered: Answered, offers: dict[str, int], one: PastEvent, what: str) -> None:
    sid = str(one.data.get("reservation_sid") or "")
    if what == "created":
        offers[sid] = one.at
        answered.offered += 1
    elif what in ("accepted", "rejected") and sid in offers:
        worker = str(one.data.get("worker_name") or "")
        answered.answers.append(ReservationAnswer(worker, one.at, one.at - offers.pop(sid), what == "rejected"))
    elif what == "timeout" and offers.pop(sid, None) is not None:
        answered.timed_out += 1
    elif what in ("canceled", "rescinded") and offers.pop(sid, None) is not None:
        answered.offered -= 1  # nobody could answer it any more
