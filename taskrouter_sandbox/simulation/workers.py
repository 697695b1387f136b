"""Who was busy and who was idle: each worker's day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .columns import Columns
from .day import LENGTH
from .duty import Duty
from .measures import Floats, Grid, Integers, occupied
from .rows import Rows


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker's time and reservations in an interval, of one day on average over the replications.

    start, end: seconds since the day began. on_duty: seconds in an available activity, by the plan; busy: those of them
    with at least one task; idle: the others; occupancy: the share of busy, None for who is not on duty. offered:
    reservations made for this worker; answered: those that were accepted; both by when they happened.
    """

    worker: str
    start: float
    end: float
    on_duty: float
    busy: float
    idle: float
    occupancy: float | None
    offered: float
    answered: float


def workers(columns: Columns, numbers: Sequence[int], duty: Duty, seconds: float | None) -> Rows[WorkerRow]:
    """Tell of each worker the whole day and then each interval of so many seconds; None for the day alone.

    Intervals in which a worker is not on duty and is offered nothing are left out.
    """
    grid = Grid.of(columns, numbers, LENGTH / 1000 if seconds is None else seconds)
    shape = (len(columns.workers), grid.starts.size)
    busy, there = (each.mean(axis=0) / 1000 for each in occupied(columns.workers, grid.tasks(columns), grid, duty))
    has = columns.worker >= 0

    def counted(worker: NDArray[np.int32], at: Integers) -> Floats:
        cells = worker * shape[1] + grid.intervals(at)
        return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape) / len(numbers)

    answered = counted(columns.worker[has], columns.answered[has])
    offered = counted(columns.offer_worker, columns.offer_at)
    rows: list[WorkerRow] = []
    for i, name in enumerate(columns.workers):
        parts = [(0.0, LENGTH / 1000, slice(None))]
        if seconds is not None:
            parts += [
                (start / 1000, start / 1000 + seconds, slice(j, j + 1)) for j, start in enumerate(grid.starts.tolist())
            ]
        for start, end, some in parts:
            on_duty, at_work = float(there[i, some].sum()), float(busy[i, some].sum())
            counts = float(offered[i, some].sum()), float(answered[i, some].sum())
            if some == slice(None) or on_duty or any(counts):
                share = round(at_work / on_duty, 6) if on_duty else None
                idle = round(on_duty - at_work, 3)
                end = min(end, LENGTH / 1000)
                rows.append(WorkerRow(name, start, end, on_duty, round(at_work, 3), idle, share, *counts))
    return Rows(WorkerRow, rows)
