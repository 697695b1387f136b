"""Which TaskRouter the lessons talk to."""

from __future__ import annotations

import subprocess
import sys

import pytest

import helpers.sandbox
from helpers import skip
from helpers.connection import clients, greeting, settings
from helpers.errors import LessonError
from tests.waiting import patience


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder without a `.env` of its own, and a project without one."""
    monkeypatch.chdir(tmp_path)
    for name in settings.CREDENTIALS:
        monkeypatch.delenv(name)
    monkeypatch.setattr(settings, "PROJECT", tmp_path)
    return tmp_path


def test_without_credentials_it_is_the_sandbox(elsewhere, sandbox, capsys):
    client = clients.connect()
    said = capsys.readouterr().out
    assert "the sandbox on this machine" in said
    assert sandbox.auth_token not in said
    assert client.taskrouter.v1.workspaces.list() == []


def test_a_clock_and_options_that_outlive_the_sandbox_are_told_with_the_way_back(elsewhere, sandbox, capsys):
    clients.connect()
    assert len(capsys.readouterr().out.splitlines()) == 2
    skip(minutes=59)
    skip(minutes=61)
    sandbox.options.set(empty_answer="failed", fallback="with-error")
    helpers.sandbox.stop()
    capsys.readouterr()
    clients.connect()
    _, _, clock, options = _sentences(capsys.readouterr().out)
    assert clock.startswith(
        "Its clock is 2 hours ahead, since time was skipped or this machine's clock was set back. Nothing is wrong; `"
    )
    assert options.startswith(
        "Its options are not the usual ones: empty_answer is 'failed', fallback is 'with-error'. `"
    )
    exec("from helpers import sandbox\n" + options.split("`")[1])  # as it says
    clients.connect()
    assert _sentences(capsys.readouterr().out)[2:] == [clock]
    exec("from helpers import sandbox\n" + clock.split("`")[1])
    clients.connect()
    assert len(capsys.readouterr().out.splitlines()) == 2


def _sentences(printed: str) -> list[str]:
    """Put together what was broken into lines that fit below a cell."""
    assert max(map(len, printed.splitlines())) <= 72
    return printed.replace("\n  ", " ").splitlines()


def test_a_skip_is_told_in_a_unit_that_fits(sandbox):
    said = []
    for seconds in (1.1, 60, 70, 3_600 * 3, 86_400 * 359):
        helpers.sandbox.reset()
        skip(seconds=seconds)
        said += greeting.unusual(sandbox)
    assert [line.partition(" ahead")[0] for line in said] == [
        f"Its clock is {length}" for length in ("1 second", "60 seconds", "70 seconds", "3 hours", "359 days")
    ]


def test_nothing_leaves_the_machine(client):
    with pytest.raises(LessonError, match=r"only talks to \*\.twilio\.com"):
        client.http_client.request("GET", "https://example.com/v1/Workspaces")


def test_a_proxy_in_the_environment_does_not_come_between(client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert client.taskrouter.v1.workspaces.list() == []


def test_a_lost_connection_is_one_sentence_in_a_notebook():
    """In a real IPython shell: the sentence with the next step, no traceback."""
    code = (
        "import requests\n"
        "from helpers.connection.error_messages import explain_in_cells\n"
        "explain_in_cells(lambda sid: True)\n"
        "requests.get('http://127.0.0.1:9/')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--colors=nocolor", "--no-banner", "-c", code],
        capture_output=True, text=True, timeout=patience(60),
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert "TaskRouter cannot be reached" in said
    assert "Traceback" not in said
