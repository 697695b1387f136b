"""HTTP/1.1 on a connection, as clients of all kinds speak it."""

from __future__ import annotations

import asyncio
import select
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import repeat

import pytest

from taskrouter_sandbox.http.messages import Reply, Request
from taskrouter_sandbox.http.protocol import MAX_FIELDS, MAX_HEAD, HttpConnection
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.testing.threaded_server import served
from tests.waiting import patience, wait_for

MAX_BODY = 1000


class Echo:
    """Answers with what it was asked, and keeps it."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.length = 0  # of an answer at least, in bytes

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        body = f"{request.method} {request.path} ".encode() + request.body
        return 200, b"ETag: 1\r\n", body.ljust(self.length)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def connect(echo: Echo) -> Iterator[Callable[..., socket.socket]]:
    """`connect()` gives a socket to a server that echoes; its limits by name: `idle_seconds`, `request_seconds`."""
    loop, opened, connections = asyncio.new_event_loop(), [], set()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def connect(**limits: float) -> socket.socket:
        make = loop.create_server(lambda: HttpConnection(echo, MAX_BODY, connections, **limits), "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(make, loop).result(patience(10))
        client = socket.create_connection(server.sockets[0].getsockname(), timeout=patience(10))
        opened.extend((client, server))
        return client

    yield connect

    async def close() -> None:
        for one in [*opened, *connections]:
            one.close()
        while connections:
            await asyncio.sleep(0.01)

    asyncio.run_coroutine_threadsafe(close(), loop).result(patience(10))
    loop.call_soon_threadsafe(loop.stop)
    thread.join(patience(10))
    loop.close()


def read(client: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of one answer, whose Content-Length is right."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += (piece := client.recv(1))
        assert piece, got
    (length,) = (int(line[15:]) for line in got.split(b"\r\n") if line.startswith(b"content-length:"))
    body = b""
    while len(body) < length:
        body += client.recv(length - len(body))
    return got, body


def test_requests_that_follow_one_another_on_a_connection(connect, echo):
    client = connect()
    client.sendall(b"GET /a%20b?x=%20 HTTP/1.1\r\nHost: here\r\n\r\n")
    head, body = read(client)
    assert head.startswith(b"HTTP/1.1 200 OK\r\ndate: ")
    assert b"\r\nETag: 1\r\n" in head
    assert b"connection" not in head
    assert body == b"GET /a b "
    assert (echo.asked[0].query, echo.asked[0].headers) == ("x=%20", [(b"host", b"here")])
    client.sendall(b"POST /b HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\nabc")
    assert read(client)[1] == b"POST /b abc"


def test_requests_that_do_not_wait_for_an_answer_are_answered_in_order(connect):
    client = connect()
    client.sendall(
        b"".join(b"POST /%d HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\n\r\n%d" % (n, n) for n in range(9))
    )
    assert [read(client)[1] for _ in range(9)] == [b"POST /%d %d" % (n, n) for n in range(9)]


def test_a_request_that_comes_byte_by_byte(connect):
    client = connect()
    for byte in b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nab":
        client.sendall(bytes((byte,)))
    assert read(client)[1] == b"POST / ab"


def test_a_body_in_chunks(connect):
    client = connect()
    client.sendall(
        b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    assert read(client)[1] == b"POST / abcde"


def test_a_client_that_waits_to_be_told_to_go_on(connect):
    client = connect()
    client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(b"abc")
    assert read(client)[1] == b"POST / abc"


def test_a_head_alone(connect):
    client = connect()
    client.sendall(
        b"HEAD / HTTP/1.1\r\nHost: here\r\n\r\nGET /next HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
    )
    answers = b""
    while piece := client.recv(1000):
        answers += piece
    first, second = answers.split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert b"content-length: 7\r\n" in first
    assert first.endswith(b"\r\n\r\n")
    assert second.endswith(b"connection: close\r\n\r\nGET /next ")


@pytest.mark.parametrize("request_line", [b"GET / HTTP/1.0", b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close"])
def test_a_connection_that_is_not_kept(connect, request_line):
    client = connect()
    client.sendall(request_line + b"\r\n\r\n")
    head, body = read(client)
    assert b"connection: close" in head
    assert body == b"GET / "
    assert client.recv(1) == b""


def test_an_offer_of_another_protocol_is_passed_over_and_the_body_is_read(connect):
    """As Java's own client makes it with its first request, also with one that has a body."""
    client = connect()
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
    client.sendall(b"POST /one HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n" + offer + b"\r\nabc")
    assert read(client)[1] == b"POST /one abc"
    client.sendall(b"GET /two HTTP/1.1\r\nHost: here\r\n" + offer + b"\r\n")
    assert read(client)[1] == b"GET /two "
    client.sendall(b"GET /three HTTP/1.1\r\nHost: here\r\n\r\n")
    assert read(client)[1] == b"GET /three "


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: here\r\nX: " + b"x" * (MAX_HEAD + 1), b"431 Request Header Fields Too Large"),
        (b"GET / HTTP/1.1\r\nHost: here\r\n" + b"X: y\r\n" * MAX_FIELDS + b"\r\n", b"431 Request Header"),
        (b"GET / HTTP/1.1\r\nHost: here\r\nX: %b\r\nY: %b\r\n\r\n" % ((b"x" * 40_000,) * 2), b"431 Request Header"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"GET http://here/ HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: here\r\nHost: there\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.0\r\nHost: here\r\nHost: there\r\n\r\n", b"400 Bad Request"),
    ],
)
def test_what_cannot_be_read_is_refused_and_the_connection_closed(connect, echo, sent, status):
    client = connect()
    client.sendall(sent)
    assert read(client)[0].startswith(b"HTTP/1.1 " + status)
    assert client.recv(1) == b""
    assert echo.asked == []


