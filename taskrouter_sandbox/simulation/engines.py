"""Which engine plays a day: the fast one, or the exact one, which holds everything. Both decide alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from ..snapshot import Snapshot
from .columns import Columns, narrowed
from .day import Day
from .draws import draw
from .errors import RehearsalError
from .pool import Progress, stream
from .run import DayRun

if TYPE_CHECKING:
    from .fast.tables import Tables

EngineName = Literal["auto", "exact", "fast"]


@dataclass(frozen=True)
class Engine:
    """An engine that is ready for a workspace and a day.

    name: `fast` or `exact`; reason: why it is not the fast one, in words, None where that was not asked for; tables:
    the workspace as the fast one reads it; is_asked_for: the fast one alone is wanted.
    """

    name: Literal["fast", "exact"]
    reason: str | None = None
    tables: Tables | None = None
    is_asked_for: bool = False


class Played(NamedTuple):
    """A replication that was played. reason: why not by the fast engine, where it began with that one."""

    number: int
    columns: Columns
    reason: str | None = None

    def __reduce__(self) -> tuple[type[Played], tuple[int, Columns, str | None]]:
        return Played, (self.number, narrowed(self.columns), self.reason)


def engine_for(snapshot: Snapshot, day: Day, asked: EngineName = "auto", *, says: bool = False) -> Engine:
    """Choose the engine. says: tells when it must be compiled first.

    Raises RehearsalError where the fast one is asked for and does not hold this day, or where that is no engine.
    """
    check_engine(asked)
    if asked == "exact":
        return Engine("exact")
    is_asked_for = asked == "fast"
    from .fast.compiled import why_not
    from .fast.tables import NotHeldError, tables_of

    if why_not is not None:
        return _exact(why_not, is_asked_for)
    try:
        tables = tables_of(snapshot, day)
    except NotHeldError as error:
        return _exact(_not_held(error), is_asked_for)
    from .fast.play import get_ready

    get_ready(says=says)
    return Engine("fast", tables=tables, is_asked_for=is_asked_for)


def check_engine(asked: EngineName) -> None:
    """Raise RehearsalError where that is no engine."""
    if asked not in get_args(EngineName):
        raise RehearsalError(f"engine is {asked!r}: give auto, exact or fast")


def tell_of(engines: Iterable[Engine], progress: Progress) -> None:
    """Say before a day is played why it is not by the fast engine, where progress is a line: it takes far longer."""
    if progress is True:
        for reason in dict.fromkeys(each.reason for each in engines if each.reason is not None):
            print(f"The exact engine plays this, since {reason}", file=stream(), flush=True)


def _not_held(error: Exception) -> str:
    return f"the fast engine does not hold this: {error}"


def _exact(reason: str, is_asked_for: bool) -> Engine:
    """Give the exact engine in place of the fast one. Raises RehearsalError where that one is asked for."""
    if is_asked_for:
        raise RehearsalError(f"{reason}; leave engine out")
    return Engine("exact", reason)


def play(snapshot: Snapshot, day: Day, seed: int, numbers: Sequence[int], engine: Engine | None = None) -> list[Played]:
    """Play replications of these numbers. Raises RehearsalError where TaskRouter would refuse tasks.

    engine: that of `engine_for`; it is chosen here where left out.
    """
    engine = engine or engine_for(snapshot, day)
    return [_play_one(snapshot, day, seed, number, engine) for number in numbers]


def _play_one(snapshot: Snapshot, day: Day, seed: int, number: int, engine: Engine) -> Played:
    draws, reason = draw(day, seed, number), None
    if engine.tables is not None:
        from .fast.play import play
        from .fast.tables import NotHeldError

        try:
            return Played(number, play(engine.tables, draws))
        except NotHeldError as error:  # of what is drawn
            reason = _exact(_not_held(error), engine.is_asked_for).reason
    return Played(number, DayRun(snapshot, day, draws).play(), reason)


def engines_told(engine: Engine, played: Sequence[Played]) -> str:
    """Say which engine played replications, and why it was not the fast one."""
    reasons = [each.reason for each in played if each.reason is not None]
    if not reasons:
        return engine.name if engine.reason is None else f"exact, since {engine.reason}"
    some = f"{len(reasons):,} of {len(played):,} replications"
    which = "exact" if len(reasons) == len(played) else f"fast, and exact for {some}"
    return f"{which}, since {reasons[0]}"


def notes_of_engine(told: str) -> list[str]:
    """Give what a user has to know of the engine, as `engines_told` says it: nothing where it is as was asked for."""
    return [] if told in ("fast", "exact") else [f"The engine was {told}"]
