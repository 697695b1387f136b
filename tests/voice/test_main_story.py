"""The story of the quickstart's third part (voice.md §6.1): dial, Gather, Enqueue, dequeue, talk, hang up."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.voice.model.effects import CallEnded, CancelTask, Connect
from taskrouter_sandbox.voice.model.entities import Call
from taskrouter_sandbox.voice.model.options import VoiceOptions
from tests.voice.stage import AGENT, BASE, CALLER, NUMBER, Stage, twiml

MENU = twiml(
    '<Gather action="/enqueue" numDigits="1" timeout="5"><Say>Para español, oprima uno.</Say>'
    "<Say>For English, press two.</Say></Gather>"
)
INBOUND = (
    {"CallSid", "AccountSid", "From", "To", "CallStatus", "ApiVersion", "Direction", "Caller", "Called"}
    | {f"{side}{part}" for side in ("From", "To", "Caller", "Called") for part in ("City", "State", "Zip", "Country")}
    | {"CallToken", "StirVerstat"}
)


def enqueue(stage: Stage, language: str = "es", more: str = "") -> str:
    task = json.dumps({"selected_language": language})
    return twiml(f'<Enqueue workflowSid="{stage.workflow.sid}" {more}><Task>{task}</Task></Enqueue>')


def office(multi: bool = False, more: str = "", **settings) -> Stage:
    """The application of the tutorial; Alice's phone is answered by hand."""
    stage = Stage(multi, settings.pop("options", None), incoming=MENU)
    stage.pages["/enqueue"] = enqueue(stage, more=more)
    stage.instruction = {
        "instruction": "dequeue",
        "from": NUMBER,
        "post_work_activity_sid": stage.wrap_up.sid,
    } | settings
    stage.phone(AGENT)
    return stage


def waiting(stage: Stage) -> Call:
    call = stage.dial()
    stage.press(call, "1")
    return call


def ringing(stage: Stage) -> tuple[Call, Call]:
    """A caller who waits, and Alice's phone, which rings."""
    call = waiting(stage)
    stage.pass_()
    assert stage.last_call.status == "ringing"
    return call, stage.last_call


def talking(stage: Stage) -> tuple[Call, Call]:
    call, leg = ringing(stage)
    stage.answer(leg)
    assert call.bridge is leg.bridge is not None
    return call, leg


def test_the_first_request_has_the_27_parameters():
    """§1.3"""
    stage = office()
    call = stage.dial()
    (sent,) = stage.requests("/incoming")
    assert set(sent) == INBOUND
    assert len(INBOUND) == 27
    assert (sent["CallStatus"], sent["Direction"], sent["From"]) == ("ringing", "inbound", CALLER)
    assert call.status == "in-progress"
    stage.pass_(10)
    assert stage.heard(call) == ["Para español, oprima uno.", "For English, press two."]


def test_a_key_asks_the_action():
    """§6.1, steps 3 to 5"""
    stage = office(more='waitUrl="/music"')
    stage.router.move(stage.alice, stage.router.offline)
    stage.pages["/music"] = twiml("<Say>Please wait.</Say>")
    call = waiting(stage)
    (sent,) = stage.requests("/enqueue")
    assert (sent["Digits"], sent["CallStatus"], sent["FinishedOnKey"]) == ("1", "in-progress", "")
    attributes = json.loads(stage.task.attributes)
    assert len(attributes) == 25
    assert attributes["selected_language"] == "es"
    assert (attributes["call_sid"], attributes["from"], attributes["to"]) == (call.sid, CALLER, NUMBER)
    assert "call_status" not in attributes
    (queue,) = stage.state.queues.values()
    assert (queue.friendly_name, queue.waiting) == (stage.workflow.sid, [call])
    (music,) = stage.requests("/music")
    assert (music["QueuePosition"], music["CurrentQueueSize"], music["QueueTime"]) == ("1", "1", "0")
    assert music["MaxQueueSize"] == "100"
    stage.pass_(3)
    assert stage.requests("/music")[-1]["QueueTime"] != "0"
    assert stage.requests("/music")[-1]["AvgQueueTime"] != "0"


def test_the_agents_phone_rings():
    """§6.1, step 8"""
    stage = office()
    call, leg = ringing(stage)
    assert (leg.to, leg.from_address, leg.direction, leg.parent_call_sid) == (AGENT, NUMBER, "outbound-api", None)
    assert json.loads(stage.task.attributes)["worker_call_sid"] == leg.sid
    assert stage.reservation.reservation_status == "pending"
    assert "waiting music" in stage.heard(call)
    assert stage.task.assignment_status == "reserved"


def test_the_agent_answers():
    """§6.1, step 9"""
    stage = office()
    call, leg = talking(stage)
    assert (stage.reservation.reservation_status, stage.task.assignment_status) == ("accepted", "assigned")
    assert [queue.waiting for queue in stage.state.queues.values()] == [[]]
    assert call.status == leg.status == "in-progress"


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("who", ["caller", "agent"])
@pytest.mark.parametrize("action", ["", 'action="/after"'])
def test_either_side_hangs_up(multi: bool, who: str, action: str):
    """§6.1, the last steps; §4.7"""
    stage = office(multi, more=action)
    stage.pages["/after"] = twiml("<Say>How were we?</Say>")
    call, leg = talking(stage)
    stage.pass_(61)
    stage.hang_up(call if who == "caller" else leg)
    ended = ("wrapping", "wrapping") if multi else ("completed", "completed")
    assert (stage.reservation.reservation_status, stage.task.assignment_status) == ended
    assert stage.activity_of(stage.alice) == "WrapUp"
    assert leg.status == "completed"
    assert len(stage.orders(CallEnded)) == 1
    if action:
        (after,) = stage.requests("/after")
        assert after["QueueResult"] == "bridged"
        assert after["CallStatus"] == ("completed" if who == "caller" else "in-progress")
        assert int(after["QueueTime"]) == 0
    assert call.status == ("in-progress" if action and who == "agent" else "completed")
    stage.pass_(10)
    assert call.status == "completed"
    if action and who == "agent":
        assert "How were we?" in stage.heard(call)
    (status,) = stage.reports("/status")
    assert (status["CallStatus"], status["SequenceNumber"]) == ("completed", "0")
    assert int(status["CallDuration"]) >= 61
    assert status["Duration"] == "2"
    assert not stage.orders(CancelTask)
    assert not stage.codes()


