"""The day as it went: who came, who waited and was on duty, and how long tasks of each class waited."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from ..errors import RehearsalError, expect
from ..records import TaskRecord
from ..rehearsal import Rehearsal
from ..summary import SummaryRow
from .drawing import TEXT, WIDTH, Plot, by_class, clock, data, duration, finished, time_of_day

FEW = 1_500  # tasks, each of which is drawn; of more the percentiles are
ON_DUTY, WAITING = "on duty", "waiting"
ENDS = {"answered": "circle", "hung up": "cross", "canceled": "triangle-down"}


def day_plot(rehearsal: Rehearsal, *, interval: float = 1800, within: float = 20) -> Plot:
    """Draw the day as it went, by the time of the day in UTC.

    Above, the tasks that came; then the workers on duty, and the tasks that waited; below, how long tasks waited: each
    of them, or of more than 1,500 the 50th and the 90th of a hundred. Counts are those of one day, the mean of all
    replications.

    interval: seconds, of the counts; within: seconds of the service level, which is said in words. Raises
    RehearsalError.
    """
    expect("rehearsal", rehearsal, Rehearsal, "what `rehearse` gives")
    rows, columns, days = rehearsal.summary(within, interval), rehearsal.columns, rehearsal.replications
    if not rows:
        raise RehearsalError("nobody comes and nobody is on duty: there is nothing to draw")
    names = columns.class_names
    whole, classes, rows = rows[0], rows[1 : len(names) + 1], rows[len(names) + 1 :]
    waiting = _at_a_time(columns.came / 1000, (columns.came + columns.wait) / 1000, interval, days)
    shifts = np.array([span for spans in rehearsal.duty.values() for span in spans]).reshape(-1, 2)
    on_duty = _at_a_time(shifts[:, 0], shifts[:, 1], interval, 1)
    waits = _each_wait(rehearsal.tasks, names) if len(columns) <= FEW else _percentiles(rows, names)
    chart: Any = alt.vconcat(_came(rows, names, days), _people(on_duty, waiting), waits, spacing=8)
    words = " ".join(_in_words(whole, classes, days, within, waiting))
    return finished(
        chart.resolve_scale(x="shared", color="independent", strokeDash="independent", shape="independent"), words
    )


def _at_a_time(
    begins: NDArray[np.float64], ends: NDArray[np.float64], interval: float, days: int
) -> dict[float, float]:
    """Count how many spans there are at a time, on average in each interval, by its start; with an end of 0."""
    if not begins.size:
        return {}
    first, last = int(begins.min() // interval), math.ceil(float(ends.max()) / interval)
    bounds = [number * interval for number in range(first, last + 2)]
    before = [float((np.minimum(ends, bound) - np.minimum(begins, bound)).sum()) for bound in bounds]
    return {
        bound: (later - so_far) / interval / days
        for bound, (so_far, later) in zip(bounds, pairwise(before), strict=False)
    }


def _came(rows: Sequence[SummaryRow], names: Sequence[str], days: int) -> Any:
    bars: list[dict[str, Any]] = []
    height: dict[float, float] = {}
    for row in rows:
        if row.class_name is not None:
            below, many = height.get(row.start, 0.0), row.tasks / days
            height[row.start] = above = below + many
            times = {"at": row.start * 1000, "until": row.end * 1000}
            bars.append({**times, "class": row.class_name, "tasks": many, "below": below, "above": above})
    y = alt.Y("below:Q", title="tasks came", axis=alt.Axis(tickCount=3))
    tips = [alt.Tooltip("class:N"), alt.Tooltip("tasks:Q", format=".1f")]
    chart = alt.Chart(data(bars), width=WIDTH, height=80).mark_bar(binSpacing=1)
    return chart.encode(
        x=time_of_day(labels=False), x2="until:T", y=y, y2="above:Q", color=by_class(names), tooltip=tips
    )


def _people(on_duty: dict[float, float], waiting: dict[float, float]) -> Any:
    points = [
        {"at": at * 1000, "who": who, "people": many}
        for who, counts in ((ON_DUTY, on_duty), (WAITING, waiting))
        for at, many in counts.items()
    ]
    y = alt.Y("people:Q", title="at a time", axis=alt.Axis(tickCount=3))
    dashes = alt.Scale(domain=[ON_DUTY, WAITING], range=[[5, 3], [1, 0]])
    chart = alt.Chart(data(points), width=WIDTH, height=80).mark_line(interpolate="step-after", color=TEXT)
    return chart.encode(
        x=time_of_day(labels=False),
        y=y,
        strokeDash=alt.StrokeDash("who:N", scale=dashes, title=None),
    )


def _each_wait(tasks: Sequence[TaskRecord], names: Sequence[str]) -> Any:
    points = [
        {"at": each.came * 1000, "wait": each.wait, "class": each.class_name, "end": _end(each)} for each in tasks
    ]
    shapes = alt.Scale(domain=list(ENDS), range=list(ENDS.values()))
    tips = [alt.Tooltip("class:N"), alt.Tooltip("wait:Q", title="waited (s)"), alt.Tooltip("end:N", title="end")]
    chart = alt.Chart(data(points), width=WIDTH, height=200).mark_point(filled=True, size=30, opacity=0.8)
    return chart.encode(
        x=time_of_day("time of the day (UTC)"),
        y=alt.Y("wait:Q", title="waited (seconds)"),
        color=by_class(names, legend=False),
        shape=alt.Shape("end:N", scale=shapes, title=None),
        tooltip=tips,
    )


def _percentiles(rows: Sequence[SummaryRow], names: Sequence[str]) -> Any:
    shares = {"half waited at most": "wait_50", "90 of 100 waited at most": "wait_90"}
    points = [
        {"at": (row.start + row.end) * 500, "class": row.class_name, "share": share, "wait": getattr(row, field)}
        for row in rows
        for share, field in shares.items()
        if row.class_name is not None and row.wait_50 is not None
    ]
    dashes = alt.Scale(domain=list(shares), range=[[3, 3], [1, 0]])
    chart = alt.Chart(data(points), width=WIDTH, height=200)
    x, y = time_of_day("time of the day (UTC)"), alt.Y("wait:Q", title="waited (seconds)")
    colour, dash = by_class(names, legend=False), alt.StrokeDash("share:N", scale=dashes, title=None)
    lines = chart.mark_line().encode(x=x, y=y, color=colour, strokeDash=dash)
    return lines + chart.mark_point(filled=True, size=25, opacity=1).encode(x=x, y=y, color=colour)


def _end(task: TaskRecord) -> str:
    return "answered" if task.answered is not None else "hung up" if task.how == "hung up" else "canceled"


def _in_words(
    whole: SummaryRow, classes: Sequence[SummaryRow], days: int, within: float, waiting: dict[float, float]
) -> Iterator[str]:
    """Say what the plot shows, for whoever does not see it."""
    yield f"{whole.tasks:,} tasks in {days:,} days." if days > 1 else f"A day with {whole.tasks:,} tasks."
    if waiting and (most := max(waiting.values())) > 0:
        at = max(waiting, key=waiting.__getitem__)
        yield f"Most wait from {clock(at)} on: {most:.1f} at a time."
    for row in [whole, *classes] if len(classes) > 1 else [whole]:
        said = [] if row.wait_90 is None else [f"90 of 100 waited {duration(row.wait_90)} at most"]
        said += [] if row.service_level is None else [f"{row.service_level:.0%} were answered within {within:g} s"]
        said += [f"{row.abandonment:.0%} hung up"] if row.abandonment else []
        if said:
            yield f"{row.class_name or 'All'}: {', '.join(said)}."
