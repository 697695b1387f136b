"""Whoever is told what the rules do with a day: it keeps what came of each task, in columns."""

from __future__ import annotations

from array import array
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..engine.model.entities import DEFAULT_FILTER, Reservation, Task, Worker
from ..engine.model.state import State
from ..engine.reporting.counters import CountingObserver
from ..language.workflow_configuration import Filter
from .columns import (
    CANCELED,
    COMPLETED,
    DELETED,
    HANGS_UP,
    HUNG_UP,
    NONE,
    REASONS,
    ColumnNames,
    Columns,
    TargetPlace,
    columns_of,
)
from .draws import Draws


def places_of(state: State) -> tuple[TargetPlace, ...]:
    """Give every target of every workflow, in order, that of a default filter last."""
    found: list[TargetPlace] = []
    for flow in state.workflows.values():
        configuration = flow.parsed[-1]
        assert configuration is not None
        filters: list[tuple[int | Literal["default"], Filter | None]] = [*enumerate(configuration.filters)]
        filters.append(("default", configuration.default))
        found += [
            TargetPlace(flow.friendly_name, index, i, state.task_queues[target.queue_sid].friendly_name)
            for index, one in filters
            if one is not None
            for i, target in enumerate(one.targets)
        ]
    return tuple(found)


def names_of(state: State, class_names: tuple[str, ...]) -> ColumnNames:
    """Name classes, workers, queues and targets in the order in which columns count them."""
    workers, queues = state.workers.values(), state.task_queues.values()
    return ColumnNames(
        class_names,
        tuple(each.friendly_name for each in workers),
        tuple(each.friendly_name for each in queues),
        places_of(state),
    )


def _by_task(rows: array[int], at: array[int], what: array[int]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Give when and what, task after task; those of one task stay in the order of time."""
    order = np.argsort(np.array(rows, np.int32), kind="stable")
    return np.array(at, np.int64)[order], np.array(what, np.int32)[order]


class DayObserver(CountingObserver):
    """Keeps what comes of tasks, and what is still to be answered.

    coming: the row of the task that is created next; offered: new reservations, each with its task's row and its number
    there, from 0; moved_away: workers whose reservation has timed out.
    """

    def __init__(self, state: State, begins: int) -> None:
        super().__init__()
        self.state, self.begins = state, begins
        self.coming = 0
        self.rows: dict[str, int] = {}  # of unfinished tasks, by SID
        self.offered: list[tuple[int, int, Task, Reservation]] = []
        self.moved_away: list[Worker] = []
        self.steps = (array("i"), array("q"), array("i"))  # of each step its row, when it was entered, and its place
        self.offers = (array("i"), array("q"), array("i"))  # of each reservation its row, when, and its worker

    def begin(self, draws: Draws, class_names: tuple[str, ...]) -> None:
        """Get ready for a day; the workspace is complete."""
        state, size = self.state, draws.at.size
        self.draws, self.names = draws, names_of(state, class_names)
        self.place_numbers = {(p.workflow, p.filter, p.target): i for i, p in enumerate(self.names.places)}
        self.worker_numbers = {sid: i for i, sid in enumerate(state.workers)}
        self.queue_numbers = {sid: i for i, sid in enumerate(state.task_queues)}
        self.answered, self.ended = (np.full(size, NONE, np.int64) for _ in range(2))
        self.worker, self.queue = (np.full(size, NONE, np.int32) for _ in range(2))
        self.how, self.reason = np.full(size, COMPLETED, np.int8), np.full(size, NONE, np.int8)
        self.reservations = np.zeros(size, np.int32)

    def columns(self) -> Columns:
        """Give the columns, when the day is over."""
        step_from = np.zeros(self.answered.size + 1, np.int64)
        np.cumsum(np.bincount(self.steps[0], minlength=self.answered.size), out=step_from[1:])
        step_at, step_place = _by_task(*self.steps)
        offer_at, offer_worker = _by_task(*self.offers)
        return columns_of(
            self.draws,
            self.names,
            answered=self.answered,
            ended=self.ended,
            worker=self.worker,
            queue=self.queue,
            how=self.how,
            reason=self.reason,
            reservations=self.reservations,
            step_from=step_from,
            step_at=step_at,
            step_place=step_place,
            offer_at=offer_at,
            offer_worker=offer_worker,
        )

    def _note_step(self, now: int, task: Task) -> None:
        workflow = self.state.workflow_of(task)
        assert workflow is not None
        filter_place = "default" if task.filter_index == DEFAULT_FILTER else task.filter_index
        rows, times, places = self.steps
        rows.append(self.rows[task.sid])
        times.append(now - self.begins)
        places.append(self.place_numbers[workflow.friendly_name, filter_place, task.target_index])

    def _end(self, now: int, task: Task, how: int, reason: str | None) -> None:
        row = self.rows.pop(task.sid)
        self.ended[row], self.how[row] = now - self.begins, how
        self.reason[row] = NONE if reason is None else REASONS.index(reason)

    def task_created(self, now: int, task: Task) -> None:
        """Begin its row."""
        self.rows[task.sid] = self.coming
        self._note_step(now, task)

    def step_entered(self, now: int, task: Task) -> None:
        """Note where it is now."""
        self._note_step(now, task)

    def reservation_created(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Keep it until the worker answers."""
        row = self.rows[task.sid]
        number = int(self.reservations[row])
        self.reservations[row] = number + 1
        rows, times, workers = self.offers
        rows.append(row)
        times.append(now - self.begins)
        workers.append(self.worker_numbers[worker.sid])
        self.offered.append((row, number, task, reservation))

    def reservation_changed(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Note who has accepted the task, and who has let it pass."""
        if reservation.reservation_status == "accepted":
            row = self.rows[task.sid]
            self.answered[row] = now - self.begins
            self.worker[row] = self.worker_numbers[worker.sid]
            self.queue[row] = self.queue_numbers[reservation.task_queue_sid]
        elif reservation.reservation_status == "timeout":
            self.moved_away.append(worker)

    def task_completed(self, now: int, task: Task) -> None:
        """End its row."""
        self._end(now, task, COMPLETED, None)

    def task_canceled(self, now: int, task: Task) -> None:
        """End its row: somebody has hung up, or TaskRouter says why."""
        self._end(now, task, HUNG_UP if task.reason == HANGS_UP else CANCELED, task.reason)

    def task_deleted(self, now: int, task: Task, by_system: bool) -> None:
        """End its row: it was worked on for a day."""
        self._end(now, task, DELETED, REASONS[-1])
