"""Outbound calls: how they are made, and what the phone that is called does by itself."""

from __future__ import annotations

import re

from ..model.entities import UNANSWERED, Call, Direction, StatusCallback
from ..model.run import Purpose
from ..model.state import VoiceState
from ..model.terms import Method
from . import lifecycle

ADDRESS = re.compile(r"\+?\d{3,15}|client:.{1,256}|sips?:[^@\s]+@\S+", re.ASCII)


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
