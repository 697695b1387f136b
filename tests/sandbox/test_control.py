"""The log, the alerts and the faults under `/_sandbox/`."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import psutil
import pytest
import requests
from twilio.base.exceptions import TwilioRestException

import helpers.sandbox
import taskrouter_sandbox
from helpers import faults
from helpers.connection import clients
from helpers.errors import LessonError
from taskrouter_sandbox.engine.rules import instructions
from taskrouter_sandbox.webhooks.alert_catalog import CODES
from tests.sandbox.conftest import SPANISH, Reply
from tests.waiting import patience, wait_for

ACCEPT = Reply(body='{"instruction": "accept"}')


def log(sandbox, kind="assignment"):
    return sandbox.deliveries.list(kind)


def ended(sandbox, count, kind="assignment"):
    """The log, the oldest first, when it has `count` entries and all have ended."""

    def complete():
        entries = log(sandbox, kind)
        return entries[::-1] if len(entries) >= count and all(entry["outcome"] for entry in entries) else None

    return wait_for(complete, seconds=10)


def reserve_alice(cast, receiver, **workflow):
    cast.workflow.update(assignment_callback_url=receiver.url + "/callback", **workflow)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    return task


class TestAlerts:
    def test_each_says_what_to_do(self, cast, receiver, sandbox):
        receiver.replies["/callback"] = Reply(body='{"message": "hello"}')
        reserve_alice(cast, receiver)
        (alert,) = wait_for(lambda: sandbox.alerts.list())
        assert (alert["code"], alert["level"]) == (40005, "warning")
        assert alert["title"] == "Assignment callback without an instruction"
        assert '{"instruction": "accept"}' in alert["advice"]
        assert alert["more_info"] == "https://www.twilio.com/docs/errors/40005"

    def test_every_code_that_can_come_up_is_explained(self):
        """Those of the instructions' tables, and those that the sources name."""
        codes = {key.code for keys in instructions.PARAMETERS.values() for key in keys.values()}
        for table in (instructions.NOT_PENDING, instructions.NO_CALL, instructions.CALL_FAILED):
            codes |= set(table.values())
        codes |= {code for required in instructions.REQUIRED.values() for code in required.values()}
        folder = Path(taskrouter_sandbox.__file__).parent
        for path in (path for part in ("webhooks", "runtime", "engine/rules") for path in (folder / part).glob("*.py")):
            codes |= {int(code) for code in re.findall(r"\b(?:11[1-9]\d\d|40[01]\d\d|55555)\b", path.read_text())}
        for path in (path for part in ("voice", "http/resources/voice") for path in (folder / part).rglob("*.py")):
            text = re.sub(r'"(?:14400|86400)"', "", path.read_text())  # seconds
            codes |= {int(code) for code in re.findall(r"(?<![\w.])1[1-6]\d\d\d\b", text)}
        assert codes - CODES.keys() == set()


