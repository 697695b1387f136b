"""The table of verbs: what runs when a document comes to one of them, and where it may stand (voice.md §2)."""

from __future__ import annotations

from collections.abc import Callable

from ..calls import documents
from ..model.entities import Call
from ..model.run import Frame, Role
from ..model.state import VoiceState
from ..twiml.document import Verb
from . import dial, enqueue, gather, record, speech

NOT_HERE, NOT_IN_A_ROOM = 12200, 13238


def hangup(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> None:
    """End the call."""
    state.hang_up(call)


def reject(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> None:
    """End the call, unanswered if it has not been answered yet."""
    state.hang_up(call, "busy" if verb.attributes.get("reason") == "busy" else "no-answer")


def redirect(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> None:
    """Go on with another document, or with this one again."""
    try:
        url = documents.resolve(frame, verb.text)
    except documents.BadAddress as error:
        return documents.fail(state, call, frame, error.code, str(error), verb.text.strip())
    return documents.request(state, call, frame, url, documents.method_of(verb))


def leave(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> None:
    """Leave the queue."""
    enqueue.leave(state, call)


VERBS: dict[str, Callable[[VoiceState, Call, Frame, Verb], None]] = {
    "Say": speech.start,
    "Play": speech.start,
    "Pause": speech.start,
    "Gather": gather.start,
    "Enqueue": enqueue.start,
    "Leave": leave,
    "Dial": dial.start,
    "Record": record.start,
    "Redirect": redirect,
    "Reject": reject,
    "Hangup": hangup,
}
HEARD = ("Say", "Play", "Pause")
ALLOWED: dict[Role, tuple[str, ...]] = {
    "main": tuple(name for name in VERBS if name != "Leave"),
    "wait": (*HEARD, "Gather", "Redirect", "Hangup", "Leave"),
    "announce": (*HEARD, "Redirect"),
    "whisper": (*HEARD, "Gather", "Redirect", "Hangup", "Dial"),
    "room": (*HEARD, "Redirect"),
}
WHERE: dict[Role, str] = {
    "main": "here",
    "wait": "in the document of a waitUrl",
    "announce": "in the document of Queue's url",
    "whisper": "in the document of Number's url",
    "room": "in what a conference plays",
}


def start(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> None:
    """Run a verb; one that is not possible where it stands is left out, with a warning."""
    if frame.role == "whisper" and verb.name in ("Pause", "Redirect"):  # voice.md §2.5
        text = f"{verb.name} is not documented {WHERE['whisper']}; it was run (line {verb.line})."
        state.recorder.alert(NOT_HERE, text, call.sid, "warning")
    if verb.name in ALLOWED[frame.role]:
        return VERBS[verb.name](state, call, frame, verb)
    where = WHERE[frame.role] if verb.name in VERBS else "in the sandbox"
    text = f"{verb.name} does nothing {where}; it was left out (line {verb.line})."
    code, level = (NOT_IN_A_ROOM, "error") if frame.role == "room" else (NOT_HERE, "warning")
    state.recorder.alert(code, text, call.sid, level)
    return state.go_on(call)
