"""Conferences: who is in which room, when it begins and ends, and who is told (voice.md §2.6)."""

from __future__ import annotations

from ..calls import documents, lifecycle, parameters, recordings
from ..model.effects import Callback
from ..model.entities import Call, Conference
from ..model.run import Participant
from ..model.state import VoiceState
from ..model.terms import Parameters

EVENT = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}
BY_LAST, BY_EXIT, BY_KICK = (
    "last-participant-left",
    "participant-with-end-conference-on-exit-left",
    "participant-with-end-conference-on-exit-kicked",
)
BY_API, LAST_KICKED = "conference-ended-via-api", "last-participant-kicked"
SENTENCES = {
    BY_LAST: "The last participant left the conference.",
    BY_EXIT: "A participant with endConferenceOnExit left the conference.",
    BY_KICK: "A participant with endConferenceOnExit was removed from the conference.",
    BY_API: "The conference was ended over REST.",
    LAST_KICKED: "The last participant was removed from the conference.",
}
HUNG_UP, MOVED, MODERATOR, ENDED, ADD_FAILED = (
    "participant_hung_up",
    "participant_updated_via_api",
    "moderator_ended_conference",
    "conference_ended_via_api",
    "participant_add_failed",
)


def find(state: VoiceState, name: str) -> Conference | None:
    """Find the room of that name or SID that is not over."""
    open_rooms = (room for room in state.conferences.values() if room.status != "completed")
    return next((room for room in open_rooms if name in (room.friendly_name, room.sid)), None)


def make(state: VoiceState, name: str) -> Conference:
    """Make a room, which nobody is in yet."""
    sid = state.new_sid("CF")
    room = Conference(sid=sid, date_created=state.now, date_updated=state.now, friendly_name=name)
    state.add(room)
    state.changed(room)
    return room


def is_full(room: Conference) -> bool:
    """Tell whether nobody else may come in."""
    return len(room.participants) >= room.max_participants


def has_label(room: Conference, label: str) -> bool:
    """Tell whether somebody in the room has that label."""
    return any(one.label == label for one in room.participants.values())


def expect(state: VoiceState, room: Conference, participant: Participant) -> None:
    """Note a participant who is still being called."""
    participant.conference_sid = room.sid
    room.participants[participant.call_sid] = participant
    state.changed(room)


def forget(state: VoiceState, room: Conference, call_sid: str) -> None:
    """Drop a participant who was called, and has not come."""
    participant = room.participants.get(call_sid)
    if participant is not None and not participant.joined:
        del room.participants[call_sid]
        state.changed(room)


def join(state: VoiceState, room: Conference, call: Call, participant: Participant) -> None:
    """Let a call into a room, which begins with the second one, if anybody may begin it."""
    participant.joined, participant.conference_sid = True, room.sid
    room.participants[call.sid] = participant
    call.conference_sid = room.sid
    lifecycle.note(state, call, "conference", f"is in the conference {room.friendly_name}")
    state.changed(room)
    report(state, room, "participant-join", _about(participant))
    inside = joined(room)
    if room.status == "init" and len(inside) > 1 and any(one.start_conference_on_enter for one in inside):
        room.status, room.started_at = "in-progress", state.now
        report(state, room, "conference-start")
        if room.recording is not None:
            callback = room.recording_status_callback
            recordings.begin(state, room.recording, callback, "Conference", conference_sid=room.sid)
        for one in inside:
            if not one.hold:
                documents.silence(state, state.calls[one.call_sid])


def joined(room: Conference) -> list[Participant]:
    """Give those who are in a room, not those who are being called."""
    return [one for one in room.participants.values() if one.joined]


def leave(state: VoiceState, call: Call, why: str = HUNG_UP, kicked: bool = False) -> None:
    """Take a call out of its room, which may end with it. why: `ReasonParticipantLeft`."""
    room = state.conferences[call.conference_sid] if call.conference_sid else None
    if room is None:
        return
    participant = _take_out(state, room, call, why)
    if participant.end_conference_on_exit:
        end(state, room, BY_KICK if kicked else BY_EXIT, MODERATOR, participant)
    elif not joined(room):
        end(state, room, LAST_KICKED if kicked else BY_LAST, MODERATOR, participant)


