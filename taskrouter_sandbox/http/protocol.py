"""Speaks HTTP/1.1 on a connection: a request comes in, its answer leaves in one piece.

An answer needs no waiting here: the handler returns it. So each connection is served by one callback of the event loop,
without a task for a request. `httptools` reads the requests.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import unquote

import httptools

from .messages import Headers, Reply, Request, header_lines

MAX_HEAD = 64 * 1024  # bytes of the request line and all headers
BUFFER = 32 * 1024  # bytes that are read at once
MAX_FIELDS = 200  # headers of one request
REQUEST_SECONDS = 30.0  # from the first byte of a request to its last
PHRASES = {status.value: status.phrase for status in HTTPStatus}
IDLE_SECONDS = 600.0  # that a connection is kept without a request: longer than a learner thinks
PLAIN_TEXT = header_lines((b"content-type", b"text/plain; charset=utf-8"))


Handler = Callable[[Request], Reply]
SocketOpener = Callable[[Request, asyncio.Transport, bytes], "Reply | None"]
Address = tuple[str, int]


class HttpConnection(asyncio.BufferedProtocol):
    """One connection of a client, with a buffer of its own.

    Without one asyncio makes 256 KiB for whatever arrives, for which some processes ask the system each time.

    handler: answers a request, and never raises; max_body: bytes of a body that are kept; connections: holds this one
    while it is open; idle_seconds: after which it is closed when nothing arrives; request_seconds: that a request may
    take to arrive; admits: tells whether a client with that address may ask. open_socket: makes a websocket of a
    connection whose client asks for one, or answers it; None where there are none.
    """

    def __init__(
        self,
        handler: Handler,
        max_body: int,
        connections: set[HttpConnection],
        idle_seconds: float = IDLE_SECONDS,
        request_seconds: float = REQUEST_SECONDS,
        admits: Callable[[Address], bool] = lambda client: True,
        open_socket: SocketOpener | None = None,
    ):
        self.handler, self.max_body, self.connections, self.idle_seconds = handler, max_body, connections, idle_seconds
        self.request_seconds, self.admits, self.open_socket = request_seconds, admits, open_socket
        self.parser = httptools.HttpRequestParser(self)
        self._buffer = memoryview(bytearray(BUFFER))
        self.request_timer: asyncio.TimerHandle | None = None
        self._began = 0.0  # the request that is arriving
        self._refusal = HTTPStatus.BAD_REQUEST
        self._completed = 0
        self._is_paused = False  # what was answered is not read
        self._waiting: deque[Callable[[], None]] = deque()  # until it is: what is left to do, in order
        self._begin()

    def _begin(self) -> None:
        self._url, self._headers, self._body = b"", Headers(), list[bytes]()
        self._in_head, self._is_arriving = True, False
        self._head_size = self._body_size = 0

    # ---- what asyncio calls --------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.loop = asyncio.get_running_loop()
        self.last_data = self.loop.time()
        self.idle_timer = self.loop.call_later(self.idle_seconds, self._close_when_idle)
        self.admitted = self.admits(transport.get_extra_info("peername"))
        self.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_go()

    def _let_go(self) -> None:
        self.idle_timer.cancel()
        if self.request_timer is not None:
            self.request_timer.cancel()
        self.connections.discard(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._read(self._buffer[:nbytes])

    def _read(self, data: bytes | memoryview) -> None:
        self.last_data = self.loop.time()
        completed = self._completed
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._pass_over_upgrade(bytes(data[upgrade.args[0] :]))
        except httptools.HttpParserError:
            self._refuse(self._refusal)
        else:
            if self._in_head and completed == self._completed:
                self._head_size += len(data)
                if self._head_size > MAX_HEAD:
                    self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            if self._is_arriving and self.request_timer is None and not self.transport.is_closing():
                self.request_timer = self.loop.call_later(self.request_seconds, self._refuse_when_late)

    def _refuse_when_late(self) -> None:
        """Refuse a request that takes too long to arrive. Looking now and then costs less than a timer for each."""
        self.request_timer = None
        if self._is_arriving:
            left = self._began + self.request_seconds - self.loop.time()
            if left <= 0:
                self._refuse(HTTPStatus.REQUEST_TIMEOUT)
            else:
                self.request_timer = self.loop.call_later(left, self._refuse_when_late)

    def _pass_over_upgrade(self, rest: bytes) -> None:
        """Read a request in HTTP/1.1 all the same when a client offers something else, as some do with their first."""
        method = self.parser.get_method()
        self.parser = httptools.HttpRequestParser(self)
        if method == b"CONNECT":
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        if self.open_socket is not None and (b"upgrade", b"websocket") in self._offers():
            self._begin_socket(self.open_socket, method, rest)
            return
        kept = [name + b": " + value for name, value in self._headers if name not in (b"upgrade", b"connection")]
        self._read(b"\r\n".join((method + b" " + self._url + b" HTTP/1.1", *kept, b"", rest)))

    def _offers(self) -> list[tuple[bytes, bytes]]:
        return [(name, value.strip().lower()) for name, value in self._headers if name == b"upgrade"]

    def _begin_socket(self, open_socket: SocketOpener, method: bytes, rest: bytes) -> None:
        """Let the connection go to a websocket, or say why not."""
        self._is_arriving = False
        if (request := self._whole_request(method)) is None:
            return
        if self._is_paused:  # after requests whose answers have not left
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        reply = open_socket(request, self.transport, rest)
        if reply is None:
            self._let_go()
        else:
            self._send(reply, with_body=True, keep=False)

    def pause_writing(self) -> None:
        self._is_paused = True  # a client that does not read its answers gets no further ones
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self._is_paused = False
        while self._waiting and not self._is_paused and not self.transport.is_closing():
            self._waiting.popleft()()
        if not self._is_paused:
            self.transport.resume_reading()

    def _in_turn(self, act: Callable[[], None]) -> None:
        """Do something now, or after the answers to earlier requests have been read."""
        if self._is_paused:
            self._waiting.append(act)
        else:
            act()

    def _close_when_idle(self) -> None:
        left = self.last_data + self.idle_seconds - self.loop.time()
        if left <= 0:
            self.transport.abort()  # also what it has been answered and does not read
        else:
            self.idle_timer = self.loop.call_later(left, self._close_when_idle)

    def close(self) -> None:
        """Close the connection, once what was answered has left."""
        self.transport.close()

    # ---- what the parser calls -----------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._begin()
        self._is_arriving, self._began = True, self.last_data

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # after a body in chunks there may be others, and nothing that is read here belongs there
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        headers, names = self._headers, [name for name, _ in self._headers]
        came_in_parts = self._head_size > 0  # else it is smaller than the buffer
        if len(names) > MAX_FIELDS or (came_in_parts and sum(len(n) + len(v) for n, v in headers) > MAX_HEAD):
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise ValueError(self._refusal.phrase)  # which ends the parser
        self._hosts = names.count(b"host")
        expects = b"expect" in names and any((n, v.lower()) == (b"expect", b"100-continue") for n, v in headers)
        if expects and not self.parser.should_upgrade():
            self._in_turn(lambda: self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n"))

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size <= self.max_body:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade() or self.transport.is_closing():
            return
        self._completed += 1
        self._is_arriving = False
        request = self._whole_request(self.parser.get_method())
        if request is not None:
            with_body, keep = request.method != "HEAD", self.parser.should_keep_alive()
            self._in_turn(lambda: self._send(self.handler(request), with_body=with_body, keep=keep))

    def _whole_request(self, method: bytes) -> Request | None:
        """Give the request that has arrived; None where it is refused already."""
        headers = self._headers
        try:
            url = httptools.parse_url(self._url)
        except httptools.HttpParserInvalidURLError:
            self._refuse(HTTPStatus.BAD_REQUEST)
            return None
        if self._hosts != 1 and (self._hosts or self.parser.get_http_version() == "1.1"):  # RFC 9112, section 3.2
            self._refuse(HTTPStatus.BAD_REQUEST)
            return None
        if url.host:  # an absolute address counts, and not the Host beside it (section 3.2.2)
            headers = _with_host(headers, self._url)
        path = (url.path or b"/").decode("latin-1")
        return Request(
            method=method.decode("latin-1"),
            path=unquote(path) if "%" in path else path,
            query=(url.query or b"").decode("latin-1"),
            headers=headers,
            body=b"".join(self._body),
            size=self._body_size,
            admitted=self.admitted,
        )

    def _send(self, reply: Reply, with_body: bool, keep: bool) -> None:
        status, headers, body = reply
        length = b"content-length: %d\r\n%b\r\n" % (len(body), b"" if keep else b"connection: close\r\n")
        head = (_status_line(status), _date_line(int(time.time())), headers, length)
        self.transport.write(b"".join((*head, body) if with_body else head))
        if not keep:
            self.close()

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer what is no HTTP that can be read, or does not come to an end, and close."""
        self._is_arriving = False
        text = f"{status.phrase}\n".encode()
        self._in_turn(lambda: self._send((status, PLAIN_TEXT, text), with_body=True, keep=False))


def _with_host(headers: Headers, address: bytes) -> Headers:
    """Put the host of an absolute address in place of the Host header."""
    host = re.split(rb"[/?#]", address.partition(b"://")[2], maxsplit=1)[0]
    return [(b"host", host), *(header for header in headers if header[0] != b"host")]


@lru_cache
def _status_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {PHRASES.get(status, '')}\r\n".encode()


@lru_cache(1)
def _date_line(second: int) -> bytes:
    """Write the Date header of an answer; second: since 1970."""
    return time.strftime("date: %a, %d %b %Y %H:%M:%S GMT\r\n", time.gmtime(second)).encode()
