"""How many workers a day needs, interval by interval."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..snapshot import Snapshot
from .checks import check
from .copies import Copies, copies_of
from .day import LENGTH, Day, clock, read_day
from .duty import settled
from .engines import EngineName, engine_for, notes_of_engine, play, tell_of
from .errors import RehearsalError
from .levels import Levels, StaffingRequest
from .loads import work_of
from .pool import Progress, run_all, teller
from .rehearsal import Rehearsal, chunks, put_together, seconds, whole_number, whole_numbers
from .rows import Rows
from .workspace import snapshot_of

Whole = NDArray[np.int64]
ROOM = 10  # workers more than twice the work asks for, that are tried at most unless told otherwise


@dataclass(frozen=True, slots=True)
class StaffRow:
    """How many workers an interval needs.

    start, end: seconds since the day began; workers: the fewest that were found; tasks: that come in it and count, of
    one day on average; service_level: what it comes to with them, in all replications together, None where nothing
    comes; reached: is that what was asked for?
    """

    start: float
    end: float
    workers: int
    tasks: float
    service_level: float | None
    reached: bool


@dataclass(frozen=True, repr=False)
class StaffPlan:
    """What `staff_for` has found. rows: by interval; rehearsal: of the day with those workers, with its `workspace` and
    its `day`; shifts: theirs; notes: sentences on what was not reached; runs: how often the day was rehearsed.
    """

    rows: Rows[StaffRow]
    rehearsal: Rehearsal
    shifts: list[dict[str, Any]]
    notes: list[str]
    runs: int

    def __repr__(self) -> str:
        """Say how many workers each interval needs, if any, and what was not reached."""
        told = [
            f"{clock(round(r.start * 1000))} to {clock(round(r.end * 1000))}: {r.workers}"
            for r in self.rows
            if r.workers
        ]
        if not told and all(each.reached for each in self.rows):
            told = ["Nobody of them is needed in any interval"]
        return "\n".join((*told, *self.notes))


def staff_for(
    workspace: Snapshot | str | Path,
    day: Day | Mapping[str, Any] | str | Path,
    *,
    worker: str | None = None,
    queue: str | None = None,
    service_level: float = 0.8,
    within: float = 20,
    interval: float = 1800,
    classes: Collection[str] | None = None,
    most: int | None = None,
    seed: int,
    replications: int = 5,
    executor: Any = None,
    progress: Progress = None,
    engine: EngineName = "auto",
) -> StaffPlan:
    """Find the fewest workers, by interval, with whom a day reaches a service level.

    They are all alike: copies of a worker, in place of whom they work. The same people come each time. In the end no
    interval can do with one worker fewer.

    Args:
        workspace: as in `rehearse`.
        day: as in `rehearse`; all other workers work as it says.
        worker: the name of the worker whom they are like, and in whose place they work.
        queue: or the name of a queue, in place of all of whose workers they work, like the first one of them, or like
            `worker`, where both are named.
        service_level: the share that is to be answered in time in each interval, of all but those who hung up sooner.
        within: seconds in which they are to be answered.
        interval: seconds of each interval.
        classes: names of the classes that count. Where left out, it is those tasks that come to the queue, or to one of
            the worker's queues, while they can still be answered in time.
        most: workers that are tried at most; twice what the work asks for, and ten more, where left out.
        seed: as in `rehearse`.
        replications: that every number of workers is tried with.
        executor: where to work, as in `rehearse`.
        progress: is told how many rehearsals are done, of about how many; True prints a line.
        engine: of each rehearsal, as in `rehearse`.

    An interrupt ends the search with what is found by then. Raises RehearsalError with a sentence for each mistake.
    """
    seed, replications = whole_numbers(seed, replications)
    if isinstance(service_level, bool) or not isinstance(service_level, int | float) or not 0 < service_level <= 1:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise RehearsalError(f"service_level is {service_level!r}: give a share, more than 0 and at most 1")
    seconds("within", within, 0)
    seconds("interval", interval, 60)
    if most is not None:
        most = whole_number("most", most, 1)
    if isinstance(classes, str) or not isinstance(classes, Collection | None) or (classes is not None and not classes):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise RehearsalError(f"classes is {classes!r}: give names of classes, as a list, or leave it out")
    snapshot, whole = snapshot_of(workspace), read_day(day)
    check(snapshot, whole)
    whole = settled(snapshot, whole)
    copies = copies_of(snapshot, whole, worker, queue, round(interval * 1000))
    names = [each.name for each in whole.classes]
    if unknown := sorted(set(classes or ()) - set(names)):
        raise RehearsalError(f"classes: there is none of the name {', '.join(unknown)}; there is {', '.join(names)}")
    chosen = tuple(names.index(each) for each in classes or names)
    check(*copies.staffed(np.ones(copies.intervals, dtype=np.int64))[:2])  # there is an activity to be off duty in
    queues = None if classes else copies.queues
    asked = StaffingRequest(service_level, within, chosen, queues, seed, replications, executor, engine)
    return _Search(asked, copies, whole, most, progress).plan()


class _Search:
    """The search: workers by interval, and what they come to."""

    def __init__(self, asked: StaffingRequest, copies: Copies, day: Day, most: int | None, progress: Progress) -> None:
        self.asked, self.copies, self.progress, self.tell, self.runs = asked, copies, progress, teller(progress), 0
        self.others, self.helps = {each.friendly_name for each in copies.snapshot.workers}, False
        self.tasks, load = np.zeros((2, copies.intervals))
        for each in asked.classes:
            come, takes = work_of(day.classes[each], copies.interval)
            self.tasks += come
            load += come * takes / (copies.interval / 1000)
        self.most = most or int(np.ceil(2 * load.max(initial=0))) + ROOM
        self.first = np.minimum(np.where(self.tasks > 0, np.maximum(1, np.ceil(load)), 0), self.most).astype(np.int64)
        self.expected = 3 + self.most.bit_length() + int((self.tasks > 0).sum())
        self.best: tuple[Whole, Levels, Rehearsal] | None = None

    def plan(self) -> StaffPlan:
        """Search, and tell what was found."""
        stopped = False
        try:
            good = self._repair(self._between())
            self._trim(good)
            self.tell(self.runs, self.runs)  # often fewer than expected
        except KeyboardInterrupt:
            if self.best is None:
                raise
            stopped = True
        finally:
            self.tell(-1, self.expected)
        assert self.best is not None
        workers, levels, rehearsal = self.best
        return self._told(workers, levels, rehearsal, stopped)

    def _try(self, workers: Whole) -> Levels:
        """Rehearse the day with so many workers in each interval. Raises KeyboardInterrupt when it is stopped."""
        asked = self.asked
        snapshot, day, _ = self.copies.staffed(workers)
        engine = engine_for(snapshot, day, asked.engine, says=True)
        if not self.runs:
            tell_of([engine], self.progress)
        jobs = [(snapshot, day, asked.seed, numbers, engine) for numbers in chunks(asked.replications, asked.executor)]
        done = run_all(play, jobs, asked.executor, None)
        rehearsal = put_together(snapshot, day, asked.seed, asked.replications, done.values(), engine)
        if rehearsal.replications < asked.replications:
            raise KeyboardInterrupt
        self.runs += 1
        self.expected = max(self.expected, self.runs + 1)
        self.tell(self.runs, self.expected)
        levels = Levels.of(rehearsal, asked, self.copies.interval, self.others)
        self.last, self.helps = rehearsal, self.helps or levels.helps
        return levels

    def _keep(self, workers: Whole, levels: Levels) -> None:
        self.best = workers.copy(), levels, self.last

    def _between(self) -> Whole:
        """Halve the room between too few and enough, in all intervals at once, and give what is enough by that."""
        enough, few = np.where(self.tasks > 0, self.most, 0), np.full(self.copies.intervals, -1)
        workers = self.first
        while True:
            levels = self._try(workers)
            self._refuse_nothing(levels)
            reached = levels.reached
            enough = np.where(reached, np.minimum(enough, workers), enough)
            few = np.where(reached, few, np.maximum(few, workers))
            middle = np.clip((few + enough) // 2, few + 1, enough)
            if np.all(few + 1 >= enough) or np.array_equal(middle, workers):
                return np.maximum(enough, 0)
            workers = middle

    def _refuse_nothing(self, levels: Levels) -> None:
        """Raise RehearsalError where tasks come, and none of them counts."""
        asked = self.asked
        if asked.queues is not None and len(self.last.columns) and not levels.tasks.any():
            raise RehearsalError(
                f"no task comes to {' or '.join(asked.queues)} within {asked.within:g} seconds, so that nobody could "
                "be answered there in time; give more seconds, or name the classes that count"
            )

    def _repair(self, workers: Whole) -> Whole:
        """Add workers where the level is not reached, since intervals hang together; stop where no more are tried."""
        step = np.ones(workers.size, dtype=np.int64)
        while True:
            levels = self._try(workers)
            if self.best is None or levels.is_better(self.best[1]):
                self._keep(workers, levels)
            more = workers.copy()
            for i in np.flatnonzero(~levels.reached).tolist():
                # who comes at the end of an interval is served in the next one
                place = next((j for j in (i, i + 1) if j < more.size and workers[j] < self.most), None)
                if place is not None:
                    more[place] = min(self.most, workers[place] + step[place])
                    step[place] *= 2
            if np.array_equal(more, workers):
                self._keep(workers, levels)
                return workers
            workers = more

    def _trim(self, workers: Whole) -> None:
        """Take workers away, interval by interval, until no interval can do with one fewer."""
        workers = workers.copy()
        before = None
        while before is None or not np.array_equal(before, workers):
            before = workers.copy()
            places = np.flatnonzero(workers).tolist()
            for done, i in enumerate(places):
                self.expected = self.runs + 2 * len(places) - done  # at least one each, and once more where it changes
                workers[i] = self._fewest(workers, i)

    def _fewest(self, workers: Whole, i: int) -> int:
        """Find the fewest workers in one interval, with those in all others, by which nothing is lost."""
        enough, few, step = int(workers[i]), -1, 1
        while few + 1 < enough:
            tried = workers.copy()
            tried[i] = max(few + 1, enough - step) if few < 0 else (few + enough) // 2
            levels = self._try(tried)
            assert self.best is not None
            if levels.loses(self.best[1]):
                few = int(tried[i])
            else:
                enough, step = int(tried[i]), step * 2
                self._keep(tried, levels)
        return enough

    def _told(self, workers: Whole, levels: Levels, rehearsal: Rehearsal, stopped: bool) -> StaffPlan:
        """Make a plan of what was found."""
        asked, length = self.asked, self.copies.interval
        rows = [
            StaffRow(
                i * length / 1000,
                min(LENGTH, (i + 1) * length) / 1000,
                int(workers[i]),
                round(float(levels.tasks[i]), 6),
                None if np.isnan(levels.level[i]) else float(levels.level[i]),
                bool(levels.reached[i]),
            )
            for i in range(self.copies.intervals)
            if workers[i] or levels.tasks[i]
        ]
        notes = [
            f"From {clock(round(r.start * 1000))} to {clock(round(r.end * 1000))} {asked.service_level:.0%} within "
            f"{asked.within:g} seconds is not reached, but {r.service_level or 0:.0%} with {r.workers} workers; up to "
            f"{self.most} were tried"
            for r in rows
            if not r.reached and not stopped
        ]
        if notes and not self.helps:
            name = self.copies.like.friendly_name
            notes.insert(
                0,
                f"No copy of {name!r} answered any of these tasks in time, however many there were: their answers may "
                "take longer, or targets may ask for others; name another worker whom they are to be like",
            )
        if stopped:
            notes.append("The search was stopped: fewer workers may do, or more be needed")
        notes += notes_of_engine(rehearsal.engine)
        shifts = self.copies.staffed(workers)[2]
        return StaffPlan(Rows(StaffRow, rows), rehearsal, shifts, notes, self.runs)
