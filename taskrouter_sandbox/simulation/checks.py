"""What of a day does not fit the workspace, or itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ..engine.commands.common import read_attributes
from ..engine.model.errors import TaskRouterError
from ..snapshot import Snapshot, mistakes
from ..snapshot.references import completed, did_you_mean, problems
from .day import ArrivalRate, Day, Shift, TaskClass, clock
from .errors import RehearsalError
from .habits import share_of

MOST_RESERVATIONS = 1000  # of one task, after which TaskRouter cancels it (behaviour.md §2.1)
MOST_TASKS, MOST_OFFERS = 5_000_000, 10_000_000  # tasks of a day, and their reservations, that are rehearsed


def check(snapshot: Snapshot, day: Day) -> None:
    """Raise RehearsalError with a sentence for each mistake of a day or of the snapshot that it is for."""
    wrong = [f"workspace: {each}" for each in (*problems(snapshot), *mistakes(snapshot))]
    if wrong := wrong or [
        *_classes(snapshot, day),
        *_shifts(snapshot, day),
        *_workers(snapshot, day),
        *_answers(snapshot, day),
    ]:
        raise RehearsalError("\n".join(wrong))


def activity_at_work(snapshot: Snapshot) -> str | None:
    """Give the activity of shifts that name none: the workspace's first available one; None where there is none."""
    return next((each.friendly_name for each in completed(snapshot).activities if each.available), None)


def _classes(snapshot: Snapshot, day: Day) -> Iterator[str]:
    if day.begins <= 0:
        yield f"date: {day.date} is too early; give one from 1970-01-02 on"
    workflows = [each.friendly_name for each in snapshot.workflows]
    channels = [each.unique_name for each in completed(snapshot).task_channels]
    seen: set[str] = set()
    for i, each in enumerate(day.classes):
        place = f"classes[{i}]"
        if each.name in seen:
            yield f"{place}.name: {each.name!r} is there before; give each class a name of its own"
        seen.add(each.name)
        if each.workflow is None and len(workflows) != 1:
            yield f"{place}.workflow: name one, since there are {len(workflows)}: {', '.join(workflows) or 'none'}"
        try:
            read_attributes(json.dumps(each.attributes, allow_nan=False))
        except (TypeError, ValueError) as error:
            yield f"{place}.attributes: {error}; they may hold what JSON has"
        except TaskRouterError as error:
            yield f"{place}.attributes: {error}"
        yield from _known(f"{place}.workflow", each.workflow, workflows)
        yield from _known(f"{place}.channel", each.channel, channels)
        if bool(each.arrivals) == bool(each.recorded):
            yield f"{place}: give either arrivals, as rates per hour, or recorded, as a list of times"
        yield from _in_order(f"{place}.arrivals", each.arrivals)
        overlap = _overlap(each.arrivals)
        if overlap:
            yield f"{place}.arrivals: two of them overlap at {clock(overlap.start.ms)}; let each end before the next"


def _shifts(snapshot: Snapshot, day: Day) -> Iterator[str]:
    workers = [each.friendly_name for each in snapshot.workers]
    activities = {each.friendly_name: each.available for each in completed(snapshot).activities}
    by_worker: dict[str, list[Shift]] = {}
    for i, shift in enumerate(day.shifts):
        by_worker.setdefault(shift.worker, []).append(shift)
        yield from _known(f"shifts[{i}].worker", shift.worker, workers)
        yield from _known(f"shifts[{i}].activity", shift.activity, activities)
        if shift.activity is None and activity_at_work(snapshot) is None:
            yield f"shifts[{i}].activity: name one: the workspace has no activity that is available"
    yield from _in_order("shifts", day.shifts)
    for worker, shifts in by_worker.items():
        if overlap := _overlap(shifts):
            at = clock(overlap.start.ms)
            yield f"shifts: two of {worker!r} overlap at {at}; let each end before the next, also around a break"
    off_duty = day.off_duty or snapshot.workspace.default_activity
    yield from _known("off_duty", day.off_duty, activities)
    for i, name in enumerate(day.absent):
        yield from _known(f"absent[{i}]", name, workers)
    if (day.shifts or day.absent) and activities.get(off_duty):
        without = [name for name, available in activities.items() if not available]
        yield f"off_duty: {off_duty!r} is available; name one that is not: {', '.join(without) or 'there is none'}"


