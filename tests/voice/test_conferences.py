"""Conferences: Dial Conference and participants over REST (voice.md §2.6, §5.1)."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.errors import NotFound, TaskRouterError
from taskrouter_sandbox.voice.model.effects import FetchFailure
from taskrouter_sandbox.voice.model.entities import Call
from taskrouter_sandbox.voice.model.run import Participant
from tests.voice.stage import BASE, CALLER, NUMBER, OTHER_AGENT, Stage, twiml

SECOND = "+15005550199"


def stage_with(attributes: str = "", second: str | None = None, **pages) -> Stage:
    """Who dials comes into a room; the second caller with other attributes, if they are given."""
    verb = '<Dial action="/after"><Conference {}>Room</Conference></Dial>'
    first, later = verb.format(attributes), verb.format(attributes if second is None else second)
    stage = Stage(after=twiml("<Say>After</Say><Pause length='60'/>"), **pages)
    stage.pages["/incoming"] = lambda sent: twiml(first if sent["From"] == CALLER else later)
    return stage


def events(stage: Stage) -> list[str]:
    return [one["StatusCallbackEvent"] for one in stage.reports("/room")]


ALL = 'statusCallback="/room" statusCallbackEvent="start end join leave mute hold modify"'


def test_a_room_begins_with_the_second():
    stage = stage_with(ALL, "")
    first = stage.dial()
    assert stage.room.status == "init"
    assert "waiting music" in stage.heard(first)
    second = stage.dial(SECOND)
    assert stage.room.status == "in-progress"
    assert events(stage) == ["participant-join", "participant-join", "conference-start"]
    stage.hang_up(second)
    assert stage.room.status == "in-progress"
    stage.hang_up(first)
    assert (stage.room.status, stage.room.reason_conference_ended) == ("completed", "last-participant-left")
    assert events(stage)[3:] == ["participant-leave", "participant-leave", "conference-end"]
    reports = stage.reports("/room")
    assert [one["SequenceNumber"] for one in reports] == [str(n) for n in range(6)]
    assert reports[3]["ReasonParticipantLeft"] == "participant_hung_up"
    assert reports[5]["CallSidEndingConference"] == first.sid
    assert [one["DialCallStatus"] for one in stage.requests("/after")] == ["answered", "answered"]


def test_nobody_may_begin_it():
    stage = stage_with('startConferenceOnEnter="false"')
    stage.dial()
    stage.dial(SECOND)
    assert stage.room.status == "init"


def test_it_ends_with_somebody():
    stage = stage_with(ALL, 'endConferenceOnExit="true"')
    first, second = stage.dial(), stage.dial(SECOND)
    stage.hang_up(second)
    assert stage.room.reason_conference_ended == "participant-with-end-conference-on-exit-left"
    assert stage.room.call_sid_ending_conference == second.sid
    stage.pass_(3)
    assert first.status == "in-progress"
    assert "After" in stage.heard(first)
    left = [one["ReasonParticipantLeft"] for one in stage.reports("/room") if "ReasonParticipantLeft" in one]
    assert left == ["participant_hung_up", "moderator_ended_conference"]


def test_the_waiting_document_runs_once():
    stage = stage_with('waitUrl="/wait"', wait=twiml("<Say>Soon</Say>"))
    call = stage.dial()
    stage.pass_(60)
    assert len(stage.requests("/wait")) == 1
    assert call.status == "in-progress"


def test_a_waiting_document_that_fails_ends_the_dial():
    stage = stage_with('waitUrl="/wait"', wait=FetchFailure(11200, "HTTP status 500"))
    call = stage.dial()
    stage.pass_(3)
    assert stage.codes() == [11200]
    assert "After" in stage.heard(call)
    assert stage.room.status == "completed"


@pytest.mark.parametrize(
    ("attributes", "code", "heard"),
    [
        ('participantLabel="a"', 16025, "Next"),
        ('maxParticipants="2"', 16020, "After"),
        (f'coach="{"CA" + "f" * 32}"', 13240, "After"),
    ],
)
def test_who_cannot_come_in(attributes: str, code: int, heard: str):
    verb = f'<Dial action="/after"><Conference {attributes}>Room</Conference></Dial><Say>Next</Say>'
    stage = Stage(incoming=twiml(verb), after=twiml("<Say>After</Say>"))
    stage.dial()
    stage.dial(SECOND)
    last = stage.dial("+15005550177")
    stage.pass_(3)
    assert code in stage.codes()
    assert heard in stage.heard(last)


def test_moved_by_rest():
    stage = stage_with(ALL, elsewhere=twiml("<Say>Elsewhere</Say>"))
    first, _ = stage.dial(), stage.dial(SECOND)
    stage.update(first, url=f"{BASE}/elsewhere")
    assert first.sid not in stage.room.participants
    assert stage.reports("/room")[-1]["ReasonParticipantLeft"] == "participant_updated_via_api"
    assert "Elsewhere" in stage.heard(first)


# over REST


def join(stage: Stage, name: str = "Room", **how) -> Call:
    participant = Participant(call_sid="", conference_sid="", date_created=stage.now, **how)
    return stage.do(
        stage.engine.conferences.create_participant,
        name,
        from_address=NUMBER,
        to=OTHER_AGENT,
        participant=participant,
    )


def test_a_participant_is_called():
    stage = stage_with()
    stage.dial()
    call = join(stage, label="expert")
    assert call.status == "queued"
    stage.pass_()
    assert not stage.room.participants[call.sid].joined
    stage.pass_(2)
    assert stage.room.status == "in-progress"
    assert stage.engine.conferences.participant(stage.room.sid, "expert").call_sid == call.sid
    with pytest.raises(TaskRouterError, match="in use"):
        join(stage, label="expert")
    with pytest.raises(NotFound):
        join(stage, "CF" + "f" * 32)


def test_a_participant_who_does_not_come():
    stage = Stage()
    stage.phone(OTHER_AGENT, "busy")
    call = join(stage)
    stage.pass_()
    assert call.status == "busy"
    assert stage.room.status == "completed"


def test_hold_mute_and_end():
    stage = stage_with(ALL, hold=twiml("<Say>On hold</Say>"))
    first, second = stage.dial(), stage.dial(SECOND)
    room = stage.room
    update = stage.engine.conferences.update_participant
    stage.do(update, room.sid, first.sid, hold=True, hold_url=f"{BASE}/hold", end_conference_on_exit=True)
    stage.pass_(1)
    assert "On hold" in stage.heard(first)
    stage.do(update, room.sid, first.sid, end_conference_on_exit=True)
    stage.do(update, room.sid, first.sid, hold=False, muted=True)
    assert events(stage)[3:] == [
        "participant-hold",
        "participant-modify",
        "participant-modify",
        "participant-mute",
        "participant-unhold",
    ]
    stage.do(stage.engine.conferences.delete_participant, room.sid, second.sid)
    stage.pass_(3)
    assert "After" in stage.heard(second)
    stage.do(stage.engine.conferences.update, room.sid, completed=True)
    assert (room.status, room.reason_conference_ended) == ("completed", "conference-ended-via-api")
    with pytest.raises(NotFound):
        stage.engine.conferences.participant(room.sid, first.sid)


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("whom", ["one", "all"])
def test_an_announcement_that_cannot_be_had_ends_alone(begun: bool, whom: str):
    """Only without the document of `waitUrl` nobody stays (§2.6)."""
    stage = stage_with("")
    calls = [stage.dial(f"+1500555010{n}") for n in range(1 + begun)]
    for url in (f"{BASE}/nowhere", f"{BASE}/broken"):
        stage.pages["/broken"] = "<Response"
        if whom == "all":
            stage.do(stage.engine.conferences.update, stage.room.sid, announce_url=url)
        else:
            update = stage.engine.conferences.update_participant
            stage.do(update, stage.room.sid, calls[0].sid, announce_url=url)
    assert all(call.conference_sid == stage.room.sid for call in calls)
    assert set(stage.codes()) == {11200, 12100}


def test_4_5_the_end_with_somebody_cannot_be_set_while_they_are_on_hold():
    stage = stage_with()
    first = stage.dial()
    stage.dial(SECOND)
    update, room = stage.engine.conferences.update_participant, stage.room
    stage.do(update, room.sid, first.sid, hold=True)
    stage.do(update, room.sid, first.sid, end_conference_on_exit=True)
    assert not room.participants[first.sid].end_conference_on_exit


@pytest.mark.parametrize("how", ["star", "time"])
def test_one_leaves_and_goes_on(how: str):
    """§2.5: hangupOnStar and timeLimit of the Dial; the status is `answered`."""
    verb = '<Dial action="/after" hangupOnStar="true" timeLimit="60"><Conference>Room</Conference></Dial>'
    stage = Stage(incoming=twiml(verb), after=twiml("<Say>After</Say><Pause length='60'/>"))
    first = stage.dial()
    stage.pass_(10)
    second = stage.dial(SECOND)
    if how == "star":
        stage.press(first, "1*")
    else:
        stage.pass_(50)
    assert set(stage.room.participants) == {second.sid}
    assert stage.requests("/after")[0]["DialCallStatus"] == "answered"
    stage.pass_(5)
    assert first.status == "in-progress"


def test_a_room_is_recorded():
    events = 'recordingStatusCallbackEvent="in-progress completed"'
    stage = stage_with(f'record="record-from-start" recordingStatusCallback="/rec" {events}')
    first = stage.dial()
    assert stage.reports("/rec") == []
    second = stage.dial(SECOND)
    stage.pass_(20)
    stage.hang_up(first)
    stage.hang_up(second)
    began, report = stage.reports("/rec")
    assert (began["RecordingStatus"], began["ConferenceSid"]) == ("in-progress", stage.room.sid)
    assert (report["ConferenceSid"], report["RecordingDuration"]) == (stage.room.sid, "20")
    assert report["RecordingSource"] == "Conference"


def test_a_participant_who_is_taken_out_while_the_phone_rings():
    stage = stage_with()
    first = stage.dial()
    stage.phone(OTHER_AGENT)
    call = join(stage)
    stage.pass_()
    assert call.status == "ringing"
    stage.do(stage.engine.conferences.delete_participant, stage.room.sid, call.sid)
    assert call.status == "canceled"
    assert set(stage.room.participants) == {first.sid}
