"""Recordings: no sound is kept, but that there is one is reported (voice.md §2.1, §2.5)."""

from __future__ import annotations

from ..model.effects import Callback
from ..model.state import VoiceState
from ..model.terms import Parameters, StatusCallback
from . import parameters

SILENT = 16102
NAMES = {"call_sid": "CallSid", "conference_sid": "ConferenceSid"}


def begin(state: VoiceState, sid: str, status_callback: StatusCallback | None, source: str, **about: str) -> None:
    """Report that a recording has begun. about: the SID of its call or of its conference."""
    _report(state, sid, status_callback, "in-progress", state.now, source, about, ())


def end(
    state: VoiceState,
    sid: str,
    status_callback: StatusCallback | None,
    seconds: int,
    since: int,
    source: str,
    *,
    silent: bool = False,
    **about: str,
) -> None:
    """Report a finished recording. since: milliseconds; silent: it is not kept, as nobody has spoken."""
    extra = [("RecordingDuration", str(seconds))]
    if silent:
        extra.append(("ErrorCode", str(SILENT)))
        state.recorder.alert(SILENT, "Nobody spoke, so the recording was not kept.", *about.values(), level="warning")
    _report(state, sid, status_callback, "absent" if silent else "completed", since, source, about, tuple(extra))


def _report(
    state: VoiceState,
    sid: str,
    status_callback: StatusCallback | None,
    status: str,
    since: int,
    source: str,
    about: dict[str, str],
    extra: Parameters,
) -> None:
    if status_callback is None or status not in status_callback.events:
        return
    pairs = (
        ("AccountSid", state.account_sid),
        *((NAMES[name], value) for name, value in about.items()),
        ("RecordingSid", sid),
        ("RecordingUrl", parameters.recording_url(state, sid)),
        ("RecordingStatus", status),
        *extra,
        ("RecordingChannels", "1"),
        ("RecordingStartTime", parameters.rfc_2822(since)),
        ("RecordingSource", source),
    )
    state.recorder.effects.callbacks.append(
        Callback("recording", sid, status_callback.url, status_callback.method, pairs)
    )
