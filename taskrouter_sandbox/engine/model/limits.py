"""How much a workspace holds at most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceLimits:
    """The limits of a workspace; the defaults are those of the service (rest-contract.md §12).

    attempts: how often a task is reserved until it is canceled.
    """

    workers: int = 15_000
    task_queues: int = 5_000
    activities: int = 100
    attempts: int = 1_000
