"""Calls as people at phones see them: dial, press keys, speak, answer, reject, hang up (voice.md §2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from msgspec import Meta, field

from ...control_types import CallList, CallState, QueuePlace
from ...engine.model.errors import NotFound
from ...voice.calls.parameters import talk_seconds
from ...voice.engine import VoiceEngine
from ...voice.model.entities import UNANSWERED, Call
from ...voice.model.run import (
    Activity,
    ByConference,
    ByDequeue,
    ByDial,
    Dialing,
    Enqueuing,
    Fetching,
    Gathering,
    InConference,
    Participant,
    Recording,
    Silence,
    Speaking,
    Waiting,
)
from ...voice.model.state import VoiceState
from ..operation import Answer, Registry, RequestContext
from .parameters import ControlParameters, Newest

control = Registry(control=True)
ONE = "/calls/{call_sid}"


class CallsAtPhones(Newest):
    """How many of the newest calls are wanted, and whether those that go on are wanted however old they are."""

    and_live: bool = False


class DialNumber(ControlParameters):
    """Who dials, and which of the account's numbers."""

    to: str
    from_: str = field(name="from", default="+15005550100")


class PressKeys(ControlParameters):
    """The keys that are pressed: 0 to 9, * and #."""

    digits: Annotated[str, Meta(min_length=1, max_length=100)]


class SayWords(ControlParameters):
    """What is said."""

    words: Annotated[str, Meta(min_length=1, max_length=4096)]


def _waits_for(call: Call, activity: Activity | None) -> str | None:
    """Say in words what goes on at a phone, or what it waits for."""
    if call.status == "ringing":
        return "somebody answers" if call.direction != "inbound" else "the call is answered"
    match activity:
        case Fetching():
            return "the web server's answer"
        case Speaking() | Silence():
            return "the end of what is heard"
        case Gathering():
            return "keys or speech" if "speech" in activity.verb.attributes.get("input", "") else "keys"
        case Recording():
            return "the end of the recording"
        case Enqueuing():
            return "a place in the queue"
        case Waiting():
            return "an agent" if activity.left_at is None else "the end of the talk"
        case Dialing():
            return "the end of the talk" if activity.bridged else "somebody answers"
        case InConference():
            return "the end of the conference"
        case None:
            return None


def _others(state: VoiceState, call: Call) -> list[str]:
    """Give the phones with which a call is connected, without those who listen in unheard (voice.md §4.6)."""
    if call.bridge is not None:
        return [state.calls[call.bridge.peer_of(call.sid)].phone]
    one, others = _in_room(state, call)
    return [state.calls[each.call_sid].phone for each in others if one is not None and not _is_hidden(state, each, one)]


def _heard_by(state: VoiceState, call: Call) -> list[str]:
    """Give the phones that hear a call: none where it is muted, one where it coaches."""
    if call.bridge is not None:
        return [state.calls[call.bridge.peer_of(call.sid)].phone]
    one, others = _in_room(state, call)
    if one is None or one.muted:
        return []
    hear = [each.call_sid for each in others if not one.coaching or each.call_sid == one.call_sid_to_coach]
    return [state.calls[sid].phone for sid in hear]


def _in_room(state: VoiceState, call: Call) -> tuple[Participant | None, list[Participant]]:
    """Give a call as a participant of its conference, and the others there; None: it is in no conference yet."""
    room = state.conferences.get(call.conference_sid or "")
    one = room.participants.get(call.sid) if room is not None else None
    if room is None or one is None or not one.joined:
        return None, []
    return one, [each for each in room.participants.values() if each.joined and each is not one]


def _is_hidden(state: VoiceState, other: Participant, one: Participant) -> bool:
    """Whether somebody listens in whom this participant does not hear; who is muted for a while only does not count."""
    if other.coaching:
        return other.muted or other.call_sid_to_coach != one.call_sid
    purpose = state.calls[other.call_sid].purpose
    supervises = isinstance(purpose, ByConference) and purpose.role == "participant" and purpose.order is not None
    return other.muted and supervises


def _ringing(state: VoiceState) -> dict[str, list[str]]:
    """Give the phones that are being called so that they can be connected with a call, by the SID of that."""
    ringing: dict[str, list[str]] = {}
    for leg in state.live_calls():
        match leg.purpose:
            case (
                ByDial(parent_sid=sid) | ByDequeue(caller_sid=sid) | ByConference(role="worker", customer_sid=str(sid))
            ):
                if leg.status in UNANSWERED:
                    ringing.setdefault(sid, []).append(leg.phone)
            case _:
                pass
    return ringing


def _place(state: VoiceState, call: Call) -> QueuePlace | None:
    waiting = state.waiting(call)
    if waiting is None:
        return None
    queue = state.queues[waiting.queue_sid]
    return {
        "sid": queue.sid,
        "name": queue.friendly_name,
        "position": queue.waiting.index(call) + 1 if call in queue.waiting else 0,
        "size": len(queue.waiting),
        "seconds": (state.now - waiting.since) // 1000,
    }


