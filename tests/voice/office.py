"""A caller who waits, and an instruction that has been carried out."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.voice.model.entities import Call
from taskrouter_sandbox.voice.model.options import VoiceOptions
from tests.voice.stage import AGENT, BASE, NUMBER, Stage, twiml

BOTH = pytest.mark.parametrize("multi", [False, True])


def office(instruction: str, multi: bool = False, options: VoiceOptions | None = None, **said) -> tuple[Stage, Call]:
    """A caller who waits, and the instruction, which has been carried out."""
    stage = Stage(multi, options, after=twiml("<Say>After</Say><Pause length='60'/>"))
    stage.phone(AGENT)
    stage.pages["/incoming"] = twiml(f'<Enqueue workflowSid="{stage.workflow.sid}" action="/after"/>')
    stage.router.move(stage.alice, stage.router.offline)
    call = stage.dial()
    stage.router.move(stage.alice, stage.router.idle)
    stage.work()
    if instruction == "redirect":
        said = {"call_sid": call.sid, "url": f"{BASE}/redirected"} | said
    elif instruction == "call":
        said = {"from": NUMBER, "url": f"{BASE}/worker"} | said
    else:
        said = {"from": NUMBER} | said
    stage.instruct(stage.reservation, instruction, **said)
    stage.work()
    stage.pass_()
    return stage, call


def statuses(stage: Stage) -> tuple[str, str]:
    return stage.reservation.reservation_status, stage.task.assignment_status


def ended(multi: bool) -> tuple[str, str]:
    return ("wrapping", "wrapping") if multi else ("completed", "completed")
