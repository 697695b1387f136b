"""The plugin for pytest, as suites use it: real runs of pytest, with real clients, callbacks and sandbox processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.plugin.conftest import run, run_alone


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


def test_a_signature_holds_for_the_address_that_was_called(suite: pytest.Pytester):
    """Whatever name of this machine it has, and however its path is written: as an application sees it."""
    suite.makepyfile("""
        import pytest

        @pytest.mark.parametrize(("path", "came"), [("/there", "/there"), ("/caf%C3%A9%20a?b=c", "/café a")])
        def test_it(path, came, taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            url = taskrouter_callbacks.url.replace("127.0.0.1", "localhost") + path
            taskrouter_callbacks.answer(came, {"instruction": "accept"})
            team.workflows["Flow"].update(assignment_callback_url=url)
            team.set_activity("Alice", "Idle")
            task = team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            taskrouter.wait_for_webhooks()
            (asked,) = taskrouter_callbacks.requests
            assert (asked.url, asked.path, asked.is_signed) == (url, came, True)
            assert task.fetch().assignment_status == "assigned"
    """)
    run(suite).assert_outcomes(passed=2)


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


def test_every_test_is_led_there_where_the_settings_say_so(suite: pytest.Pytester):
    """As the page on testing advises: a test that names no fixture asks Twilio otherwise."""
    suite.makeini("[pytest]\nusefixtures = taskrouter")
    suite.makepyfile("""
        from twilio.rest import Client

        def test_it():
            assert Client().taskrouter.v1.workspaces.list() == []
    """)
    run(suite).assert_outcomes(passed=1)


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


def test_an_asynchronous_application_has_the_path_as_it_was_written_and_may_answer_any_status(suite: pytest.Pytester):
    suite.makepyfile("""
        seen = {}

        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                raise NotImplementedError
            seen.update(scope)
            await send({"type": "http.response.start", "status": 520, "headers": []})
            await send({"type": "http.response.body", "body": b"strange"})

        def test_it(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            url = taskrouter_callbacks.serve(app) + "/caf%C3%A9%20a?b=c"
            team.workflows["Flow"].update(assignment_callback_url=url)
            team.set_activity("Alice", "Idle")
            team.workspace.tasks.create(attributes="{}")
            asked = taskrouter_callbacks.wait_for("/café a")[0]
            assert (asked.status, asked.answer) == (520, b"strange")
            assert (seen["path"], seen["raw_path"], seen["query_string"]) == ("/café a", b"/caf%C3%A9%20a", b"b=c")
    """)
    run(suite).assert_outcomes(passed=1)


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


def test_other_products_other_accounts_and_the_time(suite: pytest.Pytester):
    suite.makepyfile("""
        import secrets
        import warnings
        from datetime import UTC, datetime, timedelta
        import pytest
        from taskrouter_sandbox import ControlClient
        from twilio.base.exceptions import TwilioException
        from twilio.rest import Client

        def test_another_product(taskrouter):
            with pytest.raises(TwilioException, match="does not have it of sync.twilio.com"):
                taskrouter.client.sync.v1.services.list()

        def test_a_client_that_takes_tokens_of_oauth(taskrouter):
            import asyncio
            from twilio.credential.client_credential_provider import ClientCredentialProvider
            from twilio.http.async_http_client import AsyncTwilioHttpClient

            taskrouter.client.taskrouter.v1.workspaces.create(friendly_name="Mine")
            provider = ClientCredentialProvider("id", "secret")
            mine = {"account_sid": taskrouter.account_sid, "credential_provider": provider}
            client = Client(**mine)
            assert [each.friendly_name for each in client.taskrouter.v1.workspaces.list()] == ["Mine"]
            assert client.credential_provider is provider

            async def names():
                async with AsyncTwilioHttpClient() as http:
                    workspaces = Client(http_client=http, **mine).taskrouter.v1.workspaces
                    return [each.friendly_name for each in await workspaces.list_async()]

            with warnings.catch_warnings(action="ignore"):
                assert asyncio.run(names()) == ["Mine"]

        def test_a_second_account(taskrouter, taskrouter_callbacks):
            sid = "AC" + secrets.token_hex(16)
            workspaces = Client(sid, "a-token").taskrouter.v1.workspaces
            url = taskrouter_callbacks.answer("/events", None)
            workspaces.create(friendly_name="Other", event_callback_url=url)
            assert not any(each.is_signed for each in taskrouter_callbacks.wait_for("/events"))
            assert taskrouter.client.taskrouter.v1.workspaces.list() == []
            ControlClient(taskrouter.url, sid, "a-token").clock.advance(days=1)
            assert taskrouter.clock.ahead() == 0

        def test_it_is_gone(taskrouter):
            assert taskrouter.health()["worlds"] == 2  # the process's own, and this one

        def test_time_passes_in_the_sandbox_alone(taskrouter, taskrouter_workspace, taskrouter_callbacks):
            workspace = taskrouter_workspace("team.json").workspace
            taskrouter.clock.advance(hours=10)
            workspace.tasks.create()
            def created(until):
                window = {"start_date": until - timedelta(hours=1), "end_date": until}
                return workspace.cumulative_statistics().fetch(**window).tasks_created
            assert created(datetime.now(UTC)) == 0
            assert created(taskrouter.clock.now() + timedelta(seconds=1)) == 1
    """)
    run(suite).assert_outcomes(passed=5)


def test_a_workspace_is_made_of_a_file_a_dict_or_a_snapshot(suite: pytest.Pytester):
    suite.makepyfile("""
        import json
        from pathlib import Path
        import pytest
        from taskrouter_sandbox import snapshot

        FILE = Path(__file__).parent / "team.json"

        @pytest.mark.parametrize("read", [str, Path, snapshot.load, lambda file: json.loads(file.read_text())])
        def test_it(taskrouter_workspace, read):
            team = taskrouter_workspace(read(FILE))
            assert list(team.workers) == ["Alice", "Bob"]

        def test_a_variant(taskrouter_workspace):
            given = json.loads(FILE.read_text())
            given["workflows"][0]["task_reservation_timeout"] = 5
            assert taskrouter_workspace(given).workflows["Flow"].task_reservation_timeout == 5
            given["workers"][0]["activity"] = "Idel"
            with pytest.raises(snapshot.SnapshotError, match="did you mean Idle?"):
                taskrouter_workspace(given)
    """)
    run_alone(suite).assert_outcomes(passed=5)
