"""Rehearse a day, once or more often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from ..snapshot import Snapshot
from .checks import check
from .columns import Columns, TaskRecords, joined
from .day import LENGTH, Day, read_day
from .duty import Duty, duty_of, settled
from .engines import Engine, EngineName, Played, engine_for, engines_told, notes_of_engine, play, tell_of
from .errors import RehearsalError, expect
from .estimates import EstimateRow, Measured, estimates
from .loads import notes_of
from .pool import Progress, run_all
from .records import TaskRecord
from .rows import Rows
from .summary import SummaryRow, summarize
from .targets import TargetRow, targets
from .why import Why, why
from .workers import WorkerRow, workers
from .workspace import snapshot_of

MOST_REPLICATIONS = 1_000_000
MOST_JOBS = 64  # that are sent to an executor: each takes its share of the replications


@dataclass(frozen=True, repr=False)
class Rehearsal:
    """What came of a day. columns: of the tasks of all replications, each in the order in which they came, as arrays.

    replications: how many there are; finished: their numbers, from 0; asked: how many there were to be; duty: when each
    worker is on duty by the plan, as spans of seconds since the day began; workspace, day: what was rehearsed; engine:
    `fast` or `exact`, with the reason where it, or some replications, could not be played by the fast one.
    """

    seed: int
    replications: int
    columns: Columns
    duty: Duty
    workspace: Snapshot
    day: Day
    finished: tuple[int, ...]
    asked: int
    engine: str = "exact"

    def __repr__(self) -> str:
        """Say how much it is, and what to know about it."""
        days = "one replication" if self.replications == 1 else f"{self.replications:,} replications"
        return "\n".join((f"<Rehearsal: {len(self.columns):,} tasks in {days}>", *self.notes))

    @cached_property
    def notes(self) -> list[str]:
        """What to know about it, in sentences: where more comes than can be done, and whether it was stopped."""
        said = notes_of(self.workspace, self.day)
        if self.replications < self.asked:
            said.append(f"It was stopped: {self.replications:,} of {self.asked:,} replications were played")
        return said + notes_of_engine(self.engine)

    @property
    def tasks(self) -> TaskRecords:
        """A record of each task, which is made of the columns when it is asked for."""
        return TaskRecords(self.columns)

    def summary(self, within: float = 20, interval: float = 3600) -> Rows[SummaryRow]:
        """Sum it up: the whole day and then each interval, for all classes (`class_name` is None) and for each.

        within: the seconds of the service level; interval: its length in seconds. Raises RehearsalError.
        """
        seconds("within", within, 0)
        seconds("interval", interval, 1)
        return Rows(SummaryRow, summarize(self.columns, self.duty, self.replications, within, interval))

    def estimates(self, within: float = 20, interval: float | None = None, level: float = 0.95) -> Rows[EstimateRow]:
        """Give each measure of the summary with its confidence interval over the replications, by Student's t.

        within: seconds of the service level; interval: by intervals of so many seconds, too, None for the whole day
        alone; level: of the intervals. Raises RehearsalError.
        """
        seconds("within", within, 0)
        if interval is not None:
            seconds("interval", interval, 1)
        return estimates(Measured.of(self.columns, self.finished, self.duty, within, interval), level)

    def workers(self, interval: float | None = None) -> Rows[WorkerRow]:
        """Tell who was busy and who was idle. interval: by intervals of so many seconds, too. Raises RehearsalError."""
        if interval is not None:
            seconds("interval", interval, 1)
        return workers(self.columns, self.finished, self.duty, interval)

    def targets(self, interval: float | None = None) -> Rows[TargetRow]:
        """Tell what each target of a workflow did, for all classes (`class_name` is None) and for each.

        interval: by intervals of so many seconds, too, by when tasks came into the target. Raises RehearsalError.
        """
        if interval is not None:
            seconds("interval", interval, 1)
        return targets(self.columns, interval)

    def why(self, task: TaskRecord | int) -> Why:
        """Tell why a task went where it went: which filters were asked, who could take it, and why not the others.

        The day is played once more until that task has ended. task: a record, or its place in `tasks`. Raises
        RehearsalError for a task of another rehearsal.
        """
        if isinstance(task, int) and not -len(self.columns) <= task < len(self.columns):
            raise RehearsalError(f"task is {task}: give a place in `tasks`, of which there are {len(self.columns):,}")
        record = self.tasks[task] if isinstance(task, int) else task
        expect("task", record, TaskRecord, "one of this rehearsal's `tasks`, or its place there")
        same = (self.columns.replication == record.replication) & (self.columns.number == record.number)
        rows = np.flatnonzero(same & (self.columns.came == round(record.came * 1000)))
        if not any(self.tasks[int(row)] == record for row in rows):
            raise RehearsalError(f"task: {record.class_name} number {record.number} is none of this rehearsal's tasks")
        return why(self.workspace, self.day, self.seed, record)


def seconds(name: str, value: Any, least: float) -> None:
    """Raise RehearsalError for what are no seconds of a day."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= LENGTH / 1000:
        raise RehearsalError(f"{name} is {value!r}: give seconds, from {least} to 86400")


