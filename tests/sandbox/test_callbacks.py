"""What comes of every answer to an assignment callback (behaviour.md §3.2, §3.3)."""

from __future__ import annotations

import socket
import threading

import pytest

from tests.sandbox.conftest import SPANISH, Reply
from tests.waiting import wait_for

JSON = "application/json"


def reserve_alice(cast, **workflow):
    """A task with a pending reservation for Alice, its callback on the way."""
    cast.workflow.update(**workflow)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    return task


def outcome(sandbox, count=1):
    """The log entry of the oldest of `count` deliveries, when it has ended."""

    def ended():
        log = sandbox.ask("deliveries")["deliveries"]
        return log[-1] if len(log) >= count and log[-1]["outcome"] else None

    return wait_for(ended)


@pytest.mark.parametrize(
    ("reply", "status", "alerts"),
    [
        (Reply(body='{"instruction": "accept"}'), "accepted", []),
        (Reply(body=""), "pending", []),
        (Reply(body="{}"), "pending", []),
        (Reply(body="", status=204, content_type=None), "pending", []),
        (Reply(body='{"message": "success"}'), "pending", [40005]),
        (Reply(body='{"instruction": "accept"'), "pending", [40001]),
        (Reply(body='"{\\"instruction\\": \\"accept\\"}"'), "pending", [40001]),
        (Reply(body='{"instruction": "acept"}'), "pending", [55555]),
        (Reply(body='{"instruction": "accept"}', content_type="application/json; charset=utf-8"), "accepted", []),
        (Reply(body='{"instruction": "accept"}', content_type="text/html"), "canceled", [40000]),
        (Reply(body='{"instruction": "accept"}', status=404), "canceled", [11200]),
        (Reply(body="boom", status=500, content_type="text/plain"), "canceled", [11200]),
    ],
    ids=lambda value: value.body[:24] + f"-{value.status}" if isinstance(value, Reply) else None,
)
def test_the_table(cast, receiver, sandbox, reply, status, alerts):
    """§3.2. A canceled reservation is followed by a new one here, which is answered nothing: see the first."""
    replies = iter([reply])
    receiver.replies["/callback"] = lambda form: next(replies, Reply())
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    outcome(sandbox)
    first = task.reservations.list()[0]
    assert first.reservation_status == status
    assert [alert["code"] for alert in reversed(sandbox.ask("alerts")["alerts"])] == alerts


def test_nobody_answers(cast, receiver, sandbox):
    """§3.2: refused, no fallback: canceled, and the task goes on; here to the same worker, whose callback works."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        task = reserve_alice(cast, assignment_callback_url=f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        delivery = outcome(sandbox)
        assert "ClientConnectorError" in delivery["attempts"][0]["error"]
        assert task.reservations.list()[0].reservation_status == "canceled"
        cast.workflow.update(assignment_callback_url="")
    assert delivery["outcome"] == "nobody could be asked: the reservation is canceled"


def test_the_fallback_is_asked_when_the_first_address_fails(cast, receiver, sandbox):
    """§3.2: a new POST with the same parameters, signed for its own address."""
    receiver.replies["/callback"] = Reply(status=500)
    receiver.replies["/fallback"] = Reply(body='{"instruction": "accept"}')
    task = reserve_alice(
        cast,
        assignment_callback_url=receiver.url + "/callback",
        fallback_assignment_callback_url=receiver.url + "/fallback",
    )
    delivery = outcome(sandbox)
    first, second = receiver.requests
    assert (first.path, second.path) == ("/callback", "/fallback")
    assert first.form == second.form
    assert first.valid
    assert second.valid
    assert [attempt.get("status") for attempt in delivery["attempts"]] == [500, 200]
    assert task.fetch().assignment_status == "assigned"


def test_a_slow_handler_does_not_slow_the_request_that_fires_it(cast, receiver, sandbox):
    """The answer comes while the handler is still held; and an answer that comes too late is said to be."""
    gate = threading.Event()
    receiver.replies["/callback"] = Reply(body='{"instruction": "accept"}', gate=gate)
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    wait_for(lambda: receiver.requests)
    (reservation,) = task.reservations.list()
    assert reservation.update(reservation_status="accepted").reservation_status == "accepted"
    gate.set()
    assert outcome(sandbox)["outcome"] == "too late for accept: the reservation is accepted"


def test_reject_moves_the_worker(cast, receiver, sandbox):
    """§3.3."""
    body = f'{{"instruction": "reject", "activity_sid": "{cast.activities["Offline"].sid}"}}'
    receiver.replies["/callback"] = Reply(body=body)
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    assert outcome(sandbox)["outcome"] == "rejected"
    assert task.fetch().assignment_status == "pending"
    assert cast.alice.fetch().activity_name == "Offline"


def test_reject_without_an_activity_still_rejects(cast, receiver, sandbox):
    """§2.3, §11: with alert 40100, and the worker as it was; so the task comes straight back."""
    replies = iter([Reply(body='{"instruction": "reject"}')])
    receiver.replies["/callback"] = lambda form: next(replies, Reply())
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    outcome(sandbox, count=2)
    assert [r.reservation_status for r in task.reservations.list()] == ["rejected", "pending"]
    assert [alert["code"] for alert in sandbox.ask("alerts")["alerts"]] == [40100]


def test_an_instruction_that_needs_a_phone_says_so(cast, receiver, sandbox):
    receiver.replies["/callback"] = Reply(body='{"instruction": "dequeue"}')
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    assert "places no phone calls" in wait_for(lambda: sandbox.ask("alerts")["alerts"])[0]["text"]
    assert task.reservations.list()[0].reservation_status == "pending"
