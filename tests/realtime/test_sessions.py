"""Websockets of workers: who is told, who is pushed out, who leaves, and what ends them."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
import weakref
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus
from websockets.frames import CloseCode

from taskrouter_sandbox import ControlClient
from taskrouter_sandbox.realtime import bridge, sessions, websocket
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.runtime.worlds import Worlds
from taskrouter_sandbox.testing.threaded_server import served
from tests.realtime.conftest import ACCOUNT, SECRET, Agents, Socket
from tests.waiting import patience, wait_for


def end_of(socket: Socket) -> tuple[int, str]:
    """How a websocket ends."""
    with pytest.raises(ConnectionClosed) as ended:
        socket.message()
    assert ended.value.rcvd is not None
    return ended.value.rcvd.code, ended.value.rcvd.reason


def activity_of(agents: Agents, worker: str) -> str:
    return str(agents.workspace.workers(worker).fetch().activity_sid)


def test_every_page_of_a_worker_hears(agents: Agents):
    token = agents.token(agents.alice)
    pages = [agents.listen(token), agents.listen(token)]
    agents.make_available(agents.alice)
    first, second = [page.event("worker.activity.update") for page in pages]
    assert first == second


def test_a_page_pushes_the_others_of_its_worker_out(agents: Agents):
    token = agents.token(agents.alice)
    old, bob = agents.listen(token), agents.listen(agents.token(agents.bob))
    new = agents.listen(token, closeExistingSessions="true")
    assert end_of(old) == (sessions.REPLACED, "Another page of this worker has connected and closed this one")
    agents.make_available(agents.alice)
    agents.make_available(agents.bob)
    new.event("worker.activity.update")
    bob.event("worker.activity.update")


def test_a_worker_goes_offline_with_its_last_page_where_that_was_asked_for(
    agents: Agents, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sessions, "GRACE_SECONDS", 0.05)
    for worker in (agents.alice, agents.bob):
        agents.make_available(worker)
    token = agents.token(agents.alice)
    stays = agents.listen(agents.token(agents.bob))
    first = agents.listen(token, setWorkerOfflineIfDisconnected="true")
    second = agents.listen(token, setWorkerOfflineIfDisconnected="true")
    first.connection.close()
    stays.connection.close()
    agents.workspace.workers(agents.alice).update(attributes="{}")
    second.event("worker.attributes.update")
    assert activity_of(agents, agents.alice) == agents.available
    second.connection.close()
    wait_for(lambda: activity_of(agents, agents.alice) == agents.offline)
    assert activity_of(agents, agents.bob) == agents.available


def test_the_last_page_need_not_be_the_one_that_asked_for_it(agents: Agents, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sessions, "GRACE_SECONDS", 0.05)
    token = agents.token(agents.alice)
    agents.make_available(agents.alice)
    page = agents.listen(token)
    agents.listen(token, setWorkerOfflineIfDisconnected="true").connection.close()
    page.connection.close()
    wait_for(lambda: activity_of(agents, agents.alice) == agents.offline)


def test_a_page_that_comes_back_in_time_lets_nobody_leave(agents: Agents, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sessions, "GRACE_SECONDS", patience(0.3))
    agents.make_available(agents.alice)
    token = agents.token(agents.alice)
    agents.listen(token, setWorkerOfflineIfDisconnected="true").connection.close()
    again = agents.listen(token, setWorkerOfflineIfDisconnected="true")
    agents.make_available(agents.bob)
    agents.listen(agents.token(agents.bob), setWorkerOfflineIfDisconnected="true").connection.close()
    wait_for(lambda: activity_of(agents, agents.bob) == agents.offline)  # so Alice would have left before
    assert activity_of(agents, agents.alice) == agents.available
    again.connection.close()


def test_a_new_token_serves_the_next_request_and_the_old_websocket_goes_on(agents: Agents):
    def briefly() -> Socket | None:
        with suppress(InvalidStatus):  # the library counts whole seconds, so its end may be now
            return agents.listen(agents.token(agents.alice, ttl=1))
        return None

    socket = wait_for(briefly)
    assert socket
    assert 0 < socket.init["payload"]["token_lifetime"] <= 1000
    old = agents.token(agents.alice, ttl=1)
    wait_for(lambda: agents.send(agents.envelope(old, "GET", "Activities")).status_code == 401)
    params = {"ActivitySid": agents.available}
    agents.ask(agents.token(agents.alice), "POST", f"Workers/{agents.alice}", params)
    assert socket.event("worker.activity.update")["available"]


def test_blanks_keep_it_alive_and_who_is_silent_is_let_go(agents: Agents, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(websocket, "BEAT_SECONDS", 0.05)
    lively = agents.connect(agents.token(agents.alice))
    texts = [lively.recv(timeout=patience(20)) for _ in range(3)]
    assert json.loads(texts[0])["event_type"] == "init"
    assert [text.strip() for text in texts[1:] if isinstance(text, str)] == ["", ""]
    monkeypatch.setattr(websocket, "LOST_SECONDS", -1.0)  # as if nothing had come for long
    with pytest.raises(ConnectionClosedError):
        list(lively)


def test_a_worker_that_is_deleted_ends_its_pages(agents: Agents):
    token = agents.token(agents.alice)
    socket = agents.listen(token)
    agents.workspace.workers(agents.alice).delete()
    assert end_of(socket) == (sessions.VANISHED, f"Worker {agents.alice} was deleted")
    assert agents.refused(token, "GET", f"Workers/{agents.alice}")[0] == 404
    answer = requests.get(agents.address(token).replace("ws", "http", 1), headers=HANDSHAKE, timeout=patience(20))
    assert (answer.status_code, agents.alice in answer.json()["message"]) == (401, True)


def test_a_workspace_that_is_deleted_ends_its_pages(agents: Agents):
    socket = agents.listen(agents.token(agents.alice))
    agents.workspace.delete()
    assert end_of(socket)[0] == sessions.VANISHED


HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_what_a_request_causes_is_told_after_its_answer(agents: Agents, monkeypatch: pytest.MonkeyPatch):
    """So a page that begins to listen when its request is answered misses nothing (agent-sdk.md §16)."""
    monkeypatch.setattr(bridge, "ANSWERED_SECONDS", patience(0.2))
    token = agents.token(agents.alice)
    socket = agents.listen(token)
    agents.ask(token, "POST", f"Workers/{agents.alice}", {"ActivitySid": agents.available})
    answered = time.monotonic()
    socket.event("worker.activity.update")
    assert time.monotonic() - answered > patience(0.05)


def test_what_is_refused_is_told_to_nobody(agents: Agents):
    agents.make_available(agents.alice)
    socket = agents.listen(agents.token(agents.alice))
    params = {"ActivitySid": agents.offline, "RejectPendingReservations": "nonsense"}
    assert agents.refused(agents.token(agents.alice), "POST", f"Workers/{agents.alice}", params)[0] == 400
    agents.workspace.workers(agents.alice).update(attributes="{}")
    socket.event("worker.attributes.update")


IDLE = patience(1.5)  # seconds that a sandbox lives without a request: more than comes between two of a test


class Process:
    """A sandbox process."""

    def __init__(self, *options: str):
        serve = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--json"]
        account = ("--account-sid", ACCOUNT, "--auth-token", SECRET)
        self.process = subprocess.Popen(
            [*serve, "--stop-with-input", *account, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url: str = json.loads(self.process.stdout.readline())["url"]

    def end(self) -> int:
        """End its input, and with that the process, unless it ends by itself first. Returns its exit code."""
        with self.process:
            self.process.communicate(timeout=patience(20))
        return self.process.returncode


def test_a_sandbox_that_is_listened_to_does_not_end_and_what_was_missed_is_there_after_a_restart(
    tmp_path: Path, make_agents: Any
):
    process = Process("--data", str(tmp_path), "--idle-exit", str(IDLE))
    agents = make_agents(process.url)
    token = agents.token(agents.alice)
    socket = agents.listen(token)
    agents.make_available(agents.alice)
    socket.event("worker.activity.update")
    end = time.monotonic() + 2 * IDLE  # longer than an idle one would have lived
    with suppress(TimeoutError):
        while (left := end - time.monotonic()) > 0:
            assert socket.connection.recv(timeout=left) == " "  # a machine that is given time hears blanks, too
    assert process.process.poll() is None
    task = agents.task()
    created = socket.event("reservation.created")
    assert process.end() == 0
    assert end_of(socket) == (CloseCode.GOING_AWAY, bridge.ENDS)
    again = Process("--data", str(tmp_path))
    agents.url = again.url
    assert agents.listen(token).init["payload"]["channel_id"] == agents.alice
    missed = agents.ask(token, "GET", f"Workers/{agents.alice}/Reservations", {"Active": "true"})["contents"]
    assert [(one["sid"], one["task"]["sid"]) for one in missed] == [(created["sid"], task)]
    again.end()


def test_an_idle_sandbox_ends_once_the_last_page_has_gone(make_agents: Any):
    process = Process("--in-memory", "--idle-exit", str(IDLE))
    agents = make_agents(process.url)
    agents.listen(agents.token(agents.alice)).connection.close()
    wait_for(lambda: process.process.poll() is not None, 20)
    assert process.end() == 0


def test_where_all_is_gone_nobody_leaves(
    agents: Agents, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A page that asked for it goes with its workspace: there is no worker then to be set offline, and no complaint."""
    monkeypatch.setattr(sessions, "GRACE_SECONDS", 0.01)
    left = Event()
    leave = sessions.Sessions._leave  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(sessions.Sessions, "_leave", lambda *given: (leave(*given), left.set()))
    page = agents.listen(agents.token(agents.alice), setWorkerOfflineIfDisconnected="true")
    agents.workspace.delete()
    assert end_of(page)[0] == sessions.VANISHED
    assert left.wait(patience(5))
    assert caplog.messages == []


