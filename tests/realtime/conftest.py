"""Agents at the event bridge: real tokens, the websockets of another library, requests as the SDKs send them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import jwt
import pytest
import requests
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant
from twilio.rest import Client
from websockets.sync.client import ClientConnection, connect

from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.testing.threaded_server import served
from tests.waiting import patience

ACCOUNT, SECRET, KEY = "AC" + "12" * 16, "a-secret-long-enough-for-every-algorithm-" + "5" * 32, "SK" + "12" * 16


class Socket:
    """A websocket, and what came on it."""

    def __init__(self, connection: ClientConnection):
        self.connection = connection
        self.init = self.message()

    def message(self) -> dict[str, Any]:
        """The next message that is no blank."""
        while True:
            text = self.connection.recv(timeout=patience(10))
            assert isinstance(text, str)
            if text.strip():
                return json.loads(text)

    def event(self, event_type: str) -> dict[str, Any]:
        """The payload of the next event, which must be this one."""
        found = self.message()
        assert found["event_type"] == event_type, found
        return found["payload"]

    def events(self, *types: str) -> list[dict[str, Any]]:
        return [self.event(one) for one in types]


class Agents:
    """A workspace with Alice and Bob, a queue for both, a workflow; and what their browsers do.

    Everybody is Offline, the default activity.
    """

    def __init__(self, url: str, stack: ExitStack, account: str, options: dict[str, Any]):
        self.url, self.stack, self.account = url, stack, account
        self.client = Client(account, SECRET)
        self.client.taskrouter.base_url = self.client.api.base_url = url
        self.workspace = self.client.taskrouter.v1.workspaces.create(friendly_name="Agents", **options)
        self.sid: str = self.workspace.sid
        activities = {one.friendly_name: str(one.sid) for one in self.workspace.activities.list()}
        self.available, self.offline = activities["Available"], activities["Offline"]
        self.alice = str(self.workspace.workers.create("Alice", attributes='{"name": "alice"}').sid)
        self.bob = str(self.workspace.workers.create("Bob", attributes='{"name": "bob"}').sid)
        self.queue = str(self.workspace.task_queues.create("Everybody").sid)
        routing = {"task_routing": {"default_filter": {"queue": self.queue}}}
        self.workflow = str(self.workspace.workflows.create("All", json.dumps(routing)).sid)

    def token(self, worker: str | None = None, role: str | None = "worker", **about: Any) -> str:
        """The token of a worker, made by Twilio's library; about: what is to be other than usual."""
        made = AccessToken(
            about.get("account", ACCOUNT), about.get("key", KEY), about.get("secret", SECRET), ttl=about.get("ttl", 600)
        )
        made.add_grant(TaskRouterGrant(about.get("workspace", self.sid), worker, role))
        return made.to_jwt()

    def headers(self, **more: str) -> dict[str, str]:
        return {"Content-Type": "application/x-www-form-urlencoded", "apiVersion": "v1", **more}

    def send(self, body: object, path: str = "/v1/wschannels", **headers: str) -> requests.Response:
        data = body if isinstance(body, bytes) else json.dumps(body)
        return requests.post(self.url + path, data=data, headers=self.headers(**headers), timeout=patience(20))

    def ask(self, token: str, method: str, path: str, params: dict[str, Any] | None = None, **headers: str) -> Any:
        """The payload of a request below the workspace, which must not be refused."""
        answer = self.send(self.envelope(token, method, path, params), **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["payload"]

    def refused(self, token: str, method: str, path: str, params: dict[str, Any] | None = None, **headers: str) -> Any:
        """The status and the message of a request that must be refused."""
        answer = self.send(self.envelope(token, method, path, params), **headers)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["message"]

    def envelope(self, token: str, method: str, path: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        url = f"Workspaces/{self.sid}" + (f"/{path}" if path else "")
        return {"url": url, "method": method, "params": params or {}, "token": token}

    def address(self, token: str, path: str = "/v1/wschannels", **query: str) -> str:
        pairs = "".join(f"&{name}={value}" for name, value in query.items())
        return f"{self.url.replace('http', 'ws')}{path}?token={token}{pairs}"

    def listen(self, token: str, path: str = "/v1/wschannels", **query: str) -> Socket:
        """A websocket that is open until the test ends, and was greeted."""
        return Socket(self.connect(token, path, **query))

    def connect(self, token: str, path: str = "/v1/wschannels", **query: str) -> ClientConnection:
        connection = connect(self.address(token, path, **query), proxy=None, compression=None)
        return self.stack.enter_context(connection)

    def make_available(self, worker: str) -> None:
        self.workspace.workers(worker).update(activity_sid=self.available)

    def task(self, **about: Any) -> str:
        """A new task, by its SID."""
        return str(self.workspace.tasks.create(**{"workflow_sid": self.workflow, **about}).sid)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """A sandbox in memory."""
    with served(Service(None, ACCOUNT, SECRET)) as url:
        yield url


@pytest.fixture
def make_agents(address: str) -> Iterator[Callable[..., Agents]]:
    with ExitStack() as stack:
        yield lambda url=address, account=ACCOUNT, **options: Agents(url, stack, account, options)


@pytest.fixture
def agents(make_agents: Callable[..., Agents]) -> Agents:
    return make_agents()


def altered(token: str, **claims: Any) -> str:
    """A token that says something else, with a good signature."""
    told = jwt.decode(token, options={"verify_signature": False}) | claims
    return jwt.encode(told, SECRET, headers={"cty": "twilio-fpa;v=1"})


def now() -> int:
    return int(time.time())
