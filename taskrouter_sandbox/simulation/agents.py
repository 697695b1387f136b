"""Agents who are all alike, put into a day: so many in each interval."""

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
class Agents:
    """A day without those in whose place the agents work. like: whom they are copies of; interval: milliseconds."""

    snapshot: Snapshot
    day: dict[str, Any]
    like: WorkerPart
    interval: int

    @property
    def intervals(self) -> int:
        """How many intervals the day has."""
        return -(-LENGTH // self.interval)

    def staffed(self, agents: Whole) -> tuple[Snapshot, Day, list[dict[str, Any]]]:
        """Give the workspace and the day with so many agents in each interval, and their shifts."""
        there = {each.friendly_name.casefold() for each in self.snapshot.workers}
        names: list[str] = []
        number = 0
        while len(names) < int(agents.max(initial=0)):
            number += 1
            if (name := f"{self.like.friendly_name} {number}").casefold() not in there:
                names.append(name)
        activity = activity_at_work(self.snapshot)
        shifts: list[dict[str, Any]] = []
        for i, name in enumerate(names):
            on_duty = np.concatenate([[0], (agents > i).astype(int), [0]])
            begins, ends = np.flatnonzero(np.diff(on_duty) > 0), np.flatnonzero(np.diff(on_duty) < 0)
            for first, last in zip(begins.tolist(), ends.tolist(), strict=True):
                start, end = (min(LENGTH, each * self.interval) / 1000 for each in (first, last))
                shifts.append({"worker": name, "from": start, "to": end, "activity": activity})
        workers = [*self.snapshot.workers, *(replace(self.like, friendly_name=name) for name in names)]
        habits = self.day.get("workers", [])
        others = [each for each in habits if each["worker"] != self.like.friendly_name]
        own = [{**each, "worker": name} for each in habits if each not in others for name in names]
        day = {**self.day, "shifts": [*self.day.get("shifts", []), *shifts], "workers": [*others, *own]}
        return replace(self.snapshot, workers=workers), read_day(day), shifts


def agents_like(snapshot: Snapshot, day: Day, worker: str | None, queue: str | None, interval: int) -> Agents:
    """Choose whom agents are like, and take those out of the day in whose place they work. Raises RehearsalError."""
    if (worker is None) == (queue is None):
        raise RehearsalError("worker or queue: name one of them, whose agents are to be found")
    workers = {each.friendly_name: each for each in snapshot.workers}
    if activity_at_work(snapshot) is None:
        raise RehearsalError("workspace: it has no activity that is available, so that nobody could work")
    if worker is not None:
        if worker not in workers:
            raise RehearsalError(f"worker: {worker!r} is not there; there is {_listed(worker, [*workers])}")
        replaced = [worker]
    else:
        targets = {each.friendly_name: each.target_workers for each in snapshot.task_queues}
        if queue not in targets:
            raise RehearsalError(f"queue: {queue!r} is not there; there is {_listed(str(queue), [*targets])}")
        takes = expressions.parse(targets[queue])
        replaced = [name for name, each in workers.items() if takes.matches(each.attributes)]
        if not replaced:
            text = f"no worker is in the queue {queue!r}, which takes {targets[queue]}"
            raise RehearsalError(f"queue: {text}; add one whom agents are like")
    plain = as_plain(day)
    gone = set(replaced)
    plain["shifts"] = [each for each in plain["shifts"] if each["worker"] not in gone]
    plain["workers"] = [each for each in plain["workers"] if each["worker"] not in gone - {replaced[0]}]
    others = [each for each in snapshot.workers if each.friendly_name not in gone]
    return Agents(replace(snapshot, workers=others), plain, workers[replaced[0]], interval)


def _listed(name: str, known: list[str]) -> str:
    return (", ".join(known[:20]) or "none") + did_you_mean(name, known)
