"""TaskChannels (rest-contract.md §4.6, §5.7)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from ...engine.model.entities import TaskChannel
from ...engine.model.errors import NotFound
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..parameter_types import ShortName, TaskChannelSid
from ..parameters import Listing, Parameters
from ..rendering import common, page
from ..response_types import Links, Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/TaskChannels"


class CreateTaskChannel(Parameters):
    friendly_name: ShortName
    unique_name: Annotated[str, Meta(min_length=1)]
    channel_optimized_routing: bool = False


class UpdateTaskChannel(Parameters):
    friendly_name: ShortName = ""
    channel_optimized_routing: bool = False


class TaskChannelResponse(Resource):
    sid: TaskChannelSid
    friendly_name: str
    unique_name: str
    channel_optimized_routing: bool
    links: Links


def render(context: RequestContext, channel: TaskChannel) -> TaskChannelResponse:
    """Render a task channel as it is answered (rest-contract.md §5)."""
    workspace_sid = context.workspace.sid
    return {
        **common(context, channel, workspace_sid),
        "friendly_name": channel.friendly_name,
        "unique_name": channel.unique_name,
        "channel_optimized_routing": channel.channel_optimized_routing,
        "url": context.link(workspace_sid, "TaskChannels", channel.sid),
        "links": {"workspace": context.link(workspace_sid)},
    }


def named(context: RequestContext, name: str) -> TaskChannel:
    """Find a TaskChannel by SID or unique name (rest-contract.md §1). Raises NotFound."""
    for channel in context.state.task_channels.values():
        if name in (channel.sid, channel.unique_name):
            return channel
    raise NotFound(f"TaskChannel {name} was not found")


@resource.operation("ListTaskChannel", "GET", PATH, Listing, returns=TaskChannelResponse, key="channels")
def list_(context: RequestContext, asked: Listing) -> Answer:
    """List the task channels of a workspace."""
    return page(context, "channels", ListInMemory(context.state.task_channels), render, asked)


@resource.operation("CreateTaskChannel", "POST", PATH, CreateTaskChannel, 201, returns=TaskChannelResponse)
def create(context: RequestContext, asked: CreateTaskChannel) -> Answer:
    """Create a task channel."""
    return Answer(render(context, context.engine.task_channels.create(context.now, **asked.given())))


@resource.operation("FetchTaskChannel", "GET", PATH + "/{Sid}", returns=TaskChannelResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a task channel, by SID or unique name."""
    return Answer(render(context, named(context, context.path["Sid"])))


@resource.operation("UpdateTaskChannel", "POST", PATH + "/{Sid}", UpdateTaskChannel, returns=TaskChannelResponse)
def update(context: RequestContext, asked: UpdateTaskChannel) -> Answer:
    """Update a task channel."""
    channel = named(context, context.path["Sid"])
    return Answer(render(context, context.engine.task_channels.update(context.now, channel, **asked.given())))


@resource.operation("DeleteTaskChannel", "DELETE", PATH + "/{Sid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Delete a task channel that nothing uses."""
    context.engine.task_channels.delete(context.now, named(context, context.path["Sid"]))
    return Answer()
