"""The stage on which rules are tried."""

from __future__ import annotations

import pytest

from tests.engine.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def multi() -> Stage:
    return Stage(multi=True)
