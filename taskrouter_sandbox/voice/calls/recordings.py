"""Recordings: no sound is kept, but that there is one is reported (voice.md §2.1, §2.5)."""

from __future__ import annotations

from ..model.effects import Callback
from ..model.entities import StatusCallback
from ..model.state import VoiceState
from . import parameters


def report(
    state: VoiceState,
    sid: str,
    status_callback: StatusCallback | None,
    seconds: int,
    since: int,
    source: str,
    **about: str,
) -> None:
    """Report a finished recording. since: milliseconds; about: the SID of its call or of its conference."""
    if status_callback is None or "completed" not in status_callback.events:
        return
    names = {"call_sid": "CallSid", "conference_sid": "ConferenceSid"}
    pairs = (
        ("AccountSid", state.account_sid),
        *((names[name], value) for name, value in about.items()),
        ("RecordingSid", sid),
        ("RecordingUrl", parameters.recording_url(state, sid)),
        ("RecordingStatus", "completed"),
        ("RecordingDuration", str(seconds)),
        ("RecordingChannels", "1"),
        ("RecordingStartTime", parameters.rfc_2822(since)),
        ("RecordingSource", source),
    )
    state.recorder.effects.callbacks.append(
        Callback("recording", sid, status_callback.url, status_callback.method, pairs)
    )
