"""Two workspaces, rosters or days side by side, and how they differ with the same people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import altair as alt

from ..compare import DifferenceRow
from ..day import LENGTH
from ..errors import RehearsalError, expect
from .drawing import ALL, COLOURS, FAINT, SHARES, TEXT, Plot, data, duration, finished

WIDTH, ROW = 195, 30  # pixels, of each panel and of a class


def comparison_plot(
    rows: Iterable[DifferenceRow], *, measure: str = "service_level", names: tuple[str, str] = ("before", "after")
) -> Plot:
    """Draw what `compare` gives: a measure of both, by class, and how it differs, with the confidence interval.

    Where the interval does not reach the line at 0, the difference is hardly one of chance.

    Args:
        rows: of `compare`; of those by intervals of the day only the whole day is drawn.
        measure: by its name in a summary, such as `mean_wait` or `abandonment`.
        names: what the two are called.

    Raises RehearsalError for a measure that is not there.
    """
    expect("rows", rows, list, "what `compare` gives")
    whole = [each for each in rows if (each.start, each.end) == (0, LENGTH / 1000)]
    chosen = [each for each in whole if each.measure == measure]
    if not chosen:
        there = ", ".join(dict.fromkeys(each.measure for each in whole)) or "none"
        raise RehearsalError(f"measure is {measure!r}: there is {there}")
    order = [each.class_name or ALL for each in chosen]
    panels = (_both(chosen, order, measure, names), _difference(chosen, order, measure))
    chart: Any = alt.hconcat(*panels, spacing=14)
    words = " ".join(_in_words(chosen, measure, names))
    return finished(chart.resolve_scale(y="shared", color="independent", shape="independent"), words)


def _classes(order: Sequence[str], labels: bool = True) -> alt.Y:
    axis = alt.Axis(title=None, labels=labels, ticks=False, domain=False, grid=True, labelLimit=150)
    return alt.Y("class:N", sort=list(order), axis=axis)


def _axis(measure: str, title: str) -> alt.Axis:
    return alt.Axis(title=title, tickCount=3, format=".0%" if measure in SHARES else "~s")


def _title(measure: str) -> str:
    return measure.replace("_", " ") + ("" if measure in SHARES or "wait" not in measure else " (seconds)")


def _both(rows: Sequence[DifferenceRow], order: Sequence[str], measure: str, names: tuple[str, str]) -> Any:
    points = [
        {"class": row.class_name or ALL, "which": name, "value": value}
        for row in rows
        for name, value in zip(names, (row.a, row.b), strict=True)
    ]
    x = alt.X("value:Q", scale=alt.Scale(zero=measure not in SHARES), axis=_axis(measure, _title(measure)))
    chart = alt.Chart(data(points), width=WIDTH, height=ROW * len(order))
    line = chart.mark_line(color=FAINT, strokeWidth=3).encode(x=x, y=_classes(order), detail="class:N")
    colours = alt.Color("which:N", scale=alt.Scale(domain=list(names), range=list(COLOURS[:2])), title=None)
    shapes = alt.Shape("which:N", scale=alt.Scale(domain=list(names), range=["circle", "diamond"]), title=None)
    tips = [alt.Tooltip("which:N", title="which"), alt.Tooltip("class:N"), alt.Tooltip("value:Q", format=".3~g")]
    marks = chart.mark_point(filled=True, size=90, opacity=1)
    return line + marks.encode(x=x, y=_classes(order), color=colours, shape=shapes, tooltip=tips)


def _difference(rows: Sequence[DifferenceRow], order: Sequence[str], measure: str) -> Any:
    points = [
        {"class": row.class_name or ALL, "value": row.difference, "low": row.low, "high": row.high, "zero": 0}
        for row in rows
    ]
    axis = _axis(measure, "difference, with its interval")
    chart = alt.Chart(data(points), width=WIDTH, height=ROW * len(order))
    y = _classes(order, labels=False)
    zero = chart.mark_rule(color=TEXT, strokeDash=[4, 3]).encode(x=alt.X("zero:Q", axis=axis))
    interval = chart.mark_rule(color=TEXT, strokeWidth=2).encode(x=alt.X("low:Q", axis=axis), x2="high:Q", y=y)
    tips = [alt.Tooltip(f"{name}:Q", format=".3~g") for name in ("value", "low", "high")]
    point = chart.mark_point(filled=True, size=60, color=TEXT, opacity=1)
    return zero + interval + point.encode(x=alt.X("value:Q", axis=axis), y=y, tooltip=tips)


def _in_words(rows: Sequence[DifferenceRow], measure: str, names: tuple[str, str]) -> Iterator[str]:
    first, second = names
    yield f"{measure.replace('_', ' ').capitalize()}, {first} and {second}:"
    for row in rows:
        said = f"{row.class_name or ALL} {_value(row.a, measure)} and {_value(row.b, measure)}"
        if row.low is not None and row.high is not None:
            said += f", a difference of {_value(row.difference, measure)}"
            said += f" ({_value(row.low, measure)} to {_value(row.high, measure)})"
        yield f"{said}{';' if row is not rows[-1] else '.'}"


def _value(value: float, measure: str) -> str:
    if measure in SHARES:
        return f"{value:.1%}"
    return duration(value) if "wait" in measure else f"{value:.1f}"
