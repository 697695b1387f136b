"""When each worker is on duty by the plan."""

from __future__ import annotations

from msgspec.structs import replace

from ..snapshot import Snapshot
from ..snapshot.references import completed
from .checks import activity_at_work
from .day import BEGINNING, LENGTH, MIDNIGHT, Day, Shift

Duty = dict[str, list[tuple[float, float]]]
"""By worker: spans of seconds since the day began."""


def settled(snapshot: Snapshot, day: Day) -> Day:
    """Give a day in which all is said by shifts: who is absent is off duty all day."""
    if not day.absent:
        return day
    off_duty = day.off_duty or snapshot.workspace.default_activity
    shifts = [each for each in day.shifts if each.worker not in day.absent]
    for worker in dict.fromkeys(day.absent):
        shifts.append(Shift(worker=worker, start=BEGINNING, end=MIDNIGHT, activity=off_duty))
    return replace(day, shifts=shifts, absent=[])


def duty_of(snapshot: Snapshot, day: Day) -> Duty:
    """Find when each worker is in an available activity by the plan: in shifts, or all day where there is none."""
    whole = completed(snapshot)
    available = {each.friendly_name for each in whole.activities if each.available}
    with_shifts = {each.worker for each in day.shifts}
    duty: Duty = {
        each.friendly_name: [(0.0, LENGTH / 1000)]
        for each in whole.workers
        if each.activity in available and each.friendly_name not in with_shifts
    }
    for shift in sorted(day.shifts, key=lambda each: each.start.ms):
        if (shift.activity or activity_at_work(snapshot)) in available:
            duty.setdefault(shift.worker, []).append((shift.start.ms / 1000, shift.end.ms / 1000))
    return duty
