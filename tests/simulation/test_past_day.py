"""A day that has been is made of its events, and goes in a rehearsal as it went."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from twilio.rest import Client

from helpers.sandbox import LessonSandbox
from taskrouter_sandbox.simulation import Day, PastDay, RehearsalError, day_from_events, rehearse
from taskrouter_sandbox.simulation.columns import TaskRecords
from taskrouter_sandbox.simulation.day import read_day
from taskrouter_sandbox.simulation.draws import draw
from taskrouter_sandbox.simulation.run import DayRun
from taskrouter_sandbox.simulation.why import Telling
from taskrouter_sandbox.snapshot import Snapshot
from taskrouter_sandbox.webhooks.event_callback import event_form
from tests.simulation.days import one_queue, random_day, team
from tests.simulation.test_documentation import block
from tests.simulation.test_over_rest import OverRest

DATE = datetime.date(2026, 11, 27)
NINE = 1_795_770_000_000  # on that day, in UTC


def event(kind: str, seconds: float, task: str = "", **data: Any) -> dict[str, Any]:
    """An event as REST has it, in milliseconds since nine o'clock."""
    at = NINE + round(seconds * 1000)
    named = {"task_sid": task, "reservation_sid": f"WR{task}"} if task else {}
    return {
        "sid": f"EV{kind}{seconds}{task}{data.get('worker_name')}",
        "event_type": kind,
        "event_date_ms": at,
        "event_data": named | data,
    }


def created(task: str, seconds: float, **attributes: Any) -> dict[str, Any]:
    text = json.dumps({"language": "es", **attributes})
    about = {"task_attributes": text, "workflow_name": "Flow", "task_channel_unique_name": "default", "task_age": "0"}
    return event("task.created", seconds, task, **about)


def handled(
    task: str, came: float, after: float, talk: float, wrap_up: float = 0, **about: Any
) -> list[dict[str, Any]]:
    """A task that Alice has taken."""
    alice = {"worker_name": "Alice"}
    accepted, done = came + after, came + after + talk + wrap_up
    return [
        created(task, came, **about),
        event("reservation.created", came, task, **alice),
        event("reservation.accepted", accepted, task, **alice),
        *([event("task.wrapup", accepted + talk, task)] if wrap_up else []),
        event("task.completed", done, task, task_age=str(int(done - came))),
    ]


def moved(worker: str, seconds: float, before: str, activity: str) -> dict[str, Any]:
    about = {"worker_name": worker, "worker_previous_activity_name": before, "worker_activity_name": activity}
    return event("worker.activity.update", seconds, **about)


def read(*events: dict[str, Any], **settings: Any) -> PastDay:
    return day_from_events(list(events), team(), **settings)


