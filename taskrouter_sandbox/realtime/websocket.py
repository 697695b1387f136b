"""A websocket on the connection that asked for it: what is said leaves at once, and nobody is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from http import HTTPStatus

from websockets.exceptions import InvalidState
from websockets.frames import CloseCode
from websockets.http11 import Request as Handshake
from websockets.protocol import Protocol as Base
from websockets.protocol import State
from websockets.server import ServerProtocol

from ..http.messages import Headers, Reply, header_lines

MAX_UNREAD = 1024 * 1024  # bytes that wait for a client to read them, beside those that the system holds
MAX_MESSAGE = 16 * 1024  # bytes of what a client says, though SDKs say nothing
BEAT_SECONDS = 15.0  # from one blank message to the next: an SDK misses them after 30 s (agent-sdk.md §3)
LOST_SECONDS = 50.0  # without a sign of life, after which a client is gone
CLOSING_SECONDS = 5.0  # that a client may take to say that it closes, too
NEEDED = (b"host", b"upgrade", b"connection", b"origin")


class WebSocket(asyncio.Protocol):
    """One open websocket. `last_heard` is when its client last sent anything, on the clock of the event loop.

    on_closed: called once, when it is over, whoever has ended it.
    """

    def __init__(self, on_closed: Callable[[], None]):
        self.on_closed = on_closed
        self.protocol = ServerProtocol(max_size=MAX_MESSAGE)
        self.loop = asyncio.get_running_loop()
        self.last_heard = self.loop.time()
        self._end: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None

    def refuses(self, headers: Headers) -> Reply | None:
        """Read what a client asks with, headers in small letters; give the answer where it is no websocket's."""
        wanted = [(n, v) for n, v in headers if n in NEEDED or n.startswith(b"sec-websocket-")]
        head = b"".join(b"%s: %s\r\n" % one for one in wanted)
        self.protocol.receive_data(b"GET / HTTP/1.1\r\n%s\r\n" % head)
        asked = next((one for one in self.protocol.events_received() if isinstance(one, Handshake)), None)
        if asked is None:
            return _reply(HTTPStatus.BAD_REQUEST, [], str(self.protocol.handshake_exc or "no handshake"))
        response = self.protocol.accept(asked)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return _reply(response.status_code, response.headers.raw_items(), bytes(response.body or b"").decode())
        self.protocol.send_response(response)
        return None

    def begin(self, transport: asyncio.Transport, rest: bytes) -> None:
        """Take a connection over, answer its client, and read what has come with the question."""
        self.transport = transport
        transport.set_write_buffer_limits(high=MAX_UNREAD)
        transport.set_protocol(self)
        transport.resume_reading()
        self._send()
        self._beat = self.loop.call_later(BEAT_SECONDS, self._keep_alive)
        if rest:
            self.data_received(rest)

    def _keep_alive(self) -> None:
        """Say a blank, which keeps an SDK from giving up, and ask for a sign of life; who gives none is let go."""
        if self.loop.time() - self.last_heard > LOST_SECONDS:
            self.transport.abort()
        elif self.is_open:
            self.protocol.send_text(b" ")
            self.protocol.send_ping(b"")
            self._send()
            self._beat = self.loop.call_later(BEAT_SECONDS, self._keep_alive)

    # ---- what asyncio calls --------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Read what a client sends: the ends and pings of the protocol, and messages that nobody wants."""
        self.last_heard = self.loop.time()
        self.protocol.receive_data(data)
        self.protocol.events_received()
        self._send()

    def eof_received(self) -> None:
        """Note that the client says nothing more."""
        self.protocol.receive_eof()
        self.protocol.events_received()
        self._send()

    def pause_writing(self) -> None:
        """Let a client go that does not read: it connects again, and begins with what is then."""
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that it is over."""
        for timer in (self._beat, self._end):
            if timer is not None:
                timer.cancel()
        self.on_closed()

    # ---- what others ask for -------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Can something still be said?"""
        return self.protocol.state is State.OPEN and not self.transport.is_closing()

    def say(self, texts: Iterable[bytes]) -> None:
        """Send messages, in order, unless it is closed."""
        if self.is_open:
            for text in texts:
                self.protocol.send_text(text)
            self._send()

    def close(self, code: int = CloseCode.NORMAL_CLOSURE, reason: str = "", at_once: bool = False) -> None:
        """Close it; reason: words for people; at_once: without waiting until the client closes, too."""
        try:
            self.protocol.send_close(code, reason)
        except InvalidState:
            pass  # it is closing
        else:
            self._send()
        if at_once:
            self.transport.close()
        elif self._end is None:
            self._end = self.loop.call_later(CLOSING_SECONDS, self.transport.abort)

    def _send(self) -> None:
        for data in _outgoing(self.protocol):
            if data:
                self.transport.write(data)
            else:  # both sides have said so, or the client broke the protocol
                self.transport.close()


def _outgoing(protocol: Base) -> list[bytes]:
    waiting = protocol.data_to_send()
    last = waiting.index(b"") if b"" in waiting else len(waiting)
    joined = b"".join(waiting[:last])
    return [*([joined] if joined else []), *waiting[last : last + 1]]


def _reply(status: int, headers: Iterable[tuple[str, str]], text: str) -> Reply:
    own = ("content-length", "connection", "date", "content-type")
    kept = [(name.lower().encode(), value.encode()) for name, value in headers if name.lower() not in own]
    return status, header_lines((b"content-type", b"text/plain; charset=utf-8"), *kept), text.encode()
