"""The plugin for pytest, as suites use it: real runs of pytest, with real clients, callbacks and sandbox processes."""

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


def test_each_test_begins_empty_and_time_is_its_own(suite: pytest.Pytester):
    suite.makepyfile("""
        import pytest

        accounts = set()

        @pytest.mark.parametrize("number", range(3))
        def test_alone(taskrouter, number):
            workspaces = taskrouter.client.taskrouter.v1.workspaces
            assert workspaces.list() == []
            assert taskrouter.clock.ahead() < 60
            taskrouter.clock.advance(minutes=2)
            taskrouter.faults.order(operation="FetchWorkspace", status=503)
            workspaces.create(friendly_name=f"W{number}")
            accounts.add(taskrouter.account_sid)
            assert len(accounts) == number + 1

        def test_every_world_is_gone(taskrouter):
            assert taskrouter.health()["worlds"] == 2  # the process's own, and this one
    """)
    run(suite).assert_outcomes(passed=4)


def test_a_callback_accepts_and_its_signature_holds(suite: pytest.Pytester):
    suite.makepyfile("""
        def test_accept(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            taskrouter_callbacks.answer("/assignment", {"instruction": "accept"})
            task = team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            assert task.assignment_status == "pending"
            team.set_activity("Alice", "Idle")
            (asked,) = taskrouter_callbacks.wait_for("/assignment")
            taskrouter.wait_for_webhooks()
            assert task.fetch().assignment_status == "assigned"
            assert asked.is_signed and asked.form["WorkerAttributes"] == '{"languages":["es"]}' and asked.status == 200
            assert taskrouter.deliveries.list("assignment")[0]["outcome"] == "accepted"
            assert taskrouter.alerts.list() == []

        def test_a_function_answers(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            def answer(request):
                assert request.form["TaskAttributes"]
                return {"instruction": "reject", "activity_sid": team.activities["Offline"].sid}
            taskrouter_callbacks.answer("assignment", answer)
            task = team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            taskrouter_callbacks.wait_for("/assignment")
            taskrouter.wait_for_webhooks()
            assert task.fetch().assignment_status == "pending"

        def test_time_passes_at_once(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            taskrouter_callbacks.answer("/assignment", None)
            team.set_activity("Alice", "Idle")
            task = team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            assert task.assignment_status == "reserved"
            taskrouter.clock.advance(minutes=2)
            assert task.reservations.list()[0].reservation_status == "timeout"
    """)
    run(suite).assert_outcomes(passed=3)


def test_a_phone_call_is_played_by_a_test(suite: pytest.Pytester):
    suite.makepyfile("""
        from twilio.twiml.voice_response import VoiceResponse

        def test_a_caller_waits_in_the_queue(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            twiml = VoiceResponse()
            twiml.say("Please wait")
            twiml.enqueue(workflow_sid=team.workflows["Flow"].sid)
            voice = taskrouter_callbacks.answer("/voice", twiml)
            (number,) = taskrouter.client.incoming_phone_numbers.list()
            number.update(voice_url=voice)
            call = taskrouter.calls.dial(number.phone_number)
            (asked,) = taskrouter_callbacks.wait_for("/voice")
            assert asked.is_signed and asked.form["CallSid"] == call["sid"]
            taskrouter.wait_for_webhooks()
            taskrouter.clock.advance(seconds=10)
            (task,) = team.workspace.tasks.list()
            assert task.task_queue_friendly_name == "Spanish"
            assert "Please wait" in str(taskrouter.calls.fetch(call["sid"]))
    """)
    run(suite).assert_outcomes(passed=1)


