"""Announcements to a conference or a participant, and what is heard after them (voice.md §2.6)."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.voice.model.entities import Call
from tests.voice.stage import BASE, CALLER, Stage, twiml

SECOND = "+15005550199"
NEWS = f"{BASE}/news"
QUIET = twiml("")


def stage_with(wait: str | None, callers: int = 2) -> tuple[Stage, list[Call]]:
    """A room with that document to wait with, its events at `/room`, and so many callers."""
    events = 'statusCallback="/room" statusCallbackEvent="start join leave announcement"'
    verb = f'<Dial><Conference waitUrl="/wait" {events}>Room</Conference></Dial>'
    stage = Stage(incoming=twiml(verb), wait=wait, news=twiml("<Say>News</Say>"))
    return stage, [stage.dial(number) for number in (CALLER, SECOND)[:callers]]


def events(stage: Stage) -> list[dict[str, str]]:
    return [one for one in stage.reports("/room") if one["StatusCallbackEvent"].startswith("announcement")]


def to_all(stage: Stage, url: str = NEWS) -> None:
    stage.do(stage.engine.conferences.update, stage.room.sid, announce_url=url)


def to_one(stage: Stage, call: Call, url: str = NEWS, **more) -> None:
    stage.do(stage.engine.conferences.update_participant, stage.room.sid, call.sid, announce_url=url, **more)


def test_the_end_of_an_announcement_to_all_is_told_once():
    stage, calls = stage_with(QUIET)
    to_all(stage)
    assert not events(stage)
    stage.pass_(2)
    [event] = events(stage)
    assert (event["StatusCallbackEvent"], event["AnnounceUrl"]) == ("announcement-end", NEWS)
    assert "CallSid" not in event
    assert event["SequenceNumber"] == str(len(stage.reports("/room")) - 1)
    assert all("News" in stage.heard(call) for call in calls)


def test_of_one_to_a_participant_it_says_to_whom():
    stage, (call, _) = stage_with(QUIET)
    to_one(stage, call, muted=True)
    stage.pass_(2)
    [event] = events(stage)
    assert (event["CallSid"], event["Muted"], event["Hold"]) == (call.sid, "true", "false")


def test_who_hangs_up_meanwhile_has_heard_it_out():
    stage, (call, other) = stage_with(QUIET)
    to_one(stage, call)
    to_all(stage)  # which takes the place of the first for the one
    assert [one["StatusCallbackEvent"] for one in events(stage)] == ["announcement-end"]
    stage.hang_up(call)
    stage.hang_up(other)
    told = events(stage)
    assert [one["StatusCallbackEvent"] for one in told] == ["announcement-end"] * 2
    assert ["CallSid" in one for one in told] == [True, False]


@pytest.mark.parametrize("page", ["/nowhere", "/broken"])
def test_one_that_cannot_be_had_fails(page: str):
    stage, calls = stage_with(QUIET)
    stage.pages["/broken"] = "<Response"
    to_all(stage, BASE + page)
    [event] = events(stage)
    assert (event["StatusCallbackEvent"], event["AnnounceUrl"]) == ("announcement-fail", BASE + page)
    assert "alerts" in event["ReasonAnnouncementFailed"]
    assert all(call.conference_sid == stage.room.sid for call in calls)


def test_it_is_told_only_to_who_has_asked():
    stage = Stage(
        incoming=twiml("<Dial><Conference statusCallback='/room' statusCallbackEvent='start'>R</Conference></Dial>")
    )
    stage.pages["/news"] = twiml("<Say>News</Say>")
    stage.dial()
    to_all(stage)
    stage.pass_(5)
    assert stage.reports("/room") == []


@pytest.mark.parametrize("later", [False, True])
def test_waiting_music_comes_back_after_an_announcement(later: bool):
    """In a room that has not begun, from the verb that was cut on; also when its document comes meanwhile."""
    stage, [call] = stage_with(None if later else twiml("<Say>One</Say><Say>Two</Say><Pause length='600'/>"), 1)
    stage.pass_(0.3)
    to_one(stage, call)
    if later:
        stage.reply("/wait", twiml("<Say>One</Say><Say>Two</Say><Pause length='600'/>"))
    stage.pass_(5)
    heard = stage.heard(call)[1:]
    assert heard == (["News", "One", "Two"] if later else ["One", "Two", "News", "Two"])
    stage.dial(SECOND)
    assert stage.room.status == "in-progress"
    assert call.conference_sid == stage.room.sid


def test_a_waiting_document_that_was_over_stays_so():
    stage, [call] = stage_with(twiml("<Say>One</Say>"), 1)
    stage.pass_(10)
    to_one(stage, call)
    stage.pass_(10)
    assert stage.heard(call)[1:] == ["One", "News"]
    assert stage.engine.next_due() is None or call.is_live


def test_a_waiting_document_that_fails_under_an_announcement_still_ends_the_dial():
    stage, [call] = stage_with(None, 1)
    to_one(stage, call)
    stage.reply("/wait", "<Broken")
    assert call.conference_sid is None
    assert [one["StatusCallbackEvent"] for one in events(stage)] == ["announcement-end"]


def test_waiting_music_comes_back_after_hold():
    stage, [call] = stage_with(twiml("<Say>One</Say><Pause length='600'/>"), 1)
    stage.pass_(1)
    update = stage.engine.conferences.update_participant
    stage.do(update, stage.room.sid, call.sid, hold=True)
    stage.pass_(1)
    stage.do(update, stage.room.sid, call.sid, hold=False)
    stage.pass_(1)
    assert stage.heard(call)[1:] == ["One", "waiting music", "One"]
