"""What cannot be written is said, with what to do; nothing is acknowledged that is not kept, and the rest goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.runtime.limits import ServiceLimits
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.storage.errors import NotKept
from taskrouter_sandbox.testing.threaded_server import served
from taskrouter_sandbox.webhooks.delivery import Delivery
from tests.sandbox.conftest import Reply
from tests.waiting import patience, wait_for

AUTH = "AC" + "0" * 32, "token"
LIMITS = ServiceLimits(timer_retry_seconds=0.02)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path, *AUTH, LIMITS)
    yield service
    service.store.close()


Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(service: Service) -> Iterator[Ask]:
    """Asks the service while it is served."""
    with served(service) as address:

        def ask(method: str, path: str, **form: str) -> requests.Response:
            return requests.request(method, address + path, data=form, auth=AUTH, timeout=patience(30))

        yield ask


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Another program writes to the database and does not come to an end."""
    with contextlib.closing(sqlite3.connect(folder / "sandbox.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_calls_while_another_program_holds_the_database(ask, tmp_path):
    """What is refused is not done, reading goes on, and what is due waits."""
    calls = f"/2010-04-01/Accounts/{AUTH[0]}/Calls.json"
    wanted = {"To": "+15005550111", "From": "+15005550006", "Twiml": "<Response><Pause length='600'/></Response>"}
    assert ask("POST", "/_sandbox/phones/+15005550111?answer=after&seconds=0").ok
    assert ask("POST", "/_sandbox/options?queued=50").ok
    made = ask("POST", calls, **wanted).json()
    with held(tmp_path):
        refused = ask("POST", calls, **wanted)
        assert (refused.status_code, refused.json()["code"]) == (503, 20503)
        assert ask("POST", f"/_sandbox/calls/{made['sid']}/hang-up").status_code == 503
        due = time.monotonic() + 0.2
        assert wait_for(lambda: time.monotonic() > due)
        [listed] = ask("GET", calls).json()["calls"]
        shown = ask("GET", f"/_sandbox/calls/{made['sid']}").json()
        assert (listed["sid"], shown["ended"]) == (made["sid"], None)
        assert ask("GET", "/_sandbox/calls").ok
    assert wait_for(lambda: ask("GET", f"/_sandbox/calls/{made['sid']}").json()["status"] == "in-progress")
    assert len(ask("GET", calls).json()["calls"]) == 1


def test_while_another_program_holds_the_database(ask, tmp_path):
    path = "/v1/Workspaces"
    made = ask("POST", path, FriendlyName="One").json()
    with held(tmp_path):
        for _ in range(5):  # of which only the first one waits
            refused = ask("POST", path, FriendlyName="Two")
            assert (refused.status_code, refused.json()["code"]) == (503, 20503)
            assert "close it there, then send the request again" in refused.json()["message"]
            assert [each["sid"] for each in ask("GET", path).json()["workspaces"]] == [made["sid"]]
            assert ask("GET", f"{path}/{made['sid']}/Events").status_code == 200
        for change in ("clock?advance=1", "options?fallback=with-error", "reset"):
            assert ask("POST", f"/_sandbox/{change}").status_code == 503
        assert ask("GET", "/_sandbox/clock").json()["ahead"] == 0
    assert ask("POST", path, FriendlyName="Two").status_code == 201
    assert len(ask("GET", path).json()["workspaces"]) == 2


def test_what_is_due_and_cannot_be_kept_stands_in_no_reader_s_way(ask, service, tmp_path):
    space = f"/v1/Workspaces/{ask('POST', '/v1/Workspaces', FriendlyName='W').json()['sid']}"
    queue = ask("POST", f"{space}/TaskQueues", FriendlyName="Q").json()
    routing = json.dumps({"task_routing": {"default_filter": {"queue": queue["sid"]}}})
    ask("POST", f"{space}/Workflows", FriendlyName="F", Configuration=routing)
    task = f"{space}/Tasks/{ask('POST', f'{space}/Tasks', Timeout='60').json()['sid']}"
    with held(tmp_path):
        service.clock.offset += 61_000
        for _ in range(3):
            assert ask("GET", task).json()["assignment_status"] == "pending"
        assert ask("POST", task, Priority="1").status_code == 503
    assert ask("GET", task).json()["assignment_status"] == "canceled"


def test_the_answer_to_a_webhook_waits_for_the_other_program(ask, service, tmp_path, receiver, caplog):
    gate = threading.Event()
    receiver.replies["/assign"] = Reply(body='{"instruction": "accept"}', gate=gate)
    space = f"/v1/Workspaces/{ask('POST', '/v1/Workspaces', FriendlyName='W').json()['sid']}"
    queue = ask("POST", f"{space}/TaskQueues", FriendlyName="Q").json()
    routing = json.dumps({"task_routing": {"default_filter": {"queue": queue["sid"]}}})
    callback = {"AssignmentCallbackUrl": f"{receiver.url}/assign"}
    ask("POST", f"{space}/Workflows", FriendlyName="F", Configuration=routing, **callback)
    (idle,) = [each for each in ask("GET", f"{space}/Activities").json()["activities"] if each["available"]]
    ask("POST", f"{space}/Workers", FriendlyName="Alice", ActivitySid=idle["sid"])

    task = ask("POST", f"{space}/Tasks").json()
    wait_for(lambda: receiver.requests)
    with held(tmp_path), caplog.at_level(logging.WARNING):
        gate.set()
        wait_for(lambda: "a webhook's end waits" in caplog.text)
        assert ask("GET", f"{space}/Tasks/{task['sid']}").json()["assignment_status"] == "reserved"
    wait_for(lambda: ask("GET", f"{space}/Tasks/{task['sid']}").json()["assignment_status"] == "assigned")


def test_timers_fire_once_the_database_is_free(service, tmp_path):
    now = service.clock.now()

    def begin(engine: WorkspaceEngine) -> str:
        queue = engine.task_queues.create(now, friendly_name="Q")
        engine.tasks.create(now, task_queue_sid=queue.sid, timeout=10)
        return engine.workspace.sid

    sid = service.workspaces.create(now, begin, friendly_name="W")

    def statuses() -> list[str]:
        return [task.assignment_status for task in service.workspaces.engines[sid].state.tasks.values()]

    async def run() -> None:
        with held(tmp_path):
            service.clock.offset += 11_000
            running = asyncio.create_task(service.run())
            await asyncio.sleep(0)
            assert statuses() == ["pending"]
        while statuses() != ["canceled"]:
            await asyncio.sleep(0.01)
        running.cancel()
        await service.close()

    asyncio.run(asyncio.wait_for(run(), patience(30)))


def test_on_a_full_disk(ask, service):
    """The database may not grow: SQLite fails as on a disk without room, and goes back by itself."""
    (pages,) = service.store.db.execute("PRAGMA page_count").fetchone()
    service.store.db.execute(f"PRAGMA max_page_count = {pages}")
    kept: list[str] = []

    def post() -> requests.Response:
        answer = ask("POST", "/v1/Workspaces", FriendlyName=f"W{len(kept)}")
        kept.extend([answer.json()["sid"]] if answer.status_code == 201 else [])
        return answer

    refused = next(answer for answer in (post() for _ in range(1000)) if answer.status_code != 201)
    assert (refused.status_code, refused.json()["code"]) == (507, 20500)
    assert "No space is left on the disk of" in refused.json()["message"]
    assert [each["sid"] for each in ask("GET", "/v1/Workspaces?PageSize=1000").json()["workspaces"]] == kept
    service.store.db.execute("PRAGMA max_page_count = 1000000")
    assert post().status_code == 201
    assert [each.sid for each in service.store.workspaces()] == kept


def test_a_start_where_not_even_the_smallest_file_finds_room(tmp_path):
    resource = pytest.importorskip("resource", reason="files of a process can be limited on Unix only")
    asyncio.run(Service(tmp_path, *AUTH).close())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, hard))
    try:
        with pytest.raises(NotKept) as full:
            Service(tmp_path, *AUTH)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert full.value.reason == "no space"


