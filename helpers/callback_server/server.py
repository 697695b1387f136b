"""The callback server: `serve`, which starts it or gives it another app, and the thread that it runs on."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import uvicorn
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp

from helpers.callback_server.exchange_log import Exchange, ExchangeLog
from helpers.callback_server.guards import only_here
from helpers.callback_server.http_limits import HeadTimeoutProtocol
from helpers.callback_server.limits import DEFAULT_LIMITS, ServerLimits
from helpers.callback_server.loopback import HOST, keep_off_the_proxy, listen
from helpers.callback_server.middleware import CallbackMiddleware, Interceptor, InterceptorReply
from helpers.callback_server.served_app import ServedApp
from helpers.callback_server.signature import Token
from helpers.connection import account
from helpers.connection.error_messages import ONLY_AN_API_KEY, failures_of_apps
from helpers.errors import LessonError

__all__ = ["CallbackServer", "Exchange", "ExchangeLog", "Interceptor", "InterceptorReply", "only_here", "serve"]

_servers: dict[int, CallbackServer] = {}
_lock = threading.RLock()


def _account_token() -> str:
    chosen = account.current()
    if chosen.auth_token or chosen.mode == "sandbox":
        return chosen.auth_token
    raise LessonError(f"{ONLY_AN_API_KEY}.")


def serve(
    app: ASGIApp,
    port: int = 8080,
    *,
    token: Token = _account_token,
    limits: ServerLimits = DEFAULT_LIMITS,
) -> CallbackServer:
    """Serve a web app, such as `FastAPI()`, at http://127.0.0.1:8080. Returns at once.

    Calling it again with the same port puts the new app in the place of the old one: same server, same log.
    Handlers are best plain `def`: each then runs on a thread of its own, and may itself call this server. What they
    print appears under the cell with this call. The app's startup (lifespan) is run before this returns, its shutdown
    when another app takes its place or the server stops. WebSockets are not served.

    port: 0 picks a free one. token: gives the auth token that signatures are checked with. limits: what a caller may
    send, and how slowly.
    Raises LessonError when `app` is no web app, its startup fails, or the port cannot be had.
    """
    _require_app(app)
    if any(isinstance(route, WebSocketRoute) for route in _all_routes(app)):
        print("WebSockets are not served here: this app's WebSocket routes cannot be reached, all others can.")
    keep_off_the_proxy()
    with _lock:
        served = ServedApp(app, contextvars.copy_context(), limits)
        server = _servers.get(port) or CallbackServer(served, port, token, limits)
        try:
            server._serve(served, token, limits)
            server.served_at = datetime.now(UTC)
        finally:  # an interrupted cell must not lose a server that runs
            if server.running:
                _servers.pop(server.port, None)  # the newest is the last
                _servers[server.port] = server
    return server


def servers() -> list[CallbackServer]:
    """List the callback servers of this kernel that run; the one that was given its app last is the last."""
    with _lock:
        return [server for server in _servers.values() if server.running]


def exchanges() -> list[Exchange]:
    """List what came to the callback servers of this kernel, in the order of time."""
    with _lock:
        servers = list(_servers.values())
    return sorted((one for server in servers for one in server.log.entries()), key=lambda one: one.at)


def failure_behind(answer: str) -> tuple[str, str] | None:
    """Find the path at which an app of this kernel has failed, and the error in words; None where none has failed so.

    answer: its text; of several failures with it the newest is meant.
    """
    failed = next((one for one in reversed(exchanges()) if one.error and one.answer == answer), None)
    return (failed.path, failed.error) if failed and failed.error else None


failures_of_apps.append(failure_behind)


def serving_since() -> datetime | None:
    """Give the time, in UTC, at which this kernel served its first app; None when it has served none."""
    with _lock:
        return min((server.made_at for server in _servers.values()), default=None)


def newest_app_at() -> datetime | None:
    """Give the time, in UTC, at which this kernel served the newest of its apps; None when it has served none."""
    with _lock:
        return max((server.served_at for server in _servers.values()), default=None)


class CallbackServer:
    """A web app on a thread of this kernel; made by `serve`. `url`: its address. `log`: an ExchangeLog.

    port_was_picked: nobody asked for this port, and the next kernel will have another one; made_at, served_at: when it
    got its first app, and the present one, in UTC.
    """

    def __init__(self, served: ServedApp, port: int, token: Token, limits: ServerLimits) -> None:
        self.port = port
        self.port_was_picked = port == 0
        self.made_at = self.served_at = datetime.now(UTC)
        self._middleware = CallbackMiddleware(served, token, limits)
        self._uvicorn: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._when_stopped: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        """The address on this machine, without a slash at its end."""
        return f"http://{HOST}:{self.port}"

    @property
    def tunnel_target(self) -> str:
        """Where a tunnel forwards to: what comes in there must be signed by Twilio, for the tunnel's address."""
        return f"http://{HOST}:{self._middleware.tunnel_port}"

    @property
    def public_url(self) -> str | None:
        """The address of the tunnel, which `expose` sets; None as long as there is none.

        What comes through the tunnel must be signed with the token that counts when it is set, whatever account is
        configured later.
        """
        return self._middleware.address

    @public_url.setter
    def public_url(self, address: str | None) -> None:
        self._middleware.tunnel_token = self._middleware.token() if address else ""
        self._middleware.address = address

    def when_stopped(self, do: Callable[[], None]) -> None:
        """Have `do()` called before the server stops, in place of what was to be done so far: close the way to it."""
        self._when_stopped = do

    @property
    def app(self) -> ASGIApp:
        """The app that answers now."""
        return self._middleware.served.app

    @property
    def log(self) -> ExchangeLog:
        """What came in and what was answered."""
        return self._middleware.log

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._thread is not None and self._thread.is_alive()

    def answers(self, path: str) -> bool:
        """Whether its app has a route with exactly this path; False for an app that does not tell its routes."""
        return any(getattr(route, "path", None) == path for route in _all_routes(self.app))

    def intercept(self, interceptor: Interceptor) -> Callable[[], None]:
        """Have `interceptor(path, form)` asked before the app, about every request that the guards let in.

        An `InterceptorReply` answers in the place of the app, None leaves the answer to it. Returns what ends that.
        """
        self._middleware.interceptors.append(interceptor)

        def end() -> None:
            if interceptor in self._middleware.interceptors:
                self._middleware.interceptors.remove(interceptor)

        return end

    def mount(self, prefix: str, app: ASGIApp) -> None:
        """Have an app of ours answer GET requests below a prefix, such as "/agent-pages", whatever app is served.

        They are not logged, and those from outside need no signature: the app itself has to know who may have what.
        """
        self._middleware.mounted[prefix] = app

    def stop(self) -> None:
        """Stop, close the tunnel and free the port; a request in flight is given a second. `serve` starts it again.

        The app's shutdown is run; what goes wrong with it is printed.
        """
        with _lock:
            if self.running and self._uvicorn and self._thread:
                self._when_stopped()
                self._uvicorn.should_exit = True
                limits = self._middleware.limits
                self._thread.join(2 * limits.grace_seconds + limits.shutdown_seconds + 4)
                _tell(self._middleware.shutdown_failure)

    def _serve(self, served: ServedApp, token: Token, limits: ServerLimits) -> None:
        """Put an app in the place of the present one, or start the server with it. Raises LessonError."""
        middleware = self._middleware
        middleware.token, middleware.limits = token, limits
        while self.running and middleware.loop is None:
            time.sleep(0.002)
        if not self.running or middleware.loop is None:
            middleware.served = served
            self._start()
            return
        swapping = asyncio.run_coroutine_threadsafe(middleware.swap(served), middleware.loop)
        try:
            while not swapping.done():  # in short waits, which an interrupt that comes just before one does not miss
                futures.wait([swapping], timeout=0.1)
            _tell(swapping.result())
        finally:  # an interrupted cell
            swapping.cancel()

    def _start(self) -> None:
        self._middleware.loop = None
        identify_seconds = self._middleware.limits.identify_seconds
        # Not left to uvicorn: with a taken port it would die unseen on its thread.
        listener = listen(self.port, identify_seconds)
        self.port = listener.getsockname()[1]
        tunnel_end = self._listen_for_tunnel(identify_seconds)
        config = uvicorn.Config(
            self._middleware,
            loop="asyncio",
            http=HeadTimeoutProtocol,
            h11_max_incomplete_event_size=self._middleware.limits.head_bytes,
            limit_concurrency=self._middleware.limits.connections,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level=logging.CRITICAL + 1,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=HOST,
            timeout_graceful_shutdown=self._middleware.limits.grace_seconds,
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=_run, args=(self._uvicorn, [listener, tunnel_end]), name=f"callback server {self.port}", daemon=True
        )
        self._thread.start()
        while self.running and not self._uvicorn.started:
            time.sleep(0.002)
        if not self.running:
            listener.close()
            tunnel_end.close()
            raise self._middleware.startup_failure or LessonError(
                f"The callback server could not start on port {self.port}: restart the kernel."
            )

    def _listen_for_tunnel(self, identify_seconds: float) -> socket.socket:
        try:
            listener = listen(self._middleware.tunnel_port or 0, identify_seconds)
        except LessonError:  # somebody took it while the server stood still
            listener = listen(0, identify_seconds)
        self._middleware.tunnel_port = listener.getsockname()[1]
        return listener

    def __repr__(self) -> str:
        routes = sum(getattr(route, "include_in_schema", True) for route in _all_routes(self.app))  # no documentation
        words = f"callback server at {self.url} with {routes} route{'' if routes == 1 else 's'}"
        return words if self.running else f"{words} (stopped)"


def _run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
    with suppress(SystemExit):  # with which uvicorn ends when the app's startup has failed
        server.run(sockets)


def _tell(words: str | None) -> None:
    if words:
        print(words)


def _all_routes(app: object) -> Iterator[object]:
    """Give the routes of an app or a router, those of included routers too."""
    for route in getattr(app, "routes", ()):
        included = getattr(route, "original_router", None)  # where FastAPI keeps an included router as it is
        if included is None:
            yield route
        else:
            yield from _all_routes(included)


def _require_app(app: Any) -> None:
    """Raise LessonError unless `app` can be called as `app(scope, receive, send)`."""
    try:
        inspect.signature(app).bind(None, None, None)
        if not inspect.isclass(app):
            return
    except (TypeError, ValueError):
        pass
    kind = f"the class {app.__name__}" if inspect.isclass(app) else f"a {type(app).__name__}"
    raise LessonError(f"serve() needs a web app and was given {kind}: make one with app = FastAPI(), then serve(app).")
