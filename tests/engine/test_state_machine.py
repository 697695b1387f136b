"""The whole core under a random storm of commands; see `machine.py`. `long_run.py` does a million steps of it."""

from __future__ import annotations

from hypothesis import settings

from tests.engine import long_run
from tests.engine.machine import Routing

TestRouting = Routing.TestCase
TestRouting.settings = settings(max_examples=60, stateful_step_count=40)


def test_thousands_of_steps_drawn_at_random():
    for seed in range(25):
        long_run.run(seed)
