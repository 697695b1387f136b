"""Worlds that the tests of a class, a module or a session have in common: `module_taskrouter` and the like."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import run

HEAD = """
    import pytest
    from twilio.rest import Client

    def names():
        return [each.friendly_name for each in Client().taskrouter.v1.workspaces.list()]
"""


def test_the_tests_of_a_module_have_one_world_and_the_next_module_another(suite: pytest.Pytester):
    module = f"""{HEAD}
    @pytest.fixture(scope="module")
    def team(module_taskrouter_workspace, module_taskrouter_callbacks):
        module_taskrouter_callbacks.answer("/assignment", {{"instruction": "accept"}})
        return module_taskrouter_workspace("team.json")

    def test_one(team, module_taskrouter):
        assert names() == ["Support"]
        team.set_activity("Alice", "Idle")
        team.workspace.tasks.create(attributes="{{}}")
        module_taskrouter.wait_for_webhooks()

    def test_two(team, module_taskrouter, module_taskrouter_callbacks):
        (task,) = team.workspace.tasks.list()
        assert task.assignment_status == "assigned"
        (asked,) = module_taskrouter_callbacks.of("/assignment")
        assert asked.is_signed
        assert module_taskrouter.health()["worlds"] == 2  # the process's own, and this one
    """
    suite.makepyfile(test_first=module, test_second=module)
    run(suite).assert_outcomes(passed=4)


def test_a_class_has_one_and_a_test_s_own_counts_within_it(suite: pytest.Pytester):
    suite.makepyfile(f"""{HEAD}
    class TestOne:
        def test_made(self, class_taskrouter):
            class_taskrouter.client.taskrouter.v1.workspaces.create("Common")
            assert names() == ["Common"]

        def test_own(self, class_taskrouter, taskrouter):
            assert names() == []
            Client().taskrouter.v1.workspaces.create("Own")
            assert [call.path for call in taskrouter.rest_calls] == ["/v1/Workspaces"] * 2
            assert taskrouter.health()["worlds"] == 3

        def test_common_again(self, class_taskrouter):
            assert names() == ["Common"]
            assert class_taskrouter.health()["worlds"] == 2

    class TestOther:
        def test_empty(self, class_taskrouter):
            assert names() == []

    def test_beside(taskrouter):
        assert taskrouter.health()["worlds"] == 2
    """)
    run(suite).assert_outcomes(passed=5)


def test_one_of_a_session_begins_in_its_folder_and_has_credentials_of_its_own(suite: pytest.Pytester):
    suite.makeconftest("""
        import pytest

        @pytest.fixture(scope="session")
        def session_taskrouter_credentials():
            return "AC" + "7" * 32, "mine"
    """)
    below = suite.mkdir("below")
    (below / "test_below.py").write_text(
        "def test_it(session_taskrouter, session_taskrouter_workspace):\n"
        "    team = session_taskrouter_workspace('team.json')\n"
        "    assert team.workspace.account_sid == session_taskrouter.account_sid == 'AC' + '7' * 32\n"
    )
    run(suite).assert_outcomes(passed=1)


def test_worlds_may_end_in_any_order(suite: pytest.Pytester):
    """One of the session, for which a test of a module asks, outlives the one that the module had before: clients go on
    asking the sandbox, and the world whose scope is the narrowest, and not Twilio."""
    suite.makeconftest("""
        import os

        os.environ["TWILIO_ACCOUNT_SID"] = "outside"
        os.environ["NO_PROXY"] = "outside"
        os.environ.pop("TWILIO_AUTH_TOKEN", None)

        def pytest_sessionfinish():
            from twilio.base.client_base import ClientBase

            assert (os.environ["TWILIO_ACCOUNT_SID"], os.environ["NO_PROXY"]) == ("outside", "outside")
            assert "TWILIO_AUTH_TOKEN" not in os.environ
            assert ClientBase.request.__module__.startswith("twilio.")
    """)
    suite.makepyfile(
        test_first=f"""{HEAD}
    def test_module(module_taskrouter):
        assert Client().username == module_taskrouter.account_sid
        assert names() == []

    def test_session(session_taskrouter):
        session_taskrouter.client.taskrouter.v1.workspaces.create("Of the session")

    def test_module_again(module_taskrouter):
        Client().taskrouter.v1.workspaces.create("Of the module")
        assert names() == ["Of the module"]
    """,
        test_second=f"""{HEAD}
    def test_own(taskrouter):
        Client().taskrouter.v1.workspaces.create("Own")
        assert names() == ["Own"]

    def test_session(session_taskrouter):
        assert Client().username == session_taskrouter.account_sid
        assert names() == ["Of the session"]

    def test_overridden(session_taskrouter, monkeypatch, request):
        monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "8" * 32)
        own = request.getfixturevalue("taskrouter")
        assert Client().username == own.account_sid
    """,
    )
    result = run(suite, "-p", "no:xdist")
    result.assert_outcomes(passed=6)
    assert result.ret == 0


def test_what_fails_is_told_of_where_it_fails(suite: pytest.Pytester):
    """An answer's error fails the test in which it comes; a test that does not use the world has no part in it."""
    suite.makepyfile(f"""{HEAD}
    import urllib.error, urllib.request

    def wrong(request):
        raise ValueError("no such desk")

    def app(environ, start_response):
        return wrong(None)

    def ask(server):
        with pytest.raises(urllib.error.HTTPError, match="500"):
            urllib.request.urlopen(server.serve(app), timeout=30)

    def test_it(module_taskrouter_callbacks):
        ask(module_taskrouter_callbacks)

    def test_fails_anyway(module_taskrouter_callbacks):
        ask(module_taskrouter_callbacks)
        assert False

    def test_good(module_taskrouter, module_taskrouter_callbacks):
        pass

    def test_other():
        assert False
    """)
    result = run(suite, "-W", "default")
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(["E *ValueError: no such desk", "*- TaskRouter of module_taskrouter -*"])
    told = result.stdout.str().split("_ test_other _")[1]
    assert "TaskRouter of" not in told


def test_two_worlds_of_one_account_are_refused(suite: pytest.Pytester):
    suite.makepyfile("""
        import pytest

        @pytest.fixture(scope="module")
        def module_taskrouter_credentials():
            return "AC" + "7" * 32, "mine"

        @pytest.fixture
        def taskrouter_credentials(module_taskrouter_credentials):
            return module_taskrouter_credentials

        def test_it(module_taskrouter, taskrouter):
            pass
    """)
    result = run(suite)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"taskrouter and module_taskrouter have one account, AC{'7' * 32}: *"])
