"""What phone calls do to reservations, told as a voice part would tell it (behaviour.md §2.2, §2.3, §3.3)."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.storage.resources import read_resource, write_resource
from tests.engine.stage import Phones, Stage
from tests.engine.stored import state_of

CALL, WORKER_CALL = "CA" + "1" * 32, "CA" + "2" * 32


@pytest.fixture(params=[False, True], ids=["single", "multi"])
def stage(request):
    return Stage(multi=request.param, places_calls=True)


def reserved(stage: Stage, **attributes):
    """A reservation for Alice, for a call that came in."""
    queue = stage.moving_queue()
    stage.workflow(default=queue, task_reservation_timeout=20)
    stage.worker("Alice", contact_uri="client:alice")
    task = stage.task(attributes={"call_sid": CALL, "called": "+15550100", **attributes})
    stage.forget()
    return stage.the(task)


def instruct(stage: Stage, reservation, name: str, **said):
    stage.engine.reservations.instruct(stage.now, reservation, name, said)
    return stage.engine.state.recorder.effects.call_requests


def test_3_3_an_order_is_complete(stage: Stage):
    """The worker's contact_uri, the number the caller dialed, and all defaults."""
    reservation = reserved(stage)
    (order,) = instruct(stage, reservation, "dequeue", post_work_activity_sid=stage.busy.sid)
    assert (order.instruction, order.reservation_sid) == ("dequeue", reservation.sid)
    assert order.parameters == {
        "to": "client:alice",
        "from": "+15550100",
        "post_work_activity_sid": stage.busy.sid,
        "record": "do-not-record",
        "timeout": 60,
        "status_callback_url": None,
        "status_callback_events": (),
    }


def test_3_3_what_is_said_counts(stage: Stage):
    reservation = reserved(stage)
    said = {"to": "+15550101", "timeout": "30", "muted": "true", "beep": "onExit", "status_callback_event": "answered"}
    (order,) = instruct(stage, reservation, "conference", **said)
    shown = {key: order.parameters[key] for key in said}
    assert shown == {**said, "timeout": 30, "muted": True, "status_callback_event": ("answered",)}
    assert (order.parameters["max_participants"], order.parameters["early_media"]) == (250, True)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dequeue", {"timeout": 1000}),
        ("dequeue", {"record": "yes"}),
        ("conference", {"max_participants": 1}),
        ("conference", {"muted": "maybe"}),
        ("conference", {"beep": "loud"}),
        ("conference", {"region": "mars"}),
        ("conference", {"wait_method": "PUT"}),
    ],
)
def test_3_3_wrong_values_are_refused_and_change_nothing(stage: Stage, name, said):
    reservation = reserved(stage)
    before = state_of(reservation)
    with pytest.raises(TaskRouterError, match=next(iter(said))):
        instruct(stage, reservation, name, **said)
    assert state_of(reservation) == before


def test_3_3_a_wrong_value_is_told_as_json_has_it(stage: Stage):
    with pytest.raises(TaskRouterError, match=r"; it was true\.$"):
        instruct(stage, reserved(stage), "call", **{"from": True, "to": "+15550101", "url": "http://127.0.0.1/"})


@pytest.mark.parametrize("name", ["dequeue", "call", "conference"])
def test_3_3_what_is_not_said_but_wrong_matters_only_where_it_counts(name):
    """And then the refusal says where it stands."""
    stage = Stage(places_calls=True)
    reservation = reserved(stage, called=None, to="Customer Service")
    worker = stage.state.workers[reservation.worker_sid]
    stage.engine.workers.update(stage.now, worker, attributes='{"contact_uri": "+1 (555) 555-5555"}')
    both = {"to": "+15550101", "from": "+15550102", "url": "http://127.0.0.1/"}
    with pytest.raises(
        TaskRouterError, match=r"to, taken from the worker's contact_uri, must be .*; it was '\+1 \(555"
    ):
        instruct(stage, reservation, name, **both | {"to": None})
    if name != "call":
        with pytest.raises(
            TaskRouterError, match=r'from, taken from the task attribute "to", must be .*Customer Service'
        ):
            instruct(stage, reservation, name, **both | {"from": None})
    (order,) = instruct(stage, reservation, name, **both)
    assert (order.parameters["to"], order.parameters["from"]) == ("+15550101", "+15550102")


