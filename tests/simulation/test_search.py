"""The fewest workers are found with whom levels are reached."""

from __future__ import annotations

from typing import Any

import pytest

from taskrouter_sandbox.simulation import RehearsalError, StaffPlan, staff_for, sweep
from taskrouter_sandbox.snapshot import Snapshot
from tests.simulation.days import HOUR, calls, found, interrupt_after, notes, one_queue, team


def levels(plan: StaffPlan, workers: dict[float, int]) -> dict[float, float | None]:
    """Rehearse a plan with other numbers of workers, by the beginning of their intervals."""

    def change(workspace: Snapshot, day: dict[str, Any]) -> None:
        names = [each.friendly_name for each in workspace.workers]
        day["shifts"] = [
            {"worker": name, "from": start, "to": start + 1800}
            for start, count in workers.items()
            for name in names[:count]
        ]
        idle = names[max(workers.values()) :]
        day["shifts"] += [{"worker": name, "from": 0, "to": 60, "activity": "Offline"} for name in idle]

    rehearsal = plan.rehearsal
    tried = sweep(rehearsal.workspace, rehearsal.day, {"it": change}, seed=1, replications=rehearsal.replications)
    rows = [row for row in tried["it"].summary(interval=1800) if row.class_name is None and row.end - row.start == 1800]
    return {row.start: row.service_level for row in rows}


def test_the_fewest_workers_are_found_by_interval() -> None:
    plan = found()
    workers = {row.start: row.workers for row in plan.rows}
    assert list(workers) == [32_400, 34_200, 43_200]
    assert workers[43_200] == 1
    assert all(row.reached and (row.service_level or 0) >= 0.8 for row in plan.rows)
    assert notes(plan) == []
    again = levels(plan, workers)
    assert {row.start: row.service_level for row in plan.rows} == {start: again[start] for start in workers}
    for start, count in workers.items():  # one fewer is too few
        fewer = levels(plan, {**workers, start: count - 1})
        assert min(level for level in fewer.values() if level is not None) < 0.8
    assert repr(plan).splitlines()[0] == f"09:00 to 09:30: {workers[32_400]}"
    assert {each["worker"] for each in plan.shifts} == {w.friendly_name for w in plan.rehearsal.workspace.workers}


def test_a_higher_level_needs_more_workers() -> None:
    few, many = (sum(row.workers for row in found(service_level=level).rows) for level in (0.5, 0.95))
    assert few < many


def test_workers_work_in_place_of_those_whom_they_are_like() -> None:
    day = {
        "classes": [calls(recorded=[{"at": 10 * i} for i in range(9)])],
        "workers": [{"worker": "Alice", "talk_factor": 2}],
        "shifts": [{"worker": "Alice", "from": 0, "to": 100}],
    }
    plan = staff_for(team(1000), day, worker="Alice", service_level=1, within=0, interval=3600, seed=1, replications=1)
    (row,) = plan.rows
    assert row.workers == 9
    assert [w.friendly_name for w in plan.rehearsal.workspace.workers] == ["Bob", *(f"Alice {i + 1}" for i in range(9))]
    assert {t.ended - (t.answered or 0) for t in plan.rehearsal.tasks} == {120}


def test_what_cannot_be_reached_is_said() -> None:
    day = {"classes": [calls(recorded=[{"at": 60 * i} for i in range(5)])], "answers": {"after": 30}}
    plan = staff_for(one_queue(1), day, queue="All", interval=3600, seed=1, replications=1)
    assert [(row.workers, row.service_level, row.reached) for row in plan.rows] == [(0, 0, False)]
    assert notes(plan) == [
        "No copy of 'Worker 0' answered any of these tasks in time, however many there were: their answers may take "
        "longer, or targets may ask for others; name another worker whom they are to be like",
        "From 00:00 to 01:00 80% within 20 seconds is not reached, but 0% with 0 workers; up to 11 were tried",
    ]
    bounded = found(most=2)
    assert [row.reached for row in bounded.rows if row.tasks] == [False, False, True]
    assert "up to 2 were tried" in repr(bounded)


def test_a_worker_is_named_whom_those_of_a_queue_are_to_be_like() -> None:
    """The first one of the queue is not whom its target asks for."""
    workspace = one_queue(3, {"default_filter": {"queue": "All", "expression": "worker.level >= 2"}})
    for level, worker in enumerate(workspace.workers):
        worker.attributes = {"level": level}
    day = {"classes": [calls(recorded=[{"at": i} for i in range(5)])]}
    how: dict[str, Any] = {"queue": "All", "service_level": 1, "within": 10, "seed": 1, "replications": 1}
    (row,) = staff_for(workspace, day, **how, worker="Worker 2").rows
    assert (row.workers, row.reached) == (5, True)
    first = staff_for(workspace, day, **how)
    assert [each.reached for each in first.rows] == [False]
    assert first.notes[0].startswith("No copy of 'Worker 0' answered any of these tasks in time")
    workspace.task_queues[0].target_workers = "level < 2"
    with pytest.raises(RehearsalError, match="worker: 'Worker 2' is not in the queue 'All', which takes level < 2"):
        staff_for(workspace, day, **how, worker="Worker 2")


