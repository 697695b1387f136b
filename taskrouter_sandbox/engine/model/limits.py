"""How much a workspace holds at most; how long the sandbox around it waits is in `runtime/limits.py`."""

from __future__ import annotations

from msgspec import Struct


class WorkspaceLimits(Struct, frozen=True, kw_only=True):
    """The limits of a workspace; the defaults are those of the service (rest-contract.md §12).

    attempts: how often a task is reserved until it is canceled; kept_after_end: milliseconds that a task can still be
    fetched when it is completed or canceled (behaviour.md §11: 5 minutes, not 10), 0 to drop it at once.
    """

    workers: int = 15_000
    task_queues: int = 5_000
    activities: int = 100
    attempts: int = 1_000
    kept_after_end: int = 5 * 60 * 1000
