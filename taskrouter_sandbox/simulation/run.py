"""One day in the engine, from event to event.

What happens in the same millisecond happens in this order: TaskRouter's own timeouts, answers to reservations, ends of
talks and of wrapping up, workers who go to another activity, people who hang up, and those who come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count
from random import Random

from ..engine.model.entities import Reservation, Task, Worker
from ..engine.model.errors import TaskRouterError
from ..snapshot import Snapshot
from .arrivals import Arrival, arrivals
from .checks import activity_at_work
from .day import Day
from .errors import RehearsalError
from .observer import HUNG_UP
from .records import TaskRecord
from .workspace import engine_of

ANSWER, END, MOVE, HANG_UP, ARRIVAL = range(5)  # later ones are the arrivals of later classes


class Run:
    """A day that is played once; see `play`."""

    def __init__(self, snapshot: Snapshot, day: Day, seed: int, replication: int) -> None:
        self.day, self.seed, self.replication, self.begins = day, seed, replication, day.begins
        off_duty = day.off_duty or snapshot.workspace.default_activity
        on_duty = activity_at_work(snapshot) or off_duty
        self.engine, self.observer = engine_of(snapshot, self.begins, {s.worker: off_duty for s in day.shifts})
        state = self.engine.state
        self.workflows = {each.friendly_name: each.sid for each in state.workflows.values()}
        self.activities = {each.friendly_name: each.sid for each in state.activities.values()}
        self.workers = {each.friendly_name: each for each in state.workers.values()}
        self.duty = {each.sid: each.activity_sid for each in state.workers.values()}  # where a worker ought to be
        self.away: set[str] = set()
        self.arrivals: dict[str, Arrival] = {}  # by task SID
        self.records: list[TaskRecord] = []
        self.refused: dict[int, tuple[int, str]] = {}
        self.events: list[tuple[int, int, int, Callable[[int], None]]] = []
        self.numbers = count()
        for shift in sorted(day.shifts, key=lambda each: each.start.ms):
            self._plan_shift(shift.worker, shift.start.ms, shift.activity or on_duty)
        following = {(each.worker, each.start.ms) for each in day.shifts}
        for shift in day.shifts:
            if (shift.worker, shift.end.ms) not in following:
                self._plan_shift(shift.worker, shift.end.ms, off_duty)
        for coming in arrivals(day, seed, replication):
            self._plan_next(coming)

    def play(self) -> list[TaskRecord]:
        """Play the day until the last task of it has ended, and give all, in the order in which they came.

        Raises RehearsalError when TaskRouter would refuse tasks.
        """
        engine, events = self.engine, self.events
        while True:
            due = engine.next_due()
            if due is not None and (not events or due <= events[0][0]):
                engine.advance(due)
                now = due
            elif events:
                now, _, _, happens = heappop(events)
                happens(now)
            else:
                break
            self._offer(now)
        for place, (refused, why) in self.refused.items():
            came = refused + sum(each.class_name == self.day.classes[place].name for each in self.records)
            raise RehearsalError(f"classes[{place}]: {refused} of {came} tasks would be refused: {why}")
        return self.records

    def _plan(self, at: int, rank: int, happens: Callable[[int], None]) -> None:
        heappush(self.events, (at, rank, next(self.numbers), happens))

    # who comes, and who hangs up

    def _plan_next(self, coming: Iterator[Arrival]) -> None:
        if (one := next(coming, None)) is not None:
            self._plan(self.begins + one.at, ARRIVAL + one.place, lambda now: self._come(now, one, coming))

    def _come(self, now: int, one: Arrival, coming: Iterator[Arrival]) -> None:
        kind = one.kind
        record = self.observer.coming = TaskRecord(kind.name, self.replication, one.number, one.at / 1000)
        try:
            task = self.engine.tasks.create(
                now,
                attributes=json.dumps(kind.attributes),
                workflow_sid=self.workflows[kind.workflow] if kind.workflow else None,
                task_channel=kind.channel,
                priority=kind.priority,
                timeout=kind.timeout,
            )
        except TaskRouterError as refused:
            self.refused[one.place] = (self.refused.get(one.place, (0, ""))[0] + 1, str(refused))
        else:
            self.records.append(record)
            self.arrivals[task.sid] = one
            if one.patience is not None:
                self._plan(now + one.patience, HANG_UP, lambda now: self._hang_up(now, task))
        self.engine.drain()  # alerts, which nobody reads
        self._plan_next(coming)

    def _hang_up(self, now: int, task: Task) -> None:
        if task.assignment_status in ("pending", "reserved"):
            self.engine.tasks.update(now, task, assignment_status="canceled", reason=HUNG_UP)

    # reservations, and what comes of them

    def _offer(self, now: int) -> None:
        """Decide how new reservations are answered, and when workers come back who were moved away."""
        observer, answers = self.observer, self.day.answers
        offered, observer.offered = observer.offered, []
        for task, reservation in offered:
            rng = self.arrivals[task.sid].rng
            share, at = rng.random(), now + answers.after.draw(rng)
            if share < answers.reject:
                self._plan(at, ANSWER, lambda now, it=reservation: self._reject(now, it))
            elif share >= answers.reject + answers.let_time_out:
                self._plan(at, ANSWER, lambda now, it=reservation, whose=task: self._accept(now, whose, it))
        moved, observer.moved_away = observer.moved_away, []
        for worker in moved:
            self.away.add(worker.sid)
            if answers.back_after is not None:
                rng = Random(f"{self.seed}/{self.replication}/{worker.friendly_name}/{now - self.begins}")
                self._plan(now + answers.back_after.draw(rng), MOVE, lambda now, who=worker: self._come_back(now, who))

    def _reject(self, now: int, reservation: Reservation) -> None:
        if reservation.reservation_status == "pending":
            self.engine.reservations.reject(now, reservation)

    def _accept(self, now: int, task: Task, reservation: Reservation) -> None:
        if reservation.reservation_status != "pending":
            return
        self.engine.reservations.accept(now, reservation)
        one, worker = self.arrivals[task.sid], self.engine.state.workers[reservation.worker_sid]
        self._plan(now + one.talk, END, lambda now: self._end_talk(now, task, worker, one.wrap_up))

    def _end_talk(self, now: int, task: Task, worker: Worker, wrap_up: int) -> None:
        if wrap_up and task.sid in self.engine.state.tasks:
            self.engine.tasks.update(now, task, assignment_status="wrapping")
            self._plan(now + wrap_up, END, lambda now: self._complete(now, task, worker))
        else:
            self._complete(now, task, worker)

    def _complete(self, now: int, task: Task, worker: Worker) -> None:
        """Complete a task; its worker then goes where the shift says, as an application sees to (behaviour.md §2.3)."""
        is_last = all(r.task_sid == task.sid or r.reservation_status == "pending" for r in worker.open.values())
        goes = is_last and worker.sid not in self.away
        leaves = goes and not self.engine.state.activities[self.duty[worker.sid]].available
        if leaves:
            self._go(now, worker)
        if task.sid in self.engine.state.tasks:
            self.engine.tasks.update(now, task, assignment_status="completed")
        if goes and not leaves:
            self._go(now, worker)

    # shifts

    def _plan_shift(self, name: str, at: int, activity: str) -> None:
        worker, sid = self.workers[name], self.activities[activity]
        self._plan(self.begins + at, MOVE, lambda now: self._begin_shift(now, worker, sid))

    def _begin_shift(self, now: int, worker: Worker, activity_sid: str) -> None:
        """Let a worker go to another activity; in a single-tasking workspace after the task in hand."""
        self.duty[worker.sid] = activity_sid
        self.away.discard(worker.sid)
        is_busy = any(each.reservation_status != "pending" for each in worker.open.values())
        if self.engine.workspace.multi_task_enabled or not is_busy:
            self._go(now, worker)

    def _come_back(self, now: int, worker: Worker) -> None:
        if worker.sid in self.away:
            self.away.remove(worker.sid)
            self._go(now, worker)

    def _go(self, now: int, worker: Worker) -> None:
        """Put a worker where the shift says; who leaves rejects what is pending."""
        sid = self.duty[worker.sid]
        if worker.activity_sid != sid:
            leaves = not self.engine.state.activities[sid].available
            self.engine.workers.update(now, worker, activity_sid=sid, reject_pending_reservations=leaves)