@pytest.mark.parametrize(
    ("contact", "right"),
    [
        ("sip:bob@example.com", True),
        ("sip:bob@example.com:5060;transport=tls?X-Team=1&X-Name=a%20b", True),
        ("sips:+15550101@example.com", True),
        ("client:alice", True),
        ("client:alice%40example.com", True),
        ("client:alice@example.com", True),
        ("18001234567", True),
        ("client:Jane Doe", False),
        ("client:100%", False),
        ("sip:bob@example.com?X=a b", False),
        ("+1 (555) 555-5555", False),
    ],
)
def test_3_3_contacts(contact, right):
    stage = Stage(places_calls=True)
    reservation = reserved(stage)
    if right:
        (order,) = instruct(stage, reservation, "dequeue", to=contact)
        assert order.parameters["to"] == contact
    else:
        with pytest.raises(TaskRouterError, match=r"instruction's to must be a phone number such as") as refused:
            instruct(stage, reservation, "dequeue", to=contact)
        assert refused.value.code == 40131


def test_3_3_a_sip_address_rings_for_ten_minutes_at_most():
    stage = Stage(places_calls=True)
    reservation = reserved(stage)
    with pytest.raises(TaskRouterError, match="at most 600 for a SIP address") as refused:
        instruct(stage, reservation, "dequeue", to="sip:bob@example.com", timeout=601)
    assert refused.value.code == 20001
    (order,) = instruct(stage, reservation, "dequeue", to="client:bob", timeout=601)
    assert order.parameters["timeout"] == 601


def test_2_2_the_timer_stands_still_while_a_conference_is_set_up(stage: Stage):
    reservation = reserved(stage)
    instruct(stage, reservation, "conference")
    stage.pass_(60)
    assert reservation.reservation_status == "pending"
    with pytest.raises(TaskRouterError, match="is under way"):
        instruct(stage, reservation, "conference")
    stage.engine.reservations.connected(stage.now, reservation)
    assert reservation.reservation_status == "accepted"
    assert stage.state.tasks[reservation.task_sid].assignment_status == "assigned"


def test_a_dequeue_does_not_stop_the_timer(stage: Stage):
    """voice.md §4.2: it may strike while the phone rings."""
    reservation = reserved(stage)
    instruct(stage, reservation, "dequeue")
    stage.pass_(20)
    assert reservation.reservation_status == "timeout"
    with pytest.raises(TaskRouterError):
        stage.engine.reservations.connected(stage.now, reservation)


def test_a_call_that_fails_may_leave_the_reservation_pending(stage: Stage):
    """voice.md §4.2: another instruction can follow."""
    reservation = reserved(stage)
    instruct(stage, reservation, "dequeue")
    stage.engine.reservations.call_failed(stage.now, reservation, "busy", cancels=False)
    assert reservation.reservation_status == "pending"
    assert not stage.engine.drain().alerts
    assert instruct(stage, reservation, "dequeue")


def test_2_2_so_it_does_after_a_restart(stage: Stage):
    reservation = reserved(stage)
    instruct(stage, reservation, "conference")
    stored = [read_resource(*write_resource(e)) for table in stage.state.tables.values() for e in table.values()]
    again = WorkspaceEngine(stage.state.workspace, "AC", lambda letters: letters, stored, surroundings=Phones())
    again.advance(stage.now + 60_000)
    assert again.state.reservations[reservation.sid].reservation_status == "pending"


