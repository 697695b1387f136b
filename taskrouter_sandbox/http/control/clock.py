"""The clock: what time it is in the sandbox, and time that passes at once."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from ...control_types import ClockState
from ...engine.model.errors import TaskRouterError
from ...runtime.clock import LATEST
from ..operation import Answer, Registry, RequestContext
from .parameters import ControlParameters

control = Registry(control=True)
MAX_ADVANCE = 366 * 86_400  # seconds
SMALLEST = 0.001


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not SMALLEST <= seconds <= MAX_ADVANCE:
        raise ValueError(
            f"time goes forward by at least {SMALLEST} and at most {MAX_ADVANCE:,} seconds "
            f"({MAX_ADVANCE // 86_400} days) at once: say how many, as in advance=120"
        )
    return seconds


class AdvanceClock(ControlParameters):
    """By how many seconds the clock moves forward."""

    advance: Annotated[float, Meta(ge=SMALLEST, le=MAX_ADVANCE, extra={"read": _seconds})]


def _state(context: RequestContext) -> Answer:
    clock = context.service.clock
    return Answer(ClockState(now=clock.now(), ahead=clock.ahead() / 1000))


@control.operation("FetchClock", "GET", "/clock", returns=ClockState)
def fetch(context: RequestContext) -> Answer:
    """Tell what time it is in the sandbox."""
    return _state(context)


@control.operation("AdvanceClock", "POST", "/clock", AdvanceClock, returns=ClockState)
def advance(context: RequestContext, asked: AdvanceClock) -> Answer:
    """Move the clock forward; all that falls due on the way happens at its own time and in order."""
    if context.now + asked.advance * 1000 > LATEST:
        raise TaskRouterError("Time ends where the year 9999 begins: POST /_sandbox/reset sets the clock right again")
    context.service.advance(round(asked.advance * 1000))
    return _state(context)