def end(state: VoiceState, room: Conference, reason: str, why: str = ENDED, by: Participant | None = None) -> None:
    """End a room: all who are in it go on by their documents, and those who are being called are let go.

    reason: `ReasonConferenceEnded`; why: the `ReasonParticipantLeft` of those who were in it; by: who has ended it.
    """
    if room.status == "completed":
        return
    room.status, room.reason_conference_ended = "completed", reason
    room.call_sid_ending_conference = by.call_sid if by else None
    for participant in list(room.participants.values()):
        call = state.calls[participant.call_sid]
        if participant.joined:
            _take_out(state, room, call, why)
            state.alone(call)
        elif call.is_live:
            state.hang_up(call, "canceled")
    room.participants.clear()
    state.changed(room)
    about: list[tuple[str, str]] = [("ReasonConferenceEnded", reason), ("Reason", SENTENCES[reason])]
    if by is not None:
        about.insert(0, ("CallSidEndingConference", by.call_sid))
        if by.label:
            about.insert(1, ("ParticipantLabelEndingConference", by.label))
    report(state, room, "conference-end", tuple(about))
    if room.recording is not None and room.started_at is not None:
        seconds, since = (state.now - room.started_at) // 1000, room.started_at
        recordings.end(
            state,
            room.recording,
            room.recording_status_callback,
            seconds,
            since,
            "Conference",
            conference_sid=room.sid,
        )
    state.call_ended(room.reservation_sid)
    room.reservation_sid = None


def _take_out(state: VoiceState, room: Conference, call: Call, why: str) -> Participant:
    participant = room.participants.pop(call.sid)
    call.conference_sid = None
    documents.silence(state, call)
    state.changed(room)
    status = "in-progress" if call.is_live else call.status
    about = (("ParticipantCallStatus", status), ("ReasonParticipantLeft", why))
    report(state, room, "participant-leave", _about(participant) + about)
    return participant


# who is told


def report(state: VoiceState, room: Conference, event: str, about: Parameters = ()) -> None:
    """Report an event of a room to whom the first participant has named, if it was asked for."""
    status_callback = room.status_callback
    if status_callback is None or EVENT[event] not in status_callback.events:
        return
    pairs = (
        ("ConferenceSid", room.sid),
        ("FriendlyName", room.friendly_name),
        ("AccountSid", state.account_sid),
        ("SequenceNumber", str(room.reported)),
        ("Timestamp", parameters.rfc_2822(state.now)),
        ("StatusCallbackEvent", event),
        *about,
    )
    state.recorder.effects.callbacks.append(
        Callback("conference", room.sid, status_callback.url, status_callback.method, pairs)
    )
    room.reported += 1
    state.changed(room)


def report_announcement(
    state: VoiceState, room: Conference, url: str, failure: str | None, participant: Participant | None
) -> None:
    """Report the end of an announcement, or why it failed. participant: told of only while still in the room."""
    inside = participant is not None and room.participants.get(participant.call_sid) is participant
    about = _about(participant) if participant is not None and inside else ()
    if failure is None:
        return report(state, room, "announcement-end", (*about, ("AnnounceUrl", url)))
    return report(
        state, room, "announcement-fail", (*about, ("ReasonAnnouncementFailed", failure), ("AnnounceUrl", url))
    )


def _about(participant: Participant) -> Parameters:
    pairs = [
        ("CallSid", participant.call_sid),
        ("Muted", _flag(participant.muted)),
        ("Hold", _flag(participant.hold)),
        ("Coaching", _flag(participant.coaching)),
        ("EndConferenceOnExit", _flag(participant.end_conference_on_exit)),
        ("StartConferenceOnEnter", _flag(participant.start_conference_on_enter)),
    ]
    if participant.label:
        pairs.append(("ParticipantLabel", participant.label))
    return tuple(pairs)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def change(
    state: VoiceState,
    room: Conference,
    participant: Participant,
    *,
    muted: bool | None = None,
    hold: bool | None = None,
    end_conference_on_exit: bool | None = None,
    coaching: bool | None = None,
    call_sid_to_coach: str | None = None,
) -> None:
    """Change how a participant takes part; what is None stays.

    Whether the room ends with somebody cannot be changed while they are on hold (voice.md §4.5).
    """
    before_muted, before_hold = participant.muted, participant.hold
    if end_conference_on_exit is not None and not before_hold:
        participant.end_conference_on_exit = end_conference_on_exit
    if coaching is not None:
        participant.coaching = coaching
        participant.call_sid_to_coach = call_sid_to_coach if coaching else None
    participant.muted = before_muted if muted is None else muted
    participant.hold = before_hold if hold is None else hold
    if participant.muted != before_muted:
        report(state, room, "participant-mute" if participant.muted else "participant-unmute", _about(participant))
    if participant.hold != before_hold:
        report(state, room, "participant-hold" if participant.hold else "participant-unhold", _about(participant))
    if end_conference_on_exit is not None or coaching is not None:
        report(state, room, "participant-modify", _about(participant))
    state.changed(room)
