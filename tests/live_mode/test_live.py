"""The lessons and the commands on a live account: the plain client over TLS, callbacks through the tunnel."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from fastapi import FastAPI
from twilio.request_validator import RequestValidator

from helpers import LessonError, cast, check, clean_up, conformance, expose, planned, serve, start_over
from helpers.callback_server import public_addresses
from helpers.conformance.check_context import SANDBOX
from helpers.lesson.checkpoints.scene import CLICK_IDLE as CLICK_IDLE_HERE
from helpers.names import WORKSPACE
from helpers.tunnel import ngrok_processes
from helpers.tunnel.expose import tunnels
from tests.live_mode.service import API_KEY, API_KEY_SECRET, AUTH_TOKEN, NGROK_TOKEN, PUBLIC_HOST
from tests.notebooks.conftest import running
from tests.notebooks.scene import Lesson
from tests.notebooks.test_runs import CLICK_IDLE, NAMES, STATUS, assert_nothing_clicked, click_bob_then_alice
from tests.ports import unused_port
from tests.waiting import patience, wait_for

ROOT = Path(__file__).resolve().parents[2]


TIME_PASSES = """
import time
from taskrouter_sandbox import ControlClient

def sleep(seconds, wait=time.sleep):
    if seconds < 5:
        wait(seconds)
    else:
        ControlClient("{account.url}", "{account.account_sid}", "{account.auth_token}").clock.advance(seconds=seconds)

