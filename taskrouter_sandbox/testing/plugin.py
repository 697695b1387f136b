"""The plugin for pytest: a TaskRouter of its own for each test that asks for one (docs/testing-your-app.md).

It loads nothing until a test asks: `taskrouter`, `taskrouter_callbacks`, `taskrouter_workspace`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .callbacks import CallbackServer
    from .taskrouter import LoadedWorkspace, TaskRouter

NEEDED = {"twilio": "pip install 'taskrouter-sandbox[pytest]'"}
ROUTER = pytest.StashKey["TaskRouter"]()
CALLBACKS = pytest.StashKey["CallbackServer"]()


@pytest.fixture(scope="session")
def taskrouter_sandbox_url() -> Iterator[str]:
    """Give the address of the sandbox of this session, or of this worker of pytest-xdist: a process of its own, or the
    one that TASKROUTER_SANDBOX_URL names."""
    for module, command in NEEDED.items():
        if find_spec(module) is None:
            pytest.fail(f"the fixtures of taskrouter-sandbox need the package {module}: {command}", pytrace=False)
    from .session import running

    with running() as url:
        yield url


@pytest.fixture
def taskrouter_credentials() -> tuple[str, str]:
    """Choose the account SID and the token of a test: new ones for each. Override it for an application's own."""
    from ..defaults import AUTH_TOKEN_VARIABLE

    return "AC" + token_hex(16), os.environ.get(AUTH_TOKEN_VARIABLE) or token_hex(16)


@pytest.fixture
def taskrouter(
    request: pytest.FixtureRequest, taskrouter_sandbox_url: str, taskrouter_credentials: tuple[str, str]
) -> Iterator[TaskRouter]:
    """Give this test a TaskRouter of its own, which is empty, and ends with the test: client, url, account_sid,
    auth_token, clock, faults, deliveries, alerts, options, calls, phones.

    As long as the test lasts, every twilio client of this process asks it, also one that the application under test
    makes; TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are its credentials. No such client can reach Twilio.
    """
    from twilio.rest import Client  # pyright: ignore[reportMissingTypeStubs]

    from .redirect import twilio_clients_at
    from .taskrouter import TaskRouter

    url, (sid, token) = taskrouter_sandbox_url, taskrouter_credentials
    with pytest.MonkeyPatch.context() as patch, twilio_clients_at(url, sid, token) as calls:
        for name, value in {"TWILIO_ACCOUNT_SID": sid, "TWILIO_AUTH_TOKEN": token}.items():
            patch.setenv(name, value)
        for name in ("NO_PROXY", "no_proxy"):  # nothing between this machine and itself
            patch.setenv(name, ",".join(filter(None, (os.environ.get(name), "127.0.0.1,localhost"))))
        router = TaskRouter(url, sid, token, client=Client(sid, token), rest_calls=calls)
        request.node.stash[ROUTER] = router
        router.clock.read()  # which makes the world
        try:
            yield router
        finally:
            del request.node.stash[ROUTER]
            router.drop()
            router.drop_others()


@pytest.fixture
def taskrouter_callbacks(request: pytest.FixtureRequest, taskrouter: TaskRouter) -> Iterator[CallbackServer]:
    """Give this test a web server of its own for TaskRouter's webhooks: `answer(path, ...)`, `serve(app)`, `requests`,
    `wait_for(path)`, each request with whether its signature holds.

    What an answer of the test's raises, such as a failed assertion, fails the test: in `wait_for`, or at its end.
    """
    from .callbacks import HOST_VARIABLE, LOOPBACK, CallbackServer

    server = CallbackServer(taskrouter.auth_token, os.environ.get(HOST_VARIABLE) or LOOPBACK)
    request.node.stash[CALLBACKS] = server
    try:
        yield server
    finally:
        del request.node.stash[CALLBACKS]
        server.close()
    server.raise_error()


@pytest.fixture
def taskrouter_workspace(request: pytest.FixtureRequest, taskrouter: TaskRouter) -> Callable[..., LoadedWorkspace]:
    """Make a workspace of a snapshot (docs/snapshots.md), `taskrouter_workspace("team.json")`; give its parts by name.

    A relative path begins at the folder of the test file. callbacks: where its addresses lead that begin with a slash;
    `taskrouter_callbacks` unless told otherwise.
    """
    from .. import snapshot
    from .taskrouter import LoadedWorkspace

    def load(path: str | Path, *, callbacks: str | None = None) -> LoadedWorkspace:
        team = snapshot.load(request.path.parent / path)
        if callbacks is None and team.has_paths:
            server: CallbackServer = request.getfixturevalue("taskrouter_callbacks")
            callbacks = server.url
        return LoadedWorkspace.of(snapshot.create(taskrouter.client, team, callbacks=callbacks))

    return load


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failed test what has happened in its TaskRouter."""
    report = yield
    router = item.stash.get(ROUTER, None)
    if router is not None and report.failed and report.when != "teardown":
        from .report import text

        if told := text(router, item.stash.get(CALLBACKS, None)):
            report.sections.append(("TaskRouter", told))
    return report
