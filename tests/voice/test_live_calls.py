"""REST actions on live calls, numbers, and a start with stored calls (voice.md §1.7, §5.1)."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine.model.errors import NotFound, TaskRouterError
from taskrouter_sandbox.voice.engine import VoiceEngine
from taskrouter_sandbox.voice.model.effects import CallEnded, CallFailed, CancelTask
from taskrouter_sandbox.voice.model.entities import Call, Conference
from taskrouter_sandbox.voice.model.options import VoiceOptions
from taskrouter_sandbox.voice.model.terms import StatusCallback
from tests.voice.stage import ACCOUNT, AGENT, BASE, CALLER, NUMBER, Stage, twiml
from tests.voice.test_main_story import office, ringing, talking, waiting

OTHER = twiml("<Say>Other</Say><Pause length='60'/>")


def live(content: str) -> tuple[Stage, Call]:
    stage = Stage(incoming=twiml(content), other=OTHER)
    return stage, stage.dial()


@pytest.mark.parametrize(
    "content",
    [
        "<Say>A long text</Say>",
        '<Gather action="/action"><Say>A long text</Say></Gather>',
        '<Record action="/action"/>',
        '<Pause length="50"/><Say>x</Say>',
        "<Redirect>/never</Redirect>",
    ],
)
@pytest.mark.parametrize("how", ["url", "twiml"])
def test_the_running_verb_stops(content: str, how: str):
    stage = Stage(incoming=twiml(content), other=OTHER, never=None)
    call = stage.dial()
    stage.update(call, **({"url": f"{BASE}/other"} if how == "url" else {"twiml": OTHER}))
    stage.pass_(30)
    assert "Other" in stage.heard(call)
    assert call.status == "in-progress"
    assert not stage.codes()
    if "never" in content:
        stage.reply("/never", twiml("<Hangup/>"))
        assert call.status == "in-progress"
    assert [one["RecordingDuration"] for one in stage.requests("/action")] == (["0"] if "Record" in content else [])


@pytest.mark.parametrize(
    ("state", "update", "status", "code"),
    [
        ("ringing", {"status": "canceled"}, "canceled", None),
        ("ringing", {"status": "completed"}, "canceled", None),
        ("ringing", {"url": f"{BASE}/other"}, "ringing", 21220),
        ("queued", {"status": "canceled"}, "canceled", None),
        ("queued", {"twiml": OTHER}, "queued", 21220),
        ("in-progress", {"status": "canceled"}, "in-progress", None),
        ("in-progress", {"status": "completed"}, "completed", None),
        ("in-progress", {"url": "/other"}, "in-progress", 21205),
        ("in-progress", {"url": f"{BASE}/other", "twiml": OTHER}, "in-progress", 20001),
        ("completed", {"status": "completed"}, "completed", 21220),
        ("completed", {"url": f"{BASE}/other"}, "completed", 21220),
    ],
)
def test_what_each_state_allows(state: str, update: dict, status: str, code: int | None):
    stage = Stage(options=VoiceOptions(queued=1000), other=OTHER)
    stage.phone(AGENT)
    status_callback = StatusCallback(f"{BASE}/leg", "POST", ("initiated", "ringing", "answered", "completed"))
    call = stage.do(
        stage.engine.calls.create, from_address=NUMBER, to=AGENT, url=f"{BASE}/other", status_callback=status_callback
    )
    if state != "queued":
        stage.pass_(1)
    if state in ("in-progress", "completed"):
        stage.answer(call)
    if state == "completed":
        stage.hang_up(call)
    if code is None:
        stage.update(call, **update)
    else:
        with pytest.raises(TaskRouterError) as refused:
            stage.update(call, **update)
        assert refused.value.code == code
    stage.pass_(1)
    assert call.status == ("ringing" if status == "queued" else status)
    if (state, status) == ("queued", "canceled"):
        assert not stage.reports("/leg")  # voice.md §8, point 28
    elif status in ("canceled", "completed"):
        assert stage.reports("/leg")[-1]["CallStatus"] == status


def test_21220_says_so():
    stage, call = live("<Hangup/>")
    text = "Unable to update record: Call is not in-progress. Cannot redirect."
    with pytest.raises(TaskRouterError, match=text):
        stage.update(call, url=f"{BASE}/other")


def test_a_talking_caller_is_moved():
    """§2.4: redirected-from-bridged; the talk is over, the agent's call too."""
    stage = office(more='action="/after"')
    stage.pages["/other"] = OTHER
    call, leg = talking(stage)
    stage.update(call, url=f"{BASE}/other")
    (after,) = stage.requests("/after")
    assert after["QueueResult"] == "redirected-from-bridged"
    assert leg.status == "completed"
    assert len(stage.orders(CallEnded)) == 1
    assert not stage.orders(CancelTask)
    assert "Other" in stage.heard(call)


