"""How workers answer offers, and how long work takes those who take their own time, as arrays.

Durations are drawn once for a replication into tables, of which each answer takes one by random bits of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from .chance import generator
from .day import Day, TaskClass, WorkerHabits
from .distributions import Duration

NEVER = -1
TABLE = 1 << 14  # how many durations each table has


@dataclass(frozen=True, slots=True)
class Habits:
    """What a worker's habit is. Place 0 is that of all who have none of their own, place i that of `workers[i - 1]`.

    tables: milliseconds, of shape (tables, TABLE). By class and habit: after: the table from which it is drawn how long
    an answer takes; reject, let_time_out: shares of the reservations. By habit: back: the table for how long somebody
    stays away whom a reservation that timed out has moved, NEVER for until the next shift; talk, wrap_up: the tables
    in place of what is drawn for the task, NEVER for none; talk_factor, wrap_up_factor: what that is multiplied by.
    """

    workers: tuple[str, ...]
    tables: NDArray[np.int64]
    after: NDArray[np.int32]
    reject: NDArray[np.float64]
    let_time_out: NDArray[np.float64]
    back: NDArray[np.int32]
    talk: NDArray[np.int32]
    wrap_up: NDArray[np.int32]
    talk_factor: NDArray[np.float64]
    wrap_up_factor: NDArray[np.float64]

    def of(self, worker: str) -> int:
        """Give the place of a worker's habit, by name."""
        return self.workers.index(worker) + 1 if worker in self.workers else 0


def share_of(day: Day, kind: TaskClass, whose: WorkerHabits | None, name: Literal["reject", "let_time_out"]) -> float:
    """Give a share of a worker's answers to tasks of a class: the worker's before the class's before the day's."""
    for part in (whose.answers if whose else None, kind.answers):
        if part is not None and not isinstance(share := getattr(part, name), UnsetType):
            return share
    return getattr(day.answers, name)


def habits_of(day: Day, seed: int, replication: int) -> Habits:
    """Draw what a replication needs of habits."""
    own: list[WorkerHabits | None] = [None, *day.workers]
    tables: dict[tuple[int, str], int] = {}
    drawn: list[NDArray[np.int64]] = []

    def table(duration: Duration | None, *purpose: str) -> int:
        """Give the number of the table of a duration; the same one for the same purpose is drawn once."""
        if duration is None:
            return NEVER
        if (key := (id(duration), purpose[0])) not in tables:
            tables[key] = len(drawn)
            drawn.append(duration.draw(generator(seed, replication, *purpose), TABLE))
        return tables[key]

    def after(kind: TaskClass, whose: WorkerHabits | None) -> int:
        of_worker = whose.answers.after if whose and whose.answers else UNSET
        of_class = kind.answers.after if kind.answers else UNSET
        if whose and not isinstance(of_worker, UnsetType):
            return table(of_worker, "after", "worker", whose.worker)
        if not isinstance(of_class, UnsetType):
            return table(of_class, "after", "class", kind.name)
        return table(day.answers.after, "after")

    def back(whose: WorkerHabits | None) -> int:
        answers = whose.answers if whose else None
        if whose is None or answers is None or isinstance(answers.back_after, UnsetType):
            return table(day.answers.back_after, "back")
        return table(answers.back_after, "back", whose.worker)

    def shares(name: Literal["reject", "let_time_out"]) -> NDArray[np.float64]:
        return np.array([[share_of(day, kind, each, name) for each in own] for kind in day.classes])

    return Habits(
        workers=tuple(each.worker for each in day.workers),
        after=np.array([[after(kind, each) for each in own] for kind in day.classes], np.int32),
        reject=shares("reject"),
        let_time_out=shares("let_time_out"),
        back=np.array([back(each) for each in own], np.int32),
        talk=np.array([table(each.talk, "talk", each.worker) if each else NEVER for each in own], np.int32),
        wrap_up=np.array([table(each.wrap_up, "wrap_up", each.worker) if each else NEVER for each in own], np.int32),
        talk_factor=np.array([each.talk_factor if each else 1.0 for each in own]),
        wrap_up_factor=np.array([each.wrap_up_factor if each else 1.0 for each in own]),
        tables=np.stack(drawn),
    )
