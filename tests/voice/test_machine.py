"""Calls, phones and reservations at random: no call without an end, no leg left ringing, nothing ordered twice."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.voice import long_run
from tests.voice.machine import Office

TestOffice = Office.TestCase
TestOffice.settings = settings(max_examples=40, stateful_step_count=40)


@pytest.mark.parametrize("seed", range(40))
def test_a_long_run(seed: int):
    assert long_run.run(seed) == long_run.LENGTH