def test_the_agents_leg_is_moved():
    stage = office(more='action="/after"')
    stage.pages |= {"/other": OTHER, "/after": twiml("<Say>After</Say>")}
    call, leg = talking(stage)
    stage.update(leg, url=f"{BASE}/other")
    stage.pass_(3)
    assert "After" in stage.heard(call)
    assert "Other" in stage.heard(leg)
    assert (call.status, leg.status) == ("completed", "in-progress")
    assert stage.reservation.reservation_status == "completed"


def test_the_workflow_times_out_and_the_application_moves_the_caller():
    """§6.2, §3.4"""
    stage = office()
    stage.pages["/other"] = twiml('<Say>Leave a message</Say><Record action="/thanks"/>')
    stage.pages["/thanks"] = twiml("<Hangup/>")
    stage.router.move(stage.alice, stage.router.offline)
    call = waiting(stage)
    stage.router.cancel(stage.task, "Task canceled on Workflow timeout")
    stage.update(call, url=f"{BASE}/other")
    stage.pass_(3)
    stage.say(call, "Call me")
    stage.pass_(5)
    assert len(stage.requests("/thanks")) == 1
    assert call.status == "completed"
    assert not stage.codes()


def test_numbers():
    stage = Stage(other=OTHER)
    number = stage.engine.numbers.create(stage.now, "+15005550007", voice_url=f"{BASE}/other")
    call = stage.dial(to="+15005550007")
    assert call.phone_number_sid == number.sid
    with pytest.raises(TaskRouterError, match="already"):
        stage.engine.numbers.create(stage.now, "+15005550007")
    stage.engine.numbers.delete(stage.now, number.sid)
    with pytest.raises(NotFound, match="no number"):
        stage.dial(to="+15005550007")


def test_calls_are_deleted_when_they_have_ended():
    stage, call = live("<Pause length='60'/>")
    with pytest.raises(TaskRouterError):
        stage.do(stage.engine.calls.delete, call.sid)
    stage.hang_up(call)
    assert call.sid not in stage.state.calls  # whoever asks for it has it from what is kept
    with pytest.raises(NotFound):
        stage.engine.calls.delete(stage.now, call.sid)
    with stage.engine.knowing([call]):
        stage.engine.calls.delete(stage.now, call.sid)
    effects = stage.engine.drain()
    assert (effects.deleted, effects.changed) == ({call.sid: call}, {})


def test_what_is_done_with_a_call_that_has_ended_is_refused_as_such():
    stage, call = live("<Pause length='60'/>")
    stage.hang_up(call)
    for late in (lambda: stage.update(call, status="completed"), lambda: stage.hang_up(call)):
        with pytest.raises(TaskRouterError, match="not in-progress"):
            late()
    assert (stage.calls, stage.state.calls, stage.unkept()) == ([call], {}, {})


def test_what_changes_at_a_call_that_has_ended_does_not_bring_it_back():
    stage, call = live("<Pause length='60'/>")
    stage.hang_up(call)
    stage.state.changed(call)
    effects = stage.engine.drain()
    assert (effects.changed, effects.ended) == ({call.sid: call}, set())


