"""Any account is a world of its own in one process: made at first use, apart from the others, dropped when done."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import Any

import psutil
import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from taskrouter_sandbox import ControlClient, SandboxError, snapshot
from taskrouter_sandbox.runtime import worlds
from taskrouter_sandbox.runtime.service import Service
from tests.sandbox.conftest import SPANISH, Receiver, Reply
from tests.waiting import patience, wait_for

SHARED_TOKEN = "a-secret-that-is-long"
FIRST = "AC" + "5a" * 16
SERVE = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--json"]


class Process:
    """A sandbox process in memory; `said` is its line of JSON."""

    def __init__(self, *options: str):
        self.process = subprocess.Popen(
            [*SERVE, "--stop-with-input", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.said = json.loads(self.process.stdout.readline())
        self.url: str = self.said["url"]

    def world(self, token: str = "own", sid: str = "") -> World:
        return World(self.url, sid or new_account(), token)

    def first(self) -> World:
        """The account that it was started for."""
        return World(self.url, self.said["account_sid"], self.said["auth_token"])

    def end(self) -> int:
        """End its input, and with that the process. Returns its exit code."""
        with self.process:
            self.process.communicate(timeout=patience(20))
        return self.process.returncode


class World:
    """An account of a sandbox: its twilio client, and its control plane."""

    def __init__(self, url: str, sid: str, token: str):
        self.sid, self.token = sid, token
        self.client = Client(sid, token, http_client=TwilioHttpClient(pool_connections=False))
        self.client.taskrouter.base_url = self.client.api.base_url = url
        self.control = ControlClient(url, sid, token)

    def workspace(self, name: str = "Test") -> Any:
        return self.client.taskrouter.v1.workspaces.create(friendly_name=name)

    def names(self) -> list[str | None]:
        return [one.friendly_name for one in self.client.taskrouter.v1.workspaces.list()]

    def configuration(self) -> dict[str, Any]:
        """What somebody may have changed: the workspaces, what is in them, and the numbers."""
        found: dict[str, Any] = {"number": self.client.incoming_phone_numbers.list()[0].voice_url}
        for workspace in self.client.taskrouter.v1.workspaces.list():
            found[str(workspace.sid)] = snapshot.encode(snapshot.read(self.client, str(workspace.sid)))
            found |= {str(task.sid): task.attributes for task in workspace.tasks.list()}
        return found


class Known(dict[str, str]):
    """What is filled into paths; any other name is filled in by itself."""

    def __missing__(self, name: str) -> str:
        return name


def new_account() -> str:
    return "AC" + token_hex(16)


def hotline(workspace: Any, callback_url: str) -> Any:
    """Somebody who is available, and a workflow that asks `callback_url` about each task. Returns the worker."""
    idle = workspace.activities.create("Ready", available=True)
    queue = workspace.task_queues.create("All")
    routing = {"task_routing": {"default_filter": {"queue": queue.sid}}}
    workspace.workflows.create("Flow", json.dumps(routing), assignment_callback_url=callback_url)
    return workspace.workers.create("Alice", activity_sid=idle.sid)


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    process = Process("--any-account")
    yield process
    assert process.end() == 0


@pytest.fixture
def world(process: Process) -> Iterator[World]:
    world = process.world()
    yield world
    world.control.drop()


class TestApart:
    def test_each_account_has_its_own_workspaces(self, process, world):
        other = process.world()
        world.workspace("Mine")
        other.workspace("Theirs")
        assert (world.names(), other.names()) == (["Mine"], ["Theirs"])
        other.control.drop()
        assert world.names() == ["Mine"]

    def test_a_workspace_of_another_account_is_not_found(self, process, world):
        theirs = process.world().workspace()
        with pytest.raises(TwilioRestException) as refused:
            world.client.taskrouter.v1.workspaces(theirs.sid).fetch()
        assert refused.value.status == 404

    def test_no_operation_shows_or_changes_what_is_of_another_account(self, process):
        theirs, mine = process.world(), process.world()
        workspace = theirs.workspace("Theirs")
        worker = hotline(workspace, "http://127.0.0.1:9/assignment")
        task = workspace.tasks.create()
        number = theirs.client.incoming_phone_numbers.list()[0]
        call = theirs.control.calls.dial()
        fault = theirs.control.faults.order(deliveries="late", kind="event")
        sids = {
            "AccountSid": theirs.sid,
            "WorkspaceSid": workspace.sid,
            "ActivitySid": worker.activity_sid,
            "TaskSid": task.sid,
            "TaskQueueSid": task.task_queue_sid,
            "WorkflowSid": task.workflow_sid,
            "WorkerSid": worker.sid,
            "WorkerChannelSid": worker.worker_channels.list()[0].sid,
            "TaskChannelSid": task.task_channel_sid,
            "ReservationSid": task.reservations.list()[0].sid,
            "EventSid": workspace.events.list()[0].sid,
            "CallSid": call["sid"],
            "number": str(fault["number"]),
        }
        before = {**theirs.configuration(), "faults": theirs.control.faults.list()}
        asked = 0
        for path, verbs in theirs.control.openapi()["paths"].items():
            at = path.format_map(Known(sids, Sid=number.sid if "PhoneNumbers" in path else call["sid"]))
            for verb in verbs.keys() & {"get", "post", "delete"}:
                answer = requests.request(verb, process.url + at, auth=(mine.sid, mine.token), timeout=patience(20))
                asked += 1
                told = [sid for sid in sids.values() if sid not in at and sid in answer.text]
                assert not told, f"{verb} {at} tells of {told}"
                named = [sid for sid in sids.values() if sid in at]
                assert answer.status_code in (400, 401, 403, 404) or not named, f"{verb} {at}: {answer.status_code}"
                assert answer.status_code < 500, f"{verb} {at}: {answer.text}"
        assert asked > 110
        assert {**theirs.configuration(), "faults": theirs.control.faults.list()} == before
        theirs.control.drop()
        mine.control.drop()

    def test_resources_say_their_account(self, world):
        assert world.workspace().account_sid == world.sid

    def test_clock_faults_options_and_alerts(self, process, world):
        other = process.world()
        world.control.clock.advance(hours=3)
        world.control.faults.order(operation="*", status=503)
        world.control.options.set(empty_answer="failed")
        assert other.control.clock.ahead() < 60 < world.control.clock.ahead()
        assert (other.control.faults.list(), other.control.options.unusual()) == ([], {})
        other.workspace()  # the fault is not for this one
        with pytest.raises(TwilioRestException, match="503"):
            world.workspace()

    def test_each_has_a_phone_number_of_its_own(self, process, world):
        other = process.world()
        numbers = [one.client.incoming_phone_numbers.list() for one in (world, other)]
        assert [[each.account_sid for each in listed] for listed in numbers] == [[world.sid], [other.sid]]
        theirs = f"{process.url}/2010-04-01/Accounts/{other.sid}/IncomingPhoneNumbers.json"
        assert requests.get(theirs, auth=(world.sid, world.token), timeout=patience(5)).status_code == 404

    def test_time_passes_in_each_by_itself(self, world):
        workspace = world.workspace()
        workflow_worker = hotline(workspace, "")
        workflow = workspace.workflows.list()[0]
        workflow.update(task_reservation_timeout=1)
        task = workspace.tasks.create(attributes=SPANISH)
        assert task.assignment_status == "reserved"
        wait_for(lambda: task.fetch().assignment_status == "pending")
        assert workflow_worker.fetch().activity_name == "Offline"

    def test_webhooks_are_signed_with_the_token_of_the_world(self, process):
        world = process.world()
        other = process.world(token="another")
        receiver = Receiver(world.token)
        receiver.replies["/"] = Reply(body='{"instruction": "accept"}')
        for one in (world, other):
            workspace = one.workspace()
            hotline(workspace, receiver.url + "/")
            task = workspace.tasks.create(attributes=SPANISH)
            wait_for(lambda task=task: task.fetch().assignment_status == "assigned")
        assert [(each.form["AccountSid"], each.valid) for each in receiver.requests] == [
            (world.sid, True),
            (other.sid, False),
        ]
        assert [len(one.control.deliveries.list()) for one in (world, other)] == [1, 1]
        receiver.close()


class TestTokens:
    def test_the_account_of_the_documents_is_one_like_others(self, process):
        """Nobody has had to know a token for it."""
        assert process.said["account_sid"] != FIRST
        world = process.world("any", FIRST)
        assert world.names() == []
        world.control.drop()

    def test_the_first_request_says_the_token(self, process, world):
        world.workspace()
        with pytest.raises(TwilioRestException) as refused:
            process.world(token="other", sid=world.sid).workspace()
        assert refused.value.status == 401

    def test_a_dropped_world_forgets_its_token_and_all_else(self, process):
        world = process.world()
        world.workspace()
        world.control.drop()
        again = process.world(token="other", sid=world.sid)
        assert again.names() == []

    @pytest.mark.parametrize("auth", [("AC1", "own"), ("", "wrong"), ("AC" + "1" * 32, ""), ("SK1", "own")])
    def test_what_is_no_account(self, process, auth):
        """Nor is the one that the process was started for, with another token."""
        auth = auth[0] or process.said["account_sid"], auth[1]
        answer = requests.get(f"{process.url}/v1/Workspaces", auth=auth, timeout=patience(5))
        assert answer.status_code == 401
        assert "AC and 32 hexadecimal digits" in answer.json()["detail"]

    def test_an_api_key_has_the_digits_of_its_account(self, process, world):
        world.workspace("Mine")
        key = Client("SK" + world.sid[2:], world.token, world.sid)
        key.taskrouter.base_url = process.url
        assert [one.friendly_name for one in key.taskrouter.v1.workspaces.list()] == ["Mine"]

    def test_with_a_token_of_its_own_it_is_that_of_every_account(self):
        process = Process("--any-account", "--auth-token", "secret")
        assert process.world("secret").names() == []
        for sid in (new_account(), FIRST):
            with pytest.raises(TwilioRestException) as refused:
                process.world("other", sid).workspace()
            assert refused.value.status == 401
        assert process.end() == 0


class TestTheProcess:
    def test_health_counts_the_worlds(self, process, world):
        before = world.control.health()["worlds"]
        world.names()
        assert world.control.health()["worlds"] == before + 1

    def test_one_world_does_not_end_the_others(self, process, world):
        with pytest.raises(SandboxError, match=f"only account {process.said['account_sid']}"):
            world.control.stop()
        first = process.first()
        with pytest.raises(SandboxError, match="stays as long as the sandbox runs"):
            first.control.drop()
        assert first.names() == []

    def test_the_first_account_may_end_it(self):
        process = Process("--any-account")
        process.first().control.stop()
        assert process.process.wait(patience(20)) == 0
        process.end()

    def test_there_is_a_limit(self, monkeypatch):
        """In this process, where the limit can be a small one."""
        monkeypatch.setattr(worlds, "MOST_WORLDS", 1)
        full = worlds.Worlds(Service(None, FIRST, "token"), any_account=True)
        with pytest.raises(worlds.TooManyWorlds):
            full.find(new_account(), "token")

    def test_nothing_is_left_on_disk(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(tmp_path / "data"))
        monkeypatch.chdir(tmp_path)
        process = Process("--in-memory")
        process.first().workspace()
        assert psutil.Process(process.said["pid"]).open_files() == []
        assert process.end() == 0
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_for_what_is_in_memory_is_refused(self, tmp_path):
        run = [*SERVE, "--any-account", "--data", str(tmp_path)]
        refused = subprocess.run(run, capture_output=True, text=True, timeout=patience(30))
        assert refused.returncode == 2
        assert "leave --data out" in refused.stderr

    def test_any_name_leads_to_one_that_other_machines_reach(self):
        process = Process("--any-account", "--host", "0.0.0.0", "--auth-token", SHARED_TOKEN)
        answer = requests.get(
            f"{process.url}/v1/Workspaces",
            auth=(new_account(), SHARED_TOKEN),
            headers={"Host": "taskrouter:8901"},
            timeout=patience(5),
        )
        assert answer.status_code == 200
        assert answer.json()["meta"]["url"].startswith("http://taskrouter:8901/")
        listening = [each for each in psutil.Process(process.said["pid"]).net_connections() if each.status == "LISTEN"]
        assert [each.laddr.ip for each in listening] == ["0.0.0.0"]
        assert process.end() == 0

    @pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
    def test_where_this_machine_alone_reaches_it_any_token_does(self):
        process = Process("--any-account", "--host", "::1", "--auth-token", "short")
        assert process.world("short").names() == []
        assert process.end() == 0

    def test_an_address_of_another_machine(self):
        run = [*SERVE, "--in-memory", "--host", "192.0.2.1", "--auth-token", SHARED_TOKEN]
        refused = subprocess.run(run, capture_output=True, text=True, timeout=patience(30))
        assert refused.returncode == 1
        assert "192.0.2.1 is no address to listen on here" in refused.stdout


def test_a_hundred_worlds_from_many_threads_and_their_memory_comes_back(process):
    """Each has a workspace with a task that waits for its turn; then each is dropped."""
    server = psutil.Process(process.said["pid"])

    def play(number: int) -> World:
        world = process.world()
        workspace = world.workspace(f"World {number}")
        assert world.names() == [f"World {number}"]
        workspace.tasks.create(attributes=SPANISH, workflow_sid=_any_workflow(workspace))
        return world

    before = world_count(process)
    sizes = []
    for _ in range(2):
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(play, range(100)))
        assert world_count(process) == before + 100
        sizes.append(server.memory_info().rss)
        assert server.open_files() == []
        for world in made:
            world.control.drop()
        assert world_count(process) == before
    assert sizes[1] < sizes[0] * 1.15


def _any_workflow(workspace: Any) -> str:
    queue = workspace.task_queues.create("All")
    routing = {"task_routing": {"default_filter": {"queue": queue.sid}}}
    return workspace.workflows.create("Flow", json.dumps(routing)).sid


def world_count(process: Process) -> int:
    answer = requests.get(f"{process.url}/_sandbox/health", timeout=patience(5))
    return answer.json()["worlds"]


def test_a_world_is_made_and_dropped_in_a_moment(process):
    """Far below what a person notices; `benchmarks/test_session.py` says how long exactly."""

    def once() -> float:
        sid, began = new_account(), time.perf_counter()
        with requests.Session() as session:
            session.auth = (sid, "own")
            assert session.get(f"{process.url}/v1/Workspaces", timeout=patience(5)).status_code == 200
            assert session.delete(f"{process.url}/_sandbox/world", timeout=patience(5)).status_code == 200
        return time.perf_counter() - began

    assert min(once() for _ in range(20)) < patience(0.03)
