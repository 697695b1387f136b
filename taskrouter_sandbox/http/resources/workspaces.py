"""Workspaces (rest-contract.md §4.1, §5.1)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from typing_extensions import TypedDict

from ...engine.commands.workspace import Template
from ...engine.model.entities import Order, Workspace
from ...webhooks import event_callback
from ..operation import Answer, Call, Registry
from ..parameters import Listing, Name, Parameters, Url, a_sid
from ..rendering import date, page
from ..response_types import Account, Date, Links, Uri, UriOrEmpty

resource = Registry()
OrNone = Annotated[str | None, AfterValidator(lambda text: text or None)]

LINKS = {
    "activities": "Activities",
    "statistics": "Statistics",
    "real_time_statistics": "RealTimeStatistics",
    "cumulative_statistics": "CumulativeStatistics",
    "task_queues": "TaskQueues",
    "tasks": "Tasks",
    "workers": "Workers",
    "workflows": "Workflows",
    "task_channels": "TaskChannels",
    "events": "Events",
}


class List(Listing):
    friendly_name: str | None = None


class Create(Parameters):
    friendly_name: Name
    event_callback_url: Url = ""
    events_filter: OrNone = None
    multi_task_enabled: bool = True
    template: Template = "NONE"
    prioritize_queue_order: Order = "FIFO"


class Update(Parameters):
    default_activity_sid: a_sid("WA") = ""
    event_callback_url: Url = ""
    events_filter: OrNone = None
    friendly_name: Name = ""
    multi_task_enabled: bool = True
    timeout_activity_sid: a_sid("WA") = ""
    prioritize_queue_order: Order = "FIFO"


class WorkspaceShape(TypedDict):
    sid: a_sid("WS")
    account_sid: Account
    date_created: Date
    date_updated: Date
    default_activity_name: str
    default_activity_sid: a_sid("WA")
    event_callback_url: UriOrEmpty
    events_filter: str | None
    friendly_name: str
    multi_task_enabled: bool
    timeout_activity_name: str
    timeout_activity_sid: a_sid("WA")
    prioritize_queue_order: Order
    url: Uri
    links: Links


def render(call: Call, workspace: Workspace) -> WorkspaceShape:
    state = call.service.routers[workspace.sid].state
    link = call.link(workspace.sid)
    return {
        "account_sid": call.service.account_sid,
        "date_created": date(workspace.date_created),
        "date_updated": date(workspace.date_updated),
        "default_activity_name": state.activities[workspace.default_activity_sid].friendly_name,
        "default_activity_sid": workspace.default_activity_sid,
        "event_callback_url": workspace.event_callback_url,
        "events_filter": workspace.events_filter,
        "friendly_name": workspace.friendly_name,
        "multi_task_enabled": workspace.multi_task_enabled,
        "sid": workspace.sid,
        "timeout_activity_name": state.activities[workspace.timeout_activity_sid].friendly_name,
        "timeout_activity_sid": workspace.timeout_activity_sid,
        "prioritize_queue_order": workspace.prioritize_queue_order,
        "url": link,
        "links": {name: f"{link}/{part}" for name, part in LINKS.items()},
    }


def _doubt(call: Call, asked: Create | Update) -> None:
    """Note a strange EventsFilter for the debugger; it is kept all the same (http/__init__.py says why)."""
    if "events_filter" in asked.given() and (text := event_callback.doubts(call.workspace.workspace)):
        call.workspace.alert(20001, text, call.workspace.workspace.sid, "warning")


@resource.operation("ListWorkspace", "GET", "/Workspaces", List, returns=WorkspaceShape, key="workspaces")
def list_(call: Call, asked: List) -> Answer:
    every = (router.workspace for router in call.service.routers.values())
    name = asked.friendly_name
    return page(call, "workspaces", (w for w in every if name in (None, w.friendly_name)), render, asked)


@resource.operation("CreateWorkspace", "POST", "/Workspaces", Create, 201, returns=WorkspaceShape)
def create(call: Call, asked: Create) -> Answer:
    call.router = call.service.create_workspace(call.now, **asked.given())
    _doubt(call, asked)
    return Answer(render(call, call.router.workspace))


@resource.operation("FetchWorkspace", "GET", "/Workspaces/{WorkspaceSid}", returns=WorkspaceShape)
def fetch(call: Call) -> Answer:
    return Answer(render(call, call.workspace.workspace))


@resource.operation("UpdateWorkspace", "POST", "/Workspaces/{WorkspaceSid}", Update, returns=WorkspaceShape)
def update(call: Call, asked: Update) -> Answer:
    workspace = call.workspace.update(call.now, **asked.given())
    _doubt(call, asked)
    return Answer(render(call, workspace))


@resource.operation("DeleteWorkspace", "DELETE", "/Workspaces/{WorkspaceSid}", status=204)
def delete(call: Call) -> Answer:
    call.service.delete_workspace(call.workspace, call.now)
    return Answer()
