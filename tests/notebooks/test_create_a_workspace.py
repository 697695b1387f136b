"""The checkpoints of notebooks 00 and 01, and every mistake that they name."""

from __future__ import annotations

import json

from twilio.rest import Client

from helpers import cast, check
from helpers.lesson.cast import configuration
from helpers.lesson.checkpoints.create_a_workspace import FILTERS, GIVE_FILTERS
from helpers.lesson.checkpoints.framework import CheckpointState
from helpers.names import QUEUES, WORKFLOW, WORKSPACE
from tests.notebooks.source import source_of
from tests.notebooks.verdicts import judged, not_right, not_yet, right, team

__all__ = ["team"]


class TestNotebook00:
    def test_connection(self, bare):
        right(check.connection(bare), "The sandbox answers")

    def test_connection_with_a_wrong_token(self, bare):
        verdict = check.connection(Client(bare.account_sid, "wrong", http_client=bare.http_client))
        judged(CheckpointState.UNKNOWN, verdict, "does not accept these credentials")


class TestNotebook01:
    def test_workspace(self, bare):
        workspaces = bare.taskrouter.v1.workspaces
        not_yet(check.workspace(bare), "there is no workspace")

        almost = workspaces.create(friendly_name="Taskrouter tutorial", multi_task_enabled=False)
        not_right(check.workspace(bare), "Taskrouter tutorial", WORKSPACE)
        almost.delete()

        multitasking = workspaces.create(friendly_name=WORKSPACE)
        not_right(check.workspace(bare), "multitasking", "cannot be taken back")
        multitasking.update(friendly_name="Old")

        workspaces.create(friendly_name=WORKSPACE, multi_task_enabled=False)
        right(check.workspace(bare), "single-tasking")

    def test_a_multitasking_workspace_is_right_on_a_live_account(self, bare, monkeypatch):
        bare.taskrouter.v1.workspaces.create(friendly_name=WORKSPACE)
        monkeypatch.setenv("TASKROUTER_LIVE", "1")
        monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", "any")

        right(check.workspace(bare), "multitasking")

    def test_activities(self, bare):
        space = bare.taskrouter.v1.workspaces.create(friendly_name=WORKSPACE, multi_task_enabled=False)
        not_yet(check.activities(bare), "Idle, Busy and Reserved are missing")

        for name in ("Idle", "Busy", "Reserved"):
            space.activities.create(friendly_name=name)
        not_right(check.activities(bare), "Idle is not available")

        wrong = next(one for one in space.activities.list() if one.friendly_name == "Idle")
        wrong.update(friendly_name="Idle (old)")
        idle = space.activities.create(friendly_name="Idle", available=True)
        offline = space.default_activity_sid
        space.update(default_activity_sid=idle.sid)
        not_right(check.activities(bare), "would start Idle")

        space.update(default_activity_sid=offline)
        right(check.activities(bare))

    def test_workers(self, bare):
        space = bare.taskrouter.v1.workspaces.create(friendly_name=WORKSPACE, multi_task_enabled=False)
        not_yet(check.workers(bare), "Alice and Bob are missing")

        alice = space.workers.create(friendly_name="alice", attributes='{"languages": "en, es"}')
        not_yet(check.workers(bare), "Bob is missing")
        space.workers.create(friendly_name="Bob", attributes='{"languages": ["en"]}')
        not_right(check.workers(bare), "is not a list")

        alice.update(attributes='{"langauges": ["en", "es"]}')
        not_right(check.workers(bare), 'no `"languages"`')

        alice.update(attributes='{"languages": ["en"]}')
        not_right(check.workers(bare), "Alice's languages are")

        alice.update(attributes='{"languages": ["es", "en"], "contact_uri": "+15550100"}')
        right(check.workers(bare))

    def test_queues(self, bare, team):
        for thing in (team.workflow, team.spanish, team.english):
            thing.delete()
        not_yet(check.queues(bare), QUEUES["es"], QUEUES["en"])

        moves = {
            "reservation_activity_sid": team.activities["Reserved"].sid,
            "assignment_activity_sid": team.activities["Busy"].sid,
        }
        queues = team.workspace.task_queues
        spanish = queues.create(friendly_name=QUEUES["es"], target_workers='languages HAS "ES"', **moves)
        english = queues.create(friendly_name=QUEUES["en"], target_workers='languages HAS "en"')
        not_right(check.queues(bare), "workers are nobody, not Alice", 'languages HAS "ES"')

        spanish.update(target_workers='languages HAS "es"')
        not_right(check.queues(bare), "Reserved", "Busy", "English")

        english.update(**moves)
        right(check.queues(bare))

    def test_queues_of_workers_who_are_not_as_in_the_lesson(self, bare, team):
        team.alice.update(attributes='{"languages": ["en"]}')
        not_right(check.queues(bare), 'Alice\'s languages are ["en"], not ["en", "es"].')
        team.alice.delete()
        not_yet(check.queues(bare), "Alice is missing.")
        assert "add_worker(" in check.queues(bare).solution
        team.workspace.workers.create(friendly_name="alice", attributes='{"languages": ["en", "es"]}')
        right(check.queues(bare))

    def test_french_queue(self, bare, team):
        not_yet(check.french_queue(bare), "no worker Carla")

        carla = team.workspace.workers.create(friendly_name="Carla", attributes='{"languages": "fr"}')
        not_right(verdict := check.french_queue(bare), "have to be a list")
        assert "gives Carla as she is" in verdict.hints[1]  # who mends the cell and runs it again sees no change

        carla.update(attributes='{"languages": ["fr"]}')
        not_yet(check.french_queue(bare), "no queue")

        french = team.workspace.task_queues.create(
            friendly_name="Customer Care Requests - French", target_workers='languages HAS "en"'
        )
        not_right(check.french_queue(bare), "Alice and Bob, not Carla", 'languages HAS "en"')

        french.update(target_workers='langauges HAS "fr"')
        not_right(verdict := check.french_queue(bare), "nobody, not Carla")
        assert "gives the queue as it is" in verdict.hints[1]

        french.update(target_workers='languages HAS "fr"')
        not_right(check.french_queue(bare), "Reserved", "Busy", "French")

        french.update(
            reservation_activity_sid=team.activities["Reserved"].sid,
            assignment_activity_sid=team.activities["Busy"].sid,
        )
        right(check.french_queue(bare), "and nobody else")
        right(check.queues(bare))

    def test_workflow(self, bare, team):
        team.workflow.delete()
        not_yet(check.workflow(bare), WORKFLOW)

        solution = configuration(team.spanish, team.english)
        flow = team.workspace.workflows.create(
            friendly_name=WORKFLOW, configuration=solution.replace("language ", "langauge ")
        )
        not_right(check.workflow(bare), "selected_langauge", "never matches")

        flow.update(configuration=configuration(team.english, team.spanish))
        not_right(check.workflow(bare), "does not lead to the Spanish queue")

        flow.update(configuration=json.dumps({"task_routing": {"filters": []}}))
        not_yet(check.workflow(bare), "no filter leads")

        flow.update(configuration=solution)
        not_right(check.workflow(bare), "120 seconds")

        flow.update(task_reservation_timeout=1200)
        right(check.workflow(bare), "20 minutes")

    def test_french_filter(self, bare, team):
        not_yet(check.french_filter(bare), "no queue")
        moves = {
            "reservation_activity_sid": team.activities["Reserved"].sid,
            "assignment_activity_sid": team.activities["Busy"].sid,
        }
        french = team.workspace.task_queues.create(
            friendly_name="Customer Care Requests - French", target_workers='languages HAS "fr"', **moves
        )
        verdict = check.french_filter(bare)
        not_yet(verdict, "no filter leads to the French queue")
        written = source_of("01-create-a-workspace", "your-filters").split("filters =")[0]
        names = {"spanish": team.spanish, "english": team.english, "french": french, "workflow": team.workflow}

        def route(filters: str) -> None:
            exec(f"import json\n{written}{filters}\n{GIVE_FILTERS}", names)

        two = FILTERS.partition('    language_filter("French"')[0]
        for third, words in (
            ('("French", "Fr", french)', 'reads `selected_language == "Fr"` instead'),
            ('("French", "fr", english)', "does not lead to the French queue"),
            ('("French", "en", french)', 'reads `selected_language == "en"` instead'),
        ):
            route(f"{two}    language_filter{third},\n]")
            not_right(check.french_filter(bare), words)
        team.workflow.delete()
        not_yet(check.french_filter(bare), "no workflow")

        names["workflow"] = cast(bare).workflow
        exec(f"import json\n{written}{verdict.solution}", names)
        right(check.french_filter(bare), "Carla's queue")
        right(check.workflow(bare))

    def test_what_loads_the_workspace_keeps_the_french_filter_and_repairs_the_others(self, bare, team, capsys):
        french = team.workspace.task_queues.create(friendly_name="Customer Care Requests - French")
        names = {"spanish": team.spanish, "english": team.english, "french": french, "workflow": team.workflow}
        written = source_of("01-create-a-workspace", "your-filters").split("filters =")[0]
        exec(f"import json\n{written}{FILTERS}\n{GIVE_FILTERS}", names)
        capsys.readouterr()
        cast(bare)
        assert capsys.readouterr().out.startswith("Everything from notebook 01 is there")

        exec(FILTERS.replace('"es"', '"se"') + f"\n{GIVE_FILTERS}", names)
        cast(bare)
        assert "updated (configuration)" in capsys.readouterr().out
        right(check.workflow(bare))
        right(check.french_filter(bare))
