"""What each replication comes to, by class and by interval, as arrays.

Arrays are of shape (replications, classes + 1, intervals + 1): the last class is all of them together, the last
interval the whole day. NaN where there is nothing to count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .columns import HUNG_UP, Columns
from .day import LENGTH
from .duty import Duty

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
PERCENTILES = (50, 90, 95, 99)
MEASURES = (
    "tasks",
    "answered",
    "mean_wait",
    *(f"wait_{each}" for each in PERCENTILES),
    "service_level",
    "abandonment",
    "occupancy",
)


class MeasuredTasks(NamedTuple):
    """Tasks to measure, arrays of shape (tasks,). replication, kind: places in a grid; the others as in columns."""

    replication: Integers
    kind: Integers
    came: Integers
    answered: Integers
    ended: Integers
    how: NDArray[np.int8]
    worker: NDArray[np.int32]


@dataclass(frozen=True)
class Grid:
    """By what is measured. numbers: of the replications; starts: of the intervals; interval: milliseconds."""

    numbers: Sequence[int]
    classes: Sequence[str]
    starts: Integers
    interval: int

    @classmethod
    def of(cls, columns: Columns, numbers: Sequence[int], seconds: float) -> Grid:
        """Make a grid for replications of these numbers, with intervals of so many seconds."""
        ms = max(1, round(seconds * 1000))
        return cls(numbers, columns.class_names, np.arange(0, LENGTH, ms, dtype=np.int64), ms)

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many replications, classes and intervals there are."""
        return len(self.numbers), len(self.classes), self.starts.size

    def tasks(self, columns: Columns) -> MeasuredTasks:
        """Choose the tasks of its replications; their classes are found by name."""
        numbers = np.asarray(self.numbers)
        order = np.argsort(numbers)
        place = np.minimum(np.searchsorted(numbers[order], columns.replication), numbers.size - 1)
        replication = order[place]
        chosen = numbers[replication] == columns.replication
        kinds = np.array([self.classes.index(name) for name in columns.class_names])
        return MeasuredTasks(
            replication[chosen],
            kinds[columns.kind[chosen]],
            columns.came[chosen],
            columns.answered[chosen],
            columns.ended[chosen],
            columns.how[chosen],
            columns.worker[chosen],
        )

    def intervals(self, at: Integers) -> Integers:
        """Give in which interval each time lies, the last one for later ones."""
        return np.minimum(at // self.interval, self.starts.size - 1)


class Counts(NamedTuple):
    """Counts by replication, class and interval. in_time: answered within the limit; due: all but those who hung up
    sooner; waited: seconds that answered tasks waited in all."""

    tasks: Floats
    answered: Floats
    gone: Floats
    in_time: Floats
    due: Floats
    waited: Floats


def counts(some: MeasuredTasks, grid: Grid, within: float) -> Counts:
    """Count tasks. within: seconds of the service level."""
    answered, gone, wait = some.answered >= 0, some.how == HUNG_UP, waits_of(some)
    in_time = wait <= within * 1000
    cells = cells_of(some, grid)

    def summed(weights: NDArray[np.bool_] | Floats | None = None) -> Floats:
        flat = np.bincount(cells, weights=weights, minlength=int(np.prod(grid.shape))).astype(float)
        return with_totals(flat.reshape(grid.shape))

    tasks = summed()
    return Counts(
        tasks,
        summed(answered),
        summed(gone),
        summed(answered & in_time),
        tasks - summed(gone & in_time),
        summed(np.where(answered, wait / 1000, 0)),
    )


def waits_of(some: MeasuredTasks) -> Integers:
    """Give how long each waited until it was accepted, or until its end when it never was, in milliseconds."""
    return np.where(some.answered >= 0, some.answered, some.ended) - some.came


def cells_of(some: MeasuredTasks, grid: Grid) -> Integers:
    """Give where each task counts, as a place in a flat array of the grid's shape."""
    _, classes, intervals = grid.shape
    return (some.replication * classes + some.kind) * intervals + grid.intervals(some.came)


def measure(columns: Columns, grid: Grid, within: float, duty: Duty) -> dict[str, Floats]:
    """Measure each replication. within: seconds of the service level; duty: as a rehearsal has it."""
    some = grid.tasks(columns)
    count = counts(some, grid, within)
    found = {
        "tasks": count.tasks,
        "answered": count.answered,
        "mean_wait": shared(count.waited, count.answered),
        "service_level": shared(count.in_time, count.due),
        "abandonment": shared(count.gone, count.tasks),
        "occupancy": _occupancy(*occupied(columns.workers, some, grid, duty), count.tasks.shape),
    }
    answered = some.answered >= 0
    waits = _percentiles(cells_of(some, grid)[answered], waits_of(some)[answered], grid)
    found |= {f"wait_{each}": one for each, one in zip(PERCENTILES, waits, strict=True)}
    return {name: found[name] for name in MEASURES}


def with_totals(values: Floats) -> Floats:
    """Add the sum over all classes and over the whole day to an array."""
    values = np.concatenate([values, values.sum(axis=1, keepdims=True)], axis=1)
    return np.concatenate([values, values.sum(axis=2, keepdims=True)], axis=2)


def shared(part: Floats, whole: Floats) -> Floats:
    """Divide, where there is something to divide by; NaN elsewhere."""
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _occupancy(busy: Floats, there: Floats, shape: tuple[int, ...]) -> Floats:
    found = np.full(shape, np.nan)
    found[:, -1, :-1] = shared(busy.sum(axis=1), there.sum(axis=1))
    found[:, -1, -1] = shared(busy.sum(axis=(1, 2)), there.sum(axis=(1, 2)))
    return found


def _percentiles(cells: Integers, waits: Integers, grid: Grid) -> list[Floats]:
    """Find the shortest wait that so many of a hundred did not exceed, in seconds."""
    replications, classes, intervals = grid.shape
    found = [np.full((replications, classes + 1, intervals + 1), np.nan) for _ in PERCENTILES]
    place, interval = np.divmod(cells, intervals)
    replication, kind = np.divmod(place, classes)
    for k in (kind, np.full_like(kind, classes)):
        for i in (interval, np.full_like(interval, intervals)):
            group = (replication * (classes + 1) + k) * (intervals + 1) + i
            order = np.lexsort((waits, group))
            groups, first, counts = np.unique(group[order], return_index=True, return_counts=True)
            for percent, one in zip(PERCENTILES, found, strict=True):
                at = first + np.maximum(0, np.ceil(counts * percent / 100).astype(np.int64) - 1)
                one.reshape(-1)[groups] = waits[order[at]] / 1000
    return found


def occupied(workers: Sequence[str], some: MeasuredTasks, grid: Grid, duty: Duty) -> tuple[Floats, Floats]:
    """Find how long each worker had a task while on duty, and how long each was on duty, in milliseconds.

    Both of shape (replications, workers, intervals).
    """
    replications, _, intervals = grid.shape
    busy, there = np.zeros((2, replications, len(workers), intervals))
    at_work = _time_at_work(some, replications)
    for number, name in enumerate(workers):
        for start, end in duty.get(name, ()):
            begin, finish = round(start * 1000), round(end * 1000)
            first, last = begin // grid.interval, (finish - 1) // grid.interval
            edges = np.concatenate([[begin], grid.starts[first + 1 : last + 1], [finish]])
            there[:, number, first : last + 1] += np.diff(edges)
            busy[:, number, first : last + 1] += np.diff(at_work(number, edges), axis=1)
    return busy, there


def _time_at_work(some: MeasuredTasks, replications: int) -> Callable[[int, Integers], Integers]:
    """Give what tells for how long a worker had a task until certain times, of shape (replications, times)."""
    has = (some.answered >= 0) & (some.worker >= 0)
    # each worker of each replication has a stretch of time of its own, behind all others
    length = LENGTH + (int(some.ended.max()) if some.ended.size else 0) + 1
    own = (some.worker[has].astype(np.int64) * replications + some.replication[has]) * length
    start, end = some.answered[has] + own, some.ended[has] + own
    order = np.argsort(start, kind="stable")
    start, reaches = start[order], np.maximum.accumulate(end[order])
    firsts = np.flatnonzero(np.concatenate([[True], start[1:] > reaches[:-1]])) if start.size else order
    opened, closed = start[firsts], reaches[np.append(firsts[1:], start.size) - 1] if start.size else reaches
    before = np.concatenate([[0], np.cumsum(closed - opened)])

    def until(worker: int, times: Integers) -> Integers:
        at = (worker * replications + np.arange(replications))[:, None] * length + times[None, :]
        place = np.searchsorted(opened, at, side="right") - 1
        if not opened.size:
            return np.zeros(at.shape, dtype=np.int64)
        last = np.maximum(place, 0)
        return np.where(place >= 0, before[last] + np.minimum(at, closed[last]) - opened[last], 0)

    return until
