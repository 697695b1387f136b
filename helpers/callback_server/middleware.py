"""What stands between the network and the learner's app: the guards and the log."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from helpers.callback_server.exchange_builder import ExchangeBuilder, Refused, nothing_more
from helpers.callback_server.exchange_log import ExchangeLog, describe_app_error
from helpers.callback_server.guards import TUNNEL, from_outside
from helpers.callback_server.limits import ServerLimits
from helpers.callback_server.signature import Token, check_signature, require_signature

EVENTS_PATH = "/taskrouter-events"  # where boards are told of events; answered whether there is one or not
IDENTIFY_PATH = "/_callback_server"  # tells another kernel of this tutorial who holds the port


@dataclass(frozen=True)
class Reply:
    """An answer that is given in the place of the learner's app.

    body: becomes JSON; None for an empty 204. logged: whether the exchange is kept in the log.
    """

    body: object = None
    logged: bool = True


Interceptor = Callable[[str, dict[str, str]], Reply | None]
"""Asked with path and form before the app is; None lets the app answer. On the server's thread: it must be quick."""


class CallbackMiddleware:
    """The ASGI app that the server runs; it forwards to the app that the learner has served last.

    tunnel_port: the port at which tunnels end; address: what `expose` gave out for it, once it has; tunnel_token: the
    auth token that requests are signed with there, since then.
    """

    def __init__(self, app: ASGIApp, token: Token, limits: ServerLimits) -> None:
        self.app, self.token, self.limits = app, token, limits
        self.tunnel_port: int | None = None
        self.address: str | None = None
        self.tunnel_token = ""
        self.log = ExchangeLog(limits.kept, limits.refused_kept, limits.alike_kept)
        self.interceptors: list[Interceptor] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request, have it answered, and keep the exchange in the log."""
        scope[TUNNEL] = self.tunnel_port is not None and scope["server"][1] == self.tunnel_port
        if scope["path"] == IDENTIFY_PATH and not from_outside(scope):
            notebook = os.path.basename(os.environ.get("JPY_SESSION_NAME", ""))
            await JSONResponse({"callback_server_of": notebook})(scope, receive, send)
            return
        exchange = ExchangeBuilder(scope, send, self.log, self.limits, self.address)
        error = None
        try:
            if scope[TUNNEL]:  # a stranger's body is not even read
                require_signature(exchange)
            await exchange.read(receive)
            check_signature(exchange, (lambda: self.tunnel_token) if scope[TUNNEL] else self.token)
            exchange.let_in = True
            if not await self._is_intercepted(exchange):
                await self.app(scope, exchange.again(receive), exchange.send)
        except Refused as refusal:
            await exchange.answer(refusal.status, str(refusal))
        except ClientDisconnect:
            return
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # SystemExit too: it would end the thread of the server
            error = describe_app_error(failure)
        await exchange.finish(error)

    async def _is_intercepted(self, exchange: ExchangeBuilder) -> bool:
        """Ask all interceptors, and tell whether one has answered in the place of the app."""
        path = exchange.scope["path"]
        form = dict(exchange.form or {})
        replies = [interceptor(path, form) for interceptor in tuple(self.interceptors)]
        reply = next((one for one in replies if one is not None), None)
        if reply is None and path == EVENTS_PATH and exchange.scope["method"] == "POST":
            reply = Reply(logged=False)  # nobody looks just now
        if reply is None:
            return False
        exchange.logged = reply.logged
        answer = Response(status_code=204) if reply.body is None else JSONResponse(reply.body)
        await answer(exchange.scope, nothing_more, exchange.send)
        return True
