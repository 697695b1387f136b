"""Conferences (voice.md §2.6, §5.1, §5.2)."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from msgspec import field

from ....voice.model.entities import Conference
from ...operation import Answer, RequestContext
from ...parameter_types import AccountSid
from ...parameters import Listing, Parameters
from .common import (
    VERSION,
    Date2822,
    Span,
    Times,
    apply,
    check_url,
    current,
    dates,
    equal,
    found,
    method,
    page,
    registry,
    uri,
)

resource = registry()
Status = Literal["init", "in-progress", "completed"]


class ListConferences(Listing):
    friendly_name: str | None = None
    status: Status | None = None
    date_created: Span | None = None
    date_created_before: Span | None = field(name="DateCreated<", default=None)
    date_created_after: Span | None = field(name="DateCreated>", default=None)
    date_updated: Span | None = None
    date_updated_before: Span | None = field(name="DateUpdated<", default=None)
    date_updated_after: Span | None = field(name="DateUpdated>", default=None)


class UpdateConference(Parameters):
    status: Literal["completed"] | None = None
    announce_url: str | None = None
    announce_method: str | None = None


class ConferenceResponse(TypedDict):
    account_sid: AccountSid
    date_created: Date2822
    date_updated: Date2822
    api_version: str
    friendly_name: str
    region: str
    sid: str
    status: Status
    uri: str
    subresource_uris: dict[str, str]
    reason_conference_ended: str | None
    call_sid_ending_conference: str | None


def render(context: RequestContext, room: Conference) -> dict[str, Any]:
    """Render a conference as it is answered (voice.md §5.2)."""
    at = uri(context, "Conferences", room.sid)
    return {
        "account_sid": context.service.account_sid,
        **dates(room),
        "api_version": VERSION,
        "friendly_name": room.friendly_name,
        "region": "us1",
        "sid": room.sid,
        "status": room.status,
        "uri": f"{at}.json",
        "subresource_uris": {"participants": f"{at}/Participants.json", "recordings": f"{at}/Recordings.json"},
        "reason_conference_ended": room.reason_conference_ended,
        "call_sid_ending_conference": room.call_sid_ending_conference,
    }


@resource.operation("ListConference", "GET", "/Conferences", ListConferences, returns=ConferenceResponse,
                    key="conferences")  # fmt: skip
def list_(context: RequestContext, asked: ListConferences) -> Answer:
    """List conferences, the newest first."""
    created = Times(asked.date_created, asked.date_created_before, asked.date_created_after)
    updated = Times(asked.date_updated, asked.date_updated_before, asked.date_updated_after)

    wanted = equal(friendly_name=asked.friendly_name, status=asked.status)
    wanted += created.of("date_created") + updated.of("date_updated")
    current(context)
    return page(context, "conferences", context.service.telephony.conferences.newest_first(*wanted), render, asked)


@resource.operation("FetchConference", "GET", "/Conferences/{Sid}", returns=ConferenceResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a conference."""
    current(context)
    sid = context.path["Sid"]
    return Answer(render(context, found("Conference", sid, context.service.telephony.conferences.get(sid))))


@resource.operation("UpdateConference", "POST", "/Conferences/{Sid}", UpdateConference, returns=ConferenceResponse)
def update(context: RequestContext, asked: UpdateConference) -> Answer:
    """End a conference, or let all who are in it hear something."""
    room = apply(
        context,
        lambda engine: engine.conferences.update(
            context.now,
            context.path["Sid"],
            completed=asked.status == "completed",
            announce_url=check_url("AnnounceUrl", asked.announce_url),
            announce_method=method(asked.announce_method),
        ),
        context.path["Sid"],
    )
    return Answer(render(context, room))
