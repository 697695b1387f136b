"""What stands between the network and the learner's app: the guards and the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from helpers.callback_server.app_errors import describe_app_error
from helpers.callback_server.exchange_builder import ExchangeBuilder, RequestRefused, nothing_more
from helpers.callback_server.exchange_log import ExchangeLog
from helpers.callback_server.guards import TUNNEL, from_outside
from helpers.callback_server.limits import ServerLimits
from helpers.callback_server.loopback import IDENTIFY_PATH, own_notebook
from helpers.callback_server.served_app import ServedApp
from helpers.callback_server.signature import Token, check_signature, refuse_unsigned
from helpers.errors import LessonError

EVENTS_PATH = "/taskrouter-events"  # where boards are told of events; answered whether there is one or not


@dataclass(frozen=True)
class InterceptorReply:
    """An answer that is given in the place of the learner's app.

    body: becomes JSON; None for an empty 204. logged: whether the exchange is kept in the log.
    """

    body: object = None
    logged: bool = True


Interceptor = Callable[[str, dict[str, str]], InterceptorReply | None]
"""Asked with path and form before the app is; None lets the app answer. On the server's thread: it must be quick."""


class CallbackMiddleware:
    """The ASGI app that the server runs; it forwards to the app that the learner has served last.

    mounted: by prefix, apps that answer in the place of the learner's (`CallbackServer.mount`).
    tunnel_port: the port at which tunnels end; address: what `expose` gave out for it, once it has; tunnel_token: the
    auth token that requests are signed with there, since then.
    """

    def __init__(self, served: ServedApp, token: Token, limits: ServerLimits) -> None:
        self.served, self.token, self.limits = served, token, limits
        self._ready = asyncio.Event()
        self._ready.set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.startup_failure: LessonError | None = None
        self.shutdown_failure: str | None = None
        self.tunnel_port: int | None = None
        self.address: str | None = None
        self.tunnel_token = ""
        self.log = ExchangeLog(limits.kept, limits.refused_kept, limits.alike_kept)
        self.interceptors: list[Interceptor] = []
        self.mounted: dict[str, ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request, have it answered, and keep the exchange in the log; start and stop with the server."""
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
            return
        scope[TUNNEL] = self.tunnel_port is not None and scope["server"][1] == self.tunnel_port
        if scope["path"] == IDENTIFY_PATH and not from_outside(scope):
            await JSONResponse({"callback_server_of": own_notebook()})(scope, receive, send)
            return
        if mounted := self._mounted_at(scope["path"]):
            await _get_only(mounted, scope, receive, send)
            return
        exchange = ExchangeBuilder(scope, send, self.log, self.limits, self.address)
        error = None
        try:
            if scope[TUNNEL]:  # a stranger's body is not even read
                refuse_unsigned(exchange)
            await exchange.read(receive)
            check_signature(exchange, (lambda: self.tunnel_token) if scope[TUNNEL] else self.token)
            exchange.let_in = True
            if not await self._is_intercepted(exchange):
                _refuse_websocket(exchange)
                await self._ready.wait()
                if failure := await self.served.answer(exchange, exchange.again(receive)):
                    error = describe_app_error(failure)
        except RequestRefused as refusal:
            await exchange.answer(refusal.status, str(refusal))
        except ClientDisconnect:
            return
        except asyncio.CancelledError:
            raise
        except Exception as failure:  # an interceptor's, the token's
            error = describe_app_error(failure)
        await exchange.finish(error)

    def _mounted_at(self, path: str) -> ASGIApp | None:
        return next((app for prefix, app in self.mounted.items() if path.startswith(prefix + "/")), None)

    async def _run_lifespan(self, receive: Receive, send: Send) -> None:
        """Run startup and shutdown of the app that is served then, as the server asks by the lifespan protocol."""
        self.loop = asyncio.get_running_loop()
        self.startup_failure = self.shutdown_failure = None
        await receive()
        first = self.served
        try:
            await first.start_up()
        except LessonError as failure:
            if first is self.served:  # else another app has taken its place, after an interrupted cell
                self.startup_failure = failure
                await send({"type": "lifespan.startup.failed", "message": ""})
                return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.shutdown_failure = await self.served.shut_down()
        await send({"type": "lifespan.shutdown.complete"})

    async def swap(self, served: ServedApp) -> str | None:
        """Shut the present app down and start another one up in its place; requests wait meanwhile.

        In this order, as at a restart: both may use the same variables of the notebook.
        Returns what went wrong with the shutdown, in words. Raises LessonError when the startup fails.
        """
        self._ready.clear()
        try:
            told = await self.served.shut_down()
            self.served = served
            await served.start_up()
        finally:
            self._ready.set()
        return told

    async def _is_intercepted(self, exchange: ExchangeBuilder) -> bool:
        """Ask all interceptors, and tell whether one has answered in the place of the app."""
        path = exchange.scope["path"]
        form = dict(exchange.form or {})
        replies = [interceptor(path, form) for interceptor in tuple(self.interceptors)]
        reply = next((one for one in replies if one is not None), None)
        if reply is None and path == EVENTS_PATH and exchange.scope["method"] == "POST":
            reply = InterceptorReply(logged=False)  # nobody looks just now
        if reply is None:
            return False
        exchange.logged, exchange.by_app = reply.logged, False
        answer = Response(status_code=204) if reply.body is None else JSONResponse(reply.body)
        await answer(exchange.scope, nothing_more, exchange.send)
        return True


async def _get_only(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Have an app answer that is reached without a signature; what could bring a body is refused unread."""
    if scope["method"] in ("GET", "HEAD"):
        await app(scope, receive, send)
    else:
        await PlainTextResponse("Only GET is answered here.", 405, {"Connection": "close"})(scope, receive, send)


def _refuse_websocket(exchange: ExchangeBuilder) -> None:
    """Raise RequestRefused (501) for the handshake of a WebSocket: an app would answer 404, as for an unknown route."""
    if exchange.headers.get("upgrade", "").lower() == "websocket":
        raise RequestRefused(501, "WebSockets are not served here, only HTTP: run the app with uvicorn for them.")
