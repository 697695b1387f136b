"""Calls (voice.md §1.7, §5.1, §5.2)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta, field
from msgspec.structs import replace

from ....engine.model.errors import TaskRouterError
from ....storage.ended import Condition
from ....voice.calls.parameters import talk_seconds
from ....voice.engine import VoiceEngine
from ....voice.model.entities import Call
from ...operation import Answer, RequestContext
from ...parameter_types import AccountSid, Natural
from ...parameters import Listing, Parameters
from .applications import named
from .common import (
    VERSION,
    Date2822,
    Span,
    Times,
    address,
    apply,
    check_url,
    current,
    date,
    dates,
    equal,
    formatted,
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
BELOW = [
    "notifications",
    "recordings",
    "payments",
    "events",
    "siprec",
    "streams",
    "transcriptions",
    "user_defined_message_subscriptions",
    "user_defined_messages",
]
BAD_URL, BAD_TIMEOUT, BAD_DIGITS = 21205, 21208, 21206
Status = Literal["queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"]
Twiml = Annotated[str, Meta(max_length=4000)]


class CreateCall(Parameters):
    to: str | None = None
    from_: str | None = field(name="From", default=None)
    url: str | None = None
    twiml: Twiml | None = None
    application_sid: str | None = None
    method: str | None = None
    fallback_url: str | None = None
    fallback_method: str | None = None
    status_callback: str | None = None
    status_callback_method: str | None = None
    status_callback_event: list[str] | None = None
    send_digits: str | None = None
    timeout: int = 60
    time_limit: Natural | None = None
    caller_id: str | None = None
    record: bool = False
    recording_status_callback: str | None = None
    recording_status_callback_method: str | None = None
    recording_status_callback_event: list[str] | None = None
    machine_detection: Literal["Enable", "DetectMessageEnd"] | None = None
    async_amd: bool = False


class UpdateCall(Parameters):
    url: str | None = None
    twiml: Twiml | None = None
    method: str | None = None
    status: Literal["canceled", "completed"] | None = None
    fallback_url: str | None = None
    fallback_method: str | None = None
    status_callback: str | None = None
    status_callback_method: str | None = None
    time_limit: Natural | None = None


class ListCalls(Listing):
    to: str | None = None
    from_: str | None = field(name="From", default=None)
    parent_call_sid: str | None = None
    status: Status | None = None
    start_time: Span | None = None
    start_time_before: Span | None = field(name="StartTime<", default=None)
    start_time_after: Span | None = field(name="StartTime>", default=None)
    end_time: Span | None = None
    end_time_before: Span | None = field(name="EndTime<", default=None)
    end_time_after: Span | None = field(name="EndTime>", default=None)


CallResponse = TypedDict(
    "CallResponse",
    {
        "sid": str,
        "date_created": Date2822 | None,
        "date_updated": Date2822 | None,
        "parent_call_sid": str | None,
        "account_sid": AccountSid,
        "to": str,
        "to_formatted": str,
        "from": str,
        "from_formatted": str,
        "phone_number_sid": str | None,
        "status": Status,
        "start_time": Date2822 | None,
        "end_time": Date2822 | None,
        "duration": str | None,
        "price": str | None,
        "price_unit": str,
        "direction": str,
        "annotation": None,
        "answered_by": str | None,
        "api_version": str,
        "forwarded_from": str | None,
        "group_sid": str | None,
        "caller_name": str | None,
        "queue_time": str,
        "trunk_sid": str | None,
        "uri": str,
        "subresource_uris": dict[str, str],
    },
)


def render(context: RequestContext, call: Call) -> dict[str, Any]:
    """Render a call as it is answered (voice.md §5.2); REST knows no `initiated`."""
    at = uri(context, "Calls", call.sid)
    below = {name: f"{at}/{''.join(part.capitalize() for part in name.split('_'))}.json" for name in BELOW}
    return {
        "sid": call.sid,
        **dates(call),
        "parent_call_sid": call.parent_call_sid,
        "account_sid": context.service.account_sid,
        "to": call.to,
        "to_formatted": formatted(call.to),
        "from": call.from_address,
        "from_formatted": formatted(call.from_address),
        "phone_number_sid": call.phone_number_sid,
        "status": "queued" if call.status == "initiated" else call.status,
        "start_time": date(call.start_time),
        "end_time": date(call.end_time),
        "duration": str(talk_seconds(call)) if call.status == "completed" else None,
        "price": None,
        "price_unit": "USD",
        "direction": call.direction,
        "annotation": None,
        "answered_by": call.answered_by,
        "api_version": VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(call.queue_time),
        "trunk_sid": None,
        "uri": f"{at}.json",
        "subresource_uris": below,
    }


@resource.operation("ListCall", "GET", "/Calls", ListCalls, returns=CallResponse, key="calls")
def list_(context: RequestContext, asked: ListCalls) -> Answer:
    """List calls, the newest first."""
    started = Times(asked.start_time, asked.start_time_before, asked.start_time_after)
    ended = Times(asked.end_time, asked.end_time_before, asked.end_time_after)

    wanted = equal(to=asked.to, from_address=asked.from_, parent_call_sid=asked.parent_call_sid)
    if asked.status == "queued":
        wanted.append(Condition("status", "IN", ("queued", "initiated")))
    else:
        wanted += equal(status=asked.status)
    wanted += started.of("start_time") + ended.of("end_time")
    current(context)
    return page(context, "calls", context.service.telephony.calls.newest_first(*wanted), render, asked)


@resource.operation("CreateCall", "POST", "/Calls", CreateCall, 201, returns=CallResponse)
def create(context: RequestContext, asked: CreateCall) -> Answer:
    """Call somebody; the document is requested when they answer."""
    asked = _with_application(context, asked)
    to, from_address = address("To", asked.to), address("From", asked.caller_id or asked.from_)
    if not 1 <= asked.timeout <= 600:
        raise TaskRouterError(f"Timeout must be from 1 to 600 seconds, not {asked.timeout}", BAD_TIMEOUT)
    digits = asked.send_digits or ""
    if len(digits) > 32 or any(digit not in "0123456789*#wW" for digit in digits):
        raise TaskRouterError(f"SendDigits must be at most 32 keys, w and W, not {digits!r}", BAD_DIGITS)
    status_callback, understood = read_status_callback(
        asked.status_callback, asked.status_callback_method, asked.status_callback_event
    )

    def call(engine: VoiceEngine) -> Call:
        return engine.calls.create(
            context.now,
            from_address=from_address,
            to=to,
            url=check_url("Url", asked.url),
            method=method(asked.method),
            twiml=asked.twiml,
            fallback_url=check_url("FallbackUrl", asked.fallback_url),
            fallback_method=method(asked.fallback_method),
            status_callback=status_callback,
            timeout=asked.timeout,
            time_limit=asked.time_limit,
            recorded=asked.record,
            recording_status_callback=recorded(
                asked.recording_status_callback,
                asked.recording_status_callback_method,
                asked.recording_status_callback_event,
            ),
            digits=digits,
            detects=asked.machine_detection is not None and not asked.async_amd,
        )

    unread_events = None if understood else asked.status_callback_event
    made = place(context, call, from_address, to, unread_events)
    # what has just been made has no dates yet in Twilio's answer (voice.md §5.2)
    return Answer(render(context, made) | {"date_created": None, "date_updated": None})


def _with_application(context: RequestContext, asked: CreateCall) -> CreateCall:
    """Fill in the addresses of the application that a call names, if it names one and no document of its own."""
    if not asked.application_sid or asked.url or asked.twiml:
        return asked
    application = named(current(context), asked.application_sid)
    if not application.voice_url:
        raise TaskRouterError(f"Application {application.sid} has no VoiceUrl: set it, or give Url", BAD_URL)
    filled = replace(asked, url=application.voice_url, method=application.voice_method)
    if not asked.fallback_url:
        filled.fallback_url, filled.fallback_method = application.voice_fallback_url, application.voice_fallback_method
    if not asked.status_callback:
        filled.status_callback = application.status_callback
        filled.status_callback_method = application.status_callback_method
    return filled


@resource.operation("FetchCall", "GET", "/Calls/{Sid}", returns=CallResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a call."""
    current(context)
    sid = context.path["Sid"]
    return Answer(render(context, found("Call", sid, context.service.telephony.calls.get(sid))))


@resource.operation("UpdateCall", "POST", "/Calls/{Sid}", UpdateCall, returns=CallResponse)
def update(context: RequestContext, asked: UpdateCall) -> Answer:
    """Move a live call to another document, or end it."""
    status_callback, _ = read_status_callback(asked.status_callback, asked.status_callback_method, None)

    def change(engine: VoiceEngine) -> Call:
        return engine.calls.update(
            context.now,
            context.path["Sid"],
            url=check_url("Url", asked.url),
            method=method(asked.method),
            twiml=asked.twiml or None,
            status=asked.status,
            fallback_url=check_url("FallbackUrl", asked.fallback_url),
            fallback_method=method(asked.fallback_method),
            status_callback=status_callback,
            time_limit=asked.time_limit,
        )

    return Answer(render(context, apply(context, change, context.path["Sid"])))


@resource.operation("DeleteCall", "DELETE", "/Calls/{Sid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Delete a call that has ended."""
    sid = context.path["Sid"]
    apply(context, lambda engine: engine.calls.delete(context.now, sid), sid)
    return Answer()
