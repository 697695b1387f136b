"""A start with stored resources: what cannot go on has failed."""

from __future__ import annotations

from . import messages
from .calls import lifecycle
from .instructions import reservations
from .model.state import VoiceState
from .rooms import conferences

INTERRUPTED = 12400
WHY = "The sandbox was stopped while this call was going on, so it has failed: calls do not survive that."


def recover(state: VoiceState) -> None:
    """End the calls and conferences that were going on, and let their tasks and reservations go.

    Nothing of what they ran is stored. What has ended is found over REST as before. Messages go on.
    """
    for message in state.messages.values():
        messages.under_way(state, message)
    for room in state.conferences.values():
        if room.status != "completed":
            room.status, room.reason_conference_ended = "completed", conferences.BY_API
            state.call_ended(room.reservation_sid)
            room.reservation_sid = None
            state.changed(room)
    for call in state.live_calls():
        state.recorder.alert(INTERRUPTED, WHY, call.sid)
        for task_sid in (call.task_sid, *call.redirected):
            state.cancel_task(task_sid, "failed")
        if call.reservation_sid and call.answered_at is not None:
            state.call_ended(call.reservation_sid)
        elif call.reservation_sid:
            reservations.fail(state, call.reservation_sid, WHY, None, cancels=False)
        call.task_sid = call.reservation_sid = None
        lifecycle.fail(state, call)
