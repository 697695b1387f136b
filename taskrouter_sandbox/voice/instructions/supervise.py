"""supervise: somebody else listens to the talk of a reservation (voice.md §4.6)."""

from __future__ import annotations

from typing import Any, cast

from ..model.run import Participant
from ..model.state import VoiceState
from ..model.terms import InstructionOrder
from . import conference, reservations

NOT_MADE, NO_CONFERENCE = 40145, 40149


def start(state: VoiceState, order: InstructionOrder) -> None:
    """Call the supervisor into the room: muted to monitor, heard by the worker to whisper, by all to barge in."""
    about = order.task_attributes.get("conference")
    named = cast("dict[str, Any]", about if isinstance(about, dict) else {})
    room = state.conferences.get(str(named.get("sid")))
    if room is None or room.status == "completed":
        text = f"The conference of task {order.task_sid} is over, so nobody can be supervised there."
        return state.recorder.alert(NO_CONFERENCE, text, order.reservation_sid)
    participants = cast("dict[str, Any]", named.get("participants") or {})
    mode, worker = order.parameters["supervisor_mode"], str(participants.get("worker"))
    participant = Participant(
        call_sid="",
        conference_sid=room.sid,
        date_created=state.now,
        muted=mode == "monitor",
        coaching=mode == "whisper",
        call_sid_to_coach=worker if mode == "whisper" else None,
    )
    to = reservations.address(state, order, order.parameters["supervisor"])
    conference.call_participant(state, room, participant, order, from_address=order.parameters["from"], to=to)
    return None