def test_of_a_body_that_is_too_large_only_its_size_is_kept(connect, echo):
    client = connect()
    client.sendall(
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY * 300) + b"x" * MAX_BODY * 300
    )
    read(client)
    assert echo.asked[0].size == MAX_BODY * 300
    assert len(echo.asked[0].body) <= MAX_BODY


def test_a_client_that_has_said_all_still_gets_its_answer(connect):
    client = connect()
    client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    assert read(client)[1] == b"GET / "
    assert client.recv(1) == b""


def test_a_connection_without_requests_is_closed(connect):
    client = connect(idle_seconds=patience(0.1))
    client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    read(client)
    assert client.recv(1) == b""


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /",
        b"GET / HTTP/1.1\r\nHost: here\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 999999\r\n\r\n",
    ],
    ids=["line", "head", "body"],
)
@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"], ids=["first", "later"])
def test_a_request_that_does_not_come_to_an_end_is_hung_up_on(connect, echo, begun, before):
    """However lively its bytes come in, one after the other."""
    head = b""
    for _ in range(20):
        echo.asked.clear()
        client = connect(request_seconds=0.1)
        client.sendall(before + begun)
        if before:
            read(client)
        try:
            while not select.select([client], [], [], 0.01)[0]:
                client.sendall(b"x")
            head, _ = read(client)
            break
        except ConnectionError:  # a byte that was on its way has taken the answer with it
            continue
    assert head.startswith(b"HTTP/1.1 408 Request Timeout")
    assert len(echo.asked) == bool(before)


def test_a_request_that_is_whole_in_time_is_answered_however_long_the_connection_lasts(connect):
    client = connect(request_seconds=patience(0.3))
    for _ in range(3):
        client.sendall(b"GET / HTTP/1.1\r\n")
        client.sendall(b"Host: here\r\n\r\n")
        assert read(client)[1] == b"GET / "
    assert select.select([client], [], [], patience(0.4))[0] == []


def test_a_client_that_does_not_read_is_hung_up_on_too(connect, echo):
    client = connect(idle_seconds=0.2)
    client.settimeout(patience(20))
    asked = b"GET /%b HTTP/1.1\r\nHost: here\r\n\r\n" % (b"x" * 60_000)
    with pytest.raises(ConnectionError):
        deque(map(client.sendall, repeat(asked)), maxlen=0)


def test_a_client_that_does_not_read_is_answered_one_request_at_a_time(connect, echo):
    """What it has sent already waits as well, and is answered in order once it reads."""
    echo.length = 16 * 1024 * 1024  # more than a system holds for a connection
    client, other = connect(), connect()
    client.sendall(b"".join(b"GET /%d HTTP/1.1\r\nHost: here\r\n\r\n" % number for number in range(3)))
    wait_for(lambda: echo.asked)
    other.sendall(b"GET /other HTTP/1.1\r\nHost: here\r\n\r\n")
    wait_for(lambda: echo.asked[1:])
    assert [request.path for request in echo.asked] == ["/0", "/other"]
    with client.makefile("rb") as answers:
        for number in range(3):
            while answers.readline().strip():
                pass
            assert answers.read(echo.length).rstrip() == b"GET /%d" % number


def test_a_request_that_is_none_is_refused_after_those_before_it_are_answered(connect, echo):
    echo.length = 16 * 1024 * 1024
    client = connect()
    client.sendall(b"GET /0 HTTP/1.1\r\nHost: here\r\n\r\n" * 2 + b"nonsense\r\n\r\n")
    wait_for(lambda: echo.asked)
    with client.makefile("rb") as answers:
        said = answers.read()
    assert [said.count(b"HTTP/1.1 %b" % status) for status in (b"200 OK", b"400 Bad Request")] == [2, 1]
    assert said.endswith(b"Bad Request\n")


def test_an_absolute_address_counts_and_not_the_host_beside_it(connect, echo):
    client = connect()
    client.sendall(b"GET http://there:81/x?y=1 HTTP/1.1\r\nHost: here\r\nA: b\r\n\r\n")
    assert read(client)[1] == b"GET /x "
    (asked,) = echo.asked
    assert (asked.query, asked.headers) == ("y=1", [(b"host", b"there:81"), (b"a", b"b")])


def test_fields_after_a_body_are_no_headers(connect, echo):
    client = connect()
    head = b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
    client.sendall(head + b"1\r\na\r\n0\r\nAuthorization: Basic x\r\nHost: there\r\n\r\n")
    assert read(client)[1] == b"POST / a"
    assert [name for name, _ in echo.asked[0].headers] == [b"host", b"transfer-encoding"]


def test_whoever_comes_while_it_stops_is_hung_up_on(tmp_path):
    with served(Service(tmp_path, "AC" + "1" * 32, "token")) as address:
        host, port = address.removeprefix("http://").split(":")
        late = socket.create_connection((host, int(port)), timeout=patience(10))
    with late, suppress(ConnectionResetError):  # it may not even have been taken up by then
        assert late.recv(1) == b""