def test_an_application_that_makes_its_own_client_needs_no_change(suite: pytest.Pytester):
    """Also where it is asynchronous, and has an edge and a region; and whoever forgot the fixture reaches nothing."""
    suite.makepyfile(
        application="""
            from twilio.rest import Client
            from twilio.http.async_http_client import AsyncTwilioHttpClient

            def names(**settings):
                return [each.friendly_name for each in Client(**settings).taskrouter.v1.workspaces.list()]

            async def create(name):
                async with AsyncTwilioHttpClient() as http:
                    client = Client(http_client=http)
                    made = await client.taskrouter.v1.workspaces.create_async(friendly_name=name)
                    listed = await client.taskrouter.v1.workspaces.list_async(page_size=1)
                    return made.url, len(listed)
        """,
        test_application="""
            import asyncio, application

            def test_it(taskrouter):
                url, count = asyncio.run(application.create("One"))
                assert url.startswith("https://taskrouter.twilio.com/v1/Workspaces/WS") and count == 1
                asyncio.run(application.create("Two"))  # and pages are followed
                assert application.names() == ["One", "Two"]
                assert application.names(edge="sydney", region="au1") == ["One", "Two"]
                assert [call.path for call in taskrouter.rest_calls if call.method == "POST"] == ["/v1/Workspaces"] * 2

            def test_the_library_is_as_it_was():
                from twilio.base.client_base import ClientBase
                assert ClientBase.request.__module__ == ClientBase.get_hostname.__module__ == "twilio.base.client_base"
        """,
    )
    # aiohttp warns of what twilio's asynchronous client does
    run(suite, "-W", "default").assert_outcomes(passed=2)


def test_applications_of_either_kind_answer(suite: pytest.Pytester):
    suite.makepyfile("""
        import json
        from contextlib import asynccontextmanager

        import pytest
        from fastapi import FastAPI, Request
        from twilio.request_validator import RequestValidator
        from werkzeug.wrappers import Request as WerkzeugRequest, Response

        begun = []

        @asynccontextmanager
        async def lifespan(app):
            begun.append("begin")
            yield {"greeting": "hello"}
            begun.append("end")

        def of_fastapi(token):
            app = FastAPI(lifespan=lifespan)

            @app.post("/assignment")
            async def assignment(request: Request):
                form = dict(await request.form())
                signature = request.headers["X-Twilio-Signature"]
                assert RequestValidator(token).validate(str(request.url), form, signature)
                assert request.state.greeting == "hello"
                return {"instruction": "accept"}
            return app

        def of_werkzeug(token):
            @WerkzeugRequest.application
            def app(request):
                signature = request.headers["X-Twilio-Signature"]
                assert RequestValidator(token).validate(request.url, request.form.to_dict(), signature)
                return Response(json.dumps({"instruction": "accept"}), content_type="application/json")
            return app

        @pytest.mark.parametrize("make", [of_fastapi, of_werkzeug])
        def test_it_accepts(taskrouter, taskrouter_callbacks, taskrouter_workspace, make):
            taskrouter_callbacks.serve(make(taskrouter.auth_token))
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            task = team.workspace.tasks.create(attributes="{}")
            taskrouter_callbacks.wait_for("/assignment")
            taskrouter.wait_for_webhooks()
            assert task.fetch().assignment_status == "assigned"

        def test_it_has_ended():
            assert begun == ["begin", "end"]
    """)
    run(suite).assert_outcomes(passed=3)


def test_a_failure_tells_what_has_happened(suite: pytest.Pytester):
    suite.makepyfile("""
        def test_nobody(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            task = team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            assert task.fetch().assignment_status == "assigned"

        def test_one_task_at_a_time(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            taskrouter_callbacks.answer("/assignment", {})
            for _ in range(2):
                task = team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            assert task.fetch().assignment_status == "assigned"

        def test_tasks_without_a_workflow(taskrouter, taskrouter_workspace):
            workspace = taskrouter_workspace("team.json").workspace
            workspace.workers.create("Carla", attributes="{}")
            queue = workspace.task_queues.list(friendly_name="Spanish")[0].sid
            for _ in range(6):
                task = workspace.tasks.create(task_queue_sid=queue)
            assert task.fetch().assignment_status == "assigned"

        def test_wrong_answer(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            taskrouter_callbacks.answer("/assignment", (500, "no idea"))
            task = team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            taskrouter_callbacks.wait_for("/assignment")
            assert task.fetch().assignment_status == "assigned"
    """)
    result = run(suite)
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(
        [
            "*- TaskRouter -*",
            "the last calls:",
            '  POST /v1/Workspaces/WS*/Tasks 201 Attributes={"selected_language": "es"}*',
            "the last events:",
            "  *task-queue.entered *",
            "why tasks wait:",
            '  WT* is pending for * s in the queue "Spanish" of the workflow "Flow", priority 0',
            "    Alice is in the activity Offline, which is not available",
            "    Bob is not in the queue Spanish, which takes workers with languages HAS 'es' (languages is [[]*en*])",
            "*- TaskRouter -*",
            "    it is offered to Alice, and nobody has accepted it yet",
            '  WT* is pending for * s in the queue "Spanish" of the workflow "Flow", priority 0',
            "    Alice has a reservation already: *one task at a time",
            "*- TaskRouter -*",
            '  WT* is pending for * s in the queue "Spanish", priority 0',
            "    Carla is not in the queue Spanish, * (languages is not there)*",
            "  and 1 task more",
            "*- TaskRouter -*",
            "the last webhooks:",
            "  assignment * 500 *",
            "what came to the callback server:",
            "  POST /assignment 500 no idea",
            "alerts:",
        ]
    )


