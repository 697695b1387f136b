"""Instructions that need a phone, and a caller who is there (behaviour.md §3.3)."""

from __future__ import annotations

import json
import threading

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.callback_scene import outcome, reserve_alice
from tests.sandbox.conftest import SPANISH, Reply
from tests.waiting import wait_for

CALL = "CA" + "1" * 32
BOTH = {"from": "+15550100", "to": "client:alice"}


@pytest.mark.parametrize(
    ("attributes", "answer", "code"),
    [
        ({}, {"instruction": "dequeue", "from": "+15550100"}, 40140),
        ({}, {"instruction": "conference", "from": "+15550100", "to": "client:alice"}, 40142),
        ({"call_sid": CALL}, {"instruction": "dequeue", "from": "+15550100"}, 40131),
        ({"call_sid": CALL}, {"instruction": "dequeue", "to": "client:alice"}, 40132),
        ({"call_sid": CALL}, {"instruction": "dequeue", **BOTH, "post_work_activity_sid": "WA1"}, 40130),
        ({"call_sid": CALL}, {"instruction": "dequeue", **BOTH, "post_work_activity_sid": "WA" + "0" * 32}, 40130),
        ({"call_sid": CALL}, {"instruction": "dequeue", **BOTH, "status_callback_url": "ftp://there"}, 40157),
        ({"call_sid": CALL}, {"instruction": "dequeue", **BOTH, "status_callback_events": "rang"}, 40134),
        ({}, {"instruction": "call", "url": "http://127.0.0.1/", "to": "client:alice"}, 40111),
        ({}, {"instruction": "call", "from": "bob", "to": "client:alice"}, 40112),
        ({}, {"instruction": "call", "from": "bob", "url": "http://127.0.0.1/"}, 40110),
        ({}, {"instruction": "call", **BOTH, "url": "http://127.0.0.1/", "status_callback_url": 5}, 40158),
        ({}, {"instruction": "redirect", "url": "http://127.0.0.1/"}, 40121),
        ({}, {"instruction": "redirect", "call_sid": "CA1", "url": "http://127.0.0.1/"}, 40121),
        ({}, {"instruction": "redirect", "call_sid": CALL}, 40120),
        ({"call_sid": CALL}, {"instruction": "conference", "from": "+15550100"}, 40137),
        ({"call_sid": CALL}, {"instruction": "conference", "to": "client:alice"}, 40138),
        ({"call_sid": CALL}, {"instruction": "conference", **BOTH, "from": "not a number"}, 40141),
        ({"call_sid": CALL}, {"instruction": "conference", **BOTH, "post_work_activity_sid": 5}, 40143),
        ({"call_sid": CALL}, {"instruction": "conference", **BOTH, "status_callback": "there"}, 40159),
    ],
    ids=lambda value: value if isinstance(value, int) else None,
)
def test_instructions_that_need_a_phone(cast, receiver, sandbox, attributes, answer, code):
    """§3.3, §3.5: refused with the debugger's code, in the callback and over REST alike; the reservation stays."""
    receiver.replies["/callback"] = Reply(body=json.dumps(answer))
    cast.workflow.update(assignment_callback_url=receiver.url + "/callback")
    words = json.dumps({"selected_language": "es", **attributes})
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=words)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    name = answer["instruction"]
    delivery = outcome(sandbox)
    assert delivery["outcome"].startswith(f"{name} was refused: ")
    assert delivery["result"] == "refused"
    (alert,) = sandbox.alerts.list()
    assert (alert["code"], alert["level"]) == (code, "error")
    (reservation,) = task.reservations.list()
    assert reservation.reservation_status == "pending"
    assert alert["subject_sid"] == reservation.sid

    prefix = "" if name == "conference" else name + "_"
    said = {prefix + key: value for key, value in answer.items() if key != "instruction"}
    said = {{"from": "from_", "dequeue_status_callback_events": "dequeue_status_callback_event"}.get(k, k): v
            for k, v in said.items()}  # fmt: skip
    with pytest.raises(TwilioRestException) as refused:
        reservation.update(instruction=name, **said)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert [alert["code"] for alert in sandbox.alerts.list()] == [code, code]


