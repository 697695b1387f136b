"""Calls to a number of the account come in there as a second call, which its voice URL answers (voice.md §2.5)."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.voice.model.entities import Call
from tests.voice.stage import AGENT, BASE, CALLER, NUMBER, Stage, twiml

OTHER = "+15005550007"


def stage_with(answer: str, dial: str = f'<Dial action="/after">{OTHER}</Dial>') -> tuple[Stage, list[Call]]:
    """A number whose document dials another one, which answers so; the caller, the leg and the second call."""
    stage = Stage(incoming=twiml(dial), other=twiml(answer), after=twiml("<Say>After</Say><Pause length='60'/>"))
    voice_url, status_callback = f"{BASE}/other", f"{BASE}/over"
    stage.do(stage.engine.numbers.create, OTHER, voice_url=voice_url, status_callback=status_callback)
    stage.dial()
    return stage, stage.calls


def test_its_voice_url_answers_and_the_two_talk():
    stage, (caller, leg, second) = stage_with('<Gather action="/menu" numDigits="1"><Say>Press a key</Say></Gather>')
    assert (leg.to, leg.direction, leg.parent_call_sid) == (OTHER, "outbound-dial", caller.sid)
    assert (second.from_address, second.to, second.direction) == (CALLER, OTHER, "inbound")
    assert second.parent_call_sid is None
    [asked] = stage.requests("/other")
    assert (asked["CallSid"], asked["CallStatus"], asked["From"], asked["To"]) == (second.sid, "ringing", CALLER, OTHER)
    assert [call.status for call in stage.calls] == ["in-progress"] * 3
    assert caller.bridge is leg.bridge is not None
    stage.pages["/menu"] = twiml("<Say>Thank you</Say>")
    stage.press(second, "1")
    stage.pass_(5)
    assert [call.status for call in stage.calls] == ["in-progress", "completed", "completed"]
    [after] = stage.requests("/after")
    assert (after["DialCallStatus"], after["DialBridged"], after["DialCallSid"]) == ("completed", "true", leg.sid)
    assert len(stage.reports("/over")) == 1


@pytest.mark.parametrize(
    ("answer", "status"),
    [("<Reject/>", "no-answer"), ('<Reject reason="busy"/>', "busy"), ("<Hangup/>", "completed")],
)
def test_it_does_not_talk(answer: str, status: str):
    stage, (_, leg, second) = stage_with(answer)
    assert (leg.status, second.status) == (status, status)
    assert stage.requests("/after")[0]["DialCallStatus"] == status


def test_it_is_not_answered_in_time():
    stage, (_, leg, second) = stage_with("<Pause length='60'/>", f'<Dial action="/after" timeout="20">{OTHER}</Dial>')
    assert (leg.status, second.status) == ("ringing", "ringing")
    stage.pass_(20)
    assert (leg.status, second.status) == ("no-answer", "no-answer")
    assert stage.requests("/after")[0]["DialCallStatus"] == "no-answer"


@pytest.mark.parametrize("who", range(3))
def test_whoever_hangs_up_the_others_are_told(who: int):
    stage, calls = stage_with("<Pause length='1'/><Say>Hello</Say><Pause length='600'/>")
    stage.pass_(5)
    stage.hang_up(calls[who])
    assert [call.status for call in calls[1:]] == ["completed", "completed"]
    assert calls[0].is_live is (who > 0)


def test_the_caller_hangs_up_while_it_rings():
    stage, (caller, leg, second) = stage_with("<Pause length='60'/>")
    stage.hang_up(caller)
    assert (leg.status, second.status) == ("canceled", "no-answer")


def test_nobody_picks_up_for_it():
    stage, (_, leg, _) = stage_with("<Pause length='60'/>")
    with pytest.raises(TaskRouterError, match="voice URL answers"):
        stage.answer(leg)


def test_a_number_without_a_voice_url_says_so():
    stage = Stage(incoming=twiml(f'<Dial action="/after">{OTHER}</Dial>'), after=twiml(""))
    stage.do(stage.engine.numbers.create, OTHER)
    stage.dial()
    assert stage.codes() == [11100]
    stage.pass_(10)
    assert stage.requests("/after")[0]["DialCallStatus"] == "completed"  # it has said that it has none


@pytest.mark.parametrize("sequential", ["", 'sequential="true"'])
def test_numbers_that_dial_one_another_end_some_time(sequential: str):
    """As Twilio's own people say, the same voice URL is asked again and again; the sandbox stops after three."""
    stage = Stage(incoming=twiml(f"<Dial {sequential}>{NUMBER}</Dial>"))
    caller = stage.dial()
    assert len(stage.requests("/incoming")) == 4
    assert stage.codes() == [13224]
    assert not any(call.is_live for call in stage.calls)
    assert caller.status == "completed"


def test_a_call_over_rest_comes_in_too():
    stage = Stage(
        hello=twiml("<Say>Hello</Say><Pause length='60'/>"), incoming=twiml("<Say>Hi</Say><Pause length='9'/>")
    )
    leg = stage.do(stage.engine.calls.create, from_address=AGENT, to=NUMBER, url=f"{BASE}/hello")
    stage.pass_(1)
    second = stage.last_call
    assert (second.direction, second.from_address, second.status) == ("inbound", AGENT, "in-progress")
    assert (stage.heard(leg), stage.heard(second)) == (["Hello"], ["Hi"])
    stage.pass_(10)
    assert (leg.status, second.status) == ("completed", "completed")


def test_many_may_call_a_number_at_once():
    stage, _ = stage_with("<Say>Hello</Say><Pause length='600'/>")
    stage.dial("+15005550177")
    stage.pass_(1)
    assert [call.status for call in stage.calls] == ["in-progress"] * 6
