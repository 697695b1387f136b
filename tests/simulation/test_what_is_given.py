"""What is given in the place of something else is refused in a sentence that says what to give."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pytest

from taskrouter_sandbox.simulation import (
    Rehearsal,
    RehearsalError,
    StaffPlan,
    Sweep,
    compare,
    day_from_events,
    erlang_a,
    grid,
    plots,
    rates,
    rehearse,
    staff_for,
    sweep,
)
from tests.simulation.days import calls, one_queue

DAY: Any = {"classes": [calls(arrivals=[{"from": "09:00", "to": "10:00", "per_hour": 20}])]}
Made = tuple[Rehearsal, Sweep, StaffPlan]
Given = Callable[[Any, Any, Any], object]


def with_workers(workspace: Any, day: Any, workers: int) -> None:
    del workspace.workers[workers:]


@pytest.fixture(scope="module")
def made() -> Made:
    workspace = one_queue(2)
    return (
        rehearse(workspace, DAY, seed=1),
        sweep(workspace, DAY, grid(with_workers, workers=[1, 2]), seed=1),
        staff_for(workspace, DAY, queue="All", seed=1, replications=1),
    )


def search(**settings: Any) -> object:
    return staff_for(one_queue(2), DAY, **{"queue": "All", "seed": 1, **settings})


REFUSED: dict[str, Given] = {
    "progress is 'yes': give True, or a function": lambda r, s, p: rehearse(one_queue(1), DAY, seed=1, progress="yes"),
    "executor is the class ProcessPoolExecutor: give one of": lambda r, s, p: rehearse(
        one_queue(1), DAY, seed=1, executor=ProcessPoolExecutor
    ),
    "task is str: give one of this rehearsal's `tasks`": lambda r, s, p: r.why("first"),
    "task is 10000: give a place in `tasks`, of which there are": lambda r, s, p: r.why(10_000),
    "b is Sweep: give a rehearsal": lambda r, s, p: compare(r, s),
    "a is str: give a rehearsal": lambda r, s, p: compare("a", r),
    "'workers: 3' is none of them; there is workers: 1, workers: 2": lambda r, s, p: s["workers: 3"],
    "variants: give functions by name": lambda r, s, p: sweep(one_queue(1), DAY, with_workers, seed=1),
    "grid: give several values for workers, as a list; not 3": lambda r, s, p: grid(with_workers, workers=3),
    "grid: give several values for workers, as a list; not 'ab'": lambda r, s, p: grid(with_workers, workers="ab"),
    "grid: give several values for a name": lambda r, s, p: grid(with_workers),
    "grid: change is 3: give a function": lambda r, s, p: grid(3, workers=[1]),
    "service_level is '0.8': give a share": lambda r, s, p: search(service_level="0.8"),
    "most is 1.5: give a whole number, 1 or more": lambda r, s, p: search(most=1.5),
    "classes is 'Spanish': give names of classes, as a list": lambda r, s, p: search(classes="Spanish"),
    "classes is []: give names of classes": lambda r, s, p: search(classes=[]),
    "classes is 3: give names of classes": lambda r, s, p: search(classes=3),
    "rehearsal is StaffPlan: give what `rehearse` gives": lambda r, s, p: plots.day_plot(p),
    "rows is Rehearsal: give what `compare` gives": lambda r, s, p: plots.comparison_plot(r),
    "plan is Rehearsal: give what `staff_for` gives": lambda r, s, p: plots.staffing_plot(r),
    "sweep is Rehearsal: give what `sweep` gives": lambda r, s, p: plots.sweep_plot(r, x="workers"),
    "target is 80: give a share, from 0 to 1": lambda r, s, p: plots.staffing_plot(p, target=80),
    "target is -1: give a number, 0 or more": lambda r, s, p: plots.sweep_plot(
        s, x="workers", measure="mean_wait", target=-1
    ),
    "tasks[1] is -2: give a number, 0 or more": lambda r, s, p: rates([1, -2]),
    "tasks[0] is nan: give a number": lambda r, s, p: rates([float("nan")]),
    "tasks is '12': give how many come": lambda r, s, p: rates("12"),  # pyright: ignore[reportArgumentType]
    "tasks is []: give how many come": lambda r, s, p: rates([]),
    "per_hour is -1: give a number, more than 0": lambda r, s, p: erlang_a(3, per_hour=-1, talk=60, patience=3),
    "date is 3: give a date": lambda r, s, p: day_from_events([], one_queue(1), date=3),  # pyright: ignore[reportArgumentType]
    "date is datetime.datetime(2026, 11, 30, 0, 0): give": lambda r, s, p: day_from_events(
        [], one_queue(1), date=datetime.datetime(2026, 11, 30)
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_in_a_sentence(what: str, made: Made) -> None:
    with pytest.raises(RehearsalError) as refused:
        REFUSED[what](*made)
    assert what in str(refused.value)


def test_a_function_that_fails_is_named_with_its_variant() -> None:
    def fails(workspace: Any, day: Any) -> None:
        del day["Shifts"]

    with pytest.raises(KeyError) as failed:
        sweep(one_queue(1), DAY, {"as it is": None, "nobody": fails}, seed=1)
    assert failed.value.__notes__ == ["This was in the variant 'nobody', a function of a workspace and a day"]


def test_numbers_of_numpy_and_other_sequences_are_taken() -> None:
    durations: list[Any] = [[30, 90], (30, 90), np.array([30, 90]), np.array([30.0, 90.0])]
    days = [{"classes": [calls(recorded=[{"at": i} for i in range(9)], talk=each)]} for each in durations]
    whole, *others = [rehearse(one_queue(1), day, seed=1) for day in days]
    assert len({each.ended for each in whole.tasks}) == 9
    assert all(each.tasks == whole.tasks for each in others)
    again = rehearse(one_queue(1), days[0], seed=np.int64(1), replications=np.int64(2))  # pyright: ignore[reportArgumentType]
    assert list(again.tasks)[:9] == list(whole.tasks)
    assert again.replications == 2
    assert json.dumps(again.seed) == "1"


def test_a_sweep_tells_its_variants(made: Made) -> None:
    _, tried, _ = made
    tasks = len(tried["workers: 1"].tasks)
    assert repr(tried).splitlines()[:2] == ["<Sweep: 2 of 2 variants>", f"workers: 1: {tasks:,} tasks"]
    assert "Snapshot(" not in repr(tried)
