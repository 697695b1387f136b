"""How long, and how often, an assignment callback is waited for."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from twilio.rest import Client

from helpers import sandbox as sandboxes
from helpers.connection.clients import SandboxHttpClient
from taskrouter_sandbox import ControlClient
from taskrouter_sandbox.runtime.assignment_webhooks import pause
from taskrouter_sandbox.runtime.limits import ServiceLimits
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.testing.threaded_server import served
from taskrouter_sandbox.webhooks.delivery import Delivery
from tests.engine.stage import Stage
from tests.sandbox.callback_scene import outcome, reserve_alice
from tests.sandbox.conftest import TOKEN, Reply
from tests.waiting import patience, wait_for


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


def test_a_handler_that_always_rejects_is_not_asked_without_a_pause(cast, receiver, sandbox):
    """The task comes straight back to the same worker, and could be rejected a thousand times."""
    receiver.replies["/callback"] = Reply(body='{"instruction": "reject"}')
    reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    outcome(sandbox, count=3)
    cast.workflow.update(assignment_callback_url="")
    cast.alice.update(activity_sid=cast.activities["Offline"].sid)
    times = [d["attempts"][0]["at"] for d in reversed(sandbox.deliveries.list()) if d["attempts"]]
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) > ServiceLimits().retry_seconds - 0.1


def test_nobody_is_asked_about_a_reservation_that_ends_during_the_pause(receiver, tmp_path):
    """§3.2: no request, and no alert of a task that is over, which would pass for one of the task after it."""
    receiver.replies["/callback"] = Reply(status=500)
    account = sandboxes.ACCOUNT_SID, TOKEN
    with served(Service(tmp_path, *account, ServiceLimits(retry_seconds=patience(1)))) as url:
        control = ControlClient(url, *account)
        client = Client(*account, http_client=SandboxHttpClient(url))
        workspace = client.taskrouter.v1.workspaces.create("Pause")
        queue = workspace.task_queues.create("Everybody")
        routing = {"task_routing": {"default_filter": {"queue": queue.sid}}}
        address = receiver.url + "/callback"
        workspace.workflows.create("All", configuration=json.dumps(routing), assignment_callback_url=address)
        (available,) = workspace.activities.list(available="true")
        workspace.workers.create("Alice", activity_sid=available.sid)
        task = workspace.tasks.create()
        wait_for(lambda: len(task.reservations.list()) == 2)
        task.update(assignment_status="canceled")
        newest = wait_for(lambda: control.deliveries.list()[0]["outcome"] and control.deliveries.list()[0])
        assert (newest["result"], newest["attempts"]) == ("gone", [])
        assert newest["outcome"] == "not asked: meanwhile the reservation has come to an end"
        assert len(receiver.requests) == len(control.alerts.list()) == 1


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
