"""The behaviour checks: all pass against the sandbox, they notice what is different, and leave no trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from twilio.http.response import Response
from twilio.rest import Client

from helpers import LessonError, account, clean_up, conformance, faults
from helpers.account import SandboxHttpClient
from helpers.conformance.checks import CHECKS
from helpers.conformance.receiver import Receiver
from helpers.conformance.run import MARK, Run
from helpers.conformance.stage import SANDBOX
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-u", "-m", "helpers", "conformance"]
HURRIED = replace(SANDBOX, limit=2)


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
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
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
        "Capacity": "capacity",
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
    run = Run(different, HURRIED, receiver, say=told.append)
    assert run.all([one for one in CHECKS if one.name in [*noticed.split(), "reserved"]]) == 1
    assert set(run.deviations) == set(noticed.split())
    deviation = next(place for place, line in enumerate(told) if line.startswith("DEVIATES"))
    assert told[deviation + 1].strip().startswith("→ ")
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
    run = Run(Client(sandbox.account_sid, sandbox.auth_token, http_client=Odd(sandbox.url)), HURRIED, None)
    assert run.all([one for one in CHECKS if one.name in ("worker_versions", "wrong_verb")]) == 1
    assert run.deviations == {
        "worker_versions": "the answer has no ETag",
        "wrong_verb": "the answer 405 is no error of Twilio's: '<html>Not allowed</html>'",
    }


class Impatient(SandboxHttpClient):
    """Somebody presses Control-C while a workspace is being removed."""

    def request(self, method, url, *args, **kwargs) -> Response:
        if method == "DELETE" and "/Workspaces/" in url and url.count("/") == 5:
            raise KeyboardInterrupt
        return super().request(method, url, *args, **kwargs)


def test_who_interrupts_the_removal_is_told_what_removes_the_rest(sandbox):
    run = Run(Client(sandbox.account_sid, sandbox.auth_token, http_client=Impatient(sandbox.url)), HURRIED, None)
    with pytest.raises(
        LessonError, match=r"still be there \(interrupted\): `python3 -m helpers clean-up` removes them"
    ):
        run.all([one for one in CHECKS if one.name == "unknown"])
    clean_up(sure=True)


def test_a_modern_account_without_single_tasking(different):
    different.http_client.lost = "single-tasking"
    told: list[str] = []
    run = Run(different, HURRIED, None, "no public address: ngrok needs a token", told.append)
    wanted = [one for one in CHECKS if one.name in ("activity_moved", "reserved", "asked")]
    assert run.all(wanted) == 0
    assert run.not_run == {
        "asked": "no public address: ngrok needs a token",
        "activity_moved": "this account has no single-tasking workspaces: TaskRouter answered 400: "
        "Unable to create record: Single-tasking is gone",
    }
    assert told[-1].startswith("\n1 as expected, 0 deviating, 2 not run")


def test_a_failure_of_the_checks_themselves_removes_everything_too(client, monkeypatch):
    broken = replace(next(one for one in CHECKS if one.name == "reserved"), run=lambda stage: 1 / stage.task)
    run = Run(client, HURRIED, None, say=lambda line: None)
    assert run.all([broken, *(one for one in CHECKS if one.name == "round_trip")]) == 1  # and it goes on
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
    told, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert said == ("Interrupted; what it had created is removed.\n" if sent == signal.SIGINT else "")
    assert f"Removed the workspace '{MARK}" in told
    assert names(client) == []


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
    monkeypatch.setattr(account, "connect", lambda: client)
    monkeypatch.setattr(account, "current", lambda: account.Account("live", "AC" + "0" * 32, "secret"))
    monkeypatch.setattr("builtins.input", lambda question: answer)
    assert conformance.main() == 0
    assert capsys.readouterr().out.endswith("Nothing was created.\n")
    assert names(client) == []
