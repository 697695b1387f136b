"""A learner's function, tried against a TaskRouter that refuses what it asks for, on a clock that its pauses move."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import json
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from io import StringIO
from types import FunctionType, SimpleNamespace
from typing import Any, NamedTuple

from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

ENOUGH = 100
"""Refusals after which whoever still tries again does not give up any more."""
LONGEST = 5.0
"""Seconds that are given to a function whose pauses are real, since they are neither of `time` nor of `asyncio`."""


class Trial(NamedTuple):
    """What a function did: how often it has tried, whether it was let through, and whether it has raised an error.

    is_late: it was let through since its time was over, so whether it would have given up is not known.
    """

    attempts: int
    created: bool
    raised: bool
    is_late: bool

    @property
    def is_endless(self) -> bool:
        """Whether it went on until it was let through, though it was refused so often."""
        return self.attempts > ENOUGH

    @property
    def is_silent(self) -> bool:
        """Whether it has ended without the task, and without an error."""
        return self.attempts > 0 and not self.created and not self.raised


def try_refused(
    client: Client, written: FunctionType, status: int, *, longest: float = LONGEST, **said: object
) -> Trial:
    """Call a function of the notebook, while each task that it creates is refused. No request leaves, nobody waits.

    client: the one that the notebook uses; status: of each answer; longest: seconds that it is given; said: what the
    function is called with. What it prints is not shown.
    """
    inner: Any = client.http_client
    refusing = _Refusing(inner, status, longest)
    function: Callable[..., object] = _elsewhere(written)
    client.http_client = refusing
    raised = False
    try:
        with redirect_stdout(StringIO()):
            answer = function(**said)
            if inspect.iscoroutine(answer):
                with ThreadPoolExecutor(1) as elsewhere:  # the kernel has a loop of its own
                    elsewhere.submit(refusing.see_through, answer).result()
    except (Exception, KeyboardInterrupt):
        raised = True
    finally:
        client.http_client = inner
    return Trial(refusing.attempts, refusing.created, raised, refusing.is_late)


class _Refusing(HttpClient):
    """Stands before a client's own HTTP client, and refuses to create tasks on the thread that has made it."""

    def __init__(self, inner: Any, status: int, longest: float) -> None:  # what the base class would set, `inner` has
        self.inner, self.status, self.attempts, self.created, self.is_late = inner, status, 0, False, False
        self.thread, self.end = threading.get_ident(), time.monotonic() + longest

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def see_through(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine to its end on this thread, and refuse what it asks for."""
        self.thread = threading.get_ident()
        asyncio.run(coroutine)

    def request(self, method: str, uri: str, *rest: Any, **more: Any) -> Any:
        """Refuse to create a task; at last create it in appearance, so that a loop ends."""
        if threading.get_ident() != self.thread or method.upper() != "POST" or not uri.endswith("/Tasks"):
            return self.inner.request(method, uri, *rest, **more)
        self.attempts += 1
        if self.attempts > ENOUGH + 1:
            raise KeyboardInterrupt  # it goes on even then
        self.is_late = self.attempts <= ENOUGH and time.monotonic() > self.end
        if self.attempts > ENOUGH or self.is_late:
            self.created = True
            return Response(201, json.dumps({"sid": "WT" + "0" * 32}))
        return Response(self.status, json.dumps({"status": self.status, "code": 20000, "message": "Refused"}))


def _elsewhere(written: FunctionType) -> FunctionType:
    """Copy a function of the notebook, with all that it finds there, to where a pause takes no time."""
    slept = 0.0

    def sleep(seconds: float) -> None:
        nonlocal slept
        slept += max(0.0, seconds)

    async def sleep_async(seconds: float, result: object = None) -> object:
        sleep(seconds)
        return result

    def ahead(clock: Callable[[], float]) -> Callable[[], float]:
        return lambda: clock() + slept

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Later:
            return super().now(tz) + datetime.timedelta(seconds=slept)

    clocks = {name: ahead(getattr(time, name)) for name in ("time", "monotonic", "perf_counter")}
    instead: dict[int, object] = {}
    for module, moved in (
        (time, clocks | {"sleep": sleep}),
        (datetime, {"datetime": Later}),
        (asyncio, {"sleep": sleep_async}),
    ):
        instead |= {id(getattr(module, name)): one for name, one in moved.items()}
        instead[id(module)] = SimpleNamespace(**vars(module) | moved)
    own = vars(sys.modules["__main__"])
    world = dict(own)
    for name, value in own.items():
        if id(value) in instead:
            world[name] = instead[id(value)]
        elif isinstance(value, FunctionType) and value.__globals__ is own:
            world[name] = _in(world, value)
    return _in(world, written)


def _in(world: dict[str, Any], function: FunctionType) -> FunctionType:
    copy = FunctionType(function.__code__, world, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy
