"""A worker's page of today: it connects, reads what there is, takes tasks, and hears what becomes of them."""

from __future__ import annotations

from typing import Any

from tests.realtime.conftest import ACCOUNT, Agents

# what the SDK's own objects insist on (agent-sdk.md §5)
NEEDED = {
    "worker": (
        "account_sid activity_name activity_sid attributes available date_created date_status_changed date_updated "
        "friendly_name sid workspace_sid version"
    ),
    "activity": "account_sid available date_created date_updated friendly_name sid workspace_sid",
    "channel": (
        "account_sid assigned_tasks available available_capacity_percentage configured_capacity date_created "
        "date_updated last_reserved_time sid task_channel_sid task_channel_unique_name worker_sid workspace_sid"
    ),
    "task": (
        "addons age attributes date_created date_updated priority queue_name queue_sid reason routing_target sid "
        "assignment_status task_channel_unique_name task_channel_sid timeout workflow_name workflow_sid version "
        "virtual_start_time"
    ),
    "reservation": (
        "account_sid date_created date_updated reservation_status sid task reservation_timeout worker_sid "
        "workspace_sid version"
    ),
    "queue": (
        "friendly_name reservation_activity_name assignment_activity_name target_workers max_reserved_workers "
        "task_order reservation_activity_sid assignment_activity_sid workspace_sid account_sid sid date_created "
        "date_updated lifo_queue"
    ),
}


def has_all(kind: str, payload: dict[str, Any]) -> bool:
    missing = set(NEEDED[kind].split()) - payload.keys()
    assert not missing
    assert all(isinstance(payload[name], int) for name in payload if name.startswith("date_"))
    return True


def test_a_page_begins(agents: Agents):
    token, own = agents.token(agents.alice), f"Workers/{agents.alice}"
    init = agents.listen(token).init
    lifetime = init["payload"].pop("token_lifetime")
    assert 500_000 < lifetime <= 600_000
    channel = {"channel_id": agents.alice, "account_sid": ACCOUNT, "workspace_sid": agents.sid}
    assert init == {"event_type": "init", "payload": channel}
    worker = agents.ask(token, "GET", own)
    assert has_all("worker", worker)
    assert (worker["activity_name"], worker["available"], worker["version"]) == ("Offline", False, 0)
    assert worker["attributes"] == '{"name":"alice"}'
    activities = agents.ask(token, "GET", "Activities", {"PageSize": 1000})
    assert [one["friendly_name"] for one in activities["contents"]] == ["Offline", "Available", "Unavailable"]
    assert all(has_all("activity", one) for one in activities["contents"])
    assert (activities["after_sid"], activities["meta"]["next_token"]) == (None, None)
    channels = agents.ask(token, "GET", f"{own}/WorkerChannels", {"PageSize": 1000})["contents"]
    assert all(has_all("channel", one) for one in channels)
    assert [one["available"] for one in channels] == [1] * len(channels)
    assert agents.ask(token, "GET", f"{own}/Reservations", {"Active": "true", "PageSize": 1000})["contents"] == []


def test_a_task_is_taken_wrapped_up_and_completed(agents: Agents):
    token, own = agents.token(agents.alice), f"Workers/{agents.alice}"
    socket = agents.listen(token)
    worker = agents.ask(token, "POST", own, {"ActivitySid": agents.available}, **{"If-Match": "0"})
    assert (worker["available"], worker["version"]) == (True, 1)
    assert socket.event("worker.activity.update") == worker
    task = agents.task(attributes='{"text": "hola"}')
    created = socket.event("reservation.created")
    assert has_all("reservation", created)
    assert has_all("task", created["task"])
    assert (created["reservation_status"], created["reservation_timeout"]) == ("pending", 120)
    told = created["task"]
    assert (told["sid"], told["assignment_status"], told["attributes"]) == (task, "reserved", '{"text":"hola"}')
    assert (told["queue_name"], told["workflow_name"], told["reason"]) == ("Everybody", "All", None)
    assert agents.ask(token, "GET", f"{own}/Reservations", {"Active": "true"})["contents"] == [created]
    where = f"{own}/Reservations/{created['sid']}"
    answer = agents.ask(token, "POST", where, {"ReservationStatus": "accepted"}, **{"If-Match": "0"})
    assert not answer.keys() & {"task", "reservation_timeout", "task_transfer"}
    assert (answer["reservation_status"], answer["version"]) == ("accepted", 1)
    accepted = socket.event("reservation.accepted")
    assert accepted["task"]["assignment_status"] == "assigned"
    assert agents.ask(token, "GET", where) == accepted
    agents.ask(token, "POST", f"Tasks/{task}", {"AssignmentStatus": "wrapping", "Reason": "tea"})
    kinds = {one["event_type"]: one["payload"] for one in (socket.message(), socket.message())}
    assert kinds["reservation.wrapup"]["reservation_status"] == "wrapping"
    assert kinds["task.wrapup"]["reason"] == kinds["reservation.wrapup"]["task"]["reason"] == "tea"
    done = agents.ask(token, "POST", f"Tasks/{task}", {"AssignmentStatus": "completed", "Reason": "done"})
    assert (done["assignment_status"], done["reason"]) == ("completed", "done")
    kinds = {one["event_type"]: one["payload"] for one in (socket.message(), socket.message())}
    assert kinds["task.completed"] == done
    assert kinds["reservation.completed"]["reservation_status"] == "completed"


