"""One day in the engine, from event to event.

What happens in the same millisecond happens in this order: TaskRouter's own timeouts, answers to reservations, ends of
talks and of wrapping up, workers who go to another activity, people who hang up, and those who come. Of two such it is
the older reservation, the task that came first, the shift of the worker who was created first. `fast/kernel.py` keeps
to the same order.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from itertools import count

from ..engine.model.entities import Reservation, Task, Worker
from ..engine.model.errors import TaskRouterError
from ..snapshot import Snapshot
from .checks import activity_at_work
from .columns import HANGS_UP, Columns
from .day import Day
from .draws import NEVER, Draws
from .errors import RehearsalError
from .observer import DayObserver
from .workspace import engine_of

ANSWER, END, SHIFT, BACK, HANG_UP, ARRIVAL = range(6)


class DayRun:
    """A day that is played once; see `play`. observer: makes whoever is told what the rules do."""

    def __init__(self, snapshot: Snapshot, day: Day, draws: Draws, observer: type[DayObserver] = DayObserver) -> None:
        self.day, self.draws, self.begins = day, draws, day.begins
        off_duty = day.off_duty or snapshot.workspace.default_activity
        on_duty = activity_at_work(snapshot) or off_duty
        begin_off_duty = {each.worker: off_duty for each in day.shifts}
        self.engine, self.observer = engine_of(snapshot, self.begins, begin_off_duty, observer)
        self.observer.begin(draws, tuple(each.name for each in day.classes))
        state = self.engine.state
        self.workflows = {each.friendly_name: each.sid for each in state.workflows.values()}
        self.activities = {each.friendly_name: each.sid for each in state.activities.values()}
        self.workers = {each.friendly_name: each for each in state.workers.values()}
        self.numbers = {each.sid: i for i, each in enumerate(state.workers.values())}
        self.habits = {each.sid: draws.habits.of(each.friendly_name) for each in state.workers.values()}
        self.back_keys = {each.sid: draws.back_key(each.friendly_name) for each in state.workers.values()}
        self.duty = {each.sid: each.activity_sid for each in state.workers.values()}  # where a worker ought to be
        self.away: set[str] = set()
        self.rows: dict[str, int] = {}  # of all tasks, by SID
        self.attributes = [json.dumps(each.attributes) for each in day.classes]
        self.refused: dict[int, tuple[int, str]] = {}
        self.events: list[tuple[int, int, int, int, Callable[[int], None]]] = []
        self.planned, self.offers = count(), count()
        for name, at, activity in shift_changes(day, on_duty, off_duty):
            worker, sid = self.workers[name], self.activities[activity]
            self._plan(at, SHIFT, self.numbers[worker.sid], partial(self._begin_shift, worker=worker, activity_sid=sid))
        self._plan_arrival(0)

    def play(self) -> Columns:
        """Play the day until the last task of it has ended, and tell what came of each.

        Raises RehearsalError when TaskRouter would refuse tasks.
        """
        engine, events, begins = self.engine, self.events, self.begins
        while True:
            due = engine.next_due()
            if due is not None and (not events or due <= begins + events[0][0]):
                engine.advance(due)
                now = due
            elif events:
                at, *_, happens = heappop(events)
                now = begins + at
                happens(now)
            else:
                break
            self._offer(now)
        for place, (refused, why) in self.refused.items():
            came = int((self.draws.kind == place).sum())
            raise RehearsalError(f"classes[{place}]: {refused} of {came} tasks would be refused: {why}")
        return self.observer.columns()

    def _plan(self, at: int, rank: int, number: int, happens: Callable[[int], None]) -> None:
        """Let something happen `at` milliseconds of the day. number: by which things of one rank take turns."""
        heappush(self.events, (at, rank, number, next(self.planned), happens))

    # who comes, and who hangs up

    def _plan_arrival(self, row: int) -> None:
        if row < self.draws.at.size:
            self._plan(int(self.draws.at[row]), ARRIVAL, row, partial(self._come, row=row))

    def _come(self, now: int, row: int) -> None:
        place = int(self.draws.kind[row])
        kind = self.day.classes[place]
        self.observer.coming = row
        try:
            task = self.engine.tasks.create(
                now,
                attributes=self.attributes[place],
                workflow_sid=self.workflows[kind.workflow] if kind.workflow else None,
                task_channel=kind.channel,
                priority=kind.priority,
                timeout=kind.timeout,
            )
        except TaskRouterError as refused:
            self.refused[place] = (self.refused.get(place, (0, ""))[0] + 1, str(refused))
        else:
            self.rows[task.sid] = row
            if (patience := int(self.draws.patience[row])) != NEVER:
                self._plan(now - self.begins + patience, HANG_UP, row, partial(self._hang_up, task=task))
        self._forget()
        self._plan_arrival(row + 1)

    def _forget(self) -> None:
        """Let go of effects, such as alerts, which nobody reads."""
        self.engine.drain()

    def _hang_up(self, now: int, task: Task) -> None:
        if task.assignment_status in ("pending", "reserved"):
            self.engine.tasks.update(now, task, assignment_status="canceled", reason=HANGS_UP)

    # reservations, and what comes of them

    def _offer(self, now: int) -> None:
        """Decide how new reservations are answered, and when workers come back who were moved away."""
        observer, at = self.observer, now - self.begins
        offered, observer.offered = observer.offered, []
        for row, number, task, reservation in offered:
            answer, after = self.draws.answer(row, number, self.habits[reservation.worker_sid])
            offer = next(self.offers)
            if answer == "reject":
                self._plan(at + after, ANSWER, offer, partial(self._reject, reservation=reservation))
            elif answer == "accept":
                self._plan(at + after, ANSWER, offer, partial(self._accept, task=task, reservation=reservation))
        moved, observer.moved_away = observer.moved_away, []
        for worker in moved:
            self.away.add(worker.sid)
            after = self.draws.back_after(self.back_keys[worker.sid], at, self.habits[worker.sid])
            if after is not None:
                self._plan(at + after, BACK, self.numbers[worker.sid], partial(self._come_back, worker=worker))

    def _reject(self, now: int, reservation: Reservation) -> None:
        if reservation.reservation_status == "pending":
            self.engine.reservations.reject(now, reservation)

    def _accept(self, now: int, task: Task, reservation: Reservation) -> None:
        if reservation.reservation_status != "pending":
            return
        self.engine.reservations.accept(now, reservation)
        row, worker = self.rows[task.sid], self.engine.state.workers[reservation.worker_sid]
        at = now - self.begins + self.draws.lasts(row, self.habits[worker.sid], "talk")
        self._plan(at, END, row, partial(self._end_talk, task=task, worker=worker, row=row))

    def _end_talk(self, now: int, task: Task, worker: Worker, row: int) -> None:
        wrap_up = self.draws.lasts(row, self.habits[worker.sid], "wrap_up")
        if wrap_up and task.sid in self.engine.state.tasks:
            self.engine.tasks.update(now, task, assignment_status="wrapping")
            self._plan(now - self.begins + wrap_up, END, row, partial(self._complete, task=task, worker=worker))
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


def shift_changes(day: Day, on_duty: str, off_duty: str) -> list[tuple[str, int, str]]:
    """Give each move that the plan says, in order of time: the worker's name, when, and the activity's name."""
    moves = [(each.worker, each.start.ms, each.activity or on_duty) for each in day.shifts]
    following = {(each.worker, each.start.ms) for each in day.shifts}
    moves += [(s.worker, s.end.ms, off_duty) for s in day.shifts if (s.worker, s.end.ms) not in following]
    return sorted(moves, key=lambda move: move[1])
