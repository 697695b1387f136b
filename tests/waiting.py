"""How long tests wait: limits that grow with one factor, and waiting for a condition."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = float(os.environ.get("TEST_PATIENCE") or 1)
"""What every limit of the tests is multiplied by: 1 on a quiet machine, more on a slow or a busy one."""


def patience(seconds: float) -> float:
    """Return a limit in seconds for something that is over sooner when all is well."""
    return seconds * PATIENCE


def milliseconds(seconds: float) -> float:
    """Return such a limit in milliseconds, as Playwright takes it."""
    return 1000 * patience(seconds)


def wait_for(condition: Callable[[], T], seconds: float = 15.0, what: str = "the condition") -> T:
    """Return the first true value of `condition()`, which is asked for half of the time at most.

    seconds: the limit, before TEST_PATIENCE. Raises AssertionError, with the last value, when it is reached.
    """
    limit = patience(seconds)
    asked = time.monotonic()
    deadline = asked + limit
    while not (value := condition()):
        answered = time.monotonic()
        if answered > deadline:
            raise AssertionError(f"{what} did not come true within {limit:g} s; last: {value!r}")
        time.sleep(max(0.02, answered - asked))
        asked = time.monotonic()
    return value
