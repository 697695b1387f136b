"""The worlds of the tests that run now, each with what becomes of the process as long as it is there."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from twilio.rest import Client  # pyright: ignore[reportMissingTypeStubs]

from ..control_client import ControlClient
from ..errors import SandboxError
from .callbacks import CallbackTestServer
from .redirect import twilio_clients_at
from .taskrouter import TaskRouter

DEPTHS = ("session_taskrouter", "module_taskrouter", "class_taskrouter", "taskrouter")
SID, TOKEN = "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"
PROXIES = ("NO_PROXY", "no_proxy")


@dataclass(eq=False)
class World:
    """A world that a fixture has made. name: of the fixture, as in `module_taskrouter`; callbacks: its web servers."""

    name: str
    router: TaskRouter
    callbacks: list[CallbackTestServer] = field(default_factory=list[CallbackTestServer])

    @property
    def depth(self) -> int:
        """How narrow its scope is: a test's own world counts before that of its class, and so on."""
        return DEPTHS.index(self.name)


class SessionWorlds:
    """Those of a session. alive: the newest last; ended: no longer used, and still to be told of and dropped."""

    def __init__(self) -> None:
        self.alive: list[World] = []
        self.ended: list[World] = []
        self._outside: dict[str, str | None] = {}  # the environment where there is none

    @contextmanager
    def world(self, name: str, url: str, sid: str, token: str) -> Generator[TaskRouter]:
        """Make a world as long as the block lasts; what it holds is kept until `drop_ended`.

        All twilio clients of this process ask the world whose scope is the narrowest, and its credentials are in the
        environment. Worlds may end in any order: one of a session that a test of a module asks for outlives the one
        that the module had before.
        """
        for each in self.alive:
            if (each.router.url, each.router.account_sid) == (url, sid):
                pytest.fail(f"{name} and {each.name} have one account, {sid}: ask for {each.name} alone", pytrace=False)
        with twilio_clients_at(url, sid, token, depth=DEPTHS.index(name)) as calls:
            world = World(name, TaskRouter(url, sid, token, client=Client(sid, token), rest_calls=calls))
            _make(world.router)
            if not self.alive:
                self._outside = _environment(SID, TOKEN, *PROXIES)
                for variable in PROXIES:  # nothing between this machine and itself
                    here = "127.0.0.1,localhost"
                    os.environ[variable] = ",".join(filter(None, (os.environ.get(variable), here)))
            around, before = self._innermost, _environment(SID, TOKEN)
            self.alive.append(world)
            if self._innermost is world:
                _set({SID: sid, TOKEN: token})
            try:
                yield world.router
            finally:
                counted = self._innermost is world
                self.alive.remove(world)
                self.ended.append(world)
                self._leave(before if self._innermost is around else None, counted)

    @property
    def _innermost(self) -> World | None:
        return max(reversed(self.alive), key=lambda world: world.depth, default=None)

    def _leave(self, before: dict[str, str | None] | None, counted: bool) -> None:
        """Put the environment as it is to be where a world has ended. before: what it was when that began, where the
        same world counts again; counted: did the one that has ended count?"""
        innermost = self._innermost
        if innermost is None:
            _set(self._outside)
        elif counted:
            _set(before or {SID: innermost.router.account_sid, TOKEN: innermost.router.auth_token})

    @contextmanager
    def callbacks(self, router: TaskRouter, host: str) -> Generator[CallbackTestServer]:
        """Serve callbacks of a world as long as the block lasts; at its end raise what an answer has
        raised, unless the test has failed already."""
        server = CallbackTestServer(router.auth_token, host)
        for each in self.alive:
            if each.router is router:
                each.callbacks.append(server)
        try:
            yield server
        finally:
            server.close()
        if server.fails_at_its_end:
            server.raise_error()

    def of(self, item: pytest.Item) -> list[World]:
        """Find the worlds that a test uses, or has used until its end."""
        names: list[str] = getattr(item, "fixturenames", [])
        return [
            each
            for each in (*self.alive, *self.ended)
            if each.name == "taskrouter" or any(name.startswith(each.name) for name in names)
        ]

    def drop_ended(self) -> None:
        """Let the sandbox forget the worlds that have ended, and what clients with other credentials have made.

        Raises SandboxError.
        """
        ended, self.ended = self.ended, []
        still_used = {each.router.account_sid for each in self.alive}
        for each in ended:
            router = each.router
            router.drop()
            for user, password in router.rest_calls.credentials:
                if user not in still_used | {router.account_sid}:
                    with suppress(SandboxError):  # no account, or the one that the sandbox was started for
                        ControlClient(router.url, user, password).drop()


def _environment(*variables: str) -> dict[str, str | None]:
    return {variable: os.environ.get(variable) for variable in variables}


def _set(variables: dict[str, str | None]) -> None:
    """Set variables of the environment; None takes one away."""
    for variable, value in variables.items():
        if value is None:
            os.environ.pop(variable, None)
        else:
            os.environ[variable] = value


def _make(router: TaskRouter) -> None:
    """Let the sandbox make a world, which it does when it is first asked."""
    try:
        router.clock.read()
        return
    except SandboxError as error:
        why = str(error)
    if "not answer" not in why:
        why = (
            f"the sandbox at {router.url} takes no account of this test's ({why}): start it by "
            "`taskrouter-sandbox serve --any-account`; where it has a token of its own, give the tests the same in "
            "TASKROUTER_SANDBOX_AUTH_TOKEN"
        )
    pytest.fail(why, pytrace=False)