def test_a_rejected_task_leaves_with_the_worker_where_it_was_sent(agents: Agents):
    token, own = agents.token(agents.alice), f"Workers/{agents.alice}"
    socket = agents.listen(token)
    agents.make_available(agents.alice)
    agents.task()
    _, created = socket.events("worker.activity.update", "reservation.created")
    answer = {"ReservationStatus": "rejected", "WorkerActivitySid": agents.offline}
    assert agents.ask(token, "POST", f"{own}/Reservations/{created['sid']}", answer)["reservation_status"] == "rejected"
    kinds = {one["event_type"]: one["payload"] for one in (socket.message(), socket.message())}
    assert kinds["reservation.rejected"]["task"]["assignment_status"] == "pending"
    assert kinds["worker.activity.update"]["activity_sid"] == agents.offline


def test_pending_reservations_are_rejected_on_the_way_out(agents: Agents):
    token, own = agents.token(agents.alice), f"Workers/{agents.alice}"
    agents.make_available(agents.alice)
    agents.task()
    socket = agents.listen(token)
    agents.ask(token, "POST", own, {"ActivitySid": agents.offline, "RejectPendingReservations": True})
    assert socket.event("worker.activity.update")["activity_sid"] == agents.offline
    assert socket.event("reservation.rejected")["task"]["assignment_status"] == "pending"


def test_attributes_go_in_as_an_object_and_come_out_as_text(agents: Agents):
    token = agents.token(agents.alice)
    socket = agents.listen(token)
    worker = agents.ask(token, "POST", f"Workers/{agents.alice}", {"Attributes": {"name": "Ana", "skills": ["es"]}})
    assert worker["attributes"] == '{"name":"Ana","skills":["es"]}'
    assert socket.event("worker.attributes.update") == worker


def test_a_worker_makes_a_task_for_itself(agents: Agents):
    token = agents.token(agents.alice)
    agents.make_available(agents.alice)
    socket = agents.listen(token)
    params = {
        "WorkflowSid": agents.workflow,
        "TaskQueueSid": agents.queue,
        "RoutingTarget": agents.alice,
        "Attributes": {"outbound_to": "+15551234567", "from": "+15557654321"},
        "TaskChannelUniqueName": "voice",
        "VirtualStartTime": "2026-01-31T12:00:00Z",
    }
    task = agents.ask(token, "POST", "Tasks", params)
    assert has_all("task", task)
    assert (task["task_channel_unique_name"], task["virtual_start_time"]) == ("voice", 1769860800)
    assert socket.event("reservation.created")["task"]["sid"] == task["sid"]


def test_versions_count_as_the_sdk_counts_them(agents: Agents):
    """One for each reservation, each capacity and each availability that is told (§7)."""
    token, own = agents.token(agents.alice), f"Workers/{agents.alice}"
    agents.make_available(agents.alice)
    socket = agents.listen(token)
    agents.task()
    socket.event("reservation.created")
    channel = agents.workspace.workers(agents.alice).worker_channels("default")
    channel.update(capacity=3)
    assert socket.event("worker.capacity.update")["configured_capacity"] == 3
    channel.update(available=False)
    assert socket.event("worker.channel.availability.update")["available"] == 0
    assert agents.refused(token, "POST", own, {"Attributes": {}}, **{"If-Match": "1"})[0] == 412
    assert agents.ask(token, "POST", own, {"Attributes": {}}, **{"If-Match": "4"})["version"] == 5


def test_others_hear_nothing(agents: Agents):
    bob = agents.listen(agents.token(agents.bob))
    agents.make_available(agents.alice)
    agents.task()
    agents.workspace.workers(agents.bob).update(attributes='{"last": true}')
    assert bob.event("worker.attributes.update")["attributes"] == '{"last":true}'
