"""The status of a call: its moves (voice.md §1.1), and who is told of them (§1.6)."""

from __future__ import annotations

from ..model.effects import Callback
from ..model.entities import UNANSWERED, Call, CallStatus, Caption
from ..model.state import VoiceState
from . import parameters, recordings

EVENT: dict[CallStatus, str] = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
MOST_CAPTIONS = 2_000  # of a call: then the older half is forgotten


def begin(state: VoiceState, call: Call) -> None:
    """Note that dialing has begun: `initiated`, which only webhooks call so."""
    call.start_time = state.now
    _move(state, call, "initiated")


def ring(state: VoiceState, call: Call) -> None:
    """Note that whoever is called hears it ring."""
    _move(state, call, "ringing")


def answer(state: VoiceState, call: Call) -> None:
    """Answer a call, unless it has been; from now on its time is counted."""
    if call.status == "in-progress":
        return
    call.answered_at = state.now
    state.drop_timers(call, "ring", "phone", "dial")
    if call.time_limit:
        state.set_timer(call, "limit", call.time_limit * 1000)
    _move(state, call, "in-progress")
    if call.recording is not None:
        recordings.begin(state, call.recording, call.recording_status_callback, "OutboundAPI", call_sid=call.sid)
    _answer_far_end(state, call)


def _answer_far_end(state: VoiceState, call: Call) -> None:
    """Let whoever has called a number of the account know that it has answered."""
    leg = state.calls.get(call.far_end or "")
    if leg is not None and call.direction == "inbound" and leg.status in UNANSWERED:
        answer(state, leg)
        state.answered(leg)


def finish(state: VoiceState, call: Call, unanswered: CallStatus | None = None) -> None:
    """Give a call its last status, which never changes again.

    unanswered: that of a call that nobody has answered; without it the caller has given up, or the call was canceled.
    """
    if call.status == "in-progress":
        status: CallStatus = "completed"
    elif unanswered is not None:
        status = unanswered
    else:
        status = "no-answer" if call.direction == "inbound" else "canceled"
    _end(state, call, status, quiet=call.status == "queued" and status == "canceled")


def fail(state: VoiceState, call: Call) -> None:
    """Give a call the status `failed`, also one that was answered."""
    _end(state, call, "failed", quiet=False)


def _end(state: VoiceState, call: Call, status: CallStatus, quiet: bool) -> None:
    call.end_time = state.now
    state.drop_timers(call, "dial", "phone", "ring", "limit", "verb", "queue", "talk")
    del state.live[call.phone][call.sid]
    if not state.live[call.phone]:
        del state.live[call.phone]
    _move(state, call, status, quiet)
    _report_recording(state, call)
    other = state.calls.get(call.far_end or "")
    if other is not None:
        call.far_end = other.far_end = None
        state.hang_up(other, status if call.direction == "inbound" else None)


def _report_recording(state: VoiceState, call: Call) -> None:
    """Report the recording of a call that has ended, if it was recorded and answered."""
    if call.recording is not None and call.answered_at is not None:
        seconds, since = parameters.talk_seconds(call), call.answered_at
        recordings.end(
            state,
            call.recording,
            call.recording_status_callback,
            seconds,
            since,
            "OutboundAPI",
            call_sid=call.sid,
        )


def note(state: VoiceState, call: Call, source: str, text: str, language: str | None = None) -> None:
    """Note what is heard at a call's phone, or done there. language: of what is said."""
    call.captions.append(Caption(state.now, source, text, language))
    if len(call.captions) > MOST_CAPTIONS:
        del call.captions[: MOST_CAPTIONS // 2]


def note_error(state: VoiceState, call: Call, code: int, text: str) -> None:
    """Note that a call cannot go on as its document says: in an alert, and among what its phone shows.

    code: Twilio's.
    """
    state.recorder.alert(code, text, call.sid)
    note(state, call, "error", f"{code}: {text}")


def _move(state: VoiceState, call: Call, status: CallStatus, quiet: bool = False) -> None:
    """Set the status. quiet: tell nobody, as of a call that was canceled before it was dialed (voice.md §8)."""
    call.status = status
    state.changed(call)
    status_callback = call.status_callback
    if status_callback is None or quiet or EVENT.get(status, "completed") not in status_callback.events:
        return
    state.recorder.effects.callbacks.append(
        Callback("call", call.sid, status_callback.url, status_callback.method, parameters.status_callback(state, call))
    )
    call.reported += 1