def test_the_caller_hangs_up_in_the_queue():
    """§6.2, §3.4"""
    stage = office(more='action="/after"')
    call, leg = ringing(stage)
    stage.pass_(7)
    stage.hang_up(call)
    assert (stage.task.assignment_status, stage.task.reason) == ("canceled", "hangup")
    assert stage.reservation.reservation_status == "canceled"
    assert (call.status, leg.status) == ("completed", "canceled")
    (after,) = stage.requests("/after")
    assert (after["QueueResult"], after["QueueTime"], after["CallStatus"]) == ("hangup", "7", "completed")
    assert stage.fetches[-1].purpose == "notice"
    assert not stage.codes()


def test_the_caller_presses_nothing():
    """§6.2: no request, the next verb or the end."""
    stage = office()
    call = stage.dial()
    stage.pass_(60)
    assert call.status == "completed"
    assert not stage.requests("/enqueue")


def test_the_finish_key_alone_is_no_input():
    stage = office()
    call = stage.dial()
    stage.press(call, "#")
    assert not stage.requests("/enqueue")
    assert call.status == "completed"


def test_nobody_answers():
    """§6.2, §4.2: the reservation stays pending until its own time is up."""
    stage = office(status_callback_url=f"{BASE}/leg?x=1", status_callback_events="initiated,ringing,answered,completed")
    call, leg = ringing(stage)
    stage.pass_(60)
    assert leg.status == "no-answer"
    assert stage.reservation.reservation_status == "pending"
    reports = stage.reports("/leg")
    assert [one["CallStatus"] for one in reports] == ["initiated", "ringing", "no-answer"]
    assert [one["SequenceNumber"] for one in reports] == ["0", "1", "2"]
    url = next(one.url for one in stage.callbacks if "/leg" in one.url)
    assert url == (
        f"{BASE}/leg?x=1&TaskSid={stage.task.sid}&ReservationSid={stage.reservation.sid}"
        f"&TaskCallSid={call.sid}&taskCallSid={call.sid}"
    )
    reservation = stage.reservation
    stage.pass_(60)
    assert reservation.reservation_status == "timeout"
    assert stage.activity_of(stage.alice) == "Offline"
    assert call.status == "in-progress"
    assert not stage.codes()


def test_the_reservations_time_is_up_while_it_rings():
    """§8, point 18"""
    stage = office()
    stage.router.engine.workflows.update(stage.now, stage.workflow, task_reservation_timeout=15)
    call, leg = ringing(stage)
    reservation = stage.reservation
    stage.pass_(15)
    assert (reservation.reservation_status, leg.status) == ("timeout", "canceled")
    assert call.status == "in-progress"
    assert stage.state.waiting(call)


@pytest.mark.parametrize(
    ("behaviour", "status", "codes"),
    [("busy", "busy", []), ("reject", "busy", []), ("unreachable", "failed", [40133]), ("never", "no-answer", [])],
)
def test_the_agent_is_not_reached(behaviour: str, status: str, codes: list[int]):
    """§4.2"""
    stage = office()
    stage.phone(AGENT, behaviour)
    call = waiting(stage)
    reservation = stage.reservation
    stage.pass_(60)
    assert stage.last_call.status == status
    assert reservation.reservation_status == "pending"
    assert stage.codes() == codes
    assert stage.state.waiting(call)


def test_a_failed_dequeue_cancels_if_the_option_says_so():
    stage = office(options=VoiceOptions(dequeue_failure="canceled"))
    stage.phone(AGENT, "busy")
    stage.router.move(stage.alice, stage.router.offline)
    waiting(stage)
    stage.router.move(stage.alice, stage.router.idle)
    stage.instruction, told = None, stage.instruction
    stage.work()
    reservation = stage.reservation
    assert told is not None
    stage.instruct(reservation, **told)
    stage.work()
    stage.pass_()
    assert reservation.reservation_status == "canceled"
    assert stage.codes() == [40133]


def test_the_agents_phone_is_engaged():
    """§8, point 20"""
    stage = office()
    other = stage.engine.calls.create(stage.now, from_address=NUMBER, to=AGENT, twiml=twiml("<Pause length='600'/>"))
    stage.pass_()
    stage.answer(other)
    waiting(stage)
    stage.pass_()
    assert stage.last_call.status == "busy"


def test_the_agents_answer_is_void_when_somebody_else_was_quicker():
    """§8, point 17: nobody is assigned to nobody."""
    stage = office()
    call, leg = ringing(stage)
    stage.router.engine.reservations.reject(stage.now, stage.reservation)
    stage.work()
    assert leg.status == "canceled"
    assert not stage.orders(Connect)
    assert stage.state.waiting(call)
