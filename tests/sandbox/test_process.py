"""One sandbox, many kernels: started once, found, durable, gone by itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests
from twilio.rest import Client

import taskrouter_sandbox
from helpers import sandbox
from helpers.connection import clients
from helpers.errors import LessonError
from taskrouter_sandbox.defaults import PUBLISHED_TOKEN
from taskrouter_sandbox.startup import Options
from tests.sandbox.conftest import SPANISH, Reply
from tests.waiting import patience, wait_for


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A data folder of its own; whatever runs on it is ended."""
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(tmp_path))
    yield tmp_path
    sandbox.stop()


def kill(running: sandbox.LessonSandbox) -> None:
    os.kill(running.pid, signal.SIGKILL)
    wait_for(lambda: sandbox.find() is None)


def test_of_many_that_ask_at_once_one_starts_it(folder):
    code = "from helpers import sandbox; print(sandbox.ensure().pid)"
    starters = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(5)]
    pids = {starter.communicate(timeout=patience(90))[0].strip() for starter in starters}
    assert pids == {str(sandbox.ensure().pid)}


def test_the_run_file_is_for_its_owner_alone(folder):
    sandbox.ensure()
    assert stat.S_IMODE((folder / "run.json").stat().st_mode) == 0o600


def test_it_listens_on_loopback_only(folder):
    running = sandbox.ensure()
    listening = [c.laddr.ip for c in psutil.Process(running.pid).net_connections() if c.status == "LISTEN"]
    assert listening == ["127.0.0.1"]


def test_a_killed_sandbox_loses_nothing_and_starts_again_with_the_next_call(folder):
    client = clients.connect(quiet=True)
    workspace = client.taskrouter.v1.workspaces.create(friendly_name="Durable", multi_task_enabled=False)
    idle = workspace.activities.create("Idle", available=True)
    queue = workspace.task_queues.create("All")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    workspace.workflows.create("Flow", configuration, task_reservation_timeout=2)
    alice = workspace.workers.create("Alice", activity_sid=idle.sid)
    task = workspace.tasks.create(attributes=SPANISH)
    assert task.assignment_status == "reserved"
    events = [e.sid for e in workspace.events.list()]

    kill(sandbox.ensure())
    again = task.fetch()
    assert again.attributes == '{"selected_language":"es"}'
    assert set(events) <= {e.sid for e in workspace.events.list()}
    # the reservation's timer is there again, and fires
    wait_for(lambda: task.reservations.list()[0].reservation_status == "timeout")
    assert alice.fetch().activity_name == "Offline"
    assert task.fetch().assignment_status == "pending"


def test_started_again_it_is_where_it_was_unless_another_program_is_there(folder):
    client = clients.connect(quiet=True)
    first = sandbox.ensure()
    client.taskrouter.v1.workspaces.create("Open")
    sandbox.stop()
    client.taskrouter.v1.workspaces.create("Started again")
    again = sandbox.ensure()
    assert (again.url, again.pid == first.pid) == (first.url, False)
    sandbox.stop()
    with socket.create_server(("127.0.0.1", urlsplit(first.url).port)):
        assert sandbox.ensure().url != first.url
    assert len(client.taskrouter.v1.workspaces.list()) == 2


@pytest.mark.parametrize("noted", ["", "no port", "80", "65536"])
def test_a_port_that_cannot_be_is_not_taken(folder, noted):
    (folder / "last-port").write_text(noted)
    assert urlsplit(sandbox.ensure().url).port >= 1024


