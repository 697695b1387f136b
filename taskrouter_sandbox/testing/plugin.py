"""The plugin for pytest: a TaskRouter of its own for each test that asks for one (docs/testing-your-app.md).

It loads nothing until a test asks: `taskrouter`, `taskrouter_callbacks`, `taskrouter_workspace`; with `class_`,
`module_` or `session_` before these names, one that the tests of a class, a module or the session have in common.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import pytest

if TYPE_CHECKING:
    from ..snapshot import Snapshot
    from .callbacks import CallbackTestServer
    from .taskrouter import LoadedWorkspace, TaskRouter
    from .worlds import SessionWorlds, World

NEEDED = {"twilio": "pip install 'taskrouter-sandbox[pytest]'"}
WORLDS: pytest.StashKey[SessionWorlds] = pytest.StashKey()
TOLD: pytest.StashKey[list[tuple[str, str]]] = pytest.StashKey()
Credentials: TypeAlias = tuple[str, str]
Scope: TypeAlias = Literal["class", "module", "session"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Load: TypeAlias = "Callable[..., LoadedWorkspace]"


@pytest.fixture(scope="session")
def taskrouter_sandbox_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """Give the address of the sandbox of this session, or of this worker of pytest-xdist: a process of its own, or the
    one that TASKROUTER_SANDBOX_URL names."""
    for module, command in NEEDED.items():
        if find_spec(module) is None:
            pytest.fail(f"the fixtures of taskrouter-sandbox need the package {module}: {command}", pytrace=False)
    from .session import running

    with running() as url:
        try:
            yield url
        finally:
            if worlds := pytestconfig.stash.get(WORLDS, None):
                worlds.drop_ended()  # of a session that was interrupted, in a sandbox that runs on


@pytest.fixture
def taskrouter_credentials() -> Credentials:
    """Choose the account SID and the token of a test: new ones for each. Override it for an application's own."""
    return _new_credentials()


@pytest.fixture
def taskrouter(
    request: pytest.FixtureRequest, taskrouter_sandbox_url: str, taskrouter_credentials: Credentials
) -> Iterator[TaskRouter]:
    """Give this test a TaskRouter of its own, which is empty, and ends with the test: client, url, account_sid,
    auth_token, clock, faults, deliveries, alerts, options, calls, phones.

    As long as the test lasts, every twilio client of this process asks it, also one that the application under test
    makes; TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are its credentials. No such client can reach Twilio.
    """
    yield from _world(request, "taskrouter", taskrouter_sandbox_url, taskrouter_credentials)


@pytest.fixture
def taskrouter_callbacks(request: pytest.FixtureRequest, taskrouter: TaskRouter) -> Iterator[CallbackTestServer]:
    """Give this test a web server of its own for TaskRouter's webhooks: `answer(path, ...)`, `serve(app)`, `requests`,
    `wait_for(path)`, each request with whether its signature holds.

    What an answer of the test's raises, such as a failed assertion, fails the test: in `wait_for`, or at its end.
    """
    yield from _callbacks(request, taskrouter)


@pytest.fixture
def taskrouter_workspace(request: pytest.FixtureRequest, taskrouter: TaskRouter) -> Load:
    """Make a workspace of a snapshot (docs/snapshots.md), `taskrouter_workspace("team.json")`; give its parts by name.

    It takes a file, a dict of what such a file holds, or what `snapshot.load` gives. A relative path begins at the
    folder of the test file. callbacks: where its addresses lead that begin with a slash; `taskrouter_callbacks` unless
    told otherwise.
    """
    return _loader(request, taskrouter, "taskrouter_callbacks")


def _new_credentials() -> Credentials:
    from ..defaults import AUTH_TOKEN_VARIABLE

    return "AC" + token_hex(16), os.environ.get(AUTH_TOKEN_VARIABLE) or token_hex(16)


def _world(request: pytest.FixtureRequest, name: str, url: str, credentials: Credentials) -> Generator[TaskRouter]:
    from .worlds import SessionWorlds

    with request.config.stash.setdefault(WORLDS, SessionWorlds()).world(name, url, *credentials) as router:
        yield router


