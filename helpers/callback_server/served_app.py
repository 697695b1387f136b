"""One web app of the learner's while it is served: its startup and shutdown, and the requests that it is answering.

It runs in the context of the cell that served it, so that what a handler prints appears under that cell: ipykernel
finds the cell of a `print` in the context.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive

from helpers.callback_server.app_errors import describe_app_error
from helpers.callback_server.exchange_builder import ExchangeBuilder, RequestRefused
from helpers.callback_server.limits import ServerLimits
from helpers.errors import LessonError


class ServedApp:
    """A web app that is served; every method runs on the server's loop.

    Args:
        app: the learner's.
        context: what `app` runs in, a copy for each request.
        limits: of the server.
    """

    def __init__(self, app: ASGIApp, context: contextvars.Context, limits: ServerLimits) -> None:
        self.app, self.limits = app, limits
        self._context = context
        self._state: dict[str, Any] = {}
        self._answering: dict[asyncio.Task[BaseException | None], tuple[ExchangeBuilder, float]] = {}
        self._lifespan: asyncio.Task[None] | None = None
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._started = asyncio.Event()
        self._said: str | None = None  # by the app, about a startup that failed
        self._failure: str | None = None
        self._error: BaseException | None = None

    async def start_up(self) -> None:
        """Run the app's startup, by the ASGI lifespan protocol; an app that knows none has nothing to run.

        Raises LessonError when it fails.
        """
        self._lifespan = self._create_task(self._run_lifespan())
        self._messages.put_nowait({"type": "lifespan.startup"})
        try:
            await self._started.wait()
        except asyncio.CancelledError:
            self._failure = "The app's startup was interrupted: run the cell with serve(app) again."
            self._lifespan.cancel()
            raise
        if self._said is not None:
            await asyncio.wait({self._lifespan}, timeout=self.limits.shutdown_seconds)  # its error follows
            words = describe_app_error(self._error) if self._error else self._said
            self._failure = (
                f"The app's startup failed ({words}): put that right, then run the cell with serve(app) again."
            )
            raise LessonError(self._failure)

    async def shut_down(self) -> str | None:
        """Give requests in flight time to end, then run the app's shutdown. Returns what went wrong, in words."""
        if self._answering:
            await asyncio.wait(set(self._answering), timeout=self.limits.grace_seconds)
        if self._lifespan is None or self._lifespan.done():
            return None
        if not self._started.is_set():
            self._lifespan.cancel()
            return None
        self._messages.put_nowait({"type": "lifespan.shutdown"})
        await asyncio.wait({self._lifespan}, timeout=self.limits.shutdown_seconds)
        if not self._lifespan.done():
            self._lifespan.cancel()
            return f"The app's shutdown did not end within {self.limits.shutdown_seconds:g} seconds and was given up."
        return f"The app's shutdown failed: {describe_app_error(self._error)}." if self._error else None

    async def _run_lifespan(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        try:
            await self.app(scope, self._messages.get, self._take)
        except BaseException as error:  # SystemExit too: it would end the thread of the server
            self._error = error
        finally:
            self._started.set()

    async def _take(self, message: Message) -> None:
        """Take what the app says about its startup or shutdown."""
        if not message["type"].startswith("lifespan."):
            raise RuntimeError(f"{message['type']} is no answer to a startup")
        if message["type"] == "lifespan.startup.failed":
            self._said = str(message.get("message", "")).strip().rpartition("\n")[2] or "it does not say why"
        self._started.set()

    async def answer(self, exchange: ExchangeBuilder, receive: Receive) -> BaseException | None:
        """Have the app answer a request. Returns the exception that it raised.

        Raises RequestRefused (503) when the app did not start, or as many handlers as can run at once have been at work
        for too long: AnyIO keeps so many threads for them, and a request on top would wait unseen.
        """
        if self._failure:
            raise RequestRefused(503, self._failure)
        longest = self.limits.handler_seconds
        self._refuse_behind(
            other for other, (_, since) in self._answering.items() if time.monotonic() - since > longest
        )
        exchange.scope["state"] = dict(self._state)
        task = self._create_task(self._call(exchange, receive))
        ahead = list(self._answering)
        self._answering[task] = exchange, time.monotonic()
        try:
            await asyncio.wait({task}, timeout=longest)
            if not task.done() and not exchange.has_begun:
                self._refuse_behind(other for other in ahead if other in self._answering)
                await asyncio.wait({task})
            return await task
        finally:
            task.cancel()
            del self._answering[task]

    async def _call(self, exchange: ExchangeBuilder, receive: Receive) -> BaseException | None:
        try:
            await self.app(exchange.scope, receive, exchange.send)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # SystemExit too: out of a task it would end the server
            return error
        return None

    def _refuse_behind(self, tasks: Iterable[asyncio.Task[BaseException | None]]) -> None:
        """Raise RequestRefused when so many of these have not begun to answer that no other can."""
        silent = [self._answering[task] for task in tasks if not self._answering[task][0].has_begun]
        if len(silent) < self.limits.handlers:
            return
        longest = time.monotonic() - min(since for _, since in silent)
        paths = ", ".join(sorted({exchange.scope["path"] for exchange, _ in silent}))
        raise RequestRefused(
            503,
            f"{len(silent)} handlers have not answered for up to {longest:.0f} s ({paths}), and no more can run: put "
            "right what they wait for, run server.stop(), then the cell with serve(app) again.",
        )

    def _create_task(self, work: Any) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work, context=self._context.copy())
