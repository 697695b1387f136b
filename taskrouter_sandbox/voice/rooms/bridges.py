"""Two calls that talk with each other."""

from __future__ import annotations

from ..calls import lifecycle
from ..model.entities import Call
from ..model.run import Bridge
from ..model.state import VoiceState


def join(state: VoiceState, one: Call, other: Call, reservation_sid: str | None = None) -> None:
    """Let two calls talk. reservation_sid: whose talk it is, with `other` as the worker; it ends with it."""
    one.bridge = other.bridge = Bridge(one.sid, other.sid, state.now, reservation_sid)
    other.reservation_sid = reservation_sid
    state.changed(other)
    lifecycle.note(state, one, "bridge", f"connected with {other.phone}")
    lifecycle.note(state, other, "bridge", f"connected with {one.phone}")


def part(state: VoiceState, call: Call) -> None:
    """End the talk of a call, if it is in one: the other side is alone from now on."""
    bridge = call.bridge
    if bridge is None:
        return
    peer = state.calls[bridge.peer_of(call.sid)]
    call.bridge = peer.bridge = None
    call.reservation_sid = peer.reservation_sid = None
    state.changed(call)
    state.changed(peer)
    state.call_ended(bridge.reservation_sid)
    state.alone(peer)
