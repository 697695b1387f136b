"""The channels of a worker (rest-contract.md §4.9, §5.10)."""

from __future__ import annotations

from ...engine.model.entities import Worker, WorkerChannel
from ...engine.model.errors import Missing
from ...engine.model.state import available_capacity_percentage
from ..operation import Answer, Call, Registry
from ..parameters import Listing, Natural, Parameters, a_sid
from ..rendering import common, page
from ..response_types import Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Channels"


class Update(Parameters):
    capacity: Natural = 1
    available: bool = True


class WorkerChannelShape(Resource):
    sid: a_sid("WC")
    assigned_tasks: int
    available: bool
    available_capacity_percentage: int
    configured_capacity: int
    task_channel_sid: a_sid("TC")
    task_channel_unique_name: str
    worker_sid: a_sid("WK")


def render(call: Call, channel: WorkerChannel) -> WorkerChannelShape:
    state = call.workspace.state
    return {
        **common(call, channel, state.workspace.sid),
        "assigned_tasks": channel.assigned,
        "available": channel.available,
        "available_capacity_percentage": available_capacity_percentage(channel),
        "configured_capacity": channel.configured_capacity,
        "task_channel_sid": channel.task_channel_sid,
        "task_channel_unique_name": state.task_channels[channel.task_channel_sid].unique_name,
        "worker_sid": channel.worker_sid,
        "url": call.link(state.workspace.sid, "Workers", channel.worker_sid, "Channels", channel.sid),
    }


def of_worker(call: Call) -> list[WorkerChannel]:
    return list(call.workspace.state.get(Worker, call.path["WorkerSid"]).channels.values())


def the(call: Call) -> WorkerChannel:
    """By SID, or by the unique name of its task channel (rest-contract.md §1)."""
    wanted, names = call.path["Sid"], call.workspace.state.task_channels
    for channel in of_worker(call):
        if wanted in (channel.sid, channel.task_channel_sid, names[channel.task_channel_sid].unique_name):
            return channel
    raise Missing(f"Channel {wanted} was not found")


@resource.operation("ListWorkerChannel", "GET", PATH, Listing, returns=WorkerChannelShape, key="channels")
def list_(call: Call, asked: Listing) -> Answer:
    return page(call, "channels", of_worker(call), render, asked)


@resource.operation("FetchWorkerChannel", "GET", PATH + "/{Sid}", returns=WorkerChannelShape)
def fetch(call: Call) -> Answer:
    return Answer(render(call, the(call)))


@resource.operation("UpdateWorkerChannel", "POST", PATH + "/{Sid}", Update, returns=WorkerChannelShape)
def update(call: Call, asked: Update) -> Answer:
    return Answer(render(call, call.workspace.worker_channels.update(call.now, the(call), **asked.given())))
