"""One request on its way through the callback server, and what becomes of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, ImmutableMultiDict
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from helpers.callback_server.exchange_log import Exchange, ExchangeLog, Signature
from helpers.callback_server.guards import TUNNEL
from helpers.callback_server.limits import ServerLimits


class RequestRefused(Exception):
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
        self.by_app = True
        self.unread = "transfer-encoding" in self.headers or self.headers.get("content-length", "0") != "0"

    @property
    def has_begun(self) -> bool:
        """Whether an answer is on its way."""
        return self._status != 0

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
        """The form parameters, repeated ones kept; None when the body is something other than a form."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.body and kind != "application/x-www-form-urlencoded":
            return None
        pairs = parse_qsl(self.body.decode("latin-1"), keep_blank_values=True, max_num_fields=self._limits.fields)
        return ImmutableMultiDict(pairs)

    async def read(self, receive: Receive) -> None:
        """Take the whole body in.

        Raises RequestRefused for one that is too large (413), too slow (408) or no readable form (400),
        ClientDisconnect when the caller goes away.
        """
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                self.body = await self._whole_body(receive)
        except TimeoutError:
            raise RequestRefused(
                408, f"This request took longer than {self._limits.body_seconds:g} seconds to arrive."
            ) from None
        self.unread = False
        try:
            _ = self.form
        except ValueError:
            self.body = b""
            raise RequestRefused(400, "This form cannot be read.") from None

    async def _whole_body(self, receive: Receive) -> bytes:
        too_large = RequestRefused(413, f"This request is larger than {self._limits.body_bytes:,} bytes.")
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
        """Make a `receive` for the app, which begins with the body that has been read already."""
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
        await PlainTextResponse(words, status, hang_up)(self.scope, nothing_more, self.send)

    async def finish(self, error: str | None) -> None:
        """See to it that there is an answer when the app is through with it, and that its error is in the log."""
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
            by_app=self.by_app,
        )
        self._log.record(replace(self._exchange, error=error))


async def nothing_more() -> Message:
    """Receive nothing: what an answer is sent with that is not the app's."""
    return {"type": "http.disconnect"}
