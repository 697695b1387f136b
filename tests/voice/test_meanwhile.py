"""What happens while TaskRouter is asked, or a customer is called: people, REST and TaskRouter do not wait for it."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.voice.model.effects import CallEnded
from taskrouter_sandbox.voice.rooms import conferences
from tests.voice.machine_stage import LateStage
from tests.voice.stage import AGENT, BASE, NUMBER, OTHER_AGENT, Stage, twiml


def late(**pages) -> LateStage:
    stage = LateStage()
    stage.phone(AGENT)
    stage.pages |= {f"/{name}": twiml(page.format(workflow=stage.workflow.sid)) for name, page in pages.items()}
    stage.router.move(stage.alice, stage.router.offline)
    return stage


def release(stage: LateStage) -> None:
    while stage.held:
        stage.release()


ENQUEUE = '<Enqueue workflowSid="{workflow}"/>'


def test_a_caller_is_deleted_before_the_task_is_made():
    stage = late(incoming=ENQUEUE)
    stage.holds = True
    call = stage.dial()
    stage.hang_up(call)
    stage.do(stage.engine.calls.delete, call.sid)
    release(stage)
    assert (stage.task.assignment_status, stage.task.reason) == ("canceled", "hangup")


@pytest.mark.parametrize("instruction", ["dequeue", "conference"])
@pytest.mark.parametrize("both", [True, False])
def test_caller_and_agent_are_deleted_before_the_reservation_is_accepted(instruction: str, both: bool):
    stage = late(incoming=ENQUEUE)
    call = stage.dial()
    stage.router.move(stage.alice, stage.router.idle)
    stage.work()
    stage.instruct(stage.reservation, instruction, **{"from": NUMBER})
    stage.work()
    stage.pass_()
    leg = stage.last_call
    stage.holds = True
    stage.answer(leg)
    for one in (call, leg) if both else (call,):
        stage.hang_up(one)
        stage.do(stage.engine.calls.delete, one.sid)
    release(stage)
    stage.pass_()
    assert not list(stage.state.live_calls())
    assert call.sid not in stage.stored
    assert (leg.sid in stage.stored) is not both
    assert stage.task.assignment_status in ("canceled", "completed")
    assert len(stage.orders(CallEnded)) == (stage.task.assignment_status == "completed")


def test_an_agent_who_dials_a_reservation_is_deleted_before_it_is_found():
    stage = late(incoming=ENQUEUE)
    call = stage.dial()
    stage.router.move(stage.alice, stage.router.idle)
    stage.work()
    stage.pages["/worker"] = twiml(f'<Dial><Queue reservationSid="{stage.reservation.sid}"/></Dial>')
    stage.instruct(stage.reservation, "call", **{"from": NUMBER, "url": f"{BASE}/worker"})
    stage.work()
    stage.pass_()
    leg = stage.last_call
    stage.holds = True
    stage.answer(leg)
    stage.hang_up(leg)
    stage.do(stage.engine.calls.delete, leg.sid)
    release(stage)
    assert stage.state.waiting(call)
    assert stage.reservation.reservation_status == "pending"


@pytest.mark.parametrize("what", ["accept", "cancel"])
def test_the_reservation_is_over_while_the_customer_is_called(what: str):
    """The worker, who is alone in the conference, and the customer's phone are let go."""
    stage = Stage()
    stage.phone(OTHER_AGENT)
    stage.router.task(workflow_sid=stage.workflow.sid, attributes={"outbound_to": OTHER_AGENT, "from": NUMBER})
    stage.work()
    stage.instruct(stage.reservation, "conference", **{"from": NUMBER})
    stage.work()
    stage.pass_(2)
    worker, customer = stage.calls
    assert (worker.status, customer.status) == ("in-progress", "ringing")
    if what == "accept":
        stage.router.accept(stage.reservation)
    else:
        stage.router.cancel(stage.task)
    stage.work()
    assert (worker.status, customer.status) == ("completed", "canceled")
    assert stage.room.status == "completed"
    assert not stage.codes()


@pytest.mark.parametrize(
    ("conference", "codes"),
    [
        ({"sid": "{room}", "participants": "x"}, []),
        ({"sid": "{room}", "participants": ["x"]}, []),
        ({"sid": "{room}", "participants": {"worker": ["x"]}}, []),
        ({"sid": ["x"]}, [40149]),
        ("x", [40149]),
    ],
)
def test_the_application_writes_about_the_conference_what_it_likes(conference, codes: list[int]):
    """Whoever supervises a talk is called all the same, if the conference is named."""
    stage = late(incoming=ENQUEUE)
    stage.dial()
    stage.router.move(stage.alice, stage.router.idle)
    stage.work()
    stage.instruct(stage.reservation, "conference", **{"from": NUMBER})
    stage.work()
    stage.pass_()
    stage.answer(stage.last_call)
    written = json.dumps(stage.task.parsed_attributes | {"conference": conference})
    stage.router.engine.tasks.update(stage.now, stage.task, attributes=written.replace("{room}", stage.room.sid))
    said = {"from": NUMBER, "supervisor": OTHER_AGENT, "supervisor_mode": "whisper"}
    stage.instruct(stage.reservation, "supervise", **said)
    stage.work()
    stage.pass_(3)
    assert stage.codes() == codes
    assert len(conferences.joined(stage.room)) == (2 if codes else 3)
