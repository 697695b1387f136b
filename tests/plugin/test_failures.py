"""What a failed test of a suite tells of TaskRouter: what has happened, what answers raised, why nothing ends."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import run


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
            "  assignment * answered 500; *",
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
            ((500, "no idea"), "/assignment answered 500 no idea, nobody could be asked"),
            ({"instruction": "reject"}, "/assignment answered 200 .*, rejected"),
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


def test_a_callback_and_its_fallback_are_told_with_the_answers_of_their_own(suite: pytest.Pytester):
    suite.makepyfile("""
        def test_it(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            team = taskrouter_workspace("team.json")
            taskrouter_callbacks.answer("/assignment", (500, "it is broken"))
            fallback = taskrouter_callbacks.answer("/fallback", (404, "<html>\\n  not here" + 1000 * "."))
            team.workflows["Flow"].update(fallback_assignment_callback_url=fallback)
            team.set_activity("Alice", "Idle")
            team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            taskrouter.wait_for_webhooks(1000)
    """)
    result = run(suite)
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines(
        [
            r".*: http://\S+/assignment answered 500 it is broken, "
            r"then http://\S+/fallback answered 404 <html> not here\.{100,200}, nobody could be asked",
            r"  assignment http://\S+/assignment answered 500, then http://\S+/fallback answered 404; nobody could",
        ]
    )


def test_an_application_that_checks_another_address_is_told_which_one_was_signed(suite: pytest.Pytester):
    suite.makepyfile("""
        import os

        from twilio.request_validator import RequestValidator

        def test_it(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            def assignment(request):
                validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
                signature = request.headers["X-Twilio-Signature"]
                valid = validator.validate("https://example.com/assignment", request.form, signature)
                return {"instruction": "accept"} if valid else (403, "forged")

            taskrouter_callbacks.answer("/assignment", assignment)
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            taskrouter.wait_for_webhooks(1000)
    """)
    result = run(suite)
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines(
        [r"  POST /assignment 403 forged \(its signature holds for http://127\.0\.0\.1:\d+/assignment\)"]
    )


def test_where_a_redirect_has_led_is_told(suite: pytest.Pytester):
    suite.makepyfile("""
        import pytest

        @pytest.mark.parametrize("there", ["/assignment/", "https://{}/assignment"])
        def test_it(there, taskrouter, taskrouter_callbacks, taskrouter_workspace):
            def app(environ, start_response):
                if environ["PATH_INFO"] == "/assignment":
                    start_response("308 Permanent Redirect", [("Location", there.format(environ["HTTP_HOST"]))])
                else:
                    start_response("404 Not Found", [])
                return [b""]

            taskrouter_callbacks.serve(app)
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            team.workspace.tasks.create(attributes='{"selected_language": "es"}')
            taskrouter.wait_for_webhooks(1000)
    """)
    result = run(suite)
    result.assert_outcomes(failed=2)
    slash = r"http://\S+/assignment, redirected to http://\S+/assignment/, answered 404"
    https = r"http://\S+/assignment, redirected to https://\S+/assignment: \S+ does not speak TLS"
    result.stdout.re_match_lines(
        [line for led in (slash, https) for line in (rf".*not taken it: {led}", rf"  assignment {led}")]
    )


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
