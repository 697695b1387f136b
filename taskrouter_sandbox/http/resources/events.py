"""Events (rest-contract.md §4.3, §5.3, §10.9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, TypedDict

from msgspec import Meta

from ...engine.model.entities import Event
from ...engine.model.errors import NotFound
from ...event_types import TYPES
from ...storage.events import EventQuery
from ..operation import Answer, Registry, RequestContext
from ..parameter_types import (
    MAX_INTEGER,
    AccountSid,
    EventSid,
    Moment,
    ReservationSid,
    TaskQueueSid,
    TaskSid,
    WorkerSid,
    WorkflowSid,
    WorkspaceSid,
)
from ..parameters import Listing
from ..rendering import date, page
from ..request_warnings import FINDS_NOTHING, unknown_values
from ..response_types import Date, Uri

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Events"
MINUTE = 60_000  # milliseconds
REDACTED_AFTER = 43_200 * MINUTE  # rest-contract.md §4.3
COLLECTIONS = {
    "task": "Tasks",
    "worker": "Workers",
    "reservation": "Tasks",
    "activity": "Activities",
    "taskchannel": "TaskChannels",
    "taskqueue": "TaskQueues",
    "workflow": "Workflows",
}


class ListEvent(Listing):
    end_date: Moment | None = None
    event_type: str | None = None
    minutes: Annotated[int, Meta(ge=1, le=MAX_INTEGER)] = 15
    reservation_sid: ReservationSid | None = None
    start_date: Moment | None = None
    task_queue_sid: TaskQueueSid | None = None
    task_sid: TaskSid | None = None
    worker_sid: WorkerSid | None = None
    workflow_sid: WorkflowSid | None = None
    task_channel: str | None = None
    sid: EventSid | None = None


class EventResponse(TypedDict):
    sid: EventSid
    account_sid: AccountSid
    actor_sid: str
    actor_type: str
    actor_url: Uri
    description: str
    event_data: dict[str, str]
    event_date: Date
    event_date_ms: int
    event_type: str
    resource_sid: str
    resource_type: str
    resource_url: Uri
    source: str
    source_ip_address: str | None
    url: Uri
    workspace_sid: WorkspaceSid


class EventFieldNames(dict[str, str]):
    """The names of an event's fields as REST writes them, by those that the event has."""

    def __missing__(self, name: str) -> str:
        written = self[name] = re.sub("(?<!^)(?=[A-Z])", "_", name).lower()
        return written


NAMES = EventFieldNames()


def render(context: RequestContext, event: Event) -> EventResponse:
    """Render an event as it is answered (rest-contract.md §5)."""
    workspace_sid = context.workspace.sid
    workspace = context.link(workspace_sid)
    data = {NAMES[name]: value for name, value in event.data.items()}
    if "workspace_sid" not in data:  # an event of an earlier version
        data |= {"workspace_sid": workspace_sid, "workspace_name": context.workspace.friendly_name}
    if "task_attributes" in data and context.now - event.date_created > REDACTED_AFTER:
        data["task_attributes"] = "REDACTED"
    return {
        "account_sid": context.service.account_sid,
        "actor_sid": workspace_sid,
        "actor_type": "workspace",
        "actor_url": workspace,
        "description": event.description,
        "event_data": data,
        "event_date": date(event.date_created),
        "event_date_ms": event.date_created,
        "event_type": event.event_type,
        "resource_sid": event.resource_sid,
        "resource_type": event.resource_type,
        "resource_url": _resource_url(workspace, event),
        "sid": event.sid,
        "source": "twilio",
        "source_ip_address": None,
        "url": f"{workspace}/Events/{event.sid}",
        "workspace_sid": workspace_sid,
    }


def _resource_url(workspace: str, event: Event) -> str:
    collection = COLLECTIONS.get(event.resource_type.replace("-", ""))  # older events have a hyphen
    if event.resource_type == "reservation":
        return f"{workspace}/Tasks/{event.data['TaskSid']}/Reservations/{event.resource_sid}"
    return f"{workspace}/{collection}/{event.resource_sid}" if collection else workspace


@resource.operation("ListEvent", "GET", PATH, ListEvent, returns=EventResponse, key="events")
def list_(context: RequestContext, asked: ListEvent) -> Answer:
    """List events, the newest first; StartDate and EndDate win over Minutes (rest-contract.md §15)."""
    start = asked.start_date
    if start is None and asked.end_date is None:
        start = context.now - asked.minutes * MINUTE
    if asked.event_type is not None:
        context.warn(unknown_values("EventType", [asked.event_type], TYPES, FINDS_NOTHING))
    context.warn(_odd_window(asked, context.now))
    query = EventQuery(
        workspace_sid=context.workspace.sid,
        since=start,
        until=None if asked.end_date is None else asked.end_date + 999,  # the bound is a whole second, and inclusive
        event_type=asked.event_type,
        sid=asked.sid,
        task_sid=asked.task_sid,
        worker_sid=asked.worker_sid,
        reservation_sid=asked.reservation_sid,
        task_queue_sid=asked.task_queue_sid,
        workflow_sid=asked.workflow_sid,
        task_channel=asked.task_channel,
    )
    return page(context, "events", context.service.store.events(query), render, asked)


def _odd_window(asked: ListEvent, now: int) -> Iterator[str]:
    """Say why a window can have no events. One that begins in a moment is no mistake: events may be asked for so."""
    if asked.start_date is None:
        return
    if asked.start_date > now + MINUTE:
        yield f"StartDate {FINDS_NOTHING}, as it lies in the future: times are UTC"
    elif asked.end_date is not None and asked.end_date < asked.start_date:
        yield f"StartDate {FINDS_NOTHING}, as it is after EndDate"


@resource.operation("FetchEvent", "GET", PATH + "/{Sid}", returns=EventResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch an event."""
    query = EventQuery(workspace_sid=context.workspace.sid, sid=context.path["Sid"])
    found = context.service.store.events(query).following(None, 1)
    if not found:
        raise NotFound(f"Event {context.path['Sid']} was not found")
    return Answer(render(context, found[0]))
