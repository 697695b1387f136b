"""supervise: somebody else listens to the talk of a reservation (voice.md §4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..calls import legs
from ..model.run import Participant
from ..model.state import VoiceState
from ..model.terms import InstructionOrder
from . import conference, reservations

NOT_MADE, NO_CONFERENCE = 40145, 40149


def start(state: VoiceState, order: InstructionOrder) -> None:
    """Call the supervisor into the room: muted to monitor, heard by the worker to whisper, by all to barge in."""
    named = _named(order.task_attributes, "conference")  # the application may have written anything there
    room = state.conferences.get(str(named.get("sid")))
    if room is None or room.status == "completed":
        text = f"The conference of task {order.task_sid} is over, so nobody can be supervised there."
        return state.recorder.alert(NO_CONFERENCE, text, order.reservation_sid)
    legs.warn_of_from(state, order.parameters["from"], order.reservation_sid)
    mode, worker = order.parameters["supervisor_mode"], str(_named(named, "participants").get("worker"))
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


def _named(about: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Read an object of a task's attributes; what is none counts as empty."""
    named = about.get(name)
    return cast("dict[str, Any]", named) if isinstance(named, dict) else {}
