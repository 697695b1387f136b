"""Rehearse a day, once or more often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..snapshot import Snapshot
from ..snapshot.references import completed
from .checks import activity_at_work, check
from .columns import Columns, TaskRecords, joined
from .day import LENGTH, Day, read_day
from .draws import draw
from .errors import RehearsalError
from .records import TaskRecord
from .run import Run
from .summary import Spans, SummaryRow, summarize
from .workspace import snapshot_of


@dataclass(frozen=True)
class Rehearsal:
    """What came of a day. columns: of the tasks of all replications, each in the order in which they came, as arrays.

    duty: when each worker is on duty by the plan, as spans of seconds since the day began.
    """

    seed: int
    replications: int
    columns: Columns
    duty: dict[str, Spans]

    @property
    def tasks(self) -> Sequence[TaskRecord]:
        """A record of each task, which is made of the columns when it is asked for."""
        return TaskRecords(self.columns)

    def summary(self, within: float = 20, interval: float = 3600) -> list[SummaryRow]:
        """Sum it up: the whole day and then each interval, for all classes (`class_name` is None) and for each.

        within: the seconds of the service level; interval: its length in seconds. Raises RehearsalError.
        """
        for name, value, least in (("within", within, 0), ("interval", interval, 1)):
            if not isinstance(value, int | float) or not least <= value <= LENGTH / 1000:  # pyright: ignore[reportUnnecessaryIsInstance]
                raise RehearsalError(f"{name} is {value!r}: give seconds, from {least} to 86400")
        return summarize(self.columns, self.duty, self.replications, within, interval)


def rehearse(
    workspace: Snapshot | str | Path, day: Day | Mapping[str, Any] | str | Path, *, seed: int, replications: int = 1
) -> Rehearsal:
    """Play a day in a workspace, as the rules of routing decide, and tell what came of each task.

    workspace: a snapshot, from a file or read of any twilio client by `taskrouter_sandbox.snapshot.read`; day: as in
    docs/simulation.md, a dictionary or a JSON file; seed: the same one gives the same result, to the millisecond, and
    another workspace the same people; replications: how many such days, each with random numbers of its own.

    Nobody is called. Raises RehearsalError with a sentence for each mistake.
    """
    for name, value, least in (("seed", seed, None), ("replications", replications, 1)):
        if isinstance(value, bool) or not isinstance(value, int) or (least is not None and value < least):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise RehearsalError(f"{name} is {value!r}: give a whole number{f', {least} or more' if least else ''}")
    snapshot, day = snapshot_of(workspace), read_day(day)
    check(snapshot, day)
    parts = [Run(snapshot, day, draw(day, seed, i)).play() for i in range(replications)]
    return Rehearsal(seed, replications, joined(parts), _duty(snapshot, day))


def _duty(snapshot: Snapshot, day: Day) -> dict[str, Spans]:
    """Find when each worker is in an available activity by the plan: in shifts, or all day where there is none."""
    whole = completed(snapshot)
    available = {each.friendly_name for each in whole.activities if each.available}
    with_shifts = {each.worker for each in day.shifts}
    duty: dict[str, Spans] = {
        each.friendly_name: [(0.0, LENGTH / 1000)]
        for each in whole.workers
        if each.activity in available and each.friendly_name not in with_shifts
    }
    for shift in sorted(day.shifts, key=lambda each: each.start.ms):
        if (shift.activity or activity_at_work(snapshot)) in available:
            duty.setdefault(shift.worker, []).append((shift.start.ms / 1000, shift.end.ms / 1000))
    return duty
