"""Which TaskRouter the lessons talk to: live only where somebody has asked for it, and then with what they gave."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from fastapi import FastAPI

from helpers import LessonError, activity_toggle, board, cast, expose, serve
from helpers.connection import account, clients, rest_log, settings
from helpers.connection.error_messages import describe_error
from tests.live_mode.service import ACCOUNT_SID, API_KEY, API_KEY_SECRET, AUTH_TOKEN
from tests.waiting import patience

OWN, EXPORTED, PARENT = "AC" + "1" * 32, "AC" + "2" * 32, "AC" + "3" * 32
TOKEN = "0123456789abcdef0123456789abcdef"
KEY = "SK" + "4" * 32
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without a `.env`, in whose notebooks' folder a kernel runs, and nothing in the environment."""
    (tmp_path / "project" / "notebooks").mkdir(parents=True)
    for name in (settings.LIVE, *settings.CREDENTIALS, "TWILIO_REGION", "TWILIO_EDGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(settings, "PROJECT", tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project" / "notebooks")
    return tmp_path / "project"


def put(folder: Path, account_sid: str = OWN, **more: str) -> None:
    values = {"TWILIO_ACCOUNT_SID": account_sid, "TWILIO_AUTH_TOKEN": TOKEN, **more}
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))


@pytest.fixture
def export(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Export variables: the credentials of an account, when nothing else is said."""

    def set_variables(**values: str) -> None:
        for name, value in (values or {"TWILIO_ACCOUNT_SID": EXPORTED, "TWILIO_AUTH_TOKEN": TOKEN}).items():
            monkeypatch.setenv(name, value)

    return set_variables


def live_as() -> str | None:
    chosen = account.current()
    return chosen.account_sid if chosen.mode == "live" else None


def test_the_projects_own_file_makes_it_live(project):
    put(project)
    assert live_as() == OWN


def test_a_file_beside_the_notebooks_does_so_too(project):
    put(project / "notebooks")
    assert live_as() == OWN


def test_exported_credentials_alone_stay_in_the_sandbox_and_are_told(project, export, sandbox, capsys):
    export()
    client = clients.connect()
    assert clients.mode_of(client) == "sandbox"
    assert client.taskrouter.v1.workspaces.list() == []
    assert capsys.readouterr().out.splitlines()[2:] == [
        f"TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (in the environment) are not used: to work on that account, put "
        f"them into {project}/.env and restart the kernel, or start JupyterLab with TASKROUTER_LIVE=1."
    ]


def test_one_credential_alone_is_told_too(project, sandbox, monkeypatch, capsys):
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", EXPORTED)
    clients.connect()
    assert "TWILIO_ACCOUNT_SID (in the environment) is not used: to work on that" in capsys.readouterr().out


def test_a_file_of_a_parent_folder_stays_in_the_sandbox_and_is_told(project, sandbox, capsys):
    put(project.parent, PARENT)
    clients.connect()
    assert f"TWILIO_AUTH_TOKEN (in {project.parent}/.env) are not used" in capsys.readouterr().out
    assert live_as() is None


@pytest.mark.parametrize("yes", ["1", "true", "YES", " on "])
def test_asked_for_live_it_takes_what_is_exported(project, export, yes):
    export()
    export(TASKROUTER_LIVE=yes)
    assert live_as() == EXPORTED


def test_asked_for_live_it_takes_the_file_of_a_parent_folder(project, export):
    put(project.parent, PARENT)
    export(TASKROUTER_LIVE="1")
    assert live_as() == PARENT


def test_the_own_file_comes_before_an_account_that_is_exported_for_another_purpose(project, export):
    export()
    put(project)
    assert live_as() == OWN
    put(project, TASKROUTER_LIVE="1")
    assert live_as() == OWN
    export(TASKROUTER_LIVE="1")  # who exports this means what is exported
    assert live_as() == EXPORTED


@pytest.mark.parametrize("no", ["0", "false", "No", "off"])
def test_asked_for_the_sandbox_it_stays_there_whatever_there_is(project, export, sandbox, capsys, no):
    put(project)
    export()
    export(TASKROUTER_LIVE=no)
    clients.connect()
    assert live_as() is None
    assert "are not used, since TASKROUTER_LIVE asks for the sandbox." in capsys.readouterr().out


def test_the_own_file_may_ask_for_the_sandbox_and_the_environment_outweighs_it(project, export):
    put(project, TASKROUTER_LIVE="0")
    assert live_as() is None
    export(TASKROUTER_LIVE="1")
    assert live_as() == OWN


def test_an_empty_variable_hides_what_the_file_says(project, export):
    put(project)
    export(TWILIO_ACCOUNT_SID="", TWILIO_AUTH_TOKEN="")
    assert live_as() is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"TASKROUTER_LIVE": "1"}, r"^TASKROUTER_LIVE asks for live Twilio, but there are no credentials: put TWILIO"),
        ({"TASKROUTER_LIVE": "perhaps"}, r"^TASKROUTER_LIVE is 'perhaps': write 1 for live Twilio, or 0 for"),
        ({"TWILIO_ACCOUNT_SID": OWN}, r"TWILIO_AUTH_TOKEN is not: set both \(in .*project/\.env\)"),
        ({"TWILIO_AUTH_TOKEN": "x"}, "TWILIO_ACCOUNT_SID is not"),
        ({"TWILIO_API_KEY": KEY, "TWILIO_API_KEY_SECRET": "x"}, "TWILIO_ACCOUNT_SID is not"),
        ({"TWILIO_ACCOUNT_SID": OWN, "TWILIO_API_KEY": KEY}, "TWILIO_API_KEY_SECRET is not"),
        ({"TWILIO_ACCOUNT_SID": OWN, "TWILIO_API_KEY_SECRET": "x"}, "TWILIO_API_KEY is not"),
        ({"TWILIO_ACCOUNT_SID": KEY, "TWILIO_AUTH_TOKEN": "x"}, "is not an account SID.*belongs in TWILIO_API_KEY"),
        (
            {"TWILIO_ACCOUNT_SID": OWN, "TWILIO_API_KEY": "x" * 34, "TWILIO_API_KEY_SECRET": "x"},
            "not the SID of an API key",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_does_not_fit_together_is_refused_in_one_sentence(project, given, words):
    (project / ".env").write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    with pytest.raises(LessonError, match=words):
        clients.connect()


def test_half_here_and_half_there_is_not_mixed(project, export):
    export(TWILIO_AUTH_TOKEN=TOKEN)
    (project / ".env").write_text(f"TWILIO_ACCOUNT_SID={OWN}\n")
    with pytest.raises(LessonError, match="TWILIO_AUTH_TOKEN is not"):
        account.current()


def test_region_and_edge_come_from_where_the_credentials_are(project, export):
    export(TWILIO_REGION="au1", TWILIO_EDGE="sydney")
    put(project, TWILIO_REGION="ie1", TWILIO_EDGE="dublin")
    client = clients.live_client(account.current())
    assert client.get_hostname("https://taskrouter.twilio.com/v1") == "https://taskrouter.dublin.ie1.twilio.com/v1"
    put(project)
    assert clients.live_client(account.current()).get_hostname("https://x.twilio.com") == "https://x.twilio.com"


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch):
    """A peer between here and Twilio that takes every connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as peer:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{peer.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "")
        yield


def test_a_peer_that_says_nothing_is_not_waited_for_for_ever(project, silent):
    put(project)
    with pytest.raises(LessonError, match=r"^Live Twilio cannot be reached: check the internet.*TASKROUTER_LIVE=0"):
        clients.connect(timeout=patience(0.2))


def test_what_a_board_reads_with_has_the_same_limit(project, silent):
    put(project)
    client = clients.live_client(account.current(), timeout=patience(0.2))
    rest_log.record(client)
    with pytest.raises(requests.RequestException) as failure:
        client.taskrouter.v1.workspaces("WS" + "0" * 32).workers.list()
    assert describe_error(failure.value).startswith("Live Twilio cannot be reached")
    assert clients.live_client(account.current()).http_client.timeout == clients.TIMEOUT


def test_live_it_is_the_plain_client_and_loud(twilio, capsys):
    client = clients.connect()
    first, second = capsys.readouterr().out.splitlines()
    sid = twilio.environment["TWILIO_ACCOUNT_SID"]
    assert first.startswith(f"LIVE: You are talking to live Twilio, account {sid} (token ••••••nt), with the cred")
    assert "is real" in second
    assert "TASKROUTER_LIVE=0" in second
    assert type(client.http_client).__module__ == "twilio.http.http_client"
    assert clients.mode_of(client) == "live"
    rest_log.record(client)
    assert clients.mode_of(client) == "live"
    assert twilio.environment["TWILIO_AUTH_TOKEN"] not in repr(account.current())


def test_in_a_kernel_live_is_red(twilio):
    code = "import sys; shell = get_ipython(); shell.kernel = None\nfrom helpers import connect\nclient = connect()"
    command = [sys.executable, "-m", "IPython", "--colors=nocolor", "--no-banner", "-c", code]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience(60)).stdout
    assert "\x1b[1;97;41m LIVE \x1b[0m You are talking to live Twilio" in said
    plain = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=patience(60), env={**os.environ, "NO_COLOR": "1"}
    ).stdout
    assert "LIVE: You are talking to live Twilio" in plain


