"""The fast engine decides what the exact one decides, and says what it does not hold."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
from filelock import FileLock, Timeout
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskrouter_sandbox.simulation import RehearsalError, chance, rehearse, staff_for, sweep
from taskrouter_sandbox.simulation.columns import NONE
from taskrouter_sandbox.simulation.fast import compiled, play
from taskrouter_sandbox.snapshot import Snapshot
from tests.simulation.days import calls, needs_the_fast_engine, one_queue, random_day, team
from tests.simulation.random_days import differences, random_case
from tests.waiting import wait_for

SEEDS = range(80)
ONE_DIFFERED = (
    10_998  # two classes whose known agent is the same one, whom the target's expression takes for one of them
)


@needs_the_fast_engine
@pytest.mark.parametrize("seeds", [SEEDS, [ONE_DIFFERED]], ids=["some", "that differed"])
def test_both_engines_decide_alike(seeds: list[int]) -> None:
    assert {seed: found for seed in seeds if (found := differences(*random_case(Random(seed)), seed))} == {}


@needs_the_fast_engine
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(0, 1000))
def test_they_decide_alike_whatever_is_drawn(rng: Any, seed: int) -> None:
    assert differences(*random_case(rng), seed) == []


@needs_the_fast_engine
def test_random_days_hold_what_they_are_to_prove() -> None:
    """Tasks end in every way, and go through several targets and workers."""
    ends, most = set[int](), [0, 0, 0]
    for seed in range(250):
        workspace, day = random_case(Random(seed))
        columns = rehearse(workspace, day, seed=seed, engine="fast").columns
        ends |= set(columns.reason.tolist())
        offered = [len(set(columns.offer_worker.tolist())), int(columns.reservations.max(initial=0))]
        most = [
            max(pair) for pair in zip(most, [int(np.diff(columns.step_from).max(initial=0)), *offered], strict=True)
        ]
    assert ends == {NONE, *range(len(columns.reasons))}
    assert most[0] >= 4
    assert most[1] == 7
    assert most[2] >= 1000


def time_in_a_filter(workspace: Snapshot) -> None:
    workspace.workflows[0].configuration["task_routing"]["filters"][0]["expression"] = "taskrouter.currentHour > 8"


def in_a_target(**settings: Any) -> Callable[[Snapshot], None]:
    def change(workspace: Snapshot) -> None:
        workspace.workflows[0].configuration["task_routing"]["filters"][0]["targets"][0].update(settings)

    return change


NOT_HELD = [
    (time_in_a_filter, "workflow 'Flow': a filter that reads the time"),
    (in_a_target(expression="taskrouter.currentHour > 8"), "target 0 of filter 0: an expression that reads the time"),
    (in_a_target(expression="worker.channel.voice.assigned_tasks == 0"), "an expression that reads worker.channel"),
    (in_a_target(order_by="worker.channel.voice.assigned_tasks ASC"), "an order_by that reads worker.channel"),
]


@needs_the_fast_engine
@pytest.mark.parametrize(("change", "what"), NOT_HELD, ids=[what for _, what in NOT_HELD])
def test_what_the_fast_engine_does_not_hold_is_named_and_played_by_the_exact_one(
    change: Callable[[Snapshot], None], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = team()
    change(workspace)
    with pytest.raises(RehearsalError, match=f"^the fast engine does not hold this: .*{what}; leave engine out"):
        rehearse(workspace, random_day(), seed=1, engine="fast")
    rehearsal = rehearse(workspace, random_day(), seed=1)
    assert rehearsal.engine.startswith("exact, since the fast engine does not hold this: ")
    assert what in rehearsal.engine
    assert f"The engine was {rehearsal.engine}" in repr(rehearsal)
    exact = rehearse(workspace, random_day(), seed=1, engine="exact", progress=True)
    assert rehearsal.tasks == exact.tasks
    assert "The exact engine" not in capsys.readouterr().err
    assert sweep(workspace, random_day(), {"a": None, "b": None}, seed=1, progress=True)["b"].tasks == exact.tasks
    reason = rehearsal.engine.removeprefix("exact, since ")
    assert capsys.readouterr().err.count(f"The exact engine plays this, since {reason}\n") == 1


@needs_the_fast_engine
def test_the_engine_is_told() -> None:
    day = {"classes": [calls(recorded=[{"at": 0}])]}
    for engine in ("fast", "exact"):
        rehearsal = rehearse(one_queue(1), day, seed=0, engine=engine)
        assert rehearsal.engine == engine
        assert engine not in repr(rehearsal)
    assert rehearse(one_queue(1), day, seed=0).engine == "fast"
    with pytest.raises(RehearsalError, match="engine is 'quick': give auto, exact or fast"):
        rehearse(one_queue(1), day, seed=0, engine="quick")  # pyright: ignore[reportArgumentType]


@needs_the_fast_engine
def test_a_sweep_and_a_search_are_played_by_the_engine_that_is_named() -> None:
    workspace, day = one_queue(2), {"classes": [calls(recorded=[{"at": 0}])]}

    def with_time(workspace: Snapshot, day: dict[str, Any]) -> None:
        workspace.workflows[0].configuration["task_routing"]["filters"] = [
            {"expression": "taskrouter.currentHour > 8", "targets": [{"queue": "All"}]}
        ]

    for name in ("exact", "fast"):
        assert sweep(workspace, day, {"it": None}, seed=1, engine=name)["it"].engine == name
        plan = staff_for(workspace, day, queue="All", seed=1, replications=1, engine=name)
        assert (plan.rehearsal.engine, plan.notes) == (name, [])
    with pytest.raises(RehearsalError, match=r"^second: the fast engine does not hold this: .*; leave engine out$"):
        sweep(workspace, day, {"first": None, "second": with_time}, seed=1, engine="fast")
    with_time(workspace, day)
    with pytest.raises(RehearsalError, match=r"^the fast engine does not hold this: .*; leave engine out$"):
        staff_for(workspace, day, queue="All", seed=1, engine="fast")
    for search in (
        lambda: sweep(workspace, day, {"it": None}, seed=1, engine="quick"),  # pyright: ignore[reportArgumentType]
        lambda: staff_for(workspace, day, queue="All", seed=1, engine="quick"),  # pyright: ignore[reportArgumentType]
    ):
        with pytest.raises(RehearsalError, match=r"^engine is 'quick': give auto, exact or fast$"):
            search()


def test_without_numba_the_exact_engine_serves_and_says_so() -> None:
    code = """if True:
        import sys
        sys.modules["numba"] = None
        from taskrouter_sandbox.simulation import RehearsalError, rehearse
        from tests.simulation.days import random_day, team
        print(rehearse(team(), random_day(), seed=1).engine)
        try:
            rehearse(team(), random_day(), seed=1, engine="fast")
        except RehearsalError as error:
            print(error)
    """
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    served, refused = said.splitlines()
    why = "the fast engine needs numba, which cannot be loaded here ("
    assert served.startswith(f"exact, since {why}")
    assert refused.startswith(why)
    assert refused.endswith("; leave engine out")


def test_compiled_code_is_kept_for_these_sources_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit of any source, or of a constant that is compiled in, gives another type to what is compiled."""
    before = compiled.digest()
    assert compiled.digest() == before
    monkeypatch.setattr(compiled, "CONSTANTS", (*compiled.CONSTANTS, 1))
    assert compiled.digest() != before
    fast = Path(compiled.__file__).parent
    compiles = {
        path.name for path in fast.glob("*.py") if "@compiled" in path.read_text() or "record_at" in path.read_text()
    }
    assert compiles - {"compiled.py"} <= set(compiled.SOURCES)


def test_random_bits_are_spread_evenly() -> None:
    drawn = [chance.share(chance.hashed(chance.key(1, "a"), i, k)) for i in range(2000) for k in range(2)]
    assert np.histogram(drawn, 10, (0, 1))[0].min() > 340
    assert np.histogram(drawn, 10, (0, 1))[0].max() < 460
    assert abs(np.corrcoef(drawn[::2], drawn[1::2])[0, 1]) < 0.07


def test_one_process_compiles_and_the_others_wait(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with play.alone(str(folder)), pytest.raises(Timeout):
        FileLock(folder / "compiling.lock", timeout=0).acquire()
    FileLock(folder / "compiling.lock", timeout=0).acquire().lock.release()


def test_the_line_about_compiling_says_in_the_end_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    over, said = Event(), ""

    def is_told() -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return said.endswith(" s so far")

    telling = Thread(target=play._tell, args=(over,))
    telling.start()
    wait_for(is_told)
    over.set()
    telling.join()
    last = capsys.readouterr().err
    assert re.fullmatch(r"\rThe fast engine was compiled, .*: \d+ s in all\n", last)
    assert len(last.rstrip()) >= len(said.rpartition("\r")[2])
