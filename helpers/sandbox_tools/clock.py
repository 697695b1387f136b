"""Lets time pass in the sandbox without waiting for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from helpers import sandbox
from helpers.connection import account
from helpers.errors import LessonError

listeners: set[Callable[[float], object]] = set()
"""Told how many seconds the sandbox's clock is ahead, whenever somebody in this process has advanced it."""


def skip(*bare: object, seconds: float = 0, minutes: float = 0, hours: float = 0, quiet: bool = False) -> None:
    """Move the sandbox's clock forward, as in `skip(minutes=2)`, and say what time it is there.

    All that falls due on the way happens at its own time and in order: reservations and routing steps time out, tasks
    end. The sandbox stays ahead of this machine until it is emptied. quiet: say nothing.

    Raises LessonError on live Twilio, where nobody can do that, and for what is no time that lies ahead, such as a bare
    number or more than 366 days.
    """
    if bare or not all(isinstance(length, (int, float)) for length in (seconds, minutes, hours)):
        raise LessonError(
            "skip() takes numbers, and wants to know of what: seconds, minutes or hours, as in skip(minutes=2)."
        )
    now = advance(seconds + 60 * minutes + 3600 * hours)
    if not quiet:
        print(f"In the sandbox it is {now:%H:%M:%S on %d %B} now.")


def advance(length: float) -> datetime:
    """Move the sandbox's clock forward by so many seconds; return what time it is there, and say nothing.

    Raises LessonError as `skip` does.
    """
    if length <= 0:
        raise LessonError("skip() goes forward only: say how far, as in skip(minutes=2).")
    if account.current().mode == "live":
        raise LessonError("Time cannot be skipped on live Twilio: wait, or work in the sandbox for this.")
    clock = sandbox.ensure().clock.advance(seconds=length)
    for listener in tuple(listeners):
        listener(clock["ahead"])
    return datetime.fromtimestamp(clock["now"] / 1000, UTC).astimezone()


def ahead() -> float:
    """Tell how many seconds TaskRouter's clock is ahead of this machine's; on live Twilio none."""
    if account.current().mode == "live":
        return 0.0
    return sandbox.ensure().clock.ahead()