@pytest.fixture
def api_key(twilio, monkeypatch) -> None:
    """The account with an API key, and its auth token beside it."""
    monkeypatch.setenv("TWILIO_API_KEY", API_KEY)
    monkeypatch.setenv("TWILIO_API_KEY_SECRET", API_KEY_SECRET)


def test_an_api_key_makes_the_calls_and_the_auth_token_checks_the_signatures(api_key, capsys):
    client = clients.connect()
    assert f"account {ACCOUNT_SID} (API key {API_KEY})" in capsys.readouterr().out
    assert client.username == API_KEY
    assert client.taskrouter.v1.workspaces.create(friendly_name="By key").account_sid == ACCOUNT_SID
    assert account.current().auth_token == AUTH_TOKEN
    assert API_KEY_SECRET not in repr(account.current())


def test_a_wrong_secret_is_one_sentence(api_key, monkeypatch):
    monkeypatch.setenv("TWILIO_API_KEY_SECRET", "wrong")
    with pytest.raises(LessonError, match=r"does not accept these credentials \(401\)"):
        clients.connect()


def test_with_an_api_key_alone_the_lessons_go_as_far_as_the_callbacks(api_key, monkeypatch, capsys):
    monkeypatch.delenv("TWILIO_AUTH_TOKEN")
    clients.connect()
    assert capsys.readouterr().out.splitlines()[-1].startswith("Twilio signs its webhooks with the auth token")
    server = serve(FastAPI(), 0)
    try:
        with pytest.raises(LessonError, match=r"^Twilio signs its webhooks with the auth token.*then run this cell"):
            expose(server)
        headers = {"X-Twilio-Signature": "bm9uc2Vuc2U="}
        refused = requests.post(server.url, headers=headers, timeout=patience(10))
        assert (refused.status_code, "credentials are incomplete" in refused.text) == (403, True)
    finally:
        server.stop()


def test_live_twilio_that_cannot_be_reached_says_live_and_the_way_back(project, monkeypatch):
    """Through a proxy that is not there, so that nothing leaves this machine."""
    put(project)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(LessonError, match=r"^Live Twilio cannot be reached: .*sandbox with TASKROUTER_LIVE=0"):
        clients.connect()


def test_a_view_of_a_live_account_says_so(live_client, closed_at_the_end):
    """Whatever the settings say by now: its clicks go where its client goes."""
    team = cast(live_client)
    toggle = activity_toggle(live_client, team.alice)
    toggle.wait_until_drawn(patience(15))
    assert toggle.state["mode"] == "live"


def test_a_view_of_the_sandbox_says_that(client, team, export, closed_at_the_end):
    export(TASKROUTER_LIVE="1", TWILIO_ACCOUNT_SID=EXPORTED, TWILIO_AUTH_TOKEN=TOKEN)
    view = board(client, team.workspace)
    view.wait_until_drawn(patience(15))
    assert view.state["mode"] == "sandbox"