def test_where_the_others_are_enough_that_is_said() -> None:
    day = {"classes": [calls(recorded=[{"at": 0}])]}
    plan = staff_for(one_queue(2), day, worker="Worker 0", seed=1, replications=1)
    assert [(row.workers, row.service_level, row.reached) for row in plan.rows] == [(0, 1, True)]
    assert repr(plan).splitlines()[0] == "Nobody of them is needed in any interval"


def test_workers_need_an_activity_to_be_off_duty_in() -> None:
    workspace = one_queue(2)
    workspace.workspace.default_activity = "Available"
    day = {"classes": [calls(recorded=[{"at": 0}])]}
    with pytest.raises(RehearsalError, match=r"^off_duty: 'Available' is available; name one that is not"):
        staff_for(workspace, day, queue="All", seed=1)
    plan = staff_for(workspace, {**day, "off_duty": "Offline"}, queue="All", seed=1, replications=1)
    assert [row.workers for row in plan.rows] == [1]


OTHERS = {"name": "Others", "talk": 3600, "recorded": [{"at": "09:00"}] * 5}


def test_tasks_count_that_come_to_the_queue() -> None:
    """Those of other queues do not, nor those that an escalation brings when it is too late for them."""
    workspace = team(30)
    workspace.workers[1].attributes = {"team": "others"}
    workspace.task_queues[1].target_workers = "team == 'others'"
    day = {"classes": [calls(recorded=[{"at": f"09:0{i}"} for i in range(5)], talk=3600), OTHERS]}
    needed = {
        (queue, within): staff_for(
            workspace, day, queue=queue, service_level=1, within=within, interval=3600, seed=1, replications=1
        )
        for queue, within in (("Spanish", 20), ("Everyone", 20), ("Everyone", 30))
    }
    assert {asked: [(row.tasks, row.workers) for row in plan.rows] for asked, plan in needed.items()} == {
        ("Spanish", 20): [(5, 5)],
        ("Everyone", 20): [(5, 5)],
        ("Everyone", 30): [(9, 9)],  # Alice takes the first Spanish call
    }
    every = staff_for(
        workspace, day, queue="Spanish", classes=["Others"], interval=3600, most=2, seed=1, replications=1
    )
    assert [(row.tasks, row.reached) for row in every.rows] == [(5, False)]


def test_tasks_count_that_come_to_a_queue_of_the_worker() -> None:
    workspace = team(30)
    workspace.workers[1].attributes = {"team": "others"}
    workspace.task_queues[1].target_workers = "team == 'others'"
    day = {"classes": [calls(recorded=[{"at": "09:00"}] * 3), OTHERS]}
    plan = staff_for(workspace, day, worker="Alice", service_level=1, interval=3600, seed=1, replications=1)
    assert [(row.tasks, row.workers) for row in plan.rows] == [(3, 3)]
    day["classes"] = day["classes"][:1]
    for settings, what in (
        ({"queue": "Everyone"}, "no task comes to Everyone within 20 seconds, so that nobody could be answered"),
        ({"worker": "Bob"}, "no task comes to Everyone within 20 seconds"),
    ):
        with pytest.raises(RehearsalError, match=what):
            staff_for(workspace, day, seed=1, **settings)
    workspace.workers[1].attributes = {}
    with pytest.raises(RehearsalError, match="worker: 'Bob' is in no queue"):
        staff_for(workspace, day, worker="Bob", seed=1)


def test_classes_that_do_not_count_are_left_out() -> None:
    day = {"classes": [calls(arrivals=[HOUR], patience=30), calls(name="Rare", recorded=[{"at": "09:40"}])]}
    plan = staff_for(one_queue(1), day, queue="All", classes=["Rare"], interval=1800, seed=1, replications=2)
    assert [(row.start, row.tasks, row.reached) for row in plan.rows] == [(34_200, 1, True)]
    every = staff_for(one_queue(1), day, queue="All", interval=1800, seed=1, replications=2)
    assert [row.start for row in every.rows] == [32_400, 34_200]
    assert every.rows[1].tasks > 20


def test_a_search_that_is_stopped_tells_what_it_has() -> None:
    whole = found()
    plan = found(progress=interrupt_after(whole.runs - 2))
    assert plan.runs == whole.runs - 2
    assert notes(plan) == ["The search was stopped: fewer workers may do, or more be needed"]
    assert all(row.reached for row in plan.rows)
    with pytest.raises(KeyboardInterrupt):
        found(progress=interrupt_after(1))


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"worker": "Worker 9"}, "worker: 'Worker 9' is not there"),
        ({"queue": None}, "worker or queue: name one of them"),
        ({"queue": "Al"}, "queue: 'Al' is not there; there is All; did you mean All"),
        ({"queue": None, "worker": "Worker 9"}, "worker: 'Worker 9' is not there; there is Worker 0, Worker 1"),
        ({"service_level": 80}, "service_level is 80: give a share"),
        ({"within": -1}, "within is -1: give seconds"),
        ({"interval": 5}, "interval is 5: give seconds, from 60"),
        ({"most": 0}, "most is 0: give a whole number"),
        ({"classes": ["Rar"]}, "classes: there is none of the name Rar; there is Spanish, Rare"),
        ({"seed": None}, "seed is None"),
    ],
)
def test_what_is_asked_wrongly_is_refused(settings: dict[str, Any], what: str) -> None:
    with pytest.raises(RehearsalError, match=what):
        found(**settings)
