"""Every event goes to the workspace's EventCallbackUrl, in order, and nobody waits for it (behaviour.md §4)."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import psutil
import pytest
from twilio.rest import Client

from helpers import sandbox as sandboxes
from helpers.connection.clients import SandboxHttpClient
from taskrouter_sandbox import ControlClient
from taskrouter_sandbox.event_types import TYPES
from taskrouter_sandbox.runtime.limits import ServiceLimits
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.testing.threaded_server import served
from taskrouter_sandbox.webhooks.delivery import Delivery
from tests.sandbox.conftest import SPANISH, TOKEN, Reply
from tests.waiting import patience, wait_for

EVENTS = "/events"
COMMON = {
    "AccountSid", "EventDescription", "EventType", "ResourceSid", "ResourceType", "Sid", "Timestamp", "TimestampMs",
    "WorkspaceName", "WorkspaceSid", "OperatingUnitSid",
}  # fmt: skip
TASK = {
    "TaskSid", "TaskAttributes", "TaskAge", "TaskPriority", "TaskAssignmentStatus", "TaskAddons", "TaskChannelSid",
    "TaskChannelUniqueName", "TaskQueueSid", "TaskQueueName", "TaskQueueTargetExpression", "WorkflowSid",
    "WorkflowName", "TaskDateCreated", "TaskQueueEnteredDate", "TaskVirtualStartTime", "TaskVersion",
    "TaskIgnoreCapacity",
}  # fmt: skip
RESERVATION = TASK | {
    "WorkerSid", "WorkerName", "WorkerAttributes", "WorkerActivitySid", "WorkerActivityName", "WorkerVersion",
    "ReservationSid", "ReservationVersion", "WorkerChannelCapacity", "WorkerChannelConsumedCapacity",
}  # fmt: skip


# what a form has beside the fields that stand in the `event_data` of REST
ONLY_IN_FORMS = COMMON - {"WorkspaceName", "WorkspaceSid", "OperatingUnitSid"}


def as_rest(name: str) -> str:
    """The name of a form's field as REST writes it."""
    return re.sub("(?<!^)(?=[A-Z])", "_", name).lower()


def reported(receiver, path=EVENTS):
    """The forms of the event callbacks so far."""
    return [request.form for request in list(receiver.requests) if request.path == path]


def all_reported(receiver, cast):
    """The reported forms, when every event since the first of them has been reported."""
    wanted = len(cast.workspace.events.list())

    def complete():
        forms = reported(receiver)
        last = cast.workspace.events.list(limit=1)[0].sid
        return forms if forms and forms[-1]["Sid"] == last else None

    assert wanted
    return wait_for(complete)