def test_a_world_that_is_dropped_is_forgotten(monkeypatch: pytest.MonkeyPatch):
    """Also by the bridge, on which its pages were."""
    worlds = Worlds(Service(None, ACCOUNT, SECRET), any_account=True)
    with served(worlds) as url, ExitStack() as stack:
        agents = Agents(url, stack, "AC" + "34" * 16, {})
        page = agents.listen(agents.token(agents.alice, account=agents.account))
        dropped = weakref.ref(worlds.others[agents.account])
        ControlClient(url, agents.account, SECRET).drop()
        assert end_of(page)[0] == CloseCode.GOING_AWAY

        def is_forgotten() -> bool:
            gc.collect()
            return dropped() is None

        wait_for(is_forgotten)


def test_each_account_hears_of_its_own_and_a_world_that_is_dropped_lets_go(make_agents: Any):
    process = Process("--any-account")
    try:
        mine, other = (make_agents(process.url, account="AC" + digits * 16) for digits in ("12", "34"))
        socket, others = (each.listen(each.token(each.alice, account=each.account)) for each in (mine, other))
        assert other.send(other.envelope(other.token(other.alice), "GET", "Activities")).status_code == 404
        stranger = other.token(other.alice, account="AC" + "56" * 16)
        status, text = other.refused(stranger, "GET", "Activities")
        assert (status, "over REST first" in text) == (401, True)
        for each in (other, mine):
            each.make_available(each.alice)
        assert socket.event("worker.activity.update")["account_sid"] == mine.account
        ControlClient(process.url, other.account, SECRET).drop()
        others.event("worker.activity.update")
        assert end_of(others) == (CloseCode.GOING_AWAY, bridge.GONE)
        ControlClient(process.url, mine.account, SECRET).reset()
        assert end_of(socket) == (CloseCode.GOING_AWAY, bridge.GONE)
    finally:
        process.end()
