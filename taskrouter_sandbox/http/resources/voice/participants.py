"""Participants of conferences (voice.md §2.6, §5.1, §5.2)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta, field

from ....engine.model.errors import TaskRouterError
from ....voice.engine import VoiceEngine
from ....voice.model.entities import Call
from ....voice.model.run import Participant
from ....voice.model.terms import StatusCallback
from ....voice.rooms import conferences
from ...operation import Answer, RequestContext
from ...parameter_types import AccountSid, Natural
from ...parameters import Listing, Parameters
from .common import (
    Date2822,
    address,
    apply,
    check_url,
    current,
    date,
    events,
    found,
    method,
    page,
    place,
    read_status_callback,
    recorded,
    registry,
    uri,
)

resource = registry()
PATH = "/Conferences/{ConferenceSid}/Participants"
STATUSES = {"queued": "queued", "initiated": "connecting", "ringing": "ringing", "in-progress": "connecting",
            "completed": "complete"}  # fmt: skip
ROOM_EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")
Timeout = Annotated[int, Meta(ge=5, le=600)]
NO_LABEL = 16024


class ListParticipants(Listing):
    muted: bool | None = None
    hold: bool | None = None
    coaching: bool | None = None


class CreateParticipant(Parameters):
    to: str | None = None
    from_: str | None = field(name="From", default=None)
    label: str | None = None
    timeout: Timeout = 60
    time_limit: Natural | None = None
    caller_id: str | None = None
    status_callback: str | None = None
    status_callback_method: str | None = None
    status_callback_event: list[str] | None = None
    muted: bool = False
    beep: Literal["true", "false", "onEnter", "onExit"] = "true"
    start_conference_on_enter: bool = True
    end_conference_on_exit: bool = False
    wait_url: str | None = None
    wait_method: str | None = None
    early_media: bool = True
    max_participants: Annotated[int, Meta(ge=2, le=250)] = 250
    conference_status_callback: str | None = None
    conference_status_callback_method: str | None = None
    conference_status_callback_event: list[str] | None = None
    coaching: bool = False
    call_sid_to_coach: str | None = None
    record: bool = False
    recording_status_callback: str | None = None
    recording_status_callback_method: str | None = None
    recording_status_callback_event: list[str] | None = None
    conference_record: Literal["true", "false", "record-from-start", "do-not-record"] = "false"
    conference_recording_status_callback: str | None = None
    conference_recording_status_callback_method: str | None = None
    conference_recording_status_callback_event: list[str] | None = None


class UpdateParticipant(Parameters):
    muted: bool | None = None
    hold: bool | None = None
    hold_url: str | None = None
    hold_method: str | None = None
    announce_url: str | None = None
    announce_method: str | None = None
    wait_url: str | None = None
    wait_method: str | None = None
    beep_on_exit: bool | None = None
    end_conference_on_exit: bool | None = None
    coaching: bool | None = None
    call_sid_to_coach: str | None = None


class ParticipantResponse(TypedDict):
    account_sid: AccountSid
    call_sid: str
    label: str | None
    call_sid_to_coach: str | None
    coaching: bool
    conference_sid: str
    date_created: Date2822
    date_updated: Date2822
    end_conference_on_exit: bool
    muted: bool
    hold: bool
    start_conference_on_enter: bool
    status: Literal["queued", "connecting", "ringing", "connected", "complete", "failed"]
    queue_time: str | None
    uri: str


def render(context: RequestContext, one: Participant, call: Call, queue_time: str | None = None) -> dict[str, Any]:
    """Render a participant as it is answered (voice.md §5.2)."""
    return {
        "account_sid": context.service.account_sid,
        "call_sid": one.call_sid,
        "label": one.label,
        "call_sid_to_coach": one.call_sid_to_coach,
        "coaching": one.coaching,
        "conference_sid": one.conference_sid,
        "date_created": date(one.date_created),
        "date_updated": date(max(one.date_created, call.date_updated)),
        "end_conference_on_exit": one.end_conference_on_exit,
        "muted": one.muted,
        "hold": one.hold,
        "start_conference_on_enter": one.start_conference_on_enter,
        "status": "connected" if one.joined else STATUSES.get(call.status, "failed"),
        "queue_time": queue_time,
        "uri": uri(context, "Conferences", one.conference_sid, "Participants", one.call_sid) + ".json",
    }


@resource.operation("ListParticipant", "GET", PATH, ListParticipants, returns=ParticipantResponse, key="participants")
def list_(context: RequestContext, asked: ListParticipants) -> Answer:
    """List who is in a conference, or on the way there; nobody once it has ended."""
    state = current(context).state
    name = context.path["ConferenceSid"]
    room = conferences.find(state, name) or context.service.telephony.conferences.get(name)
    room = found("Conference", name, room)
    there = {} if room.status == "completed" else room.participants
    calls = {sid: state.calls[sid] for sid in there}

    def shown(call: Call) -> bool:
        one = there[call.sid]
        return (
            asked.muted in (None, one.muted)
            and asked.hold in (None, one.hold)
            and asked.coaching in (None, one.coaching)
        )

    def rendered(context: RequestContext, call: Call) -> dict[str, Any]:
        return render(context, there[call.sid], call)

    return page(context, "participants", calls, rendered, asked, shown)


@resource.operation("CreateParticipant", "POST", PATH, CreateParticipant, 201, returns=ParticipantResponse)
def create(context: RequestContext, asked: CreateParticipant) -> Answer:
    """Call somebody into a conference; a name makes it if it is not there."""
    to, from_address = address("To", asked.to), address("From", asked.caller_id or asked.from_)
    label = asked.label or None
    if label and (len(label) > 128 or "/" in label or (label.startswith("CA") and len(label) == 34)):
        raise TaskRouterError("Label must have at most 128 characters, no slash, and be no call's SID", NO_LABEL)
    status_callback, understood = read_status_callback(
        asked.status_callback, asked.status_callback_method, asked.status_callback_event
    )
    url = check_url("ConferenceStatusCallback", asked.conference_status_callback)
    about_room = events(asked.conference_status_callback_event, ROOM_EVENTS, ("start", "end"))
    about_conference = (
        StatusCallback(url, method(asked.conference_status_callback_method), about_room) if url and about_room else None
    )

    def call(engine: VoiceEngine) -> Call:
        return engine.conferences.create_participant(
            context.now,
            context.path["ConferenceSid"],
            from_address=from_address,
            to=to,
            participant=Participant(
                call_sid="",
                conference_sid="",
                date_created=context.now,
                label=label,
                muted=asked.muted,
                coaching=asked.coaching,
                call_sid_to_coach=asked.call_sid_to_coach or None,
                start_conference_on_enter=asked.start_conference_on_enter,
                end_conference_on_exit=asked.end_conference_on_exit,
                beep=asked.beep,
                wait_url=asked.wait_url,
                wait_method=method(asked.wait_method),
            ),
            timeout=asked.timeout,
            time_limit=asked.time_limit,
            status_callback=status_callback,
            conference_status_callback=about_conference,
            max_participants=asked.max_participants,
            recorded=asked.record,
            recording_status_callback=recorded(
                asked.recording_status_callback,
                asked.recording_status_callback_method,
                asked.recording_status_callback_event,
            ),
            conference_recorded=asked.conference_record in ("true", "record-from-start"),
            conference_recording_status_callback=recorded(
                asked.conference_recording_status_callback,
                asked.conference_recording_status_callback_method,
                asked.conference_recording_status_callback_event,
            ),
        )

    unread_events = None if understood else asked.status_callback_event
    made = place(context, call, from_address, to, unread_events)
    one = context.service.telephony.engine.conferences.participant(context.path["ConferenceSid"], made.sid)
    return Answer(render(context, one, made, "0"))


@resource.operation("FetchParticipant", "GET", PATH + "/{CallSid}", returns=ParticipantResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a participant, by the SID of the call or by label."""
    engine = current(context)
    one = engine.conferences.participant(context.path["ConferenceSid"], context.path["CallSid"])
    return Answer(render(context, one, engine.state.calls[one.call_sid]))