time.sleep = sleep
"""
"""Where a cell waits for long, the clock of the account goes on by as much at once."""


WITHOUT_SINGLE_TASKING = (
    *("00-start-here", "07-design-a-workflow", "08-many-tasks-at-once", "09-watch-and-measure"),
    *("11-rehearse-a-day", "answers"),
)
"""Pages that ask for no single-tasking workspace, so that they are the same on every account."""

ACCOUNTS = [("legacy", name) for name in NAMES]
ACCOUNTS += [("modern", name) for name in NAMES if name not in WITHOUT_SINGLE_TASKING]


@pytest.mark.parametrize(("account", "name"), ACCOUNTS)
def test_every_notebook_runs_from_top_to_bottom(twilio, account, name, monkeypatch):
    twilio.proxy.multitasking_only = account == "modern"
    if name == "12-build-an-agent-page":  # whose tokens are signed with it
        monkeypatch.setenv("TWILIO_API_KEY", API_KEY)
        monkeypatch.setenv("TWILIO_API_KEY_SECRET", API_KEY_SECRET)
    with running(name) as run:
        run.code(TIME_PASSES.format(account=twilio.sandbox))
        texts = run.all()

    assert_nothing_clicked(name, texts, live=True)
    said = json.dumps(texts)
    assert "live Twilio" in said
    assert AUTH_TOKEN not in said
    assert API_KEY_SECRET not in said
    assert NGROK_TOKEN not in said
    asked = {host.removesuffix(".twilio.com") for host, _ in twilio.proxy.asked}
    assert asked <= {"taskrouter", "api", "monitor", "pricing"}
    assert bool(twilio.proxy.single_tasking) is (name not in WITHOUT_SINGLE_TASKING)


@pytest.mark.parametrize("multitasking_only", [False, True], ids=["legacy", "modern"])
def test_the_scene(twilio, multitasking_only):
    twilio.proxy.multitasking_only = multitasking_only
    with running("03-accept-by-callback", solved=True) as run:
        run.up_to("toggle-alice")
        address = run.code("public_url").strip("'")
        assert address.startswith(f"https://{PUBLIC_HOST}:")
        run.code(CLICK_IDLE)
        run.until(f"{STATUS} == 'reserved' and any(e.method == 'POST' for e in server.log.entries())")
        run.up_to("toggle-alice-again", after="toggle-alice")
        run.code(CLICK_IDLE)
        run.until(f"{STATUS} == 'assigned'")
        run.up_to("create-english-task", after="toggle-alice-again")
        click_bob_then_alice(run)
        texts = run.up_to(None, after="create-english-task")
        signatures = run.code("[e.signature for e in server.log.entries() if e.method == 'POST']")

    assert signatures == "['valid', 'valid', 'valid', 'valid']"
    checks = {cell_id: text for cell_id, text in texts.items() if cell_id.startswith("check-")}
    assert [text for text in checks.values() if not text.startswith("✔ ")] == []
    assert ("Alice is Busy" in checks["check-accepted-by-callback"]) is not multitasking_only


def test_conformance_over_tls_and_through_the_tunnel(twilio, capsys):
    assert conformance.main(sure=True, only="§3", timeouts=replace(SANDBOX, limit=patience(10))) == 0
    told = capsys.readouterr().out
    assert "through ngrok" in told
    assert "0 deviating, 0 not run" in told


def test_without_a_tunnel_the_checks_that_need_one_are_not_run(twilio, capsys, monkeypatch):
    monkeypatch.setenv("NGROK_AUTHTOKEN", "")
    assert conformance.main(sure=True, only="answered") == 0
    told = capsys.readouterr().out
    assert "→ no public address: ngrok needs a token" in told
    assert "0 as expected, 0 deviating, 3 not run" in told


def test_plan_and_clean_up(live_client, capsys):
    live_client.taskrouter.v1.workspaces.create(friendly_name="The company's")
    cast(live_client)
    planned()
    clean_up(sure=True)
    assert "is there   worker 'Alice'" in capsys.readouterr().out
    assert [one.friendly_name for one in live_client.taskrouter.v1.workspaces.list()] == ["The company's"]


def test_nobody_there_to_say_yes(live_client):
    cast(live_client)
    for command in ("clean-up", "conformance"):
        ended = subprocess.run(
            [sys.executable, "-m", "helpers", command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 1
        assert "--yes" in ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_new_address_is_brought_to_where_the_old_one_stands(live_client, capsys):
    team = cast(live_client)
    server = serve(FastAPI(), 0)
    try:
        first = expose(server)
        spare = "https://spare.example/assignment_callback"
        workflow = team.workflow.update(
            assignment_callback_url=f"{first}/assignment_callback", fallback_assignment_callback_url=spare
        )
        space = team.workspace.update(event_callback_url=f"{first}/events")
        other = live_client.taskrouter.v1.workspaces.create(
            friendly_name=f"Not {WORKSPACE}", event_callback_url=f"{first}/events"
        )
        assert expose(server) == first
        assert "brought" not in capsys.readouterr().out

        tunnels.close()  # as a restart of the kernel does
        second = expose(server)
        assert second != first
        told = capsys.readouterr().out
        assert "brought to the workspace's event callback and the workflow 'Incoming Customer Care Requests'." in told
        workflow = workflow.fetch()
        assert workflow.assignment_callback_url == f"{second}/assignment_callback"
        assert workflow.fallback_assignment_callback_url == spare
        assert space.fetch().event_callback_url == f"{second}/events"
        assert other.fetch().event_callback_url == f"{first}/events"
    finally:
        server.stop()


def test_a_port_that_was_picked_at_random_is_remembered_by_this_kernel_alone(twilio, capsys):
    """A run of the checks picks one each time: twenty of them would push out the ports of the notebooks."""

    def lasting() -> dict[str, list[str]]:
        """What the next kernel's servers know as their own."""
        return {port: one for port, one in public_addresses._read().items() if port != public_addresses.PICKED}

    before = lasting()
    assert conformance.main(sure=True, only="answered_accept") == 0
    assert "through ngrok" in capsys.readouterr().out
    assert lasting() == before
    port = unused_port()
    server = serve(FastAPI(), port)
    try:
        address = expose(server)
        assert lasting() == before | {str(port): [address]}
    finally:
        server.stop()


def test_an_agent_that_dies_is_replaced_and_the_workflow_follows_by_itself(live_client):
    team = cast(live_client)
    server = serve(FastAPI(), 0)
    try:
        first = expose(server)
        workflow = team.workflow.update(assignment_callback_url=f"{first}/assignment_callback")
        ngrok_processes.end_agents(tunnels.agent._process.lease.file)
        wait_for(lambda: not workflow.fetch().assignment_callback_url.startswith(first))
        assert workflow.fetch().assignment_callback_url == f"{server.public_url}/assignment_callback"
    finally:
        server.stop()


