"""Each checkpoint with the state at the start, usual mistakes, and the solution; the causes have files of their own."""

from __future__ import annotations

import contextlib
import functools
import json
import re

import pytest
from fastapi import FastAPI
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from helpers import cast, check, found, serve
from helpers.callback_server import public_addresses
from helpers.connection.rest_log import RestCall
from helpers.lesson.cast import configuration
from helpers.lesson.checkpoints.create_a_task import URGENT_TASK
from helpers.lesson.checkpoints.create_a_workspace import FILTERS, GIVE_FILTERS
from helpers.lesson.checkpoints.framework import CheckpointResult, CheckpointState, Unmet, checkpoint
from helpers.lesson.checkpoints.lookups import get_workspace
from helpers.names import PRACTICE_WORKSPACE, QUEUES, WORKFLOW, WORKSPACE
from tests.notebooks.source import source_of
from tests.waiting import wait_for

ALL = sorted(name for name in vars(check) if not name.startswith("_"))


def not_yet(verdict: CheckpointResult, *words: str) -> None:
    _is(CheckpointState.NOT_YET, verdict, words)


def not_right(verdict: CheckpointResult, *words: str) -> None:
    _is(CheckpointState.NOT_RIGHT, verdict, words)


def right(verdict: CheckpointResult, *words: str) -> None:
    _is(CheckpointState.RIGHT, verdict, words)


def _is(state: CheckpointState, verdict: CheckpointResult, words: tuple[str, ...]) -> None:
    assert verdict.state is state, repr(verdict)
    for word in words:
        assert word in verdict.sentence
    assert verdict.sentence.endswith(".")


@pytest.fixture
def team(bare):
    return cast(bare)


def spanish_task(team, lesson: str, language: str = "es"):
    attributes = json.dumps({"selected_language": language, "lesson": lesson})
    return team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=attributes)


def move(team, activity: str):
    return team.alice.update(activity_sid=team.activities[activity].sid)


def accept(task):
    for reservation in task.reservations.list(reservation_status="pending"):
        reservation.update(reservation_status="accepted")


class TestNotebook00:
    def test_connection(self, bare):
        right(check.connection(bare), "The sandbox answers")

    def test_connection_with_a_wrong_token(self, bare):
        verdict = check.connection(Client(bare.account_sid, "wrong", http_client=bare.http_client))
        _is(CheckpointState.UNKNOWN, verdict, ("does not accept these credentials",))


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


