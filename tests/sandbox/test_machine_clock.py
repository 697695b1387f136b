"""The machine's own clock is set back, or jumps: the sandbox's time goes on, also after a restart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.entities import Reservation
from taskrouter_sandbox.runtime.assignment_webhooks import pause
from taskrouter_sandbox.runtime.clock import Clock
from taskrouter_sandbox.runtime.limits import ServiceLimits
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.storage.events import EventQuery
from taskrouter_sandbox.testing.threaded_server import served
from tests.waiting import patience

AUTH = "AC" + "0" * 32, "token"
BACK = [30, 3600, 40 * 86_400]


class Machine:
    """The two clocks of a machine, moved by hand; in seconds."""

    def __init__(self) -> None:
        self.wall, self.monotonic = 1_767_225_600.0, 1000.0

    def pass_time(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def set_clock(self, by: float) -> None:
        self.wall += by

    def clock(self) -> Clock:
        return Clock(wall=lambda: round(self.wall * 1e9), monotonic=lambda: round(self.monotonic * 1e9))


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def service(tmp_path: Path, machine: Machine) -> Iterator[Service]:
    service = Service(tmp_path, *AUTH, clock=machine.clock())
    yield service
    service.store.close()


def reserved(service: Service) -> str:
    """A workspace in which Alice is asked about a task, for 120 seconds: its SID."""
    now = service.clock.now()

    def begin(engine: WorkspaceEngine) -> str:
        queue = engine.task_queues.create(now, friendly_name="Q")
        routing = {"task_routing": {"default_filter": {"queue": queue.sid}}}
        engine.workflows.create(now, friendly_name="F", configuration=json.dumps(routing))
        idle = next(each for each in engine.state.activities.values() if each.available)
        engine.workers.create(now, friendly_name="Alice", attributes="{}", activity_sid=idle.sid)
        engine.tasks.create(now, attributes="{}")
        return engine.workspace.sid

    return service.workspaces.create(now, begin, friendly_name="W")


def reservations(service: Service, sid: str) -> list[Reservation]:
    return list(service.workspaces.engines[sid].state.reservations.values())


@pytest.mark.parametrize("back", BACK)
def test_timers_go_on_when_the_clock_is_set_back(service, machine, back):
    sid, before = reserved(service), service.clock.now()
    machine.set_clock(-back)
    machine.pass_time(119)
    service.tick()
    assert [each.reservation_status for each in reservations(service, sid)] == ["pending"]
    machine.pass_time(1)
    service.tick()
    (ended,) = reservations(service, sid)
    assert ended.reservation_status == "timeout"
    assert ended.date_updated == before + 120_000
    assert service.clock.now() == before + 120_000
    assert service.clock.ahead() == back * 1000
    machine.set_clock(back)
    assert service.clock.now() == before + 120_000
    assert service.clock.ahead() == 0


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
@pytest.mark.parametrize("back", BACK)
def test_no_time_is_before_what_has_happened_already(tmp_path, machine, back, killed):
    first = Service(tmp_path, *AUTH, clock=machine.clock())
    sid, before = reserved(first), first.clock.now()
    first.store.db.close() if killed else first.store.close()
    machine.set_clock(-back)
    machine.pass_time(4)
    second = Service(tmp_path, *AUTH, clock=machine.clock())
    assert 0 <= second.clock.now() - before < 1000
    assert second.clock.ahead() / 1000 == pytest.approx(back - 4, abs=1)
    (task,) = second.workspaces.engines[sid].state.tasks.values()
    assert task.date_created <= second.clock.now()
    machine.pass_time(120)
    second.tick()
    assert [each.reservation_status for each in reservations(second, sid)] == ["timeout"]
    second.store.close()


def test_the_callback_of_the_next_reservation_waits_no_longer(service, machine):
    sid = reserved(service)
    now = service.clock.now()

    def reject(engine: WorkspaceEngine) -> None:
        engine.reservations.cancel(now, engine.state.reservations[reservations(service, sid)[0].sid])

    service.workspaces.apply(sid, now, reject)
    machine.set_clock(-3600)
    engine = service.workspaces.engines[sid]
    (task,) = engine.state.tasks.values()
    newest = reservations(service, sid)[-1]
    assert newest.reservation_status == "pending"
    assert pause(task, newest, service.clock.now(), 0.5) == 0.5
    machine.pass_time(0.4)
    assert pause(task, newest, service.clock.now(), 0.5) == pytest.approx(0.1)


def test_the_control_plane_tells_and_moves_it(service, machine):
    with served(service) as address:

        def ask(method: str, path: str) -> dict:
            return requests.request(method, address + path, auth=AUTH, timeout=patience(10)).json()

        before = ask("GET", "/_sandbox/clock")
        machine.set_clock(-3600)
        machine.pass_time(1)
        assert ask("GET", "/_sandbox/clock") == {"now": before["now"] + 1000, "ahead": 3600}
        assert ask("POST", "/_sandbox/clock?advance=60") == {"now": before["now"] + 61_000, "ahead": 3660}
        assert ask("GET", "/_sandbox/health")["now"] == before["now"] + 61_000
        ask("POST", "/_sandbox/reset")
        assert ask("GET", "/_sandbox/clock") == {"now": before["now"] - 3_599_000, "ahead": 0}


def test_a_machine_that_has_slept_fires_what_was_due_without_being_asked(tmp_path, machine):
    """While it sleeps, its monotonic clock stands, and so does whoever waits by it."""
    service = Service(tmp_path, *AUTH, ServiceLimits(watch_seconds=0.01), machine.clock())
    sid = reserved(service)

    async def run() -> None:
        running = asyncio.create_task(service.run())
        await asyncio.sleep(0)
        machine.set_clock(8 * 3600)
        while reservations(service, sid)[0].reservation_status != "timeout":
            await asyncio.sleep(0.01)
        running.cancel()
        await service.close()

    asyncio.run(asyncio.wait_for(run(), patience(30)))


@pytest.mark.parametrize("asked", [False, True], ids=["by itself", "as somebody asks"])
def test_calls_and_tasks_that_were_due_meanwhile_come_in_their_order(service, machine, asked):
    """Somebody is called, is queued after five seconds, and hangs up a minute after the call has begun."""
    sid, before = reserved(service), service.clock.now()
    engine = service.workspaces.engines[sid]
    (workflow,) = engine.state.workflows.values()
    twiml = f"<Response><Pause length='5'/><Enqueue workflowSid='{workflow.sid}'/></Response>"

    async def sleep() -> None:
        make = service.telephony.engine.calls.create
        service.telephony.apply(
            before,
            lambda voice: make(before, from_address="+15005550006", to="+15005550100", twiml=twiml, time_limit=60),
        )
        running = asyncio.create_task(service.run())
        await asyncio.sleep(0)
        machine.set_clock(3600)
        assert service.now() == before + 3_600_000 if asked else service.tick() is None
        running.cancel()

    asyncio.run(sleep())
    at = {
        kind: [
            one.date_created - before
            for one in service.store.events(EventQuery(workspace_sid=sid, event_type=kind)).all()
        ]
        for kind in ("task.created", "task.canceled", "reservation.timeout")
    }
    rung, between = 2000, pytest.approx  # an event is at least a millisecond after the one before it
    assert at["task.created"] == [between(rung + 5000, abs=20), between(0, abs=20)]  # the newest first
    assert at["task.canceled"] == [between(rung + 60_000, abs=20)]
    assert at["reservation.timeout"][-1] == between(120_000, abs=20)
    assert service.clock.now() == before + 3_600_000
    assert service.telephony.engine.state.live == {}


def test_two_readings_that_are_apart_do_not_put_it_ahead(machine):
    """Whoever is interrupted between reading the one clock and the other reads a smaller difference, never a larger."""
    times = iter(range(0, 10**12, 40_000_000))  # 40 ms from each reading to the next

    def read() -> int:
        return 10**18 + next(times)

    clock = Clock(wall=read, monotonic=lambda: read() - 10**18)
    told = [clock.now() for _ in range(50)]
    assert told == sorted(told)
    assert clock.now() <= (10**18 + next(times)) // 1_000_000
    assert clock.ahead() == 0