@pytest.mark.parametrize(
    ("attributes", "answer", "code", "status"),
    [
        ({"call_sid": CALL}, {"instruction": "dequeue", **BOTH}, 40133, "pending"),
        ({"call_sid": CALL, "called": "+15550102"}, {"instruction": "dequeue", "to": "client:alice"}, 40133, "pending"),
        ({}, {"instruction": "redirect", "call_sid": CALL, "url": "http://127.0.0.1/"}, 40121, "pending"),
        (
            {},
            {"instruction": "redirect", "call_sid": CALL, "url": "http://127.0.0.1/", "accept": True},
            40121,
            "pending",
        ),
        ({"call_sid": CALL}, {"instruction": "conference", **BOTH}, 40144, "canceled"),
    ],
    ids=lambda value: value if isinstance(value, int) else None,
)
def test_instructions_for_a_caller_who_is_not_there(cast, receiver, sandbox, attributes, answer, code, status):
    """voice.md §4.2, §4.4, §4.5: the instruction is taken, and comes to nothing."""
    receiver.replies["/callback"] = Reply(body=json.dumps(answer))
    cast.workflow.update(assignment_callback_url=receiver.url + "/callback")
    words = json.dumps({"selected_language": "es", **attributes})
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=words)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    done = (
        "waiting call is being sent to other TwiML" if answer["instruction"] == "redirect" else "call is being placed"
    )
    assert outcome(sandbox)["outcome"] == f"{answer['instruction']}: the {done}"
    alert = wait_for(lambda: (sandbox.alerts.list() or [None])[-1])
    assert (alert["code"], alert["workspace_sid"]) == (code, cast.workspace.sid)
    assert wait_for(lambda: status in [each.reservation_status for each in task.reservations.list()])


def test_instructions_over_rest(cast):
    """rest-contract.md §9.3: any spelling; accept and reject as well; on a reservation that is past, a refusal."""
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    (reservation,) = task.reservations.list()
    rejected = reservation.update(instruction="Reject", worker_activity_sid=cast.activities["Offline"].sid)
    assert rejected.reservation_status == "rejected"
    assert cast.alice.fetch().activity_name == "Offline"
    with pytest.raises(TwilioRestException) as refused:
        reservation.update(instruction="conference", from_="+15550100", to="client:alice")
    assert refused.value.code == 40136
    assert refused.value.msg == (
        "Unable to update record: Unable to execute Conference instruction. "
        f"Reservation {reservation.sid} is not currently in a Pending state."
    )
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    reservation = task.reservations.list(reservation_status="pending")[0]
    both = reservation.update(instruction="accept", reservation_status="rejected")
    assert both.reservation_status == "accepted"  # the instruction decides (voice.md §4.1)
    for wrong in ("hum", "completed", "accepted"):
        with pytest.raises(TwilioRestException) as refused:
            reservation.update(instruction=wrong)
        assert (refused.value.status, refused.value.code) == (400, 55555)


def test_supervise(cast):
    """§3.3, §3.5: over REST, below the task only."""
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    (reservation,) = task.reservations.list()

    def refusal(where=reservation):
        with pytest.raises(TwilioRestException) as refused:
            where.update(instruction="supervise", **said)
        return refused.value

    def code():
        return refusal().code

    said = {"supervisor": cast.bob.sid, "supervisor_mode": "barge"}
    assert code() == 40146
    reservation.update(reservation_status="accepted")
    assert code() == 40149
    task.update(attributes='{"selected_language": "es", "conference": {"sid": "CF1"}}')
    assert code() == 40147
    cast.bob.update(attributes='{"contact_uri": "the second desk"}')
    assert "supervisor, taken from the contact_uri of Worker Bob, must be" in refusal().msg
    cast.bob.update(attributes='{"contact_uri": "client:bob"}')
    assert code() == 40148
    said["from_"] = "+15550100"
    assert reservation.update(instruction="supervise", **said).reservation_status == "accepted"
    said["supervisor"] = "WK" + "0" * 32
    assert code() == 40147
    assert "is no Worker of this workspace" in refusal().msg
    said = {}
    assert refusal(cast.alice.reservations.list()[0]).code == 55555


def test_a_conference_for_a_caller_who_has_hung_up(cast, receiver, sandbox):
    """§3.5: 40144 instead of 40136, when the task was canceled while the callback was answered."""
    gate = threading.Event()
    receiver.replies["/callback"] = Reply(body='{"instruction": "conference"}', gate=gate)
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    wait_for(lambda: receiver.requests)
    task.update(assignment_status="canceled", reason="hung up")
    gate.set()
    outcome(sandbox)
    assert [alert["code"] for alert in sandbox.alerts.list()] == [40144]
