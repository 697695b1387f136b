"""When tasks come, and what is drawn for each of them.

Each class has random numbers of its own for its arrivals, and each task for itself: the same seed gives two workflows,
or two rosters, the same people with the same patience, who take as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from .day import Day, Rate, RecordedTask, TaskClass


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who comes. at, talk, wrap_up, patience: milliseconds, `at` since the day began; rng: for the answers."""

    kind: TaskClass
    place: int
    number: int
    at: int
    talk: int
    wrap_up: int
    patience: int | None
    rng: Random


def arrivals(day: Day, seed: int, replication: int) -> Iterator[Iterator[Arrival]]:
    """Give the arrivals of each class, in order of time."""
    for place, kind in enumerate(day.classes):
        yield _of_class(kind, place, f"{seed}/{replication}/{kind.name!r}")


def _of_class(kind: TaskClass, place: int, seed: str) -> Iterator[Arrival]:
    recorded = sorted(kind.recorded, key=lambda each: each.at.ms)
    known = ((each.at.ms, each) for each in recorded) if recorded else _at_random(kind.arrivals, Random(seed))
    for number, (at, one) in enumerate(known):
        rng = Random(f"{seed}/{number}")
        talk, wrap_up = ((one and one.talk) or kind.talk).draw(rng), ((one and one.wrap_up) or kind.wrap_up).draw(rng)
        patience = (one and one.patience) or kind.patience
        yield Arrival(kind, place, number, at, talk, wrap_up, patience.draw(rng) if patience else None, rng)


def _at_random(rates: list[Rate], rng: Random) -> Iterator[tuple[int, RecordedTask | None]]:
    """Draw a Poisson process; its rate changes from one interval to the next."""
    for rate in sorted(rates, key=lambda each: each.start.ms):
        at = float(rate.start.ms)
        while rate.per_hour and (at := at + rng.expovariate(rate.per_hour) * 3_600_000) < rate.end.ms:
            yield int(at), None
