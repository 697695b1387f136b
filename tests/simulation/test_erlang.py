"""Queueing theory: beside values that others have published, and beside the rehearsal of such a day."""

from __future__ import annotations

import math
import statistics

import pytest

from taskrouter_sandbox.simulation import RehearsalError, erlang_a, erlang_c, rehearse
from tests.simulation.days import one_queue

YEAR = 365 * 86_400  # seconds


def test_erlang_c_beside_published_values() -> None:
    # rdocumentation.org/packages/ErlangC 0.1.0, and the same of pypi.org/project/pyworkforce: 100 calls in half an hour
    found = erlang_c(14, per_hour=200, talk=180, within=20)
    assert found.waiting == pytest.approx(0.1741319, abs=5e-8)
    assert found.service_level == pytest.approx(0.8883500, abs=5e-8)
    assert found.mean_wait == pytest.approx(7.83593701, abs=5e-9)
    assert found.occupancy == pytest.approx(0.7142857, abs=5e-8)
    # R. Bronson, Operations Research (1982), example 24.6: 3 servers, 300 a year, two days each
    found = erlang_c(3, per_hour=300 / 365 / 24, talk=2 * 86_400)
    assert found.mean_wait / YEAR == pytest.approx(0.001175, abs=5e-7)
    assert found.mean_wait / YEAR * 300 == pytest.approx(0.352, abs=5e-4)  # who waits, on average
    # one server: what anybody can work out
    found = erlang_c(1, per_hour=30, talk=60, within=0)
    assert found.waiting == pytest.approx(0.5)
    assert found.mean_wait == pytest.approx(60)
    assert found.service_level == pytest.approx(0.5)


def test_both_beside_the_table_of_garnett_mandelbaum_and_reiman() -> None:
    """Designing a Call Center with Impatient Customers (2002): 50 agents, 48 calls a minute, a minute each."""
    found = erlang_c(50, per_hour=48 * 60, talk=60)
    assert round(found.mean_wait, 1) == 20.8
    assert round(math.log(found.waiting / 0.1) / (2 / 60), 1) == 58.1  # the 90th percentile
    assert round(found.mean_wait * 48 / 60) == 17  # who waits, on average
    assert found.occupancy == pytest.approx(0.96)
    found = erlang_a(50, per_hour=48 * 60, talk=60, patience=120)
    assert round(found.abandonment, 3) == 0.031
    assert round(found.abandonment * 120, 1) == 3.7  # the mean wait of all, of those who hang up, too
    assert round(found.abandonment * 120 * 48 / 60) == 3
    assert round(found.occupancy, 2) == 0.93


@pytest.mark.parametrize(("workers", "load"), [(1, 0.3), (10, 0.9), (100, 0.99), (1_000, 0.7)])
def test_erlang_a_of_very_patient_callers_is_erlang_c(workers: int, load: float) -> None:
    per_hour, talk = workers * load * 20, 180
    patient = erlang_a(workers, per_hour=per_hour, talk=talk, patience=1e9, within=30)
    never = erlang_c(workers, per_hour=per_hour, talk=talk, within=30)
    assert patient.waiting == pytest.approx(never.waiting, rel=1e-3, abs=1e-12)
    assert patient.mean_wait == pytest.approx(never.mean_wait, rel=1e-2, abs=1e-9)
    assert patient.service_level == pytest.approx(never.service_level, rel=1e-3)


@pytest.mark.parametrize("load", [1e-6, 0.5, 1, 8])
@pytest.mark.parametrize("patience", [1, 1_000])
def test_whatever_comes_its_shares_are_shares(load: float, patience: float) -> None:
    for workers in (1, 30, 400):
        found = erlang_a(workers, per_hour=load * workers * 60, talk=60, patience=patience)
        for share in (found.waiting, found.service_level, found.abandonment, found.occupancy):
            assert -1e-9 < share < 1 + 1e-9
        assert 0 <= found.mean_wait < math.inf
        assert found.abandonment >= 1 - 1 / load - 1e-9  # the workers cannot answer more
        assert found.occupancy == pytest.approx(load * (1 - found.abandonment))


def test_a_rehearsed_day_of_callers_who_hang_up_is_as_erlang_a_says() -> None:
    workers, per_hour, talk, patience, days = 5, 120, 150, 120, 12
    day = {
        "classes": [
            {
                "name": "Calls",
                "arrivals": [{"to": "12:00", "per_hour": per_hour}],
                "talk": {"distribution": "exponential", "mean": talk},
                "patience": {"distribution": "exponential", "mean": patience},
            }
        ]
    }
    rehearsal = rehearse(one_queue(workers), day, seed=1, replications=days)
    theory = erlang_a(workers, per_hour=per_hour, talk=talk, patience=patience)
    found: dict[str, list[float]] = {"mean_wait": [], "abandonment": [], "service_level": []}
    for number in range(days):
        some = [each for each in rehearsal.tasks if each.replication == number and each.came > 3600]
        waits = [each.wait for each in some if each.answered is not None]
        gone = [each.wait for each in some if each.answered is None]
        found["mean_wait"].append(statistics.fmean(waits))
        found["abandonment"].append(len(gone) / len(some))
        in_time = sum(wait <= 20 for wait in waits)
        found["service_level"].append(in_time / (len(some) - sum(wait <= 20 for wait in gone)))
    for name, values in found.items():
        half = 3.106 * statistics.stdev(values) / math.sqrt(days)  # of 99% with 11 degrees of freedom
        assert abs(statistics.fmean(values) - getattr(theory, name)) <= half, name
        assert half < getattr(theory, name) / 5, name  # an interval that says something


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(RehearsalError, match="20,000,000 callers would wait at the same time"):
        erlang_a(10, per_hour=7_800, talk=60, patience=1e7)
    with pytest.raises(RehearsalError, match=r"come to 10 workers who talk .* there are 10: .* Give more than 10 work"):
        erlang_c(10, per_hour=600, talk=60)
    with pytest.raises(RehearsalError, match="workers is 0: give a whole number, 1 or more"):
        erlang_c(0, per_hour=600, talk=60)
    for name in ("per_hour", "talk", "patience"):
        with pytest.raises(RehearsalError, match=f"{name} is 0: give more"):
            erlang_a(10, **{"per_hour": 600, "talk": 60, "patience": 60} | {name: 0})
        with pytest.raises(RehearsalError, match=f"{name} is nan: give a number"):
            erlang_a(10, **{"per_hour": 600, "talk": 60, "patience": 60} | {name: math.nan})
