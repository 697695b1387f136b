"""What a day comes to: waits, service level, abandonment and occupancy, by class and by interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .records import TaskRecord

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
    tasks: Sequence[TaskRecord], duty: dict[str, Spans], replications: int, within: float, interval: float
) -> list[SummaryRow]:
    """Sum up tasks: the day as a whole, then by interval, each for all classes and for every class.

    duty: when each worker is in an available activity by the plan; within: seconds of the service level; interval:
    seconds. Intervals in which nobody comes and nobody is on duty are left out.
    """
    names = list(dict.fromkeys(each.class_name for each in tasks))
    at_work = _at_work(tasks)
    by_interval: dict[int, list[TaskRecord]] = {}
    for each in tasks:
        by_interval.setdefault(int(each.came // interval), []).append(each)
    spans = [(0.0, DAY, tasks)] + [
        (i * interval, min(DAY, (i + 1) * interval), by_interval.get(i, [])) for i in range(math.ceil(DAY / interval))
    ]
    rows: list[SummaryRow] = []
    for start, end, some in spans:
        occupancy = _occupancy(duty, at_work, replications, start, end)
        if some or occupancy is not None:
            rows.append(_row(None, start, end, some, within, occupancy))
            for name in names:
                rows.append(_row(name, start, end, [t for t in some if t.class_name == name], within, None))
    return rows


def _row(
    name: str | None, start: float, end: float, tasks: Sequence[TaskRecord], within: float, occupancy: float | None
) -> SummaryRow:
    waits = sorted(each.wait for each in tasks if each.answered is not None)
    gone = [each.wait for each in tasks if each.how == "hung up"]
    due = len(tasks) - sum(wait <= within for wait in gone)
    return SummaryRow(
        name,
        start,
        end,
        len(tasks),
        len(waits),
        len(gone),
        sum(each.how == "canceled" for each in tasks),
        round(math.fsum(waits) / len(waits), 6) if waits else None,
        *(waits[max(0, math.ceil(len(waits) * share / 100) - 1)] if waits else None for share in PERCENTILES),
        longest_wait=waits[-1] if waits else None,
        service_level=sum(wait <= within for wait in waits) / due if due else None,
        abandonment=len(gone) / len(tasks) if tasks else None,
        occupancy=occupancy,
    )


def _at_work(tasks: Iterable[TaskRecord]) -> dict[tuple[int, str], Spans]:
    """Find when each worker had a task, by replication."""
    found: dict[tuple[int, str], Spans] = {}
    for each in tasks:
        if each.answered is not None and each.worker is not None:
            found.setdefault((each.replication, each.worker), []).append((each.answered, each.ended))
    return {key: list(_joined(spans)) for key, spans in found.items()}


def _joined(spans: Spans) -> Iterator[tuple[float, float]]:
    """Join spans that overlap."""
    begin = end = -1.0
    for start, stop in sorted(spans):
        if start > end:
            if end > begin:
                yield begin, end
            begin, end = start, stop
        else:
            end = max(end, stop)
    if end > begin:
        yield begin, end


def _occupancy(
    duty: dict[str, Spans], at_work: dict[tuple[int, str], Spans], replications: int, start: float, end: float
) -> float | None:
    there = busy = 0.0
    for worker, shifts in duty.items():
        for a, b in _within(shifts, start, end):
            there += (b - a) * replications
            for i in range(replications):
                busy += math.fsum(d - c for c, d in _within(at_work.get((i, worker), []), a, b))
    return round(busy / there, 6) if there else None


def _within(spans: Spans, start: float, end: float) -> Iterator[tuple[float, float]]:
    for a, b in spans:
        if a < end and b > start:
            yield max(a, start), min(b, end)