@pytest.mark.parametrize(("digits", "why"), [("a", "cannot be pressed"), ("", "cannot be pressed")])
def test_what_is_no_key(digits: str, why: str):
    stage, call = live("<Pause length='60'/>")
    with pytest.raises(TaskRouterError, match=why):
        stage.press(call, digits)


@pytest.mark.parametrize(
    "address", ["", " ", "alice", "client:", "+", "+49 30 123", "sip:alice", "x" * 500, "+\u0661\u0662\u0663", "\0"]
)
def test_what_is_no_phone(address: str):
    stage = Stage()
    for behave in (stage.engine.people.set_phone, stage.engine.people.set_phone_for_now):
        with pytest.raises(TaskRouterError, match="is no phone"):
            behave(stage.now, address, "busy")
    if address != "alice":  # a word such as `anonymous` may come from a network
        with pytest.raises(TaskRouterError, match="is no phone"):
            stage.dial(address)
    assert not stage.calls


@pytest.mark.parametrize("address", ["anonymous", "client:bob", "sip:bob@example.com", "+4930123456", "266696687"])
def test_who_may_dial(address: str):
    stage, _ = live("<Pause length='60'/>")
    assert stage.dial(address).from_address == address


def test_people_act_on_phones_that_ring():
    stage, call = live("<Pause length='60'/>")
    for act in (stage.answer, stage.reject):
        with pytest.raises(TaskRouterError, match="does not ring"):
            act(call)
    stage.hang_up(call)
    with pytest.raises(TaskRouterError, match="not in-progress"):
        stage.hang_up(call)


# a start with what was stored


def restarted(stage: Stage) -> VoiceEngine:
    state = stage.state
    stored = [*state.numbers.values(), *state.queues.values(), *state.conferences.values(), *state.calls.values()]
    engine = VoiceEngine(ACCOUNT, lambda letters: f"{letters}{'9' * 32}", stored=stored)
    engine.recover(stage.now)
    return engine


def test_a_conference_that_went_on_is_over():
    stage = office(instruction="conference")
    _, leg = ringing(stage)
    stage.answer(leg)
    engine = restarted(stage)
    effects = engine.drain()
    assert [type(command) for command in effects.task_commands] == [CallEnded]
    rooms = [one for one in effects.changed.values() if isinstance(one, Conference)]
    assert [(room.status, room.sid in effects.ended) for room in rooms] == [("completed", True)]
    assert not engine.state.conferences


@pytest.mark.parametrize("moment", ["waiting", "ringing", "talking", "sent elsewhere"])
def test_calls_that_went_on_have_failed(moment: str):
    stage = office()
    match moment:
        case "waiting":
            stage.router.move(stage.alice, stage.router.offline)
            calls = [waiting(stage)]
        case "ringing":
            calls = list(ringing(stage))
        case "sent elsewhere":
            stage.instruction = None
            stage.pages["/other"] = OTHER
            calls = [waiting(stage)]
            said = {"call_sid": calls[0].sid, "url": f"{BASE}/other"}
            stage.instruct(stage.reservation, "redirect", **said)
            stage.work()
        case _:
            calls = list(talking(stage))
    engine = restarted(stage)
    effects = engine.drain()
    assert {effects.changed[call.sid].status for call in calls} == {"failed"}
    assert effects.ended == {call.sid for call in calls}
    assert [alert.code for alert in effects.alerts] == [12400] * len(calls)
    kinds = [type(command) for command in effects.task_commands]
    ordered = {"ringing": [CancelTask, CallFailed], "talking": [CallEnded]}
    assert kinds == ordered.get(moment, [CancelTask])
    assert [dict(one.parameters)["CallStatus"] for one in effects.callbacks] == ["failed"]
    call = engine.people.dial(stage.now, CALLER, NUMBER)
    assert call.status == "ringing"
    assert engine.next_due() is None


def test_the_time_limit_of_a_live_call():
    stage, call = live("<Gather timeout='600'/>")
    stage.pass_(10)
    stage.update(call, time_limit=30)
    stage.pass_(19)
    assert call.is_live
    stage.pass_(1)
    assert call.status == "completed"
