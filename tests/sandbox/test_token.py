"""Each data folder has a token of its own, which nobody is told who must not know it."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from fastapi import FastAPI
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from helpers import LessonError, current, sandbox, serve
from helpers.connection import clients
from taskrouter_sandbox import cli, run_file, token_file
from taskrouter_sandbox.defaults import AUTH_TOKEN_VARIABLE, PUBLISHED_TOKEN
from tests.waiting import patience, wait_for

SERVE = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0"]
TOKEN = re.compile("[0-9a-f]{32}")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own; what runs on it ends with the test."""
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(tmp_path / "data"))
    monkeypatch.delenv(AUTH_TOKEN_VARIABLE, raising=False)
    yield tmp_path / "data"
    sandbox.stop()


class Process:
    """A sandbox that somebody has started by hand; `said` is its line of JSON."""

    def __init__(self, data: Path, *options: str, **variables: str):
        command = [*SERVE, "--data", str(data), "--json", *options]
        env = {**os.environ, **variables}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
        assert self.process.stdout
        self.said: dict[str, Any] = json.loads(self.process.stdout.readline())

    def end(self) -> str:
        """End it, and give what it has said to the standard error."""
        self.process.terminate()
        _, said = self.process.communicate(timeout=patience(20))
        assert self.process.returncode == 0
        return said


def status(url: str, token: str) -> int:
    answer = requests.get(f"{url}/v1/Workspaces", auth=(sandbox.ACCOUNT_SID, token), timeout=patience(10))
    return answer.status_code


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestAFolder:
    def test_its_token_is_its_own_and_stays(self, data, tmp_path):
        first = sandbox.ensure()
        assert TOKEN.fullmatch(first.auth_token)
        assert (mode(data), mode(data / "auth-token")) == (0o700, 0o600)
        sandbox.stop()
        assert current().auth_token == first.auth_token  # as what was signed just before arrives
        again = sandbox.ensure()
        assert (again.auth_token, again.pid == first.pid) == (first.auth_token, False)
        other = Process(tmp_path / "other")
        assert other.said["auth_token"] not in (None, first.auth_token)
        assert other.end() == ""

    def test_what_everybody_knows_does_not_let_in(self, data):
        running = sandbox.ensure()
        assert status(running.url, PUBLISHED_TOKEN) == 401
        assert status(running.url, running.auth_token) == 200

    def test_two_starts_at_once_agree(self, data):
        """By hand, without the lock of `ensure`: the one that comes too late says so, and has changed nothing."""
        data.mkdir()
        command = [*SERVE, "--data", str(data), "--json"]
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "12"]
        said = [one.stdout.readline() for one in both if one.stdout]
        (ready,) = (json.loads(line) for line in said if line.startswith("{"))
        (late,) = (line for line in said if not line.startswith("{"))
        assert "Another sandbox already uses" in late
        assert ready["auth_token"] == token_file.read(data)
        assert status(ready["url"], ready["auth_token"]) == 200
        for one in both:
            one.terminate()
            one.communicate(timeout=patience(20))

    def test_many_who_ask_at_once_are_given_one(self, data):
        ask = "from taskrouter_sandbox import ensure; found = ensure(); print(found.pid, found.auth_token)"
        asking = [subprocess.Popen([sys.executable, "-c", ask], stdout=subprocess.PIPE, text=True) for _ in range(4)]
        assert len({one.communicate(timeout=patience(60))[0] for one in asking}) == 1

    def test_one_of_an_earlier_version_gets_its_own(self, data):
        """Its sandbox, which runs with the token of old, is found and replaced; its state stays."""
        old = Process(data, "--auth-token", PUBLISHED_TOKEN)
        said = json.loads((data / "run.json").read_text())
        account = said["account_sid"], PUBLISHED_TOKEN
        requests.post(f"{said['url']}/v1/Workspaces", {"FriendlyName": "Kept"}, auth=account, timeout=patience(10))
        (data / "run.json").write_text(json.dumps(said | {"code": "older", "source": ""}))
        client = clients.connect(quiet=True)
        assert [one.friendly_name for one in client.taskrouter.v1.workspaces.list()] == ["Kept"]
        assert old.process.wait(patience(20)) == 0
        assert TOKEN.fullmatch(current().auth_token)
        old.end()


