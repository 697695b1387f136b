"""Dial: numbers, clients, SIP addresses, queues (voice.md §2.5)."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.voice.model.effects import FetchFailure
from taskrouter_sandbox.voice.model.entities import Call
from tests.voice.stage import AGENT, BASE, CALLER, NUMBER, OTHER_AGENT, Stage, twiml

AFTER = twiml("<Say>After</Say>")


def dialing(dial: str, behaviour: str = "by-hand", **pages) -> tuple[Stage, Call]:
    stage = Stage(incoming=twiml(dial), after=AFTER, **pages)
    for address in (AGENT, OTHER_AGENT, "client:joey", "sip:joey@example.com"):
        stage.phone(address, behaviour)
    return stage, stage.dial()


def result(stage: Stage) -> dict[str, str]:
    (sent,) = stage.requests("/after")
    return sent


def leg(stage: Stage, number: int = 1) -> Call:
    return stage.calls[number]


@pytest.mark.parametrize(
    ("noun", "address"),
    [
        (AGENT, AGENT),
        (f"<Number>{AGENT}</Number>", AGENT),
        ("<Client>joey</Client>", "client:joey"),
        ("<Client><Identity>joey</Identity></Client>", "client:joey"),
        ("<Sip>sip:joey@example.com</Sip>", "sip:joey@example.com"),
    ],
)
def test_whom_it_dials(noun: str, address: str):
    stage, call = dialing(f'<Dial action="/after">{noun}</Dial>')
    other = leg(stage)
    assert (other.to, other.from_address, other.direction) == (address, CALLER, "outbound-dial")
    assert (other.parent_call_sid, other.status, call.status) == (call.sid, "ringing", "in-progress")
    stage.pass_(4)
    stage.answer(other)
    assert call.bridge is other.bridge is not None
    stage.pass_(30)
    stage.hang_up(other)
    sent = result(stage)
    assert (sent["DialCallStatus"], sent["DialBridged"]) == ("completed", "true")
    assert (sent["DialCallSid"], sent["DialCallDuration"]) == (other.sid, "30")
    stage.pass_(5)
    assert "After" in stage.heard(call)


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [("never", "no-answer"), ("busy", "busy"), ("reject", "busy"), ("unreachable", "failed")],
)
def test_nobody_is_reached(behaviour: str, status: str):
    stage, call = dialing(f'<Dial action="/after" timeout="20">{AGENT}</Dial>', behaviour)
    stage.pass_(20)
    sent = result(stage)
    assert (sent["DialCallStatus"], sent["DialBridged"], sent["DialCallDuration"]) == (status, "false", "0")
    stage.pass_(5)
    assert "After" in stage.heard(call)


def test_without_an_action_the_next_verb_runs():
    stage, call = dialing(f"<Dial>{AGENT}</Dial><Say>Next</Say>", "busy")
    stage.pass_(5)
    assert "Next" in stage.heard(call)


@pytest.mark.parametrize("bridged", [False, True])
def test_the_caller_hangs_up(bridged: bool):
    stage, call = dialing(f'<Dial action="/after">{AGENT}</Dial>')
    if bridged:
        stage.answer(leg(stage))
    stage.hang_up(call)
    sent = result(stage)
    assert (sent["CallStatus"], sent["DialCallStatus"]) == ("completed", "completed" if bridged else "canceled")
    assert stage.fetches[-1].purpose == "notice"
    assert leg(stage).status == ("completed" if bridged else "canceled")


def test_several_ring_at_once_and_the_first_wins():
    numbers = f"<Number>{AGENT}</Number><Number>{OTHER_AGENT}</Number>"
    stage, call = dialing(f'<Dial action="/after">{numbers}</Dial>')
    assert [leg(stage, 1).status, leg(stage, 2).status] == ["ringing", "ringing"]
    stage.answer(leg(stage, 2))
    assert leg(stage, 1).status == "canceled"
    assert call.bridge is leg(stage, 2).bridge
    stage.hang_up(leg(stage, 2))
    assert result(stage)["DialCallSid"] == leg(stage, 2).sid


def test_one_after_the_other():
    numbers = f"<Number>{AGENT}</Number><Number>{OTHER_AGENT}</Number>"
    stage, call = dialing(f'<Dial action="/after" sequential="true">{numbers}</Dial>')
    assert len(stage.calls) == 2
    stage.reject(leg(stage))
    assert leg(stage, 2).status == "ringing"
    stage.answer(leg(stage, 2))
    assert call.bridge is leg(stage, 2).bridge


def test_answer_on_bridge():
    stage, call = dialing(f'<Dial answerOnBridge="true">{AGENT}</Dial>')
    assert call.status == "ringing"
    stage.answer(leg(stage))
    assert call.status == "in-progress"


def test_the_star_key_and_the_time_limit():
    stage, call = dialing(f'<Dial action="/after" hangupOnStar="true" timeLimit="60">{AGENT}</Dial>')
    stage.answer(leg(stage))
    stage.press(call, "1*")
    assert (leg(stage).status, call.status) == ("completed", "in-progress")
    assert result(stage)["DialCallStatus"] == "completed"
    stage, call = dialing(f'<Dial action="/after" timeLimit="60">{AGENT}</Dial>')
    stage.answer(leg(stage))
    stage.pass_(60)
    assert (leg(stage).status, call.status) == ("completed", "in-progress")
    assert result(stage)["DialCallDuration"] == "60"


def test_status_callbacks_of_a_number():
    """§1.6"""
    events = "initiated ringing answered completed"
    stage, call = dialing(f'<Dial><Number statusCallback="/leg" statusCallbackEvent="{events}">{AGENT}</Number></Dial>')
    stage.answer(leg(stage))
    stage.pass_(61)
    stage.hang_up(leg(stage))
    reports = stage.reports("/leg")
    assert [one["CallStatus"] for one in reports] == ["initiated", "ringing", "in-progress", "completed"]
    assert [one["SequenceNumber"] for one in reports] == ["0", "1", "2", "3"]
    assert {one["ParentCallSid"] for one in reports} == {call.sid}
    assert (reports[-1]["CallDuration"], reports[-1]["Duration"]) == ("61", "2")
    assert reports[-1]["Timestamp"].endswith("+0000")


def test_the_dial_is_recorded():
    dial = f'<Dial action="/after" record="record-from-answer" recordingStatusCallback="/rec">{AGENT}</Dial>'
    stage, call = dialing(dial)
    stage.answer(leg(stage))
    stage.pass_(10)
    stage.hang_up(leg(stage))
    (report,) = stage.reports("/rec")
    assert (report["CallSid"], report["RecordingDuration"]) == (call.sid, "10")
    assert result(stage)["RecordingUrl"] == report["RecordingUrl"]


# the whisper of Number


@pytest.mark.parametrize("accepts", [True, False])
def test_a_whisper(accepts: bool):
    whisper = "<Gather numDigits='1' action='/accept'><Say>Press a key</Say></Gather><Hangup/>"
    stage, call = dialing(
        f'<Dial action="/after"><Number url="/whisper">{AGENT}</Number></Dial>',
        whisper=twiml(whisper),
        accept=twiml(""),
    )
    stage.answer(leg(stage))
    (sent,) = stage.requests("/whisper")
    assert (sent["CallSid"], sent["ParentCallSid"]) == (leg(stage).sid, call.sid)
    assert call.bridge is None
    if accepts:
        stage.press(leg(stage), "1")
        assert call.bridge is leg(stage).bridge is not None
    else:
        stage.pass_(20)
        sent = result(stage)
        assert (sent["DialCallStatus"], sent["DialBridged"]) == ("completed", "false")
        assert int(sent["DialCallDuration"]) > 0


def test_dial_in_a_whisper():
    stage, _ = dialing(
        f'<Dial action="/after"><Number url="/whisper">{AGENT}</Number></Dial>',
        whisper=twiml(f"<Dial>{OTHER_AGENT}</Dial>"),
    )
    stage.answer(leg(stage))
    assert 13201 in stage.codes()
    assert result(stage)["DialBridged"] == "false"


def test_a_whisper_that_fails_ends_that_leg():
    stage, call = dialing(
        f'<Dial action="/after"><Number url="/whisper">{AGENT}</Number></Dial>', whisper=FetchFailure(11200, "no")
    )
    stage.answer(leg(stage))
    stage.pass_(10)
    assert stage.codes() == [11200]
    assert leg(stage).status == "completed"
    assert call.status in ("in-progress", "completed")
    assert result(stage)["DialCallStatus"] == "completed"


# §1.7: one of the two is moved by REST


def test_the_caller_is_moved():
    stage, call = dialing(f'<Dial action="/after">{AGENT}</Dial>', elsewhere=twiml("<Say>Elsewhere</Say>"))
    stage.answer(leg(stage))
    stage.update(call, url=f"{BASE}/elsewhere")
    assert leg(stage).status == "completed"
    assert result(stage)["DialCallStatus"] == "completed"
    assert [fetch.purpose for fetch in stage.fetches[-2:]] == ["notice", "document"]
    assert "Elsewhere" in stage.heard(call)
    assert "After" not in stage.heard(call)


def test_whoever_was_dialed_is_moved():
    stage, call = dialing(f'<Dial action="/after">{AGENT}</Dial>', elsewhere=twiml("<Pause length='60'/>"))
    stage.answer(leg(stage))
    stage.pass_(5)
    stage.update(leg(stage), url=f"{BASE}/elsewhere")
    sent = result(stage)
    assert sent["DialCallStatus"] == "completed"
    assert "DialCallDuration" not in sent
    stage.pass_(5)
    assert (leg(stage).status, call.status) == ("in-progress", "completed")


# queues


def queue_stage(dial: str, **pages) -> tuple[Stage, Call]:
    """A caller in the queue `support`, and an agent's call that dials it."""
    stage = Stage(incoming=twiml('<Enqueue action="/left">support</Enqueue>'), after=AFTER, **pages)
    stage.pages["/left"] = twiml("<Say>Survey</Say><Pause length='60'/>")
    stage.pages["/agent"] = twiml(dial)
    return stage, stage.dial()


