"""A live workspace copied, compared and changed by the commands, with the plain client over TLS."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from helpers import LessonError, export_workspace, import_workspace, restore_workspace
from taskrouter_sandbox import snapshot
from taskrouter_sandbox.cli import main
from taskrouter_sandbox.commands.clients import PatientHttpClient, of_sandbox
from taskrouter_sandbox.snapshot.format import WorkflowPart
from tests.live_mode.service import ACCOUNT_SID, API_KEY, API_KEY_SECRET, AUTH_TOKEN
from tests.snapshot.drawn_snapshots import normal
from tests.snapshot.test_changes import AFTER, BEFORE

PEOPLE = {
    "format": "taskrouter-snapshot/1",
    "workspace": {"friendly_name": "People", "event_callback_url": "https://crm.example.com/events?key=1"},
    "task_queues": [{"friendly_name": "Spanish", "target_workers": "languages HAS 'es' AND level > 3"}],
    "workflows": [
        {
            "friendly_name": "Flow",
            "configuration": {
                "task_routing": {
                    "filters": [
                        {
                            "expression": "city != NULL",
                            "targets": [{"queue": "Spanish", "expression": "task.city == worker.city"}],
                        }
                    ]
                }
            },
            "assignment_callback_url": "https://crm.example.com/assignment",
        }
    ],
    "workers": [
        {
            "friendly_name": "Zoë Doe",
            "attributes": {
                "languages": ["es", "ca"],
                "level": 7,
                "city": "Vic",
                "boss": "Ann",
                "salary": 1000,
                "contact_uri": "client:zoe",
            },
        },
        {"friendly_name": "Ann", "attributes": {"languages": ["ca"], "boss": "Ann", "contact_uri": "+34600000000"}},
    ],
}


@pytest.fixture
def live(twilio, live_client):
    """The client of the account."""
    return live_client


@pytest.fixture
def sandboxed(sandbox):
    """The client of the sandbox, which is another account."""
    return of_sandbox(sandbox)


def methods(service):
    return {line.split()[0] for _, line in service.proxy.asked}


def run(capsys, *words):
    """Run a command: its exit code, its output, and what it said beside."""
    capsys.readouterr()
    code = main([str(word) for word in words])
    said = capsys.readouterr()
    assert AUTH_TOKEN not in said.out + said.err
    assert API_KEY_SECRET not in said.out + said.err
    return code, said.out, said.err


def written(tmp_path, wanted, name="team.json"):
    snapshot.save(wanted, tmp_path / name)
    return tmp_path / name


class TestCopy:
    def test_only_gets_are_sent_and_what_is_read_is_all(self, live, twilio, tmp_path, capsys):
        made = snapshot.create(live, BEFORE)
        twilio.proxy.asked.clear()
        assert run(capsys, "copy", "--from", "live", "--output", tmp_path / "copy.json")[0] == 0
        assert methods(twilio) == {"GET"}
        assert normal(snapshot.load(tmp_path / "copy.json")) == normal(BEFORE)
        assert live.taskrouter.v1.workspaces(made.sid).fetch().date_updated == made.date_updated

    def test_its_client_lets_nothing_else_leave(self, live, twilio):
        live.http_client = PatientHttpClient(read_only=True)
        twilio.proxy.asked.clear()
        with pytest.raises(Exception, match="only GET may be sent here, not POST"):
            live.taskrouter.v1.workspaces.create(friendly_name="No")
        assert twilio.proxy.asked == []

    def test_an_api_key_will_do(self, live, monkeypatch, capsys):
        snapshot.create(live, BEFORE)
        monkeypatch.delenv("TWILIO_AUTH_TOKEN")
        monkeypatch.setenv("TWILIO_API_KEY", API_KEY)
        monkeypatch.setenv("TWILIO_API_KEY_SECRET", API_KEY_SECRET)
        code, text, _ = run(capsys, "copy", "--from", "live")
        assert code == 0
        assert normal(snapshot.decode(text)) == normal(BEFORE)

    def test_of_several_it_lists_them(self, live, capsys):
        sids = [live.taskrouter.v1.workspaces.create(friendly_name=name).sid for name in ("One", "Two")]
        code, _, said = run(capsys, "copy", "--from", "live")
        assert code == 1
        assert f"Which workspace of the live account {ACCOUNT_SID}? Name one by --workspace" in said
        assert f"{sids[0]}  One" in said
        assert run(capsys, "copy", "--from", "live", "--workspace", sids[1])[0] == 0
        assert "There is no workspace Three" in run(capsys, "copy", "--from", "live", "--workspace", "Three")[2]

    def test_into_the_sandbox_where_no_address_leads_elsewhere(self, live, sandboxed, capsys):
        snapshot.create(live, snapshot.decode(json.dumps(PEOPLE)))
        code, out, said = run(capsys, "copy", "--from", "live", "--load", "--callbacks", "http://127.0.0.1:5000")
        assert (code, out) == (0, "")
        assert "workspace.event_callback_url: https://crm.example.com/events?key=1" in said
        (copied,) = sandboxed.taskrouter.v1.workspaces.list()
        assert copied.event_callback_url == "http://127.0.0.1:5000/events?key=1"
        assert copied.workflows.list()[0].assignment_callback_url == "http://127.0.0.1:5000/assignment"
        assert "already: --replace deletes it first" in run(capsys, "copy", "--from", "live", "--load")[2]
        assert run(capsys, "copy", "--from", "live", "--load", "--replace")[0] == 0
        (again,) = sandboxed.taskrouter.v1.workspaces.list()
        assert (again.sid == copied.sid, again.event_callback_url) == (False, "")

    def test_masked_it_routes_as_before(self, live, sandboxed, capsys, tmp_path):
        snapshot.create(live, snapshot.decode(json.dumps(PEOPLE)))
        copy = ("copy", "--from", "live", "--mask", "--mask-names", "--load", "--output", tmp_path / "masked.json")
        assert run(capsys, *copy)[0] == 0
        text = (tmp_path / "masked.json").read_text()
        assert not any(word in text for word in ("Zoë", "Ann", "zoe", "+34", "1000", '"ca"'))
        zoe, ann = snapshot.load(tmp_path / "masked.json").workers
        assert zoe.attributes["languages"][0] == "es"
        assert zoe.attributes["languages"][1] == ann.attributes["languages"][0]
        assert zoe.attributes["boss"] == ann.attributes["boss"]
        assert (zoe.attributes["level"], zoe.attributes["city"]) == (7, "Vic")
        assert zoe.attributes["contact_uri"].startswith("client:masked-")
        assert ann.attributes["contact_uri"].startswith("+1500555")
        workspace = sandboxed.taskrouter.v1.workspaces.list()[0]
        (queue,) = workspace.task_queues.list()
        assert [each.friendly_name for each in workspace.workers.list(task_queue_sid=queue.sid)] == ["Worker 1"]

    def test_what_is_odd_there_is_told_and_copied(self, live, sandboxed, tmp_path, capsys):
        """What Twilio does not read is no reason to have no copy."""
        odd = {"task_routing": {"default_filter": {"queue": "Old", "priorty": 5}}, "comment": "Ann's"}
        flow = WorkflowPart("Flow", odd)
        snapshot.create(live, replace(BEFORE, workflows=[flow]))
        code, _, said = run(capsys, "copy", "--from", "live", "--output", tmp_path / "copy.json", "--load")
        assert code == 0
        assert "workflows[0].configuration.task_routing.default_filter.priorty: is not read; there is " in said
        with pytest.warns(snapshot.SnapshotWarning):
            assert snapshot.load(tmp_path / "copy.json").workflows == [flow]
        (copied,) = sandboxed.taskrouter.v1.workspaces.list()
        assert snapshot.read(sandboxed, copied.sid).workflows == [flow]

    def test_on_a_terminal_it_says_how_far_it_is(self, live, twilio, tmp_path, capsys, monkeypatch):
        """And waits that the service asks for are told in a line of their own."""
        snapshot.create(live, BEFORE)
        twilio.sandbox.faults.order(operation="ListWorkerChannel", status=429, first=1)
        copy = ("copy", "--from", "live", "--output", tmp_path / "copy.json")
        assert "workers read" not in run(capsys, *copy)[2]
        twilio.sandbox.faults.order(operation="ListWorkerChannel", status=429, first=1)
        monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        said = run(capsys, *copy)[2]
        assert "\r\x1b[K1 of 3 workers read\r\x1b[K2 of 3 workers read\r\x1b[K\r\x1b[KWritten: " in said
        assert "\r\x1b[Ktaskrouter.twilio.com answers 429: asking again in " in said


class TestPlanAndApply:
    def test_a_change_is_planned_applied_and_done(self, live, twilio, tmp_path, capsys):
        workspace = snapshot.create(live, BEFORE)
        file = written(tmp_path, AFTER)
        twilio.proxy.asked.clear()
        code, out, _ = run(capsys, "plan", file, "--to", "live", "--delete", "--move-workers")
        assert code == 3
        assert methods(twilio) == {"GET"}
        assert f'Workspace "Support" ({workspace.sid}) in the live account {ACCOUNT_SID}:' in out
        assert '  + create queue "English"\n' in out
        assert '  - delete worker "Bob"\n' in out
        assert '      timeout_activity: "Offline" -> "Idle"\n' in out

        assert "give --yes" in run(capsys, "apply", file, "--to", "live")[2]
        assert normal(snapshot.read(live, workspace.sid)) == normal(BEFORE)
        code, out, said = run(capsys, "apply", file, "--to", "live", "--delete", "--move-workers", "--yes")
        assert code == 0
        assert 'create queue "English" ...' in said
        assert 'workspace "Support" is as the snapshot says.' in out
        assert normal(snapshot.read(live, workspace.sid)) == normal(AFTER)
        assert run(capsys, "plan", file, "--to", "live", "--delete", "--move-workers")[0] == 0
        assert "Nothing differs." in run(capsys, "apply", file, "--to", "live", "--delete")[1]

    def test_a_workspace_that_is_not_there_is_made(self, live, tmp_path, capsys):
        file = written(tmp_path, AFTER)
        code, out, _ = run(capsys, "plan", file, "--to", "live", "--calls")
        assert code == 3
        assert f'Workspace "Support" is not in the live account {ACCOUNT_SID} yet:' in out
        assert "workspace = client.taskrouter.v1.workspaces.create(friendly_name='Support'" in out
        assert run(capsys, "apply", file, "--to", "live", "--delete", "--yes")[0] == 0
        (made,) = live.taskrouter.v1.workspaces.list()
        assert normal(snapshot.read(live, made.sid)) == normal(AFTER)

    def test_the_service_is_busy(self, live, twilio, tmp_path, capsys):
        """Of a live account: the first answers are 429 and 503."""
        file = written(tmp_path, AFTER)
        twilio.sandbox.faults.order(operation="CreateActivity", status=429, first=1)
        twilio.sandbox.faults.order(operation="CreateTaskQueue", status=503, first=2)
        twilio.sandbox.faults.order(operation="ListWorker", status=429, first=1)
        code, _, said = run(capsys, "apply", file, "--to", "live", "--delete", "--yes")
        assert code == 0
        assert said.count("taskrouter.twilio.com answers 503: asking again in") == 2
        (made,) = live.taskrouter.v1.workspaces.list()
        assert normal(snapshot.read(live, made.sid)) == normal(AFTER)

    def test_it_breaks_off_and_is_applied_again(self, live, twilio, tmp_path, capsys):
        workspace = snapshot.create(live, BEFORE)
        file = written(tmp_path, AFTER)
        words = ("apply", file, "--to", "live", "--delete", "--move-workers", "--yes")
        twilio.sandbox.faults.order(operation="CreateWorker", status=500, first=1)
        code, _, said = run(capsys, *words)
        assert code == 1
        assert 'create worker "Dora", did not succeed: ' in said
        assert "before it are done and stay: " in said
        assert run(capsys, *words)[0] == 0
        assert normal(snapshot.read(live, workspace.sid)) == normal(AFTER)

    def test_answers_get_lost(self, live, twilio, tmp_path, capsys):
        """What was done, and not known to be, is not done again."""
        file = written(tmp_path, AFTER)
        kinds = (
            "/v1/Workspaces",
            "Activities",
            "TaskChannels",
            "TaskQueues",
            "Workflows",
            "Workers",
            "Channels/letters",
        )
        twilio.proxy.lost |= set(kinds)
        codes = []
        while not codes or codes[-1]:
            codes.append(run(capsys, "apply", file, "--to", "live", "--delete", "--yes")[0])
            assert len(codes) < 20
        assert codes == [1] * len(kinds) + [0]
        (made,) = live.taskrouter.v1.workspaces.list()
        assert normal(snapshot.read(live, made.sid)) == normal(AFTER)

    def test_as_json(self, live, tmp_path, capsys):
        workspace = snapshot.create(live, BEFORE)
        file = written(tmp_path, AFTER)
        code, out, _ = run(capsys, "plan", file, "--to", "live", "--json")
        plan = json.loads(out)
        assert code == 3
        assert plan["workspace"] == {"friendly_name": "Support", "sid": workspace.sid}
        assert {"kind": "workers", "name": "Bob"} in plan["left"]
        english = next(step for step in plan["steps"] if step["name"] == "English")
        assert english["action"] == "create"
        assert english["call"].startswith("task_queues['English'] = workspace.task_queues.create(")
        assert "--json is for programs" in run(capsys, "apply", file, "--to", "live", "--json")[2]
        code, out, _ = run(capsys, "apply", file, "--to", "live", "--json", "--yes")
        assert (code, json.loads(out)["steps"], json.loads(out)["done"]) == (0, [], len(plan["steps"]))

    def test_a_named_workspace_keeps_its_name(self, live, tmp_path, capsys):
        staging = live.taskrouter.v1.workspaces.create(friendly_name="Staging")
        words = ("--to", "live", "--workspace", "Staging", "--delete", "--move-workers")
        assert run(capsys, "apply", written(tmp_path, AFTER), *words, "--yes")[0] == 0
        assert [each.friendly_name for each in live.taskrouter.v1.workspaces.list()] == ["Staging"]
        assert staging.fetch().timeout_activity_name == "Idle"

    def test_an_address_that_live_twilio_cannot_reach(self, live, tmp_path, capsys):
        flow = PEOPLE["workflows"][0] | {"assignment_callback_url": "http://127.0.0.1:5000/assignment"}
        file = written(tmp_path, snapshot.decode(json.dumps(PEOPLE | {"workflows": [flow]})))
        code, _, said = run(capsys, "plan", file, "--to", "live")
        assert code == 1
        assert "workflows[0].assignment_callback_url is 'http://127.0.0.1:5000/assignment', where Twilio" in said
        words = ("--to", "live", "--callbacks", "https://example.com", "--calls")
        assert "assignment_callback_url='https://example.com/assignment'" in run(capsys, "plan", file, *words)[1]


class TestMistakes:
    def test_no_account(self, live, monkeypatch, capsys):
        monkeypatch.delenv("TWILIO_AUTH_TOKEN")
        code, _, said = run(capsys, "copy", "--from", "live")
        assert code == 1
        assert "No live account is named: set TWILIO_ACCOUNT_SID" in said

    def test_a_wrong_token(self, live, monkeypatch, capsys):
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", "a wrong token")
        code, _, said = run(capsys, "copy", "--from", "live")
        assert code == 1
        assert said.startswith("The account refuses the credentials (401, ")

    def test_nobody_answers(self, live, monkeypatch, capsys):
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        code, _, said = run(capsys, "copy", "--from", "live")
        assert (code, said) == (1, "taskrouter.twilio.com does not answer (ProxyError).\n")

    def test_a_file_that_is_none(self, live, tmp_path, capsys):
        code, _, said = run(capsys, "plan", tmp_path / "none.json", "--to", "live")
        assert code == 1
        assert "none.json cannot be read" in said


def test_a_cell_changes_no_live_account(live, tmp_path, twilio):
    workspace = snapshot.create(live, AFTER)
    twilio.proxy.asked.clear()
    export_workspace(live, workspace, tmp_path / "live.json")
    assert normal(snapshot.load(tmp_path / "live.json")) == normal(AFTER)
    with pytest.raises(LessonError, match="`taskrouter-sandbox plan FILE --to live`"):
        import_workspace(live, tmp_path / "live.json")
    with pytest.raises(LessonError, match="only after you have seen what changes"):
        restore_workspace(live, workspace, tmp_path / "live.json")
    assert methods(twilio) == {"GET"}
