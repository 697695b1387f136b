"""What is kept, for how long and how much of it: the sweeper, driven by the sandbox's clock."""

from __future__ import annotations

import asyncio

import pytest

from helpers import skip
from taskrouter_sandbox.engine.model.effects import Alert, Effects
from taskrouter_sandbox.engine.model.entities import Event, Workspace
from taskrouter_sandbox.explanation.facts import Decision
from taskrouter_sandbox.runtime.limits import ServiceLimits
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.storage import decisions
from taskrouter_sandbox.storage.events import EventQuery
from taskrouter_sandbox.storage.retention import DAY, Retention
from taskrouter_sandbox.webhooks.delivery import Delivery, Outcome
from tests.sandbox.conftest import SPANISH, TOKEN
from tests.waiting import patience


def test_events_stay_for_thirty_days_and_a_day_redacted(cast):
    """rest-contract.md §12: thirty days; §4.3: the attributes of what is older come redacted."""
    workspace = cast.workspace
    task = workspace.tasks.create(attributes=SPANISH)
    (created,) = workspace.events.list(event_type="task.created", task_sid=task.sid)
    everything = {"minutes": 60 * 24 * 60}
    skip(hours=30 * 24 - 1)
    assert created.sid in [event.sid for event in workspace.events.list(**everything)]
    assert workspace.cumulative_statistics().fetch(minutes=43_200).tasks_created == 1
    skip(hours=2)
    assert created.fetch().event_data["task_attributes"] == "REDACTED"
    skip(hours=48)
    assert workspace.events.list(**everything) == []
    assert workspace.fetch().friendly_name == "Test"


@pytest.fixture
def small(tmp_path):
    """A sandbox that keeps three of a kind and sweeps every second of its clock."""
    limits = ServiceLimits(sweep_seconds=1, retention=Retention(days=2, events=5, alerts=3, deliveries=3, decisions=3))
    service = Service(tmp_path, "AC" + "0" * 32, TOKEN, limits)
    service.store.write("WS1", Effects(changed={"WS1": Workspace("WS1", 0, 0, friendly_name="One")}), [], 0)
    yield service
    service.store.close()


def counts(service: Service) -> dict[str, int]:
    tables = ("event", "counted_event", "activity_interval", "decision", "alert", "delivery")
    return {table: service.store.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def write(service: Service, number: int, at: int) -> None:
    """An event with its record, a stay, an alert, a decision and a delivery that has ended."""
    task = {"TaskSid": "WT1", "TaskQueueSid": "WQ1"}
    moved = {"WorkerSid": "WK1", "WorkerActivitySid": "WA1"}
    events = [
        Event(f"EVa{number}", at, at, "task.created", "", "task", "WT1", task, 0, 0),
        Event(
            f"EVb{number}", at, at, "worker.activity.update", "", "worker", "WK1", moved, activity_interval=(at - 5, at)
        ),
    ]
    decided = [Decision("WT1", at, {"number": number}, 0)]
    effects = Effects(events=events, alerts=[Alert(11200, "error", "text", "WS1")], decisions=decided)
    delivery = Delivery(kind="event", workspace_sid="WS1", subject_sid="EV", url="http://here", parameters={})
    service.store.write("WS1", effects, [delivery], at)
    delivery.outcome = Outcome("done", "reported")
    service.store.finish_delivery(delivery)


def test_what_is_older_goes_and_what_is_not_stays(small):
    now = small.clock.now()
    for number, age in enumerate((3 * DAY, 2 * DAY + 1000, DAY, 0)):
        write(small, number, now - age)
    small.tick()
    kept = {"event": 4, "counted_event": 2, "activity_interval": 2, "decision": 2, "alert": 3, "delivery": 3}
    assert counts(small) == kept
    small.clock.offset += 3 * DAY
    small.tick()
    gone = dict.fromkeys(("event", "counted_event", "activity_interval", "decision"), 0)
    assert counts(small) == kept | gone


def test_the_newest_stay_of_what_is_too_much(small):
    for number in range(10):
        write(small, number, small.clock.now() + number)
    small.clock.offset += 1000
    small.tick()
    assert {name: counts(small)[name] for name in ("event", "decision", "alert", "delivery")} == {
        "event": 5,
        "decision": 3,
        "alert": 3,
        "delivery": 3,
    }
    assert [delivery.number for delivery in small.store.deliveries()] == [10, 9, 8]
    decided, left_out = decisions.of_task(small.store.db, "WT1", 2)
    assert ([one.attributes["number"] for one in decided], left_out) == ([7, 8, 9], 0)
    decided, left_out = decisions.of_task(small.store.db, "WT1", 1)
    assert ([one.attributes["number"] for one in decided], left_out) == ([7, 9], 1)


def test_what_is_under_way_is_not_forgotten(small):
    delivery = Delivery(kind="event", workspace_sid="WS1", subject_sid="EV", url="http://here", parameters={})
    small.store.keep_deliveries([delivery], 0)
    for number in range(10):
        write(small, number, small.clock.now() + number)
    small.clock.offset += 1000
    small.tick()
    assert [open_.number for open_ in small.store.open_deliveries()] == [delivery.number]


def pages(service: Service) -> int:
    return service.store.db.execute("PRAGMA page_count").fetchone()[0]


def fill(service: Service, size: int) -> int:
    """Make a workspace and so many events in it: how many pages there were before."""
    before, now = pages(service), service.clock.now()
    sid = service.workspaces.create(now, lambda engine: engine.workspace.sid, friendly_name="W")
    data = {"TaskAttributes": "x" * 1000}
    events = [Event(f"EV{n}", now, now, "task.created", "", "task", "", data) for n in range(size)]
    service.store.write(sid, Effects(events=events), [], now)
    assert pages(service) > before + size // 5
    return before


def test_a_reset_gives_the_room_back(tmp_path):
    service = Service(tmp_path, "AC" + "0" * 32, TOKEN)
    before = fill(service, 2000)
    service.reset()
    assert pages(service) <= before + 2
    service.store.close()


def test_the_history_of_a_workspace_goes_with_it(tmp_path):
    """Nobody can ask for it any more. What others have stays."""
    service = Service(tmp_path, "AC" + "0" * 32, TOKEN, ServiceLimits(sweep_seconds=1))
    write(service, 1, service.clock.now())
    other = service.workspaces.create(service.clock.now(), lambda engine: engine.workspace.sid, friendly_name="Other")
    before = fill(service, 2000)
    (sid,) = [sid for sid in service.workspaces.engines if sid != other]
    now = service.clock.now()
    service.workspaces.apply(sid, now, lambda engine: engine.delete(now))
    service.clock.offset += 1000
    service.tick()
    assert counts(service)["event"] == len(service.store.events(EventQuery(workspace_sid=other)).all()) > 0
    assert counts(service)["counted_event"] == 0
    assert pages(service) <= before + 2
    service.store.close()


def test_the_timer_sweeps_by_itself(small):
    """Nothing else is due: the sweep alone wakes the sandbox."""
    write(small, 1, small.clock.now() - 3 * DAY)

    async def run() -> None:
        running = asyncio.create_task(small.run())
        while counts(small)["event"]:
            await asyncio.sleep(0.01)
        write(small, 2, small.clock.now() - 3 * DAY)  # the next sweep is a second away
        while counts(small)["event"]:
            await asyncio.sleep(0.01)
        running.cancel()
        await small.dispatcher.close()

    asyncio.run(asyncio.wait_for(run(), patience(30)))
    assert counts(small)["counted_event"] == 0