def test_what_is_reported_is_what_happened(cast, receiver):
    """§4.2, §4.3, §4.4: the parameters, their names and their order; as REST's Events have them."""
    cast.workspace.update(event_callback_url=receiver.url + EVENTS)
    cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    forms = all_reported(receiver, cast)
    assert [form["EventType"] for form in forms] == [
        "workspace.updated",
        "workflow.target-matched",
        "task.created",
        "task-queue.entered",
        "workflow.entered",
        "worker.activity.update",
        "reservation.created",
        "worker.activity.update",
    ]
    stamps = [int(form["TimestampMs"]) for form in forms]
    assert stamps == sorted(set(stamps))
    by_type = {form["EventType"]: form for form in forms}
    assert set(by_type["task.created"]) == COMMON | TASK
    assert set(by_type["workflow.target-matched"]) == COMMON | TASK | {"WorkflowFilterName", "WorkflowFilterExpression"}
    assert set(by_type["reservation.created"]) == COMMON | RESERVATION
    for event in cast.workspace.events.list(limit=len(forms)):
        form = next(form for form in forms if form["Sid"] == event.sid)
        assert form["EventDescription"] == event.description
        assert (form["ResourceType"], form["ResourceSid"]) == (event.resource_type, event.resource_sid)
        assert form["TimestampMs"] == str(event.event_date_ms)
        assert form["Timestamp"] == str(event.event_date_ms // 1000)
        assert (form["WorkspaceSid"], form["WorkspaceName"]) == (cast.workspace.sid, "Test")
        assert event.event_data == {as_rest(name): form[name] for name in form if name not in ONLY_IN_FORMS}


def test_how_it_is_sent(cast, receiver, sandbox):
    """§4.1, §3.1, §3.4: a signed form; and the log says what came of it, without token and signature."""
    receiver.replies[EVENTS] = Reply(status=204)
    cast.workspace.update(event_callback_url=receiver.url + EVENTS)
    request = wait_for(lambda: receiver.requests)[0]
    assert request.valid
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    names = [pair.partition("=")[0] for pair in request.body.split("&")]
    assert names == sorted(names)
    text = wait_for(lambda: (d := sandbox.deliveries.list("event")) and d[0]["outcome"] and json.dumps(d))
    (delivery,) = json.loads(text)
    assert (delivery["kind"], delivery["subject_sid"], delivery["outcome"]) == (
        "event",
        request.form["Sid"],
        "reported",
    )
    (attempt,) = delivery["attempts"]
    assert attempt["status"] == 204
    pairs = "".join(name + request.form[name] for name in sorted(request.form))
    assert attempt["signed"] == receiver.url + EVENTS + pairs
    assert sandboxes.credentials().auth_token not in text
    assert request.headers["X-Twilio-Signature"] not in text


@pytest.mark.parametrize("events_filter", ["task.created,reservation.created", " reservation.created , task.created "])
def test_a_filter_chooses(cast, receiver, events_filter):
    """§4.1; a blank after a comma does not matter (rest-contract.md §4.1)."""
    cast.workspace.update(event_callback_url=receiver.url + EVENTS, events_filter=events_filter)
    cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    forms = wait_for(
        lambda: (forms := reported(receiver)) and forms[-1]["EventType"] == "reservation.created" and forms
    )
    assert [form["EventType"] for form in forms] == ["task.created", "reservation.created"]


@pytest.mark.parametrize(
    ("events_filter", "words"),
    [
        ("task.created,TASK.CANCELED", "for TASK.CANCELED, which is no type of an event; did you mean task.canceled?"),
        ("task.*", "nothing is ever reported for task.*"),
        ("task.*,reservation.*", "which is no type of an event; no sign stands for several, so name each"),
        ("task.created; task.deleted", "put commas between types: task.created,task.deleted"),
        ("nonsense", "nothing is ever reported for nonsense, which is no type of an event"),
        (" , ", "names no event type, so that every event is reported"),
        ("task.created", None),
        ("", None),
    ],
)
def test_a_filter_that_names_no_event_is_kept_and_raises_an_alert(client, workspace, sandbox, events_filter, words):
    """The facts are silent (rest-contract.md §4.1): nothing is refused, and nothing happens silently."""
    for made in (
        workspace.update(events_filter=events_filter),
        client.taskrouter.v1.workspaces.create(friendly_name="Two", events_filter=events_filter),
    ):
        assert made.events_filter == (events_filter or None)
        made.update(friendly_name="Another")
    alerts = sandbox.alerts.list()
    assert len(alerts) == (2 if words else 0)
    for alert in alerts:
        assert (alert["code"], alert["level"]) == (20001, "warning")
        assert words in alert["text"]


def test_all_that_is_reported_can_be_asked_for(cast):
    """§4.5: the types of all events of a working day are types that a filter takes."""
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    task.reservations.list()[0].update(reservation_status="accepted")
    task.update(assignment_status="completed", reason="done")
    cast.bob.delete()
    cast.queues["en"].update(target_workers="1==1")
    assert {event.event_type for event in cast.workspace.events.list()} <= TYPES


def test_without_an_address_nothing_is_sent(cast, receiver, sandbox):
    cast.workspace.update(event_callback_url=receiver.url + EVENTS)
    wait_for(lambda: receiver.requests)
    cast.workspace.update(event_callback_url="")
    cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    assert len(sandbox.deliveries.list()) == 1


def test_a_new_address_does_not_wait_for_an_old_one(cast, receiver):
    gate = threading.Event()
    receiver.replies["/old"], receiver.replies[EVENTS] = Reply(status=204, gate=gate), Reply(status=204)
    cast.workspace.update(event_callback_url=receiver.url + "/old")
    wait_for(lambda: receiver.requests)
    cast.workspace.update(event_callback_url=receiver.url + EVENTS)
    wait_for(lambda: "workspace.updated" in [form["EventType"] for form in reported(receiver)])
    gate.set()


def test_a_slow_receiver_slows_nothing_but_its_own_events(cast, receiver, sandbox):
    """The API answers and tasks are routed while the first event is still held; then all come in order."""
    gate = threading.Event()
    receiver.replies[EVENTS] = Reply(status=204, gate=gate)
    receiver.replies["/assignment"] = Reply(body='{"instruction": "accept"}')
    cast.workflow.update(assignment_callback_url=receiver.url + "/assignment")
    cast.workspace.update(event_callback_url=receiver.url + EVENTS)
    wait_for(lambda: receiver.requests)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    wait_for(lambda: task.fetch().assignment_status == "assigned")
    assert len(reported(receiver)) == 1
    gate.set()
    forms = all_reported(receiver, cast)
    events = reversed(cast.workspace.events.list(limit=len(forms)))
    assert [form["Sid"] for form in forms] == [event.sid for event in events]


@pytest.mark.parametrize(
    ("reply", "code"), [(Reply(status=500), 11200), (Reply(status=404), 11200), (None, 11205)], ids=["500", "404", "no"]
)
def test_what_cannot_be_reported_raises_an_alert_and_the_next_event_follows(cast, receiver, sandbox, reply, code):
    """One attempt, then the next one (§11)."""
    url = receiver.url + EVENTS
    if reply is None:
        url = "http://127.0.0.1:1/"
    else:
        receiver.replies[EVENTS] = reply
    cast.workspace.update(event_callback_url=url, events_filter="task.created")
    for _ in range(2):
        cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    alerts = wait_for(lambda: (alerts := sandbox.alerts.list()) and len(alerts) == 2 and alerts)
    assert {alert["code"] for alert in alerts} == {code}
    assert [len(d["attempts"]) for d in sandbox.deliveries.list()] == [1, 1]


@pytest.mark.parametrize(
    ("fragment", "statuses", "result"),
    [
        ("", [503], "failed"),
        ("#rc=3", [503], "failed"),
        ("#rc=3&rp=4xx", [503], "failed"),
        ("#rc=3&rp=5xx", [503, 503, 204], "done"),
        ("#rc=1&rp=all", [503, 503], "failed"),
    ],
)
def test_the_address_of_events_says_how_often_one_is_sent(cast, receiver, sandbox, fragment, statuses, result):
    """§4.1: in the meantime none overtakes it, and it is the same event each time."""
    answers = iter([503, 503, *[204] * 9])
    receiver.replies[EVENTS] = lambda form: Reply(status=next(answers))
    cast.workspace.update(event_callback_url=receiver.url + EVENTS + fragment, events_filter="task.created")
    for _ in range(2):
        cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    second, first = wait_for(
        lambda: (log := sandbox.deliveries.list())[1:] and all(one["outcome"] for one in log) and log
    )
    assert ([each.get("status") for each in first["attempts"]], first["result"]) == (statuses, result)
    requests = [request for request in receiver.requests if request.path == EVENTS]
    assert {request.form["Sid"] for request in requests[: len(statuses)]} == {first["subject_sid"]}
    assert requests[len(statuses)].form["Sid"] == second["subject_sid"]
    assert all(request.valid for request in requests)


def test_a_connection_that_the_receiver_has_closed_meanwhile_loses_nothing(cast, sandbox):
    """It was kept open after an answer; the receiver closes it when the next request is on its way, unread."""
    requests, connections = [], []

    class Closing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self):
            connections.append(self.client_address)
            self.handle_one_request()
            with suppress(OSError):
                self.connection.recv(1, socket.MSG_PEEK)  # the next request is there

        def do_POST(self):
            requests.append(dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Closing) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        cast.workspace.update(event_callback_url=f"http://127.0.0.1:{server.server_port}/")
        for _ in range(10):
            cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
        cast.workspace.update(event_callback_url="")
        log = wait_for(lambda: (d := sandbox.deliveries.list()) and all(one["outcome"] for one in d) and d)
        server.shutdown()
    assert {delivery["outcome"] for delivery in log} == {"reported"}
    assert [form["Sid"] for form in requests] == [delivery["subject_sid"] for delivery in reversed(log)]
    assert len(requests) == 41