class TestAfterItIsKept:
    """Nothing that fails after the transaction makes an answer say that nothing was kept."""

    def begin(self, engine: WorkspaceEngine) -> str:
        return engine.workspace.sid

    def test_where_it_cannot_be_told(self, service):
        def fail(*_: object) -> None:
            raise ZeroDivisionError

        service.workspaces.after_commit = fail
        sid = service.workspaces.create(service.clock.now(), self.begin, friendly_name="W")
        assert [each.sid for each in service.store.workspaces()] == [sid]

    def test_where_an_event_is_dropped_and_that_cannot_be_kept(self, tmp_path):
        service = Service(tmp_path, *AUTH, ServiceLimits(max_waiting=0))
        service.store.db.execute(
            "CREATE TEMP TRIGGER broken BEFORE UPDATE ON delivery BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
        begun: list[Delivery] = []

        async def run() -> str:
            now = service.clock.now()
            told = service.workspaces.after_commit
            service.workspaces.after_commit = lambda sid, effects, made: (begun.extend(made), told(sid, effects, made))
            sid = service.workspaces.create(
                now, self.begin, friendly_name="W", event_callback_url="http://127.0.0.1:1/events"
            )
            service.workspaces.apply(sid, now, lambda engine: engine.task_queues.create(now, friendly_name="Q"))
            await asyncio.sleep(0)
            await service.close()
            return sid

        sid = asyncio.run(run())
        assert begun
        store = Service(tmp_path, *AUTH).store
        assert [each.friendly_name for each in store.contents(sid)].count("Q") == 1
        store.close()
