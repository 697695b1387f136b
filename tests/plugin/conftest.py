"""pytest inside a test: suites as people write them, run with the plugin as it is installed."""

from __future__ import annotations

import json
import os
from importlib.metadata import entry_points
from unittest.mock import patch

import pytest

PLUGIN = "taskrouter_sandbox.testing.plugin"
NOT_LOADED = ("cacheprovider", "schemathesis", "hypothesispytest", "anyio")  # to load them takes longer than a suite
WITHOUT = tuple(word for name in NOT_LOADED for word in ("-p", f"no:{name}"))
IS_INSTALLED = any(each.value == PLUGIN for each in entry_points(group="pytest11"))

TEAM = {
    "format": "taskrouter-snapshot/1",
    "workspace": {"friendly_name": "Support", "multi_task_enabled": False},
    "activities": [{"friendly_name": "Offline"}, {"friendly_name": "Idle", "available": True}],
    "task_queues": [{"friendly_name": "Spanish", "target_workers": "languages HAS 'es'"}],
    "workflows": [
        {
            "friendly_name": "Flow",
            "configuration": {"task_routing": {"default_filter": {"queue": "Spanish"}}},
            "assignment_callback_url": "/assignment",
            "task_reservation_timeout": 60,
        }
    ],
    "workers": [
        {"friendly_name": "Alice", "attributes": {"languages": ["es"]}},
        {"friendly_name": "Bob", "activity": "Idle", "attributes": {"languages": ["en"]}},
    ],
}


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for a suite, with `team.json`; nothing of this session's own settings is seen there."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "TASKROUTER_SANDBOX_URL"):
        monkeypatch.delenv(name, raising=False)
    (pytester.path / "team.json").write_text(json.dumps(TEAM))
    return pytester


def plugin_words() -> list[str]:
    """What a run of pytest is given: the plugin, where it is not installed, and without others."""
    return [*([] if IS_INSTALLED else ["-p", PLUGIN]), *WITHOUT]


def run(suite: pytest.Pytester, *words: str) -> pytest.RunResult:
    """Run the suite with every warning as an error: a whole run of pytest, in this process, which has loaded already
    what each run would load anew. The variables of the environment that it sets end with it, as in its own process."""
    with patch.dict(os.environ):
        return suite.runpytest_inprocess(*plugin_words(), "-W", "error", *words)


def run_alone(suite: pytest.Pytester, *words: str) -> pytest.RunResult:
    """Run it in a process of its own: what ends its process, or changes the plugin."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    return suite.runpytest_subprocess(*plugin_words(), "-W", "error", *words)
