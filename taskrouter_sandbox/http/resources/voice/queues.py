"""Queues (voice.md §2.4, §5.1, §5.2)."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from msgspec import Meta

from ....engine.model.errors import NotFound
from ....voice.calls.parameters import average_wait
from ....voice.model.entities import Queue
from ...operation import Answer, RequestContext
from ...parameter_types import AccountSid, ShortName
from ...parameters import Listing, Parameters
from .common import Date2822, apply, current, dates, newest_first, page, registry, uri

resource = registry()
MaxSize = Annotated[int, Meta(ge=1, le=5000)]


class ListQueues(Listing):
    friendly_name: str | None = None


class CreateQueue(Parameters):
    friendly_name: ShortName
    max_size: MaxSize = 1000


class UpdateQueue(Parameters):
    friendly_name: ShortName | None = None
    max_size: MaxSize | None = None


class QueueResponse(TypedDict):
    date_updated: Date2822
    current_size: int
    friendly_name: str
    uri: str
    account_sid: AccountSid
    average_wait_time: int
    sid: str
    date_created: Date2822
    max_size: int


def render(context: RequestContext, queue: Queue) -> dict[str, Any]:
    """Render a queue as it is answered (voice.md §5.2)."""
    return {
        **dates(queue),
        "current_size": len(queue.waiting),
        "friendly_name": queue.friendly_name,
        "uri": uri(context, "Queues", queue.sid) + ".json",
        "account_sid": context.service.account_sid,
        "average_wait_time": average_wait(context.service.telephony.engine.state, queue),
        "sid": queue.sid,
        "max_size": queue.max_size,
    }


@resource.operation("ListQueue", "GET", "/Queues", ListQueues, returns=QueueResponse, key="queues")
def list_(context: RequestContext, asked: ListQueues) -> Answer:
    """List queues, those of workflows included, the newest first."""
    queues = newest_first(current(context).state.queues)
    return page(context, "queues", queues, render, asked, lambda one: asked.friendly_name in (None, one.friendly_name))


@resource.operation("CreateQueue", "POST", "/Queues", CreateQueue, 201, returns=QueueResponse)
def create(context: RequestContext, asked: CreateQueue) -> Answer:
    """Create a queue."""
    queue = apply(context, lambda engine: engine.queues.create(context.now, asked.friendly_name, asked.max_size))
    return Answer(render(context, queue))


@resource.operation("FetchQueue", "GET", "/Queues/{Sid}", returns=QueueResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a queue."""
    queues = current(context).state.queues
    if context.path["Sid"] not in queues:
        raise NotFound(f"Queue {context.path['Sid']} was not found")
    return Answer(render(context, queues[context.path["Sid"]]))


@resource.operation("UpdateQueue", "POST", "/Queues/{Sid}", UpdateQueue, returns=QueueResponse)
def update(context: RequestContext, asked: UpdateQueue) -> Answer:
    """Update a queue."""
    queue = apply(context, lambda engine: engine.queues.update(context.now, context.path["Sid"], **asked.given()))
    return Answer(render(context, queue))


@resource.operation("DeleteQueue", "DELETE", "/Queues/{Sid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Delete a queue in which nobody waits."""
    apply(context, lambda engine: engine.queues.delete(context.now, context.path["Sid"]))
    return Answer()