def test_a_day_over_rest_is_read_and_goes_as_it_went(client: Client, sandbox: LessonSandbox) -> None:
    now = sandbox.clock.now()
    nine = (now + datetime.timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    sandbox.clock.advance(seconds=(nine - now).total_seconds())
    over_rest = OverRest(client, sandbox)
    went = over_rest.play()
    names: dict[str, Any] = {"client": client, "workspace_sid": over_rest.workspace.sid}
    text = block("python", "day_from_events").replace("2026-11-27", nine.date().isoformat())
    exec(compile(text, "docs/simulation.md", "exec"), names)
    past, rehearsal = names["past"], names["rehearsal"]
    assert len(rehearsal.tasks) == 5 * len(went)
    assert [each["name"] for each in past.day["classes"]] == ["language: es", "language: en"]
    assert json.loads(json.dumps(past.day)) == past.day
    tasks = sorted(rehearse(past.workspace, past.day, seed=0).tasks, key=lambda each: each.came)
    assert [(t.queues, t.worker, "completed" if t.answered else "canceled") for t in tasks] == went
    assert [t.came for t in tasks] == pytest.approx([32_400 + at for at in (0, 60, 120, 180, 300, 310, 430)], abs=9)


class Told(DayRun):
    """A day played by the engine, with every event that TaskRouter reports of it, as callbacks have them."""

    def __init__(self, workspace: Snapshot, day: Day) -> None:
        self.told: list[dict[str, str]] = []
        super().__init__(workspace, day, draw(day, 5, 0), Telling)

    def _forget(self) -> None:
        self.told += [event_form("AC" + "0" * 32, each) for each in self.engine.drain().events]

    def _offer(self, now: int) -> None:
        super()._offer(now)
        self._forget()


@pytest.mark.parametrize("escalates_after", [5, 87])
@pytest.mark.parametrize("workspace", ["team", "one queue"])
def test_random_days_go_as_their_events_tell(workspace: str, escalates_after: int) -> None:
    """Also with shifts and breaks, and workers who end a call in their break; but for milliseconds between events."""
    given = team(escalates_after) if workspace == "team" else one_queue(3)
    shifts = [
        {"worker": each.friendly_name, "from": start, "to": end}
        for each, pause in zip(given.workers, (10, 25, 31), strict=False)
        for start, end in (("08:50", f"09:{pause}"), (f"09:{pause + 7}", "09:55"))
    ]
    day = read_day(random_day(answers={}, shifts=shifts))
    played = Told(given, day)
    went = sorted(TaskRecords(played.play()), key=lambda task: task.came)
    past = day_from_events(played.told, given)
    again = sorted(rehearse(given, past.day, seed=1).tasks, key=lambda task: task.came)
    assert len(went) > 50
    assert len({task.how for task in went}) > 1
    told = [(task.worker, task.how, task.queues) for task in went]
    assert [(task.worker, task.how, task.queues) for task in again] == told
    assert [task.wait for task in again] == pytest.approx([task.wait for task in went], abs=0.1)


def test_what_is_measured_of_each_task_and_class() -> None:
    gone = [created("c", 100), event("task.canceled", 130, "c", task_canceled_reason="hung up")]
    own = [
        created("d", 200),
        event("task.canceled", 394, "d", task_canceled_reason="Task canceled on Workflow timeout"),
    ]
    calls = [*handled("a", 0, 5, 60), *handled("b", 90, 10, 120, 30, caller="+15005550006")]
    past = read(*calls, *gone, *own, moved("Alice", -60, "Offline", "Idle"), moved("Bob", -60, "Offline", "Idle"))
    (kind,) = past.day["classes"]
    assert (kind["name"], kind["attributes"], kind["workflow"]) == ("language: es", {"language": "es"}, "Flow")
    assert kind["talk"] == [60, 120]
    assert kind["wrap_up"] == [0, 30]
    # 5 + 10 + 30 + 194 seconds were waited for one who hung up
    assert kind["patience"] == {"distribution": "exponential", "mean": 239}
    assert kind["recorded"] == [
        {"at": "09:00", "talk": 60, "wrap_up": 0, "waited": 5},
        {"at": "09:01:30", "talk": 120, "wrap_up": 30, "waited": 10},
        {"at": "09:01:40", "patience": 30},
        {"at": "09:03:20", "waited": 194},
    ]
    assert past.day["answers"] == {"reject": 0, "let_time_out": 0, "after": [5, 10]}
    assert past.day["date"] == "2026-11-27"
    assert "Tasks that TaskRouter canceled, so that it is not known how patient they were: 1" in past.notes
    assert repr(past).splitlines() == [
        "<PastDay: 4 tasks on 2026-11-27, of the classes language: es>",
        *past.notes,
    ]
    tasks = rehearse(past.workspace, past.day, seed=3).tasks
    assert tasks[0].answered == pytest.approx(32_400 + 5, abs=6)


def test_answers_are_measured_but_for_who_leaves() -> None:
    alice, bob = {"worker_name": "Alice"}, {"worker_name": "Bob"}
    past = read(
        *handled("a", 0, 5, 60),
        *handled("b", 100, 15, 60),
        *(created(task, 200) for task in "cdef"),
        event("reservation.created", 200, "c", **alice),
        event("reservation.rejected", 208, "c", **alice),
        event("reservation.created", 300, "d", **bob),
        event("reservation.timeout", 420, "d", **bob),
        event("reservation.created", 500, "e", **alice),
        event("reservation.rejected", 590, "e", **alice),
        moved("Alice", 590.001, "Idle", "Offline"),
        event("reservation.created", 600, "f", **bob),
        event("reservation.canceled", 601, "f", **bob),
    )
    assert past.day["answers"] == {"reject": 0.25, "let_time_out": 0.25, "after": [5, 8, 15]}


def test_shifts_are_read_of_changes_of_activity() -> None:
    past = read(
        *handled("a", 60, 5, 60),
        moved("Alice", 0, "Offline", "Idle"),
        moved("Alice", 65, "Idle", "Busy"),  # for the task
        moved("Alice", 126, "Busy", "Idle"),
        moved("Alice", 600, "Idle", "Break"),
        moved("Alice", 900, "Break", "Idle"),
        moved("Alice", 3600, "Idle", "Offline"),
        event("reservation.timeout", 200, "z", worker_name="Bob"),
        moved("Bob", 200.1, "Idle", "Offline"),  # by the timeout: his shift goes on
        moved("Bob", 230, "Offline", "Idle"),
        moved("Carla", 0, "Offline", "Idle"),
        event("task-queue.entered", 199, "z", task_age="90000"),
    )
    assert past.day["shifts"] == [
        {"worker": "Alice", "from": "09:00", "to": "09:10", "activity": "Idle"},
        {"worker": "Alice", "from": "09:10", "to": "09:15", "activity": "Break"},
        {"worker": "Alice", "from": "09:15", "to": "10:00", "activity": "Idle"},
        {"worker": "Bob", "from": "00:00", "to": "24:00", "activity": "Idle"},
    ]
    assert past.day["off_duty"] == "Offline"
    assert any(each.startswith("Carla: no longer in the workspace") for each in past.notes)
    assert "Tasks that were there from the day before, and are left out: 1" in past.notes


def test_a_day_whose_beginning_is_missing_is_refused_in_a_sentence() -> None:
    whole = handled("a", 0, 5, 4000) + handled("b", 4100, 5, 60)
    late = [each for each in whole if each["event_date_ms"] > NINE + 3_600_000]
    with pytest.raises(RehearsalError, match=r"^events: 1 of 2 tasks have no task.created; .* at about 09:00,.*10:06"):
        read(*late)
    past = read(*late, missing="leave out")
    assert [each["at"] for each in past.day["classes"][0]["recorded"]] == ["10:08:20"]
    assert any("left out" in each for each in past.notes)


def test_gaps_are_told() -> None:
    unaccepted = [each for each in handled("a", 0, 5, 60) if each["event_type"] != "reservation.accepted"]
    past = read(*unaccepted, *handled("b", 100, 5, 9000), created("c", 200))
    said = "\n".join(past.notes)
    untold = (
        "no event tells who accepted them, though they were worked on: 1; there is a gap in the events, before 09:01:05"
    )
    assert untold in said
    assert "Nothing is told between 09:03:20 and 11:31:45" in said
    assert "Tasks that had not ended by 11:31:45, where the events end: 1" in said
    assert "Bob: nothing is told of that day" in said


def test_an_attribute_that_no_task_has_is_said() -> None:
    past = read(*handled("a", 0, 5, 60), by=["language", "langauge"])
    assert "by: no task of that day has an attribute langauge" in past.notes
    assert not any("attribute language" in each for each in past.notes)


def test_what_is_no_text_says_nothing() -> None:
    events = handled("a", 0, 5, 60)
    odd = [{**each, "event_data": each["event_data"] | {"task_priority": None, "workflow_name": []}} for each in events]
    plain = [
        {**each, "event_data": {key: value for key, value in each["event_data"].items() if key != "workflow_name"}}
        for each in events
    ]
    assert read(*odd).day == read(*plain).day


def test_callbacks_are_read_as_well_and_an_event_counts_once() -> None:
    names = {"task_sid": "TaskSid", "worker_name": "WorkerName", "reservation_sid": "ReservationSid"}
    names |= {"task_attributes": "TaskAttributes", "workflow_name": "WorkflowName", "task_age": "TaskAge"}
    names |= {"task_channel_unique_name": "TaskChannelUniqueName"}
    events = handled("a", 0, 5, 60)
    forms = [
        {names[key]: value for key, value in each["event_data"].items()}
        | {"EventType": each["event_type"], "Sid": each["sid"]}
        | {"Timestamp": str(each["event_date_ms"] // 1000), "TimestampMs": str(each["event_date_ms"])}
        for each in events
    ]
    assert read(*forms, *forms).day == read(*events).day


MISTAKES = [
    ([], {}, "events: there is none"),
    ("events.json", {}, "events is str"),
    ([{"event_type": "task.created"}], {}, "is no event of TaskRouter"),
    ([object()], {}, "is no event of TaskRouter"),
    ([{**created("a", 0), "event_date_ms": 10**15}], {}, "is no event of TaskRouter"),
    ([{**created("a", 0), "event_date_ms": -1}], {}, "is no event of TaskRouter"),
    ([{**created("a", 0), "event_date_ms": float("inf")}], {}, "is no event of TaskRouter"),
    ([event("task.created", 0, "a", task_priority="high")], {}, "the priority of a task reads 'high'"),
    ([created("a", 0)], {}, "no task was accepted and completed, .*; read another day"),
    ([created("a", 0)], {"by": "language"}, "by is 'language': give names of attributes, as a list"),
    ([created("a", 0)], {"by": 5}, "by is 5: give names of attributes"),
    ([event("worker.created", 0)], {}, "no task was created that day"),
    ([created("a", 0), created("b", 86_400)], {}, r"date: tasks came on several days, 2026-11-27 \(1\), 2026-11-28"),
    ([created("a", 0)], {"date": "yesterday"}, "date is 'yesterday'"),
    ([created("a", 0)], {"missing": "no"}, "missing is 'no'"),
    ([*handled("a", 0, 1, 1), event("task.created", 5, "b", task_attributes="REDACTED")], {}, "redacts them after 30"),
    (
        [each for i in range(201) for each in handled(str(i), i, 1, 1, caller=i)],
        {"by": ["caller"]},
        "by: these tasks are of 201 classes, by caller; name fewer",
    ),
]


@pytest.mark.parametrize(("events", "settings", "what"), MISTAKES, ids=[what[:30] for _, _, what in MISTAKES])
def test_what_cannot_be_read_is_refused(events: Any, settings: Any, what: str) -> None:
    with pytest.raises(RehearsalError, match=what):
        day_from_events(events, team(), **settings)


def test_with_a_client_the_workspace_and_the_date_are_named(client: Client) -> None:
    with pytest.raises(RehearsalError, match="give the SID of the workspace"):
        day_from_events(client, team(), date=DATE)
    with pytest.raises(RehearsalError, match="say which day"):
        day_from_events(client, "WS" + "0" * 32)
