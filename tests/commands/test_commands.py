"""The commands that are about the sandbox on this machine: what they say, what they do, how they end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from taskrouter_sandbox import ACCOUNT_SID, cli, snapshot
from tests.snapshot.drawn_snapshots import normal
from tests.snapshot.test_changes import AFTER, BEFORE
from tests.waiting import patience

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("serve", "status", "stop", "reset", "snapshot", "copy", "plan", "apply")


KILLED = json.dumps(
    {"url": "http://127.0.0.1:1", "pid": 2**22 - 1, "code": "", "account_sid": ACCOUNT_SID, "auth_token": "token"}
)
"""What a sandbox leaves as its run file that was killed."""


@pytest.fixture
def run(capsys):
    """Run a command: its exit code, its output, and what it said beside."""

    def run(*words):
        capsys.readouterr()
        try:
            code = cli.main([str(word) for word in words])
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_each_has_help_that_names_its_options_and_has_examples(command, run):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"usage: taskrouter-sandbox {command}" in out
    assert f"  taskrouter-sandbox {command}" in out.split("examples:")[1]


def test_all_of_them_are_listed(run):
    out = run("--help")[1]
    assert re.findall(r"^    (\w+)  ", out, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("words", [["plan"], ["fly"], ["copy", "--from", "mars"], ["apply", "x.json"], ["reset", "-x"]])
def test_wrong_options_end_with_2(words, run):
    code, out, said = run(*words)
    assert (code, out) == (2, "")
    assert said.startswith("usage: ")


class TestNoSandbox:
    @pytest.mark.parametrize("left", [None, KILLED], ids=["none yet", "killed"])
    @pytest.mark.parametrize("words", [["snapshot"], ["reset", "--yes"], ["apply", "FILE", "--to", "sandbox"]])
    def test_is_said_with_what_to_do(self, words, left, run, tmp_path):
        if left is not None:
            (tmp_path / "run.json").write_text(left)
        snapshot.save(AFTER, tmp_path / "team.json")
        words = [tmp_path / "team.json" if word == "FILE" else word for word in words]
        code, out, said = run(*words, "--data", tmp_path)
        assert (code, out) == (1, "")
        assert said == (
            f"No sandbox runs on {tmp_path}: start one by `taskrouter-sandbox serve`, or name its folder by --data.\n"
        )

    def test_its_status(self, run, tmp_path):
        code, out, _ = run("status", "--data", tmp_path, "--json")
        assert (code, json.loads(out)["state"]) == (3, "not running")


CLOSED = """
import sys
held = open(sys.argv[1] + "/owner.lock", "w")
print("here", flush=True)
sys.stdin.read()
"""


def test_one_that_runs_and_does_not_answer_is_said_to(run, tmp_path):
    command = [sys.executable, "-c", CLOSED, str(tmp_path), "taskrouter", "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as closed:
        assert closed.stdout
        assert closed.stdout.readline() == "here\n"
        (tmp_path / "run.json").write_text(json.dumps(json.loads(KILLED) | {"pid": closed.pid}))
        said = [run(*words, "--data", tmp_path) for words in (["reset", "--yes"], ["status"])]
        closed.communicate(timeout=patience(10))
    advice = "does not answer: wait, or end it by `taskrouter-sandbox stop`"
    assert said[0] == (1, "", f"The sandbox at http://127.0.0.1:1 {advice}.\n")
    assert (said[1][0], advice in said[1][1]) == (1, True)


class TestStatus:
    def test_of_one_that_runs(self, run, sandbox):
        code, out, _ = run("status")
        assert code == 0
        assert re.search(r"^state: +running$", out, re.MULTILINE)
        assert sandbox.url in out
        assert sandbox.auth_token not in out

    def test_says_what_is_unusual(self, run, sandbox):
        sandbox.clock.advance(minutes=2)
        sandbox.faults.order(operation="CreateTask", status=429, first=2)
        sandbox.options.set(empty_answer="failed")
        state = json.loads(run("status", "--json")[1])
        assert state["clock_ahead"] >= 120
        assert len(state["faults"]) == 1
        assert state["options"] == {"empty_answer": "failed"}
        assert state["pid"] == sandbox.pid


class TestReset:
    def test_asks_first(self, run, client):
        client.taskrouter.v1.workspaces.create(friendly_name="One")
        code, _, said = run("reset")
        assert (code, said) == (1, "Nobody can be asked here, so nothing was changed: give --yes.\n")
        assert len(client.taskrouter.v1.workspaces.list()) == 1
        assert run("reset", "--yes")[0] == 0
        assert client.taskrouter.v1.workspaces.list() == []


class TestSnapshot:
    def test_goes_to_a_file_and_comes_back(self, run, client, tmp_path):
        snapshot.create(client, BEFORE)
        file = tmp_path / "team.json"
        assert run("snapshot", "--output", file) == (0, "", f"Written: {file}\n")
        assert run("snapshot")[1] == file.read_text(encoding="utf-8")
        code, _, said = run("snapshot", "--load", file)
        assert code == 1
        assert "The sandbox has a workspace Support already" in said
        assert run("snapshot", "--load", file, "--replace", "--callbacks", "keep")[0] == 0
        (made,) = client.taskrouter.v1.workspaces.list()
        assert normal(snapshot.read(client, made.sid)) == normal(BEFORE)

    def test_a_file_that_cannot_be_written(self, run, client, tmp_path):
        snapshot.create(client, BEFORE)
        code, _, said = run("snapshot", "--output", tmp_path / "no" / "team.json")
        assert code == 1
        assert said.endswith(
            "team.json cannot be written (No such file or directory): name another file by --output.\n"
        )

    def test_what_is_odd_in_a_file_is_told_and_what_is_wrong_is_refused(self, run, client, tmp_path):
        text = snapshot.encode(BEFORE)
        file = tmp_path / "team.json"
        for command in (["snapshot", "--load", file], ["plan", file, "--to", "sandbox"]):
            file.write_text(text.replace('"default_filter": {', '"default_filter": {"priorty": 5, ', 1))
            _, _, said = run(*command, "--callbacks", "keep")
            place = "workflows[0].configuration.task_routing.default_filter"
            assert said.startswith(f"team.json: {place}.priorty: is not read; there is ")
            assert "did you mean priority?" in said.splitlines()[0]
            file.write_text(text.replace('"queue": "Old"', '"queue": "Odl"', 1))
            code, out, said = run(*command, "--callbacks", "keep")
            assert (code, out) == (1, "")
            assert said == f"team.json: {place}.queue: 'Odl' is not there; there is Old, Spanish; did you mean Old?\n"

    def test_it_is_brought_back_in_place(self, run, client, tmp_path):
        workspace = snapshot.create(client, AFTER)
        snapshot.save(BEFORE, tmp_path / "team.json")
        words = (tmp_path / "team.json", "--to", "sandbox", "--callbacks", "keep", "--delete", "--move-workers")
        assert run("plan", *words)[0] == 3
        assert run("apply", *words, "--yes")[0] == 0
        assert normal(snapshot.read(client, workspace.sid)) == normal(BEFORE)
        assert run("plan", *words)[0] == 0


def test_without_the_twilio_package_there_is_a_sentence(sandbox):
    program = (
        "import sys; sys.modules['twilio.rest'] = None; sys.modules['twilio.http.http_client'] = None\n"
        "from taskrouter_sandbox.cli import main; sys.exit(main(['snapshot']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=patience(30), check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.endswith("which is not installed: pip install 'taskrouter-sandbox[client]'\n")
