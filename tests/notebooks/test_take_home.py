"""What a learner takes home runs without the notebook: its tests pass, and its server answers TaskRouter."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from twilio.rest import Client

from helpers import cast, take_home
from helpers.errors import LessonError
from helpers.lesson.cast import Cast
from helpers.names import WRAP_UP
from helpers.setup import environment
from taskrouter_sandbox import ControlClient, snapshot
from taskrouter_sandbox.testing.session import running
from tests.plugin.conftest import IS_INSTALLED, PLUGIN, WITHOUT
from tests.ports import unused_port
from tests.waiting import patience, wait_for

NUMBER = "+15005550006"
CALLED = {"03": "accept", "05": "dequeue"}


@pytest.fixture
def team(bare: Client) -> Cast:
    """The workspace as page 05 leaves it, on live Twilio or in the sandbox: its callbacks lead somewhere."""
    team = cast(bare)
    team.workspace.activities.create(friendly_name=WRAP_UP)
    team.alice.update(attributes=json.dumps({"languages": ["en", "es"], "contact_uri": "client:alice"}))
    team.workflow.update(assignment_callback_url="http://127.0.0.1:9/assignment_callback")
    team.workspace.update(event_callback_url="http://127.0.0.1:9/taskrouter-events")
    return team


def without_ours() -> dict[str, str]:
    """The variables of a person who has never seen the lessons."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TWILIO_", "TASKR"))}


def finished(command: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=without_ours() | variables, capture_output=True, text=True, timeout=patience(100)
    )


@pytest.mark.parametrize("page", CALLED)
def test_its_own_tests_pass(page: str, team: Cast, bare: Client, tmp_path: Path):
    folder = take_home(bare, page, tmp_path / "mine").folder
    plugin = [] if IS_INSTALLED else ["-p", PLUGIN]
    ran = finished([sys.executable, "-m", "pytest", *plugin, *WITHOUT, "-W", "error"], folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"(\d+) passed", ran.stdout)[1] == {"03": "3", "05": "5"}[page]


@contextmanager
def served(folder: Path, port: int, variables: dict[str, str]) -> Iterator[None]:
    """The app under uvicorn, as its README says, until the block ends."""
    command = [sys.executable, "-m", "uvicorn", "app:app", "--env-file", ".env", "--port", str(port)]
    process = subprocess.Popen(command, cwd=folder, env=without_ours() | variables, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: is_healthy(port) or process.poll() is not None, what="the app")
        assert process.poll() is None, process.stderr.read()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=patience(30))


def is_healthy(port: int) -> bool:
    with (
        suppress(OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=patience(5)) as answer,
    ):
        return json.load(answer) == {"status": "ok"}
    return False


@pytest.mark.parametrize("page", CALLED)
def test_it_runs_against_a_sandbox_as_its_readme_says(page: str, team: Cast, bare: Client, tmp_path: Path):
    """Another sandbox than the lessons': what was taken home makes the same workspace there, and answers for it."""
    folder, port = take_home(bare, page, tmp_path / "mine").folder, unused_port()
    account = {"TWILIO_ACCOUNT_SID": "AC" + "7" * 32, "TWILIO_AUTH_TOKEN": "any"}
    settings = account | {"PUBLIC_URL": f"http://127.0.0.1:{port}"} | ({"PHONE_NUMBER": NUMBER} if page == "05" else {})
    with running() as url:
        settings |= {"TASKROUTER_SANDBOX_URL": url}
        write_env(folder, settings)
        said = [finished([sys.executable, "set_up.py"], folder) for _ in range(2)]
        assert [one.returncode for one in said] == [0, 0], said[0].stderr
        assert said[0].stdout == said[1].stdout
        settings |= dict(line.split("=") for line in said[0].stdout.splitlines())
        write_env(folder, settings)

        there = Client(account["TWILIO_ACCOUNT_SID"], account["TWILIO_AUTH_TOKEN"])
        there.taskrouter.base_url = there.api.base_url = url
        workspace = there.taskrouter.v1.workspaces(settings["WORKSPACE_SID"])
        assert same_but_for_addresses(
            snapshot.read(bare, team.workspace.sid), snapshot.read(there, settings["WORKSPACE_SID"])
        )
        with served(folder, port, {}):
            control = ControlClient(url, account["TWILIO_ACCOUNT_SID"], account["TWILIO_AUTH_TOKEN"])
            if page == "05":
                control.phones.set("client:alice", "after", seconds=0)
                call = control.calls.dial(NUMBER)["sid"]
                wait_for(lambda: control.calls.fetch(call)["waits_for"] == "keys")
                control.calls.press(call, "1")
            else:
                workspace.tasks.create(attributes='{"selected_language": "es"}')
            (task,) = wait_for(lambda: workspace.tasks.list())
            (alice,) = workspace.workers.list(friendly_name="Alice")
            (idle,) = workspace.activities.list(friendly_name="Idle")
            alice.update(activity_sid=idle.sid)
            wait_for(lambda: task.fetch().assignment_status == "assigned")
            (asked,) = control.deliveries.list("assignment")
            assert CALLED[page] in str(asked)


