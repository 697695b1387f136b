"""Classes and workers have answers of their own, and workers take their own time."""

from __future__ import annotations

from typing import Any

import pytest

from taskrouter_sandbox.simulation import Rehearsal, rehearse
from tests.simulation.days import calls, one_queue, random_day

FIRST, SECOND = "Worker 0", "Worker 1"


def calls_apart(count: int, **settings: Any) -> Rehearsal:
    """Calls that never wait for one another, each of a minute, for two workers in turn."""
    recorded = [{"at": 600 * i} for i in range(count)]
    return rehearse(one_queue(2), {"classes": [calls(recorded=recorded)], **settings}, seed=4)


def test_a_worker_takes_so_many_times_as_long() -> None:
    rehearsal = calls_apart(6, workers=[{"worker": FIRST, "talk_factor": 1.5, "wrap_up_factor": 2}])
    assert {(t.worker, t.ended - (t.answered or 0)) for t in rehearsal.tasks} == {(FIRST, 90), (SECOND, 60)}


def test_a_worker_has_durations_of_its_own_and_others_meet_the_same_people() -> None:
    own = {"distribution": "uniform", "low": 300, "high": 400}
    plain, changed = (
        calls_apart(20, workers=workers) for workers in ([], [{"worker": FIRST, "talk": own, "wrap_up": [10, 20]}])
    )
    lasted = [(t.worker, round(t.ended - (t.answered or 0), 3)) for t in changed.tasks]
    mine = [seconds for worker, seconds in lasted if worker == FIRST]
    assert all(310 <= each <= 420 for each in mine)
    assert len(set(mine)) == len(mine) == 10
    assert {seconds for worker, seconds in lasted if worker == SECOND} == {60}
    assert [t.came for t in plain.tasks] == [t.came for t in changed.tasks]


def test_what_a_task_takes_a_worker_does_not_hang_on_the_others() -> None:
    talk = {"distribution": "exponential", "mean": 60}
    day = {
        "classes": [calls(recorded=[{"at": 6000 * i} for i in range(10)])],
        "workers": [{"worker": FIRST, "talk": talk}],
    }
    alone, beside = (rehearse(one_queue(count), day, seed=1) for count in (1, 2))
    took = {t.number: t.ended - (t.answered or 0) for t in alone.tasks}
    again = {t.number: t.ended - (t.answered or 0) for t in beside.tasks if t.worker == FIRST}
    assert len(again) == 5
    assert all(took[number] == pytest.approx(seconds) for number, seconds in again.items())


def test_answers_of_a_worker_come_before_those_of_the_class_and_those_of_the_day() -> None:
    classes = [
        calls(name=name, recorded=[{"at": every * i + 300} for i in range(9)], **more)
        for name, every, more in (("Fast", 600, {"answers": {"after": 1}}), ("Usual", 1000, {}))
    ]
    day = {"classes": classes, "answers": {"after": 7}, "workers": [{"worker": FIRST, "answers": {"after": 3}}]}
    tasks = rehearse(one_queue(2), day, seed=0).tasks
    found = {(t.class_name, t.worker, t.wait) for t in tasks}
    assert found == {("Fast", FIRST, 3), ("Usual", FIRST, 3), ("Fast", SECOND, 1), ("Usual", SECOND, 7)}


def test_a_worker_who_rejects_everything_leaves_it_to_others() -> None:
    rehearsal = calls_apart(10, workers=[{"worker": FIRST, "answers": {"reject": 1}}])
    assert {t.worker for t in rehearsal.tasks} == {SECOND}
    assert 10 < sum(t.reservations for t in rehearsal.tasks) <= 20


def test_who_lets_offers_time_out_comes_back_as_that_worker_does() -> None:
    answers = {"let_time_out": 1, "back_after": 60}
    for back_after, comes_back in ((None, False), (30, True)):
        workers = [{"worker": FIRST, "answers": {"back_after": back_after}}]
        rehearsal = rehearse(
            one_queue(1), {"classes": [calls(recorded=[{"at": 0}])], "answers": answers, "workers": workers}, seed=0
        )
        assert (rehearsal.tasks[0].reservations > 1) == comes_back


def test_habits_that_change_nothing_change_nothing() -> None:
    day = random_day()
    same = {**day, "workers": [{"worker": "Worker 0", "talk_factor": 1, "answers": {}}]}
    same["classes"] = [{**each, "answers": {}} for each in day["classes"]]
    assert rehearse(one_queue(2), day, seed=5).tasks == rehearse(one_queue(2), same, seed=5).tasks
