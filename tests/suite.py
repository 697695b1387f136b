"""How the suite runs: order, markers, workers, limits, and failures named as they happen.

A marker says what a test needs, by its folder or by the fixtures that it asks for, and `-m "not browser"` leaves a part
out. The rules of routing come first, the browser last. With several workers, tests that share something costly stay on
one worker, and begin right after the core, since they take longest.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.waiting import patience

TESTS = Path(__file__).parent
CORE = ("engine", "sandbox")
MOST_WORKERS = 6
TEST_SECONDS = 120
"""After this time, before TEST_PATIENCE, a test is ended, and what its threads do is shown."""


def pytest_xdist_auto_num_workers() -> int:
    """Give `-n auto` one worker more than there are cores: many tests wait for a timer, a process or a page."""
    return min((os.cpu_count() or 1) + 1, MOST_WORKERS)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Set the limit of each test, unless the command line does, and name failures as they happen."""
    if config.option.timeout is None:
        config.option.timeout = patience(TEST_SECONDS)
    if not _is_worker(config):
        config.pluginmanager.register(FailureNames(config))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests by what they need, and sort them."""
    for item in items:
        _mark(item)
    items.sort(key=lambda item: _rank(item, grouped_first=_is_worker(config)))


class FailureNames:
    """Prints the name of a failed test, and why, as soon as it has failed; the long report comes at the end."""

    def __init__(self, config: pytest.Config):
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            crash = getattr(report.longrepr, "reprcrash", None)
            reason = crash.message.splitlines()[0] if crash and crash.message else ""
            terminal.write_line(f"\n{report.nodeid} failed ({report.when}): {reason}", red=True)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]


def _mark(item: pytest.Item) -> None:
    fixtures = getattr(item, "fixturenames", ())
    if _folder(item) == "live_mode":
        item.add_marker(pytest.mark.live)
    if _folder(item) == "browser" or "browser" in fixtures:
        item.add_marker(pytest.mark.browser)
    if "ready" in fixtures:
        item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.xdist_group("setup"))
    if "started" in fixtures:
        item.add_marker(pytest.mark.xdist_group(item.path.stem))


def _rank(item: pytest.Item, *, grouped_first: bool) -> int:
    if (folder := _folder(item)) in CORE:
        return CORE.index(folder)
    if grouped_first:
        return len(CORE) + (item.get_closest_marker("xdist_group") is None)
    return len(CORE) + (item.get_closest_marker("browser") is not None)
