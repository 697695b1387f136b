"""What stands between the network and the learner's app: the guards and the log."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import parse_qs, parse_qsl

from starlette.datastructures import Headers, ImmutableMultiDict
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from twilio.request_validator import RequestValidator

from helpers.callback_server.exchange_log import Exchange, ExchangeLog, Signature, describe_app_error
from helpers.callback_server.guards import TUNNEL, from_another_page, from_outside
from helpers.callback_server.limits import ServerLimits
from helpers.errors import LessonError
from helpers.sandbox import AUTH_TOKEN

EVENTS_PATH = "/taskrouter-events"  # where boards are told of events; answered whether there is one or not
IDENTIFY_PATH = "/_callback_server"  # tells another kernel of this tutorial who holds the port

Token = Callable[[], str]


@dataclass(frozen=True)
class Reply:
    """An answer that is given in the place of the learner's app.

    body: becomes JSON; None for an empty 204. logged: whether the exchange is kept in the log.
    """

    body: object = None
    logged: bool = True


Interceptor = Callable[[str, dict[str, str]], Reply | None]
"""Asked with path and form before the app is; None lets the app answer. On the server's thread: it must be quick."""


class Refused(Exception):
    """A request that is turned away before it reaches the learner's app, with the words to answer."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class ExchangeBuilder:
    """A request on its way through: what came in, what the guards found out, and the answer as it leaves."""

    def __init__(
        self, scope: Scope, send: Send, log: ExchangeLog, limits: ServerLimits, address: str | None = None
    ) -> None:
        self.scope, self._send, self._log, self._limits, self._address = scope, send, log, limits, address
        self.headers = Headers(scope=scope)
        self.query = scope["query_string"].decode("latin-1")
        self.body = b""
        self.signature: Signature = "none"
        self._number, self._at, self._start = log.next_number(), datetime.now(UTC), time.perf_counter()
        self._status, self._answer = 0, b""
        self._held: Message | None = None
        self._exchange: Exchange | None = None
        self.logged = True
        self.let_in = False
        self.unread = "transfer-encoding" in self.headers or self.headers.get("content-length", "0") != "0"

    @cached_property
    def public_url(self) -> str:
        """The address that the caller used.

        What came in at the tunnel's port was sent to the address that `expose` gave out, whatever its headers say;
        another proxy hands on scheme and host in forwarded headers.
        """
        path = self.scope["raw_path"].decode("latin-1") + (f"?{self.query}" if self.query else "")
        if self._address and self.scope.get(TUNNEL):
            return self._address + path
        scheme = self.headers.get("x-forwarded-proto", self.scope["scheme"]).split(",")[0].strip()
        host = self.headers.get("x-forwarded-host", self.headers.get("host", "")).split(",")[0].strip()
        return f"{scheme}://{host}{path}"

    @cached_property
    def form(self) -> ImmutableMultiDict | None:
        """The form parameters, repeated ones kept; None when the body is something else than a form."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.body and kind != "application/x-www-form-urlencoded":
            return None
        pairs = parse_qsl(self.body.decode("latin-1"), keep_blank_values=True, max_num_fields=self._limits.fields)
        return ImmutableMultiDict(pairs)

    async def read(self, receive: Receive) -> None:
        """Take the whole body in.

        Raises Refused for one that is too large (413), too slow (408) or no readable form (400), ClientDisconnect
        when the caller goes away.
        """
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                self.body = await self._whole_body(receive)
        except TimeoutError:
            raise Refused(
                408, f"This request took longer than {self._limits.body_seconds:g} seconds to arrive."
            ) from None
        self.unread = False
        try:
            _ = self.form
        except ValueError:
            self.body = b""
            raise Refused(400, "This form cannot be read.") from None

    async def _whole_body(self, receive: Receive) -> bytes:
        too_large = Refused(413, f"This request is larger than {self._limits.body_bytes:,} bytes.")
        if int(self.headers.get("content-length", 0)) > self._limits.body_bytes:
            raise too_large
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            if len(body) > self._limits.body_bytes:
                raise too_large
            more = message.get("more_body", False)
        return body

    def again(self, receive: Receive) -> Receive:
        """A `receive` for the app, which begins with the body that has been read already."""
        rest: list[Message] = [{"type": "http.request", "body": self.body, "more_body": False}]

        async def receive_again() -> Message:
            return rest.pop() if rest else await receive()

        return receive_again

    async def send(self, message: Message) -> None:
        """Pass the answer on. It is in the log before its end leaves: who has the answer finds it there.

        The end of a 500 waits for `finish`, because web frameworks answer first and raise afterwards.
        """
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif message["type"] == "http.response.body":
            if len(self._answer) < 4 * self._limits.answer_letters:
                self._answer += message.get("body", b"")[: 4 * self._limits.answer_letters]
            if not message.get("more_body", False):
                if self._status == 500:
                    self._held = message
                    return
                self._record()
        await self._send(message)

    async def answer(self, status: int, words: str) -> None:
        """Answer in the place of the learner's app."""
        hang_up = {"Connection": "close"} if self.unread else None
        await PlainTextResponse(words, status, hang_up)(self.scope, _nothing_more, self.send)

    async def finish(self, error: str | None) -> None:
        """The app is through with it: see to it that there is an answer, and that its error is in the log."""
        if not self._status:
            error = error or "the app gave no answer"
            await self.answer(500, "Internal Server Error")
        if error or not self._exchange:
            self._record(error)
        if self._held:
            await self._send(self._held)

    def _record(self, error: str | None = None) -> None:
        if not self.logged:
            return
        may_keep_form = self.signature == "valid" or len(self.body) <= self._limits.form_bytes
        self._exchange = self._exchange or Exchange(
            number=self._number,
            at=self._at,
            method=self.scope["method"],
            path=self.scope["path"],
            query=self.query,
            form=dict(self.form or {}) if may_keep_form else {},
            signature=self.signature,
            status=self._status,
            answer=self._answer.decode("utf-8", "replace")[: self._limits.answer_letters],
            seconds=time.perf_counter() - self._start,
            let_in=self.let_in,
        )
        self._log.record(replace(self._exchange, error=error))


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}


