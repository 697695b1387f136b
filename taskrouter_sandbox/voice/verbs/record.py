"""Record: what the person at the phone says, for as long as they speak (voice.md §2.1). No sound is kept."""

from __future__ import annotations

from ..calls import documents, lifecycle, parameters, recordings
from ..model.entities import Call
from ..model.run import Frame, Recording
from ..model.state import VoiceState
from ..model.terms import Parameters
from ..twiml.document import Verb
from . import attributes

FINISH, DECLINED = "1234567890*#", 12200


def start(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> None:
    """Record from now on."""
    if attributes.flag(verb, "transcribe"):
        text = "The sandbox keeps no sound, so transcribe was left out: the recording is made, no text comes."
        state.recorder.alert(DECLINED, text, call.sid, "warning")
    status_callback = documents.callback_of(state, call, frame, verb, "recordingStatusCallback")
    recording = frame.activity = Recording(verb, state.new_sid("RE"), state.now, status_callback)
    recordings.begin(state, recording.sid, status_callback, "RecordVerb", call_sid=call.sid)
    frame.silent = 0
    lifecycle.note(state, call, "Record", "beep" if attributes.flag(verb, "playBeep", True) else "records")
    _wait(state, call, recording)


def words(state: VoiceState, call: Call, frame: Frame, recording: Recording, said: str) -> None:
    """Take what was said; the silence after it ends the recording."""
    recording.words.append(said)
    _wait(state, call, recording)


def key(state: VoiceState, call: Call, frame: Frame, recording: Recording, pressed: str) -> None:
    """End the recording by a key."""
    if pressed in recording.verb.attributes.get("finishOnKey", FINISH):
        _end(state, call, frame, recording, pressed, 0)


def timer(state: VoiceState, call: Call, frame: Frame, recording: Recording) -> None:
    """End the recording: nobody has spoken for a while, or it is as long as may be."""
    silence = 0 if state.now >= _longest(recording) else attributes.whole(recording.verb, "timeout", 5) * 1000
    _end(state, call, frame, recording, "", silence)


def abandon(state: VoiceState, call: Call, frame: Frame, recording: Recording, moved: bool) -> None:
    """End the recording as the caller hangs up, or is moved elsewhere."""
    extra = _result(state, call, recording, "" if moved else "hangup", 0)
    documents.notify(state, call, frame, recording.verb, extra)


def _longest(recording: Recording) -> int:
    most = 120 if attributes.flag(recording.verb, "transcribe") else 3600
    return recording.since + attributes.whole(recording.verb, "maxLength", most) * 1000


def _wait(state: VoiceState, call: Call, recording: Recording) -> None:
    silence = attributes.whole(recording.verb, "timeout", 5) * 1000
    state.set_timer(call, "verb", max(0, min(silence, _longest(recording) - state.now)))


def _end(state: VoiceState, call: Call, frame: Frame, recording: Recording, digits: str, silence: int) -> None:
    state.drop_timers(call, "verb")
    frame.activity = None
    if not recording.words and state.options.silent_record == "next":
        _report(state, call, recording, 0, silent=True)
        return state.go_on(call)
    extra = _result(state, call, recording, digits, silence)
    return documents.request_action(state, call, frame, recording.verb, extra)


def _result(state: VoiceState, call: Call, recording: Recording, digits: str, silence: int) -> Parameters:
    """Give the parameters of the action, and report the recording. silence: milliseconds at its end that are cut."""
    cut = 0 if recording.verb.attributes.get("trim") == "do-not-trim" else silence
    seconds = max(0, state.now - recording.since - cut) // 1000 if recording.words else 0
    _report(state, call, recording, seconds, silent=False)
    return (
        ("RecordingSid", recording.sid),
        ("RecordingUrl", parameters.recording_url(state, recording.sid)),
        ("RecordingDuration", str(seconds)),
        ("Digits", digits),
    )


def _report(state: VoiceState, call: Call, recording: Recording, seconds: int, silent: bool) -> None:
    since, callback = recording.since, recording.status_callback
    recordings.end(state, recording.sid, callback, seconds, since, "RecordVerb", silent=silent, call_sid=call.sid)
