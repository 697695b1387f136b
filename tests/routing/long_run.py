"""The state machine for as long as it takes: `python -m tests.routing.long_run [steps] [seed]`.

A step is one command or one passing of time, with all invariants checked after it. Stops at the first failure, and
prints the shortest way to it that hypothesis finds.
"""

from __future__ import annotations

import sys
import time

from hypothesis import HealthCheck, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.routing.machine import Routing


def main(wanted: int, seed: int) -> None:
    storm = settings(
        max_examples=100,
        stateful_step_count=100,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    began = time.monotonic()
    while Routing.steps < wanted:
        run_state_machine_as_test(seeded(seed)(type("Routing", (Routing,), {})), settings=storm)
        seed += 1
        seconds = time.monotonic() - began
        print(f"{Routing.steps:,} steps, {seconds:,.0f} s, {Routing.steps / seconds:,.0f} a second", flush=True)


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    main(*(numbers + [1_000_000, 0][len(numbers) :]))