def test_what_an_answer_raises_fails_the_test(suite: pytest.Pytester):
    suite.makepyfile("""
        def test_it(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            def answer(request):
                assert request.form["WorkerSid"] == "Bob"
            taskrouter_callbacks.answer("/assignment", answer)
            team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            taskrouter_callbacks.wait_for("/assignment")
    """)
    result = run(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E *assert 'WK*' == 'Bob'*", "*- TaskRouter -*", "  POST /assignment 500 AssertionError*"]
    )


def test_what_can_answer_nothing_is_refused_with_what_can(suite: pytest.Pytester):
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize(
            "answer", [object(), b"bytes", 1.5, 5, True, (200, 1, 2), ("200", "x"), (200, b"x"), {"a": object()}]
        )
        def test_answer(taskrouter_callbacks, answer):
            with pytest.raises(TypeError):
                taskrouter_callbacks.answer("/x", answer)

        @pytest.mark.parametrize("app", [5, "app:app", pytest])
        def test_serve(taskrouter_callbacks, app):
            with pytest.raises(TypeError, match="is no application of WSGI or ASGI"):
                taskrouter_callbacks.serve(app)

        async def answer(request):
            return {"instruction": "accept"}

        @pytest.mark.parametrize("answer", [answer, lambda request: b"bytes"])
        def test_function(taskrouter_callbacks, taskrouter_workspace, answer):
            taskrouter_callbacks.answer("/assignment", answer)
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            with pytest.raises(TypeError, match="is no answer: give a dict"):
                taskrouter_callbacks.wait_for("/assignment")
        """
    )
    run(suite).assert_outcomes(passed=14)


def test_what_answers_raise_after_a_failure_is_no_second_one(suite: pytest.Pytester):
    suite.makepyfile("""
        import time

        def test_it(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            taskrouter_callbacks.answer("/assignment", lambda request: 1 / 0)
            team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            for _ in range(6_000):  # it is offered again and again
                if sum(each.error is not None for each in list(taskrouter_callbacks.requests)) >= 2:
                    assert False, "as expected"
                time.sleep(0.01)
    """)
    result = run(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *as expected*", "  POST /assignment 500 ZeroDivisionError: division by zero"])


def test_a_failure_at_the_end_tells_what_has_happened(suite: pytest.Pytester):
    suite.makepyfile("""
        import pytest

        @pytest.fixture
        def desk(taskrouter_workspace, taskrouter):
            team = taskrouter_workspace("team.json")
            team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            yield team
            assert team.workspace.tasks.list() == []

        def test_it(desk):
            pass

        def test_every_world_is_gone(taskrouter):
            assert taskrouter.health()["worlds"] == 2  # the process's own, and this one
    """)
    result = run(suite)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_it*",
            "*- TaskRouter -*",
            "the last calls:",
            "why tasks wait:",
            "  *Alice is in the activity Offline*",
        ]
    )


def test_what_an_answer_raises_after_the_last_wait_fails_the_test_at_its_end(suite: pytest.Pytester):
    suite.makepyfile("""
        import urllib.error, urllib.request
        import pytest

        def test_it(taskrouter, taskrouter_callbacks):
            def app(environ, start_response):
                raise ValueError("no such desk")
            url = taskrouter_callbacks.serve(app)
            with pytest.raises(urllib.error.HTTPError, match="500"):
                urllib.request.urlopen(url, timeout=30)
    """)
    result = run(suite)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["E *ValueError: no such desk"])


def test_webhooks_that_do_not_end_fail_the_wait_at_once(suite: pytest.Pytester):
    suite.makepyfile("""
        import time
        import pytest

        @pytest.mark.parametrize("answer, words", [
            ((500, "no idea"), "it answered 500 no idea, nobody could be asked"),
            ({"instruction": "reject"}, "it answered 200 .*, rejected"),
        ])
        def test_it(taskrouter, taskrouter_callbacks, taskrouter_workspace, answer, words):
            team = taskrouter_workspace("team.json")
            alice = team.set_activity("Alice", "Idle")
            taskrouter_callbacks.answer("/assignment", answer)
            task = team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            circle = f"do not end: task {task.sid} is offered to worker {alice.sid} .* 3 times .*{words}"
            with pytest.raises(AssertionError, match=circle):
                taskrouter.wait_for_webhooks(1000)
            assert taskrouter_callbacks.requests[2:]

        def test_what_gets_better_is_waited_for(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            answers = iter([500, (200, {"instruction": "reject"}), {"instruction": "accept"}])
            taskrouter_callbacks.answer("/assignment", lambda request: next(answers))
            task = team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            taskrouter.wait_for_webhooks(1000)
            assert task.fetch().assignment_status == "assigned"
    """)
    run(suite).assert_outcomes(passed=3)


def test_a_failure_tells_of_faults_and_calls_and_why_tasks_wait_while_every_operation_fails(suite: pytest.Pytester):
    suite.makepyfile("""
        import pytest

        @pytest.fixture
        def fault(taskrouter):
            yield
            (fault,) = taskrouter.faults.active()
            assert (fault["operation"], fault["status"], fault["left"]) == ("*", 503, 99)

        def test_it(fault, taskrouter, taskrouter_callbacks, taskrouter_workspace):
            url = taskrouter_callbacks.answer("/voice", "<Response><Say>Hello</Say><Pause length='60'/></Response>")
            taskrouter.client.incoming_phone_numbers.list()[0].update(voice_url=url)
            taskrouter.calls.dial("+15005550006", "+15005550100")
            taskrouter_callbacks.wait_for("/voice")
            task = taskrouter_workspace("team.json").workspace.tasks.create()
            taskrouter.faults.order(operation="*", status=503, first=100)
            task.fetch()
    """)
    result = run(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "the last events:",
            "  *task-queue.entered *",
            "the last phone calls:",
            "  CA* from +15005550100 to +15005550006 in-progress*",
            "faults that are ordered:",
            "  [*] answers 503",
            "why tasks wait:",
            "  WT* is pending *",
        ]
    )


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


def test_a_package_that_is_missing_is_named(suite: pytest.Pytester):
    suite.makeconftest("""
        import taskrouter_sandbox.testing.plugin as plugin
        plugin.NEEDED = {"surely_not_there": "pip install surely-not-there"}
    """)
    suite.makepyfile("def test_it(taskrouter): pass")
    result = run_alone(suite)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*need the package surely_not_there: pip install surely-not-there"])


def test_a_name_that_is_not_there_is_told_with_those_that_are(suite: pytest.Pytester):
    suite.makepyfile("""
        def test_it(taskrouter_workspace):
            taskrouter_workspace("team.json").set_activity("alice", "Idle")
    """)
    result = run(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *KeyError: \"'alice' is not there; there is Alice, Bob; did you mean Alice?\""])


def test_a_file_with_a_mistake_is_named(suite: pytest.Pytester):
    (suite.path / "team.json").write_text('{"format": "taskrouter-snapshot/1", "workspace": {}}')
    suite.makepyfile('def test_it(taskrouter_workspace): taskrouter_workspace("team.json")')
    result = run(suite)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*team.json: workspace: it needs the field `friendly_name`*"])


def test_nothing_is_loaded_before_a_test_asks():
    """The plugin is there in every run of pytest, also of people who do not use it."""
    code = (
        "import sys, pytest; before = set(sys.modules); import taskrouter_sandbox.testing.plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    said = subprocess.check_output([sys.executable, "-c", code], text=True)
    loaded = {each.split(".")[0] for each in eval(said) if not each.startswith("taskrouter_sandbox")}
    assert loaded <= set(sys.stdlib_module_names)
    ours = {each for each in eval(said) if each.startswith("taskrouter_sandbox.")}
    assert ours == {
        "taskrouter_sandbox.code_version",
        "taskrouter_sandbox.testing",
        "taskrouter_sandbox.testing.plugin",
    }