def test_a_webhook_that_was_under_way_is_sent_again_after_a_kill(folder, receiver):
    client = clients.connect(quiet=True)
    workspace = client.taskrouter.v1.workspaces.create(friendly_name="Durable")
    idle = workspace.activities.create("Idle", available=True)
    queue = workspace.task_queues.create("All")
    gate = threading.Event()
    receiver.replies["/"] = Reply(body="{}", gate=gate)
    workspace.workflows.create(
        "Flow",
        json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}}),
        assignment_callback_url=receiver.url + "/",
    )
    workspace.workers.create("Alice", activity_sid=idle.sid)
    task = workspace.tasks.create(attributes=SPANISH)
    wait_for(lambda: len(receiver.requests) == 1)
    kill(sandbox.ensure())
    receiver.replies["/"] = Reply(body='{"instruction": "accept"}')
    gate.set()
    wait_for(lambda: task.fetch().assignment_status == "assigned")
    first, second = receiver.requests
    assert first.form == second.form


def test_it_ends_by_itself_when_nobody_asks(folder):
    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--data", str(folder)]
    command += ["--idle-exit", "0.5"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=patience(60))
    assert ended.returncode == 0
    assert ended.stdout.startswith("TaskRouter sandbox at http://127.0.0.1:")
    assert not (folder / "run.json").exists()


def test_a_sandbox_of_older_code_is_replaced_and_its_state_kept(folder):
    client = clients.connect(quiet=True)
    workspace = client.taskrouter.v1.workspaces.create(friendly_name="Kept")
    old = sandbox.ensure()
    said = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(said | {"code": "older"}))
    new = sandbox.ensure()
    assert new.pid != old.pid
    assert not psutil.pid_exists(old.pid) or psutil.Process(old.pid).status() == psutil.STATUS_ZOMBIE
    assert workspace.fetch().friendly_name == "Kept"


UPDATED = """
from pathlib import Path
import taskrouter_sandbox
first = taskrouter_sandbox.ensure()
with Path(taskrouter_sandbox.__file__).open("a") as file:
    file.write("# updated")
taskrouter_sandbox.stop()
second = taskrouter_sandbox.ensure()
print(second.pid != first.pid, taskrouter_sandbox.ensure().pid == second.pid)
taskrouter_sandbox.stop()
"""


def test_who_began_before_an_update_uses_the_sandbox_of_the_new_code(tmp_path):
    """As a notebook does whose kernel goes on while the project is updated."""
    shutil.copytree(Path(taskrouter_sandbox.__file__).parent, tmp_path / "taskrouter_sandbox")
    variables = os.environ | {"PYTHONPATH": str(tmp_path), "TASKROUTER_SANDBOX_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-c", UPDATED]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=patience(90))
    assert (done.stdout, done.stderr) == ("True True\n", "")


def test_a_sandbox_of_another_checkout_is_used_and_named(folder, capsys):
    """Two checkouts that are used at once do not stop each other's by turns."""
    running = sandbox.ensure()
    said = json.loads((folder / "run.json").read_text())
    elsewhere = said | {"code": "another", "source": "/elsewhere/taskrouter_sandbox"}
    (folder / "run.json").write_text(json.dumps(elsewhere))
    assert sandbox.ensure().pid == running.pid
    clients.connect()
    said = " ".join(capsys.readouterr().out.split())
    assert "another checkout, /elsewhere/taskrouter_sandbox: `sandbox.stop()`" in said
    (folder / "run.json").write_text(json.dumps(elsewhere | {"version": "0.0.1"}))
    assert sandbox.ensure().pid != running.pid


def test_a_second_one_on_the_same_data_is_refused(folder):
    running = sandbox.ensure()
    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--data", str(folder)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=patience(60))
    assert second.returncode == 1
    assert f"(process {running.pid})): stop it first" in second.stdout


