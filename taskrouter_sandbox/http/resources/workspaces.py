"""Workspaces (rest-contract.md §4.1, §5.1)."""

from __future__ import annotations

from typing import Annotated, TypedDict, get_args

from msgspec import Meta

from ...engine import WorkspaceEngine
from ...engine.commands.workspace import Template
from ...engine.model.effects import Alert
from ...engine.model.entities import Order, Workspace
from ...webhooks.event_callback import events_filter_warning
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..parameter_types import AccountSid, ActivitySid, ShortName, Url, WorkspaceSid
from ..parameters import Listing, Parameters
from ..rendering import date, page
from ..request_warnings import repeated_parameters, unknown_values
from ..response_types import Date, Links, Uri, UriOrEmpty

resource = Registry()


def _or_none(text: str) -> str | None:
    return text or None


TEMPLATES: tuple[str, ...] = get_args(Template)
OrNone = Annotated[str | None, Meta(extra={"read": _or_none})]

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


class ListWorkspace(Listing):
    friendly_name: str | None = None


class CreateWorkspace(Parameters):
    friendly_name: ShortName
    event_callback_url: Url = ""
    events_filter: OrNone = None
    multi_task_enabled: bool = True
    template: str = "NONE"
    prioritize_queue_order: Order = "FIFO"


class UpdateWorkspace(Parameters):
    default_activity_sid: ActivitySid = ""
    event_callback_url: Url = ""
    events_filter: OrNone = None
    friendly_name: ShortName = ""
    multi_task_enabled: bool = True
    timeout_activity_sid: ActivitySid = ""
    prioritize_queue_order: Order = "FIFO"


class WorkspaceResponse(TypedDict):
    sid: WorkspaceSid
    account_sid: AccountSid
    date_created: Date
    date_updated: Date
    default_activity_name: str
    default_activity_sid: ActivitySid
    event_callback_url: UriOrEmpty
    events_filter: str | None
    friendly_name: str
    multi_task_enabled: bool
    timeout_activity_name: str
    timeout_activity_sid: ActivitySid
    prioritize_queue_order: Order
    url: Uri
    links: Links


def render(context: RequestContext, workspace: Workspace) -> WorkspaceResponse:
    """Render a workspace as it is answered (rest-contract.md §5)."""
    engine = context.engine_in_use or context.service.workspaces.engines[workspace.sid]
    state = engine.state
    link = context.link(workspace.sid)
    return {
        "account_sid": context.service.account_sid,
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


def _warn(context: RequestContext, asked: CreateWorkspace | UpdateWorkspace) -> None:
    """Note a strange EventsFilter or Template for the debugger (rest-contract.md §15, points 22 and 23)."""
    texts = [events_filter_warning(context.workspace)] if "events_filter" in asked.given() else []
    if isinstance(asked, CreateWorkspace) and asked.template and asked.template.upper() != "NONE":
        texts += unknown_values("Template", [asked.template], TEMPLATES, "counts as NONE")
    for text in filter(None, texts):
        context.engine.alert(Alert(20001, "warning", text, context.workspace.sid))


@resource.operation("ListWorkspace", "GET", "/Workspaces", ListWorkspace, returns=WorkspaceResponse, key="workspaces")
def list_(context: RequestContext, asked: ListWorkspace) -> Answer:
    """List the workspaces of the account, by name."""
    workspaces = {sid: engine.workspace for sid, engine in context.service.workspaces.engines.items()}

    def shown(workspace: Workspace) -> bool:
        return asked.friendly_name in (None, workspace.friendly_name)

    return page(context, "workspaces", ListInMemory(workspaces, shown), render, asked)


@resource.operation("CreateWorkspace", "POST", "/Workspaces", CreateWorkspace, 201, returns=WorkspaceResponse)
def create(context: RequestContext, asked: CreateWorkspace) -> Answer:
    """Create a workspace with its activities and channels, and a queue if a template says so."""

    def describe(engine: WorkspaceEngine) -> Answer:
        context.engine_in_use = engine
        _warn(context, asked)
        context.warn(repeated_parameters(asked.repeated))
        return Answer(render(context, engine.workspace))

    template = asked.template if asked.template in TEMPLATES else "NONE"
    return context.service.workspaces.create(context.now, describe, **(asked.given() | {"template": template}))


@resource.operation("FetchWorkspace", "GET", "/Workspaces/{WorkspaceSid}", returns=WorkspaceResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a workspace."""
    return Answer(render(context, context.workspace))


@resource.operation("UpdateWorkspace", "POST", "/Workspaces/{WorkspaceSid}", UpdateWorkspace, returns=WorkspaceResponse)
def update(context: RequestContext, asked: UpdateWorkspace) -> Answer:
    """Update a workspace."""
    workspace = context.engine.update(context.now, **asked.given())
    _warn(context, asked)
    return Answer(render(context, workspace))


@resource.operation("DeleteWorkspace", "DELETE", "/Workspaces/{WorkspaceSid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Delete a workspace with all that is in it."""
    context.engine.delete(context.now)
    return Answer()