class TestNotebook02:
    def test_stage(self, bare, team):
        right(check.stage(bare), "Alice is Offline")

        move(team, "Idle")
        not_yet(check.stage(bare), "Alice is Idle")

        move(team, "Offline")
        flow = team.workflow.update(assignment_callback_url="http://127.0.0.1:9/assignment_callback")
        not_right(check.stage(bare), "still calls http://127.0.0.1:9")

        flow.update(assignment_callback_url="")
        right(check.stage(bare))

        team.workflow.update(fallback_assignment_callback_url="http://127.0.0.1:9/fallback")
        not_right(verdict := check.stage(bare), "still has the fallback URL http://127.0.0.1:9/fallback")
        exec(verdict.solution, {"team": team})
        right(check.stage(bare))

    def test_task_waits(self, bare, team):
        not_yet(check.task_waits(bare), "no task of this lesson")

        spanish_task(team, "02", language="en")
        not_right(check.task_waits(bare), "'en'")

        task = spanish_task(team, "02")
        right(check.task_waits(bare), "pending")

        task.update(assignment_status="canceled", reason="Second thoughts")
        not_yet(check.task_waits(bare), "Second thoughts")

    def test_reserved(self, bare, team):
        not_yet(check.reserved(bare), "no task of this lesson")
        task = spanish_task(team, "02")
        not_yet(check.reserved(bare), "Alice is Offline", "Click Idle")

        move(team, "Idle")
        right(check.reserved(bare), "for Alice, who is Reserved")

        accept(task)
        right(check.reserved(bare), "assigned by now")

    def test_reserved_when_another_task_came_first(self, bare, team):
        other = spanish_task(team, "other")
        spanish_task(team, "02")
        move(team, "Idle")
        move(team, "Idle")  # impatient: she holds the other reservation
        not_right(check.reserved(bare), "Alice is reserved for another task", other.sid[-4:])

    def test_reserved_when_idle_was_chosen_once_more(self, bare, team):
        task = spanish_task(team, "02")
        move(team, "Idle")
        move(team, "Idle")
        not_right(check.reserved(bare), "Alice is Idle, not Reserved: her activity was chosen once more")
        accept(task)
        right(check.accepted(bare), "Alice is Busy")

    @pytest.mark.parametrize("activity", ["reservation", "assignment"])
    def test_reserved_and_accepted_when_the_queue_moves_nobody(self, bare, team, activity):
        team.spanish.update(**{f"{activity}_activity_sid": team.activities["Idle"].sid})
        task = spanish_task(team, "02")
        move(team, "Idle")
        if activity == "assignment":
            accept(task)
        verdict = check.reserved(bare) if activity == "reservation" else check.accepted(bare)
        not_right(verdict, f"the queue's {activity} activity is Idle")

    def test_somebody_else_is_reserved(self, bare, team):
        carla = {"friendly_name": "Carla", "attributes": '{"languages": ["es"]}'}
        team.workspace.workers.create(**carla, activity_sid=team.activities["Idle"].sid)
        task = spanish_task(team, "02")
        for verdict in (check.reserved(bare), check.accepted(bare)):
            not_right(verdict, "reserved for Carla, not Alice")
        accept(task)
        for verdict in (check.reserved(bare), check.accepted(bare)):
            not_right(verdict, "assigned to Carla, not Alice")

    def test_the_server_of_notebook_03_has_accepted(self, bare, team):
        app = FastAPI()
        app.post("/assignment_callback")(lambda: {"instruction": "accept"})
        server = serve(app, 0)
        team.workflow.update(assignment_callback_url=f"{server.url}/assignment_callback")
        task = spanish_task(team, "02")
        move(team, "Idle")
        wait_for(lambda: task.fetch().assignment_status == "assigned")
        not_right(check.accepted(bare), "the web server of notebook 03 accepted it")
        server.stop()

    def test_the_server_of_notebook_03_has_gone(self, bare, team):
        team.workflow.update(assignment_callback_url="http://127.0.0.1:9/assignment_callback")
        task = spanish_task(team, "02")
        move(team, "Idle")
        wait_for(lambda: task.reservations.list(reservation_status="canceled"))
        move(team, "Offline")
        verdict = check.reserved(bare)
        not_right(verdict, "TaskRouter canceled", "nobody listens at 127.0.0.1:9")
        assert 'assignment_callback_url=""' in verdict.solution

    def test_accepted(self, bare, team):
        task = spanish_task(team, "02")
        not_yet(check.accepted(bare), "Click Idle")
        move(team, "Idle")
        not_yet(check.accepted(bare), "waits for a yes")

        (reservation,) = task.reservations.list()
        reservation.reservation_status = "accepted"  # an attribute, and no update
        not_yet(check.accepted(bare), "waits for a yes")
        reservation.update(reservation_status="rejected")
        not_yet(check.accepted(bare), "A reservation was rejected, so TaskRouter made another")

        accept(task)
        right(check.accepted(bare), "Alice is Busy")

        move(team, "Offline")
        not_right(check.accepted(bare), "Alice is Offline, not Busy")

    def test_completed(self, bare, team):
        task = spanish_task(team, "02")
        not_yet(check.completed(bare), "Click Idle")
        move(team, "Idle")
        accept(task)
        not_yet(check.completed(bare), "is assigned")

        task.update(assignment_status="completed", reason="Answered")
        not_right(check.completed(bare), "still Busy")

        move(team, "Offline")
        right(check.completed(bare), "Alice is Offline")

    def test_urgent_task(self, bare, team):
        spanish_task(team, "02").update(assignment_status="canceled")
        not_yet(check.urgent_task(bare), "no task of this page with a priority")

        attributes = {"selected_language": "es", "lesson": "02"}
        create = functools.partial(team.workspace.tasks.create, workflow_sid=team.workflow.sid)
        mistaken = create(attributes=json.dumps(attributes | {"priority": 10}))
        not_right(check.urgent_task(bare), "in the task's attributes")
        mistaken.update(assignment_status="canceled")

        create(attributes=json.dumps(attributes), priority=10).update(assignment_status="canceled", reason="A slip")
        not_yet(check.urgent_task(bare), "was canceled (A slip)")

        task = create(attributes=json.dumps(attributes), priority=10)
        not_yet(check.urgent_task(bare), "Click Idle")

        move(team, "Idle")
        not_yet(check.urgent_task(bare), "is reserved")

        accept(task)
        not_yet(check.urgent_task(bare), "is assigned")

        task.update(assignment_status="completed", reason="Answered")
        verdict = check.urgent_task(bare)
        not_yet(verdict, "still Busy")
        assert "by an update of `alice`" in verdict.hints[0]

        move(team, "Offline")
        right(check.urgent_task(bare), "priority 10", "Alice is Offline")

    def test_urgent_tasks_of_earlier_runs_come_first(self, bare, team):
        names = {"workflow": team.workflow, "tasks": team.workspace.tasks, "team": team, "alice": team.alice}
        names |= {"json": json, "found": found, "attributes": '{"selected_language": "es", "lesson": "02"}'}
        settings = {"workflow_sid": team.workflow.sid, "attributes": names["attributes"], "priority": 10}
        for _ in range(2):  # the learner writes the cell step by step
            team.workspace.tasks.create(**settings)
        not_right(check.urgent_task(bare), "urgent tasks of earlier runs of your cell are open", ": 1.")
        team.alice.update(activity_sid=team.activities["Idle"].sid)
        verdict = check.urgent_task(bare)
        not_right(verdict, ": 1.")
        exec(verdict.solution, names)
        right(check.urgent_task(bare), "priority 10", "Alice is Offline")

    def test_the_first_customer_has_alice_as_nothing_is_urgent(self, bare, team):
        names = {"team": team, "workflow": team.workflow, "alice": team.alice, "workspace": team.workspace}
        names |= {"tasks": team.workspace.tasks, "json": json, "found": found}
        names["attributes"] = json.dumps({"selected_language": "es", "lesson": "02"})
        exec(source_of("02-create-a-task", "your-urgent-task"), names)
        not_yet(check.urgent_task(bare), "no task of this page with a priority")
        names["tasks"].create(**names["settings"])  # an equal one
        move(team, "Idle")
        verdict = check.urgent_task(bare)
        not_right(verdict, "the first customer's task is reserved", "the older one is offered first")

        exec(verdict.solution, names)
        right(check.urgent_task(bare), "The customer who came first still waits")
        exec(URGENT_TASK, names)
        assert [one.assignment_status for one in names["tasks"].list(assignment_status="pending")] == ["pending"]


