"""The process is killed between two units of work of a call: no task and no reservation is left to nobody."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest

from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.storage.errors import NotKept
from taskrouter_sandbox.voice.model.effects import Connect, CreateVoiceTask, VoiceEffects
from tests.waiting import patience

ACCOUNT, CALL = "AC" + "1" * 32, "CA" + "1" * 32


@pytest.fixture
def scene(tmp_path):
    """A workspace with a task of a call, for which Alice is reserved; `again` starts once more, as after a kill."""
    scene = SimpleNamespace(service=Service(tmp_path, ACCOUNT, "token"))
    now = scene.service.clock.now()

    def furnish(engine):
        queue = engine.task_queues.create(now, friendly_name="All")
        routing = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
        workflow = engine.workflows.create(now, friendly_name="All", configuration=routing)
        idle = next(one for one in engine.state.activities.values() if one.available)
        engine.workers.create(now, friendly_name="Alice", activity_sid=idle.sid)
        attributes = json.dumps({"call_sid": CALL})
        task = engine.tasks.create(now, workflow_sid=workflow.sid, attributes=attributes, task_channel="voice")
        return engine.workspace.sid, workflow.sid, task.sid, next(iter(engine.state.reservations))

    scene.workspace, scene.workflow, scene.task, scene.reservation = scene.service.workspaces.create(
        now, furnish, friendly_name="One"
    )

    def again(*orders) -> None:
        scene.service.telephony.voice_store.write(VoiceEffects(task_commands=list(orders)), [], now)
        scene.service.store.close()
        scene.service = Service(tmp_path, ACCOUNT, "token")

    def statuses() -> tuple[str, str]:
        async def work() -> None:
            scene.service.telephony.wake()
            while scene.service.telephony.voice_store.read().orders:
                await asyncio.sleep(0)

        asyncio.run(asyncio.wait_for(work(), patience(20)))
        state = scene.service.workspaces.engines[scene.workspace].state
        return state.tasks[scene.task].assignment_status, state.reservations[scene.reservation].reservation_status

    scene.again, scene.statuses = again, statuses
    yield scene
    scene.service.store.close()


def create(scene: SimpleNamespace) -> CreateVoiceTask:
    return CreateVoiceTask("CM1", CALL, scene.workflow, "{}", 0, 60)


def test_the_task_was_made_and_nobody_told_the_call(scene):
    scene.again(create(scene))
    assert scene.statuses() == ("canceled", "canceled")


def test_what_is_ordered_instead_survives_another_kill(scene):
    scene.again(create(scene))
    scene.again()
    assert scene.statuses() == ("canceled", "canceled")


@pytest.mark.parametrize("carried_out", [True, False])
def test_the_reservation_was_about_to_be_accepted(scene, carried_out: bool):
    connect = Connect("CM1", scene.reservation)
    if carried_out:
        scene.service.telephony.orders.carry_out(scene.service.clock.now(), connect)
    scene.again(connect)
    assert scene.statuses() == (("wrapping", "wrapping") if carried_out else ("reserved", "pending"))


def test_an_order_whose_outcome_cannot_be_kept_now_is_not_carried_out_again(scene, tmp_path, monkeypatch):
    telephony = scene.service.telephony
    state = scene.service.workspaces.engines[scene.workspace].state
    write, left = telephony.voice_store.write, [3]

    def failing(*arguments):
        if left[0]:
            left[0] -= 1
            raise NotKept("in use", tmp_path)
        return write(*arguments)

    async def work() -> None:
        telephony.voice_store.write(VoiceEffects(task_commands=[create(scene)]), [], scene.service.clock.now())
        telephony._steps.append(lambda: telephony._carry_out(create(scene)))
        monkeypatch.setattr(telephony.voice_store, "write", failing)
        telephony.wake()
        while telephony.voice_store.read().orders:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(work(), patience(30)))
    assert left == [0]
    assert len(state.tasks) == 2
