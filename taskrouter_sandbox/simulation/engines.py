"""Which engine plays a day: the fast one, or the exact one, which holds everything. Both decide alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..snapshot import Snapshot
from .columns import Columns
from .day import Day
from .draws import draw
from .errors import RehearsalError
from .run import Run

if TYPE_CHECKING:
    from .fast.tables import Tables

Asked = Literal["auto", "exact", "fast"]


@dataclass(frozen=True)
class Engine:
    """An engine that is ready for a workspace and a day.

    name: `fast` or `exact`; reason: why it is not the fast one, in words, None where that was not asked for; tables:
    the workspace as the fast one reads it.
    """

    name: Literal["fast", "exact"]
    reason: str | None = None
    tables: Tables | None = None


def engine_for(snapshot: Snapshot, day: Day, asked: Asked = "auto", *, says: bool = False) -> Engine:
    """Choose the engine. says: tells when it must be compiled first.

    Raises RehearsalError where the fast one is asked for and does not hold this day, or where that is no engine.
    """
    if asked == "exact":
        return Engine("exact")
    if asked not in ("auto", "fast"):
        raise RehearsalError(f"engine is {asked!r}: give auto, exact or fast")
    from .fast.compiled import why_not
    from .fast.tables import NotHeldError, tables_of

    try:
        if why_not is not None:
            raise NotHeldError(why_not)
        tables = tables_of(snapshot, day)
        from .fast.play import get_ready

        get_ready(says=says)
    except NotHeldError as error:
        if asked == "fast":
            raise RehearsalError(f"the fast engine cannot play this day: {error}; leave engine out") from None
        return Engine("exact", str(error))
    return Engine("fast", tables=tables)


def play(
    snapshot: Snapshot, day: Day, seed: int, numbers: Sequence[int], engine: Engine | None = None
) -> list[tuple[int, Columns]]:
    """Play replications of these numbers. Raises RehearsalError where TaskRouter would refuse tasks.

    engine: that of `engine_for`; it is chosen here where left out.
    """
    engine = engine or engine_for(snapshot, day)
    return [(number, _play_one(snapshot, day, seed, number, engine)) for number in numbers]


def _play_one(snapshot: Snapshot, day: Day, seed: int, number: int, engine: Engine) -> Columns:
    draws = draw(day, seed, number)
    if engine.tables is not None:
        from .fast.play import play
        from .fast.tables import NotHeldError

        try:
            return play(engine.tables, draws)
        except NotHeldError:  # more in one millisecond than there is room for; the exact engine decides the same
            pass
    return Run(snapshot, day, draws).play()