class TestLog:
    def test_what_was_signed_is_shown_and_the_token_is_not(self, cast, receiver, sandbox):
        receiver.replies["/callback"] = ACCEPT
        reserve_alice(cast, receiver)
        (entry,) = ended(sandbox, 1)
        (attempt,) = entry["attempts"]
        (request,) = receiver.requests
        assert attempt["signed"] == request_base(receiver, request)
        assert (attempt["status"], attempt["body"]) == (200, ACCEPT.body)
        assert attempt["seconds"] >= 0
        assert entry["parameters"] == request.form
        assert sandbox.auth_token not in json.dumps(entry)
        assert request.headers["X-Twilio-Signature"] not in json.dumps(entry)

    def test_a_delivery_is_sent_again(self, cast, receiver, sandbox):
        """Its answer counts: here the handler has been put right meanwhile."""
        receiver.replies["/callback"] = Reply(body='{"instruction": "acept"}')
        task = reserve_alice(cast, receiver)
        (first,) = ended(sandbox, 1)
        receiver.replies["/callback"] = ACCEPT
        assert sandbox.deliveries.resend(first["number"]) == first["number"] + 1
        again = ended(sandbox, 2)[-1]
        assert (again["repeats"], again["outcome"]) == (first["number"], "accepted")
        assert task.fetch().assignment_status == "assigned"
        assert receiver.requests[0].body == receiver.requests[1].body

    @pytest.mark.parametrize("number", [77, 2**70])
    def test_one_that_is_not_there(self, sandbox, number):
        with pytest.raises(
            LessonError, match=f"{number}/resend was not found: GET /_sandbox/deliveries has the numbers"
        ):
            sandbox.deliveries.resend(number)

    @pytest.mark.parametrize(
        ("verb", "path", "advice"),
        [
            ("DELETE", "faults/77", "GET /_sandbox/faults has the numbers"),
            ("DELETE", "faults/none", "GET /_sandbox/faults has the numbers"),
            ("GET", "calls/CA1", "GET /_sandbox/calls lists the newest"),
            ("POST", "calls/CA1/hang-up", "GET /_sandbox/calls lists the newest"),
            ("GET", "faultz", "GET /_sandbox/openapi.json names"),
        ],
    )
    def test_what_is_not_there_is_said_with_where_to_look(self, sandbox, verb, path, advice):
        with pytest.raises(LessonError, match=f"was not found: .*{advice}"):
            sandbox.request(verb, path)

    @pytest.mark.parametrize(
        "query",
        [
            *(f"clock?advance={number}" for number in ("0", "-1", "nan", "inf", "-inf", "1e-9", "1e300", "", "x")),
            *(f"deliveries?limit={number}" for number in ("-1", "nan", "1.5", "1e3")),
            *(f"alerts?limit={number}" for number in ("0", "-1", "nan")),
            *(f"faults?operation=*&first={number}" for number in ("0", "-1", "nan", "inf", "1.5")),
            *(f"faults?operation=*&status={number}" for number in ("0", "200", "600", "nan")),
            *(f"faults?operation=*&code={number}" for number in ("-1", "nan", "100000")),
            *(f"faults?deliveries=late&seconds={number}" for number in ("-1", "nan", "inf", "61", "1e300")),
            *(f"transfers?reservation=WR1&to=WK1&priority={number}" for number in ("-1", "nan", "1e300")),
        ],
    )
    def test_numbers_that_are_none(self, sandbox, query):
        verb = "GET" if query.startswith(("deliveries", "alerts")) else "POST"
        name = query.rpartition("=")[0].rpartition("&")[2].rpartition("?")[2]
        with pytest.raises(LessonError, match=name):
            sandbox.request(verb, query)
        assert sandbox.clock.ahead() == 0
        assert sandbox.faults.list() == []

    @pytest.mark.parametrize("query", ["kind=sms", "limit=0", "limit=many", "limit=99999999999999999999"])
    def test_what_makes_no_sense_is_refused(self, sandbox, query):
        with pytest.raises(LessonError, match=query.partition("=")[0]):
            sandbox.request("GET", f"deliveries?{query}")


def request_base(receiver, request):
    return receiver.url + request.path + "".join(name + request.form[name] for name in sorted(request.form))


