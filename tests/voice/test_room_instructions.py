"""The instructions conference and supervise, with every ending (voice.md §4.5, §4.6)."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.engine.model.entities import Task
from taskrouter_sandbox.voice.model.effects import CallEnded, CallFailed
from tests.voice.office import BOTH, ended, office, statuses
from tests.voice.stage import AGENT, BASE, NUMBER, OTHER_AGENT, Stage, twiml

# conference


def test_4_5_conference():
    stage, call = office("conference", conference_status_callback=f"{BASE}/room")
    leg = stage.last_call
    stage.pass_(50)
    assert statuses(stage) == ("pending", "reserved")
    assert stage.state.waiting(call)
    stage.answer(leg)
    room = stage.room
    assert (room.friendly_name, room.status, len(room.participants)) == (stage.task.sid, "in-progress", 2)
    attributes = json.loads(stage.task.attributes)
    assert attributes["conference"] == {"sid": room.sid, "participants": {"worker": leg.sid, "customer": call.sid}}
    assert "worker_call_sid" not in attributes
    assert statuses(stage) == ("accepted", "assigned")
    assert stage.requests("/after")[0]["QueueResult"] == "redirected"
    assert [one["StatusCallbackEvent"] for one in stage.reports("/room")] == ["conference-start"]


@BOTH
@pytest.mark.parametrize("who", ["caller", "agent"])
@pytest.mark.parametrize("both_end", [False, True])
def test_4_7_the_room_ends(multi: bool, who: str, both_end: bool):
    stage, call = office("conference", multi, end_conference_on_exit=both_end, end_conference_on_customer_exit=both_end)
    leg = stage.last_call
    stage.answer(leg)
    first, second = (call, leg) if who == "caller" else (leg, call)
    stage.hang_up(first)
    if not both_end:
        assert second.status == "in-progress"
        assert statuses(stage) == ("accepted", "assigned")
        stage.hang_up(second)
    assert second.status == "completed"
    assert stage.room.status == "completed"
    assert stage.room.participants == {}
    assert statuses(stage) == ended(multi)
    assert stage.task.reason == ("Conference ended" if multi else "All reservations were completed")
    assert len(stage.orders(CallEnded)) == 1


@pytest.mark.parametrize("behaviour", ["busy", "reject", "unreachable", "never"])
def test_4_5_the_worker_is_not_reached(behaviour: str):
    stage = Stage()
    stage.phone(AGENT, behaviour)
    stage.pages["/incoming"] = twiml(f'<Enqueue workflowSid="{stage.workflow.sid}"/>')
    stage.router.move(stage.alice, stage.router.offline)
    call = stage.dial()
    stage.router.move(stage.alice, stage.router.idle)
    stage.work()
    reservation = stage.reservation
    stage.instruct(reservation, "conference", **{"from": NUMBER, "timeout": 30})
    stage.work()
    stage.pass_(30)
    assert reservation.reservation_status == "canceled"
    assert stage.codes() == [40145]
    assert stage.state.waiting(call)
    assert stage.task.assignment_status in ("pending", "reserved")
    assert not stage.state.conferences


def test_4_5_the_caller_hangs_up_meanwhile():
    stage, call = office("conference")
    leg = stage.last_call
    stage.hang_up(call)
    assert (leg.status, stage.task.assignment_status) == ("canceled", "canceled")
    assert not stage.codes()


def outbound(stage: Stage, behaviour: str = "after") -> Task:
    """A task without a call: the customer is called when the worker has answered."""
    stage.phone(OTHER_AGENT, behaviour)
    task = stage.router.task(workflow_sid=stage.workflow.sid, attributes={"outbound_to": OTHER_AGENT, "from": NUMBER})
    stage.work()
    stage.instruct(stage.reservation, "conference", **{"from": NUMBER})
    stage.work()
    stage.pass_()
    return task


def test_4_5_a_task_without_a_call():
    stage = Stage()
    stage.phone(AGENT)
    outbound(stage, "by-hand")
    worker = stage.last_call
    stage.answer(worker)
    assert statuses(stage) == ("pending", "reserved")
    stage.pass_()
    customer = stage.last_call
    assert (customer.to, customer.status) == (OTHER_AGENT, "ringing")
    stage.answer(customer)
    assert statuses(stage) == ("accepted", "assigned")
    assert set(stage.room.participants) == {worker.sid, customer.sid}
    assert stage.room.status == "in-progress"


def test_4_5_the_customer_is_not_reached():
    stage = Stage()
    stage.phone(AGENT)
    task = outbound(stage, "busy")
    worker = stage.last_call
    stage.answer(worker)
    stage.pass_()
    assert (task.assignment_status, task.reason) == (
        "canceled",
        f"RoutingTarget not available for Reservation acceptance: {stage.alice.sid}",
    )
    assert stage.reservation.reservation_status == "canceled"
    assert worker.status == "completed"
    assert stage.room.status == "completed"
    assert [one.code for one in stage.orders(CallFailed)] == [40145]


def test_4_5_the_worker_hangs_up_before_the_customer_answers():
    stage = Stage()
    stage.phone(AGENT)
    outbound(stage, "by-hand")
    worker = stage.last_call
    stage.answer(worker)
    stage.pass_()
    customer, reservation = stage.last_call, stage.reservation
    stage.hang_up(worker)
    assert customer.status == "canceled"
    assert reservation.reservation_status == "canceled"
    assert stage.codes() == [40145]


# supervise


@pytest.mark.parametrize("mode", ["monitor", "whisper", "barge"])
def test_4_6_supervise(mode: str):
    stage, call = office("conference")
    leg = stage.last_call
    stage.answer(leg)
    stage.phone(OTHER_AGENT)
    reservation = stage.reservation
    stage.instruct(reservation, "supervise", supervisor=OTHER_AGENT, supervisor_mode=mode, **{"from": NUMBER})
    stage.work()
    stage.pass_()
    supervisor = stage.last_call
    stage.answer(supervisor)
    participant = stage.room.participants[supervisor.sid]
    assert (participant.muted, participant.coaching) == (mode == "monitor", mode == "whisper")
    assert participant.call_sid_to_coach == (leg.sid if mode == "whisper" else None)
    stage.hang_up(supervisor)
    assert stage.room.status == "in-progress"
    assert statuses(stage) == ("accepted", "assigned")
    assert call.status == "in-progress"


def test_4_6_the_room_is_over():
    stage, call = office("conference", end_conference_on_customer_exit=True, multi=True)
    stage.answer(stage.last_call)
    stage.hang_up(call)
    stage.instruct(stage.reservation, "supervise", supervisor=OTHER_AGENT, **{"from": NUMBER})
    stage.work()
    assert stage.codes() == [40149]


def test_4_6_the_supervisor_is_not_reached():
    stage, _ = office("conference")
    stage.answer(stage.last_call)
    stage.phone(OTHER_AGENT, "busy")
    stage.instruct(stage.reservation, "supervise", supervisor=OTHER_AGENT, **{"from": NUMBER})
    stage.work()
    stage.pass_()
    assert stage.codes() == [40145]
    assert statuses(stage) == ("accepted", "assigned")
    assert len(stage.room.participants) == 2
