"""How often something may be asked (rest-contract.md §11.5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Container
from typing import NamedTuple

from .errors import refusal

REQUESTS = {  # a second, by the name of the limit; that of the last one is the sandbox's own
    "Task-List-EvaluateTaskAttributes": 3,
    "Worker-List-TargetWorkersExpression": 3,
    "TaskQueue-List-EvaluateWorkerAttributes": 3,
    "TaskQueue-BulkRealTimeStatistics": 5,
}
# Averaged over so many seconds: Twilio does not say; a short burst, such as a cell that runs twice, is let pass
WINDOW = 10


class RateLimit(NamedTuple):
    """What the three X-Rate-Limit headers say."""

    limit: int
    remaining: int
    config: str


# of everything that is not limited here; Twilio does not publish these numbers (rest-contract.md §15, point 10)
FREE = RateLimit(100, 100, "Account")


class RateLimits:
    """The counts of the requests of the last seconds, by the name of a limit and the workspace."""

    def __init__(self) -> None:
        self.counted: dict[tuple[str, str], deque[int]] = {}

    def count(self, name: str, workspace_sid: str, now: int) -> RateLimit:
        """Count a request at `now` (milliseconds); TaskRouterError (429) when it is one too many.

        name: one of `REQUESTS`.
        """
        limit = REQUESTS[name]
        times = self.counted.setdefault((name, workspace_sid), deque())
        while times and times[0] <= now - WINDOW * 1000:
            times.popleft()
        left = limit * WINDOW - len(times)
        if left <= 0:
            refused = refusal("too many requests", name=name, limit=limit)
            refused.rate = RateLimit(limit, 0, name)
            raise refused
        times.append(now)
        return RateLimit(limit, min(limit, left - 1), name)

    def forget(self, workspace_sids: Container[str]) -> None:
        """Drop the counts of workspaces that are gone."""
        self.counted = {key: times for key, times in self.counted.items() if key[1] not in workspace_sids}