class TestOptions:
    """behaviour.md §11: what is not settled can be read in another way."""

    def test_by_the_letter_an_empty_204_has_failed(self, cast, receiver, sandbox):
        sandbox.options.set(empty_answer="failed")
        receiver.replies["/callback"] = Reply(status=204, content_type=None)
        receiver.replies["/fallback"] = ACCEPT
        task = reserve_alice(cast, receiver, fallback_assignment_callback_url=receiver.url + "/fallback")
        ended(sandbox, 1)
        assert task.fetch().assignment_status == "assigned"

    def test_a_fallback_can_be_told_what_went_wrong(self, cast, receiver, sandbox):
        """§3.2, as fallbacks of phone numbers are."""
        sandbox.options.set(fallback="with-error")
        receiver.replies["/callback"] = Reply(status=500)
        receiver.replies["/fallback"] = ACCEPT
        reserve_alice(cast, receiver, fallback_assignment_callback_url=receiver.url + "/fallback")
        (entry,) = ended(sandbox, 1)
        fallback = receiver.requests[1]
        assert fallback.valid
        assert (fallback.form["ErrorCode"], fallback.form["ErrorUrl"]) == ("11200", receiver.url + "/callback")
        assert entry["attempts"][1]["signed"] == request_base(receiver, fallback)

    def test_where_a_task_goes_after_a_failed_reservation(self, cast, sandbox):
        """§2.4: to the next step at once, as in the worked example; also in a workspace that is there already."""
        assert sandbox.options.set(after_failed_reservation="move")["options"] == {
            "after_failed_reservation": "move",
            "after_attribute_change": "evaluate",
            "after_filter_timeout": "next-filter",
            "missing_attribute": "differs",
            "empty_answer": "nothing",
            "fallback": "same",
            "dequeue_failure": "pending",
            "unknown_from": "warned",
            "dequeue_callback": "POST",
            "silent_record": "action",
            "gather_message": "sent",
            "say_per_character": 60,
            "play": 5000,
            "speech_end": 1000,
            "queued": 0,
        }
        steps = [{"queue": cast.queues[code].sid, "timeout": 600} for code in ("es", "en")]
        routing = {"task_routing": {"filters": [{"expression": "1==1", "targets": steps}]}}
        workflow = cast.workspace.workflows.create("Two steps", json.dumps(routing))
        task = cast.workspace.tasks.create(workflow_sid=workflow.sid)
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        offline = cast.activities["Offline"].sid
        task.reservations.list()[0].update(reservation_status="rejected", worker_activity_sid=offline)
        assert task.fetch().task_queue_sid == cast.queues["en"].sid

    def test_what_a_missing_attribute_is(self, cast, sandbox):
        """§6.2: does it differ? Queues, lists and tasks that wait follow at once, whichever way the option turns."""
        workspace, queue = cast.workspace, cast.workspace.task_queues.create("New", target_workers="veteran != true")
        step = {"queue": queue.sid, "expression": "worker.sid != task.not_for"}
        filters = [{"expression": "hold != true", "targets": [step]}]
        default = {"queue": cast.queues["es"].sid}
        routing = {"task_routing": {"filters": filters, "default_filter": default}}
        workflow = workspace.workflows.create("Newcomers", json.dumps(routing))

        def members() -> set[str]:
            stats = queue.real_time_statistics().fetch()
            listed = workspace.workers.list(target_workers_expression="veteran != true")
            assert stats.total_eligible_workers == len(listed)
            return {worker.friendly_name for worker in listed}

        assert members() == {"Alice", "Bob"}
        sandbox.options.set(missing_attribute="null")
        assert members() == set()
        assert workspace.tasks.list(evaluate_task_attributes="hold != true") == []
        task = workspace.tasks.create(workflow_sid=workflow.sid, attributes='{"hold": false}')
        other = workspace.tasks.create(workflow_sid=workflow.sid)
        assert other.task_queue_sid == cast.queues["es"].sid
        cast.bob.update(activity_sid=cast.activities["Idle"].sid)
        assert task.fetch().assignment_status == "pending"
        sandbox.options.set(missing_attribute="differs")
        assert members() == {"Alice", "Bob"}
        assert [r.worker_name for r in task.reservations.list()] == ["Bob"]

    def test_the_chosen_reading_outlives_a_kill(self, sandbox):
        sandbox.options.set(fallback="with-error")
        process = psutil.Process(sandbox.pid)
        process.kill()
        process.wait(patience(10))
        assert helpers.sandbox.ensure().options.read()["options"]["fallback"] == "with-error"

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("tea=hot", "Nothing reads tea here; there is after_failed_reservation, after_attribute_change, after_f"),
            ("fallback=loud", "fallback: must be one of same, with-error; it was 'loud'"),
        ],
    )
    def test_what_there_is_not(self, sandbox, query, words):
        with pytest.raises(LessonError, match=words):
            sandbox.request("POST", f"options?{query}")

    def test_their_first_name_is_still_understood(self, sandbox):
        told = sandbox.request("POST", "rules", fallback="with-error")
        assert told["rules"] == sandbox.options.read()["options"]
        assert sandbox.options.unusual() == {"fallback": ("with-error", "same")}
        assert sandbox.request("GET", "rules") == told


