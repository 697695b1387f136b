"""What a hostile or broken caller cannot do to the callback server: fill it, or hold it up."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests
from fastapi import FastAPI

from helpers.callback_server.limits import ServerLimits
from tests.waiting import patience, wait_for

HEAD = b"POST /assignment_callback HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture
def server(served, echo):
    """A server of this test alone."""
    return served(echo, 0)


@pytest.fixture
def impatient(served, echo, server):
    """Little patience with slow callers; calling it brings the usual patience back."""
    served(echo, server.port, limits=ServerLimits(head_seconds=patience(0.3), body_seconds=patience(0.3)))
    return lambda: served(echo, server.port)


@pytest.fixture
def line(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=patience(10)) as line:
        yield line


def at_the_tunnel(server) -> socket.socket:
    """Return a connection to the port that the tunnel leads to."""
    return socket.create_connection(("127.0.0.1", int(server.tunnel_target.rpartition(":")[2])), timeout=patience(10))


def answer(line: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    said = b""
    while part := line.recv(65_536):
        said += part
    return said


@pytest.mark.parametrize("sent", [b"", b"POST", HEAD, HEAD + b"X-Slow: "])
def test_a_head_that_never_ends_is_hung_up_on(impatient, line, sent):
    line.sendall(sent)
    assert answer(line) == b""


def test_a_head_that_trickles_in_is_hung_up_on(impatient, line, server):
    def hung_up_after(letter: int) -> bool:
        try:
            line.sendall(bytes([letter]))
            return line.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    line.settimeout(0.02)
    assert any(hung_up_after(letter) for letter in HEAD + b"X-Slow: " + b"x" * 10_000)
    impatient()
    assert requests.get(f"{server.url}/create-task", timeout=patience(10)).ok
    assert len(server.log.entries()) == 1


def test_the_second_request_on_a_connection_is_timed_as_well(impatient, line):
    line.sendall(b"GET /create-task HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + HEAD)
    assert answer(line).endswith(b'{"created":true}')


def test_a_body_that_never_ends_is_answered_408(impatient, line, server):
    line.sendall(HEAD + b"Content-Length: 10\r\n\r\nTask")
    said = answer(line)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert f"took longer than {patience(0.3):g} seconds".encode() in said
    assert server.log.entries()[-1].status == 408


def test_a_request_in_pieces_is_served(line):
    for part in (HEAD[:9], HEAD[9:], b"Content-Length: 4\r\nConnection: close\r\n\r\n", b"a=", b"bc"):
        line.sendall(part)
    assert answer(line).startswith(b"HTTP/1.1 200 ")


def test_a_head_without_end_is_refused(line, server):
    line.sendall(HEAD)
    try:
        for _ in range(100):
            line.sendall(b"X-Long: " + b"x" * 1_000 + b"\r\n")
        said = answer(line)
    except OSError:  # it has hung up before all was sent
        said = b""
    assert said == b"" or said.startswith(b"HTTP/1.1 400 ")
    assert requests.get(f"{server.url}/create-task", timeout=patience(10)).ok
    assert len(server.log.entries()) == 1


@pytest.mark.parametrize(
    "lines",
    [
        b"Host: 127.0.0.1\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999999999999999\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"X-Bad\x00: 1\r\n",
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(line, server, lines):
    line.sendall(HEAD + lines + b"\r\nabcd")
    assert answer(line).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 ", b"HTTP/1.1 501 "))
    assert all(entry.status >= 400 for entry in server.log.entries())


def test_when_all_lines_are_taken_the_next_is_told_so_and_it_passes(served, echo):
    server = served(echo, 0, limits=ServerLimits(connections=3))
    taken = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
    assert requests.get(f"{server.url}/create-task", timeout=patience(10)).status_code == 503
    for each in taken:
        each.close()
    wait_for(lambda: requests.get(f"{server.url}/create-task", timeout=patience(10)).ok)


@contextmanager
def hanging(server, leave: threading.Event, count: int) -> Iterator[list[socket.socket]]:
    """So many requests to `/hang`, whose handler waits for `leave`; at the end it is let go."""
    lines = [socket.create_connection(("127.0.0.1", server.port), timeout=patience(10)) for _ in range(count)]
    try:
        for each in lines:
            each.sendall(b"GET /hang HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        yield lines
    finally:
        leave.set()
        for each in lines:
            each.close()


def test_when_all_handlers_hang_the_next_is_told_so_and_the_log_too(served):
    """AnyIO keeps forty threads for handlers; the forty-first request would wait for one unseen."""
    app, leave = FastAPI(), threading.Event()

    @app.get("/hang")
    def hang() -> str:
        leave.wait(patience(30))
        return "at last"

    @app.get("/")
    def good() -> str:
        return "good"

    server = served(app, 0, limits=ServerLimits(handler_seconds=patience(0.3)))
    with hanging(server, leave, 45) as lines:
        wait_for(lambda: len(server.log.entries()) == 5)  # those that no thread was left for
        refused = requests.get(server.url, timeout=patience(10))
        assert refused.status_code == 503
        assert re.match(r"40 handlers have not answered for up to \d+ s \(/hang\), and no more can run: ", refused.text)
        assert [entry.status for entry in server.log.entries()] == [503] * 6
        assert refused.text in repr(server.log)
        leave.set()
        assert sorted(answer(each)[9:12] for each in lines) == [b"200"] * 40 + [b"503"] * 5
        assert requests.get(server.url, timeout=patience(10)).json() == "good"


def test_after_a_stop_the_server_has_new_threads_for_handlers(served):
    """As the refusal says: the handlers that hang are left behind."""
    app, leave = FastAPI(), threading.Event()
    app.get("/hang")(lambda: leave.wait(patience(30)) and None)
    limits = ServerLimits(handler_seconds=0.05)
    server = served(app, 0, limits=limits)
    with hanging(server, leave, 40):
        wait_for(lambda: requests.get(server.url, timeout=patience(10)).status_code == 503)
        server.stop()
        mended = FastAPI()
        mended.get("/")(lambda: "good")
        served(mended, server.port)
        assert requests.get(server.url, timeout=patience(10)).json() == "good"


def test_an_app_whose_handlers_run_on_the_loop_may_have_more_of_them_at_once(served):
    app = FastAPI()

    @app.get("/")
    async def slow() -> str:
        await asyncio.sleep(patience(0.3))
        return "good"

    server = served(app, 0, limits=ServerLimits(handler_seconds=0.1, handlers=60))
    with ThreadPoolExecutor(50) as pool:
        answers = pool.map(lambda _: requests.get(server.url, timeout=patience(10)).status_code, range(50))
    assert list(answers) == [200] * 50


def test_strangers_at_the_tunnel_leave_room_for_this_machine(served, echo):
    server = served(echo, 0, limits=ServerLimits(connections=4, tunnel_connections=2))
    port = int(server.tunnel_target.rpartition(":")[2])
    taken = [socket.create_connection(("127.0.0.1", port)) for _ in range(6)]
    assert requests.get(f"{server.url}/create-task", timeout=patience(10)).ok
    for each in taken:
        each.close()


def test_strangers_cannot_fill_the_memory_through_the_log(server):
    headers = {"X-Forwarded-For": "3.4.5.6"}
    for size, kept in ((10_000, {"a": "x" * 10_000}), (900_000, {})):
        answer = requests.post(f"{server.url}/", {"a": "x" * size}, headers=headers, timeout=patience(10))
        assert answer.status_code == 403
        assert server.log.entries()[-1].form == kept


SIGNATURE = b"X-Twilio-Signature: bm9uc2Vuc2U=\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
MANY_FIELDS = b"&".join(b"a%d=" % number for number in range(ServerLimits().fields + 1))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\r\n", 403),
        (b"Content-Length: 9999999\r\n\r\n", 403),
        (SIGNATURE + b"\r\n", 403),
        (SIGNATURE + b"Content-Length: 9999999\r\n\r\n", 413),
        (SIGNATURE + b"Content-Length: 9999999\r\n\r\nTaskSid=", 413),
        (SIGNATURE + FORM + b"Content-Length: %d\r\n\r\n" % len(MANY_FIELDS) + MANY_FIELDS, 400),
        (SIGNATURE + b"Content-Length: 10\r\n\r\nTask", 408),
    ],
    ids=["unsigned", "unsigned-large", "forged", "forged-large", "forged-begun", "forged-fields", "forged-slow"],
)
def test_strangers_cannot_push_the_learners_exchanges_out_of_the_log(served, echo, sent, status):
    server = served(
        echo, 0, limits=ServerLimits(kept=20, refused_kept=3, body_seconds=0.02 if status == 408 else patience(10))
    )
    for _ in range(5):
        requests.get(f"{server.url}/create-task", timeout=patience(10))
    for _ in range(25):
        with at_the_tunnel(server) as line:
            line.sendall(HEAD + sent)
            assert line.recv(65_536).startswith(b"HTTP/1.1 %d " % status)
    entries = server.log.entries()
    assert [(entry.status, entry.let_in) for entry in entries] == [(200, True)] * 5 + [(status, False)] * 3


def test_a_failure_that_repeats_does_not_push_out_what_came_before_it(served, echo):
    server = served(echo, 0, limits=ServerLimits(kept=6, alike_kept=3))
    for path in ("create-task", "elsewhere", *["nowhere"] * 9, "create-task"):
        requests.get(f"{server.url}/{path}", timeout=patience(10))
    kept = [(entry.number, entry.path) for entry in server.log.entries()]
    storm = [(number, "/nowhere") for number in (9, 10, 11)]
    assert kept == [(1, "/create-task"), (2, "/elsewhere"), *storm, (12, "/create-task")]


def test_a_stranger_at_the_tunnel_is_turned_away_before_the_body_comes(server):
    with at_the_tunnel(server) as line:
        line.sendall(HEAD + b"Content-Length: 10\r\n\r\n")  # and never a body
        said = answer(line)
    assert said.startswith(b"HTTP/1.1 403 ")
    assert b"Only requests signed by Twilio" in said


def test_what_the_learners_own_app_refuses_is_not_counted_among_strangers(served):
    server = served(FastAPI(), 0, limits=ServerLimits(refused_kept=3))
    for _ in range(8):
        assert requests.get(f"{server.url}/nowhere", timeout=patience(10)).status_code == 404
    assert len(server.log.entries()) == 8
