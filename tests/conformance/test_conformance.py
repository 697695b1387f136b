"""The behaviour checks: all pass against the sandbox, they notice what is different, and leave no trace."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from twilio.http.response import Response
from twilio.rest import Client

from helpers import LessonError, clean_up, conformance, faults, skip
from helpers.conformance.check_context import SANDBOX
from helpers.conformance.checks import CHECKS
from helpers.conformance.receiver import CallbackReceiver
from helpers.conformance.run import MARK, ConformanceRun
from helpers.connection import account, clients
from helpers.connection.clients import SandboxHttpClient
from tests.waiting import patience, wait_for

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-u", "-m", "helpers", "conformance"]
HURRIED = replace(SANDBOX, limit=patience(1))


class Different(SandboxHttpClient):
    """The sandbox, for a client that leaves out one parameter of each request: a TaskRouter that does not know it."""

    lost = ""

    def request(self, method, url, params=None, data=None, headers=None, *args, **kwargs) -> Response:
        if (
            method == "POST"
            and self.lost == "single-tasking"
            and str((data or {}).get("MultiTaskEnabled")).lower() == "false"
        ):
            return Response(400, '{"code": 20001, "message": "Single-tasking is gone", "status": 400}', {})

        def without(known):
            return {name: value for name, value in (known or {}).items() if name != self.lost}

        return super().request(method, url, params, without(data), *args, headers=without(headers), **kwargs)


@pytest.fixture
def different(sandbox) -> Client:
    http_client = Different(sandbox.url)
    return Client(sandbox.account_sid, sandbox.auth_token, http_client=http_client)


@pytest.fixture(scope="module")
def receiver() -> Iterator[CallbackReceiver]:
    receiver = CallbackReceiver()
    yield receiver
    receiver.close()


def names(client: Client) -> list[str]:
    return [workspace.friendly_name for workspace in client.taskrouter.v1.workspaces.list()]


def test_the_sandbox_behaves_as_expected(client, capsys):
    client.taskrouter.v1.workspaces.create(friendly_name="Somebody else's")
    assert conformance.main() == 0
    told = capsys.readouterr().out
    assert len(CHECKS) > 60
    assert told.count("\nok ") == len(CHECKS)
    assert f"\n{len(CHECKS)} as expected, 0 deviating, 0 not run" in told
    assert told.index("They create up to two workspaces") < told.index("\nok ")
    assert names(client) == ["Somebody else's"]


def test_it_does_not_begin_while_a_fault_is_on(client):
    with (
        faults(operation="CreateTask"),
        pytest.raises(LessonError, match="on in the sandbox: CreateTask answers 500"),
    ):
        conformance.main()
    assert names(client) == []


def test_each_check_has_a_name_a_paragraph_and_a_sentence():
    assert len({one.name for one in CHECKS}) == len(CHECKS)
    for one in CHECKS:
        assert one.source.partition(" §")[0] in ("behaviour.md", "rest-contract.md")
        assert one.expected[0].isupper() or one.expected.startswith("order_by")
        assert one.expected.endswith(".")


@pytest.mark.parametrize(
    ("lost", "noticed"),
    {
        "If-Match": "versions worker_versions",
        "Priority": "task_order",
        "TaskOrder": "task_order_lifo",
        "MaxReservedWorkers": "first_yes_wins",
        "VirtualStartTime": "virtual_start_time no_future",
        "Capacity": "capacity parallel_reservations",
        "TaskChannel": "channels",
        "TaskReservationTimeout": "timed_out",
        "Timeout": "time_to_live",
        "RejectPendingReservations": "rejects_on_leaving rejects_only_on_leaving",
        "WorkerActivitySid": "rejected_and_sent_away",
        "ReEvaluateTasks": "re_evaluated",
        "ReservationActivitySid": "activity_moved",
        "Reason": "wrapped_up canceled_with_reservation",
        "AssignmentCallbackUrl": "asked answered_accept answered_reject both_fail fallback",
        "FallbackAssignmentCallbackUrl": "fallback wrong_type",
    }.items(),
)
def test_a_taskrouter_that_is_different_is_noticed(different, receiver, lost, noticed):
    different.http_client.lost = lost
    told: list[str] = []
    run = ConformanceRun(different, HURRIED, receiver, say=told.append)
    assert run.run_all([one for one in CHECKS if one.name in [*noticed.split(), "reserved"]]) == 1
    assert set(run.deviations) == set(noticed.split())
    deviation = next(place for place, line in enumerate(told) if line.startswith("DEVIATES"))
    assert told[deviation + 1].strip().startswith("→ ")
    document, _, section = told[deviation + 2].strip().removeprefix("→ read ").partition(" §")
    assert told[deviation].split()[1:3] == [Path(document).name, f"§{section}"]
    assert re.search(rf"^#+ {re.escape(section)}\b", (ROOT / document).read_text(encoding="utf-8"), re.MULTILINE)
    assert names(different) == []


class Odd(SandboxHttpClient):
    """The sandbox behind something that takes away ETags and answers a wrong verb with a page."""

    def request(self, method, url, *args, **kwargs) -> Response:
        answer = super().request(method, url, *args, **kwargs)
        if method == "PUT":
            return Response(405, "<html>Not allowed</html>", {})
        answer.headers = {name: value for name, value in answer.headers.items() if name.lower() != "etag"}
        return answer


def test_answers_of_another_form_are_deviations_in_words(sandbox):
    run = ConformanceRun(Client(sandbox.account_sid, sandbox.auth_token, http_client=Odd(sandbox.url)), HURRIED, None)
    assert run.run_all([one for one in CHECKS if one.name in ("worker_versions", "wrong_verb")]) == 1
    assert run.deviations == {
        "worker_versions": "the answer has no ETag",
        "wrong_verb": "the answer 405 is no error of Twilio's: '<html>Not allowed</html>'",
    }


class Busy(SandboxHttpClient):
    """The sandbox behind something that answers a call `failing` so many times with a status, or not at all."""

    failing, status, times, retry_after = "", 429, 1, "0"
    refused = 0

    def request(self, method, url, *args, **kwargs) -> Response:
        if self.failing in f"{method} {url}" and self.refused < self.times:
            self.refused += 1
            if not self.status:
                raise requests.ConnectionError("gone")
            raw = requests.Response()
            raw.status_code, raw.headers = self.status, {"Retry-After": self.retry_after}
            for hear in self.request_hooks["response"]:  # as `requests` does
                hear(raw, timeout=1)
            body = json.dumps({"code": 20000 + self.status, "message": "Try again", "status": self.status})
            return Response(self.status, body, raw.headers)
        return super().request(method, url, *args, **kwargs)


def busy_run(sandbox, name: str, *, sleep=time.sleep, **how) -> tuple[ConformanceRun, list[str], int]:
    """A run over the check of that name while the service is busy, what it told and its exit code."""
    http_client = Busy(sandbox.url)
    for key, value in how.items():
        setattr(http_client, key, value)
    client = Client(sandbox.account_sid, sandbox.auth_token, http_client=http_client)
    told: list[str] = []
    run = ConformanceRun(client, HURRIED, None, say=told.append, sleep=sleep)
    code = run.run_all([one for one in CHECKS if one.name == name])
    assert http_client.refused == how.get("times", 1)
    assert names(client) == []
    return run, told, code


@pytest.mark.parametrize("status", [429, 500, 503, 0])
@pytest.mark.parametrize(
    ("name", "failing"),
    [
        ("pages", "GET "),  # a list, whose exception has another form
        ("versions", "/Tasks"),
        ("worker_deletion", "DELETE "),  # where a refusal is expected, and another one
        ("wrong_verb", "PUT "),  # a raw answer
        ("reserved", "POST https://taskrouter.twilio.com/v1/Workspaces"),  # the workspace itself
        ("activity_moved", "POST https://taskrouter.twilio.com/v1/Workspaces"),  # and the single-tasking one
    ],
)
def test_a_trouble_that_passes_is_no_deviation(sandbox, name, failing, status):
    run, told, code = busy_run(sandbox, name, failing=failing, status=status)
    assert (code, run.deviations, run.not_run) == (0, {}, {})
    assert told[0].startswith("ok ")


@pytest.mark.parametrize(
    ("status", "words"),
    [(429, "TaskRouter answered 429: "), (503, "TaskRouter answered 503: "), (0, "cannot be reached")],
)
def test_a_check_that_meets_trouble_twice_is_not_run(sandbox, status, words):
    run, told, code = busy_run(sandbox, "versions", failing="/Tasks", status=status, times=2)
    assert (code, run.deviations) == (0, {})
    assert words in run.not_run["versions"]
    assert told[0].startswith("not run ")
    assert words in told[1]


def test_a_call_that_goes_wrong_each_time_deviates(sandbox):
    run, _, code = busy_run(sandbox, "versions", failing="/Tasks", status=500, times=2)
    assert (code, run.not_run) == (1, {})
    assert "TaskRouter answered 500" in run.deviations["versions"]


@pytest.mark.parametrize(
    ("retry_after", "paused"), [("3", 3), ("3600", 5), ("soon", HURRIED.pause), ("", HURRIED.pause)]
)
def test_it_waits_as_long_as_it_is_asked_to_but_not_for_ever(sandbox, retry_after, paused):
    pauses: list[float] = []
    busy_run(sandbox, "versions", sleep=pauses.append, failing="/Tasks", status=503, retry_after=retry_after)
    assert pauses == [paused]


def test_what_the_sandbox_itself_orders_to_fail_passes_too(client):
    told: list[str] = []
    run = ConformanceRun(client, HURRIED, None, say=told.append)
    with faults(operation="CreateTaskQueue", status=503):
        assert run.run_all([one for one in CHECKS if one.name == "versions"]) == 0
    assert told[0].startswith("ok ")


def test_a_clock_that_is_ahead_is_no_deviation(client, capsys):
    skip(hours=24 * 300)
    assert conformance.main(only="no_future") == 0
    assert conformance.main(only="virtual_start_time") == 0
    assert conformance.main(only="dates") == 0


class Impatient(SandboxHttpClient):
    """Somebody presses Control-C while a workspace is being removed."""

    def request(self, method, url, *args, **kwargs) -> Response:
        if method == "DELETE" and "/Workspaces/" in url and url.count("/") == 5:
            raise KeyboardInterrupt
        return super().request(method, url, *args, **kwargs)


def test_who_interrupts_the_removal_is_told_what_removes_the_rest(sandbox):
    run = ConformanceRun(
        Client(sandbox.account_sid, sandbox.auth_token, http_client=Impatient(sandbox.url)), HURRIED, None
    )
    with pytest.raises(
        LessonError, match=r"still be there \(interrupted\): `python3 -m helpers clean-up` removes them"
    ):
        run.run_all([one for one in CHECKS if one.name == "unknown"])
    clean_up(sure=True)


def test_a_modern_account_without_single_tasking(different):
    different.http_client.lost = "single-tasking"
    told: list[str] = []
    run = ConformanceRun(different, HURRIED, None, "no public address: ngrok needs a token", told.append)
    wanted = [one for one in CHECKS if one.name in ("activity_moved", "reserved", "asked")]
    assert run.run_all(wanted) == 0
    assert run.not_run == {
        "asked": "no public address: ngrok needs a token",
        "activity_moved": "this account has no single-tasking workspaces: TaskRouter answered 400: "
        "Unable to create record: Single-tasking is gone",
    }
    assert told[-1].startswith("\n1 as expected, 0 deviating, 2 not run")


def test_a_failure_of_the_checks_themselves_removes_everything_too(client, monkeypatch):
    broken = replace(next(one for one in CHECKS if one.name == "reserved"), run=lambda context: 1 / context.task)
    run = ConformanceRun(client, HURRIED, None, say=lambda line: None)
    assert run.run_all([broken, *(one for one in CHECKS if one.name == "round_trip")]) == 1  # and it goes on
    assert run.deviations.keys() == {"reserved"}
    assert "could not go on: TypeError" in run.deviations["reserved"]
    assert names(client) == []


@pytest.mark.skipif(os.name == "nt", reason="signals as on Unix")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_ended_removes_everything(client, sent, code):
    process = subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not process.stdout.readline().startswith("ok "):
        assert process.poll() is None
    assert len(names(client)) == 1
    process.send_signal(sent)
    told, said = process.communicate(timeout=patience(30))
    assert process.returncode == code
    assert said == ("Interrupted; what it had created is removed.\n" if sent == signal.SIGINT else "")
    assert f"Removed the workspace '{MARK}" in told
    assert names(client) == []


def test_a_run_that_nobody_reads_any_more_removes_everything(client):
    told: list[str] = []

    def say(line: str) -> None:
        told.append(line)
        if len(told) >= 2:  # two checks, each with a workspace of its own
            raise BrokenPipeError

    run = ConformanceRun(client, HURRIED, None, say=say)
    with pytest.raises(BrokenPipeError):
        run.run_all([one for one in CHECKS if one.name in ("activity_moved", "reserved")])
    assert all(line.startswith("ok ") for line in told[:2])
    assert names(client) == []


@pytest.mark.skipif(os.name == "nt", reason="pipes as on Unix")
def test_a_list_that_nobody_reads_to_its_end_ends_quietly(client):
    read_end, write_end = os.pipe()
    os.close(read_end)
    ended = subprocess.run([*COMMAND, "--list"], cwd=ROOT, stdout=write_end, stderr=subprocess.PIPE, text=True)
    os.close(write_end)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_what_a_killed_run_leaves_behind_is_cleaned_up(client):
    process = subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: names(client))
    process.kill()
    process.communicate()
    (left,) = names(client)
    told = subprocess.run(
        [sys.executable, "-m", "helpers", "clean-up", "--yes"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    assert f"Deleted: workspace '{left}' of a run of the checks, which must be over by now." in told
    assert names(client) == []


def test_one_check_by_its_name(client):
    told = subprocess.run([*COMMAND, "--only", "round_trip"], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout
    assert "\n1 as expected, 0 deviating, 0 not run" in told
    assert "reaches your server" not in told  # no callback, no server


@pytest.mark.parametrize("word", ["Round_Trip", "round_trip", "ROUND"])
def test_a_word_is_looked_for_in_whatever_case(client, capsys, word):
    conformance.list_checks(word)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("round_trip ")
    assert conformance.main(only=word) == 0
    assert "\n1 as expected" in capsys.readouterr().out


def test_no_check_of_that_name(client, capsys):
    assert conformance.main(only="nonsense") == 2
    assert "No check has 'nonsense' in its name, group or paragraph; --list names them." in capsys.readouterr().err


def test_the_checks_of_a_group_are_listed_and_none_is_run(client):
    command = [*COMMAND, "--only", "lifecyc", "--list"]
    told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    listed = [line.split()[0] for line in told.splitlines()]
    assert listed == [one.name for one in CHECKS if one.run.__module__ == "helpers.conformance.lifecycles"] != []
    assert names(client) == []


@pytest.mark.parametrize("answer", ["", "n", "no, thanks"])
def test_on_a_live_account_it_asks_before_it_creates_anything(client, monkeypatch, capsys, answer):
    monkeypatch.setattr(clients, "connect", lambda: client)
    monkeypatch.setattr(account, "current", lambda: account.Account("live", "AC" + "0" * 32, "secret"))
    monkeypatch.setattr("builtins.input", lambda question: answer)
    assert conformance.main() == 0
    assert capsys.readouterr().out.endswith("Nothing was created.\n")
    assert names(client) == []