def _state(context: RequestContext, call: Call, ringing: Mapping[str, list[str]]) -> CallState:
    state = context.service.telephony.engine.state
    activity = call.frames[-1].activity if call.frames else None
    return {
        "sid": call.sid,
        "direction": call.direction,
        "status": call.status,
        "from": call.from_address,
        "to": call.to,
        "phone": call.phone,
        "parent_call_sid": call.parent_call_sid,
        "task_sid": call.task_sid,
        "reservation_sid": call.reservation_sid,
        "began": call.date_created,
        "answered": call.answered_at,
        "ended": call.end_time,
        "seconds": talk_seconds(call, context.now),
        "waits_for": _waits_for(call, activity) if call.is_live else None,
        "connected_with": _others(state, call) if call.is_live else [],
        "heard_by": _heard_by(state, call) if call.is_live else [],
        "ringing": ringing.get(call.sid, []),
        "queue": _place(state, call),
        "conference_sid": call.conference_sid,
        "captions": [
            {"at": one.at, "source": one.source, "text": one.text, "language": one.language} for one in call.captions
        ],
        "requests": [
            {"at": one.at, "method": one.method, "url": one.url, "status": one.status, "problem": one.problem}
            for one in call.requests
        ],
    }


def _do(context: RequestContext, act: Callable[[VoiceEngine], Call]) -> Answer:
    """Let somebody do something at a phone, and answer with the call. Raises TaskRouterError."""
    named = [context.path["call_sid"]] if "call_sid" in context.path else []
    try:
        call = context.service.telephony.apply(context.now, act, named)
    except NotFound as missing:
        raise (_not_found(context) if named else missing) from None
    return _answer(context, call)


def _not_found(context: RequestContext) -> NotFound:
    return NotFound(f"Call {context.path['call_sid'][:40]} was not found: GET /_sandbox/calls lists the newest")


def _answer(context: RequestContext, call: Call) -> Answer:
    return Answer(_state(context, call, _ringing(context.service.telephony.engine.state)))


@control.operation("ListPhoneCall", "GET", "/calls", CallsAtPhones, returns=CallList)
def list_(context: RequestContext, asked: CallsAtPhones) -> Answer:
    """List calls as their phones see them, the newest first."""
    telephony = context.service.telephony
    state = telephony.look(context.now).state
    ringing = _ringing(state)
    newest = telephony.calls.newest_first().following(None, asked.limit)
    if asked.and_live:
        listed = {call.sid for call in newest}
        live = [call for at_phone in state.live.values() for call in at_phone.values() if call.sid not in listed]
        newest += sorted(live, key=lambda call: call.date_created, reverse=True)
    return Answer(CallList(calls=[_state(context, call, ringing) for call in newest]))


@control.operation("DialNumber", "POST", "/calls", DialNumber, returns=CallState)
def dial(context: RequestContext, asked: DialNumber) -> Answer:
    """Let somebody dial a number of the account."""
    return _do(context, lambda engine: engine.people.dial(context.now, _number(asked.from_), _number(asked.to)))


def _number(text: str) -> str:
    """Read a number whose plus was sent as it is, which a query takes for a blank."""
    return f"+{text[1:]}" if text[:1] == " " else text


@control.operation("FetchPhoneCall", "GET", ONE, returns=CallState)
def fetch(context: RequestContext) -> Answer:
    """Tell what a phone shows: status, with whom, captions so far, and what it waits for."""
    context.service.telephony.look(context.now)
    sid = context.path["call_sid"]
    call = context.service.telephony.calls.get(sid)
    if call is None:
        raise _not_found(context)
    return _answer(context, call)


@control.operation("PressKeys", "POST", f"{ONE}/press", PressKeys, returns=CallState)
def press(context: RequestContext, asked: PressKeys) -> Answer:
    """Press keys."""
    return _do(context, lambda engine: engine.people.press(context.now, context.path["call_sid"], asked.digits))


@control.operation("SayWords", "POST", f"{ONE}/say", SayWords, returns=CallState)
def say(context: RequestContext, asked: SayWords) -> Answer:
    """Speak."""
    return _do(context, lambda engine: engine.people.say(context.now, context.path["call_sid"], asked.words))


@control.operation("AnswerPhone", "POST", f"{ONE}/answer", returns=CallState)
def answer(context: RequestContext) -> Answer:
    """Answer a phone that rings."""
    return _do(context, lambda engine: engine.people.answer(context.now, context.path["call_sid"]))


@control.operation("RejectCall", "POST", f"{ONE}/reject", returns=CallState)
def reject(context: RequestContext) -> Answer:
    """Reject a call; whoever called hears that the line is busy."""
    return _do(context, lambda engine: engine.people.reject(context.now, context.path["call_sid"]))


@control.operation("HangUp", "POST", f"{ONE}/hang-up", returns=CallState)
def hang_up(context: RequestContext) -> Answer:
    """Hang up."""
    return _do(context, lambda engine: engine.people.hang_up(context.now, context.path["call_sid"]))
