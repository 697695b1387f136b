"""The doctor: what it finds when all is well, and what it says when something is broken."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from helpers import faults, skip
from helpers.setup import doctor, environment
from helpers.setup.doctor import Finding
from tests.ports import port_that_refuses
from tests.setup.conftest import BASE_PYTHON, Clone
from tests.waiting import patience

LINES = ["Python", "Packages", "Environment", "Widgets", "Sandbox", "Credentials", "Tunnel", "Phones"]
LIVE = {
    "TASKROUTER_LIVE": "1",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "f1d2d2f924e986ac86fdf7b36c94bcdf",
}


pytestmark = pytest.mark.usefixtures("sandbox_process")


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Credentials of a live account, on a machine from which nothing can be reached."""
    for name, value in LIVE.items():
        monkeypatch.setenv(name, value)
    with port_that_refuses() as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "")
        yield


def finding(name: str) -> Finding:
    return next(found for found in doctor.diagnose() if found.name == name)


def project(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the doctor hold this machine against another pyproject.toml, and against a sandbox that needs lark."""
    (folder / "pyproject.toml").write_text(f"[project]\n{text}\n")
    (folder / "taskrouter_sandbox").mkdir()
    (folder / "taskrouter_sandbox/pyproject.toml").write_text('[project]\ndependencies = ["lark>=99"]\n')
    monkeypatch.setattr(environment, "ROOT", folder)


def test_all_is_well_here():
    findings = doctor.diagnose()
    assert [found.name for found in findings] == LINES
    assert {found.name: found.state for found in findings if found.state != "ok"} == {
        "Tunnel": "not-needed",
        "Phones": "not-needed",
    }
    assert re.search(r"answers at http://127\.0\.0\.1:\d+\.", findings[4].says)
    assert doctor.as_text(findings).endswith("\n\nEverything is in place.")


def test_the_command_prints_the_lines_and_succeeds(capsys):
    assert doctor.main() == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()[:3]] == LINES[:3]


def test_missing_and_outdated_packages_are_named(tmp_path, monkeypatch):
    wanted = ["taskrouter-sandbox", "twilio>=99", "taskrouter-nowhere>=1", "filelock>=1"]
    project(tmp_path, f"dependencies = {wanted}", monkeypatch)
    found = finding("Packages")
    assert found.state == "not-ok"
    twilio, lark = r"twilio is [\d.]+ and should be >=99", r"lark is [\d.]+ and should be >=99"
    assert re.fullmatch(rf"{twilio}, taskrouter-nowhere is missing and {lark}\.", found.says)
    assert "python3 -m helpers" in found.repair


def test_an_older_python_than_the_lessons_need_is_named(tmp_path, monkeypatch):
    project(tmp_path, 'requires-python = ">=3.99"', monkeypatch)
    found = finding("Python")
    assert (found.state, "the lessons need 3.99 or newer" in found.says) == ("not-ok", True)


@pytest.mark.parametrize(
    ("stamp", "says"),
    [(environment.UNFINISHED, "did not reach its end"), ("0" * 64, "asks for other packages than .venv was made with")],
)
def test_a_set_up_that_does_not_fit_is_named(tmp_path, monkeypatch, stamp: str, says: str):
    monkeypatch.setattr(environment, "VENV", Path(sys.prefix))
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp")
    environment.STAMP.write_text(stamp)
    found = finding("Environment")
    assert (found.state, says in found.says) == ("not-ok", True)
    assert "`python3 -m helpers setup`" in found.repair


def test_a_copy_of_the_sandbox_that_hides_the_project_is_named(tmp_path, monkeypatch):
    (tmp_path / "taskrouter_sandbox").mkdir()
    (tmp_path / "taskrouter_sandbox/__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "taskrouter_sandbox")
    found = finding("Environment")
    assert (found.state, str(tmp_path) in found.says) == ("not-ok", True)
    assert "pip uninstall taskrouter-sandbox" in found.repair


def test_a_bare_python_is_told_how_to_begin(clone: Clone):
    """The doctor of a machine where nothing is set up; its Python has not one package."""
    bare = clone.home / "bare"
    subprocess.run([BASE_PYTHON, "-m", "venv", "--without-pip", bare], check=True)
    code, said = clone.run("doctor", python=str(bare / environment.PYTHON.relative_to(environment.VENV)))
    assert code == 1
    assert "Traceback" not in said
    assert re.search(r"Not OK +Packages +.*packaging is missing", said)
    assert re.search(r"Not OK +Environment +This is .*bare, where the project is not installed", said)
    assert "Repair: `python3 -m helpers setup`" in said


def test_front_ends_that_jupyterlab_lacks_are_named(monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [])
    found = finding("Widgets")
    assert found.says == "JupyterLab lacks its half of @jupyter-widgets/jupyterlab-manager and anywidget."
    assert (found.state, bool(found.repair)) == ("not-ok", True)


def test_a_sandbox_that_cannot_start_is_named(tmp_path, monkeypatch):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the sandbox wants a folder")
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(blocked))
    assert finding("Sandbox").state == "not-ok"


def test_faults_that_are_on_in_the_sandbox_are_named(sandbox):
    with faults(operation="*", status=503, first=9):
        found = finding("Sandbox")
    assert (found.state, "faults are on: * answers 503." in found.says) == ("not-ok", True)
    assert "faults.all_off()" in found.repair
    assert finding("Sandbox").state == "ok"


def test_a_clock_that_is_ahead_and_unusual_rules_are_named(sandbox):
    skip(minutes=5)
    sandbox.options.set(empty_answer="failed")
    found = finding("Sandbox")
    assert found.state == "ok"
    assert "Its clock is 5 minutes ahead" in found.says
    assert "empty_answer is 'failed'" in found.says
    assert "`sandbox.reset()`" in found.says


def test_half_of_the_credentials_is_named(monkeypatch):
    monkeypatch.setenv("TASKROUTER_LIVE", "1")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", LIVE["TWILIO_ACCOUNT_SID"])
    found = finding("Credentials")
    assert found.state == "not-ok"
    assert "TWILIO_AUTH_TOKEN" in found.says


def test_live_credentials_that_could_not_be_tried_are_not_ok_and_never_shown(live, capsys):
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert re.search(r"Not needed +Sandbox", said)
    assert re.search(
        r"Not OK +Credentials +Live Twilio cannot be reached.*\n +Repair: check the internet connection", said
    )
    assert LIVE["TWILIO_AUTH_TOKEN"] not in said
    assert LIVE["TWILIO_AUTH_TOKEN"][:8] not in said


def test_credentials_that_do_not_count_are_named(monkeypatch):
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", LIVE["TWILIO_ACCOUNT_SID"])
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", LIVE["TWILIO_AUTH_TOKEN"])
    found = finding("Credentials")
    assert found.state == "ok"
    assert found.says.startswith("The lessons use the sandbox. TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (in the envi")
    assert "TASKROUTER_LIVE=1" in found.says
    assert finding("Sandbox").state == "ok"


def test_the_doctor_does_not_wait_for_ever(live, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        found = {each.name: each for each in doctor.diagnose(patience(0.2))}["Credentials"]
    assert found.says.startswith("Live Twilio cannot be reached")


def test_an_api_key_alone_cannot_check_a_signature(live, monkeypatch):
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "")
    monkeypatch.setenv("TWILIO_API_KEY", "SK" + "0" * 32)
    monkeypatch.setenv("TWILIO_API_KEY_SECRET", LIVE["TWILIO_AUTH_TOKEN"])
    assert f"API key SK{'0' * 32} could not be tried" in finding("Credentials").says
    found = finding("Tunnel")
    assert (found.state, found.repair) == ("not-ok", "put `TWILIO_AUTH_TOKEN` beside the API key")


def test_a_live_account_needs_a_token_for_its_tunnel(live, monkeypatch):
    found = finding("Tunnel")
    assert (found.state, "NGROK_AUTHTOKEN" in found.repair) == ("not-ok", True)
    monkeypatch.setenv("NGROK_AUTHTOKEN", "2Abcdefgh")
    monkeypatch.setenv("NGROK_PATH", "/nowhere/ngrok")
    found = finding("Tunnel")
    assert (found.state, found.says) == ("not-ok", "`NGROK_PATH` names /nowhere/ngrok, which is not there.")
    monkeypatch.setenv("NGROK_PATH", sys.executable)
    found = finding("Tunnel")
    assert (found.state, found.repair) == ("ok", None)
    assert "2Abcdefgh" not in found.says


def test_nothing_in_the_table_is_taken_for_markup():
    page = doctor.as_html([Finding("<b>", "not-ok", "<script>alert('`x`')</script>", "run `a && b`")], "line-1")
    body = page.split("</style>")[1]
    assert "<script>" not in body
    assert "alert(&#x27;<code>x</code>&#x27;)" in body
    assert "<code>a &amp;&amp; b</code>" in body


def test_the_state_is_said_in_words_too():
    states = ["ok", "not-ok", "waiting", "not-needed"]
    page = doctor.as_html([Finding("x", state, "y") for state in states], "line-1").split("</style>")[1]
    assert re.findall(r"data-doctor-word>([^<]+)<", page) == ["OK", "Not OK", "Waiting", "Not needed"]


def test_a_notebook_shows_a_table_and_waits_for_the_browser(tmp_path, sandbox_process):
    cells = [nbformat.v4.new_code_cell("from helpers import doctor\ndoctor()\ndoctor()")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    variables = dict(os.environ, IPYTHONDIR=str(tmp_path))
    folder = {"metadata": {"path": tmp_path}}
    client = NotebookClient(notebook, kernel_name="python3", timeout=int(patience(60)), resources=folder)
    client.execute(env=variables)
    outputs = notebook.cells[0].outputs
    assert [output.output_type for output in outputs] == ["display_data"] * 4
    tables = [output.data["text/html"] for output in outputs[::2]]
    assert [re.findall(r'scope="row">([^<]+)<', table) for table in tables] == [LINES] * 2
    waiting = [re.search(r'data-state="waiting" role="status" data-doctor-line="([^"]+)"', table) for table in tables]
    assert waiting[0][1] != waiting[1][1]
    assert all("application/vnd.jupyter.widget-view+json" in output.data for output in outputs[1::2])
    assert sandbox_process.auth_token not in json.dumps(notebook)
