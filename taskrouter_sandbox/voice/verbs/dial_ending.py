"""How a Dial goes on and ends, whomever it dials (voice.md §2.5)."""

from __future__ import annotations

from ..calls import documents, lifecycle, parameters, recordings
from ..model.entities import Call
from ..model.run import Dialing, Frame
from ..model.state import VoiceState
from ..model.terms import Parameters
from ..rooms import bridges
from . import attributes, enqueue


def bridged(state: VoiceState, call: Call, dialing: Dialing) -> None:
    """Note that a Dial has come to a talk: its time counts, and it is recorded if that was asked for."""
    dialing.bridged, dialing.talked_at = True, state.now
    state.set_timer(call, "talk", attributes.whole(dialing.verb, "timeLimit", 14_400) * 1000)
    if dialing.verb.attributes.get("record", "do-not-record").startswith(("record-from", "true")):
        callback = documents.callback_of(state, call, call.frames[0], dialing.verb, "recordingStatusCallback")
        dialing.recording, dialing.recording_status_callback = state.new_sid("RE"), callback
        recordings.begin(state, dialing.recording, callback, "DialVerb", call_sid=call.sid)


def alone(state: VoiceState, call: Call, frame: Frame, dialing: Dialing) -> None:
    """Go on when the other side of the talk has gone: it has hung up, or runs something else now."""
    if dialing.bridged and call.bridge is None:
        dialing.status = "completed"
        dialing.leg_sid = dialing.leg_sid or dialing.winner or dialing.caller
        over(state, call, frame, dialing)


def end_talk(state: VoiceState, call: Call, frame: Frame, dialing: Dialing) -> None:
    """End the talk from this side: by `*`, or as its time is up."""
    dialing.status = "completed"
    _let_go(state, call, dialing)
    over(state, call, frame, dialing)


def star(state: VoiceState, call: Call, frame: Frame, dialing: Dialing) -> None:
    """End the talk by the star key, if the verb says so."""
    if dialing.bridged and attributes.flag(dialing.verb, "hangupOnStar"):
        end_talk(state, call, frame, dialing)


def over(state: VoiceState, call: Call, frame: Frame, dialing: Dialing) -> None:
    """End a Dial: its action is requested, or the next verb runs."""
    state.drop_timers(call, "queue", "talk")
    documents.action_or_next(state, call, frame, dialing.verb, _result(state, call, dialing))


def abandon(state: VoiceState, call: Call, frame: Frame, dialing: Dialing) -> None:
    """End a Dial as its call hangs up, or is moved elsewhere: all who were called are let go."""
    state.drop_timers(call, "queue", "talk")
    dialing.status = "completed" if dialing.winner is not None or dialing.bridged else "canceled"
    _let_go(state, call, dialing)
    documents.notify(state, call, frame, dialing.verb, _result(state, call, dialing))


def _let_go(state: VoiceState, call: Call, dialing: Dialing) -> None:
    """Part from whoever is connected, and end the calls that were made."""
    dialing.leg_sid = dialing.winner or dialing.caller or (dialing.legs[-1] if dialing.legs else None)
    if dialing.legs and dialing.leg_sid is not None:
        dialing.leg_seconds = parameters.talk_seconds(state.calls[dialing.leg_sid], state.now)
    free_caller(state, dialing)
    sids, dialing.legs, dialing.ahead = dialing.legs, [], []
    bridges.part(state, call)
    for sid in sids:
        state.hang_up(state.calls[sid], "canceled")


def free_caller(state: VoiceState, dialing: Dialing) -> None:
    """Let a caller who was about to be connected wait on: nobody is there any more."""
    caller = state.calls.get(dialing.caller or "")
    waiting = state.waiting(caller)
    if caller is None or waiting is None:
        return
    waiting.taken, dialing.caller = False, None
    lifecycle.note(state, caller, "Enqueue", "waits on")
    documents.silence(state, caller)
    enqueue.play(state, caller)
    state.waits(caller)


def _result(state: VoiceState, call: Call, dialing: Dialing) -> Parameters:
    pairs = [("DialCallStatus", dialing.status), ("DialBridged", "true" if dialing.bridged else "false")]
    if dialing.leg_sid:
        pairs.append(("DialCallSid", dialing.leg_sid))
    if dialing.leg_seconds is not None:
        pairs.append(("DialCallDuration", str(dialing.leg_seconds)))
    if dialing.queue_sid and dialing.queue_since is not None and dialing.caller:
        waited = (dialing.talked_at or state.now) - dialing.queue_since
        pairs += [("QueueSid", dialing.queue_sid), ("QueueTime", str(waited // 1000))]
    if dialing.recording and dialing.talked_at is not None:
        sid, since = dialing.recording, dialing.talked_at
        pairs.append(("RecordingUrl", parameters.recording_url(state, sid)))
        seconds, callback = (state.now - since) // 1000, dialing.recording_status_callback
        recordings.end(state, sid, callback, seconds, since, "DialVerb", call_sid=call.sid)
    return tuple(pairs)
