"""What a rehearsal answers beside its summary: how sure it is, who was idle, what targets did, and why."""

from __future__ import annotations

import json
import math
import statistics
from functools import partial
from typing import Any

import numpy as np
import pytest

from taskrouter_sandbox.simulation import RehearsalError, compare, rehearse
from taskrouter_sandbox.simulation.estimates import Measured
from taskrouter_sandbox.simulation.student import quantile
from taskrouter_sandbox.snapshot.format import WorkerChannelPart
from tests.simulation.days import calls, notes, one_queue, random_day, team

SHIFTS = [
    {"worker": "Alice", "from": "09:00", "to": "09:40"},
    {"worker": "Alice", "from": "09:40", "to": "09:50", "activity": "Break"},
    {"worker": "Alice", "from": "09:50", "to": "10:20"},
    {"worker": "Bob", "from": "09:10", "to": "10:00"},
]


@pytest.mark.parametrize(
    ("level", "freedom", "table"),
    [(0.95, 1, 12.706), (0.95, 2, 4.303), (0.9, 3, 2.353), (0.99, 19, 2.861), (0.999, 4, 8.610), (0.95, 1000, 1.962)],
)
def test_t_is_that_of_the_tables(level: float, freedom: int, table: float) -> None:
    assert quantile(level, freedom) == pytest.approx(table, abs=5e-4)


def test_estimates_of_one_replication_are_its_summary() -> None:
    rehearsal = rehearse(team(), random_day(shifts=SHIFTS), seed=3)
    found = {(r.class_name, r.start, r.end, r.measure): r.mean for r in rehearsal.estimates(within=15, interval=900)}
    rows = rehearsal.summary(within=15, interval=900)
    assert len(rows) > 12
    expected = {
        (row.class_name, row.start, row.end, measure): pytest.approx(getattr(row, measure), abs=1e-5)
        for row in rows
        for measure in dict.fromkeys(each[3] for each in found)
        if getattr(row, measure) is not None and (row.tasks or row.occupancy is not None)
    }
    assert found == expected
    assert all((r.low, r.high, r.replications) == (None, None, 1) for r in rehearsal.estimates())


def test_many_tasks_are_measured_in_parts() -> None:
    rehearsal = rehearse(team(), random_day(shifts=SHIFTS), seed=3, replications=5)
    about = rehearsal.columns, rehearsal.finished, rehearsal.duty, 20, 1800
    whole, parts = (Measured.of(*about, at_once=count) for count in (10_000, 150))
    for name, values in whole.values.items():
        np.testing.assert_array_equal(values, parts.values[name])


def test_estimates_are_over_replications() -> None:
    rehearsal = rehearse(team(), random_day(shifts=SHIFTS), seed=3, replications=6)
    row = next(r for r in rehearsal.estimates(level=0.9) if (r.class_name, r.measure) == ("Spanish", "mean_wait"))
    answered = [t for t in rehearsal.tasks if t.answered is not None and t.class_name == "Spanish"]
    waits = [statistics.fmean(t.wait for t in answered if t.replication == i) for i in range(6)]
    half = 2.015 * statistics.stdev(waits) / math.sqrt(6)
    assert (row.mean, row.replications) == (pytest.approx(statistics.fmean(waits)), 6)
    assert (row.low, row.high) == (pytest.approx(row.mean - half, rel=1e-4), pytest.approx(row.mean + half, rel=1e-4))


def test_who_was_idle() -> None:
    recorded = [{"at": "09:00", "talk": 600}, {"at": "09:05", "talk": 1500}, {"at": "09:39", "talk": 120}]
    day = {"classes": [calls(recorded=recorded)], "shifts": SHIFTS}
    rows = rehearse(team(1000), day, seed=0).workers(interval=1800)
    told = [(r.worker, r.start / 3600, r.on_duty, r.busy, r.idle, r.offered, r.answered) for r in rows]
    assert told == [
        ("Alice", 0, 4200, 2160, 2040, 3, 3),  # of the last call, a minute is before her break
        ("Alice", 9, 1800, 1800, 0, 2, 2),
        ("Alice", 9.5, 1200, 360, 840, 1, 1),
        ("Alice", 10, 1200, 0, 1200, 0, 0),
        ("Bob", 0, 3000, 0, 3000, 0, 0),
        ("Bob", 9, 1200, 0, 1200, 0, 0),
        ("Bob", 9.5, 1800, 0, 1800, 0, 0),
    ]
    assert rows[0].occupancy == pytest.approx(2160 / 4200, abs=1e-6)


