"""The tutorial's heart, over real HTTP with the real client (behaviour.md §1.3)."""

from __future__ import annotations

from tests.sandbox.conftest import SPANISH, Reply
from tests.waiting import wait_for

CALLBACK = "/assignment_callback"
ELEVEN = {
    "AccountSid", "ReservationSid", "TaskAge", "TaskAttributes", "TaskPriority", "TaskQueueSid", "TaskSid",
    "WorkerAttributes", "WorkerSid", "WorkflowSid", "WorkspaceSid",
}  # fmt: skip


def test_queues_list_their_workers_whatever_their_activity(cast):
    """§1.2, step 1c."""
    spanish = cast.workspace.workers.list(task_queue_sid=cast.queues["es"].sid)
    english = cast.workspace.workers.list(task_queue_sid=cast.queues["en"].sid)
    assert [w.friendly_name for w in spanish] == ["Alice"]
    assert [w.friendly_name for w in english] == ["Alice", "Bob"]
    assert {w.activity_name for w in english} == {"Offline"}


def test_a_task_waits_until_alice_is_idle_and_is_accepted_over_rest(cast):
    """§1.3, steps 2b to 2c."""
    cast.bob.update(activity_sid=cast.activities["Idle"].sid)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    assert task.assignment_status == "pending"
    assert task.task_queue_friendly_name == "Customer Care Requests - Spanish"
    assert task.reservations.list() == []

    alice = cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    assert alice.activity_name == "Reserved"
    (reservation,) = task.reservations.list()
    assert reservation.reservation_status == "pending"
    assert task.fetch().assignment_status == "reserved"

    accepted = reservation.update(reservation_status="accepted")
    assert (accepted.reservation_status, accepted.worker_name) == ("accepted", "Alice")
    assert task.fetch().assignment_status == "assigned"
    assert cast.alice.fetch().activity_name == "Busy"

    done = task.update(assignment_status="completed", reason="helped")
    assert (done.assignment_status, done.reason) == ("completed", "helped")
    assert cast.alice.fetch().activity_name == "Busy"
    assert reservation.fetch().reservation_status == "completed"


def test_the_callback_accepts(cast, receiver):
    """§1.3, step 2d: no call but the learner's click; §3.1: what is sent."""
    receiver.replies[CALLBACK] = Reply(body='{"instruction": "accept"}')
    cast.workflow.update(assignment_callback_url=receiver.url + CALLBACK)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    assert receiver.requests == []

    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    wait_for(lambda: task.fetch().assignment_status == "assigned")
    assert cast.alice.fetch().activity_name == "Busy"

    (request,) = receiver.requests
    assert set(request.form) == ELEVEN
    assert request.body.split("&")[0].startswith("AccountSid=")
    assert request.valid
    assert request.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert request.form["TaskSid"] == task.sid
    assert request.form["TaskAttributes"] == '{"selected_language":"es"}'

    story = [
        (e.event_type, e.event_data.get("worker_activity_name"), e.event_data.get("task_assignment_status"))
        for e in reversed(cast.workspace.events.list())
        if e.resource_sid in (task.sid, cast.alice.sid) or e.event_data.get("task_sid") == task.sid
    ]
    assert story[-5:] == [
        ("worker.activity.update", "Idle", None),
        ("reservation.created", "Reserved", "reserved"),
        ("worker.activity.update", "Reserved", None),
        ("reservation.accepted", "Reserved", "assigned"),
        ("worker.activity.update", "Busy", None),
    ]
    times = [e.event_date_ms for e in reversed(cast.workspace.events.list())]
    assert times == sorted(set(times))


def test_an_empty_answer_leaves_the_reservation_pending(cast, receiver, sandbox):
    """§1.3, step 2a."""
    receiver.replies[CALLBACK] = Reply(body="{}")
    cast.workflow.update(assignment_callback_url=receiver.url + CALLBACK)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    delivery = wait_for(lambda: next((d for d in sandbox.deliveries.list() if d["outcome"]), None))
    assert delivery["outcome"] == "no instruction: the reservation stays pending"
    assert task.reservations.list()[0].reservation_status == "pending"
    assert sandbox.alerts.list() == []


def test_in_a_multitasking_workspace_alice_stays_idle(client, receiver):
    """§2.3, and capacity 1: a second task waits until the first is completed (§7)."""
    workspace = client.taskrouter.v1.workspaces.create(friendly_name="Modern")
    idle = workspace.activities.create("Idle", available=True)
    queue = workspace.task_queues.create("Everyone")
    configuration = f'{{"task_routing": {{"default_filter": {{"queue": "{queue.sid}"}}}}}}'
    workspace.workflows.create("All", configuration=configuration)
    alice = workspace.workers.create("Alice", activity_sid=idle.sid)
    first, second = (workspace.tasks.create() for _ in range(2))
    assert first.assignment_status == "reserved"
    first.reservations.list()[0].update(reservation_status="accepted")
    assert alice.fetch().activity_name == "Idle"
    assert second.fetch().assignment_status == "pending"
    first.update(assignment_status="completed", reason="done")
    assert second.fetch().assignment_status == "reserved"


def test_a_reservation_times_out(cast):
    """§2.2, §2.3: the worker goes to the timeout activity, the task waits again."""
    cast.workflow.update(task_reservation_timeout=1)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    wait_for(lambda: task.fetch().assignment_status == "pending")
    (reservation,) = task.reservations.list()
    assert reservation.reservation_status == "timeout"
    assert cast.alice.fetch().activity_name == "Offline"
    descriptions = [e.description for e in cast.workspace.events.list(event_type="reservation.timeout")]
    assert descriptions == [f"Reservation {reservation.sid} timed out"]


def test_rejecting_sends_the_worker_where_it_was_asked_to_go(cast):
    """§2.3."""
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    (reservation,) = task.reservations.list()
    reservation.update(reservation_status="rejected", worker_activity_sid=cast.activities["Offline"].sid)
    assert cast.alice.fetch().activity_name == "Offline"
    assert task.fetch().assignment_status == "pending"


def test_the_worker_who_has_been_idle_longest_is_reserved(cast):
    """§7: never-used workers first, in the order of their creation; then the longest since a reservation."""
    idle = cast.activities["Idle"].sid
    carla = cast.workspace.workers.create("Carla", attributes='{"languages": ["en"]}', activity_sid=idle)
    cast.bob.update(activity_sid=idle)
    names = []
    for _ in range(3):
        task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes='{"selected_language": "en"}')
        (reservation,) = task.reservations.list()
        names.append(reservation.worker_name)
        reservation.update(reservation_status="accepted")
        task.update(assignment_status="completed", reason="done")
        for worker in (cast.bob, carla):
            worker.update(activity_sid=idle)
    assert names == ["Bob", "Carla", "Bob"]
