"""What a day comes to: waits, service level, abandonment and occupancy, by class and by interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .columns import CANCELED, HUNG_UP, Columns

DAY = 86_400.0
Spans = list[tuple[float, float]]
PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """The tasks of a class that came in an interval. Times are in seconds; None where there is nothing to count.

    class_name: None for all; start, end: since the day began. abandoned: those who hung up; canceled: by TaskRouter.
    mean_wait, longest_wait, wait_50 to wait_99: of those that were answered; a percentile is the shortest wait that so
    many of a hundred did not exceed. service_level: the share that was answered in time, of all but those who hung up
    sooner. abandonment: the share that hung up. occupancy: the share of their time on duty in which workers had a task,
    in rows for all classes.
    """

    class_name: str | None
    start: float
    end: float
    tasks: int
    answered: int
    abandoned: int
    canceled: int
    mean_wait: float | None
    wait_50: float | None
    wait_90: float | None
    wait_95: float | None
    wait_99: float | None
    longest_wait: float | None
    service_level: float | None
    abandonment: float | None
    occupancy: float | None


def summarize(
    columns: Columns, duty: dict[str, Spans], replications: int, within: float, interval: float
) -> list[SummaryRow]:
    """Sum up tasks: the day as a whole, then by interval, each for all classes and for every class.

    duty: when each worker is in an available activity by the plan; within: seconds of the service level; interval:
    seconds. Intervals in which nobody comes and nobody is on duty are left out.
    """
    count = math.ceil(DAY / interval)
    in_interval = np.minimum(columns.came / 1000 // interval, count - 1).astype(np.int64)
    order = np.lexsort((columns.kind, in_interval))
    begins = np.searchsorted(in_interval[order], np.arange(count + 1))
    spans = [(0.0, DAY, np.argsort(columns.kind, kind="stable"))] + [
        (i * interval, min(DAY, (i + 1) * interval), order[begins[i] : begins[i + 1]]) for i in range(count)
    ]
    bounds = np.array([*(start for start, _, _ in spans[1:]), DAY])
    there, busy = _by_interval(columns, duty, bounds)
    there *= replications
    rows: list[SummaryRow] = []
    classes = np.arange(len(columns.class_names) + 1)
    for i, (start, end, some) in enumerate(spans):
        present, at_work = (float(a[i - 1] if i else a.sum()) for a in (there, busy))
        occupancy = round(at_work / present, 6) if present else None
        if some.size or occupancy is not None:
            rows.append(_row(columns, None, start, end, some, within, occupancy))
            of_class = np.searchsorted(columns.kind[some], classes)
            for k, name in enumerate(columns.class_names):
                rows.append(_row(columns, name, start, end, some[of_class[k] : of_class[k + 1]], within, None))
    return rows


def _row(
    columns: Columns,
    name: str | None,
    start: float,
    end: float,
    rows: NDArray[np.int64],
    within: float,
    occupancy: float | None,
) -> SummaryRow:
    how, wait = columns.how[rows], columns.wait[rows]
    waits, gone = np.sort(wait[columns.answered[rows] >= 0]), wait[how == HUNG_UP]
    due, limit = rows.size - int((gone <= within * 1000).sum()), within * 1000
    return SummaryRow(
        name,
        start,
        end,
        rows.size,
        waits.size,
        gone.size,
        int((how == CANCELED).sum()),
        round(int(waits.sum()) / 1000 / waits.size, 6) if waits.size else None,
        *(
            int(waits[max(0, math.ceil(waits.size * share / 100) - 1)]) / 1000 if waits.size else None
            for share in PERCENTILES
        ),
        longest_wait=int(waits[-1]) / 1000 if waits.size else None,
        service_level=int(np.searchsorted(waits, limit, side="right")) / due if due else None,
        abandonment=gone.size / rows.size if rows.size else None,
        occupancy=occupancy,
    )


def _by_interval(
    columns: Columns, duty: dict[str, Spans], bounds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find how long workers were on duty in one replication, and how long at work in all, between these bounds."""
    there, busy = np.zeros(bounds.size - 1), np.zeros(bounds.size - 1)
    at_work = _at_work(columns)
    for worker, shifts in duty.items():
        for begin, end in shifts:
            clipped = np.clip(bounds, begin, end)
            there += np.diff(clipped)
            if worker in at_work:
                busy += np.diff(_time_before(*at_work[worker], clipped * 1000)) / 1000
    return there, busy


def _at_work(columns: Columns) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Find when each worker had a task, in milliseconds: beginnings and ends, each sorted, of all replications."""
    rows = np.flatnonzero(columns.answered >= 0)
    rows = rows[np.lexsort((columns.answered[rows], columns.replication[rows], columns.worker[rows]))]
    if not rows.size:
        return {}
    worker, begin, end = columns.worker[rows], columns.answered[rows], columns.ended[rows]
    is_other = np.diff(worker, prepend=-1) != 0
    is_other |= np.diff(columns.replication[rows], prepend=-1) != 0
    shift = np.cumsum(is_other) * (int(end.max()) + 1)  # lets the spans of one worker and day lie behind all others
    until = np.maximum.accumulate(end + shift)
    is_first = np.concatenate([[True], (begin + shift)[1:] > until[:-1]])
    last = np.flatnonzero(np.concatenate([is_first[1:], [True]]))
    who, begin, end = worker[is_first], begin[is_first], (until - shift)[last]
    places = np.searchsorted(who, np.arange(len(columns.workers) + 1))
    spans = zip(columns.workers, places[:-1].tolist(), places[1:].tolist(), strict=True)
    return {name: (np.sort(begin[a:b]), np.sort(end[a:b])) for name, a, b in spans}


def _time_before(begins: NDArray[np.int64], ends: NDArray[np.int64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up how much of spans lies before each of these times."""
    total = np.zeros(at.size)
    for sign, edges in ((1, begins), (-1, ends)):
        before = np.searchsorted(edges, at)
        sums = np.concatenate([[0], np.cumsum(edges)])
        total += sign * (before * at - sums[before])
    return total
