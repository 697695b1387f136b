"""Announcements to those who are in a conference: over what they hear outside the talk (voice.md §2.6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..calls import documents
from ..model.entities import Call, Conference
from ..model.run import Frame, Participant, Silence, Speaking
from ..model.state import VoiceState
from ..model.terms import Method
from ..rooms import conferences

FAILED = "The document of the announcement cannot be had, or is faulty; the alerts of the call say why."


def announce(
    state: VoiceState, room: Conference, url: str, method: Method, to: Sequence[Participant], to_all: bool
) -> None:
    """Let participants hear a document. to_all: it is an announcement to the conference; its end is told once."""
    told = _told(state, room, url, to, None if to_all else to[0])
    for one in to:
        call = state.calls[one.call_sid]
        if call.frames[-1].told is not None:
            over(state, call, call.frames[-1])  # the later announcement takes the place of the earlier
        beneath = call.frames[-1]
        if beneath.role == "room" and isinstance(beneath.activity, Speaking):
            beneath.index, beneath.activity = beneath.index - 1, None  # heard again from its beginning
        frame = Frame("room", url=url, told=told)
        call.frames.append(frame)
        documents.request(state, call, frame, url, method)


def over(state: VoiceState, call: Call, frame: Frame, failure: str | None = None) -> None:
    """Go on with what was heard before: an announcement has ended. failure: why nothing was heard of it."""
    told, frame.told = frame.told, None
    call.frames = [one for one in call.frames if one is not frame]
    state.drop_timers(call, "verb")
    if told is not None:
        told(failure)
    beneath = call.frames[-1]
    match beneath.activity:
        case None if beneath.role == "room":
            state.go_on(call)
        case Silence(then=then) if then is not None:
            state.set_timer(call, "verb", documents.PAUSE)
        case _:
            pass


def _told(
    state: VoiceState, room: Conference, url: str, to: Sequence[Participant], only: Participant | None
) -> Callable[[str | None], None]:
    """Make what is told of the end of an announcement: the event comes when all who hear it are through.

    only: the participant to whom it was made; None where it was made to the conference.
    """
    left, why = len(to), None

    def told(failure: str | None) -> None:
        nonlocal left, why
        left, why = left - 1, why or failure
        if not left:
            conferences.report_announcement(state, room, url, why, only)

    return told
