"""The client of the control plane: it can ask for all that there is, and says what is wrong in a sentence."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from helpers.errors import LessonError
from helpers.sandbox import LessonSandbox
from taskrouter_sandbox import ACCOUNT_SID, ControlClient, Sandbox, SandboxError
from taskrouter_sandbox.http import control
from taskrouter_sandbox.http.app import other_operations
from tests.ports import port_that_refuses
from tests.sandbox.conftest import TOKEN
from tests.waiting import patience

WORKER, RESERVATION, TRANSFER, CALL, TASK = (
    "WK" + "0" * 32,
    "WR" + "0" * 32,
    "TT" + "0" * 32,
    "CA" + "0" * 32,
    "WT" + "0" * 32,
)
NAMED = {
    "/7": "/{number}",
    TRANSFER: "{transfer_sid}",
    CALL: "{call_sid}",
    TASK: "{task_sid}",
    "client%3A7": "{address}",
}
NAMES = re.compile("|".join(map(re.escape, NAMED)))
OPERATIONS = [*control.OPERATIONS, *(one for one in other_operations() if one.control)]


@pytest.fixture
def client(sandbox) -> ControlClient:
    return ControlClient(sandbox.url, ACCOUNT_SID, sandbox.auth_token)


@dataclass(frozen=True)
class Listener(ControlClient):
    """Keeps what it would have sent."""

    asked: list[tuple[str, str]] = field(default_factory=list)

    def request(self, method: str, path: str, **parameters: object) -> Any:
        self.asked.append((method, path))
        return {"now": 0, "ahead": 0, "faults": [], "deliveries": [], "alerts": [], "number": 1, "transfers": [],
                "operations": [], "unread": [], "options": {}, "defaults": {}, "calls": [], "phones": []}  # fmt: skip


def test_every_operation_has_its_method():
    """Also the other way round: nothing is asked that is not declared."""
    listener = Listener("http://here", ACCOUNT_SID, TOKEN)
    listener.clock.read(), listener.clock.advance(seconds=1)
    faults, deliveries, transfers = listener.faults, listener.deliveries, listener.transfers
    faults.order(operation="*"), faults.list(), faults.remove(7), faults.clear()
    deliveries.list(), deliveries.resend(7), listener.alerts.list()
    listener.options.read(), listener.options.set(fallback="same")
    transfers.begin(RESERVATION, WORKER), transfers.list(), transfers.fetch(TRANSFER), transfers.cancel(TRANSFER)
    calls, phones = listener.calls, listener.phones
    calls.dial(), calls.list(), calls.fetch(CALL), calls.press(CALL, "1"), calls.say(CALL, "yes")
    calls.answer(CALL), calls.reject(CALL), calls.hang_up(CALL), phones.set("client:7", "never"), phones.list()
    listener.health(), listener.reset(), listener.drop(), listener.stop()
    listener.operations(), listener.unread(), listener.openapi(), listener.why(TASK)
    declared = {(one.method, one.path) for one in OPERATIONS if not one.deprecated}
    asked = {(method, f"/_sandbox/{NAMES.sub(lambda one: NAMED[one[0]], path)}") for method, path in listener.asked}
    assert asked == declared


def test_time_passes(client):
    before = client.clock.now()
    client.clock.advance(days=1, hours=-24, minutes=2, seconds=1.5)
    assert client.clock.ahead() == 121.5
    assert 121 < (client.clock.now() - before).total_seconds() < 200
    assert before.tzinfo is UTC
    assert before < datetime.now(UTC)


def test_a_fault_is_ordered_and_removed(client):
    fault = client.faults.order(operation="CreateTask", status=429, first=2)
    assert client.faults.descriptions() == ["CreateTask answers 429"]
    assert client.faults.remove(fault["number"])["left"] == 2
    assert client.faults.list() == client.faults.active() == []


def test_options_are_chosen_by_name(client):
    assert client.options.set(fallback="with-error")["options"]["fallback"] == "with-error"
    assert client.options.unusual() == {"fallback": ("with-error", "same")}
    client.reset()
    assert client.options.unusual() == {}


def test_what_is_refused_is_said(client):
    with pytest.raises(SandboxError, match="There is no operation MakeTea"):
        client.faults.order(operation="MakeTea")
    with pytest.raises(SandboxError, match="Nothing reads tea here; it takes no parameter"):
        client.request("GET", "health", tea="hot")
    with pytest.raises(SandboxError, match="Authenticate"):
        ControlClient(client.url, ACCOUNT_SID, "wrong").clock.read()


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        (ControlClient, "see that it runs there, as by `taskrouter-sandbox serve`"),
        (Sandbox, r"find it by ensure\(\)"),
        (LessonSandbox, r"run connect\(\) again"),
    ],
)
def test_a_sandbox_that_has_gone_is_named(kind, remedy):
    """With what whoever holds it can do."""
    with port_that_refuses() as port:
        url = f"http://127.0.0.1:{port}"
        with pytest.raises((SandboxError, LessonError), match=rf"the sandbox at {url} does not answer .*{remedy}"):
            kind(url, ACCOUNT_SID, TOKEN).health()


def test_an_address_may_end_with_a_slash_and_needs_its_scheme(client):
    assert ControlClient(client.url + "/", ACCOUNT_SID, TOKEN).health()["pid"] == client.health()["pid"]
    address = client.url.removeprefix("http://")
    with pytest.raises(SandboxError, match=f"'{address}' is no address of a sandbox: give one such as http://127"):
        ControlClient(address, ACCOUNT_SID, TOKEN).health()
    with pytest.raises(SandboxError, match="give clients the sandbox's address alone"):
        ControlClient(client.url + "/v1", client.account_sid, client.auth_token).clock.read()


@pytest.fixture
def another_server() -> Iterator[str]:
    """A server that knows nothing of sandboxes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_what_is_no_sandbox_is_recognised(another_server):
    with pytest.raises(SandboxError, match=r"answered 404: is that a sandbox\?"):
        ControlClient(another_server, ACCOUNT_SID, TOKEN).health()


def test_the_document_has_the_control_plane_and_resolves(client):
    document = client.openapi()
    ids = {one["operationId"] for verbs in document["paths"].values() for one in verbs.values()}
    assert {one.id for one in OPERATIONS} < ids
    assert document["paths"]["/_sandbox/rules"]["get"]["deprecated"]
    assert document["paths"]["/_sandbox/health"]["get"]["security"] == []
    references = set(re.findall(r"'#/components/schemas/(\w+)'", str(document)))
    assert references <= document["components"]["schemas"].keys()
    assert "FaultState" in references


def test_a_page_in_a_browser_cannot_read_it(client):
    answer = requests.get(f"{client.url}/_sandbox/health", timeout=patience(10))
    assert answer.json()["status"] == "ok"
    assert "Access-Control-Allow-Origin" not in answer.headers
