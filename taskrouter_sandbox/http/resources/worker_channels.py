"""The channels of a worker (rest-contract.md §4.9, §5.10)."""

from __future__ import annotations

from ...engine.model.entities import Worker, WorkerChannel
from ...engine.model.errors import NotFound
from ...engine.model.state import available_capacity_percentage
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..parameter_types import Natural, TaskChannelSid, WorkerChannelSid, WorkerSid
from ..parameters import Listing, Parameters
from ..rendering import common, page
from ..response_types import Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Channels"


class UpdateWorkerChannel(Parameters):
    capacity: Natural = 1
    available: bool = True


class WorkerChannelResponse(Resource):
    sid: WorkerChannelSid
    assigned_tasks: int
    available: bool
    available_capacity_percentage: int
    configured_capacity: int
    task_channel_sid: TaskChannelSid
    task_channel_unique_name: str
    worker_sid: WorkerSid


def render(context: RequestContext, channel: WorkerChannel) -> WorkerChannelResponse:
    """Render a channel of a worker as it is answered (rest-contract.md §5)."""
    state = context.state
    return {
        **common(context, channel, context.workspace.sid),
        "assigned_tasks": channel.assigned,
        "available": channel.available,
        "available_capacity_percentage": available_capacity_percentage(channel),
        "configured_capacity": channel.configured_capacity,
        "task_channel_sid": channel.task_channel_sid,
        "task_channel_unique_name": state.task_channels[channel.task_channel_sid].unique_name,
        "worker_sid": channel.worker_sid,
        "url": context.link(context.workspace.sid, "Workers", channel.worker_sid, "Channels", channel.sid),
    }


def of_worker(context: RequestContext) -> list[WorkerChannel]:
    """Give the channels of the worker in the address. Raises NotFound."""
    return list(context.state.get(Worker, context.path["WorkerSid"]).channels.values())


def get_worker_channel(context: RequestContext) -> WorkerChannel:
    """Find a channel by SID, or by the unique name of its task channel (rest-contract.md §1). Raises NotFound."""
    wanted, names = context.path["Sid"], context.state.task_channels
    for channel in of_worker(context):
        if wanted in (channel.sid, channel.task_channel_sid, names[channel.task_channel_sid].unique_name):
            return channel
    raise NotFound(f"Channel {wanted} was not found")


@resource.operation("ListWorkerChannel", "GET", PATH, Listing, returns=WorkerChannelResponse, key="channels")
def list_(context: RequestContext, asked: Listing) -> Answer:
    """List the channels of a worker."""
    return page(context, "channels", ListInMemory({each.sid: each for each in of_worker(context)}), render, asked)


@resource.operation("FetchWorkerChannel", "GET", PATH + "/{Sid}", returns=WorkerChannelResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a channel of a worker, by SID or unique name."""
    return Answer(render(context, get_worker_channel(context)))


@resource.operation("UpdateWorkerChannel", "POST", PATH + "/{Sid}", UpdateWorkerChannel, returns=WorkerChannelResponse)
def update(context: RequestContext, asked: UpdateWorkerChannel) -> Answer:
    """Update the capacity and the availability of a worker's channel."""
    return Answer(
        render(
            context, context.engine.worker_channels.update(context.now, get_worker_channel(context), **asked.given())
        )
    )
