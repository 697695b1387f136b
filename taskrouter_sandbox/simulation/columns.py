"""What came of each task, in columns: some 50 bytes of each task, and what reads them as records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from ..engine.rules import tasks
from .draws import Draws
from .records import How, Step, TaskRecord
from .rows import frame

HOWS: tuple[How, ...] = ("completed", "hung up", "canceled", "deleted")
COMPLETED, HUNG_UP, CANCELED, DELETED = range(4)
NONE = -1  # never, nobody, nowhere
HANGS_UP = "hung up"  # the reason with which the task of somebody who hangs up is canceled
REASONS = (
    HANGS_UP,
    tasks.TTL_EXCEEDED,
    tasks.TOO_MANY_ATTEMPTS,
    tasks.WORKFLOW_TIMEOUT,
    tasks.WORKFLOW_SKIPPED,
    "assigned for 24 hours",
)


class TargetPlace(NamedTuple):
    """A target of a workflow: the workflow, the filter's place from 0 or `default`, the target's place, its queue."""

    workflow: str
    filter: int | Literal["default"]
    target: int
    queue: str


class ColumnNames(NamedTuple):
    """What the numbers in columns stand for, by position."""

    class_names: tuple[str, ...]
    workers: tuple[str, ...]
    queues: tuple[str, ...]
    places: tuple[TargetPlace, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Columns:
    """What came of the tasks of one or more days. Times are milliseconds since the day began.

    class_names, workers, queues, places, reasons: what the numbers in the columns stand for, by position.

    Of shape (tasks,): kind: its class; replication, number: which task of its class; came; answered: NONE for never;
    ended; worker, queue: who accepted it, from where, or NONE; how: a place in HOWS; reason: or NONE; reservations: how
    many were made.

    The targets that task i entered are `step_at[step_from[i]:step_from[i + 1]]` (when), `step_place[...]` (where). Its
    reservations are, task after task, so many as `reservations` says: offer_at (when made), offer_worker (for whom).
    """

    class_names: tuple[str, ...]
    workers: tuple[str, ...]
    queues: tuple[str, ...]
    places: tuple[TargetPlace, ...]
    reasons: tuple[str, ...]
    kind: NDArray[np.int32]
    replication: NDArray[np.int32]
    number: NDArray[np.int32]
    came: NDArray[np.int64]
    answered: NDArray[np.int64]
    ended: NDArray[np.int64]
    worker: NDArray[np.int32]
    queue: NDArray[np.int32]
    how: NDArray[np.int8]
    reason: NDArray[np.int8]
    reservations: NDArray[np.int32]
    step_from: NDArray[np.int64]
    step_at: NDArray[np.int64]
    step_place: NDArray[np.int32]
    offer_at: NDArray[np.int64]
    offer_worker: NDArray[np.int32]

    def __len__(self) -> int:
        return self.kind.size

    def __repr__(self) -> str:
        """Name the columns."""
        return f"<Columns of {len(self):,} tasks: {', '.join(each.name for each in fields(self))}>"

    @property
    def wait(self) -> NDArray[np.int64]:
        """How long each waited until it was accepted, or until its end when it never was, in milliseconds."""
        return np.where(self.answered >= 0, self.answered, self.ended) - self.came

    def _step(self, number: int) -> Step:
        place = self.places[int(self.step_place[number])]
        return Step(int(self.step_at[number]) / 1000, place.filter, place.target, place.queue)

    def record(self, row: int) -> TaskRecord:
        """Give the record of one task."""
        first, last = int(self.step_from[row]), int(self.step_from[row + 1])
        steps = [self._step(i) for i in range(first, last)]
        answered, worker, queue, reason = (
            int(column[row]) for column in (self.answered, self.worker, self.queue, self.reason)
        )
        return TaskRecord(
            class_name=self.class_names[int(self.kind[row])],
            replication=int(self.replication[row]),
            number=int(self.number[row]),
            came=int(self.came[row]) / 1000,
            steps=steps,
            reservations=int(self.reservations[row]),
            answered=None if answered < 0 else answered / 1000,
            worker=None if worker < 0 else self.workers[worker],
            queue=None if queue < 0 else self.queues[queue],
            ended=int(self.ended[row]) / 1000,
            how=HOWS[int(self.how[row])],
            reason=None if reason < 0 else self.reasons[reason],
        )

    def equals(self, other: Columns) -> bool:
        """Tell whether two days came out the same, of each task in everything."""
        return all(np.array_equal(getattr(self, each.name), getattr(other, each.name)) for each in fields(self))


TYPES = {
    name: np.dtype(kind)
    for kind, names in {
        np.int64: ("came", "answered", "ended", "step_from", "step_at", "offer_at"),
        np.int32: ("kind", "replication", "number", "worker", "queue", "reservations", "step_place", "offer_worker"),
        np.int8: ("how", "reason"),
    }.items()
    for name in names
}
"""Of the arrays of `Columns`, by name."""


def columns_of(draws: Draws, names: ColumnNames, **came: Any) -> Columns:
    """Put columns together. came: all that is not drawn."""
    return Columns(
        **names._asdict(),
        reasons=REASONS,
        kind=draws.kind,
        replication=np.full(draws.at.size, draws.replication, np.int32),
        number=draws.number,
        came=draws.at,
        **came,
    )


def joined(parts: Sequence[Columns]) -> Columns:
    """Put the columns of several replications of one day in one workspace behind one another."""
    if len(parts) == 1 and all(getattr(parts[0], name).dtype == kind for name, kind in TYPES.items()):
        return parts[0]
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts], dtype=kind)
        for name, kind in TYPES.items()
        if name != "step_from"
    }
    steps = np.concatenate([[0], *(np.diff(part.step_from) for part in parts)])
    return replace(parts[0], **columns, step_from=np.cumsum(steps, dtype=TYPES["step_from"]))


def narrowed(columns: Columns) -> Columns:
    """Give the same numbers in as few bytes as hold them, to be sent elsewhere; `joined` makes them what they were."""
    return replace(columns, **{name: _narrow(getattr(columns, name)) for name in TYPES})


def _narrow(column: NDArray[Any]) -> NDArray[Any]:
    least, most = (int(column.min()), int(column.max())) if column.size else (0, 0)
    kinds = (
        kind for kind in (np.int8, np.int16, np.int32) if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max
    )
    return column.astype(next(kinds, np.int64), copy=False)


class TaskRecords(Sequence[TaskRecord]):
    """The records of all tasks, each made when it is asked for."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, index: int) -> TaskRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[TaskRecord]: ...
    def __getitem__(self, index: int | slice) -> TaskRecord | list[TaskRecord]:
        if isinstance(index, slice):
            return [self._columns.record(i) for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._columns.record(index % len(self))

    def __iter__(self) -> Iterator[TaskRecord]:
        return map(self._columns.record, range(len(self)))

    def columns(self) -> dict[str, Any]:
        """Give an array of each field by its name, without `steps`, as data frames of any library are made of it.

        Times are seconds; NaN and None where there is nothing.
        """
        of = self._columns
        answered = np.where(of.answered >= 0, of.answered, np.nan) / 1000
        return {
            "class_name": _named(of.class_names, of.kind),
            "replication": of.replication,
            "number": of.number,
            "came": of.came / 1000,
            "reservations": of.reservations,
            "answered": answered,
            "wait": of.wait / 1000,
            "worker": _named(of.workers, of.worker),
            "queue": _named(of.queues, of.queue),
            "ended": of.ended / 1000,
            "how": _named(HOWS, of.how),
            "reason": _named(of.reasons, of.reason),
        }

    def frame(self) -> Any:
        """Make a `pandas.DataFrame` of the columns. Raises RehearsalError where pandas is not installed."""
        return frame(self.columns())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TaskRecords):
            return self._columns.equals(other._columns)
        return isinstance(other, list) and list(self) == other

    def __repr__(self) -> str:
        return f"<{len(self):,} tasks>"


def _named(names: Sequence[str], places: NDArray[Any]) -> NDArray[np.object_]:
    """Give the names that numbers stand for; None for NONE."""
    return np.array([*names, None], dtype=object)[places]
