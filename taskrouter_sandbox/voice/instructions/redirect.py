"""redirect: the caller is sent to another document, and his task lives on (voice.md §4.4)."""

from __future__ import annotations

from ..calls import documents
from ..model.run import Frame
from ..model.state import VoiceState
from ..model.terms import InstructionOrder
from ..verbs import leaving
from . import reservations

NO_SUCH_CALL, NOT_DONE = 40121, 40122


def why_refused(state: VoiceState, call_sid: str) -> tuple[int, str] | None:
    """Give the code of the debugger, and why in words, where a call cannot be redirected."""
    call = state.calls.get(call_sid)
    if call is None:
        return NO_SUCH_CALL, f"There is no call {call_sid}: give the call_sid of the task's attributes."
    if call.status != "in-progress":
        return NOT_DONE, f"Call {call_sid} is {call.status}, so it cannot be redirected."
    return None


def start(state: VoiceState, order: InstructionOrder) -> None:
    """Take the call out of whatever it does, and request the document for it."""
    call_sid = order.parameters["call_sid"]
    if (refused := why_refused(state, call_sid)) is not None:
        code, text = refused
        return reservations.fail(state, order.reservation_sid, text, code, cancels=False)
    call = state.calls[call_sid]
    keeps_task = call.task_sid == order.task_sid
    if keeps_task:
        call.redirected = (*call.redirected, order.task_sid)
        state.changed(call)
    leaving.leave(state, call, moved=True, keeps_task=keeps_task)
    frame = Frame("main")
    call.frames = [frame]
    return documents.request(state, call, frame, order.parameters["url"], "POST")
