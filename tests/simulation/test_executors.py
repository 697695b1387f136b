"""Days are rehearsed by other processes and on a cluster, with the same outcome."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from distributed import Client, LocalCluster

from taskrouter_sandbox.simulation import RehearsalError, grid, rehearse, sweep
from taskrouter_sandbox.simulation.columns import TYPES
from taskrouter_sandbox.simulation.fast.kernel import advance
from tests.simulation.days import (
    HOUR,
    calls,
    found,
    interrupt_after,
    needs_the_fast_engine,
    one_queue,
    random_day,
    team,
    timeout,
)
from tests.waiting import patience


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