def test_when_taskrouter_cannot_be_told_the_address_it_is_said(live_client, capsys, monkeypatch):
    server = serve(FastAPI(), 0)
    try:
        expose(server)
        tunnels.close()
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        assert expose(server).startswith("https://")
        assert "could not be told the new address" in capsys.readouterr().out
    finally:
        server.stop()


def test_the_tunnel_is_https_and_lets_in_what_is_signed_for_it(twilio):
    app = FastAPI()

    @app.post("/assignment_callback")
    def assignment_callback():
        return {"instruction": "accept"}

    server = serve(app, 0)
    form = {"TaskSid": "WT1", "WorkerName": "Zoë & co"}
    try:
        url = f"{expose(server)}/assignment_callback"
        with requests.Session() as session:
            session.trust_env, session.verify = False, twilio.environment["REQUESTS_CA_BUNDLE"]

            def status(signed_as: str, token: str = AUTH_TOKEN) -> int:
                signature = RequestValidator(token).compute_signature(signed_as, form)
                headers = {"X-Twilio-Signature": signature}
                return session.post(url, form, headers=headers, timeout=patience(10)).status_code

            assert status(url) == 200
            assert status(url.replace("https:", "http:")) == 403
            assert status(url, "forged") == 403
            assert status(server.url + "/assignment_callback") == 403
            assert session.post(url, form, timeout=patience(10)).status_code == 403
    finally:
        server.stop()
    assert [exchange.signature for exchange in server.log.entries()] == ["valid", *["invalid"] * 3, "none"]


def test_start_over_is_for_the_sandbox_and_leaves_a_live_account_alone(live_client):
    live_client.taskrouter.v1.workspaces.create(friendly_name="Mine")
    with pytest.raises(LessonError, match=r"nothing was deleted.*`python3 -m helpers clean-up`"):
        start_over(sure=True)
    assert [one.friendly_name for one in live_client.taskrouter.v1.workspaces.list()] == ["Mine"]


@pytest.fixture
def lesson(live_client):
    lesson = Lesson(live_client)
    yield lesson
    lesson.server.stop()


FINALES = {
    "accepted": ('{"instruction": "accept"}', "Your server accepted it"),
    "misspelt": ('{"instruction": "acept"}', "'acept' is not an instruction"),
    "empty": ("{}", "answered `{}`, without an instruction"),
    "failed": ("1 / 0", "your app failed with ZeroDivisionError: division by zero"),
}


@pytest.mark.parametrize("answer", FINALES)
def test_why_the_finale_did_not_come_about_is_told_from_the_log_of_the_server(lesson, answer):
    code, words = FINALES[answer]
    lesson.answer(code)
    lesson.create_task()
    lesson.run(CLICK_IDLE_HERE)
    wait_for(lambda: words in check.accepted_by_callback(lesson.client).sentence)


def test_an_answer_that_took_too_long_is_told_from_the_log_of_the_server(lesson):
    lesson.answer("{}")
    lesson.create_task()
    lesson.run(CLICK_IDLE_HERE)
    log = lesson.server.log
    asked = wait_for(lambda: [one for one in log.entries() if one.form.get("TaskSid") == lesson.task.sid])
    log.record(replace(asked[-1], seconds=6.0))

    verdict = check.accepted_by_callback(lesson.client)

    assert "no answer that counts: the answer took 6 seconds" in verdict.sentence
    assert "five seconds" in verdict.hints[0]


def test_without_a_record_the_finale_claims_nothing(lesson):
    lesson.answer("{}")
    lesson.create_task()
    lesson.run(CLICK_IDLE_HERE)
    asked = {"TaskSid": lesson.task.sid}
    wait_for(lambda: any(one.form.items() >= asked.items() for one in lesson.server.log.entries()))
    lesson.server.log.clear()  # as a restart of the kernel does

    verdict = check.accepted_by_callback(lesson.client)
    assert "no answer of this notebook's server has accepted it" in verdict.sentence
    lesson.run('workflow = team.workflow.update(assignment_callback_url="")')
    assert "no callback address" in check.accepted_by_callback(lesson.client).sentence
