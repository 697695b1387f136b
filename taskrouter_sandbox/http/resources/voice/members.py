"""Members of queues: the calls that wait there (voice.md §5.1, §5.2)."""

from __future__ import annotations

from typing import Any, TypedDict

from ....engine.model.errors import NotFound, TaskRouterError
from ....voice.model.entities import Call
from ...operation import Answer, RequestContext
from ...parameters import Listing, Parameters
from .common import Date2822, apply, check_url, current, date, method, page, registry, uri

resource = registry()
PATH = "/Queues/{QueueSid}/Members"


class UpdateMember(Parameters):
    url: str | None = None
    method: str | None = None


class MemberResponse(TypedDict):
    call_sid: str
    date_enqueued: Date2822
    position: int
    uri: str
    wait_time: int
    queue_sid: str


def render(context: RequestContext, call: Call) -> dict[str, Any]:
    """Render a member as it is answered (voice.md §5.2)."""
    engine, sid = context.service.telephony.engine, context.path["QueueSid"]
    waiting, members = engine.state.waiting(call), engine.queues.members(sid)
    since = waiting.since if waiting is not None else context.now
    return {
        "call_sid": call.sid,
        "date_enqueued": date(since),
        "position": members.index(call) + 1 if call in members else 0,
        "uri": uri(context, "Queues", sid, "Members", call.sid) + ".json",
        "wait_time": max(0, context.now - since) // 1000,
        "queue_sid": sid,
    }


@resource.operation("ListMember", "GET", PATH, Listing, returns=MemberResponse, key="queue_members")
def list_(context: RequestContext, asked: Listing) -> Answer:
    """List who waits in a queue, by place."""
    members = current(context).queues.members(context.path["QueueSid"])
    return page(context, "queue_members", {call.sid: call for call in members}, render, asked)


@resource.operation("FetchMember", "GET", PATH + "/{CallSid}", returns=MemberResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch somebody who waits, by the SID of the call, or `Front`."""
    name = context.path["CallSid"]
    for call in current(context).queues.members(context.path["QueueSid"]):
        if name in ("Front", call.sid):
            return Answer(render(context, call))
    raise NotFound(f"Member {name} was not found")


@resource.operation("UpdateMember", "POST", PATH + "/{CallSid}", UpdateMember, returns=MemberResponse)
def update(context: RequestContext, asked: UpdateMember) -> Answer:
    """Move somebody who waits to another document."""
    url = check_url("Url", asked.url)
    if url is None:
        raise TaskRouterError("Url field is required: give the address of the document that the caller hears next")
    name, queue_sid = context.path["CallSid"], context.path["QueueSid"]
    waiting = next((call for call in current(context).queues.members(queue_sid) if name in ("Front", call.sid)), None)
    before = render(context, waiting) if waiting else {}
    apply(context, lambda engine: engine.queues.take_out(context.now, queue_sid, name, url, method(asked.method)))
    return Answer(before)
