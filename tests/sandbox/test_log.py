"""The log of a sandbox: what it says, that it stays small, and that nothing suffers where it cannot be written."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from taskrouter_sandbox import ControlClient, launcher
from taskrouter_sandbox.log_file import EARLIER
from tests.waiting import patience, wait_for

SERVE = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--auth-token", "its-own"]
SID = "AC" + "5a" * 16


@pytest.fixture
def served(tmp_path):
    """Start one with options; gives its process and a client."""
    processes = []

    def start(*options):
        command = [*SERVE, "--data", str(tmp_path / "data"), *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        return process, ControlClient(process.stdout.readline().split()[3], SID, "its-own")

    yield start
    for process in processes:
        process.kill()
        process.communicate(timeout=patience(20))


def test_it_says_when_it_began_where_it_was_and_when_it_ended(served, tmp_path):
    process, sandbox = served()
    sandbox.stop()
    assert process.wait(patience(20)) == 0
    lines = (tmp_path / "data" / "sandbox.log").read_text("utf-8").splitlines()
    form = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO taskrouter_sandbox\.\w+: ")
    assert all(form.match(line) for line in lines)
    assert f"process {process.pid}" in lines[0]
    assert f"TaskRouter sandbox at {sandbox.url} for account {SID}" in lines[1]
    assert lines[-1].endswith("stopped")
    assert "its-own" not in "".join(lines)


@pytest.mark.parametrize(("options", "is_shown"), [((), True), (("--quiet",), False)])
def test_a_warning_is_in_it_with_the_time_and_shown_unless_quiet(served, tmp_path, options, is_shown):
    process, sandbox = served(*options)
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "sandbox.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        address = f"{sandbox.url}/v1/Workspaces"
        answer = requests.post(address, {"FriendlyName": "W"}, auth=(SID, "its-own"), timeout=patience(30))
        other.execute("ROLLBACK")
    assert answer.status_code == 503
    sandbox.stop()
    _, shown = process.communicate(timeout=patience(20))
    log = (tmp_path / "data" / "sandbox.log").read_text("utf-8")
    assert "Z WARNING taskrouter_sandbox.http.dispatcher: POST /v1/Workspaces: " in log
    assert ("POST /v1/Workspaces: " in shown) == is_shown


def test_why_it_ended_is_said_once_and_is_in_it(served, tmp_path):
    process, _ = served()
    (tmp_path / "data" / "sandbox.sqlite3").rename(tmp_path / "data" / "elsewhere")
    out, shown = process.communicate(timeout=patience(20))
    why = "was removed or replaced while the sandbox used it: the sandbox has ended; start it again."
    assert (process.returncode, out.count(why), shown) == (1, 1, "")
    assert (tmp_path / "data" / "sandbox.log").read_text("utf-8").splitlines()[-1].endswith(why)


def test_it_stays_small(tmp_path):
    program = (
        "import logging, sys; from pathlib import Path; from taskrouter_sandbox import log_file\n"
        "log_file.BYTES = 2000\n"
        "log_file.keep(Path(sys.argv[1]), quiet=True)\n"
        "for number in range(1000): logging.getLogger('taskrouter_sandbox.any').info('line %d', number)"
    )
    ended = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["sandbox.log", *(f"sandbox.log.{number}" for number in range(1, EARLIER + 1))]
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())
    assert "line 999" in (tmp_path / "sandbox.log").read_text("utf-8")


def test_without_one_it_serves_all_the_same(served, tmp_path):
    (tmp_path / "data" / "sandbox.log").mkdir(parents=True)
    _, sandbox = served()
    assert sandbox.health()["status"] == "ok"


def test_the_notebooks_one_keeps_it_over_starts(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(tmp_path / "data"))
    try:
        pids = []
        for _ in range(2):
            pids.append(launcher.ensure().pid)
            launcher.stop()
        log = wait_for((tmp_path / "data" / "sandbox.log").read_text)
        assert [int(number) for number in re.findall(r"process (\d+)", log)] == pids
        assert (tmp_path / "data" / "start.log").read_text().count("TaskRouter sandbox at") == 1
    finally:
        launcher.stop()
