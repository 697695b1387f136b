"""What holds of every checkpoint, and of the cells that show what it says."""

from __future__ import annotations

import contextlib
import re

import pytest
from fastapi import FastAPI
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from helpers import cast, check, found, serve
from helpers.callback_server import public_addresses
from helpers.connection.rest_log import RestCall
from helpers.lesson.checkpoints.framework import CheckpointResult, CheckpointState, Unmet, checkpoint
from helpers.lesson.checkpoints.lookups import get_workspace
from helpers.names import PRACTICE_WORKSPACE, WORKSPACE
from tests.notebooks.verdicts import judged, not_right, not_yet, right, team

__all__ = ["team"]

ALL = sorted(name for name in vars(check) if not name.startswith("_"))


class TestNotebook03:
    def test_callback_url(self, bare, team, monkeypatch, tmp_path):
        not_yet(check.callback_url(bare), "asks no one")

        server = serve(FastAPI(), 0)
        flow = team.workflow.update(assignment_callback_url=server.url)
        not_right(check.callback_url(bare), "at the path")

        flow.update(assignment_callback_url=f"{server.url}/assignment_callback")
        right(check.callback_url(bare), server.url)

        server.stop()
        not_right(check.callback_url(bare), "no server listens there")

        monkeypatch.setenv("TASKROUTER_LIVE", "1")
        monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", "any")
        not_right(check.callback_url(bare), "live Twilio cannot reach 127.0.0.1")

        monkeypatch.setenv("TASKROUTER_TUNNEL_DIR", str(tmp_path))
        flow.update(assignment_callback_url="https://public.example/assignment_callback")
        not_right(check.callback_url(bare), "gave out another address")
        public_addresses.remember(server.port, "https://public.example")  # nobody listens there any more
        right(check.callback_url(bare), "https://public.example")


class Unreachable(TwilioHttpClient):
    """A way out that leads nowhere: nothing listens on port 9."""

    def request(self, method, url, *args, **kwargs):
        return super().request(method, "http://127.0.0.1:9/", *args, **kwargs)


@pytest.mark.parametrize("name", ALL)
class TestEveryCheckpoint:
    def test_says_that_taskrouter_cannot_be_reached(self, name):
        verdict = getattr(check, name)(Client("AC" + "0" * 32, "secret", http_client=Unreachable()))

        judged(CheckpointState.UNKNOWN, verdict, "cannot be reached", "`client = connect()`")

    @pytest.mark.parametrize("arguments", [(), (None,), (1, 2, 3)])
    def test_never_raises(self, name, arguments):
        assert getattr(check, name)(*arguments).state is CheckpointState.UNKNOWN

    def test_helps_in_steps(self, name, bare):
        verdict = getattr(check, name)(bare)
        if name == "connection":
            assert verdict.is_right
            assert "<details" not in verdict._repr_html_()
            return
        html, text = verdict._repr_html_(), repr(verdict)
        hints = [f"Hint {number}" for number in range(1, len(verdict.hints) + 1)]
        assert re.findall("<summary>(.+?)</summary>", html) == [*hints, "Solution"]
        assert html.index("</details>" * (len(hints) + 1)) > html.index("Solution")
        assert text.startswith("○ ")
        assert "Not done yet: " in text
        assert "Hint 1: " in text
        assert "Hint 2" not in text
        compile(verdict.solution, "solution", "exec")

    def test_what_it_advises_makes_the_workspace_when_there_is_none(self, name, bare):
        if name in ("why_they_wait", "cheapest_fix"):
            return  # a rehearsal needs none
        verdict = getattr(check, name)(bare)
        names = {"client": bare, "workspaces": bare.taskrouter.v1.workspaces, "found": found, "cast": cast}
        names["check"] = check
        exec(compile(verdict.solution or "pass", "solution", "exec"), names)
        if name != "connection":
            made = PRACTICE_WORKSPACE if PRACTICE_WORKSPACE in verdict.solution else WORKSPACE
            assert made in [one.friendly_name for one in bare.taskrouter.v1.workspaces.list()]


def test_the_workspace_is_looked_up_once_in_each_run(bare):
    @checkpoint("Three times", hints=(), solution="")
    def look(client) -> str:
        for _ in range(2):
            with contextlib.suppress(Unmet):
                get_workspace(client)
        asked.append(len(answers))
        return f"{get_workspace(client).friendly_name} is there."

    asked: list[int] = []
    answers: list[RestCall] = []
    ends = bare.http_client.calls.subscribe(answers.append)
    not_yet(look(bare), "there is no workspace")
    ends()
    cast(bare)
    right(look(bare), WORKSPACE)
    assert asked == [1, 1]


def test_what_the_service_says_cannot_break_the_page():
    @checkpoint("<b>", hints=("<i> and `<code>`",), solution="a < b")
    def look() -> str:
        raise RuntimeError("<script>")

    html = look()._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_names_of_buttons_are_emphasised_and_code_is_not():
    words = "press *Hang up*, then `a * b * c`, 2 * 3 * 4 or <*>."

    html = CheckpointResult("Answered by `call`", CheckpointState.NOT_YET, words)._repr_html_()

    assert "<b>Answered by <code>call</code>.</b>" in html
    assert "press <em>Hang up</em>, then <code>a * b * c</code>, 2 * 3 * 4 or &lt;*&gt;." in html


def test_a_verdict_is_told_in_words_and_by_a_mark_not_by_colour_alone():
    for state, mark in {
        CheckpointState.RIGHT: "✔",
        CheckpointState.NOT_RIGHT: "✘",
        CheckpointState.NOT_YET: "○",
        CheckpointState.UNKNOWN: "?",
    }.items():
        html = CheckpointResult("Step", state, "so it is.")._repr_html_()
        assert mark in html
        assert state.value in html
        assert 'role="status"' in html
