"""Dial Conference: into a room, what is heard until it begins, and out again (voice.md §2.6)."""

from __future__ import annotations

from ..calls import documents, lifecycle
from ..model.entities import Call, Conference
from ..model.run import Frame, InConference, Participant, Silence
from ..model.state import VoiceState
from ..model.terms import Method
from ..rooms import conferences
from ..twiml.document import Verb
from . import announcements, attributes
from .enqueue import MUSIC

NO_COACH, FULL, LABEL_TAKEN = 13240, 16020, 16025


def start(state: VoiceState, call: Call, frame: Frame, verb: Verb, noun: Verb) -> None:
    """Put a call into the room that its Dial names, which is made if it is not there."""
    frame.activity = None
    coach = noun.attributes.get("coach")
    if coach and not _is_in_a_conference(state, coach):
        text = f"Conference's coach {coach} is no call that is in a conference."
        lifecycle.note_error(state, call, NO_COACH, text)
        return _out(state, call, frame, verb, "failed")
    name = " ".join(noun.text.split())
    room = conferences.find(state, name)
    label = noun.attributes.get("participantLabel")
    if room is not None and label and conferences.has_label(room, label):
        lifecycle.note_error(state, call, LABEL_TAKEN, f"Somebody in {name} is labeled {label!r} already.")
        return state.go_on(call)
    if room is not None and conferences.is_full(room):
        lifecycle.note_error(state, call, FULL, f"The conference {name} is full: {room.max_participants} are in it.")
        return _out(state, call, frame, verb, "failed")
    if room is None:
        room = conferences.make(state, name)
        room.max_participants = attributes.whole(noun, "maxParticipants", 250)
        room.status_callback = documents.callback_of(state, call, frame, noun, events=())
        if noun.attributes.get("record") in ("record-from-start", "true"):
            room.recording = state.new_sid("RE")
            room.recording_status_callback = documents.callback_of(state, call, frame, noun, "recordingStatusCallback")
    participant = Participant(
        call_sid=call.sid,
        conference_sid=room.sid,
        date_created=state.now,
        label=label,
        muted=attributes.flag(noun, "muted"),
        coaching=bool(coach),
        call_sid_to_coach=coach,
        start_conference_on_enter=attributes.flag(noun, "startConferenceOnEnter", True),
        end_conference_on_exit=attributes.flag(noun, "endConferenceOnExit"),
        beep=noun.attributes.get("beep", "true"),
        wait_url=noun.attributes.get("waitUrl"),
        wait_method=documents.method_of(noun, "waitMethod"),
    )
    lifecycle.answer(state, call)
    frame.activity = InConference(verb, room.sid)
    state.set_timer(call, "talk", attributes.whole(verb, "timeLimit", 14_400) * 1000)
    enter(state, call, room, participant)
    return None


def _is_in_a_conference(state: VoiceState, call_sid: str) -> bool:
    call = state.calls.get(call_sid)
    return call is not None and call.conference_sid is not None


def enter(state: VoiceState, call: Call, room: Conference, participant: Participant) -> None:
    """Let a call into a room; until that begins it hears the waiting document once, then nothing."""
    conferences.join(state, room, call, participant)
    if room.status == "init":
        play(state, call, participant.wait_url, participant.wait_method, needed=True)


def play(state: VoiceState, call: Call, url: str | None, method: Method, needed: bool = False) -> None:
    """Begin what is heard outside the talk.

    url: None for the built-in music, empty for silence; needed: without it the call cannot stay in the room.
    """
    documents.silence(state, call)
    if url == "":
        return
    frame = Frame("room", verbs=(MUSIC,), needed=needed)
    call.frames.append(frame)
    if url is None:
        return state.go_on(call)
    try:
        frame.url = documents.resolve(call.frames[0], url)
    except documents.BadAddress as error:
        return documents.fail(state, call, frame, error.code, str(error), url)
    return documents.request(state, call, frame, frame.url, method)


def failed(state: VoiceState, call: Call, frame: Frame, at: InConference) -> None:
    """Leave the room, as its waiting document cannot be had; what else is played there just ends (voice.md §2.6)."""
    if frame.told is not None:
        return announcements.over(state, call, frame, announcements.FAILED)
    if not frame.needed:
        frame.activity = Silence()
        return None
    conferences.leave(state, call, conferences.ADD_FAILED)
    return _out(state, call, call.frames[0], at.verb, "failed")


def go_out(state: VoiceState, call: Call, frame: Frame, at: InConference) -> None:
    """Leave the room and go on: the time that the Dial allows is up, or by `*`."""
    conferences.leave(state, call)
    over(state, call, frame, at)


def star(state: VoiceState, call: Call, frame: Frame, at: InConference) -> None:
    """Leave by the star key, if the verb says so."""
    if at.verb is not None and attributes.flag(at.verb, "hangupOnStar"):
        go_out(state, call, frame, at)


def over(state: VoiceState, call: Call, frame: Frame, at: InConference, status: str = "answered") -> None:
    """Go on after a conference; a call that was put into the room without a document ends."""
    _out(state, call, frame, at.verb, status)


def abandon(state: VoiceState, call: Call, frame: Frame, at: InConference, moved: bool) -> None:
    """Leave the room as the call is hung up, or moved elsewhere."""
    conferences.leave(state, call, conferences.MOVED if moved else conferences.HUNG_UP)
    if at.verb is not None:
        documents.notify(state, call, frame, at.verb, (("DialCallStatus", "answered"),))


def _out(state: VoiceState, call: Call, frame: Frame, verb: Verb | None, status: str) -> None:
    state.drop_timers(call, "talk")
    if verb is None:
        frame.activity = None
        return state.hang_up(call)
    return documents.action_or_next(state, call, frame, verb, (("DialCallStatus", status),))
