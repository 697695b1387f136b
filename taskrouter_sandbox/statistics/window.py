"""The time that cumulative statistics are about (rest-contract.md §4.12, §6)."""

from __future__ import annotations

from typing import NamedTuple

from ..engine.model.errors import TaskRouterError

MINUTE = 60_000  # milliseconds
OLDEST = 30 * 24 * 60 * MINUTE  # how far back statistics go (rest-contract.md §11.3)


class Window(NamedTuple):
    """A time from `start` to `end`, both in milliseconds since 1970, both inclusive."""

    start: int
    end: int

    @property
    def last(self) -> int:
        """Say up to when events count: bounds are whole seconds, and events of one instant are dated one by one."""
        return self.end + 999


def window(now: int, minutes: int, start: int | None, end: int | None) -> Window:
    """Make the window that was asked for; times in milliseconds since 1970.

    StartDate and EndDate win over Minutes (rest-contract.md §15, point 7), which otherwise look back from EndDate, or
    from now. An EndDate in the future counts as now, since nothing has happened there: `end_time` says so. Raises
    TaskRouterError for a start more than 30 days ago (code 14241), in the future, or after the end.
    """
    end = now if end is None else min(end, now)
    if start is None:
        start = end - minutes * MINUTE
    if start < now - OLDEST - 999:  # the bound is a whole second
        raise TaskRouterError(
            "Statistics go back 30 days at most: choose a later StartDate, or fewer Minutes.", code=14241
        )
    if start > now:
        raise TaskRouterError("StartDate lies in the future: choose an earlier one; times are UTC.")
    if start > end:
        raise TaskRouterError("StartDate must not be after EndDate.")
    return Window(start, end)
