"""How long a sandbox waits and how much it keeps: the numbers that a test may want smaller.

How much a workspace holds: `engine/model/limits.py`.
"""

from __future__ import annotations

from msgspec import Struct, field

from ..storage.retention import Retention


class ServiceLimits(Struct, frozen=True, kw_only=True):
    """The limits of one sandbox; lengths of time in seconds.

    assignment_seconds: for the answer to an assignment callback (behaviour.md §3.2).
    event_seconds: for the answer to an event callback (behaviour.md §4.1).
    max_waiting: event callbacks of a workspace that may wait for one address; further ones are dropped.
    retry_seconds: between the end of a reservation that came to nothing and the callback for the next one of its task.
    Another follows at once (behaviour.md §2.2, §7); without the pause a mistake in a handler would use up the 1,000
    attempts of a task in seconds.
    timer_retry_seconds: until what could not be done when it was due is tried again.
    watch_seconds: from one look at the machine's clock, and at the files of the state, to the next.
    sweep_seconds: from one look at what is not kept any more to the next, on the sandbox's clock.
    """

    assignment_seconds: float = 5.0
    event_seconds: float = 15.0
    max_waiting: int = 1000
    retry_seconds: float = 0.5
    timer_retry_seconds: float = 1.0
    watch_seconds: float = 2.0
    sweep_seconds: float = 3600.0
    retention: Retention = field(default_factory=Retention)