class TestNotebook03:
    def test_callback_url(self, bare, team, monkeypatch, tmp_path):
        not_yet(check.callback_url(bare), "asks no one")

        server = serve(FastAPI(), 0)
        flow = team.workflow.update(assignment_callback_url=server.url)
        not_right(check.callback_url(bare), "at the path")

        flow.update(assignment_callback_url=f"{server.url}/assignment_callback")
        right(check.callback_url(bare), server.url)

        server.stop()
        not_right(check.callback_url(bare), "no server listens there")

        monkeypatch.setenv("TASKROUTER_LIVE", "1")
        monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", "any")
        not_right(check.callback_url(bare), "live Twilio cannot reach 127.0.0.1")

        monkeypatch.setenv("TASKROUTER_TUNNEL_DIR", str(tmp_path))
        flow.update(assignment_callback_url="https://public.example/assignment_callback")
        not_right(check.callback_url(bare), "gave out another address")
        public_addresses.remember(server.port, "https://public.example")  # nobody listens there any more
        right(check.callback_url(bare), "https://public.example")


class Unreachable(TwilioHttpClient):
    """A way out that leads nowhere: nothing listens on port 9."""

    def request(self, method, url, *args, **kwargs):
        return super().request(method, "http://127.0.0.1:9/", *args, **kwargs)


