"""The sandbox of a session of tests: credentials, a port of its own, its end, several at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from taskrouter_sandbox.processes import has_ended
from taskrouter_sandbox.testing.session import running
from tests.plugin.conftest import plugin_words, run, run_alone
from tests.ports import port_that_refuses
from tests.waiting import patience


def test_an_api_key_of_the_account_needs_no_change(suite: pytest.Pytester):
    suite.makepyfile("""
        import asyncio, os
        from twilio.http.async_http_client import AsyncTwilioHttpClient
        from twilio.rest import Client

        KEY = "SK" + "a" * 32, "secret"

        def test_it(taskrouter):
            client = Client(*KEY, os.environ["TWILIO_ACCOUNT_SID"])
            client.taskrouter.v1.workspaces.create("Mine")
            assert [each.friendly_name for each in taskrouter.client.taskrouter.v1.workspaces.list()] == ["Mine"]
            assert len(client.incoming_phone_numbers.list()) == 1
            assert taskrouter.health()["worlds"] == 2

        def test_asynchronous(taskrouter):
            async def names():
                async with AsyncTwilioHttpClient() as http:
                    client = Client(*KEY, os.environ["TWILIO_ACCOUNT_SID"], http_client=http)
                    return [each.friendly_name for each in await client.taskrouter.v1.workspaces.list_async()]
            taskrouter.client.taskrouter.v1.workspaces.create("Mine")
            assert asyncio.run(names()) == ["Mine"]
    """)
    run(suite, "-W", "ignore::DeprecationWarning").assert_outcomes(passed=2)


def test_a_client_with_other_credentials_is_told_of_and_leaves_nothing_behind(suite: pytest.Pytester):
    suite.makepyfile("""
        import pytest
        from twilio.rest import Client

        client = Client("AC" + "1" * 32, "from-a-file")  # as an application does that makes it when it is imported

        @pytest.mark.parametrize("number", range(2))
        def test_it(taskrouter, number):
            assert client.taskrouter.v1.workspaces.list() == []
            client.taskrouter.v1.workspaces.create("Theirs")
            assert number == 0 or taskrouter.client.taskrouter.v1.workspaces.list()

        def test_no_world_is_left(taskrouter):
            assert taskrouter.health()["worlds"] == 2  # the process's own, and this one
    """)
    result = run(suite)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["calls with credentials that are not this test's:", f"  2 as AC{'1' * 32}: *", "  *taskrouter_credentials*"]
    )


def test_what_is_not_signed_gets_no_answer_of_the_test_s(suite: pytest.Pytester):
    suite.makepyfile("""
        import urllib.error, urllib.request
        import pytest

        def test_it(taskrouter_callbacks):
            url = taskrouter_callbacks.answer("/assignment", {"instruction": "accept"})
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(url, data=b"TaskSid=WT1", timeout=30)
            with pytest.raises(urllib.error.HTTPError, match="404") as missing:
                urllib.request.urlopen(taskrouter_callbacks.url_for("/other"), timeout=30)
            assert "taskrouter_callbacks.answer('/other'" in missing.value.read().decode()
            assert [each.is_signed for each in taskrouter_callbacks.requests] == [False, False]
            for each in (missing.value,): each.close()
            with pytest.raises(AssertionError, match="1 of 2 requests for /assignment came within 0.1 s"):
                taskrouter_callbacks.wait_for("/assignment", count=2, seconds=0.1)
    """)
    run(suite, "-W", "default").assert_outcomes(passed=1)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_the_sandbox_ends_with_a_session_that_is_killed(suite: pytest.Pytester):
    suite.makepyfile("""
        import os, pathlib, signal

        def test_it(taskrouter):
            pathlib.Path("pid").write_text(str(taskrouter.health()["pid"]))
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    run_alone(suite)
    assert has_ended(int((suite.path / "pid").read_text()), patience(10))


def test_a_sandbox_that_runs_already_is_used(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    suite.makepyfile("""
        import os
        def test_it(taskrouter):
            assert taskrouter.url == os.environ["TASKROUTER_SANDBOX_URL"]
            assert taskrouter.client.taskrouter.v1.workspaces.list() == []
    """)
    with running() as url:
        monkeypatch.setenv("TASKROUTER_SANDBOX_URL", url)
        run(suite).assert_outcomes(passed=1)


def test_a_sandbox_that_cannot_be_used_is_told_of_with_what_to_do(suite: pytest.Pytester, monkeypatch, tmp_path):
    suite.makepyfile("""
        def test_it(taskrouter):
            taskrouter.stop()
            taskrouter.clock.read()
    """)
    with port_that_refuses() as port:
        url = f"http://127.0.0.1:{port}"
        monkeypatch.setenv("TASKROUTER_SANDBOX_URL", url)
        result = run(suite)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [f"the sandbox at {url} does not answer (*): run the tests again; *with --idle-exit it ends*"]
    )

    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--in-memory", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as alone:
        assert alone.stdout is not None
        monkeypatch.setenv("TASKROUTER_SANDBOX_URL", json.loads(alone.stdout.readline())["url"])
        result = run(suite)
        alone.terminate()
    result.assert_outcomes(errors=1)
    assert "During handling" not in result.stdout.str()
    result.stdout.fnmatch_lines(["the sandbox at * takes no account of this test's (Authenticate): *--any-account`*"])


def test_each_worker_of_sessions_at_once_has_a_sandbox_of_its_own(suite: pytest.Pytester):
    """Workers of pytest-xdist; both sessions have one of the same name."""
    suite.makepyfile("""
        from pathlib import Path
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test_it(taskrouter, taskrouter_callbacks, taskrouter_workspace, worker_id, testrun_uid, number):
            Path(f"{testrun_uid}-{worker_id}-{taskrouter.health()['pid']}.seen").touch()
            team = taskrouter_workspace("team.json")
            taskrouter_callbacks.answer("/assignment", {"instruction": "accept"})
            team.set_activity("Alice", "Idle")
            task = team.workspace.tasks.create(attributes="{}")
            taskrouter.wait_for_webhooks()
            taskrouter.clock.advance(minutes=2)
            assert task.fetch().assignment_status == "assigned"
            assert taskrouter.health()["worlds"] == 2 and taskrouter.clock.ahead() < 180
    """)
    command = [sys.executable, "-m", "pytest", *plugin_words(), "--color=no"]
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    sessions = [
        subprocess.Popen(
            [*command, "-n", str(workers), f"--basetemp=temp{workers}"],
            cwd=suite.path,
            stdout=subprocess.PIPE,
            text=True,
        )
        for workers in (1, 2)
    ]
    told = [session.communicate(timeout=patience(60))[0] for session in sessions]
    for text in told:
        assert "6 passed in" in text, text
    seen = [path.stem.split("-") for path in suite.path.glob("*.seen")]
    assert len(seen) == len({pid for *_, pid in seen}) == len({(run, worker) for run, worker, _ in seen}) == 3


def test_credentials_of_the_application_s_own(suite: pytest.Pytester):
    suite.makepyfile("""
        import pytest

        @pytest.fixture
        def taskrouter_credentials():
            return "AC" + "7" * 32, "mine"

        @pytest.mark.parametrize("number", range(2))
        def test_it(taskrouter, number):
            assert (taskrouter.account_sid, taskrouter.auth_token) == ("AC" + "7" * 32, "mine")
            assert taskrouter.client.taskrouter.v1.workspaces.list() == []
            taskrouter.client.taskrouter.v1.workspaces.create("Mine")
    """)
    run(suite).assert_outcomes(passed=2)
