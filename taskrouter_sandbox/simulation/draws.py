"""When tasks come, and what is drawn for each of them and for whoever answers, as arrays.

Each class has random numbers of its own for each purpose (`chance`), so that two workflows or rosters meet the same
people. How a reservation is answered hangs on the task and on which of its reservations it is, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .chance import generator, hashed, key, share
from .day import ArrivalRate, Day, TaskClass
from .distributions import Duration
from .habits import NEVER, TABLE, Habits, habits_of

Answer = Literal["accept", "reject"]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Draws:
    """What is drawn for a day before it is played. Times are in milliseconds.

    Of each task, in the order in which they come (at the same time by class, then by number), arrays of shape (tasks,):
    kind: its class's place; number: which one of its class it is; at: since the day began; talk, wrap_up, patience
    (NEVER for who does not hang up).

    habits: what is drawn of answers and by workers; keys: of shape (classes,), what it is drawn by of a class's tasks.
    replication, seed: whose draws they are.
    """

    kind: NDArray[np.int32]
    number: NDArray[np.int32]
    at: Integers
    talk: Integers
    wrap_up: Integers
    patience: Integers
    keys: NDArray[np.uint64]
    habits: Habits
    seed: int
    replication: int

    def answer(self, row: int, reservation: int, habit: int) -> tuple[Answer | None, int]:
        """Draw how the reservation of that number (from 0) of a task is answered, None for not at all; and after how
        many milliseconds. habit: the place of its worker in habits.
        """
        kind, habits = int(self.kind[row]), self.habits
        bits = hashed(int(self.keys[kind]), int(self.number[row]), 2 * reservation)
        after = int(habits.tables[habits.after[kind, habit], hashed(bits, 0, 1) % TABLE])
        drawn = share(bits)
        if drawn < habits.reject[kind, habit]:
            return "reject", after
        takes = drawn >= habits.reject[kind, habit] + habits.let_time_out[kind, habit]
        return ("accept" if takes else None), after

    def lasts(self, row: int, habit: int, what: Literal["talk", "wrap_up"]) -> int:
        """Give how long the talk of a task, or the wrapping up after it, takes this worker, in milliseconds."""
        habits, of_class = self.habits, self.talk if what == "talk" else self.wrap_up
        table, factor = (habits.talk, habits.talk_factor) if what == "talk" else (habits.wrap_up, habits.wrap_up_factor)
        if table[habit] == NEVER:
            return int(np.rint(of_class[row] * factor[habit]))
        bits = hashed(int(self.keys[self.kind[row]]), int(self.number[row]), 1 if what == "talk" else 3)
        return int(habits.tables[table[habit], bits % TABLE])

    def back_key(self, worker: str) -> int:
        """Give the key by which it is drawn when this worker comes back."""
        return key(self.seed, self.replication, "back", worker)

    def back_after(self, back_key: int, ms: int, habit: int) -> int | None:
        """Draw after how many milliseconds a worker comes back who was moved away at `ms`; None for not by itself."""
        table = self.habits.back[habit]
        return None if table == NEVER else int(self.habits.tables[table, hashed(back_key, ms, 0) % TABLE])


def draw(day: Day, seed: int, replication: int) -> Draws:
    """Draw a day. The same seed and replication give the same, to the millisecond, with the same version of numpy."""
    parts = [_of_class(kind, (seed, replication, kind.name)) for kind in day.classes]
    counts = [at.size for at, *_ in parts]
    kind = np.repeat(np.arange(len(parts), dtype=np.int32), counts)
    number = np.concatenate([np.arange(count, dtype=np.int32) for count in counts])
    columns: list[Any] = [kind, number, *parts[0]]
    if len(parts) > 1:  # those of one class come in order
        columns[2:] = (np.concatenate(each) for each in zip(*parts, strict=True))
        order = np.argsort(columns[2], kind="stable")
        columns = [each[order] for each in columns]
    return Draws(
        *columns,
        keys=np.array([key(seed, replication, each.name, "answers") for each in day.classes], dtype=np.uint64),
        habits=habits_of(day, seed, replication),
        seed=seed,
        replication=replication,
    )


def _of_class(kind: TaskClass, place: tuple[object, ...]) -> tuple[Integers, Integers, Integers, Integers]:
    """Draw when the tasks of a class come, how long talk and wrapping up take, and their patience."""
    recorded = sorted(kind.recorded, key=lambda each: each.at.ms)
    if recorded:
        at = np.array([each.at.ms for each in recorded], dtype=np.int64)
    else:
        rates = sorted(kind.arrivals, key=lambda each: each.start.ms)
        at = np.concatenate([_at_random(rate, generator(*place, "arrivals", rate.start.ms)) for rate in rates])
    talk = kind.talk.draw(generator(*place, "talk"), at.size)
    wrap_up = kind.wrap_up.draw(generator(*place, "wrap_up"), at.size)
    if kind.patience is None:
        patience = np.full(at.size, NEVER, dtype=np.int64)
    else:
        patience = kind.patience.draw(generator(*place, "patience"), at.size)
    if recorded:
        _replace(talk, (each.talk for each in recorded), generator(*place, "own talk"))
        _replace(wrap_up, (each.wrap_up for each in recorded), generator(*place, "own wrap_up"))
        _replace(patience, (each.patience for each in recorded), generator(*place, "own patience"))
        patience[patience != NEVER] += np.array([round(1000 * each.waited) for each in recorded])[patience != NEVER]
    return at, talk, wrap_up, patience


def _replace(column: Integers, own: Iterable[Duration | None], rng: Generator) -> None:
    """Let what is known of one task stand in place of what its class says."""
    for number, duration in enumerate(own):
        if duration is not None:
            column[number] = duration.draw(rng, 1)[0]


def _at_random(rate: ArrivalRate, rng: Generator) -> Integers:
    """Draw a Poisson process from the beginning to the end of an interval."""
    if not rate.per_hour:
        return np.empty(0, dtype=np.int64)
    mean = 3_600_000 / rate.per_hour
    expected = (rate.end.ms - rate.start.ms) / mean
    size = int(expected + 4 * expected**0.5) + 16
    pieces: list[NDArray[np.float64]] = []
    last = float(rate.start.ms)
    while last < rate.end.ms:
        piece = rng.standard_exponential(size)
        piece *= mean
        np.cumsum(piece, out=piece)
        piece += last
        pieces.append(piece)
        last = float(piece[-1])
    at = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    return at[: np.searchsorted(at, rate.end.ms)].astype(np.int64)
