"""Inbound calls: somebody has dialed a number of the account, whose voice URL answers (voice.md §1.1, §2.5)."""

from __future__ import annotations

from ..model.entities import Call, PhoneNumber
from ..model.run import Frame
from ..model.state import VoiceState
from ..model.terms import StatusCallback
from . import documents

NO_URL, NO_APPLICATION, IN_CIRCLES = 11100, 21218, 13224
MOST_HOPS = 3  # numbers of the account that dial one another, one after the other


def arrive(state: VoiceState, number: PhoneNumber, from_address: str) -> Call:
    """Let a call come in at a number: its voice URL is asked, or that of its application (voice.md §5.1)."""
    answering = state.applications.get(number.voice_application_sid, number)
    url, callback = answering.voice_url, answering.status_callback
    call = Call(
        sid=state.new_sid("CA"),
        date_created=state.now,
        date_updated=state.now,
        from_address=from_address,
        to=number.phone_number,
        direction="inbound",
        status="ringing",
        phone_number_sid=number.sid,
        start_time=state.now,
        fallback_url=answering.voice_fallback_url or None,
        fallback_method=answering.voice_fallback_method,
        status_callback=StatusCallback(callback, answering.status_callback_method) if callback else None,
    )
    state.add(call)
    state.changed(call)
    frame = Frame("main")
    call.frames = [frame]
    if number.voice_application_sid and answering is number:
        text = f"There is no Application {number.voice_application_sid}: the number's voice URL counts."
        state.recorder.alert(NO_APPLICATION, text, call.sid, "warning")
    if url:
        documents.request(state, call, frame, url, answering.voice_method)
    else:
        of = "The number" if answering is number else f"The application {answering.sid} of the number"
        text = f"{of} {number.phone_number} has no voice URL: set the address that answers its calls."
        documents.fail(state, call, frame, NO_URL, text, "")
    return call


def connect(state: VoiceState, leg: Call, number: PhoneNumber) -> None:
    """Let an outbound call to a number of the account come in there, as a second call at its other end."""
    call = arrive(state, number, leg.from_address)
    leg.far_end, call.far_end = call.sid, leg.sid


def is_in_circles(state: VoiceState, leg: Call) -> bool:
    """Tell whether numbers of the account dial one another, and whether that is enough; note it then."""
    hops, caller = 0, state.calls.get(leg.parent_call_sid or "")
    while caller is not None and caller.far_end is not None:
        hops, caller = hops + 1, state.calls.get(state.calls[caller.far_end].parent_call_sid or "")
    if hops >= MOST_HOPS:
        text = f"{leg.to} was dialed by calls that dial one another: the {MOST_HOPS} before it are enough."
        state.recorder.alert(IN_CIRCLES, text, leg.sid, "warning")
    return hops >= MOST_HOPS
