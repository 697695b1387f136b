"""The counters of a simulation, against the full record of the same commands."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.entities import Event
from taskrouter_sandbox.engine.model.limits import WorkspaceLimits
from taskrouter_sandbox.engine.model.state import State
from taskrouter_sandbox.engine.reporting.counters import CountingObserver
from taskrouter_sandbox.engine.reporting.event_recorder import EventRecorder
from tests.engine.stage import START, routing
from tests.engine.stored import state_of

ACTIONS = (
    "task",
    "task",
    "task",
    "accept",
    "accept",
    "reject",
    "complete",
    "complete",
    "cancel",
    "delete",
    "pass",
    "idle",
)


class Both:
    """Tells two observers everything."""

    def __init__(self, *observers: Any) -> None:
        self.observers = observers

    def __getattr__(self, name: str) -> Any:
        def tell(*what: Any) -> None:
            for observer in self.observers:
                getattr(observer, name)(*what)

        return tell


def sids_by_letters() -> Any:
    """SIDs that are the same whether or not there are events."""
    numbers: Counter[str] = Counter()

    def new_sid(letters: str) -> str:
        numbers[letters] += 1
        return f"{letters}{numbers[letters]:032x}"

    return new_sid


def day(seed: int, **settings: Any) -> tuple[WorkspaceEngine, list[Event]]:
    """A random day of three workers and two queues, one after the other; its events, if there are any."""
    random, now = Random(seed), START
    engine = WorkspaceEngine.create(now, "AC" + "0" * 32, sids_by_letters(), friendly_name="W", **settings)
    state = engine.state
    (idle,) = [a.sid for a in state.activities.values() if a.available]
    first, second = (engine.task_queues.create(now, friendly_name=name) for name in ("First", "Second"))
    steps = [{"queue": first.sid, "timeout": 20}, {"queue": second.sid}]
    configuration = routing({"expression": "1==1", "targets": steps})
    engine.workflows.create(now, friendly_name="Flow", configuration=configuration, task_reservation_timeout=10)
    for number in range(3):
        engine.workers.create(now, friendly_name=f"Worker {number}", activity_sid=idle)
    for _ in range(200):
        reservations = list(state.reservations.values())
        pending = [r for r in reservations if r.reservation_status == "pending"]
        assigned = [t for t in state.tasks.values() if t.assignment_status == "assigned"]
        waiting = [t for t in state.tasks.values() if t.assignment_status == "pending"]
        match random.choice(ACTIONS):
            case "task":
                engine.tasks.create(now, timeout=random.choice((40, 86_400)))
            case "accept" if pending:
                engine.reservations.accept(now, random.choice(pending))
            case "reject" if pending:
                engine.reservations.reject(now, random.choice(pending))
            case "complete" if assigned:
                engine.tasks.update(now, random.choice(assigned), assignment_status="completed")
            case "cancel" if waiting:
                engine.tasks.update(now, random.choice(waiting), assignment_status="canceled")
            case "delete" if assigned and random.random() < 0.2:
                engine.tasks.delete(now, random.choice(assigned))
            case "idle":
                for worker in list(state.workers.values()):
                    engine.workers.update(now, worker, activity_sid=idle)
            case "pass":
                now += random.choice((500, 4_000, 15_000))
                engine.advance(now)
    return engine, engine.drain().events


@pytest.mark.parametrize("seed", range(20))
def test_counters_are_those_of_the_events(seed: int):
    counters = CountingObserver([5_000, 20_000])
    _, events = day(seed, observer=lambda state: Both(EventRecorder(state), counters))
    told = Counter((event.event_type, event.data.get("TaskQueueSid")) for event in events)
    ages: dict[tuple[str, str], list[int]] = {}
    for event in events:
        if event.queue_age is not None:
            ages.setdefault((event.event_type, event.data["TaskQueueSid"]), []).append(event.queue_age)
    assert counters.created == sum(event.event_type == "task.created" for event in events)
    assert counters.created > 30
    assert {"reservation.timeout", "reservation.rejected", "task.completed"} <= {event.event_type for event in events}
    for sid, counts in counters.queues.items():
        assert counts.entered == told["task-queue.entered", sid]
        assert counts.left == sum(e.event_type == "task-queue.moved" and e.queue_left == sid for e in events)
        assert counts.timed_out == told["task-queue.timeout", sid]
        assert counts.deleted == told["task.deleted", sid]
        made = counts.reservations
        assert made.pop("pending") == told["reservation.created", sid]
        assert made.pop("wrapping") == told["reservation.wrapup", sid]
        assert all(number == told[f"reservation.{status}", sid] for status, number in made.items())
        waits = ages.get(("reservation.accepted", sid), [])
        assert (counts.accepted, counts.waits, counts.longest_wait) == (len(waits), sum(waits), max(waits, default=0))
        lost = ages.get(("task.canceled", sid), [])
        assert (counts.canceled, counts.abandoned_waits) == (len(lost), sum(lost))
        assert counts.completed == told["task.completed", sid]
        for threshold in (5_000, 20_000):
            within, early = sum(w <= threshold for w in waits), sum(w <= threshold for w in lost)
            assert (counts.answered_within[threshold], counts.abandoned_within[threshold]) == (within, early)
            due = len(waits) + len(lost) - early
            assert counts.service_level(threshold) == (within / due if due else 1.0)


@pytest.mark.parametrize("seed", range(20))
def test_the_rules_do_the_same_whoever_listens(seed: int):
    def picture(state: State) -> list[str]:
        return [json.dumps(state_of(e)) for table in state.tables.values() for e in table.values()]

    counters = CountingObserver()
    recorded, events = day(seed)
    counted, none = day(seed, observer=lambda state: counters, keeps_changes=False)
    assert picture(recorded.state) == picture(counted.state)
    assert events
    assert none == []


def test_who_stores_nothing_is_told_of_no_change():
    engine, _ = day(0, keeps_changes=False)
    engine.tasks.create(START + 10_000_000)
    effects = engine.drain()
    assert (effects.changed, effects.deleted) == ({}, {})
    assert effects.events


def test_11_a_finished_task_can_be_dropped_at_once():
    """§11: it can be fetched for five minutes; a simulation fetches nothing."""
    for kept, left in ((300_000, 1), (0, 0)):
        engine, _ = day(0, limits=WorkspaceLimits(kept_after_end=kept))
        later = START + 1_000_000_000
        engine.advance(later)
        (idle,) = [a.sid for a in engine.state.activities.values() if a.available]
        engine.workers.create(later, friendly_name="Zoe", activity_sid=idle)
        task = engine.tasks.create(later)
        (reservation,) = task.open.values()
        engine.reservations.accept(later, reservation)
        engine.tasks.update(later + 1_000, task, assignment_status="completed")
        assert (task.assignment_status, reservation.reservation_status) == ("completed", "completed")
        assert len(engine.state.tasks) == len(engine.state.reservations) == left
        assert engine.drain().events[-1].event_type == "reservation.completed"
