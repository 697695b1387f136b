"""Who was on duty when, from the changes of activity of a day that has been."""

from __future__ import annotations

from typing import Any

from ...snapshot import Snapshot
from ...snapshot.references import completed
from ..checks import activity_at_work
from ..day import LENGTH, clock
from .events import ActivityChange, PastEvents

AT_ONCE = 50  # milliseconds within which a task ends and its worker leaves, as an application lets it


def shifts_of(snapshot: Snapshot, found: PastEvents, begins: int, notes: list[str]) -> dict[str, Any]:
    """Make the shifts of a day and name the activity outside of them; add to notes what is not known.

    An activity that TaskRouter puts a worker in, for a reservation or after one that timed out, ends no shift.
    """
    whole = completed(snapshot)
    available = {each.friendly_name: each.available for each in whole.activities}
    at_work = activity_at_work(snapshot)
    busy = {
        name
        for queue in whole.task_queues
        for name in (queue.assignment_activity, queue.reservation_activity)
        if name is not None and not available.get(name)
    }
    shifts: list[dict[str, Any]] = []
    for worker in whole.workers:
        name = worker.friendly_name
        changes = [each for each in found.changes.get(name, []) if each.at < begins + LENGTH]
        if not changes:
            known = "no change of activity" if name in found.heard_of else "nothing"
            notes.append(f"{name}: {known} is told of that day, so it is spent in the activity {worker.activity}")
            continue
        unknown = sorted({each.activity for each in changes} - set(available))
        if unknown:
            notes.append(f"{name}: the activity {', '.join(unknown)} is no longer there; it is read as off duty")
        spans = _spans(_leaving(changes, found, name, available), begins, busy, at_work)
        last = max((i for i, (activity, _, _) in enumerate(spans) if available.get(activity)), default=-1)
        first = next((i for i, (activity, _, _) in enumerate(spans) if available.get(activity)), 0)
        for activity, start, end in spans[first : last + 1]:
            if activity in available:
                shifts.append({"worker": name, "from": clock(start), "to": clock(end), "activity": activity})
        if last < 0:  # never on duty: a shift that says so, since without one the snapshot decides
            off = next((activity for activity, _, _ in spans if activity in available), None)
            if off is not None:
                shifts.append({"worker": name, "from": "00:00", "to": "24:00", "activity": off})
    gone = sorted(found.changes.keys() - {each.friendly_name for each in whole.workers})
    if gone:
        notes.append(f"{', '.join(gone)}: no longer in the workspace, and left out of the shifts")
    usual = snapshot.workspace.default_activity
    off_duty = usual if not available[usual] else next((name for name, yes in available.items() if not yes), None)
    return {"shifts": shifts} | ({"off_duty": off_duty} if shifts and off_duty else {})


def _leaving(
    changes: list[ActivityChange], found: PastEvents, worker: str, available: dict[str, bool]
) -> list[ActivityChange]:
    """Let who leaves at the end of a task leave during it: in a rehearsal, too, it is finished, and no other taken."""
    mine = [
        (each.accepted, each.completed)
        for each in found.tasks.values()
        if each.worker == worker and each.accepted is not None and each.completed is not None
    ]
    return [
        change
        if available.get(change.activity)
        else change._replace(
            at=next((start + 1 for start, end in mine if abs(end - change.at) <= AT_ONCE and start < end), change.at)
        )
        for change in changes
    ]


def _spans(
    changes: list[ActivityChange], begins: int, busy: set[str], at_work: str | None
) -> list[tuple[str, int, int]]:
    """Find which activity a worker was in by plan: each with when it began and ended, in milliseconds of the day."""
    first = changes[0].before
    plan = (at_work or first) if first in busy else first
    spans: list[tuple[str, int, int]] = []
    since = 0
    for each in changes:
        at = min(max(0, each.at - begins), LENGTH)
        if each.activity in busy or each.by_timeout or each.activity == plan:
            continue
        if at > since:
            spans.append((plan, since, at))
        plan, since = each.activity, at
    if since < LENGTH:
        spans.append((plan, since, LENGTH))
    return spans