def rehearse(
    workspace: Snapshot | str | Path,
    day: Day | Mapping[str, Any] | str | Path,
    *,
    seed: int,
    replications: int = 1,
    executor: Any = None,
    progress: Progress = None,
    engine: EngineName = "auto",
) -> Rehearsal:
    """Play a day in a workspace, as the rules of routing decide, and tell what came of each task.

    Nobody is called. An interrupt, as by Ctrl-C, ends it: the replications that are done by then are given.

    Args:
        workspace: a snapshot, from a file or read of any twilio client by `taskrouter_sandbox.snapshot.read`.
        day: as in docs/simulation.md, a dictionary or a JSON file.
        seed: the same one gives the same result, to the millisecond, and another workspace the same people.
        replications: how many such days, each with random numbers of its own.
        executor: one of concurrent.futures, or a client of dask.distributed, on which replications are played side by
            side; here, one after another, where left out.
        progress: is called with how many are done, and of how many; True prints a line, and before that why it is not
            the fast engine.
        engine: `exact` is the routing engine itself; `fast` decides the same, a hundred times faster, and does not
            hold everything; `auto` takes the fast one where it can. The rehearsal's `engine` says which one it was.

    Raises RehearsalError with a sentence for each mistake.
    """
    seed, replications = whole_numbers(seed, replications)
    snapshot, day = snapshot_of(workspace), read_day(day)
    check(snapshot, day)
    day = settled(snapshot, day)
    chosen = engine_for(snapshot, day, engine, says=progress is not False)
    tell_of([chosen], progress)
    parts = chunks(replications, executor)
    jobs = [(snapshot, day, seed, numbers, chosen) for numbers in parts]
    done = run_all(play, jobs, executor, progress, [len(each) for each in parts])
    return put_together(snapshot, day, seed, replications, done.values(), chosen)


def whole_numbers(seed: Any, replications: Any) -> tuple[int, int]:
    """Read a seed and a count of replications, also as numpy has them. Raises RehearsalError for what is none."""
    count = whole_number("replications", replications, 1)
    if count > MOST_REPLICATIONS:
        raise RehearsalError(f"replications is {replications}: give at most {MOST_REPLICATIONS:,}")
    return whole_number("seed", seed), count


def whole_number(name: str, value: Any, least: int | None = None) -> int:
    """Read a whole number, `least` or more. Raises RehearsalError for what is none."""
    if isinstance(value, bool) or not isinstance(value, Integral) or (least is not None and int(value) < least):
        more = "" if least is None else f", {least} or more"
        raise RehearsalError(f"{name} is {value!r}: give a whole number{more}")
    return int(value)


def chunks(replications: int, executor: Any) -> list[tuple[int, ...]]:
    """Part the numbers of replications into jobs: each alone, or enough for one that is sent elsewhere."""
    size = 1 if executor is None else -(-replications // MOST_JOBS)
    return [tuple(range(i, min(i + size, replications))) for i in range(0, replications, size)]


def put_together(
    snapshot: Snapshot,
    day: Day,
    seed: int,
    replications: int,
    played: Iterable[list[Played]],
    engine: Engine,
) -> Rehearsal:
    """Make a rehearsal of what was played, which may be less than was asked for."""
    parts = sorted((one for some in played for one in some), key=lambda one: one.number)
    finished = tuple(each.number for each in parts)
    columns = joined([each.columns for each in parts])
    return Rehearsal(
        seed,
        len(finished),
        columns,
        duty_of(snapshot, day),
        snapshot,
        day,
        finished,
        replications,
        engines_told(engine, parts),
    )