@pytest.mark.parametrize("name", ALL)
class TestEveryCheckpoint:
    def test_says_that_taskrouter_cannot_be_reached(self, name):
        verdict = getattr(check, name)(Client("AC" + "0" * 32, "secret", http_client=Unreachable()))

        _is(CheckpointState.UNKNOWN, verdict, ("cannot be reached", "`client = connect()`"))

    @pytest.mark.parametrize("arguments", [(), (None,), (1, 2, 3)])
    def test_never_raises(self, name, arguments):
        assert getattr(check, name)(*arguments).state is CheckpointState.UNKNOWN

    def test_helps_in_steps(self, name, bare):
        verdict = getattr(check, name)(bare)
        if name == "connection":
            assert verdict.is_right
            assert "<details" not in verdict._repr_html_()
            return
        html, text = verdict._repr_html_(), repr(verdict)
        hints = [f"Hint {number}" for number in range(1, len(verdict.hints) + 1)]
        assert re.findall("<summary>(.+?)</summary>", html) == [*hints, "Solution"]
        assert html.index("</details>" * (len(hints) + 1)) > html.index("Solution")
        assert text.startswith("○ ")
        assert "Not done yet: " in text
        assert "Hint 1: " in text
        assert "Hint 2" not in text
        compile(verdict.solution, "solution", "exec")

    def test_what_it_advises_makes_the_workspace_when_there_is_none(self, name, bare):
        if name in ("why_they_wait", "cheapest_fix"):
            return  # a rehearsal needs none
        verdict = getattr(check, name)(bare)
        names = {"client": bare, "workspaces": bare.taskrouter.v1.workspaces, "found": found, "cast": cast}
        names["check"] = check
        exec(compile(verdict.solution or "pass", "solution", "exec"), names)
        if name != "connection":
            made = PRACTICE_WORKSPACE if PRACTICE_WORKSPACE in verdict.solution else WORKSPACE
            assert made in [one.friendly_name for one in bare.taskrouter.v1.workspaces.list()]


def test_the_workspace_is_looked_up_once_in_each_run(bare):
    @checkpoint("Three times", hints=(), solution="")
    def look(client) -> str:
        for _ in range(2):
            with contextlib.suppress(Unmet):
                get_workspace(client)
        asked.append(len(answers))
        return f"{get_workspace(client).friendly_name} is there."

    asked: list[int] = []
    answers: list[RestCall] = []
    ends = bare.http_client.calls.subscribe(answers.append)
    not_yet(look(bare), "there is no workspace")
    ends()
    cast(bare)
    right(look(bare), WORKSPACE)
    assert asked == [1, 1]


def test_what_the_service_says_cannot_break_the_page():
    @checkpoint("<b>", hints=("<i> and `<code>`",), solution="a < b")
    def look() -> str:
        raise RuntimeError("<script>")

    html = look()._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_names_of_buttons_are_emphasised_and_code_is_not():
    words = "press *Hang up*, then `a * b * c`, 2 * 3 * 4 or <*>."

    html = CheckpointResult("Answered by `call`", CheckpointState.NOT_YET, words)._repr_html_()

    assert "<b>Answered by <code>call</code>.</b>" in html
    assert "press <em>Hang up</em>, then <code>a * b * c</code>, 2 * 3 * 4 or &lt;*&gt;." in html


def test_a_verdict_is_told_in_words_and_by_a_mark_not_by_colour_alone():
    for state, mark in {
        CheckpointState.RIGHT: "✔",
        CheckpointState.NOT_RIGHT: "✘",
        CheckpointState.NOT_YET: "○",
        CheckpointState.UNKNOWN: "?",
    }.items():
        html = CheckpointResult("Step", state, "so it is.")._repr_html_()
        assert mark in html
        assert state.value in html
        assert 'role="status"' in html
