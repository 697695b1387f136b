"""What all plots have in common: colours, and the form in which JupyterLab draws them without a network.

JupyterLab brings Vega-Lite 5 and draws what is shown under its type; Altair 6 names a newer type, which JupyterLab does
not know. So a plot is shown as the older one, of which it uses nothing that is newer. Text and lines take their colour
from JupyterLab's theme, and everything is drawn as SVG, so that it is sharp and a screen reader is told what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

COLOURS = ("#0072b2", "#d55e00", "#008a64", "#6c30fc", "#8a7400", "#7a7a7a")
"""Of classes, in their order: to be told apart by people who are colour-blind, and seen on white and on black."""
TEXT, FAINT = "var(--jp-ui-font-color1, #212121)", "var(--jp-border-color2, #c0c0c0)"
WIDTH = 450  # pixels: with its axes and its menu a plot fits beside the prompt of a page that is 1024 wide
SHARES = ("service_level", "abandonment", "occupancy")  # measures that are from 0 to 1
ALL = "All"  # what rows for all classes are called
TYPE = "application/vnd.vegalite.v5+json"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


@dataclass(frozen=True, repr=False)
class Plot:
    """A plot, which a notebook draws where it is the last line of a cell.

    chart: of Altair, to be changed or saved; words: what it shows, for whoever does not see it.
    """

    chart: alt.TopLevelMixin
    words: str

    def spec(self) -> dict[str, Any]:
        """Give the plot as Vega-Lite 5, as a dictionary that JSON has."""
        actions = {"export": True, "source": False, "compiled": False, "editor": False}
        return self.chart.to_dict() | {
            "$schema": SCHEMA,
            "description": self.words,
            "usermeta": {"embedOptions": {"renderer": "svg", "actions": actions}},
        }

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {TYPE: self.spec(), "text/plain": self.words}

    def __repr__(self) -> str:
        return self.words


def finished(chart: Any, words: str) -> Plot:
    """Make a plot of a chart, in the colours of all."""
    labels = {"labelColor": TEXT, "titleColor": TEXT, "titleFontWeight": "normal"}
    lines = {"gridColor": FAINT, "domainColor": FAINT, "tickColor": FAINT, "gridOpacity": 0.6}
    return Plot(
        chart.configure(background="transparent")
        .configure_view(stroke=None)
        .configure_axis(**labels, **lines, labelFlush=False)  # a label stands under its tick, also the first
        .configure_legend(**labels, orient="top", symbolBaseFillColor=TEXT, symbolBaseStrokeColor=TEXT)
        .configure_title(color=TEXT, anchor="start", fontSize=12),
        words,
    )


def data(values: list[dict[str, Any]]) -> alt.Data:
    """Give rows to a chart; they stand in the plot itself."""
    return alt.Data(values=values)


def by_class(names: Sequence[str], field: str = "class", legend: bool = True) -> alt.Color:
    """Tell classes apart by their colour, in their order."""
    classes = [name for name in names if name != ALL]
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(classes)} | {ALL: TEXT}
    scale = alt.Scale(domain=list(names), range=[colours[name] for name in names])
    shown = alt.Legend(title=None) if legend and len(names) > 1 else None
    return alt.Color(f"{field}:N", scale=scale, legend=shown)


def time_of_day(title: str | None = None, labels: bool = True, field: str = "at") -> alt.X:
    """Give the axis of the time of the day, of a field in milliseconds since it began, in UTC."""
    axis = alt.Axis(format="%H:%M", title=title, labels=labels, tickCount=8)
    return alt.X(f"{field}:T", scale=alt.Scale(type="utc"), axis=axis)


def clock(seconds: float) -> str:
    """Write a time of the day, such as 09:30."""
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}"


def duration(seconds: float) -> str:
    """Write a duration, such as 45 s or 3.5 min."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
