"""A sandbox of its own for the tests, and the real client that talks to it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as drawn
from playwright.sync_api import Browser, sync_playwright
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace.task import TaskInstance

from helpers import cast, sandbox
from helpers.connection import clients, settings
from helpers.lesson.cast import Cast
from helpers.live.widgets import base
from helpers.phone_numbers.agents import PHONES
from helpers.phone_numbers.settings import NUMBER
from taskrouter_sandbox.launcher import IDLE_VARIABLE
from tests.browser.lab import chromium
from tests.browser_path import browser_or_skip
from tests.waiting import patience

drawn.register_profile(
    "suite", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
drawn.load_profile("suite")  # the same examples each time, on a slow machine as well


@pytest.fixture(scope="session", autouse=True)
def no_credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep these tests from a live account and from the user's own folders. Each worker has folders of its own."""
    patch = pytest.MonkeyPatch()
    for name in (settings.LIVE, *settings.CREDENTIALS, "NGROK_AUTHTOKEN", NUMBER, *PHONES.values()):
        patch.setenv(name, "")  # which hides a `.env`, also from the kernels that the tests start
    for name in ("TASKROUTER_SANDBOX_DIR", "TASKROUTER_TUNNEL_DIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
    patch.setenv(IDLE_VARIABLE, str(patience(300)))  # so that it outlives tests that were killed by so much only
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Ctrl-C works in the tests, and in what they start, even where a shell has started them in the background; and
    tests that are ended by another signal leave nothing behind."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _end)


def _end(*_: object) -> None:
    """End in order what tests have started, where `timeout` or a worker's end asks for that."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pytest.exit("ended by a signal")


@pytest.fixture(scope="session")
def sandbox_process(no_credentials: None) -> Iterator[sandbox.LessonSandbox]:
    """One sandbox process for the whole run; tests ask for `sandbox`, which empties it."""
    yield sandbox.ensure()
    sandbox.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium or Chrome, one for the whole run: Playwright's synchronous API allows no second."""
    program = browser_or_skip()
    with sync_playwright() as playwright, chromium(playwright, program) as browser:
        yield browser


@pytest.fixture(name="sandbox")
def empty_sandbox(sandbox_process: sandbox.LessonSandbox) -> sandbox.LessonSandbox:
    """The sandbox, with nothing in it."""
    running = sandbox.ensure()
    running.reset()
    return running


@pytest.fixture
def client(sandbox: sandbox.LessonSandbox) -> Client:
    """The twilio client of the lessons."""
    return clients.connect(quiet=True)


@pytest.fixture
def workspace(client: Client):
    """A fresh single-tasking workspace."""
    return client.taskrouter.v1.workspaces.create(friendly_name="Test", multi_task_enabled=False)


@pytest.fixture
def team(client: Client) -> Cast:
    """What notebook 01 builds: Alice, Bob, two queues and a workflow."""
    return cast(client)


@pytest.fixture
def task(team: Cast) -> Callable[..., TaskInstance]:
    """`task()` creates a Spanish task."""

    def create(language: str = "es", **settings: Any) -> TaskInstance:
        attributes = f'{{"selected_language": "{language}"}}'
        return team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=attributes, **settings)

    return create


@pytest.fixture
def closed_at_the_end() -> Iterator[None]:
    """The live views that a test makes end with it."""
    yield
    for _run, widget in base._current.values():
        widget.close()
    base._current.clear()