@pytest.mark.parametrize("content_type", ["text/plain; charset=hex", "text/\xff"])
def test_an_event_counts_as_reported_whatever_the_answer_is_written_in(cast, receiver, sandbox, content_type):
    receiver.replies[EVENTS] = Reply(body="ok", content_type=content_type)
    cast.workspace.update(event_callback_url=receiver.url + EVENTS)
    delivery = wait_for(lambda: (d := sandbox.deliveries.list()) and d[0]["outcome"] and d[0])
    assert (delivery["outcome"], len(delivery["attempts"])) == ("reported", 1)
    assert sandbox.alerts.list() == []


def test_what_the_sandbox_itself_cannot_send_is_over_too(receiver, tmp_path):
    """It is not sent again at the next start, and the next one follows. Here a parameter is no text."""
    one, two = (
        Delivery(kind="event", workspace_sid="WS", subject_sid="EV", url=receiver.url + EVENTS, parameters=parameters)
        for parameters in ({"Sid": 5}, {"Sid": "EV2"})
    )

    async def report():
        service = Service(tmp_path, "AC", TOKEN)
        service.store.keep_deliveries([one, two], 0)
        service.dispatcher.start([one, two])
        try:
            await service.dispatcher.drain()
            return service.store.open_deliveries(), [delivery.outcome.text for delivery in service.store.deliveries()]
        finally:
            await service.close()

    with ThreadPoolExecutor() as thread:  # this one may have an event loop already: that of the browser
        left, outcomes = thread.submit(asyncio.run, report()).result()
    assert left == []
    assert outcomes == ["reported", "not reported: the sandbox failed to send it; its log says why"]
    assert [form["Sid"] for form in reported(receiver)] == ["EV2"]


