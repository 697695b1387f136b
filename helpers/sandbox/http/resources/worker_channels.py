"""The channels of a worker (rest-contract.md §4.9, §5.10)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ...routing.entities import Worker, WorkerChannel
from ...routing.refusals import Missing
from ...routing.state import available_capacity_percentage
from ..operations import Answer, Call, Registry
from ..parameters import Listing, Parameters
from ..rendering import common, page

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Channels"


class Update(Parameters):
    capacity: Annotated[int, Field(ge=0)] = 1
    available: bool = True


def render(call: Call, channel: WorkerChannel) -> dict[str, Any]:
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


@resource.operation("ListWorkerChannel", "GET", PATH, Listing)
def list_(call: Call, asked: Listing) -> Answer:
    return page(call, "channels", of_worker(call), render, asked)


@resource.operation("FetchWorkerChannel", "GET", PATH + "/{Sid}")
def fetch(call: Call) -> Answer:
    return Answer(render(call, the(call)))


@resource.operation("UpdateWorkerChannel", "POST", PATH + "/{Sid}", Update)
def update(call: Call, asked: Update) -> Answer:
    return Answer(render(call, call.workspace.worker_channels.update(call.now, the(call), **asked.given())))
