"""What the instructions call and redirect do, and what holds of all of them, with every ending (voice.md §4)."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.voice.model.effects import CallEnded, CancelTask
from taskrouter_sandbox.voice.model.options import VoiceOptions
from tests.voice.office import BOTH, ended, office, statuses
from tests.voice.stage import AGENT, BASE, NUMBER, Stage, twiml

# call


def worker_page(stage: Stage, more: str = "") -> None:
    stage.pages["/worker"] = twiml(
        f'<Say>A call</Say><Dial action="/done"><Queue reservationSid="{stage.reservation.sid}" {more}/></Dial>'
    )
    stage.pages["/done"] = twiml("<Pause length='60'/>")


@BOTH
@pytest.mark.parametrize("who", ["caller", "agent"])
def test_4_3_call_and_dial_queue(multi: bool, who: str):
    stage, call = office("call", multi)
    worker_page(stage, f'postWorkActivitySid="{stage.wrap_up.sid}"')
    leg = stage.last_call
    assert json.loads(stage.task.attributes)["worker_call_sid"] == leg.sid
    stage.answer(leg)
    assert statuses(stage) == ("pending", "reserved")
    stage.pass_(3)
    assert statuses(stage) == ("accepted", "assigned")
    assert call.bridge is leg.bridge is not None
    stage.hang_up(call if who == "caller" else leg)
    assert statuses(stage) == ended(multi)
    assert stage.activity_of(stage.alice) == "WrapUp"
    (after,), (done,) = stage.requests("/after"), stage.requests("/done")
    assert (after["QueueResult"], done["DialCallStatus"]) == ("bridged", "completed")
    assert len(stage.orders(CallEnded)) == 1
    survivor = leg if who == "caller" else call
    assert survivor.status == "in-progress"
    assert not stage.codes()


@pytest.mark.parametrize("accept", [False, True])
def test_4_3_nobody_answers(accept: bool):
    stage, call = office("call", accept=accept, timeout=20)
    stage.pass_(20)
    assert stage.last_call.status == "no-answer"
    assert stage.reservation.reservation_status == ("accepted" if accept else "pending")
    assert stage.state.waiting(call)


def test_4_3_the_worker_declines_in_the_document():
    stage, _ = office("call")
    stage.pages["/worker"] = twiml("<Hangup/>")
    stage.answer(stage.last_call)
    assert statuses(stage) == ("pending", "reserved")


@pytest.mark.parametrize(
    ("how", "code"),
    [("rejected", 14215), ("canceled", 14217), ("unknown", 14217), ("malformed", 14215), ("accepted", 14215)],
)
def test_2_5_a_reservation_that_is_of_no_use(how: str, code: int):
    stage, call = office("call")
    worker_page(stage)
    reservation, leg = stage.reservation, stage.last_call
    stage.router.move(stage.worker("Bob", None), stage.router.offline)
    stage.answer(leg)
    match how:
        case "unknown":
            stage.pages["/worker"] = twiml("")
        case "canceled":
            stage.router.engine.reservations.cancel(stage.now, reservation)
        case "accepted":
            stage.router.accept(reservation)
        case "rejected":
            stage.router.reject(reservation, stage.router.offline)
        case _:
            pass
    stage.work()
    sid = {"unknown": "WR" + "f" * 32, "malformed": "WR1"}.get(how, reservation.sid)
    stage.pages["/again"] = twiml(f'<Dial action="/done"><Queue reservationSid="{sid}"/></Dial>')
    stage.update(leg, url=f"{BASE}/again")
    assert stage.codes() == [code]
    assert stage.requests("/done")[-1]["DialCallStatus"] == "failed"
    assert call.bridge is None


# redirect


@pytest.mark.parametrize("accept", [False, True])
def test_4_4_redirect(accept: bool):
    stage, call = office("redirect", accept=accept)
    (sent,) = stage.requests("/redirected")
    assert (sent["CallSid"], sent["CallStatus"], sent["Direction"]) == (call.sid, "in-progress", "inbound")
    (after,) = stage.requests("/after")
    assert after["QueueResult"] == "redirected"
    assert statuses(stage) == (("accepted", "assigned") if accept else ("pending", "reserved"))
    assert not stage.orders(CancelTask)
    stage.hang_up(call)
    assert stage.task.assignment_status == ("assigned" if accept else "canceled")


@pytest.mark.parametrize("accept", [False, True])
def test_4_4_the_call_that_it_names_is_not_there(accept: bool):
    """The call is looked for before anything is accepted."""
    stage, call = office("redirect", call_sid="CA" + "f" * 32, accept=accept)
    assert stage.codes() == [40121]
    assert stage.state.waiting(call)
    assert statuses(stage) == ("pending", "reserved")


@pytest.mark.parametrize("accept", [False, True])
def test_4_4_the_call_that_it_names_is_not_in_progress(accept: bool):
    stage, _ = office("redirect", call_sid="CA" + "f" * 32)
    rings = stage.do(stage.engine.calls.create, from_address=NUMBER, to=AGENT, twiml=twiml("<Hangup/>"))
    stage.instruct(stage.reservation, "redirect", call_sid=rings.sid, url=f"{BASE}/redirected", accept=accept)
    stage.work()
    assert stage.codes() == [40121, 40122]
    assert statuses(stage) == ("pending", "reserved")


FROM = {"dequeue": 40132, "call": 40111, "conference": 40141}
FAILED = {"dequeue": 40133, "call": 40113, "conference": 40145}


@pytest.mark.parametrize(("instruction", "code"), FROM.items())
@pytest.mark.parametrize("who", ["five", "client:bob"])
def test_4_1_a_telephone_is_called_from_a_number(instruction: str, code: int, who: str):
    stage, _ = office(instruction, **{"from": who})
    assert stage.codes() == [code]
    assert len(stage.calls) == 1
    assert stage.reservation.reservation_status == "pending"
    stage, _ = office(instruction, **{"from": who, "to": "client:alice"})
    assert (stage.codes(), stage.last_call.from_address) == ([], who)


@pytest.mark.parametrize(("instruction", "code"), FAILED.items())
@pytest.mark.parametrize("unknown_from", ["warned", "refused"])
def test_4_1_a_foreign_number_is_warned_of_or_refused(instruction: str, code: int, unknown_from):
    stage, _ = office(instruction, options=VoiceOptions(unknown_from=unknown_from), **{"from": "+15005550999"})
    (alert,) = stage.alerts
    if unknown_from == "warned":
        assert (alert.code, alert.level, len(stage.calls)) == (21210, "warning", 2)
    else:
        assert (alert.code, alert.level, len(stage.calls)) == (code, "error", 1)
        first = next(iter(stage.router.state.reservations.values()))
        assert first.reservation_status == ("canceled" if instruction == "conference" else "pending")


def test_4_1_a_bare_name_is_a_client():
    stage, _ = office("call", to="joey")
    assert stage.last_call.to == "client:joey"
    (alert,) = stage.alerts
    assert (alert.code, alert.level) == (13223, "warning")


def test_4_2_the_talk_is_recorded():
    events = "answered,completed"
    stage, _ = office(
        "dequeue", record="record-from-answer", status_callback_url=f"{BASE}/leg", status_callback_events=events
    )
    leg = stage.last_call
    stage.answer(leg)
    stage.pass_(12)
    stage.hang_up(leg)
    report = stage.reports("/leg")[-1]
    assert (report["CallSid"], report["RecordingSid"], report["RecordingDuration"]) == (leg.sid, leg.recording, "12")


def test_4_2_an_instruction_is_for_the_caller_who_waits_with_its_task():
    """The caller has been moved and waits with another task."""
    stage = Stage()
    stage.pages["/incoming"] = stage.pages["/elsewhere"] = twiml(f'<Enqueue workflowSid="{stage.workflow.sid}"/>')
    stage.router.move(stage.alice, stage.router.offline)
    call = stage.dial()
    first = stage.task
    stage.update(call, url=f"{BASE}/elsewhere")
    stage.router.move(stage.alice, stage.router.idle)
    stage.work()
    assert (first.assignment_status, stage.task.assignment_status) == ("canceled", "reserved")
    stage.instruct(stage.reservation, "dequeue", **{"from": NUMBER})
    stage.work()
    stage.pass_(2)
    assert stage.task.assignment_status == "assigned"
    assert call.bridge


@pytest.mark.parametrize("who", ["caller", "agent"])
def test_4_7_one_hangs_up_while_taskrouter_accepts(who: str):
    """The reservation is accepted by then: it ends as after a talk, and nobody is left."""
    for instruction in ("dequeue", "conference"):
        stage, call = office(instruction)
        leg = stage.last_call
        stage.engine.people.answer(stage.now, leg.sid)
        (order,) = stage.engine.drain().task_commands
        stage.hang_up(call if who == "caller" else leg)
        outcome = stage._carry_out(order)
        stage.engine.ordered(stage.now, order.sid, outcome)
        stage.work()
        stage.pass_()
        assert not leg.is_live
        assert call.is_live is (who == "agent")
        if who == "agent":
            assert statuses(stage) == ("completed", "completed")
            assert len(stage.orders(CallEnded)) == 1
        else:
            assert stage.task.assignment_status == "canceled"
        assert not stage.state.ordered
