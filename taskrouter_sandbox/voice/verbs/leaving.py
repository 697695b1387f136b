"""What becomes of a call's document when it hangs up, or is moved elsewhere (voice.md §1.7, §2.4, §2.5)."""

from __future__ import annotations

from ..model.entities import Call
from ..model.run import ByDial, Dialing, Enqueuing, InConference, Recording, Waiting
from ..model.state import VoiceState
from ..rooms import bridges
from . import conference, dial, dial_ending, dial_queue, enqueue, record


def leave(state: VoiceState, call: Call, moved: bool, keeps_task: bool = False) -> None:
    """Give up whatever a call runs: the verbs at work end, and those with whom it is connected go on by themselves.

    moved: the call lives on, with another document; keeps_task: so does the task with which it waits (voice.md §4.4).
    """
    at = state.main(call, Waiting)
    waited = at is not None and at.left_at is None
    for frame in reversed(call.frames):
        match frame.activity:
            case Recording() as recording:
                record.abandon(state, call, frame, recording, moved)
            case Enqueuing() as enqueuing:
                enqueue.abandon_early(state, call, frame, enqueuing, moved)
            case Waiting() as waiting:
                enqueue.abandon(state, call, frame, waiting, moved, keeps_task)
            case Dialing() as dialing:
                dial_ending.abandon(state, call, frame, dialing)
            case InConference() as at:
                conference.abandon(state, call, frame, at, moved)
            case _:
                pass  # nobody else takes part in it
        frame.activity = None
    bridges.part(state, call)
    call.frames = []
    state.drop_timers(call, "verb", "queue", "talk")
    if waited:
        dial_queue.caller_gone(state, call)
    if moved and isinstance(call.purpose, ByDial):
        dial.leg_ended(state, call, call.purpose)
        call.purpose = None
