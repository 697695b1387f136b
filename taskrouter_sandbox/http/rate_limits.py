"""How often something may be asked (rest-contract.md §11.5)."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from .errors import refusal

EXPRESSION_REQUESTS = 3  # a second, for each of the three lists that take an expression (rest-contract.md §11.5)
# Averaged over so many seconds: Twilio does not say; a short burst, such as a cell that runs twice, is let pass
WINDOW = 10


class Rate(NamedTuple):
    """What the three X-Rate-Limit headers say."""

    limit: int
    remaining: int
    config: str


# of everything that is not limited here; Twilio does not publish these numbers (rest-contract.md §15, point 10)
FREE = Rate(100, 100, "Account")


class RateLimits:
    """The counts of the requests of the last seconds, by the name of a limit and the workspace."""

    def __init__(self) -> None:
        self.counted: dict[tuple[str, str], deque[int]] = {}

    def count(self, name: str, workspace_sid: str, now: int) -> Rate:
        """Count a request at `now` (milliseconds); TaskRouterError (429) when it is one too many."""
        times = self.counted.setdefault((name, workspace_sid), deque())
        while times and times[0] <= now - WINDOW * 1000:
            times.popleft()
        left = EXPRESSION_REQUESTS * WINDOW - len(times)
        if left <= 0:
            refused = refusal("too many requests", name=name, limit=EXPRESSION_REQUESTS)
            refused.rate = Rate(EXPRESSION_REQUESTS, 0, name)
            raise refused
        times.append(now)
        return Rate(EXPRESSION_REQUESTS, min(EXPRESSION_REQUESTS, left - 1), name)
