"""The first version of the SDK: capability tokens, policies, REST in an envelope, events in REST's shapes."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from twilio.jwt.taskrouter.capabilities import (
    TaskQueueCapabilityToken,
    WorkerCapabilityToken,
    WorkspaceCapabilityToken,
)

from taskrouter_sandbox.realtime import sessions
from taskrouter_sandbox.realtime.policies import check_policies
from taskrouter_sandbox.realtime.rights import Forbidden
from taskrouter_sandbox.realtime.tokens import Capability
from tests.realtime.conftest import ACCOUNT, SECRET, Agents, Socket
from tests.realtime.test_sessions import HANDSHAKE, activity_of, end_of
from tests.waiting import patience, wait_for


class OldPage:
    """What a page with the script of the quickstart does."""

    def __init__(self, agents: Agents, token: str, channel: str):
        self.agents, self.token = agents, token
        self.path = f"/v1/wschannels/{ACCOUNT}/{channel}"

    def listen(self, **query: str) -> Socket:
        socket = Socket.__new__(Socket)  # nothing greets it
        socket.connection = self.agents.connect(self.token, self.path, closeExistingSessions="false", **query)
        return socket

    def send(self, method: str, path: str, params: dict[str, Any] | None = None, **more: str) -> requests.Response:
        url = f"https://taskrouter.twilio.com/v1/Workspaces/{self.agents.sid}{path}"
        body = {"url": url, "method": method, "params": params, "token": self.token, **more}
        return self.agents.send(body, self.path, **{"Content-Type": "text/plain"})

    def ask(self, method: str, path: str, params: dict[str, Any] | None = None) -> Any:
        answer = self.send(method, path, params)
        assert answer.status_code == 200, answer.text
        return answer.json()["payload"]


def alices_page(agents: Agents, **allowed: bool) -> OldPage:
    token = WorkerCapabilityToken(ACCOUNT, SECRET, agents.sid, agents.alice, **allowed).to_jwt()
    return OldPage(agents, token, agents.alice)


def test_the_page_of_the_quickstart_takes_a_task(agents: Agents):
    page = alices_page(agents, allow_update_activities=True, allow_update_reservations=True)
    own = f"/Workers/{agents.alice}"
    socket = page.listen()
    ready = page.send("GET", own, event_type="ready").json()
    assert (ready["event_type"], ready["payload"]["friendly_name"]) == ("ready", "Alice")
    assert ready["payload"]["links"]["reservations"].startswith(agents.url)
    assert page.ask("GET", own + "/Reservations", {"ReservationStatus": "pending"})["meta"]["key"] == "reservations"
    page.ask("POST", own, {"ActivitySid": agents.available})
    moved = socket.event("worker.activity.update")
    assert (moved["activity_name"], moved["date_updated"][-1]) == ("Available", "Z")
    task = agents.task(attributes='{"a":1}')
    created = socket.event("reservation.created")
    assert (created["sid"], created["attributes"], created["task_queue_sid"]) == (task, '{"a":1}', agents.queue)
    where = f"/Tasks/{task}/Reservations/{created['reservation_sid']}"
    assert page.ask("GET", where)["task_sid"] == task
    assert page.ask("POST", where, {"ReservationStatus": "accepted"})["reservation_status"] == "accepted"
    assert socket.event("reservation.accepted")["assignment_status"] == "assigned"
    assert page.ask("POST", f"/Tasks/{task}", {"AssignmentStatus": "completed", "Reason": None})["reason"] is None
    assert socket.event("reservation.completed")["sid"] == task


def test_a_page_does_what_its_token_allows(agents: Agents):
    page, own = alices_page(agents), f"/Workers/{agents.alice}"
    assert page.ask("GET", "/Activities")["activities"][0]["friendly_name"] == "Offline"
    for method, path, params in (
        ("POST", own, {"ActivitySid": agents.available}),
        ("GET", "/Workers", None),
        ("GET", f"/Workers/{agents.bob}", None),
        ("DELETE", own, None),
    ):
        refused = page.send(method, path, params)
        assert (refused.status_code, "No policy" in refused.json()["message"]) == (403, True)
    may_move = alices_page(agents, allow_update_activities=True)
    assert may_move.send("POST", own, {"Attributes": "{}"}).status_code == 403
    assert may_move.ask("POST", own, {"ActivitySid": agents.available, "Attributes": "{}"})["available"]


def test_a_page_of_a_workspace_reads_lists_page_by_page(agents: Agents):
    token = WorkspaceCapabilityToken(
        ACCOUNT, SECRET, agents.sid, allow_fetch_subresources=True, allow_delete_subresources=True
    ).to_jwt()
    page = OldPage(agents, token, agents.sid)
    page.listen()
    assert page.ask("GET", "/")["friendly_name"] == "Agents"
    first = page.ask("GET", "/Workers", {"PageSize": 1})
    following = first["meta"]["next_page_url"].partition(agents.sid)[2]
    assert [one["sid"] for one in page.ask("GET", following)["workers"]] == [agents.bob]
    assert page.ask("GET", "/Statistics")["realtime"]["total_workers"] == 2
    assert page.ask("DELETE", f"/Tasks/{agents.task()}") is None
    assert page.send("GET", "/Nothing").status_code == 404
    assert page.send("PUT", "/Workers").status_code == 403


def test_a_page_that_deletes_its_own_worker_hears_all_before_it_ends(agents: Agents):
    page = alices_page(agents, allow_update_self=True, allow_delete_self=True)
    socket = page.listen()
    page.ask("POST", f"/Workers/{agents.alice}", {"Attributes": {"last": True}})
    page.ask("DELETE", f"/Workers/{agents.alice}")
    socket.event("worker.attributes.update")
    assert end_of(socket)[0] == sessions.VANISHED


def test_a_page_of_a_queue_listens(agents: Agents):
    token = TaskQueueCapabilityToken(ACCOUNT, SECRET, agents.sid, agents.queue).to_jwt()
    page = OldPage(agents, token, agents.queue)
    page.listen()
    assert page.send("GET", f"/TaskQueues/{agents.queue}", event_type="ready").json()["event_type"] == "ready"


def test_a_worker_leaves_for_the_activity_that_its_page_named(agents: Agents, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sessions, "GRACE_SECONDS", 0.05)
    away = next(str(one.sid) for one in agents.workspace.activities.list() if one.friendly_name == "Unavailable")
    agents.make_available(agents.alice)
    alices_page(agents).listen(disconnectActivitySid=away).connection.close()
    wait_for(lambda: activity_of(agents, agents.alice) == away)


def test_no_token_serves_for_another_channel(agents: Agents):
    page = alices_page(agents)
    for path in (f"/v1/wschannels/{ACCOUNT}/{agents.bob}", f"/v1/wschannels/AC{'0' * 32}/{agents.alice}"):
        page.path = path
        assert page.send("GET", f"/Workers/{agents.alice}").status_code == 403
    silent = WorkerCapabilityToken(ACCOUNT, SECRET, agents.sid, agents.alice, allow_web_sockets=False).to_jwt()
    gone = WorkerCapabilityToken(ACCOUNT, SECRET, agents.sid, "WK" + "0" * 32).to_jwt()
    for token, channel in ((silent, agents.alice), (gone, "WK" + "0" * 32)):
        path = f"/v1/wschannels/{ACCOUNT}/{channel}"
        address = agents.address(token, path).replace("ws", "http", 1)
        assert requests.get(address, headers=HANDSHAKE, timeout=patience(20)).status_code == 403
    assert agents.send({}, "/v1/wschannels/AC1").status_code == 404
    assert agents.send({}, "/v1/wschannelsX").status_code == 404


@pytest.mark.parametrize("url", ["", "Workers", "http://[", "https://taskrouter.twilio.com/v2/Workspaces", "/_sandbox"])
def test_a_url_that_is_none_is_refused(agents: Agents, url: str):
    page = alices_page(agents)
    body = {"url": url, "method": "GET", "token": page.token}
    assert agents.send(body, page.path).status_code in (400, 403, 404)


# ---- policies

BASE = "https://taskrouter.twilio.com/v1/Workspaces/WS1"


def may(policy: dict[str, Any], method: str, path: str, *params: str) -> bool:
    claims = Capability("AC1", "WS1", None, 0, "WS1", ({"allow": True, "method": "GET", **policy},))
    try:
        check_policies(claims, method, f"/v1/Workspaces/WS1{path}", params)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize(
    ("pattern", "path", "allowed"),
    [
        ("/Tasks", "/Tasks", True),
        ("/Tasks", "/Tasks/WT1", False),
        ("/Tasks/*", "/Tasks/WT1", True),
        ("/Tasks/*", "/Tasks", False),
        ("/Tasks/*", "/Tasks/WT1/Reservations", False),
        ("/Tasks/**", "/Tasks", True),
        ("/Tasks/**", "/Tasks/WT1/Reservations/WR1", True),
        ("/**", "", True),
        ("/**/Reservations", "/Tasks/WT1/Reservations", True),
        ("/**/Reservations", "/Tasks/WT1", False),
        ("/*/*/Reservations", "/Tasks/WT1/Reservations", True),
    ],
)
def test_wildcards_stand_for_segments(pattern: str, path: str, allowed: bool):
    assert may({"url": BASE + pattern}, "GET", path) is allowed


def test_a_pattern_of_many_wildcards_takes_no_time():
    assert not may({"url": BASE + "/**/a" * 500}, "GET", "/a" * 499)


def test_a_policy_has_a_method_allows_and_may_want_parameters():
    policy = {"url": BASE + "/Workers/WK1"}
    assert not may(policy, "POST", "/Workers/WK1")
    assert not may({**policy, "allow": False}, "GET", "/Workers/WK1")
    wants = {"method": "POST", "post_filter": {"ActivitySid": {"required": True}, "Attributes": {"required": False}}}
    assert may({**policy, **wants}, "POST", "/Workers/WK1", "ActivitySid", "More")
    assert not may({**policy, **wants}, "POST", "/Workers/WK1", "Attributes")
    assert may({**policy, "query_filter": {"Page": {}}}, "GET", "/Workers/WK1")


@pytest.mark.parametrize("policy", [{}, {"url": 5}, {"url": "http://["}, {"url": BASE, "query_filter": 5}])
def test_a_policy_that_is_none_allows_nothing_more(policy: dict[str, Any]):
    assert not may(policy, "GET", "/Workers")
