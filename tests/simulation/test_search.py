"""Variants are tried with the same people, here and on executors, and the fewest workers are found."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from distributed import Client, LocalCluster

from taskrouter_sandbox.simulation import RehearsalError, StaffPlan, Variant, grid, rehearse, staff_for, sweep
from taskrouter_sandbox.simulation.columns import TYPES
from taskrouter_sandbox.simulation.fast.kernel import advance
from taskrouter_sandbox.snapshot import Snapshot
from tests.simulation.days import calls, needs_the_fast_engine, notes, one_queue, random_day, team
from tests.waiting import patience

HOUR = {"from": "09:00", "to": "10:00", "per_hour": 90}


def timeout(workspace: Snapshot, day: dict[str, Any], after: int, sick: bool = False) -> None:
    """Let callers go on to everybody after so many seconds, and Bob stay at home."""
    workspace.workflows[0].configuration["task_routing"]["filters"][0]["targets"][0]["timeout"] = after
    if sick:
        day["absent"] = ["Bob"]


def interrupt_after(count: int) -> Any:
    """Make what sends this process an interrupt, as Ctrl-C does, once so many jobs are done."""

    def tell(done: int, total: int) -> None:
        if done == count:
            os.kill(os.getpid(), signal.SIGINT)

    return tell


# variants


def test_variants_meet_the_same_people() -> None:
    tried = sweep(team(), random_day(), grid(timeout, after=[5, 87], sick=[False, True]), seed=2, replications=2)
    assert [each.name for each in tried.variants] == [
        "after: 5, sick: False",
        "after: 5, sick: True",
        "after: 87, sick: False",
        "after: 87, sick: True",
    ]
    came = [[t.came for t in each.tasks] for each in tried.rehearsals.values()]
    assert came[0] == came[1] == came[2] == came[3]
    alone = rehearse(team(5), random_day(), seed=2, replications=2)
    assert tried["after: 5, sick: False"].tasks == alone.tasks
    records = tried.records(level=0.9)
    assert {(r["variant"], r["after"], r["sick"]) for r in records} == {
        (each.name, each.values["after"], each.values["sick"]) for each in tried.variants
    }
    assert json.loads(json.dumps(records)) == records
    assert len(tried.frame(level=0.9)) == len(records)
    worse = [
        r
        for r in tried.differences("after: 5, sick: False")
        if (r["class_name"], r["measure"], r["variant"]) == (None, "abandonment", "after: 5, sick: True")
    ]
    assert worse[0]["difference"] > 0
    assert worse[0]["sick"]


def test_a_variant_changes_a_copy_of_its_own() -> None:
    workspace, day = team(), random_day()

    def without_bob(workspace: Snapshot, day: dict[str, Any]) -> None:
        workspace.workers.pop()
        day["classes"].pop()

    tried = sweep(workspace, day, {"as it is": None, "without Bob": without_bob, "again": lambda w, d: None}, seed=1)
    assert [w.friendly_name for w in workspace.workers] == ["Alice", "Bob"]
    assert day == random_day()
    assert {t.worker for t in tried["without Bob"].tasks} <= {"Alice", None}
    assert tried["again"].tasks == tried["as it is"].tasks == rehearse(workspace, day, seed=1).tasks


def test_mistakes_of_variants_are_named_before_any_is_rehearsed() -> None:
    def negative(workspace: Snapshot, day: dict[str, Any]) -> None:
        day["classes"][0]["talk"] = -1

    def unknown(workspace: Snapshot, day: dict[str, Any]) -> None:
        day["shifts"] = [{"worker": "Bbo", "from": 0, "to": 1}]

    def without_default(workspace: Snapshot, day: dict[str, Any]) -> None:
        del workspace.workflows[0].configuration["task_routing"]["default_filter"]

    for variants, what in (
        ({"one": None, "other": without_default}, r"^other: classes\[1\]: \d+ of \d+ tasks would be refused"),
        ({"one": None, "other": negative}, r"^other: classes\[0\].talk: it is -1"),
        ({"other": unknown}, r"^other: shifts\[0\].worker: 'Bbo' is not there"),
        ({}, "at least one"),
        ([Variant("a", None), Variant("a", None)], "a name of its own"),
        ({"a": 3}, "give functions by name"),
    ):
        with pytest.raises(RehearsalError, match=what):
            sweep(team(), random_day(), variants, seed=1)  # pyright: ignore[reportArgumentType]
    with pytest.raises(RehearsalError, match="give at least one value for after"):
        grid(timeout, after=[])
    with pytest.raises(RehearsalError, match="base: 'b' is none of them; there is a"):
        sweep(team(), random_day(), {"a": None}, seed=1).differences("b")


# executors


@pytest.fixture(scope="module")
def two_processes() -> Any:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


def compilations() -> int:
    """Tell how often this process has compiled the fast engine, rather than loaded it."""
    return sum(advance.stats.cache_misses.values())  # pyright: ignore[reportFunctionMemberAccess]


@needs_the_fast_engine
def test_other_processes_load_what_this_one_has_compiled(two_processes: Executor) -> None:
    rehearse(team(), random_day(), seed=2, replications=4, executor=two_processes)
    assert [two_processes.submit(compilations).result() for _ in range(4)] == [0] * 4


@pytest.mark.parametrize("replications", [1, 3])
def test_columns_have_their_types_from_wherever_they_come(two_processes: Executor, replications: int) -> None:
    """They are sent in fewer bytes."""
    for executor in (None, two_processes):
        found = rehearse(team(), random_day(), seed=2, replications=replications, executor=executor).columns
        assert {name: getattr(found, name).dtype for name in TYPES} == TYPES


def test_processes_give_the_same_as_one(two_processes: Executor) -> None:
    alone = rehearse(team(), random_day(), seed=2, replications=5)
    told: list[tuple[int, int]] = []
    with ThreadPoolExecutor(2) as threads:
        for executor in (two_processes, threads):
            beside = rehearse(
                team(),
                random_day(),
                seed=2,
                replications=5,
                executor=executor,
                progress=lambda *done: told.append(done),
            )
            assert beside.tasks == alone.tasks
            assert beside.finished == (0, 1, 2, 3, 4)
    assert told == [(done, 5) for done in range(6)] * 2


@needs_the_fast_engine
def test_a_replication_that_needs_the_exact_engine_is_said(two_processes: Executor) -> None:
    """A task goes through more targets at once than the fast one has room for; it comes in two of four replications."""
    skipped = {"queue": "All", "skip_if": "1==1"}
    filters = [{"expression": "language == 'es'", "targets": [skipped] * 12_000 + [{"queue": "All"}]}]
    workspace = one_queue(1, {"filters": filters, "default_filter": {"queue": "All"}})
    others = {"name": "Others", "recorded": [{"at": 0}], "talk": 60}
    shifts = [{"worker": "Worker 0", "from": "10:00", "to": "17:00"}]
    day = {"classes": [others, calls(arrivals=[{**HOUR, "per_hour": 0.7}])], "shifts": shifts}
    for executor in (None, two_processes):
        found = rehearse(workspace, day, seed=5, replications=4, executor=executor)
        assert found.engine == (
            "fast, and exact for 2 of 4 replications, since the fast engine does not hold this: more than 4,096 "
            "reservations or steps in one millisecond"
        )
        assert f"The engine was {found.engine}" in found.notes
        assert [len(each.steps) for each in found.tasks if each.class_name == "Spanish"] == [12_001] * 2
        with pytest.raises(RehearsalError, match=r"the fast engine does not hold this: .*; leave engine out"):
            rehearse(workspace, day, seed=5, replications=4, executor=executor, engine="fast")
    day["classes"][1] |= {"recorded": [{"at": 0}], "arrivals": []}
    always = rehearse(workspace, day, seed=1, replications=2)
    assert always.engine.startswith("exact, since the fast engine does not hold this: more than 4,096 reservations")


def test_a_cluster_of_dask_gives_the_same_as_one() -> None:
    variants = grid(timeout, after=[5, 87])
    alone = sweep(team(), random_day(), variants, seed=2, replications=3)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
        Client(cluster, timeout=patience(60)) as client,
    ):
        beside = sweep(team(), random_day(), variants, seed=2, replications=3, executor=client)
        drawn = {"classes": [calls(recorded=[{"at": 0}] * 9, talk=lambda rng, count: 30 + rng.random(count))]}
        function = rehearse(one_queue(9), drawn, seed=1, executor=client)
    assert {name: each.tasks for name, each in beside.rehearsals.items()} == {
        name: each.tasks for name, each in alone.rehearsals.items()
    }
    assert function.tasks == rehearse(one_queue(9), drawn, seed=1).tasks


def test_what_cannot_be_sent_is_said(two_processes: Executor) -> None:
    drawn = {"classes": [calls(recorded=[{"at": 0}], talk=lambda rng, count: 30 + rng.random(count))]}
    with pytest.raises(RehearsalError, match="cannot be sent to another process"):
        rehearse(one_queue(1), drawn, seed=1, executor=two_processes)
    method = {"classes": [calls(recorded=[{"at": 0}], talk=np.random.default_rng(1).exponential)]}
    assert len(rehearse(one_queue(1), method, seed=1, executor=two_processes).tasks) == 1
    with pytest.raises(RehearsalError, match=r"executor is int: give one of concurrent\.futures"):
        rehearse(one_queue(1), method, seed=1, executor=2)


def test_what_a_job_refuses_is_refused_here(two_processes: Executor) -> None:
    routing = {"filters": [{"expression": "language == 'en'", "targets": [{"queue": "All"}]}]}
    day = {"classes": [calls(recorded=[{"at": 0}])]}
    with pytest.raises(RehearsalError, match=r"classes\[0\]: 1 of 1 tasks would be refused"):
        rehearse(one_queue(1, routing), day, seed=1, replications=3, executor=two_processes)


def test_a_run_that_is_stopped_keeps_what_is_done(two_processes: Executor) -> None:
    whole = rehearse(team(), random_day(), seed=2, replications=6)
    part = rehearse(team(), random_day(), seed=2, replications=6, progress=interrupt_after(3))
    assert part.finished == (0, 1, 2)
    assert list(part.tasks) == [t for t in whole.tasks if t.replication < 3]
    assert "It was stopped: 3 of 6 replications were played" in part.notes
    assert {row.replications for row in part.estimates()} <= {1, 2, 3}
    on_processes = rehearse(
        team(), random_day(), seed=2, replications=6, executor=two_processes, progress=interrupt_after(2)
    )
    assert 2 <= on_processes.replications < 6
    assert list(on_processes.tasks) == [t for t in whole.tasks if t.replication in on_processes.finished]
    tried = sweep(team(), random_day(), {"a": None, "b": None}, seed=2, replications=2, progress=interrupt_after(3))
    assert [each.replications for each in tried.rehearsals.values()] == [2, 1]
    with pytest.raises(KeyboardInterrupt):
        rehearse(team(), random_day(), seed=2, progress=interrupt_after(0))


def test_progress_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    rehearse(team(), random_day(), seed=2, replications=3, progress=True)
    assert capsys.readouterr().err.endswith("\r3 of 3 rehearsed\n")
    runs = found(progress=True).runs
    assert capsys.readouterr().err.split("\r")[-1].split() == [str(runs), "of", str(runs), "rehearsed"]


# staff


def found(**settings: Any) -> StaffPlan:
    talk = {"distribution": "exponential", "mean": 120}
    day = {"classes": [calls(arrivals=[HOUR], talk=talk), calls(name="Rare", recorded=[{"at": "12:10"}])]}
    given = {"queue": "All", "seed": 1, "replications": 2, "interval": 1800, **settings}
    return staff_for(one_queue(2), day, **given)


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