class TestAFileThatIsNotAsItShouldBe:
    @pytest.mark.parametrize(
        ("spoil", "words"),
        [
            (lambda file: file.unlink(), ""),
            (lambda file: file.write_text(""), "held no token: the sandbox has a new token"),
            (lambda file: file.write_text("a sentence with many words"), "held no token"),
            (lambda file: file.write_bytes(b"\xff" * 40), "held no token"),
            (lambda file: file.write_text("short"), "held no token"),
            (lambda file: (file.unlink(), os.mkfifo(file)), "held no token"),
            (lambda file: (file.unlink(), file.symlink_to("nowhere")), ""),
            (lambda file: file.chmod(0o644), "other people could read"),
            (lambda file: file.chmod(0o620), "other people could read"),
        ],
    )
    @pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes and pipes")
    def test_a_new_token_is_made(self, data, spoil: Callable[[Path], object], words):
        data.mkdir()
        first = token_file.ensure(data)  # as each start does
        spoil(data / "auth-token")
        process = Process(data)
        token = process.said["auth_token"]
        assert TOKEN.fullmatch(token)
        assert token != first
        assert (token_file.read(data), mode(data / "auth-token")) == (token, 0o600)
        told = process.end()
        assert words in told
        assert told.count("\n") == bool(words)
        assert token_file.ensure(data) == token

    def test_one_of_a_person_is_taken(self, data):
        data.mkdir()
        (data / "auth-token").touch(0o600)
        (data / "auth-token").write_text("chosen-by-a-person\n")
        process = Process(data)
        assert (process.said["auth_token"], process.end()) == ("chosen-by-a-person", "")

    def test_where_a_file_system_keeps_no_modes_it_stays(self, data, monkeypatch):
        data.mkdir()
        first = token_file.ensure(data)
        monkeypatch.setattr(token_file.private_file, "is_private", lambda status: False)
        assert [token_file.ensure(data), token_file.read(data)] == [first, first]

    def test_what_cannot_be_read_is_named_with_the_remedy(self, data):
        (data / "auth-token").mkdir(parents=True)
        run = subprocess.run(
            [*SERVE, "--data", str(data)], capture_output=True, text=True, check=False, timeout=patience(30)
        )
        assert (run.returncode, run.stderr) == (1, "")
        assert "auth-token, which keeps the token of this sandbox, cannot be read (Is a directory)" in run.stdout
        with pytest.raises(LessonError, match=r"did not start: .*: remove it, and the next start makes a new") as said:
            sandbox.ensure()
        assert "Traceback" not in str(said.value)
        assert current().auth_token == ""


