"""Twilio's SDK for agents, unmodified and in Node, against the sandbox.

The scenarios are those of the SDK's own integration tests, as far as they are public (agent-sdk.md §0, `2t:`), and what
§3 to §11 add. They are in `scenarios`, in JavaScript.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import node
from tests.waiting import milliseconds

SCENARIOS = sorted(Path(__file__).with_name("scenarios").glob("*.test.mjs"))


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    """The packages of the lock, the SDK among them."""
    node.need_packages()


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.name.partition(".")[0])
def test_the_sdk_plays(file, sandbox):
    """`sandbox` is that of these tests, which `restart` leaves alone: it starts one of its own."""
    done = node.run(
        "node",
        "--test",
        "--test-force-exit",
        f"--test-timeout={milliseconds(60):.0f}",
        "--test-reporter=spec",
        file,
        SANDBOX_URL=sandbox.url,
        ACCOUNT_SID=sandbox.account_sid,
        AUTH_TOKEN=sandbox.auth_token,
        FRONT=str(node.FRONT),
        PYTHON=sys.executable,
    )
    assert done.returncode == 0, done.stdout + done.stderr
