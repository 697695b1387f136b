"""The log and the alerts under `/_sandbox/`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import taskrouter_sandbox
from helpers.errors import LessonError
from taskrouter_sandbox.engine.rules import instructions
from taskrouter_sandbox.webhooks.alert_catalog import CODES
from tests.sandbox.conftest import Reply
from tests.sandbox.control_scene import ACCEPT, ended, request_base, reserve_alice
from tests.waiting import wait_for


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