def agent_call(stage: Stage) -> Call:
    call = stage.do(stage.engine.calls.create, from_address=NUMBER, to=AGENT, url=f"{BASE}/agent")
    stage.pass_(2)
    return call


def test_dial_queue_takes_the_first_caller():
    stage, caller = queue_stage('<Dial action="/after"><Queue url="/announce">support</Queue></Dial>')
    stage.pages["/announce"] = twiml("<Say>You are being connected</Say>")
    stage.dial("+15005550199")
    agent = agent_call(stage)
    (sent,) = stage.requests("/announce")
    assert (sent["CallSid"], sent["DequeingCallSid"], sent["QueueTime"]) == (caller.sid, agent.sid, "2")
    assert caller.bridge is None
    stage.pass_(3)
    assert caller.bridge is agent.bridge is not None
    assert caller.queue_time >= 2000
    stage.hang_up(caller)
    assert stage.requests("/left")[0]["QueueResult"] == "bridged"
    sent = result(stage)
    assert (sent["DialCallStatus"], sent["DialCallSid"], sent["DialBridged"]) == ("completed", caller.sid, "true")
    assert sent["QueueSid"] in stage.state.queues


def test_the_agent_leaves_the_caller_goes_on():
    stage, caller = queue_stage("<Dial><Queue>support</Queue></Dial>")
    agent = agent_call(stage)
    stage.hang_up(agent)
    stage.pass_(3)
    assert caller.status == "in-progress"
    assert "Survey" in stage.heard(caller)