def _workers(snapshot: Snapshot, day: Day) -> Iterator[str]:
    names = [each.friendly_name for each in snapshot.workers]
    seen: set[str] = set()
    for i, each in enumerate(day.workers):
        yield from _known(f"workers[{i}].worker", each.worker, names)
        if each.worker in seen:
            yield f"workers[{i}].worker: {each.worker!r} is there before; say all of a worker in one place"
        seen.add(each.worker)
        for name in ("talk", "wrap_up"):
            if getattr(each, name) is not None and getattr(each, f"{name}_factor") != 1:
                yield f"workers[{i}]: give either {name} or {name}_factor"


def _answers(snapshot: Snapshot, day: Day) -> Iterator[str]:
    yield from _too_much(snapshot, day)
    for i, whose in enumerate((None, *day.workers)):
        for j, kind in enumerate(day.classes):
            share = share_of(day, kind, whose, "reject") + share_of(day, kind, whose, "let_time_out")
            if share > 1:
                own = [f"workers[{i - 1}].answers"] * (whose is not None and whose.answers is not None)
                of_class = [f"classes[{j}].answers"] * (kind.answers is not None)
                place = " and ".join((*own, *of_class)) or "answers"
                yield f"{place}: reject and let_time_out are {share:g} together; they are shares, of 1 at most"
                return


def least_rejected(snapshot: Snapshot, day: Day, kind: TaskClass) -> float:
    """Give the share of offers of a class that the worker rejects who rejects the fewest."""
    habits = {each.worker: each for each in day.workers}
    names = [each.friendly_name for each in snapshot.workers]
    return min((share_of(day, kind, habits.get(name), "reject") for name in names), default=0.0)


def _too_much(snapshot: Snapshot, day: Day) -> Iterator[str]:
    """Find whether so many tasks come, or are rejected so often, that a rehearsal would hardly end."""
    offers, tasks = 0.0, 0.0
    for kind in day.classes:
        least = least_rejected(snapshot, day, kind)
        count = len(kind.recorded) + sum((r.end.ms - r.start.ms) / 3_600_000 * r.per_hour for r in kind.arrivals)
        tasks += count
        offers += count * (min(MOST_RESERVATIONS, 1 / (1 - least)) if least < 1 else MOST_RESERVATIONS)
    if tasks > MOST_TASKS:
        yield f"classes: about {tasks:,.0f} tasks would come; {MOST_TASKS:,} are rehearsed at most"
    elif offers > MOST_OFFERS:
        yield (
            f"answers.reject: with so many tasks, about {offers:,.0f} reservations would be made, up to "
            f"{MOST_RESERVATIONS:,} for each task before TaskRouter cancels it; {MOST_OFFERS:,} are rehearsed at most: "
            "lower the share, or let fewer tasks come"
        )


def _known(place: str, name: str | None, known: Iterable[str]) -> Iterator[str]:
    there = list(known)
    if name is not None and name not in there:
        shown = ", ".join(there[:20]) + (", ..." if len(there) > 20 else "")
        yield f"{place}: {name!r} is not there; there is {shown or 'none'}{did_you_mean(name, there)}"


def _in_order(place: str, parts: Iterable[ArrivalRate | Shift]) -> Iterator[str]:
    for i, each in enumerate(parts):
        if each.start.ms >= each.end.ms:
            two = '; past midnight it is two, to "24:00" and from "00:00"' if each.start.ms > each.end.ms else ""
            yield f"{place}[{i}]: from {clock(each.start.ms)} to {clock(each.end.ms)}: to must be later than from{two}"


def _overlap(parts: Iterable[ArrivalRate | Shift]) -> ArrivalRate | Shift | None:
    """Find one that begins before another has ended."""
    ordered = sorted(parts, key=lambda each: each.start.ms)
    return next((b for a, b in pairwise(ordered) if b.start.ms < a.end.ms), None)