class TestFaults:
    def test_the_first_answers_of_an_operation_fail(self, workspace, capsys):
        """In the service's own form, with the headers of a 429; nothing of the request is done."""
        with faults(operation="CreateActivity", status=429, first=2) as fault:
            for _ in range(2):
                with pytest.raises(TwilioRestException) as refused:
                    workspace.activities.create("Lunch")
                assert (refused.value.status, refused.value.code) == (429, 20429)
            workspace.activities.create("Lunch")
            workspace.workers.create("Alice")
        assert fault.number is None
        assert capsys.readouterr().out.splitlines() == [
            "Fault on: CreateActivity answers 429, the first 2.",
            "Fault off: CreateActivity answers 429; it happened 2 of 2 times.",
        ]
        assert [a.friendly_name for a in workspace.activities.list()].count("Lunch") == 1

    def test_a_429_has_its_headers(self, sandbox):
        fault = faults(operation="*", status=429)
        answer = requests.get(
            f"{sandbox.url}/v1/Workspaces", auth=(sandbox.account_sid, sandbox.auth_token), timeout=patience(10)
        )
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "1"
        assert answer.json()["code"] == 20429
        fault.off()

    @pytest.mark.parametrize("status", [420, 499, 520, 599])
    def test_a_status_that_has_no_name(self, client, status):
        with faults(operation="CreateWorkspace", status=status), pytest.raises(TwilioRestException) as refused:
            client.taskrouter.v1.workspaces.create(friendly_name="No")
        assert (refused.value.status, refused.value.code) == (status, 20001 if status < 500 else 20500)

    def test_a_code_of_choice(self, client):
        with faults(operation="CreateWorkspace", status=403, code=20006), pytest.raises(TwilioRestException) as refused:
            client.taskrouter.v1.workspaces.create(friendly_name="No")
        assert (refused.value.status, refused.value.code) == (403, 20006)

    def test_a_block_that_ends_early_leaves_nothing_behind(self, workspace, sandbox):
        with faults(operation="CreateWorker", first=5):
            pass
        assert sandbox.faults.list() == []
        workspace.workers.create("Alice")

    def test_the_same_again_takes_its_place(self, sandbox, capsys):
        first = faults(operation="CreateWorker", status=503, first=5)
        second = faults(operation="CreateWorker", status=429, first=3)
        assert [fault["first"] for fault in sandbox.faults.list()] == [3]
        first.off()
        assert len(sandbox.faults.list()) == 1
        second.off()
        second.off()
        gone = faults(operation="*")
        sandbox.faults.clear()
        gone.off()
        assert capsys.readouterr().out.splitlines() == [
            "Fault on: CreateWorker answers 503, the first 5.",
            "Fault on (instead of CreateWorker answers 503): CreateWorker answers 429, the first 3.",
            "Fault off: CreateWorker answers 503; it had been replaced by CreateWorker answers 429, which is on.",
            "Fault off: CreateWorker answers 429; it happened 0 of 3 times.",
            "Fault on: * answers 500, the first 1.",
            "Fault off: * answers 500; it was off already.",
        ]

    def test_one_that_outlives_a_restart_leaves_the_faults_of_the_next_sandbox_alone(self, sandbox, capsys):
        before = [faults(operation=name) for name in ("CreateTask", "FetchTask", "DeleteTask")]
        helpers.sandbox.stop()
        after = [faults(operation=name, quiet=True) for name in ("CreateTask", "CreateWorker", "UpdateTask")]
        capsys.readouterr()
        before[1].off()
        before[2].off()
        assert capsys.readouterr().out == (
            "Fault off: FetchTask answers 500; it was off already.\n"
            "Fault off: DeleteTask answers 500; it was off already.\n"
        )
        assert len(helpers.sandbox.ensure().faults.active()) == 3
        for fault in after:
            fault.off()
        assert capsys.readouterr().out == ""
        assert helpers.sandbox.ensure().faults.active() == []

    def test_one_that_was_forgotten_is_named_until_all_are_taken_back(self, sandbox, capsys):
        faults(operation="CreateTask", status=500)
        faults(deliveries="late", kind="event")
        clients.connect()
        assert "\nFaults are on: CreateTask answers 500; event webhooks: late. `" in capsys.readouterr().out
        faults.all_off()
        faults.all_off()
        clients.connect()
        told = capsys.readouterr().out
        assert told.startswith("Faults off: CreateTask answers 500; event webhooks: late.\nNo fault was on.\n")
        assert "Faults are on" not in told

    def test_a_callback_that_times_out(self, cast, receiver, sandbox):
        """It arrives, its answer counts as too late, and the fallback is asked; so it is for the first, no more."""
        receiver.replies["/callback"] = Reply(body='{"instruction": "reject"}')
        receiver.replies["/fallback"] = ACCEPT
        with faults(deliveries="timeout", kind="assignment"):
            task = reserve_alice(cast, receiver, fallback_assignment_callback_url=receiver.url + "/fallback")
            (entry,) = ended(sandbox, 1)
        assert [request.path for request in receiver.requests] == ["/callback", "/fallback"]
        assert [attempt.get("fault") for attempt in entry["attempts"]] == ["timeout", None]
        assert task.fetch().assignment_status == "assigned"
        assert [alert["code"] for alert in sandbox.alerts.list()] == [11205]

    def test_a_callback_that_arrives_twice(self, cast, receiver, sandbox):
        receiver.replies["/callback"] = ACCEPT
        with faults(deliveries="twice"):
            reserve_alice(cast, receiver)
            first, second = ended(sandbox, 2)
        assert receiver.requests[0].body == receiver.requests[1].body
        assert first["outcome"] == "accepted"
        assert second["repeats"] == first["number"]
        assert second["outcome"] == "too late for accept: the reservation is accepted"

    def test_events_that_arrive_twice(self, cast, receiver, sandbox):
        """The second time directly after the first, however many wait."""
        gate = threading.Event()
        receiver.replies["/events"] = Reply(status=204, gate=gate)
        cast.workspace.update(event_callback_url=receiver.url + "/events")
        wait_for(lambda: receiver.requests)
        with faults(deliveries="twice", first=2):
            cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
            cast.workspace.update(event_callback_url="")
            gate.set()
            log = ended(sandbox, 7, "event")
        happened = [event.sid for event in reversed(cast.workspace.events.list(limit=6))][:5]
        assert [request.form["Sid"] for request in receiver.requests] == [happened[i] for i in (0, 1, 1, 2, 2, 3, 4)]
        assert sorted(entry["repeats"] for entry in log if entry["repeats"]) == [2, 3]

    def test_a_callback_that_arrives_late(self, cast, receiver, sandbox):
        receiver.replies["/callback"] = ACCEPT
        with faults(deliveries="late", seconds=0.05):
            reserve_alice(cast, receiver)
            (entry,) = ended(sandbox, 1)
        assert entry["outcome"] == "accepted"
        assert entry["attempts"][0]["fault"] == "late"

    def test_events_out_of_order(self, cast, receiver, sandbox):
        """Each of the first two is overtaken by the next one."""
        gate = threading.Event()
        receiver.replies["/events"] = Reply(status=204, gate=gate)
        cast.workspace.update(event_callback_url=receiver.url + "/events")
        wait_for(lambda: receiver.requests)
        with faults(deliveries="out-of-order", first=2):
            cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
            cast.workspace.update(event_callback_url="")
            gate.set()
            ended(sandbox, 5, "event")
        happened = [event.sid for event in reversed(cast.workspace.events.list(limit=6))][:5]
        order = [happened[i] for i in (0, 2, 1, 4, 3)]
        assert [request.form["Sid"] for request in receiver.requests] == order

    def test_the_last_event_is_not_held_back_for_ever(self, cast, receiver, sandbox, capsys):
        """And nothing has happened to it: there was none to overtake it."""
        with faults(deliveries="out-of-order", seconds=0.05):
            cast.workspace.update(event_callback_url=receiver.url + "/events")
            (entry,) = ended(sandbox, 1, "event")
        assert entry["outcome"] == "reported"
        assert "fault" not in entry["attempts"][0]
        assert "it happened 0 of 1 times" in capsys.readouterr().out

    @pytest.mark.parametrize("how", ["its block ends", "another takes its place", "all are taken back"])
    def test_a_fault_that_is_off_holds_no_event_back(self, cast, receiver, sandbox, how, capsys):
        with faults(deliveries="out-of-order", seconds=60):
            cast.workspace.update(event_callback_url=receiver.url + "/events")
            assert log(sandbox, "event")[0]["outcome"] is None
            if how == "another takes its place":
                faults(deliveries="out-of-order", seconds=60)
            elif how == "all are taken back":
                faults.all_off()
        (entry,) = ended(sandbox, 1, "event")
        assert "fault" not in entry["attempts"][0]
        if how == "its block ends":
            assert "it happened 0 of 1 times" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("order", "words"),
        [
            ({}, "Say either operation"),
            ({"operation": "*", "deliveries": "twice"}, "Say either operation"),
            ({"operation": "MakeTea"}, "no operation MakeTea"),
            ({"operation": "*", "status": 200}, "status: must be at least 400; it was '200'"),
            ({"deliveries": "never"}, "deliveries: must be one of timeout, late, twice, out-of-order"),
            ({"deliveries": "late", "seconds": -1}, "seconds: must be at least 0"),
            ({"deliveries": "late", "seconds": float("nan")}, "seconds: must be"),
            ({"deliveries": "twice", "kind": "sms"}, "kind: must be one of assignment, event"),
            ({"deliveries": "out-of-order", "kind": "assignment"}, "only events"),
            ({"deliveries": "twice", "first": 0}, "first: must be at least 1"),
            ({"deliveries": "twice", "status": 429}, "status belongs to operation, and means nothing for deliveries"),
            ({"deliveries": "twice", "seconds": 3}, "seconds belongs to late and out-of-order"),
            ({"operation": "*", "kind": "event"}, "kind belongs to deliveries, and means nothing for operation"),
            ({"operation": "*", "seconds": 3}, "seconds belongs to deliveries"),
            ({"operation": "createtask"}, "did you mean CreateTask?"),
        ],
    )
    def test_an_order_that_makes_no_sense(self, sandbox, order, words):
        with pytest.raises(LessonError, match=re.escape(words)):
            faults(**order)
        assert sandbox.faults.list() == []

    def test_not_on_live_twilio(self, monkeypatch):
        monkeypatch.setenv("TASKROUTER_LIVE", "1")
        monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
        with pytest.raises(LessonError, match="cannot be ordered on live Twilio"):
            faults(operation="CreateTask")