def test_an_empty_queue_waits_for_somebody():
    stage, caller = queue_stage('<Dial action="/after" timeout="30"><Queue>support</Queue></Dial>')
    stage.hang_up(caller)
    agent = agent_call(stage)
    stage.pass_(10)
    second = stage.dial()
    assert second.bridge is agent.bridge is not None
    stage.hang_up(second)
    stage.pass_(3)
    late = agent_call(stage)
    stage.pass_(31)
    assert [one["DialCallStatus"] for one in stage.requests("/after")] == ["completed", "no-answer"]
    assert late.status == "completed"


def test_no_such_queue():
    stage, _ = queue_stage('<Dial action="/after"><Queue>nobody</Queue></Dial>')
    agent_call(stage)
    assert result(stage)["DialCallStatus"] == "failed"


def test_the_caller_hangs_up_while_he_is_announced():
    stage, caller = queue_stage('<Dial action="/after"><Queue url="/announce">support</Queue></Dial>')
    stage.pages["/announce"] = twiml("<Pause length='10'/>")
    second = stage.dial("+15005550199")
    agent = agent_call(stage)
    stage.hang_up(caller)
    stage.pass_(10)
    assert second.bridge is agent.bridge is not None


def test_the_agent_hangs_up_while_the_caller_is_announced():
    stage, caller = queue_stage('<Dial action="/after"><Queue url="/announce">support</Queue></Dial>')
    stage.pages["/announce"] = twiml("<Pause length='10'/>")
    agent = agent_call(stage)
    stage.hang_up(agent)
    assert stage.state.waiting(caller)
    again = agent_call(stage)
    stage.pass_(10)
    assert caller.bridge is again.bridge is not None


@pytest.mark.parametrize("noun", ["<Conference>Room</Conference>", "<Queue>support</Queue>"])
def test_answer_on_bridge_with_rooms_and_queues(noun: str):
    """A conference answers at once, a queue when somebody is connected."""
    stage = Stage(incoming=twiml("<Enqueue>support</Enqueue>"))
    waiting = stage.dial()
    stage.hang_up(waiting)
    stage.pages["/incoming"] = twiml(f'<Dial answerOnBridge="true">{noun}</Dial>')
    call = stage.dial()
    assert call.status == ("in-progress" if "Conference" in noun else "ringing")
    stage.pages["/incoming"] = twiml("<Enqueue>support</Enqueue>")
    stage.dial("+15005550199")
    assert call.status == "in-progress"


def test_a_callback_that_cannot_be_called_is_told():
    stage, call = dialing(f'<Dial><Number statusCallback="ftp://x/">{AGENT}</Number></Dial>')
    assert stage.codes() == [11100]
    assert leg(stage).status == "ringing"
    assert call.status == "in-progress"