def _callbacks(request: pytest.FixtureRequest, router: TaskRouter) -> Generator[CallbackTestServer]:
    from .callbacks import HOST_VARIABLE, LOOPBACK

    with request.config.stash[WORLDS].callbacks(router, os.environ.get(HOST_VARIABLE) or LOOPBACK) as server:
        yield server


def _loader(request: pytest.FixtureRequest, router: TaskRouter, callbacks_fixture: str) -> Load:
    from .. import snapshot
    from .taskrouter import LoadedWorkspace

    folder = request.config.rootpath if request.scope == "session" else request.path.parent

    def load(given: str | Path | dict[str, Any] | Snapshot, *, callbacks: str | None = None) -> LoadedWorkspace:
        match given:
            case snapshot.Snapshot():
                team = given
            case dict():
                team = snapshot.decode(json.dumps(given))
            case _:
                team = snapshot.load(folder / given)
        if callbacks is None and team.has_paths:
            server: CallbackTestServer = request.getfixturevalue(callbacks_fixture)
            callbacks = server.url
        return LoadedWorkspace.of(snapshot.create(router.client, team, callbacks=callbacks))

    return load


def _in_common(scope: Scope) -> dict[str, object]:
    """Make the same fixtures for tests that have one world in common."""
    name = f"{scope}_taskrouter"
    tests = f"the tests of the {scope}"

    def credentials() -> Credentials:
        return _new_credentials()

    def world(request: pytest.FixtureRequest, taskrouter_sandbox_url: str) -> Iterator[TaskRouter]:
        mine: Credentials = request.getfixturevalue(f"{name}_credentials")
        yield from _world(request, name, taskrouter_sandbox_url, mine)

    def callbacks(request: pytest.FixtureRequest) -> Iterator[CallbackTestServer]:
        yield from _callbacks(request, request.getfixturevalue(name))

    def workspace(request: pytest.FixtureRequest) -> Load:
        return _loader(request, request.getfixturevalue(name), f"{name}_callbacks")

    credentials.__doc__ = f"Choose the account SID and the token of `{name}`. Override it for an application's own."
    world.__doc__ = f"Give {tests} one TaskRouter, which is empty at first, and ends with them; as `taskrouter`."
    callbacks.__doc__ = f"Give {tests} one web server for the webhooks of `{name}`; as `taskrouter_callbacks`."
    workspace.__doc__ = f"Make a workspace of a snapshot in `{name}`; as `taskrouter_workspace`."
    made = {"_credentials": credentials, "": world, "_callbacks": callbacks, "_workspace": workspace}
    return {name + end: pytest.fixture(scope=scope, name=name + end)(each) for end, each in made.items()}


for _scope in SCOPES:
    globals().update(_in_common(_scope))  # pytest looks for fixtures among the names of a plugin


def _used(item: pytest.Item) -> list[World]:
    worlds = item.config.stash.get(WORLDS, None)
    return worlds.of(item) if worlds else []


def _told(item: pytest.Item) -> Iterator[tuple[str, str]]:
    """Tell what has happened in the worlds of a test, each as a section of a report."""
    from .report import text

    for world in _used(item):
        if told := text(world.router, world.callbacks):
            yield ("TaskRouter" if world.name == "taskrouter" else f"TaskRouter of {world.name}"), told


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test fail for what an answer has raised in a web server that it has in common with others, and not the last
    of them; where it fails anyway, the report tells of it, and its end does not fail for it once more."""
    try:
        result = yield
    except BaseException:
        for server in _servers_in_common(item):
            server.forget_errors()
        for world in _used(item):
            if world.name == "taskrouter":
                for server in world.callbacks:
                    server.fails_at_its_end = False
        raise
    for server in _servers_in_common(item):
        server.raise_error()
    return result


def _servers_in_common(item: pytest.Item) -> list[CallbackTestServer]:
    return [server for world in _used(item) if world.name != "taskrouter" for server in world.callbacks]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Drop the worlds that have ended with a test, once it is known whether its end went well."""
    try:
        return (yield)
    except BaseException:
        item.stash[TOLD] = list(_told(item))
        raise
    finally:
        if worlds := item.config.stash.get(WORLDS, None):
            worlds.drop_ended()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failed test what has happened in its TaskRouter."""
    report = yield
    if report.failed:
        told = item.stash.get(TOLD, None) if report.when == "teardown" else _told(item)
        report.sections.extend(told or ())
    return report