def test_time_at_work_is_counted_once_for_several_tasks_and_on_duty_alone() -> None:
    workspace = one_queue(1)
    workspace.workers[0].channels["default"] = WorkerChannelPart(capacity=3)
    recorded = [{"at": 0, "talk": 600}, {"at": 300, "talk": 600}, {"at": 2000, "talk": 4000}]
    shifts = [{"worker": "Worker 0", "from": 0, "to": 3000}]
    (row,) = rehearse(workspace, {"classes": [calls(recorded=recorded)], "shifts": shifts}, seed=0).workers()
    assert (row.on_duty, row.busy, row.answered) == (3000, 900 + 1000, 3)


def test_what_targets_did() -> None:
    long_call = {"at": 0, "talk": 1000}
    recorded = [long_call, long_call, {"at": 10}, {"at": 2000, "talk": 30}, {"at": 2001, "patience": 5}]
    recorded += [{"at": 2002, "talk": 500}]
    found = rehearse(team(), {"classes": [calls(recorded=recorded)]}, seed=0).targets(interval=1800)
    told = [
        (r.filter, r.target, r.queue, r.start, r.entered, r.answered, r.moved_on, r.timed_out, r.hung_up, r.mean_wait)
        for r in found
        if r.class_name is None
    ]
    assert told == [
        (0, 0, "Spanish", 0, 6, 3, 2, 0, 1, pytest.approx(28 / 3, abs=1e-6)),
        (0, 0, "Spanish", 0, 3, 1, 2, 0, 0, 0),
        (0, 0, "Spanish", 1800, 3, 2, 0, 0, 1, 14),
        (0, 1, "Everyone", 0, 2, 1, 0, 1, 0, 0),
        (0, 1, "Everyone", 0, 2, 1, 0, 1, 0, 0),
    ]
    assert {r.workflow for r in found} == {"Flow"}
    assert sum(r.class_name == "Spanish" for r in found) == len(told)


def test_every_task_leaves_each_target_in_one_way() -> None:
    rehearsal = rehearse(team(20), random_day(), seed=2, replications=3)
    for row in rehearsal.targets(interval=600):
        assert row.entered == row.answered + row.moved_on + row.timed_out + row.hung_up + row.canceled
    whole = [r for r in rehearsal.targets() if r.class_name is None]
    assert sum(r.answered for r in whole) == sum(t.answered is not None for t in rehearsal.tasks)
    assert sum(r.hung_up for r in whole) == sum(t.how == "hung up" for t in rehearsal.tasks)


def test_why_a_task_went_where_it_went() -> None:
    day = {"classes": [calls(recorded=[{"at": "09:00", "talk": 1000}, {"at": "09:00:10"}, {"at": "09:20"}])]}
    rehearsal = rehearse(team(), day, seed=0)
    told = rehearsal.why(rehearsal.tasks[1])
    first, second = told.decisions
    assert first["match"] is not None
    verdicts = {one["name"]: [each["kind"] for each in one["reasons"]] for one in first["match"]["workers"]}
    assert verdicts == {"Alice": ["not-available", "held"], "Bob": ["not-in-queue"]}
    assert second["step"] is not None
    assert (second["step"]["why"], second["step"]["target"]) == ("timeout", 1)
    assert second["match"] is not None
    assert second["match"]["chosen"] == ["Bob"]
    lines = repr(told).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["09:00:10", "09:01:37"]
    assert [d["match"]["chosen"] for d in rehearsal.why(0).decisions if d["match"]] == [["Alice"]]


def test_why_is_of_the_very_same_day() -> None:
    rehearsal = rehearse(team(20), random_day(), seed=9, replications=2)
    for task in rehearsal.tasks[-40::7]:
        told = rehearsal.why(task)
        entered = [each["at"] - told.begins for each in told.decisions if each["step"]]
        assert entered == [round(step.entered * 1000) for step in task.steps]
        chosen = [name for each in told.decisions if each["match"] for name in each["match"]["chosen"]]
        assert len(chosen) == task.reservations
        assert task.worker is None or chosen[-1] == task.worker
    other = rehearse(team(20), random_day(), seed=10).tasks[0]
    with pytest.raises(RehearsalError, match="task: Others number 0 is none of this rehearsal's tasks"):
        rehearsal.why(other)