class TestWhoIsTold:
    def test_a_given_token_is_not_repeated(self, data):
        given: list[tuple[list[str], dict[str, str]]] = [
            (["--auth-token", "mine"], {}),
            ([], {AUTH_TOKEN_VARIABLE: "mine"}),
        ]
        for options, variables in given:
            process = Process(data, *options, **variables)
            assert (process.said["auth_token"], status(process.said["url"], "mine")) == (None, 200)
            assert current().auth_token == "mine"
            assert process.end() == ""
        assert not (data / "auth-token").exists()

    def test_a_file_is_not(self, data, tmp_path):
        for options in ([], ["--json"]):
            path = tmp_path / "said"
            with path.open("w") as file:
                process = subprocess.Popen([*SERVE, "--data", str(data), *options], stdout=file, stderr=file)
            wait_for(lambda path=path: path.read_text().endswith("\n"))
            token = token_file.read(data)
            assert token
            assert token not in path.read_text()
            process.terminate()
            process.wait(patience(20))
        assert token not in (data / "sandbox.log").read_text()
        sandbox.ensure()
        assert f"status --show-token --data {data}` shows its token" in (data / "start.log").read_text()

    @pytest.mark.parametrize("options", [[], ["--in-memory"]])
    def test_a_person_at_a_terminal_is(self, data, options):
        pty = pytest.importorskip("pty")
        ours, theirs = pty.openpty()
        process = subprocess.Popen([*SERVE, *options], stdout=theirs, stderr=theirs)
        with os.fdopen(ours) as terminal:
            os.close(theirs)
            said = re.search(r"at (\S+) for account (AC\w+), token (\w+)", terminal.readline())
            assert said
            assert status(said[1], said[3]) == 200
            process.terminate()
            assert process.wait(patience(20)) == 0

    def test_a_log_of_one_in_memory_says_what_to_do(self, data):
        with subprocess.Popen([*SERVE, "--in-memory"], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline().endswith("with a token that nobody was told: give one with --auth-token\n")
            process.terminate()

    def test_who_asks_status_for_it_is(self, data, capsys):
        running = sandbox.ensure()
        assert cli.main(["status"]) == 0
        assert re.search(r"account sid: +AC5a.*\nauth token: +--show-token shows it\n", said := capsys.readouterr().out)
        assert cli.main(["status", "--json"]) == 0
        assert json.loads(shown := capsys.readouterr().out)["auth_token"] is None
        assert running.auth_token not in said + shown
        assert cli.main(["status", "--json", "--show-token"]) == 0
        assert json.loads(capsys.readouterr().out)["auth_token"] == running.auth_token

    def test_no_list_of_processes_and_no_repr_shows_it(self, data):
        running = sandbox.ensure()
        said = run_file.read(data)
        shown = [*psutil.Process(running.pid).cmdline(), *map(repr, (said, running, current(), sandbox.credentials()))]
        assert said is not None
        assert running.auth_token not in " ".join(shown)

    def test_who_presents_another_is_told_where_it_is(self, data):
        running = sandbox.ensure()
        client = Client(running.account_sid, "wrong", http_client=TwilioHttpClient(timeout=patience(10)))
        client.taskrouter.base_url = running.url
        with pytest.raises(TwilioException, match="401") as refused:
            client.taskrouter.v1.workspaces.list()
        assert "`taskrouter-sandbox status --show-token` shows" in refused.value.args[1].text


class TestATokenThatHasChanged:
    """While a notebook is open."""

    @pytest.fixture
    def renew(self, data: Path) -> Iterator[Callable[[], sandbox.LessonSandbox]]:
        """Start the sandbox at the same port with a token of somebody's own, as by hand."""
        started: list[Process] = []

        def renew() -> sandbox.LessonSandbox:
            running = sandbox.ensure()
            sandbox.stop()
            started.append(Process(data, "--port", running.url.rpartition(":")[2], "--auth-token", "another-token"))
            return running

        yield renew
        for process in started:
            process.end()

    def test_the_client_goes_on(self, data, renew):
        client = clients.connect(quiet=True)
        workspace = client.taskrouter.v1.workspaces.create("Open")
        assert renew().url == sandbox.ensure().url
        assert workspace.update(friendly_name="Renamed").friendly_name == "Renamed"
        client.taskrouter.v1.workspaces.create("New")
        names = [one.friendly_name for one in client.taskrouter.v1.workspaces.list()]
        assert sorted(names) == ["New", "Renamed"]

    def test_so_does_one_of_many_threads(self, data, renew):
        client = clients.connect(quiet=True)
        renew()
        failed: list[BaseException] = []

        def ask(number: int) -> None:
            try:
                client.taskrouter.v1.workspaces.create(f"W{number}")
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert len(client.taskrouter.v1.workspaces.list()) == 8

    def test_a_client_with_credentials_of_somebody_s_own_is_refused_as_before(self, data):
        running = sandbox.ensure()
        own = Client("AC" + "0" * 32, "wrong", http_client=clients.SandboxHttpClient(running.url))
        with pytest.raises(TwilioException, match="401"):
            own.taskrouter.v1.workspaces.list()

    def test_webhooks_are_checked_with_the_new_one(self, data, renew):
        app = FastAPI()
        app.post("/events")(lambda: None)
        server = serve(app, 0)
        try:
            client = clients.connect(quiet=True)
            workspace = client.taskrouter.v1.workspaces.create("W", event_callback_url=f"{server.url}/events")
            wait_for(server.log.entries)
            renew()
            before = len(server.log.entries())
            workspace.activities.create("Tea")
            wait_for(lambda: len(server.log.entries()) > before)
            assert {exchange.signature for exchange in server.log.entries()} == {"valid"}
        finally:
            server.stop()

    def test_one_that_was_killed_goes_on_with_the_same(self, data):
        running = sandbox.ensure()
        client = clients.connect(quiet=True)
        os.kill(running.pid, signal.SIGKILL)
        psutil.Process(running.pid).wait(patience(10))
        assert client.taskrouter.v1.workspaces.list() == []
        assert current().auth_token == running.auth_token
