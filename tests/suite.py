"""How the suite runs: order, markers, workers, limits, and failures named as they happen.

A marker says what a test needs, by its folder or by the fixtures that it asks for, and `-m "not browser"` leaves a part
out. The rules of routing come first, the browser last. With several workers, some begin at the end, with what takes
longest, and then with the tests that wait; so what is left at the end of the run is short. The tests of a file that
share something costly stay on one worker.
"""

from __future__ import annotations

import gc
import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.waiting import patience

CORE = ("engine", "sandbox")
WAITING = ("callback_server", "conformance", "notebooks", "live_mode")
"""Folders of tests that mostly wait: for a limit that is to run out, a kernel, a timer, a page."""

TOGETHER = {
    "tests/live/front/test_front.py": "the front end",
    "tests/sandbox/test_storm.py": "schemathesis",
    "tests/setup/test_distributions.py": "wheels",
    "tests/setup/test_types.py": "types",
    "tests/setup/test_lab.py": "a set-up",
    "tests/setup/test_setup.py": "a set-up",
    "tests/browser/test_board.py": "a browser",
    "tests/browser/test_board_by_keyboard.py": "a browser",
    "tests/browser/test_call_story.py": "a browser",
    "tests/browser/test_phone_lesson.py": "a browser",
    "tests/browser/test_phones.py": "a browser",
    "tests/browser/test_phones_beside.py": "a browser",
    "tests/browser/test_sequence.py": "a browser",
}
"""Files whose tests share something costly: a page with JupyterLab, an environment or packages made from nothing, a
package that takes long to load. What takes longest stands last, where some workers begin."""

TOGETHER_IN_FOLDER = {"tests/browser/": "another browser", "tests/simulation/": "the fast engine"}
"""Folders whose other tests share something costly: a browser; the compiled engine, which is slow to load, and on whose
first compilation others would wait."""

CORES = os.cpu_count() or 1
MOST_WORKERS = 8
TEST_SECONDS = 120
"""After this time, before TEST_PATIENCE, a test is ended, and what its threads do is shown."""


@pytest.hookimpl(optionalhook=True, tryfirst=True)  # before xdist's own
def pytest_xdist_auto_num_workers() -> int:
    """Give `-n auto` four workers more than there are cores: many tests wait for a timer, a process or a page."""
    return min(CORES + 4, MOST_WORKERS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Give out tests one by one, and those that belong together at once."""
    config.option.loadscopereorder = False
    return TogetherScheduling(config, log)


class TogetherScheduling(LoadScopeScheduling):
    """Sends tests that belong together to one worker, and keeps the cores busy while tests wait.

    Half of the workers, and no more than there are cores, begin with the first tests, which compute; the others with
    the last, which wait.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.rpartition("/")[0] + "/"
        return TOGETHER.get(file) or TOGETHER_IN_FOLDER.get(folder) or nodeid

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self.nodes.index(node) >= min(CORES, (len(self.nodes) + 1) // 2):
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Let the garbage collector rest until the tests are known: it would look again and again at what is to stay."""
    gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Let it look from now on at what the tests make, and at nothing else."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Set the limit of each test, unless the command line does, and name failures as they happen."""
    if config.option.timeout is None:
        config.option.timeout = patience(TEST_SECONDS)
    if not _is_worker(config):
        config.pluginmanager.register(FailureNames(config))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests by what they need, and sort them."""
    for item in items:
        _mark(item)
    items.sort(key=_rank)


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
    return item.nodeid.split("/", 2)[1]


def _mark(item: pytest.Item) -> None:
    fixtures = getattr(item, "fixturenames", ())
    if _folder(item) == "live_mode":
        item.add_marker(pytest.mark.live)
    if _folder(item) == "browser" or "browser" in fixtures:
        item.add_marker(pytest.mark.browser)
    if "ready" in fixtures:
        item.add_marker(pytest.mark.slow)


def _rank(item: pytest.Item) -> tuple[int, int]:
    folder, file = _folder(item), item.nodeid.partition("::")[0]
    if file in TOGETHER:
        return 3, list(TOGETHER).index(file)
    if folder == "browser":
        return 3, len(TOGETHER)
    if folder == "simulation":  # long, too: not where those that begin at either end meet
        return 3, -1
    for rank, folders in enumerate((CORE, WAITING)):
        if folder in folders:
            return 2 * rank, folders.index(folder)
    return 1, 0