def test_more_work_than_time_is_said_with_how_the_queue_grows() -> None:
    hour = {"from": "09:00", "to": "10:00", "per_hour": 60}
    day: dict[str, Any] = {"classes": [calls(arrivals=[hour], talk=120, wrap_up=30)]}
    (note,) = notes(rehearse(one_queue(2), day, seed=1))
    assert note == (
        "From 09:00 to 10:00 more comes than can be done: Spanish would keep 2.5 workers busy, and 2.0 are there for "
        "them; the queue grows by 12 tasks an hour"
    )
    patient = {"classes": [calls(arrivals=[hour], talk=120, wrap_up=30, patience=60)]}
    assert notes(rehearse(one_queue(2), patient, seed=1)) == [note + ", less those who hang up"]
    assert notes(rehearse(one_queue(3), day, seed=1)) == []
    shifts = [{"worker": f"Worker {i}", "from": "09:00", "to": "09:30"} for i in range(3)]
    said = rehearse(one_queue(3), {**day, "shifts": shifts}, seed=1)
    assert notes(said) == ["From 09:30 to 10:00 nobody is on duty who takes Spanish: 30 tasks come"]
    assert repr(said).splitlines()[1:] == said.notes


def test_who_takes_a_class_decides_whether_it_is_too_much() -> None:
    """Alice alone speaks Spanish; her callers go on to everybody, those in a workflow without a second step do not."""
    hour = {"from": "09:00", "to": "10:00", "per_hour": 45}
    day = {"classes": [calls(arrivals=[hour], talk=120)]}
    workspace = team()
    assert notes(rehearse(workspace, day, seed=1)) == []
    workspace.workflows[0].configuration["task_routing"]["filters"][0]["targets"].pop()
    (note,) = notes(rehearse(workspace, day, seed=1))
    assert "Spanish would keep 1.5 workers busy, and 1.0 are there" in note


NOBODY = "From 10:00 to 10:30 nobody is on duty who takes Spanish: 1 task comes"


def steps(*targets: dict[str, Any]) -> dict[str, Any]:
    """A workflow whose first filter has these targets, and whose second has nobody."""
    nobody = {"expression": "1 == 1", "targets": [{"queue": "All", "expression": "worker.sid == ''"}]}
    return {"filters": [{"expression": "1 == 1", "targets": [{"queue": "All", **each} for each in targets]}, nobody]}


@pytest.mark.parametrize(
    ("targets", "is_answered"),
    [
        ([{"expression": "taskrouter.currentHour > 8"}], True),  # not so when the day begins
        ([{"expression": "worker.activity_name == 'Available'"}], True),
        ([{"expression": "worker.activity_name == 'Offline'"}], False),
        ([{"expression": "worker.channel.default.assigned_tasks == 0"}], True),
        ([{"expression": "worker.level > 1", "timeout": 5}, {}], True),
        ([{"expression": "worker.level > 1"}, {}], False),  # nobody comes to the second
        ([{"expression": "worker.level > 1", "skip_if": "1 == 1"}, {}], True),
        ([{"known_worker_friendly_name": "task.agent"}], True),
        ([{"known_worker_friendly_name": "task.nobody"}], False),
    ],
)
def test_nobody_is_missed_where_somebody_could_take_it(targets: list[dict[str, Any]], is_answered: bool) -> None:
    workspace = one_queue(1, steps(*targets))
    workspace.workers[0].activity = "Offline"
    attributes = {"language": "es", "agent": "Worker 0"}
    day = {
        "classes": [calls(attributes=attributes, recorded=[{"at": "10:00"}], patience=20)],
        "shifts": [{"worker": "Worker 0", "from": "09:00", "to": "17:00"}],
    }
    rehearsal = rehearse(workspace, day, seed=1, engine="exact")
    assert [task.answered is not None for task in rehearsal.tasks] == [is_answered]
    assert notes(rehearsal) == ([] if is_answered else [NOBODY])


@pytest.mark.parametrize("settings", [{"capacity": 0}, {"capacity": 4, "available": False}])
def test_who_has_no_capacity_for_a_channel_takes_none_of_it(settings: dict[str, Any]) -> None:
    day = {"classes": [calls(recorded=[{"at": "10:00"}], patience=20)]}
    for workspace in (one_queue(1), team()):
        for worker in workspace.workers:
            worker.channels = {"default": WorkerChannelPart(**settings), "voice": WorkerChannelPart(9)}
        assert notes(rehearse(workspace, day, seed=1)) == [NOBODY]


def test_each_channel_has_a_capacity_of_its_own() -> None:
    workspace = one_queue(1)
    workspace.workers[0].channels["chat"] = WorkerChannelPart(3)
    hour = {"from": "09:00", "to": "10:00", "per_hour": 120}
    chats = calls(name="Chats", channel="chat", arrivals=[hour])
    assert notes(rehearse(workspace, {"classes": [chats]}, seed=1)) == []
    (note,) = notes(rehearse(workspace, {"classes": [chats, calls(arrivals=[hour])]}, seed=1))
    assert "Spanish would keep 2.0 workers busy, and 1.0 are there" in note


