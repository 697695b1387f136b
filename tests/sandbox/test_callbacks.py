"""What comes of every answer to an assignment callback (behaviour.md §3.2, §3.3)."""

from __future__ import annotations

import threading

import pytest

from taskrouter_sandbox.webhooks.assignment_callback import parse_answer
from tests.ports import port_that_refuses
from tests.sandbox.callback_scene import outcome, reserve_alice
from tests.sandbox.conftest import Reply
from tests.waiting import wait_for


@pytest.mark.parametrize(
    ("reply", "status", "alerts"),
    [
        (Reply(body='{"instruction": "accept"}'), "accepted", []),
        (Reply(body=""), "pending", []),
        (Reply(body="{}"), "pending", []),
        (Reply(body="", content_type=None), "pending", []),
        (Reply(body="", status=204, content_type=None), "pending", [11200]),
        (Reply(body="", status=202), "pending", [11200]),
        (Reply(body='{"instruction": "accept"}', status=201), "canceled", [11200]),
        (Reply(body='{"instruction": "accept"}', content_type=None), "canceled", [40000]),
        (Reply(body='["accept"]'), "pending", [40001]),
        (Reply(body='{"instruction": ["accept"]}'), "pending", [55555]),
        (Reply(body='{"instruction": "supervise"}'), "pending", [55555]),
        (Reply(body="", status=304, content_type=None), "canceled", [11200]),
        (Reply(body='{"message": "success"}'), "pending", [40005]),
        (Reply(body='{"instruction": "accept"'), "pending", [40001]),
        (Reply(body='"{\\"instruction\\": \\"accept\\"}"'), "pending", [40001]),
        (Reply(body='{"instruction": "acept"}'), "pending", [55555]),
        (Reply(body='{"instruction": "accept"}', content_type="application/json; charset=utf-8"), "accepted", []),
        (Reply(body='{"instruction": "accept"}', content_type="text/html"), "canceled", [40000]),
        (Reply(body='{"instruction": "accept"}', status=404), "canceled", [11200]),
        (Reply(body="boom", status=500, content_type="text/plain"), "canceled", [11200]),
        (Reply(body='{"instruction": "accept", "padding": "%s"}' % ("x" * 60_000)), "accepted", []),
        (Reply(body='{"instruction": "accept", "longer": "%s"}' % ("x" * 70_000)), "canceled", [11750]),
        (Reply(body="x" * 70_000, status=500, content_type="text/html"), "canceled", [11200]),
        (Reply(body="[" * 4000), "pending", [40001]),
        (Reply(body='{"instruction": "accept", "deep": %s}' % ("[" * 1500 + "]" * 1500)), "pending", [40001]),
        (Reply(body='{"instruction": %s}' % ("[" * 900 + "]" * 900)), "pending", [40001]),
        (Reply(body='{"instruction": "accept"}', content_type="application/json; charset=hex"), "canceled", [40000]),
        (Reply(body='{"instruction": "accept"}', content_type="application/json; charset=none"), "canceled", [40000]),
        (Reply(body='{"instruction": "accept"}', content_type="application/json; charset=latin1"), "accepted", []),
        (Reply(body=r'{"instruction": "\ud800"}', content_type="application/json"), "pending", [40001]),
        (Reply(body=r'"\ud800"', content_type="application/json; charset=unicode_escape"), "pending", [40001]),
        (Reply(body='{"instruction": "accept"}', content_type="text/\xff"), "canceled", [40000]),
        (Reply(status=302, headers={"Location": "/\xff"}), "pending", []),
        (Reply(status=302, headers={"Location": "http://\xff/"}), "canceled", [11210]),
        (Reply(body="plain", headers={"Content-Encoding": "gzip"}), "canceled", [11200]),
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
    assert [alert["code"] for alert in reversed(sandbox.alerts.list())] == alerts


@pytest.mark.parametrize(
    ("written", "told"), [("null", "null"), ('{"accept": true}', '{"accept": true}'), ('"acept"', "'acept'")]
)
def test_what_is_no_instruction_is_told_as_it_was_written(written, told):
    alert = parse_answer(200, "application/json", f'{{"instruction": {written}}}').alert
    assert alert is not None
    assert alert.text.startswith(f"{told} is not an instruction; known are accept,")


def test_an_unknown_charset_is_reason_to_ask_the_fallback(cast, receiver, sandbox):
    receiver.replies["/callback"] = Reply(body="{}", content_type="application/json; charset=hex")
    receiver.replies["/fallback"] = Reply(body='{"instruction": "accept"}')
    task = reserve_alice(
        cast,
        assignment_callback_url=receiver.url + "/callback",
        fallback_assignment_callback_url=receiver.url + "/fallback",
    )
    assert [attempt["status"] for attempt in outcome(sandbox)["attempts"]] == [200, 200]
    assert task.fetch().assignment_status == "assigned"


def test_nobody_answers(cast, receiver, sandbox):
    """§3.2: refused, no fallback: canceled, and the task goes on; here to the same worker, whose callback works."""
    with port_that_refuses() as port:
        task = reserve_alice(cast, assignment_callback_url=f"http://127.0.0.1:{port}/")
        delivery = outcome(sandbox)
        assert delivery["attempts"][0]["error"] == f"nobody listens at 127.0.0.1:{port}"
        assert task.reservations.list()[0].reservation_status == "canceled"
        cast.workflow.update(assignment_callback_url="")
    assert delivery["outcome"] == "nobody could be asked: the reservation is canceled"
    assert delivery["result"] == "failed"


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
    assert [alert["code"] for alert in sandbox.alerts.list()] == [40100]


@pytest.mark.parametrize("first", [[], [Reply(status=500)]], ids=["callback", "fallback"])
def test_reject_to_a_placeholder_tells_it(cast, receiver, sandbox, first):
    """§2.3: the alert shows what the answer said in the place of an activity."""
    replies = iter([*first, Reply(body='{"instruction": "reject", "activity_sid": "WAxxx"}')])
    receiver.replies["/callback"] = lambda form: next(replies, Reply())
    url = receiver.url + "/callback"
    task = reserve_alice(cast, assignment_callback_url=url, fallback_assignment_callback_url=url)
    outcome(sandbox, count=2)
    assert task.reservations.list()[0].reservation_status == "rejected"
    (text,) = (alert["text"] for alert in sandbox.alerts.list() if alert["code"] == 40100)
    assert text == "reject needs an activity_sid of this workspace; it was 'WAxxx'; the worker keeps its activity"


def test_both_addresses_fail(cast, receiver, sandbox):
    """§3.2: the reservation is canceled, and there are two alerts."""
    replies = iter([Reply(status=500)])
    receiver.replies["/callback"] = lambda form: next(replies, Reply())
    receiver.replies["/fallback"] = Reply(body="<Response/>", content_type="text/xml")
    task = reserve_alice(
        cast,
        assignment_callback_url=receiver.url + "/callback",
        fallback_assignment_callback_url=receiver.url + "/fallback",
    )
    assert outcome(sandbox)["outcome"] == "nobody could be asked: the reservation is canceled"
    assert task.reservations.list()[0].reservation_status == "canceled"
    assert [alert["code"] for alert in reversed(sandbox.alerts.list())] == [11200, 40000]


def test_one_callback_for_each_of_several_reservations(cast, receiver, sandbox):
    """§3.1, §7: MaxReservedWorkers."""
    cast.queues["en"].update(max_reserved_workers=2)
    cast.workflow.update(assignment_callback_url=receiver.url + "/callback")
    for worker in (cast.alice, cast.bob):
        worker.update(activity_sid=cast.activities["Idle"].sid)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes='{"selected_language": "en"}')
    wait_for(lambda: len(receiver.requests) == 2)
    asked = {(request.form["ReservationSid"], request.form["WorkerSid"]) for request in receiver.requests}
    assert asked == {(r.sid, r.worker_sid) for r in task.reservations.list()}


def test_the_fallback_is_not_asked_about_a_reservation_that_is_over(cast, receiver, sandbox):
    """§3.2: it was answered by REST while the first address was asked."""
    gate = threading.Event()
    receiver.replies["/callback"] = Reply(status=500, gate=gate)
    receiver.replies["/fallback"] = Reply(body='{"instruction": "accept"}')
    cast.workflow.update(
        assignment_callback_url=receiver.url + "/callback",
        fallback_assignment_callback_url=receiver.url + "/fallback",
    )
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes='{"selected_language": "es"}')
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    wait_for(lambda: receiver.requests)
    task.delete()
    gate.set()
    wait_for(lambda: sandbox.deliveries.list("assignment")[0]["outcome"])
    assert [request.path for request in receiver.requests] == ["/callback"]
