"""Outbound calls: how they are made, and what the phone that is called does by itself."""

from __future__ import annotations

import re

from ..model.entities import UNANSWERED, Call, Direction, PhoneNumber
from ..model.run import Purpose
from ..model.state import VoiceState
from ..model.terms import Method, StatusCallback
from . import inbound, lifecycle, parameters

ADDRESS = re.compile(r"\+?\d{3,15}|client:.{1,256}|sips?:[^@\s]+@\S+", re.ASCII)


NOT_OURS = 21210


def is_own(state: VoiceState, address: str) -> bool:
    """Tell whether a call may come from there: no number of anybody else (voice.md §5.4)."""
    number = f"+{address.removeprefix('+')}"
    return not parameters.is_number(address) or state.number_at(number) is not None


def warn_of_from(state: VoiceState, address: str, subject_sid: str) -> None:
    """Note a call from a number that is not the account's."""
    if not is_own(state, address):
        text = f"From {address} is no number of the account: Twilio would refuse it, unless it is verified."
        state.recorder.alert(NOT_OURS, text, subject_sid, "warning")


def make(
    state: VoiceState,
    *,
    from_address: str,
    to: str,
    purpose: Purpose,
    direction: Direction = "outbound-api",
    parent: Call | None = None,
    timeout: int = 60,
    time_limit: int | None = None,
    status_callback: StatusCallback | None = None,
    fallback: tuple[str, Method] | None = None,
    recorded: bool = False,
    recording_status_callback: StatusCallback | None = None,
) -> Call:
    """Make an outbound call, `queued` until it is dialed; one of a Dial is dialed at once."""
    number = state.number_at(from_address)
    call = Call(
        sid=state.new_sid("CA"),
        date_created=state.now,
        date_updated=state.now,
        from_address=from_address,
        to=to,
        direction=direction,
        status="queued",
        parent_call_sid=parent.sid if parent else None,
        phone_number_sid=number.sid if number else None,
        fallback_url=fallback[0] if fallback else None,
        fallback_method=fallback[1] if fallback else "POST",
        status_callback=status_callback,
        recording=state.new_sid("RE") if recorded else None,
        recording_status_callback=recording_status_callback,
        timeout=timeout,
        time_limit=time_limit,
        purpose=purpose,
    )
    state.add(call)
    state.changed(call)
    if parent is None:
        state.set_timer(call, "dial", state.options.queued)
    else:
        dial(state, call)
    return call


def dial(state: VoiceState, call: Call) -> None:
    """Dial, and let it ring, unless the phone is engaged, switched off, or no phone at all."""
    lifecycle.begin(state, call)
    if not ADDRESS.fullmatch(call.to):
        text = f"{call.to!r} cannot be dialed: give a number such as +15555555555, client:name or sip:name@domain."
        state.recorder.alert(13223, text, call.sid, "warning")
        return state.hang_up(call, "failed")
    if (number := state.number_at(call.to)) is not None:
        return _dial_number(state, call, number)
    phone = state.phone_at(call.to)
    if len(state.live[call.phone]) > 1 or phone.behaviour == "busy":  # engaged: voice.md §8, point 20
        return state.hang_up(call, "busy")
    if phone.behaviour == "unreachable":
        return state.hang_up(call, "failed")
    lifecycle.ring(state, call)
    state.set_timer(call, "ring", call.timeout * 1000)
    if phone.behaviour in ("after", "reject"):
        state.set_timer(call, "phone", phone.seconds * 1000)
    return None


def _dial_number(state: VoiceState, call: Call, number: PhoneNumber) -> None:
    """Let a number of the account ring until its voice URL answers (voice.md §2.5)."""
    if inbound.is_in_circles(state, call):
        return state.hang_up(call, "failed")
    lifecycle.ring(state, call)
    state.set_timer(call, "ring", call.timeout * 1000)
    return inbound.connect(state, call, number)


def phone_acts(state: VoiceState, call: Call) -> None:
    """Let a phone that behaves by itself answer, or reject the call."""
    if state.phone_at(call.to).behaviour == "reject":
        state.hang_up(call, "busy")
    else:
        answer(state, call)


def answer(state: VoiceState, call: Call) -> None:
    """Answer an outbound call, and do what it was made for."""
    lifecycle.answer(state, call)
    state.answered(call)


def stop_ringing(state: VoiceState, call: Call) -> None:
    """End an outbound call that nobody has answered: it was not needed any more."""
    if call.status in UNANSWERED:
        state.hang_up(call, "canceled")