def test_offers_that_are_always_rejected_are_said_and_bounded() -> None:
    one = {"classes": [calls(recorded=[{"at": 0}])], "answers": {"reject": 1}}
    (note,) = notes(rehearse(one_queue(1), one, seed=0))
    assert note == "Spanish: every offer is rejected; TaskRouter cancels a task after 1,000 of them"
    often = {**one, "answers": {"reject": 0.95}}
    assert notes(rehearse(one_queue(1), often, seed=0)) == [
        "Spanish: 95% of the offers are rejected, so that each task is offered 20 times"
    ]
    many = {"classes": [calls(arrivals=[{"per_hour": 500}])], "answers": {"reject": 1}}
    with pytest.raises(RehearsalError, match=r"^answers.reject: with so many tasks, about 12,000,000 reservations"):
        rehearse(one_queue(1), many, seed=0)


def test_rows_become_records_columns_and_a_data_frame() -> None:
    rows = rehearse(team(), random_day(), seed=3).summary()
    assert rows.records()[0]["class_name"] is None
    assert json.loads(json.dumps(rows.records()))[1]["tasks"] == rows[1].tasks
    columns = rows.columns()
    assert columns["start"] == [row.start for row in rows]
    table = rows.frame()
    assert list(table.columns) == list(columns)
    assert len(table) == len(rows)


def test_tasks_become_columns_and_a_data_frame() -> None:
    tasks = rehearse(team(), random_day(), seed=3, replications=2).tasks
    columns = tasks.columns()
    table = tasks.frame()
    assert list(table.columns) == list(columns)
    for name, column in columns.items():
        expected = [getattr(each, name) for each in tasks]
        assert [None if each is None or each != each else each for each in column.tolist()] == expected


def test_functions_that_draw_are_durations_of_the_seed_of_the_rehearsal() -> None:
    rng = np.random.default_rng(5)
    state = rng.bit_generator.state
    for talk in (
        rng.exponential,
        partial(rng.gamma, 2, scale=30),
        partial(np.random.Generator.weibull, a=1.5),
        lambda rng, count: 30 + rng.pareto(3, count),
    ):
        day = {"classes": [calls(recorded=[{"at": 60 * i} for i in range(50)], talk=talk)]}
        first, again, other = (rehearse(one_queue(50), day, seed=seed) for seed in (1, 1, 2))
        assert first.tasks == again.tasks
        assert first.tasks != other.tasks
    assert rng.bit_generator.state == state  # it is not drawn from
    exponential = {"distribution": "exponential", "mean": 1}
    day["classes"][0]["talk"], named = rng.exponential, {"classes": [{**day["classes"][0], "talk": exponential}]}
    assert rehearse(one_queue(50), day, seed=1).tasks == rehearse(one_queue(50), named, seed=1).tasks


def test_compared_are_the_same_people_one_by_one() -> None:
    quick, slow = (rehearse(team(after), random_day(), seed=4, replications=8) for after in (5, 87))
    rows = {(r.class_name, r.measure): r for r in compare(quick, slow)}
    assert (rows[None, "tasks"].difference, rows[None, "tasks"].low, rows[None, "tasks"].high) == (0, 0, 0)
    wait = rows["Spanish", "mean_wait"]
    assert wait.a < wait.b
    assert wait.low is not None
    assert 0 < wait.low < wait.difference < (wait.high or 0)
    assert wait.difference == pytest.approx(wait.b - wait.a)
    estimates = [row for one in (quick, slow) for row in one.estimates()]
    alone = [row for row in estimates if (row.class_name, row.measure) == ("Spanish", "mean_wait")]
    assert (wait.high or 0) - wait.low < sum((row.high or 0) - (row.low or 0) for row in alone)
    backwards = {(r.class_name, r.measure): r for r in compare(slow, quick)}["Spanish", "mean_wait"]
    assert backwards.difference == pytest.approx(-wait.difference)


def test_others_are_not_compared() -> None:
    first = rehearse(team(), random_day(), seed=4)
    for other, what in (
        (rehearse(team(), random_day(), seed=5), "their seeds are 4 and 5"),
        (rehearse(team(), {"classes": random_day()["classes"][:1]}, seed=4), "only one of them has Others"),
        (rehearse(team(), random_day(classes=_later()), seed=4), "not the same people"),
    ):
        with pytest.raises(RehearsalError, match=what):
            compare(first, other)
    for level in (0, 1, "95%", True):
        with pytest.raises(RehearsalError, match="give a share between 0 and 1"):
            compare(first, first, level=level)  # pyright: ignore[reportArgumentType]


def _later() -> list[dict[str, Any]]:
    classes = random_day()["classes"]
    return [classes[0], {**classes[1], "arrivals": [{"from": "09:30", "to": "10:00", "per_hour": 60}]}]
