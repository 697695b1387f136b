"""What a bridge must bear: pages from elsewhere, clients that say too much or nonsense, and that do not read."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
import struct
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from taskrouter_sandbox.http.app import create_app
from taskrouter_sandbox.http.messages import Request
from taskrouter_sandbox.realtime import websocket
from taskrouter_sandbox.realtime.bridge import EventBridge
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.runtime.worlds import Worlds
from tests.realtime.conftest import ACCOUNT, SECRET, Agents
from tests.realtime.test_sessions import HANDSHAKE
from tests.waiting import patience, wait_for


def handshake(agents: Agents, path: str | None = None, **headers: str | None) -> requests.Response:
    """What a client that asks for a websocket is answered, where it gets none."""
    address = agents.address(agents.token(agents.alice)).replace("ws", "http", 1)
    if path is not None:
        address = agents.url + path
    return requests.get(address, headers={**HANDSHAKE, **headers}, timeout=patience(20))


@pytest.mark.parametrize("origin", ["https://example.com", "null", "http://127.0.0.1.example.com"])
def test_a_page_from_elsewhere_gets_no_websocket(agents: Agents, origin: str):
    assert handshake(agents, Origin=origin).status_code == 403


def test_nor_does_a_name_that_is_not_this_machines(agents: Agents):
    assert handshake(agents, Host="example.com").status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Version": "8"}, 400),
        ({"Connection": "Upgrade, close", "Sec-WebSocket-Version": None}, 400),
        ({"Sec-WebSocket-Key": "a" * 20_000}, 400),
    ],
)
def test_a_handshake_that_is_none_is_refused(agents: Agents, headers: dict[str, str | None], status: int):
    answer = handshake(agents, **headers)
    assert (answer.status_code, bool(answer.text)) == (status, True)


def test_elsewhere_an_offer_of_a_websocket_is_passed_over(agents: Agents):
    assert handshake(agents, "/_sandbox/health").status_code == 200
    assert handshake(agents, "/v1/Workspaces").status_code == 401


def test_a_message_that_is_too_long_ends_the_websocket(agents: Agents):
    page = agents.connect(agents.token(agents.alice))
    page.send("a" * (websocket.MAX_MESSAGE + 1))
    with pytest.raises(ConnectionClosed) as ended:
        list(iter(page.recv, None))
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code == CloseCode.MESSAGE_TOO_BIG


def test_what_a_client_says_is_not_listened_to(agents: Agents):
    page = agents.listen(agents.token(agents.alice))
    for text in ("hello", "", json.dumps({"event_type": "init"})):
        page.connection.send(text)
    agents.make_available(agents.alice)
    page.event("worker.activity.update")


class Raw:
    """A connection on which bytes are sent as they are."""

    def __init__(self, agents: Agents, received: int | None = None):
        address = urlsplit(agents.url)
        self.socket = sockets.socket()
        if received is not None:
            self.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, received)
        self.socket.connect((address.hostname, address.port))
        self.socket.settimeout(patience(20))
        agents.stack.callback(self.socket.close)
        path = urlsplit(agents.address(agents.token(agents.alice)))
        lines = [f"GET {path.path}?{path.query} HTTP/1.1", f"Host: {address.netloc}"]
        self.head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in HANDSHAKE.items()), "", ""]).encode()

    def has_ended(self) -> bool:
        """Has the other side let go? What it said before is read."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        return True


def test_what_comes_with_the_question_is_read(agents: Agents):
    raw = Raw(agents)
    close = struct.pack("!BB4sH", 0x88, 0x80 | 2, b"\0\0\0\0", 1000)
    raw.socket.sendall(raw.head + close)
    assert raw.socket.recv(65536).startswith(b"HTTP/1.1 101 ")
    assert raw.has_ended()


@pytest.mark.parametrize("rest", [b"\xff" * 64, b"\x81\x05hello", b"\x88\x81\0\0\0\0\0", b"\x81\xff" + b"\xff" * 12])
def test_what_is_no_websocket_message_ends_it(agents: Agents, rest: bytes):
    raw = Raw(agents)
    raw.socket.sendall(raw.head + rest)
    assert raw.has_ended()


def test_a_client_that_goes_without_a_word_is_forgotten(agents: Agents):
    raw = Raw(agents)
    raw.socket.sendall(raw.head)
    raw.socket.recv(65536)
    raw.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
    raw.socket.close()
    agents.make_available(agents.alice)
    agents.listen(agents.token(agents.alice))


def test_a_client_that_does_not_read_is_let_go_and_slows_nobody(agents: Agents, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(websocket, "MAX_UNREAD", 5_000)
    slow = Raw(agents, received=2048)
    slow.socket.sendall(slow.head)
    quick = agents.listen(agents.token(agents.alice))
    attributes = json.dumps({"long": "a" * 4000})
    workers: Any = agents.workspace.workers(agents.alice)

    def is_gone() -> bool:
        for _ in range(10):
            workers.update(attributes=attributes)
            assert quick.event("worker.attributes.update")["sid"] == agents.alice
        slow.socket.setblocking(False)
        try:
            slow.socket.send(b"\x8a\x80\0\0\0\0")  # a pong, which only one that is still there takes
        except ConnectionError:
            return True
        except BlockingIOError:
            pass
        return False

    wait_for(is_gone, 40)


def test_programs_of_other_users_get_none():
    """Where no token of its own keeps them out (see `peers`)."""
    app = create_app(Worlds(Service(None, ACCOUNT, SECRET)), lambda: None, load_bridge=EventBridge)
    asked = Request("GET", "/v1/wschannels", headers=[(b"host", b"127.0.0.1")], admitted=False)
    reply = app.open_socket(asked, asyncio.Transport(), b"")
    assert reply is not None
    assert reply[0] == 403