def test_the_line_is_bounded_and_says_what_it_drops(receiver, tmp_path):
    assert ServiceLimits().max_waiting == 1000
    gate = threading.Event()
    receiver.replies[EVENTS] = Reply(status=204, gate=gate)
    account = sandboxes.ACCOUNT_SID, TOKEN
    with served(Service(tmp_path, *account, ServiceLimits(max_waiting=20))) as url:
        control = ControlClient(url, *account)
        client = Client(*account, http_client=SandboxHttpClient(url))
        workspace = client.taskrouter.v1.workspaces.create("Line", event_callback_url=receiver.url + EVENTS)
        wait_for(lambda: receiver.requests)
        for number in range(30):
            workspace.activities.create(f"Activity {number}")
        log = control.deliveries.list("event", 2000)
        dropped = [delivery for delivery in log if (delivery["outcome"] or "").startswith("dropped")]
        assert len(log) - len(dropped) == 20 + 1  # those that wait, and the one that is held
        assert len(dropped) >= 30 - 20
        (alert,) = control.alerts.list()
        assert (alert["code"], alert["subject_sid"]) == (11200, workspace.sid)
        workspace.update(event_callback_url="")
        gate.set()
        wait_for(lambda: len(reported(receiver)) == 21, seconds=30)


def test_what_waited_when_the_sandbox_was_killed_is_sent_after_the_restart(cast, receiver, sandbox):
    gate = threading.Event()
    receiver.replies[EVENTS] = Reply(status=204, gate=gate)
    cast.workspace.update(event_callback_url=receiver.url + EVENTS)
    wait_for(lambda: receiver.requests)
    cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    expected = [event.sid for event in reversed(cast.workspace.events.list(limit=5))]
    process = psutil.Process(sandbox.pid)
    process.kill()
    process.wait(patience(10))
    gate.set()
    receiver.requests.clear()
    sandboxes.ensure()
    wait_for(lambda: len(reported(receiver)) >= 5)
    assert [form["Sid"] for form in reported(receiver)] == expected


def test_a_workspace_reports_its_own_end(client, receiver):
    """§4.5: workspace.created and workspace.deleted are events as well."""
    workspace = client.taskrouter.v1.workspaces.create(friendly_name="Short", event_callback_url=receiver.url + EVENTS)
    workspace.delete()
    forms = wait_for(lambda: (f := reported(receiver)) and f[-1]["EventType"] == "workspace.deleted" and f)
    assert forms[0]["EventType"] == "workspace.created"


def test_as_many_as_may_wait_are_all_sent_after_a_restart(cast, receiver, sandbox):
    """The one under way when the sandbox was killed waits again, beside a thousand that waited already.

    These come at once, as the clock moves: an event callback has fifteen seconds, however slow the machine is.
    """
    queue = cast.workspace.task_queues.list(limit=1)[0].sid
    steps = [{"queue": queue, "timeout": 1, "priority": priority} for priority in range(62)]
    routing = {"task_routing": {"filters": [{"expression": "1 == 1", "targets": steps}]}}
    cast.workflow.update(configuration=json.dumps(routing))
    for _ in range(8):  # each leaves 62 steps, enters 61, and is canceled as the workflow ends: 125 events
        cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    gate = threading.Event()
    receiver.replies[EVENTS] = Reply(status=204, gate=gate)
    cast.workspace.update(event_callback_url=receiver.url + EVENTS)
    wait_for(lambda: receiver.requests)
    sandbox.clock.advance(minutes=2)
    process = psutil.Process(sandbox.pid)
    process.kill()
    process.wait(patience(10))
    gate.set()
    receiver.requests.clear()
    again = sandboxes.ensure()
    wait_for(lambda: len(reported(receiver)) == 1001, seconds=60)
    assert again.alerts.list() == []
