"""What each target of a workflow did: who came into it, who was answered there, and who went on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..engine.rules.tasks import WORKFLOW_TIMEOUT
from .columns import HUNG_UP, Columns
from .day import LENGTH
from .measures import Integers
from .rows import Rows


@dataclass(frozen=True, slots=True)
class TargetRow:
    """What a target did with the tasks of a class that entered it in an interval.

    workflow, filter, target, queue: which target; filter: its place, from 0, or `default`; target: from 0. class_name:
    None for all; start, end: seconds since the day began. entered: how often a task came into it, in all replications
    together, and what then became of it: answered: it was accepted there; moved_on: it went on to another target, after
    its timeout, by `skip_if` or since nobody was left; timed_out: its workflow came to an end there; hung_up; canceled:
    by another limit of TaskRouter's. mean_wait, wait_90, longest_wait: seconds from entering the target to being
    accepted there.
    """

    workflow: str
    filter: int | Literal["default"]
    target: int
    queue: str
    class_name: str | None
    start: float
    end: float
    entered: int
    answered: int
    moved_on: int
    timed_out: int
    hung_up: int
    canceled: int
    mean_wait: float | None
    wait_90: float | None
    longest_wait: float | None


ANSWERED, MOVED_ON, TIMED_OUT, GONE, OTHERWISE = range(5)


def targets(columns: Columns, seconds: float | None) -> Rows[TargetRow]:
    """Tell of each target the whole day and then each interval of so many seconds; None for the day alone.

    Each for all classes and for every class; targets, classes and intervals without a task are left out.
    """
    task = np.repeat(np.arange(len(columns)), np.diff(columns.step_from))
    entered, became = columns.step_at, _outcomes(columns, task)
    wait = columns.answered[task] - entered
    length = LENGTH if seconds is None else max(1, round(seconds * 1000))
    interval = np.minimum(entered, LENGTH - 1) // length
    intervals = math.ceil(LENGTH / length)
    kind = columns.kind[task]
    order = np.lexsort((kind, interval, columns.step_place))
    rows: list[TargetRow] = []

    def add(place: int, name: str | None, start: int, end: int, some: Integers) -> None:
        counts = np.bincount(became[some], minlength=5).tolist()
        waits = np.sort(wait[some[became[some] == ANSWERED]]) / 1000
        tenth = waits[max(0, math.ceil(waits.size * 0.9) - 1)] if waits.size else None
        about = columns.places[place]
        rows.append(
            TargetRow(
                *about,
                name,
                start / 1000,
                min(LENGTH, end) / 1000,
                some.size,
                *counts,
                mean_wait=round(float(waits.mean()), 6) if waits.size else None,
                wait_90=float(tenth) if tenth is not None else None,
                longest_wait=float(waits[-1]) if waits.size else None,
            )
        )

    bounds = np.searchsorted(columns.step_place[order], np.arange(len(columns.places) + 1))
    for place in range(len(columns.places)):
        mine = order[bounds[place] : bounds[place + 1]]
        edges = np.searchsorted(interval[mine], np.arange(intervals + 1))
        spans = [(0, LENGTH, mine)]
        if seconds is not None:
            spans += [(i * length, (i + 1) * length, mine[edges[i] : edges[i + 1]]) for i in range(intervals)]
        for start, end, some in spans:
            if some.size:
                add(place, None, start, end, some)
                for number, name in enumerate(columns.class_names):
                    if (of_class := some[kind[some] == number]).size:
                        add(place, name, start, end, of_class)
    return Rows(TargetRow, rows)


def _outcomes(columns: Columns, task: Integers) -> Integers:
    """Tell of each step what became of its task there."""
    is_last = np.zeros(task.size, dtype=bool)
    is_last[columns.step_from[1:][np.diff(columns.step_from) > 0] - 1] = True
    over = columns.reasons.index(WORKFLOW_TIMEOUT)
    ended = np.select(
        [columns.answered[task] >= 0, columns.how[task] == HUNG_UP, columns.reason[task] == over],
        [ANSWERED, GONE, TIMED_OUT],
        OTHERWISE,
    )
    return np.where(is_last, ended, MOVED_ON)
