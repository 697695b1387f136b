"""Faults that are ordered under `/_sandbox/faults`."""

from __future__ import annotations

import re
import threading

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

import helpers.sandbox
from helpers import faults
from helpers.connection import clients
from helpers.errors import LessonError
from tests.sandbox.conftest import SPANISH, Reply
from tests.sandbox.control_scene import ACCEPT, ended, log, reserve_alice
from tests.waiting import patience, wait_for


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

    def test_an_event_that_times_out_as_its_address_says(self, cast, receiver, sandbox):
        """behaviour.md §4.1: 15 seconds, unless the fragment sets another limit."""
        cast.workspace.update(event_callback_url=receiver.url + "/events#tt=2000", events_filter="task.created")
        with faults(deliveries="timeout", kind="event"):
            cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
            (entry,) = ended(sandbox, 1, "event")
        assert entry["outcome"] == "not reported: no answer within 2 seconds (as a fault has ordered)"

    @pytest.mark.parametrize(
        ("fragment", "tries", "result"),
        [("rp=rt", 2, "done"), ("rc=3&rp=all", 2, "done"), ("rp=4xx,5xx,ct", 1, "failed"), ("rc=0&rp=rt", 1, "failed")],
    )
    def test_an_event_that_times_out_is_sent_again(self, cast, receiver, sandbox, fragment, tries, result):
        """voice.md §1.4: as after an answer that was not read in time; the second attempt goes right."""
        cast.workspace.update(event_callback_url=f"{receiver.url}/events#{fragment}", events_filter="task.created")
        with faults(deliveries="timeout", kind="event"):
            cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
            (entry,) = ended(sandbox, 1, "event")
        assert (entry["result"], len(receiver.requests)) == (result, tries)
        assert [attempt.get("fault") for attempt in entry["attempts"]] == ["timeout", None][:tries]
        assert [alert["code"] for alert in sandbox.alerts.list()] == ([11205] if result == "failed" else [])

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
