"""Staffing against service level: the workers that a day needs by the hour, and what each number of them comes to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt

from ..errors import RehearsalError, expect
from ..staff import StaffPlan, StaffRow
from ..sweep import Sweep
from .drawing import ALL, COLOURS, SHARES, TEXT, WIDTH, Plot, by_class, clock, data, finished, time_of_day


def staffing_plot(plan: StaffPlan, *, target: float | None = None) -> Plot:
    """Draw what `staff_for` has found: workers by interval, and the service level that they come to.

    target: the service level that was asked for, drawn as a line. Raises RehearsalError where nobody comes.
    """
    expect("plan", plan, StaffPlan, "what `staff_for` gives")
    _check_target(target, 0, 1)
    rows = [each for each in plan.rows if each.workers or each.tasks]
    if not rows:
        raise RehearsalError("nobody comes on that day: there is nothing to draw")
    panels = (_workers(rows), _levels(rows, target))
    chart: Any = alt.vconcat(*panels, spacing=8)
    needed = ", ".join(f"{each.workers} from {clock(each.start)} to {clock(each.end)}" for each in rows)
    missed = [clock(each.start) for each in rows if not each.reached]
    words = f"Workers needed: {needed}. " + (
        f"Not reached from {', '.join(missed)} on." if missed else "All intervals reach the service level."
    )
    return finished(chart.resolve_scale(x="shared", color="independent", shape="independent"), words)


def _bars(rows: Sequence[StaffRow]) -> list[dict[str, Any]]:
    return [
        {
            "at": each.start * 1000,
            "until": each.end * 1000,
            "middle": (each.start + each.end) * 500,
            "workers": each.workers,
            "tasks": each.tasks,
            "level": each.service_level,
            "end": "reached" if each.reached else "not reached",
            "none": 0,
        }
        for each in rows
    ]


def _workers(rows: Sequence[StaffRow]) -> Any:
    chart = alt.Chart(data(_bars(rows)), width=WIDTH, height=120)
    most = max(each.workers for each in rows)
    ticks = list(range(0, most + 1, 1 + most // 6))
    y = alt.Y("none:Q", title="workers needed", axis=alt.Axis(values=ticks, format="d"))
    tips = [alt.Tooltip("workers:Q"), alt.Tooltip("tasks:Q", title="tasks that come", format=".1f")]
    bars = chart.mark_bar(binSpacing=1, color=COLOURS[0])
    return bars.encode(x=time_of_day(labels=False), x2="until:T", y=y, y2="workers:Q", tooltip=tips)


def _levels(rows: Sequence[StaffRow], target: float | None) -> Any:
    bars = [each for each in _bars(rows) if each["level"] is not None]
    chart = alt.Chart(data(bars), width=WIDTH, height=120)
    x = time_of_day("time of the day (UTC)", field="middle")
    y = alt.Y("level:Q", title="service level", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%", tickCount=4))
    ends = alt.Scale(domain=["reached", "not reached"], range=["circle", "cross"])
    colours = alt.Scale(domain=["reached", "not reached"], range=list(COLOURS[:2]))
    points = chart.mark_point(filled=True, size=60, opacity=1).encode(
        x=x,
        y=y,
        shape=alt.Shape("end:N", scale=ends, title=None),
        color=alt.Color("end:N", scale=colours, title=None),
        tooltip=[alt.Tooltip("level:Q", title="service level", format=".1%")],
    )
    return points if target is None else points + _target(target, "service level")


def _check_target(target: Any, least: float, most: float) -> None:
    """Raise RehearsalError for what is no target."""
    if target is not None and not (isinstance(target, int | float) and least <= target <= most):
        accepted = f"a share, from {least} to {most}" if most <= 1 else f"a number, {least} or more"
        raise RehearsalError(f"target is {target!r}: give {accepted}")


def _target(level: float, title: str) -> Any:
    rule = alt.Chart(data([{"target": level}])).mark_rule(color=TEXT, strokeDash=[5, 3])
    return rule.encode(y=alt.Y("target:Q", title=title))


def sweep_plot(
    sweep: Sweep, *, x: str, measure: str = "service_level", within: float = 20, target: float | None = None
) -> Plot:
    """Draw a measure of all variants against one of their values, such as the number of workers, by class.

    The lines at each point are the confidence interval. The variants are those that `grid` makes.

    Args:
        sweep: what `sweep` gives.
        x: the name of a value that the variants were made with, a number.
        measure: by its name in a summary.
        within: seconds of the service level.
        target: is drawn as a line.

    Raises RehearsalError for a value or a measure that is not there.
    """
    expect("sweep", sweep, Sweep, "what `sweep` gives")
    _check_target(target, 0, 1 if measure in SHARES else math.inf)
    given: list[Any] = [each.values.get(x) for each in sweep.variants]
    if not all(isinstance(each, int | float) for each in given):
        there = ", ".join(dict.fromkeys(name for each in sweep.variants for name in each.values)) or "none"
        raise RehearsalError(f"x is {x!r}: name a value of all variants that is a number; there is {there}")
    records = sweep.records(within=within)
    chosen = [each for each in records if each["measure"] == measure]
    if not chosen:
        there = ", ".join(dict.fromkeys(str(each["measure"]) for each in records)) or "none"
        raise RehearsalError(f"measure is {measure!r}: there is {there}")
    names = list(dict.fromkeys(str(each["class_name"] or ALL) for each in chosen))
    at_x = {each.name: each.values[x] for each in sweep.variants}
    points = [
        {"class": each["class_name"] or ALL, "x": at_x[each["variant"]]}
        | {name: each[name] for name in ("mean", "low", "high")}
        for each in chosen
    ]
    axis = alt.Axis(format=".0%" if measure in SHARES else "~s", tickCount=5)
    title = measure.replace("_", " ") + (" (seconds)" if "wait" in measure else "")
    chart = alt.Chart(data(points), width=WIDTH, height=240)
    at = alt.X("x:Q", title=x.replace("_", " "), axis=alt.Axis(tickMinStep=1), scale=alt.Scale(zero=False))
    y = alt.Y("mean:Q", title=title, axis=axis, scale=alt.Scale(zero=measure not in SHARES))
    colour = by_class(names)
    tips = [alt.Tooltip("class:N"), *(alt.Tooltip(f"{name}:Q", format=".3~g") for name in ("mean", "low", "high"))]
    line = chart.mark_line(point=True).encode(x=at, y=y, color=colour, tooltip=tips)
    interval = chart.mark_rule(strokeWidth=2).encode(x=at, y=alt.Y("low:Q", title=title), y2="high:Q", color=colour)
    drawn: Any = line + interval if target is None else line + interval + _target(target, title)
    return finished(drawn, " ".join(_in_words(points, names, x, measure, target)))


def _in_words(
    points: Sequence[dict[str, Any]], names: Sequence[str], x: str, measure: str, target: float | None
) -> Iterator[str]:
    yield f"{measure.replace('_', ' ').capitalize()} by {x.replace('_', ' ')}."
    for name in names:
        mine = sorted((each["x"], each["mean"]) for each in points if each["class"] == name)
        shown = ", ".join(f"{at:g}: {mean:.0%}" if measure in SHARES else f"{at:g}: {mean:.1f}" for at, mean in mine)
        reached = [at for at, mean in mine if target is not None and mean >= target]
        yield f"{name}: {shown}{f'; from {min(reached):g} on it is {target:.0%}' if reached else ''}."
