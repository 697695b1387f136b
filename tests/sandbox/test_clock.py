"""Skipping time: what falls due happens in order, and the clock survives a restart."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpers import LessonError, sandbox, skip
from helpers.connection import account
from taskrouter_sandbox import defaults
from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.runtime.clock import LATEST
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.storage.store import Store
from tests.sandbox.conftest import SPANISH
from tests.waiting import patience


def test_a_reservation_times_out_without_waiting(cast, capsys):
    """behaviour.md §2.2: twenty minutes in no time; the events are dated as if somebody had waited."""
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    (reservation,) = task.reservations.list()
    skip(minutes=19)
    assert reservation.fetch().reservation_status == "pending"
    skip(minutes=1, seconds=1)
    assert "In the sandbox it is" in capsys.readouterr().out
    assert reservation.fetch().reservation_status == "timeout"
    assert cast.alice.fetch().activity_name == "Offline"
    assert task.fetch().age >= 20 * 60
    events = cast.workspace.events
    (made,) = events.list(event_type="reservation.created", minutes=60)
    (ended,) = events.list(event_type="reservation.timeout", minutes=60)
    assert abs(ended.event_date_ms - made.event_date_ms - 1_200_000) < 100


@pytest.mark.parametrize("status", ["completed", "canceled"])
def test_the_age_of_a_task_stands_when_it_has_ended(cast, status):
    """behaviour.md §2.1; while it is wrapping it goes on."""
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    if status == "completed":
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        task.reservations.list()[0].update(reservation_status="accepted")
        task.update(assignment_status="wrapping", reason="done")
    skip(minutes=1)
    ended = task.update(assignment_status=status, reason="done")
    lived = int((ended.date_updated - ended.date_created).total_seconds())
    assert 60 <= ended.age <= lived + 1
    skip(minutes=2)
    assert task.update(attributes="{}").age == ended.age
    (event,) = cast.workspace.events.list(task_sid=task.sid, event_type="task.updated")
    assert event.event_data["task_age"] == str(ended.age)


def test_a_task_lives_for_a_day_and_is_removed_five_minutes_later(cast):
    """behaviour.md §2.1."""
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    skip(hours=24, seconds=1)
    ended = task.fetch()
    assert (ended.assignment_status, ended.reason) == ("canceled", "Task TTL Exceeded")
    skip(minutes=5)
    assert cast.workspace.tasks.list() == []


def test_the_clock_stays_ahead_when_the_sandbox_is_started_again(cast):
    skip(hours=1)
    before = sandbox.find().clock.read()
    assert before["ahead"] == 3600
    sandbox.stop()
    again = sandbox.ensure().clock.read()
    assert again["ahead"] == 3600
    assert again["now"] >= before["now"]
    sandbox.reset()
    assert sandbox.find().clock.read()["ahead"] == 0


@pytest.mark.parametrize("length", [{}, {"minutes": -1}, {"seconds": 0}])
def test_time_goes_forward_only(sandbox, length):
    with pytest.raises(LessonError, match="forward only"):
        skip(**length)


@pytest.mark.parametrize(
    ("bare", "length", "words"),
    [
        ((2,), {}, "takes numbers"),
        ((), {"minutes": "2"}, "takes numbers"),
        ((), {"hours": 1e9}, "at most 31,622,400"),
        ((), {"seconds": 1e-9}, "at least 0.001"),
        ((), {"minutes": float("nan")}, "at least 0.001"),
        ((), {"minutes": float("inf")}, "at most 31,622,400"),
    ],
)
def test_what_is_no_time_is_refused_in_words(sandbox, bare, length, words):
    with pytest.raises(LessonError, match=words):
        skip(*bare, **length)


def test_time_ends_where_the_year_9999_begins(client):
    """What has skipped there already goes on; a skip beyond is refused in words, and nothing fails."""
    sandbox.stop()
    store = Store(defaults.data_folder() / "sandbox.sqlite3")
    store.keep_setting("clock_offset", LATEST - time.time_ns() // 1_000_000 - 3_600_000)
    store.close()
    skip(minutes=50)
    with pytest.raises(LessonError, match="Time ends where the year 9999 begins: POST /_sandbox/reset"):
        skip(minutes=20)
    workspace = client.taskrouter.v1.workspaces.create(friendly_name="Far")
    assert workspace.date_created.year == 9998
    assert workspace.statistics().fetch().realtime["total_workers"] == 0
    sandbox.reset()
    skip(minutes=20)


def test_live_twilio_cannot_be_skipped(sandbox, monkeypatch):
    live = account.Account("live", "AC" + "0" * 32, "token")
    monkeypatch.setattr(account, "current", lambda: live)
    with pytest.raises(LessonError, match="live Twilio"):
        skip(minutes=1)


async def until_mended(service: Service, sid: str) -> None:
    """Let the timers run until the workspace has come back and done what was due."""
    running = asyncio.create_task(service.run())
    try:
        while not all(t.assignment_status == "canceled" for t in service.workspaces.engines[sid].state.tasks.values()):
            await asyncio.sleep(0.02)
    finally:
        running.cancel()
        await service.close()


def test_one_broken_workspace_stops_no_other(tmp_path):
    """Where the timers of one workspace fail, it goes back to what is stored, and the others have their turn."""
    service = Service(tmp_path, "AC" + "0" * 32, "token")
    now = service.clock.now()

    def with_a_task(engine: WorkspaceEngine) -> WorkspaceEngine:
        queue = engine.task_queues.create(now, friendly_name="Q")
        engine.tasks.create(now, task_queue_sid=queue.sid, timeout=10)
        return engine

    broken, sound = [service.workspaces.create(now, with_a_task, friendly_name=name) for name in ("A", "B")]
    sid = broken.workspace.sid
    broken.state.task_queues.clear()
    with pytest.raises(KeyError):
        service.advance(11_000)
    assert [task.assignment_status for task in sound.state.tasks.values()] == ["canceled"]
    assert service.workspaces.engines[sid] is not broken
    service.workspaces.engines[sid].state.task_queues.clear()
    with ThreadPoolExecutor() as thread:  # this one may have an event loop already: that of the browser
        thread.submit(asyncio.run, asyncio.wait_for(until_mended(service, sid), patience(30))).result()
    assert [task.assignment_status for task in service.workspaces.engines[sid].state.tasks.values()] == ["canceled"]
