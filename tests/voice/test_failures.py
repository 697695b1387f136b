"""A mistake of the sandbox's own in the middle of a call: the call ends, says so, and holds nobody."""

from __future__ import annotations

from typing import Any

import pytest

from taskrouter_sandbox.voice.model.effects import CallFailed, OrderRefused
from taskrouter_sandbox.voice.model.entities import Call
from taskrouter_sandbox.voice.model.run import ByConference, ByDequeue
from taskrouter_sandbox.voice.model.terms import InstructionOrder
from taskrouter_sandbox.voice.twiml.document import Verb
from tests.voice.stage import AGENT, NUMBER, Stage, twiml

BROKEN: Any = None  # where the rules find something that no document and no request can lead to


def says_so(stage: Stage, call: Call) -> bool:
    return any(a.code == 12400 and a.subject_sid == call.sid and "failed at this call" in a.text for a in stage.alerts)


def waiting(instruction: str | None = None, **said: Any) -> tuple[Stage, Call]:
    """A caller who waits, and Alice, whose phone rings when there is an instruction."""
    stage = Stage()
    stage.phone(AGENT)
    stage.pages["/incoming"] = twiml(f'<Enqueue workflowSid="{stage.workflow.sid}"/>')
    stage.router.move(stage.alice, stage.router.offline)
    call = stage.dial()
    stage.router.move(stage.alice, stage.router.idle)
    stage.work()
    if instruction is not None:
        stage.instruct(stage.reservation, instruction, **{"from": NUMBER}, **said)
        stage.work()
        stage.pass_()
    return stage, call


def test_a_verb_that_fails():
    stage = Stage(incoming=twiml("<Say>Hello</Say><Say>Good</Say>"))
    call, other = stage.dial(), stage.dial("+15005550101")
    call.frames[0].verbs = (*call.frames[0].verbs[:1], Verb("Say", BROKEN, "", (), 1))
    stage.pass_(60)
    assert call.status == "failed"
    assert says_so(stage, call)
    assert other.status == "completed"
    assert not stage.state.live
    assert stage.unkept() == {}


def test_a_timer_that_fails():
    stage = Stage(incoming=twiml("<Gather timeout='5'/>"))
    call = stage.dial()
    call.frames[0].activity.verb = BROKEN
    stage.pass_(60)
    assert (call.status, says_so(stage, call)) == ("failed", True)


def test_a_document_whose_answer_fails():
    stage = Stage(incoming=None)
    call = stage.dial()
    stage.reply("/incoming", BROKEN_REPLY)
    assert (call.status, says_so(stage, call)) == ("failed", True)


class BrokenReply:
    """An answer without a body."""


BROKEN_REPLY: Any = BrokenReply()


def test_who_waits_in_the_queue_leaves_it():
    stage, call = waiting()
    call.frames[0].activity.verb = BROKEN  # which the end of the wait looks at
    stage.hang_up(call)
    stage.pass_(1)
    assert not stage.state.live
    assert stage.task.assignment_status == "canceled"
    assert stage.reservation.reservation_status == "canceled"
    assert says_so(stage, call)


def test_a_worker_whose_answer_fails_holds_no_reservation():
    """One that waits for a conference has no timer of its own."""
    stage, call = waiting("conference")
    reservation = stage.reservation
    leg = next(one for one in stage.state.live_calls() if one is not call)
    assert isinstance(leg.purpose, ByConference)
    leg.purpose.participant = BROKEN
    stage.answer(leg)
    assert (leg.status, says_so(stage, leg)) == ("failed", True)
    assert (reservation.reservation_status, reservation.instruction) == ("canceled", None)
    assert call.is_live
    assert not stage.state.following


class Undecided:
    def __bool__(self) -> bool:
        raise ArithmeticError


def test_an_outcome_that_fails_ends_both_and_the_reservation_that_was_accepted():
    stage, call = waiting("dequeue")
    leg = next(one for one in stage.state.live_calls() if one is not call)
    assert isinstance(leg.purpose, ByDequeue)
    leg.purpose.record = Undecided()  # type: ignore[assignment]
    stage.answer(leg)
    stage.pass_(1)
    assert (leg.status, call.status) == ("failed", "failed")
    assert says_so(stage, leg)
    assert stage.reservation.reservation_status == "completed"
    assert not stage.state.live


@pytest.mark.parametrize("instruction", ["conference", "dequeue", "call", "redirect"])
def test_an_instruction_that_fails(instruction: str):
    stage, call = waiting()
    reservation = stage.reservation
    order = InstructionOrder(
        instruction, reservation.sid, stage.task.sid, stage.alice.sid, BROKEN, stage.task.parsed_attributes
    )  # type: ignore[arg-type]
    stage.engine.instruct(stage.now, order)
    stage.work()
    (told,) = [one for one in stage.commands if isinstance(one, CallFailed)]
    assert told.cancels == (instruction == "conference")
    assert call.is_live
    stage.pass_(5000)
    assert reservation.reservation_status == ("canceled" if instruction == "conference" else "timeout")
    assert any("failed at this instruction" in alert.text for alert in stage.alerts)


def test_an_outcome_that_nobody_expected():
    stage, call = waiting()
    stage.engine.ordered(stage.now, "CM" + "0" * 32, OrderRefused(14222, "no"))
    assert call.is_live
