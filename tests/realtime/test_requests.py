"""What supervisors and whole workspaces ask for, transfers, pages of lists, and who may not."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from taskrouter_sandbox import ControlClient
from tests.realtime.conftest import SECRET, Agents
from tests.realtime.test_agents import has_all
from tests.waiting import patience

NOBODY = "WK" + "0" * 32


def taken(agents: Agents) -> tuple[str, str]:
    """A task that Alice has accepted, and its reservation; everybody else is away."""
    agents.make_available(agents.alice)
    task = agents.task()
    reservation = str(agents.workspace.workers(agents.alice).reservations.list()[0].sid)
    agents.workspace.workers(agents.alice).reservations(reservation).update(reservation_status="accepted")
    agents.workspace.workers(agents.alice).update(activity_sid=agents.offline)
    return task, reservation


# ---- lists ------------------------------------------------------------------------------------------------------


def test_pages_follow_one_another_by_after_sid(agents: Agents):
    token = agents.token(role="admin")
    first = agents.ask(token, "GET", "Workers", {"PageSize": 1})
    assert ([one["sid"] for one in first["contents"]], first["after_sid"]) == ([agents.alice], agents.alice)
    last = agents.ask(token, "GET", "Workers", {"PageSize": 1, "AfterSid": first["after_sid"]})
    assert ([one["sid"] for one in last["contents"]], last["after_sid"]) == ([agents.bob], None)


def test_pages_in_an_order_follow_one_another_by_next_token(agents: Agents):
    token, order = agents.token(role="admin"), {"PageSize": 1, "Ordering": "DateStatusChanged:desc"}
    agents.make_available(agents.alice)
    first = agents.ask(token, "GET", "Workers", order)
    last = agents.ask(token, "GET", "Workers", {**order, "NextToken": first["meta"]["next_token"]})
    assert [one["sid"] for one in (*first["contents"], *last["contents"])] == [agents.alice, agents.bob]
    assert last["meta"]["next_token"] is None


@pytest.mark.parametrize("params", [{"AfterSid": "WK123"}, {"NextToken": NOBODY}, {"ActivitySid": "no-sid"}])
def test_a_sid_that_is_none_is_refused_by_the_name_that_it_was_sent_with(agents: Agents, params: dict[str, Any]):
    status, words = agents.refused(agents.token(role="admin"), "GET", "Workers", params)
    ((name, value),) = params.items()
    assert (status, name in words, value in words, "PageToken" in words) == (400, True, True, False)


def test_workers_and_queues_are_filtered(agents: Agents):
    token = agents.token(role="admin")

    def names(path: str, **params: Any) -> list[str]:
        return [one["friendly_name"] for one in agents.ask(token, "GET", path, params)["contents"]]

    assert names("Workers", FriendlyName="Bob") == ["Bob"]
    assert names("Workers", FriendlyName="Nobody") == []
    assert names("Workers", ActivityName="Offline", TargetWorkersExpression='name == "bob"') == ["Bob"]
    agents.workspace.task_queues.create("Bob's", target_workers='name == "bob"')
    assert names("TaskQueues", WorkerSid=agents.alice) == ["Everybody"]
    assert names("TaskQueues", WorkerSid=agents.bob) == ["Everybody", "Bob's"]
    queue = agents.ask(token, "GET", f"TaskQueues/{agents.queue}")
    assert has_all("queue", queue)
    assert (queue["lifo_queue"], queue["target_workers"]) == (False, "1==1")
    assert agents.refused(token, "GET", f"TaskQueues/WQ{'0' * 32}")[0] == 404


# ---- who may ----------------------------------------------------------------------------------------------------


def test_a_worker_changes_nobody_else(agents: Agents):
    token, other = agents.token(agents.alice), f"Workers/{agents.bob}"
    assert agents.ask(token, "GET", other)["friendly_name"] == "Bob"
    assert agents.refused(token, "POST", other, {"ActivitySid": agents.available})[0] == 403
    assert agents.refused(token, "GET", f"{other}/Reservations")[0] == 403
    assert agents.refused(token, "POST", f"{other}/Transfers", {"To": agents.alice})[0] == 403
    task = agents.task()
    status, text = agents.refused(token, "POST", f"Tasks/{task}", {"AssignmentStatus": "completed"})
    assert (status, text) == (403, f"Worker {agents.alice} has no reservation for task {task}")


def test_a_supervisor_changes_others(agents: Agents):
    """It sends its own version, which is none of theirs (§7)."""
    token, other = agents.token(agents.alice, "supervisor"), f"Workers/{agents.bob}"
    bob = agents.listen(agents.token(agents.bob))
    assert agents.ask(token, "POST", other, {"ActivitySid": agents.available}, **{"If-Match": "7"})["available"]
    assert bob.event("worker.activity.update")["activity_sid"] == agents.available
    assert agents.ask(token, "POST", other, {"Attributes": {"a": 1}})["attributes"] == '{"a":1}'
    no_activity = "WA" + "0" * 32
    status, text = agents.refused(token, "POST", other, {"ActivitySid": no_activity})
    assert (status, no_activity in text) == (400, True)
    assert agents.refused(token, "POST", f"Workers/{NOBODY}", {"ActivitySid": agents.offline})[0] == 404
    assert agents.refused(token, "GET", f"{other}/Reservations")[0] == 403
    supervise = {"Instruction": "supervise", "Supervisor": agents.alice, "SupervisorMode": "monitor"}
    task, reservation = taken(agents)
    where = f"Tasks/{task}/Reservations/{reservation}"
    assert agents.refused(agents.token(agents.bob), "POST", where, supervise)[0] == 403
    status, text = agents.refused(token, "POST", where, supervise)
    assert (status, "no conference" in text) == (400, True)
    status, text = agents.refused(token, "POST", where, {"ReservationStatus": "completed"})
    assert (status, "only listen" in text) == (403, True)
    stranger = agents.token(agents.bob, "supervisor")
    assert agents.refused(stranger, "POST", f"Tasks/{task}", {"AssignmentStatus": "completed"})[0] == 403


def test_an_admin_may_all_and_other_roles_nothing(agents: Agents):
    task = agents.task()
    admin = agents.token(role="admin")
    assert agents.ask(admin, "GET", f"Tasks/{task}")["sid"] == task
    assert agents.ask(admin, "POST", f"Workers/{agents.bob}", {"ActivitySid": agents.available})["available"]
    assert agents.refused(admin, "GET", f"Tasks/WT{'0' * 32}")[0] == 404
    assert agents.refused(agents.token(agents.alice, "guest"), "GET", "Activities")[0] == 403
    assert agents.ask(agents.token(agents.alice, None), "GET", "Activities")["contents"]  # a worker's without one


def test_a_token_is_for_one_workspace(agents: Agents):
    token = agents.token(agents.alice, workspace="WS" + "0" * 32)
    assert agents.refused(token, "GET", "Activities")[0] == 403


@pytest.mark.parametrize("path", ["", "Workflows", "Workers/x/y/z/v", "../Activities"])
def test_what_the_sdk_does_not_ask_is_not_there(agents: Agents, path: str):
    assert agents.refused(agents.token(role="admin"), "GET", path)[0] == 404


# ---- tasks ------------------------------------------------------------------------------------------------------


def test_a_task_is_changed_by_who_has_it_and_each_of_them_hears(agents: Agents):
    task, _ = taken(agents)
    token = agents.token(agents.alice)
    socket = agents.listen(token)
    changed = agents.ask(token, "POST", f"Tasks/{task}", {"Attributes": {"a": {"b": 1}}}, **{"If-Match": "2"})
    assert changed["attributes"] == '{"a":{"b":1}}'
    assert socket.event("task.updated") == changed
    start = {"VirtualStartTime": "2026-01-31T12:00:00Z"}
    assert agents.ask(token, "POST", f"Tasks/{task}", start)["virtual_start_time"] == 1769860800
    socket.event("task.updated")
    assert agents.refused(token, "POST", f"Tasks/{task}", {"VirtualStartTime": "2099-01-31T12:00:00Z"})[0] == 400
    assert agents.refused(token, "POST", f"Tasks/{task}", {"Attributes": {}}, **{"If-Match": "2"})[0] == 412


def test_a_task_that_is_canceled_or_deleted_takes_its_reservation_along(agents: Agents):
    agents.make_available(agents.alice)
    socket = agents.listen(agents.token(agents.alice))
    task = agents.task()
    created = socket.event("reservation.created")
    agents.workspace.tasks(task).update(assignment_status="canceled", reason="gone")
    told = {one["event_type"]: one["payload"] for one in (socket.message(), socket.message())}
    assert told["task.canceled"]["reason"] == "gone"
    assert (told["reservation.canceled"]["sid"], told["reservation.canceled"]["task"]["assignment_status"]) == (
        created["sid"],
        "canceled",
    )
    second = agents.task()
    reservation = socket.event("reservation.created")["sid"]
    agents.workspace.workers(agents.alice).reservations(reservation).update(reservation_status="accepted")
    agents.workspace.tasks(second).delete()
    socket.event("reservation.accepted")
    assert socket.event("reservation.completed")["sid"] == reservation


def test_who_had_a_reservation_hears_of_its_task_for_five_seconds_more(agents: Agents):
    """As long as the SDK keeps the reservation (agent-sdk.md §3.2)."""
    agents.make_available(agents.alice)
    socket = agents.listen(agents.token(agents.alice))
    task = agents.task()
    where = f"Workers/{agents.alice}/Reservations/{socket.event('reservation.created')['sid']}"
    away = {"ReservationStatus": "rejected", "WorkerActivitySid": agents.offline}
    agents.ask(agents.token(agents.alice), "POST", where, away)
    socket.events("reservation.rejected", "worker.activity.update")
    agents.workspace.tasks(task).update(priority=1)
    assert socket.event("task.updated")["priority"] == 1
    ControlClient(agents.url, agents.account, SECRET).clock.advance(seconds=6)
    agents.workspace.tasks(task).update(priority=2)
    agents.workspace.workers(agents.alice).update(attributes="{}")
    socket.event("worker.attributes.update")


# ---- transfers --------------------------------------------------------------------------------------------------


def transfer(agents: Agents, reservation: str, task: str, **params: Any) -> dict[str, Any]:
    path = f"Workers/{agents.alice}/Transfers"
    given = {"ReservationSid": reservation, "TaskSid": task, "To": agents.bob, **params}
    return agents.ask(agents.token(agents.alice), "POST", path, given)


def test_a_warm_transfer_is_rejected_and_the_task_stays(agents: Agents):
    task, reservation = taken(agents)
    alice, bob = agents.listen(agents.token(agents.alice)), agents.listen(agents.token(agents.bob))
    made = transfer(agents, reservation, task, Attributes={"why": "spanish"}, Priority=7)
    assert (made["transfer_mode"], made["transfer_type"], made["transfer_status"]) == ("WARM", "WORKER", "initiated")
    assert alice.event("task.transfer-initiated") == made
    offered = bob.event("reservation.created")
    assert offered["task_transfer"] == made
    assert offered["task"]["assignment_status"] == "reserved"
    assert (offered["task"]["attributes"], offered["task"]["priority"]) == ('{"why":"spanish"}', 7)
    listed = agents.ask(agents.token(agents.alice), "GET", f"Workers/{agents.alice}/Reservations")["contents"]
    assert [one["active_outgoing_task_transfer"] for one in listed] == [made]
    where = f"Workers/{agents.bob}/Reservations/{offered['sid']}"
    answer = agents.ask(agents.token(agents.bob), "POST", where, {"ReservationStatus": "rejected"})
    assert "task_transfer" not in answer
    rejected = bob.event("reservation.rejected")
    assert (rejected["task_transfer"]["transfer_status"], rejected["task"]["assignment_status"]) == (
        "failed",
        "assigned",
    )
    assert alice.event("task.transfer-failed")["sid"] == made["sid"]
    assert alice.event("task.updated")["assignment_status"] == "assigned"


def test_a_cold_transfer_wraps_up_and_is_completed_by_who_accepts(agents: Agents):
    task, reservation = taken(agents)
    alice, bob = agents.listen(agents.token(agents.alice)), agents.listen(agents.token(agents.bob))
    made = transfer(agents, reservation, task, Mode="COLD")
    _, wrapping = alice.events("task.transfer-initiated", "reservation.wrapup")
    assert wrapping["sid"] == reservation
    offered = bob.event("reservation.created")
    where = f"Workers/{agents.bob}/Reservations/{offered['sid']}"
    agents.ask(agents.token(agents.bob), "POST", where, {"ReservationStatus": "accepted"})
    assert "task_transfer" in bob.event("reservation.accepted")
    ended = alice.event("task.transfer-completed")
    assert (ended["sid"], ended["transfer_status"]) == (made["sid"], "complete")


def test_a_transfer_is_taken_back_once(agents: Agents):
    task, reservation = taken(agents)
    bob = agents.listen(agents.token(agents.bob))
    made = transfer(agents, reservation, task)
    path, back = f"Workers/{agents.alice}/Transfers/{made['sid']}", {"TaskSid": task, "TransferStatus": "canceled"}
    token = agents.token(agents.alice)
    assert agents.ask(token, "POST", path, back)["transfer_status"] == "canceled"
    _, canceled = bob.events("reservation.created", "reservation.canceled")
    assert canceled["task_transfer"]["transfer_status"] == "canceled"
    status, text = agents.refused(token, "POST", path, back)
    assert (status, text) == (400, f"Transfer {made['sid']} is already canceled . Cannot cancel transfer.")
    assert agents.refused(token, "POST", path, {**back, "TransferStatus": "failed"})[0] == 400
    assert agents.refused(agents.token(role="admin"), "POST", path.replace(agents.alice, agents.bob), back)[0] == 404


def test_a_transfer_is_of_the_workers_own_task(agents: Agents):
    task, reservation = taken(agents)
    token, path = agents.token(agents.bob), f"Workers/{agents.bob}/Transfers"
    given = {"ReservationSid": reservation, "TaskSid": task, "To": agents.bob}
    assert agents.refused(token, "POST", path, given)[0] == 400
    other = {**given, "TaskSid": "WT" + "0" * 32}
    assert agents.refused(agents.token(agents.alice), "POST", path.replace(agents.bob, agents.alice), other)[0] == 400


# ---- the envelope -----------------------------------------------------------------------------------------------


def test_browsers_may_ask_from_other_addresses_of_this_machine(agents: Agents):
    wanted = "apiversion,clientversion,if-match"
    asked = {"Origin": "http://localhost:5000", "Access-Control-Request-Headers": wanted}
    answer = requests.options(agents.url + "/v1/wschannels", headers=asked, timeout=patience(20))
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().replace(" ", "").split(",")
    assert set(wanted.split(",")) <= set(allowed)
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    asked["Origin"] = "https://example.com"
    assert requests.options(agents.url + "/v1/wschannels", headers=asked, timeout=patience(20)).status_code == 403
    answer = agents.send(agents.envelope("", "GET", "Activities"))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"url": 1}', b'{"url": "a", "method": "GET", "params": [1]}', b"[" * 5000, b"\xff"],
)
def test_what_is_no_envelope_is_refused_in_words(agents: Agents, body: bytes):
    answer = agents.send(body)
    assert (answer.status_code, len(answer.json()["message"]) > 10) == (400, True)


def test_params_may_be_anything(agents: Agents):
    token, own = agents.token(agents.alice), f"Workers/{agents.alice}"
    for params in ({"ActivitySid": {"a": 1}}, {"ActivitySid": [1, None]}, {"ActivitySid": 1e300}, {"Attributes": "{"}):
        assert agents.refused(token, "POST", own, params)[0] == 400
    for none in ([], ["{}"], 5, True):
        assert agents.refused(token, "POST", own, {"Attributes": none})[0] == 400
    assert agents.ask(token, "POST", own, {"Unknown": None, "": [], "Nobody": {"reads": ["this"]}})["version"] == 1


def test_faults_that_are_ordered_hit_browsers_too(agents: Agents):
    account = agents.client.username, agents.client.password
    order = {"operation": "FetchWorker", "status": "503"}
    made = requests.post(agents.url + "/_sandbox/faults", params=order, auth=account, timeout=patience(20))
    assert made.ok, made.text
    token, own = agents.token(agents.alice), f"Workers/{agents.alice}"
    assert agents.refused(token, "GET", own)[0] == 503
    assert agents.ask(token, "GET", own)["sid"] == agents.alice
