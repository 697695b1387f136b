"""How calls go on: whatever a command has left to do, and what is due as time passes."""

from __future__ import annotations

from . import endings, messages
from .calls import documents, legs, lifecycle
from .instructions import call as call_instruction
from .instructions import conference as conference_instruction
from .instructions import dequeue, reservations
from .model.entities import Call
from .model.run import (
    ByApi,
    ByConference,
    ByDequeue,
    ByDial,
    Dialing,
    Frame,
    Gathering,
    InConference,
    Recording,
    Silence,
    Speaking,
    Waiting,
)
from .model.state import CallStep, VoiceState
from .verbs import (
    announcements,
    conference,
    dial,
    dial_ending,
    dial_queue,
    enqueue,
    gather,
    leaving,
    record,
    speech,
    table,
)


def settle(state: VoiceState) -> None:
    """Do all that is left to do; every command ends so."""
    while state.pending:
        step = state.pending.popleft()
        if step.call.is_live:
            with endings.giving_up(state, [step.call]):
                _take(state, step.call, step)


def _take(state: VoiceState, call: Call, step: CallStep) -> None:
    """Do what is left to do for a call."""
    frame = step.frame
    match step.what:
        case "go-on":
            _go_on(state, call)
        case "end":
            endings.end(state, call, step.status)
        case "answered":
            _answered(state, call)
        case "alone":
            _alone(state, call)
        case "waits":
            dial_queue.caller_waits(state, call)
        case "failed":
            if frame is not None and any(frame is one for one in call.frames):
                _without_document(state, call, frame)


# documents


def _go_on(state: VoiceState, call: Call) -> None:
    """Run the next verb of the document that is heard."""
    frame = call.frames[-1] if call.frames else None
    if frame is None or frame.activity is not None:
        return
    if frame.index >= len(frame.verbs):
        _at_end(state, call, frame)
        return
    verb = frame.verbs[frame.index]
    frame.index += 1
    waits_for_bridge = verb.name == "Dial" and verb.attributes.get("answerOnBridge") == "true"
    if call.status == "ringing" and verb.name not in ("Reject", "Pause", "Redirect") and not waits_for_bridge:
        lifecycle.answer(state, call)  # voice.md §1.1
    table.start(state, call, frame, verb)


def _at_end(state: VoiceState, call: Call, frame: Frame) -> None:
    match frame.role:
        case "main":
            lifecycle.answer(state, call)
            state.hang_up(call)
        case "wait":
            enqueue.played(state, call, frame)
        case "announce":
            frame.activity = Silence()
            dial_queue.announced(state, call)
        case "whisper":
            assert isinstance(call.purpose, ByDial)
            dial.connect(state, call, call.purpose)
        case "room" if frame.told is not None:
            announcements.over(state, call, frame)
        case "room":
            frame.activity = Silence()


def _without_document(state: VoiceState, call: Call, frame: Frame) -> None:
    """Go on without a document that cannot be had, or is faulty (voice.md §1.5, §2.6)."""
    at = call.frames[0].activity
    match frame.role:
        case "wait" if state.waiting(call) is not None:
            enqueue.failed(state, call)
        case "announce":
            frame.activity = Silence()
            dial_queue.announced(state, call)
        case "room" if isinstance(at, InConference):
            conference.failed(state, call, frame, at)
        case _:
            pass


def move(state: VoiceState, call: Call) -> Frame:
    """Take a live call out of whatever it does, for another document; gives the frame for it (voice.md §1.7)."""
    leaving.leave(state, call, moved=True)
    reservations.caller_gone(state, call)
    frame = Frame("main")
    call.frames = [frame]
    return frame


# calls


def _answered(state: VoiceState, call: Call) -> None:
    """Do what an outbound call was made for."""
    match call.purpose:
        case ByApi() as purpose:
            if purpose.detects:
                call.answered_by = "human"  # a voicemail would be one of the phones
                state.changed(call)
            if purpose.digits:
                lifecycle.note(state, call, "Play", f"tones {purpose.digits}")
            if purpose.reservation_sid is not None:
                call_instruction.answered(state, call, purpose.reservation_sid)
            frame = Frame("main")
            call.frames = [frame]
            if purpose.url is not None:
                documents.request(state, call, frame, purpose.url, purpose.method)
            else:
                documents.given(state, call, frame, purpose.twiml or "")
        case ByDial() as purpose:
            dial.leg_answered(state, call, purpose)
        case ByDequeue() as purpose:
            dequeue.answered(state, call, purpose)
        case ByConference(role="worker", order=order) as purpose if order is not None:
            conference_instruction.worker_answered(state, call, purpose, order)
        case ByConference(role="customer", order=order) as purpose if order is not None:
            conference_instruction.customer_answered(state, call, purpose, order)
        case ByConference() as purpose:
            conference_instruction.participant_answered(state, call, purpose)
        case None:
            pass


def _alone(state: VoiceState, call: Call) -> None:
    """Go on with a call whose other side has gone, or whose conference is over."""
    frame = call.frames[0] if call.frames else None
    match frame.activity if frame else None:
        case Waiting() as waiting if frame and waiting.left_at is not None and call.bridge is None:
            enqueue.bridge_over(state, call, frame, waiting)
        case Dialing() as dialing if frame:
            dial_ending.alone(state, call, frame, dialing)
        case InConference() as at if frame and call.conference_sid is None:
            conference.over(state, call, frame, at)
        case None if frame is None and call.bridge is None:
            state.hang_up(call)  # a call without a document: that of a worker, or of whoever was dialed
        case _:
            pass


# time


def advance(state: VoiceState, now: int) -> VoiceState:
    """Do all that is due up to `now` (milliseconds), each at its own time and in order; every command begins so.

    Gives the state, whose time is `now` then.
    """
    while (fired := state.timers.pop(now)) is not None:
        due, key = fired
        state.now = max(state.now, due)
        sid, _, timer = key.partition("/")
        if timer == "message":
            messages.go_on(state, state.messages[sid])
            continue
        with endings.giving_up(state, [call := state.calls[sid]]):
            _due(state, call, timer)
        settle(state)
    if now > state.now:
        state.now = now
    return state


def _due(state: VoiceState, call: Call, timer: str) -> None:
    dialing = state.dialing(call)
    match timer:
        case "dial":
            legs.dial(state, call)
        case "phone":
            legs.phone_acts(state, call)
        case "ring":
            state.hang_up(call, "no-answer")
        case "limit":
            state.hang_up(call)
        case "queue" if dialing is not None:
            dial_queue.timer(state, call, dialing)
        case "talk" if dialing is not None:
            dial_ending.end_talk(state, call, call.frames[0], dialing)
        case "talk" if (at := state.main(call, InConference)) is not None:
            conference.go_out(state, call, call.frames[0], at)
        case "verb" if call.frames:
            _verb_due(state, call, call.frames[-1])
        case _:
            pass


def _verb_due(state: VoiceState, call: Call, frame: Frame) -> None:
    match frame.activity:
        case Speaking():
            speech.timer(state, call, frame)
        case Gathering() as gathering:
            gather.timer(state, call, frame, gathering)
        case Recording() as recording:
            record.timer(state, call, frame, recording)
        case Silence(then=then) if then is not None:
            then()
        case _:
            pass