def test_2_2_a_call_that_fails_cancels_the_reservation(stage: Stage):
    reservation = reserved(stage)
    instruct(stage, reservation, "conference")
    stage.engine.reservations.call_failed(stage.now, reservation, "busy", 40145)
    assert reservation.reservation_status == "canceled"
    assert [alert.code for alert in stage.engine.drain().alerts] == [40145]


@pytest.mark.parametrize("name", ["call", "redirect"])
@pytest.mark.parametrize("accept", [False, True])
def test_3_3_call_and_redirect_accept_only_when_told_to(stage: Stage, name: str, accept: bool):
    reservation = reserved(stage)
    said = {"call_sid": CALL} if name == "redirect" else {"from": "+15550100"}
    instruct(stage, reservation, name, url="http://127.0.0.1/", accept=accept, **said)
    assert reservation.reservation_status == ("accepted" if accept else "pending")
    stage.pass_(20)
    assert reservation.reservation_status == ("accepted" if accept else "timeout")


def test_3_3_what_a_call_leaves_on_the_task(stage: Stage):
    reservation = reserved(stage)
    task = stage.state.tasks[reservation.task_sid]
    instruct(stage, reservation, "conference")
    stage.engine.reservations.dialed(stage.now, reservation, WORKER_CALL)
    conference = {"sid": "CF" + "3" * 32, "participants": {"worker": WORKER_CALL, "customer": CALL}}
    stage.engine.reservations.connected(stage.now, reservation, conference)
    assert json.loads(task.attributes)["worker_call_sid"] == WORKER_CALL
    assert json.loads(task.attributes)["conference"] == conference
    assert [event.event_type for event in stage.engine.drain().events][:3] == [
        "task.updated",
        "task.updated",
        "reservation.accepted",
    ]
    stage.engine.reservations.call_ended(stage.now, reservation)
    single = not stage.engine.workspace.multi_task_enabled
    assert task.reason == ("All reservations were completed" if single else "Conference ended")


def test_2_3_after_the_call_the_worker_goes_to_the_post_work_activity(stage: Stage):
    """§2.1: single-tasking voice completes the task; multitasking leaves it wrapping."""
    reservation = reserved(stage)
    task, worker = stage.state.tasks[reservation.task_sid], stage.state.workers[reservation.worker_sid]
    instruct(stage, reservation, "dequeue", post_work_activity_sid=stage.offline.sid)
    stage.engine.reservations.connected(stage.now, reservation)
    stage.forget()
    stage.engine.reservations.call_ended(stage.now, reservation)
    single = not stage.engine.workspace.multi_task_enabled
    assert task.reason == ("All reservations were completed" if single else None)
    events = [event.event_type for event in stage.engine.drain().events]
    assert worker.activity_sid == stage.offline.sid
    if stage.state.workspace.multi_task_enabled:
        assert (task.assignment_status, reservation.reservation_status) == ("wrapping", "wrapping")
        assert events == ["reservation.wrapup", "task.wrapup", "worker.activity.update"]
    else:
        assert (task.assignment_status, reservation.reservation_status) == ("completed", "completed")
        assert events == ["task.completed", "reservation.completed", "worker.activity.update"]


def test_3_3_supervising_a_conference(stage: Stage):
    reservation = reserved(stage)
    instruct(stage, reservation, "conference")
    stage.engine.reservations.connected(stage.now, reservation, {"sid": "CF1", "participants": {}})
    stage.engine.drain()
    (order,) = instruct(stage, reservation, "supervise", supervisor=reservation.worker_sid, supervisor_mode="whisper")
    assert order.parameters == {"supervisor": "client:alice", "supervisor_mode": "whisper", "from": "+15550100"}


def test_a_router_without_a_phone_refuses_and_leaves_the_reservation_alone():
    stage = Stage()
    reservation = reserved(stage)
    with pytest.raises(TaskRouterError, match="places no phone calls") as refused:
        instruct(stage, reservation, "dequeue")
    assert refused.value.code == 40133
    assert stage.engine.drain().call_requests == []
    assert reservation.reservation_status == "pending"