@resource.operation("UpdateParticipant", "POST", PATH + "/{CallSid}", UpdateParticipant, returns=ParticipantResponse)
def update(context: RequestContext, asked: UpdateParticipant) -> Answer:
    """Mute, hold or coach a participant, or let them hear something."""
    one = apply(
        context,
        lambda engine: engine.conferences.update_participant(
            context.now,
            context.path["ConferenceSid"],
            context.path["CallSid"],
            muted=asked.muted,
            hold=asked.hold,
            hold_url=check_url("HoldUrl", asked.hold_url),
            hold_method=method(asked.hold_method, "GET"),
            announce_url=check_url("AnnounceUrl", asked.announce_url),
            announce_method=method(asked.announce_method),
            wait_url=asked.wait_url if not asked.wait_url else check_url("WaitUrl", asked.wait_url),
            wait_method=method(asked.wait_method),
            end_conference_on_exit=asked.end_conference_on_exit,
            coaching=asked.coaching,
            call_sid_to_coach=asked.call_sid_to_coach or None,
        ),
    )
    return Answer(render(context, one, current(context).state.calls[one.call_sid]))


@resource.operation("DeleteParticipant", "DELETE", PATH + "/{CallSid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Take a participant out of a conference."""
    apply(
        context,
        lambda engine: engine.conferences.delete_participant(
            context.now, context.path["ConferenceSid"], context.path["CallSid"]
        ),
    )
    return Answer()