def require_signature(exchange: ExchangeBuilder) -> None:
    """Let in what is signed, by whomever, and what this machine itself asks. Raises Refused (403) for all else."""
    if "x-twilio-signature" in exchange.headers:
        return
    if from_outside(exchange.scope):
        raise Refused(403, "Only requests signed by Twilio are let in from outside.")
    if from_another_page(exchange.scope):
        raise Refused(403, "Another web page asked for this: type the address into the browser instead.")


def check_signature(exchange: ExchangeBuilder, token: Token) -> None:
    """Let in what Twilio signed with the account's token, and what this machine itself asks without a signature.

    Raises Refused (403) for all else. The rule (`behaviour.md §3.4`): the parameters of a form are signed with
    the address, any other body by its digest in the address. A body that neither covers is not let in. The sandbox
    signs on this machine only: its token can be read by everybody, so from outside it proves nothing.
    """
    require_signature(exchange)
    given = exchange.headers.get("x-twilio-signature")
    if given is None:
        return
    exchange.signature = "invalid"
    try:
        secret = token()
    except LessonError:
        raise Refused(403, "The credentials are incomplete, so no signature can be checked: see .env.") from None
    published = secret == AUTH_TOKEN and from_outside(exchange.scope)
    with suppress(ValueError):  # a host that is none, a body that is not text
        signed = exchange.form
        if signed is None and "bodySHA256" in parse_qs(exchange.query):
            signed = exchange.body.decode()
        covered = signed is not None and secret and not published  # anyone can sign with an empty or a published one
        if covered and RequestValidator(secret).validate(exchange.public_url, signed, given):
            exchange.signature = "valid"
            return
    raise Refused(403, "The Twilio signature does not fit this address, these parameters and this account.")


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
        self.log = ExchangeLog(limits.kept, limits.refused_kept)
        self.interceptors: list[Interceptor] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
        """Whether one of the interceptors has answered in the place of the app. All of them are asked."""
        path = exchange.scope["path"]
        replies = [desk(path, dict(exchange.form or {})) for desk in tuple(self.interceptors)]
        reply = next((one for one in replies if one is not None), None)
        if reply is None and path == EVENTS_PATH and exchange.scope["method"] == "POST":
            reply = Reply(logged=False)  # nobody looks just now
        if reply is None:
            return False
        exchange.logged = reply.logged
        answer = Response(status_code=204) if reply.body is None else JSONResponse(reply.body)
        await answer(exchange.scope, _nothing_more, exchange.send)
        return True
