"""What plots show: the figures of the rehearsal, in colours that can be told apart, and in words."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from taskrouter_sandbox.simulation import RehearsalError, compare, grid, rehearse, staff_for, sweep
from taskrouter_sandbox.simulation.plots import Plot, comparison_plot, day_plot, staffing_plot, sweep_plot
from taskrouter_sandbox.simulation.plots.drawing import COLOURS, TYPE
from taskrouter_sandbox.snapshot import Snapshot
from tests.simulation.days import calls, one_queue, random_day, team


def rows_of(plot: Plot) -> list[list[dict[str, Any]]]:
    """The rows that each panel draws."""
    spec = plot.spec()
    json.dumps(spec, allow_nan=False)
    return [panel["data"]["values"] for panel in spec["vconcat"]]


def test_a_day_is_drawn_with_who_came_who_waited_and_how_long() -> None:
    recorded = [{"at": "09:00"}, {"at": "09:10", "patience": 300}, {"at": "09:45"}]
    shifts = [{"worker": "Worker 0", "from": "09:00", "to": "10:30"}]
    day = {"classes": [calls(recorded=recorded, talk=1800)], "shifts": shifts}
    plot = day_plot(rehearse(one_queue(1), day, seed=0), interval=1800, within=20)
    came, people, waits = rows_of(plot)
    nine = 9 * 3_600_000
    counts = {(row["at"] - nine) / 60_000: row["tasks"] for row in came}
    assert counts == {0: 2, 30: 1, 60: 0}
    assert all(row["above"] - row["below"] == row["tasks"] for row in came)
    by_time = {(row["who"], (row["at"] - nine) / 60_000): row["people"] for row in people}
    assert by_time == {
        ("on duty", 0): 1,
        ("on duty", 30): 1,
        ("on duty", 60): 1,
        ("on duty", 90): 0,
        ("waiting", 0): pytest.approx(300 / 1800),  # the second hangs up after five minutes
        ("waiting", 30): 0,
        ("waiting", 60): 0,
    }
    assert [(row["wait"], row["end"]) for row in waits] == [(0, "answered"), (300, "hung up"), (0, "answered")]
    words = "A day with 3 tasks. Most wait from 09:00 on: 0.2 at a time. All: 90 of 100 waited 0 s at most, "
    assert repr(plot) == f"{words}67% were answered within 20 s, 33% hung up."
    assert plot.spec()["description"] == repr(plot)


def test_of_many_tasks_the_percentiles_are_drawn_and_counts_are_of_one_day() -> None:
    rehearsal = rehearse(team(), random_day(), seed=1, replications=20)
    came, _, waits = rows_of(day_plot(rehearsal, interval=900))
    assert len(rehearsal.tasks) > 1_500
    assert sum(row["tasks"] for row in came) == pytest.approx(len(rehearsal.tasks) / 20)
    summary = {(row.start, row.class_name): row for row in rehearsal.summary(interval=900)[3:]}
    for row in waits:
        found = summary[row["at"] / 1000 - 450, row["class"]]
        assert row["wait"] == (found.wait_50 if row["share"].startswith("half") else found.wait_90)
    assert {row["class"] for row in waits} == {"Spanish", "Others"}


def test_a_day_without_anybody_is_drawn_unless_nobody_works() -> None:
    nobody = {"classes": [calls(arrivals=[{"per_hour": 0}])]}
    plot = day_plot(rehearse(team(), nobody, seed=1))
    assert {row["tasks"] for row in rows_of(plot)[0]} == {0}
    assert repr(plot) == "A day with 0 tasks."
    with pytest.raises(RehearsalError, match="nobody comes and nobody is on duty"):
        day_plot(rehearse(one_queue(0), nobody, seed=1))


def test_two_rehearsals_are_drawn_side_by_side_with_their_difference() -> None:
    one, other = (rehearse(team(after), random_day(), seed=1, replications=5) for after in (87, 5))
    rows = compare(one, other, interval=1800)
    plot = comparison_plot(rows, measure="mean_wait", names=("later", "sooner"))
    both, difference = (panel["layer"][-1] for panel in plot.spec()["hconcat"])
    chosen = [row for row in rows if row.measure == "mean_wait" and row.end == 86_400 and row.start == 0]
    assert [row.class_name for row in chosen] == [None, "Spanish", "Others"]
    points = plot.spec()["hconcat"][0]["data"]["values"]
    assert {(each["class"], each["which"]): each["value"] for each in points} == {
        (row.class_name or "All", which): value
        for row in chosen
        for which, value in (("later", row.a), ("sooner", row.b))
    }
    intervals = [(each["value"], each["low"], each["high"]) for each in plot.spec()["hconcat"][1]["data"]["values"]]
    assert intervals == [(row.difference, row.low, row.high) for row in chosen]
    assert both["encoding"]["y"]["sort"] == difference["encoding"]["y"]["sort"] == ["All", "Spanish", "Others"]
    assert repr(plot).startswith("Mean wait, later and sooner: All ")
    assert f"Spanish {chosen[1].a:.0f} s and {chosen[1].b:.0f} s, a difference of {chosen[1].difference:.0f} s" in repr(
        plot
    )
    shares = comparison_plot(compare(one, one)).spec()["hconcat"][0]["layer"][-1]["encoding"]["x"]["axis"]
    assert (shares["format"], shares["title"]) == (".0%", "service level")
    with pytest.raises(RehearsalError, match=r"measure is 'wait': there is tasks, .*mean_wait"):
        comparison_plot(rows, measure="wait")


def test_workers_by_interval_are_drawn_with_the_service_level_that_they_come_to() -> None:
    hours = [{"from": "09:00", "to": "10:00", "per_hour": 40}, {"from": "10:00", "to": "11:00", "per_hour": 90}]
    day = {"classes": [calls(arrivals=hours, patience=120)]}
    plan = staff_for(one_queue(1), day, queue="All", interval=3600, service_level=0.8, seed=1, replications=2)
    plot = staffing_plot(plan, target=0.8)
    bars, levels = plot.spec()["vconcat"]
    rows = [each for each in plan.rows if each.workers]
    assert [(each["at"] / 3_600_000, each["workers"]) for each in bars["data"]["values"]] == [
        (9, rows[0].workers),
        (10, rows[1].workers),
    ]
    points, target = levels["layer"]
    assert [each["level"] for each in points["data"]["values"]] == [each.service_level for each in rows]
    assert target["data"]["values"] == [{"target": 0.8}]
    needed = f"{rows[0].workers} from 09:00 to 10:00, {rows[1].workers} from 10:00 to 11:00"
    assert repr(plot) == f"Workers needed: {needed}. All intervals reach the service level."


def test_a_sweep_is_drawn_against_what_was_varied() -> None:
    def staffed(workspace: Snapshot, day: dict[str, Any], workers: int) -> None:
        workspace.workers[workers:] = []

    day = {"classes": [calls(arrivals=[{"from": "09:00", "to": "10:00", "per_hour": 90}], patience=60)]}
    found = sweep(one_queue(3), day, grid(staffed, workers=[1, 2, 3]), seed=1, replications=3)
    plot = sweep_plot(found, x="workers", within=30, target=0.8)
    points = (
        plot.spec()["layer"][0]["data"]["values"]
        if "data" in plot.spec()["layer"][0]
        else plot.spec()["data"]["values"]
    )
    expected = {
        each["workers"]: (each["mean"], each["low"])
        for each in found.records(within=30)
        if each["measure"] == "service_level" and each["class_name"] is None
    }
    assert {each["x"]: (each["mean"], each["low"]) for each in points if each["class"] == "All"} == expected
    assert repr(plot).startswith("Service level by workers. All: 1: ")
    with pytest.raises(
        RehearsalError, match="x is 'worker': name a value of all variants that is a number; there is workers"
    ):
        sweep_plot(found, x="worker")
    with pytest.raises(RehearsalError, match=r"measure is 'wait': there is tasks"):
        sweep_plot(found, x="workers", measure="wait")


def test_a_notebook_is_given_the_form_that_jupyterlab_draws() -> None:
    bundle = day_plot(rehearse(team(), random_day(), seed=1))._repr_mimebundle_()
    assert set(bundle) == {TYPE, "text/plain"}
    assert bundle[TYPE]["$schema"].endswith("/v5.json")


def luminance(colour: str) -> float:
    """Of a colour, by WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_colours_are_seen_on_a_light_page_and_on_a_dark_one() -> None:
    for colour in COLOURS:
        for page in ("#ffffff", "#111111"):
            bright, dark = sorted((luminance(colour), luminance(page)), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 3, (colour, page)


# How a colour is seen without one kind of cone: Viénot, Brettel and Mollon (1999), in linear RGB
PROTANOPE = ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0))
DEUTERANOPE = ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0))


@pytest.mark.parametrize("seen", [PROTANOPE, DEUTERANOPE], ids=["protanope", "deuteranope"])
def test_colours_are_told_apart_by_people_who_are_colour_blind(seen: tuple[tuple[float, ...], ...]) -> None:
    def linear(colour: str) -> list[float]:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]

    def perceived(colour: str) -> list[float]:
        values = [sum(a * b for a, b in zip(row, linear(colour), strict=True)) for row in seen]
        x, y, z = (
            0.4124 * values[0] + 0.3576 * values[1] + 0.1805 * values[2],
            0.2126 * values[0] + 0.7152 * values[1] + 0.0722 * values[2],
            0.0193 * values[0] + 0.1192 * values[1] + 0.9505 * values[2],
        )
        f = [max(part, 0) ** (1 / 3) for part in (x / 0.9505, y, z / 1.089)]
        return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]

    for one, other in itertools.combinations(COLOURS[:4], 2):
        apart = sum((a - b) ** 2 for a, b in zip(perceived(one), perceived(other), strict=True)) ** 0.5
        assert apart > 20, (one, other, apart)
