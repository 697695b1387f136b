"""Conferences and their participants over REST (voice.md §2.6, §5.1)."""

from __future__ import annotations

from ...engine.model.errors import NotFound, TaskRouterError
from ..calls import documents
from ..flow import advance, settle
from ..instructions import conference as instruction
from ..model.entities import UNANSWERED, Call, Conference
from ..model.run import Participant
from ..model.state import VoiceState
from ..model.terms import Method, StatusCallback
from ..rooms import conferences
from ..verbs import announcements, conference
from .common import check_url, found


class Conferences:
    """Commands on conferences and participants."""

    def __init__(self, state: VoiceState):
        self.state = state

    def update(
        self,
        now: int,
        sid: str,
        *,
        completed: bool = False,
        announce_url: str | None = None,
        announce_method: Method = "POST",
    ) -> Conference:
        """End a conference, or let all who are in it hear something. Raises NotFound, and TaskRouterError."""
        state = advance(self.state, now)
        room = found("Conference", sid, state.conferences)
        if announce_url:
            check_url("AnnounceUrl", announce_url)
            announcements.announce(state, room, announce_url, announce_method, conferences.joined(room), to_all=True)
        if completed:
            conferences.end(state, room, conferences.BY_API)
        settle(state)
        return room

    def create_participant(
        self,
        now: int,
        conference_name: str,
        *,
        from_address: str,
        to: str,
        participant: Participant,
        timeout: int = 60,
        time_limit: int | None = None,
        status_callback: StatusCallback | None = None,
        recorded: bool = False,
        recording_status_callback: StatusCallback | None = None,
        conference_status_callback: StatusCallback | None = None,
        max_participants: int = 250,
        conference_recorded: bool = False,
        conference_recording_status_callback: StatusCallback | None = None,
    ) -> Call:
        """Call somebody into a conference.

        conference_name: a name makes it if it is not there, a SID (CF...) must exist; participant: how they take part,
        its call and conference are filled in. Raises NotFound, and TaskRouterError when the conference is full, or the
        label is in use.
        """
        state = advance(self.state, now)
        room = conferences.find(state, conference_name)
        if room is None and conference_name.startswith("CF") and len(conference_name) == 34:
            raise NotFound(f"Conference {conference_name} was not found")
        if room is None:
            room = conferences.make(state, conference_name)
            room.status_callback, room.max_participants = conference_status_callback, max_participants
            if conference_recorded:
                room.recording = state.new_sid("RE")
                room.recording_status_callback = conference_recording_status_callback
        if conferences.is_full(room):
            raise TaskRouterError(f"The conference is full: {room.max_participants} participants", conference.FULL)
        if participant.label and conferences.has_label(room, participant.label):
            raise TaskRouterError(f"Label {participant.label!r} is in use in this conference", conference.LABEL_TAKEN)
        call = instruction.call_participant(
            state,
            room,
            participant,
            from_address=from_address,
            to=to,
            timeout=timeout,
            time_limit=time_limit,
            status_callback=status_callback,
            recorded=recorded,
            recording_status_callback=recording_status_callback,
        )
        settle(state)
        return call

    def participant(self, conference_sid: str, call_sid_or_label: str) -> Participant:
        """Find a participant by the SID of the call, or by label. Raises NotFound."""
        room = conferences.find(self.state, conference_sid)
        for one in room.participants.values() if room else ():
            if call_sid_or_label in (one.call_sid, one.label):
                return one
        raise NotFound(f"Participant {call_sid_or_label} was not found")

    def update_participant(
        self,
        now: int,
        conference_sid: str,
        call_sid_or_label: str,
        *,
        muted: bool | None = None,
        hold: bool | None = None,
        hold_url: str | None = None,
        hold_method: Method = "GET",
        announce_url: str | None = None,
        announce_method: Method = "POST",
        wait_url: str | None = None,
        wait_method: Method = "POST",
        end_conference_on_exit: bool | None = None,
        coaching: bool | None = None,
        call_sid_to_coach: str | None = None,
    ) -> Participant:
        """Mute, hold, coach, or let somebody hear something; what is None stays. Raises NotFound, TaskRouterError."""
        state = advance(self.state, now)
        participant = self.participant(conference_sid, call_sid_or_label)
        for name, url in (("HoldUrl", hold_url), ("AnnounceUrl", announce_url)):
            if url:
                check_url(name, url)
        room, call = state.conferences[participant.conference_sid], state.calls[participant.call_sid]
        was_on_hold = participant.hold
        conferences.change(
            state,
            room,
            participant,
            muted=muted,
            hold=hold,
            end_conference_on_exit=end_conference_on_exit,
            coaching=coaching,
            call_sid_to_coach=call_sid_to_coach,
        )
        if participant.joined:
            if participant.hold and (hold_url or not was_on_hold):
                conference.play(state, call, hold_url, hold_method)
            elif was_on_hold and not participant.hold:
                documents.silence(state, call)
                if room.status == "init":
                    conference.play(state, call, participant.wait_url, participant.wait_method)
            if wait_url is not None and room.status == "init":
                participant.wait_url, participant.wait_method = wait_url, wait_method
                conference.play(state, call, wait_url, wait_method)
            if announce_url:
                announcements.announce(state, room, announce_url, announce_method, [participant], to_all=False)
        settle(state)
        return participant

    def delete_participant(self, now: int, conference_sid: str, call_sid_or_label: str) -> None:
        """Take somebody out of a conference: their document goes on, and without one the call ends. Raises NotFound."""
        state = advance(self.state, now)
        participant = self.participant(conference_sid, call_sid_or_label)
        call = state.calls[participant.call_sid]
        if participant.joined:
            conferences.leave(state, call, conferences.MOVED, kicked=True)
            state.alone(call)
        elif call.status in UNANSWERED:
            state.hang_up(call, "canceled")
        settle(state)
