"""What docs/ci tells people to run, run here as far as that goes without containers."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from helpers.setup import environment
from tests.plugin.conftest import run
from tests.ports import port_that_refuses, unused_port
from tests.waiting import patience, wait_for

FOLDER = environment.ROOT / "docs" / "ci"
CONTAINERFILE = (FOLDER / "Containerfile").read_text()
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
WORKFLOW = yaml.safe_load((FOLDER / "github-workflow.yml").read_text())
TOKEN = "a-secret-of-this-test"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="these are for the shells and the containers of Linux")


def command(instruction: str, port: int) -> list[str]:
    """The words of an instruction of the Containerfile, for another port and with the programs of this environment."""
    match = re.search(rf"^ *{instruction} (\[.*\])$", CONTAINERFILE, re.MULTILINE)
    assert match is not None
    words = [word.replace("8901", str(port)) for word in json.loads(match[1])]
    return [str(environment.SCRIPTS / words[0]), *words[1:]]


@pytest.fixture
def container():
    """What the container runs, under the same variables; and its port."""
    port = unused_port()
    variables = {**os.environ, "TASKROUTER_SANDBOX_AUTH_TOKEN": TOKEN}
    words = next(line for line in CONTAINERFILE.splitlines() if line.startswith("CMD"))
    assert words == CONTAINERFILE.splitlines()[-1]
    server = [str(environment.SCRIPTS / "taskrouter-sandbox"), *json.loads(words[4:])[1:]]
    server = [word.replace("8901", str(port)) for word in server]
    with subprocess.Popen(server, env=variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        yield said["url"], port
        process.terminate()
        assert process.wait(patience(20)) == 0


def test_the_image_has_the_package_alone():
    (copied,) = re.findall(r"^COPY (\S+) ", CONTAINERFILE, re.MULTILINE)
    assert (environment.ROOT / copied / "pyproject.toml").is_file()
    assert COMPOSE["services"]["taskrouter"]["build"]["dockerfile"] == "docs/ci/Containerfile"
    assert (FOLDER / COMPOSE["services"]["taskrouter"]["build"]["context"]).resolve() == environment.ROOT


def test_without_a_token_the_container_ends_and_says_why():
    variables = {name: value for name, value in os.environ.items() if name != "TASKROUTER_SANDBOX_AUTH_TOKEN"}
    server = [str(environment.SCRIPTS / "taskrouter-sandbox"), "serve", "--any-account", "--host", "0.0.0.0"]
    ended = subprocess.run(server, env=variables, capture_output=True, text=True, timeout=patience(30))
    assert ended.returncode == 2
    assert "TASKROUTER_SANDBOX_AUTH_TOKEN" in ended.stdout


def test_its_health_is_what_the_container_asks(container):
    _, port = container
    with port_that_refuses() as other:
        for asked, code in ((port, 0), (other, 1)):
            check = command("CMD", asked)
            check[0] = sys.executable
            assert subprocess.run(check, capture_output=True, timeout=patience(30)).returncode == code


def test_the_examples_run_beside_it_as_in_the_compose_file(container, suite, monkeypatch):
    """Two names for this machine stand for the two containers."""
    _, port = container
    told = COMPOSE["services"]["tests"]["environment"]
    assert told["TASKROUTER_SANDBOX_URL"] == "http://taskrouter:8901"
    assert told["TASKROUTER_CALLBACK_HOST"] == COMPOSE["services"]["tests"]["hostname"]
    monkeypatch.setenv("TASKROUTER_SANDBOX_URL", f"http://localhost:{port}")
    monkeypatch.setenv("TASKROUTER_SANDBOX_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("TASKROUTER_CALLBACK_HOST", "localhost")
    result = run(suite, "-W", "default", str(environment.ROOT / "docs" / "examples" / "helpdesk_flask"))
    result.assert_outcomes(passed=5)


def test_a_callback_comes_by_the_name_that_is_told(container, suite, monkeypatch):
    url, _ = container
    monkeypatch.setenv("TASKROUTER_SANDBOX_URL", url)
    monkeypatch.setenv("TASKROUTER_SANDBOX_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("TASKROUTER_CALLBACK_HOST", "localhost")
    suite.makepyfile("""
        def test_it(taskrouter, taskrouter_callbacks, taskrouter_workspace):
            taskrouter_callbacks.answer("/assignment", {"instruction": "accept"})
            team = taskrouter_workspace("team.json")
            team.set_activity("Alice", "Idle")
            team.workspace.tasks.create(attributes="{}")
            (asked,) = taskrouter_callbacks.wait_for("/assignment")
            assert asked.headers["Host"].startswith("localhost:") and asked.is_signed
            assert taskrouter.auth_token == "a-secret-of-this-test"
    """)
    run(suite).assert_outcomes(passed=1)


def test_the_workflow_s_own_commands(tmp_path: Path):
    """The sandbox in the background, as a step of the workflow starts it."""
    (step,) = [each["run"] for each in WORKFLOW["jobs"]["background"]["steps"] if "serve" in each.get("run", "")]
    known = tmp_path / "github_env"
    variables = {**os.environ, "GITHUB_ENV": str(known), "PATH": f"{environment.SCRIPTS}:{os.environ['PATH']}"}
    variables.pop("TASKROUTER_SANDBOX_AUTH_TOKEN", None)
    shell = ["bash", "-e", "-c", step]
    subprocess.run(shell, cwd=tmp_path, env=variables, check=True, capture_output=True, timeout=patience(60))
    said = json.loads((tmp_path / "taskrouter.json").read_text())
    assert known.read_text() == f"TASKROUTER_SANDBOX_URL={said['url']}\n"
    os.kill(said["pid"], 15)
    wait_for(lambda: not Path(f"/proc/{said['pid']}").exists() or os.name == "nt")


def test_the_compose_file_s_command_is_for_a_shell():
    words = COMPOSE["services"]["tests"]["command"]
    assert words[:2] == ["sh", "-c"]
    assert subprocess.run(["sh", "-n", "-c", words[2]]).returncode == 0
    for word in shlex.split(words[2]):
        if word.startswith("/project/"):
            assert (environment.ROOT / word.removeprefix("/project/")).exists()


@pytest.mark.parametrize("job", WORKFLOW["jobs"].values(), ids=WORKFLOW["jobs"])
def test_every_job_gets_the_code_and_runs_its_tests(job):
    assert job["steps"][0]["uses"].startswith("actions/checkout@")
    assert re.search(r"pytest|npm test", job["steps"][-1]["run"])
