"""Copies of a worker, put into a day: so many in each interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from ..language import expressions
from ..snapshot import Snapshot
from ..snapshot.format import WorkerPart
from ..snapshot.references import did_you_mean
from .checks import activity_at_work
from .day import LENGTH, Day, as_plain, read_day
from .errors import RehearsalError

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Copies:
    """A day without those in whose place the copies work.

    like: whom they are copies of; queues: the names of those that are theirs to serve; interval: milliseconds.
    """

    snapshot: Snapshot
    day: dict[str, Any]
    like: WorkerPart
    queues: tuple[str, ...]
    interval: int

    @property
    def intervals(self) -> int:
        """How many intervals the day has."""
        return -(-LENGTH // self.interval)

    def staffed(self, workers: Whole) -> tuple[Snapshot, Day, list[dict[str, Any]]]:
        """Give the workspace and the day with so many copies in each interval, and their shifts."""
        there = {each.friendly_name.casefold() for each in self.snapshot.workers}
        names: list[str] = []
        number = 0
        while len(names) < int(workers.max(initial=0)):
            number += 1
            if (name := f"{self.like.friendly_name} {number}").casefold() not in there:
                names.append(name)
        activity = activity_at_work(self.snapshot)
        shifts: list[dict[str, Any]] = []
        for i, name in enumerate(names):
            on_duty = np.concatenate([[0], (workers > i).astype(int), [0]])
            begins, ends = np.flatnonzero(np.diff(on_duty) > 0), np.flatnonzero(np.diff(on_duty) < 0)
            for first, last in zip(begins.tolist(), ends.tolist(), strict=True):
                start, end = (min(LENGTH, each * self.interval) / 1000 for each in (first, last))
                shifts.append({"worker": name, "from": start, "to": end, "activity": activity})
        everybody = [*self.snapshot.workers, *(replace(self.like, friendly_name=name) for name in names)]
        habits = self.day.get("workers", [])
        others = [each for each in habits if each["worker"] != self.like.friendly_name]
        own = [{**each, "worker": name} for each in habits if each not in others for name in names]
        day = {**self.day, "shifts": [*self.day.get("shifts", []), *shifts], "workers": [*others, *own]}
        return replace(self.snapshot, workers=everybody), read_day(day), shifts


def copies_of(snapshot: Snapshot, day: Day, worker: str | None, queue: str | None, interval: int) -> Copies:
    """Choose whom to copy, and take those out of the day in whose place the copies work. Raises RehearsalError."""
    if worker is None and queue is None:
        raise RehearsalError("worker or queue: name one of them, or both, whose workers are to be found")
    workers = {each.friendly_name: each for each in snapshot.workers}
    takes = {each.friendly_name: expressions.parse(each.target_workers) for each in snapshot.task_queues}
    if activity_at_work(snapshot) is None:
        raise RehearsalError("workspace: it has no activity that is available, so that nobody could work")
    if worker is not None and worker not in workers:
        raise RehearsalError(f"worker: {worker!r} is not there; there is {_listed(worker, [*workers])}")
    if queue is not None and queue not in takes:
        raise RehearsalError(f"queue: {queue!r} is not there; there is {_listed(str(queue), [*takes])}")
    chosen = [*takes] if queue is None else [queue]
    queues = [name for name in chosen if worker is None or takes[name].matches(workers[worker].attributes)]
    if not queues:
        where = "in no queue" if queue is None else f"not in the queue {queue!r}, which takes {takes[queue].text}"
        raise RehearsalError(f"worker: {worker!r} is {where}; name another")
    replaced = [worker] if worker is not None else []
    if queue is not None:
        replaced += [name for name, each in workers.items() if name != worker and takes[queue].matches(each.attributes)]
    if not replaced:
        text = f"no worker is in the queue {queue!r}, which takes {takes[str(queue)].text}"
        raise RehearsalError(f"queue: {text}; add one whom the others are like")
    plain = as_plain(day)
    gone = set(replaced)
    plain["shifts"] = [each for each in plain["shifts"] if each["worker"] not in gone]
    plain["workers"] = [each for each in plain["workers"] if each["worker"] not in gone - {replaced[0]}]
    others = [each for each in snapshot.workers if each.friendly_name not in gone]
    return Copies(replace(snapshot, workers=others), plain, workers[replaced[0]], tuple(queues), interval)


def _listed(name: str, known: list[str]) -> str:
    return (", ".join(known[:20]) or "none") + did_you_mean(name, known)
