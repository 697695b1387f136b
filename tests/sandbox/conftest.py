"""A receiver of webhooks, plain HTTP as no client sends it, and the cast of the lesson in a workspace."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.request_validator import RequestValidator

from helpers import sandbox
from tests.waiting import patience

TOKEN = "a-token-of-these-tests"
"""Of a sandbox that is started without a folder that has its own."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Reply:
    """What the receiver answers: status, body, content type; `gate` holds the answer back until it is set."""

    status: int = 200
    body: str = ""
    content_type: str | None = "application/json"
    gate: threading.Event | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Receiver:
    """A web server that keeps what it is sent and answers as told, by path.

    token: of the account whose signatures are `valid`; that of the running sandbox unless told otherwise.
    """

    def __init__(self, token: str | None = None) -> None:
        self.token = token
        self.requests: list[SimpleNamespace] = []
        self._answering = threading.local()
        self.replies: dict[str, Reply | Callable[[dict[str, str]], Reply]] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                form = dict(parse_qsl(body, keep_blank_values=True))
                signature = self.headers.get("X-Twilio-Signature", "")
                validator = RequestValidator(receiver.token or sandbox.credentials().auth_token)
                receiver._answering.request = SimpleNamespace(
                    method=self.command,
                    path=self.path,
                    form=form,
                    headers=dict(self.headers),
                    body=body,
                    valid=validator.validate(receiver.url + self.path, form, signature),
                )
                receiver.requests.append(receiver.answering)
                path = self.path if self.path in receiver.replies else self.path.partition("?")[0]
                reply = receiver.replies.get(path, Reply())
                reply = reply(form) if callable(reply) else reply
                if reply.gate:
                    reply.gate.wait(patience(20))
                self.send_response(reply.status)
                if reply.content_type:
                    self.send_header("Content-Type", reply.content_type)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                data = reply.body.encode()
                self.send_header("Content-Length", str(len(data)))
                with suppress(ConnectionError):  # nobody may be waiting any more
                    self.end_headers()
                    self.wfile.write(data)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def answering(self) -> SimpleNamespace:
        """The request that a reply is being made for: a newer one may have come meanwhile."""
        return self._answering.request

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


SPANISH = '{"selected_language": "es"}'


@pytest.fixture
def cast(workspace) -> SimpleNamespace:
    """Activities, Alice and Bob, two queues and a workflow, as in behaviour.md §1.1."""
    activities = {a.friendly_name: a for a in workspace.activities.list()}
    for name, available in (("Idle", True), ("Busy", False), ("Reserved", False)):
        activities[name] = workspace.activities.create(name, available=available)
    alice = workspace.workers.create("Alice", attributes='{"languages": ["en", "es"]}')
    bob = workspace.workers.create("Bob", attributes='{"languages": ["en"]}')
    queues = {
        code: workspace.task_queues.create(
            f"Customer Care Requests - {name}",
            target_workers=f'languages HAS "{code}"',
            reservation_activity_sid=activities["Reserved"].sid,
            assignment_activity_sid=activities["Busy"].sid,
        )
        for code, name in (("es", "Spanish"), ("en", "English"))
    }
    filters = [
        {"filter_friendly_name": code, "expression": f'selected_language == "{code}"', "targets": [{"queue": q.sid}]}
        for code, q in queues.items()
    ]
    workflow = workspace.workflows.create(
        "Incoming Customer Care Requests",
        configuration=json.dumps({"task_routing": {"filters": filters}}),
        task_reservation_timeout=1200,
    )
    return SimpleNamespace(
        workspace=workspace, activities=activities, alice=alice, bob=bob, queues=queues, workflow=workflow
    )


@pytest.fixture
def ask(sandbox):
    """Plain HTTP with the sandbox's credentials; every answer but an empty one is JSON."""
    session = requests.Session()
    session.trust_env = False
    session.auth = (sandbox.account_sid, sandbox.auth_token)

    def ask(path: str, method: str = "GET", **kwargs) -> requests.Response:
        url = path if path.startswith("http") else f"{sandbox.url}{path}"
        answer = session.request(method, url, timeout=patience(20), **kwargs)
        assert answer.status_code < 500, answer.text
        return answer

    return ask
