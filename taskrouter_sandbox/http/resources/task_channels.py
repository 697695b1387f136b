"""TaskChannels (rest-contract.md §4.6, §5.7)."""

from __future__ import annotations

from ...engine.model.entities import TaskChannel
from ...engine.model.errors import Missing
from ..operation import Answer, Call, Registry
from ..parameters import Listing, Name, Parameters, a_sid
from ..rendering import common, page
from ..response_types import Links, Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/TaskChannels"


class Create(Parameters):
    friendly_name: Name
    unique_name: Name
    channel_optimized_routing: bool = False


class Update(Parameters):
    friendly_name: Name = ""
    channel_optimized_routing: bool = False


class TaskChannelShape(Resource):
    sid: a_sid("TC")
    friendly_name: str
    unique_name: str
    channel_optimized_routing: bool
    links: Links


def render(call: Call, channel: TaskChannel) -> TaskChannelShape:
    workspace_sid = call.workspace.workspace.sid
    return {
        **common(call, channel, workspace_sid),
        "friendly_name": channel.friendly_name,
        "unique_name": channel.unique_name,
        "channel_optimized_routing": channel.channel_optimized_routing,
        "url": call.link(workspace_sid, "TaskChannels", channel.sid),
        "links": {"workspace": call.link(workspace_sid)},
    }


def named(call: Call, name: str) -> TaskChannel:
    """By SID or unique name (rest-contract.md §1)."""
    for channel in call.workspace.state.task_channels.values():
        if name in (channel.sid, channel.unique_name):
            return channel
    raise Missing(f"TaskChannel {name} was not found")


@resource.operation("ListTaskChannel", "GET", PATH, Listing, returns=TaskChannelShape, key="channels")
def list_(call: Call, asked: Listing) -> Answer:
    return page(call, "channels", call.workspace.state.task_channels.values(), render, asked)


@resource.operation("CreateTaskChannel", "POST", PATH, Create, 201, returns=TaskChannelShape)
def create(call: Call, asked: Create) -> Answer:
    return Answer(render(call, call.workspace.task_channels.create(call.now, **asked.given())))


@resource.operation("FetchTaskChannel", "GET", PATH + "/{Sid}", returns=TaskChannelShape)
def fetch(call: Call) -> Answer:
    return Answer(render(call, named(call, call.path["Sid"])))


@resource.operation("UpdateTaskChannel", "POST", PATH + "/{Sid}", Update, returns=TaskChannelShape)
def update(call: Call, asked: Update) -> Answer:
    channel = named(call, call.path["Sid"])
    return Answer(render(call, call.workspace.task_channels.update(call.now, channel, **asked.given())))


@resource.operation("DeleteTaskChannel", "DELETE", PATH + "/{Sid}", status=204)
def delete(call: Call) -> Answer:
    call.workspace.task_channels.delete(call.now, named(call, call.path["Sid"]))
    return Answer()