def test_a_taken_port_is_said_to_be(folder, receiver):
    port = receiver.url.rpartition(":")[2]
    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", port, "--data", str(folder)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=patience(60))
    assert second.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in second.stdout


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_where_only_this_machine_reaches_it_a_token_may_be_short(host):
    assert Options(host=host, auth_token="short").mistake is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "99999"], "99999 is no port"),
        (["--api-key", "SK1:secret"], "must be SK and 32 hexadecimal digits"),
        (["--data", "{file}"], "cannot be the folder of the state"),
        (["--data", "{locked}"], "cannot be the folder of the state"),
        (["--data", "{taken}"], "cannot be opened (unable to open database file)"),
        (["--account-sid", "junk"], "must be AC and 32 hexadecimal digits"),
        (
            ["--auth-token", ""],
            "must not be empty: give one by --auth-token or TASKROUTER_SANDBOX_AUTH_TOKEN, or neither",
        ),
        (["--idle-exit", "0"], "0 is no time to wait"),
        (["--idle-exit", "-1"], "-1 is no time to wait"),
        (["--idle-exit", "nan"], "nan is no time to wait"),
        (["--idle-exit", "inf"], "inf is no time to wait"),
        (["--data", "{unnamed}"], "cannot be written (Is a directory)"),
        (["--host", "", "--auth-token", "a" * 16], "--host must be an address"),
        (["--host", "0.0.0.0"], "it needs a token of its own"),
        (["--host", "0.0.0.0", "--auth-token", PUBLISHED_TOKEN], "it needs a token of its own"),
        (["--host", "0.0.0.0", "--auth-token", "a" * 15], "at least 16 characters, such as"),
        (["--host", "::", "--auth-token", "short"], "Other machines may reach ::, and could guess"),
        (["--host", "a-name", "--auth-token", "short"], "Other machines may reach a-name, and could guess"),
        (
            ["--host", "0.0.0.0", "--auth-token", "a" * 16, "--api-key", f"SK{'1' * 32}:short"],
            "the secret of each --api-key at least 16 characters",
        ),
    ],
)
def test_wrong_options_are_said_in_a_sentence(tmp_path, options, words):
    paths = {name: tmp_path / name for name in ("file", "locked", "taken", "unnamed")}
    paths["file"].touch()
    (paths["locked"] / "owner.lock").mkdir(parents=True)  # as with a folder that must not be written, also for root
    (paths["taken"] / "sandbox.sqlite3").mkdir(parents=True)
    (paths["unnamed"] / "run.json").mkdir(parents=True)  # nobody would find it
    given = [option.format(**paths) for option in options]
    own = str(tmp_path / "own")
    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--data", own, *given]
    run = subprocess.run(command, capture_output=True, text=True, timeout=patience(60))
    assert run.returncode == (1 if options[0] == "--data" else 2)
    assert words in run.stdout
    assert run.stdout.count("\n") == 1
    assert run.stderr == ""
    assert not list(tmp_path.rglob("run.[0-9]*"))


def test_a_sandbox_that_cannot_start_says_where_to_look(folder):
    (folder / "sandbox.sqlite3").mkdir()
    with pytest.raises(LessonError, match="did not start") as caught:
        sandbox.ensure()
    assert "start.log" in str(caught.value)


def test_another_program_can_use_it_with_its_own_credentials(folder):
    """A plain Client that is pointed at the address; links lead back to it."""
    sid, token = "AC" + "1" * 32, "mine"
    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--data", str(folder)]
    key = "SK" + "2" * 32
    command += ["--account-sid", sid, "--auth-token", token, "--api-key", f"{key}:its:secret"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[3]
        client = Client(sid, token)
        client.taskrouter.base_url = address
        for name in ("One", "Two", "Three"):
            client.taskrouter.v1.workspaces.create(friendly_name=name)
        listed = client.taskrouter.v1.workspaces.list(page_size=1)
        assert [w.friendly_name for w in listed] == ["One", "Two", "Three"]
        assert listed[0].url.startswith(address + "/v1/Workspaces/WS")
        for auth, status in (((sid, "wrong"), 401), ((key, "its:secret"), 200), ((key, token), 401)):
            assert requests.get(address + "/v1/Workspaces", auth=auth, timeout=patience(5)).status_code == status
        process.terminate()
        assert process.wait(patience(20)) == 0