def write_env(folder: Path, settings: dict[str, str]) -> None:
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


def same_but_for_addresses(one: snapshot.Snapshot, other: snapshot.Snapshot) -> bool:
    """Compare two workspaces; the three activities that a new one has, and its callbacks, are another matter."""
    for each in (one, other):
        each.workspace.event_callback_url = ""
        each.activities = [part for part in each.activities if part.friendly_name not in ("Available", "Unavailable")]
        for part in each.workflows:
            part.assignment_callback_url = ""
        for kind in (each.activities, each.task_queues, each.workflows, each.workers):
            kind.sort(key=lambda part: part.friendly_name)
    assert snapshot.encode(one) == snapshot.encode(other)
    return True


def test_its_client_does_not_wait_for_ever(team: Cast, bare: Client, tmp_path: Path):
    folder = take_home(bare, "03", tmp_path / "mine").folder
    account = {"TWILIO_ACCOUNT_SID": "AC" + "7" * 32, "TWILIO_AUTH_TOKEN": "any"}
    code = "import set_up; print(set_up.make_client().http_client.timeout)"
    assert finished([sys.executable, "-c", code], folder, **account).stdout == "30\n"


@pytest.mark.parametrize(("page", "missing"), [("03", "PUBLIC_URL"), ("05", "WORKFLOW_SID")])
def test_it_does_not_start_without_its_settings(page: str, missing: str, team: Cast, bare: Client, tmp_path: Path):
    folder = take_home(bare, page, tmp_path).folder
    names = ("TWILIO_AUTH_TOKEN", "PUBLIC_URL", "PHONE_NUMBER", "WORKFLOW_SID", "WRAP_UP_SID")
    variables = {name: "set" for name in names if name != missing}
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(unused_port())]
    ran = finished(command, folder, **variables)
    assert ran.returncode != 0
    assert f"{missing} is not set: see .env.example." in ran.stderr

    ran = finished([sys.executable, "set_up.py"], folder, TWILIO_AUTH_TOKEN="any")
    assert ran.returncode == 1
    assert ran.stderr == ("Not set: TWILIO_ACCOUNT_SID, PUBLIC_URL. Copy .env.example to .env, and fill it in.\n")


def test_what_was_changed_is_kept_until_it_is_asked_for_again(team: Cast, bare: Client, tmp_path: Path):
    take_home(bare, "03", tmp_path)
    app = (tmp_path / "app.py").read_bytes()
    (tmp_path / "app.py").write_text("# mine")
    (tmp_path / ".env").write_text("SECRET=1")
    assert repr(take_home(bare, "03", tmp_path)).splitlines()[-1] == (
        "Kept as they are, since they differ: app.py. `again=True` writes them anew."
    )
    assert (tmp_path / "app.py").read_text() == "# mine"
    take_home(bare, "03", tmp_path, again=True)
    assert (tmp_path / "app.py").read_bytes() == app
    assert (tmp_path / ".env").read_text() == "SECRET=1"


def test_it_says_where_it_is_and_what_to_do_next(team: Cast, bare: Client, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    taken = take_home(bare, "03")
    for told in (repr(taken), taken._repr_html_()):
        assert str(tmp_path / "take-home" / "03-accept-by-callback") in told
        assert all(name in told for name in ("Next:", "a terminal", ".env.example"))
    links = re.findall(r'href="([^"]+)"', taken._repr_html_())
    assert "take-home/03-accept-by-callback/README.md" in links
    assert all((tmp_path / link).is_file() for link in links)
    assert "href" not in take_home(bare, "03", tmp_path / "elsewhere")._repr_html_()


def test_the_workspace_is_the_learners(team: Cast, bare: Client, tmp_path: Path):
    team.workspace.workers.create(friendly_name="Carla", attributes='{"languages": ["fr"]}')
    written = snapshot.load(take_home(bare, "03", tmp_path).folder / "workspace.json")
    assert [worker.friendly_name for worker in written.workers] == ["Alice", "Bob", "Carla"]
    assert "127.0.0.1" not in (tmp_path / "workspace.json").read_text()


def test_what_is_missing_is_said(bare: Client, tmp_path: Path):
    with pytest.raises(LessonError, match="There is no workspace"):
        take_home(bare, "03", tmp_path)
    cast(bare)
    with pytest.raises(LessonError, match="The app needs the activity WrapUp: run the cell"):
        take_home(bare, "05", tmp_path)
    with pytest.raises(LessonError, match="Page '02' has no app to take home: there is one of 03 and of 05"):
        take_home(bare, "02", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(LessonError, match="cannot be written"):
        take_home(bare, "03", tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_its_requirements_are_those_of_the_lessons(team: Cast, bare: Client, tmp_path: Path):
    folder = take_home(bare, "03", tmp_path).folder
    declared = tomllib.loads((environment.ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert set((folder / "requirements.txt").read_text().split()) <= {one.replace(" ", "") for one in declared}
    assert (
        f"taskrouter-sandbox[pytest] @ {(environment.ROOT / 'taskrouter_sandbox').as_uri()}"
        in (folder / "requirements-test.txt").read_text()
    )
