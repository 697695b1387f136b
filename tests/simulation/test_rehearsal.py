"""What a rehearsal decides and counts: beside queueing theory, and by hand where a day is small."""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter

import pytest

from taskrouter_sandbox import snapshot
from taskrouter_sandbox.simulation import Rehearsal, RehearsalError, SummaryRow, TaskRecord, rates, rehearse
from taskrouter_sandbox.snapshot.format import TaskQueuePart, WorkerChannelPart
from tests.simulation.days import calls, one_queue, random_day, team

REPLICATIONS, STUDENT = 20, 2.861  # of 99% with 19 degrees of freedom
PER_HOUR, TALK, SERVERS, WARM_UP = 60, 126, 3, 3600


def whole_day(rehearsal: Rehearsal, within: float = 20) -> SummaryRow:
    return rehearsal.summary(within)[0]


def one(rehearsal: Rehearsal) -> TaskRecord:
    (task,) = rehearsal.tasks
    return task


def erlang_c(load: float, servers: int) -> float:
    """The probability that a customer waits."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def test_a_queue_at_random_waits_as_erlang_c_says() -> None:
    talk = {"distribution": "exponential", "mean": TALK}
    day = {"classes": [{"name": "Calls", "talk": talk, "arrivals": [{"per_hour": PER_HOUR}]}]}
    rehearsal = rehearse(one_queue(SERVERS), day, seed=1, replications=REPLICATIONS)
    load = PER_HOUR * TALK / 3600
    waits, rate = erlang_c(load, SERVERS), (SERVERS - load) / TALK
    expected = {
        "mean": waits / rate,
        "waits": waits,
        "over a minute": waits * math.exp(-60 * rate),
    }
    found: dict[str, list[float]] = {name: [] for name in expected}
    for i in range(REPLICATIONS):
        some = [each.wait for each in rehearsal.tasks if each.replication == i and each.came > WARM_UP]
        found["mean"].append(statistics.fmean(some))
        found["waits"].append(sum(wait > 0 for wait in some) / len(some))
        found["over a minute"].append(sum(wait > 60 for wait in some) / len(some))
    for name, values in found.items():
        half = STUDENT * statistics.stdev(values) / math.sqrt(REPLICATIONS)
        assert abs(statistics.fmean(values) - expected[name]) <= half, name
        assert half < expected[name] / 5, name  # an interval that says something
    assert whole_day(rehearsal).occupancy == pytest.approx(load / SERVERS, rel=0.02)


def test_the_same_seed_gives_the_same_day_to_the_millisecond() -> None:
    first, second = (rehearse(team(), random_day(), seed=7, replications=2) for _ in range(2))
    assert first.tasks == second.tasks
    assert len({each.how for each in first.tasks}) > 1
    assert rehearse(team(), random_day(), seed=8).tasks != rehearse(team(), random_day(), seed=7).tasks
    came = [[each.came for each in first.tasks if each.replication == i] for i in range(2)]
    assert came[0] != came[1]


def test_two_workflows_are_tried_with_the_same_people() -> None:
    """Also each of them hangs up after as long, and talks as long, whoever takes the call."""
    one_way, other_way = (rehearse(team(after), random_day(answers={}), seed=7).tasks for after in (5, 87))
    key = ("class_name", "number", "came")
    assert [[getattr(t, k) for k in key] for t in one_way] == [[getattr(t, k) for k in key] for t in other_way]
    assert [t.worker for t in one_way] != [t.worker for t in other_way]
    pairs = list(zip(one_way, other_way, strict=True))
    gone = [(a.wait, b.wait) for a, b in pairs if a.how == b.how == "hung up"]
    done = [(a.ended - a.answered, b.ended - b.answered) for a, b in pairs if a.answered and b.answered]
    assert gone
    assert done
    assert all(a == pytest.approx(b) for a, b in gone + done)


def test_rates_may_be_counts_by_the_quarter_of_an_hour() -> None:
    arrivals = rates([0, 30, 60], start="09:00")
    assert [(each["from"], each["to"], each["per_hour"]) for each in arrivals] == [
        (32_400, 33_300, 0),
        (33_300, 34_200, 120),
        (34_200, 35_100, 240),
    ]
    tasks = rehearse(one_queue(1), {"classes": [calls(arrivals=arrivals)]}, seed=1, replications=40).tasks
    quarters = Counter(int(each.came - 32_400) // 900 for each in tasks)
    assert quarters.keys() == {1, 2}
    assert [quarters[1] / 40, quarters[2] / 40] == pytest.approx([30, 60], rel=0.1)
    assert rates([1, 2], every=3600)[1] == {"from": 3600, "to": 7200, "per_hour": 2}
    for settings in ({"start": "23:45"}, {"start": "late"}, {"every": 0}):
        with pytest.raises(RehearsalError, match=r"is no time of the day|give seconds"):
            rates([1, 2], **settings)


def test_a_class_beside_another_does_not_change_it() -> None:
    day = random_day()
    alone = rehearse(one_queue(1), {"classes": day["classes"][:1]}, seed=3)
    beside = rehearse(one_queue(1), {"classes": day["classes"]}, seed=3)
    assert [t.came for t in alone.tasks] == [t.came for t in beside.tasks if t.class_name == "Spanish"]


def test_somebody_hangs_up_whom_nobody_has_accepted_in_time() -> None:
    recorded = [{"at": "09:00"}, {"at": "09:00:10"}, {"at": "09:00:20", "patience": 100}, {"at": "09:00:30.5"}]
    rehearsal = rehearse(one_queue(1), {"classes": [calls(recorded=recorded, patience=15, wrap_up=5)]}, seed=0)
    assert [(t.how, t.wait, t.ended - 32_400) for t in rehearsal.tasks] == [
        ("completed", 0, 65),
        ("hung up", 15, 25),
        ("completed", 45, 130),
        ("hung up", 15, 45.5),
    ]
    row = whole_day(rehearsal)
    assert (row.tasks, row.answered, row.abandoned, row.abandonment) == (4, 2, 2, 0.5)
    assert (row.mean_wait, row.wait_50, row.wait_90, row.longest_wait) == (22.5, 0, 45, 45)
    assert row.service_level == 0.5  # who hung up within 20 seconds does not count
    assert whole_day(rehearsal, within=10).service_level == 0.25
    assert row.occupancy == pytest.approx(130 / 86_400, abs=1e-6)


def test_patience_counts_from_when_somebody_is_known_to_have_waited() -> None:
    recorded = [{"at": 0}, {"at": 0, "waited": 100.5}, {"at": 0, "waited": 7, "patience": 1}, {"at": 0}]
    day = {"classes": [calls(recorded=recorded, talk=1000, patience=15)]}
    assert [each.wait for each in rehearse(one_queue(1), day, seed=0).tasks] == [0, 115.5, 8, 15]


def test_a_call_that_waits_goes_from_target_to_target_and_ends_with_its_workflow() -> None:
    long_call = {"at": 0, "talk": 1000}
    rehearsal = rehearse(team(), {"classes": [calls(recorded=[long_call, long_call, {"at": 10}])]}, seed=0)
    first, second, third = rehearsal.tasks
    assert (first.worker, first.queues, first.wait) == ("Alice", ["Spanish"], 0)
    assert (second.worker, second.queues, second.wait) == ("Bob", ["Spanish", "Everyone"], 87)
    assert [(s.filter, s.target, s.entered) for s in second.steps] == [(0, 0, 0), (0, 1, 87)]
    assert (third.how, third.worker, third.wait) == ("canceled", None, 87 + 107)
    assert third.reason == "Task canceled on Workflow timeout"


def test_an_agent_goes_back_to_work_after_each_call_and_finishes_it_before_leaving() -> None:
    shifts = [
        {"worker": "Alice", "from": "09:00", "to": "09:02"},
        {"worker": "Alice", "from": "09:02", "to": "09:10", "activity": "Break"},
        {"worker": "Alice", "from": "09:10", "to": "09:30"},
    ]
    recorded = [
        {"at": "08:59", "patience": 600},
        {"at": "09:00:30"},
        {"at": "09:01:30"},
        {"at": "09:29:59"},
        {"at": "09:30"},
    ]
    day = {"classes": [calls(recorded=recorded, wrap_up=10)], "shifts": shifts}
    alone = team(1000)
    alone.workers.pop()
    tasks = rehearse(alone, day, seed=0).tasks
    at = [None if each.answered is None else each.answered - 32_400 for each in tasks]
    assert at == [0, 70, 600, 1799, None]  # the second ends at 09:02:20, in her break, and the third waits for her
    assert tasks[3].ended == 32_400 + 1799 + 70


def test_who_is_absent_does_not_come() -> None:
    """With a shift and without one; also as the snapshot says that worker would be there."""
    shifts = [{"worker": "Alice", "from": "08:00", "to": "12:00"}]
    day = {"classes": [calls(recorded=[{"at": "09:00"}, {"at": "09:00:01"}], patience=200)]}
    for roster in ([], shifts):
        both = rehearse(team(5), {**day, "shifts": roster}, seed=0)
        assert [t.worker for t in both.tasks] == ["Alice", "Bob"]
        without_alice = rehearse(team(5), {**day, "shifts": roster, "absent": ["Alice"]}, seed=0)
        assert {t.worker for t in without_alice.tasks} == {"Bob"}
        assert without_alice.duty.keys() == {"Bob"}
        nobody = rehearse(team(5), {**day, "shifts": roster, "absent": ["Alice", "Bob", "Bob"]}, seed=0)
        assert {t.how for t in nobody.tasks} == {"canceled"}
        assert nobody.duty == {}


def test_an_agent_of_several_tasks_leaves_on_time_and_finishes_them() -> None:
    shifts = [
        {"worker": "Worker 0", "from": "09:00", "to": "09:01"},
        {"worker": "Worker 0", "from": "09:05", "to": "10:00"},
    ]
    recorded = [{"at": "09:00", "talk": 400}, {"at": "09:00:30"}]
    workspace = one_queue(1)
    workspace.workers[0].channels["default"] = WorkerChannelPart(capacity=2)
    day = {"classes": [calls(recorded=recorded)], "shifts": shifts, "answers": {"after": 31}}
    first, second = rehearse(workspace, day, seed=0).tasks
    assert (first.answered, first.ended) == (32_431, 32_831)
    assert (second.reservations, second.answered) == (2, 32_400 + 300 + 31)  # at 09:01 she rejects what is offered


def test_workers_may_reject_and_let_time_out() -> None:
    day = {"classes": [calls(recorded=[{"at": "09:00"}])]}
    accepted = one(rehearse(one_queue(1), {**day, "answers": {"after": 7}}, seed=0))
    assert (accepted.wait, accepted.reservations) == (7, 1)
    rejected = one(rehearse(one_queue(1), {**day, "answers": {"reject": 1}}, seed=0))
    assert (rejected.how, rejected.reservations) == ("canceled", 1000)
    timed_out = one(rehearse(one_queue(1), {**day, "answers": {"let_time_out": 1}}, seed=0))
    assert (timed_out.how, timed_out.reservations, timed_out.wait) == ("canceled", 1, 86_400)
    back = one(rehearse(one_queue(1), {**day, "answers": {"let_time_out": 1, "back_after": 60}}, seed=0))
    assert back.reservations == 86_400 / (120 + 60)


def test_a_summary_goes_by_class_and_by_interval() -> None:
    shifts = [{"worker": "Worker 0", "from": "09:00", "to": "10:30"}]
    recorded = [{"at": "09:10"}, {"at": "09:59:30"}]
    late = {"name": "Late", "talk": 30, "recorded": [{"at": "10:10"}]}
    rehearsal = rehearse(one_queue(1), {"classes": [calls(recorded=recorded), late], "shifts": shifts}, seed=0)
    rows = rehearsal.summary(interval=1800)
    whole, *intervals = [row for row in rows if row.class_name is None]
    assert [(row.start / 3600, row.tasks) for row in intervals] == [(9, 1), (9.5, 1), (10, 1)]
    assert [row.occupancy for row in intervals] == pytest.approx([60 / 1800, 30 / 1800, 60 / 1800], abs=1e-6)
    assert whole.occupancy == pytest.approx(150 / 5400, abs=1e-6)
    assert [(row.class_name, row.tasks) for row in rows[1:3]] == [("Spanish", 2), ("Late", 1)]
    empty = rows[5]
    assert (empty.class_name, empty.tasks, empty.mean_wait, empty.service_level) == ("Late", 0, None, None)


def test_the_date_is_that_of_expressions() -> None:
    mornings = "taskrouter.dayOfWeek == 'Mon' AND taskrouter.currentHour < 12"
    filters = [{"expression": mornings, "targets": [{"queue": "Mornings"}]}]
    workspace = one_queue(1, {"filters": filters, "default_filter": {"queue": "All"}})
    workspace.task_queues.append(TaskQueuePart("Mornings"))
    classes = [calls(recorded=[{"at": "11:59:59.999"}, {"at": "12:00"}])]
    for date, queues in (("2026-11-30", ["Mornings", "All"]), ("2026-12-01", ["All", "All"])):
        tasks = rehearse(workspace, {"classes": classes, "date": date}, seed=0).tasks
        assert [each.queues for each in tasks] == [[name] for name in queues]


def test_more_workers_than_one_are_offered_a_task_and_one_has_it() -> None:
    wide = one_queue(3)
    wide.task_queues[0].max_reserved_workers = 3
    task = one(rehearse(wide, {"classes": [calls(recorded=[{"at": 0}])], "answers": {"after": 2}}, seed=0))
    assert (task.reservations, task.wait, task.how) == (3, 2, "completed")


def test_a_talk_of_more_than_a_day_is_ended_by_taskrouter() -> None:
    long_talk = {"distribution": "constant", "value": 30, "unit": "hours"}
    task = one(rehearse(one_queue(1), {"classes": [calls(recorded=[{"at": 0}], talk=long_talk, wrap_up=5)]}, seed=0))
    assert (task.how, task.ended) == ("deleted", 86_400)


def test_workspace_and_day_may_be_files(tmp_path) -> None:
    workspace, day = tmp_path / "team.json", tmp_path / "day.json"
    snapshot.save(team(), workspace)
    day.write_text(json.dumps(random_day(date="2026-11-30")), encoding="utf-8")
    assert rehearse(workspace, day, seed=1).tasks == rehearse(team(), random_day(), seed=1).tasks


def test_records_are_made_of_columns() -> None:
    rehearsal = rehearse(team(), random_day(), seed=7, replications=3)
    columns, tasks = rehearsal.columns, rehearsal.tasks
    assert len(columns) == len(tasks) == len(list(tasks)) > 200
    assert repr(columns).startswith(f"<Columns of {len(tasks)} tasks: class_names, workers, ")
    assert tasks[-1] == list(tasks)[-1]
    assert tasks[10:14] == [tasks[i] for i in range(10, 14)]
    assert columns.wait.tolist() == [round(each.wait * 1000) for each in tasks]
    assert columns.step_from[-1] == sum(len(each.steps) for each in tasks) == columns.step_at.size
    assert {each.replication for each in tasks} == {0, 1, 2}
    with pytest.raises(IndexError):
        tasks[len(tasks)]
