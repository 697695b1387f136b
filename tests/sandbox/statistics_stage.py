"""A sandbox whose clock stands still unless it is moved, and a workspace in it that statistics are asked of.

So every length of time is exact, and the numbers of the tests are worked out by hand.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import requests
from twilio.rest import Client

from helpers import sandbox
from helpers.connection.clients import SandboxHttpClient
from taskrouter_sandbox.runtime.clock import Clock
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.testing.threaded_server import served
from tests.sandbox.conftest import TOKEN
from tests.waiting import patience

AUTH = (sandbox.ACCOUNT_SID, TOKEN)


class StandingClock(Clock):
    """Moved by `/_sandbox/clock` only."""

    def now(self) -> int:
        return 1_767_225_600_000 + self.offset  # 2026-01-01


@pytest.fixture(scope="module")
def standing(tmp_path_factory, no_credentials):
    """A sandbox whose clock stands: its address, and the service itself."""
    service = Service(tmp_path_factory.mktemp("standing"), *AUTH, clock=StandingClock())
    with served(service) as address:
        yield SimpleNamespace(address=address, service=service)


class Stage:
    """A multitasking workspace with a queue for everybody and a workflow that leads there."""

    def __init__(self, address: str):
        self.address = address
        client = Client(*AUTH, http_client=SandboxHttpClient(address))
        self.workspace = client.taskrouter.v1.workspaces.create("Statistics")
        self.path = f"{address}/v1/Workspaces/{self.workspace.sid}"
        self.activity = {a.friendly_name: a.sid for a in self.workspace.activities.list()}
        self.queue = self.workspace.task_queues.create("All")
        self.workflow = self.flow("Flow", default_filter={"queue": self.queue.sid})

    def flow(self, name: str, **routing):
        return self.workspace.workflows.create(name, configuration=json.dumps({"task_routing": routing}))

    def skip(self, seconds: float) -> None:
        path = f"{self.address}/_sandbox/clock?advance={seconds}"
        requests.post(path, auth=AUTH, timeout=patience(10)).raise_for_status()

    @property
    def now(self) -> datetime:
        clock = requests.get(f"{self.address}/_sandbox/clock", auth=AUTH, timeout=patience(10)).json()
        return datetime.fromtimestamp(clock["now"] / 1000, UTC)

    def worker(self, name: str, activity: str = "Available", **attributes):
        return self.workspace.workers.create(
            name, activity_sid=self.activity[activity], attributes=json.dumps(attributes)
        )

    def task(self, **settings):
        return self.workspace.tasks.create(**{"workflow_sid": self.workflow.sid, **settings})

    def pending(self, task):
        return next(r for r in task.reservations.list() if r.reservation_status == "pending")

    def accept(self, task) -> None:
        self.pending(task).update(reservation_status="accepted")

    def get(self, path: str, **params) -> dict:
        answer = requests.get(f"{self.path}/{path}", auth=AUTH, params=params, timeout=patience(10))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **params) -> tuple[int, int, str]:
        answer = requests.get(f"{self.path}/{path}", auth=AUTH, params=params, timeout=patience(10))
        return answer.status_code, answer.json()["code"], answer.json()["message"]


@pytest.fixture
def stage(standing) -> Stage:
    stage = Stage(standing.address)
    stage.skip(1 - stage.now.microsecond / 1e6)  # a test may have left a fraction of a second
    return stage


def seconds(avg: int, min: int, max: int, total: int) -> dict[str, int]:
    return {"avg": avg, "min": min, "max": max, "total": total}


def same(length: int) -> dict[str, int]:
    """One wait only."""
    return seconds(length, length, length, length)


NEVER = same(0)


@pytest.fixture
def story(stage) -> SimpleNamespace:
    """Three tasks and Alice; the clock in seconds.

    0 first task; 30 Alice is available and reserved; 40 she accepts; 40 second task; 60 the first is completed, so
    Alice is reserved again; 65 she rejects and is reserved again; 185 that times out, Alice goes Offline; 200 the
    second task is canceled; 200 third task; 207 it is deleted.
    """
    alice = stage.worker("Alice", "Offline")
    first = stage.task()
    stage.skip(30)
    alice.update(activity_sid=stage.activity["Available"])
    stage.skip(10)
    stage.accept(first)
    second = stage.task(priority=3)
    stage.skip(20)
    first.update(assignment_status="completed", reason="done")
    stage.skip(5)
    stage.pending(second).update(reservation_status="rejected")
    stage.skip(120)
    assert alice.fetch().activity_name == "Offline"
    stage.skip(15)
    second.update(assignment_status="canceled", reason="gone")
    third = stage.task()
    stage.skip(7)
    third.delete()
    return SimpleNamespace(stage=stage, alice=alice, began=stage.now - timedelta(seconds=207))


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
