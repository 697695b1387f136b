"""What comes of every answer to an assignment callback (behaviour.md §3.2, §3.3)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from twilio.base.exceptions import TwilioRestException

from taskrouter_sandbox.runtime.assignment_webhooks import pause
from taskrouter_sandbox.runtime.limits import ServiceLimits
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.webhooks.assignment_callback import parse_answer
from taskrouter_sandbox.webhooks.delivery import Delivery
from tests.engine.stage import Stage
from tests.ports import port_that_refuses
from tests.sandbox.conftest import SPANISH, TOKEN, Reply
from tests.waiting import patience, wait_for

CALL = "CA" + "1" * 32
BOTH = {"from": "+15550100", "to": "client:alice"}


def reserve_alice(cast, **workflow):
    """A task with a pending reservation for Alice, its callback on the way."""
    cast.workflow.update(**workflow)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    return task


def outcome(sandbox, count=1):
    """The log entry of the oldest of `count` deliveries, when it has ended."""

    def ended():
        log = sandbox.deliveries.list()
        return log[-1] if len(log) >= count and log[-1]["outcome"] else None

    return wait_for(ended)


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


@pytest.mark.parametrize("kind", ["assignment", "event"])
def test_an_answer_without_end_is_not_waited_for(cast, receiver, sandbox, kind):
    """An assignment callback has failed so; of an event the status counts."""
    ended = []

    class Endless(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            sent = 0
            with suppress(OSError):
                while True:
                    sent += self.wfile.write(b"x" * 65_536)
            ended.append(sent)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        if kind == "event":
            cast.workspace.update(event_callback_url=url)
            cast.workspace.update(event_callback_url="")
        else:
            receiver.replies["/fallback"] = Reply(body='{"instruction": "accept"}')
            reserve_alice(
                cast, assignment_callback_url=url, fallback_assignment_callback_url=receiver.url + "/fallback"
            )
        delivery = outcome(sandbox)
        assert delivery["outcome"] == ("reported" if kind == "event" else "accepted")
        assert len(delivery["attempts"][0]["body"]) == 4000
        assert delivery["attempts"][0].get("error") == (None if kind == "event" else "the answer is longer than 64 kB")
        wait_for(lambda: ended)
        server.shutdown()
    assert max(ended) < 100e6  # what the sockets hold, and no more


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


def test_a_slow_handler_does_not_slow_the_request_that_fires_it(cast, receiver, sandbox):
    """The answer comes while the handler is still held; and an answer that comes too late is said to be."""
    gate = threading.Event()
    receiver.replies["/callback"] = Reply(body='{"instruction": "accept"}', gate=gate)
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    wait_for(lambda: receiver.requests)
    (reservation,) = task.reservations.list()
    assert reservation.update(reservation_status="accepted").reservation_status == "accepted"
    gate.set()
    delivery = outcome(sandbox)
    assert delivery["outcome"] == "too late for accept: the reservation is accepted"
    assert delivery["result"] == "too-late"


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


def test_a_handler_that_always_rejects_is_not_asked_without_a_pause(cast, receiver, sandbox):
    """The task comes straight back to the same worker, and could be rejected a thousand times."""
    receiver.replies["/callback"] = Reply(body='{"instruction": "reject"}')
    reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    outcome(sandbox, count=3)
    cast.workflow.update(assignment_callback_url="")
    cast.alice.update(activity_sid=cast.activities["Offline"].sid)
    times = [d["attempts"][0]["at"] for d in reversed(sandbox.deliveries.list()) if d["attempts"]]
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) > ServiceLimits().retry_seconds - 0.1


def test_who_is_asked_without_a_pause():
    """Another worker after a rejection, and the same one when it is long ago; nobody after a failure just now."""
    stage = Stage()
    stage.workflow(default=stage.queue())
    for name in ("Alice", "Bob"):
        stage.worker(name)
    task, pauses = stage.task(), []
    for milliseconds in (10, 10, 10, 10, 240, 500):
        stage.now += milliseconds
        reservation = stage.the(task)
        waits = pause(task, reservation, stage.now, 0.5)
        pauses.append((stage.state.workers[reservation.worker_sid].friendly_name, round(waits, 3)))
        stage.reject(task)
    assert pauses == [("Alice", 0), ("Bob", 0), ("Alice", 0.48), ("Bob", 0.48), ("Alice", 0.25), ("Bob", 0)]
    stage.engine.reservations.cancel(stage.now, stage.the(task))
    assert pause(task, stage.the(task), stage.now, 0.5) == 0.5


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
            "accepted",
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
    done = "waiting call goes to other TwiML" if answer["instruction"] == "redirect" else "call is being placed"
    assert outcome(sandbox)["outcome"] == f"{answer['instruction']}: the {done}"
    alert = wait_for(lambda: (sandbox.alerts.list() or [None])[-1])
    assert alert["code"] == code
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


def test_redirects_are_followed_and_signed_for_where_they_lead(cast, receiver, sandbox):
    """§11: up to a few; a 307 carries the form along."""
    receiver.replies["/callback"] = Reply(status=307, headers={"Location": "/there"})
    receiver.replies["/there"] = Reply(body='{"instruction": "accept"}')
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    delivery = outcome(sandbox)
    assert task.fetch().assignment_status == "assigned"
    first, second = receiver.requests
    assert first.form == second.form
    assert second.valid
    (attempt,) = delivery["attempts"]
    assert attempt["redirects"] == [{"status": 307, "url": receiver.url + "/there"}]
    assert attempt["signed"].startswith(receiver.url + "/thereAccountSid")


def test_a_redirect_that_makes_it_a_get(cast, receiver, sandbox):
    """As browsers and most clients do after 301, 302 and 303: without the form, signed over the address alone."""
    receiver.replies["/callback"] = Reply(status=302, headers={"Location": receiver.url + "/there?a=1"})
    receiver.replies["/there?a=1"] = Reply(body='{"instruction": "accept"}')
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    assert outcome(sandbox)["attempts"][0]["signed"] == receiver.url + "/there?a=1"
    assert task.fetch().assignment_status == "assigned"
    second = receiver.requests[1]
    assert (second.method, second.body, second.valid) == ("GET", "", True)


def test_a_redirect_that_leads_in_circles(cast, receiver, sandbox):
    receiver.replies["/callback"] = Reply(status=307, headers={"Location": "/callback"})
    receiver.replies["/fallback"] = Reply(body='{"instruction": "accept"}')
    task = reserve_alice(
        cast,
        assignment_callback_url=receiver.url + "/callback",
        fallback_assignment_callback_url=receiver.url + "/fallback",
    )
    outcome(sandbox)
    assert task.fetch().assignment_status == "assigned"
    assert [alert["code"] for alert in sandbox.alerts.list()] == [11215]


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


def test_an_answer_after_the_limit_counts_no_more(cast, receiver, tmp_path):
    """§3.2: the fallback is asked meanwhile. The limit is shortened here, and the first answer held for good."""
    assert ServiceLimits().assignment_seconds == 5
    services: list[Service] = []
    gate = threading.Event()

    def held(form):
        services[0].dispatcher.deliverer.limits = ServiceLimits(assignment_seconds=patience(30))  # for the fallback
        return Reply(body='{"instruction": "reject"}', gate=gate)

    receiver.replies["/callback"] = held
    receiver.replies["/fallback"] = Reply(body='{"instruction": "accept"}')
    delivery = Delivery(
        kind="assignment",
        workspace_sid="WS",
        subject_sid="WR",
        url=receiver.url + "/callback",
        fallback_url=receiver.url + "/fallback",
        parameters={"TaskSid": "WT"},
    )

    async def ask():
        service = Service(tmp_path, "AC", TOKEN, ServiceLimits(assignment_seconds=patience(0.2)))
        services.append(service)
        try:
            return await service.dispatcher.assignments.ask(delivery)
        finally:
            await service.close()

    with ThreadPoolExecutor() as thread:  # this one may have an event loop already: that of the browser
        answer, alerts = thread.submit(asyncio.run, ask()).result()
    gate.set()
    assert answer.instruction == {"instruction": "accept"}
    assert [code for code, _, _ in alerts] == [11205]
    late = f"no answer within {patience(0.2):g} seconds"
    assert [attempt.failure for attempt in delivery.attempts] == [(11205, late), None]


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


@pytest.mark.parametrize("path", ["", "?a=b", "/cb?a=%7e&b=x|y&c=%20", "/cb%2Fd?q=é", "/cb#rc=2&rt=100"])
def test_the_signature_holds_for_the_address_that_the_receiver_sees(cast, receiver, path):
    """§3.4: whatever of the address is written in another way on the wire."""
    reserve_alice(cast, assignment_callback_url=receiver.url + path)
    assert wait_for(lambda: receiver.requests)[0].valid


BASIC = "Basic " + base64.b64encode(b"me:s:e@cr\xc3\xa9t").decode()


def digest(path: str) -> str:
    """RFC 2617, without qop."""
    parts = (hashlib.md5(part.encode()).hexdigest() for part in ("me:Here:s:e@crét", f"POST:{path}"))
    return hashlib.md5(":n0nce:".join(parts).encode()).hexdigest()


@pytest.mark.parametrize(
    ("challenge", "right"),
    [
        ('Basic realm="Here"', lambda said: said == BASIC),
        ('Digest realm="Here", nonce="n0nce"', lambda said: f'response="{digest("/callback")}"' in said),
    ],
    ids=["Basic", "Digest"],
)
def test_a_user_in_the_address_is_sent_when_the_answer_asks_for_it(cast, receiver, sandbox, challenge, right):
    """Twilio's page on security: not before, in either way. It is not signed, and the password is shown nowhere."""

    def reply(form):
        said = receiver.requests[-1].headers.get("Authorization", "")
        if right(said):
            return Reply(body='{"instruction": "accept"}')
        return Reply(status=401, headers={"WWW-Authenticate": challenge})

    receiver.replies["/callback"] = reply
    url = receiver.url.replace("//", "//me:s%3Ae%40cr%C3%A9t@") + "/callback"
    cast.workspace.update(event_callback_url=url + "?event")
    task = reserve_alice(cast, assignment_callback_url=url)
    wait_for(lambda: task.fetch().assignment_status == "assigned")
    first, second = [request for request in receiver.requests if request.path == "/callback"]
    assert "Authorization" not in first.headers
    assert first.form == second.form
    assert first.valid
    assert second.valid
    (delivery,) = sandbox.deliveries.list("assignment")
    (attempt,) = delivery["attempts"]
    assert (attempt["status"], attempt["authorized"]) == (200, challenge.partition(" ")[0])
    assert attempt["signed"].startswith(receiver.url + "/callbackAccountSid")
    assert delivery["url"] == attempt["url"] == receiver.url.replace("//", "//me:***@") + "/callback"


def test_a_password_that_is_wrong_is_shown_nowhere(cast, receiver, sandbox):
    """The receiver asks for it twice in vain; log and alerts name the address without it."""
    sandbox.options.set(fallback="with-error")
    challenge = Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="Here"'})
    receiver.replies.update({"/callback": challenge, "/events": challenge})
    url = receiver.url.replace("//", "//me:s3cret@")
    cast.workspace.update(event_callback_url=url + "/events")
    replies = iter([Reply(status=307, headers={"Location": "/there"})])
    receiver.replies["/fallback"] = lambda form: next(replies, Reply())
    reserve_alice(cast, assignment_callback_url=url + "/callback", fallback_assignment_callback_url=url + "/fallback")
    outcome(sandbox, count=2)
    wait_for(lambda: all(entry["outcome"] for entry in sandbox.deliveries.list()))
    alerts = sandbox.alerts.list()
    assert {"me:***@" in alert["text"] for alert in alerts if "/events" in alert["text"]} == {True}
    assert "s3cret" not in json.dumps(alerts)
    assert "s3cret" not in json.dumps(sandbox.deliveries.list())


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
