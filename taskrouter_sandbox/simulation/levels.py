"""What numbers of workers come to: the service level of each interval, of those tasks that count."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Columns
from .engines import EngineName
from .measures import Grid, MeasuredTasks, counts, shared, waits_of
from .rehearsal import Rehearsal

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class StaffingRequest:
    """What is asked for.

    classes: the places of those that count; queues: of their tasks those that come to one of these count, all where it
    is None; the rest as in `staff_for`.
    """

    service_level: float
    within: float
    classes: tuple[int, ...]
    queues: tuple[str, ...] | None
    seed: int
    replications: int
    executor: Any
    engine: EngineName


@dataclass(frozen=True)
class Levels:
    """What a rehearsal comes to by interval.

    level: NaN where nothing comes; reached: is it enough? helps: did a copy answer any task that counts in time?
    """

    tasks: Floats
    level: Floats
    reached: Booleans
    helps: bool

    @classmethod
    def of(cls, rehearsal: Rehearsal, asked: StaffingRequest, interval: int, others: Container[str]) -> Levels:
        """Measure a rehearsal. interval: milliseconds; others: names of the workers who are no copies."""
        columns = rehearsal.columns
        grid = Grid.of(columns, rehearsal.finished, interval / 1000)
        some = grid.tasks(columns)
        if asked.queues is not None:
            counted = come_in_time(columns, asked.queues, asked.within)
            some = MeasuredTasks._make(each[counted] for each in some)
        found = counts(some, grid, asked.within)
        is_copy = np.array([name not in others for name in columns.workers], dtype=np.bool_)
        by_copies = (some.answered >= 0) & (waits_of(some) <= asked.within * 1000) & np.isin(some.kind, asked.classes)
        helps = bool(np.any(is_copy[some.worker[by_copies]]))
        tasks, in_time, due = (
            each[:, list(asked.classes), :-1].sum(axis=(0, 1)) for each in (found.tasks, found.in_time, found.due)
        )
        level = shared(in_time, due)
        reached = np.isnan(level) | (level >= asked.service_level)
        return cls(tasks / rehearsal.replications, level, reached, helps)

    def is_better(self, other: Levels) -> bool:
        """Tell whether more intervals reach what is asked for."""
        return int(self.reached.sum()) > int(other.reached.sum())

    def loses(self, other: Levels) -> bool:
        """Tell whether an interval no longer reaches it, or comes to less where it was not reached."""
        less = self.level < other.level
        return bool(np.any(other.reached & ~self.reached) or np.any(less & ~other.reached))


def come_in_time(columns: Columns, queues: Container[str], within: float) -> Booleans:
    """Tell which tasks come to one of these queues no later than so many seconds after they came at all.

    Who comes there later waits for others first, and could not be answered in time by anybody there.
    """
    theirs = np.array([place.queue in queues for place in columns.places], dtype=np.bool_)
    task = np.repeat(np.arange(len(columns)), np.diff(columns.step_from))
    good = theirs[columns.step_place] & (columns.step_at - columns.came[task] <= within * 1000)
    found = np.zeros(len(columns), dtype=np.bool_)
    found[task[good]] = True
    return found
